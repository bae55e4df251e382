"""Write the open form: every row of one moment, then the files, which a run that was cut short need not copy again."""

import contextlib
import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from django.contrib.auth import get_user_model
from django.core.files.storage import storages
from django.db import connection

from newsroom import registry
from newsroom.backups import archive
from newsroom.openform.kinds import PRIVATE, PUBLIC

VERSION = 1
FORM, FILES, SEALED, STAFF = "form.json", "files.jsonl", "protected.jsonl.age", "staff.jsonl"
STORAGES = {PUBLIC: "default", PRIVATE: "private"}
PART, CHUNK = 500, 1 << 20


@dataclass(frozen=True)
class Choices:
    """What goes in. `recipients` are age's public lines for the protected part; without one that part stays out."""

    recipients: tuple = ()
    with_staff: bool = False
    with_originals: bool = True


@dataclass
class Written:
    """What a form holds: rows by kind, files, bytes; `left` counts by sentence what stayed out."""

    rows: Counter = field(default_factory=Counter)
    files: int = 0
    size: int = 0
    left: Counter = field(default_factory=Counter)


def count():
    """Return {kind: rows} of what a form would hold now."""
    return {kind.name: kind.model._base_manager.count() for kind in registry.open_kinds.values()}


def write(folder, choices, *, at, progress):
    """Write all content into `folder` and return Written. `progress` is a tqdm bar of rows and files.

    The list of everything, form.json, is written last: a folder without it is not whole.
    Raises archive.BadKey, OSError.
    """
    recipients = archive.recipients_of(choices.recipients)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / FORM).unlink(missing_ok=True)
    run = _Writing(folder, choices, progress)
    with one_moment():
        run.rows()
    run.seal(recipients)
    run.copy_files()
    _store(folder / FORM, json.dumps(run.facts(at), indent=1, ensure_ascii=False).encode())
    return run.written


@contextlib.contextmanager
def one_moment():
    """Let all that is read inside be of one moment, without stopping anybody who writes."""
    if connection.in_atomic_block:
        yield
        return
    level = " ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else " DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN{level}")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


