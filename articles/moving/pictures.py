"""The pictures of an export: from a folder or fetched, taken into the library once, when a text first wants them."""

from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from articles.models import Photo
from articles.moving.body import SIZE, names_of

# Stands for a picture that a run would take in, when it only looks.
NOT_YET = "00000000"


class Pictures:
    """Answers which photo an id or an address of the export means. `shelf` remembers what came in earlier runs."""

    def __init__(self, export, options, report, shelf, *, write):
        self.export, self.options, self.report, self.shelf, self.write = export, options, report, shelf, write
        self.files, self.photos, self.named, self.attached = _files(options.folder), {}, {}, {}
        self.missing = {}
        for picture in export.pictures.values():
            for name in [picture.key, *names_of(picture.url), *picture.names]:
                self.named.setdefault(name, picture)
            if picture.parent:
                self.attached.setdefault(picture.parent, []).append(picture.key)

    def photo_of(self, reference):
        """Return the public id of the photo that is meant, "" for none."""
        picture = next((self.named[name] for name in [reference, *names_of(reference)] if name in self.named), None)
        key = picture.key if picture else reference
        if key and key not in self.photos:
            self.photos[key] = self._taken(key, picture)
        return self.photos.get(key, "")

    def _taken(self, key, picture):
        known = self.shelf.known("picture", key, Photo)
        if known:
            self.report.counts["pictures", "there"] += 1
            return known.public_id
        names = [*(picture.names if picture else ()), *names_of(picture.url if picture else key)]
        path = next((self.files[name] for name in names if name in self.files), None)
        if path is not None:
            return self._from_folder(key, path, picture)
        return self._from_host(key, picture) if self.options.fetcher else self._none(key, picture, "not in the folder")

    def _from_folder(self, key, path, picture):
        self.report.counts["pictures", "new"] += 1
        if not self.write:
            return NOT_YET
        with path.open("rb") as stream:
            return self._take(key, File(stream, name=path.name), picture)

    def _from_host(self, key, picture):
        """Fetch a picture, whole before one that was made smaller."""
        fetcher, why = self.options.fetcher, "not in the folder"
        for address in self._addresses(picture.url if picture else key):
            if not fetcher.may_ask(address):
                why = f"not in the folder, and nobody said that {urlsplit(address).hostname or 'its host'} may be asked"
                continue
            if not self.write:
                self.report.counts["pictures", "to be fetched"] += 1
                return NOT_YET
            file, why = fetcher.fetch(address)
            if file is not None:
                self.report.counts["pictures", "fetched"] += 1
                return self._take(key, file, picture)
        return self._none(key, picture, why)

    def _addresses(self, reference):
        base = self.options.origin or next((f"https://{host}" for host in sorted(self.options.fetcher.hosts)), "")
        try:
            address = urljoin(f"{base}/", reference)
        except ValueError:
            return []
        return list(dict.fromkeys([SIZE.sub("", address), address]))

    def _take(self, key, file, picture):
        said = {"caption": picture.caption, "alt": picture.alt, "creator": picture.credit} if picture else {}
        if not said.get("creator"):
            said["agency"] = self.options.credit
        try:
            with transaction.atomic():
                # A series looks alike and is still one picture each.
                photo = Photo.take_in(file, by=self.options.by, at=self.options.at, anyway=True, **said)
                self.shelf.remember("picture", key, photo)
        except ValidationError as error:
            self.report.notes.append(f"picture {Path(file.name).name}: {error.messages[0]}")
            return ""
        return photo.public_id

    def _none(self, key, picture, why):
        self.missing[picture.url if picture else key] = why
        return ""

    def tell_what_is_missing(self, references):
        """Write a note for each picture that a text wants and nobody has, and count those that no text wants."""
        for reference in dict.fromkeys([*references, *self.missing]):
            self.report.notes.append(f"picture {reference} is {self.missing.get(reference, 'not in the folder')}")
        unused = [picture for key, picture in self.export.pictures.items() if key not in self.photos]
        if unused:
            self.report.counts["pictures that no text shows", "left out"] += len(unused)


def _files(folder):
    """Return {every name under which a file of the folder may be meant: its path}."""
    found = {}
    for path in sorted(Path(folder).rglob("*")) if folder else []:
        if path.is_file() and not path.is_symlink():
            relative = path.relative_to(folder).as_posix()
            for name in (relative, f"/{relative}", path.name):
                found.setdefault(name, path)
    return found
