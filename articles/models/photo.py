"""Photos: the private original, the public renditions, and what readers are told about them."""

import datetime

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from articles import credits, likeness, photos, renditions
from articles.slugs import public_id
from desk.models import Draft
from newsroom import pagecache
from newsroom.models import StaffAction
from newsroom.storage import random_name

SOON = datetime.timedelta(days=14)
SHOWN = 100
CREDITED = ("creator", "agency", "copyright")
WORDY = ("caption", *CREDITED, "place", "keywords", "licence", "rights_note", "texts__caption")
NAMES = {"creator", "agency", "copyright"}


def private_storage():
    """Return the storage of originals, read from the settings when it is needed."""
    return storages["private"]


def original_name(photo, filename):
    """Return a random name for an original."""
    return random_name("originals", filename)


class PhotoQuerySet(models.QuerySet):
    """Photos for lists."""

    def search(self, words):
        """Keep photos whose caption, credit, place, keywords or rights hold every word, in small or capital letters."""
        return self._holding(words, WORDY).distinct()

    def credited(self, words):
        """Keep photos whose creator, agency or copyright hold every word."""
        return self._holding(words.replace("/", " "), CREDITED)

    def _holding(self, words, columns):
        photos = self
        for word in words.split()[:8]:
            # SQLite folds the case of Latin letters alone.
            spellings = {word, word.lower(), word.capitalize(), word.upper()}
            wanted = [(f"{column}__icontains", spelling) for column in columns for spelling in spellings]
            photos = photos.filter(Q(*wanted, _connector=Q.OR))
        return photos

    def taken(self, first=None, last=None):
        """Keep photos taken from `first` to `last`, two days that may be None."""
        photos = self.filter(taken_on__gte=first) if first else self
        return photos.filter(taken_on__lte=last) if last else photos

    def uncredited(self):
        """Keep photos that name nobody, and nobody said why."""
        return self.filter(creator="", agency="", no_credit_reason="")

    def unconfirmed(self):
        """Keep photos whose words came from the file and were looked at by nobody."""
        return self.filter(confirmed_at=None)

    def expired(self, on):
        """Keep photos whose rights have ended before this day."""
        return self.filter(expires_on__lt=on)

    def restricted(self):
        """Keep photos that may not stand on the site."""
        return self.filter(for_site=False)

    def troubled(self, on):
        """Keep photos with which a story should not be live on this day, or soon not."""
        return self.filter(
            Q(expires_on__lt=on + SOON) | Q(for_site=False) | Q(creator="", agency="", no_credit_reason="")
        )


