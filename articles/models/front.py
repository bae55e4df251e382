"""Fronts as editors arrange them: places in zones, filled by hand; what is left open is filled by rule."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.front_content import FrontDocument
from articles.models.article import Article
from desk.models import Editorial
from newsroom.editions import edition_url


class Zone(models.TextChoices):
    """A part of a front; how many stories it shows stands in `articles.front_content.CAPACITY`."""

    LEAD = "lead", _("Lead")
    SECOND = "second", _("Second row")
    LATEST = "latest", _("Beside the lead")
    FOCUS = "focus", _("In focus")


class Front(Editorial):
    """The arrangement of one front: an edition's front page, or the top of a section.

    It is edited as a draft and published in one go; its revisions are the history of arrangements.
    """

    document = FrontDocument()

    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="fronts", verbose_name=_("edition"))
    section = models.ForeignKey(
        "articles.Section", models.PROTECT, null=True, blank=True, related_name="fronts", verbose_name=_("section"),
        help_text=_("Leave it empty for the front page of the edition."),
    )  # fmt: skip
    focus_title = models.CharField(_("title of “In focus”"), max_length=60, blank=True)
    focus_repeats = models.BooleanField(_("“In focus” may repeat stories"), default=False)

    class Meta(Editorial.Meta):
        ordering = ["edition", "section"]
        verbose_name = _("front page")
        verbose_name_plural = _("front pages")
        constraints = [
            *Editorial.Meta.constraints,
            models.UniqueConstraint(
                fields=["edition"], condition=Q(section__isnull=True), name="front_one_per_edition",
                violation_error_message=_("This edition has its front page already."),
            ),
            models.UniqueConstraint(
                fields=["section"], condition=Q(section__isnull=False), name="front_one_per_section",
                violation_error_message=_("This section has its front already."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.edition}: {self.section.name}" if self.section_id else str(self.edition)

    def clean(self):
        """Raise ValidationError when the section stands in another edition."""
        if self.section_id and self.edition_id and self.section.edition_id != self.edition_id:
            raise ValidationError({"section": _("This section stands in another edition.")})

    def get_absolute_url(self):
        if self.section_id:
            return self.section.get_absolute_url()
        return edition_url(self.edition, "articles:front")

    def page_keys(self):
        """Return the keys of the pages that this front arranges; an edition's front shows its sections' picks too."""
        return {f"front:{self.edition_id}", *([f"section:{self.section_id}"] if self.section_id else [])}

    @classmethod
    def address_to_arrange(cls, edition, section=None):
        """Return where editors arrange a front: its form, or the form that makes it."""
        front = cls.objects.filter(edition=edition, section=section).only("pk").first()
        if front is not None:
            return reverse("admin:articles_front_change", args=[front.pk])
        wanted = f"edition={edition.pk}" + (f"&section={section.pk}" if section else "")
        return f"{reverse('admin:articles_front_add')}?{wanted}"


class PlaceQuerySet(models.QuerySet):
    """Places for readers."""

    def next_due(self, after):
        """Return the next moment after `after` at which a pin ends, or None."""
        return self.filter(pinned_until__gt=after).aggregate(first=Min("pinned_until"))["first"]


class Place(models.Model):
    """A story put by hand into a zone, with the words and the picture it has there only."""

    front = models.ForeignKey(Front, models.CASCADE, related_name="places")
    zone = models.CharField(_("zone"), max_length=8, choices=Zone)
    position = models.PositiveSmallIntegerField(_("position"))
    article = models.ForeignKey(Article, models.CASCADE, related_name="places", verbose_name=_("story"))
    pinned_until = models.DateTimeField(_("until"), null=True, blank=True)
    kicker = models.CharField(_("kicker"), max_length=60, blank=True)
    headline = models.CharField(_("headline"), max_length=200, blank=True)
    photo = models.ForeignKey("articles.Photo", models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlaceQuerySet.as_manager()

    class Meta:
        ordering = ["front", "position"]
        constraints = [
            models.UniqueConstraint(fields=["front", "position"], name="place_position"),
            models.UniqueConstraint(fields=["front", "zone", "article"], name="place_once_per_zone"),
            models.CheckConstraint(condition=Q(zone__in=["lead", "second", "latest", "focus"]), name="place_zone"),
        ]
        # Serves the next moment at which a pin ends.
        indexes = [models.Index(fields=["pinned_until"], name="place_pinned_until")]

    def __str__(self):
        return f"{self.front_id} {self.zone} {self.position}"

    def has_ended(self, at):
        """Tell whether the story's time in this place is over."""
        return self.pinned_until is not None and self.pinned_until <= at
