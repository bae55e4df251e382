"""Cards are made once and kept by the process; what a verb changes is on every list at the next request."""

import pytest
from django.utils import timezone

from articles.models import Photo
from tests.make import make_article, make_edition, make_front, make_person, make_photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def without_stored_pages(settings):
    """Let every request make its page: what is left is what the process keeps of stories."""
    settings.PAGE_CACHE_SECONDS = 0


@pytest.fixture
def title():
    person, photo = make_person("Ada Bren"), make_photo(creator="First Hand", agency="")
    story = make_article(
        published=True, headline="Old headline", people=[person], photo=photo, topics=["Rivers"],
    )  # fmt: skip
    make_article(published=True, headline="Beside it", topics=["Rivers"], section=story.section, related=[story.pk])
    return story, person, photo


def lists(story):
    return ["/", story.section.get_absolute_url(), "/topics/rivers/"]


def warm(client, paths):
    for path in paths * 2:
        assert client.get(path).status_code == 200


def republish(story, **changes):
    story.refresh_from_db()
    draft = story.read_draft()
    content = {**draft.content, **changes}
    draft = story.save_draft(content, version=draft.version, by=None, at=timezone.now())
    story.publish(version=draft.version, by=None, at=timezone.now(), change="typo")


def test_a_card_is_made_once_for_all_pages_that_show_it_alike(client, title, monkeypatch):
    from articles.templatetags import articles as tags

    made, make = [], tags._card
    monkeypatch.setattr(tags, "_card", lambda story, *how: made.append(story.headline) or make(story, *how))
    story, _person, _photo = title
    for _ in range(3):
        client.get(story.section.get_absolute_url())
    assert sorted(made) == ["Beside it", "Old headline"]
    republish(story, headline="New headline")
    client.get(story.section.get_absolute_url())
    assert sorted(made) == ["Beside it", "New headline", "Old headline"]


def test_a_headline_is_new_everywhere(client, title):
    story, _person, _photo = title
    beside = next(other for other in type(story).objects.all() if other.pk != story.pk)
    paths = [*lists(story), beside.get_absolute_url()]
    warm(client, paths)
    republish(story, headline="New headline")
    for path in paths:
        text = client.get(path).text
        assert "New headline" in text, path
        assert "Old headline" not in text, path


def test_a_credit_taken_back_is_gone_everywhere(client, title):
    story, _person, photo = title
    warm(client, [*lists(story), story.get_absolute_url()])
    assert "First Hand" in client.get("/").text
    photo = Photo.objects.get(pk=photo.pk)
    photo.creator, photo.no_credit_reason = "", "Protected."
    photo.save()
    for path in [*lists(story), story.get_absolute_url()]:
        assert "First Hand" not in client.get(path).text, path


def test_a_name_taken_back_is_gone_everywhere(client, title):
    story, person, _photo = title
    paths = ["/", story.get_absolute_url()]
    warm(client, paths)
    assert all("Ada Bren" in client.get(path).text for path in paths)
    person.withdraw_name("nothing", by=None, at=timezone.now())
    for path in paths:
        assert "Ada Bren" not in client.get(path).text, path


def test_another_byline_stands_at_once(client, title):
    story, _person, _photo = title
    warm(client, ["/", story.get_absolute_url()])
    other = make_person("Vera Holm")
    republish(story, bylines=[{"person": other.pk, "role": "reporting"}])
    for path in ["/", story.get_absolute_url()]:
        text = client.get(path).text
        assert "Vera Holm" in text, path
        assert "Ada Bren" not in text, path


def test_a_withdrawn_story_is_gone_everywhere(client, title):
    story, _person, _photo = title
    beside = next(other for other in type(story).objects.all() if other.pk != story.pk)
    paths = [*lists(story), beside.get_absolute_url()]
    warm(client, paths)
    story.refresh_from_db()
    story.withdraw(by=None, at=timezone.now(), note="It was wrong.")
    for path in paths:
        assert "Old headline" not in client.get(path).text, path


def test_words_of_a_place_by_hand_stay_in_that_place(client, title):
    story, _person, _photo = title
    warm(client, lists(story))
    make_front(lead=[(story, {"headline": "Only on top"})])
    assert "Only on top" in client.get("/").text
    assert "Only on top" not in client.get(story.section.get_absolute_url()).text


def test_an_edition_that_moves_to_another_zone_shows_its_time(client, title):
    story, _person, _photo = title
    warm(client, lists(story))
    before = client.get(story.section.get_absolute_url()).text
    make_edition(time_zone="Pacific/Kiritimati")
    assert client.get(story.section.get_absolute_url()).text != before
