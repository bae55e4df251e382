"""Old addresses: what moves leaves a redirect, one step long, to this site only, where no page answers."""

import io
import threading

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import Person, Redirect
from tests.make import make_article, make_edition, make_page, make_person, make_section, make_topic, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _committed(monkeypatch, request):
    """Forget pages at once, as the commit of a verb does in life; a test's own transaction never commits."""
    if not request.node.get_closest_marker("postgres"):
        monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())


def rename(thing, slug):
    thing.slug = slug
    thing.save()
    return thing


def leads(client, path):
    """Return where the address leads in one step, or the status of the answer."""
    answer = client.get(path)
    return answer.headers["Location"] if answer.status_code == 301 else answer.status_code


def stored():
    return {row.old_path: row.url for row in Redirect.objects.with_targets()}


def test_a_section_with_a_new_slug_is_found_at_the_old_one(client):
    section = make_section("Politics")
    assert leads(client, "/sections/policy/") == 404
    rename(section, "policy")
    assert leads(client, "/sections/politics/") == "/sections/policy/"
    assert leads(client, "/text/sections/politics/") == "/text/sections/policy/"
    assert client.head("/sections/politics/").status_code == 301
    assert client.post("/sections/politics/").status_code in {404, 405}


def test_a_page_not_found_a_moment_ago_is_found_by_its_redirect_at_once(client):
    section = make_section("Politics")
    assert leads(client, "/sections/gone/") == 404
    assert client.get("/sections/gone/").headers["X-Page-Cache"] == "hit"
    Redirect.point("/sections/gone/", section.get_absolute_url())
    assert leads(client, "/sections/gone/") == "/sections/politics/"
    Redirect.objects.get().delete()
    assert leads(client, "/sections/gone/") == 404


def test_a_browser_asks_again_about_what_moved(client):
    rename(make_section("Politics"), "policy")
    answer = client.get("/sections/politics/")
    assert "must-revalidate" in answer.headers["Cache-Control"]
    assert not answer.cookies


def test_a_section_that_moves_twice_leaves_no_chain_and_one_that_returns_no_loop(client):
    section = make_section("Politics")
    for slug in ("policy", "power", "politics"):
        rename(section, slug)
    assert stored() == {"/sections/policy": "/sections/politics/", "/sections/power": "/sections/politics/"}
    assert client.get("/sections/politics/").status_code == 200


def test_a_topic_moves_in_every_edition_with_its_feed(client):
    make_edition(), make_edition("ru")
    topic = make_topic("Rivers")
    for edition in ("en", "ru"):
        make_article(published=True, topics=["Rivers"], edition=make_edition(edition))
    rename(topic, "waters")
    assert leads(client, "/topics/rivers/") == "/topics/waters/"
    assert leads(client, "/ru/topics/rivers/") == "/ru/topics/waters/"
    assert leads(client, "/ru/topics/rivers/feed.xml") == "/ru/topics/waters/feed.xml"
    assert client.get("/ru/topics/waters/feed.xml").status_code == 200


def test_a_series_moves_as_a_topic_does(client):
    make_edition()
    topic = make_topic("Rivers")
    topic.order = topic.Order.OLDEST
    topic.save()
    rename(topic, "waters")
    assert leads(client, "/topics/rivers/") == "/topics/waters/"


def test_a_published_page_moves_and_a_draft_leaves_nothing(client):
    rename(make_page("about"), "about-us")
    assert leads(client, "/about/") == "/about-us/"
    rename(make_page("secret", published=False), "hidden")
    assert leads(client, "/secret/") == 404


def test_the_old_slug_of_a_published_story_leads_to_the_new_one_without_a_row(client):
    story = make_article(published=True, slug="first-words")
    old, draft = story.get_absolute_url(), story.read_draft()
    story.save_draft({**draft.content, "slug": "last-words"}, version=draft.version, by=None, at=timezone.now())
    story.publish(version=story.read_draft().version, by=None, at=timezone.now())
    story.refresh_from_db()
    assert "last-words" in story.get_absolute_url()
    assert leads(client, old) == story.get_absolute_url()
    assert not Redirect.objects.exists()


def test_a_person_who_signs_by_the_same_name_is_found_at_the_old_slug(client):
    person = make_person("Ada Bren", slug="ada")
    make_article(published=True, people=[person])
    rename(person, "ada-bren")
    assert leads(client, "/people/ada/") == "/people/ada-bren/"


@pytest.mark.parametrize("how", ["pseudonym", "nothing"])
def test_no_redirect_leads_from_a_withdrawn_name_to_anything(client, how):
    person = make_person("Ada Bren", slug="ada")
    make_article(published=True, people=[person])
    rename(person, "ada-bren")
    person.withdraw_name(how, pseudonym="Lena Mor" if how == "pseudonym" else "", by=None, at=timezone.now())
    assert leads(client, "/people/ada-bren/") == 410
    assert leads(client, "/people/ada/") == 404
    assert not Redirect.objects.exists()


