"""A name that is taken back while letters wait, go out, or are out."""

import pytest
from django.urls import reverse
from django.utils import timezone

from newsletters.models import Issue, Rendering, WrongState
from newsroom import registry
from tests.make import make_article, make_person, make_user
from tests.newsletters.make import (
    Recorder,
    make_approved,
    make_due,
    make_issue,
    make_newsletter,
    make_readers,
    pump,
    text_block,
)

pytestmark = pytest.mark.django_db
NAME = "Zorvanna Quillfeather"


@pytest.fixture
def signed():
    """Return a person and her story."""
    person = make_person(NAME)
    return person, make_article(published=True, people=[person])


@pytest.fixture
def withdraw(signed, django_capture_on_commit_callbacks):
    """Return a function that takes the name back and lets everybody hear of it."""

    def act():
        with django_capture_on_commit_callbacks(execute=True):
            return signed[0].withdraw_name("nothing", by=make_user("Editor"), at=timezone.now())

    return act


def frozen():
    """Return every frozen mail as text."""
    return [bytes(each.message).decode() for each in Rendering.objects.filter(message__isnull=False)]


def test_an_approved_letter_that_names_her_is_a_draft_again_and_its_frozen_mail_is_gone(signed, withdraw):
    issue = make_approved(blocks=[text_block(f"<p>By {NAME}.</p>")])
    other = make_approved()
    assert any(NAME in mail for mail in frozen())
    withdraw()
    issue.refresh_from_db()
    other.refresh_from_db()
    assert (issue.state, issue.approved_by, issue.approved_hash) == ("draft", None, "")
    assert other.state == "approved"
    assert not any("Quillfeather" in mail for mail in frozen())
    assert frozen()


def test_a_letter_that_is_going_out_pauses(signed, withdraw):
    newsletter = make_newsletter()
    make_readers(2, newsletter)
    issue = make_due(newsletter, blocks=[text_block(f"<p>By {NAME}.</p>")])
    issue.start(at=timezone.now())
    withdraw()
    issue.refresh_from_db()
    assert issue.state == "paused"
    assert "taken back" in issue.state_note
    assert frozen() == []
    assert pump(Recorder()).letters == []


def test_a_letter_that_is_out_cannot_be_sent_to_anybody_else(signed, withdraw):
    newsletter = make_newsletter()
    make_readers(1, newsletter)
    issue = make_due(newsletter, blocks=[text_block(f"<p>By {NAME}.</p>")])
    assert len(pump().letters) == 1
    withdraw()
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert frozen() == []
    with pytest.raises(WrongState):
        issue.send_to_missing(by=None, at=timezone.now())


def test_letters_that_name_her_in_their_own_words_are_on_the_list(client, signed, withdraw):
    issue = make_issue(blocks=[text_block("<p>We thank Quillfeather.</p>")])
    make_issue(blocks=[text_block("<p>It rained.</p>")])
    urls = [mention.url for mention in withdraw().mentions() if mention.field == "draft"]
    assert urls == [reverse("admin:newsletters_issue_change", args=[issue.pk])]
    assert "newsletters" in dict(registry.name_mentions.items())
    assert Issue.objects.count() == 2
