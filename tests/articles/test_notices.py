"""Breaking strips and notices over every page."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import Notice
from newsroom import registry
from tests.make import make_article, make_edition, make_notice, make_section, make_user

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def strips(client, path="/"):
    return client.get(path).text.count("notice-strip notice-strip--")


def test_a_strip_stands_on_every_page_of_its_edition_and_leads_to_its_story(client):
    story = make_article(published=True, headline="Flood")
    make_edition("ru")
    make_notice("Water over the quay", story=story)
    for path in ("/", story.get_absolute_url(), "/sections/politics/", "/newsletters/", "/support/"):
        text = client.get(path).text
        assert f'<a href="{story.get_absolute_url()}">Water over the quay</a>' in text, path
    assert strips(client, "/ru/") == 0


def test_it_goes_by_itself_and_pages_know_when(client, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    make_edition()
    make_notice(at=now + HOUR, hours=2)
    assert registry.next_due(now) == now + HOUR
    assert strips(client) == 0
    time_machine.move_to(now + HOUR, tick=False)
    assert strips(client) == 1
    assert registry.next_due(now + HOUR) == now + 3 * HOUR
    time_machine.move_to(now + 3 * HOUR, tick=False)
    assert strips(client) == 0


def test_breaking_news_stands_before_a_notice(client):
    make_edition()
    make_notice("The office moves", kind="notice")
    make_notice("Flood", kind="breaking")
    text = client.get("/").text
    assert text.index("Flood") < text.index("The office moves")


def test_a_story_that_is_not_public_is_not_led_to(client):
    story = make_article(headline="Secret")
    make_notice("Something happened", story=story)
    text = client.get("/").text
    assert "Something happened" in text
    assert story.public_id not in text


def test_the_database_refuses_one_that_ends_before_it_starts():
    make_edition()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_notice(hours=-1)


@pytest.mark.django_db(transaction=True)
def test_it_is_up_and_down_on_the_next_request(client):
    make_section()
    assert strips(client) == 0
    notice = make_notice()
    assert strips(client) == 1
    notice.delete()
    assert strips(client) == 0


def test_an_editor_puts_one_up_and_an_end_is_required(client):
    edition = make_edition()
    client.force_login(make_user("Editor"))
    address = reverse("admin:articles_notice_add")
    data = {"edition": edition.pk, "kind": "breaking", "text": "Flood", "starts_at": "2026-11-25T10:00", "story": ""}
    assert "This field is required" in client.post(address, {**data, "ends_at": ""}).text
    wrong = client.post(address, {**data, "ends_at": "2026-11-25T09:00"})
    assert "It must end after it starts." in wrong.text
    assert 'value="Flood"' in wrong.text
    assert client.post(address, {**data, "ends_at": "2026-11-25T12:00"}).status_code == 302
    assert Notice.objects.get().ends_at - Notice.objects.get().starts_at == 2 * HOUR
    assert "Flood" in client.get(reverse("admin:articles_notice_change", args=[Notice.objects.get().pk])).text
