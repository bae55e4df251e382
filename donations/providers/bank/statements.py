"""Reads a bank's list of what came in and went out: CAMT.053 (ISO 20022) or CSV. Nothing of who pays is read."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.money import LARGEST_MINOR, exponent
from newsroom import html

MOST_BYTES = 5 * 1024 * 1024
MOST_ENTRIES = 20_000
MOST_TEXT = 140


class Unreadable(ValueError):
    """The file is no list that we know; the text says what is wrong, for the person who brought it."""


@dataclass(frozen=True)
class Entry:
    """One booked line: the day, the signed amount in minor units, and the words that the payer wrote."""

    day: datetime.date
    minor: int
    text: str


@dataclass(frozen=True)
class Statement:
    """A whole list; `kind` is csv or camt.053."""

    kind: str
    entries: tuple[Entry, ...]


def read_statement(data):
    """Return the Statement in these bytes. Raises Unreadable, and guesses nothing."""
    from donations.providers.bank.camt import read_camt
    from donations.providers.bank.csvlists import read_csv

    if len(data) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 5 MB. Ask the bank for a shorter time."))
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:5]
    is_xml = start.startswith(b"<") or (data[:2] in {b"\xff\xfe", b"\xfe\xff"} and b"<" in data[:4])
    statement = Statement("camt.053", tuple(read_camt(data))) if is_xml else Statement("csv", tuple(read_csv(data)))
    if not statement.entries:
        raise Unreadable(_("The list holds no booked line."))
    return statement


def make_entry(day, minor, words):
    """Return an Entry with tidy words. Raises Unreadable for amounts and days beyond all reason."""
    if abs(minor) > LARGEST_MINOR or not 2000 <= day.year <= 2100:
        raise Unreadable(_("A line has an amount or a day beyond all reason."))
    text = " ".join(html.tidy_text("".join(sign if sign.isprintable() else " " for sign in " ".join(words))).split())
    return Entry(day, minor, text[:MOST_TEXT])


def minor_units(units, decimals):
    """Return the minor units of an amount in our account's currency. Raises Unreadable for a part of a cent."""
    places = exponent(settings.BANK_CURRENCY)
    if decimals[places:].strip("0"):
        raise Unreadable(_("An amount has more decimals than the currency."))
    return int(units) * 10**places + int(decimals[:places].ljust(places, "0") or 0)
