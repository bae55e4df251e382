"""Every door through which strangers write: limited, bounded, and telling nobody who is known here."""

import re

import pytest
from django.contrib.auth import hashers
from django.db import connections
from django.test.utils import CaptureQueriesContext

from newsroom import ratelimit
from newsroom.editions import forget_editions
from tests.attack import Attacker, Writes, encode, form_of, standing
from tests.donations.making import make_gift
from tests.test_bad_input import READER_FORMS, build, reader_form
from tests.test_fuzz import POSTED, routes

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.once]
# A letter to this one mailbox opens these, once; they take nothing from a stranger.
OPENED_BY_A_TOKEN = {"confirm", "leave"}
KNOWN, UNKNOWN = "ada@example.org", "nobody@example.org"
DONOR = "donor@example.org"


def build_with_a_donor():
    """Make the site of the attacks, with a donor whose address is known."""
    build()
    gift = make_gift(email=DONOR)
    assert gift.pk


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The site, built once."""
    with standing(django_db_blocker, build_with_a_donor):
        yield


@pytest.fixture(autouse=True)
def site(world, db):
    """The site as it stands."""
    forget_editions()


@pytest.fixture
def spent(monkeypatch):
    """Every limit is used up."""
    monkeypatch.setattr(ratelimit, "allow", lambda *args, **kwargs: False)


def address_of(parts):
    return "/" + "".join("x1" if part == "\0" else part for part in parts)


# Limits


def test_with_every_limit_spent_no_address_takes_anything_from_a_stranger(spent):
    pairs = [
        ("email", "new@example.org"),
        ("newsletters", "week"),
        ("cadence", "month"),
        ("other", "5"),
        ("do", "stop"),
    ]
    written = {}
    for route, parts in routes().items():
        with Writes() as writes:
            Attacker().post(address_of(parts), pairs)
        if writes.tables:
            written[route] = writes.tables
    assert written == {}


@pytest.mark.parametrize("name", sorted(set(READER_FORMS) - OPENED_BY_A_TOKEN - {"search"}))
def test_with_every_limit_spent_no_form_writes(name, monkeypatch):
    client = Attacker()
    form = reader_form(name, client)
    monkeypatch.setattr(ratelimit, "allow", lambda *args, **kwargs: False)
    with Writes() as writes:
        answer = client.post(form.address, form.having(email="new@example.org"))
    assert writes.tables == []
    assert answer.status_code in {200, 422, 429}


@pytest.mark.parametrize("address", sorted(set(POSTED) - {"/count/"}))
def test_with_every_limit_spent_no_hidden_door_writes(address, spent):
    with Writes() as writes:
        answer = Attacker().post(address, [(name, "new@example.org") for name in POSTED[address]])
    assert writes.tables == []
    assert answer.status_code < 500


def test_logins_are_limited_by_network_and_by_account(settings):
    assert "/ip" in settings.ACCOUNT_RATE_LIMITS["login"]
    assert "/key" in settings.ACCOUNT_RATE_LIMITS["login_failed"]


# Bounds


TAKING = ("/newsletters/signup/", "/newsletters/api/signup", "/support/give/", "/hooks/sandbox/", "/accounts/login/")


@pytest.mark.parametrize("address", TAKING)
def test_body_beyond_the_bound_is_refused_unread(address, settings):
    body = encode([("email", "a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))])
    with Writes() as writes:
        answer = Attacker().generic("POST", address, "", body, "application/x-www-form-urlencoded")
    assert answer.status_code in {400, 403, 413}
    assert writes.tables == []


def test_more_fields_than_the_bound_are_refused(settings):
    pairs = [(f"f{number}", "x") for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)]
    assert Attacker().post("/newsletters/signup/", pairs).status_code in {400, 413}


@pytest.mark.parametrize("name", sorted(set(READER_FORMS) - {"confirm", "leave", "pay", "check", "last look"}))
def test_every_field_that_a_reader_types_into_says_its_length(name):
    form = reader_form(name, Attacker())
    assert form.typed
    # A number and a day have bounds of their own; "website" is a trap that nobody sees.
    typed = [field for field in form.typed if form.kinds[field] not in {"number", "date"} and field != "website"]
    assert [field for field in typed if field not in form.limits] == []


# Who is known


def work_of(client, address, pairs, monkeypatch):
    """Return what the server did for a request: the kinds of its statements, and how often it hashed a password."""
    hasher, hashed = type(hashers.get_hasher()), []
    encode_of = hasher.encode
    with monkeypatch.context() as patch, CaptureQueriesContext(connections["default"]) as one:
        patch.setattr(hasher, "encode", lambda self, *a, **k: (hashed.append(1), encode_of(self, *a, **k))[1])
        with CaptureQueriesContext(connections["keys"]) as two:
            answer = client.post(address, pairs)
    statements = [query["sql"].split("(")[0][:60] for query in [*one.captured_queries, *two.captured_queries]]
    kinds = [sql for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]
    return answer, (answer.status_code, [sql.split()[0] for sql in kinds], len(hashed))


@pytest.mark.parametrize(
    ("address", "field", "known", "unknown"),
    [
        ("/newsletters/settings/", "email", KNOWN, UNKNOWN),
        ("/support/manage/", "email", DONOR, UNKNOWN),
        ("/accounts/login/", "login", "boss", "nobody"),
    ],
)
def test_same_work_is_done_and_said_whoever_is_known(monkeypatch, settings, address, field, known, unknown):
    monkeypatch.setattr(ratelimit, "allow", lambda *args, **kwargs: True)
    settings.ACCOUNT_RATE_LIMITS = False
    client = Attacker()
    form = form_of(client.get(address), address, holding=field)
    extra = {"password": "not the right one"} if "password" in form.kinds else {}
    seen = {}
    for who in (known, unknown):
        answer, work = work_of(client, form.address, form.having(**{field: who}, **extra), monkeypatch)
        seen[who] = (work, answer.content.decode().replace(who, "WHO"))
    assert seen[known][0] == seen[unknown][0]
    assert without_tokens(seen[known][1]) == without_tokens(seen[unknown][1])


def without_tokens(page):
    """Return a page without what is random in it."""
    return re.sub(r'(value|nonce|content)="[^"]{16,}"', "", page)
