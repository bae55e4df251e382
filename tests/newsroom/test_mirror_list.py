"""The list of mirrors: a page, two files, their signatures that the real tool accepts, and where else it stands."""

import json
import re
import shutil
import subprocess

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from newsletters import letter
from newsroom import checks, minisign, mirror_list, mirrors
from newsroom.models import Mirror
from tests.articles.pages import Page
from tests.make import make_article, make_edition, make_mirror

LISTED = ("https://lantern-3.example", "http://" + "c" * 56 + ".onion")
needs_minisign = pytest.mark.skipif(not shutil.which("minisign"), reason="minisign is not installed")


@pytest.fixture
def listed(db):
    story = make_article(published=True)
    make_edition("ru")
    for position, address in enumerate(LISTED):
        make_mirror(address, position=position, label="Third" if not position else "")
    make_mirror("https://burnt.example", state="away")
    make_mirror("https://off.example", active=False)
    make_mirror("https://ru.example", languages="ru", position=9)
    return story


# The format


def test_a_signature_is_checked_by_us_and_no_changed_byte_passes():
    key = minisign.SecretKey.make()
    signature = key.sign(b"data", trusted_comment="today")
    assert minisign.verify(key.public, b"data", signature) == "today"
    assert minisign.verify(f"untrusted comment: x\n{key.public}\n", b"data", signature) == "today"
    assert minisign.SecretKey.read(key.written()) == key
    forged = [
        (key.public, b"Data", signature),
        (key.public, b"data", signature.replace("today", "later")),
        (minisign.SecretKey.make().public, b"data", signature),
        (minisign.SecretKey(key.key_id, b"x" * 32).public, b"data", signature),
        (key.public, b"data", ""),
        (key.public, b"data", signature.replace("trusted comment: t", "t")),
    ]
    for public, data, text in forged:
        with pytest.raises(ValueError, match=r".+"):
            minisign.verify(public, data, text)
    with pytest.raises(ValueError, match="one line"):
        key.sign(b"", trusted_comment="a\nb")


@given(st.text(max_size=300))
def test_what_is_no_key_is_refused(text):
    with pytest.raises(minisign.BadKey):
        minisign.SecretKey.read(text)


@needs_minisign
def test_the_real_tool_accepts_our_signatures_and_reads_our_keys(tmp_path):
    key, file = minisign.SecretKey.make(), tmp_path / "list"
    file.write_bytes(b"data\n")
    (tmp_path / "list.minisig").write_text(key.sign(b"data\n", trusted_comment="our comment"))
    check = ["minisign", "-Vm", str(file), "-P", key.public]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "our comment" in done.stdout
    file.write_bytes(b"Data\n")
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0
    (tmp_path / "key").write_text(key.written())
    signing = ["minisign", "-S", "-s", str(tmp_path / "key"), "-m", str(file), "-t", "by the tool"]
    assert subprocess.run(signing, capture_output=True, check=False).returncode == 0
    text = (tmp_path / "list.minisig").read_text()
    assert minisign.verify(key.public, b"Data\n", text) == "by the tool"


@needs_minisign
def test_a_key_of_the_real_tool_signs_here(tmp_path):
    public, secret = tmp_path / "public", tmp_path / "secret"
    subprocess.run(["minisign", "-G", "-W", "-p", public, "-s", secret], capture_output=True, check=True)
    key = minisign.SecretKey.read(secret.read_text())
    assert key.public in public.read_text()


def test_the_command_makes_a_key_once(tmp_path, capsys):
    file = tmp_path / "key"
    call_command("make_mirror_key", file)
    assert minisign.SecretKey.read(file.read_text()).public == capsys.readouterr().out.strip()
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError):
        call_command("make_mirror_key", file)


def test_a_key_that_cannot_be_read_stops_the_start(settings):
    settings.SIGNING_KEY = "nonsense"
    assert [problem.id for problem in checks.signing_key_can_be_read(None)] == ["newsroom.E008"]
    settings.SIGNING_KEY = minisign.SecretKey.make().written()
    assert checks.signing_key_can_be_read(None) == []


# The list


def test_the_files_name_what_works_and_are_signed(listed, client):
    text, day = client.get("/mirrors.txt").content, f"{timezone.now():%Y-%m-%d}"
    assert text.decode().splitlines()[1:] == [f"# {day}", *LISTED, "https://ru.example"]
    data = client.get("/mirrors.json").content
    assert [row["address"] for row in json.loads(data)["mirrors"]] == [*LISTED, "https://ru.example"]
    assert json.loads(data)["home"] == django_settings.HOME_ORIGIN
    for name, content in (("mirrors.txt", text), ("mirrors.json", data)):
        signature = client.get(f"/{name}.minisig").text
        comment = minisign.verify(mirror_list.public_key(), content, signature)
        assert comment == f"{name} {day} {django_settings.HOME_ORIGIN}"


def test_without_a_key_a_production_site_sends_its_list_unsigned_and_says_so(listed, client, settings):
    settings.MODE = "production"
    assert client.get("/mirrors.txt").status_code == 200
    assert client.get("/mirrors.txt.minisig").status_code == 404
    assert "minisig" not in client.get("/mirrors/").text
    said = [sentence for _level, sentence in mirror_list.status(timezone.now())]
    assert said[0] == "The list of mirrors is not signed: NEWSROOM_SIGNING_KEY is not set."
    assert any(sentence.startswith("https://burnt.example: does not answer") for sentence in said)


def test_each_edition_has_its_page_and_the_footer_leads_there(listed, client):
    for prefix, last in (("", LISTED[1]), ("/ru", "https://ru.example")):
        links = Page(client.get(f"{prefix}/mirrors/").text).links()
        assert {f"{address}/" for address in (LISTED[0], last)} <= set(links)
        assert "https://burnt.example/" not in links
        assert "https://off.example/" not in links
        assert ("https://ru.example/" in links) == bool(prefix)
        assert {f"{LISTED[0]}/", f"{prefix}/mirrors/"} <= set(Page(client.get(f"{prefix}/").text).links())
    assert mirror_list.public_key() in client.get("/mirrors/").text


def test_without_mirrors_the_page_says_so_and_the_footer_is_silent(db, client):
    make_article(published=True)
    assert "No other address is known" in client.get("/mirrors/").text
    assert "/mirrors/" not in Page(client.get("/").text).links()


def test_feeds_and_letters_carry_the_list(listed, client):
    feed = client.get("/feed.xml").text
    for address in LISTED:
        assert re.search(rf'<link [^>]*href="{re.escape(address)}"', feed)
    assert "burnt" not in feed
    end = letter.mirrors(listed.edition)["mirrors_text"].decode()
    assert end.splitlines()[1:] == list(LISTED)
    mirrors.forget()
    Mirror.objects.all().delete()
    assert letter.mirrors(listed.edition)["mirrors_text"] == b""


def test_any_other_name_is_not_found(listed, client):
    for name in ("mirrors.xml", "mirrors.txt.minisig.minisig", "mirrors.txtx"):
        assert client.get(f"/{name}").status_code == 404
    assert client.post("/mirrors.txt").status_code == 405
