"""Bad input, sent to every form of the site: never a fault, a word at the field, what was typed stays.

The forms are read from the pages as a browser reads them, and the admin's from its registry: a form that is added later
is attacked without a word here. `EXAMPLES=2000` makes the invented part large (bench/torture_bad_input.py).
"""

import contextlib
import datetime
import json
import os
import re

import pytest
from django.contrib import admin
from django.contrib.admin.sites import all_sites
from django.core import signing
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Person, PersonIdentity, PersonText, Photo, PhotoText
from donations import forms as giving
from donations import providers
from donations.models import Gift, ProviderEvent, SafetyPolicy
from donations.providers.sandbox.signing import HEADER, sign
from newsletters.addresses import email_key
from newsletters.models import ConfirmRequest, Subscription, Suppression
from newsroom import ratelimit
from newsroom.editions import forget_editions
from newsroom.forms import FormNonce
from newsroom.html import tidy_text
from newsroom.models import Edition, User
from tests.attack import (
    EVERYTHING,
    TOO_LONG,
    UNWANTED,
    Attacker,
    Form,
    Writes,
    encode,
    error_at,
    form_of,
    standing,
    undone,
)
from tests.donations.making import back_path, make_appeal, make_gift, make_offers
from tests.make import (
    make_article,
    make_edition,
    make_front,
    make_image_file,
    make_notice,
    make_page,
    make_person,
    make_photo,
    make_user,
)
from tests.newsletters.make import ask, make_issue, make_newsletter, make_reader

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("EXAMPLES", "30"))
invented = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES == 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
# PostgreSQL comes second: what it takes into a column is asked there again.
IS_FIRST_ENGINE = not os.environ.get("DATABASE_URL") or EXAMPLES > 30
# What is thrown into one field at a time.
PROBES = {
    name: EVERYTHING[name] for name in ("empty", "nul", "too big for a column", "superscript", "deep", "first moment")
}
KNOWN_TO_BREAK = {
    name: EVERYTHING[name]
    for name in (
        "too long",
        "nul",
        "surrogate",
        "bell",
        "too big for a column",
        "too many digits",
        "nan",
        "superscript",
        "first moment",
        "deep",
        "surrogate in json",
        "endless number in json",
        "broken address",
    )
}
ODD_BODIES = {
    "json": ("application/json", b'{"email": ["x"], "q": null}'),
    "broken multipart": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="email"\r\n'),
    "no boundary": ("multipart/form-data", b"--x--"),
    "boundary of nothing": ("multipart/form-data; boundary=\xe9".encode().decode("latin-1"), b""),
    "unknown encoding": ("application/x-www-form-urlencoded; charset=utf-7", b"email=+AGE-"),
    "no such encoding": ("application/x-www-form-urlencoded; charset=klingon", b"email=a"),
    "text": ("text/plain", b"email=a"),
    "no type": ("", b"\x00\xff"),
}


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch, settings):
    """Let one attacker ask as often as he likes: how often anybody may is tested elsewhere."""
    monkeypatch.setattr(ratelimit, "allow", lambda *args, **kwargs: True)
    settings.ACCOUNT_RATE_LIMITS = False


