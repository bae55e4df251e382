"""Giving in the admin: fundraisers write and look, nobody touches money or learns a name."""

import pytest
from django.urls import reverse
from django.utils import timezone

from donations.models import Appeal, Gift, Journal, Offer, Plan, ProviderEvent, Receipt, SandboxClock
from newsroom.models import StaffAction
from tests.donations.making import make_appeal, make_gift, session_of
from tests.make import make_user

READ_ONLY = [Gift, Plan, Journal, Receipt, ProviderEvent]


def url(model, page="changelist", *args):
    return reverse(f"admin:donations_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def books(edition, work):
    """A paid monthly gift with everything behind it."""
    gift = make_gift(cadence="month", email="reader@example.org")
    session_of(gift).settle("pay", at=timezone.now())
    work()
    return gift


@pytest.fixture
def fundraiser(client, db):
    """A logged-in fundraiser."""
    client.force_login(make_user("Fundraiser"))
    return client


@pytest.mark.parametrize("model", READ_ONLY)
def test_fundraisers_look_at_the_money_and_change_nothing(fundraiser, books, model):
    thing = model.objects.first()
    listed = fundraiser.get(url(model))
    shown = fundraiser.get(url(model, "change", thing.pk))
    assert (listed.status_code, shown.status_code) == (200, 200)
    assert fundraiser.get(url(model, "add")).status_code == 403
    assert fundraiser.post(url(model, "change", thing.pk), {"state": "paid"}).status_code == 403
    assert fundraiser.post(url(model, "delete", thing.pk), {"post": "yes"}).status_code == 403
    for page in (listed, shown):
        assert "reader@example.org" not in page.content.decode()


@pytest.mark.parametrize("model", [*READ_ONLY, Appeal, Offer, SandboxClock])
@pytest.mark.parametrize("role", ["Reporter", "Photo editor", "Newsletter editor"])
def test_other_staff_sees_nothing_of_it(client, books, model, role):
    client.force_login(make_user(role))
    assert client.get(url(model)).status_code == 403


@pytest.mark.parametrize("model", [*READ_ONLY, Appeal, Offer, SandboxClock])
def test_administrators_see_all_and_change_no_money(client, books, model):
    client.force_login(make_user("Administrator"))
    assert client.get(url(model)).status_code == 200
    if model in READ_ONLY:
        assert client.post(url(model, "delete", model.objects.first().pk), {"post": "yes"}).status_code == 403


def test_even_a_superuser_changes_no_money(admin_client, books):
    journal = Journal.objects.first()
    assert admin_client.post(url(Journal, "delete", journal.pk), {"post": "yes"}).status_code == 403
    assert admin_client.post(url(Journal, "change", journal.pk), {"kind": "fee"}).status_code == 403


def test_the_books_show_totals_per_mode_and_currency(fundraiser, books):
    page = fundraiser.get(url(Journal)).content.decode()
    assert "sandbox" in page
    assert "€5" in page
    assert "€0.32" in page


def test_lists_take_the_same_queries_for_one_gift_and_for_many(fundraiser, books, work, django_assert_max_num_queries):
    for _gift in range(8):
        session_of(make_gift(cadence="month", email="reader@example.org")).settle("pay", at=timezone.now())
    work()
    for model in READ_ONLY:
        with django_assert_max_num_queries(18):
            fundraiser.get(url(model))


def test_a_fundraiser_writes_and_publishes_an_appeal(fundraiser, edition):
    answer = fundraiser.post(url(Appeal, "add"), {"new-edition": edition.pk, "headline": "Please"})
    appeal = Appeal.objects.get()
    assert answer.status_code == 302
    form = {
        "version": appeal.read_draft().version, "headline": "Please help", "body_html": "<p>Dear reader</p>",
        "signature": "Vera", "thanks_html": "", "name": "Winter", "short_line": "", "priority": "0",
        "on_support": "on", "gap_days": "2", "most_views": "4", "window_days": "30",
    }  # fmt: skip
    fundraiser.post(url(Appeal, "change", appeal.pk), {**form, "_move": "publish"})
    appeal.refresh_from_db()
    assert appeal.state == "published", appeal.read_draft().content
    assert "Please help" in fundraiser.get("/support/").content.decode()
    assert 'href="/support/"' in fundraiser.get(url(Appeal, "change", appeal.pk)).content.decode()


def test_an_editor_reads_appeals_and_does_not_publish_them(client, edition):
    appeal = make_appeal(edition)
    client.force_login(make_user("Editor"))
    assert client.get(url(Appeal)).status_code == 200
    answer = client.post(url(Appeal, "change", appeal.pk), {"_move": "withdraw", "version": "2"})
    appeal.refresh_from_db()
    assert answer.status_code in {302, 403}
    assert appeal.state == "published"


OFFER = {
    "currency": "EUR",
    "cadence": "once",
    "presets": "5; 12.50; 25",
    "default": "12,50",
    "minimum": "2",
    "maximum": "1 000",
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("presets", "1"),
        ("presets", "5; 2000"),
        ("presets", ""),
        ("presets", ";"),
        ("presets", "5; five"),
        ("presets", "5; 5.555,1"),
        ("presets", "; ".join(str(number) for number in range(5, 15))),
        ("presets", "5\x00"),
        ("default", "1"),
        ("default", ""),
        ("minimum", "-1"),
        ("minimum", "0"),
        ("minimum", "5000"),
        ("maximum", "1e9"),
        ("maximum", "99999999999999"),
        ("currency", "eur"),
        ("currency", ""),
        ("cadence", "weekly"),
    ],
)
def test_an_offer_that_promises_nonsense_is_refused_at_the_field(fundraiser, edition, field, value):
    offer = Offer.objects.get(cadence="once")
    answer = fundraiser.post(url(Offer, "change", offer.pk), {**OFFER, "edition": edition.pk, field: value})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors[field]
    assert Offer.objects.get(pk=offer.pk).presets_minor == offer.presets_minor


def test_an_offer_is_written_in_amounts_as_people_write_them(fundraiser, edition):
    offer = Offer.objects.get(cadence="once")
    assert 'value="5; 10; 25"' in fundraiser.get(url(Offer, "change", offer.pk)).content.decode()
    assert fundraiser.post(url(Offer, "change", offer.pk), {**OFFER, "edition": edition.pk}).status_code == 302
    offer.refresh_from_db()
    assert (offer.presets_minor, offer.default_minor, offer.maximum_minor) == ([500, 1250, 2500], 1250, 100_000)


def test_the_clock_is_turned_by_a_button_and_written_down(fundraiser, books, work):
    assert "Advance one month" in fundraiser.get(url(SandboxClock)).content.decode()
    assert fundraiser.get(url(SandboxClock, "advance")).status_code == 405
    answer = fundraiser.post(url(SandboxClock, "advance"), follow=True)
    assert "1 renewal is on its way" in answer.content.decode()
    work()
    assert Journal.objects.filter(kind="charge").count() == 2
    assert StaffAction.objects.filter(action="advance sandbox").count() == 1


def test_who_may_not_turn_the_clock_does_not(client, books):
    client.force_login(make_user("Editor"))
    assert client.post(url(SandboxClock, "advance")).status_code == 403


def test_the_dashboard_tells_fundraisers_how_the_month_goes_and_others_nothing(client, books):
    client.force_login(make_user("Fundraiser"))
    page = client.get(reverse("admin:index")).content.decode()
    assert "1 running plan" in page
    client.force_login(make_user("Reporter"))
    assert "running plan" not in client.get(reverse("admin:index")).content.decode()
