"""Issues: letters composed of stories, approved by a person, and sent once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from desk.models import Drafted
from newsletters.content import IssueDocument
from newsroom.editions import edition_url


class IssueQuerySet(models.QuerySet):
    """Issues for readers."""

    def published(self):
        """Keep the issues that the web archive shows: those that were approved and whose sending has begun."""
        return self.filter(state__in=["sending", "paused", "sent"], newsletter__has_archive=True, number__isnull=False)


class Issue(Drafted):
    """One letter. Its rows hold what was approved; the draft holds what is being composed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        HELD = "held", _("Held: its time was missed")
        CANCELLED = "cancelled", _("Cancelled")
        SENT = "sent", _("Sent")

    document = IssueDocument()

    newsletter = models.ForeignKey(
        "newsletters.Newsletter", models.PROTECT, related_name="issues", verbose_name=_("newsletter")
    )
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    preheader = models.CharField(_("preheader"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        "newsroom.User", models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)
    started_at = models.DateTimeField(_("sending began"), null=True, editable=False)
    finished_at = models.DateTimeField(_("sending ended"), null=True, editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta(Drafted.Meta):
        ordering = ["-id"]
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        permissions = [("send_issue", _("Can approve and send issues"))]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "number"], name="issue_number"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(approved_at__isnull=False, number__isnull=False),
                name="issue_sent_was_approved",
            ),
        ]
        # Serves the worker: what is due, what is being sent.
        indexes = [models.Index(fields=["state", "due_at"], name="issue_due")]

    def __str__(self):
        return self.subject or self.read_draft().title or str(_("Untitled"))

    def get_absolute_url(self):
        return edition_url(self.newsletter.edition, "newsletters:issue", self.newsletter.slug, self.number)


class IssueBlock(models.Model):
    """One part of an approved issue."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        ARTICLE = "article", _("Story")
        SUPPORT = "support", _("Message to readers")

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="blocks")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    article = models.ForeignKey("articles.Article", models.PROTECT, null=True, related_name="+")
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
