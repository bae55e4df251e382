"""Invite a colleague: a link that works once and for three days, behind which she chooses her own password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.translation import gettext as _

from newsroom.models import StaffAction


def link_for(user):
    """Return the address behind which `user` chooses a password.

    It is spent by the password that is chosen, by a login and by PASSWORD_RESET_TIMEOUT; opening it spends nothing.
    """
    parts = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.WORKSHOP_ORIGIN + reverse("account_reset_password_from_key", kwargs=parts)


def invite(user, *, by, at):
    """Mail the link to `user` and write it down. Raises OSError or SMTPException when the mail cannot leave."""
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    text = _(
        "You have an account now, under the name %(name)s. Choose your password here within %(days)d days:\n\n"
        "%(link)s\n\n"
        "The link works once. Do not pass it on. If you do not know what this is, ignore it.\n"
    ) % {"name": user.username, "days": days, "link": link_for(user)}  # fmt: skip
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(_("Your account at the newsroom"), text, to=[user.email], headers=headers).send()
    StaffAction.record(user=by, action="invite", thing=user, at=at)
