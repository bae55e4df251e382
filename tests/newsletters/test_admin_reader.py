"""Readers in the admin: found by a whole address, never listed by one, erased for good."""

import datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from newsletters.addresses import email_key
from newsletters.models import Subscriber, Suppression
from newsroom.models import StaffAction
from tests.make import make_user
from tests.newsletters.make import ask, make_due, make_newsletter, make_reader, make_readers, pump

pytestmark = pytest.mark.django_db
FIND = "/admin/newsletters/subscriber/find/"


@pytest.fixture
def administrator(client):
    user = make_user("Administrator")
    client.force_login(user)
    return user


def test_reader_is_found_by_the_whole_address_in_any_case(client, administrator):
    newsletter = make_newsletter()
    reader = make_reader("Vera@example.org", newsletter)
    make_due(newsletter, subject="A letter about bread")
    pump()
    answer = client.post(FIND, {"email": "vera@EXAMPLE.org"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"/admin/newsletters/subscriber/{reader.pk}/change/"
    assert "A letter about bread" in page
    assert "250 2.0.0 kept" in page


def test_no_page_and_no_address_of_the_admin_names_a_reader(client, administrator):
    newsletter = make_newsletter()
    reader = make_reader("vera@example.org", newsletter)
    make_due(newsletter)
    pump()
    for path in (
        "subscriber/", f"subscriber/{reader.pk}/change/", "subscription/", "delivery/", "suppression/",
        f"delivery/{reader.deliveries.get().pk}/change/",
    ):  # fmt: skip
        answer = client.get(f"/admin/newsletters/{path}")
        assert answer.status_code == 200, path
        assert "vera@" not in answer.content.decode(), path
    answer = client.post(FIND, {"email": "vera@example.org"})
    assert "vera" not in answer["Location"]
    assert not LogEntry.objects.filter(object_repr__contains="vera").exists()


def test_unknown_address_says_so(client, administrator):
    answer = client.post(FIND, {"email": "nobody@example.org"}, follow=True)
    assert answer.status_code == 200
    assert "Nobody here" in answer.content.decode()


@pytest.mark.parametrize("email", ["", "vera", "a\x00@example.org", "x" * 400 + "@example.org"])
def test_what_is_no_address_is_refused_at_the_field_and_stays(client, administrator, email):
    answer = client.post(FIND, {"email": email})
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert f'value="{email}"' in answer.content.decode() or not email


def test_suppressed_address_says_why(client, administrator):
    Suppression.impose(email_key("vera@example.org"), Suppression.Reason.BOUNCE, at=timezone.now())
    assert (
        "Not a reader, and not to be written to"
        in client.post(FIND, {"email": "vera@example.org"}, follow=True).content.decode()
    )


def test_administrator_erases_for_good_after_a_tick(client, administrator):
    newsletter = make_newsletter()
    reader = make_reader("vera@example.org", newsletter)
    page = f"/admin/newsletters/subscriber/{reader.pk}/erase/"
    client.post(page, {})
    assert Subscriber.objects.exists()
    client.post(page, {"sure": "on", "never_again": "on"})
    assert not Subscriber.objects.exists()
    assert ask("vera@example.org", newsletter)[0] is None
    action = StaffAction.objects.get(action="erase")
    assert action.user == administrator


def test_newsletter_editor_finds_and_cannot_erase(client):
    client.force_login(make_user("Newsletter editor"))
    reader = make_reader("vera@example.org", make_newsletter())
    assert client.post(FIND, {"email": "vera@example.org"}).status_code == 302
    assert client.post(f"/admin/newsletters/subscriber/{reader.pk}/erase/", {"sure": "on"}).status_code == 403
    assert Subscriber.objects.exists()


def test_suppression_is_lifted_with_a_reason(client, administrator):
    Suppression.impose(
        email_key("vera@example.org"), Suppression.Reason.BOUNCE, at=timezone.now(), evidence="550 5.1.1"
    )
    suppression = Suppression.objects.get()
    page = f"/admin/newsletters/suppression/{suppression.pk}/"
    assert "550 5.1.1" in client.get(f"{page}change/").content.decode()
    client.post(f"{page}lift/", {"reason": " "})
    assert Suppression.objects.in_force().exists()
    client.post(f"{page}lift/", {"reason": "She wrote to us: a new mailbox."})
    suppression.refresh_from_db()
    assert suppression.lifted_by == administrator
    assert not Suppression.objects.in_force().exists()


@pytest.mark.parametrize("method", ["get", "put"])
def test_looking_never_erases_or_lifts(client, administrator, method):
    reader = make_reader("vera@example.org", make_newsletter())
    assert getattr(client, method)(f"/admin/newsletters/subscriber/{reader.pk}/erase/").status_code == 405
    assert Subscriber.objects.exists()


def test_lists_ask_few_questions(client, administrator, django_assert_max_num_queries):
    newsletter = make_newsletter()
    make_readers(10, newsletter)
    make_due(newsletter)
    pump()
    for name in ("subscriber", "subscription", "delivery"):
        with django_assert_max_num_queries(14):
            client.get(f"/admin/newsletters/{name}/")


def test_each_of_the_last_letters_says_whether_she_got_it(client, administrator):
    newsletter, now = make_newsletter(), timezone.now()
    early = make_due(newsletter, subject="Before she came", at=now - datetime.timedelta(days=3))
    pump(at=now - datetime.timedelta(days=3))
    reader = make_reader("vera@example.org", newsletter)
    make_due(newsletter, subject="The one she got")
    pump()
    make_due(newsletter, subject="The one that waits").start(at=timezone.now())
    make_due(make_newsletter(), subject="Of another newsletter").start(at=timezone.now())
    page = " ".join(client.get(f"/admin/newsletters/subscriber/{reader.pk}/change/").content.decode().split())
    assert 'Before she came</td><td colspan="3">Not a reader then, or pausing' in page
    assert "The one she got</td><td>Accepted by the mail server" in page
    assert "The one that waits</td><td>Waiting" in page
    assert "Of another newsletter" not in page
    early.refresh_from_db()
    assert early.state == "sent"
