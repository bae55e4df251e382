"""Old letters of another service come into the archive with their dates and addresses; nobody gets a mail."""

import io
import zipfile

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from articles.models import Redirect
from newsletters import old_letters
from newsletters.models import Delivery, Issue, Newsletter, take_in_archived
from newsroom import worker
from tests.make import make_article
from tests.newsletters.make import later, make_due, make_newsletter, make_readers

pytestmark = pytest.mark.django_db
POSTS = """post_id,post_date,is_published,email_sent_at,title,subtitle
101.harbour,2023-03-03T09:00:00.000Z,true,2023-03-03T10:00:00.000Z,The harbour letter,What we saw
102.draft,2023-03-04T09:00:00.000Z,false,,Never sent,
103.winter,2022-12-01T09:00:00.000Z,true,2022-12-01T10:00:00.000Z,A winter letter,
104.lost,2022-12-02T09:00:00.000Z,true,2022-12-02T10:00:00.000Z,A lost letter,
105.odd,2022-12-02T09:00:00.000Z,true,yesterday,An odd date,
"""
PAGE = """<div style="display:none">Preview</div><table role="presentation"><tr><td><p>The mill paid.</p>
<p><img src="https://cdn.example/x.png"> <a href="https://far.example/story">Read</a>
<a href="https://list-manage.com/track/click?u=1">Counted</a></p></td></tr></table>
<p><a href="https://far.example/unsubscribe?token=abc">Unsubscribe</a></p><script>alert(1)</script>"""
MAIL = """From: us@far.example
To: vera@example.org
Subject: =?utf-8?b?0J/QuNGB0YzQvNC+?=
Date: Fri, 06 Jan 2023 10:00:00 +0300
Message-ID: <one@far.example>
Archived-At: <https://far.example/letters/1>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<p>Снег.</p>
"""


