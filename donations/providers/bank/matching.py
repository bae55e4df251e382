"""Whose money a line of the bank's list is: exactly one known code decides, and nothing else does."""

import datetime
import hashlib
from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from donations.money import Money
from donations.providers.bank import codes
from donations.providers.bank.models import BankLine, BankPromise, BankRefund


@dataclass(frozen=True)
class Looked:
    """One line of a list, and what taking it in would do: `what` is known, gift, refund or waiting."""

    ref: str
    day: datetime.date
    money: Money
    text: str
    what: str
    promise: BankPromise | None = None
    order: BankRefund | None = None

    def take_in(self, *, at):
        """Keep the line and book it, once for each line of the bank; return known, matched or waiting."""
        with transaction.atomic():
            line, made = BankLine.objects.get_or_create(
                ref=self.ref,
                defaults={
                    "booked_on": self.day, "amount_minor": self.money.minor, "currency": self.money.currency,
                    "account": settings.BANK_IBAN, "text": self.text if self.what == "waiting" else "",
                    "state": self.what, "promise": self.promise, "order": self.order, "taken_in_at": at,
                },
            )  # fmt: skip
            if made and self.what != "waiting":
                line.book(at=at)
        if not made:
            return "known"
        return "waiting" if self.what == "waiting" else "matched"


def look_at(lines):
    """Return a Looked for each line, a list of [ISO date, minor units, text], in their order.

    Equal lines of one day are told apart by their place among each other, so that the same list brought twice, or two
    lists that share a day, bring nothing twice.
    """
    places, read = Counter(), []
    for day, minor, text in lines:
        name = _name(day, minor, text)
        places[name] += 1
        read.append((f"{name}-{places[name]}", datetime.date.fromisoformat(day), minor, text))
    known = _known([ref for ref, _day, _minor, _text in read])
    promises, orders = (_by_code(model, lines) for model in (BankPromise, BankRefund))
    return [_looked(ref, day, minor, text, ref in known, promises, orders) for ref, day, minor, text in read]


def order_of(text):
    """Return the one order to pay back that a text names, or None."""
    return _one(text, _by_code(BankRefund, [("", 0, text)]))


def _looked(ref, day, minor, text, is_known, promises, orders):
    money = Money(minor, settings.BANK_CURRENCY)
    promise, order = (_one(text, promises), None) if minor > 0 else (None, _one(text, orders))
    what = "known" if is_known else "gift" if promise else "refund" if order else "waiting"
    return Looked(ref, day, money, text, what, promise, order)


def _name(day, minor, text):
    """Return what a line is called: the same for a code in whatever words, so in every form of the list."""
    written = codes.written_codes(text)
    said = min(written) if len(written) == 1 else codes.squeezed(text)
    whole = "|".join([settings.BANK_IBAN, day, str(minor), settings.BANK_CURRENCY, said])
    return hashlib.sha256(whole.encode()).hexdigest()[:40]


def _known(refs):
    found = set()
    for start in range(0, len(refs), 500):
        found |= set(BankLine.objects.filter(ref__in=refs[start : start + 500]).values_list("ref", flat=True))
    return found


def _by_code(model, lines):
    wanted = sorted(set().union(*(codes.possible_codes(text) for _day, _minor, text in lines)))
    found = {}
    for start in range(0, len(wanted), 500):
        found |= {row.ref: row for row in model.objects.filter(ref__in=wanted[start : start + 500])}
    return found


def _one(text, by_code):
    named = [by_code[code] for code in codes.possible_codes(text) if code in by_code]
    return named[0] if len(named) == 1 else None
