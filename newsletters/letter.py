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

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from desk.content import Problem
from newsletters import blocks, tokens
from newsletters.models.newsletter import Layout, Variant
from newsletters.preflight import Doubt
from newsroom import mail, registry, sealing
from newsroom.editions import edition_url

LINE_BYTES = 900
MAX_BYTES = 102_000  # Gmail cuts a mail off at 102 KB.
TEXT_WIDTH = 76
# A header may begin with an empty line; that is legal, and some mail programs trip over it.
EMPTY_FIRST_LINE = re.compile(rb"^([A-Za-z-]+):[ \t]*\r\n[ \t]+", re.MULTILINE)


@dataclass(frozen=True)
class Placeholders:
    """What stands in the frozen mail where a reader's own values go. Nobody can type them: they are keyed hashes."""

    address: str
    token: str
    message_id: str
    date: str
    number: str
    mirrors_text: str
    mirrors_html: str

    @classmethod
    def of(cls, issue):
        """Return the placeholders of one issue."""
        made = {name: sealing.lookup_key(f"{issue.pk}:{name}", "placeholder") for name in cls.__dataclass_fields__}
        return cls(
            address=f"{made['address'][:24]}@reader.invalid", token=made["token"][:45],
            message_id=made["message_id"][:32], date=made["date"][:31], number=made["number"][:12],
            mirrors_text=made["mirrors_text"][:32], mirrors_html=made["mirrors_html"][:32],
        )  # fmt: skip


# The mail


@dataclass(frozen=True)
class Form:
    """One form of a letter: its variant, and which part of how many."""

    variant: str = Variant.STANDARD
    part: int = 1
    of: int = 1

    @property
    def is_discreet(self):
        """Whether sender and subject name nobody."""
        return self.variant == Variant.DISCREET

    def show(self, newsletter):
        """Return how this form shows the blocks: only the common one may have pictures, so that no other loads any."""
        return blocks.Show(
            full=self.variant == Variant.FULL, pictures=self.variant == Variant.STANDARD,
            brief=newsletter.layout == Layout.BRIEF, leads=newsletter.layout == Layout.PICTURES,
        )  # fmt: skip

    def sender(self, newsletter):
        """Return (name, address)."""
        common = newsletter.sender_address or settings.DEFAULT_FROM_EMAIL
        if self.is_discreet:
            return newsletter.discreet_name, newsletter.discreet_address or common
        return newsletter.sender_name, common

    def subject(self, newsletter, content):
        """Return the subject; a part of several carries its number."""
        subject = newsletter.discreet_subject if self.is_discreet else content["subject"]
        return f"{subject} ({self.part}/{self.of})" if self.of > 1 else subject


def compose(issue, content, *, at, form=None, shown=None):
    """Return one form of the issue as an unsent mail of Django's with placeholders in it.

    `shown` are the blocks of this part; by default all of them.
    """
    form, newsletter, marks = form or Form(), issue.newsletter, Placeholders.of(issue)
    edition, origin = newsletter.edition, settings.HOME_ORIGIN
    if shown is None:
        shown = blocks.parts(content, edition=edition, at=at, origin=origin, show=form.show(newsletter))
    leave_url = origin + reverse("newsletters:leave", args=[marks.token])
    web_url = origin + edition_url(edition, "newsletters:issue", newsletter.slug, 1)[:-2] + f"{marks.number}/"
    context = {
        "newsletter": newsletter, "subject": form.subject(newsletter, content), "form": form,
        "preheader": "" if form.is_discreet else content["preheader"], "number": marks.number,
        "parts": [{**part, "text_plain": blocks.plain(part["text_html"])} for part in shown], "leave_url": leave_url,
        "web_url": web_url if newsletter.has_archive else "", "support_url": f"{origin}{edition.prefix}/support/",
        "front_url": f"{origin}{edition.prefix}/", "privacy_url": f"{origin}{edition.prefix}{edition.privacy_url}",
        "settings_url": origin + edition_url(edition, "newsletters:settings"), "marks": marks,
    }  # fmt: skip
    name, address = form.sender(newsletter)
    message = mail.build(
        "newsletters/issue", edition=edition, to=marks.address, context=context,
        headers=_headers(newsletter, form, marks, leave_url, address), sender=f'"{_quotable(name)}" <{address}>',
    )  # fmt: skip
    message.body = wrap_text(message.body)
    message.alternatives = [part._replace(content=wrap_html(part.content)) for part in message.alternatives]
    if form.variant == Variant.TEXT:
        message.alternatives = []
    return message


