"""Consent: who asked for what and said yes, and how often a mailbox was asked."""

import datetime
import hashlib

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from newsletters import limits
from newsletters.addresses import mailbox_key
from newsletters.models.suppression import Suppression
from newsletters.tokens import new_token, token_hash

LIFETIME = datetime.timedelta(days=7)


class AppendOnly(models.Model):
    """A row that is written once. It leaves only with the person that it is about; the database refuses a change."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        """Store a new row. Raises TypeError for one that is there already."""
        if not self._state.adding:
            raise TypeError(f"{self._meta.label} is append-only.")
        super().save(*args, **kwargs)


class ConsentWording(AppendOnly):
    """The words that somebody agreed to, kept for ever under their version."""

    version = models.CharField(_("version"), max_length=40, unique=True)
    text = models.TextField(_("words"))
    created_at = models.DateTimeField(_("first shown"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("wording of the consent")
        verbose_name_plural = _("wordings of the consent")

    def __str__(self):
        return self.version

    @classmethod
    def keep(cls, edition, newsletters, *, at):
        """Keep what the form promised for these newsletters and return its version: equal words, equal version."""
        promises = [f"{newsletter.name}: {newsletter.promise}" for newsletter in newsletters]
        words = "\n".join([edition.privacy_sentence, *promises])
        version = f"{edition.language}-{hashlib.sha256(words.encode()).hexdigest()[:16]}"
        cls.objects.bulk_create([cls(version=version, text=words, created_at=at)], ignore_conflicts=True)
        return version


class ConsentEvent(AppendOnly):
    """One step of consent, for ever: what was done, when, under which wording. No network address."""

    class Action(models.TextChoices):
        REQUEST = "request", _("Asked for it")
        CONFIRM = "confirm", _("Confirmed")
        LEAVE = "leave", _("Left")
        IMPORT = "import", _("Imported")

    subscription = models.ForeignKey("newsletters.Subscription", models.CASCADE, related_name="consent")
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


class ConfirmRequestQuerySet(models.QuerySet):
    """Requests by what became of them."""

    def open(self, at):
        """Keep those that wait for an answer."""
        return self.filter(used_at__isnull=True, expires_at__gt=at)


class ConfirmRequest(models.Model):
    """A link in a confirmation mail: its token is random, stored hashed, and dies after seven days.

    The token is made at the moment of mailing and stands in that mail alone. Until then the hash is that of nothing
    that anybody has.
    """

    subscriber = models.ForeignKey("newsletters.Subscriber", models.CASCADE, related_name="confirm_requests")
    token_hash = models.CharField(max_length=64, unique=True)
    newsletters = models.ManyToManyField("newsletters.Newsletter")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = ConfirmRequestQuerySet.as_manager()

    def __str__(self):
        return f"request of {self.subscriber_id}"

    # Events

    @classmethod
    def make(cls, subscriber, newsletters, *, at):
        """Open a request for these newsletters."""
        request = cls.objects.create(
            subscriber=subscriber, token_hash=token_hash(new_token()), created_at=at, expires_at=at + LIFETIME
        )
        request.newsletters.set(newsletters)
        return request

    def enqueue(self):
        """Have the worker write the mail; its task row commits with this request."""
        from newsletters.tasks import mail_confirmation

        mail_confirmation.enqueue(request_id=self.pk)

    def renew_token(self):
        """Give the request the token of the mail that goes out now and return it; earlier ones are void."""
        token = new_token()
        self.token_hash = token_hash(token)
        self.save(update_fields=["token_hash"])
        return token

    def mark_mailed(self, *, at):
        """Note that the mail went out: it is not written again."""
        self.mailed_at = at
        self.save(update_fields=["mailed_at"])

    def confirm(self, *, at):
        """Let the reader into the newsletters asked for, once, and tell whether that happened now.

        A link that is used or too old does nothing, and so does one whose mailbox was suppressed in the meantime.
        """
        with transaction.atomic():
            if not type(self).objects.open(at).filter(pk=self.pk).update(used_at=at):
                return False
            if Suppression.objects.in_force().filter(email_key=self.subscriber.email_key).exists():
                return False
            for newsletter in self.newsletters.all():
                subscription, _made = self.subscriber.subscriptions.get_or_create(
                    newsletter=newsletter, defaults={"requested_at": self.created_at}
                )
                subscription.confirm(method="mail", at=at)
            ConfirmLimit.answered(mailbox_key(self.subscriber.read_address()))
        self.used_at = at
        return True

    # Questions

    @classmethod
    def find(cls, token):
        """Return the request that a token belongs to, or None."""
        return cls.objects.select_related("subscriber").filter(token_hash=token_hash(token)).first()

    def is_open(self, at):
        """Tell whether the link still works."""
        return self.used_at is None and self.expires_at > at


class ConfirmLimit(models.Model):
    """How often a mailbox was asked to confirm without answering. A keyed hash, dots and +tags folded: no address."""

    mailbox_key = models.CharField(max_length=64, unique=True)
    unanswered = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self):
        return f"{self.mailbox_key[:8]} {self.unanswered}"

    @classmethod
    def take(cls, mailbox, *, at):
        """Count one mail to the mailbox and tell whether it may be sent; of many callers at once one may."""
        cls.objects.bulk_create([cls(mailbox_key=mailbox)], ignore_conflicts=True)
        rested = Q(asked_at__isnull=True) | Q(asked_at__lte=at - limits.REPEAT_AFTER)
        rows = cls.objects.filter(rested, mailbox_key=mailbox, unanswered__lt=limits.MAX_UNANSWERED)
        return bool(rows.update(unanswered=F("unanswered") + 1, asked_at=at))

    @classmethod
    def answered(cls, mailbox):
        """Forget the count: somebody reads this mailbox and wants the letters."""
        cls.objects.filter(mailbox_key=mailbox).delete()

    @classmethod
    def forget_old(cls, *, at):
        """Delete the counts of mailboxes that were not asked for a year and return how many."""
        return cls.objects.filter(asked_at__lt=at - limits.FORGET_AFTER).delete()[0]
