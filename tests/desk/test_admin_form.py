"""The form of a draft, with static pages as the example: saving, conflicts, refusals, publishing, history."""

import re

import pytest
from django.urls import reverse

from articles.models import Page
from tests.make import make_edition, make_page, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def address(page, name="change", *more):
    return reverse(f"admin:articles_page_{name}", args=[page.pk, *more])


def typed(page, **changes):
    draft = page.read_draft()
    return {"version": draft.version, **draft.content, "times-embargo_until": "", "times-expires_at": "", **changes}


def test_saving_writes_the_draft_and_keeps_a_revision_while_readers_see_nothing(client, editor):
    page = make_page()
    response = client.post(address(page), typed(page, title="About the Lantern"))
    assert response.status_code == 302
    page.refresh_from_db()
    assert page.title == "About us"
    assert page.read_draft().title == "About the Lantern"
    assert page.revisions.first().kind == "save"
    assert page.revisions.first().created_by == editor


def test_a_stale_form_writes_nothing_and_shows_both_texts(client, editor):
    page = make_page()
    mine = typed(page, title="Mine", body_html="<p>My body.</p>")
    other = make_user("Editor", first_name="Ada", last_name="Brandt")
    from django.utils import timezone

    page.save_draft(
        {"title": "Theirs", "body_html": "<p>Their body.</p>"},
        version=page.read_draft().version,
        by=other,
        at=timezone.now(),
    )
    response = client.post(address(page), mine)
    text = re.sub(r"</?mark>", "", response.content.decode())
    assert response.status_code == 409
    for words in ("Mine", "My body.", "Theirs", "Their body.", "Ada Brandt"):
        assert words in text
    assert page.read_draft().title == "Theirs"
    assert response.context["form"]["version"].value() == str(page.read_draft().version)


def test_a_settled_conflict_takes_what_was_chosen_and_keeps_theirs_in_the_history(client, editor):
    from django.utils import timezone

    page = make_page()
    mine = typed(page, title="Mine", body_html="<p>My body.</p>")
    theirs = {"title": "Theirs", "body_html": "<p>Their body.</p>"}
    draft = page.save_draft(theirs, version=page.read_draft().version, by=make_user(), at=timezone.now())
    settled = {**mine, "version": draft.version, "_settle": "1", "_settle-title": "theirs", "_settle-body_html": "mine"}
    assert client.post(address(page), settled).status_code == 302
    assert page.read_draft().content == {"title": "Theirs", "body_html": "<p>My body.</p>"}
    assert page.revisions.filter(content=theirs).exists()


