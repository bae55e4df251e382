"""A PostgreSQL and a Redis of one test's own, which can be stopped under load, hindered, and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests import services
from tests.processes import wait_for


class Postgres:
    """A PostgreSQL in a temporary folder that keeps what it committed. Use it in a `with`. Raises services.Missing."""

    def __init__(self, *, connections=24):
        self.programs, self.account = services.postgres_folder(), services._unprivileged()
        self.folder = Path(tempfile.mkdtemp(prefix="newsroom-stoppable-"))
        self.data, self.connections = self.folder / "data", connections
        if self.account:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self.folder.chmod(0o755)
        self.address = f"postgres://newsroom@{str(self.folder).replace('/', '%2F')}"

    def __enter__(self):
        self._run("initdb", "-D", self.data, "-U", "newsroom", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()
        return self

    def __exit__(self, *error):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *words, **more):
        account = self.account
        options = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **more}
        subprocess.run([self.programs / program, *map(str, words)], check=True, cwd=self.folder, **quiet, **options)

    def start(self):
        """Start it and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c autovacuum=off -c max_connections={self.connections}"
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-o", options, "-l", self.folder / "log", "start")

    def stop(self):
        """Stop it at once, without a goodbye to anybody, as a power cut would."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def connect(self, database="postgres"):
        """Return a connection of its own."""
        return psycopg.connect(host=str(self.folder), user="newsroom", dbname=database, autocommit=True)

    def create(self, *names, template="template1"):
        """Create databases, empty or as copies of one that nobody uses now."""
        with self.connect() as connection:
            for name in names:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def copy(self, config, name):
        """Create a database with all that one of Django's holds, wherever that stands."""
        self.create(name)
        dump = [self.programs / "pg_dump", "-h", config["HOST"], "-U", config["USER"], "-O", "-x", config["NAME"]]
        with subprocess.Popen(dump, stdout=subprocess.PIPE) as source:
            load = ("-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "newsroom", "-d", name)
            self._run("psql", *load, stdin=source.stdout)
        assert source.returncode == 0

    def set_read_only(self, *, to):
        """Let it take no writes from now on, or take them again."""
        with self.connect() as connection:
            connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if to else 'off'}")
            connection.execute("SELECT pg_reload_conf()")

    @contextlib.contextmanager
    def exhausted(self):
        """Hold every connection that it has, and cut those of others."""
        held = [self.connect()]
        try:
            self._cut_others(held[0])
            self._hold_the_rest(held)
            while self._cut_others(held[0]):
                self._hold_the_rest(held)
            yield
        finally:
            for connection in held:
                connection.close()

    def _hold_the_rest(self, held):
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                held.append(self.connect())

    @staticmethod
    def _cut_others(connection):
        """Cut every connection to a database of a site and return how many there were."""
        cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname <> 'postgres'"
        return connection.execute(cut).fetchone()[0]


class Redis:
    """A Redis in a temporary folder that forgets everything when it is stopped. Use it in a `with`."""

    def __init__(self):
        self.program = services.redis_program()
        self.folder = Path(tempfile.mkdtemp(prefix="newsroom-redis-"))
        self.path, self.process = self.folder / "redis.sock", None
        self.address = f"unix://{self.path}?db=0"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        """Start it, empty, and wait until it answers."""
        words = ["--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no", "--dir", self.folder]
        self.process = subprocess.Popen([self.program, *map(str, words)], stdout=subprocess.DEVNULL)
        wait_for(lambda: services._listens(self.path), "Redis")

    def stop(self):
        """Kill it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
