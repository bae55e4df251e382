"""Sections: the parts of the title that readers know."""

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.models.redirect import Redirect
from articles.places import paths_before
from newsroom import pagecache
from newsroom.editions import edition_url


class Section(models.Model):
    """A part of one edition, such as Politics."""

    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="sections", verbose_name=_("edition"))
    slug = models.SlugField(_("slug"), max_length=60)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_opinion = models.BooleanField(_("opinion"), default=False, help_text=_("Stories here are marked as opinion."))

    class Meta:
        ordering = ["edition", "position", "name"]
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints = [models.UniqueConstraint(fields=["edition", "slug"], name="section_slug_per_edition")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Store the section and forget every page: each carries it in its header. Its old address leads to the new."""
        with transaction.atomic():
            before = paths_before(self)
            super().save(*args, **kwargs)
            Redirect.follow(self, before)
            pagecache.bump("site")

    def get_absolute_url(self):
        return edition_url(self.edition, "articles:section", self.slug)

    def delete(self, *args, **kwargs):
        """Delete the section and forget every page."""
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            pagecache.bump("site")
        return deleted

    @classmethod
    def of(cls, edition):
        """Return the sections of an edition in their order, from memory while nothing has changed."""
        found = [section for section in cls.everywhere() if section.edition_id == edition.pk]
        for section in found:
            section.edition = edition
        return found

    @classmethod
    def everywhere(cls):
        """Return the sections of all editions, from memory while nothing has changed."""
        return _all_sections()


@pagecache.Remembered
def _all_sections():
    return list(Section.objects.all())
