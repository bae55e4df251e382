"""What the attacking tests share: bad values, forms read as a browser reads them, and the marks of a good refusal."""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from bs4 import BeautifulSoup
from django.db import connections, transaction
from django.test import Client

TOO_LONG = "a" * 100_000
# Characters that no field may take. Lone surrogates travel as the bytes that a careless client writes for them.
UNWANTED = {
    "nul": "nul\x00byte",
    "bell": "bell\x07bell",
    "delete": "delete\x7f",
    "line separator": "line\u2028separator",
    "byte order mark": "mark\ufeffmark",
    "surrogate": b"lone\xed\xa0\x80surrogate",
    "not utf-8": b"\xff\xfebytes",
}
NUMBERS = {
    "zero": "0",
    "negative": "-1",
    "too big for a column": str(2**63),
    "too many digits": "9" * 5000,
    "exponent": "1e3",
    "float": "9e9",
    "nan": "NaN",
    "infinity": "Infinity",
    "superscript": "²",
    "underscore": "1_000",
    "word": "abc",
}
MOMENTS = {
    "no date": "0000-00-00",
    "first moment": "0001-01-01T00:00",
    "last moment": "9999-12-31T23:59",
    "no such day": "2026-02-30T00:00",
    "no such hour": "2026-03-29T02:30",
    "five-digit year": "10000-01-01T00:00",
}
DOCUMENTS = {
    "deep": "[" * 5000,
    "surrogate in json": '["\\ud800"]',
    "nan in json": "[NaN]",
    "endless number in json": "[" + "1" * 5000 + "]",
    "infinite number in json": "[1e999]",
    "object": '{"id": "\\udfff", "x": null}',
}
WORDS = {
    "empty": "",
    "too long": TOO_LONG,
    "spaces": " \u00a0\u2003 ",
    "markup": "<script>alert(1)</script>",
    "template": "{{ x }}{% y %}%s%n${z}",
    "broken address": "http://[",
    "script address": "javascript:alert(1)",
    "foreign address": "//evil.example",
    "path": "../../../../etc/passwd",
}
EVERYTHING = {**WORDS, **UNWANTED, **NUMBERS, **MOMENTS, **DOCUMENTS}


def encode(pairs):
    """Return pairs of names and values (text or raw bytes) as the body of a form."""

    def part(value):
        value = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        return quote_from_bytes(value)

    return "&".join(f"{part(name)}={part(value)}" for name, value in pairs)


def post(client, address, pairs, **extra):
    """Send pairs of names and values as a form and return the answer."""
    kind = extra.pop("content_type", "application/x-www-form-urlencoded")
    return client.post(address, data=encode(pairs), content_type=kind, **extra)


@dataclass
class Form:
    """One form of a page: what a browser would send if nobody typed anything, and what its fields say of themselves."""

    address: str
    method: str
    pairs: list = field(default_factory=list)
    kinds: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)

    @property
    def names(self):
        """The names of the fields in order, each once; without the token against forgery."""
        return [name for name in self.kinds if name != "csrfmiddlewaretoken"]

    @property
    def typed(self):
        """The names of the fields that a person types into."""
        skipped = {"hidden", "file", "checkbox", "radio", "select", "submit", "button", "image"}
        return [name for name in self.names if self.kinds[name] not in skipped and not name.endswith("-place")]

    def having(self, **changes):
        """Return the pairs with these fields changed; a list sends a name several times, None leaves it out."""
        pairs = [(name, value) for name, value in self.pairs if name not in changes]
        for name, value in changes.items():
            values = value if isinstance(value, list) else [] if value is None else [value]
            pairs += [(name, entry) for entry in values]
        return pairs

    def everywhere(self, value, *, but=()):
        """Return the pairs with the same value in every field."""
        kept = {"csrfmiddlewaretoken", *but}
        own = [(name, entry) for name, entry in self.pairs if name in kept]
        return own + [(name, value) for name in self.names if name not in kept]

    def value(self, name):
        """Return the first value of a field, or None."""
        return dict(reversed(self.pairs)).get(name)


def soup(response):
    """Return the parsed page."""
    if not hasattr(response, "parsed_page"):
        response.parsed_page = BeautifulSoup(response.content.decode(), "html.parser")
    return response.parsed_page


def forms(response, address):
    """Return every form of a page."""
    return [_form(tag, address) for tag in soup(response).find_all("form")]


def form_of(response, address, *, holding=None):
    """Return the form that has the field `holding`, or the posted form with the most fields."""
    found = forms(response, address)
    if holding:
        found = [form for form in found if holding in form.kinds]
    else:
        found = [form for form in found if form.method == "post" and not form.address.endswith("/logout/")]
    assert found, f"no form at {address}"
    return max(found, key=lambda form: len(form.kinds))


