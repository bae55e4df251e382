"""The last look offers what the reader may have meant: the fee on top, or one gift instead of a large monthly one."""

from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from donations.forms import OfferForm
from donations.models import Gift, Offer
from donations.money import Money
from tests.donations.worlds import SandboxWorld, deliver
from tests.make import make_user


@pytest.fixture
def _with_fee(edition):
    Offer.objects.filter(edition=edition).update(fee_basis_points=150, fee_fixed_minor=25)


def instead(reader, **choice):
    """Return [(question, button, fields)] of the last look after a choice."""
    page = reader.choose(**choice)
    return [(other.question, other.button, other.fields) for other in page.context["instead"]]


@pytest.mark.once
def test_what_is_left_after_the_fee_is_what_was_chosen():
    offer = Offer(currency="EUR", fee_basis_points=150, fee_fixed_minor=25)
    for minor in [*range(200, 5000), 9_999, 10_000, 123_457, 10**9]:
        whole = minor + offer.cover_for(Money(minor, "EUR")).minor
        left = whole - 25 - Fraction(whole * 150, 10_000)
        assert minor <= left < minor + 1, minor


def test_without_a_fee_nobody_is_asked_to_cover_one(reader):
    assert instead(reader, other="5") == []


@pytest.mark.usefixtures("_with_fee")
def test_the_fee_is_off_at_first_shown_as_a_sum_and_kept_apart(reader):
    fields = reader.look(other="5")
    assert "cover" not in fields
    [(question, button, more)] = instead(reader, other="5")
    assert "about €0.33" in question
    assert button == "Make it €5.33 every month"
    page = reader.choose(**more)
    assert "Of it, for the provider’s fee" in page.content.decode()
    [(_question, back, without)] = [(one.question, one.button, one.fields) for one in page.context["instead"]]
    assert back == "Make it €5 every month"
    assert "cover" not in without
    world = SandboxWorld()
    reader.pay(reader.give(**more))
    deliver(world)
    gift = Gift.objects.get()
    assert (gift.amount_minor, gift.fee_cover_minor, gift.state) == (533, 33, "paid")


@pytest.mark.usefixtures("_with_fee")
@pytest.mark.parametrize("cover", ["32", "34", "533", "600", "0"])
def test_another_cover_than_the_server_computed_gives_nothing(reader, cover):
    fields = reader.look(other="5", cover="1")
    assert fields["cover"] == "33"
    assert reader.confirm({**fields, "cover": cover}).status_code == 422
    assert not Gift.objects.exists()


@pytest.mark.usefixtures("_with_fee")
def test_the_largest_gift_may_be_covered_too(reader):
    largest = Offer.objects.get(cadence="month").maximum
    fields = reader.look(other=f"{largest.decimal:f}", cover="1")
    assert reader.confirm(fields).status_code == 302
    assert Gift.objects.get().amount_minor > largest.minor


def test_a_monthly_gift_of_a_years_worth_asks_whether_once_was_meant(reader):
    usual = Offer.objects.get(cadence="month").default_minor // 100
    assert instead(reader, other=str(usual * 12 - 1)) == []
    [(question, button, fields)] = instead(reader, other=str(usual * 12))
    assert "Did you mean to give it once?" in question
    assert button == f"Make it €{usual * 12}, once"
    assert reader.choose(**fields).context["promised"].cadence == "once"
    assert instead(reader, cadence="once", other=str(usual * 12)) == []


def test_the_database_takes_no_gift_that_is_all_fee(reader):
    reader.confirm(reader.look(other="5"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Gift.objects.update(fee_cover_minor=500)


@pytest.mark.parametrize(
    ("typed", "field"), [({"fee_percent": "11"}, "fee_percent"), ({"fee_percent": "1.234"}, "fee_percent"),
                         ({"fee_fixed": "1e3"}, "fee_fixed"), ({"fee_percent": "-1"}, "fee_percent")],
)  # fmt: skip
def test_a_fee_that_cannot_be_is_refused_at_its_field(edition, typed, field):
    assert set(offer_form(edition, **typed).errors) == {field}


def test_a_fee_is_written_as_people_write_it(edition, client):
    form = offer_form(edition, fee_percent="1.5", fee_fixed="0,25")
    assert form.is_valid(), form.errors
    offer = form.save()
    assert (offer.fee_basis_points, offer.fee_fixed_minor) == (150, 25)
    client.force_login(make_user("Fundraiser"))
    page = client.get(f"/admin/donations/offer/{offer.pk}/change/").content.decode()
    assert 'value="0.25"' in page
    assert 'value="1.5"' in page


def offer_form(edition, **typed):
    data = {"edition": edition.pk, "currency": "USD", "cadence": "once", "presets": "5; 10", "default": "5"}
    return OfferForm({**data, "minimum": "2", "maximum": "100", **typed})
