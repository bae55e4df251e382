"""Random lives of a gift, told in order and told in chaos: the books must come out the same.

Chaos doubles, shuffles, delays and loses notices, and crashes at any database statement of any step.
"""

import datetime
import json
import random
from collections import Counter

from django.db import connection
from django.utils import timezone

from donations.models import (
    Gift,
    JournalLine,
    Message,
    ProviderEvent,
    Receipt,
    SandboxCharge,
    SandboxDispute,
    SandboxNotice,
    SandboxPlan,
    SandboxRefund,
    SandboxSession,
    money_state,
)
from donations.providers.sandbox import delivery, signing
from donations.providers.sandbox.adapter import Sandbox
from donations.providers.sandbox.takings import TooMuch
from tests.donations.making import make_gift


class Crash(BaseException):
    """The process died here."""


class Crasher:
    """Dies at the n-th statement from now on; n is 0 for never."""

    def __init__(self, at):
        self.left = at

    def __call__(self, execute, sql, params, many, context):
        self.left -= not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        if self.left == 0:
            self.left = -1
            raise Crash
        return execute(sql, params, many, context)


def script(chance):
    """Return the actions of one life: what the reader, the bank and the dashboard do, in this order."""
    cadence = chance.choice(["once", "once", "month", "year"])
    actions = [("pay", chance.choice(["pay", "pay", "pay", "pending", "decline"]))]
    kinds = ["refund", "dispute", "close"] + (["renew", "renew", "break", "end"] if cadence != "once" else [])
    for _step in range(chance.randint(0, 5)):
        kind = chance.choice(kinds)
        more = {"refund": chance.choice([50, 100, 200, 500]), "close": chance.choice(["won", "lost"])}.get(kind)
        actions.append((kind, more))
    return cadence, chance.choice([300, 500, 999]), actions


class Life:
    """One gift at the sandbox, with the things that happen to it there."""

    def __init__(self, edition, cadence, minor, *, email):
        self.at = timezone.now() - datetime.timedelta(days=900)
        self.gift = make_gift(cadence=cadence, minor=minor, edition=edition, email=email)
        self.ref = self.gift.provider_ref

    def act(self, kind, more):
        """Let one thing happen at the provider."""
        self.at += datetime.timedelta(hours=1)
        getattr(self, f"_{kind}")(more)

    def _pay(self, outcome):
        session = SandboxSession.objects.get(ref=self.ref)
        session.settle(outcome, at=self.at)
        if outcome == "pending":
            session.finish(at=self.at)

    def _charge(self):
        return SandboxCharge.objects.filter(session__ref=self.ref).order_by("pk").last()

    def _plan(self):
        return SandboxPlan.objects.filter(session__ref=self.ref).first()

    def _refund(self, minor):
        if charge := self._charge():
            try:
                SandboxRefund.make(charge, minor, at=self.at)
            except TooMuch:
                pass

    def _dispute(self, _more):
        charge = self._charge()
        if charge and not charge.refunds.exists() and not charge.disputes.exists():
            SandboxDispute.begin(charge, at=self.at)

    def _close(self, ends):
        for dispute in SandboxDispute.objects.filter(charge__session__ref=self.ref, state="open"):
            dispute.close(ends, at=self.at)

    def _renew(self, _more):
        if plan := self._plan():
            plan.renew(until=plan.retry_on or plan.next_on)

    def _break(self, _more):
        if plan := self._plan():
            SandboxPlan.objects.filter(pk=plan.pk).update(failures_left=1)

    def _end(self, _more):
        if plan := self._plan():
            plan.change(at=self.at, kind="plan.ended", state="ended", end_reason="donor")

    def outcome(self):
        """Return everything that must not depend on how the story was told."""
        gift = Gift.objects.get(pk=self.gift.pk)
        lines = JournalLine.objects.filter(journal__gift=gift)
        plan = getattr(gift, "plan", None)
        return {
            "state": gift.state,
            "money": money_state(gift),
            "review": gift.needs_review,
            "lines": Counter(lines.values_list("journal__kind", "account", "amount_minor", "currency")),
            "receipts": Receipt.objects.filter(journal__gift=gift).count(),
            "letters": Counter(
                Message.objects.filter(gift=gift, kind__in=["receipt", "refund"]).values_list("kind", flat=True)
            ),
            "plan": (plan.state, plan.next_on, plan.periods.count()) if plan else None,
            "paid_at": bool(gift.paid_at),
        }


class Teller:
    """Carries the notices of one life to our door; `chance` None tells them in order and at once."""

    def __init__(self, life, chance=None):
        self.life, self.chance, self.waiting, self.seen, self.crashes = life, chance, [], 0, 0
        self.seen = SandboxNotice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def listen(self):
        """Take up the notices that were announced since."""
        for notice in SandboxNotice.objects.filter(pk__gt=self.seen).order_by("pk"):
            self.seen = notice.pk
            self.waiting += [notice] * (self.chance.choice([0, 1, 1, 1, 2, 3]) if self.chance else 1)

    def tell(self, *, everything=False):
        """Carry some of what waits, or all of it, in some order."""
        if self.chance:
            self.chance.shuffle(self.waiting)
        keep = self.chance.randint(0, len(self.waiting)) if self.chance and not everything else 0
        now, later = self.waiting[keep:], self.waiting[:keep]
        self.waiting = later
        for notice in now:
            self._step(lambda notice=notice: self._store(notice))
            if everything or not self.chance or self.chance.random() < 0.7:
                self.apply()

    def _store(self, notice):
        body, at = delivery.body_of(notice), timezone.now()
        secret = "s" * 40
        header = {signing.HEADER: signing.sign(body, secret=secret, at=at)}
        signing.verify(body, header[signing.HEADER], secrets=[secret], at=at)
        said = Sandbox()._notice(json.loads(body))
        ProviderEvent.store(said, provider="sandbox", body_sha256="0" * 64, at=at)

    def apply(self):
        """Let a worker do what is due; it may die at any statement."""
        for event in ProviderEvent.objects.filter(state__in=["stored", "parked"]).order_by("pk"):
            self._step(lambda event=event: event.apply(at=timezone.now()))

    def finish(self):
        """Let everything arrive that was not lost, and let the sweeper ask for the rest."""
        self.tell(everything=True)
        self.chance, chance = None, self.chance
        self.apply()
        gift = Gift.objects.get(pk=self.life.gift.pk)
        gift.refresh(at=timezone.now())
        self.chance = chance

    def _step(self, act):
        if not self.chance or self.chance.random() < 0.6:
            act()
            return
        try:
            with connection.execute_wrapper(Crasher(self.chance.randint(1, 40))):
                act()
        except Crash:
            self.crashes += 1


def live(seed, edition):
    """Live one life twice, told in order and in chaos; return both outcomes and the number of crashes."""
    outcomes, crashes = [], 0
    for chaos in (None, random.Random(seed * 7 + 1)):
        chance = random.Random(seed)
        cadence, minor, actions = script(chance)
        email = f"{seed}{'c' if chaos else 'o'}@example.org" if seed % 5 == 0 else ""
        teller = Teller(life := Life(edition, cadence, minor, email=email), chaos)
        for kind, more in actions:
            life.act(kind, more)
            teller.listen()
            teller.tell()
        teller.finish()
        outcomes.append(life.outcome())
        crashes += teller.crashes
    return outcomes[0], outcomes[1], crashes
