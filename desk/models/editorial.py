"""Everything that is published: public is a comparison with the clock, never a job that can be missed."""

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk import signals
from desk.models.draft import Draft, Revision
from desk.models.drafted import Drafted, NotReady, Stale
from newsroom import pagecache
from newsroom.models import StaffAction


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

    def scheduled(self, at=None):
        """Keep what will become public by itself after `at` (now by default)."""
        return self.filter(state="published", published_at__gt=at or timezone.now())

    def next_due(self, after):
        """Return the next moment after `after` at which something here appears or disappears, or None."""
        later = {
            name: models.Min(name, filter=Q(**{f"{name}__gt": after}))
            for name in ("published_at", "expires_at", "embargo_until")
        }
        moments = self.filter(state="published").aggregate(**{f"first_{name}": found for name, found in later.items()})
        return min((moment for moment in moments.values() if moment), default=None)


class Editorial(Drafted):
    """A drafted thing that readers see between its publication and its expiry or withdrawal."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Never published")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Change(models.TextChoices):
        TYPO = "typo", _("Typo: readers need no notice")
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
        somebody saved in the meantime, NotReady with the problems that block, and Embargoed.
        """
        was_live = self.is_live(at)
        moment = self.published_at if was_live else (when or at)
        with transaction.atomic():
            if self.embargo_until and moment < self.embargo_until:
                if not lift_embargo:
                    raise Embargoed(self.embargo_until)
                self.embargo_until = None
            draft = self._advance(
                version, stage=Draft.Stage.WRITING, is_pending=False, note="", updated_by=by, updated_at=at
            )
            blockers = [problem for problem in self.problems(draft.content) if problem.blocks]
            if blockers:
                raise NotReady(blockers)
            self._end_live_revision(at)
            live_from = at if was_live else moment
            self.keep_revision(
                Revision.Kind.PUBLISH, content=draft.content, by=by, at=at, note=note, live_from=live_from
            )
            touched = self.page_keys()
            self.document.write(self, draft.content)
            self.state = self.State.PUBLISHED
            self.published_at = moment
            self.first_published_at = self.first_published_at if was_live or self._was_public(at) else moment
            self.updated_at = at if was_live and change == self.Change.FACTS else self.updated_at
            self.withdrawal_note = ""
            self.save()
            self.after_change(at=at)
            pagecache.bump(*touched, *self.page_keys())
            StaffAction.record(user=by, action="publish", thing=self, at=at)
            transaction.on_commit(lambda: signals.published.send_robust(type(self), thing=self, at=at))
        return draft

    def schedule(self, *, version, by, at, when, **options):
        """Publish at a later time: from then on it is public by comparison with the clock."""
        return self.publish(version=version, by=by, at=at, when=when, **options)

    def withdraw(self, *, by, at, note=""):
        """Take the thing off every list; its address goes on to answer with `note`. Raises Stale when not published."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, state=self.State.PUBLISHED)
            if not rows.update(state=self.State.WITHDRAWN, withdrawal_note=note):
                raise Stale(self.read_draft())
            self.state, self.withdrawal_note = self.State.WITHDRAWN, note
            self._end_live_revision(at)
            draft = self.read_draft()
            self._advance(draft.version, is_pending=True, updated_by=by, updated_at=at)
            self.keep_revision(Revision.Kind.WITHDRAW, content=draft.content, by=by, at=at, note=note)
            self.after_change(at=at)
            pagecache.bump(*self.page_keys())
            StaffAction.record(user=by, action="withdraw", thing=self, at=at, reason=note[:300])
            transaction.on_commit(lambda: signals.withdrawn.send_robust(type(self), thing=self, at=at))

    def set_times(self, *, embargo_until, expires_at, by, at):
        """Set the embargo and the expiry; both count from now on."""
        self.embargo_until, self.expires_at = embargo_until, expires_at
        with transaction.atomic():
            self.save(update_fields=["embargo_until", "expires_at"])
            pagecache.bump(*self.page_keys())
            StaffAction.record(user=by, action="set times", thing=self, at=at)

    def after_change(self, *, at):
        """Write what follows from a publication or withdrawal (search index, task rows); for subclasses."""

    def _end_live_revision(self, at):
        live = self.revisions.filter(live_from__isnull=False, live_until__isnull=True)
        live.filter(live_from__gt=at).update(live_from=None)
        live.update(live_until=at)

    def _was_public(self, at):
        return self.first_published_at is not None and self.first_published_at <= at

    # Questions

    def is_live(self, at=None):
        """Tell whether readers see this at `at` (now by default); the same rule as `published()`."""
        at = at or timezone.now()
        return (
            self.state == self.State.PUBLISHED
            and self.published_at <= at
            and not (self.expires_at and self.expires_at <= at)
            and not (self.embargo_until and self.embargo_until > at)
        )

    def page_keys(self):
        """Return the page-cache keys that show this thing; for subclasses."""
        return set()
