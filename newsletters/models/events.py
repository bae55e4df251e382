"""What came back after a letter was accepted: failures, complaints, and mail that nobody understood."""

import datetime
import re

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from newsletters.models.delivery import Delivery
from newsletters.models.subscriber import Subscription
from newsletters.models.suppression import Suppression

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
ADDRESS = re.compile(r"<?[^\s<>\"']+@[^\s<>\"']+>?")
SOFT_ISSUES, SOFT_SPAN = 5, datetime.timedelta(days=15)


def without_addresses(text, limit=200):
    """Return a text in which no address can be read."""
    return " ".join(ADDRESS.sub("<…>", text).split())[:limit]


class DeliveryEvent(models.Model):
    """One thing that a mail server or a provider told about a letter; told twice, it counts once."""

    class Kind(models.TextChoices):
        HARD = "hard", _("No such mailbox")
        SOFT = "soft", _("Could not be delivered this time")
        POLICY = "policy", _("Refused for a reason of policy")
        COMPLAINT = "complaint", _("Complaint")
        LEFT = "left", _("Left through the provider")

    source = models.CharField(_("source"), max_length=20)
    event_id = models.CharField(max_length=100)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="events")
    reply = models.CharField(_("reply of the mail server"), max_length=200, blank=True)
    at = models.DateTimeField(_("time"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("report about a letter")
        verbose_name_plural = _("reports about letters")
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="delivery_event_once")]

    def __str__(self):
        return f"{self.source} {self.kind}"

    # Events

    @classmethod
    def take(cls, delivery, kind, *, source, event_id, reply, at):
        """Act on one report about a delivery, once, and tell whether it was new.

        No such mailbox: suppressed. A complaint: out at once, and suppressed. Failures of the moment: suppressed after
        five issues in a row over at least fifteen days. Policy says nothing about a reader: nothing happens to her.
        """
        with transaction.atomic():
            event, made = cls.objects.get_or_create(
                source=source, event_id=event_id[:100],
                defaults={"kind": kind, "delivery": delivery, "reply": without_addresses(reply), "at": at},
            )  # fmt: skip
            if not made:
                return False
            event._act(at=at)
        return True

    def _act(self, *, at):
        delivery, kind = self.delivery, self.kind
        if kind in {self.Kind.HARD, self.Kind.SOFT, self.Kind.POLICY}:
            rows = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.ACCEPTED)
            rows.update(state=Delivery.State.FAILED, reply=self.reply)
        if type(self).objects.filter(delivery=delivery, kind=kind).exclude(pk=self.pk).exists():
            return  # the same failure, told through another door
        if kind == self.Kind.HARD or (kind == self.Kind.SOFT and self._is_lasting()):
            self._suppress(Suppression.Reason.BOUNCE, at=at)
        elif kind == self.Kind.COMPLAINT:
            self._leave(Subscription.How.COMPLAINT, at=at)
            self._suppress(Suppression.Reason.COMPLAINT, at=at)
        elif kind == self.Kind.LEFT:
            self._leave(Subscription.How.MAIL, at=at)

    def _suppress(self, reason, *, at):
        if self.delivery.subscriber is not None:
            Suppression.impose(self.delivery.subscriber.email_key, reason, at=at, evidence=self.reply)

    def _leave(self, how, *, at):
        if self.delivery.subscription is not None:
            self.delivery.subscription.leave(how, at=at)

    # Questions

    def _is_lasting(self):
        """Tell whether the last five issues of this reader all failed, over fifteen days; one that arrived ends it."""
        if self.delivery.subscriber_id is None:
            return False
        sent = Delivery.objects.filter(subscriber=self.delivery.subscriber_id, part=1, pk__lte=self.delivery_id)
        streak = []
        for row in sent.select_related("issue").prefetch_related("events").order_by("-pk")[:50]:
            if not any(event.kind == self.Kind.SOFT for event in row.events.all()):
                break
            streak.append(row.issue.started_at)
        return len(streak) >= SOFT_ISSUES and max(streak) - min(streak) >= SOFT_SPAN


def kind_of(status):
    """Return what a status code or a reply says about a reader, or None when it says nothing lasting (RFC 3463)."""
    found = STATUS.search(status)
    if found is None or found.group(1) == "2":
        return None
    if found.group(2) == "7":
        return DeliveryEvent.Kind.POLICY
    if found.group(1) == "5" and found.group(2) == "1":
        return DeliveryEvent.Kind.HARD
    return DeliveryEvent.Kind.SOFT


class StrayMail(models.Model):
    """Mail in the site's mailbox that nobody understood: kept for a person to look at, addresses blotted out."""

    message_hash = models.CharField(max_length=64, unique=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("mail not understood")
        verbose_name_plural = _("mails not understood")

    def __str__(self):
        return self.subject or "—"
