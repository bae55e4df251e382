"""Who may do what in the workshop: every role at every door, and every button pressed by the wrong hand."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Person, PersonIdentity
from desk.models import Draft
from donations import forms as giving
from donations.models import Appeal, Offer, ProviderEvent, SafetyPolicy, SandboxClock, Transparency
from newsletters.addresses import email_key
from newsletters.models import Issue, Subscriber, Suppression
from newsroom import roles, worker
from newsroom.editions import forget_editions
from newsroom.models import Edition, Mirror, StaffAction, User
from tests.attack import Attacker, Writes, form_of, standing
from tests.donations.making import Reader, make_appeal, make_offers
from tests.make import (
    make_article,
    make_front,
    make_image_file,
    make_notice,
    make_page,
    make_person,
    make_photo,
    make_section,
    make_user,
)
from tests.newsletters.make import make_issue, make_newsletter, make_reader, pump

# Who may do what is decided before the database is asked.
pytestmark = [pytest.mark.django_db, pytest.mark.once]
R, E, P, N, F, A = roles.ALL
STAFF = {R, E, P, N, F, A}
NOBODY = set()
# model: who may look at it, who may add one, who may change the one of somebody else.
DOORS = {
    "articles.article": (STAFF, {R, E, A}, {E, A}),
    "articles.page": (STAFF, {E, A}, {E, A}),
    "articles.front": ({E, A}, {E, A}, {E, A}),
    "articles.notice": ({E, A}, {E, A}, {E, A}),
    "articles.namewithdrawal": ({E, A}, NOBODY, NOBODY),
    "articles.masswithdrawal": ({E, A}, NOBODY, NOBODY),
    "articles.removalrequest": ({E, A}, {E, A}, {E, A}),
    "articles.person": (STAFF, {E, A}, {E, A}),
    "articles.redirect": ({E, A}, {E, A}, NOBODY),
    "articles.section": (STAFF, {E, A}, {E, A}),
    "articles.topic": (STAFF, {R, E, A}, {E, A}),
    "articles.photo": (STAFF, {R, E, P, A}, {E, P, A}),
    "newsroom.edition": ({E, A}, {A}, {A}),
    "newsroom.mirror": ({E, A}, {A}, {A}),
    "newsroom.user": ({A}, {A}, {A}),
    "auth.group": ({A}, {A}, {A}),
    "newsroom.staffaction": ({A}, NOBODY, NOBODY),
    "newsletters.newsletter": ({N, E, A}, {N, A}, {N, A}),
    "newsletters.issue": ({N, E, A}, {N, A}, {N, A}),
    "newsletters.subscriber": ({N, A}, NOBODY, NOBODY),
    "newsletters.subscription": ({N, A}, NOBODY, NOBODY),
    "newsletters.suppression": ({N, A}, NOBODY, NOBODY),
    "newsletters.delivery": ({N, A}, NOBODY, NOBODY),
    "newsletters.channel": ({N, A}, NOBODY, NOBODY),
    "newsletters.consentwording": ({A}, NOBODY, NOBODY),
    "newsletters.deliveryevent": ({N, A}, NOBODY, NOBODY),
    "newsletters.straymail": ({N, A}, NOBODY, NOBODY),
    "newsletters.readerimport": ({N, A}, NOBODY, NOBODY),
    "donations.appeal": ({E, F, A}, {F, A}, {F, A}),
    "donations.offer": ({F, A}, {F, A}, {F, A}),
    "donations.transparency": ({F, A}, {F, A}, {F, A}),
    "donations.safetypolicy": ({F, A}, {A}, {A}),
    "donations.gift": ({F, A}, NOBODY, NOBODY),
    "donations.plan": ({F, A}, NOBODY, NOBODY),
    "donations.journal": ({F, A}, NOBODY, NOBODY),
    "donations.receipt": ({F, A}, NOBODY, NOBODY),
    "donations.providerevent": ({F, A}, NOBODY, NOBODY),
    "donations.sandboxclock": ({F, A}, NOBODY, NOBODY),
    "donations.sandboxfault": ({F, A}, {F, A}, {F, A}),
    "donations.lettertext": ({F, A}, {F, A}, {F, A}),
    "donations.collectionstop": ({A}, {A}, NOBODY),
    "donations.bankfile": ({A}, {A}, NOBODY),
    "donations.bankline": ({A}, NOBODY, NOBODY),
    "donations.bankrefund": ({A}, NOBODY, NOBODY),
    "donations.guard": ({F, A}, NOBODY, NOBODY),
    "donations.askexclusion": ({F, A}, {F, A}, {F, A}),
    "donations.reconrun": ({F, A}, NOBODY, NOBODY),
    # What other apps keep: only a superuser.
    "django_tasks_database.dbtaskresult": (NOBODY, NOBODY, NOBODY),
    "account.emailaddress": (NOBODY, NOBODY, NOBODY),
    "mfa.authenticator": (NOBODY, NOBODY, NOBODY),
}
READER = "vera.secret@example.org"
REAL = "Realia Identity"


def build():
    """Make one of everything, by somebody else."""
    owner = make_user(R, username="owner")
    edition = make_offers()
    edition.postal_address = "1 Quay"
    edition.save()
    person = make_person("Ada Bren")
    PersonIdentity.objects.create(person=person, real_name=REAL)
    make_article(published=True, people=[person], photo=make_photo(make_image_file(48, 32)), by=owner)
    make_page()
    make_front()
    make_notice()
    Mirror.objects.create(address="https://lantern-3.example")
    letter = make_newsletter(edition=edition)
    make_reader(READER, letter)
    issue = make_issue(letter)
    issue.approve(version=1, by=owner, at=timezone.now())
    issue.send_now(by=owner, at=timezone.now())
    pump()
    make_issue(letter)
    Suppression.impose(email_key("gone@example.org"), Suppression.Reason.BOUNCE, at=timezone.now())
    make_appeal(edition)
    SafetyPolicy.objects.create(edition=edition, notice="Know the law.")
    Transparency.objects.create(edition=edition)
    reader = Reader(Attacker().client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(giving, "MIN_DWELL_SECONDS", 0)
        reader.pay(reader.give(email=READER))
    worker.drain()
    SandboxClock.advance(1, at=timezone.now())
    StaffAction.record(user=owner, action="test", thing=edition, at=timezone.now())
    assert ProviderEvent.objects.exists()


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The site, built once."""
    with standing(django_db_blocker, build):
        yield


