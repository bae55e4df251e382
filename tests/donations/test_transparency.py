"""The block that tells what becomes of readers' money: chosen by the newsroom, rounded, and silent in safety mode."""

import pytest
from django.db import IntegrityError, transaction

from donations import jobs
from donations.models import Gift, Plan, SafetyPolicy, Transparency
from donations.models.transparency import rounded
from tests.donations.worlds import SandboxWorld, paid
from tests.make import make_user


def page_of(client):
    return client.get("/support/").content.decode()


@pytest.fixture
def shown(edition):
    return Transparency.objects.create(
        edition=edition, is_shown=True, tells_number=True, spending="Half pays <reporters>.\n\nHalf pays the boat."
    )


@pytest.mark.parametrize(
    ("number", "told"), [(0, 0), (49, 0), (50, 50), (59, 50), (999, 990), (1000, 1000), (12_345, 12_300)]
)
def test_numbers_are_rounded_down_and_small_ones_hidden(number, told):
    assert rounded(number) == told


def test_nothing_is_told_until_somebody_chooses_to(client, edition):
    assert "What we do with it" not in page_of(client)
    Transparency.objects.create(edition=edition, spending="Secret")
    assert "Secret" not in page_of(client)


def test_the_block_tells_spending_and_how_often_we_ask(client, shown):
    page = page_of(client)
    assert "<p>Half pays &lt;reporters&gt;.</p>" in page
    assert "at most once in 2 days" in page
    assert "support us again and again" not in page


def test_the_number_is_counted_once_a_day_and_seen_on_stored_pages(
    client, shown, monkeypatch, django_capture_on_commit_callbacks
):
    world = SandboxWorld()
    paid(world, cadence="month", minor=500)
    paid(world, cadence="year", minor=5000)
    paid(world)
    monkeypatch.setattr("donations.models.transparency.FEWEST", 2)
    monkeypatch.setattr("donations.models.transparency.rounded", lambda number: number * 50)
    page_of(client)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.count_supporters(at=None)
    shown.refresh_from_db()
    assert shown.supporters == 0, "the sandbox counts for nothing"
    Gift.objects.update(mode="live")
    with django_capture_on_commit_callbacks(execute=True):
        jobs.count_supporters(at=None)
    assert "More than 100 readers support us again and again." in page_of(client)
    Plan.objects.update(cancel_requested_at="2026-01-01T00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        jobs.count_supporters(at=None)
    assert "again and again" not in page_of(client)


def test_safety_mode_hides_the_number_at_once(client, shown, django_capture_on_commit_callbacks):
    Transparency.objects.update(supporters=100)
    assert "More than 100 readers" in page_of(client)
    with django_capture_on_commit_callbacks(execute=True):
        SafetyPolicy.objects.create(edition=shown.edition, notice="Know the law.", is_strict=True)
    page = page_of(client)
    assert "What we do with it" in page
    assert "100 readers" not in page


def test_the_database_holds_no_small_number(shown):
    with pytest.raises(IntegrityError), transaction.atomic():
        Transparency.objects.update(supporters=49)


def test_a_fundraiser_writes_it_and_an_editor_does_not(client, edition):
    client.force_login(make_user("Fundraiser"))
    sent = {"edition": edition.pk, "is_shown": "on", "spending": "Boats."}
    assert client.post("/admin/donations/transparency/add/", sent).status_code == 302
    assert Transparency.objects.get().spending == "Boats."
    client.force_login(make_user("Editor"))
    assert client.get("/admin/donations/transparency/add/").status_code == 403