def pack(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return stream.getvalue()


@pytest.fixture
def substack():
    return pack(**{"posts.csv": POSTS, "posts/101.harbour.html": PAGE, "posts/103.winter.html": "<p>Cold.</p>"
                   , "posts/105.odd.html": "<p>x</p>"})  # fmt: skip


@pytest.fixture
def newsletter():
    return make_newsletter()


def run(tmp_path, data, *words, name="export.zip"):
    (tmp_path / name).write_bytes(data)
    call_command(
        "importletters", str(tmp_path / name), *words, "--newsletter", Newsletter.objects.get().slug, verbosity=0
    )


def test_looking_says_what_would_come_and_writes_nothing(newsletter, substack, tmp_path, capsys):
    run(tmp_path, substack)
    said = capsys.readouterr().out
    assert "new  2023-03-03  The harbour letter  /p/harbour  (1 pictures left out)" in said
    assert "refused  104.lost: Its text is missing." in said
    assert "refused  105.odd: Its date cannot be read." in said
    assert "Never sent" not in said
    assert not Issue.objects.exists()


def test_letters_stand_in_the_archive_by_date_and_their_old_addresses_lead_there(
    newsletter, substack, tmp_path, client
):
    make_readers(2, newsletter)
    run(tmp_path, substack, "--write")
    page = client.get(newsletter.get_absolute_url()).text
    assert page.index("The harbour letter") < page.index("A winter letter")
    answer = client.get("/p/harbour")
    assert answer.status_code == 301
    letter = client.get(answer.url).text
    assert "The mill paid." in letter
    assert "What we saw" in letter
    worker.drain()
    assert not Delivery.objects.exists()
    assert not mail.outbox


def test_running_it_again_makes_no_double_and_goes_on_where_it_was(newsletter, substack, tmp_path, capsys):
    letters, _refused = old_letters.read(substack, "x.zip")
    take_in_archived(newsletter, letters[0], by=None, at=later(letters[0].sent_at, minutes=1))
    run(tmp_path, substack, "--write")
    run(tmp_path, substack, "--write")
    said = capsys.readouterr().out
    assert "1 letters taken in." in said
    assert "0 letters taken in." in said
    assert Issue.objects.count() == 2
    assert Redirect.objects.count() == 2


def test_what_is_newest_goes_by_the_date_and_not_by_the_number(newsletter, substack, tmp_path, client):
    own = make_due(newsletter, at=later(old_letters.read_moment("2026-01-01"), minutes=0))
    own.start(at=own.due_at)
    run(tmp_path, substack, "--write")
    newest = Newsletter.objects.with_newest().get()
    assert newest.newest_number == own.number == 1
    assert Issue.objects.published().before(own).first().subject == "The harbour letter"
    assert Issue.objects.published().after(Issue.objects.get(subject="A winter letter")).first().number == 3
    earlier = Issue.objects.published().before(own).first()
    assert earlier.get_absolute_url() in client.get(own.get_absolute_url()).text


def test_mails_as_they_went_out_are_read_with_their_address(newsletter, tmp_path, client):
    run(tmp_path, MAIL.encode(), "--write", name="one.eml")
    issue = Issue.objects.get()
    assert (issue.subject, issue.came_as) == ("Письмо", "<one@far.example>")
    assert issue.started_at.isoformat() == "2023-01-06T07:00:00+00:00"
    assert client.get("/letters/1").url == issue.get_absolute_url()
    assert "vera@example.org" not in client.get(issue.get_absolute_url()).text


def test_own_list_names_pages_and_addresses(newsletter, tmp_path, client):
    rows = "date,subject,file,address\n2021-05-01,May,may.html,https://old.example/index.php?p=12\n2021-06-01,June,none.html,\n"
    run(tmp_path, pack(**{"x/issues.csv": rows, "x/may.html": "<p>Spring.</p>"}), "--write")
    issue = Issue.objects.get()
    assert issue.subject == "May"
    assert client.get("/index.php?p=12").url == issue.get_absolute_url()


def test_nothing_of_one_reader_and_no_foreign_picture_is_left():
    clean = old_letters.clean_letter(PAGE)
    assert "https://far.example/story" in clean
    for trace in ("list-manage", "token=", "Unsubscribe", "<img", "<table", "Preview", "alert"):
        assert trace not in clean
    assert "Counted" in clean


def test_address_at_which_a_page_stands_is_told_and_the_letter_comes_without_it(newsletter, tmp_path, capsys):
    story = make_article(published=True)
    rows = f"date,subject,file,address\n2021-05-01,May,may.html,{story.get_absolute_url()}\n"
    run(tmp_path, pack(**{"issues.csv": rows, "may.html": "<p>Spring.</p>"}), "--write")
    assert "A page stands at the old address" in capsys.readouterr().out
    assert Issue.objects.count() == 1
    assert not Redirect.objects.exists()


def test_long_letter_is_cut_between_its_paragraphs(newsletter):
    body = "".join(f"<p>{'word ' * 400}{number}</p>" for number in range(60))
    letter = old_letters.OldLetter("x", "Long", old_letters.read_moment("2021-05-01"), body)
    issue, _made = take_in_archived(newsletter, letter, by=None, at=letter.sent_at)
    parts = list(issue.blocks.values_list("text_html", flat=True))
    assert len(parts) > 1
    assert "".join(parts) == body
    assert all(len(part) <= 50_000 for part in parts)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.zip", b"PK\x03\x04broken"), ("x.zip", pack(**{"readme.txt": "x"})), ("x.csv", b"a,b\n"), ("x.eml.zip", b""),
        ("posts.csv", b"post_id,email_sent_at\n"), ("posts.csv", b"\xff\xfe\x00"),
    ],
)  # fmt: skip
def test_file_without_letters_is_refused_in_words(newsletter, name, data):
    with pytest.raises(ValidationError):
        old_letters.read(data, name)


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff", b"Subject: x\nDate: never\n\nx", b"Subject: x\n\nx",
            b"Date: Fri, 06 Jan 2023 10:00:00 +0300\n\nx",
            b"Subject: x\nDate: Fri, 06 Jan 2023 10:00:00 +0300\nContent-Type: text/html; charset=klingon\n\n<p>x</p>"]
)  # fmt: skip
def test_broken_mails_are_refused_each_with_its_reason(raw):
    letters, refused = old_letters.read(raw, "a.eml")
    assert not letters
    assert refused[0].why


def test_command_says_what_is_wrong(newsletter, tmp_path):
    with pytest.raises(CommandError, match="no newsletter"):
        call_command("importletters", str(tmp_path / "x"), newsletter="none")
    with pytest.raises(CommandError, match="at most 64"):
        call_command("importletters", str(tmp_path / "x"), newsletter=newsletter.slug)
    with pytest.raises(CommandError, match="No letters"):
        run(tmp_path, b"x", name="x.txt")
