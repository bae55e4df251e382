"""Everything that is published: public is a comparison with the clock, never a job that can be missed."""

import datetime

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk import signals
from desk.held import holding
from desk.models.draft import Draft, Revision
from desk.models.drafted import Drafted, NotReady, Stale
from newsroom import pagecache, registry
from newsroom.models import StaffAction
from newsroom.prepared import Prepared

# The columns whose passing shows or hides a thing, and for each model the query for their first values.
MOMENTS = ("published_at", "expires_at", "embargo_until")
_first_moments = {}
UNDO_FOR = datetime.timedelta(seconds=60)
KEPT_FOR_UNDO = (
    "state", "published_at", "first_published_at", "updated_at", "withdrawal_note", "embargo_until",
)  # fmt: skip


class TooLate(Exception):
    """There is nothing that can still be undone."""


class Embargoed(Exception):
    """The time of publication lies before the end of the embargo."""


class EditorialQuerySet(models.QuerySet):
    """The one definition of public."""

    def published(self, at=None):
        """Keep what readers may see at `at` (now by default)."""
        at = at or timezone.now()
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at),
            Q(embargo_until__isnull=True) | Q(embargo_until__lte=at),
            state="published",
            published_at__lte=at,
        )

    def released(self):
        """Keep what was published and not withdrawn, whatever its times say."""
        return self.filter(state="published")

    def scheduled(self, at=None):
        """Keep what will become public by itself after `at` (now by default)."""
        return self.filter(state="published", published_at__gt=at or timezone.now())

    def next_due(self, after):
        """Return the next moment after `after` at which something here appears or disappears, or None."""
        if self.model not in _first_moments:
            fields = [self.model._meta.get_field(name) for name in MOMENTS]
            _first_moments[self.model] = Prepared(self.model.objects.first_moments, *fields)
        rows = _first_moments[self.model].rows(*[after] * len(MOMENTS))
        return min((moment for (moment,) in rows if moment), default=None)

    def first_moments(self, *after):
        """Return, for each of MOMENTS, its first one after the time given for it."""
        released = self.filter(state="published").order_by()
        # One column at a time, so that each is found in its index whatever the number of rows.
        first, *others = [
            released.filter(**{f"{name}__gt": at}).values(all=models.Value(1)).annotate(first=models.Min(name))
            for name, at in zip(MOMENTS, after, strict=True)
        ]
        return first.values_list("first").union(*(other.values_list("first") for other in others), all=True)


