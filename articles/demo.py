"""The demo's people, photos, pages and stories, brought in through the verbs that editors use."""

import datetime
import hashlib
import io
import multiprocessing
import uuid
from concurrent.futures import ProcessPoolExecutor
from configparser import ConfigParser

from django.core.files.base import ContentFile
from django.utils import timezone

from articles import markdown
from articles.models import Article, Page, Person, PersonText, Photo, PhotoText, Section
from articles.slugs import ALPHABET
from newsroom import demo
from newsroom.models import Edition

ROLES = {
    "reporting": "reporting",
    "photos": "photos",
    "translation": "translation",
    "editing": "editing",
    "additional reporting": "additional",
}
STORIES = uuid.UUID("6b0f3a52-7d5e-5b0e-9a3a-2f6f0c1f9a11")


def story_id(edition_code, slug):
    """Return the public id that a demo story always has."""
    digest = hashlib.sha256(f"demo story {edition_code}/{slug}".encode()).digest()
    return "".join(ALPHABET[byte % 32] for byte in digest[:8])


def story_files(folder):
    """Return {(edition code, slug): file} of all demo stories."""
    return {(file.parent.name, file.stem): file for file in sorted((folder / "stories").glob("*/*.md"))}


def refusal(folder):
    """Return why the demo must not be loaded here: the site has stories that are not the demo's; "" when it may."""
    ours = {story_id(*key) for key in story_files(folder)}
    others = Article.objects.exclude(public_id__in=ours).exclude(created_by__email__endswith=f"@{demo.DOMAIN}")
    return "This site has stories of its own; the demo stays out." if others.exists() else ""


def load(folder, progress):
    """Bring in everything that readers read."""
    stories = story_files(folder)
    photos = read_photos(folder)
    pages = sorted((folder / "pages").glob("*/*.md"))
    people = sorted((folder / "people").glob("*.md"))
    progress.reset(total=len(photos) + len(people) + len(pages) + 2 * len(stories) + 2)
    load_sections(folder, progress)
    photo_ids = load_photos(photos, progress)
    for file in people:
        load_person(*demo.read(file))
        progress.update()
    for file in pages:
        load_page(file, stories_in(stories, file.parent.name))
        progress.update()
    load_stories(stories, photo_ids, progress)


# Sections, people, pages


def load_sections(folder, progress):
    """Make each edition's sections in the order of its file."""
    for file in sorted((folder / "editions").glob("*.md")):
        header = demo.read(file)[0]
        edition = Edition.objects.get(code=header["code"])
        descriptions = header.get("section_descriptions", {})
        for position, (slug, name) in enumerate(header["sections"].items()):
            Section.objects.get_or_create(
                edition=edition,
                slug=slug,
                defaults={
                    "name": name,
                    "position": position,
                    "is_opinion": slug == "opinion",
                    "description": descriptions.get(slug, "").strip(),
                },
            )
        progress.update()


def load_person(header, body):
    """Make a person with the wordings of both languages."""
    english, _mark, russian = body.partition("---ru---")
    login = next((login for login in demo.LOGINS if login.person == header["id"]), None)
    person, made = Person.objects.get_or_create(
        slug=header["id"],
        defaults={
            "name": header["name"],
            "kind": header["kind"],
            "name_state": header["status"],
            "name_approved": True,
            "title": header["title"],
            "bio_html": markdown.to_body(english, photos={}, stories={}),
            "user": demo.user(login.username) if login else None,
        },
    )
    if made:
        PersonText.objects.create(
            person=person,
            language="ru",
            name=header["name_ru"],
            title=header["title_ru"],
            bio_html=markdown.to_body(russian, photos={}, stories={}),
        )


def stories_in(files, edition_code):
    """Return {slug: public id} of one edition's demo stories."""
    return {slug: story_id(code, slug) for code, slug in files if code == edition_code}


def load_page(file, stories):
    """Publish a static page when it is not there."""
    edition = Edition.objects.get(code=file.parent.name)
    if Page.objects.filter(edition=edition, slug=file.stem).exists():
        return
    header, body = demo.read(file)
    at, editor = timezone.now(), demo.user("editor")
    content = {"title": header["title"], "body_html": markdown.to_body(body, photos={}, stories=stories)}
    order = ["about", "contact", "corrections", "privacy"]
    position = order.index(file.stem) if file.stem in order else len(order)
    page = Page.begin(content, by=editor, at=at, edition=edition, slug=file.stem, position=position)
    page.publish(version=1, by=editor, at=at)


# Photos


def read_photos(folder):
    """Return {key: fields} from the list of photos."""
    parser = ConfigParser(delimiters=(":",), interpolation=None)
    parser.read(folder / "photos.txt", encoding="utf-8")
    return {key: dict(parser[key]) for key in parser.sections()}


def draw_jpeg(key):
    """Return a demo picture as the bytes of a JPEG."""
    from demo.drawings import draw

    stream = io.BytesIO()
    draw(key).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def keywords(key):
    """Return the keywords under which a demo photo stands in the library."""
    return key.replace("-", ", ")


