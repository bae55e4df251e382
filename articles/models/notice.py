"""Breaking strips and notices: a line over every page of an edition, for as long as it was said to stand."""

from django.db import models, transaction
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom import pagecache


class NoticeQuerySet(models.QuerySet):
    """Notices for readers."""

    def standing(self, at):
        """Keep what stands at `at`."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def next_due(self, after):
        """Return the next moment after `after` at which a notice appears or goes, or None."""
        moments = self.aggregate(
            start=Min("starts_at", filter=Q(starts_at__gt=after)), end=Min("ends_at", filter=Q(ends_at__gt=after))
        )
        return min((moment for moment in moments.values() if moment), default=None)


class Notice(models.Model):
    """One line for all readers of an edition. It ends by itself: whoever puts it up says when."""

    class Kind(models.TextChoices):
        BREAKING = "breaking", _("Breaking")
        NOTICE = "notice", _("Notice")

    edition = models.ForeignKey("newsroom.Edition", models.PROTECT, related_name="notices", verbose_name=_("edition"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.BREAKING)
    text = models.CharField(_("text"), max_length=200)
    story = models.ForeignKey(
        "articles.Article", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("story"),
        help_text=_("Where the line leads, once the story is public."),
    )  # fmt: skip
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    ends_at = models.DateTimeField(_("until"))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="notice_ends_after_it_starts",
                violation_error_message=_("It must end after it starts."),
            ),
            models.CheckConstraint(condition=Q(kind__in=["breaking", "notice"]), name="notice_kind"),
        ]  # fmt: skip

    def __str__(self):
        return self.text

    def save(self, *args, **kwargs):
        """Store the notice and forget every page: each carries it."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            pagecache.bump("site")

    def delete(self, *args, **kwargs):
        """Take the notice down everywhere."""
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            pagecache.bump("site")
        return deleted

    @classmethod
    def over(cls, edition, *, at):
        """Return the notices over the pages of an edition at `at`, breaking ones first; from memory."""
        standing = [
            notice
            for notice in _to_come()
            if notice.edition_id == edition.pk and notice.starts_at <= at < notice.ends_at
        ]
        return sorted(standing, key=lambda notice: notice.kind != cls.Kind.BREAKING)


@pagecache.Remembered
def _to_come():
    return list(Notice.objects.filter(ends_at__gt=timezone.now()))
