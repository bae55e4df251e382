"""Private links: an outsider reads the saved draft, for a while, and leaves no trace but a number."""

import datetime
import hashlib
import json
import logging
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk.models import PrivateLink
from newsroom import logs
from newsroom.models import StaffAction
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_page, make_photo, make_user
from tests.newsletters.make import make_issue, make_newsletter

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
HOME = urlsplit(settings.HOME_ORIGIN)


@pytest.fixture
def editor():
    return make_user("Editor", first_name="Ada", last_name="Brandt")


@pytest.fixture
def outsider():
    """Somebody without an account, on the home address."""
    return Client(SERVER_NAME=HOME.hostname, SERVER_PORT=str(HOME.port or 80))


def story_of(by, **fields):
    story = make_article(by=by, at=timezone.now() - DAY, **{"headline": "Ships leave at dawn", **fields})
    save(story, by)
    return story


def save(story, by, *, revision=True, **fields):
    draft = story.read_draft()
    at = timezone.now()
    return story.save_draft({**draft.content, **fields}, version=draft.version, by=by, at=at, revision=revision)


def link_to(story, by, *, at=None, **options):
    return PrivateLink.issue(story, by=by, at=at or timezone.now() - datetime.timedelta(minutes=1), **options)


def address(token):
    return reverse("desk:private", args=[token])


def admin_address(story, name="links", *more):
    return reverse(f"admin:{story._meta.app_label}_{story._meta.model_name}_{name}", args=[story.pk, *more])


# What it shows


def test_an_outsider_reads_the_saved_draft_under_a_banner(outsider, editor):
    story = story_of(editor, body_html="<p>The first ferry left at five.</p>")
    _link, token = link_to(story, editor)
    answer = outsider.get(address(token))
    text = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Ships leave at dawn", "The first ferry left at five.", "Confidential"):
        assert words in text
    assert BeautifulSoup(text, "html.parser").select_one("p[data-draft]")


def test_what_was_typed_but_not_saved_is_not_shown(outsider, editor):
    story = story_of(editor)
    story.keep_typing(
        {**story.read_draft().content, "headline": "Half a thought"},
        version=story.read_draft().version, by=editor, at=timezone.now(),
    )  # fmt: skip
    _link, token = link_to(story, editor)
    text = outsider.get(address(token)).content.decode()
    assert "Half a thought" not in text
    assert "Ships leave at dawn" in text
    save(story, editor, headline="A whole thought")
    assert "A whole thought" in outsider.get(address(token)).content.decode()


def test_it_shows_changes_to_a_live_story_until_they_are_published(outsider, editor):
    story = make_article(published=True, by=editor, headline="First", at=timezone.now() - DAY)
    save(story, editor, headline="Second")
    _link, token = link_to(story, editor)
    assert "Second" in outsider.get(address(token)).content.decode()
    story.publish(version=story.read_draft().version, by=editor, at=timezone.now())
    assert outsider.get(address(token)).status_code == 302


def test_nothing_on_the_page_speaks_to_machines_or_counts(outsider, editor):
    edition = make_offers(make_edition(postal_address="1 Quay"))
    make_newsletter(edition=edition)
    make_appeal(edition)
    body = '<p>Text.</p><div data-box="support"></div><div data-box="newsletter"></div>'
    story = story_of(editor, photo=make_photo(), body_html=body)
    _link, token = link_to(story, editor)
    answer = outsider.get(address(token))
    page = BeautifulSoup(answer.content, "html.parser")
    assert page.select("script, meta[property], meta[name^=twitter], link[rel=canonical], link[rel=alternate]") == []
    assert page.select("main form, [data-support]") == []
    assert token not in answer.content.decode()
    assert "script-src 'none'" in answer["Content-Security-Policy"]


