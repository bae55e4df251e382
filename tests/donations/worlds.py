"""The providers as the tests of failure see them: what a reader, a bank and the provider's own dashboard can do there.

A test takes the fixture `world` and runs once for each provider that can play its part.
"""

import datetime
import itertools
from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client
from django.utils import timezone

from donations import providers
from donations.models import (
    Gift,
    ProviderEvent,
    SandboxCharge,
    SandboxClock,
    SandboxDispute,
    SandboxFault,
    SandboxNotice,
    SandboxPayout,
    SandboxPlan,
    SandboxRefund,
    SandboxSession,
)
from donations.providers.sandbox import delivery, signing
from tests.donations.making import make_gift


@dataclass
class Letter:
    """A notice on its way: its body, and a function that signs it."""

    body: bytes
    sign: object
    path: str


@dataclass
class SandboxWorld:
    """The sandbox."""

    name: str = "sandbox"
    is_far: bool = True
    has_fees: bool = True
    has_disputes: bool = True
    has_cards: bool = True
    told: set = field(default_factory=set)

    @property
    def provider(self):
        return providers.by_name("sandbox")

    def gift(self, **fields):
        """Return a gift that was handed over."""
        return make_gift(**fields)

    def pay(self, gift, outcome="pay"):
        """Let the reader do something on the pay page."""
        SandboxSession.objects.get(ref=gift.provider_ref).settle(outcome, at=timezone.now())

    def renew(self, months=1):
        """Let so many months go by."""
        for _month in range(months):
            SandboxClock.advance(1, at=timezone.now())

    def charge_again(self, gift, at):
        """Charge the next period of a plan, whatever its state: a charge that was on its way."""
        plan = SandboxPlan.objects.get(session__ref=gift.provider_ref)
        charge = SandboxCharge.make(plan.session, plan=plan, starts_on=plan.next_on, at=at)
        SandboxNotice.announce("charge.succeeded", "charge", charge.ref, at=at)

    def break_card(self, gift, times):
        """Let the card behind a plan fail the next times."""
        SandboxPlan.objects.filter(session__ref=gift.provider_ref).update(failures_left=times)

    def refund(self, charge_ref, minor):
        """Give money back in the provider's dashboard."""
        return SandboxRefund.make(SandboxCharge.objects.get(ref=charge_ref), minor, at=timezone.now()).ref

    def dispute(self, charge_ref, state="open"):
        """Let a bank take a charge back."""
        charge = SandboxCharge.objects.get(ref=charge_ref)
        return SandboxDispute.begin(charge, state=state, at=timezone.now()).ref

    def carry_out(self):
        """Do nothing: what is given back goes at once."""

    def close(self):
        """Leave nothing behind."""

    def close_dispute(self, ref, state):
        """Let the dispute be won or lost."""
        SandboxDispute.objects.get(ref=ref).close(state, at=timezone.now())

    def pay_out(self):
        """Send the balance to the bank."""
        SandboxPayout.pay_out(at=timezone.now() + datetime.timedelta(seconds=1))

    def down(self, times=1):
        """Answer nothing the next times."""
        SandboxFault.order("down", times)

    def hang(self, times=1):
        """Act, and never answer, the next times."""
        SandboxFault.order("hang", times)

    def up(self):
        """Answer again."""
        SandboxFault.objects.all().delete()

    def sessions(self):
        """Count the provider's own hand-overs."""
        return SandboxSession.objects.count()

    def stranger_pays(self, minor=700):
        """Let money come in whose promise we do not know; return the id of the hand-over."""
        now = timezone.now()
        session = SandboxSession.open(
            key=f"stranger-{minor}", at=now, reference="not-ours", cadence="once", amount_minor=minor, currency="EUR",
            language="en", return_url="http://x/", cancel_url="http://x/",
        )  # fmt: skip
        session.settle("pay", at=now)

    def letters(self):
        """Return the notices that were not told yet, in their order."""
        rows = [row for row in SandboxNotice.objects.order_by("pk") if row.pk not in self.told]
        self.told |= {row.pk for row in rows}
        return [self.letter(delivery.body_of(row)) for row in rows if row.copies]

    def letter(self, body):
        """Return a notice with this body."""
        return Letter(body, self.sign, "/hooks/sandbox/")

    def secret(self):
        """Return the secret that signs notices."""
        return settings.WEBHOOK_SECRET

    def set_secrets(self, settings, *secrets):
        """Let several secrets be good at once."""
        settings.WEBHOOK_SECRET = ",".join(secrets)

    def sign(self, body, at=None, secret=None):
        """Return the headers of a notice."""
        secret = secret or settings.WEBHOOK_SECRET
        return {signing.HEADER: signing.sign(body, secret=secret, at=at or timezone.now())}


def tell(letter, *, at=None, client=None):
    """Carry a notice to the public webhook and return the answer."""
    return (client or Client()).post(
        letter.path, letter.body, content_type="application/json", headers=letter.sign(letter.body, at=at)
    )


def apply_all(*, at=None):
    """Apply every stored event, in the order of their arrival."""
    for event in ProviderEvent.objects.filter(state__in=["stored", "parked"]).order_by("pk"):
        event.apply(at=at or timezone.now())


def deliver(world, *, order=None):
    """Carry every waiting notice and apply it; return how many there were."""
    letters = world.letters()
    for letter in order(letters) if order else letters:
        assert tell(letter).status_code == 200
    apply_all()
    return len(letters)


def paid(world, outcome="pay", **fields):
    """Return a gift that was paid and booked."""
    gift = world.gift(**fields)
    world.pay(gift, outcome)
    deliver(world)
    return Gift.objects.get(pk=gift.pk)


def all_orders(things, most=24):
    """Return every order of a few things."""
    return list(itertools.islice(itertools.permutations(things), most))
