"""Moving in: every post, page, author, term and comment is accounted for, bodies are clean, and nothing doubles."""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Article, Brought, Page, Person, Photo, Redirect, Section
from articles.moving import ghost, markdown_folder, wordpress
from articles.moving.body import Converter
from articles.moving.bringing import Bringing
from articles.moving.source import Unreadable
from tests.make import make_edition, make_image_file, make_user

EXPORT = Path(__file__).parent / "exports/wordpress.xml"
pytestmark = pytest.mark.django_db


@pytest.fixture
def edition():
    make_user(None, username="boss", is_superuser=True)
    return make_edition()


@pytest.fixture
def uploads(tmp_path):
    """wp-content/uploads with the one picture that the export names and has."""
    folder = tmp_path / "uploads"
    (folder / "2020/05").mkdir(parents=True)
    (folder / "2020/05/crane.jpg").write_bytes(make_image_file().read())
    return folder


@pytest.fixture
def bring(edition, uploads, capsys):
    """Run the command on a path and return what it said."""

    def run(path=EXPORT, *words, system="wordpress"):
        call_command(
            "importstories", str(path), "--from", system, "--pictures", str(uploads), "--credit", "Old Shore", *words,
            verbosity=0,
        )  # fmt: skip
        return capsys.readouterr().out

    return run


def lines(said):
    return [" ".join(line.split()) for line in said.splitlines()]


def test_looking_accounts_for_everything_and_writes_nothing(bring):
    said = lines(bring())
    for line in (
        "4 stories in the export", "1 pages in the export", "3 authors in the export", "2 sections in the export",
        "1 topics in the export", "1 pictures in the export", "2 comments in the export", "2 comments: left out",
        "1 entries of “nav_menu_item”: left out", "1 entries that were thrown away: left out",
        "1 attachments that are no picture: left out", "1 terms of “nav_menu”: left out", "1 [contact-form]: left out",
        "1 terms of “post_format”: left out", "1 marks “stays on top”: left out",
        "story “Not yet” stays a draft: draft", "story “For few” stays a draft: behind a password",
        "picture https://old.example/wp-content/uploads/lost.jpg is not in the folder",
        "Nothing is written. To bring it in, add --write.",
    ):  # fmt: skip
        assert line in said, line
    assert not Article.objects.exists()
    assert not Person.objects.exists()
    assert not Photo.objects.exists()


def test_story_comes_with_its_time_section_topics_photo_and_links(bring, client):
    bring(EXPORT, "--write", "--show-names")
    story = Article.objects.get(headline="The strike ends")
    assert story.first_published_at.isoformat() == "2020-05-08T10:00:00+00:00"
    assert (story.section.name, story.standfirst) == ("Harbour", "After nine days.")
    assert sorted(item.tag.name for item in story.topic_items.all()) == ["Strike", "Зима"]
    assert [byline.person.name for byline in story.bylines.all()] == ["Ada Bren", "A Guest"]
    photo = story.lead_photo
    assert (photo.caption, photo.alt, photo.creator) == ("The crane at dawn.", "A crane", "Ada Bren")
    winter = Article.objects.get(headline="Winter & ice")
    for part in (
        f'data-photo="{photo.public_id}"', "<em>dawn</em>", "<h2>What comes</h2>", "We waited.", "data-pullquote",
        f'data-article="{winter.public_id}"', 'href="https://far.example/"', "https://video.example/watch?v=1",
    ):  # fmt: skip
        assert part in story.body_html, part
    for part in ("<script", "<img", "wp:", "old.example", "alert"):
        assert part not in story.body_html, part
    assert client.get(story.get_absolute_url()).status_code == 200


def test_classic_text_becomes_paragraphs_captions_and_galleries(bring):
    bring(EXPORT, "--write")
    body = Article.objects.get(headline="Winter & ice").body_html
    assert "<p>The ice came early.<br>It stayed.</p>" in body
    assert "<figcaption>The crane, again</figcaption>" in body
    assert 'data-layout="gallery"' in body
    assert "[" not in body
    assert 'href="https://video.example/lone"' in body


def test_old_addresses_lead_to_the_stories_and_pages(bring, client):
    bring(EXPORT, "--write")
    story, page = Article.objects.get(headline="The strike ends"), Page.objects.get()
    for address in ("/2020/05/the-strike-ends/", "/2020/05/strike-over/"):
        assert client.get(address).url == story.get_absolute_url(), address
    assert page.get_absolute_url().strip("/") == "who-we-are"
    assert client.get(page.get_absolute_url()).status_code == 200
    assert client.get("/few/").status_code == 404


def test_names_are_withheld_unless_somebody_chose_to_show_them(bring, client):
    bring(EXPORT, "--write")
    assert set(Person.objects.values_list("name_state", flat=True)) == {"withheld"}
    page = client.get(Article.objects.get(headline="The strike ends").get_absolute_url()).text
    assert "/people/" not in page
    assert not [slug for slug in Person.objects.values_list("slug", flat=True) if "bren" in slug]


def test_what_was_not_public_stays_a_draft(bring):
    bring(EXPORT, "--write")
    drafts = {article.read_draft().title for article in Article.objects.filter(state="draft")}
    assert drafts == {"Not yet", "For few"}


def test_no_mailbox_of_an_author_or_reader_comes_along(bring):
    bring(EXPORT, "--write", "--show-names")
    for model in (Person, Article, Page, Photo, Brought):
        assert "old.example" not in repr(list(model.objects.values())), model
    assert "First!" not in repr(list(Article.objects.values()))


