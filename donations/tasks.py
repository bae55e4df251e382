"""What follows from a notice or a payment, run by the worker."""

from django.utils import timezone
from django_tasks import task

from donations import mail
from donations.providers.base import Refused
from newsroom import sealing


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
def send_access_link(*, donor_id):
    """Mail a donor the link to his own page; for 0, which stands for an unknown address, do nothing."""
    from donations.models import AccessLink, Gift
    from donations.models.donor import LINK_MINUTES

    gift = Gift.objects.filter(donor=donor_id).select_related("edition", "donor__identity").order_by("-pk").first()
    if gift is None or getattr(gift.donor, "identity", None) is None:
        return
    try:
        address = gift.donor.identity.read_address()
    except sealing.Erased:
        return
    token = AccessLink.issue(gift.donor, minutes=LINK_MINUTES, at=timezone.now())
    mail.access_link(edition=gift.edition, to=address, token=token, minutes=LINK_MINUTES).send()


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