@pytest.mark.parametrize("changes", [{"name": "Lena Mor"}, {"name_state": "pseudonym"}, {"name_state": "withheld"}])
def test_no_redirect_tells_who_stands_behind_another_name(client, changes):
    person = make_person("Ada Bren", slug="ada")
    make_article(published=True, people=[person])
    rename(person, "ada-bren")
    for name, value in changes.items():
        setattr(person, name, value)
    rename(person, "lena-mor")
    assert leads(client, "/people/ada/") == leads(client, "/people/ada-bren/") == 404
    assert not Redirect.objects.exists()


def test_a_pseudonym_with_a_new_slug_leaves_none_as_the_old_one_may_hold_the_name():
    rename(make_person("Lena Mor", slug="ada-bren", name_state="pseudonym"), "lena-mor")
    assert not Redirect.objects.exists()


def test_a_new_page_takes_the_address_over(client):
    section = make_section("Politics")
    Redirect.point("/about/", "/sections/politics/")
    assert leads(client, "/about") in {"/about/", "/sections/politics/"}
    make_page("about")
    assert client.get("/about/").status_code == 200
    rename(section, "policy")
    assert leads(client, "/sections/politics/") == "/sections/policy/"
    make_section("Politics")
    assert client.get("/sections/politics/").status_code == 200
    assert "/sections/politics" not in stored()


# Chains and loops


def test_writing_to_an_old_address_takes_its_target(client):
    section = make_section("Politics")
    Redirect.point("/b", "/archive/")
    assert Redirect.point("/a", "/b")[0].url == "/archive/"
    Redirect.point("/b", section.get_absolute_url())
    assert stored() == {"/a": "/archive/", "/b": "/sections/politics/"}


def test_what_led_to_an_address_that_is_given_up_leads_on():
    make_page("about")
    Redirect.objects.create(old_path="/x", new_path="/story.html")
    Redirect.objects.create(old_path="/y", new_path="/story.html?page=2")
    Redirect.point("/story.html", "/about/")
    assert stored() == {"/x": "/about/", "/y": "/about/", "/story.html": "/about/"}


def test_a_loop_is_refused_and_nothing_written():
    make_edition()
    Redirect.point("/a", "/archive/")
    Redirect.objects.create(old_path="/b", new_path="/c")
    with pytest.raises(ValidationError, match="lead to each other"):
        Redirect.point("/c", "/b")
    assert stored() == {"/a": "/archive/", "/b": "/c"}


@pytest.mark.parametrize(
    "columns",
    [
        {"old_path": "/a", "new_path": "//evil.example/"},
        {"old_path": "/a", "new_path": "https://evil.example/"},
        {"old_path": "/a", "new_path": "/a"},
        {"old_path": "/a", "new_path": ""},
        {"old_path": "/", "new_path": "/b"},
        {"old_path": "a", "new_path": "/b"},
        {"old_path": "/taken", "new_path": "/b"},
    ],
)
def test_the_database_refuses_what_no_redirect_may_be(columns):
    Redirect.objects.create(old_path="/taken", new_path="/b")
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(**columns)


