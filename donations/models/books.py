"""The books: append-only in the database itself, on both engines, by triggers."""

from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from donations.models.gift import Mode
from donations.money import Money
from newsroom.models import StaffAction


class Unbalanced(ValueError):
    """The lines of a journal do not sum to zero."""


class JournalQuerySet(models.QuerySet):
    """Journals by what they say."""

    def money_from(self, gift):
        """Keep the charges of a gift, and money of unknown origin that a person gave to it."""
        return self.filter(gift=gift, kind__in=["charge", "assign"])


class Journal(models.Model):
    """One movement of money as the provider reports it. Never changed: a mistake is put right by another journal."""

    class Kind(models.TextChoices):
        CHARGE = "charge", _("Charge")
        FEE = "fee", _("Fee")
        REFUND = "refund", _("Refund")
        DISPUTE = "dispute", _("Dispute")
        DISPUTE_FEE = "dispute_fee", _("Fee of a dispute")
        DISPUTE_WON = "dispute_won", _("Dispute won")
        DISPUTE_LOST = "dispute_lost", _("Dispute lost")
        PAYOUT = "payout", _("Payout")
        ASSIGN = "assign", _("Assigned to a gift")
        CORRECTION = "correction", _("Correction")

    kind = models.CharField(max_length=12, choices=Kind)
    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    external_ref = models.CharField(max_length=120)
    gift = models.ForeignKey("donations.Gift", models.PROTECT, null=True, related_name="journals")
    period = models.OneToOneField("donations.PlanPeriod", models.PROTECT, null=True, related_name="journal")
    about = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="followers", help_text="The journal that this one is about."
    )
    reason = models.CharField(max_length=300, blank=True, db_default="")
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()

    objects = JournalQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        permissions = [("assign_journal", "Can assign unknown money and book corrections")]
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "external_ref", "kind"], name="journal_money_once"),
            models.CheckConstraint(condition=~Q(external_ref=""), name="journal_names_money"),
            models.UniqueConstraint(
                fields=["gift"],
                condition=Q(kind="charge", period__isnull=True),
                name="journal_one_charge_per_gift",
            ),
        ]
        # Serves the books page and the comparison with the provider: one account's journals of some days.
        indexes = [models.Index(fields=["provider", "account", "occurred_at"], name="journal_by_day")]

    def __str__(self):
        return f"{self.kind} {self.external_ref}"

    # Events

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

    def assign(self, gift, *, by, reason, at):
        """Give money of unknown origin to a gift, once; raises ValueError when it is no such money."""
        waiting = self.unassigned
        if waiting is None or gift.mode != self.mode or waiting.currency != gift.currency:
            raise ValueError("This money does not wait for a gift of this currency and mode.")
        income = income_account(gift)
        with transaction.atomic():
            journal, made = Journal.post(
                kind=self.Kind.ASSIGN, gift=gift, about=self, reason=reason, lines=[
                    (JournalLine.Account.SUSPENSE, waiting), (income, -waiting),
                ], **self._same_place(at),
            )  # fmt: skip
            if made:
                StaffAction.record(user=by, action="assign money", thing=self, reason=reason, at=at)
        return journal

    def correct(self, money, *, by, reason, at):
        """Bring what this journal did to the provider's balance to `money`, by one more journal with a reason."""
        if not reason:
            raise ValueError("A correction needs a reason.")
        with transaction.atomic():
            Journal.objects.select_for_update().get(pk=self.pk)
            difference = Money(money.minor - self.effect.minor, money.currency)
            if not difference.minor or money.currency != self.effect.currency:
                raise ValueError("There is nothing to correct in this currency.")
            number = self.followers.filter(kind=self.Kind.CORRECTION).count() + 1
            other = self.lines.exclude(account=JournalLine.Account.CLEARING).order_by("pk").first()
            place = {**self._same_place(at), "external_ref": f"{self.external_ref}#{number}"}
            journal, _made = Journal.post(
                kind=self.Kind.CORRECTION, gift=self.gift, about=self, reason=reason, **place,
                lines=[(JournalLine.Account.CLEARING, difference), (other.account, -difference)],
            )  # fmt: skip
            StaffAction.record(user=by, action="correct books", thing=self, reason=reason, at=at)
        return journal

    def _same_place(self, at):
        return {
            "mode": self.mode, "provider": self.provider, "account": self.account, "external_ref": self.external_ref,
            "occurred_at": self.occurred_at, "posted_at": at,
        }  # fmt: skip

    # Questions

    @property
    def received(self):
        """What the provider took in by this journal, from its prefetched lines."""
        return next((line.money for line in self.lines.all() if line.account == JournalLine.Account.CLEARING), None)

    @property
    def effect(self):
        """What this journal and its corrections did to the provider's balance."""
        lines = JournalLine.objects.filter(account=JournalLine.Account.CLEARING)
        lines = lines.filter(Q(journal=self) | Q(journal__about=self, journal__kind="correction"))
        currency = self.received.currency
        return Money(lines.filter(currency=currency).aggregate(total=Sum("amount_minor"))["total"] or 0, currency)

    @property
    def unassigned(self):
        """The Money in suspense that this charge brought and nobody has given to a gift or back; or None."""
        if self.kind != self.Kind.CHARGE:
            return None
        lines = JournalLine.objects.filter(account=JournalLine.Account.SUSPENSE)
        lines = lines.filter(Q(journal=self) | Q(journal__about=self))
        row = lines.values("currency").annotate(total=Sum("amount_minor")).order_by("currency").first()
        return Money(-row["total"], row["currency"]) if row and row["total"] < 0 else None