def _form(tag, address):
    form = Form(tag.get("action") or address, (tag.get("method") or "get").lower())
    if form.address.startswith("?"):
        form.address = address.partition("?")[0] + form.address
    outside = tag.find_parents()[-1].find_all(attrs={"form": tag["id"]}) if tag.get("id") else []
    for control in [*tag.find_all(["input", "select", "textarea"]), *outside]:
        name = control.get("name")
        if (
            name
            and "__prefix__" not in name
            and not control.has_attr("disabled")
            and not control.find_parent("template")
        ):
            _add(form, name, control)
    return form


def _add(form, name, control):
    kind = control.get("type", "text") if control.name == "input" else control.name
    if control.name == "button" or kind in {"submit", "button", "image"}:
        return
    form.kinds.setdefault(name, kind)
    if str(control.get("maxlength", "")).isdigit():
        form.limits[name] = int(control["maxlength"])
    if control.name == "select":
        options = control.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not control.has_attr("multiple"):
            chosen = options[:1]
        form.pairs += [(name, option.get("value", option.text)) for option in chosen]
    elif kind in {"checkbox", "radio"}:
        form.pairs += [(name, control.get("value", "on"))] if control.has_attr("checked") else []
    elif control.name == "textarea":
        form.pairs.append((name, control.text.removeprefix("\n")))
    elif kind != "file":
        form.pairs.append((name, control.get("value", "")))


def error_at(response, name):
    """Return the words of the error that stands at the field `name`, or ""."""
    page = soup(response)
    controls = page.find_all(attrs={"name": name})
    for control in [*controls, *(parent for c in controls for parent in c.find_parents("fieldset"))]:
        for mark in (control.get("aria-describedby") or "").split():
            described = page.find(id=mark)
            if described is not None and ("error" in mark or _is_error(described)):
                return described.get_text(" ", strip=True)
    for control in controls:
        for parent in control.parents:
            if not _roots(parent) <= {_root(name)}:
                break
            if found := parent.find(_is_error):
                return found.get_text(" ", strip=True)
    return ""


def _roots(tag):
    """Return the names of the fields inside, the cells of rows and of parts counted as one."""
    names = {control["name"] for control in tag.find_all(["input", "select", "textarea"]) if control.get("name")}
    return {_root(name) for name in names if not name.startswith("initial-")}


def _root(name):
    return re.split(r"-\d+-|-rows$|-__n__-|_\d$", name)[0]


def _is_error(tag):
    return bool({"errorlist", "field__error"} & set(tag.get("class") or ())) and bool(tag.get_text(strip=True))


@contextmanager
def undone():
    """Take back whatever happens inside, in both databases."""
    with transaction.atomic(), transaction.atomic(using="keys"):
        try:
            yield
        finally:
            transaction.set_rollback(True)
            transaction.set_rollback(True, using="keys")


@contextmanager
def standing(blocker, build):
    """Build a site once for all tests of a module, each of which starts from it; gone after the last one."""
    with blocker.unblock(), undone():
        build()
        yield


class Attacker:
    """A client that sees faults as answers and leaves no trace: each request is taken back."""

    def __init__(self, user=None, **defaults):
        self.client = Client(raise_request_exception=False, **defaults)
        if user is not None:
            self.client.force_login(user)

    def get(self, address, *arguments, **extra):
        """Ask for a page."""
        with undone():
            return self.client.get(address, *arguments, **extra)

    def post(self, address, pairs=(), **extra):
        """Send a form."""
        with undone():
            return post(self.client, address, pairs, **extra)

    def generic(self, method, path, query, body, kind, **extra):
        """Send any request; a body in the bytes of a form."""
        with undone():
            return self.client.generic(method, f"{path}?{query}", body.encode(), content_type=kind, **extra)

    def send(self, form, pairs):
        """Send a form that was read from a page."""
        if form.method == "get":
            return self.get(f"{form.address}?{encode(pairs)}")
        return self.post(form.address, pairs)


class Writes:
    """Counts the statements that change a table; the counters of rate limits and the sessions are not counted."""

    CHANGE = re.compile(r'^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"(\w+)"', re.IGNORECASE)
    FREE = {"newsroom_ratecount", "django_session", "newsroom_staffsession", "django_cache"}

    def __init__(self):
        self.tables = []

    def __call__(self, execute, sql, params, many, context):
        found = self.CHANGE.match(sql)
        if found and found[1] not in self.FREE:
            self.tables.append(found[1])
        return execute(sql, params, many, context)

    def __enter__(self):
        self._wrappers = [connections[alias].execute_wrapper(self) for alias in ("default", "keys")]
        for wrapper in self._wrappers:
            wrapper.__enter__()
        return self

    def __exit__(self, *error):
        for wrapper in reversed(self._wrappers):
            wrapper.__exit__(*error)
