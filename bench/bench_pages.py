"""Reader pages, as ratios to nginx serving the same bytes as a file in the same run: requests a second and p99.

    python -m bench.bench_pages [--rounds 3] [--seconds 3] [--stories 20000]

Needs wrk and nginx (Debian's packages of those names). Rounds alternate between all things measured, 16 connections
each, so that whatever else the machine does weighs on each alike. The site runs under its production server on SQLite;
nginx has the configuration of docs/production/nginx.conf.
"""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 16
# What → the least ratio that we want, and what it is compared with.
TARGETS = {
    "article, through nginx": (0.8, "file"), "article, through nginx, gzip": (1.0, "file"),
    "article, hit at the site": (0.075, "file"), "article, uncached": (0.005, "file"),
    "front, uncached": (0.004, "file"), "section, uncached": (0.008, "file"),
}  # fmt: skip


def arguments():
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--stories", type=int, default=20_000)
    return parser.parse_args()


def fill(stories):
    """Migrate, make an edition with so many stories, and print the paths of some; runs in a process of its own."""
    import django

    django.setup()
    from django.core.management import call_command

    from articles.models import Article
    from tests.articles.many import Newsroom

    call_command("migrate", verbosity=0)
    call_command("migrate", "newsroom", database="keys", verbosity=0)
    Newsroom().grow(int(stories))
    for story in Article.objects.published().newest_first()[:3000]:
        print(story.get_absolute_url())
    print("/sections/politics/")


def free_port():
    """Return a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, port, **options):
    """Run a server until the block ends."""
    process = subprocess.Popen([str(part) for part in command], **options)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def get(port, path):
    """Return the body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}.")
    return body


def load(port, paths, *, seconds, encoding="identity", folder, connections=CONNECTIONS):
    """Return (requests a second, p99 in ms) of wrk asking for the paths in turn."""
    script = folder / "paths.lua"
    listed = ", ".join(f'"{path}"' for path in paths)
    script.write_text(
        f"local paths, at = {{{listed}}}, math.random(#{{{listed}}})\n"
        f'local headers = {{["Host"] = "localhost", ["Accept-Encoding"] = "{encoding}"}}\n'
        'request = function() at = at % #paths + 1; return wrk.format("GET", paths[at], headers) end\n'
    )
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", str(script),
               f"http://127.0.0.1:{port}/"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), float(number) * {"us": 0.001, "ms": 1, "s": 1000}[
        unit
    ]


def _children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.split()


def memory_of(process):
    """Return the PSS of a process and its children in MB."""
    children = _children(process.pid)
    total = 0
    for pid in children:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        total += int(found[1])
    return total / 1000


def main():
    """Measure and print."""
    given = arguments()
    for program in ("wrk", "nginx"):
        if not shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"):
            raise SystemExit(f"{program} is missing: apt-get install {program}")
    with tempfile.TemporaryDirectory(prefix="newsroom-pages-") as name:
        measure(Path(name), given)


def measure(folder, given):
    """Start everything, measure round by round, print the table."""
    environ = {
        **os.environ, "NEWSROOM_MODE": "demo", "NEWSROOM_DATA": str(folder), "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "newsroom.settings", "NEWSROOM_COUNTING": "0",
    }  # fmt: skip
    # Not before: the tests' own settings are made when their package is read.
    from tests import nginx

    print(f"{given.stories} stories …", flush=True)
    filled = subprocess.run(
        [sys.executable, "-m", "bench.bench_pages", "fill", str(given.stories)], cwd=ROOT, env=environ, text=True,
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    *stories, section = filled.stdout.split()
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=environ, check=True
    )
    site, files = free_port(), f"location /file/ {{ alias {folder}/files/; gzip_static on; default_type text/html; }}"
    server = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{site}", "newsroom.wsgi:application"]
    with (
        running(server, site, cwd=ROOT, env=environ) as process,
        # As Debian's nginx.conf has it.
        nginx.before(f"http://127.0.0.1:{site}", folder, http="sendfile on; tcp_nopush on;", server=files) as front,
    ):
        (folder / "files").mkdir()
        body = get(site, stories[0])
        (folder / "files/article.html").write_bytes(body)
        (folder / "files/article.html.gz").write_bytes(gzip.compress(body, 6))
        for encoding in ("identity", "gzip"):  # nginx has each page once before anything is measured
            load(front, stories[:1], seconds=1, folder=folder, encoding=encoding)
        figures = rounds(folder, given, site, front, stories, section)
        memory = memory_of(process)
    tell(figures, memory, len(body))


