"""Requests to take something down, how each was decided, and withdrawing many stories with two pairs of eyes."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article
from articles.models.person import Person
from newsroom import sealing
from newsroom.models import StaffAction

PRIVATE = 4000


class RemovalRequest(models.Model):
    """Somebody asked that a story or a name disappear. What was asked is sealed; what was decided is on record."""

    class Decision(models.TextChoices):
        PENDING = "pending", _("not decided")
        REFUSED = "refused", _("refused")
        NOTE = "note", _("note added")
        NAME = "name", _("name withdrawn")
        HIDDEN = "hidden", _("hidden from search engines")
        STORY = "story", _("story withdrawn")

    story = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("story")
    )  # fmt: skip
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )  # fmt: skip
    key_id = models.UUIDField(default=uuid.uuid4, editable=False)
    sealed = models.TextField(editable=False)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, default=Decision.PENDING)
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("logged by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("request for removal")
        verbose_name_plural = _("requests for removal")
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="pending", decided_at__isnull=True)
                | (~Q(decision="pending") & Q(decided_at__isnull=False)),
                name="removal_decided_has_time",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["pending", "refused", "note", "name", "hidden", "story"]),
                name="removal_decision",
            ),
            models.CheckConstraint(
                condition=Q(story__isnull=False) | Q(person__isnull=False), name="removal_of_something"
            ),
        ]

    def __str__(self):
        return str(_("request %(number)s") % {"number": self.pk})

    @classmethod
    def log(cls, *, words, story=None, person=None, by, at):
        """Put a request on record and return it. Raises ValidationError when it names neither story nor person."""
        if story is None and person is None:
            raise ValidationError(_("Name the story or the person that this is about."))
        key = sealing.new_key()
        return cls.objects.create(
            story=story, person=person, sealed=sealing.seal(words[:PRIVATE], key), key_id=key, received_by=by,
            received_at=at,
        )  # fmt: skip

    def decide(self, decision, *, by, at):
        """Put the decision on record, once. Hiding is done here; the others must have been carried out before.

        Raises ValidationError when they were not, or when somebody decided in the meantime.
        """
        if missing := self._not_done(decision):
            raise ValidationError({"decision": missing})
        with transaction.atomic():
            pending = type(self).objects.filter(pk=self.pk, decision=self.Decision.PENDING)
            if not pending.update(decision=decision, decided_by=by, decided_at=at):
                raise ValidationError(_("Somebody has decided this already."))
            self.decision, self.decided_by, self.decided_at = decision, by, at
            if decision == self.Decision.HIDDEN:
                self.story.hide_from_search(hidden=True, by=by, at=at)
            StaffAction.record(user=by, action="decide removal", thing=self, at=at, reason=decision)

    def words(self):
        """Return what was asked. Raises sealing.Erased when its key was destroyed."""
        return sealing.unseal(self.sealed, self.key_id)

    def _not_done(self, decision):
        story, person, kinds = self.story, self.person, self.Decision
        if decision == kinds.NAME and not (person and person.withdrawals.filter(undone_at__isnull=True).exists()):
            return _("Withdraw the name first, then put the decision on record.")
        if decision == kinds.STORY and not (story and story.state == story.State.WITHDRAWN):
            return _("Withdraw the story first, then put the decision on record.")
        if decision == kinds.NOTE and not (story and story.corrections.standing().exists()):
            return _("Publish the note first, then put the decision on record.")
        return _("This is not about a story.") if decision == kinds.HIDDEN and story is None else ""


class MassWithdrawal(models.Model):
    """Many stories to be withdrawn at once: one editor asks, another one confirms."""

    stories = models.ManyToManyField(Article, related_name="+", verbose_name=_("stories"))
    explanation = models.CharField(_("explanation for readers"), max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    refused_at = models.DateTimeField(_("refused"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("withdrawal of many stories")
        verbose_name_plural = _("withdrawals of many stories")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")), name="mass_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(refused_at__isnull=True), name="mass_decided_once"
            ),
        ]

    def __str__(self):
        return str(_("withdrawal of many %(number)s") % {"number": self.pk})

    @classmethod
    def ask(cls, stories, *, explanation, by, at):
        """Ask a second editor to withdraw these stories. Raises ValidationError without an explanation or a story."""
        if not explanation.strip():
            raise ValidationError({"explanation": _("Readers who follow a link need an explanation.")})
        if not stories:
            raise ValidationError(_("None of these stories is public."))
        with transaction.atomic():
            asked = cls.objects.create(explanation=explanation, asked_by=by, asked_at=at)
            asked.stories.set(stories)
            StaffAction.record(user=by, action="ask mass withdrawal", thing=asked, at=at)
        return asked

    def confirm(self, *, by, at):
        """Withdraw them all in one transaction and return how many were still public.

        Raises ValidationError for the person who asked, and when it was decided already.
        """
        if by == self.asked_by:
            raise ValidationError(_("Somebody else has to confirm: two pairs of eyes."))
        with transaction.atomic():
            self._decide(confirmed_by=by, confirmed_at=at)
            stories = list(self.stories.filter(state=Article.State.PUBLISHED))
            for story in stories:
                story.withdraw(version=story.read_draft().version, by=by, at=at, note=self.explanation)
            StaffAction.record(user=by, action="confirm mass withdrawal", thing=self, at=at)
        return len(stories)

    def refuse(self, *, by, at):
        """Leave the stories where they are. Raises ValidationError when it was decided already."""
        with transaction.atomic():
            self._decide(refused_at=at)
            StaffAction.record(user=by, action="refuse mass withdrawal", thing=self, at=at)

    def _decide(self, **changes):
        pending = type(self).objects.filter(pk=self.pk, confirmed_at__isnull=True, refused_at__isnull=True)
        if not pending.update(**changes):
            raise ValidationError(_("This was decided already."))
        for name, value in changes.items():
            setattr(self, name, value)

    @property
    def is_pending(self):
        """Tell whether it waits for a second editor."""
        return self.confirmed_at is None and self.refused_at is None
