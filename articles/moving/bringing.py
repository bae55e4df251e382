"""Take an export in: people, sections, photos, stories and pages through the verbs of the desk, each once."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import Truncator

from articles.models import Article, Brought, Page, Person, Photo, Redirect, Section, Topic
from articles.moving.body import Converter, relink
from articles.moving.fetching import Fetcher
from articles.moving.pictures import Pictures
from articles.slugs import make_slug
from desk.models import NotReady, Stale
from newsroom import html

# So many topics, and so many who sign, fit on a story.
MOST = 12


@dataclass
class Options:
    """How an export comes in. `folder` holds the pictures; `credit` stands where a picture has none."""

    edition: object
    by: object
    folder: Path | None = None
    credit: str = ""
    shows_names: bool = False
    system: str = ""
    origin: str = ""
    fetcher: Fetcher | None = None
    at: object = None


@dataclass
class Report:
    """What became of each thing: `counts` by (kind, what happened); `notes` are sentences, one for each trouble."""

    counts: Counter = field(default_factory=Counter)
    notes: list = field(default_factory=list)


class Shelf:
    """What became of each thing of this export, in this run and in earlier ones."""

    def __init__(self, options):
        self.options = options

    def known(self, kind, name, model):
        """Return the row that a thing became, or None."""
        key = Brought.key_of(self.options.origin, name)
        row = Brought.objects.filter(system=self.options.system, kind=kind, key=key).first()
        return model.objects.filter(pk=row.object_id).first() if row else None

    def remember(self, kind, name, thing):
        """Write down what a thing became."""
        key = Brought.key_of(self.options.origin, name)
        Brought.objects.create(system=self.options.system, kind=kind, key=key, object_id=thing.pk)


class Bringing:
    """One run. Nothing is written without `write`; a run that was cut short is finished by the next."""

    def __init__(self, export, options, *, write):
        self.export, self.options, self.write = export, options, write
        self.report, self.shelf = Report(), Shelf(options)
        self.pictures = Pictures(export, options, self.report, self.shelf, write=write)
        self.converter = Converter(self.pictures.photo_of)
        self.addresses, self.by_key, self.used = {}, {}, set()

    def run(self, *, at, progress=lambda: None):
        """Bring everything in, or only say what would come, and return the Report. `progress()` follows each thing."""
        self.at = self.options.at = at
        people = {key: self._person(author) for key, author in self.export.authors.items()}
        sections = {
            term.slug: self._section(term) for (kind, _slug), term in self.export.terms.items() if kind == "section"
        }
        begun = []
        for story in self.export.stories:
            begun.append((story, self._begin(story, people, sections, at=at)))
            progress()
        for story, thing in begun:
            self._finish(story, thing, at=at)
            progress()
        self._describe_topics()
        self._tell_what_was_left()
        return self.report

    # Who and where

    def _person(self, author):
        known = self.shelf.known("author", author.key, Person)
        self.report.counts["authors", "there" if known else "new"] += 1
        if known or not self.write:
            return known
        state = Person.NameState.NAMED if self.options.shows_names else Person.NameState.WITHHELD
        with transaction.atomic():
            public = make_slug(author.name) if self.options.shows_names else ""
            slug = _free(Person.objects.all(), public or f"author-{Person.objects.count() + 1}")
            bio = self.converter.convert(author.bio_html) if self.options.shows_names else ""
            person = Person.objects.create(
                name=author.name[:120], slug=slug, name_state=state, name_approved=True, bio_html=bio
            )
            self.shelf.remember("author", author.key, person)
        return person

    def _section(self, term):
        edition = self.options.edition
        known = self.shelf.known("section", term.slug, Section) or Section.objects.filter(
            edition=edition, slug=_slug(term.slug, 60)
        ).first()  # fmt: skip
        self.report.counts["sections", "there" if known else "new"] += 1
        if known or not self.write:
            return known
        with transaction.atomic():
            section = Section.objects.create(
                edition=edition, slug=_slug(term.slug, 60), name=term.name[:60],
                description=Truncator(html.plain_text(term.description)).chars(200), position=Section.objects.count(),
            )  # fmt: skip
            self.shelf.remember("section", term.slug, section)
        return section

    # Stories

    def _begin(self, story, people, sections, *, at):
        model, kind = (Page, "page") if story.kind == "page" else (Article, "story")
        thing = self.shelf.known(kind, story.key, model)
        self.report.counts[f"{'pages' if kind == 'page' else 'stories'}", "there" if thing else "new"] += 1
        if thing is None:
            content = self._content(story, people, sections)
            thing = self._store(story, content, kind) if self.write else None
        if thing is not None:
            self.by_key[story.key] = thing
            self.addresses |= {address.rstrip("/"): thing for address in story.addresses}
        return thing

    def _store(self, story, content, kind):
        options, at = self.options, story.published_at or self.at
        extra = {"edition": options.edition}
        if kind == "page":
            slug = _free(Page.objects.filter(edition=options.edition), _slug(story.slug or story.headline, 60))
            extra["slug"], extra["position"] = slug, Page.objects.count()
        with transaction.atomic():
            model = Page if kind == "page" else Article
            thing = model.begin(content, by=options.by, at=min(at, self.at), **extra)
            self.shelf.remember(kind, story.key, thing)
        return thing

    def _content(self, story, people, sections):
        attached = self.pictures.attached.get(story.key, ())
        body = self.converter.convert(story.body_html, attached)
        if story.kind == "page":
            return {"title": self._cut(story, "title", story.headline, 160), "body_html": body}
        section = next((sections[slug] for slug in story.sections if sections.get(slug)), None)
        public = self.pictures.photo_of(story.lead) if story.lead else ""
        lead = Photo.objects.filter(public_id=public).first() if public else None
        signed = [people[key] for key in dict.fromkeys(story.authors) if people.get(key)]
        return {
            "headline": self._cut(story, "headline", story.headline, 200),
            "standfirst": self._cut(story, "standfirst", story.standfirst, 500),
            "body_html": body, "slug": _slug(story.slug, 100),
            "section": section.pk if section else None, "topics": self._topics(story),
            "bylines": [{"person": person.pk, "role": "reporting"} for person in self._first(story, "authors", signed)],
            "no_byline": not signed, "lead_photo": lead.pk if lead else None, "lead_caption": story.lead_caption,
            "lead_decorative": bool(lead and not lead.alt),
        }  # fmt: skip

    def _topics(self, story):
        """Return the names of a story's topics; sections beyond the first become topics."""
        names = {slug: term.name for (_kind, slug), term in self.export.terms.items()}
        self.report.counts["further sections of stories", "became topics"] += len(story.sections[1:])
        self.used.update(story.topics)
        found = [names.get(slug, slug)[:100] for slug in [*story.topics, *story.sections[1:]]]
        return self._first(story, "topics", list(dict.fromkeys(found)))

    def _cut(self, story, what, text, limit):
        """Return a text of at most `limit` characters, and say when something of it is lost."""
        if len(text) > limit:
            self.report.notes.append(
                f"{story.kind} “{story.headline[:80]}”: its {what} is cut after {limit} characters"
            )
        return text[:limit]

    def _first(self, story, what, things):
        """Return as many things as a story holds, and say when there are more."""
        if len(things) > MOST:
            self.report.notes.append(f"{story.kind} “{story.headline[:80]}”: only {MOST} of {len(things)} {what} fit")
        return things[:MOST]

    def _finish(self, story, thing, *, at):
        """Publish what was public, at its own time and with its links, and let the old addresses lead there."""
        if not story.is_public:
            self.report.counts["stories and pages kept as drafts", "new"] += 1
            self.report.notes.append(f"{story.kind} “{story.headline}” stays a draft: {story.why_not}")
        if thing is None:
            return
        draft = thing.read_draft()
        if thing.state == "draft" and draft.version <= 2 and story.is_public:
            self._publish(story, thing, draft)
        if thing.state != "published":
            return
        here = thing.get_absolute_url()
        for address in [one for one in story.addresses if one.rstrip("/") != here.rstrip("/")]:
            try:
                Redirect.point(address, here)
            except ValidationError as error:
                self.report.notes.append(f"address {address}: {error.messages[0]}")

    def _publish(self, story, thing, draft):
        moment = min(story.published_at or self.at, self.at)
        content = {**draft.content, "body_html": relink(draft.content["body_html"], self._target_of)}
        try:
            with transaction.atomic():
                draft = thing.save_draft(content, version=draft.version, by=self.options.by, at=moment)
                thing.publish(version=draft.version, by=self.options.by, at=moment)
        except NotReady as error:
            thing.refresh_from_db()
            words = "; ".join(str(problem.message) for problem in error.problems)
            self.report.notes.append(f"{story.kind} “{story.headline}” stays a draft: {words}")
        except Stale:
            self.report.notes.append(f"{story.kind} “{story.headline}” is being edited and was left alone.")

    def _target_of(self, address):
        """Return the public id of the story that an address of the old site means, "" for none."""
        try:
            parts = urlsplit(address)
            number = parse_qs(parts.query).get("p", [""])[0]
        except ValueError:
            return ""
        if parts.netloc and _host(parts) != _host(urlsplit(self.options.origin)):
            return ""
        known = self.addresses.get(unquote(parts.path).rstrip("/"))
        found = self.by_key.get(number) if number and parts.path in {"", "/"} else known
        return found.public_id if isinstance(found, Article) else ""

    def _describe_topics(self):
        """Give topics that came along the words that the export has about them."""
        for (kind, slug), term in self.export.terms.items():
            words = html.plain_text(term.description)
            if kind == "topic" and slug in self.used and words and self.write:
                Topic.objects.filter(name=term.name[:100], intro="").update(intro=Truncator(words).chars(500))

    def _tell_what_was_left(self):
        left = self.export.left_out + self.converter.unknown
        left["comments"] = sum(story.comments for story in self.export.stories)
        left["topics without a story"] = sum(
            kind == "topic" and slug not in self.used for kind, slug in self.export.terms
        )  # fmt: skip
        for what, number in sorted((+left).items()):
            self.report.counts[what, "left out"] += number
        self.pictures.tell_what_is_missing(self.converter.missing)
        self.report.counts = +self.report.counts


def _host(parts):
    return (parts.hostname or "").removeprefix("www.")


def _slug(text, limit):
    return (make_slug(text) or "x")[:limit].strip("-") or "x"


def _free(rows, slug):
    """Return the slug, with a number behind it when it is taken."""
    slug, number = slug[:50], 1
    taken = set(rows.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
