"""The outbox of letters: one row per issue and reader, so that each gets it once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Rendering(models.Model):
    """The frozen mail of an issue, with placeholders of fixed length for the reader's address and token.

    The bytes go seven days after sending; the hash stays.
    """

    issue = models.ForeignKey("newsletters.Issue", models.PROTECT, related_name="renderings")
    language = models.CharField(max_length=12)
    message = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "language", "sha256"], name="rendering_once")]

    def __str__(self):
        return f"{self.issue_id} {self.sha256[:8]}"


class Delivery(models.Model):
    """That one reader gets one issue: queued when the sending begins, and settled once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        CLAIMED = "claimed", _("Being sent")
        ACCEPTED = "accepted", _("Accepted by the mail server")
        FAILED = "failed", _("Failed")
        DROPPED = "dropped", _("Left before it was sent")

    issue = models.ForeignKey("newsletters.Issue", models.PROTECT, related_name="deliveries")
    subscriber = models.ForeignKey("newsletters.Subscriber", models.SET_NULL, null=True, related_name="deliveries")
    subscription = models.ForeignKey("newsletters.Subscription", models.SET_NULL, null=True, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    reply = models.CharField(max_length=200, blank=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="delivery_once"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(lease_until__isnull=False), name="delivery_claim_has_lease"
            ),
        ]
        indexes = [
            # Serves the claim of the next letters in order.
            models.Index(fields=["issue", "id"], condition=Q(state="queued"), name="delivery_queued"),
            # Serves the return of letters whose worker died.
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="delivery_claimed"),
        ]

    def __str__(self):
        return f"{self.issue_id}/{self.subscriber_id} {self.state}"