def test_no_robot_no_store_and_no_other_site_learns_of_it(outsider, editor):
    story = story_of(editor)
    link, token = link_to(story, editor)
    for _stage in ("draft", "published"):
        answer = outsider.get(address(token))
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]
        assert "Surrogate-Control" not in answer
        assert "CDN-Cache-Control" not in answer
        assert not answer.cookies
        story.publish(version=story.read_draft().version, by=editor, at=timezone.now())
    assert link.views == 0
    assert "Disallow: /private/" in outsider.get("/robots.txt").content.decode()


def test_pages_have_private_links_too(outsider, editor):
    page = make_page(published=False, by=editor, title="Imprint to come")
    _link, token = link_to(page, editor)
    assert "Imprint to come" in outsider.get(address(token)).content.decode()


# The token


def test_only_the_fingerprint_of_the_token_is_kept(editor):
    link, token = link_to(story_of(editor), editor)
    assert len(token) >= 43
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in json.dumps(list(PrivateLink.objects.values()), default=str)
    assert link_to(story_of(editor), editor)[1] != token


def test_no_log_line_holds_a_token(editor):
    _link, token = link_to(story_of(editor), editor)
    for path in (address(token), address("-" + token[1:]), address("short")):
        record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (path,), None)
        line = logs.StructuredFormatter().format(record)
        assert token[2:] not in line
        assert "short" not in line


# When it does not open


def closed_links(story, editor):
    now = timezone.now()
    revoked, first = link_to(story, editor)
    revoked.revoke(by=editor, at=now)
    _expired, second = link_to(story, editor, at=now - 8 * DAY)
    gone = make_user("Editor")
    _orphan, third = link_to(story, gone)
    gone.is_active = False
    gone.save()
    deleted = make_user("Editor")
    _nobodys, fourth = link_to(story, deleted)
    deleted.delete()
    return {"revoked": first, "expired": second, "account closed": third, "account deleted": fourth}


def test_wrong_expired_and_revoked_tokens_get_one_and_the_same_page(outsider, editor):
    story = story_of(editor)
    closed = {**closed_links(story, editor), "wrong": "A" * 43, "empty hash": hashlib.sha256(b"").hexdigest()}
    answers = {name: outsider.get(address(token)) for name, token in closed.items()}
    nowhere = outsider.get("/nothing/stands/here/")
    for name, answer in answers.items():
        assert answer.status_code == 404, name
        assert answer.content == nowhere.content, name
        assert dict(answer.headers) == dict(answers["wrong"].headers), name
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("token", ["x", "é" * 20, "%00", "%ED%A0%80", "a" * 5000, "..", "'"])
def test_a_token_that_cannot_be_one_is_not_found(outsider, token):
    make_edition()
    assert outsider.get(f"/private/{token}/").status_code in {400, 404}


def test_nobody_reads_from_a_mirror(outsider, editor, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "mirror.example"]
    _link, token = link_to(story_of(editor), editor)
    assert outsider.get(address(token), headers={"host": "mirror.example"}).status_code == 404
    assert outsider.get(address(token)).status_code == 200


def test_whoever_opens_very_often_waits(outsider, editor, monkeypatch):
    monkeypatch.setattr("desk.views.LIMIT", {"limit": 2, "seconds": 600})
    _link, token = link_to(story_of(editor), editor)
    assert [outsider.get(address(token)).status_code for _time in range(3)] == [200, 200, 429]
    assert outsider.get(address("wrong")).status_code == 429


def test_only_looking_is_possible(outsider, editor):
    _link, token = link_to(story_of(editor), editor)
    assert outsider.post(address(token)).status_code == 405


# Publication


def test_publication_turns_the_link_into_a_way_to_the_public_page(outsider, editor):
    story = story_of(editor)
    _link, token = link_to(story, editor)
    story.publish(version=story.read_draft().version, by=editor, at=timezone.now())
    story.refresh_from_db()
    answer = outsider.get(address(token))
    assert answer.status_code == 302
    assert answer["Location"] == settings.HOME_ORIGIN + story.get_absolute_url()


