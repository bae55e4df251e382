"""The bank transfer as a provider: the same interface, where the bank's own list takes the place of notices."""

import datetime
import unicodedata

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from donations.days import after_months
from donations.money import Money
from donations.providers import base
from donations.providers.bank import codes
from donations.providers.bank.models import BankLine, BankPromise, BankRefund, KeyReused

OPEN_DAYS = 60
LOST_DAYS = 92
PAID_OUT = "out-"


class Bank:
    """Adapter of the bank transfer. See donations.providers.base.Provider for what each operation promises."""

    name = "bank"

    def __init__(self):
        self.account = settings.BANK_IBAN
        self.mode = "live" if settings.PRODUCTION else "test"

    def clock(self, at):
        """Return our own present."""
        return at

    def methods(self, currency):
        """Return the one way to pay, in the account's own currency."""
        return (_("bank transfer"),) if currency == settings.BANK_CURRENCY else ()

    def statement(self, title):
        """Return the name of the account's holder as banks write it: 22 Latin letters at most."""
        name = unicodedata.normalize("NFKD", settings.BANK_HOLDER or title).upper()
        return (
            "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter == " "))[:22].strip()
            or "DONATION"
        )

    def instructions(self, ref):
        """Return what the reader writes into the transfer."""
        promise = _get(BankPromise, ref)
        return base.Instructions(
            holder=settings.BANK_HOLDER, iban=codes.grouped(settings.BANK_IBAN), bic=settings.BANK_BIC,
            bank=settings.BANK_NAME, code=codes.grouped(promise.ref), money=promise.money, cadence=promise.cadence,
        )  # fmt: skip

    def hand_over(self, asked, *, key):
        """Give out a code; the gift's own page of return says what to do with it."""
        if asked.money.currency != settings.BANK_CURRENCY:
            raise base.Refused("another currency than the account's")
        try:
            promise = BankPromise.once(
                key, reference=asked.reference, cadence=asked.cadence, amount_minor=asked.money.minor,
                currency=asked.money.currency,
            )  # fmt: skip
        except KeyReused as error:
            raise base.Refused("the key was used for something else") from error
        return base.HandedOver(ref=promise.ref, url=asked.return_url)

    def fetch(self, object_kind, object_ref):
        """Return how the promise behind a code, a line or an order to pay back stands, or a payout."""
        finders = {
            "session": lambda ref: self._standing(_get(BankPromise, ref)),
            "plan": lambda ref: self._standing(_get(BankPromise, ref)),
            "charge": lambda ref: self._standing(_get(BankLine, ref, state="gift").promise),
            "refund": lambda ref: self._standing(_get(BankRefund, ref).line.promise),
            "payout": self._payout,
        }  # fmt: skip
        if object_kind not in finders:
            raise base.NotFound(object_kind)
        return finders[object_kind](object_ref)

    def movements(self, *, since, until):
        """Return what every decided line did: it came in, and it lies in our own account at once."""
        first, last = (timezone.localdate(moment) for moment in (since, until))
        lines = BankLine.objects.filter(account=self.account, booked_on__gte=first, booked_on__lte=last)
        lines = lines.filter(state__in=["gift", "refund"]).select_related("order").order_by("booked_on", "pk")
        found = [movement for line in lines for movement in self.movements_of(line)]
        return [movement for movement in found if since <= movement.occurred_at < until]

    def movements_of(self, line):
        """Return the two movements of one line; none where it is neither a gift nor money given back."""
        if line.state not in {"gift", "refund"}:
            return []
        kind, ref = ("charge", line.ref) if line.state == "gift" else ("refund", line.order.ref)
        out = PAID_OUT + line.ref
        return [
            base.Movement(kind, ref, line.money, line.occurred_at, kind, ref),
            base.Movement("payout", out, -line.money, line.occurred_at, "payout", out),
        ]

    def refund(self, charge_ref, money, *, key):
        """Order a transfer back: a person makes it at the bank under the code that this returns."""
        line = BankLine.objects.filter(ref=charge_ref, state="gift", currency=money.currency).first()
        if line is None:
            raise base.NotFound(charge_ref)
        ordered = sum(order.amount_minor for order in line.refunds.exclude(key=key))
        if not 1 <= money.minor <= line.amount_minor - ordered:
            raise base.Refused("more than is left of the transfer")
        try:
            return BankRefund.once(key, line=line, amount_minor=money.minor, currency=money.currency).ref
        except KeyReused as error:
            raise base.Refused("the key was used for something else") from error

    def change_plan(self, plan_ref, money, cadence, *, key):
        """Expect another amount or rhythm; the donor changes the standing order at his bank."""
        return self._change(plan_ref, next_minor=money.minor, next_cadence=cadence)

    def pause_plan(self, plan_ref, until, *, key):
        """Expect nothing before `until`."""
        return self._change(plan_ref, is_paused=True, paused_until=until)

    def resume_plan(self, plan_ref, *, key):
        """Expect money again."""
        return self._change(plan_ref, is_paused=False, paused_until=None)

    def end_plan(self, plan_ref, *, key):
        """Expect nothing any more; only the donor's bank can end a standing order."""
        promise = _get(BankPromise, plan_ref)
        return promise.ref if promise.ended_at else self._change(plan_ref, ended_at=timezone.now())

    def new_card(self, plan_ref, return_url, *, key):
        """Refuse: a transfer has no card."""
        _get(BankPromise, plan_ref)
        raise base.Refused("a transfer has no card")

    def read_notice(self, body, headers, *, at):
        """Refuse: a bank announces nothing here."""
        raise base.BadNotice("no notices")

    def _change(self, ref, **fields):
        promise = _get(BankPromise, ref)
        BankPromise.objects.filter(pk=promise.pk).update(**fields)
        return promise.ref

    def _payout(self, ref):
        line = _get(
            BankLine, ref.removeprefix(PAID_OUT) if ref.startswith(PAID_OUT) else "", state__in=["gift", "refund"]
        )
        movement, _out = self.movements_of(line)
        return base.Payout(
            ref=ref, mode=self.mode, account=line.account, money=line.money, occurred_at=line.occurred_at,
            covers=((movement.kind, movement.ref),),
        )  # fmt: skip

    def _standing(self, promise):
        lines = list(promise.lines.order_by("booked_on", "pk"))
        back = BankLine.objects.filter(order__line__promise=promise).select_related("order__line").order_by("pk")
        return base.Standing(
            ref=promise.ref, reference=promise.reference, mode=self.mode, account=self.account, money=promise.money,
            status=_status(promise, lines), plan=_plan(promise, lines),
            charges=tuple(_charge(promise, line) for line in lines),
            refunds=tuple(
                base.Refund(line.order.ref, line.order.line.ref, -line.money, line.occurred_at) for line in back
            ),
        )  # fmt: skip


