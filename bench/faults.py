"""Faults under load, and afterwards a count of what was acknowledged: a table of figures, one line for each fault.

    READERS=300 KILLS=12 python -m bench.faults [WORD …]      # only the faults whose names hold one of the words

While a fault lasts, an editor saves, readers read, subscribe and give, and a letter goes out to an SMTP server. What
the site acknowledged is compared with what it knows once it has healed. Nobody helps it but a supervisor that starts
what died, as systemd does.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests import nginx, services
from tests.processes import PATIENCE, ROOT, Readers, Web, free_port, post, sign_up, wait_for
from tests.stoppable import Postgres

HIDDEN = re.compile(rb'<input type="?hidden"? name="?(\w+)"? value="?([^"> ]*)')
TROUBLE = (OSError, http.client.HTTPException)


class Site:
    """A site of its own with its processes and a supervisor. Use it in a `with`."""

    def __init__(self, postgres, *, readers, name, mould=None):
        self.folder = Path(tempfile.mkdtemp(prefix="newsroom-faults-"))
        self.mail_port, self.log = free_port(), self.folder / "taken"
        port = free_port()
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}},
            "NEWSROOM_MODE": "test", "DJANGO_SETTINGS_MODULE": "bench.faults_settings", "PYTHONPATH": str(ROOT),
            "NEWSROOM_DATA": str(self.folder / "data"), "PORT": str(port), "BEHIND_PROXY": "1", "DATABASE_POOL": "6",
            "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.mail_port), "PAGE_CACHE_SECONDS": "2",
            "NEWSROOM_COUNTING_SECONDS": "5", "DATABASE_URL": f"{postgres.address}/{name}",
            "KEYS_DATABASE_URL": f"{postgres.address}/{name}_keys", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        self.postgres, self.databases = postgres, (name, f"{name}_keys")
        self.web = Web(self.environ, self.folder, host=f"localhost:{port}", workers=2)
        self.web.port = port
        self.mould, self.clock = mould, self.folder / "clock"
        self.environ["FAULTS_CLOCK"] = str(self.clock)
        self.stack = contextlib.ExitStack()
        self.readers, self.worker, self.peer, self.ending = readers, None, None, threading.Event()
        self.restarts, self.supervisor = 0, threading.Thread(target=self._supervise, daemon=True)

    def __enter__(self):
        self.fill()
        self.start_peer()
        self.web.start()
        self._start_worker()
        self.supervisor.start()
        self.front = Web(self.environ, self.folder, host="localhost")
        self.front.port = self.stack.enter_context(
            nginx.before(f"http://127.0.0.1:{self.web.port}", self.folder / "nginx")
        )
        return self

    def fill(self):
        """Make the databases: as copies of the mould's, or from nothing."""
        if self.mould is None:
            self.postgres.create(*self.databases)
            self.filled = self.run("fill", self.readers)
            return self
        for name, source in zip(self.databases, self.mould.databases, strict=True):
            self.postgres.create(name, template=source)
        shutil.copytree(self.mould.folder / "data", self.folder / "data")
        self.filled = self.mould.filled
        return self

    def __exit__(self, *error):
        self.ending.set()
        self.supervisor.join(30)
        self.stack.close()
        self.web.stop()
        for process in (self.worker, self.peer):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        """Run one word of `bench.faults_site` and return what it answers."""
        command = [sys.executable, "-m", "bench.faults_site", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr[-2000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def start_peer(self):
        """Start the mail server, which writes down who got a letter."""
        self.log.touch()
        command = [sys.executable, "-m", "bench.letters_peer", str(self.mail_port), str(self.log), "0.01"]
        self.peer = subprocess.Popen(command, cwd=ROOT, env=self.environ)

    def _start_worker(self):
        command = [sys.executable, "-m", "bench.faults_site", "worker"]
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)

    def _supervise(self):
        while not self.ending.wait(0.2):
            if self.worker.poll() is not None:
                self.restarts += 1
                self._start_worker()
            if self.web.process.poll() is not None:
                self.restarts += 1
                with contextlib.suppress(AssertionError):
                    self.web.start()

    def web_workers(self):
        """Return the process ids of the server's workers."""
        children = Path(f"/proc/{self.web.process.pid}/task/{self.web.process.pid}/children")
        with contextlib.suppress(OSError):
            return [int(pid) for pid in children.read_text().split()]
        return []

    def taken(self):
        """Return the addresses of all mails that the mail server took."""
        return [line.split()[2] for line in self.log.read_text().splitlines()]


class People:
    """An editor who saves, somebody who subscribes, somebody who gives: each tries again until it is acknowledged."""

    def __init__(self, site):
        self.site, self.ending = site, threading.Event()
        self.saves, self.tried, self.version = 0, 0, site.filled["version"]
        self.subscribed, self.given, self.promised, self.refused = [], [], 0, 0
        self.faults = []
        acts = (self._save, self._subscribe, self._give)
        self.threads = [threading.Thread(target=self._again_and_again, args=(act,), daemon=True) for act in acts]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.ending.set()
        for thread in self.threads:
            thread.join(PATIENCE * 3)

    def _again_and_again(self, act):
        number = 0
        while not self.ending.wait(0.05 if act == self._save else 1.5):
            number += 1
            act(number)

    def _until_answered(self, path, fields, *, post=post, good=(200, 302)):
        """Send a form until it is answered well, even after the end; return (status, headers, body)."""
        for _try in range(400):
            with contextlib.suppress(*TROUBLE):
                answer = post(self.site.web, path, fields)
                if answer[0] in good:
                    return answer
                if answer[0] not in {422, 429, 503}:
                    self.faults.append((path, answer[0]))
                self.refused += 1
            if self.ending.wait(0.3) and _try > 200:
                break
        raise RuntimeError(f"never answered: {path}")

    def _save(self, number):
        filled = self.site.filled
        cookies = "; ".join(f"{name}={value}" for name, value in {**filled["cookies"], "csrf": "c" * 32}.items())
        headers = {"Cookie": cookies, "X-CSRFToken": "c" * 32, "Content-Type": "application/x-www-form-urlencoded"}

        def send(web, path, fields):
            words = "&".join(f"{name}={value}" for name, value in fields.items())
            status, found, body = web.ask(path, method="POST", body=words, headers=headers)
            if status == 409:
                self.version = json.loads(body).get("version", self.version)
                fields["version"] = self.version
            return (503 if status == 409 else status), found, body

        self.tried = number
        fields = {"_user": filled["user"], "version": self.version, "_changed": "title", "title": f"Save+{number}"}
        _status, _headers, body = self._until_answered(
            f"/admin/articles/page/{filled['page']}/autosave/", fields, post=send
        )
        self.saves, self.version = number, json.loads(body)["version"]

    def _subscribe(self, number):
        email = f"new{number}@example.org"
        for _try in range(200):
            with contextlib.suppress(*TROUBLE):
                if sign_up(self.site.web, "week", email) == 200:
                    self.subscribed.append(email)
                    return
            self.ending.wait(0.3)

    def _give(self, number):
        _status, _headers, page = self._until_answered("/support/give/", {"cadence": "once", "other": "5"})
        fields = {name.decode(): value.decode() for name, value in HIDDEN.findall(page)}
        self.promised += 1
        status, headers, _body = self._until_answered("/support/confirm/", fields, good=(302, 422))
        for _try in range(20):
            if status == 302:
                break
            self.ending.wait(0.5)  # a form that comes too soon is told so; one that is too old is begun anew
            status, headers, _body = self._until_answered("/support/confirm/", fields, good=(302, 422))
        else:
            return
        path = "/" + headers["Location"].split("/", 3)[3] if "://" in headers["Location"] else headers["Location"]
        self._until_answered(path, {"outcome": "pay"}, good=(302,))
        self.given.append(path.strip("/").split("/")[-1])


def compared(site, people, found):
    """Return {what: (acknowledged, lost, doubled)} of all that the site said yes to."""
    copies = {address: site.taken().count(address) for address in set(site.taken())}
    letter_to = [address for address in copies if address.startswith("reader")]
    saved = int(found["title"].split()[-1])
    unasked = [ref for ref in people.given if found["charges"].get(ref, 0) > 1]
    subscribers, gone = found["subscribers"], [ref for ref in people.given if not found["charges"].get(ref)]
    return {
        "saves": (people.saves, max(0, people.saves - saved), found["version"] - site.filled["version"] - saved),
        "subscriptions": (
            len(people.subscribed),
            sum(not subscribers.get(email) or not copies.get(email) for email in people.subscribed),
            sum(count > 1 for count in subscribers.values()),
        ),
        "payments": (len(people.given), len(gone), len(unasked) + max(0, found["gifts"] - people.promised)),
        "letters": (site.readers, site.readers - len(letter_to), sum(copies[one] - 1 for one in letter_to)),
    }  # fmt: skip


def is_done(site):
    """Return what the site knows when nothing waits any more, else None."""
    with contextlib.suppress(RuntimeError):
        found = site.run("count")
        return None if found["tasks"] or found["notices"] or found["issue"] != "sent" else found
    return None


# The faults: each does its harm while everybody works, and takes it back where a machine or a provider would


def kill_at_random(site, readers, people, *, kills):
    """Kill web workers, the server itself and the worker, by signal 9."""
    dice = random.Random(11)
    for number in range(kills):
        victims = [site.worker.pid, *site.web_workers(), *([site.web.process.pid] if number % 4 == 3 else [])]
        with contextlib.suppress(ProcessLookupError):
            os.kill(dice.choice(victims), signal.SIGKILL)
        at = people.saves
        with contextlib.suppress(AssertionError):
            wait_for(lambda at=at: people.saves > at + 3, "saves after a kill", seconds=30)


def stop_database(site, readers, people, *, kills):
    """PostgreSQL is cut off and started again."""
    for _time in range(max(1, kills // 4)):
        site.postgres.stop()
        readers.wait_for_more(40)
        site.postgres.start()
        at = people.saves
        wait_for(lambda at=at: people.saves > at + 3, "saves after PostgreSQL came back")


def read_only_database(site, readers, people, *, kills):
    """PostgreSQL takes no writes."""
    site.postgres.set_read_only(to=True)
    readers.wait_for_more(60)
    site.postgres.set_read_only(to=False)


def no_connections(site, readers, people, *, kills):
    """PostgreSQL has no connection left."""
    with site.postgres.exhausted():
        readers.wait_for_more(60)


def hanging_mail(site, readers, people, *, kills):
    """The mail server takes lines and answers nothing."""
    site.peer.send_signal(signal.SIGSTOP)
    readers.wait_for_more(150)
    site.peer.send_signal(signal.SIGCONT)


def disk_full(site, readers, people, *, kills):
    """No process of the site may write one byte more into any file."""
    import resource

    pids = [site.worker.pid, *site.web_workers()]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    readers.wait_for_more(80)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def two_migrations(site, readers, people, *, kills):
    """Two migrations begin at once, where there is nothing yet and where all is there."""
    site.postgres.create("empty", "empty_keys")
    server = site.postgres.address
    empty = {"DATABASE_URL": f"{server}/empty", "KEYS_DATABASE_URL": f"{server}/empty_keys"}
    for environ in ({**site.environ, **empty}, site.environ):
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        both = [subprocess.Popen(command, cwd=ROOT, env=environ) for _one in range(2)]
        assert [one.wait(300) for one in both] == [0, 0], "a migration failed"


def hanging_payments(site, readers, people, *, kills):
    """The payment provider does what it is asked and answers nothing."""
    site.run("hang_payments", 6)
    readers.wait_for_more(150)


def clock_jumps(site, readers, people, *, kills):
    """The clock of every process goes two hours ahead, and back."""
    site.clock.write_text("7200")
    readers.wait_for_more(100)
    site.clock.write_text("0")


FAULTS = {
    "kill -9 at random": kill_at_random, "PostgreSQL stopped": stop_database,
    "PostgreSQL read-only": read_only_database, "no connections left": no_connections,
    "mail server hangs": hanging_mail, "disk full": disk_full,
    "two migrations": two_migrations, "payments hang": hanging_payments, "clock jumps": clock_jumps,
}  # fmt: skip


def run(postgres, name, *, readers, kills, mould=None):
    """Let one fault happen to a site of its own and return the line of the table."""
    label = re.sub(r"\W+", "_", name.lower())
    with Site(postgres, readers=readers, name=label, mould=mould) as site:
        for path in site.filled["paths"] * 6:
            site.front.ask(path)
        with Readers([site.front], site.filled["paths"], count=2) as crowd, People(site) as people:
            wait_for(lambda: people.saves > 3 and people.subscribed and people.given, "people at work")
            site.run("start")
            FAULTS[name](site, crowd, people, kills=kills)
            began, at, given = time.monotonic(), people.saves, len(people.given)
            wait_for(lambda: people.saves > at + 3 and len(people.given) > given, "a site that healed", seconds=90)
            healed = time.monotonic() - began
        found = wait_for(lambda: is_done(site), "everything done", seconds=180)
        return {
            "fault": name, "counts": compared(site, people, found), "readers": crowd.total(),
            "failed": crowd.failures, "kinds": dict(crowd.kinds), "healed": healed, "restarts": site.restarts,
            "faults": people.faults, "refused": people.refused,
        }  # fmt: skip


def table_line(line):
    """Return one line of the table."""
    counts = "".join(f" {' / '.join(map(str, line['counts'][what])):>15} |" for what in line["counts"])
    reads = f"{line['readers']} / {len(line['failed'])}"
    return f"| {line['fault']:22} |{counts} {reads:>15} | {line['healed']:>7.1f} | {line['restarts']:>8} |"


def main(words):
    """Return 0 when nothing that was acknowledged is lost or doubled, but for a letter on a line that broke."""
    readers, kills, failed = int(os.environ.get("READERS", "300")), int(os.environ.get("KILLS", "12")), 0
    print("Each pair of people and figures: acknowledged / lost / doubled; reads: requests / failed.")
    print(f"| {'fault':22} | {'saves':>15} | {'subscriptions':>15} | {'payments':>15} | {'letters':>15} | {'reads':>15}"
          " | seconds | restarts |", flush=True)  # fmt: skip
    with Postgres(connections=40) as postgres:
        mould = Site(postgres, readers=readers, name="mould").fill()
        for name in FAULTS:
            if words and not any(word in name for word in words):
                continue
            try:
                line = run(postgres, name, readers=readers, kills=kills, mould=mould)
            except (AssertionError, RuntimeError) as error:
                print(f"| {name:22} | FAILED: {error}", flush=True)
                failed += 1
                continue
            print(table_line(line), flush=True)
            if line["faults"] or line["failed"]:
                print(f"  people met {line['faults'][:5]}; readers met {line['failed'][:5]}", flush=True)
            failed += bool(line["failed"]) or any(
                lost or doubled > (kills if what == "letters" else 0)
                for what, (_said, lost, doubled) in line["counts"].items()
            )
        shutil.rmtree(mould.folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except services.Missing as missing:
        sys.exit(str(missing))