def build():
    """Make a site with one of everything that has a form."""
    boss = make_user("Administrator", username="boss", is_superuser=True)
    edition = make_offers(
        make_edition(support_title="To our readers", support_text="<p>x</p>", postal_address="1 Quay")
    )
    make_edition("ru")
    person = make_person("Ada Bren")
    PersonText.objects.create(person=person, language="ru", name="Ада Брен")
    PersonIdentity.objects.create(person=person, real_name="Somebody Else")
    photo = make_photo(make_image_file(48, 32))
    PhotoText.objects.create(photo=photo, language="ru", caption="Очередь.")
    story = make_article(published=True, people=[person], photo=photo, headline="Harbour reopens")
    draft = story.read_draft()
    changed = {**draft.content, "headline": "Harbour reopens soon"}
    story.save_draft(changed, version=draft.version, by=boss, at=timezone.now(), revision=True)
    make_page()
    make_front(lead=[story])
    make_notice()
    letter = make_newsletter(edition=edition)
    make_issue(letter)
    make_reader("ada@example.org", letter)
    Suppression.impose(email_key("gone@example.org"), Suppression.Reason.BOUNCE, at=timezone.now())
    make_appeal(edition)
    make_gift()
    SafetyPolicy.objects.create(edition=edition, notice="Know the law where you live.")
    make_user("Reporter", username="reporter")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The site, built once."""
    with standing(django_db_blocker, build):
        yield


@pytest.fixture
def site(world, db):
    """The default edition of the site."""
    forget_editions()
    return Edition.objects.get(is_default=True)


@pytest.fixture
def boss(site):
    """Somebody who may open every form."""
    return User.objects.get(username="boss")


# Every form, however it is reached


def reader_form(name, client):
    """Return one of the readers' forms, read from its page."""
    if name == "search":
        return form_of(client.get("/search/"), "/search/", holding="q")
    if name == "signup":
        return form_of(client.get("/newsletters/"), "/newsletters/", holding="email")
    if name == "choice":
        return form_of(client.get("/support/"), "/support/", holding="other")
    if name == "signup box":
        story = make_article(published=True, headline="With a box")
        return form_of(client.get(story.get_absolute_url()), story.get_absolute_url(), holding="email")
    if name == "check":
        form = reader_form("signup", client)
        answer = client.post(form.address, form.having(email="new@example.org", newsletters=_slug()))
        return form_of(answer, form.address, holding="form_nonce")
    if name == "last look":
        form = reader_form("choice", client)
        answer = client.post(form.address, form.having(cadence="month", other="5"))
        return form_of(answer, form.address, holding="nonce")
    address = {
        "confirm": lambda: f"/newsletters/confirm/{ask('new@example.org', Subscription.objects.get().newsletter)[1]}/",
        "leave": lambda: f"/newsletters/leave/{Subscription.objects.get(state='confirmed').leave_token}",
        "pay": lambda: f"/sandbox/pay/{Gift.objects.latest('pk').provider_ref}/",
    }[name]()
    form = form_of(client.get(address), address)
    form.kinds.setdefault("outcome", "submit")
    return form


def _slug():
    return Subscription.objects.first().newsletter.slug


READER_FORMS = ("search", "signup", "signup box", "check", "confirm", "leave", "choice", "last look", "pay")
ACCOUNT_FORMS = (
    "account_login",
    "account_change_password",
    "account_reset_password",
    "account_email",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_authenticate",
    "mfa_reauthenticate",
)


def account_form(name, client):
    """Return one of the account's forms; those without a page are known by their fields."""
    address = reverse(name)
    answer = client.get(address)
    if answer.status_code == 200 and "html" in answer["Content-Type"]:
        return form_of(answer, address)
    form = Form(address, "post")
    for field in ("credential", "code", "password", "next"):
        form.kinds[field] = "text"
        form.pairs.append((field, ""))
    return form


def admin_models():
    """Return "app.model" of everything in the admin."""
    return sorted(model._meta.label_lower for site in all_sites for model in site._registry)


def admin_forms(label, client):
    """Return the forms to add one and to change the first one, where there are such."""
    name = f"admin:{label.replace('.', '_')}"
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    rows = model._default_manager.order_by("pk")
    thing = (rows.filter(username="reporter") if model is User else rows).first()
    addresses = [reverse(f"{name}_add")] + ([reverse(f"{name}_change", args=[thing.pk])] if thing else [])
    found = []
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in {200, 302, 403}, (address, answer.status_code)
        if answer.status_code == 200 and b"<form" in answer.content:
            try:
                form = form_of(answer, address)
            except AssertionError:
                continue
            if set(form.names) - {"_move"}:
                found.append(form)
    return found


def throw_everything(client, form, *, thorough=True):
    """Send a form every kind of bad value and return [(what, status)] of the faults.

    Unless `thorough`, only the values that have broken forms before go everywhere, and single fields get few.
    """
    attempts = [("nothing at all", []), ("each twice", form.pairs + form.everywhere("x"))]
    known = EVERYTHING if thorough else KNOWN_TO_BREAK
    attempts += [(f"{label} everywhere", form.everywhere(known[label])) for label in known]
    names = form.names if thorough else _unlike(form.names)
    attempts += [(f"{lost} left out", form.having(**dict.fromkeys(lost))) for lost in _left_out(names, one=thorough)]
    # One wrong field among right ones is the form's own matter; what a column cannot take differs between engines.
    for name in names if IS_FIRST_ENGINE else ():
        probes = PROBES if thorough else {"superscript": "²"}
        attempts += [(f"{label} in {name}", form.having(**{name: value})) for label, value in probes.items()]
    return faults((label, client.send(form, pairs)) for label, pairs in attempts)


def _left_out(names, *, one):
    """Return lists of names to leave out: each alone, or every second and every third one together."""
    if one:
        return [[name] for name in names]
    return [names[start::step] for step in (2, 3) for start in range(step)]


