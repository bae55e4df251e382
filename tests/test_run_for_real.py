"""`make run` as a newcomer meets it: an empty folder becomes a newspaper, and the second start redoes nothing."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.environment import ROOT as TEST_ROOT
from tests.environment import free_port

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
OWN = {"DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST", TEST_ROOT}


def start(folder, port):
    """Run it until it says that it is up; return the process and what it printed."""
    environ = {name: value for name, value in os.environ.items() if name not in OWN and "XDIST" not in name}
    environ |= {
        "VENV": sys.prefix,
        "NEWSROOM_DATA": str(folder),
        "NEWSROOM_MODE": "demo",
        "PORT": str(port),
        "HOST": "localhost",
    }
    process = subprocess.Popen(
        [sys.executable, "scripts/run.py"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "Stop with Ctrl-C" in line:
            return process, "".join(printed)
    raise AssertionError("".join(printed))


def stop(process):
    process.send_signal(signal.SIGINT)
    rest, _nothing = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    return rest


def get(port, path):
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=30) as response:
        return response.status, response.headers, response.read().decode()


def test_an_empty_folder_becomes_a_newspaper_and_stays_one(tmp_path):
    port = free_port()
    process, printed = start(tmp_path, port)
    try:
        assert "Loading the demo content" in printed
        for name in ("reporter", "editor", "admin"):
            assert name in printed
        status, headers, front = get(port, "/")
        assert status == 200
        assert front.count("<article") >= 10
        assert "Set-Cookie" not in headers
        assert get(port, "/healthz")[0] == 200
        assert get(port, "/outbox/")[0] == 200
        sheet = next(part.split('"')[0] for part in front.split('href="') if part.startswith("/static/"))
        assert "immutable" in get(port, sheet)[1]["Cache-Control"]
    finally:
        noise = stop(process)
    assert "Traceback" not in noise

    process, printed = start(tmp_path, port)
    try:
        for step in ("Installing", "Bringing the database", "Compressing", "Loading"):
            assert step not in printed
        assert get(port, "/")[2].count("<article") == front.count("<article")
    finally:
        stop(process)
