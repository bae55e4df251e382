"""How long the desk takes among 20,000 stories, as ratios to Django's own empty add form in the same run.

    python -m bench.bench_desk [--rounds 15] [--stories 20000]

Rounds alternate between all things measured, so that whatever else the machine does weighs on each alike.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time


def arguments():
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--stories", type=int, default=20_000)
    return parser.parse_args()


def set_up(folder):
    """Make an empty site with its tables in `folder`, unless DATABASE_URL names another database."""
    os.environ |= {"NEWSROOM_MODE": "test", "NEWSROOM_DATA": folder, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)


class Desk:
    """An editor with one long story, and the things he does."""

    def __init__(self, stories):
        from django.test import Client

        from tests.desk import test_budget as making
        from tests.make import make_edition, make_section, make_user

        make_edition()
        making.make_many(make_section(), stories)
        self.editor, self.making = make_user("Administrator"), making
        self.client = Client(HTTP_HOST="localhost", raise_request_exception=True)
        self.client.force_login(self.editor)
        self.story = making.make_long_story(self.editor)
        self.number = 0

    def _typed(self):
        self.number += 1
        self.story.refresh_from_db()
        given = self.making.typed(self.story, headline=f"Headline {self.number}")
        return {**given, **self.making.TIMES}

    def _get(self, address):
        return lambda: self._answer(self.client.get(address), 200)

    def _post(self, address, given, status):
        return lambda: self._answer(self.client.post(address, given), status)

    @staticmethod
    def _answer(answer, status):
        if answer.status_code != status:
            raise SystemExit(f"{answer.request['PATH_INFO']} answered {answer.status_code}, not {status}.")

    def things(self):
        """Yield (name, function to be timed); what is typed is made before the clock runs."""
        from django.urls import NoReverseMatch, reverse

        address = self.making.address
        yield "empty admin form", self._get(reverse("admin:newsroom_edition_add"))
        yield "opening", self._get(address(self.story))
        try:
            door = address(self.story, "autosave")
        except NoReverseMatch:
            door = ""
        if door:
            given = {**self._typed(), "_user": self.editor.pk, "_changed": ["headline"]}
            yield "autosave", self._post(door, given, 200)
        yield "save", self._post(address(self.story), {**self._typed(), "_move": "save"}, 302)
        yield "live preview", self._post(address(self.story, "live_preview"), self._typed(), 200)
        move = "publish_changes" if self.story.state == "published" else "publish"
        given = {**self._typed(), "_move": move, "move-change": "typo"}
        yield "publish", self._post(address(self.story), given, 302)
        yield "list", self._get(reverse("admin:articles_article_changelist"))
        yield "list, page 200", self._get(reverse("admin:articles_article_changelist") + "?p=200")
        yield "list, searched", self._get(reverse("admin:articles_article_changelist") + "?q=Story+19")
        yield "dashboard", self._get(reverse("admin:index"))


def measure(desk, rounds):
    """Return {name: [seconds]}; the first round warms up and does not count."""
    from tqdm import tqdm

    found = {}
    for number in tqdm(range(rounds + 1), desc="rounds", unit="round", disable=not sys.stderr.isatty()):
        for name, act in desk.things():
            began = time.perf_counter()
            act()
            if number:
                found.setdefault(name, []).append(time.perf_counter() - began)
    return found


def main():
    """Print the figures and return 0."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-desk-") as folder:
        set_up(folder)
        print(f"Making {asked.stories:,} stories …", flush=True)
        found = measure(Desk(asked.stories), asked.rounds)
    unit = statistics.median(found["empty admin form"])
    print(f"\n{'':24}{'median':>10}{'slowest':>10}{'ratio':>8}")
    for name, seconds in found.items():
        middle = statistics.median(seconds)
        print(f"{name:24}{middle * 1000:8.1f} ms{max(seconds) * 1000:7.0f} ms{middle / unit:8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