def _unlike(names):
    """Return the names of fields without those that differ from an earlier one in the number of a row alone."""
    return list({re.sub(r"\d+", "0", name): name for name in reversed(names)}.values())


def faults(answers):
    """Return those answers that are faults."""
    return [(label, answer.status_code) for label, answer in answers if answer.status_code >= 500]


@pytest.mark.parametrize("name", READER_FORMS)
def test_no_value_breaks_a_readers_form(site, name):
    client = Attacker()
    form = reader_form(name, client)
    assert throw_everything(client, form) == []


@pytest.mark.parametrize("name", ACCOUNT_FORMS)
def test_no_value_breaks_a_form_of_accounts(site, boss, name):
    client = Attacker(None if name in {"account_login", "mfa_login_webauthn", "account_reset_password"} else boss)
    assert throw_everything(client, account_form(name, client)) == []


@pytest.mark.parametrize("label", admin_models())
def test_no_value_breaks_a_form_of_the_admin(site, boss, label):
    client = Attacker(boss)
    for form in admin_forms(label, client)[-1:]:
        assert throw_everything(client, form, thorough=EXAMPLES > 30) == []


@pytest.mark.parametrize(("page", "holding"), [("links", "days"), ("scrub", "passage"), ("revision", "name")])
def test_no_value_breaks_a_form_about_the_past(site, boss, page, holding):
    client, story = Attacker(boss), site.articles.first()
    numbers = [story.revisions.first().number] if page == "revision" else []
    address = reverse(f"admin:articles_article_{page}", args=[story.pk, *numbers])
    form = form_of(client.get(address), address, holding=holding)
    assert throw_everything(client, form) == []
    if page == "scrub":
        found = client.post(address, [("passage", "reopens soon")])
        assert throw_everything(client, form_of(found, address, holding="version"), thorough=False) == []


def protecting_page(name):
    """Return (address, a field of its form) of a page that no add or change form is."""
    if name == "withdraw a name":
        return reverse("admin:articles_person_withdraw_name", args=[Person.objects.get().pk]), "how"
    photos = Photo.objects.values_list("public_id", flat=True)
    return f"{reverse('admin:articles_photo_confirm')}?ids={','.join(photos)}", "form-0-caption"


@pytest.mark.parametrize("name", ["withdraw a name", "confirm photos"])
def test_no_value_breaks_a_page_that_protects(site, boss, name):
    client = Attacker(boss)
    address, holding = protecting_page(name)
    form = form_of(client.get(address), address, holding=holding)
    assert throw_everything(client, form) == []
    assert Person.objects.get().name == "Ada Bren"


@pytest.mark.parametrize("query", ["?ids=%00", "?ids=" + "x" * 5000, "?ids=,,,", "?ids=%ED%A0%80", ""])
def test_no_query_breaks_the_pages_of_photos(site, boss, query):
    for name in ("confirm", "rights"):
        assert Attacker(boss).get(reverse(f"admin:articles_photo_{name}") + query).status_code == 200


@pytest.mark.parametrize("label", admin_models())
def test_refusals_of_the_admin_stand_at_their_fields_and_keep_what_was_typed(site, boss, label):
    client = Attacker(boss)
    for form in admin_forms(label, client):
        assert_refused_at_each_field(client, form, but=ACCEPTED.get(label, ()))


# Fields that mean nothing unless another one is filled in, and one that steers the preview alone.
ACCEPTED = {"newsletters.suppression": ("reason",), "articles.front": ("preview_at",)}


@pytest.mark.parametrize("name", ["search", "signup", "signup box", "choice", "last look"])
def test_refusals_of_readers_forms_stand_at_their_fields_and_keep_what_was_typed(site, name):
    client = Attacker()
    form = reader_form(name, client)
    assert_refused_at_each_field(client, form, but=("website",), given={"cadence": "month"} if name == "choice" else {})


@pytest.mark.parametrize("name", ["account_login", "account_email", "account_reset_password"])
def test_refusals_of_accounts_stand_at_their_fields_and_keep_what_was_typed(site, boss, name):
    client = Attacker(boss if name == "account_email" else None)
    assert_refused_at_each_field(client, account_form(name, client))


