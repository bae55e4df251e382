"""Letters under attack: workers killed and frozen, a database that dies, a mail server that refuses, hangs and cuts.

    READERS=6000 KILLS=30 python -m bench.torture_newsletter

Each scenario prints its figures and fails when somebody was left out, got more copies than connections were broken, the
totals do not add up, or a reader who left got more than the letter on the wire. The suite runs them small.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

from bench.letters_rig import LEASE_SECONDS, ROOT, Rig
from tests import services

FAULTS = "soft,gone,full,drop,cut,hang"


def check(rig, totals, *, broken):
    """Raise AssertionError unless everybody is accounted for; return the figures of the run."""
    copies = Counter(rig.taken())
    settled = totals["accepted"] + totals["failed"] + totals["dropped"]
    doubles = sum(count - 1 for count in copies.values())
    assert totals["state"] == "sent"
    assert totals["total"] == settled == rig.readers, totals
    assert totals["queued"] == totals["claimed"] == 0, totals
    assert doubles <= broken, f"{doubles} doubles, {broken} connections broken"
    assert max(copies.values(), default=0) <= 2 + (broken > 20), copies.most_common(3)
    missing = rig.readers - len(copies) - totals["dropped"] - len(totals["gave_up"])
    assert missing <= 0, f"{missing} readers were lost"
    return {"readers": rig.readers, "broken": broken, "doubles": doubles, "lost": 0, **totals, "gave_up": None}


def taken_more_than(rig, count):
    """Wait until the mail server took more than so many letters, or all."""
    rig.wait(lambda: len(rig.taken()) >= count, seconds=300)


def kill(rig, *, kills):
    """Kill one of two workers at random again and again."""
    rig.open_peer(pause=0.002)
    rig.run("start")
    dice, done = random.Random(7), 0
    for number in range(kills):
        while len(rig.alive()) < 2:
            rig.start_worker()
        before = len(rig.taken())
        with contextlib.suppress(RuntimeError):
            rig.wait(lambda at=before: len(rig.taken()) > at + rig.readers // (kills + 4), seconds=LEASE_SECONDS * 3)
        if len(rig.taken()) >= rig.readers:
            break
        victim = dice.choice(rig.alive())
        victim.kill()
        victim.wait()
        done = number + 1
    while len(rig.alive()) < 2:
        rig.start_worker()
    return check(rig, rig.wait_until_sent(), broken=done)


def freeze(rig, *, times=1):
    """Stop one of two workers until its lease is over, then let it go on."""
    rig.open_peer(pause=0.002)
    rig.run("start")
    workers = [rig.start_worker(), rig.start_worker()]
    for number in range(times):
        taken_more_than(rig, rig.readers * (number + 1) // (times + 3))
        victim = workers[number % 2]
        victim.send_signal(signal.SIGSTOP)
        time.sleep(LEASE_SECONDS + 2)  # the lease is counted by the clock on the wall
        victim.send_signal(signal.SIGCONT)
    return check(rig, rig.wait_until_sent(), broken=times)


def leave_meanwhile(rig, *, readers):
    """Let the readers who are next in line leave while two workers send to a server that takes its time."""
    rig.open_peer(pause=0.02)
    rig.run("start")
    command = [sys.executable, "-m", "bench.letters_rig", "leave", str(readers), str(rig.log), str(rig.readers // 5)]
    leaving = subprocess.Popen(command, cwd=ROOT, env=rig.environ, stdout=subprocess.PIPE, text=True)
    rig.start_worker()
    rig.start_worker()
    gone = json.loads(leaving.communicate()[0].splitlines()[-1])
    totals = rig.wait_until_sent()
    late, broken_promises = [], []
    lines = [line.split() for line in rig.log.read_text().splitlines()]
    for moment, connection, address in lines:
        left_at = gone.get(address)
        if left_at is None or float(moment) <= left_at:
            continue
        late.append(float(moment) - left_at)
        # Another letter over the same line after the reader had left: then this one was begun too late.
        if any(left_at < float(other) < float(moment) for other, line, _address in lines if line == connection):
            broken_promises.append(address)
    assert totals["dropped"], "nobody was overtaken: the race did not happen"
    assert not broken_promises, f"begun after leaving: {broken_promises}"
    figures = {"left": len(gone), "on the wire": len(late), "latest in seconds": round(max(late, default=0), 3)}
    return {**check(rig, totals, broken=0), **figures}


def faulty_server(rig):
    """Meet a mail server that puts off, refuses, cuts the line before and after its reply, and hangs."""
    rig.open_peer()
    rig.run("start")
    rig.start_worker()
    rig.start_worker()
    totals = rig.wait_until_sent()
    names = Counter(address.rstrip("0123456789@exampl.org") for address in rig.taken())
    gone = [address for address in totals["gave_up"] if address.startswith("gone")]
    assert {address[:4] for address in totals["gave_up"]} <= {"gone", "full"}, totals["gave_up"]
    assert totals["suppressed"] == len(gone) > 0, "only an unknown mailbox is suppressed"
    broken = 3 * (rig.readers // 60 + 1)
    return {**check(rig, totals, broken=broken), "taken": dict(names)}


def database_dies(rig, server, *, times=1):
    """Stop PostgreSQL at once, as a power cut would, and start it again, while two workers send."""
    rig.open_peer(pause=0.002)
    rig.run("start")
    rig.start_worker()
    rig.start_worker()
    for number in range(times):
        taken_more_than(rig, rig.readers * (number + 1) // (times + 3))
        server.stop()
        time.sleep(1)
        server.start()
    return check(rig, rig.wait_until_sent(), broken=2 * times)


class Server:
    """A PostgreSQL that can be stopped immediately and started again; it keeps what it committed."""

    def __init__(self, folder):
        self.programs, self.account = services.postgres_folder(), services._unprivileged()
        self.folder, self.data = folder, folder / "data"
        if self.account:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)
            folder.chmod(0o755)
        self._run("initdb", "-D", self.data, "-U", "newsroom", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.address = f"postgres://newsroom@{str(folder).replace('/', '%2F')}"

    def _run(self, program, *words):
        options = (
            {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}
        )
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
        subprocess.run([self.programs / program, *words], check=True, cwd=self.folder, **quiet, **options)

    def start(self):
        """Start it and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c autovacuum=off"
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-o", options, "-l", self.folder / "log", "start")

    def stop(self):
        """Stop it at once, without a goodbye to anybody."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")


@contextlib.contextmanager
def dying_postgres():
    """Run a Server in a temporary folder. Raises services.Missing."""
    import shutil
    import tempfile
    from pathlib import Path

    services.postgres_folder()
    folder = Path(tempfile.mkdtemp(prefix="newsroom-dying-"))
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    """Return 0 when every scenario held on every engine."""
    readers, kills = int(os.environ.get("READERS", "6000")), int(os.environ.get("KILLS", "30"))
    failed = 0
    with contextlib.ExitStack() as stack:
        engines = {"SQLite": ""}
        with contextlib.suppress(services.Missing):
            server = stack.enter_context(dying_postgres())
            engines["PostgreSQL"] = server.address
        runs = [
            ("kill -9", lambda rig: kill(rig, kills=kills), "reader"),
            ("frozen worker", lambda rig: freeze(rig, times=4), "reader"),
            ("leaving meanwhile", lambda rig: leave_meanwhile(rig, readers=readers // 15), "reader"),
            ("faulty mail server", faulty_server, FAULTS),
            ("database stopped", lambda rig: database_dies(rig, server, times=4), "reader"),
        ]
        for engine, database in engines.items():
            for name, scenario, names in runs:
                if name != "database stopped" or database:
                    failed += run(f"{engine}, {name}", scenario, database, readers, names)
    return 1 if failed else 0


def run(name, scenario, database, readers, names):
    """Run one scenario on a site of its own, print what came of it, and return 1 when it failed."""
    with Rig(database=database, readers=readers, names=names) as rig:
        try:
            print(f"{name}: {scenario(rig)}", flush=True)
        except (AssertionError, RuntimeError) as error:
            print(f"{name}: FAILED: {error}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