def test_a_scheduled_story_is_still_a_draft_for_the_outsider(outsider, editor):
    story = story_of(editor)
    link, token = link_to(story, editor, days=30)
    now = timezone.now()
    story.publish(version=story.read_draft().version, by=editor, at=now, when=now + DAY)
    assert outsider.get(address(token)).status_code == 200
    assert not link.has_ended(at=now)
    assert link.has_ended(at=now + 2 * DAY)


def test_after_a_withdrawal_the_old_link_opens_nothing_and_a_new_one_does(outsider, editor):
    story = story_of(editor)
    _link, token = link_to(story, editor)
    story.publish(version=story.read_draft().version, by=editor, at=timezone.now())
    story.withdraw(by=editor, at=timezone.now(), note="Wrong")
    assert outsider.get(address(token)).status_code == 404
    _link, again = link_to(story, editor, at=timezone.now())
    assert outsider.get(address(again)).status_code == 200


def test_an_expired_story_is_not_read_through_an_old_link(outsider, editor):
    story = story_of(editor)
    _link, token = link_to(story, editor)
    now = timezone.now()
    story.publish(version=story.read_draft().version, by=editor, at=now)
    story.set_times(embargo_until=None, expires_at=now, by=editor, at=now)
    assert outsider.get(address(token)).status_code == 404


# Counting


def test_each_opening_counts_once_and_keeps_nothing_about_the_reader(outsider, editor):
    link, token = link_to(story_of(editor), editor)
    for _time in range(3):
        outsider.get(address(token), headers={"user-agent": "Lawyer/1.0"}, REMOTE_ADDR="203.0.113.9")
    outsider.head(address(token))
    link.refresh_from_db()
    assert link.views == 3
    assert link.last_seen_at is not None
    everything = json.dumps(list(PrivateLink.objects.values()), default=str)
    assert "203.0.113" not in everything
    assert "Lawyer" not in everything


def test_a_link_revoked_while_the_page_is_being_made_counts_nothing(editor):
    link, _token = link_to(story_of(editor), editor)
    PrivateLink.objects.update(revoked_at=timezone.now())
    assert not link.count_view(at=timezone.now())
    link.refresh_from_db()
    assert link.views == 0


