"""A backup holds every row and every file, for its recipients alone, and is put back on an empty machine only."""

import contextlib
import datetime
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import quote

import psycopg
import pyrage
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from newsletters.models import Issue
from newsroom import sealing
from newsroom.backups import archive, verbs
from tests.environment import ROOT as TEST_ROOT
from tests.make import make_article, make_photo, make_user
from tests.newsletters.make import make_due, make_newsletter, make_readers

ROOT = Path(__file__).resolve().parent.parent.parent
LATER = ("newsroom_schedulerun", "newsroom_observation", "sqlite_sequence")
pytestmark = pytest.mark.django_db(transaction=True)


class Bar:
    """What the verbs need of tqdm."""

    total = 0
    passed = 0

    def update(self, number):
        self.passed += number


@pytest.fixture
def identity():
    return archive.new_identity()


@pytest.fixture
def site(settings, tmp_path):
    """A story with a photo and its original, a sealed reader, and files of their own for this test."""
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "site/media", tmp_path / "site/private"
    settings.DATA_DIR = tmp_path / "site"
    forget_private_place()
    make_article(headline="Гавань открыта", photo=make_photo())
    newsletter = make_newsletter()
    make_readers(2, newsletter)
    storages["private"].save("originals/ab/x.jpg", ContentFile(b"original"))
    yield newsletter
    forget_private_place()


def forget_private_place():
    """Let the storage look its folder up again; Django does so by itself for public files alone."""
    for name in ("base_location", "location"):
        storages["private"].__dict__.pop(name, None)


def make(folder, identity, *, at=None):
    return verbs.make(folder, [identity[1]], at=at or timezone.now(), progress=Bar())


@contextlib.contextmanager
def empty_machine(folder):
    """Yield the environment of a site without anything, on the engine of this run."""
    environ = {name: value for name, value in os.environ.items() if name != TEST_ROOT and "XDIST" not in name}
    environ |= {"NEWSROOM_DATA": str(folder), "NEWSROOM_MODE": "test"}
    names = {"default": "DATABASE_URL", "keys": "KEYS_DATABASE_URL"}
    if connections["default"].vendor == "sqlite":
        yield {name: value for name, value in environ.items() if name not in {*names.values(), "REDIS_URL"}}
        return
    with psycopg.connect(**server(), dbname="postgres", autocommit=True) as admin:
        for alias, variable in names.items():
            admin.execute(f"CREATE DATABASE restored_{alias}_{os.getpid()}")
            environ[variable] = f"postgres://{server()['user']}@{quote(server()['host'], safe='')}/{name_of(alias)}"
        try:
            yield environ
        finally:
            for alias in names:
                admin.execute(f"DROP DATABASE {name_of(alias)} WITH (FORCE)")


def server():
    params = connections["default"].settings_dict
    return {"host": params["HOST"], "user": params["USER"]}


def name_of(alias):
    return f"restored_{alias}_{os.getpid()}"


def restore(environ, made, identity, folder):
    file = folder / "identity.txt"
    file.write_text(identity[0])
    command = [sys.executable, "manage.py", "restore", str(made.data), str(made.keys), "--identity", str(file)]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def rows_of(connect):
    """Return {table: sorted rows} of a database."""
    with contextlib.closing(connect) as connection:
        kind = isinstance(connection, sqlite3.Connection)
        listing = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            if kind
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        tables = [name for (name,) in connection.execute(listing).fetchall() if name not in LATER]
        return {
            name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"').fetchall())) for name in sorted(tables)
        }


def connect_here(alias):
    name = connections[alias].settings_dict["NAME"]
    if connections[alias].vendor == "sqlite":
        return sqlite3.connect(name)
    return psycopg.connect(**server(), dbname=name)


def connect_there(alias, folder):
    if connections[alias].vendor == "sqlite":
        return sqlite3.connect(folder / {"default": "newsroom.sqlite3", "keys": "keys.sqlite3"}[alias])
    return psycopg.connect(**server(), dbname=name_of(alias))


