"""The checklist of a story: what blocks its publication and what an editor advises, each at its field.

At most one query each for the section, the people, the photos and the stories that the text names. Links to other sites
are checked by their spelling alone: asking there would tell them what is about to be published.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from articles import names, photo_checks
from articles.named import Named
from desk.content import Problem
from newsroom import html

LEFTOVER = re.compile(r"\b(?:(?:TK)+|XXX+|ХХХ+|TODO)\b")
HOST = re.compile(r"(?=.{3,253}\Z)[^\s.@:/]+(?:\.[^\s.@:/]+)+\.?\Z")
STAFF_ONLY = ("/admin/", "/accounts/", "/preview/")
LONG_HEADLINE = 110
MOST_LINKS = 300


class Parts(HTMLParser):
    """What a body names: its photos (tag and attributes), stories (public ids), links and subheads."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.photos, self.stories, self.links, self.headings = [], [], [], []
        self._in_heading = False

    @classmethod
    def of(cls, body_html):
        """Return the parts of a cleaned body."""
        parts = cls()
        parts.feed(body_html)
        parts.close()
        return parts

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if "data-photo" in attributes:
            self.photos.append((tag, attributes))
        if "data-article" in attributes or "data-related" in attributes:
            self.stories.append(attributes.get("data-article") or attributes.get("data-related"))
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        elif tag in {"h2", "h3"}:
            self._in_heading = True
            self.headings.append("")

    def handle_endtag(self, tag):
        if tag in {"h2", "h3"}:
            self._in_heading = False

    def handle_data(self, data):
        if self._in_heading:
            self.headings[-1] += data


def problems(article, content):
    """Return the list of Problem of the content, blockers first."""
    parts, named = Parts.of(content["body_html"]), Named.of(article, content)
    found = [
        *_text_problems(content, parts),
        *_section_problems(article, named),
        *_byline_problems(content, named),
        *_photo_problems(article, content, parts, named),
        *_link_problems(article, content, parts, named),
        *_advice(content),
    ]
    return sorted(found, key=lambda problem: not problem.blocks)


def _text_problems(content, parts):
    plain = html.plain_text(content["body_html"])
    if not content["headline"]:
        yield Problem("headline", _("The story needs a headline."))
    if not plain:
        yield Problem("body_html", _("The story has no text."))
    for name in ("kicker", "headline", "standfirst", "body_html", "lead_caption", "lead_alt"):
        if LEFTOVER.search(plain if name == "body_html" else content[name]):
            yield Problem(name, _("A “TK”, “XXX” or “TODO” is left in the text."))
    if any(not heading.strip() for heading in parts.headings):
        yield Problem("body_html", _("A subhead is empty."))


def _section_problems(article, named):
    section = named.section
    if section is None:
        yield Problem("section", _("Choose a section."))
    elif article.edition_id and section.edition_id != article.edition_id:
        yield Problem("section", _("The section belongs to another edition."))


def _byline_problems(content, named):
    ids = {row["person"] for row in content["bylines"]}
    if not ids and not content["no_byline"]:
        yield Problem("bylines", _("Choose who signs, or tick “no byline”."))
    if ids and content["no_byline"]:
        yield Problem("bylines", _("The story has bylines and is marked “no byline”: keep one of the two."))
    people = [person for person in named.people.values() if person.pk in ids]
    if len(people) != len(ids):
        yield Problem("bylines", _("A byline names nobody."))
    for person in people:
        if not person.is_name_approved:
            yield Problem(
                "bylines",
                _("%(name)s (%(how)s): an editor has to approve this first.")
                % {"name": person.name, "how": person.get_name_state_display()},
            )
    hidden = [person for person in people if not person.is_shown] if content["byline_text"] else []
    if names.mentions(content["byline_text"], [name for person in hidden for name in person.every_name()]):
        yield Problem("byline_text", _("This line names somebody whose name is not shown."))
    pairs = [(row["person"], row["role"]) for row in content["bylines"]]
    if len(pairs) != len(set(pairs)):
        yield Problem("bylines", _("The same person signs twice in the same role."))