def assert_refused_at_each_field(client, form, *, but=(), given=None):
    """Send damaged and overlong text in every typed field at once: each says so and keeps it; nothing is written."""
    typed = [name for name in form.typed if form.kinds[name] != "password" and name not in but]
    damaged = dict.fromkeys(typed, UNWANTED["bell"])
    long = {name: "7" * (form.limits[name] + 1) for name in typed if name in form.limits}
    for changes in (damaged, long):
        if not changes:
            continue
        with Writes() as writes:
            answer = client.send(form, form.having(**{**changes, **(given or {})}))
        assert answer.status_code in {200, 422}, (form.address, answer.status_code)
        assert writes.tables == [], (form.address, writes.tables)
        silent = [name for name in changes if not error_at(answer, name)]
        assert silent == [], (form.address, "no error at the field", silent)
        shown = {}
        for name in changes:
            shown[name] = form_of(answer, form.address, holding=name).value(name)
        lost = {name: shown[name] for name in changes if tidy_text(shown[name]) != tidy_text(changes[name])}
        assert lost == {}, (form.address, "not kept")


# Requests that no browser sends


@pytest.mark.parametrize("kind", ODD_BODIES)
def test_no_body_breaks_the_site(site, boss, kind):
    content_type, body = ODD_BODIES[kind]
    reader, editor = Attacker(), Attacker(boss)
    story = site.articles.first()
    addresses = [(reader, reader_form(name, reader).address) for name in READER_FORMS]
    addresses += [
        (reader, "/hooks/sandbox/"),
        (reader, reverse("account_login")),
        (reader, reverse("mfa_login_webauthn")),
    ]
    addresses += [(editor, reverse("admin:articles_article_change", args=[story.pk]))]
    addresses += [
        (editor, reverse(f"admin:{name}"))
        for name in (
            "articles_photo_upload",
            "articles_photo_add",
            "articles_section_add",
            "newsletters_subscriber_find",
        )
    ]
    answers = []
    for client, address in addresses:
        with undone():
            answers.append((address, client.client.generic("POST", address, body, content_type=content_type)))
    assert faults(answers) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://["},
        {"origin": "null"},
        {"origin": "\udcff"},
        {"content-length": "-1"},
        {"sec-fetch-site": "\x00"},
        {"referer": "http://["},
        {"host": "evil.example"},
        {"host": "["},
        {"cookie": "session=\x00; csrf=\xff"},
        {"accept-language": TOO_LONG},
        {"range": "bytes=-"},
        {"if-none-match": "\xff" * 5000},
        {"if-modified-since": "0"},
        {"x-forwarded-for": "²"},
        {"accept": "\x00"},
    ],
)
def test_no_header_breaks_the_site(site, headers):
    client = Attacker()
    answers = [
        (f"GET {path}", client.get(path, headers=headers)) for path in ("/", "/search/?q=a", "/admin/", "/healthz")
    ]
    pairs = [("email", "a@example.org"), ("newsletters", _slug())]
    answers += [
        (path, client.post(path, pairs, headers=headers)) for path in ("/newsletters/signup/", "/support/give/")
    ]
    assert faults(answers) == []


def test_too_large_a_form_is_refused_before_it_is_read(site):
    client = Attacker()
    for path in ("/newsletters/signup/", "/support/give/", "/support/confirm/", reader_form("pay", client).address):
        answer = client.post(path, [("email", "a" * 70_000)])
        assert answer.status_code == 413
        assert "larger than this form can take" in answer.text
    assert client.client.generic("POST", "/hooks/sandbox/", b"x" * 70_000).status_code == 400


def test_more_than_the_admin_takes_is_refused(site, boss):
    client = Attacker(boss)
    address = reverse("admin:articles_section_add")
    assert client.post(address, [("name", "a" * 6_000_000)]).status_code in {400, 413}
    assert client.post(address, [("x", "1")] * 2100).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/%00/",
        "/%ED%A0%80/",
        "/sections/%00/",
        "/2026/01/01/%00-abcdefgh",
        "/9999/99/99/x-abcdefgh",
        "/0000/00/00/abcdefgh",
        "/people/²/",
        "/topics/%FF/",
        "/?page=²",
        "/?page=9" + "9" * 5000,
        "/?page=-1",
        "/?page=NaN",
        "/search/?q=%00",
        "/search/?page=1e3",
        "/search/?q=" + "a" * 5000,
        "/newsletters/confirm/%00/",
        "/newsletters/leave/%ED%A0%80",
        "/newsletters/x/99999999999999999999/",
        "/newsletters/x/0/",
        "/support/back/x/",
        "/support/back/x/nothing/",
        "/sandbox/pay/x/",
        "/hooks/nobody/",
        "/media/%00.jpg",
        "/media/../newsroom/settings.py",
        "/media/" + "a" * 5000 + ".jpg",
        "/media/.jpg",
        "/outbox/x/",
        "/outbox/?to=%00",
        "/ru//evil.example/",
        "//evil.example/%2f..",
        "/preview/x/",
        "/ru",
    ],
)
def test_no_address_breaks_the_site(site, path):
    client = Attacker()
    answers = [(method, getattr(client.client, method)(path)) for method in ("get", "head", "post", "put", "options")]
    assert faults(answers) == []
    assert "evil.example" not in answers[0][1].headers.get("Location", "").removeprefix("/")[:13]