def files_below(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_row_and_every_file_is_the_same_on_the_machine_where_it_is_put_back(site, identity, tmp_path):
    made = make(tmp_path / "backups", identity)
    before = {alias: rows_of(connect_here(alias)) for alias in ("default", "keys")}
    assert before["default"]["articles_article"]
    assert before["default"]["newsletters_subscriber"]
    assert len(before["keys"]["newsroom_sealingkey"]) >= 2
    there = tmp_path / "there"
    with empty_machine(there) as environ:
        done = restore(environ, made, identity, tmp_path)
        assert done.returncode == 0, done.stderr
        for alias, rows in before.items():
            assert rows_of(connect_there(alias, there)) == rows
        assert files_below(there / "media") == files_below(settings.MEDIA_ROOT)
        assert files_below(there / "private") == files_below(settings.PRIVATE_ROOT)
        assert not any((there / "backups").iterdir())
        again = restore(environ, made, identity, tmp_path)
        assert again.returncode == 1
        assert "has content of its own" in again.stderr


def test_letter_on_its_way_stops_until_a_person_has_looked(site, identity):
    now = timezone.now()
    sending, waiting = make_due(site, at=now), make_due(site, at=now)
    sending.start(at=now)
    waiting.schedule(when=now + datetime.timedelta(hours=3), by=None, at=now)
    for settle in verbs.registry.restored.values():
        settle(at=now)
    assert dict(Issue.objects.values_list("pk", "state")) == {sending.pk: "paused", waiting.pk: "held"}
    assert "put back from a backup" in Issue.objects.get(pk=waiting.pk).state_note


def test_nothing_can_be_read_without_the_identity_and_data_opens_no_address(site, identity, tmp_path):
    made = make(tmp_path / "backups", identity)
    for path in (made.data, made.keys):
        assert path.stat().st_mode & 0o077 == 0
        assert "Гавань".encode() not in path.read_bytes()
        with pytest.raises(archive.Broken):
            archive.unpack(path, archive.identities_of(archive.new_identity()[0]), tmp_path / "out")
    # The format is age's: what age opens is a plain tar.
    opened = pyrage.decrypt(made.data.read_bytes(), archive.identities_of(identity[0]))
    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        names = tar.getnames()
    assert "private/originals/ab/x.jpg" in names
    assert not [name for name in names if name.startswith("keys")]


@pytest.mark.parametrize("wound", ["cut", "changed", "exchanged", "other pair"])
def test_wounded_file_is_refused_before_anything_is_touched(wound, site, identity, tmp_path):
    made = make(tmp_path / "backups", identity)
    data, keys = made.data, made.keys
    if wound == "cut":
        data.write_bytes(data.read_bytes()[:-70_000])
    elif wound == "changed":
        whole = bytearray(data.read_bytes())
        whole[len(whole) // 2] ^= 1
        data.write_bytes(whole)
    elif wound == "exchanged":
        data, keys = keys, data
    else:
        keys = make(tmp_path / "others", identity, at=timezone.now() + datetime.timedelta(minutes=1)).keys
    with pytest.raises(archive.Broken), pytest.MonkeyPatch.context() as patch:
        patch.setattr(verbs.engines, "is_used", lambda alias, table: False)
        patch.setattr(verbs, "_walk", lambda storage, folder="": iter(()))
        patch.setattr(verbs, "_put_in_place", lambda folder: pytest.fail("It was touched."))
        verbs.put_back(data, keys, identity[0], at=timezone.now(), progress=Bar())


def test_site_with_content_is_never_overwritten(site, identity, tmp_path):
    made = make(tmp_path / "backups", identity)
    make_user("Editor")
    with pytest.raises(verbs.NotEmpty):
        verbs.put_back(made.data, made.keys, identity[0], at=timezone.now(), progress=Bar())


def test_file_that_went_while_the_backup_was_made_is_counted(site, identity, tmp_path, monkeypatch):
    monkeypatch.setattr(verbs, "_walk", lambda storage: ["gone/away.jpg"])
    assert make(tmp_path / "backups", identity).gone == 2


def test_backup_that_fails_leaves_no_file_with_a_name(site, identity, tmp_path, monkeypatch):
    monkeypatch.setattr(verbs, "_add_stored", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        make(tmp_path / "backups", identity)
    assert not list((tmp_path / "backups").glob("newsroom-*Z.tar.age"))
    assert not list((tmp_path / "backups").glob("*.part"))
    assert not any((settings.DATA_DIR / "backups").iterdir())


def test_erased_reader_stays_erased_in_data_that_is_older(site, identity, tmp_path):
    key = sealing.new_key()
    sealed = sealing.seal("vera@example.org", key)
    make(tmp_path / "backups", identity)
    sealing.destroy_key(key)
    with pytest.raises(sealing.Erased):
        sealing.unseal(sealed, key)


def test_old_backups_go_and_keys_live_thirty_days_at_most(tmp_path):
    now = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)
    for days in (1, 29, 31, 89, 91):
        stamp = (now - datetime.timedelta(days=days)).strftime(verbs.STAMP)
        for kind in ("", ".keys"):
            (tmp_path / f"newsroom-{stamp}{kind}.tar.age").touch()
    (tmp_path / "notes.txt").touch()
    assert verbs.forget_old(tmp_path, at=now, days=90) == 4
    ages = sorted(path.name.count(".keys") for path in tmp_path.glob("newsroom-*"))
    assert ages == [0, 0, 0, 0, 1, 1]
    assert (tmp_path / "notes.txt").exists()


def test_command_makes_an_identity_and_says_what_is_missing(site, identity, tmp_path, capsys):
    with pytest.raises(CommandError, match="For whom"):
        call_command("backup", str(tmp_path / "a"))
    with pytest.raises(CommandError, match="age1"):
        call_command("backup", str(tmp_path / "a"), recipient=["age1nonsense"])
    with pytest.raises(CommandError, match="at least 1"):
        call_command("backup", str(tmp_path / "a"), recipient=[identity[1]], keep=0)
    call_command("backup", str(tmp_path / "a"), "--new-identity")
    recipient = capsys.readouterr().out.strip()
    assert (tmp_path / "a/identity.txt").stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="there already"):
        call_command("backup", str(tmp_path / "a"), "--new-identity")
    call_command("backup", str(tmp_path / "a"), recipient=[recipient], verbosity=0)
    assert len(list((tmp_path / "a").glob("newsroom-*.tar.age"))) == 2


def test_identity_file_that_holds_none_is_named(tmp_path):
    for text in ("", "# only a comment", "AGE-SECRET-KEY-1NONSENSE"):
        with pytest.raises(archive.BadKey):
            archive.identities_of(text)
