"""A letter that another service sent becomes an issue of the archive: readable, never sent by us to anybody."""

from django.db import transaction

from newsletters.models.block import IssueBlock
from newsletters.models.issue import Issue
from newsroom import pagecache
from newsroom.models import StaffAction

PIECE = 50_000


def take_in_archived(newsletter, letter, *, by, at):
    """Put an `old_letters.OldLetter` into the newsletter's archive and return (issue, whether it was made now).

    It bears the date on which it was sent, the next free number, and no delivery. A letter is taken in once.
    """
    with transaction.atomic():
        # Whoever comes second waits here and finds the letter.
        type(newsletter).objects.select_for_update().get(pk=newsletter.pk)
        known = Issue.objects.filter(newsletter=newsletter, came_as=letter.source).first()
        if known is not None:
            return known, False
        blocks = [
            {"kind": IssueBlock.Kind.TEXT, "article": None, "headline": "", "text_html": piece}
            for piece in pieces(letter.body_html)
        ]
        content = {"subject": letter.subject, "preheader": "", "blocks": blocks}
        issue = Issue.begin(content, by=by, at=letter.sent_at, newsletter=newsletter)
        issue.document.write(issue, issue.read_draft().content)
        issue.state, issue.number, issue.came_as = Issue.State.SENT, newsletter.next_number(), letter.source
        issue.approved_at = issue.started_at = issue.finished_at = letter.sent_at
        issue.save()
        StaffAction.record(user=by, action="take in archived", thing=issue, at=at)
        pagecache.bump(*newsletter.page_keys())
    return issue, True


def pieces(body_html):
    """Return the body cut between its blocks into parts of at most PIECE characters where that is possible."""
    found, part = [], ""
    for block in body_html.replace("</p><", "</p>\0<").replace("</ul><", "</ul>\0<").split("\0"):
        if part and len(part) + len(block) > PIECE:
            found.append(part)
            part = ""
        part += block
    return [*found, part]
