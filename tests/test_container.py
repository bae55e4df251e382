"""The container files say what the Debian way does: the same libraries, nginx and commands, and nothing more open."""

import http.client
import os
import re
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands

from tests import nginx, services
from tests.environment import free_port
from tests.processes import wait_for

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "deploy/container"
COMPOSE = yaml.safe_load((HERE / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("prepare", "web", "worker", "backup")


@pytest.fixture
def prepared(tmp_path):
    """Return the folder of the container files on a machine where `prepare` was called."""
    folder = tmp_path / "deploy/container"
    subprocess.run(["cp", "-a", HERE, folder.parent.parent / "copied"], check=True)
    folder.parent.mkdir()
    (folder.parent.parent / "copied").rename(folder)
    call(folder, "https://news.example", "https://desk.example")
    return folder


def call(folder, *words, code=0):
    done = subprocess.run([folder / "prepare", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def settings_of(folder):
    lines = (folder / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_prepare_makes_random_secrets_once_and_keeps_what_is_there(prepared):
    kept = {path.name: path.read_bytes() for path in (prepared / "secrets").iterdir()}
    assert set(kept) == set(COMPOSE["secrets"])
    assert len(set(kept.values())) == len(kept)
    assert all(len(secret) > 60 for secret in kept.values())
    assert stat.S_IMODE((prepared / "secrets").stat().st_mode) == 0o700
    assert stat.S_IMODE((prepared / "environment").stat().st_mode) == 0o600
    before = (prepared / "environment").read_text()
    call(prepared, "https://other.example")
    assert {path.name: path.read_bytes() for path in (prepared / "secrets").iterdir()} == kept
    assert (prepared / "environment").read_text() == before
    assert not re.search(r"(?m)^(SECRET_KEY|SEALING_KEY|DATABASE_URL)=", before)


@pytest.mark.parametrize("words", [[], ["http://news.example"], ["https://news.example/x"], ["https://a.b", "desk"]])
def test_an_address_that_cannot_be_meant_is_refused_and_nothing_made(tmp_path, words):
    (tmp_path / "prepare").write_bytes((HERE / "prepare").read_bytes())
    (tmp_path / "prepare").chmod(0o755)
    assert "https://" in call(tmp_path, *words, code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["prepare"]


def test_production_starts_with_these_settings_and_no_secret_has_a_default(prepared):
    environ = settings_of(prepared)
    for name, path in environ.items():
        if name.endswith("_FILE"):
            assert path == f"/run/secrets/{name.removesuffix('_FILE')}"
            environ[name] = str(prepared / "secrets" / Path(path).name)
    environ |= {"NEWSROOM_DATA": str(prepared), "PATH": os.environ["PATH"]}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (prepared / "secrets/SEALING_KEY").write_text("")
    assert subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=False).returncode != 0


def test_every_setting_is_one_that_the_site_knows(prepared):
    known = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "README.md").read_text()))
    assert {name.removesuffix("_FILE") for name in settings_of(prepared)} <= known


def test_containers_may_do_little():
    assert set(SERVICES) == {*OURS, "front", "postgres", "redis"}
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "pid", "ipc", "devices"} & set(service), name
        assert ("ports" in service) == (name == "front")
        assert "cap_add" not in service or name == "postgres"
    text = (HERE / "Containerfile").read_text()
    _head, site, front = re.split(r"(?m)^FROM ", text)
    assert re.findall(r"(?m)^USER (.+)$", site) == ["newsroom"]
    assert re.findall(r"(?m)^USER (.+)$", front) == ["www-data"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_nginx_sees_photos_and_styles_but_neither_originals_nor_secrets():
    shared = [str(volume).split(":")[1] for volume in SERVICES["front"]["volumes"]]
    assert "/var/lib/newsroom" not in shared
    assert not any("private" in path for path in shared)
    assert "secrets" not in SERVICES["front"]
    assert SERVICES["web"]["network_mode"] == SERVICES["worker"]["network_mode"] == "service:front"


def test_images_hold_the_code_that_a_release_holds_and_the_libraries_by_their_hashes():
    text = (HERE / "Containerfile").read_text()
    assert "--require-hashes -r deploy/requirements.lock" in text
    copied = {source for line in re.findall(r"(?m)^COPY (.+)$", text) for source in line.split()[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert apps | {"templates", "static", "locale", "manage.py", "gunicorn.conf.py"} <= copied
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert not copied & set(ignored)
    assert {"deploy/container/secrets", "deploy/container/environment", "deploy/container/tls"} <= set(ignored)


def test_every_command_and_file_of_the_compose_file_is_there():
    for name in OURS:
        command = SERVICES[name]["command"]
        if command[:2] == ["python", "manage.py"]:
            assert command[2] in get_commands(), name
    assert (ROOT / SERVICES["web"]["healthcheck"]["test"][2]).exists()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"./secrets/{name}"
    build = SERVICES["web"]["build"]
    assert (HERE / build["context"] / build["dockerfile"]).resolve() == HERE / "Containerfile"
    unit = (ROOT / "docs/production/newsroom-worker.service").read_text()
    assert "manage.py worker" in unit
    assert f"TimeoutStopSec={SERVICES['worker']['stop_grace_period'].removesuffix('s')}" in unit
    assert (
        f"--keep {SERVICES['backup']['command'][-1]} " in (ROOT / "docs/production/newsroom-backup.service").read_text()
    )


@pytest.mark.torture
def test_the_parts_serve_the_site_together(prepared, tmp_path):
    """What the containers run, run here: databases by the script of PostgreSQL, prepare, the site's socket, nginx."""
    with services.postgres() as address, services.redis() as redis:
        folder = address.split("@")[1].split("/")[0].replace("%2F", "/")
        environ = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
        make = {**environ, "SECRETS": str(prepared / "secrets"), "PGHOST": folder}
        # As in the image: the cluster belongs to postgres, and nobody is called newsroom yet.
        for user, line in (("newsroom", "CREATE ROLE postgres SUPERUSER LOGIN"),
                           ("postgres", "ALTER ROLE newsroom RENAME TO somebody")):  # fmt: skip
            subprocess.run(["psql", "-q", "-d", "postgres", "-U", user, "-c", line], env=make, check=True)
        subprocess.run([prepared / "databases/make.sh"], env=make | {"PGUSER": "postgres"}, check=True)
        for name in ("DATABASE_URL", "KEYS_DATABASE_URL"):
            path = prepared / "secrets" / name
            path.chmod(0o600)
            path.write_text(path.read_text().replace("@postgres/", f"@{folder.replace('/', '%2F')}/"))
        for name, value in settings_of(prepared).items():
            environ[name] = value.replace("/run/secrets", str(prepared / "secrets"))
        environ |= {"NEWSROOM_DATA": str(tmp_path / "data"), "REDIS_URL": redis}
        (tmp_path / "data").mkdir()
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environ, check=True, capture_output=True)
        served(tmp_path, prepared, environ)


def over_tls(port, path):
    context = ssl._create_unverified_context()
    line = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    try:
        line.request("GET", path, headers={"Host": "news.example"})
        return line.getresponse().read()
    except OSError:
        return b""
    finally:
        line.close()


def served(tmp_path, prepared, environ):
    socket, ports = tmp_path / "site.sock", {"8080": str(free_port()), "8443": str(free_port())}
    command = [part.replace("/run/newsroom/site.sock", str(socket)) for part in SERVICES["web"]["command"]]
    web = subprocess.Popen(command, cwd=ROOT, env=environ)
    site = (ROOT / "docs/production/nginx.conf").read_text()
    for old, new in {
        "/run/newsroom/site.sock": str(socket), "/etc/newsroom/tls": str(prepared / "tls"),
        "/var/cache/nginx": str(tmp_path), "8081": str(free_port()),
    }.items():  # fmt: skip
        site = site.replace(old, new)
    (tmp_path / "nginx.conf").write_text(site)
    script = (prepared / "front").read_text().replace("/tmp/site.conf", f"{tmp_path}/site.conf")
    for old, new in ports.items():
        script = script.replace(old, new)
    (prepared / "front").write_text(script)
    main = (prepared / "front.conf").read_text().replace("/tmp/", f"{tmp_path}/")
    (prepared / "front.conf").write_text(("user root;\n" if os.geteuid() == 0 else "") + main)
    sbin = f"{Path(nginx.program()).parent}:{environ['PATH']}"
    front = subprocess.Popen(
        [prepared / "front"], env=environ | {"CONFIGURATION": str(tmp_path / "nginx.conf"), "PATH": sbin}
    )
    try:
        asked = [sys.executable, str(HERE / "ask.py"), str(socket), "/readyz"]
        wait_for(
            lambda: subprocess.run(asked, env=environ, check=False, capture_output=True).returncode == 0, "the site"
        )
        wait_for(lambda: over_tls(int(ports["8443"]), "/healthz") == b'{"status": "ok"}', "nginx")
    finally:
        for process in (front, web):
            process.terminate()
            process.wait(30)
