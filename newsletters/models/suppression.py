"""Mailboxes that must not be written to."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SuppressionQuerySet(models.QuerySet):
    """Who must not be written to."""

    def in_force(self):
        """Keep those that nobody lifted."""
        return self.filter(lifted_at__isnull=True)


class Suppression(models.Model):
    """A mailbox that must not be written to, as a keyed hash that survives erasure and every import."""

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("Bounce")
        COMPLAINT = "complaint", _("Complaint")
        REQUEST = "request", _("Asked never to be written to")
        STAFF = "staff", _("Staff")

    email_key = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=9, choices=Reason)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+")
    lifted_reason = models.CharField(max_length=200, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"], condition=Q(lifted_at__isnull=True), name="suppression_one_in_force"
            ),
        ]

    def __str__(self):
        return f"{self.email_key[:8]} ({self.reason})"

    # Events

    @classmethod
    def impose(cls, email_key, reason, *, at, evidence=""):
        """Stop all mail to an address, once, and drop what waits for it."""
        from newsletters.models.delivery import Delivery

        with transaction.atomic():
            cls.objects.bulk_create(
                [cls(email_key=email_key, reason=reason, evidence=evidence[:200], created_at=at)], ignore_conflicts=True
            )
            waiting = Delivery.objects.waiting().filter(subscriber__email_key=email_key)
            waiting.update(state=Delivery.State.DROPPED, owner="", lease_until=None, next_try_at=None)

    def lift(self, *, by, reason, at):
        """Let mail go to the address again, for a reason that stays on record."""
        from newsroom.models import StaffAction

        with transaction.atomic():
            rows = type(self).objects.in_force().filter(pk=self.pk)
            if rows.update(lifted_at=at, lifted_by=by, lifted_reason=reason[:200]):
                StaffAction.record(user=by, action="lift", thing=self, at=at, reason=reason[:300])