def test_a_view_writes_no_content(outsider, editor, django_assert_max_num_queries):
    _link, token = link_to(story_of(editor), editor)
    outsider.get(address(token))
    with django_assert_max_num_queries(60) as asked:
        outsider.get(address(token))
    writes = [query["sql"] for query in asked.captured_queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert not [sql for sql in writes if "privatelink" not in sql and "ratecount" not in sql]


# Making and revoking


def test_the_address_is_shown_once_and_works(client, outsider, editor):
    client.force_login(editor)
    story = story_of(editor)
    answer = client.post(admin_address(story), {"note": "The lawyer", "days": "3"})
    shown = BeautifulSoup(answer.content, "html.parser").select_one("#once-address")["value"]
    assert shown.startswith(settings.WORKSHOP_ORIGIN + "/private/")
    assert "no-store" in answer["Cache-Control"]
    assert outsider.get(urlsplit(shown).path).status_code == 200
    again = client.get(admin_address(story)).content.decode()
    assert urlsplit(shown).path not in again
    assert "The lawyer" in again
    link = PrivateLink.objects.get()
    assert link.expires_at - link.created_at == 3 * DAY
    assert link.created_by == editor
    assert StaffAction.objects.filter(action="issue private link", object_id=str(story.pk), reason="").exists()


def test_a_revoked_link_is_dead_at_once_and_revoked_only_once(client, outsider, editor):
    client.force_login(editor)
    story = story_of(editor)
    link, token = link_to(story, editor)
    for _time in range(2):
        assert client.post(admin_address(story, "revoke", link.pk)).status_code == 302
    assert outsider.get(address(token)).status_code == 404
    assert StaffAction.objects.filter(action="revoke private link").count() == 1


def test_the_link_of_another_story_cannot_be_revoked_from_here(client, editor):
    client.force_login(editor)
    link, _token = link_to(story_of(editor), editor)
    assert client.post(admin_address(story_of(editor), "revoke", link.pk)).status_code == 404
    assert client.get(admin_address(story_of(editor), "revoke", link.pk)).status_code == 403
    link.refresh_from_db()
    assert link.revoked_at is None


@pytest.mark.parametrize("days", ["", "0", "31", "-1", "abc", "1e3", "²", "9" * 400, "2.5"])
def test_a_time_that_cannot_be_is_refused_at_its_field(client, editor, days):
    client.force_login(editor)
    answer = client.post(admin_address(story_of(editor)), {"note": "", "days": days})
    assert answer.status_code == 422
    assert BeautifulSoup(answer.content, "html.parser").select(".field--days .errorlist")
    assert not PrivateLink.objects.exists()


@pytest.mark.parametrize("note", ["a" * 201, "bell\x07", "a\ufffd"])
def test_a_note_that_cannot_be_kept_is_refused_at_its_field(client, editor, note):
    client.force_login(editor)
    answer = client.post(admin_address(story_of(editor)), {"note": note, "days": "7"})
    assert answer.status_code == 422
    assert not PrivateLink.objects.exists()


def test_there_are_never_too_many_open_links(editor):
    story = story_of(editor)
    for _number in range(20):
        link_to(story, editor)
    with pytest.raises(ValidationError):
        link_to(story, editor)
    PrivateLink.objects.first().revoke(by=editor, at=timezone.now())
    link_to(story, editor)


@pytest.mark.parametrize("days", [0, -1, 31])
def test_no_link_lives_outside_its_bounds(editor, days):
    with pytest.raises(ValidationError):
        link_to(story_of(editor), editor, days=days)


def test_the_database_keeps_no_link_that_expires_before_it_begins(editor):
    link, _token = link_to(story_of(editor), editor)
    with pytest.raises(IntegrityError), transaction.atomic():
        PrivateLink.objects.update(expires_at=link.created_at)


def test_who_may_not_change_the_story_may_not_share_it(client, editor):
    story = story_of(editor)
    link, _token = link_to(story, editor)
    for user in (make_user("Reporter"), make_user("Photo editor"), make_user()):
        client.force_login(user)
        assert client.get(admin_address(story)).status_code == 403
        assert client.post(admin_address(story), {"days": "7"}).status_code == 403
        assert client.post(admin_address(story, "revoke", link.pk)).status_code == 403
        assert "/links/" not in client.get(admin_address(story, "history")).content.decode()
    assert PrivateLink.objects.filter(revoked_at=None).count() == 1


def test_a_reporter_shares_an_own_story(client):
    reporter = make_user("Reporter")
    client.force_login(reporter)
    story = story_of(reporter)
    assert admin_address(story) in client.get(admin_address(story, "change")).content.decode()
    assert client.post(admin_address(story), {"days": "7"}).status_code == 200
    assert PrivateLink.objects.count() == 1


def test_what_readers_have_no_page_of_has_no_link(client):
    client.force_login(make_user(is_superuser=True))
    issue = make_issue(make_newsletter())
    assert client.get(admin_address(issue)).status_code == 404
    assert "/links/" not in client.get(admin_address(issue, "change")).content.decode()


def test_a_deleted_story_takes_its_links_along(outsider, editor):
    story = story_of(editor)
    _link, token = link_to(story, editor)
    story.delete()
    assert not PrivateLink.objects.exists()
    assert outsider.get(address(token)).status_code == 404


def test_the_page_says_when_the_draft_runs_ahead_of_what_the_link_shows(client, editor):
    client.force_login(editor)
    story = story_of(editor)
    assert "Something was typed" not in client.get(admin_address(story)).content.decode()
    save(story, editor, revision=False, headline="Ahead")
    assert "Something was typed" in client.get(admin_address(story)).content.decode()
