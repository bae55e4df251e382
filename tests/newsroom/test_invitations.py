"""A new colleague gets a link, never a password; the link works once."""

import datetime
import re

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from newsroom import invitations
from newsroom.models import StaffAction, User
from tests.make import PASSWORD, make_user

ADD = "/admin/newsroom/user/add/"
NEW = "another long phrase"
pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def chief(client):
    client.force_login(make_user("Administrator"))
    return client


def invite(chief, **changes):
    group = Group.objects.get(name="Reporter")
    data = {"username": "vera", "email": "vera@example.org", "is_staff": "on", "groups": [group.pk], **changes}
    return chief.post(ADD, data)


def link():
    return re.search(r"https?://\S+", mail.outbox[-1].body)[0].split("/", 3)[3]


def choose(path, *, password=NEW):
    """Open the link as its receiver does, and choose a password."""
    client = Client()
    page = client.get(f"/{path}", follow=True)
    assert page.status_code == 200
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def can_log_in(name, password):
    return Client().post("/accounts/login/", {"login": name, "password": password}).status_code == 302


def test_colleague_chooses_her_own_password_behind_a_link_that_works_once(chief):
    assert "password1" not in chief.get(ADD).text
    assert invite(chief).status_code == 302
    user = User.objects.get(username="vera")
    assert not user.has_usable_password()
    assert user.is_staff
    assert [group.name for group in user.groups.all()] == ["Reporter"]
    assert mail.outbox[-1].to == ["vera@example.org"]
    assert StaffAction.objects.filter(action="invite", object_id=str(user.pk)).count() == 1
    path = link()
    for _look in range(2):  # opening it spends nothing
        assert "password1" in Client().get(f"/{path}", follow=True).text
    assert choose(path).status_code == 302
    assert can_log_in("vera", NEW)
    assert "password1" not in Client().get(f"/{path}", follow=True).text


def test_link_ends_after_three_days(chief):
    invite(chief)
    path, now = link(), timezone.now()
    for days, works in ((2, True), (4, False)):
        with time_machine.travel(now + datetime.timedelta(days=days)):
            assert ("password1" in Client().get(f"/{path}", follow=True).text) == works


def test_weak_password_is_refused(chief):
    invite(chief)
    assert choose(link(), password="short").status_code == 200
    assert not can_log_in("vera", "short")


def test_address_is_needed_and_is_one_persons(chief):
    make_user("Editor", email="Vera@Example.org")
    for email, words in (("", "required"), ("vera@example.org", "Another account"), ("none", "valid")):
        answer = invite(chief, email=email)
        assert answer.status_code == 200
        assert words in answer.text
    assert not mail.outbox


def test_mail_that_cannot_leave_is_told_and_can_be_sent_again(chief, monkeypatch):
    def refused(self):
        raise OSError("no relay")

    with monkeypatch.context() as patch:
        patch.setattr(invitations.EmailMessage, "send", refused)
        answer = invite(chief)
        assert "could not leave" in chief.get(answer.url).text
    user = User.objects.get(username="vera")
    chief.post("/admin/newsroom/user/", {"action": "invite_again", "_selected_action": [user.pk]})
    assert choose(link()).status_code == 302


def test_who_has_a_password_is_not_invited_again(chief):
    editor = make_user("Editor", last_login=timezone.now())
    chief.post("/admin/newsroom/user/", {"action": "invite_again", "_selected_action": [editor.pk]})
    assert not mail.outbox
    assert can_log_in(editor.username, PASSWORD)
