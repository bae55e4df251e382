"""Typed words reach the draft within seconds, from the version they started from, and never the live rows."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Page
from desk.models import Draft, Presence
from desk.passage import Passage
from newsletters.models import Issue
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section, make_user
from tests.newsletters.make import make_issue, make_newsletter, text_block

pytestmark = pytest.mark.django_db
NONCE = "nonce-of-a-page-1234"


@pytest.fixture
def editor(client):
    user = make_user("Editor", first_name="Edda")
    client.force_login(user)
    return user


def door(thing, name="autosave"):
    opts = thing._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[thing.pk])


def typed(thing, user, **changes):
    """Return what the script sends when these fields were changed."""
    return {"_user": user.pk, "version": thing.read_draft().version, "_changed": list(changes), **changes}


def save(client, thing, user, **changes):
    return client.post(door(thing), typed(thing, user, **changes))


def save_as_somebody(thing, **content):
    draft = thing.read_draft()
    other = make_user("Editor", first_name="Ada", last_name="Brandt")
    return thing.save_draft({**draft.content, **content}, version=draft.version, by=other, at=timezone.now())


# Keeping


def test_typed_words_reach_the_draft_and_neither_readers_nor_the_history(client, editor):
    page = make_page()
    before, revisions = page.read_draft(), page.revisions.count()
    response = save(client, page, editor, title="About the Lantern")
    assert response.status_code == 200
    answer = response.json()
    draft = page.read_draft()
    assert (draft.title, draft.version, draft.updated_by) == ("About the Lantern", before.version + 1, editor)
    assert answer["version"] == draft.version
    assert answer["errors"] == {}
    assert json.loads(answer["base"]) == page.document.marks(draft.content)
    assert draft.content["body_html"] == before.content["body_html"]
    assert page.revisions.count() == revisions
    page.refresh_from_db()
    assert page.title == "About us"


def test_the_time_that_is_told_is_the_newsrooms(client, editor, time_machine):
    time_machine.move_to("2026-03-03T12:00:00+00:00", tick=False)
    page = make_page(edition=make_edition(time_zone="Europe/Copenhagen"))
    client.force_login(editor)
    assert save(client, page, editor, title="Noon").json()["time"] == "13:00"


def test_words_that_are_there_already_move_no_version(client, editor):
    page = make_page()
    version = page.read_draft().version
    answer = save(client, page, editor, title="About us").json()
    assert answer["version"] == page.read_draft().version == version


def test_an_incomplete_story_is_kept(client, editor):
    story = make_article()
    person = make_person()
    rows = {
        "bylines-rows": "2", "bylines-0-person": person.pk, "bylines-0-role": "reporting",
        "bylines-1-person": "", "bylines-1-role": "photos",
    }  # fmt: skip
    data = {**typed(story, editor, headline="", section=""), **rows, "_changed": ["headline", "section", "bylines"]}
    assert client.post(door(story), data).status_code == 200
    content = story.read_draft().content
    assert (content["headline"], content["section"]) == ("", None)
    assert content["bylines"] == [{"person": person.pk, "role": "reporting"}, {"person": None, "role": "photos"}]


def test_every_kind_of_field_of_a_story_is_kept(client, editor):
    story, other, photo = make_article(), make_article(), make_photo()
    data = {
        **typed(story, editor, topics="Harbour, Strike", lead_photo=photo.public_id, asks_off="on"),
        "related-rows": "1", "related-0-story": other.public_id,
        "_changed": ["topics", "lead_photo", "asks_off", "related", "is_recommended"],
    }  # fmt: skip
    assert client.post(door(story), data).json()["errors"] == {}
    content = story.read_draft().content
    assert content["topics"] == ["Harbour", "Strike"]
    assert (content["lead_photo"], content["related"]) == (photo.pk, [other.pk])
    assert (content["asks_off"], content["is_recommended"]) == (True, False)


def test_only_the_fields_that_changed_are_read(client, editor):
    story = make_article(headline="Kept")
    data = {**typed(story, editor, standfirst="Typed"), "headline": "Not said to have changed"}
    client.post(door(story), data)
    content = story.read_draft().content
    assert (content["headline"], content["standfirst"]) == ("Kept", "Typed")


def test_a_body_is_cleaned_like_everywhere(client, editor):
    page = make_page()
    save(client, page, editor, body_html='<p onclick="x">Text</p><script>alert(1)</script>')
    assert page.read_draft().content["body_html"] == "<p>Text</p>"


def test_autosave_makes_no_person_and_takes_no_photo(client, editor):
    from articles.models import Person

    story = make_article()
    data = {**typed(story, editor, headline="Typed"), "new_person": "Somebody New"}
    client.post(door(story), {**data, "_changed": ["headline", "new_person", "lead_upload"]})
    assert not Person.objects.filter(name="Somebody New").exists()
    assert story.read_draft().content["headline"] == "Typed"


def test_a_letter_keeps_its_parts_while_it_is_a_draft(client):
    user = make_user("Newsletter editor")
    client.force_login(user)
    issue = make_issue(make_newsletter(), blocks=[text_block()])
    rows = {"blocks-rows": "1", "blocks-0-kind": "text", "blocks-0-text_html": "<p>New words</p>"}
    data = {**typed(issue, user, subject="Typed"), **rows, "_changed": ["subject", "blocks"]}
    assert client.post(door(issue), data).json()["errors"] == {}
    content = issue.read_draft().content
    assert (content["subject"], content["blocks"][0]["text_html"]) == ("Typed", "<p>New words</p>")


def test_typing_takes_no_approval_back(client):
    user = make_user("Newsletter editor")
    client.force_login(user)
    issue = make_issue(make_newsletter())
    issue.approve(version=issue.read_draft().version, by=user, at=timezone.now())
    response = save(client, issue, user, subject="By accident")
    assert (response.status_code, response.json()["reason"]) == (403, "held")
    assert Issue.objects.get().state == Issue.State.APPROVED
    form = client.get(reverse("admin:newsletters_issue_change", args=[issue.pk]))
    assert "takes the approval back" in json.loads(form.context["typing"])["held"]


# Refusing


def test_a_tab_that_slept_never_writes(client, editor):
    page = make_page()
    stale = typed(page, editor, title="From a tab that slept")
    theirs = save_as_somebody(page, title="Theirs")
    response = client.post(door(page), stale)
    assert response.status_code == 409
    answer = response.json()
    assert (answer["reason"], answer["who"], answer["version"]) == ("stale", "Ada Brandt", theirs.version)
    assert not answer["is_you"]
    assert page.read_draft().title == "Theirs"


def test_a_tab_that_slept_through_a_publication_never_writes(client, editor):
    page = make_page()
    stale = typed(page, editor, title="From a tab that slept")
    page.publish(version=page.read_draft().version, by=editor, at=timezone.now())
    assert client.post(door(page), stale).status_code == 409
    assert client.post(door(page, "change"), {**page.read_draft().content, **stale}).status_code == 409
    page.refresh_from_db()
    assert page.title == page.read_draft().title == "About us"


def test_somebody_who_saves_between_reading_and_writing_wins(client, editor, monkeypatch):
    page = make_page()
    keep = Page.keep_typing

    def late(self, content, **given):
        monkeypatch.undo()
        save_as_somebody(page, title="Theirs")
        return keep(self, content, **given)

    monkeypatch.setattr(Page, "keep_typing", late)
    response = save(client, page, editor, title="Mine")
    assert (response.status_code, response.json()["who"]) == (409, "Ada Brandt")
    assert page.read_draft().title == "Theirs"


@pytest.mark.parametrize("version", ["", "x", "-1", "0", "1e3", "²", "9" * 30, "\x00"])
def test_a_forged_version_never_writes(client, editor, version):
    page = make_page()
    assert client.post(door(page), {**typed(page, editor, title="Forged"), "version": version}).status_code == 409
    assert page.read_draft().title == "About us"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 161), ("title", "bell\x07"), ("title", "null\x00"), ("title", "\ufffd"),
        ("body_html", "x" * 400_001), ("body_html", "<p>\x01</p>"),
    ],
)  # fmt: skip
def test_one_bad_field_is_named_and_holds_nothing_else_back(client, editor, field, value):
    page = make_page()
    good = {"title": "Good", "body_html": "<p>Good</p>"}
    response = save(client, page, editor, **{**good, field: value})
    assert response.status_code == 200
    answer = response.json()
    assert list(answer["errors"]) == [field]
    assert answer["errors"][field]["label"]
    assert answer["errors"][field]["messages"]
    content, other = page.read_draft().content, ({"title", "body_html"} - {field}).pop()
    assert content[other] == good[other]
    assert content[field] == {"title": "About us", "body_html": "<p>We report from abroad.</p>"}[field]


def test_when_nothing_could_be_kept_the_answer_says_so(client, editor):
    page = make_page()
    version = page.read_draft().version
    response = save(client, page, editor, title="x" * 161)
    assert (response.status_code, response.json()["version"]) == (422, version)


def test_too_much_is_refused_before_it_is_read(client, editor):
    page = make_page()
    assert save(client, page, editor, body_html="x" * (6 * 1024 * 1024)).status_code == 400
    assert page.read_draft().title == "About us"


@pytest.mark.parametrize("names", [["nothing"], ["__class__"], ["version"], ["\x00"], ["title"] * 500, []])
def test_names_of_fields_that_are_none_change_nothing(client, editor, names):
    page = make_page()
    data = {**typed(page, editor), "_changed": names, "title": "About us"}
    assert client.post(door(page), data).status_code == 200
    assert page.read_draft().title == "About us"


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "1.5", "\x00"])
def test_a_forged_id_is_refused_at_its_field(client, editor, value):
    story = make_article()
    section = story.read_draft().content["section"]
    response = save(client, story, editor, section=value)
    assert (response.status_code, list(response.json()["errors"])) == (422, ["section"])
    assert story.read_draft().content["section"] == section


def test_a_section_that_is_gone_is_a_matter_of_the_checklist(client, editor):
    story = make_article()
    assert save(client, story, editor, section="987654").status_code == 200
    assert "section" in {problem.field for problem in story.problems() if problem.blocks}


# Who may


@pytest.mark.parametrize("name", ["autosave", "beat", "kept"])
def test_the_doors_open_for_posts_with_a_token_of_who_opened_the_page(client, editor, name):
    page = make_page()
    data = typed(page, editor, title="Typed")
    assert client.get(door(page, name)).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor)
    assert strict.post(door(page, name), data).status_code == 403
    nobody = Client().post(door(page, name), data)
    assert (nobody.status_code, nobody.json()["reason"]) == (401, "login")
    for user in ("", "x", make_user().pk):
        other = client.post(door(page, name), {**data, "_user": user})
        assert (other.status_code, other.json()["reason"]) == (403, "user")
    missing = client.post(door(page, name).replace(f"/{page.pk}/", "/99999999999999999999999/"), data)
    assert (missing.status_code, missing.json()["reason"]) == (404, "gone")
    assert page.read_draft().title == "About us"


def test_a_reporter_types_in_an_own_story_until_it_is_published(client):
    reporter = make_user("Reporter")
    client.force_login(reporter)
    own, others = make_article(by=reporter), make_article()
    signed = make_article(people=[make_person(user=reporter)], published=False)
    assert save(client, own, reporter, headline="Typed").status_code == 200
    refused = save(client, others, reporter, headline="Typed")
    assert (refused.status_code, refused.json()["reason"]) == (403, "permission")
    assert save(client, signed, reporter, headline="Typed").status_code == 403, "the byline stands in the draft only"
    own.publish(version=own.read_draft().version, by=make_user("Editor"), at=timezone.now())
    assert save(client, own, reporter, headline="After it").status_code == 403
    assert own.read_draft().title == "Typed"


def test_who_may_only_read_is_seen_and_writes_nothing(client):
    reader = make_user("Fundraiser", first_name="Fred")
    client.force_login(reader)
    story = make_article()
    assert client.post(door(story, "beat"), typed(story, reader)).status_code == 200
    assert client.post(door(story, "kept"), typed(story, reader, headline="x")).status_code == 403
    assert save(client, story, reader, headline="x").status_code == 403
    nobody = make_user()
    client.force_login(nobody)
    assert client.post(door(story, "beat"), typed(story, nobody)).status_code == 403
    assert Presence.objects.count() == 1


# Cost


@pytest.mark.parametrize("role", ["Reporter", "Editor"])
def test_an_autosave_takes_at_most_six_queries(client, role, django_assert_max_num_queries):
    user = make_user(role)
    client.force_login(user)
    story = make_article(by=user, people=[make_person()])
    save(client, story, user, headline="Warm")
    data = typed(story, user, headline="Typed", body_html="<p>word</p>" * 1500, topics="One, Two", slug="typed")
    with django_assert_max_num_queries(6):
        assert client.post(door(story), data).status_code == 200
    rows = {"bylines-rows": "1", "bylines-0-person": make_person().pk, "bylines-0-role": "photos"}
    data = {**typed(story, user, section=make_section("Other").pk), **rows, "_changed": ["section", "bylines"]}
    with django_assert_max_num_queries(6):
        assert client.post(door(story), data).json()["errors"] == {}


def test_a_beat_is_cheap(client, editor, django_assert_max_num_queries):
    story = make_article()
    data = typed(story, editor)
    client.post(door(story, "beat"), data)
    with django_assert_max_num_queries(6):
        assert client.post(door(story, "beat"), data).status_code == 200


# A new thing


def begin(client, user, **changes):
    data = {"_user": user.pk, "_nonce": NONCE, "new-edition": make_edition().pk, **changes}
    return client.post(reverse("admin:articles_article_begin_typing"), data)


def test_the_first_words_begin_a_story_that_goes_on_at_its_address(client, editor):
    response = begin(client, editor, headline="First words")
    assert response.status_code == 201
    story, answer = Article.objects.get(), response.json()
    assert answer["begun"]["change"] == door(story, "change")
    assert answer["begun"]["autosave"] == door(story)
    draft = story.read_draft()
    assert (draft.title, draft.version, story.created_by) == ("First words", answer["version"], editor)
    assert not story.revisions.exists()
    assert not Article.objects.published().exists()


def test_two_quick_saves_of_one_page_begin_one_story(client, editor):
    begin(client, editor, headline="First words")
    response = begin(client, editor, headline="First words, and more")
    assert response.status_code == 201
    assert Article.objects.get().read_draft().title == "First words, and more"
    assert response.json()["version"] == 2


def test_a_late_first_save_overwrites_nothing(client, editor):
    begin(client, editor, headline="First words")
    story = Article.objects.get()
    save_as_somebody(story, headline="Theirs")
    response = begin(client, editor, headline="Late")
    assert (response.status_code, response.json()["reason"]) == (409, "stale")
    assert response.json()["begun"]["change"] == door(story, "change")
    assert story.read_draft().title == "Theirs"


def test_the_same_nonce_from_somebody_else_begins_another_story(client, editor):
    begin(client, editor, headline="Of Edda")
    reporter = make_user("Reporter")
    client.force_login(reporter)
    begin(client, reporter, headline="Forged")
    assert sorted(Draft.objects.values_list("title", flat=True)) == ["Forged", "Of Edda"]


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65, "a b" * 10, "\x00" * 20, "é" * 20])
def test_a_nonce_of_the_wrong_shape_begins_nothing(client, editor, nonce):
    response = begin(client, editor, headline="x", _nonce=nonce)
    assert (response.status_code, response.json()["reason"]) == (422, "nonce")
    assert not Article.objects.exists()


def test_what_is_asked_once_is_asked_before_anything_is_made(client, editor):
    data = {"_user": editor.pk, "_nonce": NONCE, "new-edition": make_edition().pk, "new-slug": "support", "title": "T"}
    response = client.post(reverse("admin:articles_page_begin_typing"), data)
    assert response.status_code == 422
    assert "new-slug" in response.json()["errors"]
    assert not Page.objects.exists()


def test_what_is_asked_once_can_be_corrected_on_the_same_page(client, editor):
    begin(client, editor, headline="Words")
    story, other = Article.objects.get(), make_edition("ru")
    data = {**typed(story, editor, headline="Слова"), "_placing": "1", "new-edition": other.pk}
    assert client.post(door(story), data).status_code == 200
    assert Article.objects.get().edition == other
    wrong = {**typed(story, editor, headline="Words"), "_placing": "1", "new-edition": "987654"}
    assert "new-edition" in client.post(door(story), wrong).json()["errors"]


def test_after_publication_nothing_can_be_placed_elsewhere(client, editor):
    page = make_page()
    data = {**typed(page, editor, title="T"), "_placing": "1", "new-slug": "moved", "new-edition": page.edition_id}
    response = client.post(door(page), {**data, "new-position": 0})
    assert response.status_code == 422
    page.refresh_from_db()
    assert page.slug == "about"


def test_who_may_not_add_begins_nothing(client):
    user = make_user("Fundraiser")
    client.force_login(user)
    assert begin(client, user, headline="x").status_code == 403
    assert client.post(reverse("admin:articles_article_kept_new"), {"_user": user.pk}).status_code == 403
    assert not Article.objects.exists()


def test_a_plain_form_sent_twice_makes_one_story(client, editor):
    data = {"new-edition": make_edition().pk, "headline": "Once", "_nonce": NONCE, **rows_of_a_story()}
    first, second = (client.post(reverse("admin:articles_article_add"), data) for _time in range(2))
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    story = Article.objects.get()
    assert story.revisions.count() == 1
    client.post(reverse("admin:articles_article_add"), {**data, "headline": "Twice"})
    assert Article.objects.get().read_draft().title == "Twice"


def rows_of_a_story():
    return {"bylines-rows": "0", "related-rows": "0", "is_recommended": "on"}


# What a browser kept


def test_a_form_that_was_taken_gets_its_mark_back_and_one_that_was_not_does_not(client, editor):
    page = make_page()
    data = {"version": page.read_draft().version, "title": "T", "body_html": "", "_sent": "mark-of-this-form"}
    response = client.post(door(page, "change"), data)
    assert response.cookies["desk-sent"].value == "mark-of-this-form"
    assert response.cookies["desk-sent"]["path"] == "/admin/"
    refused = client.post(door(page, "change"), data)
    assert refused.status_code == 409
    assert "desk-sent" not in refused.cookies
    forged = client.post(door(page, "change"), {**data, "version": 3, "_sent": "a;b\r\nc" * 4})
    assert "desk-sent" not in forged.cookies


def test_kept_words_are_compared_word_by_word_and_nothing_is_written(client, editor):
    page = make_page()
    before = page.read_draft()
    answer = client.post(door(page, "kept"), typed(page, editor, body_html="<p>We report from <b>home</b>.</p>")).json()
    assert answer["version"] == before.version
    assert not answer["same"]
    assert re.search(r"<del>.*abroad.*</del>", answer["html"])
    assert re.search(r"<ins>.*home.*</ins>", answer["html"])
    assert page.read_draft().version == before.version


def test_kept_words_that_are_in_the_draft_already_are_the_same(client, editor):
    page = make_page()
    assert client.post(door(page, "kept"), typed(page, editor, title="About us")).json()["same"]


def test_kept_words_that_cannot_be_kept_in_the_draft_are_shown_as_they_are(client, editor):
    page = make_page()
    answer = client.post(door(page, "kept"), typed(page, editor, title="<b>" + "x" * 200)).json()
    assert not answer["same"]
    assert "&lt;b&gt;xxx" in answer["html"]


def test_kept_words_of_a_story_that_was_never_begun_are_shown(client, editor):
    data = {"_user": editor.pk, "_changed": ["headline"], "headline": "Never sent"}
    answer = client.post(reverse("admin:articles_article_kept_new"), data).json()
    assert "Never sent" in answer["html"]


def test_a_tab_from_before_a_passage_was_removed_is_told_to_keep_nothing(client):
    chief = make_user(is_superuser=True)
    client.force_login(chief)
    page = make_page(published=False, body_html="<p>The source is Realia Name.</p>")
    stale = typed(page, chief, body_html="<p>The source is Realia Name, and more.</p>")
    page.scrub(Passage("Realia Name"), version=page.read_draft().version, by=chief, at=timezone.now())
    for name in ("autosave", "beat"):
        assert client.post(door(page, name), stale).json()["scrubbed"]
    refused = client.post(door(page, "kept"), stale)
    assert (refused.status_code, refused.json()) == (409, {"reason": "scrubbed"})
    fresh = client.post(door(page, "beat"), typed(page, chief)).json()
    assert not fresh["scrubbed"]
    assert "Realia" not in str(page.read_draft().content)


# The conflict


def test_a_conflict_offers_theirs_where_only_they_changed_and_mine_where_only_i_did(client, editor):
    story = make_article(headline="Common", standfirst="Common standfirst", kicker="Common")
    form = client.get(door(story, "change"))
    data = {
        **story.read_draft().content, "topics": "Elections", "version": story.read_draft().version,
        "_base": form.context["base"], "bylines-rows": 0, "related-rows": 0, "lead_photo": "",
        "standfirst": "Mine", "kicker": "Mine too", "times-embargo_until": "", "times-expires_at": "",
    }  # fmt: skip
    save_as_somebody(story, headline="Theirs", kicker="Theirs too")
    response = client.post(door(story, "change"), {k: v for k, v in data.items() if v is not None and v is not False})
    assert response.status_code == 409
    rows = {row["change"].name: (row["take"], row["both"]) for row in response.context["conflict"]}
    assert rows == {"headline": ("theirs", False), "standfirst": ("mine", False), "kicker": ("mine", True)}


@pytest.mark.parametrize("base", ["", "{", "[]", '{"title": 1}', "[" * 30_000, "\x00", '{"title": "forged"}'])
def test_a_forged_start_still_shows_the_conflict(client, editor, base):
    page = make_page()
    data = {"version": page.read_draft().version, "title": "Mine", "body_html": "<p>x</p>", "_base": base}
    save_as_somebody(page, title="Theirs")
    response = client.post(door(page, "change"), data)
    assert response.status_code == 409
    assert {row["take"] for row in response.context["conflict"]} == {"mine"}


@pytest.mark.parametrize(("button", "kept"), [("mine", "Mine"), ("theirs", "Theirs")])
def test_taking_one_side_whole_keeps_the_other_in_the_history(client, editor, button, kept):
    page = make_page()
    draft = save_as_somebody(page, title="Theirs", body_html="<p>Their body</p>")
    data = {"version": draft.version, "title": "Mine", "body_html": "<p>My body</p>", "_settle": ["each", button]}
    data |= {"_settle-title": "mine", "_settle-body_html": "theirs"}
    assert client.post(door(page, "change"), data).status_code == 302
    assert page.read_draft().title == kept
    titles = [revision.content["title"] for revision in page.revisions.all()]
    assert {"Mine", "Theirs"} <= set(titles)


# Presence, and lists


def test_a_beat_names_the_others_and_the_version_that_stands(client, editor):
    page, ada = make_page(), make_user("Editor", first_name="Ada")
    Presence.beat(page, by=ada, at=timezone.now(), is_idle=True)
    draft = save_as_somebody(page, title="Newer")
    answer = client.post(door(page, "beat"), typed(page, editor)).json()
    assert answer["others"] == [{"name": "Ada", "idle": True}]
    assert (answer["version"], answer["who"], answer["is_you"]) == (draft.version, "Ada Brandt", False)
    assert Presence.objects.filter(user=editor, is_idle=False).exists()


def test_the_list_names_who_has_a_story_open(client, editor):
    story = make_article()
    Presence.beat(story, by=make_user(first_name="Ada", last_name="Here"), at=timezone.now())
    assert "Ada Here" in client.get(reverse("admin:articles_article_changelist")).content.decode()


def test_live_rows_are_never_written_past_the_draft(client, editor):
    from django.contrib import admin
    from django.core.exceptions import PermissionDenied

    page = make_page()
    page.title = "Past the draft"
    with pytest.raises(PermissionDenied):
        admin.site._registry[Page].save_model(None, page, None, change=True)
    page.refresh_from_db()
    assert page.title == "About us"


# Logging out


@pytest.mark.parametrize("name", ["admin:logout", "account_logout"])
def test_logging_out_empties_what_the_browser_kept(client, editor, name):
    assert client.post(reverse(name))["Clear-Site-Data"] == '"storage"'
