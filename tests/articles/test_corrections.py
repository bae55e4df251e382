"""Corrections in public: the list, its feed, the policy page, and retractions."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Correction
from desk.models import Stale
from tests.make import make_article, make_edition, make_page, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("Editor")


def version(story):
    return story.read_draft().version


def corrected(story, text, by, *, at=None, **fields):
    story.correct(text=text, version=version(story), by=by, at=at or timezone.now(), **fields)


def test_the_list_shows_what_was_wrong_the_newest_first_with_a_link_to_its_place(client, editor):
    story, now = make_article(published=True, headline="Harbour"), timezone.now()
    corrected(story, "The ferry left at six.", editor, at=now)
    corrected(story, "It left on Monday.", editor, kind="clarification", at=now + datetime.timedelta(seconds=1))
    text = client.get("/corrections/all/").text
    assert text.index("It left on Monday.") < text.index("The ferry left at six.")
    assert f'href="{story.get_absolute_url()}#correction-1"' in text
    assert 'id="correction-1"' in client.get(story.get_absolute_url()).text
    feed = client.get("/corrections/feed.xml").text
    assert "Clarification: Harbour" in feed
    assert "The ferry left at six." in feed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "headline", "is_marked"),
    [
        ("correction", "Ferry left at seven", True),
        ("apology", "Ferry left at seven", True),
        ("update", "Ferry left at seven", False),
        ("correction", "Ferry left at six", False),
    ],
)
def test_a_headline_that_was_wrong_is_marked_on_the_cards_until_that_is_undone(
    client, editor, kind, headline, is_marked
):
    story, at = make_article(published=True, headline="Ferry left at six"), timezone.now()
    places = ("/", story.section.get_absolute_url())
    assert not any("Headline corrected" in client.get(place).text for place in places)
    draft = story.read_draft()
    story.save_draft({**draft.content, "headline": headline}, version=draft.version, by=editor, at=at)
    corrected(story, "It was seven.", editor, at=at, kind=kind)
    assert [("Headline corrected" in client.get(place).text) for place in places] == [is_marked] * 2
    story.refresh_from_db()
    story.undo(version=version(story), by=editor, at=at + datetime.timedelta(seconds=5))
    assert not any("Headline corrected" in client.get(place).text for place in places)


def test_the_policy_page_counts_them(client, editor):
    make_page("corrections", title="Corrections")
    corrected(make_article(published=True), "Wrong.", editor)
    text = client.get("/corrections/").text
    assert "1 correction so far" in text
    assert 'href="/corrections/all/"' in text
    assert "correction so far" not in client.get(make_page("about").get_absolute_url()).text


def test_corrections_of_stories_that_are_not_public_and_of_other_editions_are_not_listed(client, editor, settings):
    settings.PAGE_CACHE_SECONDS = 0
    story = make_article(published=True)
    corrected(story, "Secret mistake", editor)
    make_edition("ru")
    assert "Secret mistake" not in client.get("/ru/corrections/all/").text
    story.withdraw(by=editor, at=timezone.now(), note="Gone.")
    for path in ("/corrections/all/", "/corrections/feed.xml"):
        assert "Secret mistake" not in client.get(path).text


def test_a_retracted_story_shows_the_reason_and_leaves_every_list(client, editor, settings):
    settings.PAGE_CACHE_SECONDS = 0
    story = make_article(published=True, headline="Big claim", body_html="<p>Untrue words.</p>")
    story.retract(
        text="The document was forged.", keep_text=False, version=version(story), by=editor, at=timezone.now()
    )
    page = client.get(story.get_absolute_url())
    assert page.status_code == 410
    assert "The document was forged." in page.text
    assert "Untrue words." not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    for path in ("/", "/feed.xml", "/sections/politics/", "/search/?q=untrue"):
        assert story.public_id not in client.get(path).text, path
    listed = client.get("/corrections/all/").text
    assert "Retraction" in listed
    assert "The document was forged." in listed


def test_the_text_of_a_retracted_story_may_stay_below_the_reason(client, editor):
    story = make_article(published=True, headline="Big claim", body_html="<p>Untrue words.</p>")
    story.retract(text="Forged.", keep_text=True, version=version(story), by=editor, at=timezone.now())
    page = client.get(story.get_absolute_url())
    assert page.status_code == 200
    assert page.text.index("Forged.") < page.text.index("Untrue words.")
    assert 'name="robots" content="noindex"' in page.text
    assert not Article.objects.published().exists()


def test_a_retraction_is_undone_within_the_minute_with_its_note(editor):
    story, now = make_article(published=True), timezone.now()
    story.retract(text="Forged.", keep_text=True, version=version(story), by=editor, at=now)
    story.undo(version=version(story), by=editor, at=now + datetime.timedelta(seconds=30))
    assert Article.objects.published(now + datetime.timedelta(minutes=1)).get() == story
    assert not Correction.objects.published().exists()


def test_a_story_published_again_is_no_longer_retracted(client, editor, settings):
    settings.PAGE_CACHE_SECONDS = 0
    story = make_article(published=True, headline="Mended")
    story.retract(text="Forged.", keep_text=True, version=version(story), by=editor, at=timezone.now())
    story.publish(version=version(story), by=editor, at=timezone.now())
    page = client.get(story.get_absolute_url())
    assert page.status_code == 200
    assert "Retracted:" not in page.text


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_a_retraction_needs_a_reason(editor, text):
    story = make_article(published=True)
    with pytest.raises(ValidationError):
        story.retract(text=text, keep_text=False, version=version(story), by=editor, at=timezone.now())
    assert Article.objects.published().exists()


def test_a_stale_tab_and_an_unpublished_story_are_refused(editor):
    story = make_article(published=True)
    with pytest.raises(Stale):
        story.retract(text="Forged.", keep_text=False, version=1, by=editor, at=timezone.now())
    assert not Correction.objects.exists()
    with pytest.raises(ValidationError):
        make_article().retract(text="x", keep_text=False, version=1, by=editor, at=timezone.now())


def test_an_editor_retracts_and_a_reporter_cannot(client, editor):
    story = make_article(published=True, no_byline=True)
    address = reverse("admin:articles_article_change", args=[story.pk])
    content = {
        "headline": story.headline, "standfirst": story.standfirst, "body_html": story.body_html, "no_byline": "on",
        "section": story.section_id, "topics": "Elections", "is_recommended": "on", "bylines-rows": "0",
        "related-rows": "0", "version": version(story), "_move": "retract",
    }  # fmt: skip
    client.force_login(make_user("Reporter"))
    assert client.post(address, {**content, "move-retraction": "Forged."}).status_code == 403
    client.force_login(editor)
    refused = client.post(address, content)
    assert refused.status_code == 422
    assert "need an explanation" in refused.text
    assert client.post(address, {**content, "move-retraction": "Forged."}).status_code in {302, 422}
    content["version"] = version(story)
    client.post(address, {**content, "move-retraction": "Forged."})
    assert not Article.objects.published().exists()
