"""What donations does again and again: nothing that a provider said, or forgot to say, is lost."""

import datetime
import logging

from django.utils.translation import gettext_noop

from donations import providers
from donations.providers.base import NotFound, ProviderError
from newsroom import schedules

logger = logging.getLogger(__name__)

PATIENCE = datetime.timedelta(minutes=15)
KEY_LIFE = datetime.timedelta(hours=24)
AT_ONCE = 100


def apply_due_events(*, at, limit):
    """Apply events whose task was lost and parked ones whose time has come; return how many."""
    from donations.models import ProviderEvent

    events = list(ProviderEvent.objects.due(at)[:limit])
    for event in events:
        event.apply(at=at)
    return len(events)


@schedules.every(minutes=5, name="donations.sweep")
def sweep(*, at):
    """Ask the provider about everything that has been silent for too long."""
    ask_about_gifts(at=at)
    finish_hand_overs(at=at)
    finish_calls(at=at)
    carry_out_stops(at=at)
    ask_about_plans(at=at)
    send_forgotten_letters(at=at)
    send_reminders(at=at)


@schedules.every(minutes=24 * 60, name="donations.reconcile")
def reconcile(*, at):
    """Compare the books with the list of every provider that takes gifts or has some of ours."""
    from donations.models import ReconRun

    ReconRun.compare_all(at=at)


@schedules.every(minutes=24 * 60, name="donations.supporters")
def count_supporters(*, at):
    """Write down how many give again and again, rounded: so that no gift can be timed, once a day."""
    from donations.models import Transparency

    Transparency.count_all()


@schedules.every(minutes=6 * 60, name="donations.notices")
def announce_annual_charges(*, at):
    """Tell donors two weeks before an annual gift is charged."""
    from donations.models import Message, due_notices

    for plan in due_notices(at):
        Message.queue("annual", subject_id=plan.notice_id, gift=plan.gift, at=at)


@schedules.every(minutes=24 * 60, name="donations.forget")
def forget(*, at):
    """Destroy the keys of donors whom nothing needs any more, and links and sessions that are over."""
    from donations.models import AccessLink, BankFile, DonorIdentity, DonorSession

    for identity in DonorIdentity.forgettable(at)[:1000]:
        identity.erase()
    AccessLink.forget_expired(at=at)
    DonorSession.forget_expired(at=at)
    BankFile.forget_unused(at=at)


def send_reminders(*, at):
    """Send the letters that people asked for a month ago, each once, and destroy their addresses."""
    from donations.models import AskReminder

    for reminder in AskReminder.objects.filter(due_at__lte=at, claimed_at=None).select_related("edition")[:AT_ONCE]:
        try:
            reminder.send(at=at)
        except OSError as error:
            logger.warning("reminder not sent", extra={"why": type(error).__name__})
            return


def carry_out_stops(*, at):
    """Go on ending the plans of approved collection stops."""
    from donations.models import CollectionStop

    for stop in CollectionStop.objects.filter(state="running"):
        stop.carry_out(at=at)


def ask_about_gifts(*, at):
    """Refresh gifts that were handed over a quarter of an hour ago and of which no word came."""
    from donations.models import Gift

    waiting = Gift.objects.filter(state__in=["handed_off", "processing"], handed_off_at__lte=at - PATIENCE)
    for name, patience in providers.SLOW.items():
        waiting = waiting.exclude(provider=name, handed_off_at__gt=at - patience)
    for gift in waiting.order_by("handed_off_at")[:AT_ONCE]:
        _ask(gift, at=at)


def finish_hand_overs(*, at):
    """Repeat, with its own key, a hand-over whose answer never came; after a day the key is too old to be sure of."""
    from donations.models import Gift

    for gift in Gift.objects.filter(state="ready", created_at__lte=at - PATIENCE).select_related("edition")[:AT_ONCE]:
        if gift.created_at <= at - KEY_LIFE:
            gift.give_up()
            continue
        try:
            gift.hand_over(at=at)
        except ProviderError as error:
            logger.warning("hand-over not finished", extra={"why": type(error).__name__})


def finish_calls(*, at):
    """Repeat, with their own keys, calls whose answer never came; when a key is too old, look whether it happened."""
    from donations.models import ProviderCall

    calls = ProviderCall.objects.filter(state__in=["prepared", "unknown"], updated_at__lte=at - PATIENCE)
    for call in calls.exclude(operation="hand_over").select_related("gift").order_by("created_at")[:AT_ONCE]:
        is_fresh = call.created_at > at - KEY_LIFE
        try:
            if is_fresh or call.operation != "refund":
                call.perform(at=at)
            call.gift.refresh(at=at)
        except ProviderError as error:
            logger.warning("call not finished", extra={"why": type(error).__name__, "operation": call.operation})
            continue
        if not is_fresh and call.operation == "refund":
            call.reject("the key is too old; look at the gift", at=at)
            call.gift.ask_review(gettext_noop("A refund was never answered: look whether it happened."))


def ask_about_plans(*, at):
    """Refresh plans whose renewal should have been announced a day ago."""
    from donations.models import Plan

    provider = providers.active()
    today = (provider.clock(at) if provider else at).date()
    late = Plan.objects.filter(state__in=["active", "past_due"], next_on__lt=today - datetime.timedelta(days=1))
    late = late.exclude(provider__in=providers.SLOW, next_on__gte=today - datetime.timedelta(days=100))
    for plan in late.order_by("next_on")[:AT_ONCE]:
        _ask(plan, at=at)


def send_forgotten_letters(*, at):
    """Send letters whose task gave up or was lost."""
    from donations.models import Message

    queued = Message.objects.filter(state="queued", created_at__lte=at - PATIENCE, tries__lt=20)
    for message in queued.select_related("gift__edition", "gift__donor")[:AT_ONCE]:
        try:
            message.send(at=at)
        except OSError as error:
            logger.warning("letter not sent", extra={"why": type(error).__name__})
            return


def _ask(thing, *, at):
    try:
        thing.refresh(at=at)
    except NotFound:
        logger.error("the provider knows nothing of a gift", extra={"kind": type(thing).__name__})
    except ProviderError as error:
        logger.warning("the provider did not answer", extra={"why": type(error).__name__})
