"""What outside tools need: an environment that is thrown away, and a demo site of their own to look at."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300


@contextlib.contextmanager
def environment_with(*packages):
    """Yield the folder of programs of a new virtual environment that holds these packages."""
    with tempfile.TemporaryDirectory(prefix="tools-") as folder:
        venv.create(folder, with_pip=True)
        binaries = Path(folder) / "bin"
        subprocess.run([binaries / "pip", "install", "--quiet", *packages], check=True)
        yield binaries


@contextlib.contextmanager
def running_demo():
    """Yield the address of a demo with its content, which is gone afterwards; SITE=http://… takes one that runs."""
    if os.environ.get("SITE"):
        yield os.environ["SITE"].rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="demo-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environ = {
            **os.environ,
            "PORT": str(port),
            "NEWSROOM_DATA": folder,
            "VENV": str(Path(sys.executable).parent.parent),
        }
        log = Path(folder) / "run.log"
        with log.open("wb") as output:
            site = subprocess.Popen(["make", "run"], cwd=ROOT, env=environ, stdout=output, stderr=output,
                                    start_new_session=True)  # fmt: skip
        try:
            address = f"http://localhost:{port}"
            _wait_for(address, site, log)
            yield address
        finally:
            site.terminate()
            site.wait(30)


def _wait_for(address, site, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and site.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        time.sleep(0.5)
    raise RuntimeError(f"The demo did not start:\n{log.read_text()[-2000:]}")
