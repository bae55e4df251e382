"""Readers of letters: sealed addresses, subscriptions, consent, and who must never be written to again."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newsletters.tokens import random_id


class Subscriber(models.Model):
    """One reader: a random id, a sealed address and its keyed hash. No name, no network address, no account."""

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)
    key_id = models.UUIDField(help_text="The sealing key; destroying it is erasure.")
    address_sealed = models.TextField()
    email_key = models.CharField(max_length=64, unique=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    token_epoch = models.PositiveIntegerField(default=1, help_text="Raised to make every link sent so far useless.")
    created_at = models.DateTimeField(_("since"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")

    def __str__(self):
        return self.public_id[:8]


class Subscription(models.Model):
    """That a reader wants one newsletter, or wanted it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Not confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        UNSUBSCRIBED = "unsubscribed", _("Left")

    class How(models.TextChoices):
        ONE_CLICK = "one_click", _("One click in the mail program")
        PAGE = "page", _("Page")
        MAIL = "mail", _("Mail")
        COMPLAINT = "complaint", _("Complaint")
        BOUNCE = "bounce", _("Bounce")
        STAFF = "staff", _("Staff")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    newsletter = models.ForeignKey("newsletters.Newsletter", models.PROTECT, related_name="subscriptions")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PENDING)
    source = models.CharField(_("source"), max_length=40, blank=True, help_text="The kind of page or the import; never its address.")
    requested_at = models.DateTimeField(_("requested"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    left_at = models.DateTimeField(_("left"), null=True)
    left_how = models.CharField(_("how"), max_length=10, choices=How, blank=True)
    paused_until = models.DateTimeField(_("paused until"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "newsletter"], name="subscription_once"),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(state="confirmed", confirmed_at__isnull=False) | Q(state="unsubscribed", left_at__isnull=False),
                name="subscription_state_has_time",
            ),
        ]
        # Serves the start of an issue: the confirmed readers of a newsletter.
        indexes = [models.Index(fields=["newsletter", "state"], name="subscription_by_state")]

    def __str__(self):
        return f"{self.subscriber} → {self.newsletter_id} ({self.state})"


class ConsentEvent(models.Model):
    """One step of consent, for ever: what was done, when, under which wording. No network address."""

    class Action(models.TextChoices):
        REQUEST = "request", _("Asked for it")
        CONFIRM = "confirm", _("Confirmed")
        LEAVE = "leave", _("Left")
        IMPORT = "import", _("Imported")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="consent")
    action = models.CharField(max_length=8, choices=Action)
    wording_version = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"{self.action} {self.at:%Y-%m-%d}"


class ConfirmRequest(models.Model):
    """A link in a confirmation mail: its token is random, stored hashed, and dies after seven days."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="confirm_requests")
    token_hash = models.CharField(max_length=64, unique=True)
    newsletters = models.ManyToManyField("newsletters.Newsletter")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"request of {self.subscriber_id}"


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

    class Meta:
        ordering = ["-id"]
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(fields=["email_key"], condition=Q(lifted_at__isnull=True), name="suppression_one_in_force")
        ]

    def __str__(self):
        return f"{self.reason} {self.email_key[:8]}"