@pytest.fixture
def site(world, db):
    """The edition of the site."""
    forget_editions()
    return Edition.objects.get()


def registered():
    """Return {"app.model": model} of everything in the admin."""
    return {model._meta.label_lower: model for model in admin.site._registry}


def doors_of(label):
    """Return the addresses of a model's list, form and history; of an issue the one that is still a draft."""
    name, rows = f"admin:{label.replace('.', '_')}", registered()[label]._default_manager.order_by("-pk")
    thing = rows.first()
    found = {"list": reverse(f"{name}_changelist"), "add": reverse(f"{name}_add")}
    if thing is not None:
        found["change"] = reverse(f"{name}_change", args=[thing.pk])
        found["history"] = reverse(f"{name}_history", args=[thing.pk])
    return found


def test_the_table_names_every_model_of_the_admin():
    assert set(registered()) == set(DOORS)


@pytest.mark.parametrize("role", [*roles.ALL, "no role"])
def test_each_role_opens_its_doors_and_no_other(site, role):
    client, wrong = Attacker(make_user(role if role in STAFF else None)), []
    for label, (looking, adding, changing) in DOORS.items():
        doors = doors_of(label)
        own_form = role in changing or (label == "newsroom.user" and role == A)
        expected = {"list": role in looking, "add": role in adding, "change": role in looking}
        for door, is_open in expected.items():
            if door in doors:
                status = client.get(doors[door]).status_code
                wrong += [(label, door, status)] if status != (200 if is_open else 403) else []
        if "history" in doors:
            status = client.get(doors["history"]).status_code
            wrong += [(label, "history", status)] if (status == 200) != (role in looking) or status >= 500 else []
        for door, is_open in {"add": role in adding, "change": own_form}.items():
            if door in doors:
                with Writes() as writes:
                    status = client.post(doors[door]).status_code
                is_refused = status == 403 or (label == "newsletters.subscriber" and writes.tables == [])
                wrong += [(label, f"post {door}", status)] if is_refused == is_open or status >= 500 else []
    assert wrong == []


def special_doors():
    """Return {name: (address, who may look, who may act)} of the pages that are no list and no form of a model."""
    person = Person.objects.order_by("pk").first()
    withdraw = reverse("admin:articles_person_withdraw_name", args=[person.pk])
    return {
        "confirm photos": (reverse("admin:articles_photo_confirm"), {R, E, P, A}, {R, E, P, A}),
        "rights of photos": (reverse("admin:articles_photo_rights"), STAFF, STAFF),
        "read-only mode": (reverse("admin:newsroom_emergency"), {E, A}, {E, A}),
        "withdraw a name": (withdraw, {E, A}, {E, A}),
    }


