"""Invented input for every public address and form, for the cleaner of bodies, and for the API by its own document.

No answer is a fault, and no markup gets through. The addresses come from the URLconf and the forms from the pages, so
what is added later is attacked without a word here. `FUZZ=5000` makes it large (bench/torture_fuzz.py).
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.conf import settings as django_settings
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsroom import html, ratelimit, registry
from newsroom.editions import all_editions, forget_editions
from tests.attack import EVERYTHING, Attacker, Form, encode, forms, standing
from tests.test_bad_input import READER_FORMS, build, reader_form

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::bs4.MarkupResemblesLocatorWarning")]
COUNT = int(os.environ.get("FUZZ", "40"))
TALLY = os.environ.get("FUZZ_TALLY")
tried = {}
SMALL = 40
fuzzed = settings(
    max_examples=COUNT, deadline=None, database=None, derandomize=COUNT == SMALL,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
# What would show that text became markup: none of it may come back as a tag, an attribute or an address.
MARKS = (
    '"><script id=cnry>cnry</script>', "'><img src=x onerror=cnry>", "<svg onload=cnry>", "javascript:cnry",
    "</title><script>cnry</script>", "{{cnry}}<b onclick=cnry>", "</textarea><i id=cnry>", "data:text/html,cnry",
    '"autofocus onfocus=cnry x="', "-->\n<style>@import'cnry'</style>", "</script><script>cnry//",
    "cnry\r\nX-Cnry: 1",
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(MARKS), st.text(max_size=80), st.binary(max_size=60), st.sampled_from(list(EVERYTHING.values())),
    st.integers().map(str), st.floats().map(str), st.datetimes().map(str), st.emails(),
)  # fmt: skip
FIELDS = """
    q page section topic person from to order next email token currency amount key kind sort after limit x format cursor
""".split()  # noqa: SIM905
NAMES = st.sampled_from(FIELDS)
METHODS = st.sampled_from(["GET"] * 6 + ["POST"] * 3 + ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY"])
SENT = (
    "ACCEPT", "ACCEPT_LANGUAGE", "COOKIE", "REFERER", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "X_FORWARDED_FOR",
    "ORIGIN", "SEC_FETCH_SITE", "X_REQUESTED_WITH", "ACCEPT_ENCODING",
)  # fmt: skip
SENT_VALUES = st.one_of(st.sampled_from(MARKS), st.text(st.characters(codec="latin-1"), max_size=40))
HEADERS = st.dictionaries(st.sampled_from(SENT).map("HTTP_{}".format), SENT_VALUES, max_size=3)
KINDS = st.sampled_from(["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x",
                         "multipart/form-data", "text/plain", "", "application/csp-report"])  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The site of the attack on forms, built once."""
    with standing(django_db_blocker, build):
        yield
    if TALLY:
        Path(TALLY).write_text(json.dumps(tried))


@pytest.fixture(autouse=True)
def site(world, db, monkeypatch):
    """Let one attacker ask as often as he likes, of a site with one of everything."""
    monkeypatch.setattr(ratelimit, "allow", lambda *args, **kwargs: True)
    forget_editions()


ADDRESS_OF_CODE = re.compile(r"[\s\x00-\x20]*(javascript|data|vbscript)\s*:", re.IGNORECASE)


def counted(name):
    tried[name] = tried.get(name, 0) + 1


def judge(answer, told):
    """Fail on a fault, and on text that became markup, a script, an address or a header."""
    assert answer.status_code < 500, told
    assert "X-Cnry" not in answer.headers, told
    assert not re.match(r"\s*(javascript|data):", answer.headers.get("Location", ""), re.IGNORECASE), told
    kind = answer.headers.get("Content-Type", "")
    if answer.streaming or b"cnry" not in answer.content:
        return
    if not kind.startswith("text/html"):
        assert answer.headers["X-Content-Type-Options"] == "nosniff", told
        return
    page = BeautifulSoup(answer.content.decode(), "html.parser")
    for tag in page.find_all(True):
        assert tag.get("id") != "cnry", told
        assert tag.name not in {"script", "style", "svg"} or "cnry" not in tag.get_text(), told
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), told
            if name in {"href", "src", "action", "formaction"}:
                assert not ADDRESS_OF_CODE.match(value), told


# Addresses


