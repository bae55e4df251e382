"""What follows from a notice or a payment, run by the worker."""

from django.utils import timezone
from django_tasks import task

from donations.providers.base import Refused


@task()
def apply_event(*, event_id):
    """Look at the object that a stored event names, and make our rows agree with it."""
    from donations.models import ProviderEvent

    event = ProviderEvent.objects.filter(pk=event_id).first()
    if event:
        event.apply(at=timezone.now())


@task()
def pause_disputed(*, gift_id):
    """Let a plan stand still whose charge a bank disputes, until a person has looked."""
    from donations.models import Plan, PlanEnded

    plan = Plan.objects.select_related("gift").filter(gift=gift_id).first()
    if plan is None or not plan.is_open:
        return
    try:
        plan.ask_to_pause(None, nonce="dispute", at=timezone.now())
    except (PlanEnded, Refused):
        return


@task()
def send_message(*, message_id):
    """Send one letter to a donor."""
    from donations.models import Message

    message = (
        Message.objects.select_related("gift__edition", "gift__plan", "gift__donor__identity")
        .filter(pk=message_id)
        .first()
    )
    if message:
        message.send(at=timezone.now())
