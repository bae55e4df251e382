"""Bad input at the donor's page and at the wish for a letter: a refusal, never a fault, and nothing is changed."""

import os

import pytest
from django.utils import timezone

from donations.models import AccessLink, DonorSession, Plan
from tests.attack import EVERYTHING, Attacker, Writes, encode
from tests.donations.worlds import SandboxWorld, paid

# These forms are refused before a column is asked to take anything.
pytestmark = pytest.mark.once
ACTIONS = ["page", "change", "card", "pause", "resume", "stop", "statement", "data", "erase", "leave"]
THOROUGH = int(os.environ.get("EXAMPLES", "30")) > 30
PROBES = {label: EVERYTHING[label] for label in ("nul", "surrogate", "too many digits", "superscript", "first moment")}
FIELDS = ["session", "plan", "nonce", "amount", "cadence", "months", "year"]


@pytest.fixture
def fields(edition):
    """What a form of a donor's page holds."""
    plan = paid(SandboxWorld(), cadence="month", email="reader@example.org").plan
    session = DonorSession.issue(plan.gift.donor, minutes=30, at=timezone.now())
    return {"session": session, "plan": plan.public_id, "nonce": "x", "amount": "7", "cadence": "month"}


@pytest.mark.parametrize("action", ACTIONS)
def test_no_value_breaks_a_donors_page(fields, action):
    client, wrong = Attacker(), []
    for name in FIELDS:
        # One bad field at a time; those values that have broken forms go into each, the others into one.
        values = EVERYTHING if THOROUGH else dict(list(EVERYTHING.items())[FIELDS.index(name) :: len(FIELDS)]) | PROBES
        for label, value in values.items():
            answer = client.post(f"/support/manage/{action}/", [*{**fields, name: value}.items()])
            wrong += [(label, name, answer.status_code)] if answer.status_code >= 500 else []
    assert wrong == []
    assert Plan.objects.get().cancel_requested_at is None


@pytest.mark.parametrize("path", ["/support/manage/", "/support/later/mail/"])
def test_no_value_breaks_the_way_in(edition, path):
    client = Attacker()
    for field in ("email", "nonce"):
        for label, value in EVERYTHING.items():
            with Writes() as writes:
                answer = client.post(path, [("email", "a@b.example"), (field, value)])
            assert answer.status_code < 500, (label, field)
            assert writes.tables == [], (label, field)


@pytest.mark.parametrize("label", ["nul", "surrogate", "not utf-8", "path", "too long"])
def test_no_link_that_is_none_is_a_fault(edition, label):
    value = EVERYTHING[label]
    tail = encode([("x", value)]).partition("=")[2][:4000]
    assert Attacker().get(f"/support/manage/open/{tail}/").status_code in {404, 410}
    assert not AccessLink.objects.exists()
