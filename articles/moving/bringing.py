"""Take an export in: people, sections, photos, stories and pages through the verbs of the desk, each once."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.text import Truncator

from articles.models import Article, Brought, Page, Person, Photo, Redirect, Section
from articles.moving.body import Converter, names_of, relink
from articles.slugs import make_slug
from desk.models import NotReady, Stale
from newsroom import html


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


@dataclass
class Report:
    """What became of each thing: `counts` by (kind, what happened); `notes` are sentences, one for each trouble."""

    counts: Counter = field(default_factory=Counter)
    notes: list = field(default_factory=list)


class Bringing:
    """One run. Nothing is written without `write`; a run that was cut short is finished by the next."""

    def __init__(self, export, options, *, write):
        self.export, self.options, self.write = export, options, write
        self.report, self.files = Report(), _files(options.folder)
        self.converter = Converter(self._photo_of)
        self.photos, self.pictures = {}, {}
        for picture in export.pictures.values():
            for name in [picture.key, *names_of(picture.url), *picture.names]:
                self.pictures.setdefault(name, picture)
        self.addresses = {}

    def run(self, *, at, progress=lambda: None):
        """Bring everything in, or only say what would come, and return the Report. `progress()` follows each thing."""
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
        self._tell_what_was_left()
        return self.report

    # Who and where

    def _known(self, kind, name, model):
        key = Brought.key_of(self.options.origin, name)
        row = Brought.objects.filter(system=self.options.system, kind=kind, key=key).first()
        return model.objects.filter(pk=row.object_id).first() if row else None

    def _remember(self, kind, name, thing):
        key = Brought.key_of(self.options.origin, name)
        Brought.objects.create(system=self.options.system, kind=kind, key=key, object_id=thing.pk)

    def _person(self, author):
        known = self._known("author", author.key, Person)
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
            self._remember("author", author.key, person)
        return person

    def _section(self, term):
        edition = self.options.edition
        known = self._known("section", term.slug, Section) or Section.objects.filter(
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
            self._remember("section", term.slug, section)
        return section

    # Pictures

    def _photo_of(self, reference):
        """Return the public id of the photo that an id or address means, "" for none; taken in when first wanted."""
        names = [reference, *names_of(reference)]
        picture = next((self.pictures[name] for name in names if name in self.pictures), None)
        if picture is None and reference:
            path = next((self.files[name] for name in names_of(reference) if name in self.files), None)
            return self._taken(reference, path, None)
        if picture is None:
            return ""
        path = next((self.files[name] for name in [*picture.names, *names_of(picture.url)] if name in self.files), None)
        return self._taken(picture.key, path, picture)

    def _taken(self, key, path, picture):
        if key not in self.photos:
            self.photos[key] = self._take(key, path, picture) if path else ""
        return self.photos[key]

    def _take(self, key, path, picture):
        known = self._known("picture", key, Photo)
        self.report.counts["pictures", "there" if known else "new"] += 1
        if known or not self.write:
            return known.public_id if known else "00000000"
        said = {"caption": picture.caption, "alt": picture.alt, "creator": picture.credit} if picture else {}
        if not said.get("creator"):
            said["agency"] = self.options.credit
        try:
            with path.open("rb") as stream, transaction.atomic():
                photo = Photo.take_in(File(stream, name=path.name), by=self.options.by, at=self.at, **said)
                self._remember("picture", key, photo)
        except ValidationError as error:
            self.report.notes.append(f"picture {path.name}: {error.messages[0]}")
            return ""
        return photo.public_id

    # Stories

    def _begin(self, story, people, sections, *, at):
        self.at = at
        model, kind = (Page, "page") if story.kind == "page" else (Article, "story")
        thing = self._known(kind, story.key, model)
        self.report.counts[f"{'pages' if kind == 'page' else 'stories'}", "there" if thing else "new"] += 1
        if thing is None:
            content = self._content(story, people, sections)
            thing = self._store(story, content, kind) if self.write else None
        for address in story.addresses if thing is not None else ():
            self.addresses[address.rstrip("/")] = thing
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
            self._remember(kind, story.key, thing)
        return thing

    def _content(self, story, people, sections):
        body = self.converter.convert(story.body_html)
        if story.kind == "page":
            return {"title": story.headline[:160], "body_html": body}
        names = {slug: term.name for (_kind, slug), term in self.export.terms.items()}
        topics = [names.get(slug, slug)[:100] for slug in [*story.topics, *story.sections[1:]]]
        section = next((sections[slug] for slug in story.sections if sections.get(slug)), None)
        lead = Photo.objects.filter(public_id=self._photo_of(story.lead)).first() if story.lead else None
        signed = [people[key] for key in dict.fromkeys(story.authors) if people.get(key)]
        return {
            "headline": story.headline, "standfirst": story.standfirst, "body_html": body,
            "slug": _slug(story.slug, 100),
            "section": section.pk if section else None, "topics": list(dict.fromkeys(topics))[:12],
            "bylines": [{"person": person.pk, "role": "reporting"} for person in signed][:12],
            "no_byline": not signed, "lead_photo": lead.pk if lead else None, "lead_caption": story.lead_caption,
            "lead_decorative": bool(lead and not lead.alt),
        }  # fmt: skip

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
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        if parts.netloc and f"{parts.scheme}://{parts.netloc}" != self.options.origin:
            return ""
        found = self.addresses.get(unquote(parts.path).rstrip("/"))
        return found.public_id if isinstance(found, Article) else ""

    def _tell_what_was_left(self):
        for what, number in sorted((self.export.left_out + self.converter.unknown).items()):
            self.report.counts[what, "left out"] += number
        comments = sum(story.comments for story in self.export.stories)
        if comments:
            self.report.counts["comments", "left out"] += comments
        for reference in dict.fromkeys(self.converter.missing):
            self.report.notes.append(f"picture {reference} is not in the folder")


def _files(folder):
    """Return {every name under which a file of the folder may be meant: its path}."""
    found = {}
    for path in sorted(Path(folder).rglob("*")) if folder else []:
        if path.is_file() and not path.is_symlink():
            relative = path.relative_to(folder).as_posix()
            for name in (relative, f"/{relative}", path.name):
                found.setdefault(name, path)
    return found


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
