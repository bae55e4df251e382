"""How fast letters leave: one and two workers on SQLite and PostgreSQL against a bare smtplib loop in the same run.

    LETTERS=10000 python -m bench.bench_newsletter      SMTP_SINK=/path/to/smtp-sink when it is not on the PATH

Every result is committed before the next letter, and every reader is asked for again before each.
"""

import contextlib
import json
import os
import subprocess
import sys

from bench.letters_rig import ROOT, Rig
from tests import services

LETTERS = int(os.environ.get("LETTERS", "5000"))
LEAST = 0.15


def rush(rig, workers):
    """Send the whole letter with so many workers and return what each answers."""
    rig.run("again")
    rig.run("start")
    command = [sys.executable, "-m", "bench.letters_rig", "rush"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=rig.environ, stdout=subprocess.PIPE, text=True)
        for _number in range(workers)
    ]
    return [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in running]


def measure(name, database):
    """Print the figures of one engine and tell whether one worker was fast enough."""
    ratios = []
    with Rig(database=database, readers=LETTERS) as rig:
        sink = rig.open_sink()
        for workers in (1, 2):
            answers = rush(rig, workers)
            rate = sum(answer["sent"] / answer["letters"] for answer in answers)
            bare = sum(answer["sent"] / answer["bare"] for answer in answers) / workers
            ratios.append(rate / bare)
            print(
                f"{name}, {workers} worker{'s' * (workers > 1)}, {sink}: {rate:.0f} letters/s, "
                f"one bare smtplib loop {bare:.0f}, ratio {rate / bare:.2f}; memory of a worker "
                f"{max(answer['end_kb'] for answer in answers) // 1024} MB, grown in the second half by "
                f"{max(answer['end_kb'] - answer['middle_kb'] for answer in answers)} KB",
                flush=True,
            )
    return ratios[0] >= LEAST


def many(name, database):
    """Print how long it takes to make 100,000 deliveries in one statement."""
    count = int(os.environ.get("MANY", "100000"))
    with Rig(database=database, readers=count) as rig:
        answer = rig.run("start")
        print(f"{name}: {answer['deliveries']} deliveries made with the start in {answer['seconds']:.2f} s")
        return answer["deliveries"] == count


def main():
    """Return 0 when one worker keeps its ratio everywhere."""
    fine = [measure("SQLite", ""), many("SQLite", "")]
    with contextlib.suppress(services.Missing), services.postgres() as address:
        fine += [measure("PostgreSQL", address), many("PostgreSQL", address)]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
