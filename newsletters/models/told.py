"""Corrections that a letter tells to those who got the story."""

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

MOST = 10


class ToldCorrection(models.Model):
    """That an issue of a newsletter carries a correction: once for each newsletter, while that issue stands."""

    newsletter = models.ForeignKey("newsletters.Newsletter", models.CASCADE, related_name="told_corrections")
    correction = models.ForeignKey("articles.Correction", models.CASCADE, related_name="+")
    issue = models.ForeignKey("newsletters.Issue", models.CASCADE, related_name="told_corrections")

    class Meta:
        verbose_name = _("correction told in a letter")
        verbose_name_plural = _("corrections told in letters")
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "correction"], name="correction_told_once_a_newsletter")
        ]

    def __str__(self):
        return f"{self.issue_id}: {self.correction_id}"


def untold_corrections(newsletter, *, at):
    """Return the corrections of stories that its letters carried, which none of them has told; oldest first."""
    from articles.models import Correction
    from newsletters.models import IssueBlock

    carried = IssueBlock.objects.filter(
        article=OuterRef("article"), issue__newsletter=newsletter, issue__started_at__lt=OuterRef("created_at")
    )
    told = ToldCorrection.objects.filter(newsletter=newsletter, correction=OuterRef("pk"))
    found = Correction.objects.published(at).exclude(kind=Correction.Kind.UPDATE).filter(Exists(carried), ~Exists(told))
    return list(found.select_related("article").order_by("created_at", "pk")[:MOST])


def tell_corrections(issue, *, version, by, at):
    """Add a text to the draft for each correction that readers of this newsletter do not know, and return how many.

    Raises Stale when somebody saved in the meantime; nothing is noted as told then.
    """
    with transaction.atomic():
        found = untold_corrections(issue.newsletter, at=at)
        if not found:
            return 0
        ToldCorrection.objects.bulk_create(
            ToldCorrection(newsletter=issue.newsletter, correction=note, issue=issue) for note in found
        )
        content = issue.read_draft().content
        with translation.override(issue.newsletter.edition.language):
            rows = [_block(note) for note in found]
        content = {**content, "blocks": [*content["blocks"], *rows]}
        issue.save_draft(content, version=version, by=by, at=at, revision=True)
    return len(found)


def _block(note):
    link = "" if note.kind == note.Kind.RETRACTION else '<p><a data-article="{story}">{headline}</a></p>'
    text = format_html(
        "<p>{text}</p>" + link, text=note.text, story=note.article.public_id, headline=note.article.headline
    )
    headline = f"{note.get_kind_display()}: {note.article.headline}"[:200]
    return {"kind": "text", "article": None, "headline": headline, "text_html": str(text)}
