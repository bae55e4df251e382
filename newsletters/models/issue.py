"""Issues: letters composed of stories, approved by a person, and sent once."""

import datetime
import hashlib
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk.models import Drafted, NotReady, Revision
from newsletters import letter
from newsletters.content import IssueDocument
from newsletters.models.channel import Channel
from newsletters.models.delivery import Delivery, Rendering
from newsletters.models.newsletter import PUBLIC_STATES, Variant
from newsletters.models.subscriber import Subscription
from newsletters.preflight import Doubt
from newsroom import pagecache
from newsroom.editions import edition_url
from newsroom.models import StaffAction

MISSED_AFTER = datetime.timedelta(hours=6)
KEEP_BYTES = datetime.timedelta(days=7)


class WrongState(ValidationError):
    """The issue has moved on: somebody else acted first, or this cannot be done with it any more."""


class IssueQuerySet(models.QuerySet):
    """Issues for readers, and for the worker."""

    def published(self):
        """Keep the issues that the web archive shows: those whose sending has begun and was not broken off."""
        return self.filter(state__in=PUBLIC_STATES, newsletter__has_archive=True, number__isnull=False)

    def before(self, issue):
        """Keep those that went out before an issue, the newest first (imported ones have late numbers)."""
        earlier = Q(started_at__lt=issue.started_at) | Q(started_at=issue.started_at, number__lt=issue.number)
        return self.filter(earlier).order_by("-started_at", "-number")

    def after(self, issue):
        """Keep those that went out after an issue, the oldest first."""
        later = Q(started_at__gt=issue.started_at) | Q(started_at=issue.started_at, number__gt=issue.number)
        return self.filter(later).order_by("started_at", "number")

    def due(self, at):
        """Keep the issues whose time has come."""
        return self.filter(state="scheduled", due_at__lte=at).order_by("due_at", "pk")


