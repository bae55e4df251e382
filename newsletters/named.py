"""Where letters name somebody, for a name that is taken back: in their words, and in mails that are frozen already."""

import email
import email.policy

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models import Mention, names_somebody
from newsletters.models import Issue, Rendering


def mentions(names):
    """Yield the letters whose subject or own words name somebody, as they are being written and as they went out."""
    for issue in Issue.objects.prefetch_related("drafts").order_by("-pk").iterator(chunk_size=200):
        for draft in issue.drafts.all():
            if any(names_somebody(text, names) for text in _texts(draft.content)):
                url = reverse("admin:newsletters_issue_change", args=[issue.pk])
                yield Mention(_("Newsletter"), draft.title, "draft", url)


def frozen_with(names):
    """Return the keys of the issues that hold frozen mails in which one of the names stands."""
    found = Rendering.objects.filter(message__isnull=False).iterator(chunk_size=20)
    return {each.issue_id for each in found if any(names_somebody(text, names) for text in _mail(each))}


def _texts(content):
    """Yield every text in a document, however deep."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def _mail(rendering):
    """Yield the subject and every text of a frozen mail."""
    message = email.message_from_bytes(bytes(rendering.message), policy=email.policy.default)
    yield str(message["Subject"])
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield part.get_content()
