"""What donations does again and again: nothing that a provider said, or forgot to say, is lost."""

import datetime
import logging

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
    ask_about_plans(at=at)
    send_forgotten_letters(at=at)


def ask_about_gifts(*, at):
    """Refresh gifts that were handed over a quarter of an hour ago and of which no word came."""
    from donations.models import Gift

    waiting = Gift.objects.filter(state__in=["handed_off", "processing"], handed_off_at__lte=at - PATIENCE)
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


def ask_about_plans(*, at):
    """Refresh plans whose renewal should have been announced a day ago."""
    from donations.models import Plan

    late = Plan.objects.filter(state__in=["active", "past_due"], next_on__lt=at.date() - datetime.timedelta(days=1))
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