def _get(model, ref, **fields):
    row = model.objects.filter(ref=ref, **fields).first() if ref else None
    if row is None:
        raise base.NotFound(ref)
    return row


def _status(promise, lines):
    if lines:
        return base.Status.PAID
    is_old = promise.created_at < timezone.now() - datetime.timedelta(days=OPEN_DAYS)
    return base.Status.EXPIRED if is_old else base.Status.OPEN


def _charge(promise, line):
    starts_on = None if promise.cadence == "once" else line.booked_on
    return base.Charge(ref=line.ref, money=line.money, occurred_at=line.occurred_at, starts_on=starts_on)


def _plan(promise, lines):
    """Return the standing order as far as our own list shows it: three months without money end it."""
    if promise.cadence == "once" or not lines:
        return None
    every = promise.next_cadence or promise.cadence
    last, today = lines[-1].booked_on, timezone.localdate()
    next_on = after_months(last, 12 if every == "year" else 1, anchor=lines[0].booked_on.day)
    is_paused = promise.is_paused and (promise.paused_until is None or promise.paused_until > today)
    if is_paused and promise.paused_until:
        next_on = max(next_on, promise.paused_until)
    is_lost = not is_paused and next_on < today - datetime.timedelta(days=LOST_DAYS)
    state = "ended" if promise.ended_at or is_lost else "paused" if is_paused else "active"
    return base.PlanStanding(
        ref=promise.ref, state=state, next_on=next_on, cadence=every,
        money=Money(promise.next_minor or promise.amount_minor, promise.currency),
        paused_until=promise.paused_until if is_paused else None,
        reason="" if state != "ended" else "donor" if promise.ended_at else "bank",
    )  # fmt: skip
