"""CAMT.053, the list that banks send in XML: every version, by the names of its parts alone."""

import datetime
import re
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from donations.providers.bank.statements import MOST_ENTRIES, Unreadable, make_entry, minor_units

AMOUNT = re.compile(r"([0-9]{1,15})(?:\.([0-9]{0,5}))?")


def read_camt(data):
    """Yield the booked entries of our account. Raises Unreadable for another account or currency, or another file."""
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(_("This is no XML that we may read.")) from error
    statements = [part for part in root.iter() if _name(part) == "Stmt"]
    if not statements:
        raise Unreadable(_("This is no CAMT.053: it holds no statement."))
    count = 0
    for statement in statements:
        if _text(statement, "Acct", "Id", "IBAN").replace(" ", "").upper() != settings.BANK_IBAN:
            raise Unreadable(_("This is the list of another account."))
        for entry in _all(statement, "Ntry"):
            for one in _read_entry(entry):
                count += 1
                if count > MOST_ENTRIES:
                    raise Unreadable(_("The list is too long. Ask the bank for a shorter time."))
                yield one


def _read_entry(entry):
    """Return the lines of one entry: of a batch each payment by itself, where each has its own amount."""
    if (_text(entry, "Sts", "Cd") or _text(entry, "Sts")) != "BOOK":
        return []
    day, total, sign = _day(entry), _amount(entry), _sign(entry)
    payments = [payment for details in _all(entry, "NtryDtls") for payment in _all(details, "TxDtls")]
    amounts = [_amount_of(payment) for payment in payments]
    if len(payments) > 1 and None not in amounts and sum(amounts) == total:
        return [make_entry(day, sign * amount, _words(one)) for one, amount in zip(payments, amounts, strict=True)]
    words = [word for payment in payments for word in _words(payment)] or [_text(entry, "AddtlNtryInf")]
    return [make_entry(day, sign * total, words)]


def _sign(entry):
    sign = {"CRDT": 1, "DBIT": -1}.get(_text(entry, "CdtDbtInd"))
    if sign is None:
        raise Unreadable(_("A line does not say whether money came or went."))
    return -sign if _text(entry, "RvslInd") in {"true", "1"} else sign


def _amount_of(payment):
    """Return the amount of one payment of a batch, or None."""
    found = _child(payment, "Amt")
    if found is None:
        found = _child(_child(_child(payment, "AmtDtls"), "TxAmt"), "Amt")
    return None if found is None else _minor(found)


def _amount(entry):
    found = _child(entry, "Amt")
    if found is None:
        raise Unreadable(_("A line has no amount."))
    return _minor(found)


def _minor(element):
    match = AMOUNT.fullmatch((element.text or "").strip())
    if element.get("Ccy") != settings.BANK_CURRENCY:
        raise Unreadable(_("A line is in another currency than the account."))
    if match is None:
        raise Unreadable(_("An amount cannot be read."))
    return minor_units(match[1], match[2] or "")


def _day(entry):
    text = _text(entry, "BookgDt", "Dt") or _text(entry, "BookgDt", "DtTm")
    try:
        return datetime.date.fromisoformat(text[:10])
    except ValueError as error:
        raise Unreadable(_("A line has no day that can be read.")) from error


def _words(payment):
    """Return what the payer wrote, and the structured reference: no name, no account."""
    told = _child(payment, "RmtInf")
    words = [(part.text or "") for part in _all(told, "Ustrd")]
    words += [_text(part, "CdtrRefInf", "Ref") for part in _all(told, "Strd")]
    return words + [_text(payment, "Refs", "EndToEndId")]


def _name(element):
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(element, name):
    return [] if element is None else [part for part in element if _name(part) == name]


def _child(element, name):
    return next(iter(_all(element, name)), None)


def _text(element, *path):
    for name in path:
        element = _child(element, name)
    return "" if element is None else (element.text or "").strip()
