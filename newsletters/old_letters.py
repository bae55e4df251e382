"""Letters that another service sent: read from its export, and cleaned of everything that was one reader's own.

Three kinds of file are known, alone or in a zip: Substack's export (posts.csv and posts/*.html), mails as they went out
(.eml, RFC 5322), and a list of our own: issues.csv with the columns date, subject, file, address.
"""

import csv
import email
import email.policy
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from newsletters.lists import MAX_BYTES, read_moment
from newsroom import html

MAX_LETTERS = 5000
# What leads back to one reader: her way out, her settings, the counter of her clicks, fields that were never filled in.
PERSONAL = re.compile(
    r"unsubscribe|opt-?out|abmelden|list-manage\.com|/track/click|/redirect/|mailchi\.mp/.*[?&]e=|[?&](?:token|subscriber"
    r"|email|uuid|member)=|\*\|\w+\|\*|\{\{|%recipient|mailto:\?",
    re.IGNORECASE,
)
LINK = re.compile(r"<a\b([^>]*)>(.*?)</a\s*>", re.IGNORECASE | re.DOTALL)
HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
LAYOUT = re.compile(r"<(/?)(?:table|tbody|thead|tfoot|tr|td|th|center)\b[^>]*>", re.IGNORECASE)
PREHEADER = re.compile(
    r"""<(div|span)\b[^>]*style\s*=\s*["'][^"']*display:\s*none.*?</\1\s*>""", re.IGNORECASE | re.DOTALL
)
PICTURE = re.compile(r"<img\b", re.IGNORECASE)


@dataclass(frozen=True)
class OldLetter:
    """One letter of another service: `source` names it for good, `address` is where it stood on the web, or ""."""

    source: str
    subject: str
    sent_at: object
    body_html: str
    address: str = ""
    pictures: int = 0


@dataclass(frozen=True)
class Refused:
    """What is no letter, and why."""

    source: str
    why: str


def read(data, name):
    """Return the letters (OldLetter) and what is none (Refused) in an export, the oldest letter first.

    Raises ValidationError when nothing in the file is known, or it is too large.
    """
    files = _files(data, name)
    names = {PurePosixPath(path).name.lower(): path for path in files}
    if "posts.csv" in names:
        found = list(_substack(files, names["posts.csv"]))
    elif "issues.csv" in names:
        found = list(_listed(files, names["issues.csv"]))
    else:
        found = [_mail(path, raw) for path, raw in files.items() if path.lower().endswith(".eml")]
    if not found:
        raise ValidationError(_("No letters were found: a zip with posts.csv, with issues.csv, or with .eml files."))
    if len(found) > MAX_LETTERS:
        raise ValidationError(_("At most %d letters at once.") % MAX_LETTERS)
    letters = sorted((one for one in found if isinstance(one, OldLetter)), key=lambda one: (one.sent_at, one.source))
    return letters, [one for one in found if isinstance(one, Refused)]


def _files(data, name):
    if not data.startswith(b"PK"):
        return {name: data}
    files, left = {}, MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for info in packed.infolist():
                if info.is_dir() or not info.filename.lower().endswith((".csv", ".html", ".htm", ".eml")):
                    continue
                with packed.open(info) as stream:
                    raw = stream.read(left + 1)
                left -= len(raw)
                if left < 0:
                    raise ValidationError(
                        _("The file is too large when unpacked: at most %d MB.") % (MAX_BYTES // 10**6)
                    )
                files[info.filename] = raw
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise ValidationError(_("The zip file cannot be read.")) from error
    return files


# The kinds


def _rows(raw):
    text = io.StringIO(html.tidy_text(raw.decode("utf-8-sig", "replace")))
    try:
        return [
            {(key or "").strip().lower(): value.strip() for key, value in row.items() if isinstance(value, str)}
            for row in csv.DictReader(text)
        ]
    except csv.Error as error:
        raise ValidationError(_("The list cannot be read: %s") % error) from error


def _substack(files, path):
    """Yield the posts that went out as letters; the address of a post is /p/ and what follows the point in its id."""
    pages = {PurePosixPath(name).name: raw for name, raw in files.items()}
    for row in _rows(files[path]):
        source = row.get("post_id", "")
        if not source or not row.get("email_sent_at"):
            continue
        slug = source.partition(".")[2]
        raw = pages.get(f"{source}.html")
        subtitle = f"<p><em>{html.markup.escape(row['subtitle'])}</em></p>" if row.get("subtitle") else ""
        body = subtitle + raw.decode("utf-8", "replace") if raw is not None else ""
        yield _letter(source, row.get("title", ""), row["email_sent_at"], body, f"/p/{slug}" if slug else "")


def _listed(files, path):
    folder = PurePosixPath(path).parent
    for row in _rows(files[path]):
        name = row.get("file", "")
        raw = files.get(str(folder / name), files.get(name))
        body = raw.decode("utf-8", "replace") if raw is not None else ""
        yield _letter(
            name or row.get("subject", ""), row.get("subject", ""), row.get("date", ""), body, row.get("address", "")
        )


def _mail(path, raw):
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        part = message.get_body(("html", "plain"))
        text = part.get_content() if part is not None else ""
        if part is not None and part.get_content_type() == "text/plain":
            text = "".join(f"<p>{html.markup.escape(block)}</p>" for block in re.split(r"\n\s*\n", text))
        subject, moment = str(message["subject"] or ""), parsedate_to_datetime(str(message["date"] or ""))
        source = str(message["message-id"] or "") or hashlib.sha256(raw).hexdigest()
        # RFC 5064: where the message stands on the web.
        address = str(message["archived-at"] or "").strip(" <>")
    except (ValueError, LookupError, KeyError, TypeError, AttributeError) as error:
        return Refused(path, _("This is no mail that can be read: %s") % type(error).__name__)
    return _letter(source, subject, moment.isoformat(), text, address)


def _letter(source, subject, moment, body, address):
    source, subject = html.tidy_text(source)[:200], " ".join(html.tidy_text(subject).split())[:160]
    sent_at, clean = read_moment(moment), clean_letter(body)
    if not subject:
        return Refused(source, _("It has no subject."))
    if sent_at is None:
        return Refused(source, _("Its date cannot be read."))
    if not html.plain_text(clean):
        return Refused(source, _("Its text is missing."))
    return OldLetter(source, subject, sent_at, clean, path_of(address), len(PICTURE.findall(body)))


def path_of(address):
    """Return path and query of an address, which may be a whole one; "" when there is none."""
    try:
        parts = urlsplit(html.tidy_text(address).strip())
    except ValueError:
        return ""
    path = parts.path if parts.path.startswith("/") else ""
    return f"{path}?{parts.query}" if path and parts.query else path


# The text


def clean_letter(text):
    """Return the body of an old letter as our editor could have made it.

    Tables that only laid the mail out become paragraphs; pictures and what is hidden go; links that were one reader's
    own keep their words alone, and ways out of the old service go with them.
    """
    text = PREHEADER.sub(" ", html.tidy_text(text)[:2_000_000])
    text = LINK.sub(_impersonal, LAYOUT.sub(r"<\1div>", text))
    return html.clean_body(text)


def _impersonal(match):
    found = HREF.search(match[1])
    target = next((group for group in found.groups() if group is not None), "") if found else ""
    if not PERSONAL.search(target):
        return match[0]
    return "" if _is_a_way_out(match[2]) else match[2]


def _is_a_way_out(words):
    return bool(re.search(r"unsubscribe|manage|preferences|view .*browser|отпис|настро", words, re.IGNORECASE))
