"""The test run's own settings, made before Django reads any (loaded by `-p tests.environment`).

Each process of a run has a data directory, a port and a Redis database of its own, so that two cores can test side by
side and nothing of the checkout is touched.
"""

import atexit
import gc
import os
import shutil
import socket
import tempfile
from pathlib import Path

ROOT = "NEWSROOM_TEST_ROOT"
# A person's shell may hold a site's settings; tests must not see them.
FOREIGN = (
    "DEBUG",
    "EMAIL_HOST",
    "NEWSROOM_HOME",
    "NEWSROOM_HOSTS",
    "NEWSROOM_STATIC",
    "NEWSROOM_TIME_ZONE",
    "NEWSROOM_WORKSHOP",
    "PAYMENT_PROVIDER",
    "SEALING_KEY",
    "SECRET_KEY",
)


def free_port():
    """Return a TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def redis_of_worker(url, worker):
    """Return the address of one worker's own database on the Redis at `url`."""
    number = int(worker.removeprefix("gw") or 0) + 1
    base, mark, _old = url.partition("?db=")
    if mark or base.startswith("unix:"):
        return f"{base}?db={number}"
    scheme, _sep, rest = base.partition("://")
    return f"{scheme}://{rest.split('/')[0]}/{number}"


def prepare(environ):
    """Set the variables of this process; its parent's are overwritten where sharing would do harm."""
    for name in FOREIGN:
        environ.pop(name, None)
    if ROOT not in environ:
        environ[ROOT] = tempfile.mkdtemp(prefix="newsroom-test-")
        atexit.register(shutil.rmtree, environ[ROOT], ignore_errors=True)
    worker = environ.get("PYTEST_XDIST_WORKER", "")
    data = Path(environ[ROOT]) / (worker or "main")
    data.mkdir(parents=True, exist_ok=True)
    port = str(free_port())
    environ |= {
        "NEWSROOM_MODE": "test",
        "NEWSROOM_DATA": str(data),
        "PORT": port,
        # The browser's live server stands where the settings say that home is.
        "DJANGO_LIVE_TEST_SERVER_ADDRESS": f"localhost:{port}",
        # Playwright's sync API keeps an event loop in the thread that also asks the database.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    if worker and environ.get("REDIS_URL"):
        environ["REDIS_URL"] = redis_of_worker(environ["REDIS_URL"], worker)


prepare(os.environ)
# Tests make much that lives long: to look through it for garbage as often as a server does costs a second in twenty.
gc.set_threshold(100_000, 50, 50)
