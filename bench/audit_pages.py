"""Reader pages under strangers' eyes: the Nu HTML checker on every kind of page, Lighthouse (mobile) on five.

    python -m bench.audit_pages [address of a running site]

Without an address it sets the demo up in a folder of its own and serves it. Needs npm, Java and Chromium; the two tools
come from npm into var/audit/. Prints a table; anything but zero errors and 100 is a failure.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "var" / "audit"
PACKAGES = ("vnu-jar@26.9.27", "lighthouse@13")
CATEGORIES = ("accessibility", "best-practices", "seo", "performance")
MUST_BE_FULL = CATEGORIES[:3]
MOST_REQUESTS, MOST_SHIFT = 6, 0.0
# Safari forgets that a list without bullets is a list, unless it is told.
TOLD = "The “list” role is unnecessary for element “ul”."
STORY = re.compile(r'href="((?:/ru)?/\d{4}/\d{2}/\d{2}/[^"#]+-[0-9a-z]{8,12})"')
LINKS = {
    "section": re.compile(r'href="((?:/ru)?/sections/[^"]+)"'),
    "topic": re.compile(r'href="((?:/ru)?/topics/[^"]+/)"'),
    "person": re.compile(r'href="((?:/ru)?/people/[^"]+)"'),
}


def get(address):
    """Return the page at an address as text, whatever its status."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def kinds_of_pages(site):
    """Return {name: path} of each kind of page, in both editions."""
    found = {}
    for prefix in ("", "/ru"):
        front = get(f"{site}{prefix}/")
        story = STORY.findall(front)[0]
        text = get(site + story) + front
        paths = {
            "front": f"{prefix}/", "article": story, "search": f"{prefix}/search/", "found": f"{prefix}/search/?q=a+b",
            "support": f"{prefix}/support/", "later": f"{prefix}/support/later/", "manage": f"{prefix}/support/manage/",
            "newsletters": f"{prefix}/newsletters/",
            "settings": f"{prefix}/newsletters/settings/", "corrections": f"{prefix}/corrections/all/",
            "about": f"{prefix}/about/", "archive": f"{prefix}/archive/", "most read": f"{prefix}/most-read/",
            "feeds": f"{prefix}/feeds/",
            "year": f"{prefix}{story.removeprefix(prefix)[:6]}", "month": f"{prefix}{story.removeprefix(prefix)[:9]}",
            "day": f"{prefix}{story.removeprefix(prefix)[:12]}", "text front": f"{prefix}/text/",
            "text article": f"{prefix}/text{story.removeprefix(prefix)}", "not found": f"{prefix}/no-such-page/",
            "kept": f"{prefix}/save/{story.rpartition('-')[2]}/linked",
        }  # fmt: skip
        paths |= {name: match[1] for name, pattern in LINKS.items() if (match := pattern.search(text))}
        found |= {f"{name}{' ru' if prefix else ''}": path for name, path in paths.items()}
    return found


def install():
    """Fetch the two tools once."""
    if not shutil.which("npm") or not shutil.which("java"):
        raise SystemExit("audit_pages needs npm and Java: apt-get install npm default-jre-headless")
    if not (TOOLS / "node_modules" / "vnu-jar").exists() or not (TOOLS / "node_modules" / "lighthouse").exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(TOOLS), *PACKAGES], check=True
        )


