"""The promise: what a reader chose to give, once or again and again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from donations.money import Money
from donations.tokens import random_id


class Mode(models.TextChoices):
    """Whether money really moves. Totals and receipts never mix modes."""

    SANDBOX = "sandbox", _("Sandbox")
    TEST = "test", _("Test")
    LIVE = "live", _("Live")


class Cadence(models.TextChoices):
    """How often."""

    ONCE = "once", _("Once")
    MONTH = "month", _("Monthly")
    YEAR = "year", _("Annual")


class Gift(models.Model):
    """One promise, made by one form. It holds no address, no name, no network address, no article."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        HANDED_OFF = "handed_off", _("Handed over")
        PROCESSING = "processing", _("Processing")
        PAID = "paid", _("Paid")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        REFUSED = "refused", _("Refused")

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    nonce = models.CharField(max_length=64, unique=True, help_text="Hash of the form's nonce: one gift per form.")
    return_hash = models.CharField(max_length=64, unique=True, help_text="Hash of the token of the return address.")
    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="gifts")
    appeal = models.ForeignKey("donations.Appeal", models.SET_NULL, null=True, related_name="gifts")
    donor = models.ForeignKey("donations.Donor", models.SET_NULL, null=True, related_name="gifts")
    cadence = models.CharField(max_length=5, choices=Cadence)
    amount_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    needs_review = models.CharField(max_length=200, blank=True)
    mode = models.CharField(max_length=7, choices=Mode)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    provider_ref = models.CharField(max_length=120, blank=True, help_text="The hand-over's id at the provider.")
    terms_version = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    handed_off_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=1, amount_minor__lte=10**11), name="gift_amount"),
            models.CheckConstraint(condition=Q(cadence__in=Cadence.values), name="gift_cadence"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="gift_mode"),
            models.CheckConstraint(condition=~Q(state="paid") | Q(paid_at__isnull=False), name="gift_paid_has_time"),
            models.UniqueConstraint(fields=["provider", "account", "provider_ref"], condition=~Q(provider_ref=""), name="gift_provider_ref"),
        ]
        # Serves the sweeper: what was handed over and never came back.
        indexes = [models.Index(fields=["state", "handed_off_at"], name="gift_waiting")]

    def __str__(self):
        return f"{self.money} {self.cadence}"

    @property
    def money(self):
        """The promised amount."""
        return Money(self.amount_minor, self.currency)


class Plan(models.Model):
    """A promise to give again and again, as the provider carries it out."""

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    gift = models.OneToOneField(Gift, models.PROTECT, related_name="plan")
    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    provider_ref = models.CharField(max_length=120, help_text="Never blanked, also when the plan has ended.")
    next_on = models.DateField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "provider_ref"], name="plan_provider_ref"),
            models.CheckConstraint(condition=~Q(provider_ref=""), name="plan_ref_never_blank"),
            models.CheckConstraint(condition=~Q(state="ended") | Q(ended_at__isnull=False), name="plan_ended_has_time"),
        ]

    def __str__(self):
        return f"{self.gift}"


class PlanPeriod(models.Model):
    """One billing period of a plan; it is charged at most once."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    charge_ref = models.CharField(max_length=120)

    class Meta:
        ordering = ["plan", "starts_on"]
        constraints = [models.UniqueConstraint(fields=["plan", "starts_on"], name="planperiod_once")]

    def __str__(self):
        return f"{self.plan_id} {self.starts_on}"
