"""The words of the site and of its desk exist in every language: a text without its Russian is named here."""

import ast
import gettext as catalogues
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

pytestmark = pytest.mark.once
ROOT = Path(settings.BASE_DIR)
APPS = ("articles", "desk", "donations", "newsletters", "newsroom")
CALLS = {"gettext", "gettext_lazy", "gettext_noop", "_", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
         "npgettext", "npgettext_lazy"}  # fmt: skip
STRING = r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\b(n?gettext|_)\(\s*u?{STRING}")
IN_CONTEXT = re.compile(rf"\b(n?pgettext)\(\s*u?{STRING}\s*,\s*u?{STRING}")


def words_of(text):
    """Yield the msgids of a template as gettext's catalogues name them."""
    python = templatize(text)
    for name, quoted in CALL.findall(python):
        msgid = ast.literal_eval(quoted)
        yield (msgid, 0) if name == "ngettext" else msgid
    for _name, context, quoted in IN_CONTEXT.findall(python):
        yield f"{ast.literal_eval(context)}\x04{ast.literal_eval(quoted)}"


def words_in_code(text):
    """Yield the msgids of a module as gettext's catalogues name them."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if name not in CALLS or not texts:
            continue
        words = f"{texts[0]}\x04{texts[1]}" if "pgettext" in name else texts[0]
        yield (words, 0) if name.startswith("n") else words


def missing(files, words_of_file):
    """Return what has no Russian, and how many texts were looked at."""
    russian = catalogues.translation("django", settings.LOCALE_PATHS[0], ["ru"])._catalog
    found = [(file.relative_to(ROOT), words) for file in files for words in words_of_file(file.read_text("utf-8"))]
    return [f"{file}: {words!r}" for file, words in found if words not in russian], len(found)


def test_every_text_of_a_template_has_its_russian():
    lacking, number = missing((ROOT / "templates").rglob("*.*"), words_of)
    assert number > 600
    assert lacking == [], "\n".join(lacking)


def test_every_text_in_the_code_has_its_russian():
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py") if "migrations" not in file.parts]
    lacking, number = missing(files, words_in_code)
    assert number > 1500
    assert lacking == [], "\n".join(lacking)
