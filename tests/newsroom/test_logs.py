"""Logs: structured, and without addresses, names and tokens."""

import json
import logging
import sys

from newsroom.logs import StructuredFormatter, scrub


def record(message, *arguments, **extra):
    made = logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


def test_addresses_and_tokens_are_cut_out():
    text = scrub(
        "reader@example.org from 198.51.100.7 and 2001:db8:0:1:2:3:4:5 at /newsletters/confirm/abc-DEF_123/ " + "k" * 43
    )
    for secret in ("reader@", "198.51", "2001:db8", "abc-DEF", "kkkk"):
        assert secret not in text


def test_a_traceback_is_scrubbed_too():
    try:
        raise ValueError("reader@example.org")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    assert "reader@" not in StructuredFormatter().format(made)


def test_each_line_is_one_object_with_known_fields_alone():
    entry = json.loads(StructuredFormatter().format(record("task %s", "x", task="t.1", email="reader@example.org")))
    assert entry["message"] == "task x"
    assert entry["task"] == "t.1"
    assert "email" not in entry