@pytest.mark.parametrize("role", [*roles.ALL, "no role"])
def test_each_role_opens_the_pages_that_protect_and_no_other(site, role):
    client, wrong = Attacker(make_user(role if role in STAFF else None)), []
    for name, (address, looking, acting) in special_doors().items():
        for way, allowed in ((client.get, looking), (client.post, acting)):
            status = way(address).status_code
            wrong += [(name, status)] if (status == 403) == (role in allowed) or status >= 500 else []
    for name in ("articles_namewithdrawal_undo", "articles_masswithdrawal_decide"):
        status = client.post(reverse(f"admin:{name}", args=[1])).status_code
        wrong += [(name, status)] if status not in {403, 404} else []
    assert wrong == []


def test_a_stranger_is_led_to_the_login_everywhere(site):
    client = Attacker()
    for label in DOORS:
        for address in doors_of(label).values():
            assert_led_to_login(client, address)
    for address, _looking, _acting in special_doors().values():
        assert_led_to_login(client, address)


def assert_led_to_login(client, address):
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302, address
        assert "/login/" in answer["Location"], address


@pytest.mark.parametrize("role", [*roles.ALL, "no role"])
def test_the_things_that_only_some_may_see_show_nowhere_else(site, role):
    user = make_user(role if role in STAFF else None)
    client, seen = Attacker(user), {}
    reader = str(Subscriber.objects.get())
    pages = [reverse("admin:index")]
    for label in DOORS:
        doors = doors_of(label)
        pages += [doors[name] for name in ("list", "change") if name in doors]
    for address in pages:
        seen[address] = client.get(address).text
    for address, text in seen.items():
        assert READER not in text, address
        if role != A:
            assert REAL not in text, address
            assert "owner@example.org" not in text, address
        if role not in {N, A}:
            assert "/admin/newsletters/subscriber/" not in text, address
            assert reader not in text, address
        if role not in {F, A}:
            for name in ("gift", "plan", "journal", "receipt"):
                assert f"/admin/donations/{name}/" not in text, address


# Buttons

EDITORS_MOVES = ("publish", "publish_at", "publish_changes", "withdraw", "send_back", "mark_ready")


def pressed(client, thing, move, **more):
    """Press a button of a form, whether or not it is there, and return the answer's status."""
    opts = thing._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk])
    form = form_of(client.get(address), address)
    given = {"move-when": "2190-01-01T10:00", "move-explanation": "Because.", "move-note": "Why.", "move-sure": "on"}
    pairs = [*form.having(**more), *given.items(), ("_move", move)]
    return client.client.post(address, dict(pairs)).status_code


def state_of(thing):
    """Return what a button could have changed."""
    thing = type(thing)._default_manager.get(pk=thing.pk)
    draft = thing.read_draft()
    names = ("state", "published_at", "embargo_until", "expires_at", "due_at", "approved_hash")
    return [getattr(thing, name, None) for name in names], draft.stage, draft.content


@pytest.mark.parametrize("move", EDITORS_MOVES)
def test_a_reporter_cannot_press_an_editors_button_on_an_own_story(site, move):
    reporter = make_user(R)
    story = make_article(by=reporter, headline="My own")
    before = state_of(story)
    assert pressed(Attacker(reporter), story, move) == 403
    assert state_of(story) == before


def test_a_reporter_hands_in_an_own_story_and_sets_no_embargo(site):
    reporter = make_user(R)
    story = make_article(by=reporter, headline="My own")
    times = {"times-embargo_until": "2190-01-01T10:00", "times-expires_at": "2191-01-01T10:00"}
    assert pressed(Attacker(reporter), story, "hand_in", **times) == 302
    story.refresh_from_db()
    assert story.read_draft().stage == Draft.Stage.IN_REVIEW
    assert (story.embargo_until, story.expires_at) == (None, None)


