"""`make run`: set everything up, serve the site with its worker beside it, and stop both together.

Works with the bare Python of the machine. Environment: HOST, PORT, VENV, NEWSROOM_DATA, NEWSROOM_MODE.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Newsroom cannot start: it needs Python 3.11 or newer, this is %d.%d. "
        "Name a newer one with: make run PYTHON=python3.11" % sys.version_info[:2]
    )

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import time

from prerequisites import (
    ROOT,
    Refusal,
    check_writable,
    data_folder,
    free_addresses,
    port_number,
    prepare_venv,
    say,
    venv_folder,
)

UP_SECONDS = 60
GRACE_SECONDS = 15
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Stopped(BaseException):
    """Somebody asked for the end."""


class Bell:
    """Hear the signals that ask for the end: the first raises Stopped, a later one means at once."""

    def __init__(self):
        self.rung_at = None
        self.hurry = False

    def listen(self):
        """Hear Ctrl-C, a supervisor's SIGTERM and a closed terminal from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ring)

    def _ring(self, _number, _frame):
        if self.rung_at is None:
            self.rung_at = time.monotonic()
            raise Stopped
        # The same wish often comes twice: from the terminal and from make.
        self.hurry = time.monotonic() - self.rung_at > 1


def _die_with_parent():
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Processes:
    """The server and the worker: started together, stopped together."""

    def __init__(self, bell):
        self.bell = bell
        self.running = {}

    def start(self, name, command, environ):
        """Start one in a process group of its own, so that a signal reaches it once and from here."""
        self.running[name] = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def fallen(self):
        """Return (name, exit code) of one that ended by itself, or None."""
        for name, process in self.running.items():
            if process.poll() is not None:
                return name, process.returncode
        return None

    def stop(self):
        """End all: politely, then after GRACE_SECONDS or at a second Ctrl-C without asking."""
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(process.poll() is None for process in self.running.values()):
            if self.bell.hurry or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def site_environment(host, port):
    """Return the environment of the site: the demo's unless the person set something else."""
    environ = dict(os.environ)
    environ.setdefault("NEWSROOM_MODE", "demo")
    environ.setdefault("LOG_LEVEL", "WARNING")
    environ.update(PORT=str(port), NEWSROOM_DATA=str(data_folder()), PYTHONUNBUFFERED="1")
    if host not in LOOPBACK and host not in ("0.0.0.0", "::"):
        name = f"[{host}]" if ":" in host else host
        environ.setdefault("NEWSROOM_HOME", f"http://{name}:{port}")
    return environ


def _is_up(family, address):
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])
    connection = http.client.HTTPConnection(target, address[1], timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return connection.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _wait_until_up(processes, addresses):
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline:
        if fallen := processes.fallen():
            raise Refusal("the {} ended with exit code {} while starting; its reason stands above.".format(*fallen))
        if _is_up(*addresses[0]):
            return
        time.sleep(0.1)
    raise Refusal(f"the server did not answer within {UP_SECONDS} s.")


def _prepare_site(python, environ):
    """Migrate, load the demo, collect static files. Returns the demo logins, as text to print."""
    process = subprocess.Popen(
        [str(python), str(ROOT / "scripts" / "prepare.py")], cwd=ROOT, env=environ, stdout=subprocess.PIPE
    )
    try:
        closing, _nothing = process.communicate()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode != 0:
        raise Refusal("the set-up ended early; its reason stands above.")
    return closing.decode()


def _welcome(host, port, environ, logins, seconds):
    origin = environ.get("NEWSROOM_HOME", f"http://localhost:{port}")
    say()
    say(f"Newsroom is up ({seconds:.1f} s).")
    say()
    say(f"  Site          {origin}/")
    say(f"  Admin         {origin}/admin/")
    if environ["NEWSROOM_MODE"] == "demo":
        say(f"  Demo mailbox  {origin}/outbox/")
    if logins.strip():
        say()
        say(logins.rstrip())
    if host not in LOOPBACK and environ["NEWSROOM_MODE"] == "demo":
        say()
        say("  Everybody who reaches this machine can log in with these. Names and addresses that")
        say("  it is reached by go into NEWSROOM_HOSTS, separated by commas.")
    say()
    say("Stop with Ctrl-C.")


def _bind_option(family, address):
    name = f"[{address[0]}]" if family == socket.AF_INET6 else address[0]
    return f"--bind={name}:{address[1]}"


def serve(bell, python, addresses, environ, greet):
    """Serve until told to stop; raises Refusal when the server or the worker ends by itself."""
    processes = Processes(bell)
    try:
        binds = [_bind_option(*address) for address in addresses]
        processes.start("server", [python, "-m", "gunicorn", *binds, "newsroom.wsgi:application"], environ)
        processes.start("worker", [python, "manage.py", "worker"], environ)
        _wait_until_up(processes, addresses)
        greet()
        while True:
            if fallen := processes.fallen():
                raise Refusal("the {} ended by itself with exit code {}; the other was stopped too.".format(*fallen))
            time.sleep(0.2)
    finally:
        processes.stop()


def run(bell):
    """Do it all; raises Refusal with the reason when it cannot."""
    started = time.monotonic()
    host, port = os.environ.get("HOST") or "localhost", port_number(os.environ.get("PORT") or "8000")
    addresses = free_addresses(host, port)
    check_writable(data_folder())
    python = prepare_venv(venv_folder(), "requirements.txt")
    environ = site_environment(host, port)
    logins = _prepare_site(python, environ)
    say("Starting the server and the worker …")
    serve(
        bell,
        python,
        addresses,
        environ,
        lambda: _welcome(host, port, environ, logins, time.monotonic() - started),
    )


def main():
    """Return the exit code: 0 after Ctrl-C, 1 with one sentence otherwise."""
    bell = Bell()
    bell.listen()
    try:
        run(bell)
    except Refusal as refusal:
        print(f"\nNewsroom cannot go on: {refusal}", file=sys.stderr)
        return 1
    except Stopped:
        say("\nStopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