# Forged ids in the admin

IDS = ("-1", str(2**63), "9" * 5000, "²", "%00")
LIST_PARAMETERS = (
    "q",
    "p",
    "o",
    "e",
    "stage",
    "id__in",
    "edition__id__exact",
    "section__id__exact",
    "created_at__year",
)


@pytest.mark.parametrize("label", admin_models())
def test_no_id_and_no_filter_breaks_the_admin(site, boss, label):
    client, name = Attacker(boss), f"admin:{label.replace('.', '_')}"
    answers = []
    for forged in IDS:
        numbered = ("revision", "restore", "name", "revoke")
        for page in ("change", "history", "delete", "compare", "links", "scrub", *numbered):
            try:
                numbers = [7] if page in numbered else []
                address = reverse(f"{name}_{page}", args=["PLACE", *numbers]).replace("PLACE", forged)
            except NoReverseMatch:
                continue
            answers.append((f"{page} {forged[:30]}", client.get(address)))
            answers += [(f"post {page}", client.post(address))] if forged == "²" else []
    listed = reverse(f"{name}_changelist")
    for parameter in LIST_PARAMETERS:
        for value in ("\x00", str(2**63), "-1"):
            answers.append((f"{parameter}={value!r:.30}", client.get(f"{listed}?{encode([(parameter, value)])}")))
    for forged in ("abc", "²", str(2**63), "\x00", ""):
        pairs = [("action", "delete_selected"), ("_selected_action", forged), ("index", "0")]
        answers.append((f"delete {forged[:30]!r}", client.post(listed, pairs)))
    assert faults(answers) == []


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80",
        "ids=%00",
        "ids=" + "a," * 300,
        "p=²",
        "p=-1",
        "p=" + "9" * 5000,
        "q=" + "a" * 5000,
    ],
)
def test_no_query_breaks_the_pickers(site, boss, query):
    client = Attacker(boss)
    for kind in ("photo", "article"):
        assert client.get(f"{reverse(f'admin:articles_{kind}_picker')}?{query}").status_code == 200


@pytest.mark.parametrize("value", ["0", "-1", str(2**63), "9" * 5000, "²", ""])
def test_wrong_management_numbers_are_refused(site, boss, value):
    client = Attacker(boss)
    for label in ("articles.person", "articles.photo"):
        form = admin_forms(label, client)[-1]
        counters = [name for name in form.names if name.endswith(("_FORMS", "NUM_FORMS"))]
        assert counters
        for name in counters:
            with Writes() as writes:
                answer = client.send(form, form.having(**{name: value}))
            assert answer.status_code in {200, 302, 400, 409}
            assert answer.status_code in {302, 409} or writes.tables == []
    form = admin_forms("articles.article", client)[-1]
    for name in ("bylines-rows", "related-rows"):
        answer = client.send(form, form.having(**{name: value}))
        assert answer.status_code in {302, 422}
        if value in {"²", "abc", "", "-1"}:
            assert "did not arrive" in answer.text


@pytest.mark.parametrize("version", ["0", "-1", "1", "9" * 5000, "1e3", "NaN", "²", "", "\x00", TOO_LONG])
def test_a_forged_version_never_overwrites(site, boss, version):
    client, story = Attacker(boss), site.articles.first()
    form = admin_forms("articles.article", client)[-1]
    with Writes() as writes:
        answer = client.send(form, form.having(version=version, headline="Overwritten"))
    assert answer.status_code in {409, 422}
    assert "Overwritten" in answer.text
    assert writes.tables == []
    restore = reverse("admin:articles_article_restore", args=[story.pk, 1])
    assert client.client.post(restore, {"version": version}).status_code == 302
    scrub, pairs = reverse("admin:articles_article_scrub", args=[story.pk]), {"passage": "soon", "_step": "scrub"}
    assert client.client.post(scrub, {**pairs, "version": version}).status_code == 409
    assert story.read_draft().content["headline"] == "Harbour reopens soon"


