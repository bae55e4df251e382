"""The open form: all content as JSON lines and files, and back into an empty site without loss."""

import datetime
import hashlib
import json
import re
import shutil
import uuid

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from articles.models import Article, LiveEntry, Person, PersonIdentity, PersonText, PhotoText, Redirect
from articles.openform import protected_names
from desk.models import Draft, Revision
from newsletters.models import Issue
from newsroom import registry
from newsroom.backups import archive
from newsroom.models import Edition
from newsroom.openform import reading, writing
from newsroom.openform.kinds import OWN_APPS
from tests import make
from tests.donations.making import make_appeal
from tests.newsletters import make as letters
from tests.test_project import ROOT

PAGE = ROOT / "docs/open-form.md"
WHOLE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def identity():
    return archive.new_identity()


@pytest.fixture
def disks(settings, tmp_path):
    """Files of their own for this test."""
    settings.MEDIA_ROOT, settings.PRIVATE_ROOT = tmp_path / "site/media", tmp_path / "site/private"
    _look_again()
    yield tmp_path / "site"
    _look_again()


@pytest.fixture
def site(disks):
    """A site with a row of every kind, made through the verbs of the desk."""
    editor, now = make.make_user("Editor", username="zoltan"), timezone.now()
    home, other = make.make_edition(), make.make_edition("ru")
    home.logo.save("logo.png", make.make_image_file(form="PNG", name="logo.png"))
    photo = make.make_photo(by=editor, at=now)
    old = photo.renditions[0]["name"]
    photo.make_renditions()
    default_storage.delete(old)  # as a task does later
    PhotoText.objects.create(photo=photo, language="ru", caption="Очередь.", alt="Люди")
    ada = make.make_person("Ada Bren", bio_html="<p>Reports <em>here</em>.</p>", portrait=photo)
    make.make_person("Odd Velling", name_state="withheld", slug="odd-velling")
    PersonIdentity.objects.create(person=ada, real_name="Irma Quade")
    PersonText.objects.create(person=ada, language="ru", name="Ада Брен")
    gone = make.make_person("Lotta Marr")
    gone.withdraw_name("desk", by=editor, at=now)
    section = make.make_section()
    group = uuid.uuid4()
    inside = f'data-photo="{photo.public_id}" data-layout="normal" data-alt="A queue"'
    figure = f"<figure {inside}><figcaption></figcaption></figure>"
    story = make.make_article(
        published=True, section=section, people=[ada], photo=photo, by=editor, at=now, translation_group=group,
        body_html=f"<p>The first ferry left at five.</p>{figure}",
    )  # fmt: skip
    second = make.make_article(published=True, edition=other, at=now, translation_group=group, headline="Гавань")
    told = make.make_article(published=True, section=section, is_told_live=True, headline="The count", at=now,
                             related=[story.pk])  # fmt: skip
    LiveEntry.write(told, title="Now", text="It begins.", is_key=True, by=editor, at=now)
    story.correct(text="It was 11.", version=story.read_draft().version, by=editor, at=now)
    make.make_article(section=section, by=editor, at=now, headline="What Odd Velling saw")
    make.make_page(by=editor, at=now)
    make.make_front(lead=[story], at=now)
    make.make_notice(at=now, story=second)
    Redirect.point("/old/address/", story.get_absolute_url())
    newsletter = letters.make_newsletter()
    letters.make_readers(1, newsletter, at=now)
    letters.make_due(newsletter, at=now, blocks=[letters.text_block(), letters.story_block(story)])
    letters.pump(at=now)
    make_appeal(home, at=now)
    return story


def _look_again():
    for storage in (default_storage._wrapped, storages["private"]):
        for name in ("base_location", "location"):
            getattr(storage, "__dict__", {}).pop(name, None)


def export(folder, *words):
    call_command("exportcontent", str(folder), *words, verbosity=0)
    return folder


def bring(folder, *words):
    call_command("importcontent", str(folder), *words, verbosity=0)


def identity_file(folder, identity):
    path = folder / "identity.txt"
    path.write_text(identity[0])
    return str(path)


def everything():
    """Return {kind: rows} as the database holds them, accounts by name; what the page says stays out is left out."""
    names = dict(get_user_model().objects.values_list("pk", "username"))
    kinds = dict(ContentType.objects.values_list("pk", "model"))
    found = {}
    for kind in registry.open_kinds.values():
        columns = [field for field in kind.model._meta.concrete_fields if field.name not in kind.leaves]
        rows = [dict(row) for row in kind.model._base_manager.order_by("pk").values(*(f.attname for f in columns))]
        for row in rows:
            for field in columns:
                if field.related_model in (get_user_model(), ContentType):
                    row[field.attname] = (names if field.related_model is not ContentType else kinds).get(
                        row[field.attname]
                    )
        for field in kind.model._meta.many_to_many:
            if field.remote_field.through._meta.auto_created:
                for row in rows:
                    one = kind.model._base_manager.get(pk=row["id"])
                    row[field.name] = sorted(getattr(one, field.name).values_list("pk", flat=True))
        found[kind.name] = rows
    return found


