"""The words of readers' pages exist in every language of the site: a text without its Russian is named here."""

import ast
import gettext as catalogues
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

pytestmark = pytest.mark.once
FOLDER = Path(settings.BASE_DIR) / "templates"
FOR_THE_DESK = {"admin", "allauth"}
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


def test_every_text_of_a_readers_template_has_its_russian():
    russian = catalogues.translation("django", settings.LOCALE_PATHS[0], ["ru"])._catalog
    files = [file for file in FOLDER.rglob("*.*") if not FOR_THE_DESK & set(file.relative_to(FOLDER).parts)]
    found = [
        (file.relative_to(FOLDER), words) for file in files for words in words_of(file.read_text(encoding="utf-8"))
    ]
    assert len(found) > 250
    missing = [f"{file}: {words!r}" for file, words in found if words not in russian]
    assert missing == [], "\n".join(missing)