def test_a_form_without_its_token_is_refused_calmly(site, boss):
    client = Attacker(boss, enforce_csrf_checks=True)
    assert client.get(reverse("account_login") + "?next=http://[").status_code in {200, 302}
    for address in (
        reverse("admin:articles_section_add"),
        reverse("account_change_password"),
        reverse("account_login"),
    ):
        for pairs in (
            [],
            [("csrfmiddlewaretoken", "x")],
            [("csrfmiddlewaretoken", "a" * 64)],
            [("csrfmiddlewaretoken", "\x00")],
        ):
            with Writes() as writes:
                answer = client.post(address, pairs)
            assert answer.status_code == 403
            assert "Go back, load the page again" in answer.text
            assert "<style" not in answer.text
            assert writes.tables == []


# Photos


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\x00" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff\xe0" + b"\x00" * 400,
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 400,
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"\x00\x00\x00\x1cftypavif" + b"\x00" * 100,
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused_at_its_field(site, boss, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Attacker(boss)
    upload, add = reverse("admin:articles_photo_upload"), reverse("admin:articles_photo_add")
    for name in ("a" * 300 + ".png", "../ü\u202egpj.exe"):
        for address, field in ((upload, "files"), (add, "files"), (_change(site), "lead_upload")):
            form = form_of(client.get(address), address) if address != upload else None
            data = {
                field: SimpleUploadedFile(name, content),
                **({"caption": "Kept words."} if address != _change(site) else {}),
            }
            if address == _change(site):
                data = {**dict(form.pairs), **data, "lead_caption": "Kept words."}
            with Writes() as writes, undone():
                answer = client.client.post(address, data)
            assert answer.status_code == 422, (address, answer.status_code)
            assert writes.tables == []
            assert "errors" in answer.json() if address == upload else error_at(answer, field)
            assert address == upload or "Kept words." in answer.text


def _change(site):
    return reverse("admin:articles_article_change", args=[site.articles.first().pk])


@invented
@given(
    where=st.integers(0, 2000), what=st.binary(min_size=1, max_size=6), form=st.sampled_from(["JPEG", "PNG", "WEBP"])
)
def test_a_damaged_picture_is_refused_or_taken_but_never_breaks(db, where, what, form):
    from django.core.exceptions import ValidationError
    from django.core.files.base import ContentFile

    from articles import photos

    content = bytearray(_picture(form))
    place = where % len(content)
    content[place : place + len(what)] = what
    with contextlib.suppress(ValidationError):
        assert photos.examine(ContentFile(bytes(content), name="x.jpg")).width > 0


def _picture(form, known={}):  # noqa: B006 - remembered between examples
    if form not in known:
        known[form] = make_image_file(40, 30, form=form, colour=(9, 9, 9)).read()
    return known[form]


# Money

AMOUNTS = {
    "-5": "digits",
    "−5": "digits",
    "0": "smallest",
    "0.00": "smallest",
    "1e3": "digits",
    "NaN": "digits",
    "Infinity": "digits",
    "0x10": "digits",
    "5.0001": "decimals",
    "5.001": "largest",
    "5,0,0": "digits",
    "1.99": "smallest",
    "5000.01": "largest",
    "9" * 12: "large",
    "9" * 30: "large",
    "5 euros": "digits",
    "²": "digits",
    "+5": "digits",
    "5;5": "digits",
    "½": "digits",
    "": "Choose an amount",
}


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_odd_amount_is_refused_at_its_field(site, amount):
    client = Attacker()
    form = reader_form("choice", client)
    chosen = {name: None for name in form.names if name.startswith("amount_")}
    with Writes() as writes:
        answer = client.send(form, form.having(**chosen, cadence="month", other=amount))
    assert answer.status_code == 422
    assert AMOUNTS[amount] in error_at(answer, "other")
    again = form_of(answer, form.address, holding="other")
    assert (again.value("other"), again.value("cadence")) == (amount, "month")
    assert writes.tables == []


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "1"},
        {"amount": "-500"},
        {"amount": "1e3"},
        {"amount": "NaN"},
        {"amount": "9" * 40},
        {"amount": ""},
        {"amount": "²"},
        {"amount": "600"},
        {"cover": "10"},
        {"cover": "500"},
        {"cover": "-1"},
        {"cover": "9" * 40},
        {"cover": "x\x00"},
        {"cadence": "week"},
        {"cadence": "once"},
        {"cadence": ""},
        {"cadence": ["month", "once"]},
        {"nonce": ""},
        {"nonce": "x"},
        {"nonce": TOO_LONG[:60_000]},
        {"nonce": "\x00"},
        {"nonce": "a:b:c"},
        {"nonce": "é:1:é"},
        {"nonce": None},
    ],
)
def test_a_forged_last_look_promises_nothing(site, changes):
    client = Attacker()
    form = reader_form("last look", client)
    with Writes() as writes:
        answer = client.send(form, form.having(**changes))
    assert answer.status_code == 422
    assert "Nothing was charged" in answer.text or "Choose how often" in answer.text
    assert 'class="error-summary"' in answer.text
    assert writes.tables == []


