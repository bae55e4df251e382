"""Lists of banks as CSV: every bank has its own, so the columns are found by their names."""

import csv
import datetime
import io
import re

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.providers.bank.statements import MOST_ENTRIES, Unreadable, make_entry, minor_units

# What banks call the columns, in small letters; of several days the first in this order counts.
DAYS = (
    "booking date", "buchungstag", "buchungsdatum", "booked on", "booking day", "дата операции", "дата проводки",
    "completed date", "posting date", "transaction date", "date", "datum", "дата",
)  # fmt: skip
AMOUNTS = ("amount", "betrag", "umsatz", "сумма", "montant", "importe", "kwota", "bedrag")
CREDITS = ("credit", "credit amount", "haben", "gutschrift", "paid in", "money in", "приход", "кредит")
DEBITS = ("debit", "debit amount", "soll", "lastschrift", "paid out", "money out", "расход", "дебет")
CURRENCIES = ("currency", "währung", "waehrung", "валюта", "devise")
WORDS = (
    "purpose", "verwendungszweck", "reference", "payment reference", "description", "details", "message",
    "remittance information", "назначение платежа", "назначение", "kundenreferenz", "end-to-end reference",
    "kundenreferenz (end-to-end)", "end to end id", "communication", "libellé",
)  # fmt: skip
NUMBER = re.compile(r"[+-]?[0-9][0-9.,'’ ]{0,25}[+-]?|\([0-9][0-9.,'’ ]{0,25}\)")
DAY_FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%Y/%m/%d", "%Y%m%d")
DAY_FIRST, MONTH_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y"), ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y")


def read_csv(data):
    """Return the entries of a list. Raises Unreadable where a column is missing or a cell can mean two things."""
    rows = _rows(_decoded(data))
    head, columns = _columns(rows)
    body = [row for row in rows[head + 1 :] if any(cell.strip() for cell in row)]
    if len(body) > MOST_ENTRIES:
        raise Unreadable(_("The list is too long. Ask the bank for a shorter time."))
    lines = [_cells(row, columns) for row in body]
    lines = [line for line in lines if line is not None]
    day_forms = _day_forms([day for day, _amount, _words in lines])
    point = _decimal_sign([amount for _day, amount, _words in lines])
    return [make_entry(_day(day, day_forms), _minor(amount, point), words) for day, amount, words in lines]


def _decoded(data):
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The letters of this file cannot be read. Save it as UTF-8."))


def _rows(text):
    text = text.replace("\0", " ")
    sample = text[:20_000]
    delimiter = max(";,\t|", key=lambda sign: min(sample.count(sign), 10_000) + (sign in ";\t") / 2)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(_("This is no CSV that can be read.")) from error


def _columns(rows):
    """Return (row of the names, {role: places}): the first row that names a day and an amount."""
    for number, row in enumerate(rows[:40]):
        names = [re.sub(r"\s*\((?:[A-Z]{3}|€)\)\Z", "", cell.strip()).strip().lower() for cell in row]
        found = {
            "day": _places(names, DAYS)[:1], "amount": _places(names, AMOUNTS)[:1],
            "credit": _places(names, CREDITS)[:1], "debit": _places(names, DEBITS)[:1],
            "currency": _places(names, CURRENCIES)[:1], "words": sorted(_places(names, WORDS)),
        }  # fmt: skip
        if found["day"] and (found["amount"] or found["credit"]):
            if not found["words"]:
                raise Unreadable(_("No column holds the words of the transfer: call it “Reference”."))
            return number, found
    raise Unreadable(_("No row names the columns: there must be one for the day and one for the amount."))


def _places(names, wanted):
    return [names.index(name) for name in wanted if name in names]


def _cells(row, columns):
    """Return (day, signed amount, words) as they stand, or None for a row without an amount, such as a sum below."""

    def cell(role):
        return next((row[place].strip() for place in columns[role] if place < len(row)), "")

    amount = cell("amount")
    if not columns["amount"]:
        credit, debit = cell("credit").lstrip("+"), cell("debit").lstrip("-")
        amount = credit if credit.strip("0., ") else f"-{debit}" if debit.strip("0., ") else ""
    if not amount or not cell("day"):
        return None
    if (currency := cell("currency")) and currency.upper() != settings.BANK_CURRENCY:
        raise Unreadable(_("A line is in another currency than the account."))
    amount = re.sub(rf"\s*(?:{re.escape(settings.BANK_CURRENCY)}|€)\s*", "", amount)
    amount = amount.replace("−", "-").replace("\u00a0", " ").replace("\u202f", " ")
    if not NUMBER.fullmatch(amount):
        raise Unreadable(_("An amount cannot be read."))
    return cell("day"), amount, [row[place] for place in columns["words"] if place < len(row)]


def _day_forms(days):
    """Return the forms that a list's days may have; 03/04 is the third of April unless another line says otherwise."""
    for forms in ((*DAY_FORMS, *DAY_FIRST), (*DAY_FORMS, *MONTH_FIRST)):
        if all(_read_day(day, forms) for day in days):
            return forms
    raise Unreadable(_("A line has no day that can be read."))


def _read_day(text, forms):
    for form in forms:
        try:
            return datetime.datetime.strptime(text[:10], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _day(text, forms):
    return _read_day(text, forms)


def _decimal_sign(amounts):
    """Return the sign before the decimals in this list, by the amounts that can mean one thing only."""
    signs = set()
    for amount in amounts:
        digits = amount.strip("+-() ")
        separators = re.findall(r"[.,]", digits)
        last = separators[-1] if separators else ""
        if last and (len(set(separators)) == 2 or len(digits.rpartition(last)[2]) != 3):
            signs.add(last)
    if len(signs) > 1:
        raise Unreadable(_("The amounts of this list are written in two ways."))
    if not signs and any(re.search(r"[.,][0-9]{3}\b", amount) for amount in amounts):
        raise Unreadable(_("“5.000” could be five or five thousand: ask the bank for a list with decimals."))
    return next(iter(signs), ".")


def _minor(amount, point):
    is_less = amount.startswith(("-", "(")) or amount.endswith("-")
    digits = re.sub(r"[ '’]", "", amount.strip("+-() "))
    units, _point, decimals = digits.partition(point)
    units = units.replace("," if point == "." else ".", "")
    if not units.isdigit() or (decimals and not decimals.isdigit()):
        raise Unreadable(_("An amount cannot be read."))
    minor = minor_units(units, decimals)
    return -minor if is_less else minor
