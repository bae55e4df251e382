"""From an issue that is due to the last delivery: claim, recheck, send, record; nobody twice, nobody forgotten.

A claim holds up to 50 letters under a lease. Before each mail the worker asks whether the letter is still its own and
the reader still there, and commits the result right after the server's last reply. What a dead worker held comes back
when the lease ends; then the first unrecorded letter of its claim is the only one that may arrive twice.
"""

import datetime
import logging
import secrets

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from newsletters import channels, letter
from newsletters.models import Delivery, Issue, Subscription, Suppression, WrongState
from newsletters.tokens import leave_token
from newsroom import sealing
from newsroom.worker import worker_id

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)
LEASE_LEFT = datetime.timedelta(minutes=1)
RETRY_MINUTES = (1, 5, 15, 60, 180)
FRESH_FOR = datetime.timedelta(hours=24)
REST_SECONDS = (1, 2, 5, 15, 60)


class Postman:
    """One worker's channel, and how long it rests after a broken connection."""

    def __init__(self, channel=None, *, clock=timezone.now):
        self._channel = channel
        self.clock = clock
        self.failures = 0
        self.rest_until = None

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
    """Take up to `limit` letters in order under a lease and return (owner, deliveries); no two claims share one."""
    owner = f"{worker_id()[-47:]}:{secrets.token_hex(8)}"
    if not Delivery.objects.claimable(at).exists():
        return owner, []
    with transaction.atomic():
        free = Delivery.objects.claimable(at).select_for_update(skip_locked=True, of=("self",))
        chosen = list(free.values_list("pk", flat=True)[:limit])
        Delivery.objects.filter(pk__in=chosen, state="queued").update(
            state=Delivery.State.CLAIMED,
            owner=owner,
            lease_until=at + LEASE,
            attempts=F("attempts") + 1,
            next_try_at=None,
        )
    held = Delivery.objects.mine(owner).filter(pk__in=chosen).order_by("issue_id", "pk")
    return owner, list(held.select_related("subscriber"))


def send_batch(postman, *, at, limit):
    """Claim and send up to `limit` letters and return how many were settled or put off."""
    owner, deliveries = claim(at=at, limit=limit)
    if not deliveries:
        return 0
    readers = [delivery.subscriber for delivery in deliveries if delivery.subscriber]
    addresses = sealing.unseal_many([(reader.address_sealed, reader.key_id) for reader in readers])
    issues = Issue.objects.select_related("newsletter").in_bulk({delivery.issue_id for delivery in deliveries})
    messages = {pk: issue.find_rendering() for pk, issue in issues.items()}
    for number, delivery in enumerate(deliveries):
        rendering = messages[delivery.issue_id]
        address = delivery.subscriber and addresses.get(delivery.subscriber.key_id)
        answer = recheck(delivery, owner, now=postman.clock(), whole=bool(address and rendering))
        if answer == "stop":
            give_back(owner)
            return number
        if answer == "go" and not send_one(postman, delivery, owner, address, issues[delivery.issue_id], rendering):
            give_back(owner)
            return number + 1
    return len(deliveries)


def recheck(delivery, owner, *, now, whole):
    """Say what to do with a claimed letter now: "go", "skip" (it is settled) or "stop" (pause, lease)."""
    asked = Delivery.objects.mine(owner).filter(pk=delivery.pk)
    stopped = Suppression.objects.in_force().filter(email_key=OuterRef("subscriber__email_key"))
    row = asked.values_list("issue__state", "subscription__state", "lease_until", Exists(stopped)).first()
    if row is None:
        return "skip"
    issue_state, subscription_state, lease_until, is_suppressed = row
    if issue_state != Issue.State.SENDING or lease_until - now < LEASE_LEFT:
        return "stop"
    if not whole or subscription_state != Subscription.State.CONFIRMED or is_suppressed:
        settle(delivery, owner, Delivery.State.DROPPED)
        return "skip"
    return "go"


def send_one(postman, delivery, owner, address, issue, rendering):
    """Send one letter, commit what came of it, and tell whether to go on with the next."""
    message = letter.fill(
        bytes(rendering.message), issue, address=address, token=leave_token(delivery.subscription_id),
        message_id=letter.message_id(issue.pk, delivery.subscriber_id), date=postman.clock(), number=issue.number,
    )  # fmt: skip
    try:
        reply = postman.channel.deliver(letter.envelope_sender(), address, message)
    except channels.ConnectionLost as error:
        logger.warning("mail server lost", extra={"issue": issue.pk})
        postman.rest(at=postman.clock())
        if postman.clock() > issue.started_at + FRESH_FOR:
            settle(delivery, owner, Delivery.State.FAILED, reply=error.reply)
        return False
    except channels.Deferred as error:
        put_off(delivery, owner, issue, error.reply, at=postman.clock())
    except channels.BadAddress as error:
        with transaction.atomic():
            settle(delivery, owner, Delivery.State.FAILED, reply=error.reply)
            Suppression.impose(
                delivery.subscriber.email_key, Suppression.Reason.BOUNCE, at=postman.clock(), evidence=error.reply
            )
    except channels.Rejected as error:
        settle(delivery, owner, Delivery.State.FAILED, reply=error.reply)
    except channels.Refused as error:
        break_off(delivery, owner, issue, error.reply, at=postman.clock())
        return False
    else:
        settle(delivery, owner, Delivery.State.ACCEPTED, reply=reply, accepted_at=postman.clock())
    postman.worked()
    return True


def settle(delivery, owner, state, *, reply="", accepted_at=None):
    """Record the end of a letter, unless the claim was lost in the meantime."""
    rows = Delivery.objects.mine(owner).filter(pk=delivery.pk)
    return rows.update(state=state, reply=reply[:200], accepted_at=accepted_at, owner="", lease_until=None)


def put_off(delivery, owner, issue, reply, *, at):
    """Try again after a wait that grows; a letter that would be stale by then has failed."""
    wait = RETRY_MINUTES[min(max(delivery.attempts, 1), len(RETRY_MINUTES)) - 1]
    again = at + datetime.timedelta(minutes=wait)
    if again > issue.started_at + FRESH_FOR:
        settle(delivery, owner, Delivery.State.FAILED, reply=reply)
        return
    rows = Delivery.objects.mine(owner).filter(pk=delivery.pk)
    rows.update(state=Delivery.State.QUEUED, next_try_at=again, reply=reply, owner="", lease_until=None)


def break_off(delivery, owner, issue, reply, *, at):
    """Pause an issue that the server refuses, say so, and blame no reader. The letter at hand goes last next time."""
    rows = Delivery.objects.mine(owner).filter(pk=delivery.pk)
    rows.update(
        state=Delivery.State.QUEUED, next_try_at=at + datetime.timedelta(hours=1), reply=reply, owner="",
        lease_until=None, attempts=F("attempts") - 1,
    )  # fmt: skip
    logger.error("mail server refuses the issue", extra={"issue": issue.pk, "reply": reply})
    try:
        issue.pause(by=None, at=at, note=reply)
    except WrongState:
        pass  # somebody paused or cancelled it in the same moment


def give_back(owner):
    """Return what a claim still holds to the queue without blame."""
    held = Delivery.objects.mine(owner)
    return held.update(state=Delivery.State.QUEUED, owner="", lease_until=None, attempts=F("attempts") - 1)


def finish_all(*, at):
    """Call issues sent whose every letter is accounted for, and return how many."""
    return sum(issue.finish(at=at) for issue in Issue.objects.filter(state="sending"))
