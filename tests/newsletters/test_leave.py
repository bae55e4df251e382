"""Leaving: at once, from anywhere, without a cookie; looking changes nothing; a broken link tells nothing."""

import pytest
from django.test import Client
from django.utils import timezone

from newsletters.models import ConsentEvent, Delivery, Subscriber, Subscription, Suppression
from newsroom import sealing
from tests.newsletters.make import Recorder, ask, make_due, make_newsletter, make_reader, make_readers, pump

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def subscription():
    newsletter = make_newsletter()
    return make_reader("vera@example.org", newsletter).subscriptions.get()


@pytest.fixture
def address(subscription):
    return f"/newsletters/leave/{subscription.leave_token}"


def state():
    return Subscription.objects.get().state


def test_one_click_from_a_mail_program_needs_no_cookie_and_gets_no_redirect(address):
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(
        address, ONE_CLICK, headers={"origin": "https://mail.google.com", "sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 200
    assert state() == "unsubscribed"
    assert Subscription.objects.get().left_how == "one_click"
    assert not answer.cookies


def test_https_redirect_spares_the_address(address, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().post(address, ONE_CLICK).status_code == 200
    assert state() == "unsubscribed"


def test_address_has_no_slash_and_gets_none(address):
    assert not address.endswith("/")
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(address, method):
    answer = getattr(Client(), method)(address)
    assert answer.status_code == 200
    assert state() == "confirmed"
    assert not ConsentEvent.objects.filter(action="leave").exists()


def test_page_has_one_button_and_no_question(client, address):
    page = client.get(address).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert main.count("<button") == 1
    assert "<input" not in main
    assert "<script" not in main
    client.post(address)
    assert Subscription.objects.get().left_how == "page"


def test_repeating_says_the_same_and_keeps_one_line_of_consent(client, address):
    for _time in range(3):
        answer = client.post(address, ONE_CLICK)
        assert answer.status_code == 200
        assert "You are unsubscribed" in answer.content.decode()
    assert ConsentEvent.objects.filter(action="leave").count() == 1


def test_link_of_an_erased_reader_says_unsubscribed(client, address):
    Subscriber.objects.get().erase(at=timezone.now())
    assert "You are unsubscribed" in client.post(address, ONE_CLICK).content.decode()
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["forged", "1", "000000000001-", "000000000001-" + "0" * 32, "-", "²" * 12 + "-x", "x" * 3000, "%00", "%ED%A0%80"],
)
def test_forged_link_changes_nothing_and_tells_nothing(client, subscription, token):
    for method in (client.get, client.post):
        answer = method(f"/newsletters/leave/{token}")
        assert answer.status_code == 404
        assert "vera" not in answer.content.decode()
    assert state() == "confirmed"


def test_forged_link_answers_alike_whether_the_reader_exists(client, subscription):
    there = client.post(f"/newsletters/leave/{subscription.pk:012d}-{'0' * 32}")
    missing = client.post(f"/newsletters/leave/{subscription.pk + 999:012d}-{'0' * 32}")
    assert there.content == missing.content.replace(
        f"{subscription.pk + 999:012d}".encode(), f"{subscription.pk:012d}".encode()
    )


def test_answer_speaks_the_language_of_the_newsletter(client):
    from tests.make import make_edition

    make_edition()
    newsletter = make_newsletter("Неделя", edition=make_edition("ru", title="Дальний берег"))
    subscription = make_reader(None, newsletter).subscriptions.get()
    answer = client.get(f"/newsletters/leave/{subscription.leave_token}")
    assert '<html lang="ru">' in answer.content.decode()
    assert "Дальний берег" in answer.content.decode()


def test_leaving_one_newsletter_keeps_the_other():
    first, second = make_newsletter("First"), make_newsletter("Second")
    reader = make_reader(None, first, second)
    reader.subscriptions.get(newsletter=first).leave("page", at=timezone.now())
    assert reader.subscriptions.get(newsletter=second).state == "confirmed"


def test_leaving_mid_send_drops_what_waits():
    newsletter = make_newsletter()
    readers = make_readers(6, newsletter)
    make_due(newsletter)
    last = readers[-1].subscriptions.get()

    def leave_while_the_first_is_on_the_wire(recipient):
        if recipient == readers[0].read_address():
            last.leave("one_click", at=timezone.now())

    channel = pump(Recorder(during=leave_while_the_first_is_on_the_wire))
    assert last.subscriber.read_address() not in channel.recipients
    assert len(channel.letters) == 5
    assert Delivery.objects.get(subscription=last).state == "dropped"


def test_erasing_forgets_the_address_and_its_key():
    reader = make_reader("vera@example.org", make_newsletter())
    key, sealed = reader.key_id, reader.address_sealed
    reader.erase(at=timezone.now(), never_again=True)
    with pytest.raises(sealing.Erased):
        sealing.unseal(sealed, key)
    assert not Subscriber.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert Suppression.objects.get().reason == "request"


def test_erased_for_ever_cannot_be_signed_up_again():
    newsletter = make_newsletter()
    make_reader("vera@example.org", newsletter).erase(at=timezone.now(), never_again=True)
    assert ask("Vera@example.org", newsletter) == (None, "")


def test_erasing_mid_send_keeps_the_totals_right():
    newsletter = make_newsletter()
    readers = make_readers(3, newsletter)
    issue = make_due(newsletter)
    issue.start(at=timezone.now())
    readers[1].erase(at=timezone.now())
    pump()
    issue.refresh_from_db()
    totals = issue.totals()
    assert issue.state == "sent"
    assert (totals["accepted"], totals["dropped"], totals["total"]) == (2, 1, 3)
