"""Turn the content of an issue into one mail with placeholders, and that mail into each reader's own bytes.

The mail is built once through Django's mail classes; per reader only bytes are replaced. So its parts must stand
unencoded (7-bit or 8-bit): every line is kept under 998 bytes (RFC 5322, 2.1.1), or the parts would be re-coded and
the placeholders lost.
"""

import email
import email.policy
import re
import textwrap
from dataclasses import dataclass
from email.utils import format_datetime, parseaddr

import nh3
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from desk.content import Problem
from newsroom import html, mail, sealing
from newsroom.editions import edition_url

LINE_BYTES = 900
MAX_BYTES = 102_000  # Gmail cuts a mail off at 102 KB.
TEXT_WIDTH = 76
TAGS = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "hr", "br", "a", "strong", "em", "s", "sub", "sup"}
# A header may begin with an empty line; that is legal, and some mail programs trip over it.
EMPTY_FIRST_LINE = re.compile(rb"^([A-Za-z-]+):[ \t]*\r\n[ \t]+", re.MULTILINE)
STORY_LINK = re.compile(r'<a data-article="([0-9a-z]{8,12})">')
LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True)
class Placeholders:
    """What stands in the frozen mail where a reader's own values go. Nobody can type them: they are keyed hashes."""

    address: str
    token: str
    message_id: str
    date: str
    number: str

    @classmethod
    def of(cls, issue):
        """Return the placeholders of one issue."""
        made = {name: sealing.lookup_key(f"{issue.pk}:{name}", "placeholder") for name in cls.__dataclass_fields__}
        return cls(
            address=f"{made['address'][:24]}@reader.invalid", token=made["token"][:45],
            message_id=made["message_id"][:32], date=made["date"][:31], number=made["number"][:12],
        )  # fmt: skip


# Parts


def parts(content, *, edition, at, origin=""):
    """Return what the letter shows, in order: text, stories that are public at `at`, messages to readers.

    A story that is not public leaves no trace. Links begin with `origin`. Two queries at most.
    """
    stories = _stories(content, at=at)
    shown = []
    for row in content["blocks"]:
        story = stories.get(row["article"])
        text = read_text(row["text_html"], stories, origin)
        if row["kind"] == "text" and text:
            shown.append({"kind": "text", "headline": row["headline"], "text_html": text})
        elif row["kind"] == "support":
            shown.append({"kind": "support", "headline": row["headline"] or edition.support_title, "text_html": text})
        elif row["kind"] == "article" and story:
            shown.append({
                "kind": "article", "kicker": story.kicker, "headline": row["headline"] or story.headline,
                "standfirst": "" if text else story.standfirst, "text_html": text,
                "url": origin + story.get_absolute_url(), "public_id": story.public_id,
            })  # fmt: skip
    return shown


def _stories(content, *, at):
    """Return {id: story} for the blocks and {public_id: story} for the links in texts."""
    from articles.models import Article

    chosen = [row["article"] for row in content["blocks"] if row["article"]]
    linked = {
        found for row in content["blocks"] for found in re.findall(r'data-article="([0-9a-z]{8,12})"', row["text_html"])
    }
    known = Article.objects.published(at).select_related("edition").defer("body_html")
    stories = {story.pk: story for story in known.filter(pk__in=chosen)} if chosen else {}
    if linked:
        stories |= {story.public_id: story for story in known.filter(public_id__in=linked)}
    return stories


def read_text(text_html, stories, origin):
    """Return a rich text reduced to what every mail program shows, with its links to stories resolved."""

    def resolve(match):
        story = stories.get(match.group(1))
        return f'<a href="{origin}{story.get_absolute_url()}">' if story else "<a>"

    reduced = nh3.clean(text_html, tags=TAGS, attributes={"a": {"href", "data-article"}}, link_rel=None)
    reduced = STORY_LINK.sub(resolve, reduced)
    return mark_safe(reduced) if html.plain_text(reduced) else ""  # noqa: S308 - cleaned by nh3 one line above


def plain(text_html):
    """Return a rich text as plain text, links written out behind their words."""
    spelled = LINK.sub(lambda match: f"{match.group(2)} ({match.group(1)})", text_html).replace("<li>", "<li>– ")
    return html.plain_text(spelled).replace("\n", "\n\n").replace("\n\n– ", "\n– ")


# The mail


