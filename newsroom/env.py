"""Strict readers for environment variables: a value that cannot be meant stops the start with one sentence."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name, default=""):
    """Return the variable as it stands, or read from the file that `<name>_FILE` names.

    Raises ImproperlyConfigured when that file cannot be read.
    """
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error
    return os.environ.get(name, default)


def choice(name, default, allowed):
    """Return the variable when it is one of `allowed`; raise ImproperlyConfigured otherwise."""
    value = os.environ.get(name) or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of: {', '.join(allowed)}.")
    return value


def flag(name, *, default=False):
    """Return a yes/no variable as bool; raise ImproperlyConfigured on any other word."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def number(name, default, *, low=0, high=10**9):
    """Return a whole number between `low` and `high`; raise ImproperlyConfigured otherwise."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        result = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number.") from error
    if not low <= result <= high:
        raise ImproperlyConfigured(f"{name} is {result}; it must lie between {low} and {high}.")
    return result


def words(name, default=()):
    """Return a comma-separated variable as a list without blanks."""
    value = os.environ.get(name)
    if value is None:
        return list(default)
    return [word.strip() for word in value.split(",") if word.strip()]


def origin(name, default):
    """Return an origin such as `https://example.org` without a trailing slash.

    Raises ImproperlyConfigured for anything with a path, a query or another scheme than http and https.
    """
    value = (os.environ.get(name) or default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} is {value!r}; write scheme and host alone, such as https://example.org.")
    return value
