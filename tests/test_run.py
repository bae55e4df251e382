"""`make run`: one clear sentence for each lack, both processes stopped together, nothing done twice."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import prerequisites
import pytest
from prerequisites import Refusal

from tests.environment import free_port

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "run.py"

FAKE_PYTHON = '''#!{python}
"""Stands for the Python of a virtual environment: answers what run.py asks of it, and writes down what that was."""
import http.server, os, pathlib, signal, socket, sys, time
folder, arguments = pathlib.Path({folder!r}), sys.argv[1:]
if arguments[0] == "-c":
    os.execv({python!r}, [{python!r}, *arguments])
what = arguments[1] if arguments[0] == "-m" else pathlib.Path(arguments[-1]).name
with (folder / "calls").open("a") as calls:
    calls.write(f"{{what}} {{os.getpid()}}\\n")
if what == "pip":
    print(os.environ.get("FAKE_PIP", ""))
    sys.exit(bool(os.environ.get("FAKE_PIP")))
if what == "prepare.py":
    print("reporter / secret")
    sys.exit(int(os.environ.get("FAKE_PREPARE", 0)))
if os.environ.get("FAKE_STUBBORN") == what:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.environ.get("FAKE_DIES") == what:
    (folder / "calls").open("a").write("died 0\\n")
    time.sleep(0.5)
    sys.exit(7)
if what == "gunicorn":
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *args):
            pass
    host, _, port = arguments[2].removeprefix("--bind=").rpartition(":")
    http.server.HTTPServer((host, int(port)), Healthy).serve_forever()
while True:
    time.sleep(60)
'''


class Newsroom:
    """One `scripts/run.py` as a process, with a virtual environment that only pretends."""

    def __init__(self, folder):
        self.folder = folder
        self.venv = folder / "venv"
        self.port = free_port()
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        (self.venv / "lib" / version / "site-packages" / "pip").mkdir(parents=True)
        (self.venv / "pyvenv.cfg").touch()
        (self.venv / "bin").mkdir()
        python = self.venv / "bin" / "python"
        python.write_text(FAKE_PYTHON.format(python=sys.executable, folder=str(folder)))
        python.chmod(0o755)
        self.process = None

    def start(self, **variables):
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "VENV": str(self.venv),
            "NEWSROOM_DATA": str(self.folder / "var"),
            "PORT": str(self.port),
            **variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, SCRIPT], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return self

    def read_until(self, sentence):
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if sentence in line:
                return "".join(lines)
        raise AssertionError(f"{sentence!r} never came:\n{''.join(lines)}")

    def end(self):
        """Wait for the end; return the exit code and what was printed."""
        printed, _nothing = self.process.communicate(timeout=60)
        return self.process.returncode, printed

    def calls(self):
        lines = (self.folder / "calls").read_text().split("\n") if (self.folder / "calls").exists() else []
        return [line.split()[0] for line in lines if line]

    def alive(self):
        lines = (self.folder / "calls").read_text().splitlines()
        pids = [int(line.split()[1]) for line in lines if not line.startswith("died")]
        return [pid for pid in pids if is_alive(pid)]


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def newsroom(tmp_path):
    room = Newsroom(tmp_path)
    yield room
    if room.process and room.process.poll() is None:
        room.process.terminate()
        room.process.communicate(timeout=30)


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_one_sentence(code, printed, words):
    assert code == 1
    assert words in printed
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()[-1]) < 500


# Served and stopped


def test_both_run_until_ctrl_c_and_none_is_left(newsroom):
    newsroom.start().read_until("Stop with Ctrl-C")
    wait_for(lambda: len(newsroom.alive()) == 2)
    newsroom.process.send_signal(signal.SIGINT)
    code, printed = newsroom.end()
    assert code == 0
    assert "Stopped." in printed
    assert newsroom.alive() == []


def test_a_supervisors_sigterm_stops_both(newsroom):
    newsroom.start().read_until("Stop with Ctrl-C")
    newsroom.process.terminate()
    assert newsroom.end()[0] == 0
    assert newsroom.alive() == []


def test_it_prints_addresses_and_logins(newsroom):
    printed = newsroom.start().read_until("Stop with Ctrl-C")
    for line in (
        f"http://localhost:{newsroom.port}/",
        f"http://localhost:{newsroom.port}/admin/",
        f"http://localhost:{newsroom.port}/outbox/",
        "reporter / secret",
    ):
        assert line in printed


@pytest.mark.parametrize("dying", ["gunicorn", "worker"])
def test_when_one_dies_the_other_is_stopped_and_the_exit_code_says_so(newsroom, dying):
    newsroom.start(FAKE_DIES=dying)
    code, printed = newsroom.end()
    assert_one_sentence(code, printed, "exit code 7")
    assert newsroom.alive() == []


def test_a_killed_run_leaves_no_orphan(newsroom):
    newsroom.start().read_until("Stop with Ctrl-C")
    newsroom.process.kill()
    newsroom.end()
    wait_for(lambda: newsroom.alive() == [])


def test_a_second_ctrl_c_ends_one_that_does_not_listen(newsroom):
    newsroom.start(FAKE_STUBBORN="worker").read_until("Stop with Ctrl-C")
    newsroom.process.send_signal(signal.SIGINT)
    wait_for(lambda: len(newsroom.alive()) == 1)

    def told_again():
        newsroom.process.send_signal(signal.SIGINT)
        return newsroom.process.poll() is not None

    wait_for(told_again)
    assert newsroom.alive() == []


def test_a_set_up_that_fails_starts_no_server(newsroom):
    code, printed = newsroom.start(FAKE_PREPARE="1").end()
    assert_one_sentence(code, printed, "the set-up ended early")
    assert "gunicorn" not in newsroom.calls()


def test_unchanged_requirements_are_installed_once(newsroom):
    newsroom.start().read_until("Stop with Ctrl-C")
    newsroom.process.terminate()
    newsroom.end()
    newsroom.start().read_until("Stop with Ctrl-C")
    assert newsroom.calls().count("pip") == 1


# Refusals


def test_a_busy_port_is_one_sentence_and_touches_nothing(newsroom):
    with socket.create_server(("127.0.0.1", newsroom.port)):
        code, printed = newsroom.start().end()
    assert_one_sentence(code, printed, f"Port {newsroom.port} is busy")
    assert f"make run PORT={newsroom.port + 1}" in printed
    assert newsroom.calls() == []


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1", "٨٠٠٠", "8000.5"])
def test_a_port_that_is_none_is_one_sentence(newsroom, port):
    code, printed = newsroom.start(PORT=port).end()
    assert_one_sentence(code, printed, "must be a number between 1 and 65535")


def test_an_unknown_host_is_one_sentence(newsroom):
    code, printed = newsroom.start(HOST="no such host").end()
    assert_one_sentence(code, printed, "which this machine does not know")


def test_a_folder_that_cannot_be_written_to_is_one_sentence(newsroom):
    # Even root may not make folders there.
    code, printed = newsroom.start(NEWSROOM_DATA="/proc/newsroom").end()
    assert_one_sentence(code, printed, "/proc/newsroom cannot be written to")


def test_a_read_only_disk_is_one_sentence(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(prerequisites.tempfile, "TemporaryFile", refuse)
    with pytest.raises(Refusal, match=r"cannot be written to \(read-only file system\)"):
        prerequisites.check_writable(tmp_path)


@pytest.mark.parametrize("script", ["run.py", "suite.py"])
def test_an_old_python_is_one_sentence(script):
    pretend = f"import runpy, sys; sys.version_info = (3, 10, 4); runpy.run_path({str(SCRIPT.with_name(script))!r})"
    done = subprocess.run([sys.executable, "-c", pretend], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"[^\n]*Python 3\.11 or newer, this is 3\.10\.[^\n]*\n", done.stderr)


def test_a_python_without_venv_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(prerequisites.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Refusal, match="apt-get install python3-venv"):
        prerequisites.prepare_venv(tmp_path / "venv", "requirements.txt")


def test_a_venv_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(Refusal, match="holds other files"):
        prerequisites.prepare_venv(tmp_path, "requirements.txt")
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_no_connection_is_one_sentence(newsroom):
    code, printed = newsroom.start(FAKE_PIP="NewConnectionError: Failed to establish a new connection").end()
    assert_one_sentence(code, printed, "does not reach the package index")


def test_another_failure_of_pip_hands_on_its_last_words_and_is_tried_again(newsroom):
    code, printed = newsroom.start(FAKE_PIP="ERROR: No space left on device").end()
    assert_one_sentence(code, printed, "could not be installed: No space left on device.")
    newsroom.start().read_until("Stop with Ctrl-C")
    assert newsroom.calls().count("pip") == 2


def test_pip_itself_offline_is_understood(tmp_path):
    """The words that the refusal looks for are the words that pip says."""
    environ = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--retries=1", "-d", tmp_path, "newsroom-nothing==1.0"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert prerequisites.NO_CONNECTION.search(done.stdout + done.stderr)


# Addresses


def test_localhost_is_served_on_each_address_that_the_machine_has():
    port = free_port()

    def only_ipv4(family, address):
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")

    assert prerequisites.free_addresses("localhost", port, bind=only_ipv4) == [(socket.AF_INET, ("127.0.0.1", port))]


def test_a_stranger_on_the_other_localhost_is_a_busy_port():
    def busy_ipv4(family, address):
        raise OSError(errno.EADDRINUSE, "Address already in use")

    with pytest.raises(Refusal, match="is busy"):
        prerequisites.free_addresses("localhost", 8000, bind=busy_ipv4)


def test_a_port_of_the_systems_own_is_one_sentence():
    def denied(family, address):
        raise OSError(errno.EACCES, "Permission denied")

    with pytest.raises(Refusal, match="choose one above 1023"):
        prerequisites.free_addresses("localhost", 80, bind=denied)
