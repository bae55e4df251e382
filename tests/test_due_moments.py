"""Due moments on every public address: nothing before its time or after its end, stored pages and 304 included."""

import datetime
import re

import pytest

from newsroom import registry, worker
from newsroom.editions import all_editions
from tests.make import make_article, make_page, make_person, make_photo
from tests.newsletters.make import make_newsletter, send_letter

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
WORD = "quokkadue"


def addresses():
    return {str(path) for edition in all_editions() for find in registry.public_urls.values() for path in find(edition)}


def ask(client, paths, etags=None):
    """Return {path: (status, whether the word stands there, ETag)}, asked twice so that stored pages answer."""
    found = {}
    for path in sorted(paths):
        client.get(path)
        headers = {"if-none-match": etags[path]} if etags and etags.get(path) else {}
        answer = client.get(path, headers=headers)
        wanted = f"{WORD}-[0-9a-z]{{8}}" if "/search/" in path else WORD
        found[path] = (answer.status_code, bool(re.search(wanted, answer.text.lower())), answer.headers.get("ETag"))
    return found


def shown(found):
    return {path for path, (_status, is_there, _etag) in found.items() if is_there}


@pytest.mark.parametrize("kind", ["scheduled", "embargoed"])
def test_no_address_shows_a_story_before_its_time_or_after_its_end(client, time_machine, kind):
    """The clock alone moves: no worker runs before a moment is judged, and every page was stored just before."""
    time_machine.move_to(NOW, tick=False)
    person, other = make_person("Ada Bren"), make_person("Milo Stern")
    common = {"photo": make_photo(), "topics": ["Rivers"]}
    make_article(published=True, headline="Plain", people=[person, other], at=NOW, **common)
    story = make_article(
        headline=f"Headline {WORD}", standfirst=f"Standfirst {WORD}.", kicker=WORD, people=[person], at=NOW,
        body_html=f"<p>{WORD}</p>", slug=WORD, **{**common, "topics": ["Rivers", f"Only {WORD}"]},
    )  # fmt: skip
    make_article(
        published=True, headline="Reader", people=[person], at=NOW, related=[story.pk],
        body_html=f'<p>x <a data-article="{story.public_id}">words</a></p><div data-related="{story.public_id}"></div>',
        **common,
    )  # fmt: skip
    story.publish(version=1, by=None, at=NOW, when=NOW + HOUR if kind == "scheduled" else NOW)
    if kind == "embargoed":
        send_letter(make_newsletter(slug="week"), [story])
    embargo = NOW + HOUR if kind == "embargoed" else None
    story.set_times(embargo_until=embargo, expires_at=NOW + 2 * HOUR, by=None, at=NOW)
    worker.drain()
    time_machine.move_to(NOW + HOUR)
    later = addresses()
    assert f"/topics/only-{WORD}/" in later
    places = {*later, "/search/?q=quokkadue", story.get_absolute_url()}

    time_machine.move_to(NOW + HOUR - datetime.timedelta(seconds=1))
    before = ask(client, places)
    assert shown(before) == set()
    assert before[story.get_absolute_url()][0] == before[f"/topics/only-{WORD}/"][0] == 404

    time_machine.move_to(NOW + HOUR)
    during = ask(client, places, {path: etag for path, (_status, _there, etag) in before.items()})
    wanted = {"/", "/feed.xml", "/sections/politics/", "/topics/rivers/", f"/topics/only-{WORD}/",
              f"/people/{person.slug}/", story.get_absolute_url()}  # fmt: skip
    assert wanted <= shown(during)
    assert {status for path, (status, _there, _etag) in during.items() if path in wanted} == {200}, "no stale 304"
    worker.drain()  # a task that was due at that moment brings it into the index: no word of it was there before
    assert shown(ask(client, {"/search/?q=quokkadue"})) == {"/search/?q=quokkadue"}

    time_machine.move_to(NOW + 2 * HOUR)
    after = ask(client, places, {path: etag for path, (_status, _there, etag) in during.items()})
    assert shown(after) == set()
    assert {after[path][0] for path in wanted} <= {200, 404}, "no stale 304"
    assert after[story.get_absolute_url()][0] == 404
    assert not {path for path in addresses() if WORD in path}


def test_no_address_shows_a_static_page_before_its_time(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    make_article(published=True, at=NOW)
    page = make_page("jobs", title=f"Jobs {WORD}", published=False, at=NOW)
    page.schedule(version=1, by=None, at=NOW, when=NOW + HOUR)
    assert shown(ask(client, {*addresses(), "/jobs/"})) == set()
    time_machine.move_to(NOW + HOUR)
    assert {"/jobs/"} <= shown(ask(client, {*addresses(), "/jobs/"}))


def test_what_was_withdrawn_or_undone_is_nowhere_and_its_address_explains(client, monkeypatch, time_machine):
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())
    time_machine.move_to(NOW, tick=False)
    person = make_person("Ada Bren")
    make_article(published=True, headline="Plain", people=[person], at=NOW)
    taken, undone = (
        make_article(
            headline=f"{name} {WORD}", standfirst=WORD, people=[person], topics=[WORD], at=NOW, published=True,
            body_html=f"<p>{WORD}</p>",
        )
        for name in ("Taken", "Undone")
    )  # fmt: skip
    taken.correct(text=f"Corrected {WORD}.", version=taken.read_draft().version, by=None, at=NOW)
    worker.drain()
    places = {*addresses(), "/search/?q=quokkadue"}
    addressed = {story.get_absolute_url() for story in (taken, undone)}
    assert shown(ask(client, places)) >= {"/", "/feed.xml", f"/people/{person.slug}/", *addressed}
    undone.undo(version=undone.read_draft().version, by=None, at=NOW)
    taken.withdraw(by=None, at=NOW, note="It was wrong.")
    assert shown(ask(client, places)) == set(), "at the next request, before any worker"
    found = client.get(taken.get_absolute_url())
    assert (found.status_code, found.headers["X-Robots-Tag"]) == (410, "noindex")
    assert '<meta name="robots" content="noindex' in found.text
    assert "It was wrong." in found.text
    assert not addressed & addresses()