def patterns(resolver=None, prefix=""):
    """Yield (route, names of its parts) of every address outside the admin."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from patterns(entry, route)


@cache
def routes():
    """Return every route, each as a list of fixed parts and of places for a value."""
    found = {}
    for route in patterns():
        plain = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)|<[^>]+>", "\0", route.replace("^", "").replace("\\Z", ""))
        found[route] = [part for part in re.split("(\0)", plain.rstrip("$").replace("\\", "")) if part]
    return found


def real_addresses():
    """Return addresses that exist, so that invented queries meet pages and not only the page that says “no page”."""
    found = {path for edition in all_editions() for find in registry.public_urls.values() for path in find(edition)}
    return sorted(path for path in found if path.startswith("/"))


def test_the_walk_reaches_every_app():
    text = " ".join(routes())
    for part in ("search/", "newsletters/signup/", "support/give/", "hooks/", "count/", "private/", "media/", "api/v1/",
                 "accounts/", "preview/", "feed", "sitemap", "text/"):  # fmt: skip
        assert part in text, part


KNOWN = ("harbour-reopens", "politics", "about", "2026", "11", "1", "0", "rss", "atom", "sandbox", "%00", "..")
SEGMENTS = st.one_of(st.sampled_from(KNOWN), VALUES)


def as_path(value):
    value = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    return quote_from_bytes(value[:3000], safe="")


@fuzzed
@given(data=st.data())
def test_no_request_to_any_address_is_a_fault_or_becomes_markup(data):
    counted("addresses")
    if data.draw(st.integers(0, 2)):
        parts = routes()[data.draw(st.sampled_from(sorted(routes())))]
        path = "".join(as_path(data.draw(SEGMENTS)) if part == "\0" else part for part in parts)
    else:
        path = data.draw(st.sampled_from(real_addresses())).lstrip("/")
    path = f"/{data.draw(st.sampled_from(['', '', 'ru/']))}{path}"
    method = data.draw(METHODS)
    query = encode(data.draw(st.lists(st.tuples(NAMES, VALUES), max_size=4)))[:20_000]
    body = encode(data.draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))) if method not in {"GET", "HEAD"} else ""
    extra = data.draw(HEADERS)
    client = Attacker()
    answer = client.generic(method, path, query, body, data.draw(KINDS), **extra)
    judge(answer, (method, path, query[:300], body[:300], extra))


# Forms


def walked_forms():
    """Return every form that a reader meets, by its address and fields: on public pages and on those behind them."""
    found = {}
    client = Attacker()
    for address in real_addresses() + ["/accounts/login/", "/accounts/password/reset/", "/support/manage/"]:
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            for form in forms(answer, address):
                found.setdefault((urlsplit(form.address).path, form.method, tuple(sorted(form.kinds))), form)
    for name in READER_FORMS:
        form = reader_form(name, client)
        found.setdefault((name, form.method, tuple(sorted(form.kinds))), form)
    for address, names in POSTED.items():
        found.setdefault((address, "post", names), Form(address, "post", [], dict.fromkeys(names, "text")))
    return [found[key] for key in sorted(found)]


# Doors without a form on a page: the counter, the JSON signup, the mail program's one click, what managing posts.
POSTED = {
    "/count/": ("k", "t", "r", "x"), "/newsletters/api/signup": ("email", "newsletters", "source"),
    "/support/later/mail/": ("email", "form_nonce"), "/support/manage/": ("email", "form_nonce"),
    "/support/manage/change/": ("key", "amount", "cadence", "plan"), "/support/manage/stop/": ("key", "plan"),
    "/support/manage/pause/": ("key", "plan", "months"), "/support/manage/erase/": ("key", "sure"),
    "/newsletters/settings/": ("email", "form_nonce"),
}  # fmt: skip


@pytest.fixture(scope="module")
def walked(world, django_db_blocker):
    """The forms, read once."""
    with django_db_blocker.unblock():
        return walked_forms()


def test_the_walk_finds_every_kind_of_form(walked):
    addresses = " ".join(form.address for form in walked)
    for part in ("/search/", "/newsletters/signup/", "/support/", "/newsletters/leave/", "/newsletters/confirm/",
                 "/support/confirm/", "/support/later/mail/", "/accounts/login/", "/support/manage/"):  # fmt: skip
        assert part in addresses, part


@fuzzed
@given(data=st.data())
def test_no_form_is_broken_by_anything_and_nothing_becomes_markup(walked, data):
    counted("forms")
    form = data.draw(st.sampled_from(walked))
    changed = {name: data.draw(st.one_of(VALUES, st.lists(VALUES, max_size=3)))
               for name in form.names if data.draw(st.integers(0, 2))}  # fmt: skip
    pairs = form.having(**changed) + data.draw(st.lists(st.tuples(NAMES, VALUES), max_size=2))
    client = Attacker()
    if form.method == "get":
        answer = client.get(f"{form.address}?{encode(pairs)[:40_000]}")
    else:
        answer = client.post(form.address, pairs)
    judge(answer, (form.address, changed))


# Bodies

TAGS = """
    p div h1 h2 h3 ul ol li a b i em strong blockquote figure figcaption aside table tr td th pre code span br hr img
    script style svg math mtext mglyph malignmark annotation-xml foreignObject desc title textarea noscript noembed
    noframes iframe object embed template select option xmp plaintext form input button base link meta video source
    audio frameset body html head isindex marquee details summary dialog slot portal
