"""The mail itself: what the rules for bulk senders and for Internet mail want of every letter."""

import re
from email import policy
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone

from newsletters import blocks, letter
from newsletters.channels import seven_bit
from tests.make import make_article, make_edition
from tests.newsletters.make import Recorder, make_due, make_newsletter, make_reader, pump, read, story_block, text_block

pytestmark = pytest.mark.django_db
RUSSIAN = "<p>" + "Вода поднялась до третьей ступени, и паром остался у причала. " * 60 + "</p>"


@pytest.fixture(params=["en", "ru"])
def message(request):
    """Return one letter as a reader gets it."""
    make_edition(
        postal_address="1 Ropewalk, Linnhaven", support_title="A letter", support_short="Readers pay for this."
    )
    edition = make_edition(request.param, postal_address="1 Ropewalk, Linnhaven", contact_email="desk@lantern.example")
    name, subject, words = {
        "en": ("The Week", "Flood, bread & “paper”", "<p>" + "The water rose to the third step. " * 60 + "</p>"),
        "ru": ("Неделя", "Вода, хлеб и очень длинная тема письма, которой тесно в одной строке заголовка", RUSSIAN),
    }[request.param]
    newsletter = make_newsletter(name, edition=edition, sender_name=edition.title)
    story = make_article(published=True, edition=edition, headline="Ferry stays in port", kicker="the Sound")
    link = f'<p>See <a data-article="{story.public_id}">the story</a> and <a href="https://example.org/a?b=1&amp;c=2">this</a>.</p>'
    make_reader("vera.lind@example.org", newsletter)
    blocks = [
        text_block(words + link + "<ul><li>One</li><li>Two</li></ul>"), story_block(story, headline="Own words"),
        {"kind": "support", "article": None, "headline": "", "text_html": ""},
    ]  # fmt: skip
    make_due(newsletter, subject=subject, preheader="In short", blocks=blocks)
    ((_recipient, sent),) = pump(Recorder()).letters
    return sent


def test_parses_strictly_without_defects(message):
    parsed = BytesParser(policy=policy.strict).parsebytes(message)
    assert not parsed.defects
    assert all(not part.defects for part in parsed.walk())
    assert not any(header.defects for part in parsed.walk() for header in part.values() if hasattr(header, "defects"))


def test_every_line_is_short_enough_and_ends_in_crlf(message):
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(map(len, message.split(b"\r\n"))) <= 998
    head, _blank, _body = message.partition(b"\r\n\r\n")
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 200


def test_is_far_below_the_size_at_which_gmail_cuts(message):
    assert len(message) < 102_000


def test_has_text_and_html_in_this_order(message):
    parsed = read(message)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parsed.iter_parts()} <= {"7bit", "8bit"}


def test_headers_for_bulk_senders_are_there_once(message):
    parsed = read(message)
    wanted = (
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To", "List-Id", "List-Unsubscribe",
        "List-Unsubscribe-Post", "Precedence", "Auto-Submitted",
    )  # fmt: skip
    for name in wanted:
        assert len(parsed.get_all(name)) == 1, name
    assert parsed["To"] == "vera.lind@example.org"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<https?://[^/]+/newsletters/leave/\d{12}-[0-9a-f]{32}>", parsed["List-Unsubscribe"])
    assert re.fullmatch(r"<[0-9a-f]{32}@lantern\.example>", parsed["Message-ID"])
    assert abs((parsedate_to_datetime(parsed["Date"]) - timezone.now()).total_seconds()) < 60


def test_leave_link_stands_in_header_text_and_html_and_works(message, client):
    parsed = read(message)
    link = parsed["List-Unsubscribe"].strip("<>")
    for kind in ("plain", "html"):
        assert link in parsed.get_body(preferencelist=(kind,)).get_content()
    assert client.post(link.partition("/newsletters")[1] + link.partition("/newsletters")[2]).status_code == 200


