"""Approval: a person freezes the letter, an edit takes it back, and the worker starts it once."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from desk.models import NotReady, Stale
from newsletters.models import Delivery, Issue, Suppression, WrongState
from newsroom.models import StaffAction
from tests.make import make_article, make_person, make_photo, make_user
from tests.newsletters.make import (
    approve,
    ask,
    later,
    make_approved,
    make_due,
    make_issue,
    make_newsletter,
    make_reader,
    make_readers,
    pump,
    read,
    story_block,
    text_block,
)

pytestmark = pytest.mark.django_db


def test_approval_freezes_the_mail_and_names_the_person():
    editor = make_user("Newsletter editor")
    issue = approve(make_issue(), by=editor)
    rendering = issue.find_rendering()
    assert (issue.state, issue.approved_by, issue.approved_hash) == ("approved", editor, rendering.approval)
    assert {frozen.variant for frozen in issue.frozen()} == {"standard", "text", "full"}
    assert rendering.size == len(rendering.message)
    assert issue.blocks.count() == 1
    assert StaffAction.objects.get().action == "approve"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"subject": ""}, "needs a subject"),
        ({"blocks": []}, "says nothing yet"),
        ({"blocks": [text_block("<p>" + "x" * 1200 + "</p>")]}, "more than 900 letters"),
        ({"blocks": [text_block("<p>" + "слово " * 9_500 + "</p>")]}, "Gmail cuts it off"),
    ],
)
def test_what_is_wrong_blocks_the_approval(content, words):
    issue = make_issue(**content)
    with pytest.raises(NotReady, match=words):
        approve(issue)
    assert Issue.objects.get().state == "draft"


def test_story_that_is_not_public_blocks_the_approval():
    with pytest.raises(NotReady, match="not published"):
        approve(make_issue(blocks=[story_block(make_article())]))


def test_same_story_twice_blocks_the_approval():
    story = make_article(published=True)
    with pytest.raises(NotReady, match="twice"):
        approve(make_issue(blocks=[story_block(story), story_block(story)]))


def test_stale_tab_cannot_approve_what_it_has_not_seen():
    issue = make_issue()
    draft = issue.read_draft()
    issue.save_draft({**draft.content, "subject": "Other"}, version=draft.version, by=None, at=timezone.now())
    with pytest.raises(Stale):
        issue.approve(version=draft.version, by=None, at=timezone.now())


@pytest.mark.parametrize("act", [None, "schedule"])
def test_edit_after_approval_withdraws_it(act):
    issue = make_approved()
    if act:
        issue.schedule(when=later(timezone.now(), hours=1), by=None, at=timezone.now())
    draft = issue.read_draft()
    issue.save_draft({**draft.content, "subject": "Other"}, version=draft.version, by=None, at=timezone.now())
    issue.refresh_from_db()
    assert (issue.state, issue.approved_at, issue.approved_hash, issue.due_at) == ("draft", None, "", None)


@pytest.mark.parametrize("state", ["sending", "paused", "sent", "cancelled"])
def test_letter_that_is_out_cannot_be_edited(state):
    issue = make_approved()
    Issue.objects.update(state=state, number=1, started_at=timezone.now())
    draft = issue.read_draft()
    with pytest.raises(ValidationError):
        issue.save_draft(draft.content, version=draft.version, by=None, at=timezone.now())
    with pytest.raises(ValidationError):
        issue.restore(issue.revisions.first(), version=draft.version, by=None, at=timezone.now())
    assert issue.read_draft().version == draft.version


def test_equal_content_is_frozen_to_equal_bytes():
    issue = make_approved()
    first = issue.approved_hash
    issue.withdraw_approval(by=None, at=timezone.now())
    assert approve(issue).approved_hash == first
    assert issue.renderings.count() == 3


def test_draft_cannot_be_sent():
    issue = make_issue()
    with pytest.raises(WrongState):
        issue.send_now(by=None, at=timezone.now())


def test_worker_starts_a_due_issue_once():
    newsletter = make_newsletter()
    make_readers(3, newsletter)
    issue = make_due(newsletter)
    assert issue.start(at=timezone.now())
    assert not Issue.objects.get(pk=issue.pk).start(at=timezone.now())
    assert Delivery.objects.count() == 3


def test_not_due_is_not_started():
    newsletter = make_newsletter()
    issue, now = make_approved(newsletter), timezone.now()
    issue.schedule(when=later(now, minutes=5), by=None, at=now)
    assert not pump(at=now).letters
    assert Issue.objects.get().state == "scheduled"
    pump(at=later(now, minutes=5))
    assert Issue.objects.get().state == "sent"


def test_only_confirmed_unpaused_unsuppressed_readers_get_a_row():
    newsletter, now = make_newsletter(), timezone.now()
    there = make_reader(None, newsletter)
    ask("waiting@example.org", newsletter)
    make_reader(None, newsletter).subscriptions.get().leave("page", at=now)
    make_reader(None, make_newsletter("Other"))
    bounced, resting = make_reader(None, newsletter), make_reader(None, newsletter)
    Suppression.impose(bounced.email_key, Suppression.Reason.BOUNCE, at=now)
    resting.subscriptions.update(paused_until=later(now, days=3))
    issue = make_due(newsletter)
    assert issue.readers_count(at=now) == 1
    issue.start(at=timezone.now())
    assert Delivery.objects.get().subscriber == there


def test_rows_are_made_by_one_statement(django_assert_num_queries):
    newsletter = make_newsletter()
    make_readers(5, newsletter)
    issue = make_due(newsletter)
    rendering = issue.find_rendering()
    from newsletters.models import Subscription

    readers = Subscription.objects.receiving(newsletter, timezone.now())
    with django_assert_num_queries(2):
        assert Delivery.objects.create_for(issue, rendering, readers) == 5
        assert Delivery.objects.create_for(issue, rendering, readers) == 0


def test_numbers_have_no_gap_whatever_is_thrown_away():
    newsletter = make_newsletter()
    first, thrown, third = (make_approved(newsletter) for _number in range(3))
    thrown.cancel(by=None, at=timezone.now())
    for issue in (third, first):
        issue.send_now(by=None, at=timezone.now())
        pump()
    third.refresh_from_db()
    first.refresh_from_db()
    assert (third.number, first.number) == (1, 2)


def test_time_missed_by_hours_is_held_and_says_why():
    now = timezone.now()
    issue = make_approved(at=now)
    issue.schedule(when=now, by=None, at=now)
    pump(at=later(now, hours=7))
    issue.refresh_from_db()
    assert issue.state == "held"
    assert "missed" in issue.state_note
    issue.send_now(by=None, at=later(now, hours=8))
    pump(at=later(now, hours=8))
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_story_withdrawn_after_approval_holds_the_letter():
    story = make_article(published=True)
    issue = make_due(blocks=[story_block(story)])
    story.withdraw(by=None, at=timezone.now())
    channel = pump()
    issue.refresh_from_db()
    assert issue.state == "held"
    assert "not published" in issue.state_note
    assert not channel.letters


@pytest.mark.django_db(transaction=True)
def test_story_withdrawn_mid_send_pauses_the_letter():
    newsletter, story = make_newsletter(), make_article(published=True)
    make_readers(2, newsletter)
    issue = make_due(newsletter, blocks=[story_block(story)])
    issue.start(at=timezone.now())
    story.withdraw(by=None, at=timezone.now())
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert "withdrawn" in issue.state_note


def signed_story():
    person = make_person("Zorvanna Quillfeather")
    photo = make_photo(creator=person.name)
    photo.make_renditions()
    return person, make_article(published=True, people=[person], photo=photo)


def texts(channel):
    return [read(message).get_body(("html",)).get_content() for _recipient, message in channel.letters]


def frozen_words(issue):
    kept = issue.renderings.filter(message__isnull=False, variant="standard")
    return "".join(read(bytes(found.message)).get_body(("html",)).get_content() for found in kept)


@pytest.mark.django_db(transaction=True)
def test_a_name_taken_back_withdraws_the_approval_and_forgets_the_frozen_mail():
    person, story = signed_story()
    issue = make_due(make_newsletter(layout="pictures"), blocks=[story_block(story)])
    other = make_due(make_newsletter(slug="other"))
    assert "Quillfeather" in frozen_words(issue)
    person.withdraw_name("nothing", by=None, at=timezone.now())
    issue.refresh_from_db()
    other.refresh_from_db()
    assert (issue.state, other.state) == ("draft", "scheduled")
    assert "name in this letter" in issue.state_note
    assert frozen_words(issue) == ""
    assert frozen_words(other)


@pytest.mark.django_db(transaction=True)
def test_a_name_taken_back_mid_send_pauses_and_the_rest_get_the_letter_without_it():
    newsletter, (person, story) = make_newsletter(layout="pictures"), signed_story()
    make_readers(4, newsletter)
    issue = make_due(newsletter, blocks=[story_block(story)])
    channel = pump(rounds=1, limit=2)
    person.withdraw_name("pseudonym", pseudonym="Mara Vell", by=None, at=timezone.now())
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert frozen_words(issue) == ""
    issue.resume(by=None, at=timezone.now())
    later_channel = pump()
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert ["Quillfeather" in message for message in texts(channel)] == [True, True]
    assert ["Mara Vell" in message for message in texts(later_channel)] == [True, True]
    assert not any("Quillfeather" in message for message in texts(later_channel))


def test_pause_resume_and_cancel_are_refused_where_they_make_no_sense():
    issue = make_approved()
    now = timezone.now()
    for act in (issue.pause, issue.resume):
        with pytest.raises(WrongState):
            act(by=None, at=now)
    issue.cancel(by=None, at=now)
    for act in (issue.cancel, issue.send_now, issue.withdraw_approval):
        with pytest.raises(WrongState):
            act(by=None, at=now)


def test_cancel_mid_send_drops_the_rest_and_takes_the_page_away(client):
    newsletter = make_newsletter()
    make_readers(4, newsletter)
    issue = make_due(newsletter)
    now = timezone.now()
    pump(rounds=1, limit=2)
    issue.refresh_from_db()
    assert client.get(issue.get_absolute_url()).status_code == 200
    issue.cancel(by=None, at=now)
    totals = issue.totals()
    assert (totals["accepted"], totals["dropped"], totals["total"]) == (2, 2, 4)
    assert not pump().letters
    assert not Issue.objects.published().exists()


def test_frozen_bytes_go_seven_days_after_sending_and_the_hash_stays():
    from newsletters.jobs import drop_frozen_bytes

    issue, now = make_due(), timezone.now()
    pump()
    drop_frozen_bytes(at=later(now, days=6))
    assert issue.find_rendering().message is not None
    drop_frozen_bytes(at=later(now, days=8))
    assert not issue.renderings.filter(message__isnull=False).exists()
    assert {frozen.approval for frozen in issue.renderings.all()} == {issue.approved_hash}
