"""The demo's gifts: made by driving the sandbox, the same on a second run."""

import datetime

import pytest
from django.utils import timezone
from tqdm import tqdm

from donations import demo, health
from donations.models import Appeal, Gift, Journal, JournalLine, Message, Offer, ProviderEvent, Receipt, SandboxNotice
from newsroom import demo as site
from newsroom.editions import forget_editions
from tests.attack import standing

MODELS = [Appeal, Offer, Gift, Journal, Receipt, Message, ProviderEvent, SandboxNotice]


pytestmark = pytest.mark.once


def build():
    """Bring in the demo's editions, appeal and gifts."""
    with tqdm(disable=True) as progress:
        site.load(site.FOLDER, progress)
        demo.load(site.FOLDER, progress)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The demo, brought in once."""
    with standing(django_db_blocker, build):
        yield


@pytest.fixture
def loaded(world, db):
    """The demo."""
    forget_editions()


def counts():
    return {model.__name__: model.objects.count() for model in MODELS}


def test_the_demo_has_an_appeal_offers_and_gifts_of_every_kind(loaded):
    assert Appeal.objects.published(timezone.now()).count() == 2
    assert Offer.objects.count() == 6
    assert 30 <= Gift.objects.count() <= 60
    assert {"paid", "failed", "cancelled"} <= set(Gift.objects.values_list("state", flat=True))
    assert set(Gift.objects.values_list("cadence", flat=True)) == {"once", "month", "year"}


def test_the_demos_books_balance_and_wait_for_nobody(loaded):
    assert sum(JournalLine.objects.values_list("amount_minor", flat=True)) == 0
    assert (
        Receipt.objects.count()
        == Journal.objects.filter(kind="charge").count()
        > Gift.objects.filter(state="paid").count()
    )
    assert set(ProviderEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert health.status(timezone.now()) == []


def test_a_second_run_changes_nothing(loaded, work):
    before = counts()
    with tqdm(disable=True) as progress:
        demo.load(site.FOLDER, progress)
    assert counts() == before
    work()
    assert counts() == before


def test_the_demo_looks_back_over_months(loaded):
    oldest = Journal.objects.earliest("occurred_at").occurred_at
    assert timezone.now() - oldest > datetime.timedelta(days=90)
    assert Journal.objects.latest("occurred_at").occurred_at <= timezone.now()
