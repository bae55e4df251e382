"""Those who got a story by letter can be told of its correction in the next issue, with one click and once."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Correction
from desk.models import Stale
from newsletters.models import ToldCorrection, tell_corrections, untold_corrections
from tests.make import make_article, make_edition, make_user
from tests.newsletters.make import approve, make_issue, make_newsletter, pump, read, send_letter, story_block

pytestmark = pytest.mark.django_db


def correct(story, text="It was 11, not 12.", *, kind="correction", at=None):
    return Correction.write(story, kind=kind, text=text, place="end", by=None, at=at or timezone.now())


@pytest.fixture
def newsletter():
    return make_newsletter()


@pytest.fixture
def story(newsletter):
    """A story that went out by letter."""
    story = make_article(published=True, headline="Harbour reopens")
    send_letter(newsletter, [story])
    return story


def test_a_correction_of_a_story_that_went_out_is_offered_and_others_are_not(newsletter, story):
    untold = lambda: untold_corrections(newsletter, at=timezone.now())  # noqa: E731
    correct(make_article(published=True))
    correct(story, kind="update")
    correct(story, at=timezone.now() - datetime.timedelta(days=2))
    assert untold() == []
    note = correct(story)
    assert untold() == [note]
    assert untold_corrections(make_newsletter(edition=newsletter.edition), at=timezone.now()) == []
    Correction.objects.filter(pk=note.pk).update(taken_back_at=timezone.now())
    assert untold() == []


def test_one_click_adds_it_to_the_next_letter_and_readers_get_it(newsletter, story, client):
    correct(story, text="It was <11>, not 12.")
    issue = make_issue(newsletter, blocks=[story_block(make_article(published=True))])
    client.force_login(make_user("Newsletter editor"))
    address = reverse("admin:newsletters_issue_change", args=[issue.pk])
    page = client.get(address)
    assert "Tell readers of the corrections" in page.text
    assert "It was &lt;11&gt;, not 12." in page.text
    answer = press(client, address, page, "tell_corrections")
    assert "One correction was added." in answer.text
    assert "Tell readers of the corrections" not in answer.text
    issue = approve(type(issue).objects.get(pk=issue.pk))
    mail = read(bytes(issue.find_rendering().message))
    html, plain = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert "Correction: Harbour reopens" in html
    assert "It was &lt;11&gt;, not 12." in html
    assert story.get_absolute_url() in html
    assert "It was <11>, not 12." in plain


def press(client, address, page, move):
    from tests.attack import form_of

    form = form_of(page, address, holding="version")
    return client.post(address, dict(form.having(_move=move)), follow=True)


def test_it_is_told_once_in_each_newsletter(newsletter, story):
    other = make_newsletter(edition=newsletter.edition)
    send_letter(other, [story])
    correct(story)
    for wanted in (newsletter, other):
        issue = make_issue(wanted)
        assert tell_corrections(issue, version=issue.read_draft().version, by=None, at=timezone.now()) == 1
        again = make_issue(wanted)
        assert tell_corrections(again, version=again.read_draft().version, by=None, at=timezone.now()) == 0


def test_a_letter_that_is_cancelled_or_deleted_has_told_nothing(newsletter, story):
    note = correct(story)
    for end in (lambda issue: issue.cancel(by=None, at=timezone.now()), lambda issue: issue.delete()):
        issue = make_issue(newsletter)
        tell_corrections(issue, version=issue.read_draft().version, by=None, at=timezone.now())
        assert untold_corrections(newsletter, at=timezone.now()) == []
        end(issue)
        assert untold_corrections(newsletter, at=timezone.now()) == [note]


def test_a_stale_tab_tells_nothing(newsletter, story):
    correct(story)
    issue = make_issue(newsletter)
    with pytest.raises(Stale):
        tell_corrections(issue, version=issue.read_draft().version + 1, by=None, at=timezone.now())
    assert not ToldCorrection.objects.exists()


def test_a_retraction_is_told_without_a_link_and_in_the_letters_language():
    newsletter = make_newsletter(edition=make_edition("ru", postal_address="1 Quay"))
    story = make_article(published=True, headline="Порт открыт", edition=newsletter.edition)
    send_letter(newsletter, [story])
    pump()
    story.withdraw(by=None, at=timezone.now())
    correct(story, kind="retraction", text="Всё было не так.")
    issue = make_issue(newsletter)
    tell_corrections(issue, version=issue.read_draft().version, by=None, at=timezone.now())
    block = issue.read_draft().content["blocks"][-1]
    assert block["headline"] != "Retraction: Порт открыт"
    assert block["headline"].endswith(": Порт открыт")
    assert "data-article" not in block["text_html"]
