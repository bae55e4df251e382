"""An import under attack: 100,000 mailboxes of a Mailchimp export, its worker killed again and again.

    ROWS=100000 KILLS=20 python -m bench.torture_import

Fails when a reader is missing or there twice, when consent, keys or counts do not add up.
It also fails when somebody who left came in.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

from bench.letters_rig import ROOT, Rig
from tests import services


def inside(rig, word, *words):
    """Start one word of this module in the site."""
    command = [sys.executable, "-m", "bench.torture_import", word, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env=rig.environ, stdout=subprocess.PIPE, text=True)


def answer(rig, word, *words):
    """Run one word in the site and return what it answers."""
    process = inside(rig, word, *words)
    said = process.communicate()[0]
    assert process.returncode == 0, word
    return json.loads(said.splitlines()[-1])


def work(rig, *, kills, total):
    """Let a worker work, kill it `kills` times on the way, and return how often that happened before it was done."""
    watch, done, killed = inside(rig, "watch"), 0, 0
    worker = None
    for line in watch.stdout:
        done = json.loads(line)
        if worker is None or worker.poll() is not None:
            errors = (rig.folder / "worker").open("ab")
            command = [sys.executable, "manage.py", "worker"]
            worker = subprocess.Popen(command, cwd=ROOT, env=rig.environ, stderr=errors)
        elif killed < kills and done > (killed + 1) * total // (kills + 2):
            worker.kill()
            worker.wait()
            killed += 1
    worker.terminate()
    worker.wait()
    return killed


def run(name, database, *, rows, kills):
    """Print what came of one engine and return 1 when it failed."""
    with Rig(database=database, readers=1) as rig:
        began = time.monotonic()
        brought = answer(rig, "bring", rows)
        parsed = time.monotonic() - began
        killed = work(rig, kills=kills // 2, total=brought["total"])
        looked = answer(rig, "take_in")
        killed += work(rig, kills=kills - kills // 2, total=brought["total"])
        found = answer(rig, "count")
        seconds = time.monotonic() - began
        fine = found["readers"] == found["confirmed"] == rows - rows // 10 + 1 and found["counts"] == looked
        fine = fine and found["consent"] == 2 * (rows - rows // 10) + found["own_consent"]
        fine = fine and found["departures"] == rows // 20 and found["stopped"] == rows // 10 - rows // 20
        print(f"{name}: {rows} mailboxes, brought in {parsed:.1f} s, done after {seconds:.0f} s with {killed} kills: "
              f"{found}{'' if fine else ' FAILED, promised ' + str(looked)}", flush=True)  # fmt: skip
        return 0 if fine else 1


def main():
    """Return 0 when every engine held."""
    rows, kills = int(os.environ.get("ROWS", "100000")), int(os.environ.get("KILLS", "20"))
    failed = run("SQLite", "", rows=rows, kills=kills)
    with contextlib.suppress(services.Missing), services.postgres() as address:
        failed += run("PostgreSQL", address, rows=rows, kills=kills)
    return 1 if failed else 0


# What runs inside the site


def bring(count):
    """Bring a list: every twentieth left, every twentieth is dead, the others read."""
    from django.utils import timezone

    from newsletters.models import Newsletter, ReaderImport

    lines = ["Email Address,OPTIN_TIME,CONFIRM_TIME,LEID,EUID,UNSUB_TIME,CLEAN_TIME"]
    for number in range(int(count)):
        left = "2024-01-01 00:00:00" if number % 20 == 0 else ""
        dead = "2024-01-01 00:00:00" if number % 20 == 10 else ""
        lines.append(f"import{number}@example.net,2023-01-01 00:00:00,2023-01-01 00:05:00,{number},x,{left},{dead}")
    data = "\n".join(lines).encode()
    bringing = ReaderImport.bring(Newsletter.objects.get(), data, "subscribed.csv", by=None, at=timezone.now())
    return {"total": bringing.total}


def take_in():
    """Take the list in and return what the report promises."""
    from django.utils import timezone

    from newsletters.models import ReaderImport

    bringing = ReaderImport.objects.get()
    promised = bringing.counts
    bringing.take_in(by=None, at=timezone.now())
    return promised


def watch():
    """Print how far the import is until the round is over."""
    from newsletters.models import ReaderImport

    while (bringing := ReaderImport.objects.get()).is_open():
        print(bringing.seen, flush=True)
        time.sleep(0.05)
    return bringing.seen


def count():
    """Return what stands in the tables."""
    from newsletters.models import ConsentEvent, Departure, ReaderImport, Subscriber, Subscription, Suppression

    own = Subscription.objects.exclude(source__startswith="import").get()
    return {
        "readers": Subscriber.objects.count(), "confirmed": Subscription.objects.confirmed().count(),
        "consent": ConsentEvent.objects.count(), "own_consent": own.consent.count(),
        "departures": Departure.objects.count(), "stopped": Suppression.objects.count(),
        "state": ReaderImport.objects.get().state, "counts": ReaderImport.objects.get().counts,
    }  # fmt: skip


WORDS = {word.__name__: word for word in (bring, take_in, watch, count)}

if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    import django

    django.setup()
    print(json.dumps(WORDS[sys.argv[1]](*sys.argv[2:])))
