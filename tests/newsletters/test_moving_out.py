"""Moving out: everything as one file, by an administrator alone, and it can be taken in again."""

import csv
import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from newsletters import lists, takeout
from newsletters.addresses import email_key
from newsletters.models import ConsentEvent, Subscription, Suppression
from newsroom.models import StaffAction
from tests.make import make_user
from tests.newsletters.make import make_due, make_newsletter, make_reader, pump

pytestmark = pytest.mark.django_db
TAKEOUT = "/admin/newsletters/readerimport/takeout/"


@pytest.fixture
def newsletter():
    newsletter = make_newsletter(slug="weekly")
    make_reader("vera@example.org", newsletter)
    make_reader("boris@example.org", newsletter).subscriptions.get().leave("page", at=timezone.now())
    Suppression.impose(email_key("dead@example.org"), Suppression.Reason.BOUNCE, at=timezone.now(), evidence="550")
    make_due(newsletter, subject="A letter about bread")
    pump()
    return newsletter


def opened(data):
    """Return {name: text} of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_everything_is_in_the_file(newsletter):
    files = opened(b"".join(takeout.stream()))
    readers = {row["address"]: row for row in csv.DictReader(io.StringIO(files["readers.csv"]))}
    assert {address: row["state"] for address, row in readers.items()} == {
        "vera@example.org": "confirmed", "boris@example.org": "unsubscribed",
    }  # fmt: skip
    consent = list(csv.DictReader(io.StringIO(files["consent.csv"])))
    assert len(consent) == ConsentEvent.objects.count()
    assert {row["reader"] for row in consent} == {row["reader"] for row in readers.values()}
    assert "550" in files["suppressions.csv"]
    (issue,) = json.loads(files["issues.json"])
    assert (issue["subject"], issue["number"], issue["deliveries"]) == ("A letter about bread", 1, {"accepted": 1})
    assert json.loads(files["newsletters.json"])[0]["slug"] == "weekly"
    for name in files:
        assert name in files["README.txt"] or name == "README.txt"


def test_file_is_taken_in_again_by_another_site(newsletter):
    data = b"".join(takeout.stream())
    found = lists.read(data, "letters.zip", slug="weekly")
    assert found.kind == "newsroom"
    assert {row.address: row.standing for row in found.rows.values()} == {
        "vera@example.org": "reads", "boris@example.org": "left",
    }  # fmt: skip
    assert not lists.read(data, "letters.zip", slug="other").rows


def test_many_readers_come_in_pieces_and_none_is_lost(newsletter, monkeypatch):
    monkeypatch.setattr(takeout, "PIECE", 3)
    for number in range(8):
        make_reader(f"r{number}@example.org", newsletter)
    rows = list(csv.DictReader(io.StringIO(opened(b"".join(takeout.stream()))["readers.csv"])))
    assert len({row["address"] for row in rows}) == len(rows) == Subscription.objects.count()


def test_administrator_downloads_it_after_a_tick_and_it_is_on_record(client, newsletter):
    client.force_login(make_user("Administrator"))
    assert client.post(TAKEOUT).status_code == 302
    assert not StaffAction.objects.filter(action="take out readers").exists()
    answer = client.post(TAKEOUT, {"sure": "on"})
    assert "no-store" in answer["Cache-Control"]
    assert "vera@example.org" in opened(b"".join(answer.streaming_content))["readers.csv"]
    assert StaffAction.objects.filter(action="take out readers").exists()
    assert client.get(TAKEOUT).status_code == 405


def test_newsletter_editor_takes_nothing_out(client, newsletter):
    client.force_login(make_user("Newsletter editor"))
    assert client.post(TAKEOUT, {"sure": "on"}).status_code == 403
    assert "takeout" not in client.get("/admin/newsletters/readerimport/").content.decode()


def test_command_writes_a_file_for_its_owner_alone_and_overwrites_none(newsletter, tmp_path):
    file = tmp_path / "letters.zip"
    call_command("exportletters", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert "readers.csv" in opened(file.read_bytes())
    with pytest.raises(CommandError):
        call_command("exportletters", str(file))
