"""The static copy: whole, relative, brought up to date without rest, and never half new."""

import datetime
import re

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from newsroom import pagecache
from newsroom.copying import export as exporting
from newsroom.copying import places, rewriting, targets
from newsroom.copying.places import Place
from newsroom.copying.rendering import Broken, Known
from newsroom.models import Edition
from tests.make import make_article, make_notice
from tests.newsroom.copies import export, files, make_site, may_lead_to, reached, walk

HOME = django_settings.HOME_ORIGIN


@pytest.fixture
def site(transactional_db, settings, tmp_path):
    """The stories of a site, and data of its own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    pagecache.forget_all()
    yield make_site()
    pagecache.forget_all()


# Whole


def test_every_page_is_there_and_no_link_is_broken_or_loads_from_elsewhere(site, tmp_path):
    export(tmp_path / "copy")
    copy = files(tmp_path / "copy")
    story = Place(site[0].get_absolute_url()).file
    for name in (
        "index.html", "ru/index.html", story, "feed.xml", "about/index.html", "newsletters/week/1/index.html",
        "text/index.html", "search/index.html", "search/index.js", "archive/index.html", "mirrors.txt",
        "topics/rivers/index.html", "people/ada-bren/index.html",
    ):  # fmt: skip
        assert name in copy, name
    broken, loaded, led = walk(copy)
    assert broken == set()
    assert loaded == set()
    assert {link for link in led if not may_lead_to(link) and not link.startswith(f"{HOME}/")} == set()
    page = copy[story].decode()
    assert f'<link rel="canonical" href="{HOME}{site[0].get_absolute_url()}">' in page
    assert 'content="noindex"' in page
    assert "<form" not in page
    assert 'type="module"' not in page
    assert "box--support" not in page
    assert f'href="{HOME}/support/"' in page


def test_links_that_lead_home_are_those_that_a_server_must_answer(site, tmp_path):
    export(tmp_path / "copy")
    _broken, _loaded, led = walk(files(tmp_path / "copy"))
    ours = {re.sub(r"^/ru\b", "", link.removeprefix(HOME)) or "/" for link in led if link.startswith(HOME)}
    known = exporting.known_places(Edition.objects.all())
    needless = {link for link in ours if Place(link) in known and not link.startswith("/newsletters/")}
    canonical = {place.path for place in map(Place, known.paths)}
    assert needless - canonical == set()


def test_pictures_come_in_two_sizes(site, tmp_path):
    export(tmp_path / "copy")
    copy = files(tmp_path / "copy")
    page = copy[Place(site[0].get_absolute_url()).file].decode()
    assert "<source" not in page
    for srcset in re.findall(r'srcset="([^"]+)"', page):
        widths = [int(part.split()[1][:-1]) for part in srcset.split(",")]
        assert len(widths) <= 2
        assert max(widths) <= rewriting.WIDE
    assert not [name for name in copy if name.endswith((".avif", ".webp"))]
    assert [name for name in copy if name.startswith("media/")]


def test_no_file_says_on_which_machine_it_was_made(site, tmp_path):
    export(tmp_path / "copy")
    for name, data in files(tmp_path / "copy").items():
        assert str(tmp_path).encode() not in data, name


def test_one_edition_alone_leads_home_for_the_others(site, tmp_path, settings):
    call_command("export", tmp_path / "copy", "--edition", "ru", "--jobs", "1", "--verbosity", "0")
    copy = files(tmp_path / "copy")
    assert "feed.xml" not in copy
    assert b'href="ru/index.html"' in copy["index.html"]
    broken, loaded, led = walk(copy)
    assert (broken, loaded) == (set(), set())
    assert f"{HOME}/" in led


# Up to date


def same(folder, tmp_path, name):
    """Assert that a copy is byte for byte what a full export makes."""
    export(tmp_path / name)
    assert files(folder) == files(tmp_path / name)


def test_what_did_not_change_is_neither_made_nor_written(site, tmp_path):
    folder = tmp_path / "copy"
    first, again = export(folder), export(folder)
    assert first.written > 40
    assert again.written == 0
    always = re.compile(r"/mirrors\.|(/ru)?/search/")
    assert [text for text in again.fresh if not always.match(text)] == []


def test_after_each_change_the_copy_is_what_a_full_export_makes(site, tmp_path):
    folder, now = tmp_path / "copy", timezone.now()
    export(folder)
    older = files(folder)
    story = make_article(published=True, headline="Newest", topics=["Rivers"])
    run = export(folder)
    assert len(run.fresh) < len(run.pages)
    assert Place(story.get_absolute_url()).file in files(folder)
    same(folder, tmp_path, "full-1")
    site[0].withdraw(by=None, at=now, note="It was wrong.")
    export(folder)
    gone = Place(site[0].get_absolute_url()).file
    assert gone in older
    assert gone not in files(folder)
    assert not [name for name, data in files(folder).items() if site[0].public_id.encode() in data]
    same(folder, tmp_path, "full-2")
    make_notice()
    export(folder)
    same(folder, tmp_path, "full-3")


def test_what_falls_due_by_itself_is_written_then(site, tmp_path, time_machine):
    folder = tmp_path / "copy"
    story = make_article(published=True, headline="Later", when=timezone.now() + datetime.timedelta(hours=1))
    export(folder)
    name = Place(story.get_absolute_url()).file
    assert name not in files(folder)
    time_machine.move_to(timezone.now() + datetime.timedelta(hours=2))
    pagecache.forget_all()
    export(folder)
    assert any(story.public_id in file for file in files(folder))
    same(folder, tmp_path, "full")


def test_a_file_that_somebody_deleted_or_added_is_mended(site, tmp_path):
    folder = tmp_path / "copy"
    export(folder)
    whole = files(folder)
    (folder / "index.html").unlink()
    (folder / "static" / "css" / "site.css").unlink()
    (folder / "left").mkdir()
    (folder / "left" / ".newsroom-new-abc").write_bytes(b"half")
    export(folder)
    assert files(folder) == whole
    assert not (folder / "left").exists()


def test_two_processes_make_what_one_makes(site, tmp_path):
    export(tmp_path / "one")
    export(tmp_path / "two", jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_long_lists_have_their_further_pages(site, tmp_path):
    for number in range(22):
        make_article(published=True, headline=f"More {number}", topics=["Rivers"])
    export(tmp_path / "copy")
    copy = files(tmp_path / "copy")
    assert "topics/rivers/page-2.html" in copy
    assert b'href="page-2.html"' in copy["topics/rivers/index.html"]
    assert walk(copy)[0] == set()


# Never half new


class Killed(Exception):
    """The moment of the kill."""


@pytest.mark.parametrize("after", [1, 20, 60])
def test_a_kill_leaves_a_whole_copy_and_the_next_run_finishes_it(site, tmp_path, monkeypatch, after):
    folder = tmp_path / "copy"
    export(folder)
    make_article(published=True, headline="Newest", topics=["Rivers", "Boats"])
    site[1].withdraw(by=None, at=timezone.now(), note="It was wrong.")
    done, put, delete = [], targets.Folder.put, targets.Folder.delete

    def counted(act):
        def wrapped(*args):
            if len(done) >= after:
                raise Killed
            done.append(args[1])
            return act(*args)

        return wrapped

    with monkeypatch.context() as patch:
        patch.setattr(targets.Folder, "put", counted(put))
        patch.setattr(targets.Folder, "delete", counted(delete))
        with pytest.raises(Killed):
            export(folder)
    copy = files(folder)
    assert walk(copy, pages=reached(copy))[0] == set()
    assert len(reached(copy)) > 30
    export(folder)
    same(folder, tmp_path, "full")


def test_a_fault_of_the_site_stops_the_run_before_anything_is_touched(site, tmp_path, monkeypatch):
    folder = tmp_path / "copy"
    export(folder)
    whole = files(folder)
    make_article(published=True, headline="Newest")
    from articles import views

    monkeypatch.setattr(views.front_page, "arrange", lambda *_args, **_more: 1 / 0)
    with pytest.raises((Broken, ZeroDivisionError)):
        export(folder)
    assert files(folder) == whole


# Refusals


def test_a_folder_with_other_things_is_never_touched(site, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds other things"):
        call_command("export", folder, "--verbosity", "0")
    assert files(folder) == {"letter.txt": b"mine"}
    with pytest.raises(CommandError, match="is no folder"):
        call_command("export", folder / "letter.txt", "--verbosity", "0")
    with pytest.raises(CommandError, match="no such edition"):
        call_command("export", folder, "--edition", "xx")
    with pytest.raises(CommandError, match="NEWSROOM_S3_KEY"):
        call_command("export", "s3://bucket/x", "--verbosity", "0")


def test_two_runs_to_one_target_do_not_meet(site, tmp_path):
    memory = exporting.Memory(targets.Folder(tmp_path / "copy"), [])
    with memory.alone(), pytest.raises(targets.Refused, match="running"):
        export(tmp_path / "copy")


# Links


@pytest.mark.once
@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("/", "../../../../index.html"),
        ("/sections/x/#top", "../../../../sections/x/index.html#top"),
        ("?page=2", "HOME/2026/11/26/a-b?page=2"),
        ("/sections/x/?page=2", "../../../../sections/x/page-2.html"),
        ("c#d", "HOME/2026/11/26/c#d"),
        ("/sections/x/?page=0", "HOME/sections/x/?page=0"),
        ("/search/?q=a&b", "HOME/search/?q=a&b"),
        ("/support/", "HOME/support/"),
        ("/static/css/a b.css", "../../../../static/css/a%20b.css"),
        ("#c1", "#c1"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("//evil.example/", "//evil.example/"),
        ("/media/../../etc/passwd", "HOME/media/../../etc/passwd"),
        ("/topics/%D1%80%D0%B5%D0%BA%D0%B0/", "../../../../topics/%D1%80%D0%B5%D0%BA%D0%B0/index.html"),
    ],
)
def test_a_link_leads_to_its_file_or_home(link, leads):
    known = Known({"/", "/sections/x/", "/topics/река/"})
    page = rewriting.Page(Place("/2026/11/26/a-b"), known)
    assert page.link(link) == leads.replace("HOME", HOME)


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "file"),
    [("/", "index.html"), ("/2026/11/26/a-b", "2026/11/26/a-b/index.html"), ("/feed.xml", "feed.xml"),
     ("/newsletters/w/feed/", "newsletters/w/feed/index.xml"), ("/save/abc/text", "save/abc/text.txt"),
     ("/ru/save/abc/page", "ru/save/abc/page.html")],
)  # fmt: skip
def test_each_page_has_its_file(path, file):
    place = Place(path)
    assert place.file == file
    assert Place.read(str(place)) == place
    assert Place.read(str(Place("/x/", 3))).file == "x/page-3.html"
    assert places.content_type(file).partition(";")[0] in {"text/html", "application/xml", "text/plain"}


@pytest.mark.once
def test_only_attributes_that_lead_or_load_are_changed():
    known = Known({"/x/"})
    page = rewriting.Page(Place("/"), known)
    text = (
        '<p title="/x/">/x/ &lt;a href="/x/"&gt;</p><a href="/x/" download title="a &amp; b > c">x</a>'
        '<meta property="og:url" content="https://site.example/x/"><input value="/x/">'
    )
    done = page.rewritten(text)
    assert done == text.replace('<a href="/x/" download', '<a href="x/index.html" download')
