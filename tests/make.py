"""Small functions that build what tests need, through the same verbs that people use."""

import datetime
import itertools
import secrets

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from articles.models import Article, Front, Notice, Page, Person, Photo, Section, Topic
from newsroom import roles
from newsroom.editions import forget_editions
from newsroom.models import Edition, User

PASSWORD = "a long enough passphrase"
OUTSIDE_THE_DOCUMENT = ("translation_group", "embargo_until", "expires_at", "public_id")
_numbers = itertools.count(1)


def make_edition(code="en", **fields):
    """Return the edition with this code, made when it is not there; the first one is the default."""
    edition = Edition.objects.filter(code=code).first()
    if edition is None:
        given = {
            "language": code if code in {"en", "ru"} else "en",
            "title": "The Lantern" if code == "en" else f"The Lantern {code}",
            "is_default": not Edition.objects.filter(is_default=True).exists(),
            "time_zone": "Europe/Copenhagen",
        }
        edition = Edition.objects.create(code=code, **{**given, **fields})
    elif fields:
        for name, value in fields.items():
            setattr(edition, name, value)
        edition.save()
    forget_editions()
    return edition


def make_section(name="Politics", *, edition=None, **fields):
    """Return the section of this name in an edition (the default one), made when it is not there."""
    from articles.slugs import make_slug

    edition = edition or make_edition()
    slug = fields.pop("slug", None) or make_slug(name)
    section, _made = Section.objects.get_or_create(edition=edition, slug=slug, defaults={"name": name, **fields})
    return section


def make_topic(name="Elections"):
    """Return the topic of this name."""
    return Topic.objects.filter(name=name).first() or Topic.objects.create(name=name)


def make_person(name=None, *, name_state="named", **fields):
    """Return a new person whose name may be shown; an editor agreed to how they sign."""
    from articles.slugs import make_slug

    name = name or f"Person {next(_numbers)}"
    slug = fields.pop("slug", None) or f"{make_slug(name)}-{secrets.token_hex(3)}"
    return Person.objects.create(
        **{"name": name, "slug": slug, "name_state": name_state, "name_approved": True, **fields}
    )


def make_user(role=None, *, username=None, **fields):
    """Return a new member of the staff in the group of `role` ("Reporter", "Editor", …; None for no group)."""
    username = username or f"user{next(_numbers)}-{secrets.token_hex(3)}"
    given = {"email": f"{username}@example.org", "is_staff": True, **fields}
    user = User.objects.create_user(username, password=fields.pop("password", PASSWORD), **given)
    if role:
        if not Group.objects.filter(name=role).exists() or not Group.objects.get(name=role).permissions.exists():
            roles.update_groups()
        user.groups.add(Group.objects.get(name=role))
    return user


def make_image_file(width=900, height=600, *, colour=None, form="JPEG", name="photo.jpg", **save):
    """Return an uploadable picture; each call gives different bytes."""
    import io

    colour = colour or tuple(secrets.randbelow(256) for _channel in range(3))
    image = Image.new("RGB", (width, height), colour)
    image.putpixel((0, 0), tuple(secrets.randbelow(256) for _channel in range(3)))
    stream = io.BytesIO()
    image.save(stream, form, **save)
    stream.write(secrets.token_bytes(8) if form == "JPEG" else b"")
    return ContentFile(stream.getvalue(), name=name)


def make_photo(file=None, *, by=None, at=None, **fields):
    """Return a photo in the library with caption, credit and alternative text; its base rendition exists."""
    given = {
        "caption": "Voters queue before dawn.",
        "creator": "Emmanuel Bonne",
        "agency": "EPA",
        "alt": "A queue of people in front of a school.",
        **fields,
    }
    return Photo.take_in(file or make_image_file(), by=by, at=at or timezone.now(), **given)


def article_content(*, section=None, people=(), photo=None, topics=("Elections",), **fields):
    """Return a content document that may be published."""
    return {
        "headline": "Harbour reopens after the strike",
        "standfirst": "Ships left at dawn; the wage talks go on.",
        "body_html": "<p>The first ferry left at five.</p><h2>What comes next</h2><p>Talks resume on Monday.</p>",
        "section": section.pk if section else None,
        "topics": list(topics),
        "bylines": [{"person": person.pk, "role": "reporting"} for person in people],
        "no_byline": not people,
        "lead_photo": photo.pk if photo else None,
        **fields,
    }


def make_article(
    *, published=False, edition=None, section=None, people=(), photo=None, by=None, at=None, when=None, **content
):
    """Return an article whose draft may be published; `published=True` publishes it at `when` (at once by default).

    `content` are fields of the content document such as headline="…"; `at` is the moment at which everything happens.
    """
    at = at or timezone.now()
    edition = edition or (section.edition if section else make_edition())
    section = section or make_section(edition=edition)
    outside = {name: content.pop(name) for name in OUTSIDE_THE_DOCUMENT if name in content}
    content = article_content(section=section, people=people, photo=photo, **content)
    article = Article.begin(content, by=by, at=at, edition=edition, **outside)
    if published:
        article.publish(version=article.read_draft().version, by=by, at=at, when=when)
        article.refresh_from_db()
    return article


def make_page(slug="about", *, edition=None, published=True, by=None, at=None, **content):
    """Return a static page, published by default."""
    at = at or timezone.now()
    content = {"title": "About us", "body_html": "<p>We report from abroad.</p>", **content}
    page = Page.begin(content, by=by, at=at, edition=edition or make_edition(), slug=slug)
    if published:
        page.publish(version=page.read_draft().version, by=by, at=at)
        page.refresh_from_db()
    return page


def make_front(*, edition=None, section=None, at=None, **zones):
    """Publish the arrangement of a front: each zone is a list of stories, or of (story, {"headline": …}) pairs."""
    at = at or timezone.now()
    content = {}
    for zone, entries in zones.items():
        content[zone] = entries
        if isinstance(entries, list):
            pairs = [entry if isinstance(entry, tuple) else (entry, {}) for entry in entries]
            content[zone] = [{"story": story.pk, **own} for story, own in pairs]
    front = Front.begin(content, by=None, at=at, edition=edition or make_edition(), section=section)
    front.publish(version=1, by=None, at=at)
    return front


def make_notice(text="Storm warning for the coast.", *, edition=None, at=None, hours=2, **fields):
    """Return a notice that stands from `at` on for so many hours."""
    at = at or timezone.now()
    times = {"starts_at": at, "ends_at": at + datetime.timedelta(hours=hours)}
    return Notice.objects.create(edition=edition or make_edition(), text=text, **{**times, **fields})


def make_mirror(address="https://lantern-3.example", **fields):
    """Return a new mirror; every process would know it on commit, and this one knows it at once."""
    from newsroom import mirrors
    from newsroom.models import Mirror

    mirror = Mirror.objects.create(address=address, **fields)
    mirrors.forget()
    return mirror
