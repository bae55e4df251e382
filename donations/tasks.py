"""What follows from a notice or a payment, run by the worker."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_tasks import task

from donations import mail
from donations.providers.base import Refused
from newsroom import alarms, sealing


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
def tell_of_reveal(*, gift_id, who, when):
    """Mail those who get alarms that somebody of the staff saw who gave: no name of the donor, and no reason either."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = [
            _("%(who)s saw who gave gift no. %(number)d (%(when)s).") % {"who": who, "number": gift_id, "when": when},
            _("The reason is on record:"),
            f"{settings.WORKSHOP_ORIGIN}{reverse('admin:newsroom_staffaction_changelist')}",
        ]
        alarms.report(_("A donor’s identity was looked at"), lines)


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
