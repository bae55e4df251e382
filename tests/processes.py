"""The site as processes of its own, and readers who load it meanwhile, for tests and runs of faults."""

import contextlib
import http.client
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.environment import free_port

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS, PATIENCE = 60, 30
NONCE = re.compile(rb'name="?form_nonce"?[^>]*value="?([^" >]+)')


def wait_for(ready, what, *, seconds=START_SECONDS):
    """Wait until `ready()` answers something true and return it. Raises AssertionError that names `what`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := ready():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} s: {what}")


def address_of(config):
    """Return the address of one of Django's databases as the environment names it."""
    if config["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{config['NAME']}"
    return f"postgres://{config['USER']}@{quote(config['HOST'], safe='')}/{config['NAME']}"


def environ_of(settings, connections, **more):
    """Return the environment of a process that shares the databases and the data directory of this test."""
    kept = {name: value for name, value in os.environ.items() if "XDIST" not in name and "PYTEST" not in name}
    return {
        **kept, "NEWSROOM_MODE": "test", "NEWSROOM_DATA": str(settings.DATA_DIR), "PORT": str(settings.PORT),
        "REDIS_URL": settings.REDIS_URL, "DATABASE_URL": address_of(connections["default"].settings_dict),
        "KEYS_DATABASE_URL": address_of(connections["keys"].settings_dict), **more,
    }  # fmt: skip


class Web:
    """The production server on a port of its own, one group of processes that share nothing with another Web."""

    def __init__(self, environ, folder, *, host, workers=1):
        self.environ, self.host, self.workers, self.port = environ, host, workers, free_port()
        self.log = Path(folder) / f"web-{self.port}.log"
        self.process = None

    def start(self):
        """Start it and wait until it answers; return it."""
        command = [
            sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "-w", str(self.workers),
            "newsroom.wsgi:application",
        ]  # fmt: skip
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environ, stdout=output, stderr=output, start_new_session=True
            )
        wait_for(lambda: self.answers("/healthz") or self.process.poll() is not None, f"a server: {self.log}")
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        return self

    def answers(self, path):
        """Tell whether a path is answered at all."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.ask(path, seconds=5)
            return True
        return False

    def ask(self, path, *, method="GET", body=None, headers=None, seconds=PATIENCE):
        """Return (status, headers, body) of one request over a line of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            line.request(method, quote(path, safe="/?=&%"), body, {"Host": self.host, **(headers or {})})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def stop(self):
        """End it."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def post(web, path, fields):
    """Return (status, headers, body) of a form that a browser sends from one of many networks."""
    dice = random.SystemRandom()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": f"10.{dice.randrange(256)}.{dice.randrange(256)}.1",
    }  # fmt: skip
    return web.ask(path, method="POST", body=urlencode(fields, doseq=True), headers=headers)


def sign_up(web, newsletter, email="reader@example.org"):
    """Ask for a letter by the two steps of the form; return the status of the last one that was answered."""
    fields = {"email": email, "newsletters": newsletter}
    status, _headers, body = post(web, "/newsletters/signup/", fields)
    nonce = NONCE.search(body)
    if status != 200 or nonce is None:
        return status
    return post(web, "/newsletters/signup/", {**fields, "form_nonce": nonce[1].decode()})[0]


class Readers:
    """People who read pages of some servers, each over requests of their own, a breath between two of them."""

    def __init__(self, servers, paths, *, count=3, patience=PATIENCE, pause=0.03):
        self.servers, self.paths, self.patience, self.pause = servers, sorted(paths), patience, pause
        self.kinds, self.failures, self.slowest = Counter(), [], 0.0
        self.ending, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self._read, args=(number,), daemon=True) for number in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.ending.set()
        for thread in self.threads:
            thread.join(self.patience + 5)

    def _read(self, seed):
        dice = random.Random(seed)
        while not self.ending.wait(self.pause):
            server, path = dice.choice(self.servers), dice.choice(self.paths)
            began = time.monotonic()
            try:
                status, headers, _body = server.ask(path, seconds=self.patience)
                kind = headers.get("X-Page-Cache", "none")
            except (OSError, http.client.HTTPException) as fault:
                status, kind = 0, type(fault).__name__
            with self.lock:
                self.kinds[kind] += 1
                self.slowest = max(self.slowest, time.monotonic() - began)
                if status == 0 or status >= 500:
                    self.failures.append((path, status, kind))

    def total(self):
        """Return how many requests were made so far."""
        with self.lock:
            return sum(self.kinds.values())

    def wait_for_more(self, count):
        """Wait until so many more requests were made."""
        wanted = self.total() + count
        wait_for(lambda: self.total() >= wanted, f"{count} more requests")
