"""The books: append-only in the database itself, on both engines, by triggers."""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from donations.models.gift import Mode
from donations.money import Money


class Unbalanced(ValueError):
    """The lines of a journal do not sum to zero."""


class Journal(models.Model):
    """One movement of money as the provider reports it. Never changed: a mistake is reversed by another journal."""

    class Kind(models.TextChoices):
        CHARGE = "charge", _("Charge")
        FEE = "fee", _("Fee")
        REFUND = "refund", _("Refund")
        DISPUTE = "dispute", _("Dispute")
        PAYOUT = "payout", _("Payout")
        REVERSAL = "reversal", _("Reversal")

    kind = models.CharField(max_length=8, choices=Kind)
    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    external_ref = models.CharField(max_length=120)
    gift = models.ForeignKey("donations.Gift", models.PROTECT, null=True, related_name="journals")
    period = models.OneToOneField("donations.PlanPeriod", models.PROTECT, null=True, related_name="journal")
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "external_ref", "kind"], name="journal_money_once"),
            models.CheckConstraint(condition=~models.Q(external_ref=""), name="journal_names_money"),
            models.UniqueConstraint(
                fields=["gift"],
                condition=models.Q(kind="charge", period__isnull=True),
                name="journal_one_charge_per_gift",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.external_ref}"

    @classmethod
    def post(cls, *, lines, **fields):
        """Write a journal with its lines, a list of (account name, Money), and return (journal, whether it is new).

        Money that is in the books already is left as it is, whichever event announced it. Raises Unbalanced unless the
        lines sum to zero per currency.
        """
        sums = {}
        for _account, money in lines:
            sums[money.currency] = sums.get(money.currency, 0) + money.minor
        if not lines or any(sums.values()):
            raise Unbalanced(f"The lines sum to {sums}.")
        keys = ("provider", "account", "external_ref", "kind")
        with transaction.atomic():
            journal, made = cls.objects.get_or_create(
                **{key: fields[key] for key in keys},
                defaults={key: value for key, value in fields.items() if key not in keys},
            )
            if made:
                JournalLine.objects.bulk_create(
                    JournalLine(journal=journal, account=account, amount_minor=money.minor, currency=money.currency)
                    for account, money in lines
                )
        return journal, made

    @property
    def received(self):
        """What the provider took in by this journal, from its prefetched lines."""
        return next((line.money for line in self.lines.all() if line.account == JournalLine.Account.CLEARING), None)


class JournalLine(models.Model):
    """One line: a signed amount on one account."""

    class Account(models.TextChoices):
        CLEARING = "provider_clearing", _("With the provider")
        INCOME_ONCE = "income_once", _("Income, once")
        INCOME_RECURRING = "income_recurring", _("Income, recurring")
        FEES = "fees", _("Fees")
        REFUNDS = "refunds", _("Refunds")
        DISPUTES = "disputes", _("Disputes")
        BANK = "bank", _("Bank")
        SUSPENSE = "suspense", _("Suspense")
        FX = "fx", _("Exchange")

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="lines")
    account = models.CharField(max_length=20, choices=Account)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        constraints = [models.CheckConstraint(condition=~models.Q(amount_minor=0), name="journalline_moves_money")]
        # Serves the books: totals by account.
        indexes = [models.Index(fields=["account", "currency"], name="journalline_account")]

    def __str__(self):
        return f"{self.account} {self.money}"

    @property
    def money(self):
        """The amount of the line."""
        return Money(self.amount_minor, self.currency)