def _headers(newsletter, form, marks, leave_url, address):
    """Return the headers of one form; both unsubscribe headers belong into the relay's DKIM list (RFC 8058)."""
    reply_to = newsletter.reply_to or newsletter.edition.contact_email
    ways = [f"<{leave_url}>"]
    if settings.MAILBOX_ADDRESS:
        ways.append(f"<mailto:{mailbox_address('leave', marks.token)}>")
    headers = {
        "Date": marks.date,
        "Message-ID": f"<{marks.message_id}@{address.rpartition('@')[2]}>",
        "List-Id": f"<{newsletter.discreet_list_id if form.is_discreet else newsletter.list_id}>",
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
        "Auto-Submitted": "no",
    }
    return {**headers, "Reply-To": reply_to} if reply_to and not form.is_discreet else headers


def mailbox_address(what, token):
    """Return an address of the site's own mailbox that says what a mail to it means: `letters+leave-…@example.org`."""
    local, _at, domain = settings.MAILBOX_ADDRESS.rpartition("@")
    return f"{local}+{what}-{token}@{domain}"


def _quotable(name):
    return name.replace("\\", "").replace('"', "'")


def freeze(issue, content, *, at, form=None, shown=None):
    """Return the bytes of the mail with placeholders, lines ending in CRLF. Equal content gives equal bytes."""
    message = compose(issue, content, at=at, form=form, shown=shown).message()
    if message.is_multipart():
        message.set_boundary(f"=_{sealing.lookup_key(str(issue.pk), 'boundary')[:32]}")
    head, blank, body = message.as_bytes(linesep="\r\n").partition(b"\r\n\r\n")
    return EMPTY_FIRST_LINE.sub(rb"\1: ", head) + blank + body


def freeze_variant(issue, content, variant, *, at):
    """Return the mails of one form of the letter: one, or the numbered parts of one that would be cut off."""
    whole = freeze(issue, content, at=at, form=Form(variant))
    if variant != Variant.FULL or len(whole) <= MAX_BYTES:
        return [whole]
    shown = blocks.parts(
        content, edition=issue.newsletter.edition, at=at, origin=settings.HOME_ORIGIN, show=blocks.Show(full=True)
    )  # fmt: skip
    empty = len(freeze(issue, content, at=at, form=Form(variant, 9, 9), shown=[]))
    pieces = split(shown, MAX_BYTES - empty - 2000)
    return [
        freeze(issue, content, at=at, form=Form(variant, number, len(pieces)), shown=piece)
        for number, piece in enumerate(pieces, start=1)
    ]


def split(shown, room):
    """Return the blocks in lists that each weigh at most `room` bytes; long blocks break between paragraphs."""
    pieces, weight = [[]], 0
    for part in (smaller for whole in shown for smaller in _halves(whole, room)):
        if pieces[-1] and weight + _weight(part) > room:
            pieces.append([])
            weight = 0
        pieces[-1].append(part)
        weight += _weight(part)
    return pieces


def _weight(part):
    html = str(part["text_html"])
    plain = len(blocks.plain(html).encode())
    # Styles go into every tag: about 160 bytes a paragraph, measured.
    return len(html.encode()) + plain + 160 * html.count("<") // 2 + 1500


