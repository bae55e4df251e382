"""Mirrors: the other addresses under which the title can be read while its own is blocked."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from newsroom import pagecache


def check_address(value):
    """Raise ValidationError unless `value` is `https://host[:port][/path]`; http is for onions, and by a setting."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValidationError(_("This is not an address; write one such as https://example.org.")) from None
    host = parts.hostname or ""
    if parts.username or parts.query or parts.fragment or port == 0 or not host or not host.isascii():
        raise ValidationError(_("Write scheme, host and perhaps a path alone, such as https://example.org."))
    allowed = {"https", "http"} if settings.PLAIN_MIRRORS or host.endswith(".onion") else {"https"}
    if parts.scheme not in allowed or not _is_host(host):
        raise ValidationError(_("This is not an address; write one such as https://example.org."))


def _is_host(host):
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        return all(label and label.replace("-", "").replace("_", "").isalnum() for label in labels)
    return True


def check_languages(value):
    """Raise ValidationError unless `value` is a list of languages of the site, separated by spaces."""
    for word in value.split():
        if word not in dict(settings.LANGUAGES):
            raise ValidationError(_("“%(word)s” is not a language of this site."), params={"word": word})


class Mirror(models.Model):
    """One address that answers with the same pages, and what the last look at it saw."""

    class State(models.TextChoices):
        """What the last look saw."""

        UNKNOWN = "unknown", _("not looked at")
        CURRENT = "current", _("shows today’s front page")
        OLD = "old", _("shows an old front page")
        OTHER = "other", _("shows another page")
        AWAY = "away", _("does not answer")

    # A mirror in one of these states is in no list for readers.
    FAILED = (State.OTHER, State.AWAY)

    address = models.CharField(
        _("address"), max_length=200, unique=True, validators=[check_address],
        help_text=_("Such as https://lantern-7.example or http://….onion; a copy may stand in a folder."),
    )  # fmt: skip
    label = models.CharField(_("label"), max_length=60, blank=True, help_text=_("Readers see it beside the address."))
    languages = models.CharField(
        _("languages"), max_length=80, blank=True, validators=[check_languages],
        help_text=_("Codes with spaces between, such as “ru en”; empty for all."),
    )  # fmt: skip
    active = models.BooleanField(
        _("active"), default=True, help_text=_("It is answered and told to readers. Switched off it is refused.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True, help_text=_("For the newsroom only."))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UNKNOWN, editable=False)
    state_note = models.CharField(_("what was seen"), max_length=200, blank=True, editable=False)
    checked_at = models.DateTimeField(_("last check"), null=True, blank=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("mirror")
        verbose_name_plural = _("mirrors")
        permissions = [("check_mirror", _("Can look whether a mirror answers"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["unknown", "current", "old", "other", "away"]), name="mirror_state_known"
            )
        ]

    def __str__(self):
        return self.address

    def save(self, *args, **kwargs):
        """Store the row; every process asks again who is listed."""
        self.address = self.address.strip().rstrip("/")
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump("mirrors", "site")

    def delete(self, *args, **kwargs):
        """Delete the row; every process asks again who is listed."""
        with transaction.atomic():
            gone = super().delete(*args, **kwargs)
            pagecache.bump("mirrors", "site")
        return gone

    def clean(self):
        """Refuse the site's own hosts as mirrors of themselves."""
        own = {urlsplit(origin).hostname for origin in (settings.HOME_ORIGIN, settings.WORKSHOP_ORIGIN)}
        try:
            host = urlsplit(self.address).hostname
        except ValueError:
            return  # the field says so
        if host in own:
            raise ValidationError({"address": _("This is the site’s own address.")})

    def note_check(self, state, note, *, at):
        """Write down what a look at `at` saw; an older look than the last one changes nothing."""
        was_listed = self.is_working
        with transaction.atomic():
            rows = Mirror.objects.filter(pk=self.pk).exclude(checked_at__gt=at)
            if not rows.update(state=state, state_note=note[:200], checked_at=at):
                return
            self.state, self.state_note, self.checked_at = state, note[:200], at
            if self.is_working != was_listed:
                pagecache.bump("mirrors", "site")

    @property
    def host(self):
        """The name under which it is asked for, in small letters, without a port."""
        return (urlsplit(self.address).hostname or "").rstrip(".")

    @property
    def is_onion(self):
        """Whether it is a service of the onion network."""
        return self.host.endswith(".onion")

    @property
    def is_working(self):
        """Whether readers may be sent there."""
        return self.active and self.state not in self.FAILED

    def speaks(self, edition):
        """Tell whether it carries the edition's language."""
        return not self.languages or edition.language in self.languages.split()
