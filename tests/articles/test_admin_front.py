"""Fronts in the admin: who may arrange, what is refused, and the page at a chosen time."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Front
from desk.models import Revision
from tests.make import make_article, make_edition, make_front, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def typed(*, version=1, move="save", **zones):
    """Return what the form posts: each zone a list of {"story": …} rows."""
    data = {"version": str(version), "_move": move, "focus_title": zones.pop("focus_title", "")}
    for zone in ("lead", "latest", "second", "focus"):
        rows = zones.get(zone, [])
        data[f"{zone}-rows"] = str(len(rows))
        for number, row in enumerate(rows):
            data |= {f"{zone}-{number}-{name}": value for name, value in row.items()}
    return data


def form_of(front, name="change"):
    return reverse(f"admin:articles_front_{name}", args=[front.pk])


def test_an_editor_makes_the_front_of_an_edition_and_of_a_section(client, editor):
    edition, section = make_edition(), make_section("Culture")
    story = make_article(published=True)
    address = reverse("admin:articles_front_add")
    data = typed(move="publish", lead=[{"story": story.public_id}])
    assert client.post(address, {**data, "new-edition": edition.pk, "new-section": ""}).status_code == 302
    assert client.post(address, {**data, "new-edition": edition.pk, "new-section": section.pk}).status_code == 302
    assert [(front.section, front.state) for front in Front.objects.order_by("pk")] == [
        (None, "published"), (section, "published"),
    ]  # fmt: skip
    twice = client.post(address, {**data, "new-edition": edition.pk, "new-section": ""})
    assert twice.status_code == 422
    assert "This edition has its front page already." in twice.text


def test_a_section_of_another_edition_is_refused(client, editor):
    edition, foreign = make_edition(), make_section("Культура", edition=make_edition("ru"), slug="culture")
    data = {**typed(), "new-edition": edition.pk, "new-section": foreign.pk}
    answer = client.post(reverse("admin:articles_front_add"), data)
    assert answer.status_code == 422
    assert "This section stands in another edition." in answer.text


@pytest.mark.parametrize("role", ["Reporter", "Photo editor", "Newsletter editor", "Fundraiser"])
def test_nobody_but_editors_arranges(client, role):
    front = make_front()
    client.force_login(make_user(role))
    assert client.get(form_of(front)).status_code == 403
    assert client.post(form_of(front), typed(version=2)).status_code == 403


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"story": "nothing-here"}, "There is no such story."),
        ({"story": "", "headline": "Words alone"}, "This field is required."),
        ({"story": "STORY", "headline": "x" * 201}, "at most 200 characters"),
        ({"story": "STORY", "pinned_until": "tomorrow"}, "Enter a valid date/time."),
        ({"story": "STORY", "pinned_until": "9999-12-31T23:59"}, "in this century"),
        ({"story": "STORY", "photo": "nothing"}, "There is no such photo."),
    ],
)
def test_what_is_wrong_in_a_place_is_said_and_kept(client, editor, row, message):
    front, story = make_front(), make_article(published=True)
    row = {name: story.public_id if value == "STORY" else value for name, value in row.items()}
    answer = client.post(form_of(front), typed(version=2, second=[row]))
    assert answer.status_code == 422
    assert message in answer.text
    assert front.read_draft().content["second"] == []


def test_words_and_pictures_of_a_place_are_kept_and_shown_again(client, editor):
    front, story, photo = make_front(), make_article(published=True), make_photo()
    row = {"story": story.public_id, "kicker": "live", "headline": "Shorter", "photo": photo.public_id,
           "pinned_until": "2030-01-01T12:00"}  # fmt: skip
    assert client.post(form_of(front), typed(version=2, lead=[row])).status_code == 302
    assert front.read_draft().content["lead"] == [
        {"story": story.pk, "kicker": "live", "headline": "Shorter", "photo": photo.pk,
         "pinned_until": "2030-01-01T11:00:00+00:00"}
    ]  # fmt: skip
    text = client.get(form_of(front)).text
    assert 'value="2030-01-01T12:00"' in text
    assert 'value="Shorter"' in text


def test_the_preview_stands_at_the_chosen_time(client, editor):
    front, now = make_front(), timezone.now()
    make_article(published=True, headline="Now public")
    later = make_article(published=True, headline="Tomorrow's lead", when=now + datetime.timedelta(days=1))
    data = typed(version=2, lead=[{"story": later.public_id, "headline": "Out at last"}])
    address = reverse("admin:articles_front_live_preview", args=[front.pk])
    assert "Out at last" not in client.post(address, data).text
    at = (now + datetime.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    page = client.post(address, {**data, "preview_at": at})
    assert "Out at last" in page.text
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Out at last" not in client.get("/").text
    assert client.post(address, {**data, "preview_at": "nonsense"}).status_code == 200


def test_an_old_arrangement_is_restored_as_a_draft_and_published_again(client, editor):
    one, two = make_article(published=True, headline="One"), make_article(published=True, headline="Two")
    front = make_front(lead=[one])
    first = front.revisions.get(kind=Revision.Kind.PUBLISH)
    client.post(form_of(front), typed(version=2, move="publish_changes", lead=[{"story": two.public_id}]))
    assert front.places.get(zone="lead").article == two
    draft = front.read_draft()
    client.post(
        reverse("admin:articles_front_restore", args=[front.pk, first.number]), {"version": draft.version}
    )  # fmt: skip
    assert front.places.get(zone="lead").article == two
    front.publish(version=front.read_draft().version, by=editor, at=timezone.now())
    assert front.places.get(zone="lead").article == one
