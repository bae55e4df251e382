"""Things on a shelf: read once, read again when a key of theirs was bumped, and never older than the change."""

import pytest
from django.db import transaction

from newsroom import pagecache, pageversions
from newsroom.shelf import Shelf

pytestmark = pytest.mark.django_db(transaction=True)


class Rows:
    """Rows that change under the shelf, and how often each was read."""

    def __init__(self, *, most=10):
        self.words, self.read = {1: "one", 2: "two", 3: "three"}, []
        self.while_reading = lambda: None
        self.shelf = Shelf(self._load, lambda thing: ("site", f"article:{thing[0]}"), most=most)

    def _load(self, keys):
        self.read += keys
        found = {key: (key, self.words[key]) for key in keys if key in self.words}
        self.while_reading()
        return found

    def get(self, *keys):
        return {key: word for key, (_key, word) in self.shelf.get(keys).items()}


@pytest.fixture
def rows(settings, tmp_path):
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""
    rows = Rows()
    yield rows
    pageversions.Remembered.everything.remove(rows.shelf)


def test_what_was_read_once_is_not_read_again(rows):
    assert rows.get(1, 2) == {1: "one", 2: "two"}
    assert rows.get(2, 1, 3) == {2: "two", 1: "one", 3: "three"}
    assert rows.read == [1, 2, 3]


def test_a_bump_has_its_own_thing_read_again_and_no_other(rows):
    rows.get(1, 2)
    rows.words[1] = "another"
    pagecache.bump("article:1")
    assert rows.get(1, 2) == {1: "another", 2: "two"}
    assert rows.read == [1, 2, 1]


def test_a_bump_of_the_site_has_everything_read_again(rows):
    rows.get(1, 2)
    pagecache.bump("site")
    rows.get(1, 2)
    assert rows.read == [1, 2, 1, 2]


def test_what_was_read_while_a_change_was_saved_is_read_again(rows):
    def change():
        rows.words[1] = "after"
        rows.while_reading = lambda: None
        pagecache.bump("article:1")

    rows.while_reading = change
    assert rows.get(1) == {1: "one"}
    assert rows.get(1) == {1: "after"}


def test_what_is_gone_is_not_there_and_is_looked_for_again(rows):
    assert rows.get(1, 9) == {1: "one"}
    rows.words[9] = "nine"
    assert rows.get(9) == {9: "nine"}


def test_inside_a_transaction_everything_is_read_and_nothing_is_kept(rows):
    rows.get(1)
    with transaction.atomic():
        rows.words[1] = "uncommitted"
        assert rows.get(1) == {1: "uncommitted"}
    assert rows.get(1) == {1: "one"}


def test_the_least_used_leave_first(settings, tmp_path):
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""
    rows = Rows(most=2)
    rows.get(1), rows.get(2), rows.get(1), rows.get(3)
    rows.read.clear()
    rows.get(1), rows.get(3)
    assert rows.read == []
    rows.get(2)
    assert rows.read == [2]
    pageversions.Remembered.everything.remove(rows.shelf)


def test_it_reads_again_after_a_minute(rows, monkeypatch):
    rows.get(1)
    monkeypatch.setattr("newsroom.shelf.time.monotonic", lambda: float("inf"))
    rows.get(1)
    assert rows.read == [1, 1]


def test_while_nobody_knows_what_is_good_everything_is_read(rows, monkeypatch):
    rows.get(1)

    def away(*_keys):
        raise pageversions.Away

    monkeypatch.setattr(pageversions.FileVersions, "each", away)
    rows.get(1)
    assert rows.read == [1, 1]
