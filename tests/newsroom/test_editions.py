"""Editions: the address alone decides, and links stay in their edition."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from newsroom.editions import edition_url
from newsroom.models import Edition
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def editions():
    return make.make_edition("en"), make.make_edition("ru", title="Маяк")


def test_the_default_edition_stands_at_the_root_and_others_under_their_code(client, editions):
    assert "The Lantern" in client.get("/").content.decode()
    page = client.get("/ru/").content.decode()
    assert "Маяк" in page
    assert 'lang="ru"' in page


def test_links_carry_the_prefix_of_their_edition(editions):
    english, russian = editions
    assert edition_url(english, "articles:front") == "/"
    assert edition_url(russian, "articles:front") == "/ru/"


def test_no_cookie_and_no_header_changes_the_language_of_a_reader_page(client, editions):
    client.cookies["language"] = "ru"
    response = client.get("/", headers={"Accept-Language": "ru"})
    assert response.headers["Content-Language"] == "en"
    assert not response.cookies


def test_the_language_of_one_request_does_not_stick_to_the_next(client, editions):
    before = translation.get_language()
    client.get("/ru/")
    assert translation.get_language() == before


def test_an_unknown_prefix_is_not_an_edition(client, editions):
    assert client.get("/de/", follow=True).status_code == 404


def test_there_is_one_default_edition(editions):
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.create(code="xx", language="en", title="Second", is_default=True)


@pytest.mark.parametrize("code", ["admin", "RU", "r u", "support", "-x"])
def test_a_code_that_would_hide_an_address_is_refused(code):
    with pytest.raises(ValidationError) as refused:
        Edition(code=code, language="en", title="X").full_clean()
    assert "code" in refused.value.message_dict


def test_a_time_zone_must_be_one(editions):
    editions[0].time_zone = "Mars/Olympus"
    with pytest.raises(ValidationError) as refused:
        editions[0].full_clean()
    assert "time_zone" in refused.value.message_dict


def test_the_message_to_readers_is_cleaned_and_shown_at_once(client, editions):
    client.get("/")
    editions[0].title = "The Beacon"
    editions[0].support_text = "<p>Please</p><script>x</script>"
    editions[0].save()
    assert editions[0].support_text == "<p>Please</p>"


def test_a_site_without_an_edition_says_so_and_lets_its_staff_make_one(client):
    for path in ("/", "/search/", "/newsletters/"):
        response = client.get(path)
        assert response.status_code == 503
        assert "no edition" in response.content.decode()
    client.force_login(make.make_user("Administrator"))
    assert client.get("/admin/newsroom/edition/add/").status_code == 200