def test_running_it_again_makes_no_double(bring):
    bring(EXPORT, "--write")
    counts = [model.objects.count() for model in (Article, Page, Person, Photo, Section, Redirect, Brought)]
    said = lines(bring(EXPORT, "--write"))
    assert counts == [model.objects.count() for model in (Article, Page, Person, Photo, Section, Redirect, Brought)]
    assert "4 stories: there" in said


def test_run_that_was_cut_short_is_finished_by_the_next(bring, monkeypatch):
    def cut(self, story, thing, draft):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Bringing, "_publish", cut)
        with pytest.raises(KeyboardInterrupt):
            bring(EXPORT, "--write")
    assert Article.objects.count() == 4
    assert not Article.objects.published().exists()
    bring(EXPORT, "--write")
    assert Article.objects.published().count() == 2
    assert Article.objects.count() == 4


def test_story_that_an_editor_works_on_is_left_alone(bring):
    bring(EXPORT, "--write")
    story = Article.objects.get(headline="The strike ends")
    editor, now = make_user("Editor"), timezone.now()
    version = story.read_draft().version
    story.save_draft({**story.read_draft().content, "headline": "Changed"}, version=version, by=editor, at=now)
    bring(EXPORT, "--write")
    assert story.read_draft().content["headline"] == "Changed"


def test_section_that_is_there_is_used(bring, edition):
    Section.objects.create(edition=edition, slug="harbour", name="Our harbour", position=0)
    bring(EXPORT, "--write")
    assert Article.objects.get(headline="The strike ends").section.name == "Our harbour"


# Ghost, Markdown

GHOST = EXPORT.with_name("ghost.json")


def test_ghosts_export_comes_in_whole(bring):
    said = lines(bring(GHOST, "--write", "--show-names", system="ghost"))
    story = Article.objects.get(headline="Ice")
    assert (story.section.name, story.standfirst, story.lead_photo.alt) == ("Winter", "Thick.", "A crane")
    assert [item.tag.name for item in story.topic_items.all()] == ["Frost"]
    assert "far.example/b" in story.body_html
    assert Article.objects.filter(state="draft").count() == 1
    assert Page.objects.get().title == "About"
    assert "1 snippets: left out" in said
    assert "1 internal tags: left out" in said
    assert "story “Snow” stays a draft: for members only" in said


def test_folder_of_markdown_comes_in_whole(bring, tmp_path):
    folder = tmp_path / "site"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts/ice.md").write_text(
        "---\ntitle: Ice\ndate: 2021-01-02\nauthor: Ada Bren\ntags: [frost, Winter]\ncategory: Harbour\n"
        "aliases: [/old/ice.html]\nimage: 2020/05/crane.jpg\n---\n\nIce **is** here.\n\n> Cold.\n"
    )
    (folder / "draft.md").write_text("---\ntitle: Snow\ndraft: true\n---\nSnow.")
    (folder / "broken.md").write_text("---\n: [\n---\nx")
    said = lines(bring(folder, "--write", "--show-names", system="markdown"))
    story = Article.objects.get(headline="Ice")
    assert "<strong>is</strong>" in story.body_html
    assert "<blockquote>" in story.body_html
    assert story.section.slug == "harbour"
    assert Redirect.objects.get().url == story.get_absolute_url()
    assert "1 files whose header cannot be read: left out" in said
    assert "story “Snow” stays a draft: draft" in said


# Refusals


@pytest.mark.parametrize(
    "text",
    ["", "<rss>", "not xml", "<rss><channel><title>x</title></channel></rss>",
     '<!DOCTYPE x [<!ENTITY a "b">]><rss>&a;</rss>', '<!DOCTYPE x SYSTEM "http://far.example/x"><rss/>'],
)  # fmt: skip
def test_what_is_no_export_is_refused_in_words(tmp_path, text):
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(Unreadable):
        wordpress.read(tmp_path / "x.xml")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"db": []}', '{"db": [{"data": {"posts": [1]}}]}', "[" * 5000, "nul\0"]
)
def test_what_is_no_ghost_export_is_refused_in_words(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(Unreadable):
        ghost.read(tmp_path / "x.json")


def test_folder_without_markdown_is_refused(tmp_path):
    with pytest.raises(Unreadable):
        markdown_folder.read(tmp_path)


def test_command_says_what_is_wrong(edition, tmp_path):
    shutil.copy(EXPORT, tmp_path / "x.xml")
    for words, said in (
        (["--edition", "xx"], "no such edition"), (["--by", "nobody"], "no such account"),
        (["--pictures", str(tmp_path / "none")], "no folder"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=said):
            call_command("importstories", str(tmp_path / "x.xml"), "--from", "wordpress", *words)
    with pytest.raises(CommandError):
        call_command("importstories", str(tmp_path / "none.xml"), "--from", "wordpress")


@pytest.mark.parametrize(
    "text",
    ["<figure>" * 500, "[caption]" * 500, "<img src='x' onerror='alert(1)'>", "[gallery ids='1,,,x']",
     "<iframe src='javascript:x'>",
     "<figure><figure><figure><img></figure></figure></figure>",
     "\x00\ud800".encode("utf-8", "surrogatepass").decode("latin-1")],
)  # fmt: skip
def test_no_body_lets_markup_through_or_takes_for_ever(text):
    body = Converter(lambda reference: "").convert(text)
    assert "onerror" not in body
    assert "javascript" not in body
    assert "<img" not in body
