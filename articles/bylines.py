"""The byline line: who did what, worded per language from the roles.

English reads "By A and B", with a sentence for each further role. In Russian the names come first and the other roles
are labels with a colon, so that names stand in the nominative whatever their number and gender.
"""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from articles import names
from newsroom.editions import edition_url

ORDER = ("reporting", "photos", "translation", "editing", "additional")


def credits_of(article, edition):
    """Return [(role, public name, address)] of those who may be named, in order. Reads prefetched bylines only."""
    credits = []
    for byline in article.bylines.all():
        name = byline.person.name_in(edition.language)
        if name:
            credits.append((byline.role, name, edition_url(edition, "articles:person", byline.person.slug)))
        elif byline.person.name_state == byline.person.NameState.DESK:
            credits.append((byline.role, edition.title, ""))
    return list(dict.fromkeys(credits))


def written_line(article, edition):
    """Return the line that an editor wrote by hand as safe HTML, those who sign linked in it; "" when there is none.

    A line that holds the name of somebody who signs and may not be named is not shown.
    """
    line = article.byline_text
    people = [byline.person for byline in article.bylines.all()]
    hidden = [name for person in people if not person.is_shown for name in person.every_name()]
    if not line or names.mentions(line, hidden):
        return ""
    pieces = [line]
    for _role, name, url in credits_of(article, edition):
        pieces = [part for piece in pieces for part in _linked_in(piece, name, url)]
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _linked_in(piece, name, url):
    """Return the pieces of a text with the first `name` in it linked."""
    if isinstance(piece, SafeString) or not url or name not in piece:
        return [piece]
    before, _name, after = piece.partition(name)
    return [before, format_html('<a href="{}" rel="author">{}</a>', url, name), after]


def byline_html(credits):
    """Return the line as safe HTML with the names linked: reporting first, each further role in a <span>."""
    link = '<a href="{}" rel="author">{}</a>'
    linked = [(role, format_html(link, url, name) if url else name) for role, name, url in credits]
    sentences = [format_html(_wording(role), names=and_list(names)) for role, names in _by_role(linked)]
    head, tail = sentences[:1], sentences[1:]
    return format_html("{}{}", *(head or [""]), format_html_join("", " <span>{}</span>", ((line,) for line in tail)))


def byline_text(credits):
    """Return the line as plain text, one sentence per role: "By A and B. Photos by C."."""
    groups = _by_role((role, name) for role, name, _url in credits)
    sentences = [_wording(role).format(names=_plain_list(names)) for role, names in groups]
    return " ".join(f"{sentence}." for sentence in sentences) if len(sentences) > 1 else "".join(sentences)


def words(article, edition):
    """Return the line as readers see it, without links: by hand or from the roles; "" when nobody signs."""
    if article.byline_text and written_line(article, edition):
        return article.byline_text
    return byline_text(credits_of(article, edition))


def names_text(credits):
    """Return the names of those who reported, without "By": "A and B"."""
    return _plain_list([name for role, name, _url in credits if role == "reporting"])


def and_list(parts):
    """Join strings or safe HTML as a sentence does: "A", "A and B", "A, B and C"; escapes what is not safe."""
    if len(parts) < 2:
        return format_html_join("", "{}", ((part,) for part in parts))
    head = format_html_join(", ", "{}", ((part,) for part in parts[:-1]))
    return format_html("{} {} {}", head, pgettext("between the last two names", "and"), parts[-1])


def _plain_list(names):
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {pgettext('between the last two names', 'and')} {names[-1]}"


def _by_role(pairs):
    groups = {}
    for role, name in pairs:
        groups.setdefault(role, []).append(name)
    return sorted(groups.items(), key=lambda group: ORDER.index(group[0]))


def _wording(role):
    return {
        "reporting": gettext("By {names}"),
        "photos": gettext("Photos by {names}"),
        "translation": gettext("Translated by {names}"),
        "editing": gettext("Edited by {names}"),
        "additional": gettext("Additional reporting by {names}"),
    }[role]
