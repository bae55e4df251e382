"""How the site asks PostgreSQL: limits on statements, pooled connections, a replica only while it keeps up."""

import json
import os
import subprocess
import sys

import pytest
from django.db import OperationalError
from django.http import HttpResponse

from newsroom import replica
from newsroom.models import Edition, User
from tests.newsroom.test_checks import GOOD

URL = "postgres://newsroom:x@db.example/newsroom"
SAY = """
import json
from newsroom import settings
print(json.dumps({alias: database for alias, database in settings.DATABASES.items()}, default=str))
"""


def databases(tmp_path, before="", **environ):
    """Return DATABASES as a production process sees them."""
    clean = {"PATH": os.environ["PATH"], "NEWSROOM_DATA": str(tmp_path), **GOOD, "DATABASE_URL": URL, **environ}
    done = subprocess.run([sys.executable, "-c", before + SAY], env=clean, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.once
def test_worker_and_commands_may_ask_longer_than_pages(tmp_path):
    work = databases(tmp_path)["default"]["OPTIONS"]
    assert work["options"] == "-c statement_timeout=900000"
    assert work["pool"] == {"min_size": 1, "max_size": 8, "timeout": 2}
    # A process that serves pages says so by loading the server's entry point first.
    web = databases(tmp_path, "import newsroom.wsgi\n", DATABASE_SECONDS="7")["default"]["OPTIONS"]
    assert web["options"] == "-c statement_timeout=7000"


@pytest.mark.once
def test_what_the_address_says_besides_stays(tmp_path):
    options = databases(tmp_path, DATABASE_URL=f"{URL}?sslmode=require")["default"]["OPTIONS"]
    assert options["sslmode"] == "require"
    assert "pool" in options


@pytest.mark.once
def test_replica_is_there_only_when_named(tmp_path):
    assert set(databases(tmp_path)) == {"default", "keys"}
    found = databases(tmp_path, REPLICA_URL="postgres://newsroom:x@copy.example/newsroom")
    assert found["replica"]["HOST"] == "copy.example"


@pytest.mark.once
def test_replica_must_be_a_postgresql(tmp_path):
    with pytest.raises(subprocess.CalledProcessError) as caught:
        databases(tmp_path, REPLICA_URL="sqlite:////tmp/replica.sqlite3")
    assert "REPLICA_URL must name a PostgreSQL" in caught.value.stderr


@pytest.mark.postgres
@pytest.mark.django_db
def test_statement_that_takes_too_long_is_ended():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(5)")


# The replica


@pytest.fixture
def places(monkeypatch, settings):
    """A primary and a replica whose logs have come to the places in this dict; None is one that is away."""
    places = {"default": 5, "replica": 5}

    def ask(alias, statement, parameters=()):
        if places[alias] is None:
            raise OperationalError("away")
        return places["default"] if alias == "default" else places["replica"] >= parameters[0]

    monkeypatch.setattr(replica, "_ask", ask)
    monkeypatch.setattr(replica, "exists", lambda: True)
    monkeypatch.setattr(replica, "_place", {"seq": None, "lsn": ""})
    monkeypatch.setattr(replica, "_asked_again", {"at": 0.0})
    return places


def reads(seq):
    """Return where a reader page of the number `seq` reads."""
    with replica.reading(seq=seq):
        return replica.ReplicaRouter().db_for_read(Edition) or "default"


router = replica.ReplicaRouter()


@pytest.mark.once
def test_reader_page_reads_from_a_replica_that_keeps_up(places):
    assert reads(1) == "replica"
    assert router.db_for_read(Edition) is None


@pytest.mark.once
def test_page_after_a_change_waits_for_no_replica_that_has_not_heard_of_it(places):
    places["default"] = 6
    assert reads(2) == "default"
    places["replica"] = 6
    assert reads(2) == "replica"


@pytest.mark.once
def test_what_changed_later_does_not_matter_to_an_older_number(places):
    assert reads(1) == "replica"
    places["default"] = 9
    assert reads(1) == "replica"
    assert reads(2) == "default"


@pytest.mark.once
def test_without_a_number_nobody_knows_and_the_primary_is_read(places):
    assert reads(None) == "default"


@pytest.mark.once
def test_replica_that_is_away_is_left_alone_for_a_while(places, monkeypatch):
    places["replica"] = None
    assert reads(1) == "default"
    places["replica"] = 5
    assert reads(1) == "default"
    replica._asked_again["at"] = 0
    assert reads(1) == "replica"


@pytest.mark.once
def test_page_that_fails_on_the_replica_is_made_again_from_the_primary(places, rf):
    asked = []

    def view(request):
        asked.append(router.db_for_read(Edition) or "default")
        response = HttpResponse(status=503 if asked[-1] == "replica" else 200)
        response.is_database_away = asked[-1] == "replica"
        return response

    assert replica.make_page(view, rf.get("/"), 1).status_code == 200
    assert asked == ["replica", "default"]
    assert reads(1) == "default"


@pytest.mark.once
def test_page_whose_primary_is_away_too_is_left_to_the_stored_one(places):
    places["default"] = None
    assert reads(1) == "default"


@pytest.mark.once
def test_writes_and_what_is_read_after_them_go_to_the_primary(places):
    with replica.reading(seq=1):
        assert router.db_for_read(User) == "replica"
        assert router.db_for_write(User) == "default"
        assert router.db_for_read(User) is None


@pytest.mark.django_db
def test_inside_a_transaction_the_primary_is_read(places):
    from django.db import transaction

    with transaction.atomic(), replica.reading(seq=1):
        assert router.db_for_read(Edition) is None


@pytest.mark.once
def test_nothing_is_migrated_on_the_replica():
    from newsroom.sealing import KeysRouter

    assert not KeysRouter().allow_migrate("replica", "newsroom", "edition")
    assert not KeysRouter().allow_migrate("replica", "newsroom", "sealingkey")
    assert KeysRouter().allow_migrate("default", "newsroom", "edition")
