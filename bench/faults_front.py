"""nginx of our own configuration before a site on this machine."""

import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.environment import free_port
from tests.processes import ROOT, wait_for

CONFIG = ROOT / "docs/production/nginx.conf"


def write(folder, port, upstream):
    """Write the configuration of docs/production as one for this folder, this port and this server."""
    maps, _redirect, served = re.split(r"(?m)^(?=server \{)", CONFIG.read_text())
    served = re.sub(r"    (listen|ssl_\w+) [^;]*;\n", "", served)
    served = served.replace("server {", f"server {{ listen 127.0.0.1:{port};", 1)
    served = served.replace("http://unix:/run/newsroom/site.sock", upstream)
    maps = maps.replace("/var/cache/nginx/newsroom", str(folder / "cache"))
    kept = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} pid {folder}/pid; daemon off; error_log stderr crit; events {{}} "
        f"http {{ access_log off; {kept}\n{maps}\n{served} }}"
    )


@contextlib.contextmanager
def front(folder, upstream):
    """Run it and yield its port. Raises AssertionError where there is no nginx."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program, "nginx is missing: apt-get install nginx"
    folder, port = Path(folder), free_port()
    folder.mkdir()
    write(folder, port, upstream)
    with (folder / "log").open("wb") as log:
        command = [program, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(lambda: (folder / "pid").exists() or process.poll() is not None, "nginx")
        assert process.poll() is None, (folder / "log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(20)
