"""The words of the desk's scripts in other languages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from newsroom import words

pytestmark = pytest.mark.once
SCRIPTS = Path(settings.BASE_DIR) / "static" / "js" / "desk"
CALL = re.compile(r"""\bt\((?:[\w.]+ \? )?"((?:[^"\\]|\\.)*)\"""")


def said():
    """Return what the scripts hand to t(), directly or from their tables."""
    found = set()
    for file in SCRIPTS.rglob("*.js"):
        text = file.read_text(encoding="utf-8")
        found |= set(CALL.findall(text))
    for file in (SCRIPTS / "editor").glob("*.js"):
        found |= set(re.findall(r'kind: "([^"]+)"', file.read_text(encoding="utf-8")))
    bar = (SCRIPTS / "editor" / "bar.js").read_text(encoding="utf-8")
    crop = (SCRIPTS / "crop.js").read_text(encoding="utf-8")
    return found | set(re.findall(r'\["([A-Z][^"]+)", "', bar)) | set(re.findall(r'\[[\d /]+, "([^"]+)"\]', crop))


def test_each_word_of_the_scripts_can_be_translated():
    assert len(said()) > 90
    assert said() - set(words.IN_SCRIPTS) == set()


def test_no_word_is_kept_that_no_script_says():
    scripts = "".join(file.read_text(encoding="utf-8") for file in SCRIPTS.rglob("*.js"))
    assert [word for word in words.IN_SCRIPTS if f'"{word}"' not in scripts] == []


def render():
    request = RequestFactory().get("/")
    request.csp_nonce = "n0nce"
    return Template("{% load newsroom %}{% desk_words %}").render(Context({"request": request}))


def test_an_english_page_carries_no_words_and_a_russian_one_its_own():
    with translation.override("en"):
        assert render() == ""
    with translation.override("ru"):
        assert render().startswith('<script nonce="n0nce" id="desk-words" type="application/json">{"')
        assert words.translated()["Photo"] == "Фото"
