"""The working copy of a thing, and its frozen history."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What editors are working on: the whole content of one thing as a document.

    There is one row for the whole life of the thing, so `version` never starts again: whoever saves names the version
    that he started from, and a tab that slept through a publication cannot write.
    """

    class Stage(models.TextChoices):
        WRITING = "writing", _("Draft")
        IN_REVIEW = "in_review", _("In review")
        READY = "ready", _("Ready")

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey("content_type", "object_id")
    content = models.JSONField(default=dict)
    title = models.CharField(
        max_length=300, blank=True, help_text=_("For lists and searching; taken from the content.")
    )
    version = models.PositiveIntegerField(default=1)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.WRITING)
    is_pending = models.BooleanField(default=True, help_text=_("Holds something that readers do not see yet."))
    note = models.CharField(max_length=500, blank=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField()
    nonce = models.CharField(
        max_length=100, blank=True, default="", db_default="",
        help_text=_("Which form began it: the same form sent twice begins it once."),
    )  # fmt: skip
    scrubbed_version = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text=_("Older tabs may hold a passage that was removed.")
    )
    indexed_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id"], name="draft_one_per_thing"),
            models.CheckConstraint(condition=Q(stage__in=["writing", "in_review", "ready"]), name="draft_stage"),
            models.UniqueConstraint(fields=["nonce"], condition=~Q(nonce=""), name="draft_nonce"),
        ]
        indexes = [
            # Serves the dashboard: what is pending, by stage, latest first.
            models.Index(fields=["is_pending", "stage", "-updated_at"], name="draft_pending"),
            # Serves the worker: drafts whose words are not in the search of the desk yet.
            models.Index(fields=["id"], condition=~Q(version=F("indexed_version")), name="draft_unindexed"),
        ]

    def __str__(self):
        return f"{self.content_type_id}/{self.object_id} version {self.version}"


class Revision(models.Model):
    """The content at one explicit moment: a save, a publication, a restoration, a withdrawal.

    Never changed, but for its name, and for a passage that has to disappear (see desk.models.scrub).
    """

    class Kind(models.TextChoices):
        SAVE = "save", _("Saved")
        HAND_IN = "hand_in", _("Handed in")
        SEND_BACK = "send_back", _("Sent back")
        READY = "ready", _("Marked ready")
        PUBLISH = "publish", _("Published")
        RESTORE = "restore", _("Restored")
        WITHDRAW = "withdraw", _("Withdrawn")
        UNDO = "undo", _("Undone")
        SCRUB = "scrub", _("Passage removed")

    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    thing = GenericForeignKey("content_type", "object_id")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    live_from = models.DateTimeField(null=True)
    live_until = models.DateTimeField(null=True)
    before = models.JSONField(null=True, editable=False, help_text=_("The state that undoing this brings back."))

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        permissions = [("scrub_revision", _("Can remove a passage from all versions"))]
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "number"], name="revision_number"),
            models.UniqueConstraint(
                fields=["content_type", "object_id"],
                condition=Q(live_from__isnull=False, live_until__isnull=True),
                name="revision_one_live",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}"

    def rename(self, name):
        """Give the revision a name by which people find it; "" takes it away."""
        self.name = " ".join(name.split())
        self.save(update_fields=["name"])
