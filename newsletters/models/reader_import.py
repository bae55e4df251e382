"""Imports: readers who come with us from another service, first looked at, then taken in, piece by piece."""

import json
import zlib
from base64 import b64decode, b64encode

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newsletters import lists
from newsletters.models.intake import settle
from newsroom import sealing
from newsroom.models import StaffAction

PIECE = 500
SAMPLES = 20


class ReaderImport(models.Model):
    """One list that somebody brought. Its addresses lie sealed, and are gone when it is done or thrown away."""

    class State(models.TextChoices):
        LOOKING = "looking", _("Being looked at")
        LOOKED = "looked", _("Looked at: nothing is written yet")
        TAKING = "taking", _("Being taken in")
        DONE = "done", _("Done")
        DISCARDED = "discarded", _("Thrown away")

    newsletter = models.ForeignKey(
        "newsletters.Newsletter", models.PROTECT, related_name="imports", verbose_name=_("newsletter")
    )
    kind = models.CharField(pgettext_lazy("place", "from"), max_length=12)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.LOOKING)
    ask_undated = models.BooleanField(_("ask first those whose consent has no date"), default=False)
    started_by = models.ForeignKey(
        "newsroom.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("brought by")
    )
    key_id = models.UUIDField(null=True)
    total = models.PositiveIntegerField(_("mailboxes"))
    seen = models.PositiveIntegerField(_("done so far"), default=0)
    counts = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("brought"))
    finished_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import of readers")
        verbose_name_plural = _("imports of readers")
        permissions = [("take_out_readers", _("Can take all readers along as a file"))]
        constraints = [
            models.CheckConstraint(condition=Q(seen__lte=F("total")), name="readerimport_seen_is_part_of_total"),
        ]

    def __str__(self):
        return f"{self.kind} → {self.newsletter}"

    # Events

    @classmethod
    def bring(cls, newsletter, data, name, *, by, at, ask_undated=False):
        """Take down a list and look at it in the background; nothing is written until somebody says so.

        Raises ValidationError for what is no list.
        """
        found = lists.read(data, name, slug=newsletter.slug)
        counts = {"unreadable": found.unreadable, "repeated": found.repeated, "never": found.never}
        key_id = sealing.new_key()
        with transaction.atomic():
            bringing = cls.objects.create(
                newsletter=newsletter, kind=found.kind, ask_undated=ask_undated, started_by=by, key_id=key_id,
                total=len(found.rows), created_at=at,
                counts={name: len(places) for name, places in counts.items()},
                places={name: places[:SAMPLES] for name, places in counts.items()},
            )  # fmt: skip
            ImportPiece.keep(bringing, list(found.rows.values()))
            StaffAction.record(user=by, action="bring readers", thing=bringing, at=at)
            bringing.go_on(at=at)
        return bringing

    def take_in(self, *, by, at):
        """Take the readers in, in the background, and tell whether this call began it."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk, state=self.State.LOOKED)
            kept = {name: self.counts.get(name, 0) for name in ("unreadable", "repeated", "never")}
            if not rows.update(state=self.State.TAKING, seen=0, counts=kept):
                return False
            self.state, self.seen, self.counts = self.State.TAKING, 0, kept
            StaffAction.record(user=by, action="take readers in", thing=self, at=at)
            self.go_on(at=at)
        return True

    def discard(self, *, by, at):
        """Throw the list away with its addresses, and tell whether this call did; what was taken in stays."""
        with transaction.atomic():
            rows = type(self).objects.filter(pk=self.pk).exclude(state__in=[self.State.DONE, self.State.DISCARDED])
            if not rows.update(state=self.State.DISCARDED, finished_at=at):
                return False
            self.state = self.State.DISCARDED
            self.pieces.all().delete()
            StaffAction.record(user=by, action="discard", thing=self, at=at)
        sealing.destroy_key(self.key_id)
        return True

    def go_on(self, *, at):
        """Have the worker do the next piece; the last one ends this round. Harmless to repeat."""
        from newsletters.tasks import import_piece

        piece = self.next_piece()
        if piece is not None:
            import_piece.enqueue(import_id=self.pk, position=piece.position, state=self.state)
        elif self.state == self.State.LOOKING:
            type(self).objects.filter(pk=self.pk, state=self.State.LOOKING).update(state=self.State.LOOKED)
        elif self.state == self.State.TAKING:
            type(self).objects.filter(pk=self.pk, state=self.State.TAKING).update(state=self.State.DONE, finished_at=at)
            transaction.on_commit(lambda: sealing.destroy_key(self.key_id))

    def do_piece(self, position, *, state, at):
        """Do one piece of the round `state`, once, and have the next one done; return whether this call did it.

        What it writes, that it is done, and the task of the next piece commit together: a worker that dies in between
        leaves the piece untouched, and a second worker finds it done.
        """
        with transaction.atomic(), transaction.atomic(using="keys"):
            locked = type(self).objects.select_for_update(of=("self",)).filter(pk=self.pk, state=state)
            bringing = locked.select_related("newsletter__edition").first()
            piece = bringing and bringing.next_piece(position=position)
            if not piece:
                return False
            rows = piece.read(bringing.key_id)
            writes = state == self.State.TAKING
            outcomes = settle(bringing, rows, at=at, writes=writes)
            bringing._note(rows, outcomes)
            piece.finish(writes=writes)
            bringing.go_on(at=at)
        return True

    def _note(self, rows, outcomes):
        for row, outcome in zip(rows, outcomes, strict=True):
            self.counts[outcome] = self.counts.get(outcome, 0) + 1
            places = self.places.setdefault(outcome, [])
            if len(places) < SAMPLES and row.place not in places:
                places.append(row.place)
        self.seen += len(rows)
        self.save(update_fields=["counts", "places", "seen"])

    # Questions

    def next_piece(self, **fields):
        """Return the first piece that this round has not done, or None."""
        waiting = {"is_looked_at": False} if self.state == self.State.LOOKING else {"is_taken_in": False}
        return self.pieces.filter(**waiting, **fields).order_by("position").first()

    def is_open(self):
        """Tell whether the worker has something to do for it."""
        return self.state in {self.State.LOOKING, self.State.TAKING}

    def report(self):
        """Return (outcome, words, count, places) for everything that was found, what is taken first."""
        return [
            (name, words, self.counts[name], self.places.get(name, []) if name in NAMED_PLACES else [])
            for name, words in OUTCOMES.items()
            if self.counts.get(name)
        ]


OUTCOMES = {
    "added": _("New readers"),
    "asked": _("Get a mail that asks whether they want it: their consent has no date"),
    "here": _("Read it here already: nothing changes"),
    "left_here": _("Left here: they stay out"),
    "forgotten": _("Were erased or left elsewhere: they stay out"),
    "suppressed": _("Not to be written to: they stay out"),
    "busy": _("Wait for an answer to an earlier mail: not asked again"),
    "noted": _("Left there: kept as a hash, so that no later list brings them back"),
    "taken_out": _("Left there after they came here: taken out"),
    "newer_here": _("Left there, and came here afterwards: they stay"),
    "lifted": _("Dead there, but somebody here let mail go there again: nothing changes"),
    "stopped": _("Mailbox dead or blocked there: not to be written to"),
    "never": _("Never said yes there: they stay out"),
    "unreadable": _("No address"),
    "repeated": _("Named more than once; what weighs more counts"),
}
NAMED_PLACES = {"unreadable", "repeated", "never", "left_here", "forgotten", "suppressed"}


class ImportPiece(models.Model):
    """Some hundred mailboxes of a list, sealed with its key, and what was done with them."""

    bringing = models.ForeignKey(ReaderImport, models.CASCADE, related_name="pieces")
    position = models.PositiveIntegerField()
    sealed = models.TextField(blank=True)
    is_looked_at = models.BooleanField(default=False)
    is_taken_in = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["bringing", "position"], name="importpiece_position")]

    def __str__(self):
        return f"{self.bringing_id}:{self.position}"

    # Events

    @classmethod
    def keep(cls, bringing, rows):
        """Keep the rows of a list in pieces."""
        pieces = []
        for position, start in enumerate(range(0, len(rows), PIECE), start=1):
            listed = [
                [row.address, row.standing, row.at.isoformat() if row.at else "", row.place]
                for row in rows[start : start + PIECE]
            ]
            packed = b64encode(zlib.compress(json.dumps(listed).encode())).decode()
            pieces.append(cls(bringing=bringing, position=position, sealed=sealing.seal(packed, bringing.key_id)))
        cls.objects.bulk_create(pieces, batch_size=50)

    def finish(self, *, writes):
        """Call it done; what was taken in is forgotten here."""
        if writes:
            self.is_taken_in, self.sealed = True, ""
        else:
            self.is_looked_at = True
        self.save(update_fields=["is_looked_at", "is_taken_in", "sealed"])

    # Questions

    def read(self, key_id):
        """Return the rows. Raises Erased when the key is gone."""
        listed = json.loads(zlib.decompress(b64decode(sealing.unseal(self.sealed, key_id))))
        return [lists.Row(address, standing, parse_datetime(at), place) for address, standing, at, place in listed]


def check_size(upload):
    """Raise ValidationError when an uploaded file is too large to be read."""
    if upload.size > lists.MAX_BYTES:
        raise ValidationError(_("This file is too large. Import it in pieces."))
