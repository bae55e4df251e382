"""Editions: one title in one language, with its identity and its words."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newsroom import html, pagecache
from newsroom.storage import random_name

RESERVED_CODES = {
    "admin", "accounts", "hooks", "media", "static", "healthz", "outbox", "sandbox", "sections", "people", "topics",
    "search", "newsletters", "support", "count", "text", "save", "archive",
    "mirrors",
}  # fmt: skip


def logo_name(edition, filename):
    """Return a random name for an uploaded logo."""
    return random_name("logos", filename)


def check_zone(name):
    """Raise ValidationError unless `name` is a time zone of the tz database."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone; write one such as Europe/Copenhagen."), params={"name": name}
        )


def check_code(code):
    """Raise ValidationError when `code` would hide an address of the site."""
    if code in RESERVED_CODES:
        raise ValidationError(
            _("“%(code)s” is an address of the site itself; choose another code."), params={"code": code}
        )


class Edition(models.Model):
    """One title in one language: `/` for the default edition, `/<code>/` for every other."""

    code = models.CharField(
        _("code"), max_length=12, unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z", _("Small Latin letters, digits and hyphens.")), check_code],
        help_text=_("Part of the address: /ru/. It cannot change once stories are out."),
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    title = models.CharField(pgettext_lazy("edition", "title"), max_length=80)
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    is_default = models.BooleanField(_("default edition"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_zone])
    time_zone_label = models.CharField(
        _("name of the time zone"), max_length=40, blank=True, help_text=_("Shown after each time: “Linnhaven time”.")
    )
    readers_time_zone = models.CharField(
        _("time zone of the readers"), max_length=64, blank=True, default="", db_default="", validators=[check_zone],
        help_text=_("Where most of them live, when that is elsewhere: shown beside the time of publication."),
    )  # fmt: skip
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters."))],
    )
    logo = models.ImageField(_("logo"), upload_to=logo_name, blank=True)
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    postal_address = models.CharField(
        _("postal address"), max_length=300, blank=True, help_text=_("Stands in every letter.")
    )
    privacy_url = models.CharField(_("privacy page"), max_length=200, default="/privacy/")
    corrections_url = models.CharField(_("corrections page"), max_length=200, default="/corrections/")
    about_url = models.CharField(_("about page"), max_length=200, default="/about/")
    newsletter_box_title = models.CharField(_("title of the newsletter box"), max_length=120, blank=True)
    newsletter_box_text = models.TextField(_("text of the newsletter box"), max_length=600, blank=True)
    privacy_sentence = models.CharField(_("privacy sentence"), max_length=300, blank=True)
    support_title = models.CharField(_("title of the message to readers"), max_length=160, blank=True)
    support_text = models.TextField(_("message to readers"), max_length=6000, blank=True)
    support_short = models.CharField(_("message in one line"), max_length=200, blank=True)
    footer_text = models.TextField(_("footer"), max_length=600, blank=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="edition_one_default"),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        """Store the edition with its message cleaned, and forget every page made of it."""
        self.support_text = html.clean_body(self.support_text)
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump("site")

    def get_absolute_url(self):
        return f"{self.prefix}/"

    @property
    def prefix(self):
        """The start of every address in this edition: "" or "/ru"."""
        return "" if self.is_default else f"/{self.code}"

    @property
    def zone(self):
        """The time zone as a ZoneInfo."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def readers_zone(self):
        """The time zone in which most readers live, when it is another one than `zone`; else None."""
        elsewhere = self.readers_time_zone and self.readers_time_zone != self.time_zone
        return zoneinfo.ZoneInfo(self.readers_time_zone) if elsewhere else None