def test_the_database_refuses_two_targets_and_a_topic_without_edition():
    for columns in ({"section": make_section(), "new_path": "/b"}, {"topic": make_topic()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Redirect.objects.create(old_path="/a", **columns)


# Refusals

NOT_OLD = ["", "x", "//evil.example/", "ftp://old.example/x", "javascript:alert(1)", "/a\x00b", "/a\ud800", "/%ff",
           "/" + "x" * 600, "/\\evil.example", "https://[broken", "/", "/admin/login/", "/media/a.jpg", "/search/",
           "/%2f%2fevil", "/%0d%0aSet-Cookie:x"]  # fmt: skip
NOT_NEW = ["https://evil.example/", "//evil.example/", "/\\evil.example", "http://testserver.evil/", "/no/such/page",
           "/sections/none/", "/2026/01/02/x-abcdefgh", "javascript:alert(1)", "mailto:a@b.example", "", "\x00",
           "/" + "x" * 600]  # fmt: skip


@pytest.mark.parametrize("old", [address for address in NOT_OLD if "%2f" not in address])
def test_an_old_address_that_may_not_be_one_is_refused(old):
    make_edition()
    with pytest.raises(ValidationError):
        Redirect.point(old, "/archive/") if old else Redirect.point("/", "/archive/")


@pytest.mark.parametrize("new", NOT_NEW[:-3] + ["/" + "x" * 600])
def test_a_new_address_that_is_no_page_of_this_site_is_refused(new):
    make_edition()
    with pytest.raises(ValidationError):
        Redirect.point("/old", new)
    assert not Redirect.objects.exists()


def test_the_address_of_a_page_that_stands_is_not_redirected(client):
    make_page("about")
    make_section("Politics")
    for old in ("/about/", "/about", "https://old.example.org/about/", "/archive/"):
        with pytest.raises(ValidationError, match="page stands at the old"):
            Redirect.point(old, "/sections/politics/")


def test_an_old_address_is_found_whatever_its_spelling(client):
    make_section("Politics")
    Redirect.point("https://old.example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C.html#top", "/sections/politics/")
    Redirect.point("/index.php?id=4&lang=ru", "/archive/")
    assert leads(client, "/новость.html") == "/sections/politics/"
    assert leads(client, "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C.html?utm=1") == "/sections/politics/"
    assert leads(client, "/index.php?id=4&lang=ru") == "/archive/"
    assert leads(client, "/index.php?id=5&lang=ru") == leads(client, "/index.php") == 404


# Who may be seen


def test_a_story_that_readers_do_not_see_is_not_found_through_an_old_address(client):
    story, draft = make_article(published=True, slug="quokka"), make_article(slug="quokka")
    for old, thing in (("/old.html", story), ("/draft.html", draft)):
        Redirect.point(old, f"/2026/01/01/x-{thing.public_id}")
    assert leads(client, "/old.html") == story.get_absolute_url()
    story.withdraw(by=None, at=timezone.now(), note="It was wrong.")
    for old in ("/old.html", "/draft.html"):
        answer = client.get(old)
        assert answer.status_code == 404
        assert "quokka" not in answer.text


def test_a_page_not_found_asks_little(client, django_assert_max_num_queries):
    make_edition()
    client.get("/nothing.html")
    # Notices, sections (kept in memory outside a test's transaction), and the one look for a redirect.
    with django_assert_max_num_queries(3):
        assert client.get("/nothing-else.html").status_code == 404
    for number in range(30):
        Redirect.point(f"/{number}.html", "/archive/")
    with django_assert_max_num_queries(3):
        assert client.get("/29.html").status_code == 301


# The admin


def test_an_editor_adds_finds_and_deletes_a_redirect(client):
    make_section("Politics")
    client.force_login(make_user("Editor"))
    add, listed = reverse("admin:articles_redirect_add"), reverse("admin:articles_redirect_changelist")
    assert client.post(add, {"old": "/2014/storm.html", "new": "/sections/politics/"}).status_code == 302
    row = Redirect.objects.get()
    assert "/sections/politics/" in client.get(listed, {"q": "storm"}).text
    assert "storm" not in client.get(listed, {"q": "other"}).text.replace('value="other"', "")
    assert client.get(reverse("admin:articles_redirect_change", args=[row.pk])).status_code == 200
    client.post(listed, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert leads(client, "/2014/storm.html") == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("old", "/archive/"), ("old", ""), ("old", "a\x07"), ("new", "https://evil.example/"), ("new", "/nowhere.html"),
        ("new", "/" + "x" * 999),
    ],
)  # fmt: skip
def test_a_redirect_that_cannot_be_is_refused_at_its_field(client, field, value):
    make_edition()
    client.force_login(make_user("Editor"))
    data = {"old": "/old.html", "new": "/archive/", field: value}
    answer = client.post(reverse("admin:articles_redirect_add"), data)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Redirect.objects.exists()


# The import


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "old.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def bring(path, *options):
    out = io.StringIO()
    call_command("import_redirects", path, *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_an_old_archive_comes_in_once_and_each_refused_line_is_named(file, client):
    story = make_article(published=True)
    path = file(
        "\ufeffold address,new address\n"
        f"https://old.example.org/?article=7,{story.get_absolute_url()}\n"
        f"https://old.example.org/7.html,{settings.HOME_ORIGIN}{story.get_absolute_url()}\n"
        "/8.html,https://evil.example/\n\n"
        "/9.html\n"
        "/10.html,/7.html\n"
    )
    looked = bring(path, "--dry-run")
    assert "Nothing is written." in looked
    assert not Redirect.objects.exists()
    said = bring(path)
    assert "added: 2, changed: 0, same: 0, refused: 3" in said
    assert "added: 2, changed: 0, same: 0, refused: 3" in looked
    for line in ("line 2: ", "line 4: A redirect leads to this site only.", "line 6: Two cells"):
        assert line in said
    assert leads(client, "/7.html") == leads(client, "/10.html") == story.get_absolute_url()
    assert "added: 0, changed: 0, same: 2, refused: 3" in bring(path)
    assert Redirect.objects.count() == 2


@pytest.mark.parametrize("content", [b"\xff\xfe", b'"open,\n', None])
def test_a_file_that_cannot_be_read_is_said_in_a_sentence(file, tmp_path, content):
    with pytest.raises(CommandError):
        bring(file(content) if content is not None else str(tmp_path / "none.csv"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_redirects_written_at_once_make_no_chain():
    make_edition(), make_page("end")
    Redirect.objects.create(old_path="/b", new_path="/c")
    gate = threading.Barrier(2)

    def write(old, new):
        gate.wait()
        Redirect.point(old, new)
        connections.close_all()

    threads = [threading.Thread(target=write, args=pair) for pair in (("/a", "/b"), ("/c", "/end/"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor == "postgresql"
    assert set(stored().values()) == {"/end/"}
    assert Person.objects.count() == 0


def test_a_topic_gets_no_slug_that_no_address_can_have(client):
    make_edition()
    client.force_login(make_user("Editor"))
    answer = client.post(reverse("admin:articles_topic_add"), {"name": "Rivers", "slug": "²", "order": "newest"})
    assert "slug" in answer.context["adminform"].form.errors
