"""The sandbox as a provider: the same interface, the same refusals, no money."""

import datetime
import json

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from donations.money import Money
from donations.providers import base
from donations.providers.sandbox import signing
from donations.providers.sandbox.faults import answer
from donations.providers.sandbox.models import (
    KeyReused,
    SandboxCardPage,
    SandboxCharge,
    SandboxClock,
    SandboxPlan,
    SandboxSession,
)
from donations.providers.sandbox.takings import (
    DISPUTE_FEE_MINOR,
    SandboxAnswer,
    SandboxDispute,
    SandboxMovement,
    SandboxPayout,
    SandboxRefund,
    TooMuch,
    money_of,
)
from donations.tokens import random_id


class Sandbox:
    """Adapter of the sandbox. See donations.providers.base.Provider for what each operation promises."""

    name = "sandbox"
    account = "demo"
    mode = "sandbox"

    def methods(self, currency):
        """Return the ways to pay in this currency, as text for readers."""
        return (_("Sandbox (no money moves)"),)

    def statement(self, title):
        """Return the words that would stand on the bank statement: 22 Latin capitals at most."""
        plain = "".join(letter for letter in title.upper() if letter.isascii() and (letter.isalnum() or letter == " "))
        return f"SANDBOX* {plain}".strip()[:22]

    def clock(self, at):
        """Return the sandbox's present, at the end of its day when that is ahead of ours."""
        day = SandboxClock.read(at=at)
        if day <= timezone.localdate(at):
            return at
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time(23, 59)))

    def hand_over(self, asked, *, key):
        """Open a pay page. The same key gives the same page."""
        try:
            session = answer(lambda: SandboxSession.open(
                key=key, at=timezone.now(), reference=asked.reference, cadence=asked.cadence,
                amount_minor=asked.money.minor, currency=asked.money.currency, language=asked.language,
                return_url=asked.return_url, cancel_url=asked.cancel_url,
            ))  # fmt: skip
        except KeyReused as error:
            raise base.Refused("the key was used for something else") from error
        return base.HandedOver(
            ref=session.ref, url=settings.HOME_ORIGIN + reverse("donations:sandbox:pay", args=[session.ref])
        )

    def instructions(self, ref):
        """Return nothing: the pay page leads the reader."""
        return

    def fetch(self, object_kind, object_ref):
        """Return how the hand-over behind a session, charge, plan, refund or dispute stands, or a payout."""
        finders = {
            "session": self._session, "charge": self._charge, "plan": self._plan, "refund": self._taking,
            "dispute": self._taking, "payout": self._payout,
        }  # fmt: skip
        if object_kind not in finders or not object_ref:
            raise base.NotFound(object_kind)
        return answer(lambda: finders[object_kind](object_ref))

    def movements(self, *, since, until):
        """Return every change of the balance from `since` up to `until`."""
        rows = SandboxMovement.objects.filter(occurred_at__gte=since, occurred_at__lt=until).order_by("pk")
        return answer(lambda: [
            base.Movement(
                kind=row.kind, ref=row.ref, money=Money(row.amount_minor, row.currency), occurred_at=row.occurred_at,
                object_kind=row.object_kind, object_ref=row.object_ref,
            )
            for row in rows
        ])  # fmt: skip

    def refund(self, charge_ref, money, *, key):
        """Give back a part of a charge or all of it."""
        charge = SandboxCharge.objects.filter(ref=charge_ref).first()
        if charge is None or charge.currency != money.currency:
            raise base.NotFound(charge_ref)
        try:
            return self._once(key, lambda: SandboxRefund.make(charge, money.minor, at=timezone.now()).ref,
                              charge=charge_ref, minor=money.minor)  # fmt: skip
        except TooMuch as error:
            raise base.Refused("more than is left of the charge") from error

    def change_plan(self, plan_ref, money, cadence, *, key):
        """Charge another amount, or in another rhythm, from the next period on."""
        return self._change(plan_ref, key, amount_minor=money.minor, cadence=cadence)

    def pause_plan(self, plan_ref, until, *, key):
        """Charge nothing before `until`."""
        return self._change(plan_ref, key, state="paused", paused_until=until)

    def resume_plan(self, plan_ref, *, key):
        """Charge a paused plan again."""
        return self._change(plan_ref, key, state="active", paused_until=None)

    def end_plan(self, plan_ref, *, key):
        """Never charge a plan again."""
        return self._change(plan_ref, key, kind="plan.ended", state="ended", end_reason="donor")

    def new_card(self, plan_ref, return_url, *, key):
        """Open a page on which another card is laid down."""
        plan = self._known_plan(plan_ref)
        token = self._once(key, random_id, plan=plan_ref, back=return_url)
        SandboxCardPage.objects.get_or_create(ref=f"sbk_{token}", defaults={"plan": plan, "return_url": return_url})
        path = reverse("donations:sandbox:card", args=[f"sbk_{token}"])
        return base.HandedOver(ref=f"sbk_{token}", url=settings.HOME_ORIGIN + path)

    def _known_plan(self, ref):
        plan = SandboxPlan.objects.filter(ref=ref).first() if ref else None
        if plan is None:
            raise base.NotFound(ref)
        return plan

    def _change(self, ref, key, *, kind="plan.updated", **fields):
        plan = self._known_plan(ref)
        said = {name: str(value) for name, value in fields.items()}

        def act():
            plan.change(at=SandboxClock.now(at=timezone.now()), kind=kind, **fields)
            return plan.ref

        return self._once(key, act, plan=ref, **said)

    def _once(self, key, act, **parameters):
        try:
            return answer(lambda: SandboxAnswer.once(key, act, **parameters))
        except KeyReused as error:
            raise base.Refused("the key was used for something else") from error

    def read_notice(self, body, headers, *, at):
        """Return the announcement in a webhook's body."""
        if not settings.WEBHOOK_SECRET:
            raise base.BadNotice("no secret")
        try:
            signing.verify(body, headers.get(signing.HEADER, ""), secrets=settings.WEBHOOK_SECRET.split(","), at=at)
            said = json.loads(body.decode())
            return self._notice(said)
        except signing.BadSignature as error:
            raise base.BadNotice(str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError, OSError, OverflowError, RecursionError) as error:
            raise base.BadNotice("body") from error

    def _notice(self, said):
        texts = [said["id"], said["kind"], said["object"]["kind"], said["object"]["id"], said["mode"], said["account"]]
        if not all(isinstance(text, str) and 0 < len(text) <= 60 and text.isprintable() for text in texts):
            raise ValueError("A notice is made of short texts.")
        occurred_at = datetime.datetime.fromtimestamp(int(said["created"]), datetime.UTC)
        event_id, kind, object_kind, object_ref, mode, account = texts
        return base.Notice(event_id, kind, object_kind, object_ref, mode, account, occurred_at)

    def _session(self, ref):
        return self._standing(_get(SandboxSession.objects.select_related("plan"), ref))

    def _charge(self, ref):
        return self._standing(_get(SandboxCharge.objects.select_related("session__plan"), ref).session)

    def _plan(self, ref):
        return self._standing(_get(SandboxPlan.objects.select_related("session"), ref).session)

    def _taking(self, ref):
        model = SandboxRefund if ref.startswith("sbr_") else SandboxDispute
        return self._standing(_get(model.objects.select_related("charge__session__plan"), ref).charge.session)

    def _payout(self, ref):
        payout = _get(SandboxPayout.objects.all(), ref)
        return base.Payout(
            ref=payout.ref, mode=self.mode, account=self.account, money=Money(payout.amount_minor, payout.currency),
            occurred_at=payout.occurred_at, covers=tuple(payout.movements.values_list("kind", "ref").order_by("pk")),
        )  # fmt: skip

    def _standing(self, session):
        charges = list(session.charges.prefetch_related("refunds", "disputes").order_by("pk"))
        return base.Standing(
            ref=session.ref, reference=session.reference, mode=self.mode, account=self.account, money=session.money,
            status=base.Status(session.state_at(timezone.now())), plan=_plan_standing(session),
            charges=tuple(_charge(charge) for charge in charges),
            refunds=tuple(
                base.Refund(row.ref, charge.ref, Money(row.amount_minor, charge.currency), row.occurred_at)
                for charge in charges for row in charge.refunds.all()
            ),
            disputes=tuple(_dispute(charge, row) for charge in charges for row in charge.disputes.all()),
        )  # fmt: skip


def _get(rows, ref):
    try:
        return rows.get(ref=ref)
    except rows.model.DoesNotExist as error:
        raise base.NotFound(ref) from error


def _plan_standing(session):
    plan = getattr(session, "plan", None)
    if plan is None:
        return None
    return base.PlanStanding(
        ref=plan.ref, state=plan.state, next_on=plan.next_on, money=plan.money, cadence=plan.every,
        paused_until=plan.paused_until, reason=plan.end_reason,
    )  # fmt: skip


def _charge(charge):
    return base.Charge(
        ref=charge.ref, money=money_of(charge), occurred_at=charge.occurred_at,
        fee=Money(charge.fee_minor, charge.currency), starts_on=charge.starts_on,
    )  # fmt: skip


def _dispute(charge, row):
    return base.Dispute(
        ref=row.ref, charge_ref=charge.ref, money=Money(row.amount_minor, charge.currency), state=row.state,
        occurred_at=row.occurred_at, closed_at=row.closed_at, fee=Money(DISPUTE_FEE_MINOR, charge.currency),
    )  # fmt: skip
