"""What the desk may cost in queries, whatever the number of stories: opening 12, autosaving 6, publishing 25.

Counted is what reads or writes rows; the marks of transactions are not.
"""

import re

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from articles.models import Article
from articles.slugs import public_id
from desk.models import Draft, Revision
from tests.articles.test_preview import typed
from tests.make import make_article, make_edition, make_person, make_photo, make_section, make_topic, make_user

pytestmark = pytest.mark.django_db
MANY = 20_000
OPENING, AUTOSAVING, PUBLISHING = 12, 6, 25
MARKS = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.IGNORECASE)
TIMES = {"times-embargo_until": "", "times-expires_at": ""}


class Counted(CaptureQueriesContext):
    """The statements that read or write rows."""

    def __init__(self):
        super().__init__(connection)

    def statements(self):
        return [query["sql"] for query in self.captured_queries if not MARKS.match(query["sql"])]

    def within(self, limit):
        found = self.statements()
        listing = "\n".join(f"{number} {sql[:150]}" for number, sql in enumerate(found, start=1))
        assert len(found) <= limit, f"{len(found)} queries, {limit} allowed:\n{listing}"
        return len(found)


def make_many(section, count):
    """Make published stories with their drafts, cheaply."""
    now = timezone.now()
    stories = Article.objects.bulk_create(
        [
            Article(
                public_id=f"{number:05d}{public_id()[:3]}", edition=section.edition, section=section, created_at=now,
                headline=f"Story {number}", slug="story", body_html="<p>Words.</p>", state="published",
                published_at=now, first_published_at=now,
            )
            for number in range(count)
        ],
        batch_size=1000,
    )  # fmt: skip
    kind = ContentType.objects.get_for_model(Article)
    content = {**Article.document.blank(), "body_html": "<p>Words.</p>", "section": section.pk}
    Draft.objects.bulk_create(
        [
            Draft(content_type=kind, object_id=story.pk, content={**content, "headline": story.headline},
                  title=story.headline, is_pending=False, updated_at=now)
            for story in stories
        ],
        batch_size=1000,
    )  # fmt: skip


def make_long_story(by):
    """Return a story of 1,500 words with 8 photos, two bylines, two new topics, related stories and 100 revisions."""
    photos = [make_photo() for _number in range(8)]
    figure = '<figure data-photo="{}" data-layout="normal"><figcaption></figcaption></figure>'
    body = "".join(f"<p>{'word ' * 190}</p>{figure.format(photo.public_id)}" for photo in photos)
    others = [make_article(published=True, headline=f"Other {number}") for number in range(3)]
    topics = [make_topic("Elections").name, "Harbour", "Strike"]
    story = make_article(
        section=make_section(), photo=photos[0], people=[make_person(), make_person()], topics=topics, by=by,
        body_html=body, related=[other.pk for other in others], main_topic="Harbour", slug="long",
    )  # fmt: skip
    content, now = story.read_draft().content, timezone.now()
    Revision.objects.bulk_create(
        Revision(content_type=story.content_type, object_id=story.pk, number=number, content=content, kind="save",
                 created_at=now, created_by=by)
        for number in range(1, 101)
    )  # fmt: skip
    return story


def address(story, name="change"):
    return reverse(f"admin:articles_article_{name}", args=[story.pk])


def send(client, story, move, **changes):
    """Press a button of the form with changed words and return what it cost."""
    given = {**typed(story, **changes), **TIMES, "_move": move}
    with Counted() as counted:
        answer = client.post(address(story), given)
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    return counted


@pytest.fixture
def settings_of_production(settings):
    """Ask for the second factor on every request, as production does."""
    settings.SECOND_FACTOR_REQUIRED = True


def log_in(client, role):
    from allauth.mfa.models import Authenticator

    user = make_user(role)
    Authenticator.objects.create(user=user, type="totp", data={})
    client.force_login(user)
    return user


def test_the_desk_stays_within_its_budget_among_20000_stories(client, settings_of_production):
    make_edition(), make_edition("ru")
    make_many(make_section(), MANY)
    editor = log_in(client, "Editor")
    story = make_long_story(editor)
    client.get(address(story))
    with Counted() as opening:
        assert client.get(address(story)).status_code == 200
    opening.within(OPENING)
    first = send(client, story, "publish", headline="A changed headline")
    first.within(PUBLISHING)
    story.refresh_from_db()
    assert story.is_live()
    assert story.photo_uses.count() == 8
    again = send(client, story, "publish_changes", headline="Changed again", **{"move-change": "typo"})
    again.within(PUBLISHING)
    story.refresh_from_db()
    assert story.headline == "Changed again"
    with Counted() as reopening:
        client.get(address(story))
    reopening.within(OPENING)
    with Counted() as listing:
        assert client.get(reverse("admin:articles_article_changelist")).status_code == 200
    listing.within(20)


@pytest.mark.parametrize("role", ["Editor", "Reporter"])
def test_an_autosave_stays_within_its_budget(client, settings_of_production, role):
    writer = log_in(client, role)
    story = make_long_story(writer)
    try:
        door = address(story, "autosave")
    except NoReverseMatch:
        pytest.skip("there is no door for autosaves yet")
    given = {**typed(story, headline="Typed"), "_user": writer.pk, "_changed": ["headline", "body_html"]}
    with Counted() as counted:
        answer = client.post(door, given)
    assert answer.status_code == 200, answer.content
    counted.within(AUTOSAVING)
    assert story.read_draft().content["headline"] == "Typed"
