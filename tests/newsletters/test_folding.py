"""After 60 days nobody can tell any more who got a letter: only how many did, and what failed."""

import datetime

import pytest
from django.utils import timezone

from newsletters.channels import BadAddress
from newsletters.health import rates
from newsletters.jobs import fold_deliveries
from newsletters.models import Delivery, DeliveryEvent
from newsletters.models import delivery as deliveries
from tests.newsletters.make import Recorder, later, make_due, make_newsletter, make_readers, pump

pytestmark = pytest.mark.django_db


def test_old_deliveries_become_counts_and_failures_stay(monkeypatch):
    monkeypatch.setattr(deliveries, "FOLD", 2)
    newsletter, now = make_newsletter(), timezone.now()
    readers = make_readers(7, newsletter)
    issue = make_due(newsletter, at=now)
    issue.start(at=now)
    readers[6].subscriptions.get().leave("page", at=now)
    pump(Recorder(BadAddress("550 5.1.1 unknown")), at=now)
    issue.refresh_from_db()
    before = issue.totals()
    assert (before["accepted"], before["failed"], before["dropped"], before["total"]) == (5, 1, 1, 7)
    complained = Delivery.objects.filter(state="accepted").first()
    DeliveryEvent.take(complained, DeliveryEvent.Kind.COMPLAINT, source="x", event_id="1", at=now, reply="")
    fold_deliveries(at=later(now, days=59))
    assert Delivery.objects.count() == 7
    for _twice in range(2):
        fold_deliveries(at=later(now, days=61))
        assert issue.totals() == before
    left = Delivery.objects.values_list("state", flat=True)
    assert sorted(left) == ["accepted", "failed"]
    (rate,) = rates()
    assert (rate["sent"], rate["failed"], rate["complained"]) == (7, 1, 1)


def test_letter_that_still_waits_for_somebody_is_not_folded():
    newsletter, now = make_newsletter(), timezone.now()
    make_readers(2, newsletter)
    issue = make_due(newsletter, at=now)
    issue.start(at=now)
    fold_deliveries(at=now + datetime.timedelta(days=400))
    assert Delivery.objects.count() == 2