@pytest.mark.parametrize("version", ["", "abc", "-1", "0", "999999999999999999999", "1e3", "²"])
def test_a_forged_version_never_writes(client, editor, version):
    page = make_page()
    assert client.post(address(page), typed(page, title="Forged", version=version)).status_code in {409, 422}
    assert page.read_draft().title == "About us"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "x" * 161, "at most 160 characters"),
        ("title", "bell\x07", "cannot be shown"),
        ("title", "null\x00", "cannot be shown"),
        ("body_html", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1") + "\x01", "cannot be shown"),
        ("body_html", "x" * 400_001, "at most 400000 characters"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(client, editor, field, value, sentence):
    page = make_page()
    response = client.post(
        address(page), typed(page, **{field: value, "title" if field != "title" else "_": "Kept words"})
    )
    assert response.status_code == 422
    assert any(sentence in error for error in response.context["form"].errors[field])
    if field != "title":
        assert "Kept words" in response.content.decode()
    assert page.read_draft().title == "About us"


def test_an_unknown_move_is_refused(client, editor):
    page = make_page()
    assert client.post(address(page), typed(page, _move="delete_everything")).status_code == 403


def test_publishing_saves_and_shows_readers_the_new_text(client, editor):
    page = make_page()
    typo = {"_move": "publish_changes", "move-change": "typo"}
    assert client.post(address(page), typed(page, title="New", **typo)).status_code == 302
    page.refresh_from_db()
    assert page.title == "New"
    assert page.updated_at is None, "a typo needs no notice"
    client.post(address(page), typed(page, title="Newer", _move="publish_changes", **{"move-change": "facts"}))
    page.refresh_from_db()
    assert page.updated_at is not None


def test_what_is_not_ready_is_saved_and_told_at_its_field(client, editor):
    page = make_page(published=False)
    response = client.post(address(page), typed(page, title="", body_html="<p>Words to keep.</p>", _move="publish"))
    assert response.status_code == 422
    assert "The page needs a title." in response.content.decode()
    assert 'href="#id_title"' in response.content.decode()
    page.refresh_from_db()
    assert page.state == "draft"
    assert page.read_draft().content["body_html"] == "<p>Words to keep.</p>"
    assert response.context["form"]["version"].value() == page.read_draft().version


def test_publishing_at_a_time_asks_for_one_in_the_future_and_in_the_zone_of_the_edition(client, editor):
    page = make_page(published=False)
    for when, status in [
        ("", 422),
        ("2020-01-01T10:00", 422),
        ("nonsense", 422),
        ("9999-12-31T23:59", 422),
        ("2190-07-01T09:30", 302),
    ]:
        response = client.post(address(page), typed(page, _move="publish_at", **{"move-when": when}))
        assert response.status_code == status, when
    page.refresh_from_db()
    assert page.state == "published"
    assert page.published_at.isoformat() == "2190-07-01T07:30:00+00:00"
    assert not Page.objects.published().exists()


def test_a_scheduled_page_keeps_its_time_when_its_text_changes(client, editor):
    page = make_page(published=False)
    client.post(address(page), typed(page, _move="publish_at", **{"move-when": "2190-07-01T09:30"}))
    client.post(address(page), typed(page, title="Changed", _move="publish_changes"))
    page.refresh_from_db()
    assert page.title == "Changed"
    assert page.published_at.year == 2190


def test_withdrawing_needs_an_explanation(client, editor):
    page = make_page()
    assert client.post(address(page), typed(page, _move="withdraw")).status_code == 422
    response = client.post(address(page), typed(page, _move="withdraw", **{"move-explanation": "It was wrong."}))
    assert response.status_code == 302
    page.refresh_from_db()
    assert (page.state, page.withdrawal_note) == ("withdrawn", "It was wrong.")


def test_an_embargo_holds_publication_back_until_somebody_with_the_right_lifts_it(client, editor):
    page = make_page(published=False)
    client.post(address(page), typed(page, **{"times-embargo_until": "2190-01-01T00:00"}))
    page.refresh_from_db()
    assert page.embargo_until.year in {2189, 2190}
    response = client.post(
        address(page),
        typed(
            page,
            _move="publish",
            **{"times-embargo_until": "2190-01-01T00:00", "initial-times-embargo_until": "2190-01-01T00:00"},
        ),
    )
    assert response.status_code == 422
    assert "Under embargo until" in response.content.decode()


def test_a_new_page_is_begun_with_its_address(client, editor):
    edition = make_edition()
    data = {
        "new-edition": edition.pk,
        "new-slug": "contact",
        "new-position": 2,
        "title": "Contact",
        "body_html": "<p>Write.</p>",
    }
    response = client.post(reverse("admin:articles_page_add"), data)
    page = Page.objects.get()
    assert response.url == address(page)
    assert page.read_draft().title == "Contact"
    assert page.revisions.count() == 1


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [("support", "address of the site itself"), ("with space", "valid"), ("", "required"), ("a" * 61, "60")],
)
def test_a_bad_address_of_a_new_page_is_refused_at_its_field(client, editor, slug, sentence):
    data = {"new-edition": make_edition().pk, "new-slug": slug, "new-position": 0, "title": "Kept title"}
    response = client.post(reverse("admin:articles_page_add"), data)
    assert response.status_code == 422
    assert sentence in str(response.context["creation_form"].errors["slug"])
    assert "Kept title" in response.content.decode()
    assert not Page.objects.exists()


def test_a_new_page_can_be_published_at_once(client, editor):
    data = {
        "new-edition": make_edition().pk, "new-slug": "contact", "new-position": 2, "title": "Contact",
        "body_html": "<p>Write.</p>", "_move": "publish",
    }  # fmt: skip
    client.post(reverse("admin:articles_page_add"), data)
    assert Page.objects.published().exists()


def test_the_history_shows_every_kept_version_and_restores_one(client, editor):
    page = make_page()
    client.post(address(page), typed(page, title="Second title"))
    assert "Published" in client.get(address(page, "history")).content.decode()
    text = client.get(address(page, "revision", 1)).content.decode()
    assert "Second title" in text
    assert "About us" in text
    response = client.post(address(page, "restore", 1), {"version": page.read_draft().version})
    assert response.status_code == 302
    assert page.read_draft().title == "About us"


def test_restoring_from_a_stale_page_writes_nothing(client, editor):
    page = make_page()
    client.post(address(page), typed(page, title="Second title"))
    for version in ("1", "", "x", "99999999999999999999999"):
        client.post(address(page, "restore", 1), {"version": version})
    assert page.read_draft().title == "Second title"


def test_what_is_not_there_is_not_found(client, editor):
    page = make_page()
    assert client.get(address(page, "revision", 99)).status_code == 404
    assert client.get(reverse("admin:articles_page_change", args=["99999999999999999999999"])).status_code == 404
    assert client.get(reverse("admin:articles_page_change", args=["x'y"])).status_code == 404


def test_who_may_only_read_sees_no_button_and_cannot_post(client):
    client.force_login(make_user("Reporter"))
    page = make_page()
    response = client.get(address(page))
    assert response.status_code == 200
    assert b'name="_move"' not in response.content.split(b"desk__bar")[1]
    assert client.post(address(page), typed(page, title="Mine")).status_code == 403
    assert client.post(address(page, "restore", 1), {"version": 1}).status_code == 403
    assert page.read_draft().title == "About us"


def test_a_stranger_sees_nothing(client):
    page = make_page()
    for name in ("change", "history"):
        assert client.get(address(page, name)).status_code == 302
    client.force_login(make_user())
    for name in ("change", "history"):
        assert client.get(address(page, name)).status_code == 403


def test_the_list_finds_titles_of_drafts_in_any_case(client, editor):
    page = make_page(title="Контакты редакции")
    url = reverse("admin:articles_page_changelist")
    assert page.title in client.get(url, {"q": "контакты"}).content.decode()
    assert page.title not in client.get(url, {"q": "nothing like it"}).content.decode()
    assert client.get(url, {"q": "nul\x00l \x07"}).status_code == 200


@pytest.mark.parametrize(
    "stage", ["", "mine", "writing", "in_review", "ready", "scheduled", "published", "changed", "withdrawn", "x"]
)
def test_every_tab_of_the_list_opens(client, editor, stage):
    make_page()
    assert client.get(reverse("admin:articles_page_changelist"), {"stage": stage}).status_code in {200, 302}


def test_no_page_of_the_desk_has_a_script_or_style_without_a_nonce(client, editor):
    page = make_page()
    for url in (
        address(page),
        address(page, "history"),
        address(page, "revision", 1),
        reverse("admin:articles_page_add"),
        reverse("admin:index"),
    ):
        text = client.get(url).content.decode()
        assert not re.search(r"<style(?![^>]*nonce=\"[^\"]+\")", text), url
        assert not re.search(r"<script(?![^>]*(?:nonce=\"[^\"]+\"|src=))", text), url
        assert not re.search(r"\son[a-z]+=\"|\sstyle=\"", text), url
