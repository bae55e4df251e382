"""Staff see where they are logged in and end it; one action ends every session; nobody's network is written down."""

import datetime

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from newsroom import sessions
from newsroom.models import StaffAction, StaffSession, User
from tests.make import PASSWORD, make_user

pytestmark = pytest.mark.django_db(databases="__all__")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = "/accounts/sessions/"
EVERYBODY = "/admin/newsroom/user/end-sessions/"


def browser(user, *, agent=FIREFOX):
    """Return a client that has logged in by name and password."""
    client = Client(headers={"User-Agent": agent, "X-Forwarded-For": "198.51.100.7"})
    answer = client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_inside(client):
    return client.get("/admin/").status_code == 200


@pytest.fixture
def editor():
    return make_user("Editor")


def test_session_says_whose_since_when_and_roughly_what_and_no_network(editor):
    browser(editor)
    session = StaffSession.objects.get()
    assert (session.user, session.device) == (editor, "Firefox, Linux")
    assert timezone.now() - session.begun_at < datetime.timedelta(minutes=1)
    assert session.used_on == timezone.now().date()
    assert "198.51.100.7" not in repr(StaffSession.objects.values().get())
    assert "198.51.100.7" not in repr(session.get_decoded())


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("w3m/0.5.3", ""),
        ("", ""),
        ("x" * 5000, ""),
    ],
)
def test_browser_is_told_roughly(agent, device):
    assert sessions.device_of(agent) == device


def test_ending_one_session_logs_that_browser_out_alone(editor):
    here, there, third = browser(editor), browser(editor, agent="w3m"), browser(editor)
    page = here.get(PAGE).text
    assert "this browser" in page
    assert "A browser that does not say what it is" in page
    lost = StaffSession.objects.get(device="")
    assert lost.session_key not in page
    here.post(PAGE, {"end": lost.mark})
    assert [is_inside(one) for one in (here, there, third)] == [True, False, True]
    assert StaffAction.objects.get(action="end sessions").user == editor


def test_ending_all_others_keeps_this_browser(editor):
    here, there = browser(editor), browser(editor)
    here.post(PAGE, {"end": "others"})
    assert [is_inside(here), is_inside(there)] == [True, False]
    assert "End all others" not in here.get(PAGE).text


def test_nobody_ends_the_session_of_somebody_else(editor):
    mine, hers = browser(editor), browser(make_user("Editor"))
    other = StaffSession.objects.exclude(user=editor).get()
    assert other.mark not in mine.get(PAGE).text
    for forged in (other.mark, other.session_key, "", "\x00", "x" * 5000):
        assert mine.post(PAGE, {"end": forged}).status_code == 302
    assert is_inside(hers)


def test_page_is_for_those_who_are_logged_in():
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE, {"end": "others"}).status_code == 302


def test_one_action_ends_every_session_after_a_page_that_asks(editor):
    chief, hers = browser(make_user("Administrator")), browser(editor)
    assert "End every session" in chief.get("/admin/newsroom/user/").text
    assert "2 browsers are logged in" in chief.post(EVERYBODY).text
    assert is_inside(hers)
    chief.post(EVERYBODY, {"sure": "yes"})
    assert not is_inside(hers)
    assert not is_inside(chief)
    assert StaffAction.objects.get(action="end every session").reason == "2"


@pytest.mark.parametrize("role", ["Reporter", "Editor", "Photo editor", "Newsletter editor", "Fundraiser"])
def test_nobody_but_an_administrator_ends_the_sessions_of_all(role):
    client = browser(make_user(role))
    assert client.post(EVERYBODY, {"sure": "yes"}).status_code == 403
    assert is_inside(client)


def test_administrator_ends_the_sessions_of_chosen_accounts(editor):
    chief, hers = browser(make_user("Administrator")), browser(editor)
    chief.post("/admin/newsroom/user/", {"action": "end_sessions_of", "_selected_action": [editor.pk]})
    assert not is_inside(hers)
    assert is_inside(chief)


def test_day_of_use_is_written_once_a_day(editor, monkeypatch):
    client, now = browser(editor), timezone.now()
    StaffSession.objects.update(used_on=None)
    client.get("/admin/")
    assert StaffSession.objects.get().used_on is None  # it was noted today
    monkeypatch.setattr("newsroom.accounts.timezone.now", lambda: now + datetime.timedelta(days=1))
    client.get("/admin/")
    assert StaffSession.objects.get().used_on == (now + datetime.timedelta(days=1)).date()


def test_session_with_a_forged_owner_belongs_to_nobody():
    store = sessions.SessionStore()
    for forged in ("", "x", "²", "9" * 30):
        assert store.create_model_instance({SESSION_KEY: forged}).user_id is None


def test_account_that_is_deleted_takes_its_sessions_and_leaves_the_record(editor):
    browser(editor)
    StaffAction.record(user=editor, action="test", thing=editor, at=timezone.now())
    editor.delete()
    assert not StaffSession.objects.exists()
    assert StaffAction.objects.get(action="test").user is None


# The record


def test_record_can_neither_be_changed_nor_deleted_by_code_or_in_the_database(editor):
    action = StaffAction.record(user=editor, action="test", thing=editor, at=timezone.now(), reason="so")
    rows = StaffAction.objects.filter(pk=action.pk)
    for attempt in (rows.delete, lambda: rows.update(reason="no"), lambda: rows.update(user=None, action="other"),
                    lambda: rows.update(user=User.objects.create(username="other"))):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert (rows.get().reason, rows.get().user) == ("so", editor)
    rows.update(reason="s")  # a passage that is removed for good leaves the reason too
    editor.delete()
    assert (rows.get().reason, rows.get().user) == ("s", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(user=make_user("Editor"))
