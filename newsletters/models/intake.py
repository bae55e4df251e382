"""What becomes of a list's mailboxes here: who comes in, who stays out, and why. Many at once, and never twice."""

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newsletters import lists
from newsletters.addresses import email_key, mailbox_key
from newsletters.models.consent import ConfirmLimit, ConsentEvent
from newsletters.models.subscriber import Subscriber, Subscription
from newsletters.models.suppression import Suppression
from newsroom import sealing


class Departure(models.Model):
    """That somebody was erased here, or left before she came with a list: a keyed hash that bars every import.

    It does not bar the door: who asks by herself and confirms is let in.
    """

    email_key = models.CharField(max_length=64)
    newsletter = models.ForeignKey("newsletters.Newsletter", models.CASCADE, null=True, related_name="+")
    left_at = models.DateTimeField(_("left"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email_key", "newsletter"], condition=Q(newsletter__isnull=False), name="departure_of_one"
            ),
            models.UniqueConstraint(
                fields=["email_key"], condition=Q(newsletter__isnull=True), name="departure_of_all"
            ),
        ]

    def __str__(self):
        return self.email_key[:8]

    @classmethod
    def note(cls, email_key, *, at, newsletter=None):
        """Keep that somebody is gone, once."""
        cls.objects.bulk_create([cls(email_key=email_key, newsletter=newsletter, left_at=at)], ignore_conflicts=True)


class Known:
    """What is known here about some mailboxes; a few queries for all."""

    def __init__(self, newsletter, keys):
        readers = Subscriber.objects.filter(email_key__in=keys)
        self.readers = {reader.email_key: reader for reader in readers}
        mine = Subscription.objects.filter(newsletter=newsletter, subscriber__in=readers).select_related("subscriber")
        self.subscriptions = {found.subscriber.email_key: found for found in mine}
        self.suppressed, self.lifted = set(), set()
        for key, lifted_at in Suppression.objects.filter(email_key__in=keys).values_list("email_key", "lifted_at"):
            (self.lifted if lifted_at else self.suppressed).add(key)
        gone = Departure.objects.filter(Q(newsletter=newsletter) | Q(newsletter__isnull=True), email_key__in=keys)
        self.departed = set(gone.values_list("email_key", flat=True))


def settle(bringing, rows, *, at, writes):
    """Return what becomes of each row, in order; with `writes` it also happens. Call it inside a transaction."""
    keys = [email_key(row.address) for row in rows]
    known = Known(bringing.newsletter, keys)
    outcomes = [_outcome(bringing, row, key, known) for row, key in zip(rows, keys, strict=True)]
    if writes:
        outcomes = _write(bringing, list(zip(rows, keys, outcomes, strict=True)), known, at=at)
    return outcomes


def _outcome(bringing, row, key, known):
    mine = known.subscriptions.get(key)
    if row.standing in {lists.DEAD, lists.BLOCKED}:
        return "suppressed" if key in known.suppressed else "lifted" if key in known.lifted else "stopped"
    if row.standing == lists.LEFT:
        return _outcome_of_leaving(row, mine)
    if key in known.suppressed:
        return "suppressed"
    if mine is not None and mine.state == Subscription.State.CONFIRMED:
        return "here"
    if mine is not None and mine.state == Subscription.State.UNSUBSCRIBED:
        return "left_here"
    if key in known.departed:
        return "forgotten"
    return "asked" if bringing.ask_undated and row.at is None else "added"


def _outcome_of_leaving(row, mine):
    if mine is None or mine.state == Subscription.State.PENDING:
        return "noted"
    if mine.state == Subscription.State.UNSUBSCRIBED:
        return "left_here"
    is_later = row.at is not None and row.at > mine.confirmed_at
    return "taken_out" if is_later or (row.at is None and mine.source.startswith("import")) else "newer_here"


def _write(bringing, fates, known, *, at):
    newsletter, outcomes = bringing.newsletter, []
    _add(bringing, [(row, key) for row, key, outcome in fates if outcome == "added"], known, at=at)
    for row, key, outcome in fates:
        if outcome == "asked" and not _ask(bringing, row, at=at):
            outcome = "busy"
        elif outcome == "noted":
            Departure.note(key, newsletter=newsletter, at=row.at or at)
        elif outcome == "taken_out":
            known.subscriptions[key].leave(Subscription.How.IMPORT, at=at)
        elif outcome == "stopped":
            dead = row.standing == lists.DEAD
            reason = Suppression.Reason.BOUNCE if dead else Suppression.Reason.REQUEST
            Suppression.impose(key, reason, at=at, evidence=f"{bringing.kind}: {'cleaned' if dead else 'blocklisted'}")
        outcomes.append(outcome)
    return outcomes


def _ask(bringing, row, *, at):
    """Ask the mailbox through the one way in, with all its limits, and tell whether a mail goes out."""
    mailbox = mailbox_key(row.address)
    before = ConfirmLimit.objects.filter(mailbox_key=mailbox).values_list("unanswered", flat=True).first()
    Subscriber.ask(
        row.address, [bringing.newsletter], language=bringing.newsletter.edition.language,
        source=f"import {bringing.kind}", at=at,
    )  # fmt: skip
    after = ConfirmLimit.objects.filter(mailbox_key=mailbox).values_list("unanswered", flat=True).first()
    return before != after


def _add(bringing, rows, known, *, at):
    """Make the readers and let them in, with what the list says about their consent on record."""
    new = [(row, key) for row, key in rows if key not in known.readers]
    sealed = sealing.seal_many([row.address for row, _key in new])
    Subscriber.objects.bulk_create(
        Subscriber(
            key_id=key_id, address_sealed=text, email_key=key, language=bringing.newsletter.edition.language,
            created_at=at,
        )
        for (_row, key), (key_id, text) in zip(new, sealed, strict=True)
    )  # fmt: skip
    readers = {each.email_key: each for each in Subscriber.objects.filter(email_key__in=[key for _row, key in rows])}
    fresh, source = [], f"import {bringing.kind}"
    for row, key in rows:
        when = min(row.at or at, at)
        mine = known.subscriptions.get(key)
        if mine is None:
            fresh.append(
                Subscription(
                    subscriber=readers[key], newsletter=bringing.newsletter, state=Subscription.State.CONFIRMED,
                    source=source, requested_at=when, confirmed_at=when,
                )
            )  # fmt: skip
            continue
        Subscription.objects.filter(pk=mine.pk, state=Subscription.State.PENDING).update(
            state=Subscription.State.CONFIRMED, confirmed_at=when, source=source
        )
    Subscription.objects.bulk_create(fresh)
    _keep_consent(bringing, rows, at=at)


def _keep_consent(bringing, rows, *, at):
    dates = {key: row.at for row, key in rows}
    mine = Subscription.objects.filter(newsletter=bringing.newsletter, subscriber__email_key__in=dates)
    lines = []
    for pk, key in mine.order_by("pk").values_list("pk", "subscriber__email_key"):
        if dates[key] is not None and dates[key] <= at:
            lines.append(_line(pk, ConsentEvent.Action.CONFIRM, bringing.kind, dates[key]))
        lines.append(_line(pk, ConsentEvent.Action.IMPORT, bringing.kind, at))
    with transaction.atomic():
        ConsentEvent.objects.bulk_create(lines)


def _line(subscription_id, action, kind, at):
    return ConsentEvent(subscription_id=subscription_id, action=action, method=f"import {kind}"[:20], at=at)