def check_html(site, pages):
    """Return {name: [message]} of the Nu HTML checker: errors and warnings."""
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, path) in enumerate(pages.items()):
            file = Path(folder) / f"{number}.html"
            file.write_text(get(site + path), encoding="utf-8")
            names[file.name] = name
        done = subprocess.run(
            ["java", "-Xss2m", "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", folder],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = {name: [] for name in pages}
    for message in json.loads(done.stdout)["messages"]:
        is_wrong = message["type"] == "error" or message.get("subType") == "warning"
        if is_wrong and message["message"] != TOLD:
            name = names[message["url"].rpartition("/")[2]]
            found[name].append(f"{message['message']} … {message.get('extract', '').strip()[:120]!r}")
    return found


def look(site, path, chromium):
    """Return Lighthouse's report of a page on a telephone."""
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
    command = [
        str(TOOLS / "node_modules" / ".bin" / "lighthouse"), site + path, "--output=json", "--quiet",
        f"--chrome-flags={flags}", f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    environ = {**os.environ, **({"CHROME_PATH": chromium} if chromium else {})}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ, timeout=240)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed: {done.stderr[-800:]}")
    return json.loads(done.stdout)


def failures_of(report):
    """Return what has limits: the checks that cost points, the answers and their KB without pictures, the shift."""
    audits = report["audits"]
    named = [
        ref["id"]
        for category in MUST_BE_FULL
        for ref in report["categories"][category]["auditRefs"]
        if ref["weight"] and audits[ref["id"]]["score"] not in {1, None}
    ]
    requests = [item for item in audits["network-requests"]["details"]["items"] if not item["url"].startswith("data:")]
    shift = audits["cumulative-layout-shift"]["numericValue"]
    pictures = [item for item in requests if item.get("resourceType") == "Image"]
    weight = sum(item.get("transferSize") or 0 for item in requests if item not in pictures) / 1024
    return named, len(requests) - len(pictures), weight, shift


def chromium_of_playwright():
    """Return the path of a Chromium that Lighthouse can start."""
    from tests.services import chromium_program

    if program := chromium_program():
        return program
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


@contextlib.contextmanager
def served():
    """Serve the demo as production would, from a folder of its own, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site, folder = f"http://localhost:{port}", tempfile.mkdtemp(prefix="newsroom-audit-")
    environ = {**os.environ, "NEWSROOM_MODE": "demo", "NEWSROOM_DATA": folder, "PORT": str(port), "LOG_LEVEL": "ERROR"}
    environ |= {"NEWSROOM_HOME": site, "PYTHONUNBUFFERED": "1"}
    try:
        subprocess.run([sys.executable, "scripts/prepare.py"], cwd=ROOT, env=environ, check=True, stdout=sys.stderr)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "newsroom.wsgi:application"],
            cwd=ROOT, env=environ,
        )  # fmt: skip
        try:
            for _try in range(200):
                with contextlib.suppress(OSError):
                    get(f"{site}/healthz")
                    break
                time.sleep(0.1)
            yield site
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def audit(site):
    """Print the table of a running site and return how many things are wrong."""
    pages, wrong = kinds_of_pages(site), 0
    print(f"{'page':16} {'HTML':>5}   (Nu HTML checker: errors and warnings)")
    for name, messages in check_html(site, pages).items():
        wrong += len(messages)
        print(f"{name:16} {len(messages):5}", *(f"\n    {message}" for message in messages[:3]))
    chromium = chromium_of_playwright()
    heads = (*CATEGORIES, "answers", "KB", "shift")
    print(f"\n{'page':16}" + "".join(f"{head[:14]:>15}" for head in heads) + "   (Lighthouse)")
    for name in ("front", "article", "section", "search", "support"):
        report = look(site, pages[name], chromium)
        named, answers, weight, shift = failures_of(report)
        scores = [round(100 * (report["categories"][category]["score"] or 0)) for category in CATEGORIES]
        wrong += len(named) + (answers > MOST_REQUESTS) + (shift > MOST_SHIFT)
        print(
            f"{name:16}"
            + "".join(f"{value:15}" for value in (*scores, answers))
            + f"{weight:15.1f}{shift:15.3f}   {' '.join(named)}"
        )
    return wrong


def main():
    """Return 0 when the tools found nothing."""
    install()
    if len(sys.argv) > 1:
        wrong = audit(sys.argv[1].rstrip("/"))
    else:
        with served() as site:
            wrong = audit(site)
    print(f"\n{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