class Issue(Drafted):
    """One letter. Its rows hold what was approved; the draft holds what is being composed."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Being sent")
        PAUSED = "paused", _("Paused")
        HELD = "held", _("Held back")
        CANCELLED = "cancelled", _("Cancelled")
        SENT = "sent", _("Sent")

    OPEN = (State.DRAFT, State.APPROVED, State.SCHEDULED, State.HELD)

    document = IssueDocument()
    unseen = Q(state="draft", number__isnull=True)

    newsletter = models.ForeignKey(
        "newsletters.Newsletter", models.PROTECT, related_name="issues", verbose_name=_("newsletter")
    )
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, editable=False)
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    preheader = models.CharField(_("preheader"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT, editable=False)
    state_note = models.CharField(_("why"), max_length=300, blank=True, editable=False)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        "newsroom.User", models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)
    started_at = models.DateTimeField(_("sending began"), null=True, editable=False)
    finished_at = models.DateTimeField(_("sending ended"), null=True, editable=False)
    # What another service called a letter that it sent and that the archive shows.
    came_as = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta(Drafted.Meta):
        ordering = ["-id"]
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        permissions = [("send_issue", _("Can approve and send issues"))]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "number"], name="issue_number"),
            models.UniqueConstraint(
                fields=["newsletter", "came_as"], condition=~Q(came_as=""), name="issue_comes_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(approved_at__isnull=False),
                name="issue_sent_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "paused", "sent"])
                | Q(number__isnull=False, started_at__isnull=False),
                name="issue_sent_has_number",
            ),
        ]
        # Serves the worker: what is due, what is being sent.
        indexes = [models.Index(fields=["state", "due_at"], name="issue_due")]

    def __str__(self):
        return self.subject or self.read_draft().title or str(_("Untitled"))

    def get_absolute_url(self):
        """Return the address on the web; before the sending begins there is no number and no address."""
        if self.number is None:
            return None
        return edition_url(self.newsletter.edition, "newsletters:issue", self.newsletter.slug, self.number)

    # Events

    def _claim(self, version, **changes):
        """Change the draft; a change of its content withdraws an approval in the same transaction."""
        with transaction.atomic():
            if "content" in changes and not self._back_to_draft():
                raise WrongState(_("This letter is out: it cannot be changed any more."))
            super()._claim(version, **changes)

    def _back_to_draft(self):
        cleared = {"approved_at": None, "approved_by": None, "approved_hash": "", "due_at": None, "state_note": ""}
        rows = type(self).objects.filter(pk=self.pk, state__in=self.OPEN)
        if not rows.update(state=self.State.DRAFT, **cleared):
            return False
        for name, value in {"state": self.State.DRAFT, **cleared}.items():
            setattr(self, name, value)
        return True

    def is_seen_outside(self):
        """Tell whether the letter is out."""
        return self.number is not None

    def after_scrub(self, passage, *, at):
        """Delete the frozen mails of a letter that is not out."""
        if self.number is None:
            self.renderings.all().delete()

    def approve(self, *, version, by, at, in_spite=""):
        """Freeze the draft into the mail that readers will get; what goes out is exactly what was approved.

        With `in_spite`, a reason, doubts do not stop it; who overruled which of them and why stays on record.
        Raises Stale when somebody saved in the meantime, NotReady with the problems that block, and WrongState.
        """
        with transaction.atomic():
            draft = self._advance(version, stage="ready", is_pending=False, updated_by=by, updated_at=at)
            blockers = [problem for problem in self.problems(draft.content) if problem.blocks]
            doubts = [problem for problem in blockers if isinstance(problem, Doubt)]
            if len(blockers) > len(doubts) or (doubts and not in_spite):
                raise NotReady(blockers)
            if doubts:
                words = " ".join([in_spite, *(str(doubt.message) for doubt in doubts)])
                StaffAction.record(user=by, action="approve in spite", thing=self, at=at, reason=words[:300])
            self.document.write(self, draft.content)
            self.save(update_fields=["subject", "preheader"])
            approval = self._freeze(draft.content, at=at)
            self._go(
                [self.State.DRAFT, self.State.HELD, self.State.APPROVED], self.State.APPROVED, by=by, at=at,
                action="approve", approved_by=by, approved_at=at, approved_hash=approval, state_note="",
                due_at=None,
            )  # fmt: skip
            self.keep_revision(Revision.Kind.READY, content=draft.content, by=by, at=at)

    def _freeze(self, content, *, at):
        """Keep the bytes of every form of the letter and return the hash that stands for all of them."""
        frozen = [(*which, message, hashlib.sha256(message).hexdigest()) for which, message in self._mails(content, at)]
        approval = hashlib.sha256("".join(sha256 for *_which, sha256 in frozen).encode()).hexdigest()
        for variant, part, message, sha256 in frozen:
            Rendering.objects.update_or_create(
                issue=self, approval=approval, variant=variant, part=part,
                defaults={
                    "message": message, "size": len(message), "sha256": sha256, "created_at": at,
                    "language": self.newsletter.edition.language,
                },
            )  # fmt: skip
        return approval

    def _mails(self, content, at):
        for variant in self.newsletter.variants():
            for part, message in enumerate(letter.freeze_variant(self, content, variant, at=at), start=1):
                yield (variant.value, part), message

    def withdraw_approval(self, *, by, at):
        """Make an approved or scheduled letter a draft again."""
        with transaction.atomic():
            if not self._back_to_draft():
                raise WrongState(_("This letter is out: it cannot be changed any more."))
            StaffAction.record(user=by, action="withdraw approval", thing=self, at=at)

    def schedule(self, *, when, by, at):
        """Have the worker start the sending at `when`. Raises WrongState unless it is approved."""
        states = [self.State.APPROVED, self.State.SCHEDULED, self.State.HELD]
        with transaction.atomic():
            self._go(states, self.State.SCHEDULED, by=by, at=at, action="schedule", due_at=when, state_note="")

    def send_now(self, *, by, at):
        """Have the worker start the sending at once."""
        self.schedule(when=at, by=by, at=at)

    def start(self, *, at):
        """Begin the sending when it is due, once on all machines, and tell whether this call did it.

        One conditional update wins, and in the same transaction every reader gets a delivery. A time missed by more
        than six hours and a letter that may not go out any more are held back instead.
        """
        with transaction.atomic():
            self.refresh_from_db()
            reason = self._reason_to_hold(at)
            if reason:
                return self.hold(reason, at=at)
            number = self.newsletter.next_number()
            rows = type(self).objects.due(at).filter(pk=self.pk, approved_hash=self.approved_hash).order_by()
            if not rows.update(state=self.State.SENDING, number=number, started_at=at):
                return False
            self.state, self.number, self.started_at = self.State.SENDING, number, at
            self._make_deliveries(at=at)
            pagecache.bump(*self.newsletter.page_keys())
        return True

    def _make_deliveries(self, *, at):
        """Make the missing deliveries, each in the form that its reader chose, and return how many."""
        readers, made = Subscription.objects.receiving(self.newsletter_id, at), 0
        renderings = list(self.frozen().defer("message"))
        special = {rendering.variant for rendering in renderings} - {Variant.STANDARD}
        for rendering in renderings:
            is_common = rendering.variant == Variant.STANDARD
            chosen = readers.exclude(variant__in=special) if is_common else readers.filter(variant=rendering.variant)
            made += Delivery.objects.create_for(self, rendering, chosen)
        return made

    def forget_bytes(self, note, *, by, at):
        """Forget the frozen mails of a letter, because something in them may no longer be shown, and say why.

        What is not out loses its approval; what is being sent pauses, and is frozen anew when somebody resumes it.
        """
        with transaction.atomic():
            if self._back_to_draft():
                type(self).objects.filter(pk=self.pk).update(state_note=str(note)[:300])
                StaffAction.record(user=by, action="withdraw approval", thing=self, at=at, reason=str(note)[:300])
            else:
                with suppress(WrongState):
                    self.pause(by=by, at=at, note=note)
            self.renderings.update(message=None)

    def _freeze_anew(self, *, at):
        old = list(self.renderings.filter(approval=self.approved_hash).defer("message"))
        approval = self._freeze(self.document.read(self), at=at)
        fresh = {(found.variant, found.part): found for found in self.renderings.filter(approval=approval)}
        for rendering in old:
            waiting = self.deliveries.waiting().filter(rendering=rendering)
            instead = fresh.get((rendering.variant, rendering.part))
            if instead is None:  # the letter has fewer parts now
                waiting.update(state=Delivery.State.DROPPED, owner="", lease_until=None, next_try_at=None)
            else:
                waiting.update(rendering=instead)
        type(self).objects.filter(pk=self.pk).update(approved_hash=approval)
        self.approved_hash = approval

    def send_to_missing(self, *, by, at):
        """Send it to the readers who have no delivery yet, and return how many; nobody gets a second one."""
        with transaction.atomic():
            if self.find_rendering() is None:
                raise WrongState(_("The frozen bytes are gone: it was sent more than a week ago."))
            states = [self.State.SENDING, self.State.SENT]
            self._go(states, self.State.SENDING, by=by, at=at, action="send to missing", finished_at=None)
            return self._make_deliveries(at=at)

    def _reason_to_hold(self, at):
        if self.due_at is not None and at - self.due_at > MISSED_AFTER:
            return _("Its time was missed by more than six hours.")
        if self.find_rendering() is None:
            return _("What was approved cannot be found any more. Approve it again.")
        found = self.problems(self.document.read(self))
        blockers = [problem for problem in found if problem.blocks and not isinstance(problem, Doubt)]
        return blockers[0].message if blockers else ""

    def hold(self, reason, *, at):
        """Keep a letter that is due from going out and say why; returns False since nothing started."""
        rows = type(self).objects.due(at).filter(pk=self.pk).order_by()
        if rows.update(state=self.State.HELD, state_note=str(reason)[:300]):
            StaffAction.record(user=None, action="hold", thing=self, at=at, reason=str(reason)[:300])
        return False

    def pause(self, *, by, at, note=""):
        """Stop the sending after the mails on the wire. Raises WrongState unless it is being sent."""
        with transaction.atomic():
            self._go([self.State.SENDING], self.State.PAUSED, by=by, at=at, action="pause", state_note=str(note)[:300])

    def resume(self, *, by, at):
        """Go on with a paused sending; a breaker that the server's refusal opened is closed.

        When the frozen bytes were forgotten, the approved blocks are frozen anew for those who still wait.
        """
        with transaction.atomic():
            Channel.mend()
            if self.find_rendering() is None:
                self._freeze_anew(at=at)
            self._go([self.State.PAUSED], self.State.SENDING, by=by, at=at, action="resume", state_note="")

    def cancel(self, *, by, at):
        """End it for good: who has not got the letter does not get it, and its web page goes."""
        states = [*self.OPEN, self.State.SENDING, self.State.PAUSED]
        with transaction.atomic():
            self._go(states, self.State.CANCELLED, by=by, at=at, action="cancel", finished_at=at)
            waiting = self.deliveries.waiting()
            waiting.update(state=Delivery.State.DROPPED, owner="", lease_until=None, next_try_at=None)
            self.told_corrections.all().delete()
            pagecache.bump(*self.newsletter.page_keys())

    def finish(self, *, at):
        """Call it sent when every delivery is accounted for, and tell whether that happened now."""
        waiting = Delivery.objects.waiting().filter(issue=OuterRef("pk"))
        rows = type(self).objects.filter(~Exists(waiting), pk=self.pk, state=self.State.SENDING)
        if not rows.update(state=self.State.SENT, finished_at=at):
            return False
        self.refresh_from_db()
        return True

    def fill(self, *, version, by, at):
        """Add the stories that the newsletter's rule finds to the draft, and return how many. Raises Stale."""
        content = self.read_draft().content
        there = {row["article"] for row in content["blocks"]}
        found = [story for story in self.newsletter.find_stories(at=at) if story.pk not in there]
        if found:
            rows = [{"kind": "article", "article": story.pk} for story in found]
            content = {**content, "blocks": [*content["blocks"], *rows]}
            self.save_draft(content, version=version, by=by, at=at, revision=True)
        return len(found)

    def send_test(self, *, to, by, at):
        """Have the worker mail the draft as it stands to a member of the staff."""
        from newsletters.tasks import mail_test

        mail_test.enqueue(issue_id=self.pk, user_id=to.pk)
        StaffAction.record(user=by, action="send test", thing=self, at=at)

    def _go(self, states, state, *, by, at, action, **changes):
        """Go from one of `states` to `state` in one conditional update, on record. Raises WrongState."""
        if not type(self).objects.filter(pk=self.pk, state__in=states).update(state=state, **changes):
            self.refresh_from_db()
            raise WrongState(
                _("This letter is now “%(state)s”: that cannot be done.") % {"state": self.get_state_display()}
            )
        for name, value in {"state": state, **changes}.items():
            setattr(self, name, value)
        StaffAction.record(user=by, action=action, thing=self, at=at, reason=str(changes.get("state_note", "")))

    # Questions

    def problems(self, content=None):
        """Return what stands between the content (the draft's by default) and approval, the finished mail included."""
        content = self.read_draft().content if content is None else content
        return [*super().problems(content), *letter.problems(self, content, at=timezone.now())]

    def find_rendering(self):
        """Return the frozen mail that was approved, in its common form, or None when its bytes are gone."""
        return self.frozen().filter(variant=Variant.STANDARD).first()

    def frozen(self):
        """Return the frozen mails that were approved: every form, and every part of a long one."""
        found = self.renderings.filter(approval=self.approved_hash, message__isnull=False)
        return found.order_by("variant", "part") if self.approved_hash else found.none()

    def readers_count(self, *, at):
        """Return how many readers would get it at `at`."""
        return Subscription.objects.receiving(self.newsletter_id, at).count()

    def totals(self):
        """Return the number of deliveries in each state and their sum, folded ones included."""
        totals = self.deliveries.totals()
        for state, count in self.folded.values_list("state", "count"):
            totals[state] += count
            totals["total"] += count
        return totals

    @property
    def edition(self):
        """The edition of its newsletter."""
        return self.newsletter.edition

    def is_editable(self):
        """Tell whether the content may still change."""
        return self.state in self.OPEN

    def page_keys(self):
        """Return the keys of the pages that show this issue."""
        return {f"issue:{self.pk}", *self.newsletter.page_keys()}
