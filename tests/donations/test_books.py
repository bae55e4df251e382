"""The books: balanced, append-only in the database itself, and never the same money twice."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from donations.models import Journal, JournalLine
from donations.models.books import Unbalanced
from donations.money import Money

pytestmark = pytest.mark.django_db(databases="__all__")


def post(ref="ch_1", minor=500, kind="charge"):
    now = timezone.now()
    money = Money(minor, "EUR")
    return Journal.post(
        lines=[("provider_clearing", money), ("income_once", -money)],
        kind=kind, mode="sandbox", provider="sandbox", account="demo", external_ref=ref, occurred_at=now, posted_at=now,
    )  # fmt: skip


def test_a_journal_sums_to_zero():
    journal, made = post()
    assert made
    assert sum(journal.lines.values_list("amount_minor", flat=True)) == 0


def test_the_same_money_is_booked_once():
    first, _made = post()
    second, made = post(minor=900)
    assert first == second
    assert not made
    assert JournalLine.objects.count() == 2


def test_lines_that_do_not_balance_are_refused():
    now = timezone.now()
    with pytest.raises(Unbalanced):
        Journal.post(
            lines=[("provider_clearing", Money(500, "EUR")), ("income_once", Money(-499, "EUR"))],
            kind="charge", mode="sandbox", provider="s", account="a", external_ref="x", occurred_at=now, posted_at=now,
        )  # fmt: skip
    assert not Journal.objects.exists()


@pytest.mark.parametrize("table", ["journal", "journalline"])
@pytest.mark.parametrize("statement", ["UPDATE donations_{} SET id = id", "DELETE FROM donations_{}"])
def test_nobody_changes_or_deletes_what_is_booked(table, statement):
    post()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert JournalLine.objects.count() == 2


def test_replacing_a_row_does_not_slip_past_the_guard():
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is a word of SQLite")
    journal, _made = post()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "REPLACE INTO donations_journal (id, kind, mode, provider, account, external_ref, occurred_at, posted_at) "
            "VALUES (%s, 'charge', 'live', 's', 'a', 'other', '2026-01-01', '2026-01-01')",
            [journal.pk],
        )