def _nonce(purpose, *, at=None):
    return FormNonce.issue(purpose, at=at or timezone.now())


FOREIGN_NONCES = {
    "expired": lambda p: _nonce(p, at=timezone.now() - datetime.timedelta(hours=2)),
    "of another form": lambda p: _nonce("signup:abc"),
    "of another salt": lambda p: signing.dumps([p, "x", int(timezone.now().timestamp())], salt="other"),
    "of another key": lambda p: signing.dumps([p, "x", 1], key="other", salt=FormNonce.SALT),
    "of another shape": lambda p: signing.dumps({"p": p}, salt=FormNonce.SALT),
    "with no time": lambda p: signing.dumps([p, "x", "soon"], salt=FormNonce.SALT),
    "cut": lambda p: _nonce(p)[:-3],
}


@pytest.mark.parametrize("kind", FOREIGN_NONCES)
def test_a_foreign_nonce_is_refused(site, monkeypatch, kind):
    monkeypatch.setattr(giving, "MIN_DWELL_SECONDS", 0)
    client = Attacker()
    form = reader_form("last look", client)
    assert client.send(form, form.pairs).status_code == 302
    nonce = FOREIGN_NONCES[kind](f"give:{site.code}:month:500:EUR")
    with Writes() as writes:
        assert client.send(form, form.having(nonce=nonce)).status_code == 422
    check = reader_form("check", client)
    with Writes() as more:
        answer = client.send(check, check.having(form_nonce=nonce))
    assert answer.status_code == 200
    assert "too old" in answer.text
    assert "new@example.org" in answer.text
    assert writes.tables == more.tables == []


@pytest.mark.parametrize("outcome", ["", "free", "PAY", "\x00", b"\xed\xa0\x80", TOO_LONG[:60_000], None])
def test_a_forged_outcome_settles_nothing_and_says_so(site, outcome):
    client = Attacker()
    form = reader_form("pay", client)
    with Writes() as writes:
        answer = client.send(form, form.having(outcome=outcome))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert writes.tables == []


# Tokens


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "-",
        "000000000001-" + "0" * 32,
        "²" * 12 + "-x",
        "0" * 12 + "-",
        "9" * 12 + "-" + "f" * 32,
        "%00",
        "%ED%A0%80",
        "a" * 5000,
    ],
)
def test_a_forged_token_opens_nothing(site, token):
    client = Attacker()
    for path in ("/newsletters/leave/{}", "/newsletters/confirm/{}/", "/support/back/{}/", "/support/back/{}/nothing/"):
        address = path.format(token)
        with Writes() as writes:
            assert client.get(address).status_code == 404
            assert client.post(address).status_code in {404, 405}
        assert writes.tables == []


def test_a_token_of_another_kind_opens_nothing(site):
    client = Attacker()
    leave = Subscription.objects.get(state="confirmed").leave_token
    _request, confirm = ask("new@example.org", Subscription.objects.first().newsletter)
    back = back_path(Gift.objects.latest("pk")).split("/")[-2]
    assert client.get(f"/newsletters/leave/{leave}").status_code == 200
    for token, paths in (
        (leave, ("/newsletters/confirm/{}/", "/support/back/{}/")),
        (confirm, ("/newsletters/leave/{}", "/support/back/{}/")),
        (back, ("/newsletters/leave/{}", "/newsletters/confirm/{}/")),
    ):
        for path in paths:
            assert client.post(path.format(token)).status_code in {404, 405}


def test_an_expired_confirmation_lets_nobody_in(site):
    request, token = ask("new@example.org", Subscription.objects.first().newsletter)
    ConfirmRequest.objects.filter(pk=request.pk).update(expires_at=timezone.now())
    with Writes() as writes:
        assert Attacker().post(f"/newsletters/confirm/{token}/").status_code == 404
    assert writes.tables == []


# Webhook


