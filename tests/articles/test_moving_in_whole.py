"""Moving in: an export with every element is accounted for to the last comment; pictures are fetched when allowed."""

import re

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Page, Photo, Redirect, Topic
from articles.moving import fetching
from articles.moving.fetching import FAILURES, Fetcher
from newsroom import outward
from newsroom.outward import Answer, NotAllowed, TooLong
from tests.articles.exports.everything import everything, export, item, picture
from tests.make import make_edition, make_image_file, make_user

pytestmark = pytest.mark.django_db
HOST = "www.old.example"


@pytest.fixture
def bring(tmp_path, capsys):
    """Bring an export in and return what the command said, line by line."""
    make_user(None, username="boss", is_superuser=True)
    make_edition()
    folder = tmp_path / "uploads"
    (folder / "2020/05").mkdir(parents=True)

    def run(text, *words, files=()):
        (tmp_path / "export.xml").write_text(text)
        for name in files:
            (folder / "2020/05" / name).write_bytes(make_image_file().read())
        call_command("importstories", str(tmp_path / "export.xml"), "--from", "wordpress", "--pictures", str(folder),
                     "--credit", "Old Shore", *words, verbosity=0)  # fmt: skip
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.fixture
def host(monkeypatch):
    """The old site: `answers` by path (bytes, or an error), `asked` in order."""

    class Host:
        answers, asked = {}, []

    Host.answers, Host.asked = {}, []

    def get(address, bounds, *, hosts):
        parts = outward.checked(address, hosts=hosts)
        Host.asked.append(parts.path)
        answer = Host.answers.get(parts.path, Answer(404, "text/html", "", b""))
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(fetching.outward, "get", get)
    return Host


def image():
    return Answer(200, "image/jpeg", "", make_image_file().read())


# Nothing is dropped in silence


def test_every_element_is_brought_in_or_counted(bring):
    said = bring(everything(), "--write", files=("crane.jpg", "one.jpg", "two.jpg"))
    for line in (
        "7 stories in the export", "2 pages in the export", "1 authors in the export", "2 sections in the export",
        "17 topics in the export", "4 pictures in the export", "4 comments in the export", "4 comments: left out",
        "1 of the comments, mentions by other sites: left out", "2 of the comments, not approved: left out",
        "1 places of a section below another: left out", "1 topics without a story: left out",
        "1 terms of “nav_menu”: left out", "1 entries of “nav_menu_item”: left out",
        "1 entries of “wp_block”: left out", "1 entries of “custom_css”: left out", "1 mailboxes of authors: left out",
        "1 entries that were thrown away: left out", "1 entries that were never begun: left out",
        "1 attachments that are no picture: left out", "1 pictures that no text shows: left out",
        "1 fields “mood”: left out", "1 fields of plugins: left out", "1 marks “stays on top”: left out",
        "1 places of a page below another (its address leads here): left out",
        "1 fields of sections and topics: left out",
        "1 further sections of stories: became topics", "3 pictures: new", "7 stories: new", "2 pages: new",
        f"story “{'L' * 80}”: its headline is cut after 200 characters",
        "story “First”: its standfirst is cut after 500 characters", "story “Many”: only 12 of 15 topics fit",
        "picture /wp-content/uploads/lost.png is not in the folder",
        "story “Pending” stays a draft: draft", "story “Future” stays a draft: scheduled",
        "story “Private” stays a draft: private",
    ):  # fmt: skip
        assert line in said, line


def test_number_of_items_is_the_sum_of_what_became_of_them(bring):
    text = everything()
    said = bring(text, "--write", files=("crane.jpg", "one.jpg", "two.jpg"))
    fates = ("stories: new", "pages: new", "pictures: new", "pictures that no text shows: left out",
             "attachments that are no picture: left out")  # fmt: skip
    sums = 0
    for line in said:
        number, _space, rest = line.partition(" ")
        if rest in fates or rest.startswith("entries "):
            sums += int(number)
    assert sums == text.count("<item>")


