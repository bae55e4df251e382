"""The environment: a value that cannot be meant stops the start with one sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from newsroom import env


def test_flags_know_yes_and_no_and_refuse_the_rest(monkeypatch):
    monkeypatch.setenv("X", "on")
    assert env.flag("X") is True
    monkeypatch.setenv("X", "0")
    assert env.flag("X", default=True) is False
    monkeypatch.setenv("X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="X is 'maybe'; write 1 or 0"):
        env.flag("X")


@pytest.mark.parametrize("value", ["many", "-1", "70000", "8.5"])
def test_numbers_out_of_bounds_are_refused(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        env.number("PORT", 8000, low=1, high=65535)


def test_an_empty_number_is_the_default(monkeypatch):
    monkeypatch.setenv("PORT", "")
    assert env.number("PORT", 8000) == 8000


@pytest.mark.parametrize("value", ["example.org", "ftp://example.org", "https://example.org/path", "https://"])
def test_an_origin_is_scheme_and_host_alone(monkeypatch, value):
    monkeypatch.setenv("HOME_X", value)
    with pytest.raises(ImproperlyConfigured, match="HOME_X"):
        env.origin("HOME_X", "")


def test_a_secret_may_lie_in_a_file_and_may_begin_with_a_dollar_sign(monkeypatch, tmp_path):
    file = tmp_path / "secret"
    file.write_text("$ecret\n")
    monkeypatch.setenv("KEY_FILE", str(file))
    assert env.text("KEY") == "$ecret"
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env.text("KEY")


def test_words_are_split_and_stripped(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , b.example ,,")
    assert env.words("HOSTS") == ["a.example", "b.example"]
