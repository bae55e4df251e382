"""`make test`: the whole suite on SQLite, on a real PostgreSQL with a real Redis, and in a real browser.

    scripts/suite.py [--only sqlite|postgres|browser] [pytest's own arguments …]
    scripts/suite.py --set-up

What this machine lacks is skipped, and the last lines say how to get it; with CI=true a lack is a failure.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("The tests cannot run: they need Python 3.11 or newer, this is %d.%d." % sys.version_info[:2])

import contextlib
import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass, field

from prerequisites import ROOT, Refusal, prepare_venv, say, venv_folder

sys.path.insert(0, str(ROOT))
from tests import services

COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
WORDS = r"(?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)"
CLOSING = re.compile(rf"^=*\s?(?:\d+ {WORDS}|no tests ran)\b")
NOTHING_COLLECTED = 5
SERVICES = {("DATABASE_URL", "KEYS_DATABASE_URL"): services.postgres, ("REDIS_URL",): services.redis}


@dataclass
class Tally:
    """What the runs counted together."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    toured: bool = False
    broken: list = field(default_factory=list)
    missing: list = field(default_factory=list)

    def add(self, title, closing, code):
        """Count one run by pytest's closing line; an exit code without a count is a failure too."""
        counts = {word.rstrip("s"): int(number) for number, word in COUNT.findall(closing)}
        self.passed += counts.get("passed", 0) + counts.get("xfailed", 0)
        self.skipped += counts.get("skipped", 0)
        failed = counts.get("failed", 0) + counts.get("error", 0)
        if code not in (0, NOTHING_COLLECTED):
            self.failed += failed or 1
            self.broken.append(title)

    def lack(self, missing, *, strict):
        """Note a missing service: a failure in CI, a word at the end elsewhere."""
        self.missing.append(str(missing))
        self.failed += strict


def run_pytest(tally, title, python, arguments, **variables):
    """Run pytest once, show what it prints, count its closing line."""
    say(f"\n==== {title}")
    environ = {**os.environ, **variables, "PYTHONUNBUFFERED": "1"}
    closing, started = "", time.monotonic()
    process = subprocess.Popen(
        [str(python), "-m", "pytest", "--color=no", *arguments],
        cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    try:
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if CLOSING.match(line):
                closing = line
        code = process.wait()
    finally:
        _end(process)
    tally.add(title, closing, code)
    say(f"==== {title}: {time.monotonic() - started:.0f} s")


def _end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _without_services():
    for name in ("DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)


def on_sqlite(tally, python, extra):
    """Run everything that needs no service."""
    run_pytest(
        tally, "SQLite", python, ["-m", "not browser and not postgres and not redis", *workers(extra, 2), *extra]
    )


def on_postgres(tally, python, extra):
    """Run everything again on PostgreSQL and Redis, the browser's grand tour included."""
    addresses = {}
    with contextlib.ExitStack() as stack:
        for names, start in SERVICES.items():
            try:
                addresses |= addresses_of(names, stack.enter_context(start()))
            except services.Missing as missing:
                tally.lack(missing, strict=strict())
        if not addresses:
            return
        if "DATABASE_URL" not in addresses:
            expression = "redis and not browser"
        else:
            tally.toured = _has_chromium()
            expression = "not once and (not browser or tour)" if tally.toured else "not once and not browser"
        run_pytest(tally, "PostgreSQL and Redis", python, ["-m", expression, *workers(extra, 2), *extra], **addresses)


def addresses_of(names, base):
    """Return the variables that lead to a service; PostgreSQL holds one database for each of its names."""
    if len(names) == 1:
        return {names[0]: base}
    return {name: f"{base}/{'keys' if name.startswith('KEYS') else 'newsroom'}" for name in names}


def in_browser(tally, python, extra):
    """Drive the site in Chromium, on SQLite; the tours that PostgreSQL has seen in this run are not walked again."""
    services.chromium_program()
    expression = "browser and not tour" if tally.toured else "browser"
    run_pytest(tally, "Chromium", python, ["-m", expression, *workers(extra, 2), *extra])


def workers(extra, count):
    """Return pytest's words for that many processes, unless the caller has said how many."""
    if any(part.startswith(("-n", "--numprocesses")) for part in extra):
        return []
    return [f"-n{count}", "--dist=worksteal"]


def _has_chromium():
    try:
        services.chromium_program()
    except services.Missing:
        return False
    return True


RUNS = {"sqlite": on_sqlite, "postgres": on_postgres, "browser": in_browser}


def arguments(argv):
    """Return (names of the runs, arguments for pytest)."""
    if argv[:1] == ["--set-up"]:
        return [], []
    if argv[:1] == ["--only"]:
        if len(argv) < 2 or argv[1] not in RUNS:
            raise Refusal(f"--only takes one of: {', '.join(RUNS)}.")
        return [argv[1]], argv[2:]
    return list(RUNS), argv


def report(tally):
    """Say what was missing, then the closing line. Returns the exit code."""
    say()
    for title in tally.broken:
        say(f"Failed: {title}")
    for line in tally.missing:
        say(f"{'Failed' if strict() else 'Skipped'}: {line}")
    if tally.passed + tally.failed == 0:
        say("No test ran.")
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    say(f"{tally.passed} passed, {tally.failed} failed{skipped}")
    return 1 if tally.failed or tally.passed == 0 else 0


def strict():
    """Tell whether a missing service is a failure."""
    return os.environ.get("CI", "").lower() in ("1", "true")


def main(argv):
    """Return the exit code of the whole."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tally = Tally()
    try:
        runs, extra = arguments(argv)
        python = prepare_venv(venv_folder(), "requirements.txt", "requirements-dev.txt")
        if not runs:
            return 0
        _without_services()
        for name in runs:
            try:
                RUNS[name](tally, python, extra)
            except services.Missing as missing:
                tally.lack(missing, strict=strict())
    except Refusal as refusal:
        print(f"\nThe tests cannot run: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    return report(tally)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