class JournalLine(models.Model):
    """One line: a signed amount on one account."""

    class Account(models.TextChoices):
        CLEARING = "provider_clearing", _("With the provider")
        INCOME_ONCE = "income_once", _("Income, once")
        INCOME_RECURRING = "income_recurring", _("Income, recurring")
        FEES = "fees", _("Fees")
        REFUNDS = "refunds", _("Refunds")
        DISPUTES = "disputes", _("Disputes")
        DISPUTES_LOST = "disputes_lost", _("Disputes lost")
        DISPUTE_FEES = "dispute_fees", _("Fees of disputes")
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
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="journalline_moves_money")]
        # Serves the books: totals by account.
        indexes = [models.Index(fields=["account", "currency"], name="journalline_account")]

    def __str__(self):
        return f"{self.account} {self.money}"

    @property
    def money(self):
        """The amount of the line."""
        return Money(self.amount_minor, self.currency)


class Payout(models.Model):
    """Money that left the provider for our bank, and which movements it is made of."""

    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    ref = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_at", "-id"]
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [models.UniqueConstraint(fields=["provider", "account", "ref"], name="payout_once")]

    def __str__(self):
        return self.ref

    @property
    def money(self):
        """What reached the bank."""
        return Money(self.amount_minor, self.currency)

    @property
    def covered(self):
        """What our books say of the movements in this payout."""
        wanted = set(self.items.values_list("kind", "external_ref"))
        refs = {ref for _kind, ref in wanted}
        here = Q(journal__external_ref__in=refs) | Q(journal__about__external_ref__in=refs)
        found = effects(JournalLine.objects.filter(here, journal__provider=self.provider, currency=self.currency))
        return Money(sum(minor for (kind, ref, _), minor in found.items() if (kind, ref) in wanted), self.currency)

    @property
    def is_open(self):
        """Whether the movements do not sum up to what was paid out."""
        return self.covered != self.money


class PayoutItem(models.Model):
    """One movement in a payout, by the provider's own id."""

    payout = models.ForeignKey(Payout, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=12)
    external_ref = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payout", "kind", "external_ref"], name="payoutitem_once")]

    def __str__(self):
        return f"{self.kind} {self.external_ref}"


def effects(lines):
    """Return {(kind, ref, currency): minor units}: what each movement did to the provider's balance.

    A correction counts with the journal that it corrects.
    """
    found, kinds = {}, (Journal.Kind.ASSIGN, Journal.Kind.DISPUTE_LOST)
    rows = lines.filter(account=JournalLine.Account.CLEARING).exclude(journal__kind__in=kinds).values_list(
        "journal__kind", "journal__external_ref", "journal__about__kind", "journal__about__external_ref",
        "currency", "amount_minor",
    )  # fmt: skip
    for kind, ref, about_kind, about_ref, currency, minor in rows.order_by():
        corrects = kind == Journal.Kind.CORRECTION
        key = (about_kind if corrects else kind, about_ref if corrects else ref, currency)
        found[key] = found.get(key, 0) + minor
    return found


def income_account(gift):
    """Return the account on which the money of a gift is income."""
    recurring = gift.cadence != "once"
    return JournalLine.Account.INCOME_RECURRING if recurring else JournalLine.Account.INCOME_ONCE


def money_state(gift):
    """Return unpaid, paid, part_refunded, refunded, disputed or lost: computed from the journals and nothing else."""
    lines = JournalLine.objects.filter(journal__gift=gift)
    sums = dict(lines.order_by().values_list("account").annotate(total=Sum("amount_minor")))
    accounts = JournalLine.Account
    charged = -sums.get(accounts.INCOME_ONCE, 0) - sums.get(accounts.INCOME_RECURRING, 0)
    refunded = sums.get(accounts.REFUNDS, 0)
    if charged <= 0:
        return "unpaid"
    if sums.get(accounts.DISPUTES, 0) > 0:
        return "disputed"
    if sums.get(accounts.DISPUTES_LOST, 0) > 0:
        return "lost"
    if refunded >= charged:
        return "refunded"
    return "part_refunded" if refunded > 0 else "paid"
