"""How long the ten best of 20,000 stories take, as ratios to the plainest indexed query in the same run.

    python -m bench.bench_search [--rounds 15] [--stories 20000]          SQLite
    DATABASE_URL=postgres://… python -m bench.bench_search                PostgreSQL, an empty database

Two thirds of the stories are English, one third Russian, 400 invented words each; some words are rare, some common.
The plainest query asks for the ten newest headlines of an edition by its index.
"""

import argparse
import datetime
import os
import random
import statistics
import sys
import tempfile
import time

ENGLISH, RUSSIAN = "abcdefghiklmnoprstuvw", "абвгдежзиклмнопрстуфхцчш"
RARE, COMMON = 29, 3


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

    call_command("migrate", verbosity=0)
    call_command("migrate", "newsroom", database="keys", verbosity=0)


def invented(letters, count, dice):
    """Return invented words of three to nine letters."""
    return ["".join(dice.choice(letters) for _letter in range(dice.randint(3, 9))) for _word in range(count)]


def make_stories(count):
    """Make published stories in two editions, with drafts left out."""
    from django.utils import timezone

    from articles.models import Article
    from articles.slugs import public_id
    from tests.make import make_edition, make_section

    dice, now = random.Random(5), timezone.now()
    kinds = [
        (make_section(), invented(ENGLISH, 30_000, dice), "parliament", "investigation"),
        (
            make_section("Политика", edition=make_edition("ru")),
            invented(RUSSIAN, 30_000, dice),
            "парламент",
            "следствие",
        ),
    ]
    rows = []
    for number in range(count):
        section, vocabulary, rare, common = kinds[number % 3 == 2]
        words = dice.choices(vocabulary, k=400)
        words[10:10] = [rare] * (number % RARE == 0) + [common] * (number // 3 % COMMON == 0)
        when = now - datetime.timedelta(hours=number)
        rows.append(Article(
            public_id=public_id(), edition=section.edition, section=section, created_at=now, slug="story",
            headline=" ".join(words[:7]), standfirst=" ".join(words[7:30]), body_html=f"<p>{' '.join(words[30:])}</p>",
            state="published", published_at=when, first_published_at=when,
        ))  # fmt: skip
    Article.objects.bulk_create(rows, batch_size=500)


def index_all(count):
    """Write every entry and return how many seconds that took."""
    from django.db import connection
    from django.utils import timezone
    from tqdm import tqdm

    from articles import search

    began, now = time.perf_counter(), timezone.now()
    with tqdm(total=count, unit=" stories", disable=not sys.stderr.isatty()) as progress:
        while done := search.catch_up(at=now, limit=200):
            progress.update(done)
    search.compact()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return time.perf_counter() - began


def questions():
    """Yield (name, function that finds) for each thing measured; each returns how much it found."""
    from articles import search
    from articles.models import Article
    from newsroom.models import Edition

    english, russian = Edition.objects.get(code="en"), Edition.objects.get(code="ru")

    def ask(query, edition):
        return lambda: len(search.ask(query, Article.objects.published().in_edition(edition)).ids)

    newest = Article.objects.filter(edition=english, state="published").order_by("-published_at", "-id")
    yield "plainest indexed query", lambda: len(newest.values_list("pk", "headline")[:10])
    yield "rare word", ask("parliaments", english)
    yield "common word", ask("investigate", english)
    yield "both", ask("parliament investigation", english)
    yield "rare word, Russian", ask("парламента", russian)
    yield "common word, Russian", ask("следствия", russian)
    yield "typing error", ask("parlaiment", english)
    yield "nothing", ask("elephantine", english)


def main():
    """Print the figures and return 0."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        set_up(folder)
        from django.db import connection

        print(f"Making {asked.stories:,} stories on {connection.vendor} …", flush=True)
        make_stories(asked.stories)
        print(f"Indexed in {index_all(asked.stories):.1f} s.")
        things, seconds, found = list(questions()), {}, {}
        for number in range(asked.rounds + 1):
            for name, act in things:
                began = time.perf_counter()
                found[name] = act()
                if number:
                    seconds.setdefault(name, []).append(time.perf_counter() - began)
    unit = statistics.median(seconds["plainest indexed query"])
    print(f"\n{'':24}{'found':>8}{'median':>12}{'slowest':>10}{'ratio':>8}")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"{name:24}{found[name]:8,}{middle * 1000:9.2f} ms{max(taken) * 1000:7.1f} ms{middle / unit:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