def compose(issue, content, *, at):
    """Return the issue as an unsent mail of Django's with placeholders in it."""
    newsletter, marks = issue.newsletter, Placeholders.of(issue)
    edition, origin = newsletter.edition, settings.HOME_ORIGIN
    address = newsletter.sender_address or settings.DEFAULT_FROM_EMAIL
    leave_url = origin + reverse("newsletters:leave", args=[marks.token])
    web_url = origin + edition_url(edition, "newsletters:issue", newsletter.slug, 1)[:-2] + f"{marks.number}/"
    context = {
        "newsletter": newsletter, "subject": content["subject"], "preheader": content["preheader"],
        "parts": parts(content, edition=edition, at=at, origin=origin), "number": marks.number, "leave_url": leave_url,
        "web_url": web_url if newsletter.has_archive else "", "support_url": f"{origin}{edition.prefix}/support/",
        "front_url": f"{origin}{edition.prefix}/", "privacy_url": f"{origin}{edition.prefix}{edition.privacy_url}",
    }  # fmt: skip
    for part in context["parts"]:
        part["text_plain"] = plain(part["text_html"])
    headers = {
        "Date": marks.date,
        "Message-ID": f"<{marks.message_id}@{address.rpartition('@')[2]}>",
        "List-Id": f"<{newsletter.list_id}>",
        "List-Unsubscribe": f"<{leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
        "Auto-Submitted": "no",
    }
    if newsletter.reply_to or edition.contact_email:
        headers["Reply-To"] = newsletter.reply_to or edition.contact_email
    sender = f'"{_quotable(newsletter.sender_name)}" <{address}>'
    message = mail.build(
        "newsletters/issue", edition=edition, to=marks.address, context=context, headers=headers, sender=sender
    )
    message.body = wrap_text(message.body)
    message.alternatives = [part._replace(content=wrap_html(part.content)) for part in message.alternatives]
    return message


def _quotable(name):
    return name.replace("\\", "").replace('"', "'")


def freeze(issue, content, *, at):
    """Return the bytes of the mail with placeholders, lines ending in CRLF. Equal content gives equal bytes."""
    message = compose(issue, content, at=at).message()
    message.set_boundary(f"=_{sealing.lookup_key(str(issue.pk), 'boundary')[:32]}")
    head, blank, body = message.as_bytes(linesep="\r\n").partition(b"\r\n\r\n")
    return EMPTY_FIRST_LINE.sub(rb"\1: ", head) + blank + body


class Skeleton:
    """The frozen bytes of an issue cut at its placeholders, so that filling them in is one join for each reader."""

    def __init__(self, message, issue):
        marks = Placeholders.of(issue)
        names = {getattr(marks, name).encode(): name for name in Placeholders.__dataclass_fields__}
        pieces = re.split(b"(" + b"|".join(re.escape(mark) for mark in names) + b")", message)
        self.pieces = pieces
        self.places = [(place, names[piece]) for place, piece in enumerate(pieces) if place % 2]

    def fill(self, *, address, token, message_id, date, number):
        """Return the bytes with one reader's values in place."""
        values = {
            "address": address.encode("ascii"), "token": token.encode("ascii"),
            "message_id": message_id.encode("ascii"), "date": format_datetime(date).encode("ascii"),
            "number": str(number).encode("ascii"),
        }  # fmt: skip
        filled = self.pieces.copy()
        for place, name in self.places:
            filled[place] = values[name]
        return b"".join(filled)


def fill(message, issue, **values):
    """Return the frozen bytes with one reader's values in place; for many readers keep a Skeleton."""
    return Skeleton(message, issue).fill(**values)


def message_id(issue_id, subscriber_id):
    """Return the left part of the Message-ID of one delivery: the same however often it is tried."""
    return sealing.lookup_key(f"{issue_id}:{subscriber_id}", "message-id")[:32]


def sample(issue, content, *, address, at, frozen=None):
    """Return the whole mail as one reader would get it, for previews and tests; its leave link belongs to nobody.

    It is made of the `frozen` bytes when there are any, else of `content`.
    """
    return fill(
        frozen or freeze(issue, content, at=at), issue, address=address, token="0" * 45,
        message_id=message_id(issue.pk, "test"), date=at, number=issue.number or issue.newsletter.next_number(),
    )  # fmt: skip


def parse(message):
    """Return a finished mail parsed."""
    return email.message_from_bytes(message, policy=email.policy.default)


def envelope_sender():
    """Return the address to which a mail server reports failure."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


# Lines


def wrap_text(text):
    """Return plain text in lines of at most 76 characters; a longer word, such as an address, stays whole."""
    lines = []
    for line in text.split("\n"):
        indent = "  " if line.startswith("– ") else ""
        lines += textwrap.wrap(
            line, TEXT_WIDTH, break_long_words=False, break_on_hyphens=False, subsequent_indent=indent
        ) or [""]
    return "\n".join(lines) + "\n"


def wrap_html(text):
    """Return HTML in which lines break at a space before they reach 900 bytes; what is shown stays the same."""
    lines = []
    for line in text.split("\n"):
        while len(line.encode()) > LINE_BYTES:
            head = line.encode()[:LINE_BYTES].decode("utf-8", "ignore")
            cut = head.rfind(" ")
            if cut <= 0:
                break
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


# What stands in the way


def problems(issue, content, *, at):
    """Return what would be wrong with the finished mail."""
    if not content["subject"]:
        return []
    message = freeze(issue, content, at=at)
    found = []
    if len(message) > MAX_BYTES:
        size = round(len(message) / 1000)
        found.append(
            Problem("blocks", _("The mail has %(size)d KB; Gmail cuts it off at 102 KB. Shorten it.") % {"size": size})
        )
    too_long = any(len(line) > 998 for line in message.split(b"\r\n"))
    if too_long or b"Content-Transfer-Encoding: quoted-printable" in message:
        found.append(
            Problem("blocks", _("The letter holds a word or an address of more than 900 letters. Shorten it."))
        )
    if not issue.newsletter.edition.postal_address:
        found.append(Problem("", _("The edition has no postal address; a letter should name one."), blocks=False))
    return found
