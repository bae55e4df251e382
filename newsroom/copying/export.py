"""The run: find out what changed, make it, then put it in place in an order in which no link ever leads nowhere.

What changed is told by the same keys and numbers as stored pages (newsroom.pageversions). Files go out in this order:
what pages need, pages that are new, pages that changed, the front pages; then what is gone is deleted. So a run that is
killed leaves a whole copy, old in part, and the next one finishes it.
"""

import fcntl
import hashlib
import json
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict

from django.conf import settings
from django.db import connections
from django.template.loader import render_to_string

from newsroom import pagecache, registry, text_edition
from newsroom.copying import places, rewriting
from newsroom.copying.places import Place
from newsroom.copying.rendering import Known, Made, Workshop, read_asset
from newsroom.copying.targets import MARKER, Refused

ROUNDS = 4
_workshop = None


def known_places(editions):
    """Return the Known places of these editions, before anything is rendered."""
    paths, also, made = set(), {}, set()
    for edition in editions:
        # Programs read the API at home; no page of the copy leads to it.
        support, api = f"{edition.prefix}/support/", f"{edition.prefix}/api/"
        named = {str(path) for find in registry.public_urls.values() for path in find(edition)}
        named = {path for path in named if not path.startswith((support, api)) and not _is_moving(path, edition)}
        texts = {text_edition.text_url(path, edition) for path in named}
        search = f"{edition.prefix}/search/"
        also[f"{edition.prefix}/text/search/"] = search
        paths |= named | texts - {f"{edition.prefix}/text/search/"}
        made.add(f"{edition.prefix}/search/index.js")
    return Known(paths, also=also, made=made)


def _is_moving(path, edition):
    """Tell whether a page changes with its readers: what is most read is asked at home."""
    return path == f"{edition.prefix}/most-read/"


def _build():
    """Return a hash of what pages are made with: programs, templates, static files and the addresses in settings."""
    digest = hashlib.sha256(repr((settings.HOME_ORIGIN, settings.ASK_ON_MIRRORS, settings.MODE)).encode())
    for part in ("articles", "donations", "newsletters", "newsroom", "desk", "templates", "static", "locale"):
        for file in sorted((settings.BASE_DIR / part).rglob("*.*")):
            if file.suffix in {".py", ".html", ".txt", ".css", ".js", ".svg", ".mo"}:
                about = file.stat()
                digest.update(f"{file}:{about.st_size}:{about.st_mtime_ns}".encode())
    return digest.hexdigest()


class Memory:
    """What the last run to a target knew, in a file of the data directory; without it every page is made anew."""

    def __init__(self, target, editions):
        self.build = f"{_build()} {[edition.pk for edition in editions]}"
        name = hashlib.sha256(str(target).encode()).hexdigest()[:24]
        folder = settings.DATA_DIR / "copies"
        folder.mkdir(parents=True, exist_ok=True)
        self.file, self.lock = folder / f"{name}.json", folder / f"{name}.lock"
        self.pages, self.paths, self.due = {}, set(), None

    @contextmanager
    def alone(self):
        """Hold the lock of the target; raises Refused while another run holds it."""
        with self.lock.open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused("Another export to this target is running.") from None
            yield

    def read(self, *, at):
        """Read what is still of use at a moment; nothing after a change of program or when something fell due."""
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if data["build"] != self.build or (data["due"] is not None and data["due"] <= at.timestamp()):
            return
        self.pages = {place: Made(place, **about) for place, about in data["pages"].items()}
        self.paths = set(data["paths"])

    def write(self, pages, known, due):
        """Keep what this run knows, as a whole."""
        rows = {place: {k: v for k, v in asdict(made).items() if k != "place"} for place, made in pages.items()}
        paths = sorted(known.paths - {place.path for place in known.gone if place.number == 1})
        data = {"build": self.build, "due": due.timestamp() if due else None, "paths": paths, "pages": rows}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
        new.replace(self.file)


