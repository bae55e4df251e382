"""Content documents: the whole content of a thing as plain data, read from rows, cleaned, checked, written to rows."""

import datetime
import hashlib
import json
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from newsroom import html

ID = re.compile(r"[0-9]{1,19}\Z")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Problem:
    """Something to mend before publication; `blocks` tells a blocker from advice. `field` is where to look."""

    field: str
    message: str
    blocks: bool = True


@dataclass(frozen=True)
class Text:
    """One or more lines of plain text."""

    max_length: int
    lines: bool = False
    default: str = ""

    def clean(self, value):
        """Return the text tidied; raise ValidationError when it is no text or too long."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValidationError(_("This must be text."), code="type")
        value = html.tidy_text(value)
        value = value.strip() if self.lines else " ".join(value.split())
        if len(value) > self.max_length:
            raise ValidationError(
                _("At most %(limit)d characters; this has %(length)d."),
                params={"limit": self.max_length, "length": len(value)}, code="max_length",
            )  # fmt: skip
        return value


@dataclass(frozen=True)
class Slug:
    """The readable part of an address."""

    max_length: int = 80
    default: str = ""

    def clean(self, value):
        """Return the slug; raise ValidationError for anything but small Latin letters, digits and single hyphens."""
        value = Text(self.max_length).clean(value).lower()
        if value and not SLUG.match(value):
            raise ValidationError(_("Small Latin letters, digits and single hyphens only."), code="slug")
        return value


@dataclass(frozen=True)
class Body:
    """A rich text, cleaned by the one cleaner."""

    max_length: int = 400_000
    default: str = ""

    def clean(self, value):
        """Return the cleaned HTML; raise ValidationError when it is no text or too long."""
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ValidationError(_("This must be text."), code="type")
        if len(value) > self.max_length:
            raise ValidationError(_("This text is too long to be kept in one story."), code="max_length")
        return html.clean_body(value)


@dataclass(frozen=True)
class Choice:
    """One value of a few."""

    allowed: tuple
    default: str = ""

    def clean(self, value):
        """Return the value; raise ValidationError when it is not among the allowed ones."""
        value = self.default if value is None or value == "" else value
        if value not in self.allowed:
            raise ValidationError(_("Choose one of the given values."), code="choice")
        return value


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    default: bool = False

    def clean(self, value):
        """Return a bool; raise ValidationError for anything else."""
        if value is None:
            return self.default
        if not isinstance(value, bool):
            raise ValidationError(_("This must be yes or no."), code="type")
        return value


@dataclass(frozen=True)
class Id:
    """The id of a row of `model`, which may be gone: `problems` says so, saving does not."""

    default: int | None = None

    def clean(self, value):
        """Return a positive whole number or None; raise ValidationError for anything else."""
        if value is None or value == "":
            return None
        is_number = isinstance(value, int | str) and not isinstance(value, bool) and ID.match(str(value))
        if not is_number or not 0 < int(value) < 2**63:
            raise ValidationError(_("This is not the number of anything."), code="id")
        return int(value)


@dataclass(frozen=True)
class Number:
    """A whole number between two bounds."""

    low: int = 0
    high: int = 2**31 - 1
    default: int | None = None

    def clean(self, value):
        """Return the number or None; raise ValidationError when it is none or out of bounds."""
        value = 0 if value == 0 or value == "0" else Id().clean(value)
        if value is not None and not self.low <= value <= self.high:
            raise ValidationError(
                _("This must lie between %(low)d and %(high)d."), params={"low": self.low, "high": self.high}
            )
        return value


@dataclass(frozen=True)
class Moment:
    """A moment, kept as text in ISO 8601 with its offset; "" when there is none."""

    default: str = ""

    def clean(self, value):
        """Return the moment in UTC as text; raise ValidationError when it is none or lies in another century."""
        if value is None or value == "":
            return ""
        moment = value
        if isinstance(value, str):
            try:
                moment = datetime.datetime.fromisoformat(value)
            except ValueError:
                moment = None
        if not isinstance(moment, datetime.datetime) or moment.tzinfo is None:
            raise ValidationError(_("This is no moment."), code="moment")
        if not 2000 <= moment.year < 2200:
            raise ValidationError(_("Choose a moment in this century."), code="range")
        return moment.astimezone(datetime.UTC).isoformat()


@dataclass(frozen=True)
class Rows:
    """A list whose items are all of one kind, or small documents of named kinds."""

    item: object
    max_items: int = 50

    @property
    def default(self):
        """An empty list, made anew each time."""
        return []

    def clean(self, value):
        """Return the cleaned list; raise ValidationError when it is no list, too long, or holds a wrong item."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValidationError(_("This must be a list."), code="type")
        if len(value) > self.max_items:
            raise ValidationError(_("At most %(limit)d."), params={"limit": self.max_items}, code="max_length")
        return [self._item(entry) for entry in value]

    def _item(self, entry):
        if not isinstance(self.item, dict):
            return self.item.clean(entry)
        if not isinstance(entry, dict):
            raise ValidationError(_("This must be a list of rows."), code="type")
        return {name: kind.clean(entry.get(name, kind.default)) for name, kind in self.item.items()}


