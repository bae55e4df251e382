"""Every style, script and picture that a page names is there, and the build that production makes of them succeeds."""

import json
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.template.loader import get_template
from django.test import override_settings
from django.urls import get_resolver
from js_asset import static_lazy
from js_asset.media import Media

from desk.admin.modules import MODULES
from desk.forms import DocumentForm, MoveForm
from newsroom import prose
from newsroom.minifying import Minifying

pytestmark = pytest.mark.once
ROOT = Path(settings.BASE_DIR)
TAG = re.compile(r"""\{%\s*static\s+(?:'([^']+)'|"([^"]+)"|([^\s%]+))""")
CALL = re.compile(r"""\bstatic(?:_lazy)?\(\s*(?:f?'([^']+)'|f?"([^"]+)")""")
IMPORT = re.compile(r"""(?:\bfrom\s+|\bimport\s*\(?\s*)["']([^"']+)["']""")
URL = re.compile(r"""url\(\s*["']?([^"')]+)""")


class QuickBuild(Minifying, ManifestStaticFilesStorage):
    """What production does, but for compressing: what can fail is the minifying and the naming."""


def sources(pattern, *folders):
    """Return the project's own files of one kind."""
    found = [file for folder in folders for file in (ROOT / folder).rglob(pattern)]
    assert found, pattern
    return [file for file in found if not {"var", ".venv"} & set(file.relative_to(ROOT).parts)]


def is_there(path):
    """Tell whether the finders know a static path."""
    return finders.find(path.partition("?")[0].partition("#")[0]) is not None


def test_each_path_in_a_template_is_there():
    named = set()
    for file in sources("*.html", "templates", "newsroom", "articles", "desk", "newsletters", "donations"):
        for single, double, bare in TAG.findall(file.read_text(encoding="utf-8")):
            assert not bare, f"{file.name}: write {bare} out, so that a test can find it"
            named.add((file.name, single or double))
    assert len(named) > 20
    assert [(file, path) for file, path in sorted(named) if not is_there(path)] == []


def test_each_path_in_the_code_is_there():
    named = set()
    for file in sources("*.py", "newsroom", "articles", "desk", "newsletters", "donations"):
        named |= {(file.name, single or double) for single, double in CALL.findall(file.read_text(encoding="utf-8"))}
    assert named
    assert [(file, path) for file, path in sorted(named) if not is_there(path)] == []


def test_each_import_of_a_script_is_there():
    for file in sources("*.js", "static"):
        for name in IMPORT.findall(file.read_text(encoding="utf-8")):
            if name.startswith("."):
                assert (file.parent / name).resolve().is_file(), f"{file.name}: {name}"
            else:
                assert not name.endswith(".js"), (
                    f"{file.name}: {name} has no hash in production; name it in an import map"
                )


def test_each_picture_of_a_style_is_there():
    for file in sources("*.css", "static"):
        for name in URL.findall(file.read_text(encoding="utf-8")):
            assert name.startswith(("data:", "#")) or (file.parent / name.partition("#")[0]).is_file(), (
                f"{file.name}: {name}"
            )


def subclasses(base):
    """Yield every class below `base`."""
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


def all_media():
    """Yield (who asks, media) of each form, widget and admin class of the project and of what it uses."""
    assert get_resolver().url_patterns
    for model, model_admin in admin.site._registry.items():
        yield f"admin of {model.__name__}", model_admin.media
    for form in {*subclasses(forms.BaseForm)}:
        if form.__module__.split(".")[0] in {"newsroom", "articles", "desk", "newsletters", "donations"}:
            yield form.__name__, sum((field.widget.media for field in form.base_fields.values()), Media())
    yield "the editor", prose.ProseWidget(extensions=prose.STORY).media
    assert DocumentForm
    assert MoveForm


def paths_of(media):
    """Yield the static paths in what a Media renders, import maps included."""
    yield from re.findall(r"""(?:src|href)=["']([^"']+)["']""", str(media))
    yield from import_map(media).values()


def import_map(media):
    """Return {name: static path} of the import map that a Media renders."""
    found = re.search(r"""<script[^>]*importmap[^>]*>(.*?)</script>""", str(media), re.DOTALL)
    return json.loads(found[1])["imports"] if found else {}


def test_each_path_in_the_media_of_forms_and_import_maps_is_there():
    seen = 0
    for who, media in all_media():
        for address in paths_of(media):
            seen += 1
            assert address.startswith(settings.STATIC_URL), (who, address)
            assert is_there(address.removeprefix(settings.STATIC_URL)), (who, address)
    assert seen > 30


def test_every_module_that_is_imported_by_name_stands_in_the_import_map():
    known = set(import_map(MODULES))
    for _who, media in all_media():
        known |= set(import_map(media))
    wanted = {name for file in sources("*.js", "static") for name in IMPORT.findall(file.read_text(encoding="utf-8"))}
    assert {name for name in wanted if not name.startswith((".", "/"))} <= known


def test_a_static_path_that_is_not_there_is_noticed():
    assert not is_there("css/not-there.css")
    assert str(static_lazy("css/base.css")) == "/static/css/base.css"


def test_every_template_compiles():
    for file in sources("*.html", "templates"):
        get_template(str(file.relative_to(ROOT / "templates")))


def test_the_build_for_production_succeeds_and_names_every_file_by_its_content(tmp_path):
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": f"{__name__}.QuickBuild"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    assert re.fullmatch(r"css/base\.[0-9a-f]{12}\.css", manifest["css/base.css"])
    for file in sources("*.html", "templates"):
        for single, double, _bare in TAG.findall(file.read_text(encoding="utf-8")):
            assert (tmp_path / manifest[single or double]).is_file(), file
    for name, hashed in manifest.items():
        assert (tmp_path / hashed).is_file(), name
    built = (tmp_path / manifest["js/desk/autosave.js"]).read_text(encoding="utf-8")
    assert "// Autosave" not in built
    assert 'from"desk/keep"' in built