class Export:
    """One run to one target."""

    def __init__(self, target, editions, *, at, jobs=1, full=False, progress=None):
        self.target, self.editions, self.at, self.jobs, self.full = target, editions, at, jobs, full
        self.progress = progress
        self.pages, self.written = {}, 0

    def run(self):
        """Bring the target up to date and return how many files were written; raises Refused, Broken or OSError."""
        memory = Memory(self.target, self.editions)
        with memory.alone(), tempfile.TemporaryDirectory(dir=memory.file.parent) as folder:
            self.target.begin()
            self.names = self.target.names()
            if not self.full:
                memory.read(at=self.at)
            due = registry.next_due(self.at)
            self.known = known_places(self.editions)
            self.workshop = Workshop(self.known, folder)
            self._make(memory)
            self._put()
            self._delete()
            memory.write(self.pages, self.known, due)
        return self.written

    def _make(self, memory):
        """Make the pages that are not good any more, and again those that lead to one that turned out to be gone."""
        changed = {str(Place(path)) for path in memory.paths ^ self.known.paths}
        for text, made in memory.pages.items():
            place = Place.read(text)
            if place in self.known and self._is_good(made) and not changed & set(made.targets):
                self.pages[text] = made
        wanted = {Place(path) for path in self.known.paths}
        self.fresh = set()
        todo = {place for place in wanted if str(place) not in self.pages}
        for _round in range(ROUNDS):
            gone = self._make_all(todo)
            if not gone:
                return
            self.known.gone |= gone
            lost = {str(place) for place in gone}
            todo = {Place.read(text) for text, made in self.pages.items() if lost & set(made.targets)}

    def _is_good(self, made):
        try:
            return made.is_good(pagecache.versions(), self.names)
        except pagecache.Away:
            return False

    def _make_all(self, todo):
        """Make these places and the further pages to which they lead; return those that are gone."""
        gone = set()
        while todo:
            found = set()
            for made in self._each(sorted(todo)):
                place = Place.read(made.place)
                if not made.is_there:
                    gone.add(place)
                    self.pages.pop(made.place, None)
                    continue
                self.pages[made.place] = made
                self.fresh.add(made.place)
                found |= set(made.targets)
            further = {Place.read(text) for text in found}
            further = {place for place in further if place.number > 1 and place in self.known and place not in gone}
            todo = {place for place in further if str(place) not in self.pages}
        return gone

    def _each(self, todo):
        self._tell(total=len(todo))
        if self.jobs <= 1 or len(todo) < 2 * self.jobs:
            for place in todo:
                yield self.workshop.make(place)
                self._tell()
            return
        global _workshop  # what the forked processes find
        _workshop = self.workshop
        connections.close_all()
        with ProcessPoolExecutor(self.jobs, mp_context=multiprocessing.get_context("fork")) as pool:
            for made in pool.map(_make_in_process, todo, chunksize=8):
                yield made
                self._tell()

    def _tell(self, *, total=None):
        if self.progress is None:
            return
        if total is None:
            self.progress.update()
        else:
            self.progress.reset(total=total)

    def _put(self):
        """Put everything in place: first what pages need, last the front pages."""
        self.files = {}
        for made in self.pages.values():
            self.files[Place.read(made.place).file] = made
        extra = self._made_here()
        assets = self._assets()
        fresh = sorted(Place.read(text) for text in self.fresh)
        fronts = {f"{edition.prefix}/" for edition in self.editions}
        order = sorted(fresh, key=lambda place: (place.path in fronts, place.file in self.names, place))
        self._tell(total=len(order) + len(extra))
        for name, data in assets:
            self._write(name, data)
        for name, data in extra.items():
            if name != "index.html":
                self._write(name, data)
        for place in order:
            self._write(place.file, self.workshop.ready(place.file).read_bytes())
            self._tell()
        if "index.html" in extra:
            self._write("index.html", extra["index.html"])
        self.wanted |= {*self.files, *extra, MARKER}

    def _write(self, name, data):
        self.written += self.target.put(name, data)

    def _assets(self):
        """Yield (name, bytes) of the static and media files that pages need, with what those need."""
        todo = {path for made in self.pages.values() for path in made.assets} | {"/static/js/copied-search.js"}
        self.wanted, seen = set(), set()
        while todo:
            path = todo.pop()
            seen.add(path)
            name = rewriting.asset_name(path)
            self.wanted.add(name)
            is_media = path.startswith(settings.MEDIA_URL)
            if is_media and name in self.names:
                continue  # named by chance, never changed
            data = read_asset(path)
            if data is None:
                self.wanted.discard(name)
                continue
            if path.endswith(".css"):
                text, needed = rewriting.sheet(data.decode(), path=path, read=read_asset)
                data, todo = text.encode(), todo | (needed - seen)
            yield name, data

    def _made_here(self):
        """Return {name: bytes} of the files that are no page of the site."""
        made = {}
        for edition in self.editions:
            rows = [row for find in registry.copied_search.values() for row in find(edition, at=self.at)]
            start = Place(f"{edition.prefix}/search/").file
            listed = []
            for path, *rest in rows:
                if (place := Place(path)) in self.known:
                    listed.append([places.relative(place.file, start=start), *rest])
            made[f"{edition.prefix}/search/index.js".lstrip("/")] = _script(listed)
        if not any(edition.is_default for edition in self.editions):
            links = [
                (edition, places.relative(Place(f"{edition.prefix}/").file, start="")) for edition in self.editions
            ]
            made["index.html"] = render_to_string("newsroom/copy_start.html", {"links": links}).encode()
        return made

    def _delete(self):
        """Delete what is no part of the copy."""
        for name in self.names:
            if name not in self.wanted:
                self.target.delete(name)


def _make_in_process(place):
    return _workshop.make(place)


def _script(rows):
    """Return a script that holds these rows, one a line; no character in it ends a line or a script."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    lines = lines.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("</", "<\\/")
    return f"self.copied = [\n{lines}\n];\n".encode()
