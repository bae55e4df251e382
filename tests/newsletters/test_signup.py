"""Signing up: what is asked, how often, and that the answer never tells anything."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from newsletters import limits
from newsletters.models import ConfirmLimit, ConfirmRequest, ConsentEvent, Subscriber, Subscription, Suppression
from newsroom import worker
from tests.newsletters.make import ask, later, make_newsletter, make_reader

pytestmark = pytest.mark.django_db
SURROGATE = "%ED%A0%80"


@pytest.fixture
def newsletter():
    return make_newsletter()


@pytest.fixture
def sign_up(client, newsletter):
    """Go both steps of the form and return the last answer."""

    def signed_up(email, newsletters=None, **fields):
        slugs = newsletters or [newsletter.slug]
        page = client.post("/newsletters/signup/", {"email": email, "newsletters": slugs, **fields})
        found = re.search(r'name="form_nonce" value="([^"]+)"', page.content.decode())
        if not found:
            return page
        data = {"email": email, "newsletters": slugs, "form_nonce": found.group(1), **fields}
        return client.post("/newsletters/signup/", data)

    return signed_up


def body(response):
    return response.content.decode()


def test_first_step_stores_nothing_and_shows_the_address(client, newsletter):
    page = client.post("/newsletters/signup/", {"email": "vera@example.org", "newsletters": newsletter.slug})
    assert "<strong>vera@example.org</strong>" in body(page)
    assert not Subscriber.objects.exists()
    assert not ConfirmLimit.objects.exists()
    assert page["Cache-Control"] and "no-store" in page["Cache-Control"]
    assert not page.cookies


def test_second_step_asks_the_mailbox_by_mail(sign_up, newsletter):
    answer = sign_up("Vera@Example.org")
    worker.drain()
    assert "Look into your mailbox" in body(answer)
    (letter,) = mail.outbox
    assert letter.to == ["Vera@example.org"]
    assert newsletter.name in letter.subject
    assert Subscription.objects.get().state == "pending"
    assert [event.action for event in ConsentEvent.objects.all()] == ["request"]


def test_address_lies_sealed(sign_up):
    sign_up("vera@example.org")
    subscriber = Subscriber.objects.get()
    assert "vera" not in subscriber.address_sealed
    assert subscriber.read_address() == "vera@example.org"


def test_token_is_stored_hashed_and_not_in_the_task(sign_up):
    sign_up("vera@example.org")
    worker.drain()
    token = re.search(r"/newsletters/confirm/([^/]+)/", mail.outbox[0].body).group(1)
    from django_tasks_db.models import DBTaskResult

    assert ConfirmRequest.objects.get().token_hash != token
    assert token not in str(list(DBTaskResult.objects.values()))


def test_confirmation_mail_holds_nothing_typed_but_the_address(sign_up):
    sign_up("vera@example.org", source="Buy pills", name="Buy pills", website="")
    worker.drain()
    whole = mail.outbox[0].message().as_string()
    assert "pills" not in whole
    assert whole.count("vera@example.org") == 1


def test_answer_is_the_same_for_new_pending_confirmed_and_suppressed(sign_up, newsletter):
    from newsletters.addresses import email_key

    make_reader("inside@example.org", newsletter)
    ask("waiting@example.org", newsletter)
    Suppression.impose(email_key("never@example.org"), Suppression.Reason.COMPLAINT, at=timezone.now())
    answers = {
        body(sign_up(address)).replace(address, "ADDRESS")
        for address in ("new@example.org", "waiting@example.org", "inside@example.org", "never@example.org")
    }
    worker.drain()
    assert len(answers) == 1
    assert [letter.to for letter in mail.outbox] == [["new@example.org"]]


def test_many_posts_for_one_victim_cause_one_mail(newsletter):
    now = timezone.now()
    for number in range(40):
        spelling = ["victim@example.org", "v.ictim@example.org", f"victim+{number}@example.org", "VICTIM@EXAMPLE.ORG"]
        Subscriber.ask(spelling[number % 4], [newsletter], language="en", source="box", at=now)
    worker.drain()
    assert len(mail.outbox) == 1
    assert Subscriber.objects.count() == 1


def test_three_mails_in_all_until_one_is_answered(newsletter):
    now = timezone.now()
    asked = [ask("vera@example.org", newsletter, at=later(now, hours=25 * day))[0] for day in range(5)]
    assert [request is not None for request in asked] == [True, True, True, False, False]


def test_answer_opens_the_mailbox_for_another_newsletter(newsletter):
    now = timezone.now()
    make_reader("vera@example.org", newsletter, at=now)
    request, _token = ask("vera@example.org", make_newsletter("Second"), at=later(now, minutes=5))
    assert request is not None


def test_second_newsletter_waits_while_the_first_is_unanswered(newsletter):
    now = timezone.now()
    ask("vera@example.org", newsletter, at=now)
    request, _token = ask("vera@example.org", make_newsletter("Second"), at=later(now, minutes=5))
    assert request is None
    assert Subscription.objects.count() == 1


def test_network_that_asks_too_often_is_told_to_come_again(sign_up, monkeypatch):
    monkeypatch.setattr(limits, "PER_NETWORK_UNVOUCHED", 2)
    answers = [sign_up(f"reader{number}@example.org").status_code for number in range(4)]
    assert answers == [200, 200, 429, 429]
    assert Subscriber.objects.count() == 2


def test_everybody_together_is_limited_too(sign_up, monkeypatch):
    monkeypatch.setattr(limits, "EVERYBODY", 1)
    assert [sign_up(f"reader{number}@example.org").status_code for number in range(2)] == [200, 429]


def test_several_newsletters_are_asked_in_one_mail(sign_up, newsletter):
    second = make_newsletter("Morning Line")
    sign_up("vera@example.org", newsletters=[newsletter.slug, second.slug])
    worker.drain()
    assert len(mail.outbox) == 1
    assert newsletter.name in mail.outbox[0].body
    assert "Morning Line" in mail.outbox[0].body


def test_robot_in_the_trap_gets_the_same_answer_and_no_mail(sign_up):
    robot, person = sign_up("robot@example.org", website="https://spam.example"), sign_up("person@example.org")
    worker.drain()
    assert body(robot).replace("robot@", "person@") == body(person)
    assert [letter.to for letter in mail.outbox] == [["person@example.org"]]


def test_button_pressed_at_once_asks_for_a_second_press(sign_up, settings):
    settings.SIGNUP_MIN_SECONDS = 30
    answer = sign_up("vera@example.org")
    assert "press the button once more" in body(answer)
    assert 'value="vera@example.org"' in body(answer)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "Write your e-mail address here."),
        ("   ", "Write your e-mail address here."),
        ("not an address", "This is not an e-mail address."),
        ("a@b", "This is not an e-mail address."),
        ("vera@example.org\r\nBcc: all@example.org", "cannot be shown|This is not an e-mail address"),
        ("ve\x00ra@example.org", "cannot be shown"),
        ("ve\x1bra@example.org", "cannot be shown"),
        ("x" * 250 + "@example.org", "at most 254 characters"),
        ("vera@" + "ж" * 70 + ".org", "This is not an e-mail address."),
        ("вера@example.org", "This is not an e-mail address."),
    ],
)
def test_bad_address_is_refused_at_its_field_and_kept(client, newsletter, address, message):
    answer = client.post("/newsletters/signup/", {"email": address, "newsletters": newsletter.slug})
    assert answer.status_code == 200
    assert re.search(message, body(answer))
    assert 'id="email-error"' in body(answer)
    assert not Subscriber.objects.exists()
    if address.strip() and address.isprintable():
        assert f'value="{address}"' in body(answer)


@pytest.mark.parametrize(
    "data",
    [
        "email=vera%40example.org",
        "email=vera%40example.org&newsletters=unknown",
        "email=vera%40example.org&newsletters=%00",
        f"email=vera%40example.org&newsletters={SURROGATE}",
        f"email={SURROGATE}&newsletters=x",
        f"form_nonce={SURROGATE}",
        "form_nonce=&email=&newsletters=",
        "",
    ],
)
def test_wrong_values_answer_with_the_form_and_never_with_500(client, newsletter, data):
    answer = client.post("/newsletters/signup/", data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "field__error" in body(answer)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("nonce", ["forged", "x" * 5000, "a:b:c", "\x00", ""])
def test_forged_nonce_shows_the_page_again_and_acts_not(client, newsletter, nonce):
    data = {"email": "vera@example.org", "newsletters": newsletter.slug, "form_nonce": nonce}
    answer = client.post("/newsletters/signup/", data)
    assert answer.status_code == 200
    assert 'value="vera@example.org"' in body(answer)
    assert 'role="alert"' in body(answer)
    assert not Subscriber.objects.exists()


def test_nonce_of_another_address_is_refused(client, newsletter):
    page = client.post("/newsletters/signup/", {"email": "mine@example.org", "newsletters": newsletter.slug})
    nonce = re.search(r'name="form_nonce" value="([^"]+)"', body(page)).group(1)
    data = {"email": "victim@example.org", "newsletters": newsletter.slug, "form_nonce": nonce}
    client.post("/newsletters/signup/", data)
    assert not Subscriber.objects.exists()


def test_form_from_another_site_is_refused(client, newsletter):
    data = {"email": "vera@example.org", "newsletters": newsletter.slug}
    assert client.post("/newsletters/signup/", data, headers={"origin": "https://evil.example"}).status_code == 403
    assert client.post("/newsletters/signup/", data, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_getting_the_signup_address_does_nothing(client, newsletter):
    assert client.get("/newsletters/signup/?email=vera@example.org").status_code == 405


def test_no_address_stands_in_any_log(sign_up, caplog):
    caplog.set_level("DEBUG", logger="newsletters")
    sign_up("vera@example.org")
    worker.drain()
    assert "vera" not in caplog.text


def test_closed_newsletter_cannot_be_asked_for(client, newsletter):
    closed = make_newsletter("Closed", is_active=False)
    answer = client.post("/newsletters/signup/", {"email": "vera@example.org", "newsletters": closed.slug})
    assert "Choose among these letters." in body(answer)


def test_unconfirmed_vanish_after_seven_days(newsletter):
    from newsletters.jobs import forget_unconfirmed
    from newsroom.models import SealingKey

    now = timezone.now()
    ask("vera@example.org", newsletter, at=now)
    make_reader("inside@example.org", newsletter, at=now)
    forget_unconfirmed(at=later(now, days=6))
    assert Subscriber.objects.count() == 2
    forget_unconfirmed(at=later(now, days=8))
    assert Subscriber.objects.count() == 1
    assert SealingKey.objects.count() == 1
    assert Subscription.objects.get().state == "confirmed"
    assert ConfirmLimit.objects.count() == 1, "the limit outlives the row, or it could be forgotten on purpose"
