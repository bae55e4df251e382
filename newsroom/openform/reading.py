"""Bring an open form into an empty site: all of its rows or none, the files before them."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, transaction

from newsroom import pagecache, registry
from newsroom.backups import archive
from newsroom.editions import forget_editions
from newsroom.openform.kinds import LONGEST_LINE, Unreadable, check_file_name
from newsroom.openform.writing import FILES, FORM, PART, SEALED, STAFF, STORAGES, VERSION, sum_of


class NotEmpty(Exception):
    """The site has content already."""


@dataclass
class Brought:
    """What came in: rows by kind, files, and `notes`, a sentence for each thing that did not."""

    rows: Counter = field(default_factory=Counter)
    files: int = 0
    notes: list = field(default_factory=list)


class Form:
    """A folder with an open form. Raises Unreadable, and archive.BadKey or archive.Broken for its sealed part."""

    def __init__(self, folder, identity=""):
        self.folder = Path(folder)
        self.facts = self._facts()
        self.kinds = [kind for kind in registry.open_kinds.values() if kind.name in self.facts["kinds"] or kind.secret]
        unknown = set(self.facts["kinds"]) - {kind.name for kind in self.kinds}
        if unknown:
            raise Unreadable(f"The form holds kinds that this site does not know: {', '.join(sorted(unknown))[:200]}.")
        self.hidden, self.secret = self._unsealed(identity) if identity else ({}, {})

    @property
    def total(self):
        """How many rows stand in the open."""
        return sum(kind["rows"] for kind in self.facts["kinds"].values())

    def _facts(self):
        try:
            facts = json.loads((self.folder / FORM).read_bytes())
            parts, kinds = dict(facts["parts"]), dict(facts["kinds"])
            sums = {str(name): str(part["sha256"]) for name, part in parts.items()}
            whole = all(isinstance(kind["rows"], int) for kind in kinds.values())
        except FileNotFoundError as error:
            raise Unreadable(
                f"{self.folder} holds no form.json: it is no form, or was not written to its end."
            ) from error
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Unreadable("form.json cannot be read.") from error
        if facts.get("form") != "newsroom open form" or facts.get("version") != VERSION or not whole:
            raise Unreadable("form.json is of another form, or of another version of it.")
        for name, wanted in sums.items():
            path = self.folder / name
            if Path(name).name != name or not path.is_file() or sum_of(path) != wanted:
                raise Unreadable(f"{name} is missing, or was changed since the form was written.")
        missing = {f"{name}.jsonl" for name in kinds} | {FILES} - set(sums)
        if not missing <= set(sums):
            raise Unreadable("form.json names files without their sums.")
        return facts

    def _unsealed(self, identity):
        """Return ({(kind, id): fields}, {kind: rows}) of the sealed part."""
        if SEALED not in self.facts["parts"]:
            raise Unreadable("The form has no sealed part that an identity could open.")
        try:
            text = pyrage.decrypt((self.folder / SEALED).read_bytes(), archive.identities_of(identity))
        except pyrage.DecryptError as error:
            raise archive.Broken("The sealed part cannot be opened with this identity.") from error
        hidden, secret = {}, {}
        for number, line in enumerate(text.decode().splitlines(), 1):
            found = _loaded(line, SEALED, number)
            if "row" in found:
                secret.setdefault(found["kind"], []).append(found["row"])
            else:
                hidden[found["kind"], found["id"]] = found["fields"]
        return hidden, secret

    def lines(self, kind):
        """Yield (place, line) of a kind, protected values in their place."""
        name = f"{kind.name}.jsonl"
        if kind.secret:
            yield from ((f"{SEALED}, {kind.name} {n}", row) for n, row in enumerate(self.secret.get(kind.name, ()), 1))
            return
        for number, line in self.read(name):
            if isinstance(line, dict) and isinstance(line.get("id"), int):
                line |= self.hidden.get((kind.name, line["id"]), {})
            yield f"{name} line {number}", line

    def read(self, name):
        """Yield (number, what stands there) for each line of a file."""
        with (self.folder / name).open("rb") as stream:
            number = 0
            while text := stream.readline(LONGEST_LINE):
                number += 1
                yield number, _loaded(text, name, number)


def bring(form, *, at, progress, write):
    """Bring a Form into this site and return Brought; without `write` everything is tried, and nothing stays.

    What must not simply go on in a site that moved (a letter that is due) is stopped, as after a restore. Raises
    Unreadable, NotEmpty.
    """
    _refuse_a_site()
    brought = Brought()
    if form.facts.get("protected") and not form.hidden and not form.secret:
        brought.notes.append("The sealed part stays closed: people who are not shown come in without their names.")
    _bring_files(form, brought, progress, write=write)
    try:
        with transaction.atomic():
            accounts = _bring_staff(form)
            for kind in form.kinds:
                _bring_kind(form, kind, accounts, brought, progress)
            connection.check_constraints()
            _settle_numbers(form.kinds)
            transaction.set_rollback(not write)
    except (IntegrityError, DataError) as error:
        raise Unreadable(f"The rows do not fit together: {str(error).splitlines()[0]}") from error
    if write:
        settle(at=at)
    return brought


def settle(*, at):
    """Forget every stored page, stop what must not go on by itself, and make the search index."""
    cache.clear()
    pagecache.forget_all()
    forget_editions()
    for stop in registry.restored.values():
        stop(at=at)
    call_command("rebuild_search", verbosity=0)


def _refuse_a_site():
    full = [kind.name for kind in registry.open_kinds.values() if kind.model._base_manager.exists()]
    if full:
        raise NotEmpty(f"This site has content: {', '.join(full)}. A form is brought into an empty site only.")


def _bring_staff(form):
    """Make accounts that nobody can use, so that the history keeps its names; return {username: id}."""
    if STAFF not in form.facts["parts"]:
        return {}
    User = get_user_model()  # noqa: N806 - a class
    wanted = []
    for number, line in form.read(STAFF):
        name = line.get("username") if isinstance(line, dict) else None
        try:
            if not isinstance(name, str) or len(name) > User._meta.get_field("username").max_length:
                raise ValidationError("it is no name of an account")
            User.username_validator(name)
        except ValidationError as error:
            raise Unreadable(f"{STAFF} line {number}: {error.messages[0]}") from error
        wanted.append(name)
    there = set(User.objects.filter(username__in=wanted).values_list("username", flat=True))
    for name in wanted:
        if name not in there:
            User.objects.create_user(name, is_active=False)
    return dict(User.objects.filter(username__in=wanted).values_list("username", "pk"))


def _bring_kind(form, kind, accounts, brought, progress):
    batch = []
    for place, line in form.lines(kind):
        try:
            batch.append(kind.read(line, accounts))
        except ValidationError as error:
            raise Unreadable(f"{place}: {error.messages[0]}.") from error
        if len(batch) == PART:
            _store(kind, batch, brought, progress)
            batch = []
    _store(kind, batch, brought, progress)
    wanted = form.facts["kinds"].get(kind.name, {}).get("rows", brought.rows[kind.name])
    if brought.rows[kind.name] != wanted:
        raise Unreadable(f"{kind.name}.jsonl holds {brought.rows[kind.name]} rows and not {wanted}.")


def _store(kind, batch, brought, progress):
    kind.model._base_manager.bulk_create([row for row, _lists in batch])
    for row, lists in batch:
        for name, ids in lists.items():
            getattr(row, name).set(ids)
    brought.rows[kind.name] += len(batch)
    progress.update(len(batch))


def _settle_numbers(kinds):
    """Let PostgreSQL's sequences go on behind the numbers that came along."""
    statements = connection.ops.sequence_reset_sql(no_style(), [kind.model for kind in kinds])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _bring_files(form, brought, progress, *, write):
    """Store each file under its name; one that is there with the same content is not stored again."""
    for number, line in form.read(FILES):
        place = f"{FILES} line {number}"
        try:
            part, name, wanted = line["part"], line["name"], line["sha256"]
            check_file_name(part, name)
        except (KeyError, TypeError) as error:
            raise Unreadable(f"{place}: it has other fields.") from error
        except ValidationError as error:
            raise Unreadable(f"{place}: {error.messages[0]}.") from error
        path = form.folder / "files" / part / name
        if not path.is_file() or path.is_symlink() or sum_of(path) != wanted:
            raise Unreadable(f"files/{part}/{name} is missing, or was changed since the form was written.")
        if write:
            _store_file(storages[STORAGES[part]], name, path, wanted)
        brought.files += 1
        progress.update()


def _store_file(storage, name, path, wanted):
    if storage.exists(name):
        with storage.open(name) as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() == wanted:
                return
        raise NotEmpty(f"The site has another file of the name {name}.")
    with path.open("rb") as stream:
        storage.save(name, File(stream))


def _loaded(text, name, number):
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{name} line {number} is no JSON.") from error
