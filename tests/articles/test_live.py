"""A story told live: entries that readers see at once, newest first, pinned or taken back, and written by editors."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import LiveEntry
from newsroom.models import StaffAction
from tests.articles.pages import Page
from tests.make import make_article, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _committed(monkeypatch):
    """Forget pages at once, as the commit of a verb does in life."""
    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())


@pytest.fixture
def story():
    return make_article(published=True, headline="The trial, live")


def write(story, title="", text="", *, is_key=False, minutes=0, by=None):
    at = timezone.now() + datetime.timedelta(minutes=minutes)
    return LiveEntry.write(story, title=title, text=text, is_key=is_key, by=by, at=at)


def read(client, story):
    return client.get(story.get_absolute_url()).text


def test_entries_stand_newest_first_with_addresses_of_their_own(client, story):
    first = write(story, "The judge came in", "Everybody rose.\n\nThe doors closed.")
    second = write(story, text="A witness <b>speaks</b> & waits.", minutes=5)
    text = read(client, story)
    assert text.index(second.anchor) < text.index(first.anchor)
    page = Page(text)
    assert [entry["id"] for entry in page.all("section", class_="live__entry")] == [second.anchor, first.anchor]
    assert f"#{first.anchor}" in page.links()
    assert first.get_absolute_url() == f"{story.get_absolute_url()}#{first.anchor}"
    assert "A witness &lt;b&gt;speaks&lt;/b&gt; &amp; waits." in text
    assert "<p>Everybody rose.</p><p>The doors closed.</p>" in text.replace("\n", "")


def test_key_points_are_pinned_on_top_and_lead_to_their_entries(client, story):
    entry = write(story, "Verdict: not guilty", "At noon.", is_key=True)
    write(story, "Applause", minutes=1)
    key = read(client, story).split('class="live__key"')[1].split("</div>")[0]
    assert f'href="#{entry.anchor}">Verdict: not guilty' in key
    assert "Applause" not in key
    entry.mark(is_key=False, by=None, at=timezone.now())
    assert "live__key" not in read(client, story)


def test_an_entry_and_its_taking_back_are_seen_at_the_next_request(client, story):
    read(client, story)
    entry = write(story, "Now")
    assert "Now" in read(client, story)
    assert "Now" in client.get(f"/text{story.get_absolute_url()}").text
    assert "Now" in client.get(f"/save/{story.public_id}/text").text
    assert entry.take_back(by=None, at=timezone.now()) is True
    assert entry.take_back(by=None, at=timezone.now()) is False
    assert "Now" not in read(client, story)
    assert LiveEntry.objects.count() == 1


@pytest.mark.parametrize(("title", "text", "is_key"), [("", "", False), ("  ", " \n ", False), ("", "Words", True)])
def test_an_entry_without_words_is_refused(story, title, text, is_key):
    with pytest.raises(ValidationError):
        write(story, title, text, is_key=is_key)
    assert not LiveEntry.objects.exists()


def test_a_story_that_readers_do_not_see_is_not_told_live(client, story):
    with pytest.raises(ValidationError):
        write(make_article(), "Now")
    write(story, "Before")
    story.withdraw(by=None, at=timezone.now())
    with pytest.raises(ValidationError):
        write(story, "After")
    assert "Before" not in read(client, story)


def test_other_stories_ask_nothing_more_of_the_database(client, story):
    with CaptureQueriesContext(connection) as asked:
        read(client, story)
    assert not [query for query in asked if "liveentry" in query["sql"]]


def test_an_editor_writes_pins_and_takes_back_at_the_desk(client, story):
    editor = make_user("Editor")
    client.force_login(editor)
    address = f"/admin/articles/article/{story.pk}/live/"
    assert address in client.get(f"/admin/articles/article/{story.pk}/change/").text
    assert client.post(address, {"title": "Now", "text": "It begins."}).status_code == 302
    entry = LiveEntry.objects.get()
    assert (entry.created_by, entry.is_key) == (editor, False)
    for move, wanted in (("pin", True), ("unpin", False)):
        client.post(f"{address}{entry.pk}/{move}/")
        entry.refresh_from_db()
        assert entry.is_key is wanted
    client.post(f"{address}{entry.pk}/take-back/")
    assert not LiveEntry.objects.standing().exists()
    assert StaffAction.objects.filter(user=editor, action="take back live entry").count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"title": "x" * 161}, {"text": "y" * 4001}, {"title": "a\x00b"}, {"is_key": "on"}]
)
def test_bad_input_is_answered_at_the_form_and_nothing_is_written(client, story, data):
    client.force_login(make_user("Editor"))
    answer = client.post(f"/admin/articles/article/{story.pk}/live/", data)
    assert answer.status_code == 422
    assert not LiveEntry.objects.exists()


@pytest.mark.parametrize("role", ["Reporter", "Photo editor", "Newsletter editor", "Fundraiser"])
def test_nobody_but_editors_tells_a_story_live(client, story, role):
    entry = write(story, "Now")
    client.force_login(make_user(role))
    address = f"/admin/articles/article/{story.pk}/live/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"title": "No"}).status_code == 403
    assert client.post(f"{address}{entry.pk}/take-back/").status_code == 403
    assert LiveEntry.objects.standing().count() == 1


def test_a_stranger_is_led_to_the_login_and_a_wrong_entry_is_not_found(client, story):
    address = f"/admin/articles/article/{story.pk}/live/"
    assert client.post(address, {"title": "No"}).status_code == 302
    assert not LiveEntry.objects.exists()
    client.force_login(make_user("Editor"))
    other = write(make_article(published=True), "Elsewhere")
    assert client.post(f"{address}{other.pk}/take-back/").status_code == 404
    assert client.get(f"{address}{other.pk}/pin/").status_code == 404
    assert client.get("/admin/articles/article/999999/live/").status_code == 404


def test_the_telling_ends_and_goes_on_again(client, story):
    entry, editor, now = write(story, "Verdict"), make_user("Editor"), timezone.now()
    assert ">Live<" in read(client, story)
    assert story.end_live(by=editor, at=now) is True
    assert story.end_live(by=editor, at=now) is False
    text = read(client, story)
    assert ">As it happened<" in text
    assert 'data-live="ended"' in text
    assert entry.anchor in text
    with pytest.raises(ValidationError):
        write(story, "Too late")
    assert story.reopen_live(by=editor, at=now) is True
    assert story.reopen_live(by=editor, at=now) is False
    write(story, "Appeal")
    assert ">Live<" in read(client, story)
    actions = StaffAction.objects.filter(user=editor).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["end live", "reopen live"]


def test_a_story_that_is_not_told_live_has_no_end(story):
    assert story.end_live(by=None, at=timezone.now()) is False
    assert story.reopen_live(by=None, at=timezone.now()) is False


def test_an_editor_ends_and_reopens_it_at_the_desk_and_nobody_else_does(client, story):
    write(story, "Now")
    address = f"/admin/articles/article/{story.pk}/live/"
    client.force_login(make_user("Reporter"))
    assert client.post(f"{address}end/").status_code == 403
    client.force_login(make_user("Editor"))
    assert f"{address}end/" in client.get(address).text
    assert [client.get(f"{address}end/").status_code, client.post(f"{address}stop/").status_code] == [404, 404]
    assert client.post(f"{address}end/").status_code == 302
    story.refresh_from_db()
    assert story.live_ended_at
    text = client.get(address).text
    assert f"{address}reopen/" in text
    assert 'name="title"' not in text
    assert client.post(address, {"title": "Too late"}).status_code == 422
    client.post(f"{address}reopen/")
    story.refresh_from_db()
    assert story.live_ended_at is None
