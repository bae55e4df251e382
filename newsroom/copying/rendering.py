"""One page of a copy: rendered inside, rewritten, laid ready on this machine's disk with what it needs."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import default_storage

from newsroom import hosts, inside, pagecache
from newsroom.copying import places, rewriting


class Broken(Exception):
    """A page answered with a fault of the site: no copy is made of that."""


@dataclass
class Made:
    """A page laid ready, or gone; with what decides whether it is still good next time."""

    place: str
    is_there: bool
    size: int = 0
    seq: int | None = None
    keys: tuple = ()
    assets: tuple = ()
    targets: tuple = ()

    def is_good(self, versions, names):
        """Tell whether the file stands and none of its keys was bumped since it was rendered."""
        if not self.is_there or self.seq is None or places.Place.read(self.place).file not in names:
            return False
        return versions.latest(*self.keys) <= self.seq


@dataclass
class Known:
    """The places that a copy holds: those that the apps name, further pages of their lists, and their text editions."""

    paths: set
    gone: set = field(default_factory=set)
    also: dict = field(default_factory=dict)
    made: set = field(default_factory=set)

    def __contains__(self, place):
        return place.path in self.made or (place.path in self.paths and place not in self.gone)

    def settled(self, place):
        """Return the place that stands in the copy for another one."""
        return places.Place(self.also[place.path]) if place.path in self.also else place


def read_asset(path):
    """Return the bytes of a static or media file by its address, or None when there is none."""
    if path.startswith(settings.STATIC_URL):
        name = path.removeprefix(settings.STATIC_URL)
        found = finders.find(name) if settings.WHITENOISE_USE_FINDERS else staticfiles_storage.path(name)
        file = Path(found) if found else None
        return file.read_bytes() if file is not None and file.is_file() else None
    name = path.removeprefix(settings.MEDIA_URL)
    if not default_storage.exists(name):
        return None
    with default_storage.open(name) as stream:
        return stream.read()


class Workshop:
    """Makes pages and lays them ready in a folder; each process has its own, all share the folder."""

    def __init__(self, known, folder):
        self.known, self.folder = known, Path(folder)

    def make(self, place):
        """Render a page and lay its file ready; raises Broken when the site answers with a fault."""
        try:
            seq = pagecache.versions().now()
        except pagecache.Away:
            seq = None
        query = f"page={place.number}" if place.number > 1 else ""
        answer = inside.page(place.path, role=hosts.COPY, query=query)
        if answer.status_code >= 500:
            raise Broken(f"{place} answered with {answer.status_code}.")
        name, kind = place.file, answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or kind.startswith("text/html") != name.endswith(".html"):
            return Made(str(place), is_there=False)
        page = rewriting.Page(place, self.known)
        data = answer.content
        if kind.startswith("text/html") and "Content-Disposition" not in answer.headers:
            data = page.rewritten(data.decode()).encode()
        self.lay(name, data)
        keys = getattr(answer, "page_keys", ())
        return Made(
            str(place), is_there=True, size=len(data), seq=seq if keys else None, keys=keys,
            assets=tuple(sorted(page.assets)), targets=tuple(sorted(map(str, page.targets))),
        )  # fmt: skip

    def lay(self, name, data):
        """Lay a file ready under a name made of its own."""
        self.ready(name).write_bytes(data)

    def ready(self, name):
        """Return where the file of this name is laid ready."""
        return self.folder / hashlib.sha256(name.encode()).hexdigest()
