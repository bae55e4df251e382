"""Processes killed under load: nothing that was acknowledged is lost or doubled, no reader notices. Full in bench/."""

import os
import shutil

import pytest
from django.db import OperationalError, connections

from bench import faults
from tests import nginx
from tests.make import make_user
from tests.stoppable import Postgres


@pytest.fixture
def postgres():
    with Postgres(connections=40) as server:
        yield server


@pytest.fixture
def mould(postgres, transactional_db):
    """A filled site that never runs: the others are copies of it."""
    site = faults.Site(postgres, readers=20, name="mould")
    for alias, name in zip(("default", "keys"), site.databases, strict=True):
        postgres.copy(connections[alias].settings_dict, name)
    site.filled = site.run("fill", 20)
    yield site
    shutil.rmtree(site.folder, ignore_errors=True)


@pytest.mark.torture
@pytest.mark.postgres
def test_killed_servers_and_workers_lose_and_double_nothing_and_no_reader_notices(postgres, mould):
    if nginx.program() is None:
        assert os.environ.get("CI") != "true", nginx.MISSING
        pytest.skip(nginx.MISSING)
    line = faults.run(postgres, "kill -9 at random", readers=20, kills=4, mould=mould)
    assert line["failed"] == []
    assert line["faults"] == []
    for what, (said, lost, doubled) in line["counts"].items():
        assert said > 0, what
        assert lost == 0, what
        # A worker that dies between the mail server's reply and its own note sends that one letter again.
        assert doubled <= (4 if what == "letters" else 0), what


@pytest.mark.django_db
def test_whoever_saves_while_the_database_is_away_is_told_to_send_it_again(client, monkeypatch):
    client.force_login(make_user("Editor"))
    client.raise_request_exception = False

    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("newsroom.sessions.SessionStore.load", refuse)
    answer = client.post("/admin/articles/page/1/autosave/", {"title": "Words"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_the_count_of_what_is_lost_and_doubled_can_fail():
    class Told:
        readers, filled = 2, {"version": 1}

        @staticmethod
        def taken():
            return ["reader0@example.org", "reader0@example.org"]

    class People:
        saves, subscribed, given, promised = 3, ["new1@example.org"], ["paid", "twice"], 2

    found = {"title": "Save 2", "version": 4, "charges": {"twice": 2}, "gifts": 3, "subscribers": {}}
    assert faults.compared(Told, People, found) == {
        "saves": (3, 1, 1), "subscriptions": (1, 1, 0), "payments": (2, 1, 2), "letters": (2, 1, 1),
    }  # fmt: skip
