"""The same letter with its layout, as text, with whole stories, and discreetly; no form betrays or loads anything."""

import re

import pytest
from django.utils import timezone

from newsletters import letter
from newsletters.models import Subscription
from newsroom import registry
from tests.make import make_article, make_photo
from tests.newsletters.make import (
    approve,
    make_approved,
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
ADDRESS = re.compile(r"(?:https?:)?//([^/\s\"'<>)]+)")


@pytest.fixture
def newsletter():
    return make_newsletter(
        "The Week", offers_discreet=True, discreet_name="Anna", discreet_subject="Notes",
        discreet_address="anna@notes.example", discreet_list_id="notes.example.net",
    )  # fmt: skip


def reader_of(newsletter, variant):
    reader = make_reader(f"{variant}@example.org", newsletter)
    Subscription.objects.filter(subscriber=reader).update(variant=variant)
    return reader


def story(**fields):
    return make_article(published=True, **fields)


def sent(newsletter, *blocks):
    """Send one issue to a reader of each form and return {variant: [mail, …]}."""
    for variant in ("standard", "text", "full", "discreet"):
        reader_of(newsletter, variant)
    make_due(newsletter, blocks=list(blocks) or None)
    found = {}
    for recipient, message in pump().letters:
        found.setdefault(recipient.partition("@")[0], []).append(read(message))
    return found


def part(mail, kind="plain"):
    return mail.get_body(preferencelist=(kind,)).get_content().replace("\r\n", "\n")


def whole(mail):
    """Return all that can be read in a mail."""
    return "\n".join([*map(str, mail.values()), *(one.get_content() for one in mail.walk() if not one.is_multipart())])


def test_each_reader_gets_the_form_she_chose(newsletter):
    mails = sent(newsletter, text_block(), story_block(story(headline="The flood")))
    assert {variant: len(found) for variant, found in mails.items()} == dict.fromkeys(mails, 1)
    assert mails["standard"][0].is_multipart()
    assert mails["text"][0].get_content_type() == "text/plain"
    assert "The first ferry left at five" not in part(mails["standard"][0])
    assert "The first ferry left at five" in part(mails["full"][0])
    assert "The first ferry left at five" in part(mails["full"][0], "html")


def test_discreet_form_names_nobody_where_it_can_be_seen(newsletter):
    mail = sent(newsletter)["discreet"][0]
    assert (mail["Subject"], mail["From"]) == ("Notes", "Anna <anna@notes.example>")
    assert mail["List-Id"] == "<notes.example.net>"
    assert mail["Message-ID"].endswith("@notes.example>")
    assert mail["Reply-To"] is None
    head = part(mail, "html").partition("</h1>")[0]
    assert "Lantern" not in head and "The Week" not in head and 'class="pre"' not in head
    assert part(mail).startswith("Notes\n")


def test_form_that_is_not_offered_any_more_falls_back_to_the_common_one(newsletter):
    reader_of(newsletter, "full")
    newsletter.offers_full = False
    newsletter.save()
    make_due(newsletter)
    assert len(pump().letters) == 1


def test_whole_stories_show_photos_and_tables_as_words_and_load_nothing(newsletter):
    photo = make_photo(caption="Ships at anchor.")
    body = (
        f'<p>Ships wait.</p><figure data-photo="{photo.public_id}"><figcaption>Ships at anchor.</figcaption></figure>'
        '<aside data-pullquote><p>We wait.</p></aside><div data-box="newsletter"></div>'
        "<table><tbody><tr><th>Port</th><td>Ships</td></tr></tbody></table>"
    )
    mail = sent(newsletter, story_block(story(body_html=body)))["full"][0]
    words = part(mail)
    assert "Ships wait." in words and "[Photo: Ships at anchor.]" in words and "Port · Ships" in words
    assert "We wait." not in words
    assert "<img" not in part(mail, "html")


LONG = "<p>" + "Вода поднималась всю ночь, и утром мельница стояла. " * 12 + "</p>"


def test_long_letter_with_whole_stories_comes_in_numbered_parts_of_less_than_102_kb(newsletter):
    stories = [story(headline=f"Story {number}", body_html=LONG * 30) for number in range(4)]
    mails = sent(newsletter, *(story_block(one) for one in stories))
    parts = mails["full"]
    assert len(parts) > 1
    assert len(mails["standard"]) == 1
    assert [mail["Subject"] for mail in parts] == [
        f"The week of the flood ({number}/{len(parts)})" for number in range(1, len(parts) + 1)
    ]
    assert all(len(mail.as_bytes()) < letter.MAX_BYTES for mail in parts)
    assert len({mail["Message-ID"] for mail in parts}) == len(parts)
    assert "".join(part(mail) for mail in parts).count("мельница") == 4 * 30 * 12, "not a sentence is lost or doubled"
    for mail in parts:
        assert part(mail).index("Leave with one click") < part(mail).index("STORY"), "the way out stands on top too"


def test_single_story_over_the_limit_breaks_between_paragraphs(newsletter):
    parts = sent(newsletter, story_block(story(body_html=LONG * 90)))["full"]
    assert len(parts) > 1
    assert "".join(part(mail) for mail in parts).count("мельница") == 90 * 12


def test_totals_count_every_part(newsletter):
    reader_of(newsletter, "full")
    issue = make_due(newsletter, blocks=[story_block(story(body_html=LONG * 90))])
    pump()
    issue.refresh_from_db()
    totals = issue.totals()
    assert issue.state == "sent"
    assert totals["accepted"] == totals["total"] == issue.frozen().filter(variant="full").count() > 1


def test_no_form_loads_or_names_a_foreign_host(newsletter, settings):
    photo = make_photo()
    mails = sent(newsletter, text_block(), story_block(story(photo=photo)), {**text_block(), "kind": "support"})
    home = settings.HOME_ORIGIN.partition("://")[2]
    for found in mails.values():
        for mail in found:
            source = whole(mail)
            assert set(ADDRESS.findall(source)) <= {home}
            assert "<img" not in source and "url(" not in source and "<link" not in source and "<script" not in source


def test_only_the_leave_link_holds_a_token(newsletter):
    mails = sent(newsletter)
    token = re.search(r"/leave/([^>\s]+)", mails["standard"][0]["List-Unsubscribe"]).group(1).rstrip(">")
    links = re.findall(r'href="([^"]+)"', part(mails["standard"][0], "html"))
    assert {link.rpartition("/")[0].rpartition("/")[2] for link in links if token in link} == {"leave"}


# Mirrors


@pytest.fixture
def mirrors():
    """A list that staff can change while a letter goes out."""
    listed = ["https://lantern-3.example", "http://lantern.onion"]
    registry.mirrors.add("test", lambda edition: listed)
    yield listed
    del registry.mirrors._entries["test"]


def test_mirrors_stand_at_the_end_as_they_are_when_the_letter_is_sent(newsletter, mirrors):
    make_reader("vera@example.org", newsletter)
    issue = make_approved(newsletter)
    mirrors[0] = "https://lantern-4.example"
    issue.send_now(by=issue.approved_by, at=timezone.now())
    mail = read(pump().letters[0][1])
    assert "read here:\nhttps://lantern-4.example\nhttp://lantern.onion" in part(mail)
    assert 'href="https://lantern-4.example"' in part(mail, "html")
    assert "lantern-3" not in mail.as_bytes().decode()


def test_without_mirrors_nothing_stands_there(newsletter):
    mail = sent(newsletter)["standard"][0]
    assert "read here" not in mail.as_bytes().decode()


# Those who have not got it


def test_send_to_missing_gives_nobody_a_second_one(newsletter):
    first = reader_of(newsletter, "full")
    issue = make_due(newsletter)
    pump()
    issue.refresh_from_db()
    Subscription.objects.filter(subscriber=first).update(variant="standard")
    late = make_reader("late@example.org", newsletter)
    assert issue.send_to_missing(by=issue.approved_by, at=timezone.now()) == 1
    assert pump().recipients == [late.read_address()]
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert issue.send_to_missing(by=issue.approved_by, at=timezone.now()) == 0


def test_send_to_missing_is_refused_before_the_start(newsletter):
    from newsletters.models import WrongState

    issue = approve(make_issue(newsletter))
    with pytest.raises(WrongState):
        issue.send_to_missing(by=None, at=timezone.now())
    assert not issue.deliveries.exists()


def test_discreet_form_without_its_words_is_refused():
    from django.core.exceptions import ValidationError

    newsletter = make_newsletter(offers_discreet=True)
    with pytest.raises(ValidationError) as refused:
        newsletter.full_clean()
    assert "offers_discreet" in refused.value.error_dict
