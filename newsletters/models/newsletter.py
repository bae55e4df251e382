"""Newsletters: what readers can sign up for."""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from newsroom import pagecache
from newsroom.editions import edition_url


class Newsletter(models.Model):
    """A letter with a name, a promise and a rhythm."""

    edition = models.ForeignKey(
        "newsroom.Edition", models.PROTECT, related_name="newsletters", verbose_name=_("edition")
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    promise = models.CharField(
        _("promise"), max_length=300, help_text=_("What readers get, and how often: “… every Friday”.")
    )
    rhythm = models.CharField(_("rhythm"), max_length=60, blank=True, help_text=_("“Every Friday”, in a few words."))
    sender_name = models.CharField(_("sender"), max_length=80)
    sender_address = models.EmailField(
        _("sender's address"), blank=True, help_text=_("The site's own address when empty.")
    )
    list_id = models.CharField(
        _("List-Id"), max_length=120, unique=True, help_text=_("Never changes: mail programs sort by it (RFC 2919).")
    )
    is_active = models.BooleanField(_("open for signup"), default=True)
    has_archive = models.BooleanField(_("public archive"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["edition", "position", "name"]
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Store the newsletter and forget the pages with its box."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"newsletters:{self.edition_id}")

    def get_absolute_url(self):
        return edition_url(self.edition, "newsletters:archive", self.slug)
