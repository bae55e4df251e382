"""Small functions that build newsletters, readers and letters through the verbs."""

import datetime
import email
import email.policy
import itertools

from django.utils import timezone

from newsletters.addresses import email_key
from newsletters.models import ConfirmRequest, Issue, Newsletter, Subscriber
from newsletters.sending import Postman, run
from tests.make import make_edition, make_user

_numbers = itertools.count(1)


def make_newsletter(name="The Week", *, edition=None, **fields):
    """Return a newsletter that is open for signup."""
    edition = edition or make_edition(postal_address="1 Ropewalk, Linnhaven")
    slug = fields.pop("slug", None) or f"letter-{next(_numbers)}"
    given = {
        "promise": "Six stories every Friday.", "rhythm": "every Friday", "sender_name": "The Lantern",
        "sender_address": "letters@lantern.example", "list_id": f"{slug}.lantern.example", **fields,
    }  # fmt: skip
    return Newsletter.objects.create(edition=edition, slug=slug, name=name, **given)


def ask(address, *newsletters, at=None, **fields):
    """Sign an address up as the form does, and return the open request with its token, or (None, "")."""
    at = at or timezone.now()
    before = set(ConfirmRequest.objects.values_list("pk", flat=True))
    Subscriber.ask(address, newsletters, language="en", source="box", at=at, mail=False, **fields)
    request = ConfirmRequest.objects.exclude(pk__in=before).first()
    return (request, request.renew_token()) if request else (None, "")


def make_reader(address=None, *newsletters, at=None):
    """Return a reader who asked for these newsletters and confirmed."""
    at = at or timezone.now()
    address = address or f"reader{next(_numbers)}@example.org"
    request, _token = ask(address, *newsletters, at=at)
    request.confirm(at=at)
    return Subscriber.objects.get(email_key=email_key(address))


def make_readers(count, newsletter, *, at=None):
    """Return many readers of one newsletter."""
    return [make_reader(None, newsletter, at=at) for _number in range(count)]


def text_block(words="<p>Dear readers, it rained.</p>", **fields):
    """Return a block of text for a content document."""
    return {"kind": "text", "article": None, "headline": "", "text_html": words, **fields}


def story_block(article, **fields):
    """Return a block that shows a story."""
    return {"kind": "article", "article": article.pk, "headline": "", "text_html": "", **fields}


def make_issue(newsletter=None, *, blocks=None, at=None, by=None, **content):
    """Return a draft of an issue that may be approved."""
    newsletter = newsletter or make_newsletter()
    content = {"subject": "The week of the flood", "preheader": "And what the mill pays.", **content}
    content["blocks"] = [text_block()] if blocks is None else blocks
    return Issue.begin(content, by=by, at=at or timezone.now(), newsletter=newsletter)


def approve(issue, *, by=None, at=None):
    """Approve the draft as it stands and return the issue."""
    issue.approve(version=issue.read_draft().version, by=by or make_user("Newsletter editor"), at=at or timezone.now())
    return issue


def make_approved(newsletter=None, *, at=None, **content):
    """Return an approved issue."""
    return approve(make_issue(newsletter, at=at, **content), at=at)


def make_due(newsletter=None, *, at=None, **content):
    """Return an issue that the worker should start now."""
    issue = make_approved(newsletter, at=at, **content)
    issue.send_now(by=issue.approved_by, at=at or timezone.now())
    return issue


class Recorder:
    """A channel that keeps what it gets; `answers` are exceptions (or None) for the next letters."""

    def __init__(self, *answers, during=None):
        self.letters = []
        self.answers = list(answers)
        self.during = during
        self.closed = 0

    def deliver(self, sender, recipient, message):
        """Keep the letter or raise the next answer."""
        if self.during:
            self.during(recipient)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.letters.append((recipient, message))
        return "250 2.0.0 kept"

    def close(self):
        """Count it."""
        self.closed += 1

    @property
    def recipients(self):
        """Return to whom something came, in order."""
        return [recipient for recipient, _message in self.letters]


def pump(channel=None, *, at=None, rounds=20, limit=50):
    """Let one worker do all that is due at `at` and return its channel."""
    channel, at = channel or Recorder(), at or timezone.now()
    postman = Postman(channel, clock=lambda: at)
    for _round in range(rounds):
        if not run(postman, at=at, limit=limit):
            break
    return channel


def read(message):
    """Return a mail parsed strictly."""
    return email.message_from_bytes(message, policy=email.policy.default)


def later(at, **span):
    """Return a later moment."""
    return at + datetime.timedelta(**span)


def send_letter(newsletter, stories):
    """Let the worker send an issue that shows these stories, and return it."""
    issue = approve(make_issue(newsletter, blocks=[text_block(), *(story_block(story) for story in stories)]))
    issue.send_now(by=issue.approved_by, at=timezone.now())
    pump()
    return issue
