"""The parts of an approved letter."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class IssueBlock(models.Model):
    """One part of an approved issue."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        ARTICLE = "article", _("Story")
        SUPPORT = "support", _("Message to readers")
        IMAGE = "image", _("Picture")
        LINKS = "links", _("Links")
        SPONSOR = "sponsor", _("Advertisement")

    class Show(models.TextChoices):
        BOTH = "both", _("In the mail and on the web")
        MAIL = "mail", _("In the mail only")
        WEB = "web", _("On the web only")

    issue = models.ForeignKey("newsletters.Issue", models.CASCADE, related_name="blocks")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    article = models.ForeignKey("articles.Article", models.PROTECT, null=True, related_name="+")
    photo = models.ForeignKey("articles.Photo", models.PROTECT, null=True, related_name="+")
    show = models.CharField(max_length=4, choices=Show, default=Show.BOTH, db_default="both")
    headline = models.CharField(max_length=200, blank=True)
    text_html = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "position"], name="issueblock_position"),
            models.UniqueConstraint(
                fields=["issue", "article"], condition=Q(article__isnull=False), name="issueblock_story_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="article") | Q(article__isnull=False), name="issueblock_names_story"
            ),
        ]

    def __str__(self):
        return f"{self.position}. {self.kind}"
