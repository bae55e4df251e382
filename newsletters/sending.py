"""From an issue that is due to the last delivery: claim, recheck, send, record; nobody twice, nobody forgotten.

A claim holds up to 50 letters under a lease. Before each mail the worker asks whether the letter is still its own and
the reader still there, and commits the result right after the server's last reply. What a dead worker held comes back
when the lease ends; then the first unrecorded letter of its claim is the only one that may arrive twice. A worker that
lives through the loss of its database remembers the server's last reply and records it when the database is back.
"""

import datetime
import logging
import secrets

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from newsletters import channels, letter
from newsletters.models import Channel, Delivery, DeliveryEvent, Issue, Rendering, Subscription, WrongState
from newsletters.tokens import leave_token
from newsroom import sealing
from newsroom.worker import worker_id

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)
LEASE_LEFT = datetime.timedelta(minutes=3)  # longer than the slowest talk with a server: nine waits of 20 seconds
RETRY_MINUTES = (1, 5, 15, 60, 180)
FRESH_FOR = datetime.timedelta(hours=24)
REST_SECONDS = (1, 2, 5, 15, 60)
KEPT_SKELETONS = 8


class Postman:
    """One worker's channel, and how long it rests after a broken connection."""

    def __init__(self, channel=None, *, clock=timezone.now):
        self._channel = channel
        self.clock = clock
        self.failures = 0
        self.rest_until = None
        self.unrecorded = None
        self.skeletons = {}

    @property
    def channel(self):
        """The channel, opened when it is first needed."""
        if self._channel is None:
            self._channel = channels.open_channel()
        return self._channel

    def close(self):
        """Close the connection; the next letter opens another."""
        if self._channel is not None:
            self._channel.close()

    def skeleton(self, delivery):
        """Return the frozen mail of a delivery ready to be filled in, or None when its bytes are gone."""
        key = delivery.rendering_id
        if key not in self.skeletons:
            rendering = Rendering.objects.filter(pk=key, message__isnull=False).select_related("issue").first()
            if rendering is None:
                return None
            if len(self.skeletons) >= KEPT_SKELETONS:
                self.skeletons.pop(next(iter(self.skeletons)))
            self.skeletons[key] = letter.Skeleton(bytes(rendering.message), rendering.issue)
        return self.skeletons[key]

    def rest(self, *, at):
        """Leave the server alone for a while that grows with each failure in a row."""
        seconds = REST_SECONDS[min(self.failures, len(REST_SECONDS) - 1)]
        self.failures += 1
        self.rest_until = at + datetime.timedelta(seconds=seconds)

    def is_resting(self, at):
        """Tell whether the server is to be left alone."""
        return self.rest_until is not None and at < self.rest_until

    def worked(self):
        """Forget the failures."""
        self.failures, self.rest_until = 0, None


_postman = Postman()


def pump(*, at, limit=50):
    """Do a bounded piece of what is due with this process's own postman; the worker calls it again and again."""
    return run(_postman, at=at, limit=limit)


def run(postman, *, at, limit=50):
    """Start what is due, take back what was lost, send up to `limit` letters, finish what is through."""
    moving = Issue.objects.filter(state__in=["scheduled", "sending", "paused"]).values_list("pk", "state", "due_at")
    moving = list(moving)
    done = start_due([pk for pk, state, due in moving if state == "scheduled" and due <= at], at=at)
    if not done and not any(state != "scheduled" for _pk, state, _due in moving):
        postman.close()
        return 0
    if postman.unrecorded is not None:
        owner = postman.unrecorded[1]
        record(postman)
        give_back(owner)
    recover(at=at)
    if not postman.is_resting(at):
        done += send_batch(postman, at=at, limit=limit)
    done += finish_all(at=at)
    return done


def start_due(issue_ids, *, at):
    """Start these issues and return how many were moved; of many workers one starts each."""
    moved = 0
    for issue in Issue.objects.select_related("newsletter__edition").filter(pk__in=issue_ids).order_by("due_at", "pk"):
        started = issue.start(at=at)
        moved += started or issue.state == Issue.State.HELD
        logger.info("issue started" if started else "issue not started", extra={"issue": issue.pk})
    return moved


