"""Photos: the private original, the public renditions, and what readers are told about them."""

from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.credits import join_credit
from articles.slugs import public_id
from newsroom.storage import random_name


def private_storage():
    """Return the storage of originals, read from the settings when it is needed."""
    return storages["private"]


def original_name(photo, filename):
    """Return a random name for an original."""
    return random_name("originals", filename)


class PhotoQuerySet(models.QuerySet):
    """Photos for lists."""

    def search(self, words):
        """Keep photos whose caption, credit, place or keywords hold every word."""
        photos = self
        for word in words.split()[:8]:
            photos = photos.filter(
                Q(caption__icontains=word) | Q(creator__icontains=word) | Q(agency__icontains=word)
                | Q(place__icontains=word) | Q(keywords__icontains=word) | Q(texts__caption__icontains=word)
            )  # fmt: skip
        return photos.distinct()


class Photo(models.Model):
    """One picture. Readers only ever get renditions, which carry no metadata; see articles.renditions."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    original = models.FileField(_("original"), storage=private_storage, upload_to=original_name, max_length=160)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False, help_text=_("Pixels, turned upright."))
    height = models.PositiveIntegerField(_("height"), editable=False)
    renditions = models.JSONField(default=list, editable=False, help_text="[{w, h, format, name}], names in the public storage.")
    caption = models.CharField(_("caption"), max_length=500, blank=True, help_text=_("A sentence with a full stop: what, where, when."))
    creator = models.CharField(_("creator"), max_length=120, blank=True, help_text=_("Photographer or agency."))
    agency = models.CharField(_("agency"), max_length=120, blank=True, help_text=_("Who distributes it: “EPA / TASS” is creator and agency."))
    credit_url = models.URLField(_("link of the credit"), max_length=300, blank=True)
    alt = models.CharField(_("alternative text"), max_length=300, blank=True, help_text=_("What one sees, for readers who do not."))
    focal_x = models.FloatField(_("focal point, from the left"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    focal_y = models.FloatField(_("focal point, from the top"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    taken_on = models.DateField(_("taken on"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    keywords = models.CharField(_("keywords"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("uploaded"), editable=False)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(condition=Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="photo_focal_point")
        ]

    def __str__(self):
        return self.caption or self.public_id

    @property
    def credit(self):
        """Return the credit in the trade's form: "EPA / TASS"."""
        return join_credit(self.creator, self.agency)

    def caption_in(self, language):
        """Return the caption in a language. Reads prefetched `texts` only."""
        return self._text(language, "caption")

    def alt_in(self, language):
        """Return the alternative text in a language. Reads prefetched `texts` only."""
        return self._text(language, "alt")

    def _text(self, language, name):
        for text in self.texts.all():
            if text.language == language and getattr(text, name):
                return getattr(text, name)
        return getattr(self, name)


class PhotoText(models.Model):
    """The caption and alternative text of a photo in another language."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    alt = models.CharField(_("alternative text"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("wording in another language")
        verbose_name_plural = _("wordings in other languages")
        constraints = [models.UniqueConstraint(fields=["photo", "language"], name="phototext_language")]

    def __str__(self):
        return f"{self.caption} ({self.language})"