def _photo_problems(article, content, parts, named):
    by_name = {photo.public_id: photo for photo in named.inside}
    yield from _lead_problems(content, named.lead)
    if named.ids_inside - set(by_name):
        yield Problem("body_html", _("A photo in the text is no longer in the library."))
    is_public = article.state == "published"
    if named.lead:
        yield from photo_checks.problems(named.lead, "lead_photo", is_public=is_public)
    for photo in named.inside:
        yield from photo_checks.problems(photo, "body_html", is_public=is_public)
    for tag, attributes in parts.photos:
        photo = by_name.get(attributes["data-photo"])
        is_silent = attributes.get("data-decorative") == "true" or attributes.get("data-alt")
        if tag == "figure" and photo and not is_silent and not photo.alt:
            yield Problem("body_html", _("A photo in the text needs an alternative text, or is marked as decorative."))
            break


def _lead_problems(content, lead):
    if content["lead_photo"] and lead is None:
        yield Problem("lead_photo", _("The lead photo is no longer in the library."))
    if lead and not (content["lead_decorative"] or content["lead_alt"] or lead.alt):
        yield Problem("lead_alt", _("The lead photo needs an alternative text, or is marked as decorative."))


def _link_problems(article, content, parts, named):
    for link in parts.links[:MOST_LINKS]:
        if why := _wrong_spelling(link):
            yield Problem("body_html", why % {"link": link[:80]})
    places = [("body_html", "public_id", named.ids_linked), ("related", "pk", set(content["related"]))]
    stories = list(named.stories.values())
    for place, key, keys in places:
        known = {getattr(story, key): story for story in stories}
        gone = [name for name in keys if name not in known or not _can_be_read(known[name])]
        if gone:
            yield Problem(place, _("A link leads to a story that is gone."))
        if any(known[name].is_live() is False for name in keys if name not in gone and known[name] != article):
            message = _("A link leads to a story that readers do not see yet: until then they see its words alone.")
            yield Problem(place, message, blocks=False)


def _can_be_read(story):
    """Tell whether readers see the story, or may see it one day."""
    return story.state == story.State.DRAFT or (story.state == story.State.PUBLISHED and not story.has_expired())


def _wrong_spelling(link):
    """Return why the link cannot lead a reader anywhere, or ""."""
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return _("The link “%(link)s” leads nowhere.")
    is_ours = not (parts.scheme or parts.netloc) or link.startswith(f"{settings.HOME_ORIGIN}/")
    if is_ours and parts.path.startswith(STAFF_ONLY):
        return _("The link “%(link)s” leads to a page that only the staff can open.")
    if parts.scheme in {"http", "https"} and not is_ours and not HOST.match(host):
        return _("The link “%(link)s” leads nowhere.")
    if parts.scheme == "mailto" and "@" not in parts.path:
        return _("The link “%(link)s” leads nowhere.")
    return ""


def _advice(content):
    topics = {topic.casefold() for topic in content["topics"]}
    advice = [
        (len(content["headline"]) > LONG_HEADLINE, "headline",
         _("Over 110 characters, search engines and cards cut the headline.")),
        (not content["standfirst"], "standfirst", _("A standfirst helps readers to decide.")),
        (content["lead_photo"] is None, "lead_photo", _("Without a lead photo the card is text alone.")),
        (not topics, "topics", _("Topics lead readers to more.")),
        (len(topics) > 1 and not content["main_topic"], "main_topic",
         _("Choose the main topic: it leads “Read more”.")),
        (bool(content["main_topic"]) and content["main_topic"].casefold() not in topics, "main_topic",
         _("The main topic is not among the topics.")),
    ]  # fmt: skip
    return [Problem(place, message, blocks=False) for applies, place, message in advice if applies]
