"""What follows from a notice or a payment, run by the worker."""

from django.utils import timezone
from django_tasks import task


@task()
def apply_event(*, event_id):
    """Look at the object that a stored event names, and make our rows agree with it."""
    from donations.models import ProviderEvent

    event = ProviderEvent.objects.filter(pk=event_id).first()
    if event:
        event.apply(at=timezone.now())


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
