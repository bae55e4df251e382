"""The private PostgreSQL and Redis: they answer, and nothing of them is left."""

import subprocess
from pathlib import Path

import psycopg
import pytest
import redis as redis_client

from tests import services


def need(find):
    try:
        find()
    except services.Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.postgres
def test_postgres_answers_and_leaves_nothing():
    need(services.postgres_folder)
    with services.postgres() as address:
        folder = Path(address.partition("@")[2].replace("%2F", "/"))
        with psycopg.connect(host=str(folder), user="newsroom", dbname="postgres") as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert not folder.exists()


@pytest.mark.redis
def test_redis_answers_and_leaves_nothing():
    need(services.redis_program)
    with services.redis() as address:
        client = redis_client.Redis.from_url(address)
        assert client.ping()
        folder = Path(address.removeprefix("unix://").partition("?")[0]).parent
        client.close()
    assert not folder.exists()


def test_a_service_that_does_not_start_says_why(tmp_path):
    with (
        pytest.raises(RuntimeError, match="no such option"),
        services._running(["sh", "-c", "echo no such option; exit 3"], tmp_path, lambda: False, stop=15),
    ):
        pass


def test_a_service_is_stopped_when_the_tests_break_off(tmp_path):
    command = ["sh", "-c", "echo $$ > pid; exec sleep 600"]
    with (
        pytest.raises(KeyboardInterrupt),
        services._running(command, tmp_path, lambda: (tmp_path / "pid").exists(), stop=15),
    ):
        raise KeyboardInterrupt
    assert subprocess.run(["kill", "-0", (tmp_path / "pid").read_text()], check=False, stderr=-3).returncode


def test_a_missing_program_is_named(monkeypatch):
    monkeypatch.setattr(services.shutil, "which", lambda name: None)
    with pytest.raises(services.Missing, match="apt-get install redis-server"):
        services.redis_program()
