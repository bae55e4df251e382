"""Static pages: about, privacy, corrections, contact."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.content import PageDocument
from articles.models.redirect import Redirect
from articles.places import paths_before
from desk.models import Editorial
from newsroom.editions import edition_url
from newsroom.models.edition import RESERVED_CODES


def check_page_slug(slug):
    """Raise ValidationError when the slug would hide an address of the site."""
    if slug in RESERVED_CODES:
        raise ValidationError(_("“%(slug)s” is an address of the site itself; choose another."), params={"slug": slug})


class Page(Editorial):
    """A page outside the news, at `/<slug>/`."""

    document = PageDocument()

    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="pages", verbose_name=_("edition"))
    slug = models.SlugField(_("slug"), max_length=60, validators=[check_page_slug])
    title = models.CharField(_("title"), max_length=160, blank=True)
    body_html = models.TextField(_("body"), blank=True)
    position = models.PositiveSmallIntegerField(_("position in the footer"), default=0)

    class Meta(Editorial.Meta):
        ordering = ["edition", "position", "slug"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        constraints = [
            *Editorial.Meta.constraints,
            models.UniqueConstraint(fields=["edition", "slug"], name="page_slug_per_edition"),
        ]

    def __str__(self):
        return self.title or self.slug

    def save(self, *args, update_fields=None, **kwargs):
        """Store the page; the old address of one that readers have seen leads to the new."""
        may_move = update_fields is None or {"slug", "edition"} & set(update_fields)
        with transaction.atomic():
            before = paths_before(self) if may_move and self.state != self.State.DRAFT else {}
            super().save(*args, update_fields=update_fields, **kwargs)
            if may_move:
                Redirect.follow(self, before)

    def get_absolute_url(self):
        return edition_url(self.edition, "articles:page", self.slug)

    def page_keys(self):
        """Return every key: each page carries the list of pages in its footer."""
        return {"site", f"page:{self.pk}"}
