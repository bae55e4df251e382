"""`make test` itself: what is missing is said last, a lack is a failure in CI, silence is never green."""

import contextlib
import re

import pytest
import suite

from tests import services

pytestmark = pytest.mark.once


class Runs:
    """Stands for pytest and the machine's services; writes down what would have been run."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.expressions = []
        self.closing = ("===== 3 passed, 1 skipped in 0.10s =====", 0)
        monkeypatch.setattr(suite, "prepare_venv", lambda *args: "python")
        monkeypatch.setattr(suite, "run_pytest", self.run)
        monkeypatch.setattr(suite, "_without_services", lambda: None)
        monkeypatch.delenv("CI", raising=False)

    def run(self, tally, title, python, arguments, **variables):
        self.expressions.append((title, arguments[arguments.index("-m") + 1], sorted(variables)))
        tally.add(title, *self.closing)

    def have(self, *names):
        """Let the machine have these services and no others."""

        def missing(name):
            def start():
                raise services.Missing(name)

            return start

        postgres, redis, chromium = (
            start if name in names else missing(name)
            for name, start in (
                ("PostgreSQL", lambda: contextlib.nullcontext("postgres://pretended")),
                ("Redis", lambda: contextlib.nullcontext("redis://pretended")),
                ("Chromium", lambda: "/usr/bin/pretended"),
            )
        )
        self.monkeypatch.setattr(suite, "SERVICES", dict(zip(suite.SERVICES, (postgres, redis), strict=True)))
        self.monkeypatch.setattr(services, "chromium_program", chromium)


@pytest.fixture
def runs(monkeypatch):
    return Runs(monkeypatch)


def last_lines(capsys, count):
    return capsys.readouterr().out.strip().splitlines()[-count:]


def test_what_is_missing_is_named_at_the_end_with_the_way_to_get_it(runs, capsys):
    runs.have()
    assert suite.main([]) == 0
    assert last_lines(capsys, 4) == [
        "Skipped: PostgreSQL is missing. To get it: apt-get install postgresql",
        "Skipped: Redis is missing. To get it: apt-get install redis-server",
        "Skipped: Chromium is missing. To get it: apt-get install chromium",
        "3 passed, 0 failed, 1 skipped",
    ]
    assert [title for title, _expression, _variables in runs.expressions] == ["SQLite"]


@pytest.mark.parametrize("lacking", ["PostgreSQL", "Redis", "Chromium"])
def test_in_ci_a_missing_service_is_a_failure(runs, capsys, monkeypatch, lacking):
    monkeypatch.setenv("CI", "true")
    runs.have(*{"PostgreSQL", "Redis", "Chromium"} - {lacking})
    assert suite.main([]) == 1
    lines = last_lines(capsys, 2)
    assert lines[0].startswith(f"Failed: {lacking} is missing")
    assert " 1 failed" in lines[1]


def test_a_machine_with_everything_runs_all_three(runs):
    runs.have("PostgreSQL", "Redis", "Chromium")
    assert suite.main([]) == 0
    assert runs.expressions == [
        ("SQLite", "not browser and not postgres and not redis", []),
        (
            "PostgreSQL and Redis",
            "not once and (not browser or tour)",
            ["DATABASE_URL", "KEYS_DATABASE_URL", "REDIS_URL"],
        ),
        ("Chromium", "browser and not tour", []),
    ]


def test_the_tours_are_walked_on_sqlite_where_there_is_no_postgres(runs):
    runs.have("Redis", "Chromium")
    assert suite.main([]) == 0
    assert runs.expressions[-1] == ("Chromium", "browser", [])


def test_redis_without_postgres_is_still_tested(runs):
    runs.have("Redis")
    assert suite.main(["--only", "postgres"]) == 0
    assert runs.expressions == [("PostgreSQL and Redis", "redis and not browser", ["REDIS_URL"])]


def test_a_failing_run_is_named_and_turns_the_whole_red(runs, capsys):
    runs.have()
    runs.closing = ("= 2 failed, 5 passed, 1 error in 9.99s =", 1)
    assert suite.main([]) == 1
    lines = last_lines(capsys, 5)
    assert lines[0] == "Failed: SQLite"
    assert lines[-1] == "5 passed, 3 failed"


def test_a_run_that_breaks_off_without_a_count_is_a_failure(runs, capsys):
    runs.have()
    runs.closing = ("", 3)
    assert suite.main([]) == 1
    assert last_lines(capsys, 1) == ["0 passed, 1 failed"]


def test_a_suite_in_which_nothing_ran_is_not_green(runs, capsys):
    runs.have()
    runs.closing = ("= no tests ran in 0.01s =", 5)
    assert suite.main([]) == 1


@pytest.mark.parametrize(
    "line",
    ["= 1 passed in 0.01s =", "12 passed, 1 skipped in 3s", "===== no tests ran in 0.01s =====", "1 error in 2s"],
)
def test_pytests_closing_lines_are_known(line):
    assert suite.CLOSING.match(line)


def test_every_service_says_how_to_get_it():
    for name, command in services.HOW_TO_GET.items():
        assert re.fullmatch(r"apt-get install [a-z0-9-]+", command), name