def notice(**changes):
    """Return a notice that the sandbox could have sent, with some things changed."""
    said = {
        "id": "sbe_1",
        "kind": "session.paid",
        "object": {"kind": "session", "id": "sbx_1"},
        "mode": "sandbox",
        "account": "demo",
        "created": int(timezone.now().timestamp()),
    }
    return {**said, **changes}


def announce(client, body, *, signature=None):
    """Send a body to the webhook, rightly signed unless told otherwise, and return the answer."""
    secret = django_secret()
    header = sign(body, secret=secret, at=timezone.now()) if signature is None else signature
    with undone():
        return client.client.generic(
            "POST", "/hooks/sandbox/", body, content_type="application/json", headers={HEADER: header}
        )


def django_secret():
    """Return the secret that the webhook shares with the sandbox."""
    from django.conf import settings as django_settings

    return django_settings.WEBHOOK_SECRET


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"[" * 50_000,
    b"1" * 50_000,
    b'{"id": NaN}',
    *(
        json.dumps(notice(**changes)).encode()
        for changes in (
            {"id": ""},
            {"id": "a" * 61},
            {"id": "\ud800"},
            {"id": "\x00"},
            {"id": None},
            {"id": 7},
            {"id": ["x"]},
            {"kind": {}},
            {"object": None},
            {"object": "x"},
            {"object": {"kind": "session"}},
            {"created": "²"},
            {"created": None},
            {"created": 10**400},
            {"created": -(10**18)},
            {"created": float("nan")},
            {"created": float("inf")},
            {"created": []},
            {"mode": "\udfff"},
        )
    ),
]


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_a_notice_of_the_wrong_shape_is_refused_though_it_is_signed(site, number):
    with Writes() as writes:
        assert announce(Attacker(), BODIES[number]).status_code == 400
    assert writes.tables == []


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "x",
        "t=1",
        "t=,v1=",
        "t=²,v1=x",
        "t=1,t=2,v1=x",
        "v1=x",
        "t=" + "9" * 5000 + ",v1=x",
        "t=-1,v1=x",
        "t=1,v1=\xe9",
        "," * 5000,
    ],
)
def test_a_forged_signature_is_refused(site, signature):
    body = json.dumps(notice()).encode()
    client = Attacker()
    assert announce(client, body).status_code == 200
    with Writes() as writes:
        assert announce(client, body, signature=signature).status_code == 400
    old = sign(body, secret=django_secret(), at=timezone.now() - datetime.timedelta(minutes=10))
    assert announce(client, body, signature=old).status_code == 400
    assert (
        announce(client, body + b" ", signature=sign(body, secret=django_secret(), at=timezone.now())).status_code
        == 400
    )
    assert writes.tables == []
    assert not ProviderEvent.objects.exists()
    assert providers.by_name("sandbox")


# Invented

ANYTHING = st.one_of(
    st.text(max_size=300),
    st.binary(max_size=100),
    st.sampled_from(list(EVERYTHING.values())),
    st.integers().map(str),
    st.floats().map(str),
    st.datetimes().map(str),
    st.from_regex(r"[0-9.,'’ -]{1,12}", fullmatch=True),
    st.emails(),
)


@invented
@given(query=ANYTHING, page=st.one_of(st.none(), ANYTHING))
def test_any_search_is_answered(site, query, page):
    pairs = [("q", query), *([("page", page)] if page is not None else [])]
    assert Attacker().get(f"/search/?{encode(pairs)[:60_000]}").status_code in {200, 404}


@invented
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["email", "newsletters", "form_nonce", "source", "website", "x"]), ANYTHING),
        max_size=8,
    )
)
def test_any_signup_is_answered_and_asks_nobody_without_a_nonce(site, pairs):
    with Writes() as writes:
        answer = Attacker().post("/newsletters/signup/", pairs)
    assert answer.status_code in {200, 413}
    assert writes.tables == []


@invented
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(["cadence", "other", "amount_month", "amount", "nonce", "email"]), ANYTHING),
        max_size=8,
    )
)
def test_any_gift_is_answered_and_none_is_made_without_a_nonce(site, pairs):
    client = Attacker()
    with Writes() as writes:
        answers = [client.post(f"/support/{step}/", [("cadence", "month"), *pairs]) for step in ("give", "confirm")]
    assert {answer.status_code for answer in answers} <= {200, 413, 422}
    assert answers[1].status_code != 200
    assert writes.tables == []


@invented
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["id", "kind", "object", "mode", "account", "created"]), inner, max_size=6
                )
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_signed_notice_is_stored_or_refused(site, body):
    assert announce(Attacker(), body).status_code in {200, 400}