class Editorial(Drafted):
    """A drafted thing that readers see between its publication and its expiry or withdrawal."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Never published")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Change(models.TextChoices):
        TYPO = "typo", _("Typo: readers need no notice")
        CORRECTION = "correction", _("A correction: tell readers what was wrong")
        FACTS = "facts", _("New facts: show the time of the update")

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    first_published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(
        _("updated"), null=True, blank=True, editable=False, help_text=_("As readers see it; a typo leaves it alone.")
    )
    embargo_until = models.DateTimeField(_("embargo until"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    withdrawal_note = models.CharField(_("explanation of the withdrawal"), max_length=500, blank=True, editable=False)

    unseen = Q(state="draft")
    objects = EditorialQuerySet.as_manager()

    class Meta(Drafted.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "withdrawn"]), name="%(app_label)s_%(class)s_state"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(state__in=["published", "withdrawn"], published_at__isnull=False, first_published_at__isnull=False),
                name="%(app_label)s_%(class)s_published_has_time",
            ),
        ]

    # Events

    def publish(self, *, version, by, at, when=None, change=Change.TYPO, note="", lift_embargo=False):
        """Make the draft what readers see, from `when` on (at once by default), in one transaction.

        A story that is live stays at its first time; `change` says whether it shows an update. Raises Stale when
        somebody saved in the meantime, NotReady with the problems that block, and Embargoed; a time that stands may
        lie before the embargo's end, since readers see nothing earlier anyway.
        """
        with transaction.atomic():
            draft = self._advance(
                version, stage=Draft.Stage.WRITING, is_pending=False, note="", updated_by=by, updated_at=at
            )
            before, was_live = self._state_now(), self.is_live(at)
            moment = self.published_at if was_live else (when or at)
            self._respect_embargo(moment, lift=lift_embargo)
            content = self.document.clean(draft.content)
            blockers = [problem for problem in self.problems(content) if problem.blocks]
            if blockers:
                raise NotReady(blockers)
            was_published = getattr(draft, "was_published", True)
            before["live"] = self._end_live_revision(at) if was_published else None
            self.keep_revision(
                Revision.Kind.PUBLISH, content=content, by=by, at=at, note=note, before=before, draft=draft,
                live_from=at if was_live else moment,
            )  # fmt: skip
            with holding(self, *self.document.related(), are_none=not was_published):
                touched = self.page_keys()
                self.document.write(self, content)
                self.state = self.State.PUBLISHED
                self.published_at = moment
                self.first_published_at = self.first_published_at if was_live or self._was_public(at) else moment
                self.updated_at = at if was_live and change != self.Change.TYPO else self.updated_at
                self.withdrawal_note = ""
                self.save()
                self._tell(signals.published, "publish", touched, by=by, at=at)
        return draft

    def schedule(self, *, version, by, at, when, **options):
        """Publish at a later time: from then on it is public by comparison with the clock."""
        return self.publish(version=version, by=by, at=at, when=when, **options)

    def withdraw(self, *, by, at, note="", version=None):
        """Take the thing off every list; its address goes on to answer with `note`.

        Raises Stale when it is not published, or when `version` is given and somebody saved in the meantime.
        """
        with transaction.atomic():
            draft = self._advance(
                self.read_draft().version if version is None else version,
                is_pending=True, updated_by=by, updated_at=at,
            )  # fmt: skip
            before = self._state_now()
            rows = type(self).objects.filter(pk=self.pk, state=self.State.PUBLISHED)
            if not rows.update(state=self.State.WITHDRAWN, withdrawal_note=note):
                raise Stale(draft)
            self.state, self.withdrawal_note = self.State.WITHDRAWN, note
            before["live"] = self._end_live_revision(at)
            self.keep_revision(Revision.Kind.WITHDRAW, content=draft.content, by=by, at=at, note=note, before=before)
            pagecache.take_back(*self.page_keys(), self.due_key)
            self._tell(signals.withdrawn, "withdraw", self.page_keys(), by=by, at=at, reason=note[:300])

    def undo(self, *, version, by, at):
        """Take back the last publication or withdrawal, at most UNDO_FOR after it; what was typed stays in the draft.

        Readers see again what they saw before: the earlier text, or nothing. Raises TooLate when the minute is over or
        there is nothing to take back, and Stale when somebody saved in the meantime.
        """
        with transaction.atomic():
            last = self.find_undoable(at=at)
            live = self.revisions.filter(number=last.before["live"]).first() if last else None
            if last is None or (live is None and last.before["state"] == self.State.PUBLISHED):
                raise TooLate(_("The minute for undoing is over."))
            first = self.read_draft()
            unseen = live is None or first.content != live.content
            stage = Draft.Stage.READY if last.kind == Revision.Kind.PUBLISH else first.stage
            draft = self._advance(version, stage=stage, is_pending=unseen, updated_by=by, updated_at=at)
            self._state_now()
            self._end_live_revision(at)
            touched = self.page_keys()
            if live is not None and last.kind == Revision.Kind.PUBLISH:
                self.document.write(self, self.document.clean(live.content))
            self._bring_back(last, live, draft, by=by, at=at)
            public = self.state == self.State.PUBLISHED
            self._tell(signals.published if public else signals.withdrawn, "undo", touched, by=by, at=at)
        return draft

    def set_times(self, *, embargo_until, expires_at, by, at):
        """Set the embargo and the expiry; both count from now on. Raises ValidationError when it would never appear."""
        begins = [moment for moment in (self.published_at, embargo_until) if moment is not None and moment > at]
        if expires_at and begins and at < expires_at <= max(begins):
            raise ValidationError({"expires_at": _("It would expire before readers see it.")})
        self.embargo_until, self.expires_at = embargo_until, expires_at
        with transaction.atomic():
            self.save(update_fields=["embargo_until", "expires_at"])
            pagecache.bump(*self.page_keys(), self.due_key)
            self._enqueue_follow_ups(embargo_until, expires_at, at=at)
            StaffAction.record(user=by, action="set times", thing=self, at=at)

    def follow(self, *, at):
        """Do what follows when this appeared, changed or went; run by the worker, safe to run twice."""
        pagecache.bump(*self.page_keys(), self.due_key)

    def after_undo(self, revision, *, at):
        """Take back what was written together with the move of `revision`; for subclasses."""

    def _bring_back(self, last, live, draft, *, by, at):
        """Set the columns to what they were before the move of the revision `last`, and keep the moment."""
        for name in KEPT_FOR_UNDO:
            value = last.before[name]
            is_moment = value is not None and name.endswith(("_at", "_until"))
            setattr(self, name, datetime.datetime.fromisoformat(value) if is_moment else value)
        self.save()
        self.keep_revision(
            Revision.Kind.UNDO, content=live.content if live else draft.content, by=by, at=at,
            live_from=max(at, self.published_at) if self.state == self.State.PUBLISHED else None,
        )  # fmt: skip
        self.after_undo(last, at=at)

    def _tell(self, signal, action, touched, *, by, at, reason=""):
        """Write the task rows and the record of a move, and have every page it concerns forgotten on commit."""
        self._enqueue_follow_ups(at, self.published_at, at=at)
        pagecache.bump(*touched, *self.page_keys(), self.due_key)
        StaffAction.record(user=by, action=action, thing=self, at=at, reason=reason)
        transaction.on_commit(lambda: signal.send_robust(type(self), thing=self, at=at))

    def _enqueue_follow_ups(self, *moments, at):
        from desk.tasks import follow_up

        for moment in {moment for moment in moments if moment is not None and moment >= at}:
            follow_up.using(run_after=moment if moment > at else None).enqueue(
                kind=self._meta.label_lower, object_id=self.pk
            )

    def _state_now(self):
        """Read what another person may have set since this row was loaded, and return it for undoing."""
        self.refresh_from_db(fields=[*KEPT_FOR_UNDO, "expires_at"])
        values = {name: getattr(self, name) for name in KEPT_FOR_UNDO}
        return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}

    def _respect_embargo(self, moment, *, lift):
        if not self.embargo_until or moment >= self.embargo_until or moment == self.published_at:
            return
        if not lift:
            raise Embargoed(self.embargo_until)
        self.embargo_until = None

    def _end_live_revision(self, at):
        """End the life of the revision that readers see, or would see when its time comes; return its number."""
        live = self.revisions.filter(live_from__isnull=False, live_until__isnull=True).defer("content").first()
        if live is None:
            return None
        never = live.live_from > at
        Revision.objects.filter(pk=live.pk).update(live_until=at, **({"live_from": None} if never else {}))
        return live.number

    def _was_public(self, at):
        return self.first_published_at is not None and self.first_published_at <= at

    # Questions

    def find_undoable(self, *, at):
        """Return the revision of the last publication or withdrawal while it can be undone, else None."""
        kinds = [Revision.Kind.PUBLISH, Revision.Kind.WITHDRAW, Revision.Kind.UNDO]
        last = self.revisions.filter(kind__in=kinds).defer("content").first()
        fresh = last is not None and last.before is not None and last.created_at <= at <= last.created_at + UNDO_FOR
        return last if fresh else None

    def is_live(self, at=None):
        """Tell whether readers see this at `at` (now by default); the same rule as `published()`."""
        at = at or timezone.now()
        return (
            self.state == self.State.PUBLISHED
            and self.published_at <= at
            and not self.has_expired(at)
            and not (self.embargo_until and self.embargo_until > at)
        )

    def has_expired(self, at=None):
        """Tell whether the time until which readers may see this is over at `at` (now by default)."""
        return self.expires_at is not None and self.expires_at <= (at or timezone.now())

    def page_keys(self):
        """Return the page-cache keys that show this thing; for subclasses."""
        return set()

    @property
    def due_key(self):
        """The key that is bumped when something here may appear or go at another time."""
        return registry.due_key(self._meta.label_lower)
