"""A small systemd for one test: sockets that outlive their service, services started from the real unit files.

`systemctl` below a trial's ROOT is a script that hands its words to a Supervisor over a socket.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

CLIENT = """#!{python}
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect({path!r})
peer.sendall("\\0".join(sys.argv[1:]).encode())
peer.shutdown(socket.SHUT_WR)
code, _space, words = b"".join(iter(lambda: peer.recv(4096), b"")).decode().partition(" ")
print(words) if words else None
sys.exit(int(code))
"""
NGINX = """#!/bin/sh
exec {program} -e stderr -p {folder} -c {folder}/nginx.conf "$@"
"""
HTTP = """{user} pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1; events {{}}
http {{ access_log off; {temporary} include {root}/etc/nginx/sites-enabled/*; }}
"""


def read_unit(path):
    """Return the settings of a unit file, of all its sections; of one that is given twice, the last."""
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line and line[0] != "#")
    return {name: value for name, _sign, value in pairs}


def _account(said):
    """Return Popen's words for the account of a service; only root can change to it."""
    return {"user": said["User"], "group": said["Group"], "extra_groups": []} if os.geteuid() == 0 else {}


class Supervisor:
    """Runs the units below `root`, and nginx with its site."""

    def __init__(self, root):
        self.root, self.folder = root, root / "supervisor"
        self.folder.mkdir(parents=True)
        self.units, self.sockets, self.running = root / "etc/systemd/system", {}, {}
        self.log = (self.folder / "log").open("ab")
        self.systemctl, self.nginx = self.folder / "systemctl", self.folder / "nginx"
        self._write_programs()
        path = str(self.folder / "bus")
        supervisor = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                words = self.rfile.read().decode().split("\0")
                try:
                    answer = supervisor.obey(words)
                except Exception as error:  # noqa: BLE001 - the script must hear of it
                    answer = f"1 {error}"
                self.wfile.write(answer.encode())

        self.server = socketserver.ThreadingUnixStreamServer(path, Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _write_programs(self):
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self.systemctl.write_text(CLIENT.format(python=sys.executable, path=str(self.folder / "bus")))
        self.nginx.write_text(NGINX.format(program=program, folder=self.folder))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            HTTP.format(user=user, folder=self.folder, root=self.root, temporary=temporary)
        )
        for script in (self.systemctl, self.nginx):
            script.chmod(0o755)

    def obey(self, words):
        """Do what `systemctl` would; return "exit code, a space, words"."""
        verb, *units = [word for word in words if word != "--now"]
        if verb == "is-active":
            state = "active" if self._is_active(units[0]) else "inactive"
            return f"{0 if state == 'active' else 3} {state}"
        for unit in units:
            if unit.startswith("nginx"):
                self._reload_nginx()
            elif unit.endswith(".socket"):
                self._listen(unit)
            elif unit.endswith(".service"):
                if verb == "restart":
                    self.stop(unit)
                if not self._is_active(unit):
                    self._start(unit)
        return "0 "

    def _is_active(self, unit):
        if unit.startswith("nginx"):
            unit = "nginx"
        return unit in self.sockets or (unit in self.running and self.running[unit].poll() is None)

    def _listen(self, unit):
        if unit in self.sockets:
            return
        path = Path(read_unit(self.units / unit)["ListenStream"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listening = self.sockets[unit] = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        if os.geteuid() == 0:
            shutil.chown(path, read_unit(self.units / unit)["SocketUser"], read_unit(self.units / unit)["SocketGroup"])
        path.chmod(int(read_unit(self.units / unit)["SocketMode"], 8))
        listening.listen(int(read_unit(self.units / unit)["Backlog"]))

    def _start(self, unit):
        said = read_unit(self.units / unit)
        lines = Path(said["EnvironmentFile"]).read_text().splitlines()
        environ = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
        environ["PATH"] = os.environ["PATH"]
        command, given, notified = shlex.split(said["ExecStart"]), [], None
        listening = self.sockets.get(unit.replace(".service", ".socket"))
        if listening:
            command = [
                "bash",
                "-c",
                'export LISTEN_PID=$$ LISTEN_FDS=1; exec 3<&"$0" "$@"',
                str(listening.fileno()),
                *command,
            ]
            given = [listening.fileno()]
        if said["Type"] == "notify":
            notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            notified.settimeout(40)
            environ["NOTIFY_SOCKET"] = str(self.folder / f"notify-{len(list(self.folder.iterdir()))}")
            notified.bind(environ["NOTIFY_SOCKET"])
        self.running[unit] = subprocess.Popen(
            command, cwd=said["WorkingDirectory"], env=environ, pass_fds=given, stdout=self.log, stderr=self.log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        if notified:
            with notified:
                while b"READY=1" not in notified.recv(4096):
                    pass

    def stop(self, unit):
        """End a service as its unit file says: asked first, killed after its patience."""
        process = self.running.pop(unit, None)
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(int(read_unit(self.units / unit)["TimeoutStopSec"]) if unit != "nginx" else 20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _reload_nginx(self):
        if self._is_active("nginx"):
            self.running["nginx"].send_signal(signal.SIGHUP)
        else:
            self.running["nginx"] = subprocess.Popen(
                [self.nginx, "-g", "daemon off;"], stdout=self.log, stderr=self.log, start_new_session=True
            )

    def close(self):
        """End everything."""
        for unit in list(self.running):
            self.stop(unit)
        self.server.shutdown()
        self.server.server_close()
        for listening in self.sockets.values():
            listening.close()
        self.log.close()


@contextlib.contextmanager
def supervising(root):
    """Run a Supervisor for the units below `root`."""
    supervisor = Supervisor(root)
    try:
        yield supervisor
    finally:
        supervisor.close()