class Document:
    """Which content a model has, and how it moves between the draft and the rows. One instance per model.

    Subclasses set `fields` (name → kind) and write `read`, `write` and `problems`.
    """

    fields = {}

    def related(self):
        """Return the relations that `write` replaces, as names or Prefetch objects."""
        return ()

    def blank(self):
        """Return the content of a new thing."""
        return {name: kind.default for name, kind in self.fields.items()}

    def clean(self, content):
        """Return the content with every field cleaned; unknown fields are dropped, missing ones take their default.

        Raises ValidationError with one entry per field that cannot be kept at all; an incomplete story is fine.
        """
        if not isinstance(content, dict):
            raise ValidationError(_("This is not a content document."), code="type")
        cleaned, errors = {}, {}
        for name, kind in self.fields.items():
            try:
                cleaned[name] = kind.clean(content.get(name, kind.default))
            except ValidationError as error:
                errors[name] = error
        if errors:
            raise ValidationError(errors)
        return cleaned

    def marks(self, content):
        """Return {field: short mark of its value}: two contents with the same mark have the same value there."""
        values = {name: content.get(name, kind.default) for name, kind in self.fields.items()}
        return {
            name: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]
            for name, value in values.items()
        }

    def title(self, content):
        """Return what the thing is called in lists, at most 300 characters."""
        return (content.get("headline") or content.get("title") or "")[:300]

    def text(self, content):
        """Return all words of the content as plain text, for the search of the desk."""
        parts = []
        for name, kind in self.fields.items():
            value = content.get(name, kind.default)
            if isinstance(kind, Body):
                parts.append(html.plain_text(value))
            elif isinstance(kind, Text | Slug):
                parts.append(value)
            elif isinstance(kind, Rows):
                parts.extend(_texts_in(value))
        return "\n".join(part for part in parts if part)

    def keys(self, content):
        """Return {name: values} by which a list of drafts can be filtered, such as the people who sign."""
        return {}

    def begin(self, thing, content):
        """Set the columns that a row needs from its first moment, such as a slug; nothing that readers would see."""

    def read(self, thing):
        """Return the content that stands in the live rows."""
        raise NotImplementedError

    def write(self, thing, content):
        """Set the columns of `thing` (saved by the caller) and its related rows from cleaned content."""
        raise NotImplementedError

    def problems(self, thing, content):
        """Return the list of Problem between this content and publication, blockers first."""
        return []


def _texts_in(value):
    """Yield the texts in nested rows; HTML is made plain."""
    if isinstance(value, str):
        yield html.plain_text(value) if "<" in value else value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts_in(entry)
