"""Which host carries what: the workshop has its pages to itself, mirrors nothing but reading, confirming, leaving."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import get_resolver

from newsroom import hosts, mirrors, roles
from newsroom.models import Mirror
from tests.make import make_article, make_mirror, make_user
from tests.newsletters.make import make_newsletter

pytestmark = pytest.mark.django_db
WORKSHOP = {"host": "workshop.example"}
HOME = {"host": django_settings.HOME_ORIGIN.partition("://")[2]}
MIRROR, ONION_HOST = {"host": "lantern-3.example"}, "b" * 56 + ".onion"
ONION = {"host": ONION_HOST}
WORKSHOP_PAGES = (
    "/admin/",
    "/admin/login/",
    "/admin/articles/article/",
    "/accounts/login/",
    "/accounts/logout/",
    "/outbox/",
    "/preview/abcdefgh/",
    "/ru/preview/abcdefgh/",
)


@pytest.fixture
def story(settings):
    """A site whose workshop has a host of its own, with a mirror and an onion."""
    settings.WORKSHOP_ORIGIN = "https://workshop.example"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "workshop.example"]
    make_mirror()
    make_mirror(f"http://{ONION_HOST}")
    story = make_article(published=True)
    make_newsletter(edition=story.edition, slug="week")
    return story


@pytest.mark.parametrize("host", [HOME, MIRROR, ONION], ids=["home", "mirror", "onion"])
@pytest.mark.parametrize("path", WORKSHOP_PAGES)
def test_the_pages_of_the_workshop_exist_on_no_other_host(story, client, host, path):
    client.force_login(make_user(roles.ADMINISTRATOR))
    for answer in (client.get(path, headers=host), client.post(path, headers=host)):
        assert answer.status_code == 404
    assert client.get("/no-such-page/", headers=host).content == client.get("/nor-this/", headers=host).content


def test_the_workshop_carries_its_pages_and_sends_readers_home(story, client):
    client.force_login(make_user(roles.ADMINISTRATOR))
    assert client.get("/admin/", headers=WORKSHOP).status_code == 200
    assert client.get(f"/preview/{story.public_id}/", headers=WORKSHOP).status_code == 200
    for path in ("/", story.get_absolute_url(), "/support/", "/newsletters/"):
        answer = client.get(path, headers=WORKSHOP)
        assert (answer.status_code, answer["Location"]) == (302, django_settings.HOME_ORIGIN + path)
        assert answer["X-Robots-Tag"] == "noindex"
    assert client.post("/newsletters/signup/", headers=WORKSHOP).status_code == 404


def test_one_host_for_both_carries_everything(client):
    make_article(published=True)
    assert client.get("/accounts/login/", headers=HOME).status_code == 200
    assert client.get("/", headers=HOME).status_code == 200


@pytest.mark.parametrize("host", [MIRROR, ONION], ids=["mirror", "onion"])
def test_mirrors_carry_reading_search_confirming_and_leaving(story, client, host):
    for path in (
        "/",
        story.get_absolute_url(),
        "/search/?q=news",
        "/text/",
        "/robots.txt",
        "/newsletters/week/",
        "/newsletters/confirm/forged/",
        "/newsletters/leave/forged",
        "/feed.xml",
    ):
        answer = client.get(path, headers=host)
        assert answer.status_code in {200, 404, 410}, path
        assert "Location" not in answer.headers
        assert not answer.cookies
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/newsletters/leave/forged", headers=host).status_code in {200, 404}


@pytest.mark.parametrize("host", [MIRROR, ONION], ids=["mirror", "onion"])
@pytest.mark.parametrize(
    "path", ["/support/", "/text/support/", "/support/manage/", "/newsletters/settings/", "/support/back/x/?a=b"]
)
def test_giving_and_managing_are_led_home(story, client, host, path):
    answer = client.get(path, headers=host)
    assert (answer.status_code, answer["Location"]) == (302, django_settings.HOME_ORIGIN + path)
    assert client.post(path, headers=host).status_code in {404, 405}


@pytest.mark.parametrize("host", [MIRROR, ONION], ids=["mirror", "onion"])
@pytest.mark.parametrize(
    "path",
    ["/support/give/", "/support/confirm/", "/newsletters/signup/", "/newsletters/api/signup", "/hooks/sandbox/",
     "/hooks/mail/brevo/", "/count/", "/private/some-token/"],
)  # fmt: skip
def test_no_other_form_and_no_hook_is_answered_on_a_mirror(story, client, host, path):
    assert client.post(path, {"email": "a@example.org"}, headers=host).status_code == 404
    if path.startswith(("/hooks/", "/private/")):
        assert client.get(path, headers=host).status_code == 404


def test_no_header_makes_a_request_one_from_inside(story, client):
    for name in ("newsroom.role", "newsroom_role", "newsroom-role", "x-newsroom.role"):
        answer = client.get("/admin/", headers={**MIRROR, name: "both"})
        assert answer.status_code == 404
    assert hosts.INSIDE not in get_resolver().app_dict


def test_pages_name_themselves_at_the_onion_with_the_right_path(story, client):
    address = f"http://{ONION_HOST}"
    for host in (HOME, MIRROR):
        for path, place in (
            ("/", "/"),
            (story.get_absolute_url(), story.get_absolute_url()),
            ("/archive/?page=1&spy=1", "/archive/?page=1"),
        ):
            assert client.get(path, headers=host)["Onion-Location"] == address + place
    for path, host in (("/", ONION), ("/feed.xml", HOME), ("/no-such-page/", HOME), ("/search/?q=secret", HOME)):
        assert "Onion-Location" not in client.get(path, headers=host).headers
    Mirror.objects.filter(address=address).delete()
    mirrors.forget()
    assert "Onion-Location" not in client.get("/", headers=HOME).headers
