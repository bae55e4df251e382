"""What a transfer needs: the codes that were given out, what the bank says came in, and what is to be paid back.

No name and no account of anybody who pays is kept; the words of a transfer only until it is known whose it is.
"""

import datetime
import hashlib
import json

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations import signals
from donations.money import Money
from donations.providers.bank import codes

MOST_TEXT = 140


class KeyReused(Exception):
    """An idempotency key came again with other parameters."""


class Coded(models.Model):
    """Something that is recognised by a code of its own in the bank's list, made once for each key."""

    ref = models.CharField(_("code"), max_length=20, unique=True, default=codes.new_code, editable=False)
    key = models.CharField(max_length=100, unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def once(cls, key, **fields):
        """Return the row of this key, made when there is none. Raises KeyReused for other fields."""
        said = json.dumps({name: str(value) for name, value in fields.items()}, sort_keys=True)
        fingerprint = hashlib.sha256(said.encode()).hexdigest()
        row, _made = cls.objects.get_or_create(key=key, defaults={"fingerprint": fingerprint, **fields})
        if row.fingerprint != fingerprint:
            raise KeyReused(key)
        return row


class BankPromise(Coded):
    """A gift that somebody wants to transfer, once or by a standing order, and the code that names it."""

    reference = models.CharField(max_length=64)
    cadence = models.CharField(max_length=5)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(auto_now_add=True)
    next_minor = models.PositiveBigIntegerField(null=True)
    next_cadence = models.CharField(max_length=5, blank=True)
    paused_until = models.DateField(null=True)
    is_paused = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("code of a transfer")
        verbose_name_plural = _("codes of transfers")

    def __str__(self):
        return codes.grouped(self.ref)

    @property
    def money(self):
        """What was promised."""
        return Money(self.amount_minor, self.currency)


class BankLineQuerySet(models.QuerySet):
    """Lines by what became of them."""

    def waiting(self):
        """Keep what nobody has decided about."""
        return self.filter(state="waiting")


def _goes_with(state, name):
    return Q(state=state, **{f"{name}__isnull": False}) | (~Q(state=state) & Q(**{name: None}))


class BankLine(models.Model):
    """One line of the bank's list: money that came in, or that went back under a code of ours."""

    class State(models.TextChoices):
        GIFT = "gift", _("A gift")
        REFUND = "refund", _("Given back")
        WAITING = "waiting", _("Waits for a look")
        NO_GIFT = "no_gift", _("No gift")

    ref = models.CharField(max_length=50, unique=True, editable=False)
    booked_on = models.DateField(_("booked on"))
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    account = models.CharField(max_length=34)
    text = models.CharField(_("words of the transfer"), max_length=MOST_TEXT, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=State)
    promise = models.ForeignKey(BankPromise, models.PROTECT, null=True, related_name="lines")
    order = models.ForeignKey("donations.BankRefund", models.PROTECT, null=True, related_name="lines")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    taken_in_at = models.DateTimeField(_("taken in"))

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ["-booked_on", "-id"]
        verbose_name = _("line of the bank")
        verbose_name_plural = _("lines of the bank")
        permissions = [("assign_bankline", "Can say whose transfer it is")]
        constraints = [
            models.CheckConstraint(condition=_goes_with("gift", "promise"), name="bankline_gift_has_code"),
            models.CheckConstraint(condition=_goes_with("refund", "order"), name="bankline_refund_has_order"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(state="refund", amount_minor__lt=0), name="bankline_direction"
            ),
            models.CheckConstraint(condition=Q(state="waiting") | Q(text=""), name="bankline_keeps_no_words"),
        ]
        # Serves the comparison of the books with the bank: one account's lines of some days.
        indexes = [models.Index(fields=["account", "booked_on"], name="bankline_by_day")]

    def __str__(self):
        return f"{self.booked_on:%Y-%m-%d} {self.money}"

    # Events

    def assign(self, gift, *, by, reason, at):
        """Say that a line is this gift's, once, and book it. Raises ValueError where it cannot be."""
        promise = BankPromise.objects.filter(ref=gift.provider_ref).first() if gift.provider == "bank" else None
        if promise is None or promise.currency != self.currency:
            raise ValueError(_("Only a gift by transfer in the same currency can take this money."))
        self._decide(self.State.GIFT, "assign transfer", by=by, reason=reason, at=at, promise=promise)

    def dismiss(self, *, by, reason, at):
        """Say that a line is no gift, once. Raises ValueError when somebody decided otherwise."""
        self._decide(self.State.NO_GIFT, "transfer is no gift", by=by, reason=reason, at=at)

    def _decide(self, state, action, *, by, reason, at, **fields):
        from newsroom.models import StaffAction

        if not reason.strip():
            raise ValueError(_("Give a reason."))
        with transaction.atomic():
            rows = type(self).objects.waiting().filter(pk=self.pk)
            if not rows.update(state=state, text="", reason=reason.strip()[:300], **fields):
                raise ValueError(_("Somebody has decided about this line already."))
            self.refresh_from_db()
            StaffAction.record(user=by, action=action, thing=self, reason=reason.strip()[:300], at=at)
            self.book(at=at)

    def book(self, *, at):
        """Bring the hand-over behind this line into the books; safe to repeat."""
        from donations import providers

        bank = providers.by_name("bank")
        for movement in bank.movements_of(self):
            standing = bank.fetch(movement.object_kind, movement.object_ref)
            signals.known.send(type(self), provider=bank.name, standing=standing, at=at)

    # Questions

    @property
    def money(self):
        """The signed amount."""
        return Money(self.amount_minor, self.currency)

    @property
    def occurred_at(self):
        """The beginning of the day on which the bank booked it."""
        return timezone.make_aware(datetime.datetime.combine(self.booked_on, datetime.time()))


class BankRefund(Coded):
    """Money to be paid back by a transfer under a code of its own; the bank's list says when that was done."""

    line = models.ForeignKey(BankLine, models.PROTECT, related_name="refunds", verbose_name=_("line of the bank"))
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    ordered_at = models.DateTimeField(_("ordered"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("transfer to pay back")
        verbose_name_plural = _("transfers to pay back")

    def __str__(self):
        return codes.grouped(self.ref)

    @property
    def money(self):
        """How much is to be paid back."""
        return Money(self.amount_minor, self.currency)


class BankFile(models.Model):
    """A list of the bank that somebody brought: first looked at, then taken in; afterwards only its figures stay."""

    kind = models.CharField(_("kind"), max_length=8, editable=False)
    lines = models.JSONField(default=list, editable=False)
    passed_over = models.PositiveIntegerField(_("payments of ours, not kept"), default=0, editable=False)
    brought_at = models.DateTimeField(_("brought"), editable=False)
    taken_in_at = models.DateTimeField(_("taken in"), null=True, editable=False)
    matched = models.PositiveIntegerField(_("gifts and money given back"), default=0, editable=False)
    waiting = models.PositiveIntegerField(_("wait for a look"), default=0, editable=False)
    known = models.PositiveIntegerField(_("here already"), default=0, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("list of the bank")
        verbose_name_plural = _("lists of the bank")

    def __str__(self):
        return f"{self.kind} {self.brought_at:%Y-%m-%d %H:%M}"

    # Events

    @classmethod
    def bring(cls, statement, *, by, at):
        """Keep what was read of a file, for a look before it is taken in."""
        from donations.providers.bank import matching
        from newsroom.models import StaffAction

        entries = [entry for entry in statement.entries if entry.minor > 0 or matching.order_of(entry.text)]
        with transaction.atomic():
            file = cls.objects.create(
                kind=statement.kind, brought_at=at, passed_over=len(statement.entries) - len(entries),
                lines=[[entry.day.isoformat(), entry.minor, entry.text[:MOST_TEXT]] for entry in entries],
            )  # fmt: skip
            StaffAction.record(user=by, action="bring list of the bank", thing=file, at=at)
        return file

    def take_in(self, *, by, at):
        """Book every line that is new, each once; safe to repeat after a crash and beside somebody else."""
        from newsroom.models import StaffAction

        counts = {"matched": 0, "waiting": 0, "known": 0}
        for line in self.look():
            counts[line.take_in(at=at)] += 1
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, taken_in_at=None)
            if rows.update(taken_in_at=at, lines=[], **counts):
                StaffAction.record(user=by, action="take in list of the bank", thing=self, at=at)
        self.refresh_from_db()

    @classmethod
    def forget_unused(cls, *, at):
        """Delete the lists that nobody took in within a day."""
        return cls.objects.filter(taken_in_at=None, brought_at__lt=at - datetime.timedelta(days=1)).delete()[0]

    # Questions

    def look(self):
        """Return a Looked for each line: what taking it in would do."""
        from donations.providers.bank.matching import look_at

        return look_at(self.lines)
