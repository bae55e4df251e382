"""What a run needs of the machine, each lack said in one sentence. Plain standard library: nothing is installed yet."""

import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NO_CONNECTION = re.compile(
    r"Failed to establish a new connection|Temporary failure in name resolution|Name or service not known"
    r"|Network is unreachable|Connection refused|ConnectTimeout|ProxyError|NameResolutionError|Could not fetch URL"
    r"|Connection to \S+ timed out|Failed to resolve"
)


class Refusal(Exception):
    """The run cannot go on; the text is one sentence for the person at the keyboard."""


def say(text=""):
    """Print one line of progress at once."""
    print(text, flush=True)


def data_folder():
    """Return the folder that the newsroom's data lives in."""
    return Path(os.environ.get("NEWSROOM_DATA") or ROOT / "var").absolute()


def venv_folder():
    """Return the folder of the virtual environment."""
    return Path(os.environ.get("VENV") or ROOT / ".venv").absolute()


def check_writable(*folders):
    """Refuse when one of `folders` cannot be made or written to."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise Refusal(
                f"The folder {folder} cannot be written to ({error.strerror.lower()}): use a checkout of your own, "
                "or set NEWSROOM_DATA and VENV to folders that you may write to."
            ) from error


def port_number(text):
    """Return the port that `text` names. Refuses what is none."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 65535:
        raise Refusal(f"PORT is {text!r}: it must be a number between 1 and 65535, such as PORT=8001.")
    return int(text)


def _bind(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind(address)
        probe.listen()


def free_addresses(host, port, *, bind=_bind):
    """Return the addresses of `host` to listen on, IPv4 first, as `(family, address)`. Refuses a busy port.

    `localhost` may be two addresses; a browser tries both, so a stranger on either is in the way.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise Refusal(f"HOST is {host!r}, which this machine does not know; try HOST=localhost.") from error
    free = []
    for family, _type, _protocol, _name, address in sorted(set(found)):
        try:
            bind(family, address)
        except OSError as error:
            _explain_bind(error, host, port, alone=len(set(found)) == 1)
        else:
            free.append((family, address))
    if not free:
        raise Refusal(f"No address of {host} can be listened on; try HOST=localhost.")
    return free


def _explain_bind(error, host, port, *, alone):
    if error.errno == errno.EADDRINUSE:
        raise Refusal(
            f"Port {port} is busy: another program listens there. Stop it, or choose another with: "
            f"make run PORT={port + 1 if port < 65535 else port - 1}"
        ) from error
    if error.errno == errno.EACCES:
        raise Refusal(f"Port {port} is not yours to open: choose one above 1023 with: make run PORT=8000") from error
    if alone and error.errno != errno.EADDRNOTAVAIL:
        raise Refusal(f"{host}:{port} cannot be listened on: {error.strerror}.") from error


def run_quietly(command, log, *, progress=None, environ=None):
    """Run `command` with all it prints in `log`; hand each line to `progress`. Returns its exit code."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
        )
        try:
            for line in process.stdout:
                output.write(line)
                if progress:
                    progress(line.decode(errors="replace").rstrip())
            return process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def _python_version(python):
    try:
        answer = subprocess.run(
            [str(python), "-c", "import sys; print(*sys.version_info[:2])"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(part) for part in answer.stdout.split())


def _make_venv(folder):
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Refusal(
            "This Python cannot make virtual environments: install the package that can, with "
            f"`apt-get install python3-venv` (or python{version}-venv), and run the command again."
        )
    foreign = folder.exists() and not (folder / "pyvenv.cfg").exists() and any(
        entry.name != ".lock" for entry in folder.iterdir()
    )  # fmt: skip
    if foreign:
        raise Refusal(f"VENV is {folder}, which holds other files: choose an empty folder, or none.")
    say("Making a virtual environment …")
    for leftover in folder.glob("[!.]*"):
        shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()
    log = folder / "setup.log"
    if run_quietly([sys.executable, "-m", "venv", folder], log) != 0:
        raise Refusal(f"The virtual environment could not be made: {_last_words(log)}. The whole log: {log}")


def _last_words(log):
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))]
    return (errors or lines or ["no reason was given"])[-1].removeprefix("ERROR:").strip().rstrip(".")


def _fingerprint(files, version):
    digest = hashlib.sha256(repr(version).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _install(python, requirements, folder):
    log = folder / "setup.log"
    log.write_bytes(b"")
    wanted = sum("==" in line for file in requirements for line in file.read_text().splitlines())
    say(f"Installing {wanted} pinned libraries (once; a minute or two) …")
    command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    started = time.monotonic()
    code = run_quietly(
        [*command, "--retries=2", "-r", requirements[-1]], log, progress=_pip_progress if sys.stdout.isatty() else None
    )
    _clear_line()
    if code == 0:
        say(f"  installed in {time.monotonic() - started:.0f} s")
        return
    if NO_CONNECTION.search(log.read_text(errors="replace")):
        raise Refusal(
            "The libraries could not be fetched: this machine does not reach the package index. Connect it to the "
            f"internet and run the command again. The whole log: {log}"
        )
    raise Refusal(f"The libraries could not be installed: {_last_words(log)}. The whole log: {log}")


def _pip_progress(line):
    if line.startswith(("Collecting", "Installing", "Using cached", "Downloading")):
        width = shutil.get_terminal_size().columns - 4
        print(f"\r\033[K  {line.strip()[:width]}", end="", flush=True)


def _clear_line():
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


@contextlib.contextmanager
def _alone(folder):
    """Let one run at a time change the virtual environment."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another run that is setting up {folder} …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_venv(folder, *names):
    """Return the Python of a virtual environment that holds exactly the pinned versions in the files `names`.

    Nothing is installed when they have not changed. The last name includes the earlier ones.
    """
    requirements = [ROOT / name for name in names]
    python = folder / "bin" / "python"
    check_writable(folder)
    with _alone(folder):
        version = _python_version(python)
        stamps = [folder / f".installed-{name}" for name in names]
        expected = [_fingerprint(requirements[: place + 1], version) for place in range(len(names))]
        if version and stamps[-1].exists() and stamps[-1].read_text() == expected[-1]:
            return python
        has_pip = version and any(folder.glob(f"lib/python{version[0]}.{version[1]}/site-packages/pip"))
        if not has_pip:
            _make_venv(folder)
            version = _python_version(python)
        if version < OLDEST_PYTHON:
            raise Refusal(f"VENV is {folder}, made by Python {version[0]}.{version[1]}; Newsroom needs 3.11 or newer.")
        _install(python, requirements, folder)
        for place, stamp in enumerate(stamps):
            stamp.write_text(_fingerprint(requirements[: place + 1], version))
    return python
