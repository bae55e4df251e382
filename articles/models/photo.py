"""Photos: the private original, the public renditions, and what readers are told about them."""

import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import photos, renditions
from articles.credits import join_credit
from articles.slugs import public_id
from newsroom import pagecache
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

    was_known = False

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    original = models.FileField(_("original"), storage=private_storage, upload_to=original_name, max_length=160)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False, help_text=_("Pixels, turned upright."))
    height = models.PositiveIntegerField(_("height"), editable=False)
    renditions = models.JSONField(
        default=list, editable=False, help_text="[{w, h, format, name}], names in the public storage."
    )
    caption = models.CharField(
        _("caption"), max_length=500, blank=True, help_text=_("A sentence with a full stop: what, where, when.")
    )
    creator = models.CharField(_("creator"), max_length=120, blank=True, help_text=_("Photographer or agency."))
    agency = models.CharField(
        _("agency"), max_length=120, blank=True, help_text=_("Who distributes it: “EPA / TASS” is creator and agency.")
    )
    credit_url = models.URLField(_("link of the credit"), max_length=300, blank=True)
    alt = models.CharField(
        _("alternative text"), max_length=300, blank=True, help_text=_("What one sees, for readers who do not.")
    )
    focal_x = models.FloatField(
        _("focal point, from the left"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    focal_y = models.FloatField(
        _("focal point, from the top"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    taken_on = models.DateField(_("taken on"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    keywords = models.CharField(_("keywords"), max_length=300, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("uploaded by"),
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

    def save(self, *args, **kwargs):
        """Store the photo and forget the pages that show it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"photo:{self.public_id}")

    # Events

    @classmethod
    def take_in(cls, file, *, by, at, **fields):
        """Return the photo of an uploaded file: checked, its original put away, one picture for readers made at once.

        Words inside the file fill the fields that are not given. A file that is in the library already gives the photo
        that stands there, unchanged, with `was_known` set. The other renditions are made by the worker. Raises
        ValidationError with a sentence when the file is no picture that can be used.
        """
        picture = photos.examine(file)
        known = cls.objects.filter(sha256=picture.sha256).first()
        if known:
            known.was_known = True
            return known
        base = renditions.make_base(picture.content)
        given = {name: value for name, value in fields.items() if value not in {None, ""}}
        photo = cls(
            **{**picture.words, **given}, sha256=picture.sha256, width=picture.width, height=picture.height,
            renditions=[base], uploaded_by=by, created_at=at,
        )  # fmt: skip
        photo.original.save(f"original{picture.suffix}", ContentFile(picture.content), save=False)
        with transaction.atomic():
            photo.save(force_insert=True)
            photo.ask_for_renditions()
        return photo

    def ask_for_renditions(self):
        """Have the worker make every size."""
        from articles.tasks import make_renditions

        make_renditions.enqueue(photo_id=self.pk)

    def make_renditions(self):
        """Make every size around the focal point, then show them in one step; the old files go a day later."""
        from articles.tasks import delete_renditions

        with self.original.open("rb") as stream:
            entries = renditions.make_all(stream.read(), focal_x=self.focal_x, focal_y=self.focal_y)
        old = [entry["name"] for entry in self.renditions]
        with transaction.atomic():
            rows = Photo.objects.filter(pk=self.pk, focal_x=self.focal_x, focal_y=self.focal_y)
            kept = rows.update(renditions=entries)
            unused = old if kept else [entry["name"] for entry in entries]
            tomorrow = timezone.now() + datetime.timedelta(days=1)
            delete_renditions.using(run_after=tomorrow).enqueue(names=unused)
            pagecache.bump(f"photo:{self.public_id}")
        if kept:
            self.renditions = entries

    def move_focal_point(self, x, y):
        """Set the point that crops keep, from 0 to 1 from the left and from the top, and have the crops made anew."""
        self.focal_x, self.focal_y = x, y
        with transaction.atomic():
            self.save(update_fields=["focal_x", "focal_y"])
            self.ask_for_renditions()

    # Questions

    def rendition(self, width, *, crop="", form="jpeg"):
        """Return the entry nearest to `width`, at least as wide where there is one; any JPEG rather than nothing."""
        fitting = [entry for entry in self.renditions if entry["format"] == form and entry.get("crop", "") == crop]
        fitting = fitting or [entry for entry in self.renditions if entry["format"] == "jpeg"]
        wide = [entry for entry in fitting if entry["w"] >= width]
        if wide:
            return min(wide, key=lambda entry: entry["w"])
        return max(fitting, key=lambda entry: entry["w"], default=None)

    def url(self, width, *, crop="", form="jpeg"):
        """Return the address of the rendition nearest to `width`, or ""."""
        entry = self.rendition(width, crop=crop, form=form)
        return default_storage.url(entry["name"]) if entry else ""

    @property
    def url_for_desk(self):
        """The address of a whole picture of middling width."""
        return self.url(800)

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

    def save(self, *args, **kwargs):
        """Store the wording and forget the pages that show the photo."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"photo:{self.photo.public_id}")
