"""A mail when something needs a person, and one when all is well again; never one for each minute in between."""

import datetime
import logging
from smtplib import SMTPException

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from newsroom import readings
from newsroom.models import Observation

logger = logging.getLogger(__name__)
AGAIN_AFTER = datetime.timedelta(hours=24)
NAME = "alarm"


def recipients():
    """Return who gets the mail: ALARM_ADDRESSES, or else the addresses of the superusers."""
    if settings.ALARM_ADDRESSES:
        return settings.ALARM_ADDRESSES
    users = get_user_model().objects.filter(is_active=True, is_superuser=True).exclude(email="")
    return list(users.values_list("email", flat=True))


def report(subject, lines):
    """Mail what those who get alarms should know, as it is; return whether a mail left. No name of a reader in it."""
    text = "\n".join(["", *lines, ""])
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMessage(f"[{_('Newsroom')}] {subject}", text, to=recipients(), headers=headers)
    return bool(message.to) and message.send() > 0


def ring(*, at):
    """Send a mail when something new is wrong, still is after a day, or nothing is any more; return whether one left.

    What was told is kept before the mail leaves, so that two machines send one.
    """
    with translation.override(settings.LANGUAGE_CODE):
        found = sorted(readings.alarms(at))
        if not _claim(found, at=at):
            return False
        count = len(found)
        needs = ngettext("%d thing needs somebody", "%d things need somebody", count) % count
        subject = needs if found else _("All is well again")
        lines = [f"- {line}" for line in found] or [_("Nothing is stuck, and nothing failed.")]
        try:
            return report(subject, [*lines, "", f"{settings.WORKSHOP_ORIGIN}/admin/status/"])
        except (SMTPException, OSError):
            logger.exception("alarm could not be mailed", extra={"count": count})
            return False


def _claim(found, *, at):
    """Note what is told now, and tell whether it is news."""
    # Ages in a sentence change by themselves: the words alone say whether it is the same fault.
    kinds = sorted({"".join(letter for letter in line if not letter.isdigit())[:80] for line in found})
    Observation.objects.get_or_create(name=NAME, defaults={"value": {"kinds": []}, "at": at})
    with transaction.atomic():
        last = Observation.objects.select_for_update().get(name=NAME)
        is_new = bool(set(kinds) - set(last.value["kinds"]))
        is_over = not found and bool(last.value["kinds"])
        is_old = bool(found) and at - last.at >= AGAIN_AFTER
        if not (is_new or is_over or is_old):
            return False
        last.value, last.at = {"kinds": kinds}, at
        last.save()
    return True