def test_every_element_of_the_format_is_in_our_export():
    """What WordPress writes (wp-admin/includes/export.php) is what the export above holds."""
    names = set(re.findall(r"<((?:wp|dc|content|excerpt):\w+)", everything()))
    assert names == {
        "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url", "wp:author", "wp:author_id", "wp:author_login",
        "wp:author_email", "wp:author_display_name", "wp:author_first_name", "wp:author_last_name", "wp:category",
        "wp:term_id", "wp:category_nicename", "wp:category_parent", "wp:cat_name", "wp:category_description",
        "wp:termmeta", "wp:meta_key", "wp:meta_value", "wp:tag", "wp:tag_slug", "wp:tag_name", "wp:tag_description",
        "wp:term", "wp:term_taxonomy", "wp:term_slug", "wp:term_parent", "wp:term_name", "dc:creator",
        "content:encoded", "excerpt:encoded", "wp:post_id", "wp:post_date", "wp:post_date_gmt", "wp:post_modified",
        "wp:post_modified_gmt", "wp:comment_status", "wp:ping_status", "wp:post_name", "wp:status", "wp:post_parent",
        "wp:menu_order", "wp:post_type", "wp:post_password", "wp:is_sticky", "wp:attachment_url", "wp:postmeta",
        "wp:comment", "wp:comment_id", "wp:comment_author", "wp:comment_author_email", "wp:comment_author_url",
        "wp:comment_author_IP", "wp:comment_date", "wp:comment_date_gmt", "wp:comment_content", "wp:comment_approved",
        "wp:comment_type", "wp:comment_parent", "wp:comment_user_id", "wp:commentmeta",
    }  # fmt: skip


def test_links_in_every_spelling_lead_to_the_story(bring):
    bring(everything(), "--write", files=("crane.jpg", "one.jpg", "two.jpg"))
    body, second = Article.objects.get(headline="First").body_html, Article.objects.get(headline="Second")
    assert body.count(f'data-article="{second.public_id}"') == 2
    assert 'href="https://www.old.example/?p=999"' in body


def test_gallery_without_numbers_shows_the_pictures_of_its_post(bring):
    bring(everything(), "--write", files=("crane.jpg", "one.jpg", "two.jpg"))
    body = Article.objects.get(headline="First").body_html
    assert body.count('data-layout="gallery"') == 2
    assert Photo.objects.count() == 3


def test_every_old_address_leads_on(bring, client):
    bring(everything(), "--write", files=("crane.jpg",))
    first = Article.objects.get(headline="First").get_absolute_url()
    for address in ("/first/", "/older/", "/oldest/"):
        assert client.get(address).url == first, address
    assert client.get("/about-us/staff/").url == Page.objects.get(title="Staff").get_absolute_url()


def test_words_about_a_topic_come_along(bring):
    bring(everything(), "--write")
    assert Topic.objects.get(name="Strike").intro == "Nine days."


def test_nothing_of_a_reader_comes_along(bring):
    bring(everything(), "--write")
    for model in (Article, Page, Topic, Redirect):
        for secret in ("203.0.113.9", "reader@old.example", "ada@old.example"):
            assert secret not in repr(list(model.objects.values()))


# Fetching


def one_picture():
    return export(picture(10, "2020/05/crane.jpg"), item(20, "First", name="first", body=(
        '<p>Words.</p><img class="wp-image-10" src="https://www.old.example/wp-content/uploads/2020/05/crane-300x200.jpg">'
    )))  # fmt: skip


def test_nobody_is_asked_unless_somebody_names_the_host(bring, host):
    said = bring(one_picture(), "--write")
    assert host.asked == []
    assert any("crane.jpg is not in the folder" in line for line in said)


def test_looking_asks_nobody(bring, host):
    said = bring(one_picture(), "--fetch", HOST)
    assert "1 pictures: to be fetched" in said
    assert host.asked == []


