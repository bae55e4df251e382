"""Read-only mode: readers read on, every other door says so, and it can be ended."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from newsletters.models import Newsletter, Subscription
from newsroom import emergency, roles, worker
from newsroom.models import Emergency, StaffAction
from tests.attack import Writes
from tests.make import make_article, make_user
from tests.newsletters.make import make_newsletter, make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    """A site with a story and a letter, in read-only mode."""
    story = make_article(published=True)
    make_newsletter(edition=story.edition, slug="week")
    begin()
    return story


def begin(by=None):
    made = Emergency.begin(by=by, reason="Restoring", at=timezone.now())
    emergency.forget()
    return made


def writing_doors():
    """Return an address for every pattern of the site, with something in each of its places."""
    found, filler = [], {"token": "x", "provider": "sandbox", "slug": "x", "pk": "1", "object_id": "1", "path": "x"}
    for name in ("donations", "newsletters"):
        _namespace, resolver = get_resolver().namespace_dict[name]
        for view_name in {key for key in resolver.reverse_dict if isinstance(key, str)}:
            for _pattern, parameters, *_rest in resolver.reverse_dict.getlist(view_name):
                places = parameters[0]
                values = {place: filler.get(place, "1") for place in _pattern[0][1]} if places else {}
                found.append((f"{name}:{view_name}", reverse(f"{name}:{view_name}", kwargs=values)))
    return found


def test_every_door_that_writes_answers_503_and_writes_nothing(story):
    client = Client(raise_request_exception=False)
    doors = [place for name, place in writing_doors() if name != "newsletters:leave"]
    assert len(doors) > 20
    for place in [*doors, "/count/", "/hooks/mail/brevo/", "/accounts/password/reset/", "/admin/articles/article/add/"]:
        with Writes() as writes:
            answer = client.post(place, {"email": "a@example.org"})
        assert answer.status_code == 503, place
        assert "only read here" in answer.text
        assert answer["Retry-After"] == "600"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "Restoring" not in answer.text
        assert writes.tables == [], place


def test_readers_read_on_and_see_nothing_of_it(story, client):
    for path in ("/", story.get_absolute_url(), "/search/?q=news", "/newsletters/", "/support/", "/feed.xml"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "Restoring" not in answer.text


def test_a_reader_leaves_a_letter_by_one_click(story, client):
    reader = make_reader("a@example.org", Newsletter.objects.get())
    subscription = Subscription.objects.get(subscriber=reader)
    place = reverse("newsletters:leave", args=[subscription.leave_token])
    assert client.post(place, {"List-Unsubscribe": "One-Click"}).status_code == 200
    subscription.refresh_from_db()
    assert subscription.state == "unsubscribed"
    assert client.post(reverse("newsletters:confirm", args=["x"])).status_code == 503


def test_the_staff_can_log_in_look_and_end_it_but_save_nothing(story, client):
    editor = make_user(roles.EDITOR)
    editor.set_password("far-shore-demo")
    editor.save()
    page = client.post("/accounts/login/", {"login": editor.username, "password": "far-shore-demo"})
    assert page.status_code == 302
    change = reverse("admin:articles_article_change", args=[story.pk])
    shown = client.get(change)
    assert shown.status_code == 200
    assert "Restoring" in shown.text
    assert client.post(change, {"headline": "Other", "_move": "save"}).status_code == 503
    place = reverse("admin:newsroom_emergency")
    assert "Restoring" in client.get(place).text
    assert client.post(place, {"switch_to": "off"}).status_code == 302
    assert not Emergency.objects.exists()
    record = StaffAction.objects.filter(action__startswith="read-only").order_by("pk")
    assert list(record.values_list("action", "user")) == [
        ("read-only on", None),
        ("read-only off", editor.pk),
    ]


@pytest.mark.parametrize("role", [roles.REPORTER, roles.PHOTO_EDITOR, roles.NEWSLETTER_EDITOR, roles.FUNDRAISER])
def test_others_have_no_switch(client, role):
    client.force_login(make_user(role))
    place = reverse("admin:newsroom_emergency")
    assert client.get(place).status_code == 403
    assert client.post(place, {"switch_to": "on"}).status_code == 403
    assert not Emergency.objects.exists()
    assert place not in client.get(reverse("admin:index")).text


@pytest.mark.parametrize(
    ("pairs", "is_on"),
    [
        ({"switch_to": "on", "reason": "Why"}, True),
        ({"switch_to": "on"}, True),
        ({"switch_to": "on", "reason": "x" * 301}, False),
        ({"switch_to": "on", "reason": "a\x00"}, False),
        ({"switch_to": "maybe"}, False),
        ({}, False),
    ],
)
def test_the_button_takes_only_what_can_be_meant(client, pairs, is_on):
    client.force_login(make_user(roles.ADMINISTRATOR))
    answer = client.post(reverse("admin:newsroom_emergency"), pairs)
    assert answer.status_code == (302 if is_on else 422)
    assert Emergency.objects.exists() == is_on


def test_it_begins_once_and_ends_once():
    assert begin()
    assert not begin(by=make_user(roles.EDITOR))
    assert Emergency.objects.get().by is None
    assert Emergency.end(by=None, at=timezone.now())
    assert not Emergency.end(by=None, at=timezone.now())
    assert StaffAction.objects.count() == 2


def test_the_worker_rests_and_catches_up_afterwards(story):
    assert worker.run_once(at=timezone.now()) == 0
    Emergency.end(by=None, at=timezone.now())
    emergency.forget()
    assert worker.run_once(at=timezone.now()) > 0


def test_the_command_switches_and_says_how_it_stands(capsys, django_capture_on_commit_callbacks):
    for what, said in (("state", "written"), ("on", "read-only since"), ("state", "read-only"), ("off", "written")):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("emergency", what, reason="Moving house")
        emergency.forget()
        call_command("emergency", "state")
        assert said in capsys.readouterr().out
