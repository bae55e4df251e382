"""What is looked at before a letter goes out, beyond what makes it impossible."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from desk.content import Problem

HREF = re.compile(r'<a\b[^>]*\shref="([^"]*)"')
STORY = re.compile(r'data-article="([0-9a-z]{8,12})"')


@dataclass(frozen=True)
class Doubt(Problem):
    """Something that stops a letter until a named person says that it may go out all the same, and why."""


def dead_links(content):
    """Yield a doubt for each link of the letter's own words that leads nowhere.

    Our own addresses alone are looked up: a request to a foreign host would tell it of a letter before any reader.
    """
    texts = [row["text_html"] for row in content["blocks"]]
    dead = [address for text in texts for address in HREF.findall(text) if _is_dead(address)]
    if _withdrawn(texts):
        yield Doubt("blocks", _("A link leads to a story that is not published."))
    for address in dict.fromkeys(dead):
        yield Doubt("blocks", _("The link %(address)s leads nowhere.") % {"address": escape(address[:120])})


def _withdrawn(texts):
    from articles.models import Article

    linked = {found for text in texts for found in STORY.findall(text)}
    if not linked:
        return False
    return Article.objects.published().filter(public_id__in=linked).count() < len(linked)


def _is_dead(address):
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    ours = {urlsplit(settings.HOME_ORIGIN).hostname, None}
    if parts.scheme in {"mailto", "tel"}:
        return not parts.path
    if parts.hostname not in ours:
        return "." not in (parts.hostname or "")
    try:
        resolve(parts.path or "/")
    except Resolver404:
        return True
    return False
