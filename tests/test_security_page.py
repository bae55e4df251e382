"""The page about security promises nothing that no test holds."""

import re

import pytest

from tests.test_project import ROOT

PAGE = ROOT / "docs/security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
pytestmark = pytest.mark.once


def test_every_test_that_the_page_names_exists():
    named = NAMED.findall(PAGE.read_text())
    assert len(named) > 40
    missing = [f"{path}::{name}" for path, name in named
               if not (ROOT / path).exists() or f"def {name}(" not in (ROOT / path).read_text()]  # fmt: skip
    assert missing == []


def test_every_promise_of_a_table_names_a_test():
    rows = re.findall(
        r"^\| (?!promise|who|---)(.+?) \| (.+) \|$", PAGE.read_text().partition("## Readers")[2], re.MULTILINE
    )
    assert rows
    assert [promise for promise, tests in rows if not NAMED.search(tests)] == []
