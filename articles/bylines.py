"""The byline line: who did what, worded per language from the roles.

English reads "By A and B" with a sentence for each further role; Russian names come first and bare, since the roles
are labels there and the names stay in the nominative.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, pgettext

ROLES = ("reporting", "photos", "translation", "editing", "additional reporting")


def and_list(parts):
    """Join safe or plain strings as a sentence does: "A", "A and B", "A, B and C"."""
    parts = list(parts)
    if len(parts) < 2:
        return format_html_join("", "{}", ((part,) for part in parts))
    head = format_html_join(", ", "{}", ((part,) for part in parts[:-1]))
    return format_html("{} {} {}", head, pgettext("between the last two names", "and"), parts[-1])


def _wording(role):
    return {
        "reporting": gettext("By %(names)s"),
        "photos": gettext("Photos by %(names)s"),
        "translation": gettext("Translated by %(names)s"),
        "editing": gettext("Edited by %(names)s"),
        "additional reporting": gettext("Additional reporting by %(names)s"),
    }.get(role, "%(names)s")


def grouped(credits):
    """Return [(role, [name, …]), …] in the order of the first byline of each role; `credits` are (role, name) pairs."""
    groups = {}
    for role, name in credits:
        groups.setdefault(role, []).append(name)
    return sorted(groups.items(), key=lambda group: ROLES.index(group[0]) if group[0] in ROLES else len(ROLES))


def byline_html(credits, *, link=True):
    """Return the whole line as safe HTML; `credits` are (role, name, url) and an empty url makes no link."""
    pairs = (
        (role, format_html('<a href="{}" rel="author">{}</a>', url, name) if link and url else name)
        for role, name, url in credits
    )
    lines = [format_html(_wording(role), names=and_list(names)) for role, names in _formats(pairs)]
    return format_html_join("", "{}", ((line if i == 0 else format_html("<span>{}</span>", line),) for i, line in enumerate(lines)))


def _formats(pairs):
    return grouped(pairs)


def byline_text(credits):
    """Return the line as plain text, sentences divided by a full stop: for letters, feeds and descriptions."""
    return ". ".join(_wording(role) % {"names": str(and_list(names))} for role, names in grouped((r, n) for r, n, *_ in credits))


def names_text(credits, role="reporting"):
    """Return only the names of those with `role`: "A and B"."""
    return mark_safe(and_list(name for each, name, *_ in credits if each == role))
