"""A real PostgreSQL, a real Redis and a real browser, each started for one run and gone after it.

Plain standard library: `scripts/suite.py` asks here what the machine has before anything else is installed.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

START_SECONDS = 60
HOW_TO_GET = {
    "PostgreSQL": "apt-get install postgresql",
    "Redis": "apt-get install redis-server",
    "Chromium": "apt-get install chromium",
    "w3m": "apt-get install w3m",
}
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "listen_addresses": "",
}


class Missing(Exception):
    """The machine lacks a service; the text says how to get it."""

    def __init__(self, name):
        super().__init__(f"{name} is missing. To get it: {HOW_TO_GET[name]}")
        self.name = name


def _version(folder):
    return [int(part) for part in folder.parent.name.split(".") if part.isdigit()]


def postgres_folder():
    """Return the folder with the newest PostgreSQL's programs. Raises Missing."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version)
    found = shutil.which("postgres")
    for folder in [*folders, *([Path(found).resolve().parent] if found else [])][::-1]:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise Missing("PostgreSQL")


def redis_program():
    """Return the path of Redis' server. Raises Missing."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    raise Missing("Redis")


def chromium_program():
    """Return the path of a Chromium: $CHROMIUM, Debian's, or None for Playwright's own. Raises Missing."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    if any(own.glob("chromium*")):
        return None
    raise Missing("Chromium")


def w3m_program():
    """Return the path of the text browser w3m. Raises Missing."""
    if found := shutil.which("w3m"):
        return found
    raise Missing("w3m")


def _die_with_parent():
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _unprivileged():
    """Return the account that PostgreSQL runs under: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Missing("PostgreSQL")


def _wait(ready, process, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _listens(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _running(command, folder, ready, *, stop, **options):
    log = folder / "log"
    with log.open("wb") as output:
        # Its own session: Ctrl-C in the terminal reaches the tests first, and the service when they are through.
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            **options,
        )
        try:
            _wait(ready, process, log)
            yield
        finally:
            process.send_signal(stop)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def postgres():
    """Run a PostgreSQL on a socket in a temporary folder and yield its address without a database name."""
    programs, account = postgres_folder(), _unprivileged()
    options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryDirectory(prefix="newsroom-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "newsroom", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **options,
        )
        settings = [part for key, value in FAST.items() for part in ("-c", f"{key}={value}")]
        command = [programs / "postgres", "-D", data, "-k", folder, *settings]
        ready = [programs / "pg_isready", "-q", "-h", folder]
        with _running(
            command, folder, lambda: subprocess.run(ready, check=False).returncode == 0, stop=signal.SIGINT, **options
        ):
            yield f"postgres://newsroom@{str(folder).replace('/', '%2F')}"


@contextlib.contextmanager
def redis():
    """Run a Redis on a socket in a temporary folder and yield its address."""
    program = redis_program()
    with tempfile.TemporaryDirectory(prefix="newsroom-redis-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path = folder / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]
        with _running(command, folder, lambda: _listens(path), stop=signal.SIGTERM):
            yield f"unix://{path}?db=0"
