"""The list of drafted things: filters, filters kept under a name, searching, and moves of several at once."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from desk import search
from desk.models import Draft, SavedFilter
from newsroom import worker
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/articles/article/"
KEEP = "/admin/articles/article/filters/"


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def shown(client, **parameters):
    """Return the titles that the list shows."""
    response = client.get(LIST, parameters)
    assert response.status_code == 200
    return {story.draft_title for story in response.context["cl"].result_list}


# Filters


def test_stories_are_filtered_by_section_person_language_state_and_mine(client, editor):
    russian = make_edition("ru") if make_edition() else None
    ada = make_person("Ada Brandt", user=editor)
    culture = make_section("Culture")
    make_article(headline="By Ada", people=[ada], published=True)
    draft = make_article(headline="Draft by Ada", people=[ada], section=culture)
    make_article(headline="По-русски", section=make_section("Мнения", edition=russian), published=True)
    make_article(headline="Mine", by=editor)
    assert shown(client, person=ada.pk) == {"By Ada", "Draft by Ada"}
    assert shown(client, section=culture.pk) == {"Draft by Ada"}
    assert shown(client, language="ru") == {"По-русски"}
    assert shown(client, stage="mine") == {"Mine", "By Ada"}
    assert shown(client, stage="published", language="en") == {"By Ada"}
    assert shown(client, person=ada.pk, section=culture.pk, q="draft") == {"Draft by Ada"}
    assert draft.read_draft().stage == "writing"


@pytest.mark.parametrize("name", ["section", "person", "language", "stage", "q", "p", "o"])
@pytest.mark.parametrize("value", ["abc", "-1", "9" * 30, "\x00", "²", "%27--", "1.5"])
def test_a_forged_filter_is_passed_over(client, editor, name, value):
    make_article()
    assert client.get(LIST, {name: value}).status_code in {200, 302}


def test_the_bar_keeps_what_was_chosen(client, editor):
    section = make_section("Culture")
    text = client.get(LIST, {"section": section.pk, "q": "harbour"}).text
    assert f'<option value="{section.pk}" selected>Culture</option>' in text
    assert 'value="harbour"' in text
    assert f"section={section.pk}&amp;stage=ready" not in text or "stage=mine" in text


# Searching


def test_words_are_found_in_drafts_and_in_what_readers_see_in_any_form_and_case(client, editor):
    first = make_article(headline="Ships", body_html="<p>The investigators asked nobody.</p>", published=True)
    worker.drain()
    draft = first.read_draft()
    first.save_draft(
        {**draft.content, "body_html": "<p>Судьи молчали на берегах.</p>"}, version=draft.version, by=editor,
        at=timezone.now(), revision=True,
    )  # fmt: skip
    make_article(headline="Контакты редакции", standfirst="Ёлка на берегу.")
    assert shown(client, q="investigator NOBODY") == {"Ships"}
    assert shown(client, q="БЕРЕГ судья") == {"Ships"}
    assert (
        shown(client, q="контакты")
        == shown(client, q="КОНТ")
        == shown(client, q="елки берега")
        == {"Контакты редакции"}
    )
    assert shown(client, q="судья elephants") == set()


def test_every_field_of_the_content_is_searched(client, editor):
    make_article(headline="A", kicker="Lighthouse", topics=["Ferries"], lead_caption="Dredgers at work.")
    for word in ("lighthouse", "ferry", "dredger"):
        assert shown(client, q=word) == {"A"}


def test_people_are_found_by_name_without_repeating_a_story(client, editor):
    people = [make_person("Ada Brandt"), make_person("Ada Stern")]
    make_article(headline="Signed", people=people, published=True)
    assert [row.draft_title for row in client.get(LIST, {"q": "ada"}).context["cl"].result_list] == ["Signed"]


@pytest.mark.parametrize(
    "query", ["' OR 1=1", '"', "*", "NEAR(", "a AND", "((", "_type_1", "_person_1", "\x00", "x" * 5000, "² ½", "😀"]
)
def test_any_text_is_a_legal_query(client, editor, query):
    make_article(headline="Harbour")
    assert client.get(LIST, {"q": query}).status_code == 200


def test_what_was_typed_is_found_when_the_worker_has_seen_it(client, editor):
    article = make_article(headline="Harbour")
    draft = article.read_draft()
    article.keep_typing(
        {**draft.content, "headline": "Lighthouse"}, version=draft.version, by=editor, at=timezone.now()
    )
    worker.drain()
    assert shown(client, q="lighthouse") == {"Lighthouse"}
    assert shown(client, q="harbour") == set()
    assert not Draft.objects.exclude(indexed_version=Draft.objects.get().version).exists()


def test_what_is_deleted_leaves_the_search(editor):
    article = make_article(headline="Lighthouse")
    pk = article.read_draft().pk
    assert search.find(Article, "lighthouse").exists()
    article.delete()
    assert search._matching([], ["lighthous"]) == []
    assert pk


def test_drafts_of_another_kind_are_not_found(client, editor):
    make_page(title="Lighthouse")
    assert shown(client, q="lighthouse") == set()
    assert "Lighthouse" in client.get(reverse("admin:articles_page_changelist"), {"q": "lighthouse"}).text


def test_the_list_takes_the_same_queries_for_one_story_and_for_many(client, editor):
    person, photo = make_person(), make_photo()
    for place in ({}, {"q": "harbour"}, {"person": person.pk}, {"stage": "published"}):
        make_article(published=True, people=[person], photo=photo)
        client.get(LIST, place), client.get(LIST, place)
        with CaptureQueriesContext(connection) as few:
            client.get(LIST, place)
        for _number in range(5):
            make_article(published=True, people=[person, make_person()], photo=photo)
        client.get(LIST, place)
        with CaptureQueriesContext(connection) as many:
            client.get(LIST, place)
        assert len(many) == len(few) <= 25, place


# Saved filters


def keep(client, name="Mine", parameters="stage=mine", **more):
    return client.post(KEEP, {"name": name, "parameters": parameters, **more}, follow=True)


def test_a_filter_is_kept_under_a_name_and_opens_the_same_list(client, editor):
    make_article(headline="Ready story").mark_ready(version=1, by=editor, at=timezone.now())
    make_article(headline="Other")
    response = keep(client, "To read", "stage=ready&q=story&evil=1&p=3")
    kept = SavedFilter.objects.get()
    assert (kept.owner, kept.parameters, kept.is_shared) == (editor, {"stage": "ready", "q": "story"}, False)
    assert "To read" in response.text
    link = f"?{kept.query}".replace("&", "&amp;")
    assert f'href="{link}" aria-current="true"' in response.text
    assert {story.draft_title for story in response.context["cl"].result_list} == {"Ready story"}


def test_the_same_name_replaces_the_filter(client, editor):
    keep(client, "One", "stage=mine")
    keep(client, "One", "stage=ready", is_shared="on")
    assert [(each.parameters, each.is_shared) for each in SavedFilter.objects.all()] == [({"stage": "ready"}, True)]


def test_a_filter_of_ones_own_is_nobody_elses_and_a_shared_one_everybodys(client, editor):
    keep(client, "My own")
    keep(client, "For all of us", is_shared="on")
    client.force_login(make_user("Reporter"))
    text = client.get(LIST).text
    assert "For all of us" in text
    assert "My own" not in text


def test_a_filter_is_deleted_by_its_owner_or_when_shared_by_an_editor(client, editor):
    reporter = make_user("Reporter")
    client.force_login(reporter)
    keep(client, "Own"), keep(client, "Shared", is_shared="on")
    own, shared = SavedFilter.objects.order_by("name")
    client.force_login(make_user("Reporter"))
    assert client.post(f"{KEEP}{own.pk}/delete/").status_code == 404
    assert client.post(f"{KEEP}{shared.pk}/delete/").status_code == 403
    client.force_login(editor)
    assert client.post(f"{KEEP}{own.pk}/delete/").status_code == 404
    assert client.post(f"{KEEP}{shared.pk}/delete/").status_code == 302
    client.force_login(reporter)
    assert client.get(f"{KEEP}{own.pk}/delete/").status_code == 405
    assert client.post(f"{KEEP}{own.pk}/delete/").status_code == 302
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("", "stage=mine"), ("x" * 61, "stage=mine"), ("bell\x07", "stage=mine"), ("Empty", ""), ("Evil", "evil=1"),
     ("Long", "q=" + "x" * 2000)],
)  # fmt: skip
def test_a_filter_without_a_name_or_without_anything_to_keep_is_refused(client, editor, name, parameters):
    assert keep(client, name, parameters).status_code == 200
    assert not SavedFilter.objects.exists()


def test_a_person_keeps_twenty_filters_at_most(client, editor):
    kind = ContentType.objects.get_for_model(Article)
    for number in range(SavedFilter.MOST):
        SavedFilter.objects.create(
            content_type=kind, owner=editor, name=f"F{number}", parameters={"q": "x"}, created_at=timezone.now()
        )
    assert "delete one first" in keep(client, "One more").text
    keep(client, "F3", "stage=ready")
    assert SavedFilter.objects.get(name="F3").parameters == {"stage": "ready"}
    assert SavedFilter.objects.count() == SavedFilter.MOST


def test_who_may_not_see_the_list_keeps_no_filter(client):
    assert client.post(KEEP, {"name": "x", "parameters": "stage=mine"}).status_code == 302
    client.force_login(make_user())
    assert client.post(KEEP, {"name": "x", "parameters": "stage=mine"}).status_code == 403
    assert not SavedFilter.objects.exists()


def test_every_list_of_drafts_keeps_filters(client):
    client.force_login(make_user("Administrator"))
    for name in ("articles_page", "newsletters_issue", "donations_appeal"):
        address = reverse(f"admin:{name}_changelist")
        data = {"name": f"Of {name}", "parameters": "q=quay"}
        assert f"Of {name}" in client.post(reverse(f"admin:{name}_keep_filter"), data, follow=True).text
        assert "Of " not in client.get(LIST).text
        assert client.get(address, {"q": "quay"}).status_code == 200


def test_a_shared_filter_outlives_the_account_of_its_owner(client, editor):
    other = make_user("Editor")
    client.force_login(other)
    keep(client, "Desk", is_shared="on")
    other.delete()
    client.force_login(editor)
    assert "Desk" in client.get(LIST).text


# Several at once


def chosen(action, *stories, **more):
    versions = {f"version-{story.pk}": story.read_draft().version for story in stories}
    return {"action": action, "_selected_action": [story.pk for story in stories], **versions, **more}


def test_several_stories_are_published_and_what_changed_meanwhile_is_named_and_left_alone(client, editor):
    first, second = make_article(headline="First"), make_article(headline="Second")
    data = chosen("publish_together", first, second)
    draft = second.read_draft()
    second.save_draft({**draft.content, "standfirst": "New."}, version=draft.version, by=None, at=timezone.now())
    text = client.post(LIST, data, follow=True).text
    assert "Published: “First”." in text
    assert "Left alone: “Second”: somebody saved it in the meantime." in text
    assert list(Article.objects.published()) == [first]


def test_what_is_not_ready_or_live_already_or_under_embargo_is_left_alone(client, editor):
    live, unready = make_article(headline="Live", published=True), make_article(headline="Unready", standfirst="TK")
    held = make_article(headline="Held", embargo_until=timezone.now() + timezone.timedelta(hours=1))
    text = client.post(LIST, chosen("publish_together", live, unready, held), follow=True).text
    assert "“Live”: is published or scheduled" in text
    assert "“Unready”: A “TK”" in text
    assert "“Held”: it is under embargo" in text
    assert list(Article.objects.published()) == [live]


@pytest.mark.parametrize("version", ["", "0", "abc", "9" * 20, "²"])
def test_a_row_without_its_version_is_left_alone(client, editor, version):
    article = make_article()
    client.post(
        LIST, {"action": "publish_together", "_selected_action": [article.pk], f"version-{article.pk}": version}
    )
    assert not Article.objects.published().exists()


def test_several_are_marked_ready(client, editor):
    first, second = make_article(), make_article()
    second.mark_ready(version=1, by=editor, at=timezone.now())
    text = client.post(LIST, chosen("mark_ready_together", first, second), follow=True).text
    assert first.read_draft().stage == "ready"
    assert "is ready already" in text
    assert second.read_draft().version == 2


def test_several_drafts_move_to_a_section_and_the_live_story_stays_until_published(client, editor):
    culture = make_section("Culture")
    live, draft = make_article(published=True), make_article()
    foreign = make_article(headline="Чужая", section=make_section("Мнения", edition=make_edition("ru")))
    text = client.post(LIST, chosen("move_to_section", live, draft, foreign, section=culture.pk), follow=True).text
    assert "“Чужая”: the section belongs to another edition" in text
    live.refresh_from_db()
    assert live.section.name == "Politics"
    assert live.read_draft().content["section"] == draft.read_draft().content["section"] == culture.pk
    assert draft.revisions.first().note == "moved to the section “Culture”"


@pytest.mark.parametrize("section", ["", "abc", "999999", "-1", "9" * 30])
def test_a_section_that_is_none_moves_nothing(client, editor, section):
    article = make_article()
    client.post(LIST, chosen("move_to_section", article, section=section))
    assert article.read_draft().version == 1


def test_a_reporter_moves_his_own_drafts_only_and_publishes_nothing(client):
    reporter = make_user("Reporter")
    client.force_login(reporter)
    own, others = make_article(headline="Own", by=reporter), make_article(headline="Another's")
    culture = make_section("Culture")
    text = client.get(LIST).text
    assert "publish_together" not in text and "delete_selected" not in text
    client.post(LIST, chosen("publish_together", own))
    client.post(LIST, chosen("mark_ready_together", own))
    assert (own.read_draft().stage, Article.objects.published().exists()) == ("writing", False)
    text = client.post(LIST, chosen("move_to_section", own, others, section=culture.pk), follow=True).text
    assert "you may not change it" in text
    assert own.read_draft().content["section"] == culture.pk
    assert others.read_draft().version == 1


def test_all_stories_at_once_are_never_chosen_and_forged_rows_are_refused(client, editor):
    stories = [make_article() for _ in range(3)]
    client.post(LIST, {**chosen("publish_together", stories[0]), "select_across": "1"})
    assert Article.objects.published().count() == 1
    for forged in ("abc", "-1", "9" * 40, "1 OR 1=1"):
        data = {"action": "publish_together", "_selected_action": [forged], "select_across": "1"}
        assert client.post(LIST, data).status_code == 302
    assert client.post(LIST, {"action": "withdraw_together", "_selected_action": [stories[0].pk]}).status_code in {
        200,
        302,
    }
    assert Article.objects.published().count() == 1
