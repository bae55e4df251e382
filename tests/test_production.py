"""The files that the README hands to whoever runs a site: nginx takes them, and they match the code."""

import datetime
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from tests.environment import free_port

pytestmark = pytest.mark.once
FILES = Path(__file__).resolve().parent.parent / "docs" / "production"


def write_certificate(folder):
    """Write a certificate for example.org and its key, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example.org")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip


def test_nginx_accepts_its_configuration(tmp_path):
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        assert os.environ.get("CI") != "true", "nginx is missing: apt-get install nginx"
        pytest.skip("nginx is missing: apt-get install nginx")
    write_certificate(tmp_path)
    site = (FILES / "nginx.conf").read_text()
    site = site.replace("/etc/newsroom/tls", str(tmp_path))
    site = site.replace("/var/cache/nginx", str(tmp_path))
    site = re.sub(
        r"listen (\[::\]:)?(\d+)( ssl http2)?;", lambda m: f"listen 127.0.0.1:{free_port()}{m[3] or ''};", site
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;"
        + "".join(
            f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + site
        + "}"
    )
    done = subprocess.run(
        [nginx, "-t", "-e", "stderr", "-p", tmp_path, "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_no_log_of_readers_is_kept():
    site = (FILES / "nginx.conf").read_text()
    assert site.count("access_log off;") == site.count("server {")
    assert "log_format" not in site


def test_services_start_what_the_code_has():
    site = (FILES / "newsroom.service").read_text()
    worker = (FILES / "newsroom-worker.service").read_text()
    assert "newsroom.wsgi:application" in site
    assert "manage.py worker" in worker
    socket = (FILES / "newsroom.socket").read_text()
    assert f"http://unix:{re.search(r'ListenStream=(.+)', socket)[1]};" in (FILES / "nginx.conf").read_text()
