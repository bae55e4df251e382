"""What an address means: the page that stands there, and the thing that it shows."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from newsroom import html
from newsroom.editions import all_editions, edition_url, split_edition

MAX_LENGTH = 500
# The things that have a page of their own, by the name of that page's address; each is a column of Redirect.
KINDS = ("article", "section", "topic", "page", "person")
# Those whose page stands in every edition.
EVERYWHERE = ("topic", "person")


def tidy_path(path):
    """Return a path as it is looked up: in NFC, without the slash at its end."""
    return unicodedata.normalize("NFC", path).rstrip("/") or "/"


def _is_shown(text):
    return not (html.has_unwanted(text) or any(sign in text for sign in "\ufffd\\\r\n\t"))


def read_address(address, *, hosts=None):
    """Return (path, query) of an address; `hosts` are those it may name, None for any.

    Raises ValidationError for what is no address of a page: another scheme or host, characters that cannot be shown.
    """
    address = address.strip()
    if not _is_shown(address) or len(address) > 4 * MAX_LENGTH:
        raise ValidationError(_("This is no address of a page."), code="address")
    try:
        parts = urlsplit(address)
        path = unquote(parts.path, errors="strict")
    except ValueError as error:
        raise ValidationError(_("This is no address of a page."), code="address") from error
    if parts.scheme not in {"", "http", "https"} or bool(parts.scheme) != bool(parts.netloc):
        raise ValidationError(_("Write a whole address or a path that begins with a slash."), code="address")
    if parts.netloc and hosts is not None and f"{parts.scheme}://{parts.netloc}" not in hosts:
        raise ValidationError(_("A redirect leads to this site only."), code="foreign")
    path = path or "/"
    if not path.startswith("/") or path.startswith("//") or not _is_shown(path):
        raise ValidationError(_("Write a whole address or a path that begins with a slash."), code="address")
    if len(tidy_path(path)) + len(parts.query) + 1 > MAX_LENGTH:
        raise ValidationError(_("This address is too long."), code="long")
    return path, parts.query


@dataclass(frozen=True)
class Place:
    """What the site has at a path: the name of the page, the row that it shows, the edition."""

    name: str
    thing: object
    edition: object
    is_fixed: bool = False
    is_stored: bool = False

    @classmethod
    def at(cls, path):
        """Return the place of a path; its name is "" where no page could be."""
        edition, inner = split_edition(path)
        match = _match(inner)
        if match is None:
            return cls("", None, edition)
        is_stored = getattr(match.func, "is_reader_page", False)
        namespace, _colon, name = match.view_name.rpartition(":")
        if namespace != "articles" or name not in KINDS or edition.pk is None:
            return cls(match.view_name, None, edition, is_fixed=not match.kwargs, is_stored=is_stored)
        rows = apps.get_model("articles", name)._default_manager
        if name == "article":
            found = rows.filter(public_id=match.kwargs["public_id"].lower())
        else:
            found = rows.filter(slug=match.kwargs["slug"])
        if name not in {"article", *EVERYWHERE}:
            found = found.filter(edition=edition)
        return cls(name, found.first(), edition, is_stored=is_stored)

    @property
    def is_missing(self):
        """Tell whether no page can answer here."""
        return not self.name or (self.name in KINDS and self.thing is None)


def _match(path):
    for spelling in (path, f"{path}/"):
        try:
            return resolve(spelling)
        except Resolver404:
            continue
    return None


def paths_of(thing):
    """Return {path: edition} of the pages of a thing: one, or one in each edition."""
    kind = thing._meta.model_name
    if kind in EVERYWHERE:
        return {edition_url(edition, f"articles:{kind}", thing.slug): edition for edition in all_editions()}
    return {thing.get_absolute_url(): None}


def paths_before(thing):
    """Return `paths_of` the thing as it is stored now; {} for a new one."""
    stored = type(thing)._default_manager.filter(pk=thing.pk).first() if thing.pk else None
    return paths_of(stored) if stored else {}
