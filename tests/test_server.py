"""`deploy/newsroom-server` in a folder, for real: set-up, an upgrade under load, a way back, and each refusal."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from tests import services
from tests.environment import free_port
from tests.processes import wait_for
from tests.supervisor import supervising

pytestmark = pytest.mark.once
HERE = Path(__file__).resolve().parent.parent
SCRIPT = HERE / "deploy/newsroom-server"
CODE = ("articles", "deploy", "desk", "docs", "donations", "locale", "newsletters", "newsroom", "static", "templates",
        "gunicorn.conf.py", "manage.py")  # fmt: skip
EXPANDS = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("newsroom", "{last}")]
    operations = [migrations.AddField("edition", "motto", models.TextField({options}))]
"""
CONTRACTS = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("newsroom", "9001_motto")]
    operations = [migrations.RemoveField("edition", "motto")]
"""


class Site:
    """A Debian host in a folder: its script, its units, its nginx, and a place to take code from."""

    def __init__(self, root, supervisor, database, redis):
        self.root, self.supervisor, self.source = root, supervisor, root / "checkout"
        self.https = free_port()
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "ROOT": str(root), "PACKAGES": "0",
            "ACCOUNT": shell("id -un"), "GROUP": shell("id -gn"), "WEB_GROUP": shell("id -gn"),
            "OWNER": shell("id -un"),
            "SYSTEMCTL": str(supervisor.systemctl), "WEB_SERVER": str(supervisor.nginx), "REDIS_URL": redis,
            "DATABASE_HOST": database, "DATABASE_ADMIN": f"psql -h {database} -U newsroom_admin -d postgres",
            "PORT_HTTP": str(free_port()), "PORT_HTTPS": str(self.https), "PORT_REFRESH": str(free_port()),
        }  # fmt: skip

    def take_code(self):
        """Lay the code of this checkout where the next release is made from."""
        self.source.mkdir(exist_ok=True)
        for name in CODE:
            subprocess.run(["cp", "-a", HERE / name, self.source], check=True)
        self.lend_libraries()

    def lend_libraries(self):
        """Let the script find the libraries of this run where it would install its own."""
        lock = (self.source / "deploy/requirements.lock").as_posix()
        short = shell(f"{{ cat {lock}; python3 -V; }} | sha256sum | cut -c1-12", PATH=self.environ["PATH"])
        folder = self.root / "opt/newsroom/venvs"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{short}.complete").touch()
        if not (folder / short).is_symlink():
            (folder / short).symlink_to(sys.prefix)

    def add_migration(self, name, text):
        """Write one more migration into the next release."""
        (self.source / "newsroom/migrations" / f"{name}.py").write_text(text)

    def call(self, *words, **environ):
        """Run the script of the next release; return its exit code and what it said."""
        command = [self.source / "deploy/newsroom-server", *words]
        done = subprocess.run(
            command, env=self.environ | environ, capture_output=True, text=True, check=False, timeout=600
        )
        return done.returncode, done.stdout + done.stderr

    def release(self):
        """Return the folder of the release in service."""
        return (self.root / "opt/newsroom/current").resolve()

    def get(self, path):
        """Ask nginx over TLS as a reader does; return status and body."""
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, timeout=60, context=context)
        connection.request("GET", path, headers={"Host": "news.example"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body


def shell(line, **environ):
    return subprocess.run(
        line, shell=True, env=os.environ | environ, check=True, capture_output=True, text=True
    ).stdout.strip()


class Readers:
    """Threads that ask for pages until told to stop; what they were answered is counted."""

    def __init__(self, site, count=4):
        self.site, self.stopping, self.answers = site, threading.Event(), Counter()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._read) for _number in range(count)]

    def _read(self):
        while not self.stopping.wait(0.1):
            # The last two never come out of a cache.
            for path in ("/robots.txt", "/accounts/login/", "/healthz"):
                try:
                    answer = self.site.get(path)[0]
                except (OSError, http.client.HTTPException) as fault:
                    answer = type(fault).__name__
                with self.lock:
                    self.answers[answer] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopping.set()
        for thread in self.threads:
            thread.join(120)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("host")
    with contextlib.ExitStack() as stack:
        database, redis = what_it_stands_on(stack)
        supervisor = stack.enter_context(supervising(root))
        shell(f"psql -h {database} -U newsroom -d postgres -c 'CREATE ROLE newsroom_admin SUPERUSER LOGIN'")
        site = Site(root, supervisor, database, redis)
        site.take_code()
        code, said = site.call("setup", "--home", "https://news.example")
        assert code == 0, said + (supervisor.folder / "log").read_text(errors="replace")[-3000:]
        # nginx says that it started before it listens.
        wait_for(lambda: is_listening(site.https), "nginx listens")
        yield site


def is_listening(port):
    """Tell whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def what_it_stands_on(stack):
    """Start PostgreSQL and Redis for the module; skip where the machine lacks one, or nginx."""
    try:
        database = stack.enter_context(services.postgres()).split("@")[1].replace("%2F", "/")
        redis = stack.enter_context(services.redis())
    except services.Missing as missing:
        lack = str(missing)
    else:
        if shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"):
            return database, redis
        lack = "nginx is missing: apt-get install nginx"
    assert os.environ.get("CI") != "true", lack
    return pytest.skip(lack)


