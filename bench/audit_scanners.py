"""Outside scanners against a demo: wapiti, sqlmap, nikto where the machine has it, pip-audit. `make audit` runs it.

    python -m bench.audit_scanners                        a demo of its own
    SITE=http://localhost:8000 python -m bench.audit_scanners

wapiti, sqlmap and pip-audit come into an environment that is thrown away. Each run is bounded in time; what one finds
is printed, and ends it with 1, save what EXPECTED explains.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.throwaway import environment_with, running_demo

ROOT = Path(__file__).resolve().parent.parent
MINUTES = 6
# What wapiti calls a weakness and is none: (its name, a part of the address) → why.
EXPECTED = {
    ("Secure Flag cookie", "/accounts/"): "the demo speaks http; production sets __Host- cookies (test_observatory.py)",
    ("HTTP Strict Transport Security (HSTS)", "/"): "the demo speaks http; production sends it (test_observatory.py)",
    ("HTTP Secure Headers", "/"): "the demo speaks http: HSTS is the one that is missing (test_observatory.py)",
    ("Cross Site Request Forgery", "/newsletters/"): "a reader has no cookie and no session that could be abused",
    ("Cross Site Request Forgery", "/support/"): "a reader has no cookie and no session that could be abused",
    ("HttpOnly Flag cookie", "/accounts/"): "the token against forgery: our own script sends it in a header",
}
# Every module of wapiti's but those that ask hosts elsewhere, try passwords or guess at other programs.
MODULES = (
    "backup,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,shellshock,"
    "sql,timesql,upload,xss"
)
SEARCHES = ("/search/?q=harbour&page=1&section=1&since=2026-01-01", "/api/v1/stories/?page=1")


def wapiti(binaries, address, folder):
    """Return what wapiti found and nothing explains."""
    report = folder / "wapiti.json"
    bounds = ["--scope", "folder", "-d", "3", "--max-links-per-page", "25", "--max-files-per-dir", "12",
              "--max-scan-time", str(60 * MINUTES), "--max-attack-time", "40"]  # fmt: skip
    kept = ["--flush-session", "--store-session", folder / "session", "-f", "json", "-o", report, "--no-bugreport"]
    command = [binaries / "wapiti", "-u", f"{address}/", "-m", MODULES, *bounds, *kept]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=120 * MINUTES)
    told = json.loads(report.read_text())
    found = []
    for kind in ("vulnerabilities", "anomalies"):
        for name, entries in told[kind].items():
            found += [f"wapiti: {name}: {entry['method']} {entry['path']} {entry['info']}" for entry in entries
                      if not any(name == known and part in entry["path"] for known, part in EXPECTED)]  # fmt: skip
    return found


def sqlmap(binaries, address, folder):
    """Return what sqlmap can inject."""
    found = []
    for path in SEARCHES:
        command = [binaries / "sqlmap", "-u", f"{address}{path}", "--batch", "--level", "2", "--risk", "1",
                   "--flush-session", "--disable-coloring", "--output-dir", folder / "sqlmap"]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60 * MINUTES)
        if "is vulnerable" in done.stdout or "identified the following injection" in done.stdout:
            found.append(f"sqlmap: {path}\n{done.stdout[-2000:]}")
        elif "do not appear to be injectable" not in done.stdout:
            found.append(f"sqlmap did not come to an end: {path}\n{done.stdout[-500:]}")
    return found


def nikto(address):
    """Return the lines in which nikto names a finding; it is not on every machine."""
    program = shutil.which("nikto")
    if program is None:
        print("nikto is not on this machine (Debian has it in “non-free”): left out.")
        return []
    command = [program, "-h", address, "-maxtime", f"{MINUTES}m", "-nointeractive", "-Tuning", "x6"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120 * MINUTES)
    return [f"nikto: {line}" for line in done.stdout.splitlines() if line.startswith("+ [")]


def pip_audit(binaries):
    """Return the libraries with known weaknesses; what cannot be asked about is said."""
    command = [binaries / "pip-audit", "-r", ROOT / "requirements.txt", "--no-deps", "--disable-pip", "-f", "json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60 * MINUTES)
    try:
        libraries = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [f"pip-audit: {done.stderr.strip()[-500:]}"]
    unknown = [library["name"] for library in libraries if library.get("skip_reason")]
    if unknown:
        print(f"pip-audit could ask nobody about {len(unknown)} of {len(libraries)}: {', '.join(unknown)[:300]}")
    return [f"pip-audit: {one['name']} {weak['id']}" for one in libraries for weak in one.get("vulns", ())]


def main():
    """Return 0 when nobody found anything."""
    with environment_with("wapiti3", "sqlmap", "pip-audit") as binaries, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = pip_audit(binaries)
        with running_demo() as address:
            found += wapiti(binaries, address, folder) + sqlmap(binaries, address, folder) + nikto(address)
    print("\n".join(found) or "Nothing found.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
