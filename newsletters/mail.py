"""The single mails of newsletters."""

from django.conf import settings
from django.urls import reverse

from newsroom import mail
from newsroom.editions import edition_url


def confirmation(address, newsletters, *, token):
    """Return the mail that asks a mailbox whether it wants these newsletters; of what was typed it holds nothing."""
    edition = newsletters[0].edition
    link = settings.HOME_ORIGIN + edition_url(edition, "newsletters:confirm", token)
    privacy = f"{settings.HOME_ORIGIN}{edition.prefix}{edition.privacy_url}"
    context = {"newsletters": newsletters, "link": link, "privacy_url": privacy}
    return mail.build("newsletters/confirm", edition=edition, to=address, context=context)


def refusal(issue, *, to):
    """Return the mail that tells a member of the staff that the mail server refuses our letters, and what to do."""
    link = settings.WORKSHOP_ORIGIN + reverse("admin:newsletters_issue_change", args=[issue.pk])
    context = {"issue": issue, "newsletter": issue.newsletter, "link": link}
    return mail.build("newsletters/refusal", edition=issue.newsletter.edition, to=to, context=context)


def settings_link(address, *, edition, token):
    """Return the mail with the link to a reader's settings."""
    return _note("settings_link", address, edition, "newsletters:settings_of", token)


def address_change(address, *, edition, token):
    """Return the mail that asks one of two mailboxes whether the letters move; it names neither address."""
    return _note("address_change", address, edition, "newsletters:change_address", token)


def _note(template, address, edition, page, token):
    context = {
        "link": settings.HOME_ORIGIN + edition_url(edition, page, token),
        "privacy_url": f"{settings.HOME_ORIGIN}{edition.prefix}{edition.privacy_url}",
    }
    return mail.build(f"newsletters/{template}", edition=edition, to=address, context=context)
