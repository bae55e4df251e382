"""Lists of readers as other services export them, as they come: a CSV file, or a zip of several."""

import csv
import datetime
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from newsletters.addresses import email_key, fold_domain
from newsroom import html

MAX_BYTES = 64_000_000  # of all files together, unpacked
MAX_ROWS = 500_000
MAX_FILES = 2_000
NAME = 80  # of a file's name, in a report
YES, NO = {"true", "yes", "1"}, {"false", "no", "0"}
READS, LEFT, DEAD, BLOCKED = "reads", "left", "dead", "blocked"  # the later ones weigh more
STRENGTH = {READS: 0, LEFT: 1, DEAD: 2, BLOCKED: 3}


@dataclass
class Row:
    """One mailbox of a list: what it said there, since when, and in which line of which file."""

    address: str
    standing: str
    at: datetime.datetime | None
    place: str


@dataclass
class Found:
    """What a file holds: the service it came from, its mailboxes by key, and the places of lines that are no use."""

    kind: str = ""
    rows: dict = field(default_factory=dict)
    unreadable: list = field(default_factory=list)
    repeated: list = field(default_factory=list)
    never: list = field(default_factory=list)
    skipped: list = field(default_factory=list)

    def take(self, row):
        """Add a mailbox; when the list names it twice, what weighs more counts: who left anywhere has left."""
        try:
            row.address = fold_domain(row.address)
            validate_email(row.address)
            key = email_key(row.address)
        except (ValueError, ValidationError):
            self.unreadable.append(row.place)
            return
        if len(row.address) > 254 or html.has_unwanted(row.address):
            self.unreadable.append(row.place)
            return
        known = self.rows.get(key)
        if known is not None:
            self.repeated.append(row.place)
        if known is None or STRENGTH[row.standing] > STRENGTH[known.standing]:
            self.rows[key] = row


def read(data, name, *, slug=""):
    """Return what an uploaded export holds. Raises ValidationError, in words, for one that we do not know.

    `slug` picks the newsletter in an export of our own.
    """
    found = Found()
    for file_name, raw in _files(data, name):
        _read_csv(found, file_name, raw, slug)
    if not found.kind:
        raise ValidationError(
            _("This is no export that we know: a list from Mailchimp, listmonk, Ghost, Substack, or of our own.")
        )
    return found


def _files(data, name):
    """Yield (name, bytes) for each CSV file, the zip unpacked within bounds."""
    if not data.startswith(b"PK\x03\x04"):
        yield name, data
        return
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = [info for info in packed.infolist() if _is_list(info.filename)]
            if len(members) > MAX_FILES:
                raise ValidationError(_("There are too many files in this zip."))
            for info in members:
                with packed.open(info) as file:
                    raw = file.read(left + 1)
                left -= len(raw)
                if left < 0:
                    raise ValidationError(_("This file is too large. Import it in pieces."))
                yield PurePosixPath(info.filename).name, raw
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise ValidationError(_("This zip file cannot be read.")) from error


def _is_list(name):
    path = PurePosixPath(name)
    return path.suffix.lower() == ".csv" and "__MACOSX" not in path.parts and not path.name.startswith("._")


def _read_csv(found, name, raw, slug):
    text, name = raw.decode("utf-8-sig", "replace"), "".join(filter(str.isprintable, name))[:NAME]
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [column.strip().lower() for column in next(lines, [])]
        kind, reader = _recognise(set(header), name)
        if not kind:
            found.skipped.append(name)
            return
        found.kind = found.kind or kind
        for values in lines:
            if not any(values):
                continue
            place = f"{name}, {lines.line_num}"
            if len(found.rows) >= MAX_ROWS:
                raise ValidationError(_("This list is too long. Import it in pieces."))
            fields = dict(zip(header, (value.strip() for value in values), strict=False))
            if kind == "newsroom" and slug and fields["newsletter"] != slug:
                continue
            _take(found, reader, fields, name, place)
    except csv.Error as error:
        raise ValidationError(_("Line %(line)s of this file cannot be read.") % {"line": lines.line_num}) from error


def _take(found, reader, fields, name, place):
    address, standing, at = reader(fields, name)
    if standing is None:
        found.never.append(place)
        return
    found.take(Row(address, standing, read_moment(at), place))


def _recognise(columns, name):
    for kind, needed, reader in FORMATS:
        if needed <= columns:
            return kind, reader
    if "email address" in columns and columns & {"leid", "euid", "optin_time", "confirm_time", "unsub_time"}:
        return "mailchimp", _mailchimp
    return "", None


def read_moment(text):
    """Return the moment that an export wrote down, or None; one without a zone is taken as UTC."""
    try:
        moment = parse_datetime(text) or parse_date(text)
    except (ValueError, TypeError):
        return None
    if moment is None:
        return None
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    try:
        moment = moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except OverflowError:
        return None
    return moment if 1990 <= moment.year <= 2200 else None


# One function for each service: (fields, file name) → (address, standing or None when it never read, date)


def _mailchimp(fields, name):
    address, name = fields.get("email address", ""), name.lower()
    if fields.get("clean_time") or name.startswith("cleaned"):
        return address, DEAD, fields.get("clean_time", "")
    if fields.get("unsub_time") or name.startswith("unsubscribed"):
        return address, LEFT, fields.get("unsub_time", "")
    if name.startswith(("nonsubscribed", "transactional")):
        return address, None, ""
    return address, READS, fields.get("confirm_time") or fields.get("optin_time", "")


def _listmonk(fields, name):
    standing = {"enabled": READS, "disabled": LEFT, "blocklisted": BLOCKED}.get(fields.get("status", "").lower())
    at = fields.get("created_at", "") if standing == READS else fields.get("updated_at", "")
    return fields.get("email", ""), standing, at


def _ghost(fields, name):
    wants = fields.get("subscribed_to_emails", "").lower()
    if fields.get("deleted_at") or wants in NO:
        return fields.get("email", ""), LEFT, fields.get("deleted_at", "")
    return fields.get("email", ""), READS if wants in YES else None, fields.get("created_at", "")


def _substack(fields, name):
    standing = LEFT if fields.get("email_disabled", "").lower() in YES else READS
    return fields.get("email", ""), standing, fields.get("created_at", "") if standing == READS else ""


def _own(fields, name):
    standing = {"confirmed": READS, "unsubscribed": LEFT}.get(fields.get("state", ""))
    return fields.get("address", ""), standing, fields.get("left_at" if standing == LEFT else "confirmed_at", "")


FORMATS = (
    ("newsroom", {"address", "newsletter", "state", "confirmed_at", "left_at"}, _own),
    ("listmonk", {"uuid", "email", "status", "created_at"}, _listmonk),
    ("ghost", {"email", "subscribed_to_emails", "created_at"}, _ghost),
    ("substack", {"email", "active_subscription", "email_disabled"}, _substack),
)