def files_below(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def empty(disks):
    """Make this a site without anything."""
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(disks, ignore_errors=True)


def lines_of(folder, name):
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


# There and back


@WHOLE
def test_every_row_and_file_comes_back_as_it_was(site, disks, tmp_path, identity):
    rows, files = everything(), files_below(disks)
    assert not [name for name, found in rows.items() if not found and name not in MAY_BE_EMPTY]
    folder = export(tmp_path / "form", "--with-staff", "--protected-for", identity[1])
    empty(disks)
    key = identity_file(tmp_path, identity)
    bring(folder, "--identity", key)
    assert not Article.objects.exists()
    bring(folder, "--identity", key, "--write")
    again = everything()
    for name, found in rows.items():
        assert again[name] == found, name
    assert files_below(disks) == files
    assert not get_user_model().objects.get(username="zoltan").is_active


# Kinds of which the site above has no row; their fields are written by the same code.
MAY_BE_EMPTY = {
    "photos_crops", "fronts_places", "brought", "appeals_offers", "appeals_exclusions", "safety_policies",
    "transparency", "donors_letters", "issues_told", "stories_related",
}  # fmt: skip


@WHOLE
def test_site_goes_on_after_moving(site, disks, tmp_path, client):
    address, number = site.get_absolute_url(), Article.objects.latest("pk").pk
    page = client.get(address).text
    folder = export(tmp_path / "form")
    empty(disks)
    bring(folder, "--write")
    assert client.get(address).text == page
    assert client.get("/old/address/").url == address
    assert "Harbour" in client.get("/search/?q=harbour").text
    assert make.make_article(published=True).pk == number + 1
    story = Article.objects.get(pk=site.pk)
    story.publish(version=story.read_draft().version, by=make.make_user("Editor"), at=timezone.now(), change="typo")


@WHOLE
def test_letter_that_was_due_stops_and_waits_for_a_person(disks, tmp_path):
    issue = letters.make_approved()
    issue.schedule(when=timezone.now() + datetime.timedelta(days=1), by=issue.approved_by, at=timezone.now())
    folder = export(tmp_path / "form")
    empty(disks)
    bring(folder, "--write")
    assert Issue.objects.get().state != Issue.State.SCHEDULED


@pytest.mark.once
@pytest.mark.django_db
def test_second_run_copies_no_file_twice_and_drops_what_is_gone(site, tmp_path, monkeypatch):
    folder = export(tmp_path / "form")
    (folder / "files/media/photos").mkdir(exist_ok=True)
    (folder / "files/media/photos/left.jpg").write_bytes(b"x")
    copied = []
    monkeypatch.setattr(writing, "_take", lambda stream, target: copied.append(target))
    export(folder)
    assert copied == []
    assert not (folder / "files/media/photos/left.jpg").exists()


@pytest.mark.django_db
def test_run_that_was_cut_short_leaves_no_whole_form(site, tmp_path, monkeypatch):
    folder = export(tmp_path / "form")

    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writing._Writing, "_copy", cut)
        with pytest.raises(KeyboardInterrupt):
            export(folder)
    with pytest.raises(CommandError, match="not written to its end"):
        bring(folder)
    export(folder)
    assert (folder / "form.json").exists()


@pytest.mark.once
@pytest.mark.django_db
def test_dry_run_counts_and_writes_nothing(site, tmp_path, capsys):
    export(tmp_path / "form", "--dry-run")
    assert re.search(r"\b4  stories\n", capsys.readouterr().out)
    assert not (tmp_path / "form").exists()


# Names


@pytest.mark.django_db
def test_no_name_that_readers_do_not_see_stands_in_the_open_part(site, tmp_path, identity):
    assert {"Odd Velling", "Irma Quade", "Lotta Marr"} <= set(protected_names())
    folder = export(tmp_path / "form", "--protected-for", identity[1])
    for path in folder.rglob("*"):
        if path.is_file() and "files" not in path.parts:
            text = path.read_bytes().decode("utf-8", "replace").lower()
            for name in ("velling", "quade", "marr", "zoltan"):
                assert name not in text, (path.name, name)
    hidden = next(line for line in lines_of(folder, "people") if line["slug"].startswith("person-"))
    assert (hidden["name"], hidden["portrait"]) == ("", None)
    assert any(line["content"] == {} for line in lines_of(folder, "drafts"))
    assert any(line["name"] == "Ada Bren" for line in lines_of(folder, "people"))


