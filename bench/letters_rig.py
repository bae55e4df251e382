"""A whole site of its own for runs of many letters: its database, its mail server, its workers as processes.

`Rig` starts and stops them. Run as a command it is what stands in those processes: `python -m bench.letters_rig WORD`.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEASE_SECONDS, LEASE_LEFT_SECONDS = 6, 2
MAIL_SECONDS = 1.5  # how long a worker of these runs waits for a mail server that hangs
BYTES = 23_000


class Rig:
    """One site in a folder of its own. Use it in a `with`; `database` is an address or "" for SQLite."""

    def __init__(self, *, database="", readers=300, names="reader"):
        self.folder = Path(tempfile.mkdtemp(prefix="newsroom-letters-"))
        self.log, self.port, self.workers, self.peer = self.folder / "taken", _free_port(), [], None
        self.environ = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}},
            "NEWSROOM_MODE": "production", "NEWSROOM_HOME": "https://bench.example", "NEWSROOM_DATA": str(self.folder),
            "SECRET_KEY": "k" * 32 + "0123456789abcdefghijkl", "SEALING_KEY": "s" * 32 + "zyxwvutsrqponmlkjihg9",
            "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "LOG_LEVEL": "ERROR", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        if database:
            name, keys = f"letters_{self.port}", f"letters_keys_{self.port}"
            self.databases = (database, name, keys)
            self.environ |= {"DATABASE_URL": f"{database}/{name}", "KEYS_DATABASE_URL": f"{database}/{keys}"}
        self.database, self.readers, self.names = database, readers, names

    def __enter__(self):
        if self.database:
            self.run("create", *self.databases)
        self.run("fill", self.readers, self.names)
        return self

    def __exit__(self, *error):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        """Run one word of this module in the site and return what it answers."""
        command = [sys.executable, "-m", "bench.letters_rig", *map(str, words)]
        answer = self._call(command)
        return json.loads(answer.splitlines()[-1]) if answer.strip() else None

    def _call(self, command):
        done = subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stderr[-3000:]}")
        return done.stdout

    def open_peer(self, *, pause=0.0):
        """Start the recording mail server."""
        command = [sys.executable, "-m", "bench.letters_peer", str(self.port), str(self.log), str(pause)]
        self.log.touch()
        self.peer = subprocess.Popen(command, cwd=ROOT, env=self.environ)
        _wait_for(self.port)

    def open_sink(self):
        """Start Debian's smtp-sink, or the recording server when there is none, and return its name."""
        program = shutil.which("smtp-sink") or os.environ.get("SMTP_SINK", "")
        if not program:
            self.open_peer()
            return "bench/letters_peer.py (apt-get install postfix for smtp-sink)"
        libraries = str(Path(program).resolve().parent.parent / "lib/postfix")
        environ = {**self.environ, "LD_LIBRARY_PATH": libraries}
        command = [program, "-u", "nobody", f"127.0.0.1:{self.port}", "100"]
        self.peer = subprocess.Popen(command if os.geteuid() == 0 else [command[0], *command[3:]], env=environ)
        _wait_for(self.port)
        return "smtp-sink"

    def start_worker(self):
        """Start one more worker."""
        command = [sys.executable, "-m", "bench.letters_rig", "worker"]
        errors = (self.folder / f"worker-{len(self.workers)}").open("wb")
        self.workers.append(subprocess.Popen(command, cwd=ROOT, env=self.environ, stderr=errors))
        return self.workers[-1]

    def alive(self):
        """Return the workers that run."""
        return [worker for worker in self.workers if worker.poll() is None]

    def taken(self):
        """Return the addresses of the letters that the mail server took, in order, each as often as it came."""
        return [line.split()[2] for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def wait(self, ready, *, seconds=120):
        """Wait until `ready()` answers something true and return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if answer := ready():
                return answer
            time.sleep(0.05)
        raise RuntimeError("It did not happen in time: " + " ".join(
            file.read_text(errors="replace")[-500:] for file in self.folder.glob("worker-*")
        ))  # fmt: skip

    def wait_until_sent(self):
        """Wait until the letter is called sent, with at least one worker alive, and return its totals."""
        return self.run("wait")

    def stop(self):
        """End the workers and the mail server."""
        for process in [*self.workers, *([self.peer] if self.peer else [])]:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.workers, self.peer = [], None


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port):
    for _try in range(400):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("The mail server did not start.")


# What runs inside the site


def create(server, *names):
    """Create databases on a PostgreSQL."""
    import dj_database_url
    import psycopg

    found = dj_database_url.parse(f"{server}/postgres")
    with psycopg.connect(host=found["HOST"], user=found["USER"], dbname="postgres", autocommit=True) as connection:
        for name in names:
            connection.execute(f'CREATE DATABASE "{name}"')


def fill(count, names):
    """Migrate; make an edition, a newsletter with so many confirmed readers, and an approved letter of about 23 KB."""
    from django.core.management import call_command
    from django.utils import timezone

    from newsletters.models import Issue, Newsletter
    from newsroom.models import Edition, User

    call_command("migrate", verbosity=0)
    call_command("migrate", "newsroom", database="keys", verbosity=0)
    now = timezone.now()
    edition = Edition.objects.create(
        code="en", language="en", title="The Bench", is_default=True, postal_address="1 Bench"
    )
    newsletter = Newsletter.objects.create(
        edition=edition, slug="bench", name="The Bench", promise="Many.", sender_name="Bench",
        sender_address="bench@bench.example", list_id="bench.bench.example",
    )  # fmt: skip
    add_readers(newsletter, int(count), names.split(","), now)
    words = "<p>" + "It rained on the harbour all week, and the mill paid. " * 12 + "</p>"
    block = {"kind": "text", "article": None, "headline": "", "text_html": words * max(1, BYTES // len(words) // 2)}
    user = User.objects.create_user("bench")
    issue = Issue.begin(
        {"subject": "Bench", "preheader": "Many", "blocks": [block]}, by=user, at=now, newsletter=newsletter
    )
    issue.approve(version=issue.read_draft().version, by=user, at=now)
    return {"size": issue.find_rendering().size}


def add_readers(newsletter, count, names, now):
    """Make readers in bulk; every tenth takes its name from `names`, the others are plain."""
    from cryptography.fernet import Fernet

    from newsletters.addresses import email_key
    from newsletters.models import Subscriber, Subscription
    from newsroom import sealing
    from newsroom.models import SealingKey

    site = sealing._site_cipher()
    for start in range(0, count, 2000):
        plain = [Fernet.generate_key() for _number in range(start, min(start + 2000, count))]
        keys = SealingKey.objects.bulk_create([SealingKey(sealed_key=site.encrypt(key)) for key in plain])
        readers = []
        for number, (key, row) in enumerate(zip(plain, keys, strict=True), start=start):
            name = names[number // 10 % len(names)] if number % 10 == 0 else "reader"
            address = f"{name}{number}@example.org"
            sealed = Fernet(key).encrypt(address.encode()).decode()
            readers.append(
                Subscriber(key_id=row.pk, address_sealed=sealed, email_key=email_key(address), created_at=now)
            )
        Subscription.objects.bulk_create(
            Subscription(
                subscriber=reader, newsletter=newsletter, state="confirmed", requested_at=now, confirmed_at=now
            )
            for reader in Subscriber.objects.bulk_create(readers)
        )


def start():
    """Start the letter and tell how long the deliveries took."""
    from django.utils import timezone

    from newsletters.models import Issue

    issue, now = Issue.objects.get(), timezone.now()
    issue.send_now(by=issue.approved_by, at=now)
    began = time.perf_counter()
    issue.start(at=now)
    return {"seconds": time.perf_counter() - began, "deliveries": issue.deliveries.count()}


def totals():
    """Return the state and the totals of the letter, who was given up, and how many mailboxes are suppressed."""
    from newsletters.models import Issue, Suppression

    issue = Issue.objects.get()
    failed = issue.deliveries.filter(state="failed").select_related("subscriber")
    return {
        "state": issue.state, **issue.totals(), "suppressed": Suppression.objects.count(),
        "gave_up": [delivery.subscriber.read_address() for delivery in failed],
    }  # fmt: skip


def wait(seconds="900"):
    """Return the totals once the letter is called sent; a database that is away is waited for."""
    from django.db import DatabaseError, close_old_connections, connection

    deadline = time.monotonic() + float(seconds)
    while time.monotonic() < deadline:
        time.sleep(0.3)
        close_old_connections()
        try:
            found = totals()
        except DatabaseError:
            connection.close()
            continue
        if found["state"] in {"sent", "paused", "held"}:
            return found
    raise RuntimeError(f"The letter was not sent in time: {totals()}")


def leave(count, log, after):
    """Once the mail server took `after` letters, let readers a little ahead leave; return when each had left."""
    from django.utils import timezone

    from newsletters.models import Delivery
    from newsroom import sealing

    Delivery.objects.count()  # the connection stands before the race begins
    while Path(log).read_bytes().count(b"\n") < int(after):
        time.sleep(0.01)
    gone, ahead = {}, int(count) // 4
    waiting = Delivery.objects.waiting().select_related("subscription__subscriber").order_by("pk")
    leaving = list(waiting[ahead : ahead + int(count)])
    addresses = sealing.unseal_many(
        [(row.subscription.subscriber.address_sealed, row.subscription.subscriber.key_id) for row in leaving]
    )
    for delivery in leaving:
        address = addresses[delivery.subscription.subscriber.key_id]
        delivery.subscription.leave("one_click", at=timezone.now())
        gone[address] = time.time()
    return gone


def again():
    """Begin a new letter to the same readers; forget the old one."""
    from newsletters.models import Delivery, Issue

    Delivery.objects.all().delete()
    Issue.objects.update(state="approved", number=None, started_at=None, finished_at=None)


def throttle(per_minute):
    """Set the pace for all workers together."""
    from newsletters.models import Channel

    Channel.objects.update_or_create(name="letters", defaults={"per_minute": int(per_minute) or None})


def worker():
    """Run a worker with short leases and little patience for servers that hang."""
    import datetime

    from django.conf import settings

    from newsletters import sending
    from newsroom.worker import Worker

    sending.LEASE = datetime.timedelta(seconds=LEASE_SECONDS)
    sending.LEASE_LEFT = datetime.timedelta(seconds=LEASE_LEFT_SECONDS)
    sending.RETRY_MINUTES = (0.05,)
    settings.EMAIL_TIMEOUT = MAIL_SECONDS
    loop = Worker()
    loop.listen()
    loop.run()


def rush():
    """Send all that waits, and after each piece as many ready letters in a bare smtplib loop; return both times.

    Both meet the same moments of a busy machine, so their ratio tells more than either.
    """
    from django.conf import settings
    from django.utils import timezone

    from newsletters import letter, sending
    from newsletters.models import Issue

    issue = Issue.objects.select_related("newsletter").get()
    ready = letter.sample(
        issue, {}, address="reader@example.org", at=issue.approved_at, frozen=bytes(issue.find_rendering().message)
    )
    postman, memory, times, sent = sending.Postman(), [], {"letters": 0.0, "bare": 0.0}, 0
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        server.ehlo()
        while Issue.objects.filter(state="sending").exists():
            began = time.perf_counter()
            done = sending.run(postman, at=timezone.now())
            times["letters"] += time.perf_counter() - began
            began = time.perf_counter()
            for _number in range(done):
                server.sendmail("bench@bench.example", ["reader@example.org"], ready)
            times["bare"] += time.perf_counter() - began
            sent += done
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    postman.close()
    return {**times, "sent": sent, "middle_kb": memory[len(memory) // 2], "end_kb": memory[-1]}


WORDS = {word.__name__: word for word in (fill, start, totals, wait, leave, again, throttle, worker, rush)}

if __name__ == "__main__":
    if sys.argv[1] == "create":
        create(*sys.argv[2:])
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
        import django

        django.setup()
        print(json.dumps(WORDS[sys.argv[1]](*sys.argv[2:])))
