"""nginx of our own configuration (docs/production/nginx.conf) before a site on this machine."""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.environment import free_port
from tests.processes import ROOT, wait_for

CONFIG = ROOT / "docs/production/nginx.conf"
MISSING = "nginx is missing: apt-get install nginx"


def program():
    """Return the path of nginx, or None where there is none."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")


def configuration(folder, port, upstream, *, http="", server=""):
    """Return it as one for this folder, this port and the server at `upstream`; `http` and `server` add lines."""
    maps, _redirect, served = re.split(r"(?m)^(?=server \{)", CONFIG.read_text())
    served = re.sub(r"    (listen|ssl_\w+) [^;]*;\n", "", served)
    served = served.replace("server {", f"server {{ listen 127.0.0.1:{port}; {server}", 1)
    served = served.replace("http://unix:/run/newsroom/site.sock", upstream)
    maps = maps.replace("/var/cache/nginx/newsroom", f"{folder}/cache")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"{user} pid {folder}/pid; daemon off; worker_processes 2; error_log stderr crit; events {{}} "
        f"http {{ access_log off; {http} {kept}\n{maps}\n{served} }}"
    )


@contextlib.contextmanager
def before(upstream, folder, **lines):
    """Run it before the server at `upstream` until the block ends, and yield its port; see `configuration`.

    Raises AssertionError where there is no nginx, or where it does not start.
    """
    assert program(), MISSING
    folder, port = Path(folder), free_port()
    folder.mkdir(exist_ok=True)
    (folder / "nginx.conf").write_text(configuration(folder, port, upstream, **lines))
    with (folder / "log").open("wb") as log:
        command = [program(), "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: (folder / "pid").exists() or process.poll() is not None, "nginx")
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)
