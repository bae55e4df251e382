"""Composing: the rule fills a draft at its hour, blocks have their place, and what changed since raises a flag."""

import datetime

import pytest
from django.utils import timezone

from newsletters import jobs
from newsletters.models import Issue
from newsroom import registry
from newsroom.models import DailyCount
from tests.make import make_article, make_edition, make_photo, make_section, make_user
from tests.newsletters.make import (
    approve,
    later,
    make_due,
    make_issue,
    make_newsletter,
    make_reader,
    pump,
    read,
    story_block,
    text_block,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsletter():
    return make_newsletter()


def part(mail, kind="plain"):
    return mail.get_body(preferencelist=(kind,)).get_content().replace("\r\n", "\n")


def send(newsletter, *blocks):
    make_reader(None, newsletter)
    issue = make_due(newsletter, blocks=list(blocks))
    return issue, read(pump().letters[-1][1])


def messages(issue, *, blocks=None):
    return [str(problem.message) for problem in issue.problems() if blocks is None or problem.blocks is blocks]


# The rule


def test_rule_finds_what_came_since_the_last_letter_and_was_not_in_it(newsletter):
    old = make_article(published=True, headline="Old")
    send(newsletter, story_block(old))
    new = [make_article(published=True, headline=f"New {number}") for number in range(3)]
    make_article(headline="Not published")
    found = newsletter.find_stories(at=timezone.now())
    assert {story.pk for story in found} == {story.pk for story in new}
    newsletter.rule_most = 2
    assert len(newsletter.find_stories(at=timezone.now())) == 2


def test_rule_keeps_to_its_section_and_topics(newsletter):
    section = make_section("Culture")
    culture = make_article(published=True, section=section, topics=["Theatre"])
    make_article(published=True)
    newsletter.rule_section = section
    assert newsletter.find_stories(at=timezone.now()) == [culture]
    newsletter.rule_section = None
    newsletter.rule_topics.set(culture.topics.all())
    assert newsletter.find_stories(at=timezone.now()) == [culture]


def test_rule_may_pick_what_was_read_most(newsletter):
    stories = [make_article(published=True, headline=f"Story {number}") for number in range(4)]
    today = timezone.localdate(timezone.now())
    DailyCount.objects.add({
        ("story", stories[0].public_id, today): 3, ("story", stories[2].public_id, today): 9,
        ("story", stories[1].public_id, today - datetime.timedelta(days=30)): 99,
        ("appeal", stories[3].public_id, today): 50,
    })  # fmt: skip
    newest = newsletter.find_stories(at=timezone.now())
    newsletter.rule_pick, newsletter.rule_most = "read", 3
    assert newsletter.find_stories(at=timezone.now()) == [
        stories[2], stories[0], *[story for story in newest if story in (stories[1], stories[3])][:1],
    ]  # fmt: skip


def test_filling_adds_what_is_missing_once(client, newsletter):
    stories = [make_article(published=True) for _number in range(2)]
    issue = make_issue(newsletter, blocks=[story_block(stories[0])])
    editor = make_user("Newsletter editor")
    client.force_login(editor)
    assert issue.fill(version=issue.read_draft().version, by=editor, at=timezone.now()) == 1
    assert [row["article"] for row in issue.read_draft().content["blocks"]] == [story.pk for story in stories]
    assert issue.fill(version=issue.read_draft().version, by=editor, at=timezone.now()) == 0


FRIDAY_SIX = datetime.datetime(2026, 11, 27, 17, 0, tzinfo=datetime.UTC)  # 18:00 in Copenhagen


def weekly(**fields):
    edition = make_edition(postal_address="1 Ropewalk", time_zone="Europe/Copenhagen")
    return make_newsletter(edition=edition, draft_weekday=4, draft_hour=18, **fields)


def test_every_friday_a_draft_begins_once_and_nobody_gets_it_unapproved():
    newsletter = weekly()
    make_reader(None, newsletter)
    make_article(published=True, headline="The flood", at=later(FRIDAY_SIX, days=-1), when=later(FRIDAY_SIX, days=-1))
    jobs.begin_drafts(at=later(FRIDAY_SIX, minutes=-1))
    assert not Issue.objects.exists()
    for _time in range(3):
        jobs.begin_drafts(at=FRIDAY_SIX)
    issue = Issue.objects.get()
    assert (issue.state, issue.read_draft().title) == ("draft", "The flood")
    assert not pump(at=later(FRIDAY_SIX, hours=2)).letters
    jobs.begin_drafts(at=later(FRIDAY_SIX, days=7))
    assert Issue.objects.count() == 2


def test_hour_that_was_missed_by_a_day_waits_for_the_next_week():
    weekly()
    jobs.begin_drafts(at=later(FRIDAY_SIX, hours=25))
    assert not Issue.objects.exists()


def test_hour_is_the_editions_on_both_sides_of_summer_time():
    newsletter = weekly()
    summer = datetime.datetime(2026, 7, 3, 16, 0, tzinfo=datetime.UTC)
    assert newsletter.draft_due(FRIDAY_SIX) == FRIDAY_SIX
    assert newsletter.draft_due(summer) == summer


# Blocks


def test_blocks_stand_in_the_mail_or_on_the_web_or_in_both(client, newsletter):
    issue, mail = send(
        newsletter, text_block("<p>For all.</p>"), text_block("<p>For the mail.</p>", show="mail"),
        text_block("<p>For the web.</p>", show="web"),
    )  # fmt: skip
    issue.refresh_from_db()
    page = client.get(issue.get_absolute_url()).content.decode()
    assert "For the mail." in part(mail) and "For the web." not in part(mail) + part(mail, "html")
    assert "For the web." in page and "For the mail." not in page
    assert "For all." in page and "For all." in part(mail)


def test_advertisement_says_what_it_is(client, newsletter):
    issue, mail = send(newsletter, text_block(), text_block("<p>Buy boots.</p>", kind="sponsor", headline="Boots"))
    issue.refresh_from_db()
    page = client.get(issue.get_absolute_url()).content.decode()
    for shown in (part(mail), part(mail, "html"), page):
        assert shown.index("Advertisement") < shown.upper().index("BOOTS")


def test_picture_comes_from_our_own_host_with_words_and_the_same_address_for_everybody(newsletter, settings):
    photo = make_photo(alt="Ships at anchor.")
    _issue, mail = send(newsletter, text_block(), text_block("", kind="image", photo=photo.pk))
    html = part(mail, "html")
    assert html.count("<img") == 1
    assert f'src="{settings.HOME_ORIGIN}/media/' in html and 'alt="Ships at anchor."' in html
    assert "[Photo: Ships at anchor.]" in part(mail)


def test_layout_with_pictures_shows_those_of_the_stories_and_one_may_be_chosen_for_this_letter(newsletter):
    newsletter.layout = "pictures"
    newsletter.save()
    lead, other = make_photo(alt="The lead."), make_photo(alt="Another.")
    story = make_article(published=True, photo=lead)
    second = make_article(published=True, photo=lead)
    _issue, mail = send(newsletter, story_block(story), story_block(second, photo=other.pk))
    html = part(mail, "html")
    assert "The lead." in html and "Another." in html


def test_layouts_without_pictures_load_none(newsletter):
    story = make_article(published=True, photo=make_photo())
    _issue, mail = send(newsletter, story_block(story))
    assert "<img" not in part(mail, "html")


def test_brief_layout_shows_headlines_alone(newsletter):
    newsletter.layout = "brief"
    newsletter.save()
    _issue, mail = send(newsletter, story_block(make_article(published=True, headline="The flood")))
    assert "The flood" in part(mail, "html") and "Ships left at dawn" not in part(mail, "html")


# Flags


def test_story_of_the_last_letter_is_marked(newsletter):
    story = make_article(published=True, headline="The flood")
    send(newsletter, story_block(story))
    issue = make_issue(newsletter, blocks=[story_block(story)])
    assert "“The flood” stood in the last letter." in messages(issue, blocks=False)


def test_story_cannot_enter_twice(newsletter):
    story = make_article(published=True)
    assert "twice" in " ".join(messages(make_issue(newsletter, blocks=[story_block(story)] * 2), blocks=True))


def correct(story, kind):
    from articles.models import Correction

    Correction.write(story, kind=kind, text="It was Tuesday.", place="end", by=None, at=timezone.now())


def test_corrected_story_is_flagged_and_a_retracted_one_blocks(newsletter):
    story = make_article(published=True, headline="The flood")
    issue = make_issue(newsletter, blocks=[story_block(story)])
    assert not messages(issue, blocks=True)
    correct(story, "correction")
    assert "was corrected since" in " ".join(messages(issue, blocks=False))
    approve(issue)
    correct(story, "retraction")
    assert "was retracted" in " ".join(messages(issue, blocks=True))
    issue.send_now(by=None, at=timezone.now())
    make_reader(None, newsletter)
    assert not pump().letters
    issue.refresh_from_db()
    assert (issue.state, "retracted" in issue.state_note) == ("held", True)


def test_picture_part_without_a_picture_blocks(newsletter):
    issue = make_issue(newsletter, blocks=[text_block(), text_block("", kind="image")])
    assert "Choose the picture" in " ".join(messages(issue, blocks=True))


def test_picture_without_alternative_text_blocks(newsletter):
    photo = make_photo(alt="")
    issue = make_issue(newsletter, blocks=[text_block(), text_block("", kind="image", photo=photo.pk)])
    assert "no alternative text" in " ".join(messages(issue, blocks=True))


# The desk


def test_test_mail_goes_to_the_colleagues_chosen(client, newsletter):
    from django.core import mail

    from newsroom import worker

    issue, editor, colleague = make_issue(newsletter), make_user("Newsletter editor"), make_user("Editor")
    client.force_login(editor)
    data = {
        "subject": "Rain", "preheader": "And wind", "version": issue.read_draft().version, "_move": "send_test",
        "blocks-rows": "1", "blocks-0-kind": "text", "blocks-0-text_html": "<p>Dear readers.</p>",
        "blocks-0-show": "both", "move-colleagues": [colleague.pk],
    }  # fmt: skip
    assert client.post(f"/admin/newsletters/issue/{issue.pk}/change/", data).status_code == 302
    worker.drain()
    assert [sent.to for sent in mail.outbox] == [[colleague.email]]


@pytest.mark.parametrize(
    ("query", "there", "policy"),
    [("", "@media print", "'self'"), ("?scheme=dark", "@media all", "'self'"), ("?bare", "@media print", "'none'")],
)
def test_preview_shows_light_dark_and_without_pictures(client, newsletter, query, there, policy):
    issue = make_issue(newsletter)
    client.force_login(make_user("Newsletter editor"))
    answer = client.get(f"/admin/newsletters/issue/{issue.pk}/preview/html{query}")
    assert there in answer.content.decode()
    assert f"img-src {policy}" in answer["Content-Security-Policy"]
    assert "script-src 'none'" in answer["Content-Security-Policy"]
    assert client.get(f"/admin/newsletters/issue/{issue.pk}/preview/{query}").status_code == 200
    assert registry.dashboard
