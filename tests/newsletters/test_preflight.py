"""Before a letter goes out: what stops it, and what a named person may overrule."""

import pytest
from django.utils import timezone

from desk.models import NotReady
from newsletters import letter, preflight
from newsletters.preflight import Doubt
from newsroom.models import StaffAction
from tests.make import make_article, make_user
from tests.newsletters.make import approve, make_issue, make_newsletter, make_reader, pump, text_block

pytestmark = pytest.mark.django_db


def doubts(issue):
    """Return what the checklist doubts."""
    return [str(problem.message) for problem in issue.problems() if isinstance(problem, Doubt)]


def linked(address):
    """Return an issue whose words hold a link."""
    return make_issue(blocks=[text_block(f'<p>Read <a href="{address}">this</a>.</p>')])


@pytest.mark.parametrize("address", ["/no/such/page", "http://nowhere/x", "mailto:"])
def test_dead_link_stops_the_letter(address):
    issue = linked(address)
    assert any("leads nowhere" in words for words in doubts(issue))
    with pytest.raises(NotReady):
        approve(issue)


@pytest.mark.parametrize("address", ["/newsletters/", "https://example.org/x", "mailto:a@example.org", "/"])
def test_living_link_does_not(address):
    assert doubts(linked(address)) == []


def test_address_that_nothing_can_read_is_dead_and_breaks_nothing():
    content = {"blocks": [{"text_html": '<p><a href="http://[x/">this</a></p>'}]}
    assert len(list(preflight.dead_links(content))) == 1


def test_link_to_a_story_that_is_not_published_stops_it():
    story = make_article()
    issue = make_issue(blocks=[text_block(f'<p><a data-article="{story.public_id}">this</a></p>')])
    assert any("not published" in words for words in doubts(issue))


def test_what_is_missing_around_the_letter_stops_it():
    newsletter = make_newsletter()
    newsletter.edition.postal_address = ""
    newsletter.edition.save()
    issue = make_issue(newsletter, preheader="", blocks=[
        text_block(),         *[text_block("<p>" + "It rained. " * 4000 + "</p>") for _number in range(3)],
    ])  # fmt: skip
    said = " ".join(doubts(issue))
    for words in ("preheader", "postal address", "102 KB"):
        assert words in said, words


def test_named_person_overrules_a_doubt_with_a_reason_and_it_goes_out():
    newsletter = make_newsletter()
    make_reader("vera@example.org", newsletter)
    issue, editor = make_issue(newsletter, preheader=""), make_user("Newsletter editor")
    version = issue.read_draft().version
    with pytest.raises(NotReady):
        issue.approve(version=version, by=editor, at=timezone.now())
    issue.refresh_from_db()
    issue.approve(version=issue.read_draft().version, by=editor, at=timezone.now(), in_spite="It is urgent.")
    record = StaffAction.objects.get(action="approve in spite")
    assert record.user == editor
    assert record.reason.startswith("It is urgent.")
    assert "preheader" in record.reason
    issue.send_now(by=editor, at=timezone.now())
    assert pump().recipients == ["vera@example.org"]


def test_what_makes_a_letter_impossible_is_overruled_by_nobody(monkeypatch):
    unpublished = make_issue(
        blocks=[{"kind": "article", "article": make_article().pk, "headline": "", "text_html": ""}]
    )
    with pytest.raises(NotReady):
        unpublished.approve(version=unpublished.read_draft().version, by=None, at=timezone.now(), in_spite="Because.")
    issue, whole = make_issue(), letter.freeze

    def without_link(issue, content, **options):
        return whole(issue, content, **options).replace(letter.Placeholders.of(issue).token.encode(), b"")

    monkeypatch.setattr(letter, "freeze", without_link)
    with pytest.raises(NotReady, match="leaving"):
        issue.approve(version=issue.read_draft().version, by=None, at=timezone.now(), in_spite="Because.")


def test_without_a_doubt_nothing_is_put_on_record():
    issue = make_issue()
    issue.approve(
        version=issue.read_draft().version, by=make_user("Newsletter editor"), at=timezone.now(), in_spite="x"
    )
    assert not StaffAction.objects.filter(action="approve in spite").exists()