class _Writing:
    def __init__(self, folder, choices, progress):
        self.folder, self.choices, self.progress = folder, choices, progress
        self.written, self.parts, self.sealed, self.names = Written(), {}, [], {}
        self.wanted, self.accounts = {}, dict(get_user_model()._base_manager.values_list("pk", "username"))

    def rows(self):
        """Write a file for each kind."""
        guards = [make() for make in registry.open_guards.values()]
        for kind in registry.open_kinds.values():
            with _Lines(self.folder / f"{kind.name}.jsonl") as lines:
                for row in rows_of(kind):
                    self._row(kind, row, guards, lines)
                    self.progress.update()
            self.parts[f"{kind.name}.jsonl"] = lines.facts()
        if self.choices.with_staff:
            with _Lines(self.folder / STAFF) as lines:
                for name in sorted(self.names.values()):
                    lines.add({"username": name})
            self.parts[STAFF] = lines.facts()
        else:
            (self.folder / STAFF).unlink(missing_ok=True)

    def _row(self, kind, row, guards, lines):
        line = kind.write(row, self._staff_of(kind, row))
        for part, name in kind.files(row):
            self._want(part, name)
        if kind.secret:
            self.sealed.append({"kind": kind.name, "row": line})
            return
        hidden = {}
        for guard in guards:
            hidden |= guard(kind, row, line)
        if hidden:
            self.sealed.append({"kind": kind.name, "id": row.pk, "fields": {name: line[name] for name in hidden}})
        self.written.rows[kind.name] += 1
        lines.add(line | hidden)

    def _staff_of(self, kind, row):
        """Return {id: username} of those whom a row names, and remember them; nobody when the staff stays out."""
        found = {pk for field in kind.people if (pk := getattr(row, field.attname)) is not None}
        if not self.choices.with_staff:
            self.written.left["names of accounts: who wrote, who decided (--with-staff)"] += len(found)
            return {}
        named = {pk: self.accounts[pk] for pk in found if pk in self.accounts}
        self.names |= named
        return named

    def _want(self, part, name):
        if part == PRIVATE and not self.choices.with_originals:
            self.written.left["originals of photos"] += 1
        else:
            self.wanted[part, name] = None

    def seal(self, recipients):
        """Write what is protected for its recipients; count it when there is none."""
        path = self.folder / SEALED
        if recipients and self.sealed:
            text = "".join(_json(line) for line in self.sealed).encode()
            sealed = pyrage.encrypt(text, recipients)
            _store(path, sealed)
            self.parts[SEALED] = {"bytes": len(sealed), "sha256": hashlib.sha256(sealed).hexdigest()}
        else:
            path.unlink(missing_ok=True)
            self.written.left["rows with protected names (--protected-for)"] += len(self.sealed)

    def copy_files(self):
        """Copy what is not there yet, and delete what belongs to the form no more."""
        root = self.folder / "files"
        self.progress.total = (self.progress.total or 0) + len(self.wanted)
        with _Lines(self.folder / FILES) as lines:
            for part, name in sorted(self.wanted):
                facts = self._copy(part, name, root / part / name)
                if facts:
                    lines.add({"part": part, "name": name, **facts})
                    self.written.files += 1
                    self.written.size += facts["bytes"]
                else:
                    self.written.left["files that are named and not there"] += 1
                self.progress.update()
        self.parts[FILES] = lines.facts()
        known = {root / part / name for part, name in self.wanted}
        for path in sorted(root.rglob("*")) if root.is_dir() else ():
            if path.is_file() and path not in known:
                path.unlink()

    def _copy(self, part, name, target):
        """Return the size and sum of a file that stands in the form now; None when the site has it no more."""
        storage = storages[STORAGES[part]]
        try:
            if target.is_file() and target.stat().st_size == storage.size(name):
                return {"bytes": target.stat().st_size, "sha256": sum_of(target)}
            with storage.open(name) as stream:
                return _take(stream, target)
        except FileNotFoundError:
            return None

    def facts(self, at):
        """Return what form.json says."""
        return {
            "form": "newsroom open form", "version": VERSION, "made": at.isoformat(timespec="seconds"),
            "staff": self.choices.with_staff, "originals": self.choices.with_originals,
            "protected": SEALED in self.parts,
            "kinds": {kind.name: {"model": kind.model_label, "rows": self.written.rows[kind.name]}
                      for kind in registry.open_kinds.values() if not kind.secret},
            "left": dict(+self.written.left), "parts": self.parts,
        }  # fmt: skip


def rows_of(kind):
    """Yield every row of a kind in the order of its key, a bounded number in memory."""
    last = None
    while True:
        rows = kind.model._base_manager.order_by("pk").prefetch_related(*(field.name for field in kind.lists))
        found = list((rows if last is None else rows.filter(pk__gt=last))[:PART])
        yield from found
        if len(found) < PART:
            return
        last = found[-1].pk


def sum_of(path):
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Lines:
    """A file of JSON lines that has its name only once it is whole."""

    def __init__(self, path):
        self.path, self.digest, self.size = path, hashlib.sha256(), 0

    def __enter__(self):
        self.stream = open(self.path.with_name(self.path.name + ".part"), "wb", opener=_owner_only)
        return self

    def add(self, line):
        text = _json(line).encode()
        self.digest.update(text)
        self.size += len(text)
        self.stream.write(text)

    def __exit__(self, kind, *_):
        self.stream.close()
        if kind is None:
            Path(self.stream.name).replace(self.path)

    def facts(self):
        return {"bytes": self.size, "sha256": self.digest.hexdigest()}


def _take(stream, target):
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part, digest, size = target.with_name(target.name + ".part"), hashlib.sha256(), 0
    with open(part, "wb", opener=_owner_only) as output:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            output.write(chunk)
    part.replace(target)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _store(path, content):
    part = path.with_name(path.name + ".part")
    with open(part, "wb", opener=_owner_only) as stream:
        stream.write(content)
    part.replace(path)


def _json(line):
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _owner_only(path, flags):
    return os.open(path, flags, 0o600)
