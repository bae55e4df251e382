"""The books as tables: months for people, lines for the accountant. Modes and currencies are never added up."""

import csv
import datetime

from django.db.models import Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from donations.models import JournalLine
from donations.money import Money

Account = JournalLine.Account
COLUMNS = (
    ("gross", (Account.INCOME_ONCE, Account.INCOME_RECURRING), -1),
    ("fees", (Account.FEES,), 1),
    ("refunds", (Account.REFUNDS,), 1),
    ("disputes", (Account.DISPUTES, Account.DISPUTES_LOST, Account.DISPUTE_FEES), 1),
    ("paid_out", (Account.BANK,), 1),
    ("clearing", (Account.CLEARING,), 1),
    ("suspense", (Account.SUSPENSE,), -1),
)
HEADER = [
    "line", "journal", "kind", "about", "account", "amount_minor", "amount", "currency", "occurred_at", "posted_at",
    "mode", "provider", "provider_account", "reference", "reason",
]  # fmt: skip


def months(mode):
    """Return [{month, currency, gross, fees, refunds, disputes, net, paid_out, clearing, suspense}] of Money.

    `clearing` is what lay with the provider at the end of the month; months run in the site's time zone.
    """
    lines = JournalLine.objects.filter(journal__mode=mode).order_by()
    rows = lines.annotate(month=TruncMonth("journal__occurred_at")).values("month", "currency", "account")
    sums = {}
    for row in rows.annotate(total=Sum("amount_minor")):
        sums.setdefault((row["currency"], row["month"].date()), {})[row["account"]] = row["total"]
    found, balance = [], {}
    for (currency, month), accounts in sorted(sums.items()):
        row = {name: sign * sum(accounts.get(account, 0) for account in of) for name, of, sign in COLUMNS}
        balance[currency] = row["clearing"] = balance.get(currency, 0) + row["clearing"]
        row["net"] = row["gross"] - row["fees"] - row["refunds"] - row["disputes"]
        found.append({
            "month": month, "currency": currency, **{name: Money(minor, currency) for name, minor in row.items()}
        })  # fmt: skip
    return sorted(found, key=lambda row: (row["month"], row["currency"]), reverse=True)


def write_lines(stream, *, mode, since=None, until=None):
    """Write a CSV row for each line of the books into `stream`, with stable ids and ISO dates; return how many."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(HEADER)
    lines = JournalLine.objects.filter(journal__mode=mode).select_related("journal").order_by("pk")
    lines = lines.filter(journal__occurred_at__gte=since) if since else lines
    lines = lines.filter(journal__occurred_at__lt=until) if until else lines
    count = 0
    for line in lines.iterator(chunk_size=1000):
        writer.writerow([_harmless(cell) for cell in _cells(line)])
        count += 1
    return count


def _cells(line):
    journal = line.journal
    return [
        line.pk, journal.pk, journal.kind, journal.about_id or "", line.account, line.amount_minor,
        line.money.decimal, line.currency, _iso(journal.occurred_at), _iso(journal.posted_at), journal.mode,
        journal.provider, journal.account, journal.external_ref, journal.reason,
    ]  # fmt: skip


def _iso(moment):
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _harmless(cell):
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{cell}"
    return cell


def month_bounds(month):
    """Return (start, end) of the month that a date lies in, in the site's time zone."""
    zone = timezone.get_default_timezone()
    start = datetime.datetime(month.year, month.month, 1, tzinfo=zone)
    return start, start.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
