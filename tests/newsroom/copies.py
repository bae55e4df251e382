"""What the tests of static copies share: a site worth copying, and a walk through a copy as a browser would take it."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils import timezone

from newsroom.copying.export import Export
from newsroom.copying.rewriting import LINKS
from newsroom.copying.targets import Folder
from newsroom.editions import all_editions
from tests.articles.pages import Page
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_image_file, make_page, make_person, make_photo, make_section
from tests.newsletters.make import make_newsletter, send_letter

LED_AWAY = ("https://wa.me/", "https://t.me/", "https://www.facebook.com/")


def make_site(stories=3):
    """Make two editions with stories, photos, people, topics, a letter and an appeal; returns the stories."""
    english = make_offers(make_edition(postal_address="1 Quay", support_text="<p>We live from you.</p>"))
    make_edition("ru", postal_address="1 Quay")
    make_appeal(english)
    photo = make_photo(make_image_file(1700, 1100), creator="EPA")
    photo.make_renditions()
    person = make_person("Ada Bren", slug="ada-bren")
    body = f'<p>Text <a href="https://example.org/x">outside</a>.</p><figure data-photo="{photo.public_id}"></figure>'
    common = {"people": [person], "photo": photo, "topics": ["Rivers"], "body_html": body}
    made = [make_article(published=True, headline=f"Plain news {number}", **common) for number in range(stories)]
    make_article(published=True, headline="Мнение о реке", section=make_section("Мнения", edition=all_editions()[1]))
    make_page("about")
    send_letter(make_newsletter(edition=english, slug="week"), [made[0]])
    return made


def export(folder, **options):
    """Bring a copy in a folder up to date and return the run."""
    run = Export(Folder(folder), all_editions(), at=timezone.now(), **options)
    run.run()
    return run


def files(folder):
    """Return {name: bytes} of a copy."""
    root = Path(folder)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def reached(copy, starts=("index.html", "ru/index.html")):
    """Return the part of a copy to which links lead from its front pages."""
    todo, found = set(starts), {}
    while todo:
        name = todo.pop()
        if name not in copy or name in found:
            continue
        found[name] = copy[name]
        if name.endswith(".html"):
            for link in Page(copy[name].decode()).links():
                parts = urlsplit(link)
                if not (parts.scheme or parts.netloc or not parts.path):
                    todo.add(posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path))))
    return found


def walk(copy, *, pages=None):
    """Return (broken links, addresses elsewhere that are loaded, addresses elsewhere that are led to) of a copy."""
    broken, loaded, led = set(), set(), set()
    for name, data in (pages or copy).items():
        if name.endswith(".css"):
            for link in re.findall(r"(?:url\(|@import )[\"']?([^\"')]+)", data.decode()):
                _look(copy, name, link, broken, loaded)
        if not name.endswith(".html") or name.startswith(("save/", "ru/save/")):
            continue
        for tag, attributes in Page(data.decode()).tags:
            is_led = tag in {"a", "form"} or (tag == "link" and attributes.get("rel") in {"canonical", "alternate"})
            for key in LINKS.get(tag, ()):
                for link in _links(key, attributes.get(key)):
                    _look(copy, name, link, broken, led if is_led else loaded)
    return broken, loaded, led


def _links(key, value):
    if value is None:
        return []
    return [part.split()[0] for part in value.split(",")] if key == "srcset" else [value]


def _look(copy, name, link, broken, elsewhere):
    parts = urlsplit(link)
    if parts.scheme in {"data", "mailto"} or not (parts.scheme or parts.netloc or parts.path):
        return
    if parts.scheme or parts.netloc or parts.path.startswith("/") or parts.query:
        elsewhere.add(link)
        return
    place = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
    if place not in copy:
        broken.add((name, link))


def may_lead_to(link):
    """Tell whether a page of a copy may lead to this address elsewhere."""
    home = settings.HOME_ORIGIN
    own = tuple(f"{home}{prefix}{path}" for prefix in ("", "/ru") for path in ("/support/", "/newsletters/", "/text/"))
    return link.startswith((*LED_AWAY, *own, "https://example.org/"))