@pytest.mark.once
@pytest.mark.django_db
def test_without_a_recipient_protected_names_stay_out_and_are_counted(site, tmp_path, capsys):
    folder = export(tmp_path / "form")
    assert not (folder / "protected.jsonl.age").exists()
    said = capsys.readouterr().out
    assert re.search(r"\d+  left out: rows with protected names", said)
    assert re.search(r"\d+  left out: names of accounts", said)


@WHOLE
def test_people_who_are_not_shown_come_back_without_their_names(site, disks, tmp_path, capsys):
    folder = export(tmp_path / "form")
    empty(disks)
    bring(folder, "--write")
    assert "left out" in capsys.readouterr().out.lower()
    assert not PersonIdentity.objects.exists()
    assert Person.objects.filter(name="", name_state="withheld").exists()
    assert not get_user_model().objects.exists()
    assert set(Revision.objects.values_list("created_by", flat=True)) == {None}


@pytest.mark.once
@pytest.mark.django_db
def test_originals_stay_out_when_somebody_says_so(site, tmp_path):
    folder = export(tmp_path / "form", "--without-originals")
    assert {line["part"] for line in lines_of(folder, "files")} == {"media"}
    assert not (folder / "files/private").exists()


# What comes in is not trusted


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Where the first test that needs a form leaves it for the others."""
    return tmp_path_factory.mktemp("kept") / "form"


@pytest.fixture
def form(request, disks, kept, tmp_path):
    """A form in a folder, and an empty site to bring it into."""
    if not kept.exists():
        request.getfixturevalue("site")
        export(kept)
        kinds = [kind.model for kind in reversed(registry.open_kinds.values())]
        for model in [*apps.get_app_config("newsletters").get_models(include_auto_created=True), *kinds]:
            model._base_manager.all()._raw_delete("default")
        shutil.rmtree(disks)
    return shutil.copytree(kept, tmp_path / "form")


def forge(folder, name, change):
    """Change the first line of a kind, and let the sums agree."""
    lines = lines_of(folder, name)
    change(lines[0])
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / f"{name}.jsonl").write_text(text)
    seal(folder, f"{name}.jsonl")


def seal(folder, name):
    facts = json.loads((folder / "form.json").read_text())
    facts["parts"][name] = {"bytes": 0, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
    (folder / "form.json").write_text(json.dumps(facts))


FORGED = {
    "a number for a text": ("stories", {"headline": 7}, "another type"),
    "too long": ("stories", {"headline": "x" * 5000}, "at most"),
    "half a letter": ("stories", {"headline": "\ud800"}, "half a letter"),
    "a null byte": ("pages", {"title": "a\0b"}, "control characters"),
    "a state that is none": ("stories", {"state": "open"}, "none of the choices"),
    "a day that is none": ("stories", {"created_at": "yesterday"}, "created_at"),
    "a large number": ("stories", {"id": 2**70}, "another type"),
    "a truth in letters": ("stories", {"no_byline": "yes"}, "another type"),
    "nothing where something must stand": ("stories", {"edition": None}, "missing"),
    "a field of its own": ("stories", {"password": "x"}, "exactly the fields"),
    "a row that is not there": ("stories", {"section": 987654}, "do not fit together"),
    "the same row twice": ("topics", {"slug": "x", "id": 1}, None),
    "a way out of the folder": ("photos", {"original": "../../keys.sqlite3"}, "no file of ours"),
    "a page as a picture": ("photos", {"renditions": [{"name": "photos/ab/x.html"}]}, "no file of ours"),
    "renditions of another shape": ("photos", {"renditions": [7]}, "another shape"),
    "a foreign kind": ("drafts", {"content_type": "auth.user"}, "no kind of ours"),
    "a script for an address": ("photos", {"credit_url": "javascript:alert(1)"}, "credit_url"),
}


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("what", [name for name, case in FORGED.items() if case[2]])
def test_forged_line_is_named_and_nothing_comes_in(form, what):
    name, change, said = FORGED[what]
    forge(form, name, lambda line: line.update(change))
    with pytest.raises(CommandError, match=said):
        bring(form, "--write")
    assert not Edition.objects.exists()


@pytest.mark.once
@pytest.mark.django_db
def test_markup_that_our_forms_refuse_does_not_come_in(form):
    bad = '<p onclick="x">Words<script>alert(1)</script><img src=x onerror=y></p>'
    forge(form, "stories", lambda line: line.update(body_html=bad))
    forge(form, "drafts", lambda line: line["content"].update(body_html=bad))
    bring(form, "--write")
    for text in (Article.objects.earliest("pk").body_html, Draft.objects.earliest("pk").content["body_html"]):
        assert text == "<p>Words</p>"


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["stories.jsonl", "files.jsonl", "form.json"])
@pytest.mark.parametrize("text", ["", "{", "[]\n", "null\n", "[" * 9000, "\x00\n"])
def test_broken_file_is_refused_in_words(form, name, text):
    (form / name).write_text(text)
    if name != "form.json":
        seal(form, name)
    if (name, text) == ("files.jsonl", ""):
        return
    with pytest.raises(CommandError):
        bring(form, "--write")
    assert not Edition.objects.exists()


@pytest.mark.once
@pytest.mark.django_db
def test_changed_file_is_noticed(form):
    (form / "stories.jsonl").write_bytes((form / "stories.jsonl").read_bytes() + b"\n")
    with pytest.raises(CommandError, match=r"stories.jsonl is missing, or was changed"):
        bring(form)


@pytest.mark.once
@pytest.mark.django_db
def test_changed_picture_is_noticed(form):
    next((form / "files/media").rglob("*.jpg")).write_bytes(b"x")
    with pytest.raises(CommandError, match="was changed"):
        bring(form)


@pytest.mark.django_db
def test_site_with_content_is_refused_and_nothing_is_changed(site, tmp_path):
    folder = export(tmp_path / "form")
    before = everything()
    with pytest.raises(CommandError, match="empty site only"):
        bring(folder, "--write")
    assert everything() == before


@pytest.mark.once
@pytest.mark.django_db
def test_wrong_identity_is_refused(site, tmp_path, identity):
    folder = export(tmp_path / "form", "--protected-for", identity[1])
    with pytest.raises(CommandError, match="cannot be opened"):
        bring(folder, "--identity", identity_file(tmp_path, archive.new_identity()))


@pytest.mark.once
@pytest.mark.django_db
def test_account_that_is_there_is_not_touched(form):
    boss = make.make_user(None, username="boss")
    (form / "staff.jsonl").write_text('{"username": "boss"}\n')
    seal(form, "staff.jsonl")
    bring(form, "--write")
    boss.refresh_from_db()
    assert boss.is_active
    assert boss.check_password(make.PASSWORD)


@pytest.mark.once
@pytest.mark.django_db
def test_file_of_another_content_is_never_overwritten(form, disks):
    line = next(line for line in lines_of(form, "files") if line["part"] == "media")
    default_storage.save(line["name"], ContentFile(b"other"))
    with pytest.raises(CommandError, match="another file of the name"):
        bring(form, "--write")
    with default_storage.open(line["name"]) as stream:
        assert stream.read() == b"other"


# The page


@pytest.mark.once
def test_page_names_every_kind_and_field_of_the_form():
    page = PAGE.read_text()
    for kind in registry.open_kinds.values():
        part = re.search(rf"^### `{kind.name}`\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL)
        assert part, kind.name
        named = set(re.findall(r"`(\w+)`", part[1]))
        wanted = {field.name for field in [*kind.fields, *kind.lists]} | set(kind.leaves)
        assert wanted <= named, (kind.name, wanted - named)


@pytest.mark.once
def test_page_says_of_every_other_table_why_it_stays_out():
    kept = {kind.model for kind in registry.open_kinds.values()}
    page = PAGE.read_text().partition("## What stays out")[2]
    out = {model for app in OWN_APPS for model in apps.get_app_config(app).get_models()} - kept
    assert [model.__name__ for model in out if f"`{model.__name__}`" not in page] == []


@pytest.mark.once
def test_field_of_a_kind_that_holds_many_is_in_the_form():
    for kind in registry.open_kinds.values():
        own = {field.remote_field.through for field in kind.model._meta.many_to_many}
        kinds = {other.model for other in registry.open_kinds.values()}
        lists = {field.remote_field.through for field in kind.lists}
        assert own <= kinds | lists, kind.name


@pytest.mark.once
def test_no_sealed_or_secret_column_is_in_the_open_part():
    for kind in registry.open_kinds.values():
        for field in kind.fields:
            assert (
                not re.search(r"sealed|token|hash|password|key_id|email_key", field.name)
                or field.name == "approved_hash"
            )
            assert not isinstance(field, models.BinaryField)


@pytest.mark.once
def test_reading_refuses_a_folder_that_is_none(tmp_path):
    with pytest.raises(reading.Unreadable):
        reading.Form(tmp_path / "nothing")