class Photo(models.Model):
    """One picture. Readers only ever get renditions, which carry no metadata; see articles.renditions."""

    was_known = False
    was_alike = False

    class Rights(models.TextChoices):
        UNKNOWN = "unknown", _("Not known")
        OWN = "own", _("Our own")
        AGENCY = "agency", _("Agency, by contract")
        LICENCE = "licence", _("Free licence")
        PERMISSION = "permission", _("By permission, for one use")
        HANDOUT = "handout", _("Handout")
        QUOTATION = "quotation", _("Quotation or public domain")

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    original = models.FileField(_("original"), storage=private_storage, upload_to=original_name, max_length=160)
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False, help_text=_("Pixels, turned upright."))
    height = models.PositiveIntegerField(_("height"), editable=False)
    renditions = models.JSONField(
        default=list, editable=False, help_text="[{w, h, format, name}], names in the public storage."
    )
    cut = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Which order for renditions is the newest."
    )
    likeness = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    caption = models.CharField(
        _("caption"), max_length=500, blank=True, help_text=_("A sentence with a full stop: what, where, when.")
    )
    creator = models.CharField(_("creator"), max_length=120, blank=True, help_text=_("Photographer or agency."))
    agency = models.CharField(
        _("agency"), max_length=120, blank=True, help_text=_("Who distributes it: “EPA / TASS” is creator and agency.")
    )
    credit_url = models.URLField(_("link of the credit"), max_length=300, blank=True)
    no_credit_reason = models.CharField(
        _("reason for no credit"), max_length=300, blank=True, default="", db_default="", editable=False
    )
    copyright = models.CharField(
        _("copyright notice"), max_length=200, blank=True, default="", db_default="",
        help_text=_("For search engines, and for files when the site keeps it in them."),
    )  # fmt: skip
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
    rights = models.CharField(
        _("rights"), max_length=12, choices=Rights, default=Rights.UNKNOWN, db_default=Rights.UNKNOWN
    )
    licence = models.CharField(
        _("licence"), max_length=120, blank=True, default="", db_default="", help_text=_("“CC BY 4.0”, for example.")
    )
    licence_url = models.URLField(_("link of the licence"), max_length=300, blank=True, default="", db_default="")
    for_site = models.BooleanField(_("may stand on the site"), default=True, db_default=True)
    for_letters = models.BooleanField(_("may stand in newsletters"), default=True, db_default=True)
    for_others = models.BooleanField(_("others may take it over with a story"), default=True, db_default=True)
    expires_on = models.DateField(_("last day of use"), null=True, blank=True)
    rights_note = models.CharField(
        _("terms and instructions"), max_length=500, blank=True, default="", db_default="",
        help_text=_("For the desk only."),
    )  # fmt: skip
    confirmed_at = models.DateTimeField(
        _("confirmed"), null=True, blank=True, editable=False,
        help_text=_("When somebody looked at the words that came with the file."),
    )  # fmt: skip
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
            models.CheckConstraint(condition=Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="photo_focal_point"),
            models.UniqueConstraint(fields=["sha256"], name="photo_same_file_once"),
            models.CheckConstraint(
                condition=Q(rights__in=["unknown", "own", "agency", "licence", "permission", "handout", "quotation"]),
                name="photo_rights",
            ),
        ]
        # Serves the report of rights that end.
        indexes = [models.Index(fields=["expires_on"], name="photo_expires")]

    def __str__(self):
        return self.caption or self.public_id

    def save(self, *args, **kwargs):
        """Store the photo and forget the pages that show it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump(f"photo:{self.public_id}")

    # Events

    @classmethod
    def take_in(cls, file, *, by, at, anyway=False, **fields):
        """Return the photo of an uploaded file: checked, its original put away, one picture for readers made at once.

        Words inside the file fill the fields that are not given; names among them wait for somebody to confirm them.
        A file that is in the library already gives the photo that stands there, unchanged, with `was_known` set; so
        does one that looks like a photo there, with `was_alike` set too, unless it is wanted `anyway`. The other
        renditions are made by the worker. Raises ValidationError with a sentence when the file is no picture that can
        be used; then, and whenever it fails, no file stays behind.
        """
        picture = photos.examine(file)
        known = cls._known(picture, anyway=anyway)
        if known:
            return known
        given = {name: value for name, value in fields.items() if value not in {None, ""}}
        read = {name: value for name, value in picture.words.items() if name not in given}
        photo = cls(
            **read, **given, sha256=picture.sha256, likeness=picture.likeness, width=picture.width,
            height=picture.height, uploaded_by=by, created_at=at, confirmed_at=None if NAMES & set(read) else at,
        )  # fmt: skip
        try:
            photo._store(picture)
        except IntegrityError:
            photo.delete_files()
            return cls._known(picture, anyway=True)
        except BaseException:
            photo.delete_files()
            raise
        return photo

    @classmethod
    def _known(cls, picture, *, anyway):
        """Return the photo that this picture is, or looks like, marked as such; or None."""
        known = cls.objects.filter(sha256=picture.sha256).first()
        if known is None and not anyway and picture.likeness:
            rows = cls.objects.exclude(likeness="").values_list("pk", "likeness")
            known = cls.objects.filter(pk=likeness.nearest(picture.likeness, rows.iterator())).first()
            if known:
                known.was_alike = True
        if known:
            known.was_known = True
        return known

    def _store(self, picture):
        self.renditions = [renditions.make_base(picture.content, keep=self.kept_in_files)]
        content, suffix = picture.content, picture.suffix
        if settings.PHOTO_ORIGINALS == "drop":
            content, suffix = photos.clean_copy(picture.content), ".jpg"
        self.original.save(f"original{suffix}", ContentFile(content), save=False)
        with transaction.atomic():
            self.save(force_insert=True)
            self.ask_for_renditions()

    def delete(self, *args, **kwargs):
        """Delete the photo; its files go a day later, when no stored page names them."""
        from articles.tasks import delete_photo_files

        names, original = [entry["name"] for entry in self.renditions], self.original.name
        with transaction.atomic():
            pagecache.bump(f"photo:{self.public_id}")
            gone = super().delete(*args, **kwargs)
            tomorrow = timezone.now() + datetime.timedelta(days=1)
            delete_photo_files.using(run_after=tomorrow).enqueue(names=names, original=original)
        return gone

    def delete_files(self):
        """Delete the files of a photo that is not in the library."""
        renditions.delete(entry["name"] for entry in self.renditions)
        if self.original.name:
            self.original.storage.delete(self.original.name)

    def confirm(self, *, at):
        """Say that somebody looked at the words, such as names, that came with the file."""
        if self.confirmed_at is None:
            self.confirmed_at = at
            self.save(update_fields=["confirmed_at"])

    def do_without_credit(self, reason, *, by, at):
        """Let the photo stand without a credit, for a reason that is written down; "" takes that back."""
        self.no_credit_reason = reason
        with transaction.atomic():
            self.save(update_fields=["no_credit_reason"])
            action = "allow photo without credit" if reason else "ask for credit again"
            StaffAction.record(user=by, action=action, thing=self, at=at, reason=reason)

    def ask_for_renditions(self, *, is_old_kept=True):
        """Have the worker make every size; the old files stay for a day unless they must go at once."""
        from articles.tasks import make_renditions

        with transaction.atomic():
            Photo.objects.filter(pk=self.pk).update(cut=models.F("cut") + 1)
            gone = [] if is_old_kept else [entry["name"] for entry in self.renditions]
            make_renditions.enqueue(photo_id=self.pk, gone=gone)

    def want_crop(self, box):
        """Cut a part of the photo, "x,y,w,h", unless it is cut already; the worker makes its other sizes."""
        _crop, is_new = PhotoCrop.objects.get_or_create(photo=self, box=box)
        if not is_new:
            return
        with self.original.open("rb") as stream:
            entry = renditions.make_part(stream.read(), box, keep=self.kept_in_files)
        with transaction.atomic():
            self.renditions = [*Photo.objects.select_for_update().get(pk=self.pk).renditions, entry]
            self.save(update_fields=["renditions"])
            self.ask_for_renditions()

    def make_renditions(self):
        """Make every size around the focal point, then show them in one step; the old files go a day later.

        When the photo was changed meanwhile, a newer order stands and what was made here is not shown.
        """
        from articles.tasks import delete_renditions

        self.refresh_from_db(fields=["cut", "focal_x", "focal_y", "renditions", "creator", "copyright"])
        boxes = self._boxes()
        with self.original.open("rb") as stream:
            entries = renditions.make_all(
                stream.read(), focal_x=self.focal_x, focal_y=self.focal_y, boxes=boxes, keep=self.kept_in_files
            )
        old = [entry["name"] for entry in self.renditions]
        with transaction.atomic():
            rows = Photo.objects.filter(pk=self.pk, cut=self.cut, focal_x=self.focal_x, focal_y=self.focal_y)
            kept = rows.update(renditions=entries)
            unused = old if kept else [entry["name"] for entry in entries]
            tomorrow = timezone.now() + datetime.timedelta(days=1)
            delete_renditions.using(run_after=tomorrow).enqueue(names=unused)
            pagecache.bump(f"photo:{self.public_id}")
        if kept:
            self.renditions = entries

    def _boxes(self):
        """Return the hand-made crops to cut: the newest, and every older one that readers see."""
        from articles.models import Article

        boxes = list(self.crops.order_by("-pk").values_list("box", flat=True))
        return boxes[: renditions.MAX_BOXES] + [
            box for box in boxes[renditions.MAX_BOXES :]
            if Article.objects.filter(
                Q(lead_photo=self, lead_crop=box) | Q(photo_uses__photo=self, body_html__contains=f'data-crop="{box}"')
            ).exists()
        ]  # fmt: skip

    def move_focal_point(self, x, y):
        """Set the point that crops keep, from 0 to 1 from the left and from the top, and have the crops made anew."""
        self.focal_x, self.focal_y = x, y
        with transaction.atomic():
            self.save(update_fields=["focal_x", "focal_y"])
            self.ask_for_renditions()

    # Questions

    def rendition(self, width, *, crop="", box="", form="jpeg"):
        """Return the entry nearest to `width`, at least as wide where there is one; any JPEG rather than nothing."""
        entries = [entry for entry in self.renditions if entry["format"] == form]
        if not renditions.pick(entries, box=box):
            entries = [entry for entry in self.renditions if entry["format"] == "jpeg"]
        fitting = renditions.pick(entries, crop=crop, box=box)
        wide = [entry for entry in fitting if entry["w"] >= width]
        if wide:
            return min(wide, key=lambda entry: entry["w"])
        return max(fitting, key=lambda entry: entry["w"], default=None)

    def url(self, width, *, crop="", box="", form="jpeg"):
        """Return the address of the rendition nearest to `width`, or ""."""
        return self.url_of(self.rendition(width, crop=crop, box=box, form=form))

    def url_of(self, entry):
        """Return the address of one entry of `renditions`, or "" for None."""
        return default_storage.url(entry["name"]) if entry else ""

    def needs_credit(self):
        """Tell whether the photo names nobody and nobody said why."""
        return not (self.credit or self.no_credit_reason)

    def rights_problem(self, on):
        """Return why the photo should not stand on the site on this day, or ""."""
        if not self.for_site:
            return _("It may not stand on the site.")
        if self.expires_on and self.expires_on < on:
            return _("The right to use it ended on %(day)s.") % {"day": date_format(self.expires_on)}
        return ""

    def standing(self):
        """Return the stories in which the photo stands, drafts included: (story, whether it is in what readers see)."""
        from articles.models import Article

        live = Q(lead_photo=self) | Q(photo_uses__photo=self)
        drafts = Draft.objects.filter(
            Q(content__lead_photo=self.pk) | Q(content__body_html__icontains=f'"{self.public_id}"'),
            content_type=ContentType.objects.get_for_model(Article), is_pending=True,
        )  # fmt: skip
        found = {story.pk: (story, True) for story in Article.objects.filter(live).distinct()[:SHOWN]}
        ids = [pk for pk in drafts.values_list("object_id", flat=True)[:SHOWN] if pk not in found]
        found |= {story.pk: (story, False) for story in Article.objects.filter(pk__in=ids)}
        return list(found.values())

    def other_places(self):
        """Return what else shows the photo: people whose portrait it is, fronts where it stands for a story's own."""
        from articles.models import Front, Person

        return [*Person.objects.filter(portrait=self), *Front.objects.filter(places__photo=self).distinct()]

    @classmethod
    def troubled_in(cls, stories, *, on):
        """Return (photo, its stories) of all photos with which one of these stories should not stand, soonest first."""
        used = cls.objects.troubled(on).filter(Q(led_articles__in=stories) | Q(uses__article__in=stories)).distinct()
        used = used.order_by(models.F("expires_on").asc(nulls_last=True), "pk")[:SHOWN]
        found = {photo.pk: (photo, []) for photo in used}
        rows = stories.filter(Q(lead_photo__in=found) | Q(photo_uses__photo__in=found)).distinct().defer("body_html")
        for story in rows.select_related("edition").prefetch_related("photo_uses").order_by("-published_at")[:1000]:
            for pk in {story.lead_photo_id, *(use.photo_id for use in story.photo_uses.all())} & set(found):
                found[pk][1].append(story)
        return list(found.values())

    @property
    def url_for_desk(self):
        """The address of a whole picture of middling width."""
        return self.url(800)

    @property
    def credit(self):
        """The credit in the trade's form: "EPA / TASS"."""
        return credits.join_credit(self.creator, self.agency)

    @property
    def kept_in_files(self):
        """What the setting keeps in the files that readers get: (creator, copyright), or None."""
        return (self.creator, self.copyright) if settings.PHOTO_KEEP_CREDIT else None

    def line_in(self, language):
        """Return what stands under it: "Caption. EPA / TASS". Reads prefetched `texts` only."""
        return credits.photo_line(self.caption_in(language), self.credit)

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


class PhotoCrop(models.Model):
    """A part of a photo that somebody cut by hand for one use; stories name it by its numbers."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="crops")
    box = models.CharField(max_length=31, help_text="x,y,w,h in shares of the upright picture.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "box"], name="photocrop_once")]

    def __str__(self):
        return self.box
