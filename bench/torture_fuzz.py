"""50,000 invented inputs for addresses, forms, bodies and the API, then schemathesis on the API's own document.

    python -m bench.torture_fuzz            50,000 inputs
    python -m bench.torture_fuzz 2000       as many
    python -m bench.torture_fuzz --api URL  schemathesis alone, against a site that runs

schemathesis comes into a virtual environment of its own, which is thrown away (docs/decisions/0079).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.throwaway import environment_with, running_demo

ROOT = Path(__file__).resolve().parent.parent
INPUTS = 50_000
# The shares of the four properties; the cleaner of bodies is quick and has the most to refuse.
SHARES = {"addresses": 0.3, "forms": 0.25, "bodies": 0.35, "api": 0.1}
TESTS = {
    "addresses": "test_no_request_to_any_address_is_a_fault_or_becomes_markup",
    "forms": "test_no_form_is_broken_by_anything_and_nothing_becomes_markup",
    "bodies": "test_no_body_lets_markup_through",
    "api": "test_api_answers_as_its_document_says",
}
EXAMPLES_OF_API = 200
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def invent(inputs):
    """Return (worst exit code, {property: inputs that were tried}); the properties run beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for name, share in SHARES.items():
            tally = Path(folder) / f"{name}.json"
            environ = {**os.environ, "FUZZ": str(round(inputs * share)), "FUZZ_TALLY": str(tally)}
            command = [sys.executable, "-m", "pytest", "-q", "tests/test_fuzz.py", "-k", TESTS[name]]
            running.append((tally, subprocess.Popen(command, cwd=ROOT, env=environ)))
        codes = [process.wait() for _tally, process in running]
        tried = {}
        for tally, _process in running:
            tried |= json.loads(tally.read_text()) if tally.exists() else {}
    return max(codes), tried


def walk_api(address):
    """Return schemathesis' exit code for the API of a site."""
    document = f"{address.rstrip('/')}/api/v1/openapi.json"
    bounds = ["--max-examples", str(EXAMPLES_OF_API), "--phases", "examples,coverage,fuzzing"]
    with environment_with("schemathesis") as binaries, tempfile.TemporaryDirectory() as folder:
        command = [binaries / "schemathesis", "run", document, "--checks", CHECKS, *bounds]
        return subprocess.run(command, cwd=folder, check=False).returncode


def main(arguments):
    """Return 0 when nothing was found."""
    if arguments[:1] == ["--api"]:
        return walk_api(arguments[1])
    code, tried = invent(int(arguments[0]) if arguments else INPUTS)
    print(f"{sum(tried.values())} inputs: " + ", ".join(f"{number} {name}" for name, number in sorted(tried.items())))
    with running_demo() as address:
        return code or walk_api(address)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
