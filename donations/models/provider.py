"""What passes between us and a provider: what we asked (outbox) and what it announced (inbox)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProviderCall(models.Model):
    """One request to a provider; its idempotency key is committed before the call and kept for every repetition."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Rejected")
        UNKNOWN = "unknown", _("Unknown")

    gift = models.ForeignKey("donations.Gift", models.PROTECT, related_name="calls")
    operation = models.CharField(max_length=30)
    idempotency_key = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=9, choices=State, default=State.PREPARED)
    provider_ref = models.CharField(max_length=120, blank=True)
    redirect_url = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=120, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gift", "operation"], name="call_once_per_operation")]

    def __str__(self):
        return f"{self.operation} {self.state}"


class ProviderEvent(models.Model):
    """One signed announcement, stored before it is acted on. A nudge to look, not a fact."""

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        APPLIED = "applied", _("Applied")
        IGNORED = "ignored", _("Ignored")
        PARKED = "parked", _("Parked")
        DEAD = "dead", _("Given up")

    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=30)
    object_ref = models.CharField(max_length=120)
    mode = models.CharField(max_length=7)
    body_sha256 = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.STORED)
    reason = models.CharField(max_length=120, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("provider event")
        verbose_name_plural = _("provider events")
        constraints = [
            models.UniqueConstraint(fields=["provider", "account", "event_id"], name="event_once"),
            models.CheckConstraint(condition=~Q(object_ref=""), name="event_names_object"),
        ]
        # Serves the worker: what is still to be applied.
        indexes = [models.Index(fields=["state", "next_try_at"], name="event_waiting")]

    def __str__(self):
        return f"{self.kind} {self.event_id}"
