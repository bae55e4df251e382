"""The button that gives: one gift a form, and nothing but what the button said."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from donations import forms, limits
from donations.models import Appeal, DonorIdentity, Gift, ProviderCall, SandboxSession
from donations.providers.base import ProviderDown, Refused
from donations.providers.sandbox.adapter import Sandbox
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "100"},
        {"amount": "600"},
        {"amount": "-5"},
        {"amount": "1e3"},
        {"amount": "٥٠٠"},
        {"amount": "9" * 30},
        {"amount": ""},
        {"cadence": "once"},
        {"cadence": "weekly"},
        {"nonce": ""},
        {"nonce": "forged"},
        {"nonce": "x" * 400},
        {"nonce": "a\x00b:c"},
        {"nonce": "é:é"},
    ],
)
def test_a_form_that_is_not_ours_gives_nothing(reader, change):
    answer = reader.confirm({**reader.look(), **change})
    assert answer.status_code == 422
    assert "Nothing was charged" in answer.content.decode()
    assert not Gift.objects.exists()


def test_the_nonce_of_another_form_gives_nothing(reader):
    other = reader.look(cadence="once", other="7")
    assert reader.confirm({**reader.look(), "nonce": other["nonce"]}).status_code == 422


@pytest.mark.parametrize("email", ["no address", "a@", "a" * 300 + "@example.org", "a\x00@example.org"])
def test_a_wrong_address_is_refused_at_the_field_and_kept(reader, email):
    answer = reader.confirm(reader.look(), email=email)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert answer.context["form"].errors["email"]
    assert 'aria-describedby="email-help email-error"' in page
    assert "Give €5 every month" in page
    assert not Gift.objects.exists()


def test_a_corrected_address_goes_through_with_the_same_form(reader):
    fields = reader.look()
    reader.confirm(fields, email="wrong")
    assert reader.confirm(fields, email="right@example.org").status_code == 302


def test_a_form_sent_sooner_than_a_person_could_is_asked_again(reader, monkeypatch):
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 2)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        fields = reader.look()
        answer = reader.confirm(fields, email="a@example.org")
        assert answer.status_code == 422
        assert "very quick" in answer.content.decode()
        assert 'value="a@example.org"' in answer.content.decode()
        clock.shift(3)
        assert reader.confirm(fields).status_code == 302


def test_a_form_of_yesterday_is_too_old(reader):
    with time_machine.travel(timezone.now() - datetime.timedelta(hours=2)):
        fields = reader.look()
    assert reader.confirm(fields).status_code == 422


def test_a_network_gives_a_few_times_a_minute_and_repeating_a_form_costs_nothing(reader, monkeypatch):
    monkeypatch.setattr(limits, "PER_NETWORK_MINUTE", 1)
    with time_machine.travel("2026-11-23 12:00:10Z"):
        fields = reader.look()
        assert [reader.confirm(fields).status_code for _click in range(3)] == [302, 302, 302]
        answer = reader.confirm(reader.look(), email="kept@example.org")
    assert answer.status_code == 429
    assert 'value="kept@example.org"' in answer.content.decode()
    assert Gift.objects.count() == 1


def test_a_provider_that_is_down_loses_nothing_and_a_repetition_uses_the_same_key(reader, monkeypatch):
    keys = []

    def down(self, asked, *, key):
        keys.append(key)
        raise ProviderDown("503")

    fields = reader.look()
    with monkeypatch.context() as patch:
        patch.setattr(Sandbox, "hand_over", down)
        answer = reader.confirm(fields)
    call, gift = ProviderCall.objects.get(), Gift.objects.get()
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.content.decode()
    assert (gift.state, call.state) == ("ready", "unknown")
    assert reader.confirm(fields).status_code == 302
    call.refresh_from_db()
    assert keys == [call.idempotency_key]
    assert (call.state, SandboxSession.objects.get().key) == ("confirmed", call.idempotency_key)


def test_a_provider_that_hung_after_acting_is_asked_again_without_a_second_page(reader, monkeypatch):
    real = Sandbox.hand_over

    def hang(self, asked, *, key):
        real(self, asked, key=key)
        raise ProviderDown("timeout")

    fields = reader.look()
    with monkeypatch.context() as patch:
        patch.setattr(Sandbox, "hand_over", hang)
        assert reader.confirm(fields).status_code == 503
    assert reader.confirm(fields).status_code == 302
    assert SandboxSession.objects.count() == 1


def test_a_provider_that_refuses_ends_the_gift_in_plain_words(reader, monkeypatch):
    def refuse(self, asked, *, key):
        raise Refused("closed account")

    monkeypatch.setattr(Sandbox, "hand_over", refuse)
    answer = reader.confirm(reader.look())
    assert answer.status_code == 422
    assert "refused this gift" in answer.content.decode()
    assert Gift.objects.get().state == "failed"


def test_the_address_lies_sealed_and_apart_from_the_gift(reader):
    gift = reader.give(email="Reader@Example.org")
    identity = DonorIdentity.objects.get()
    assert gift.donor_id == identity.donor_id
    assert "example" not in identity.email_sealed.lower()
    assert identity.read_address() == "Reader@Example.org"
    row = Gift.objects.values().get()
    assert not any("example" in str(value).lower() for value in row.values())


def test_the_provider_learns_nothing_about_the_person(reader, monkeypatch):
    seen = []
    real = Sandbox.hand_over
    monkeypatch.setattr(
        Sandbox, "hand_over", lambda self, asked, *, key: seen.append(asked) or real(self, asked, key=key)
    )
    gift = reader.give(email="reader@example.org")
    assert "example" not in repr(seen)
    assert seen[0].reference == gift.public_id


def test_no_address_on_the_way_tells_amount_gift_or_person(reader):
    fields = reader.look()
    page_to_pay = reader.confirm(fields, email="reader@example.org")["Location"]
    gift = Gift.objects.get()
    way_back = reader.pay(gift)["Location"]
    for address in (page_to_pay, way_back):
        assert gift.public_id not in address
        assert not {"500", "reader", "month"} & set(address.replace("/", " ").replace("?", " ").split())
        assert "?" not in address


def test_no_call_to_the_provider_is_made_inside_a_transaction(transactional_db, monkeypatch):
    from django.db import connection

    from tests.donations.making import make_gift

    inside, real = [], Sandbox.hand_over

    def watched(self, asked, *, key):
        inside.append(connection.in_atomic_block)
        assert ProviderCall.objects.filter(idempotency_key=key).exists()
        return real(self, asked, key=key)

    monkeypatch.setattr(Sandbox, "hand_over", watched)
    make_gift()
    assert inside == [False]


def asking_appeals(edition):
    """Return the appeal at the end of stories and the one of the support page."""
    only = {"on_support": False, "on_strip": False, "inside": False}
    at_end = make_appeal(edition, headline="At the end", **only)
    return at_end, make_appeal(edition, headline="On the page", at_end=False)


def test_a_gift_belongs_to_the_appeal_that_asked(reader, edition):
    at_end, on_support = asking_appeals(edition)
    page = reader.client.get(make_article(published=True).get_absolute_url()).content.decode()
    assert f'<input type="hidden" name="appeal" value="{at_end.pk}">' in page
    assert reader.give(appeal=at_end.key).appeal == at_end
    assert reader.give().appeal == on_support


def test_the_appeal_that_asked_is_kept_when_the_choice_must_be_made_again(reader, edition):
    at_end, _on_support = asking_appeals(edition)
    page = reader.choose(other="nonsense", appeal=at_end.key)
    assert page.status_code == 422
    assert f'<input type="hidden" name="appeal" value="{at_end.pk}">' in page.content.decode()
    fields = reader.look(appeal=at_end.key)
    assert f'name="appeal" value="{at_end.pk}"' in reader.confirm(fields, email="wrong").content.decode()


@pytest.mark.parametrize("key", ["", "0", "x", "-1", "1" * 11, "1" * 10, "٣", "1\x00", "\ud800", "1\n", "<b>"])
def test_an_appeal_that_nobody_knows_is_the_one_of_the_support_page(reader, edition, key):
    _at_end, on_support = asking_appeals(edition)
    fields = {**reader.look(), "appeal": key.encode("utf-8", "surrogatepass")}
    assert reader.confirm(fields).status_code == 302
    assert Gift.objects.get().appeal == on_support


def test_an_appeal_of_another_edition_or_never_published_gets_no_credit(reader, edition):
    other = make_appeal(make_offers(make_edition("ru", currency="EUR")), headline="Elsewhere")
    draft = Appeal.begin({"headline": "Draft", "body_html": "<p>x</p>"}, by=None, at=timezone.now(), edition=edition)
    assert [reader.give(appeal=str(appeal.pk)).appeal for appeal in (other, draft)] == [None, None]


def test_an_appeal_that_ended_while_it_was_read_gets_the_credit(reader, edition):
    now = timezone.now()
    appeal = make_appeal(edition, at=now - datetime.timedelta(days=2))
    appeal.set_times(embargo_until=None, expires_at=now - datetime.timedelta(minutes=1), by=None, at=now)
    assert reader.give(appeal=appeal.key).appeal == appeal
