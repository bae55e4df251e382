"""Corrections: what the newsroom tells readers about its own mistakes, dated, numbered and for good."""

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.models import Edition


class CorrectionQuerySet(models.QuerySet):
    """Corrections for readers."""

    def standing(self):
        """Keep those that were not taken back within the minute for undoing."""
        return self.filter(taken_back_at__isnull=True)

    def newest_first(self):
        """Order by their time, the newest first, with the stories that they are about."""
        return self.select_related("article__edition").defer("article__body_html").order_by("-created_at", "-pk")

    def published(self, at=None):
        """Keep those on stories that readers may see at `at` (now by default), and the retractions."""
        from articles.models import Article

        public = Article.objects.published(at or timezone.now())
        retracted = Q(kind="retraction", article__state=Article.State.WITHDRAWN)
        return self.standing().filter(Q(article__in=public) | retracted)


class Correction(models.Model):
    """One dated note on a story. Written by `Article.correct` only; its number is never given twice in an edition."""

    class Kind(models.TextChoices):
        UPDATE = "update", _("Update")
        CLARIFICATION = "clarification", _("Clarification")
        CORRECTION = "correction", _("Correction")
        EDITORS_NOTE = "editors_note", _("Editor’s note")
        APOLOGY = "apology", _("Apology")
        RETRACTION = "retraction", _("Retraction")

    # Those that say that something was wrong; a changed headline is marked on the cards then.
    OF_MISTAKES = (Kind.CLARIFICATION, Kind.CORRECTION, Kind.APOLOGY)

    class Place(models.TextChoices):
        TOP = "top", _("Above the text")
        END = "end", _("Below the text")

    article = models.ForeignKey(
        "articles.Article", models.PROTECT, related_name="corrections", verbose_name=_("article")
    )
    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="+", verbose_name=_("edition"))
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=13, choices=Kind, default=Kind.CORRECTION)
    text = models.TextField(_("text"), max_length=1000)
    place = models.CharField(_("place"), max_length=3, choices=Place, default=Place.END)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    created_at = models.DateTimeField(_("time"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="correction_number"),
            models.CheckConstraint(condition=~Q(text=""), name="correction_says_something"),
            models.CheckConstraint(condition=Q(place__in=["top", "end"]), name="correction_place"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["update", "clarification", "correction", "editors_note", "apology", "retraction"]
                ),
                name="correction_kind",
            ),
        ]
        # Serves the public list: an edition's corrections, newest first.
        indexes = [models.Index(fields=["edition", "-created_at"], name="correction_newest")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}"

    def get_absolute_url(self):
        """Return the permanent address: the story's, at this note."""
        return f"{self.article.get_absolute_url()}#{self.anchor}"

    @classmethod
    def write(cls, article, *, kind, text, place, by, at):
        """Add a correction under the next number of the edition; the caller's transaction holds the lock."""
        Edition.objects.select_for_update().only("pk").get(pk=article.edition_id)
        last = cls.objects.filter(edition=article.edition_id).aggregate(last=Max("number"))["last"] or 0
        return cls.objects.create(
            article=article, edition_id=article.edition_id, number=last + 1, kind=kind, text=text, place=place,
            created_by=by, created_at=at,
        )  # fmt: skip

    @property
    def anchor(self):
        """The name of its place on the page of the story."""
        return f"correction-{self.number}"