""".split()  # noqa: SIM905 - a list of so many words is read better so
ATTRIBUTES = """
    href src onerror onload onclick style class id srcdoc formaction action xlink:href data-photo data-article
    data-crop data-embed data-alt name target rel xmlns http-equiv content background poster is slot popover
""".split()  # noqa: SIM905
ADDRESSES = (
    "javascript:cnry", " jAvAsCrIpT:cnry", "java\tscript:cnry", "&#106;avascript:cnry", "data:text/html,cnry",
    "https://e.org/", "//e.org", "vbscript:cnry", "x\" onerror=cnry", "\x01javascript:cnry", "#n1", "ab12cd34",
)  # fmt: skip
ODD = (
    "<!--", "-->", "--!>", "<![CDATA[", "]]>", "<?xml ?>", "<!DOCTYPE x>", "&lt;script&gt;", "&#x3c;script",
    "<\x00script>", "<scr<script>ipt>", "\ud800", "\u2028", "&Tab;", "<a/href=x>",
)  # fmt: skip
OPENED = st.builds(
    lambda tag, attributes, end: f"<{tag}{''.join(attributes)}{end}", st.sampled_from(TAGS),
    st.lists(st.builds(lambda name, quote, value: f" {name}={quote}{value}{quote}", st.sampled_from(ATTRIBUTES),
                       st.sampled_from(["'", '"', "", "`"]), st.sampled_from(ADDRESSES)), max_size=3),
    st.sampled_from([">", "/>", " ", "", "//>", "\x00>"]),
)  # fmt: skip
BODIES = st.lists(
    st.one_of(
        OPENED, st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"), st.sampled_from(MARKS),
        st.sampled_from(ODD),
        st.text(max_size=12),
    ), max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.once
@fuzzed
@given(text=BODIES)
def test_no_body_lets_markup_through(text):
    counted("bodies")
    cleaned = html.clean_body(text)
    assert html.clean_body(cleaned) == cleaned
    for tag in BeautifulSoup(cleaned, "html.parser").find_all(True):
        assert tag.name in html.BODY_TAGS, (text, cleaned)
        for name, value in tag.attrs.items():
            assert name in html.ATTRIBUTES.get(tag.name, ()), (text, name)
            assert not ADDRESS_OF_CODE.match(str(value)), text
    for tag in BeautifulSoup(html.clean_inline(text), "html.parser").find_all(True):
        assert tag.name in html.INLINE_TAGS, text
        assert not any(name.startswith("on") or ADDRESS_OF_CODE.match(str(value)) for name, value in tag.attrs.items())


# The API, by its own document


def operations():
    """Return (path, parameters, statuses) of everything that the API's document describes."""
    answer = Attacker().get("/api/v1/openapi.json")
    document = json.loads(answer.content)
    found, base = [], urlsplit(document["servers"][0]["url"]).path.rstrip("/")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "get":
                parameters = [resolved(document, one) for one in
                              [*methods.get("parameters", ()), *operation.get("parameters", ())]]  # fmt: skip
                found.append((f"{base}{path}", parameters, set(operation["responses"])))
    return found


def resolved(document, thing):
    """Return what a reference of the document means."""
    while "$ref" in thing:
        place = document
        for part in thing["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        thing = place
    return thing


@fuzzed
@given(data=st.data())
def test_api_answers_as_its_document_says(data):
    counted("api")
    path, parameters, statuses = data.draw(st.sampled_from(operations()))
    query = [("unknown", data.draw(VALUES))] if data.draw(st.integers(0, 4)) == 0 else []
    for parameter in parameters:
        fitting = parameter.get("example", parameter.get("schema", {}).get("example", "1"))
        value = data.draw(st.one_of(VALUES, st.just(str(fitting))))
        if parameter["in"] == "path":
            path = path.replace("{%s}" % parameter["name"], as_path(value) or "x")  # noqa: UP031 - braces
        elif parameter["in"] == "query" and data.draw(st.booleans()):
            query.append((parameter["name"], value))
    answer = Attacker().get(f"{path}?{encode(query)[:20_000]}")
    judge(answer, (path, query))
    assert str(answer.status_code) in statuses | {"404"}, (path, query, answer.status_code)
    # A redirect puts the slash that is missing; everything else is JSON.
    if not 300 <= answer.status_code < 400:
        assert answer.headers["Content-Type"].startswith("application/json"), (path, query)
        json.loads(answer.content)


def test_no_debug_page_answers_an_attacker():
    assert django_settings.DEBUG is False