def rounds(folder, given, site, front, stories, section):
    """Return {what: [(requests a second, p99)]}, all things in turn, round by round."""
    sizes = len(stories) // (given.rounds + 1)
    things = {
        "file": lambda number: (front, ["/file/article.html"], {}),
        "file, gzip": lambda number: (front, ["/file/article.html"], {"encoding": "gzip"}),
        "article, through nginx": lambda number: (front, stories[:1], {}),
        "article, through nginx, gzip": lambda number: (front, stories[:1], {"encoding": "gzip"}),
        "article, hit at the site": lambda number: (site, stories[:1], {}),
        # Each round asks for stories that no earlier one asked for.
        "article, uncached": lambda number: (site, stories[1 + number * sizes : 1 + (number + 1) * sizes], {}),
        "front, uncached": lambda number: (site, ["/"], {"fresh": True}),
        "section, uncached": lambda number: (site, [section], {"fresh": True}),
    }
    figures = {name: [] for name in things}
    for number in range(given.rounds):
        for name, thing in things.items():
            port, paths, how = thing(number)
            if how.pop("fresh", False):
                figures[name].append(one_by_one(folder, port, paths[0], given.seconds))
            else:
                figures[name].append(load(port, paths, seconds=given.seconds, folder=folder, **how))
        print(f"round {number + 1} of {given.rounds}", flush=True)
    return figures


def one_by_one(folder, port, path, seconds):
    """Return (requests a second, p99) of a page that is forgotten before each request: one after the other."""
    times, stop = [], time.monotonic() + seconds
    while time.monotonic() < stop:
        forget_all_pages(folder)
        began = time.perf_counter()
        get(port, path)
        times.append(time.perf_counter() - began)
    times.sort()
    # Two workers on two cores answer two such requests at a time.
    return 2 / statistics.median(times), times[int(len(times) * 0.99)] * 1000


def forget_all_pages(folder):
    """Bump the key of every page, as newsroom.pageversions.FileVersions keeps it."""
    number, written = int(time.time() * 1_000_000), folder / "pagecache.json.new"
    written.write_text(json.dumps({"seq": number, "keys": {"site": number}}))
    written.replace(folder / "pagecache.json")


def tell(figures, memory, size):
    """Print the table, each thing beside the file in the same run."""
    middle = {name: (statistics.median(rate for rate, _p99 in rows), statistics.median(p99 for _rate, p99 in rows))
              for name, rows in figures.items()}  # fmt: skip
    print(f"\nA page of {size / 1000:.0f} KB, {CONNECTIONS} connections\n")
    print(f"{'':34}{'requests/s':>12}{'ratio':>9}{'p99 ms':>9}  target")
    for name, (rate, p99) in middle.items():
        least, beside = TARGETS.get(name, (0, "file"))
        ratio = rate / middle[beside][0]
        judged = f"≥ {least}: {'holds' if ratio >= least else 'MISSED'}" if least else ""
        print(f"{name:34}{rate:12.0f}{ratio:9.4f}{p99:9.1f}  {judged}")
    judged = "holds" if memory <= 120 else "MISSED"
    print(f"{'memory of two web workers (PSS)':34}{memory:9.0f} MB{'':18}  ≤ 120 MB: {judged}")


if __name__ == "__main__":
    fill(sys.argv[2]) if sys.argv[1:2] == ["fill"] else main()
