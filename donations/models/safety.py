"""Stopping collections by a date: ordered by one person, approved by another, with a proof at the end."""

import hashlib

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from donations.models.books import Journal
from donations.models.gift import Mode
from donations.models.plan import Plan
from donations.providers.base import ProviderError
from newsroom import sealing
from newsroom.models import StaffAction


class SamePerson(ValueError):
    """Whoever ordered a stop cannot approve it."""


class CollectionStop(models.Model):
    """An order to end every gift that comes again, of one edition or of all: nothing is charged after a moment."""

    class State(models.TextChoices):
        ORDERED = "ordered", _("Waits for a second person")
        RUNNING = "running", _("Plans are being ended")
        DONE = "done", _("Every plan has ended")

    edition = models.ForeignKey(
        "newsroom.Edition", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("edition"),
        help_text=_("Empty: all of them."),
    )  # fmt: skip
    mode = models.CharField(_("mode"), max_length=7, choices=Mode)
    ends_at = models.DateTimeField(_("nothing may be charged after"))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(max_length=7, choices=State, default=State.ORDERED, editable=False)
    ordered_by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+", editable=False)
    ordered_at = models.DateTimeField(editable=False)
    approved_by = models.ForeignKey("newsroom.User", models.SET_NULL, null=True, related_name="+", editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("collection stop")
        verbose_name_plural = _("collection stops")
        permissions = [("approve_collectionstop", "Can approve a collection stop of somebody else")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("ordered_by")), name="collectionstop_two_people"
            ),
        ]

    def __str__(self):
        return f"{self.get_mode_display()}, {self.ends_at:%Y-%m-%d %H:%M}"

    # Events

    @classmethod
    def order(cls, *, edition, mode, ends_at, reason, by, at):
        """Write an order down; nothing happens before another person approves it."""
        with transaction.atomic():
            stop = cls.objects.create(
                edition=edition, mode=mode, ends_at=ends_at, reason=reason, ordered_by=by, ordered_at=at
            )
            StaffAction.record(user=by, action="order collection stop", thing=stop, reason=reason, at=at)
        return stop

    def approve(self, *, by, at):
        """Let the order run, once. Raises SamePerson for whoever ordered it."""
        if by.pk == self.ordered_by_id:
            raise SamePerson(str(_("Another person must approve this.")))
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, state=self.State.ORDERED)
            if rows.update(state=self.State.RUNNING, approved_by=by, approved_at=at):
                StaffAction.record(user=by, action="approve collection stop", thing=self, at=at)
        self.refresh_from_db()

    def carry_out(self, *, at, at_once=200):
        """Ask the provider to end the plans that are still open; called again until none is left."""
        if self.state != self.State.RUNNING:
            return
        for plan in self.open_plans().filter(cancel_requested_at=None).select_related("gift")[:at_once]:
            try:
                plan.ask_to_end(at=at)
            except ProviderError:
                continue  # the wish is kept, the worker repeats the call
        if not self.open_plans().exists():
            type(self).objects.filter(pk=self.pk, state=self.State.RUNNING).update(state=self.State.DONE, done_at=at)
            self.refresh_from_db()

    # Questions

    def plans(self):
        """Return every plan in the scope of the order."""
        plans = Plan.objects.filter(gift__mode=self.mode, created_at__lte=self.ordered_at)
        return plans.filter(gift__edition=self.edition) if self.edition_id else plans

    def open_plans(self):
        """Return the plans that have not ended yet."""
        return self.plans().exclude(state="ended")

    def charged_after(self):
        """Return the charges that landed after the moment all the same."""
        return Journal.objects.filter(kind="charge", gift__plan__in=self.plans(), occurred_at__gt=self.ends_at)

    def proof(self):
        """Return (what was done in one line, its signature): a copy of the line can be checked later."""
        ended = self.plans().filter(state="ended").count()
        line = (
            f"collection stop {self.pk}: nothing after {self.ends_at.isoformat()}; {ended} plans ended, "
            f"{self.open_plans().count()} open, {self.charged_after().count()} charged after"
        )
        return line, sealing.lookup_key(hashlib.sha256(line.encode()).hexdigest(), "proof")
