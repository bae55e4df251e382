"""Articles: the rows are what readers see now; what editors work on lies in the draft."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from articles import scrubbing, search
from articles.content import ArticleDocument
from articles.models.correction import Correction
from articles.models.topic import TopicOnArticle
from articles.slugs import public_id
from desk.content import Text
from desk.models import Editorial, EditorialQuerySet
from newsroom import pagecache
from newsroom.models import StaffAction


class ArticleQuerySet(EditorialQuerySet):
    """Articles for readers."""

    def in_edition(self, edition):
        """Keep the articles of one edition."""
        return self.filter(edition=edition)

    def newest_first(self):
        """Order by publication, the newest first."""
        return self.order_by("-published_at", "-pk")

    def for_cards(self):
        """Load what a card shows: section, lead photo with its wordings, bylines; the body stays behind."""
        return self.with_card_rows().prefetch_related("lead_photo__texts", bylines_for_readers())

    def with_card_rows(self):
        """Load the rows that a card shows without its lists."""
        return self.select_related("edition", "section", "lead_photo").defer("body_html")

    def for_reading(self):
        """Load what the page of one story shows, except the photos and stories inside its body."""
        topics = Prefetch("topic_items", TopicOnArticle.objects.select_related("tag").order_by("pk"))
        return self.select_related("edition", "section", "lead_photo").prefetch_related(
            "lead_photo__texts", bylines_for_readers(), topics, "related_picks"
        )


def bylines_for_readers():
    """Return the prefetch of bylines in order with each person's wordings."""
    return Prefetch(
        "bylines", Byline.objects.select_related("person").prefetch_related("person__texts").order_by("position")
    )