def test_setup_makes_a_site_that_answers_keeps_its_secrets_and_may_be_repeated(site):
    """One test, so that two processes do not each set a site up."""
    answers_over_tls(site)
    keeps_secrets_for_itself(site)
    asks_for_a_backup_before_an_upgrade(site)
    second_setup_changes_nothing(site)


def answers_over_tls(site):
    assert site.get("/healthz") == (200, b'{"status": "ok"}')
    assert site.get("/readyz")[0] == 200
    code, said = site.call("status")
    assert code == 0, said
    assert said.count(": active") == 4


def keeps_secrets_for_itself(site):
    folder = site.root / "etc/newsroom"
    for name in ("SECRET_KEY", "SEALING_KEY", "DATABASE_URL", "KEYS_DATABASE_URL"):
        assert stat.S_IMODE((folder / "secrets" / name).stat().st_mode) == 0o640
        assert len((folder / "secrets" / name).read_text()) > 80
    assert stat.S_IMODE((folder / "environment").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "tls/privkey.pem").stat().st_mode) == 0o600
    environment = (folder / "environment").read_text()
    assert not re.search(r"(?m)^(SECRET_KEY|SEALING_KEY|DATABASE_URL)=", environment)


def second_setup_changes_nothing(site):
    def stand():
        kept = [path for folder in ("etc", "opt/newsroom/releases") for path in (site.root / folder).rglob("*")]
        return {
            path: path.lstat().st_mtime_ns
            for path in kept
            if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
        }

    before = stand()
    code, said = site.call("setup", "--home", "https://news.example")
    assert code == 0, said
    changed = {path.name for path, stamp in stand().items() if before.get(path) != stamp}
    assert changed <= {".migrations"}


def asks_for_a_backup_before_an_upgrade(site):
    release = site.release()
    code, said = site.call("upgrade")
    assert code != 0
    assert "BACKUP_RECIPIENTS" in said
    assert site.release() == release


@pytest.mark.torture
def test_upgrade_under_load_loses_no_request_and_the_way_back_neither(site):
    first = site.release()
    last = sorted(path.stem for path in (site.source / "newsroom/migrations").glob("0*.py"))[-1]
    site.add_migration("9001_motto", EXPANDS.format(last=last, options="null=True"))
    with Readers(site) as readers:
        code, said = site.call("upgrade", WITHOUT_BACKUP="1")
        assert code == 0, said
        second = site.release()
        code, said = site.call("rollback")
        assert code == 0, said
        assert site.release() == first
        code, said = site.call("upgrade", WITHOUT_BACKUP="1")
        assert code == 0, said
    assert site.release() == second != first
    assert set(readers.answers) == {200}, readers.answers
    assert readers.answers[200] > 50
    assert site.get("/readyz")[0] == 200

    site.add_migration("9002_no_motto", CONTRACTS)
    assert site.call("upgrade", WITHOUT_BACKUP="1")[0] == 0
    code, said = site.call("rollback")
    assert code != 0
    assert "9002_no_motto remove field motto" in said
    assert site.release() not in (first, second)


@pytest.mark.torture
def test_release_that_cannot_start_never_comes_into_service(site):
    release = site.release()
    settings = site.source / "newsroom/wsgi.py"
    good = settings.read_text()
    settings.write_text(good + "\nraise RuntimeError('broken')\n")
    try:
        code, said = site.call("upgrade", WITHOUT_BACKUP="1", READY_SECONDS="3")
    finally:
        settings.write_text(good)
    assert code != 0
    assert "back in service" in said
    assert site.release() == release
    assert site.get("/healthz")[0] == 200


@pytest.mark.parametrize(
    "words", [["setup", "--home", "http://news.example"], ["setup", "--far"], ["setup"], ["nonsense"]]
)
def test_what_cannot_be_meant_is_refused(tmp_path, words):
    environ = {"PATH": os.environ["PATH"], "ROOT": str(tmp_path), "PACKAGES": "0", "SYSTEMCTL": "true"}
    done = subprocess.run([SCRIPT, *words], env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert re.search(r"usage|https|--home", done.stdout + done.stderr, re.IGNORECASE), done.stdout + done.stderr
    assert not any(tmp_path.iterdir())