@pytest.mark.parametrize("role", [R, P, N, F, "no role"])
@pytest.mark.parametrize("published", [True, False])
def test_nobody_but_editors_touches_the_story_of_another(site, role, published):
    story = make_article(by=User.objects.get(username="owner"), published=published, headline="Somebody's")
    client = Attacker(make_user(role if role in STAFF else None))
    address, before = reverse("admin:articles_article_change", args=[story.pk]), state_of(story)
    content = {"headline": "Taken over", "version": str(story.read_draft().version)}
    for move in ("save", "hand_in", *EDITORS_MOVES):
        assert client.client.post(address, {**content, "_move": move}).status_code == 403
    restore = reverse("admin:articles_article_restore", args=[story.pk, 1])
    assert client.client.post(restore, {"version": content["version"]}).status_code in {403, 404}
    assert (
        client.client.post(reverse("admin:articles_article_delete", args=[story.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert state_of(story) == before


def test_a_reporter_loses_the_own_story_when_it_is_published(site):
    reporter = make_user(R)
    story = make_article(by=reporter, headline="My own", published=True)
    before = state_of(story)
    address = reverse("admin:articles_article_change", args=[story.pk])
    assert Attacker(reporter).client.post(address, {"headline": "Changed", "version": "2"}).status_code == 403
    assert state_of(story) == before


def test_a_reporter_begins_a_story_but_cannot_publish_it_on_the_way(site):
    reporter, section = make_user(R), make_section()
    data = {
        "new-edition": site.pk, "headline": "Mine", "body_html": "<p>x</p>", "section": section.pk, "no_byline": "on",
        "standfirst": "x", "bylines-rows": "0", "related-rows": "0", "_move": "publish",
    }  # fmt: skip
    Attacker(reporter).client.post(reverse("admin:articles_article_add"), data)
    story = Article.objects.latest("pk")
    assert story.created_by == reporter
    assert story.state == "draft"


@pytest.mark.parametrize("role", [R, E, P, F, "no role"])
def test_nobody_but_newsletter_editors_sends_a_letter(site, role):
    issue = Issue.objects.latest("pk")
    client, before = Attacker(make_user(role if role in STAFF else None)), state_of(issue)
    address = reverse("admin:newsletters_issue_change", args=[issue.pk])
    for move in (
        "save",
        "approve",
        "send_now",
        "schedule",
        "send_test",
        "withdraw_approval",
        "pause",
        "resume",
        "cancel",
    ):
        answer = client.client.post(address, {"subject": "Mine", "version": "1", "_move": move, "move-sure": "on"})
        assert answer.status_code == 403, move
    assert state_of(issue) == before


@pytest.mark.parametrize("role", [R, E, P, N, "no role"])
def test_nobody_but_fundraisers_asks_for_money(site, role):
    appeal, offer = Appeal.objects.get(), Offer.objects.first()
    client, before = Attacker(make_user(role if role in STAFF else None)), state_of(appeal)
    address = reverse("admin:donations_appeal_change", args=[appeal.pk])
    for move in ("save", "publish", "withdraw"):
        answer = client.client.post(
            address, {"headline": "Mine", "version": "2", "_move": move, "move-explanation": "x"}
        )
        assert answer.status_code == 403, move
    with Writes() as writes:
        assert client.post(reverse("admin:donations_offer_change", args=[offer.pk])).status_code == 403
        assert (
            client.post(reverse("admin:donations_offer_delete", args=[offer.pk]), [("post", "yes")]).status_code == 403
        )
        assert client.post(reverse("admin:donations_sandboxclock_advance")).status_code == 403
    assert writes.tables == []
    assert state_of(appeal) == before


@pytest.mark.parametrize("role", [R, E, P, N, F, "no role"])
def test_nobody_but_administrators_erases_readers_or_lifts_suppressions(site, role):
    client = Attacker(make_user(role if role in STAFF else None))
    reader, suppression = Subscriber.objects.get(), Suppression.objects.get()
    with Writes() as writes:
        for address, pairs in (
            (reverse("admin:newsletters_subscriber_erase", args=[reader.pk]), [("sure", "on")]),
            (reverse("admin:newsletters_suppression_lift", args=[suppression.pk]), [("reason", "x")]),
        ):
            assert client.post(address, pairs).status_code == 403
    assert writes.tables == []
    find = client.post(reverse("admin:newsletters_subscriber_find"), [("email", READER)])
    assert find.status_code == (302 if role == N else 403)


@pytest.mark.parametrize("role", [R, E, P, N, F])
def test_an_identity_cannot_be_written_without_the_right(site, role):
    person = Person.objects.get(name="Ada Bren")
    client = Attacker(make_user(role))
    address = reverse("admin:articles_person_change", args=[person.pk])
    answer = client.get(address)
    assert REAL not in answer.text
    assert "identity-0" not in answer.text
    pairs = form_of(answer, address).pairs if role == E else []
    forged = {
        "identity-TOTAL_FORMS": "1", "identity-INITIAL_FORMS": "1", "identity-0-person": str(person.pk),
        "identity-0-real_name": "Forged", "identity-0-DELETE": "on",
    }  # fmt: skip
    client.client.post(address, {**dict(pairs), **forged})
    assert PersonIdentity.objects.get().real_name == REAL


@pytest.mark.parametrize("role", [*roles.ALL, "no role"])
@pytest.mark.parametrize("label", ["articles.article", "articles.page", "newsletters.issue", "donations.appeal"])
def test_the_past_opens_for_those_who_may_look_and_gives_way_to_those_who_may_change(site, role, label):
    looking, _adding, changing = DOORS[label]
    client, thing = Attacker(make_user(role if role in STAFF else None)), registered()[label].objects.order_by("-pk")[0]
    thing.keep_revision("save", content=thing.read_draft().content, by=None, at=timezone.now())
    number, name = thing.revisions.first().number, f"admin:{label.replace('.', '_')}"

    def door(page, *more):
        return reverse(f"{name}_{page}", args=[thing.pk, *more])

    for address in (door("history"), door("compare"), door("revision", number)):
        assert client.get(address).status_code == (200 if role in looking else 403), address
    shared = label in {"articles.article", "articles.page"} or None
    expected = {
        door("name", number): role in changing,
        door("scrub"): role == A,
        door("links"): shared and role in changing,
    }
    for address, is_open in expected.items():
        status = client.post(address).status_code
        assert status in ((200, 302, 422) if is_open else (403,) if is_open is not None else (404,)), (address, status)


# Administrators and superusers


def test_an_administrator_makes_no_superuser_and_touches_none(site):
    chief, boss = make_user(A), make_user(A, username="boss", is_superuser=True)
    client = Attacker(chief)
    own = reverse("admin:newsroom_user_change", args=[chief.pk])
    form = form_of(client.get(own), own)
    assert "is_superuser" not in form.kinds
    client.client.post(own, dict(form.having(is_superuser="on")))
    chief.refresh_from_db()
    assert not chief.is_superuser
    for name in ("admin:newsroom_user_change", "admin:newsroom_user_delete"):
        with Writes() as writes:
            answer = client.post(reverse(name, args=[boss.pk]), [("post", "yes"), ("username", "gone")])
        assert answer.status_code == 403
        assert writes.tables == []
    password = reverse("admin:auth_user_password_change", args=[boss.pk])
    pairs = [("password1", "quite another phrase"), ("password2", "quite another phrase"), ("usable_password", "true")]
    with Writes() as writes:
        assert client.post(password, pairs).status_code == 403
    assert writes.tables == []


def test_an_administrator_cannot_delete_superusers_in_bulk(site):
    boss = make_user(A, username="boss", is_superuser=True)
    client = Attacker(make_user(A))
    pairs = {"action": "delete_selected", "_selected_action": boss.pk, "post": "yes"}
    client.client.post(reverse("admin:newsroom_user_changelist"), pairs)
    assert User.objects.filter(pk=boss.pk).exists()


@pytest.mark.parametrize("role", [R, E, P, N, F, "no role"])
def test_nobody_else_can_list_accounts_by_the_back_door(site, role):
    client = Attacker(make_user(role if role in STAFF else None))
    query = {"app_label": "articles", "model_name": "person", "field_name": "user", "term": "own"}
    assert client.get(reverse("admin:autocomplete"), query).status_code == 403
    for label in ("articles.article", "articles.page", "newsletters.issue"):
        listed = doors_of(label)["list"]
        for lookup in (
            "created_by__password__startswith",
            "created_by__email__startswith",
            "bylines__person__identity__real_name__startswith",
        ):
            assert client.get(listed, {lookup: "R"}).status_code in {302, 400, 403}, lookup


@pytest.mark.parametrize("role", [*roles.ALL, "no role"])
def test_a_preview_opens_for_the_staff_of_the_story_alone(site, role):
    story = make_article(headline="Not yet public")
    client = Attacker(make_user(role if role in STAFF else None))
    answer = client.get(f"/preview/{story.public_id}/")
    assert answer.status_code == (200 if role in STAFF else 403)
    assert "no-store" in answer["Cache-Control"] or "private" in answer["Cache-Control"]
    assert Attacker().get(f"/preview/{story.public_id}/").status_code == 302
    assert Edition.objects.exists()
