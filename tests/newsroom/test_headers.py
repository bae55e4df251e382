"""Every answer carries the headers that protect readers and staff."""

import pytest
from django.urls import reverse

from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/search/", "/accounts/login/", "/admin/login/", "/healthz", "/robots.txt", "/outbox/"]
)
def test_headers_on_every_kind_of_page(client, path):
    make.make_edition()
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy and "https:" not in policy


def test_reader_pages_carry_no_nonce_no_cookie_and_do_not_vary(client):
    make.make_edition()
    response = client.get("/")
    assert "nonce" not in response.headers["Content-Security-Policy"]
    assert not response.cookies
    assert response.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"


def test_pages_for_one_person_are_never_stored(client):
    make.make_edition()
    for path in ("/accounts/login/", "/outbox/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def test_a_logged_in_editor_gets_the_same_reader_page_as_everybody(client):
    make.make_edition()
    anonymous = client.get("/").content
    client.force_login(make.make_user("Editor"))
    assert client.get("/").content == anonymous


def test_media_files_cannot_run(client, settings, tmp_path):
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    name = default_storage.save("photos/test.png", ContentFile(b"\x89PNG"))
    try:
        response = client.get(f"/media/{name}")
        assert response.headers["Content-Type"] == "image/png"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert "immutable" in response.headers["Cache-Control"]
    finally:
        default_storage.delete(name)


@pytest.mark.parametrize(
    "path", ["x.html", "x.svg", "../keys.sqlite3", "..%2fkeys.sqlite3", "nothing.jpg", "a\x00.jpg"]
)
def test_nothing_but_pictures_is_served_as_media(client, path):
    make.make_edition()
    assert client.get(f"/media/{path}").status_code == 404


def test_healthz_tells_when_the_database_is_away(client, monkeypatch):
    from django.db import OperationalError

    from newsroom import views

    assert client.get(reverse("healthz")).status_code == 200

    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(views.connection, "cursor", away)
    assert client.get(reverse("healthz")).status_code == 503


@pytest.mark.parametrize("path", ["media", "static", "hooks", "healthz", "readyz", "metrics"])
def test_address_of_no_edition_holds_no_page(client, path):
    make.make_edition()
    assert client.get(f"/{path}/").status_code == 404