def draw_all(keys):
    """Yield the JPEGs of demo pictures in order, drawn by two processes where there is shared memory for them."""
    try:
        pool = ProcessPoolExecutor(max_workers=2, mp_context=multiprocessing.get_context("fork"))
    except OSError:
        yield from map(draw_jpeg, keys)
        return
    with pool:
        yield from pool.map(draw_jpeg, keys)


def load_photos(photos, progress):
    """Draw and take in the photos that are not in the library; return {key: public id}."""
    known = dict(
        Photo.objects.filter(keywords__in=[keywords(key) for key in photos]).values_list("keywords", "public_id")
    )
    missing = [key for key in photos if keywords(key) not in known]
    progress.update(len(photos) - len(missing))
    ids = {key: known[keywords(key)] for key in photos if keywords(key) in known}
    if not missing:
        return ids
    for key, content in zip(missing, draw_all(missing), strict=True):
        ids[key] = take_in(key, photos[key], content)
        progress.update()
    return ids


def take_in(key, fields, content):
    """Take one picture into the library and return its public id."""
    photo = Photo.take_in(
        ContentFile(content, name=f"{key}.jpg"),
        by=demo.user("photo"),
        at=timezone.now(),
        anyway=True,
        caption=fields["caption"],
        creator=fields["creator"],
        agency=fields["agency"],
        alt=fields["alt"],
        place=fields["place"],
        taken_on=datetime.date.fromisoformat(fields["taken_on"]),
        focal_x=float(fields["focal_x"]),
        focal_y=float(fields["focal_y"]),
        keywords=keywords(key),
    )
    PhotoText.objects.create(photo=photo, language="ru", caption=fields["caption_ru"], alt=fields["alt_ru"])
    return photo.public_id


# Stories


def load_stories(files, photo_ids, progress):
    """Begin every story that is not there, then publish them in the order of their times."""
    ours = Article.objects.filter(public_id__in=[story_id(*key) for key in files])
    there = set(ours.filter(first_published_at__isnull=False).values_list("public_id", flat=True))
    missing = {key: demo.read(file) for key, file in files.items() if story_id(*key) not in there}
    progress.update(2 * (len(files) - len(missing)))
    editions = {edition.code: edition for edition in Edition.objects.all()}
    people = dict(Person.objects.values_list("slug", "pk"))
    photos = dict(Photo.objects.filter(public_id__in=photo_ids.values()).values_list("public_id", "pk"))
    begun = []
    for key, (header, body) in missing.items():
        edition = editions[key[0]]
        ids = stories_in(files, key[0])
        content = story_content(key, header, markdown.to_body(body, photos=photo_ids, stories=ids), edition, people)
        content["lead_photo"] = photos[photo_ids[header["lead"]]]
        begun.append((begin_story(key, header, content, edition), header, content))
        progress.update()
    publish_stories(begun, progress)


def story_content(key, header, body, edition, people):
    """Return the content document of a story file, without its lead photo and related stories."""
    bylines = []
    for row in header.get("bylines") or []:
        person, role = next(iter(row.items())) if isinstance(row, dict) else (row, "reporting")
        bylines.append({"person": people[person], "role": ROLES[role]})
    return {
        "kicker": header["kicker"],
        "headline": header["headline"],
        "standfirst": header["standfirst"],
        "body_html": body,
        "section": Section.objects.get(edition=edition, slug=header["section"]).pk,
        "slug": key[1],
        "topics": [str(topic) for topic in header.get("topics") or []],
        "bylines": bylines,
        "no_byline": bool(header.get("no_byline")),
        "lead_caption": header.get("lead_caption") or "",
    }


def begin_story(key, header, content, edition):
    """Begin a story two hours before it is published, or find the one that an interrupted run began."""
    begun = Article.objects.filter(public_id=story_id(*key)).first()
    if begun:
        return begun
    original = header.get("translation_of") or (key[1] if key[0] == "en" else f"{key[0]}/{key[1]}")
    at = demo.moment(header["published"], edition) - datetime.timedelta(hours=2)
    return Article.begin(
        content,
        by=demo.user("reporter"),
        at=at,
        edition=edition,
        public_id=story_id(*key),
        translation_group=uuid.uuid5(STORIES, original),
    )


def publish_stories(begun, progress):
    """Publish the stories at their times, with their hand-picked related ones, and the updates of some."""
    editor = demo.user("editor")
    pks = {article.public_id: article.pk for article, _header, _content in begun}
    pks |= dict(Article.objects.values_list("public_id", "pk"))
    for article, header, content in sorted(begun, key=lambda entry: str(entry[1]["published"])):
        edition = article.edition
        picks = [
            pks[story_id(edition.code, slug)]
            for slug in header.get("related") or []
            if story_id(edition.code, slug) in pks
        ]
        at = demo.moment(header["published"], edition)
        version = article.read_draft().version
        draft = article.save_draft({**content, "related": picks}, version=version, by=editor, at=at)
        draft = article.publish(version=draft.version, by=editor, at=at)
        if header.get("updated"):
            later = demo.moment(header["updated"], edition)
            article.publish(version=draft.version, by=editor, at=later, change=Article.Change.FACTS)
        progress.update()
