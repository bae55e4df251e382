"""Make a backup while the site runs, put one back on an empty machine, forget old ones.

A backup is two files, because keys have a shorter life than data (docs/decisions/0070-backups.md):

    newsroom-20261126T061500Z.tar.age        the database, the photos, the private originals
    newsroom-20261126T061500Z.keys.tar.age   the keys that seal people's addresses; to be kept elsewhere
"""

import datetime
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import call_command

from newsroom import pagecache, registry
from newsroom.backups import archive, engines
from newsroom.models import Observation, ScheduleRun

STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"newsroom-(\d{8}T\d{6}Z)(\.keys)?\.tar\.age")
STORAGES = {"media": "default", "private": "private"}
# Erasing somebody destroys his key; a backup of keys that is older than this may not exist (docs/production.md).
KEYS_DAYS = 30
# What an empty machine does not have: a row in one of these is somebody's work.
WORK = (("default", "newsroom_user"), ("default", "articles_article"), ("default", "donations_gift"))


class NotEmpty(Exception):
    """The place where a backup should be put back holds a site already."""


@dataclass(frozen=True)
class Made:
    """What a backup holds: two paths, the number of files and bytes, and the files that went while it was made."""

    data: Path
    keys: Path
    files: int
    size: int
    gone: int


def make(folder, recipients, *, at, progress):
    """Write a backup of the site into `folder` while it runs. Returns Made.

    `progress` is a tqdm bar in bytes. A kill leaves at most files that end in .part. Each database is one moment's; the
    keys are taken just after the data, so that every key the data needs is there, and none that was destroyed before.
    Raises archive.BadKey, engines.Failed, OSError.
    """
    recipients = archive.recipients_of(recipients)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"newsroom-{at.astimezone(datetime.UTC).strftime(STAMP)}"
    data, keys = folder / f"{name}.tar.age", folder / f"{name}.keys.tar.age"
    facts = {"made": at.isoformat(timespec="seconds"), "pair": name}
    with tempfile.TemporaryDirectory(prefix="backup-", dir=_scratch()) as temporary:
        snapshots = {alias: Path(temporary) / engines.file_name(alias) for alias in ("default", "keys")}
        for alias, path in snapshots.items():
            engines.take(alias, path)
        with archive.Writer(keys, recipients, facts | {"holds": "keys"}) as writer:
            _add_file(writer, snapshots["keys"], progress)
        names = [(part, storage, found) for part, storage in STORAGES.items() for found in _walk(storages[storage])]
        with archive.Writer(data, recipients, facts | {"holds": "data"}) as writer:
            _add_file(writer, snapshots["default"], progress)
            there = [_add_stored(writer, *found, progress) for found in names]
    Observation.note("backup", {"bytes": data.stat().st_size + keys.stat().st_size}, at=at)
    return Made(data, keys, sum(there), data.stat().st_size + keys.stat().st_size, len(there) - sum(there))


def put_back(data, keys, identities, *, at, progress):
    """Make this empty machine the site that a backup holds, and return its list.

    Both files are opened and compared whole before anything is touched. What must not simply go on (a letter half sent)
    is stopped by the apps that know of it. Raises archive.Broken, archive.BadKey, NotEmpty, engines.Failed.
    """
    identities = archive.identities_of(identities)
    _refuse_a_site()
    with tempfile.TemporaryDirectory(prefix="restore-", dir=_scratch()) as temporary:
        opened = {}
        for holds, path in (("data", data), ("keys", keys)):
            opened[holds] = archive.unpack(path, identities, Path(temporary) / holds, progress.update)
            if opened[holds].get("holds") != holds:
                raise archive.Broken(f"{Path(path).name} is not the file of the {holds}.")
        if opened["data"]["pair"] != opened["keys"]["pair"]:
            raise archive.Broken("The two files are not of the same backup.")
        _put_in_place(Path(temporary))
    call_command("migrate", interactive=False, verbosity=0)
    call_command("migrate", "newsroom", database="keys", interactive=False, verbosity=0)
    cache.clear()
    pagecache.forget_all()
    # Every scheduled job is due: the books are compared with the provider's list, what went out of date goes.
    ScheduleRun.objects.all().delete()
    for settle in registry.restored.values():
        settle(at=at)
    return opened["data"]


def forget_old(folder, *, at, days):
    """Delete backups older than `days`, those of keys after KEYS_DAYS at the latest; return how many files went."""
    gone = 0
    for path in sorted(Path(folder).iterdir()):
        found = NAME.fullmatch(path.name)
        if found is None:
            continue
        made = datetime.datetime.strptime(found[1], STAMP).replace(tzinfo=datetime.UTC)
        limit = min(days, KEYS_DAYS) if found[2] else days
        if at - made > datetime.timedelta(days=limit):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _refuse_a_site():
    if any(engines.is_used(alias, table) for alias, table in WORK):
        raise NotEmpty("This site has content of its own. A backup is put back on an empty machine only.")
    if any(next(_walk(storages[storage]), None) for storage in STORAGES.values()):
        raise NotEmpty("This site has files of its own. A backup is put back on an empty machine only.")


def _scratch():
    """Return the folder for what is not sealed yet: the site's own, which nobody else can read."""
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in folder.iterdir():  # of a run that was killed
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
    return folder


def _add_file(writer, path, progress):
    size = path.stat().st_size
    progress.total = (progress.total or 0) + size
    with path.open("rb") as stream:
        writer.add(path.name, stream, size, progress.update)


def _add_stored(writer, part, storage, name, progress):
    """Add one stored file; returns False when it was deleted since the list was made."""
    try:
        size, stream = storages[storage].size(name), storages[storage].open(name)
    except FileNotFoundError:
        return False
    progress.total += size
    with stream:
        writer.add(f"{part}/{name}", stream, size, progress.update)
    return True


def _walk(storage, folder=""):
    """Yield the name of every file of a storage, in order."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}{name}"
    for name in sorted(folders):
        yield from _walk(storage, f"{folder}{name}/")


def _put_in_place(temporary):
    """Bring the files first and the database last: a kill in between leaves a site that is still empty of work."""
    for part, storage in STORAGES.items():
        root = temporary / "data" / part
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            if path.is_file():
                with path.open("rb") as stream:
                    storages[storage].save(path.relative_to(root).as_posix(), stream)
    for alias, holds in (("keys", "keys"), ("default", "data")):
        path = temporary / holds / engines.file_name(alias)
        if not path.exists():
            raise archive.Broken("The backup was made on another kind of database than this site has.")
        engines.put_back(alias, path)