def test_picture_is_fetched_whole_and_once(bring, host):
    host.answers["/wp-content/uploads/2020/05/crane.jpg"] = image()
    said = bring(one_picture(), "--fetch", HOST, "--write")
    assert "1 pictures: fetched" in said
    photo = Photo.objects.get()
    assert photo.agency == "Old Shore"
    assert f'data-photo="{photo.public_id}"' in Article.objects.get().read_draft().content["body_html"]
    bring(one_picture(), "--fetch", HOST, "--write")
    assert host.asked == ["/wp-content/uploads/2020/05/crane.jpg"]


def test_smaller_copy_is_taken_where_the_whole_one_is_gone(bring, host):
    text = export(item(20, "First", body='<p>W.</p><img src="/wp-content/uploads/x-300x200.jpg">'))
    host.answers["/wp-content/uploads/x-300x200.jpg"] = image()
    assert "1 pictures: fetched" in bring(text, "--fetch", HOST, "--write")
    assert host.asked == ["/wp-content/uploads/x.jpg", "/wp-content/uploads/x-300x200.jpg"]


def test_what_the_folder_has_is_not_fetched(bring, host):
    assert "1 pictures: new" in bring(one_picture(), "--fetch", HOST, "--write", files=("crane.jpg",))
    assert host.asked == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (NotAllowed("its address is not public"), "its address is not public"),
        (TooLong("it is too large"), "it is too large"),
        (ConnectionRefusedError(), "does not answer (ConnectionRefusedError)"),
        (TimeoutError(), "does not answer (TimeoutError)"),
        (Answer(404, "text/html", "", b""), "answers with status 404"),
        (Answer(302, "text/html", "", b""), "answers with status 302"),
    ],
)
def test_each_refusal_is_said_and_the_story_comes_in(bring, host, answer, said):
    host.answers["/wp-content/uploads/2020/05/crane.jpg"] = answer
    assert any(said in line for line in bring(one_picture(), "--fetch", HOST, "--write"))
    assert Article.objects.count() == 1
    assert not Photo.objects.exists()


@pytest.mark.parametrize("content", [b"", b"<svg onload='x'/>", b"\xff\xd8\xff", b"GIF89a", b"<html>"])
def test_what_is_no_picture_does_not_come_in(bring, host, content):
    host.answers["/wp-content/uploads/2020/05/crane.jpg"] = Answer(200, "image/jpeg", "", content)
    assert any(line.startswith("picture crane.jpg: ") for line in bring(one_picture(), "--fetch", HOST, "--write"))
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    "source",
    ["https://far.example/x.jpg", "file:///etc/passwd", "//far.example/x.jpg", "http://www.old.example:6379/x.jpg",
     "http://u@www.old.example/x.jpg", "https://www.old.example.far.example/x.jpg", "http://[::1", "gopher://x/"],
)  # fmt: skip
def test_no_other_host_port_or_scheme_is_asked(bring, host, source):
    bring(export(item(20, "First", body=f'<p>W.</p><img src="{source}">')), "--fetch", HOST, "--write")
    assert host.asked == []
    assert Article.objects.count() == 1


def test_host_that_fails_again_and_again_is_left_alone():
    fetcher = Fetcher([HOST])
    fetcher.failures[HOST] = FAILURES
    file, why = fetcher.fetch(f"https://{HOST}/a.jpg")
    assert file is None
    assert "asked no more" in why


def test_pictures_are_bounded_in_size_time_hops_and_type(settings):
    bounds = Fetcher([HOST]).bounds
    assert (bounds.most, bounds.kinds) == (settings.PHOTO_MAX_BYTES, ("image/",))
    assert 0 < bounds.seconds <= 60
    assert bounds.hops <= 5


def test_host_is_a_name_and_nothing_else(bring):
    with pytest.raises(CommandError, match="the name of a host"):
        bring(one_picture(), "--fetch", "https://www.old.example/")


def test_series_that_looks_alike_stays_a_series(bring):
    text = export(picture(10, "2020/05/a.jpg", parent=20), picture(11, "2020/05/b.jpg", parent=20),
                  item(20, "First", body="<p>W.</p>[gallery]"))  # fmt: skip
    bring(text, "--write", files=("a.jpg", "b.jpg"))
    assert Photo.objects.count() == 2
