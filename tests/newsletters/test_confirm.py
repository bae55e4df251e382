"""Confirming: GET shows a button, POST lets the reader in, once."""

import pytest
from django.utils import timezone

from newsletters.addresses import email_key
from newsletters.models import ConsentEvent, Subscription, Suppression
from tests.newsletters.make import ask, later, make_newsletter

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return make_newsletter()


def test_looking_at_the_page_changes_nothing(client, newsletter):
    _request, token = ask("vera@example.org", newsletter)
    for method in (client.get, client.head, client.get):
        answer = method(f"/newsletters/confirm/{token}/")
        assert answer.status_code == 200
    assert "Yes, send me the letters" in client.get(f"/newsletters/confirm/{token}/").content.decode()
    assert Subscription.objects.get().state == "pending"


def test_pressing_the_button_lets_the_reader_in_once(client, newsletter):
    _request, token = ask("vera@example.org", newsletter)
    for _time in range(2):
        answer = client.post(f"/newsletters/confirm/{token}/")
        assert answer.status_code == 200
        assert "You are on the list" in answer.content.decode()
    assert Subscription.objects.get().state == "confirmed"
    assert [event.action for event in ConsentEvent.objects.all()] == ["request", "confirm"]


def test_page_names_no_address_and_is_never_stored(client, newsletter):
    _request, token = ask("vera@example.org", newsletter)
    for answer in (client.get(f"/newsletters/confirm/{token}/"), client.post(f"/newsletters/confirm/{token}/")):
        assert "vera" not in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert not answer.cookies


def test_link_dies_after_seven_days(client, newsletter):
    _request, token = ask("vera@example.org", newsletter, at=later(timezone.now(), days=-8))
    assert client.get(f"/newsletters/confirm/{token}/").status_code == 404
    assert client.post(f"/newsletters/confirm/{token}/").status_code == 404
    assert Subscription.objects.get().state == "pending"


@pytest.mark.parametrize("token", ["forged", "x" * 2000, "%00", "%ED%A0%80", "👻", "0" * 43])
def test_forged_link_says_nothing(client, newsletter, token):
    assert client.get(f"/newsletters/confirm/{token}/").status_code == 404
    assert client.post(f"/newsletters/confirm/{token}/").status_code == 404


def test_used_link_does_not_bring_back_who_left(client, newsletter):
    _request, token = ask("vera@example.org", newsletter)
    client.post(f"/newsletters/confirm/{token}/")
    Subscription.objects.get().leave("page", at=timezone.now())
    answer = client.post(f"/newsletters/confirm/{token}/")
    assert "This link has been used" in answer.content.decode()
    assert Subscription.objects.get().state == "unsubscribed"


def test_who_left_can_come_back_by_asking_again(newsletter):
    now = timezone.now()
    request, _token = ask("vera@example.org", newsletter, at=now)
    request.confirm(at=now)
    Subscription.objects.get().leave("page", at=now)
    again, _token = ask("vera@example.org", newsletter, at=later(now, days=2))
    assert Subscription.objects.get().state == "unsubscribed"
    again.confirm(at=later(now, days=2))
    assert Subscription.objects.get().state == "confirmed"


def test_mailbox_suppressed_in_the_meantime_stays_out(newsletter):
    request, _token = ask("vera@example.org", newsletter)
    Suppression.impose(email_key("vera@example.org"), Suppression.Reason.COMPLAINT, at=timezone.now())
    assert not request.confirm(at=timezone.now())
    assert Subscription.objects.get().state == "pending"


def test_form_from_another_site_is_refused(client, newsletter):
    _request, token = ask("vera@example.org", newsletter)
    answer = client.post(f"/newsletters/confirm/{token}/", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


def test_mail_is_written_once_and_repeating_the_task_is_harmless(newsletter):
    from django.core import mail

    from newsletters.tasks import mail_confirmation

    request, _token = ask("vera@example.org", newsletter)
    for _time in range(2):
        mail_confirmation.func(request_id=request.pk)
    mail_confirmation.func(request_id=0)
    assert len(mail.outbox) == 1


def test_russian_edition_speaks_russian_from_the_form_to_the_mail(client):
    from django.core import mail

    from newsletters.tasks import mail_confirmation
    from tests.make import make_edition

    make_edition()
    newsletter = make_newsletter("Неделя", edition=make_edition("ru", title="Дальний берег"))
    assert "Подписаться" in client.get("/ru/newsletters/").content.decode()
    request, _token = ask("vera@example.org", newsletter)
    mail_confirmation.func(request_id=request.pk)
    assert mail.outbox[0].subject == "Подтвердите подписку: Неделя"
    assert "/ru/newsletters/confirm/" in mail.outbox[0].body
    request.refresh_from_db()
    assert client.get(f"/ru/newsletters/confirm/{request.renew_token()}/").headers["Content-Language"] == "ru"
