"""Rules of the whole repository that a machine can keep."""

import ast
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
INSTALLED = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
OLDEST_PYTHON = "3.11.2"  # Debian 12
APPS = ("newsroom", "desk", "articles", "newsletters", "donations")
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
TEXT = {".py", ".md", ".html", ".txt", ".css", ".js", ".toml", ".json", ".yml", ".yaml", ".sh", ".conf", ""}
# Rows that are a part of what they point at and leave with it.
PARTS = {
    "newsroom.StaffSession",
    "articles.PersonText",
    "articles.PersonIdentity",
    "articles.PhotoCrop",
    "articles.PhotoText",
    "articles.Redirect",
    "desk.Presence",
}


def tracked(*patterns):
    """Return the files that git knows, or all files in a copy without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not {".venv", "var", ".git"} & set(file.parts)]
    wanted = [file for file in files if not patterns or any(file.relative_to(ROOT).match(p) for p in patterns)]
    return [file for file in wanted if file.is_file()]


def site_templates():
    """Return the templates of pages; mails and files to keep must carry their styles inline."""
    pages = [file for file in tracked("*.html") if "templates" in file.parts and "emails" not in file.parts]
    return [file for file in pages if file.name != "kept.html"]


def offences(files, pattern):
    """Return `file:line: text` wherever `pattern` matches."""
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        for match in re.finditer(pattern, text, re.IGNORECASE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{file.relative_to(ROOT)}:{line}: {match[0][:100]}")
    return found


def pins(name):
    """Return {library: version} of one requirements file; anything but `==` fails."""
    pinned = {}
    for line in (ROOT / name).read_text().splitlines():
        text = line.partition("#")[0].strip()
        if not text or text == "-r requirements.txt":
            continue
        requirement = Requirement(text)
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", f"{name}: {text} is not pinned with =="
        assert "*" not in specifier.version, f"{name}: {text}"
        assert requirement.url is None, f"{name}: {text}"
        assert requirement.marker is None or "python" in str(requirement.marker), f"{name}: {text}"
        pinned[canonicalize_name(requirement.name)] = (requirement.extras, specifier.version)
    return pinned


def needed_by(pinned, python):
    """Return every library that the pinned ones ask for on that Python, at any depth."""
    environment = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    names, waiting = set(), [(name, extras) for name, (extras, _version) in pinned.items()]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        names.add(name)
        for text in _requires(name):
            requirement = Requirement(text)
            contexts = [{**environment, "extra": extra} for extra in {"", *extras}]
            if requirement.marker is None or any(requirement.marker.evaluate(context) for context in contexts):
                waiting.append((canonicalize_name(requirement.name), requirement.extras))
    return names


def brought_along():
    """Return the libraries under the heading that says that others bring them."""
    names = set()
    for name in REQUIREMENTS:
        below = (ROOT / name).read_text().partition("# What these bring along")[2]
        names |= {canonicalize_name(line.partition("==")[0]) for line in below.splitlines() if "==" in line}
    return names


def _requires(name):
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []  # pinned for another Python than this one


# What is installed


@pytest.mark.parametrize("python", [OLDEST_PYTHON, "3.11.9", "3.12.3", "3.13.5", "3.14.0"])
@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_requirement_is_pinned_with_all_that_it_brings(name, python):
    pinned = pins("requirements.txt") | pins(name)
    assert needed_by(pinned, python) - set(pinned) == set()


def test_nothing_is_pinned_that_nobody_needs():
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    direct = {name for name in pinned if name not in brought_along()}
    needed = needed_by({name: pinned[name] for name in direct}, OLDEST_PYTHON)
    assert set(pinned) - needed == set()


def test_every_library_runs_on_the_python_of_debian_12():
    for name in pins("requirements.txt") | pins("requirements-dev.txt"):
        if name in INSTALLED:
            admitted = SpecifierSet(metadata.metadata(name)["Requires-Python"] or "")
            assert admitted.contains(OLDEST_PYTHON), f"{name} needs Python {admitted}"


def test_what_is_installed_is_what_is_pinned():
    pinned = {name: version for name, (_extras, version) in (pins(REQUIREMENTS[0]) | pins(REQUIREMENTS[1])).items()}
    assert {name: INSTALLED[name] for name in pinned if name in INSTALLED and INSTALLED[name] != pinned[name]} == {}
    assert set(pinned) - set(INSTALLED) <= {"async-timeout"}


def test_no_file_names_a_machine_or_a_registry():
    files = [file for file in tracked() if file.suffix in TEXT and file != Path(__file__)]
    folders = r"(?<![\w.:*}>-])/(?:work|root|Users/\w+|home/(?!newsroom)\w+)/"
    registries = r"\b(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)\b|--(?:extra-)?index-url|--find-links"
    assert offences(files, folders) == []
    assert offences(files, registries) == []


# Pages


def test_no_inline_script_or_style_without_a_nonce():
    files = site_templates()
    assert offences(files, r"<script(?![^>]*\b(?:nonce|src)=)[^>]*>") == []
    assert offences(files, r"<style(?![^>]*\bnonce=)[^>]*>") == []
    assert offences(files, r"<[a-z][^>]*\sstyle\s*=") == []
    assert offences(files, r"<[a-z][^>]*\son[a-z]+\s*=") == []
    assert offences(files, r"\bjavascript:") == []


def test_pages_load_nothing_from_elsewhere():
    assert offences(site_templates(), r"<(?!a\b|/)[a-z]+\b[^>]*\b(?:src|srcset)=[\"']?(?:https?:)?//") == []
    assert offences(site_templates(), r"<link(?![^>]*rel=[\"']?(?:canonical|alternate))[^>]*href=[\"']https?://") == []
    assert offences(tracked("static/*.css", "static/**/*.css"), r"(?:url\(|@import)\s*[\"']?(?:https?:)?//") == []


def test_only_stored_sanitised_html_is_marked_safe():
    assert offences(tracked("*.html"), r"(?<!_html)\|\s*safe(?:seq)?\b") == []
    assert offences(site_templates(), r"{%\s*autoescape\s+off") == []


def test_scripts_build_no_code_from_text():
    assert offences(tracked("static/*.js", "static/**/*.js"), r"\beval\(|new Function\(|document\.write\(") == []


# Code


def test_no_float_touches_money():
    for file in tracked("donations/*.py", "donations/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            named = isinstance(node, ast.Name) and node.id == "float"
            assert not named, f"{file.relative_to(ROOT)}:{node.lineno}: float"
            field = isinstance(node, ast.Attribute) and node.attr == "FloatField"
            assert not field, f"{file.relative_to(ROOT)}:{node.lineno}: FloatField"


def test_browser_tests_wait_for_what_they_claim():
    at_once = re.compile(r"\.is_(visible|hidden|checked|enabled|disabled|editable)\(")
    files = tracked("tests/browser/*.py")
    assert len(files) > 15
    assert [path.name for path in files if at_once.search(path.read_text())] == [], "expect(…) waits, is_…() does not"


def test_helpers_are_named_for_their_subject():
    vague = {"utils.py", "helpers.py", "common.py", "services.py", "managers.py", "misc.py"}
    assert [
        str(file) for file in tracked("*.py") if file.relative_to(ROOT).parts[0] in APPS and file.name in vague
    ] == []


def test_no_module_is_longer_than_a_sitting():
    for file in tracked("*.py"):
        if file.relative_to(ROOT).parts[0] in APPS and "migrations" not in str(file):
            assert len(file.read_text().splitlines()) <= 600, file


def test_pages_are_short_because_parts_are_includes():
    for file in site_templates():
        assert len(file.read_text().splitlines()) <= 120, file


@pytest.mark.django_db
@pytest.mark.parametrize("database", ["default", "keys"])
def test_migrations_match_the_models(database):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("migrate", check_unapplied=True, database=database, verbosity=0)


def test_deleting_a_person_never_deletes_journalism():
    kept = {"articles.Person", "articles.Section", "articles.Photo", "newsroom.User"}
    for model in apps.get_models():
        if model._meta.app_label not in APPS or model._meta.label in PARTS:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model._meta.label in kept:
                deletes = field.remote_field.on_delete is models.CASCADE and not model._meta.auto_created
                assert not deletes, f"{model._meta.label}.{field.name} would be deleted with its {field.related_model}"


# Words for the person who runs it


def test_the_readme_names_every_setting():
    source = (ROOT / "newsroom" / "settings.py").read_text()
    names = set(re.findall(r"(?:env\.\w+|secret|database)\(\s*\"([A-Z_]+)\"", source))
    assert names
    readme = (ROOT / "README.md").read_text()
    assert {name for name in names if f"`{name}`" not in readme} == set()


def test_every_decision_is_listed_under_a_number_of_its_own():
    folder = ROOT / "docs" / "decisions"
    pages = sorted(file.name for file in folder.glob("0*.md"))
    index = (folder / "README.md").read_text()
    assert [name for name in pages if f"({name})" not in index] == []
    numbers = [name[:4] for name in pages]
    assert len(numbers) == len(set(numbers))