def recover(*, at):
    """Return letters whose worker died or slept past its lease to the queue, and return how many."""
    lost = Delivery.objects.filter(state="claimed", lease_until__lt=at)
    return lost.update(state=Delivery.State.QUEUED, owner="", lease_until=None)


def claim(*, at, limit):
    """Take up to `limit` letters in order under a lease and return (owner, deliveries); no two claims share one.

    All machines together take no more than the channel lets through, and nothing while the server refuses us.
    """
    owner = f"{worker_id()[-47:]}:{secrets.token_hex(8)}"
    if not Delivery.objects.claimable(at).exists():
        return owner, []
    granted = Channel.grant(limit, at=at)
    if not granted:
        return owner, []
    with transaction.atomic():
        free = Delivery.objects.claimable(at).select_for_update(skip_locked=True, of=("self",))
        chosen = list(free.values_list("pk", flat=True)[:granted])
        Delivery.objects.filter(pk__in=chosen, state="queued").update(
            state=Delivery.State.CLAIMED,
            owner=owner,
            lease_until=at + LEASE,
            attempts=F("attempts") + 1,
            next_try_at=None,
        )
    held = Delivery.objects.mine(owner).filter(pk__in=chosen).order_by("issue_id", "pk")
    deliveries = list(held.select_related("subscriber"))
    Channel.give_back(granted - len(deliveries))
    return owner, deliveries


def send_batch(postman, *, at, limit):
    """Claim and send up to `limit` letters and return how many were settled or put off."""
    owner, deliveries = claim(at=at, limit=limit)
    if not deliveries:
        return 0
    readers = [delivery.subscriber for delivery in deliveries if delivery.subscriber]
    addresses = sealing.unseal_many([(reader.address_sealed, reader.key_id) for reader in readers])
    issues = Issue.objects.select_related("newsletter__edition").in_bulk({row.issue_id for row in deliveries})
    for issue in issues.values():
        issue.mirrors = letter.mirrors(issue.newsletter.edition)
    for number, delivery in enumerate(deliveries):
        delivery.issue = issues[delivery.issue_id]
        address = delivery.subscriber and addresses.get(delivery.subscriber.key_id)
        skeleton = postman.skeleton(delivery)
        answer = recheck(delivery, owner, now=postman.clock(), whole=bool(address and skeleton))
        if answer == "stop":
            give_back(owner)
            return number
        if answer == "go" and not send_one(postman, delivery, owner, address, skeleton):
            give_back(owner)
            return number + 1
    return len(deliveries)


def recheck(delivery, owner, *, now, whole):
    """Say what to do with a claimed letter now: "go", "skip" (it is settled) or "stop" (pause, lease)."""
    row = Delivery.objects.recheck(delivery.pk, owner)
    if row is None:
        return "skip"
    issue_state, subscription_state, is_suppressed = row
    if issue_state != Issue.State.SENDING or delivery.lease_until - now < LEASE_LEFT:
        return "stop"
    if not whole or subscription_state != Subscription.State.CONFIRMED or is_suppressed:
        settle(delivery, owner, Delivery.State.DROPPED)
        return "skip"
    return "go"


def send_one(postman, delivery, owner, address, skeleton):
    """Send one letter, commit what came of it, and tell whether to go on with the next."""
    message = skeleton.fill(
        address=address, token=leave_token(delivery.subscription_id), date=postman.clock(),
        message_id=letter.message_id(delivery.issue_id, delivery.subscriber_id, delivery.part),
        number=delivery.issue.number, mirrors=delivery.issue.mirrors,
    )  # fmt: skip
    try:
        answer = postman.channel.deliver(letter.envelope_sender(delivery.pk), address, message)
    except channels.Undelivered as error:
        answer = error
    postman.unrecorded = (delivery, owner, answer, postman.clock())
    return record(postman)


