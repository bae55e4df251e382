"""The editors' first page: what waits for whom, and what does not move by itself any more."""

import datetime

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Article, Photo
from newsroom import registry, worker
from newsroom.models import ScheduleRun
from tests.make import make_article, make_photo, make_user

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC), tick=False)
    return time_machine


def board(client, role="Editor", user=None):
    """Return {title of a panel: [titles and notes of its rows]} as this person sees them."""
    client.force_login(user or make_user(role))
    panels = client.get("/admin/").context["panels"]
    return {str(panel["title"]): [f"{row['title']} {row['note']}" for row in panel.get("rows", [])] for panel in panels}


def test_a_scheduled_story_goes_live_without_a_worker_and_what_did_not_follow_stands_on_the_dashboard(client, clock):
    article = make_article(headline="Ships leave", published=True, when=timezone.now() + HOUR)
    worker.drain()
    assert board(client)["Stuck"] == []
    clock.shift(HOUR + MINUTE)
    assert "Ships leave" in client.get("/").text, "publication is a comparison: no worker is needed"
    assert not any("Ships leave" in row for row in board(client)["Stuck"]), "a minute late is not stuck yet"
    clock.shift(4 * MINUTE)
    rows = board(client)["Stuck"]
    assert any(row.startswith("Ships leave what follows its publication has not run") for row in rows)
    text = client.get("/admin/").text
    assert f'href="/admin/articles/article/{article.pk}/change/"' in text
    worker.drain()
    assert board(client)["Stuck"] == []


def test_every_editorial_thing_that_waits_to_be_followed_up_is_named_and_one_that_is_gone_is_not(client, clock):
    article = make_article(headline="Gone soon", published=True)
    clock.shift(5 * MINUTE)
    assert any("Gone soon" in row for row in board(client)["Stuck"])
    article.bylines.all().delete()
    Article.objects.filter(pk=article.pk).delete()
    assert not any("Gone soon" in row for row in board(client)["Stuck"])


def test_tasks_that_wait_or_failed_are_counted_by_kind(client, clock):
    make_article(published=True), make_article(published=True)
    clock.shift(5 * MINUTE)
    assert any(row.startswith("2 tasks wait for the worker desk.tasks.follow_up") for row in board(client)["Stuck"])
    DBTaskResult.objects.update(status="FAILED", finished_at=timezone.now())
    assert any(row.startswith("2 tasks failed desk.tasks.follow_up") for row in board(client)["Stuck"])
    clock.shift(8 * 24 * HOUR)
    assert not any("failed" in row for row in board(client)["Stuck"])


def test_a_job_that_failed_or_did_not_run_says_that_the_worker_is_away(client, clock):
    worker.drain()
    name = "newsroom.forget_rate_counts"
    assert ScheduleRun.objects.filter(name=name).exists()
    clock.shift(4 * HOUR)
    assert any("is the worker there?" in row and name in row for row in board(client)["Stuck"])
    ScheduleRun.objects.filter(name=name).update(failed_at=timezone.now())
    assert any("A scheduled job failed" in row and name in row for row in board(client)["Stuck"])


def test_photos_without_sizes_stand_there(client, clock):
    photo = make_photo(caption="Queue at dawn.")
    worker.drain()
    Photo.objects.filter(pk=photo.pk).update(renditions=[])
    assert not any("Queue at dawn" in row for row in board(client)["Stuck"])
    clock.shift(11 * MINUTE)
    assert any("Queue at dawn" in row for row in board(client)["Stuck"])


def test_a_story_whose_time_has_come_under_an_embargo_stands_there(client, clock):
    article = make_article(headline="Held", published=True, when=timezone.now() + HOUR)
    article.set_times(embargo_until=timezone.now() + 3 * HOUR, expires_at=None, by=None, at=timezone.now())
    assert not any("Held" in row for row in board(client)["Stuck"])
    clock.shift(2 * HOUR)
    assert any("the embargo has not ended" in row for row in board(client)["Stuck"])


def test_what_the_apps_report_stands_there_and_the_rest_is_counted(client, monkeypatch):
    monkeypatch.setitem(registry.status._entries, "mails", lambda at: [("error", "A mail waits.")])
    monkeypatch.setitem(registry.stuck._entries, "many", lambda at: [{"title": f"T{n}", "note": ""} for n in range(20)])
    rows = board(client)["Stuck"]
    assert len(rows) == 13
    assert "more" in rows[-1]
    monkeypatch.setitem(registry.stuck._entries, "many", lambda at: [])
    assert "A mail waits. mails" in board(client)["Stuck"]


def test_who_publishes_nothing_sees_no_such_panel(client):
    assert "Stuck" not in board(client, "Reporter")
    assert "Stuck" in board(client, "Editor")


def test_each_person_sees_what_waits_for_them(client, clock):
    reporter, editor = make_user("Reporter"), make_user("Editor")
    back, handed, ready, writing = (make_article(headline=f"Story {name}", by=reporter) for name in "ABCD")
    version = back.hand_in(version=1, by=reporter, at=timezone.now()).version
    back.send_back(version=version, by=editor, at=timezone.now(), note="Who says so?")
    handed.hand_in(version=1, by=reporter, at=timezone.now())
    ready.mark_ready(version=1, by=editor, at=timezone.now())
    make_article(headline="Story E", published=True, when=timezone.now() + HOUR)
    make_article(headline="Story F", published=True)
    mine = board(client, user=reporter)
    assert mine["Sent back to you"] == ["Story A “Who says so?”"]
    assert [row[:7] for row in mine["With the editors"]] == ["Story B"]
    assert "Story D" in {row[:7] for row in mine["You are writing"]}
    theirs = board(client, user=editor)
    assert [row[:7] for row in theirs["Waiting for you"]] == ["Story B"]
    assert [row[:7] for row in theirs["Ready to publish"]] == ["Story C"]
    assert [row[:7] for row in theirs["Scheduled"]] == ["Story E"]
    assert [row[:7] for row in theirs["Live today"]] == ["Story F"]
    assert writing.read_draft().stage == "writing"
