"""Private links: somebody outside reads the saved draft, for a while, without an account."""

import datetime
import hashlib
import secrets

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from newsroom.models import StaffAction

DAYS = 7
MOST_DAYS = 30
MOST_LINKS = 20


class PrivateLinkQuerySet(models.QuerySet):
    """Links by whether they still open."""

    def working(self, at):
        """Keep the links that open at `at`: neither expired nor revoked, made by somebody who still has an account."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at, created_by__is_active=True)


class PrivateLink(models.Model):
    """One way for an outsider (lawyer, source, translator) to read the saved draft of a thing.

    The token is in the address alone; here stands its SHA-256. Of those who read, nothing is kept but how often and
    when last.
    """

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey("content_type", "object_id")
    token_hash = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    views = models.PositiveIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)

    objects = PrivateLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("private link")
        verbose_name_plural = _("private links")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="privatelink_expires_later"),
        ]
        # Serves the list of the links of one thing.
        indexes = [models.Index(fields=["content_type", "object_id", "-id"], name="privatelink_thing")]

    def __str__(self):
        return f"{self.content_type_id}/{self.object_id} until {self.expires_at}"

    # Events

    @classmethod
    def issue(cls, thing, *, by, at, days=DAYS, note=""):
        """Make a link that opens for `days` and return (link, token); the token is kept nowhere.

        Raises ValidationError for less than a day, more than MOST_DAYS, or when the thing has MOST_LINKS already.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ValidationError(_("Between 1 and %(most)d days."), params={"most": MOST_DAYS}, code="days")
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            if cls.of(thing).working(at).count() >= MOST_LINKS:
                raise ValidationError(
                    _("This has %(most)d links that open: revoke one first."), params={"most": MOST_LINKS}, code="many"
                )
            link = cls.objects.create(
                content_type=thing.content_type, object_id=thing.pk, token_hash=hash_of(token), note=note,
                created_by=by, created_at=at, expires_at=at + datetime.timedelta(days=days),
            )  # fmt: skip
            StaffAction.record(user=by, action="issue private link", thing=thing, at=at)
        return link, token

    def revoke(self, *, by, at):
        """End the link at once and tell whether it was this call that did."""
        with transaction.atomic():
            if not type(self).objects.filter(pk=self.pk, revoked_at__isnull=True).update(revoked_at=at):
                return False
            StaffAction.record(user=by, action="revoke private link", thing=self.thing, at=at)
        self.revoked_at = at
        return True

    def count_view(self, *, at):
        """Count one opening and tell whether the link still opened at that moment, in one statement."""
        opened = type(self).objects.filter(pk=self.pk, revoked_at__isnull=True, expires_at__gt=at)
        return bool(opened.update(views=F("views") + 1, last_seen_at=at))

    # Questions

    @classmethod
    def of(cls, thing):
        """Return the links of one thing."""
        return cls.objects.filter(content_type=thing.content_type, object_id=thing.pk)

    @classmethod
    def find(cls, token, *, at):
        """Return the link that a token opens at `at`, or None."""
        return cls.objects.working(at).filter(token_hash=hash_of(token)).first()

    def content(self):
        """Return what the link shows: the content at the last explicit moment of the history, never what is typed."""
        thing = self.thing
        revision = thing.revisions.first()
        content = revision.content if revision is not None else thing.read_draft().content
        return thing.document.clean({**thing.document.blank(), **content})

    def has_ended(self, *, at):
        """Tell whether the thing was published after the link was made: readers have it then, or had it."""
        return self.thing.revisions.filter(live_from__gt=self.created_at, live_from__lte=at).exists()


def hash_of(token):
    """Return the hex SHA-256 of a token: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