def test_nothing_is_loaded_from_anywhere_and_nothing_is_counted(message):
    html = read(message).get_body(preferencelist=("html",)).get_content()
    assert not re.search(r"<(img|script|link|iframe|object|video|audio|form|base)\b", html)
    assert not re.search(r"url\(|@import|src=|background=|http-equiv", html)
    token = re.search(r"\d{12}-[0-9a-f]{32}", html).group()
    assert all("/newsletters/leave/" in link for link in re.findall(r'href="([^"]+)"', html) if token in link)
    assert "https://example.org/a?b=1&amp;c=2" in html, "the editors' links stay as they are"


def test_address_stands_in_the_to_header_alone(message):
    assert message.count(b"vera.lind") == 1


def test_placeholders_are_all_gone(message):
    from newsletters.models import Issue

    marks = letter.Placeholders.of(Issue.objects.get())
    assert not [name for name in marks.__dataclass_fields__ if getattr(marks, name).encode() in message]


def test_text_says_the_same_as_the_html(message):
    text = read(message).get_body(preferencelist=("plain",)).get_content()
    assert "<" not in text.replace("<http", "")
    assert "&amp;" not in text
    assert "OWN WORDS" in text
    assert "– One" in text
    assert re.search(r"(the story|this)\s+\(https?://", text)
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 76


def test_mail_names_the_edition_and_where_it_lives(message):
    for kind in ("plain", "html"):
        assert "1 Ropewalk, Linnhaven" in read(message).get_body(preferencelist=(kind,)).get_content()


def test_html_is_inlined_and_knows_dark_mode(message):
    html = read(message).get_body(preferencelist=("html",)).get_content()
    assert "prefers-color-scheme: dark" in html.replace("prefers-color-scheme:dark", "prefers-color-scheme: dark")
    assert 'style="' in html
    assert 'name="color-scheme"' in html


def test_server_without_8bitmime_gets_seven_bits_and_the_same_words(message):
    plain = seven_bit(message)
    assert plain.isascii()
    for kind in ("plain", "html"):
        before, after = (read(mail).get_body(preferencelist=(kind,)).get_content() for mail in (message, plain))
        assert before.split() == after.split()
    assert read(plain)["List-Unsubscribe"] == read(message)["List-Unsubscribe"]


@pytest.mark.parametrize(
    "line",
    ["word " * 500, "слово " * 500, '<a href="https://example.org/' + "x" * 400 + '">слова</a> ' * 20, "short"],
)
def test_wrapping_breaks_every_long_line_and_loses_no_word(line):
    wrapped = letter.wrap_html(line)
    assert all(len(part.encode()) <= 998 for part in wrapped.split("\n"))
    assert wrapped.split() == line.split()


def test_word_that_cannot_be_broken_stays_whole():
    assert letter.wrap_html("x" * 2000) == "x" * 2000


def test_link_to_a_withdrawn_story_keeps_its_words_alone():
    story = make_article(published=True)
    text = f'<p>See <a data-article="{story.public_id}">this</a>.</p>'
    story.withdraw(by=None, at=timezone.now())
    assert "href" not in blocks.read_text(text, {}, "")
    assert "this" in blocks.read_text(text, {}, "")


def test_sender_name_with_quotes_stays_one_name():
    newsletter = make_newsletter(sender_name='The "Week", \\ Lantern')
    make_reader(None, newsletter)
    make_due(newsletter)
    ((_recipient, sent),) = pump().letters
    (sender,) = read(sent)["From"].addresses
    assert sender.addr_spec == "letters@lantern.example"


def test_composing_asks_few_questions(django_assert_max_num_queries):
    from tests.newsletters.make import make_issue

    stories = [make_article(published=True, headline=f"Story {number}") for number in range(10)]
    issue = make_issue(blocks=[story_block(story) for story in stories])
    content = issue.read_draft().content
    with django_assert_max_num_queries(3):
        letter.freeze(issue, content, at=timezone.now())