class Article(Editorial):
    """A story of one edition. Its translations share a `translation_group`."""

    document = ArticleDocument()

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="articles", verbose_name=_("edition"))
    translation_group = models.UUIDField(default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("slug"), max_length=80, blank=True)
    kicker = models.CharField(_("kicker"), max_length=60, blank=True)
    headline = models.CharField(_("headline"), max_length=200, blank=True)
    standfirst = models.CharField(_("standfirst"), max_length=500, blank=True)
    body_html = models.TextField(_("body"), blank=True)
    section = models.ForeignKey(
        "articles.Section", models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("section")
    )
    main_topic = models.ForeignKey(
        "articles.Topic", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("main topic"),
        help_text=_("Not chosen: the first of the topics."),
    )  # fmt: skip
    lead_photo = models.ForeignKey(
        "articles.Photo",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_articles",
        verbose_name=_("lead photo"),
    )
    lead_caption = models.CharField(_("caption"), max_length=500, blank=True)
    lead_alt = models.CharField(_("alternative text"), max_length=300, blank=True)
    lead_decorative = models.BooleanField(_("decorative"), default=False)
    lead_crop = models.CharField(
        _("crop"), max_length=31, blank=True, default="", db_default="", help_text="x,y,w,h in shares of the picture."
    )
    no_byline = models.BooleanField(_("no byline"), default=False, help_text=_("Deliberately unsigned."))
    byline_text = models.CharField(
        _("byline in words"), max_length=300, blank=True, default="", db_default="",
        help_text=_("Instead of the line made of the roles; names of those who sign are linked in it."),
    )  # fmt: skip
    keeps_text = models.BooleanField(
        _("text stays"), default=False, db_default=False, editable=False,
        help_text=_("A retracted story whose text can still be read under the reason."),
    )  # fmt: skip
    headline_corrected_at = models.DateTimeField(_("headline corrected"), null=True, blank=True, editable=False)
    hidden_from_search = models.BooleanField(
        _("hidden from search engines"), default=False, db_default=False, editable=False,
        help_text=_("Readers find it here; search engines are asked to forget it."),
    )  # fmt: skip
    asks_off = models.BooleanField(_("no asking for support here"), default=False)
    is_recommended = models.BooleanField(_("may be recommended"), default=True)
    is_opinion = models.BooleanField(
        _("opinion"), default=False, db_default=False,
        help_text=_("Somebody's view, marked as such. Stories of an opinion section are marked anyway."),
    )  # fmt: skip
    is_told_live = models.BooleanField(_("told live"), default=False, db_default=False, editable=False)
    live_ended_at = models.DateTimeField(_("live until"), null=True, blank=True, editable=False)
    topics = TaggableManager(through=TopicOnArticle, blank=True, verbose_name=_("topics"))
    related = models.ManyToManyField("self", through="RelatedArticle", symmetrical=False, related_name="+", blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta(Editorial.Meta):
        ordering = ["-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [
            ("edit_others_article", _("Can edit the stories of others")),
            ("lift_embargo_article", _("Can publish before the end of an embargo")),
        ]
        constraints = [
            *Editorial.Meta.constraints,
            models.UniqueConstraint(
                fields=["translation_group", "edition"], name="article_one_translation_per_edition"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | (Q(section__isnull=False) & ~Q(headline="")),
                name="article_public_is_whole",
            ),
        ]
        indexes = [
            # Serves the front page, archive, feeds and person pages: an edition's stories, newest first.
            models.Index(fields=["edition", "state", "-published_at", "-id"], name="article_newest"),
            # Serves the counts above the desk's list, without reading the stories.
            models.Index(fields=["state", "published_at", "created_by"], name="article_counts"),
            # Serves the archive: an edition's days.
            models.Index(fields=["edition", "first_published_at"], name="article_archive"),
            # Serves the section pages: their stories, and their number without a look at the rows.
            models.Index(
                fields=["section", "state", "-published_at", "-id", "expires_at", "embargo_until"],
                name="article_section_public",
            ),
            # Serve the next moment at which a story appears or goes by itself.
            models.Index(
                fields=["state", "expires_at"], condition=Q(expires_at__isnull=False), name="article_expiring"
            ),
            models.Index(
                fields=["state", "embargo_until"], condition=Q(embargo_until__isnull=False), name="article_embargoed"
            ),
        ]

    def __str__(self):
        return self.headline or self.read_draft().title or str(_("Untitled"))

    def get_absolute_url(self):
        """Return the permanent address; before publication there is none, and the admin shows a preview instead."""
        day = self.first_published_at
        if day is None:
            return reverse("articles:preview", args=[self.public_id])
        day = day.astimezone(self.edition.zone)
        return f"{self.edition.prefix}/{day:%Y/%m/%d}/{self.slug or 'story'}-{self.public_id}"

    def join_translations(self, other, *, by, at):
        """Make this story a translation of `other`. Raises ValidationError when an edition would have it twice."""
        with transaction.atomic():
            taken = set(
                Article.objects.filter(translation_group=other.translation_group).values_list("edition", flat=True)
            )
            ours = Article.objects.filter(translation_group=self.translation_group)
            if taken & set(ours.values_list("edition", flat=True)):
                raise ValidationError(_("One of the two has a translation in that edition already."))
            pagecache.bump(*self.page_keys(), *other.page_keys())
            ours.update(translation_group=other.translation_group)
            self.translation_group = other.translation_group
            StaffAction.record(user=by, action="link translation", thing=self, at=at)

    def publish(self, *, change=Editorial.Change.TYPO, **options):
        """Publish as Editorial does. Raises ValidationError for a correction: it needs its note, see `correct`."""
        if change == self.Change.CORRECTION:
            raise ValidationError({"correction_text": _("A correction needs a note for readers.")})
        self.keeps_text = False
        return super().publish(change=change, **options)

    def correct(self, *, text, kind="correction", place="end", version, by, at):
        """Publish the draft over the live story together with a dated note that says what was wrong.

        Raises ValidationError for a note that is empty, too long, or on a story that readers do not see, and whatever
        `publish` raises; then nothing was written.
        """
        text = Text(1000, lines=True).clean(text)
        if not text:
            raise ValidationError({"correction_text": _("A correction needs a note for readers.")})
        if kind == Correction.Kind.RETRACTION:
            raise ValidationError({"correction_kind": _("To retract a story use “Retract”: it leaves the lists.")})
        if kind not in Correction.Kind or place not in Correction.Place:
            raise ValidationError({"correction_kind": _("Choose one of the given values.")})
        if not self.is_live(at):
            raise ValidationError({"correction_text": _("Only a story that readers see can be corrected.")})
        with transaction.atomic():
            before = type(self).objects.values_list("headline", flat=True).get(pk=self.pk)
            draft = super().publish(version=version, by=by, at=at, change=self.Change.CORRECTION, note=text[:500])
            Correction.write(self, kind=kind, text=text, place=place, by=by, at=at)
            if before != self.headline and kind in Correction.OF_MISTAKES:
                self.headline_corrected_at = at
                self.save(update_fields=["headline_corrected_at"])
        return draft

    def retract(self, *, text, keep_text, version, by, at):
        """Withdraw the story as wrong: its address shows the reason, with its text below or without.

        The reason is a numbered correction as well. Raises ValidationError without a reason or for a story that
        readers do not see, and Stale as `withdraw` does; then nothing was written.
        """
        text = Text(500, lines=True).clean(text)
        if not text:
            raise ValidationError({"retraction": _("Readers who follow a link need an explanation.")})
        if not self.is_live(at):
            raise ValidationError(_("Only a story that readers see can be retracted."))
        with transaction.atomic():
            self.withdraw(version=version, by=by, at=at, note=text)
            self.keeps_text = keep_text
            self.save(update_fields=["keeps_text"])
            Correction.write(
                self, kind=Correction.Kind.RETRACTION, text=text, place=Correction.Place.TOP, by=by, at=at
            )  # fmt: skip

    def after_undo(self, revision, *, at):
        """Take back the correction that was published with the undone change; its number is not given again."""
        self.corrections.filter(created_at=revision.created_at).update(taken_back_at=at)
        if self.headline_corrected_at == revision.created_at:
            self.headline_corrected_at = None
            self.save(update_fields=["headline_corrected_at"])

    def follow(self, *, at):
        """Forget the pages and make the search index agree with the live row."""
        super().follow(at=at)
        search.update(self, at=at)

    def after_scrub(self, passage, *, at):
        """Take the passage out of the search index and out of topics that nobody uses."""
        scrubbing.after(self, passage, at=at)

    def elsewhere(self, passage):
        """Yield other rows that hold the passage: corrections, translations, photos of the story."""
        yield from super().elsewhere(passage)
        yield from scrubbing.beside(self, passage)

    def hide_from_search(self, *, hidden, by, at):
        """Ask search engines to forget the story, or to find it again; readers of the site see no difference."""
        with transaction.atomic():
            if Article.objects.filter(pk=self.pk).exclude(hidden_from_search=hidden).update(hidden_from_search=hidden):
                pagecache.bump(f"article:{self.public_id}")
                StaffAction.record(user=by, action="hide" if hidden else "show again", thing=self, at=at)
        self.hidden_from_search = hidden

    def end_live(self, *, by, at):
        """Say that nothing more will come; the entries stay. Returns whether it was told live until now."""
        return self._set_live_end(at, by=by, at=at, action="end live")

    def reopen_live(self, *, by, at):
        """Tell the story live again. Returns whether it had ended."""
        return self._set_live_end(None, by=by, at=at, action="reopen live")

    def _set_live_end(self, moment, *, by, at, action):
        with transaction.atomic():
            waiting = Article.objects.filter(pk=self.pk, is_told_live=True, live_ended_at__isnull=moment is not None)
            has_changed = bool(waiting.update(live_ended_at=moment))
            if has_changed:
                pagecache.bump(f"article:{self.public_id}")
                StaffAction.record(user=by, action=action, thing=self, at=at)
                self.live_ended_at = moment
        return has_changed

    def page_keys(self):
        """Return the keys of every page that shows this story or lists it."""
        keys = {
            f"article:{self.public_id}",
            f"front:{self.edition_id}",
            f"feed:{self.edition_id}",
            f"corrections:{self.edition_id}",
            f"group:{self.translation_group}",
        }
        if self.section_id:
            keys.add(f"section:{self.section_id}")
        keys.update(f"person:{byline.person_id}" for byline in self.bylines.all())
        keys.update(f"topic:{item.tag_id}" for item in self.topic_items.all())
        return keys

    def lead_alt_in(self, language):
        """Return the alternative text of the lead photo in this story; "" where it only decorates."""
        return "" if self.lead_decorative else self.lead_alt or self.lead_photo.alt_in(language)

    def lead_caption_in(self, language):
        """Return the caption of the lead photo in this story, without its credit."""
        return self.lead_caption or self.lead_photo.caption_in(language)

    @property
    def is_marked_opinion(self):
        """Tell whether the story is somebody's view, by its own mark or its section's."""
        return self.is_opinion or (self.section is not None and self.section.is_opinion)

    @property
    def minutes_to_read(self):
        """Return the reading time in whole minutes at 220 words a minute, at least 1."""
        return max(1, round(len(self.body_html.split()) / 220))


class Byline(models.Model):
    """That a person signs a story, in which role and at which place of the line."""

    class Role(models.TextChoices):
        REPORTING = "reporting", _("reporting")
        PHOTOS = "photos", _("photos")
        TRANSLATION = "translation", _("translation")
        EDITING = "editing", _("editing")
        ADDITIONAL = "additional", _("additional reporting")

    article = models.ForeignKey(Article, models.CASCADE, related_name="bylines")
    person = models.ForeignKey("articles.Person", models.PROTECT, related_name="bylines", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.REPORTING)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        ordering = ["position"]
        verbose_name = _("byline")
        verbose_name_plural = _("bylines")
        constraints = [
            models.UniqueConstraint(fields=["article", "position"], name="byline_position"),
            models.UniqueConstraint(fields=["article", "person", "role"], name="byline_once_per_role"),
            models.CheckConstraint(
                condition=Q(role__in=["reporting", "photos", "translation", "editing", "additional"]),
                name="byline_role",
            ),
        ]

    def __str__(self):
        return f"{self.person} ({self.get_role_display()})"


class RelatedArticle(models.Model):
    """A hand-picked story for “Read more”, in order."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="related_picks")
    other = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="related_once"),
            models.CheckConstraint(condition=~Q(article=models.F("other")), name="related_never_itself"),
        ]

    def __str__(self):
        return f"{self.article_id} → {self.other_id}"


class PhotoUse(models.Model):
    """That a photo stands in a story as readers see it: it cannot be deleted under them."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="photo_uses")
    photo = models.ForeignKey("articles.Photo", models.PROTECT, related_name="uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "photo"], name="photo_once_per_article")]

    def __str__(self):
        return f"{self.photo_id} in {self.article_id}"
