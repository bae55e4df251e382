"""Parts that many pages share: made once by a process, and never older than what they show."""

import datetime

import pytest
from django.db import transaction
from django.utils import timezone, translation

from newsroom import pagecache, registry
from newsroom.fragments import Fragments
from newsroom.models import Mirror
from newsroom.pageversions import Away, FileVersions, Remembered
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_section
from tests.newsletters.make import make_newsletter

pytestmark = pytest.mark.django_db(transaction=True)


class Part:
    """A part that counts how often it is made."""

    def __init__(self):
        self.made, self.fragments, self.while_making = 0, Fragments(), lambda: None

    def get(self, *name):
        def make():
            self.made += 1
            made = self.made
            self.while_making()
            return made

        return self.fragments.get(name, ["support:1"], make)


@pytest.fixture
def part(settings, tmp_path):
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""
    part = Part()
    yield part
    Remembered.everything.remove(part.fragments)


def test_it_is_made_once_for_each_name_and_language(part):
    assert [part.get("a"), part.get("a"), part.get("b")] == [1, 1, 2]
    with translation.override("ru"):
        assert part.get("a") == 3


@pytest.mark.parametrize("key", ["support:1", "site"])
def test_a_bump_has_it_made_again(part, key):
    part.get("a")
    pagecache.bump("support:2")
    assert part.get("a") == 1
    pagecache.bump(key)
    assert part.get("a") == 2


def test_what_was_made_while_a_change_was_saved_is_made_again(part):
    part.while_making = lambda: pagecache.bump("support:1")
    part.get("a")
    part.while_making = lambda: None
    assert [part.get("a"), part.get("a")] == [2, 2]


def test_a_moment_that_comes_has_it_made_again(part, monkeypatch, time_machine):
    now = timezone.now()
    monkeypatch.setitem(registry.due_moments._entries, "test", lambda after: now + datetime.timedelta(seconds=5))
    assert [part.get("a"), part.get("a")] == [1, 1]
    time_machine.move_to(now + datetime.timedelta(seconds=6))
    assert part.get("a") == 2


def test_nothing_is_kept_inside_a_transaction_or_while_nobody_knows_what_is_good(part, monkeypatch):
    with transaction.atomic():
        assert [part.get("a"), part.get("a")] == [1, 2]
    part.get("a")

    def away(*_keys):
        raise Away

    monkeypatch.setattr(FileVersions, "latest", away)
    assert part.get("a") == 4


def test_every_shared_part_of_a_page_changes_with_what_it_shows(client, settings):
    settings.PAGE_CACHE_SECONDS = 0
    edition = make_edition()
    make_offers(edition)
    appeal = make_appeal(edition)
    letter = make_newsletter(edition=edition)
    story = make_article(published=True, section=make_section("Politics"))

    def page():
        client.get(story.get_absolute_url())
        return client.get(story.get_absolute_url()).text

    for words in ("Politics", "The Lantern", letter.name, appeal.headline):
        assert words in page()
    make_section("Weather")
    assert page().count("Weather") == 2
    make_edition(tagline="Light in the dark")
    assert "Light in the dark" in page()
    letter.name = "Another letter"
    letter.save()
    assert "Another letter" in page()
    draft = appeal.read_draft()
    draft = appeal.save_draft(
        {**draft.content, "headline": "Help us on"}, version=draft.version, by=None, at=timezone.now()
    )  # fmt: skip
    appeal.publish(version=draft.version, by=None, at=timezone.now())
    assert "Help us on" in page()
    Mirror.objects.create(address="https://mirror.example", state=Mirror.State.CURRENT).save()
    assert "mirror.example" in page()


def test_the_section_of_a_page_is_marked_in_its_header_alone(client, settings):
    settings.PAGE_CACHE_SECONDS = 0
    first, second = make_section("Politics"), make_section("Culture")
    for section in (first, second, first):
        text = client.get(section.get_absolute_url()).text
        assert text.count('aria-current="page"') == 1
        assert f'href="{section.get_absolute_url()}" aria-current="page"' in text


def test_the_footer_leads_to_the_text_edition_of_its_own_page(client, settings):
    settings.PAGE_CACHE_SECONDS = 0
    for path in ("/", make_section("Culture").get_absolute_url()):
        assert f'<a href="/text{path}">' in client.get(path).text
