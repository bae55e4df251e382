"""Production fails closed: the site refuses to start and says why in one sentence."""

import os
import subprocess
import sys

import pytest

STRONG = {"SECRET_KEY": "s3cret-" * 10 + "abcdefgh", "SEALING_KEY": "seal1ng-" * 10 + "ijklmnop"}
GOOD = {"NEWSROOM_MODE": "production", "NEWSROOM_HOME": "https://example.org", **STRONG}


def check(tmp_path, **environment):
    clean = {"PATH": os.environ["PATH"], "NEWSROOM_DATA": str(tmp_path)}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env={**clean, **environment}, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_good_production_settings_pass_in_silence(tmp_path):
    code, output = check(tmp_path, **GOOD)
    assert code == 0, output
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SEALING_KEY": ""}, "SEALING_KEY is not set"),
        ({"NEWSROOM_HOME": ""}, "NEWSROOM_HOME"),
        ({"SECRET_KEY": "short"}, "at least 50 characters"),
        ({"SEALING_KEY": STRONG["SECRET_KEY"]}, "must differ"),
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"PAYMENT_PROVIDER": "sandbox"}, "sandbox for payments"),
        ({"NEWSROOM_HOME": "http://example.org"}, "https://"),
        ({"NEWSROOM_MODE": "prod"}, "must be one of"),
        ({"PORT": "many"}, "PORT"),
        ({"SECOND_FACTOR_REQUIRED": "0"}, "stolen password"),
    ],
)
def test_each_weak_setting_is_refused_with_its_reason(tmp_path, changes, sentence):
    code, output = check(tmp_path, **{**GOOD, **changes})
    assert code != 0
    assert sentence in output


def test_no_mode_means_production(tmp_path):
    code, output = check(tmp_path)
    assert code != 0
    assert "SECRET_KEY is not set" in output


@pytest.mark.django_db
def test_demo_accounts_in_a_production_database_are_refused(settings):
    from newsroom.checks import no_demo_accounts
    from newsroom.models import User

    User.objects.create_user("editor", "editor@demo.invalid")
    settings.MODE = "production"
    assert [problem.id for problem in no_demo_accounts(None, databases=["default"])] == ["newsroom.E007"]
    settings.MODE = "demo"
    assert no_demo_accounts(None, databases=["default"]) == []


@pytest.mark.django_db
def test_first_migration_of_a_production_site_is_not_stopped_by_the_missing_table(settings, monkeypatch):
    from django.db import connection

    from newsroom.checks import no_demo_accounts

    settings.MODE = "production"
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert no_demo_accounts(None, databases=["default"]) == []