def record(postman):
    """Commit the server's last answer and tell whether to go on; it stays with the postman until that succeeds."""
    delivery, owner, answer, at = postman.unrecorded
    if isinstance(answer, str):
        settle(delivery, owner, Delivery.State.ACCEPTED, reply=answer, accepted_at=at)
    else:
        ANSWERS[type(answer)](delivery, owner, answer.reply, at=at)
    postman.unrecorded = None
    if isinstance(answer, channels.ConnectionLost):
        logger.warning("mail server lost", extra={"issue": delivery.issue_id})
        postman.rest(at=at)
        return False
    postman.worked()
    return not isinstance(answer, channels.Refused)


def leave_waiting(delivery, owner, reply, *, at):
    """Let a letter whose line broke go back with the others; one that would be stale by now has failed."""
    if at > delivery.issue.started_at + FRESH_FOR:
        settle(delivery, owner, Delivery.State.FAILED, reply=reply)


def fail_for_good(delivery, owner, reply, *, at):
    """Record that there is no such mailbox, and write there no more."""
    with transaction.atomic():
        settle(delivery, owner, Delivery.State.FAILED, reply=reply)
        report(delivery, DeliveryEvent.Kind.HARD, reply, at=at)


def fail(delivery, owner, reply, *, at):
    """Record that this reader cannot be reached this time; when that goes on for weeks, she is suppressed."""
    with transaction.atomic():
        settle(delivery, owner, Delivery.State.FAILED, reply=reply)
        report(delivery, DeliveryEvent.Kind.SOFT, reply, at=at)


def report(delivery, kind, reply, *, at):
    """Take down what the server said about a mailbox; the same failure told by a report later counts once."""
    DeliveryEvent.take(delivery, kind, source="smtp", event_id=str(delivery.pk), reply=reply, at=at)


def settle(delivery, owner, state, *, reply="", accepted_at=None):
    """Record the end of a letter, unless the claim was lost in the meantime, and tell whether it was recorded."""
    return Delivery.objects.settle(delivery.pk, owner, state, reply=reply, accepted_at=accepted_at)


def put_off(delivery, owner, reply, *, at):
    """Try again after a wait that grows; a letter that would be stale by then has failed."""
    wait = RETRY_MINUTES[min(max(delivery.attempts, 1), len(RETRY_MINUTES)) - 1]
    again = at + datetime.timedelta(minutes=wait)
    if again > delivery.issue.started_at + FRESH_FOR:
        settle(delivery, owner, Delivery.State.FAILED, reply=reply)
        return
    rows = Delivery.objects.mine(owner).filter(pk=delivery.pk)
    rows.update(state=Delivery.State.QUEUED, next_try_at=again, reply=reply, owner="", lease_until=None)


def break_off(delivery, owner, reply, *, at):
    """Open the breaker: no letter leaves any machine until somebody has looked. The one at hand goes last next time.

    It blames no reader, pauses the issue with the server's words, and writes to the person who approved it.
    """
    from newsletters.tasks import mail_refusal

    with transaction.atomic():
        rows = Delivery.objects.mine(owner).filter(pk=delivery.pk)
        rows.update(
            state=Delivery.State.QUEUED, next_try_at=at + datetime.timedelta(hours=1), reply=reply, owner="",
            lease_until=None, attempts=F("attempts") - 1,
        )  # fmt: skip
        if Channel.trip(reply, at=at):
            mail_refusal.enqueue(issue_id=delivery.issue_id)
        try:
            delivery.issue.pause(by=None, at=at, note=reply)
        except WrongState:
            pass  # somebody paused or cancelled it in the same moment
    logger.error("mail server refuses the issue", extra={"issue": delivery.issue_id, "reply": reply})


ANSWERS = {
    channels.ConnectionLost: leave_waiting,
    channels.Deferred: put_off,
    channels.BadAddress: fail_for_good,
    channels.Rejected: fail,
    channels.Refused: break_off,
}


def give_back(owner):
    """Return what a claim still holds to the queue without blame."""
    held = Delivery.objects.mine(owner)
    returned = held.update(state=Delivery.State.QUEUED, owner="", lease_until=None, attempts=F("attempts") - 1)
    Channel.give_back(returned)
    return returned


def finish_all(*, at):
    """Call issues sent whose every letter is accounted for, and return how many."""
    return sum(issue.finish(at=at) for issue in Issue.objects.filter(state="sending"))