def _halves(part, room):
    """Return the part, or as many as its text needs, cut between paragraphs; only the first has the standfirst."""
    if _weight(part) <= room:
        return [part]
    paragraphs = re.split(r"(?<=</p>)|(?<=</ul>)|(?<=</ol>)|(?<=</blockquote>)", str(part["text_html"]))
    lists, weight = [[]], 0
    for paragraph in paragraphs:
        heavy = _weight({"text_html": paragraph}) - 1500
        if lists[-1] and weight + heavy > room - 3000:
            lists.append([])
            weight = 0
        lists[-1].append(paragraph)
        weight += heavy
    first, *others = (mark_safe("".join(each)) for each in lists)  # noqa: S308 - cut between cleaned paragraphs
    return [
        {**part, "text_html": first},
        *({**part, "kicker": "", "standfirst": "", "text_html": more} for more in others),
    ]


def mirrors(edition):
    """Return {placeholder: bytes} with the present mirrors for the end of a mail; nothing when none are listed."""
    found = [address for listed in registry.mirrors.values() for address in listed(edition)]
    if not found:
        return {"mirrors_text": b"", "mirrors_html": b""}
    with translation.override(edition.language):
        title = gettext("When our site is blocked, read here:")
    rows = "<br>\r\n".join(f'<a href="{escape(address)}">{escape(address)}</a>' for address in found)
    return {
        "mirrors_text": "\r\n".join([title, *found]).encode(),
        "mirrors_html": f"<p>{escape(title)}<br>\r\n{rows}</p>".encode(),
    }


class Skeleton:
    """The frozen bytes of an issue cut at its placeholders, so that filling them in is one join for each reader."""

    def __init__(self, message, issue):
        marks = Placeholders.of(issue)
        names = {getattr(marks, name).encode(): name for name in Placeholders.__dataclass_fields__}
        pieces = re.split(b"(" + b"|".join(re.escape(mark) for mark in names) + b")", message)
        self.pieces = pieces
        self.places = [(place, names[piece]) for place, piece in enumerate(pieces) if place % 2]

    def fill(self, *, address, token, message_id, date, number, mirrors):
        """Return the bytes with one reader's values, and the present mirrors, in place."""
        values = {
            **mirrors,
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


def message_id(issue_id, subscriber_id, part=1):
    """Return the left part of the Message-ID of one delivery: the same however often it is tried."""
    which = f"{issue_id}:{subscriber_id}" + (f":{part}" if part > 1 else "")
    return sealing.lookup_key(which, "message-id")[:32]


def sample(issue, content, *, address, at, frozen=None):
    """Return the whole mail as one reader would get it, for previews and tests; its leave link belongs to nobody.

    It is made of the `frozen` bytes when there are any, else of `content`.
    """
    return fill(
        frozen or freeze(issue, content, at=at), issue, address=address, token="0" * 45,
        message_id=message_id(issue.pk, "test"), date=at, number=issue.number or issue.newsletter.next_number(),
        mirrors=mirrors(issue.newsletter.edition),
    )  # fmt: skip


def parse(message):
    """Return a finished mail parsed."""
    return email.message_from_bytes(message, policy=email.policy.default)


def envelope_sender(delivery_id=None):
    """Return the address to which a mail server reports failure; with a mailbox of ours, each delivery has its own."""
    if delivery_id is None or not settings.MAILBOX_ADDRESS:
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return mailbox_address("bounce", tokens.bounce_token(delivery_id))


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
            Doubt("blocks", _("The mail has %(size)d KB; Gmail cuts it off at 102 KB. Shorten it.") % {"size": size})
        )
    too_long = any(len(line) > 998 for line in message.split(b"\r\n"))
    if too_long or b"Content-Transfer-Encoding: quoted-printable" in message:
        found.append(
            Problem("blocks", _("The letter holds a word or an address of more than 900 letters. Shorten it."))
        )
    if not issue.newsletter.edition.postal_address:
        found.append(Doubt("", _("The edition has no postal address; a letter should name one.")))
    if message.count(Placeholders.of(issue).token.encode()) < 3:
        found.append(Problem("", _("The link for leaving is missing in the head, the text or the HTML of the mail.")))
    return found
