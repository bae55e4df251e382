"""The rules of Mozilla's HTTP Observatory, one by one, with the settings that production computes."""

import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from newsroom.headers import PERMISSIONS
from tests import make
from tests.donations.making import make_appeal, make_offers
from tests.newsletters.make import make_newsletter

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = [pytest.mark.django_db, pytest.mark.once]
READERS = ("/", "/search/", "/sections/politics/", "/support/", "/newsletters/", "/about/", "/no-such-page/")
STAFF = ("/accounts/login/", "/admin/login/")
TAKEN = r"(SECURE|SESSION_COOKIE|CSRF_COOKIE|LANGUAGE_COOKIE)_|X_FRAME_OPTIONS$"
HALF_A_YEAR = 15_768_000


@pytest.fixture(scope="module")
def production():
    """What newsroom.settings makes of a production environment, as far as it concerns headers and cookies."""
    script = (
        "import json, re, sys; from newsroom import settings as s; "
        f"json.dump({{n: getattr(s, n) for n in dir(s) if re.match({TAKEN!r}, n)}}, sys.stdout, default=str)"
    )
    environ = {
        "PATH": os.environ["PATH"], "NEWSROOM_MODE": "production", "NEWSROOM_HOME": "https://example.org",
        "SECRET_KEY": secrets.token_urlsafe(64), "SEALING_KEY": secrets.token_urlsafe(64),
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture
def visit(production, settings):
    """Ask for a page over TLS, or over an open line."""
    for name, value in production.items():
        if name not in {"SECURE_PROXY_SSL_HEADER", "SECURE_REDIRECT_EXEMPT"}:
            setattr(settings, name, value)
    edition = make_offers(make.make_edition(postal_address="1 Quay"))
    make.make_article(published=True)
    make.make_page()
    make_appeal(edition)
    make_newsletter(edition=edition)

    def ask(path, *, secure=True):
        return Client().get(path, secure=secure)

    return ask


def policy_of(response):
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts if part}


@pytest.mark.parametrize("path", READERS + STAFF)
def test_policy_allows_nothing_that_it_does_not_name(visit, path):
    policy = policy_of(visit(path))
    assert policy["default-src"] == ["'none'"]
    for name, values in policy.items():
        for value in values:
            assert not value.startswith(("http", "*", "'unsafe", "ws")), (name, value)
    assert not {"data:", "blob:"} & set(policy["script-src"] + policy["style-src"])
    assert (policy["base-uri"], policy["object-src"]) == (["'none'"], ["'none'"])
    assert policy["form-action"] == ["'self'"]


@pytest.mark.parametrize("path", READERS + STAFF)
def test_no_stranger_frames_a_page(visit, path):
    response = visit(path)
    assert policy_of(response)["frame-ancestors"] in (["'self'"], ["'none'"])
    assert response.headers["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}


@pytest.mark.parametrize("path", READERS)
def test_reader_pages_demand_trusted_types_and_one_policy(visit, path):
    policy = policy_of(visit(path))
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["newsroom-live"]


def test_the_login_demands_trusted_types_and_the_admin_does_not(visit):
    assert "require-trusted-types-for" in policy_of(visit("/accounts/login/"))
    client = Client()
    client.force_login(make.make_user("Administrator", is_superuser=True))
    policy = policy_of(client.get("/admin/", secure=True, follow=True))
    assert "trusted-types" not in policy
    assert "script-src" in policy


def test_cookies_are_bound_to_this_host_and_a_safe_line(visit, production):
    jar = visit("/accounts/login/").cookies
    assert jar
    for name, cookie in jar.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
        assert cookie["samesite"] in {"Lax", "Strict"}
    assert production["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert production["SESSION_COOKIE_HTTPONLY"] is True
    assert production["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize("path", READERS + STAFF)
def test_no_other_site_reads_a_page(visit, path):
    headers = visit(path).headers
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Permitted-Cross-Domain-Policies"] == "none"


@pytest.mark.parametrize("path", READERS + STAFF)
def test_an_open_line_leads_to_the_same_address_on_a_safe_one(visit, path):
    response = visit(path, secure=False)
    assert response.status_code == 301
    assert response.url == f"https://testserver{path}"


@pytest.mark.parametrize("path", READERS + STAFF)
def test_safe_line_is_remembered_for_two_years_with_all_subdomains(visit, path):
    words = visit(path).headers["Strict-Transport-Security"].replace(" ", "").split(";")
    assert int(words[0].removeprefix("max-age=")) >= 4 * HALF_A_YEAR
    assert {"includeSubDomains", "preload"} <= set(words)


@pytest.mark.parametrize("path", READERS + STAFF)
def test_no_other_site_learns_where_a_reader_came_from(visit, path):
    assert visit(path).headers["Referrer-Policy"] in {"no-referrer", "same-origin"}


@pytest.mark.parametrize("path", READERS + STAFF)
def test_every_script_and_style_is_ours(visit, path):
    for tag in BeautifulSoup(visit(path).content, "html.parser").select("script[src], link[rel=stylesheet]"):
        assert (tag.get("src") or tag["href"]).startswith("/static/")


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/robots.txt", "/feed/", "/healthz"])
def test_no_type_is_guessed_and_no_device_is_asked_for(visit, path):
    headers = visit(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Permissions-Policy"] == PERMISSIONS
    assert not re.search(r"=\*|=\(self", PERMISSIONS)


@pytest.mark.parametrize("path", READERS + STAFF)
def test_no_header_says_what_runs_here(visit, path):
    assert not {"Server", "X-Powered-By", "X-XSS-Protection", "Public-Key-Pins"} & set(visit(path).headers)
