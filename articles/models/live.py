"""A live story: short timed entries under one address, written while things happen."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.html import linebreaks
from django.utils.translation import gettext_lazy as _

from articles.slugs import public_id
from newsroom import html, pagecache
from newsroom.models import StaffAction


class LiveEntryQuerySet(models.QuerySet):
    """Entries for readers; the story's own `published()` decides whether anybody sees them."""

    def standing(self):
        """Keep those that were not taken back."""
        return self.filter(taken_back_at__isnull=True)

    def newest_first(self):
        """Order as readers see them."""
        return self.order_by("-created_at", "-pk")


class LiveEntry(models.Model):
    """One timed entry of a live story. Written by `write` only; what was taken back stays on record."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="live_entries")
    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    title = models.CharField(_("title"), max_length=160, blank=True)
    text_html = models.TextField(_("text"), blank=True)
    is_key = models.BooleanField(_("key point"), default=False)
    created_at = models.DateTimeField(_("time"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    objects = LiveEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("live entry")
        verbose_name_plural = _("live entries")
        constraints = [
            models.CheckConstraint(condition=~Q(title="") | ~Q(text_html=""), name="liveentry_says_something"),
        ]
        # Serves the page of the story: its entries, newest first.
        indexes = [models.Index(fields=["article", "-created_at"], name="liveentry_newest")]

    def __str__(self):
        return self.title or html.plain_text(self.text_html)[:80]

    def get_absolute_url(self):
        """Return the permanent address: the story's, at this entry."""
        return f"{self.article.get_absolute_url()}#{self.anchor}"

    @classmethod
    def write(cls, article, *, title, text, is_key, by, at):
        """Add an entry that readers see at the next request.

        Raises ValidationError for an entry without words, for a story that readers do not see, and after its end.
        """
        title = html.tidy_text(title).strip()[:160]
        text_html = html.clean_body(linebreaks(text.strip(), autoescape=True))
        if not title and not html.plain_text(text_html):
            raise ValidationError({"text": _("An entry needs words.")})
        if is_key and not title:
            raise ValidationError({"title": _("A key point needs a title.")})
        if type(article).objects.filter(pk=article.pk, live_ended_at__isnull=False).exists():
            raise ValidationError(_("This is not told live any more. Reopen it first."))
        if not article.is_live(at):
            raise ValidationError(_("Only a story that readers see can be told live."))
        with transaction.atomic():
            entry = cls.objects.create(
                article=article, title=title, text_html=text_html, is_key=is_key, created_by=by, created_at=at
            )
            type(article).objects.filter(pk=article.pk, is_told_live=False).update(is_told_live=True)
            article.is_told_live = True
            entry._follow("write live entry", by=by, at=at)
        return entry

    def take_back(self, *, by, at):
        """Take the entry off the page; a second time changes nothing. Returns whether it stood there."""
        with transaction.atomic():
            standing = LiveEntry.objects.standing().filter(pk=self.pk)
            is_first = bool(standing.update(taken_back_at=at))
            if is_first:
                self._follow("take back live entry", by=by, at=at)
        return is_first

    def mark(self, *, is_key, by, at):
        """Pin the entry as a key point, or unpin it. Raises ValidationError for a key point without a title."""
        if is_key and not self.title:
            raise ValidationError({"title": _("A key point needs a title.")})
        with transaction.atomic():
            if LiveEntry.objects.filter(pk=self.pk).exclude(is_key=is_key).update(is_key=is_key):
                self._follow("mark live entry", by=by, at=at)
        self.is_key = is_key

    def _follow(self, action, *, by, at):
        from articles.tasks import update_index

        pagecache.bump(f"article:{self.article.public_id}")
        update_index.enqueue(article_id=self.article_id)
        StaffAction.record(user=by, action=action, thing=self.article, at=at)

    @property
    def anchor(self):
        """The name of its place on the page of the story."""
        return f"entry-{self.public_id}"
