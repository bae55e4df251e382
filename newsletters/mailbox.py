"""The site's own mailbox: reports of failure, complaints, and wishes to leave. Read by the worker, answered never."""

import email
import email.policy
import hashlib
import imaplib
import logging
import mailbox
import re
from urllib.parse import unquote, urlsplit

from newsletters.models import Delivery, DeliveryEvent, StrayMail, Subscription, kind_of, without_addresses
from newsletters.tokens import read_bounce_token
from newsroom import html

logger = logging.getLogger(__name__)

MOST = 200
MAX_BYTES = 2_000_000
OURS = re.compile(r"\+(leave|bounce)-([0-9a-f]+-[0-9a-f]+)@", re.IGNORECASE)
LEAVE_LINK = re.compile(r"/newsletters/leave/([0-9]{12}-[0-9a-f]{32})")
ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")


def open_box(url):
    """Return the mailbox at `maildir:/path` or `imaps://user:password@host/folder`. Raises ValueError for others."""
    parts = urlsplit(url)
    if parts.scheme == "maildir":
        return Maildir(parts.path)
    if parts.scheme == "imaps":
        return Imap(parts)
    raise ValueError("MAILBOX_URL begins with maildir: or imaps://")


class Maildir:
    """A folder into which the mail server puts mail."""

    def __init__(self, path):
        self.box = mailbox.Maildir(path, create=False)

    def __iter__(self):
        """Yield (key, bytes) of the mails."""
        for key in list(self.box.keys())[:MOST]:
            yield key, self.box.get_bytes(key)

    def remove(self, key):
        """Take a mail away that is dealt with."""
        self.box.discard(key)

    def close(self):
        """Close the folder."""
        self.box.close()


class Imap:
    """A mailbox at a provider."""

    def __init__(self, parts):
        self.server = imaplib.IMAP4_SSL(parts.hostname, parts.port or 993, timeout=20)
        self.server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        self.server.select(unquote(parts.path.strip("/")) or "INBOX")

    def __iter__(self):
        """Yield (number, bytes) of the mails."""
        _answer, (numbers,) = self.server.search(None, "UNDELETED")
        for number in numbers.split()[:MOST]:
            _answer, data = self.server.fetch(number, "(BODY.PEEK[])")
            yield number, next((part[1] for part in data if isinstance(part, tuple)), b"")

    def remove(self, number):
        """Mark a mail that is dealt with."""
        self.server.store(number, "+FLAGS", "\\Deleted")

    def close(self):
        """Clear what was dealt with away and say goodbye."""
        self.server.close()
        self.server.logout()


def read_all(url, *, at):
    """Deal with every mail in the mailbox and return how many; one that fails stays there for the next time."""
    box, done = open_box(url), 0
    try:
        for key, content in box:
            take(content[:MAX_BYTES], at=at)
            box.remove(key)
            done += 1
    finally:
        box.close()
    return done


def take(content, *, at):
    """Deal with one mail and return what it was: "left", "report", "complaint", "auto", or "stray"."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    identity = hashlib.sha256(content).hexdigest()
    what, token = _addressed(message)
    if what == "leave":
        return _take_leave(token, at=at)
    kind = message.get_content_type()
    report = str(message.get_param("report-type", "")).lower() if kind == "multipart/report" else ""
    delivery = _delivery_of(token if what == "bounce" else "", content)
    if report == "feedback-report" and delivery is not None:
        DeliveryEvent.take(
            delivery, DeliveryEvent.Kind.COMPLAINT, source="mailbox", event_id=identity, reply="", at=at
        )  # fmt: skip
        return "complaint"
    if report == "delivery-status" and delivery is not None:
        return _take_report(message, delivery, identity, at=at)
    if _is_automatic(message):
        return "auto"
    _keep(message, identity, at=at)
    return "stray"


def _addressed(message):
    """Return (what, token) of the first address of ours that the mail went to."""
    for name in ADDRESSED:
        for value in message.get_all(name, []):
            found = OURS.search(str(value))
            if found:
                return found.group(1).lower(), found.group(2).lower()
    return "", ""


def _take_leave(token, *, at):
    ours, subscription = Subscription.find_by_token(token)
    if ours and subscription is not None:
        subscription.leave(Subscription.How.MAIL, at=at)
    return "left"


def _delivery_of(token, content):
    """Return the delivery that a report is about: by its own address, or by the leave link in the returned letter."""
    rows = Delivery.objects.select_related("subscriber", "subscription")
    number = read_bounce_token(token) if token else None
    if number is not None:
        return rows.filter(pk=number).first()
    found = LEAVE_LINK.search(content.decode("utf-8", "replace").replace("=\r\n", "").replace("=\n", ""))
    if found is None:
        return None
    _ours, subscription = Subscription.find_by_token(found.group(1))
    return rows.filter(subscription=subscription).order_by("-pk").first() if subscription else None


def _take_report(message, delivery, identity, *, at):
    """Act on a delivery status notification (RFC 3464); a delay is no failure."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.get_payload():
            if str(fields.get("Action", "")).strip().lower() != "failed":
                continue
            status, said = str(fields.get("Status", "")), str(fields.get("Diagnostic-Code", ""))
            # The server's own words are nearer to the truth than the relay's summary.
            kind = kind_of(said) or kind_of(status)
            if kind is not None:
                reply = said.partition(";")[2].strip() or status
                DeliveryEvent.take(delivery, kind, source="mailbox", event_id=identity, reply=reply, at=at)
    return "report"


def _is_automatic(message):
    submitted = str(message.get("Auto-Submitted", "no")).lower()
    precedence = str(message.get("Precedence", "")).lower()
    return (
        submitted != "no" or precedence in {"auto_reply", "bulk", "junk"} or "X-Autoreply" in message
    )  # fmt: skip


def _keep(message, identity, *, at):
    body = message.get_body(preferencelist=("plain", "html"))
    try:
        text = body.get_content() if body else ""
    except (LookupError, ValueError, KeyError):
        text = ""
    StrayMail.objects.bulk_create(
        [
            StrayMail(
                message_hash=identity, subject=without_addresses(html.tidy_text(str(message.get("Subject", "")))),
                text=without_addresses(html.plain_text(text), 4000), received_at=at,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
