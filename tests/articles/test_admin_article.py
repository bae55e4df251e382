"""The form of a story: what each role may do, what is taken and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Person, Photo, Topic
from tests.make import (
    make_article,
    make_edition,
    make_image_file,
    make_person,
    make_photo,
    make_section,
    make_user,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


@pytest.fixture
def reporter(client):
    user = make_user("Reporter")
    client.force_login(user)
    return user


def address(article, name="change"):
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def story(**changes):
    section = make_section()
    return {
        "kicker": "Harbour", "headline": "Ships leave at dawn", "standfirst": "The strike is over.",
        "body_html": "<p>The first ferry left at five.</p>", "section": section.pk,
        "topics": "Harbour, Strike", "slug": "",
        "bylines-rows": "0", "related-rows": "0", "no_byline": "on", "is_recommended": "on", "version": "1", **changes,
    }  # fmt: skip


def typed(article, **changes):
    return story(version=article.read_draft().version, **changes)


def rows(name, *entries):
    data = {f"{name}-rows": str(len(entries))}
    for number, entry in enumerate(entries):
        data |= {f"{name}-{number}-{column}": value for column, value in entry.items()}
    return data


def begin(client, **changes):
    return client.post(reverse("admin:articles_article_add"), {"new-edition": make_edition().pk, **story(**changes)})


def test_a_reporter_writes_and_hands_in(client, reporter):
    assert begin(client).status_code == 302
    article = Article.objects.get()
    assert article.created_by == reporter
    assert article.read_draft().content["topics"] == ["Harbour", "Strike"]
    assert client.post(address(article), typed(article, _move="hand_in")).status_code == 302
    assert article.read_draft().stage == "in_review"
    assert not Article.objects.published().exists()


def test_a_story_can_be_begun_and_handed_in_at_once(client, reporter):
    assert begin(client, _move="hand_in").status_code == 302
    assert Article.objects.get().read_draft().stage == "in_review"


@pytest.mark.parametrize("move", ["publish", "publish_at", "mark_ready", "send_back", "withdraw"])
def test_a_reporter_never_publishes(client, reporter, move):
    article = make_article(by=reporter)
    assert client.post(address(article), typed(article, _move=move)).status_code == 403
    article.refresh_from_db()
    assert article.state == "draft"


def test_a_reporter_edits_neither_the_stories_of_others_nor_what_is_published(client, reporter):
    others, published = make_article(by=make_user("Reporter")), make_article(by=reporter, published=True)
    for article in (others, published):
        assert client.get(address(article)).status_code == 200
        assert client.post(address(article), typed(article)).status_code == 403


def test_a_reporter_edits_a_story_that_he_signs_once_published(client, reporter):
    person = make_person(user=reporter)
    article = make_article(by=make_user("Editor"), people=[person])
    article.bylines.create(person=person, position=1)
    assert client.post(address(article), typed(article, headline="New words")).status_code == 302


def test_an_editor_sends_back_with_a_note_that_the_reporter_reads(client, editor):
    reporter = make_user("Reporter")
    article = make_article(by=reporter)
    article.hand_in(version=1, by=reporter, at=timezone.now())
    assert client.post(address(article), typed(article, _move="send_back")).status_code == 422
    client.post(address(article), typed(article, _move="send_back", **{"move-note": "Who says so?"}))
    assert article.read_draft().stage == "writing"
    client.force_login(reporter)
    assert "Who says so?" in client.get(address(article)).content.decode()


def test_an_editor_publishes_with_bylines_in_order_photo_topics_and_section(client, editor):
    first, second, photo = make_person("Ada Brandt"), make_person("Milo Stern"), make_photo()
    article = make_article(by=make_user("Reporter"))
    people = rows(
        "bylines",
        {"person": first.pk, "role": "reporting", "place": "2"},
        {"person": second.pk, "role": "photos", "place": "1"},
        {"person": "", "role": "reporting", "place": "3"},
    )
    data = typed(article, lead_photo=photo.public_id, _move="publish", **people)
    del data["no_byline"]
    assert client.post(address(article), data).status_code == 302
    article.refresh_from_db()
    assert article.is_live()
    assert [(byline.person, byline.role) for byline in article.bylines.all()] == [
        (second, "photos"),
        (first, "reporting"),
    ]
    assert article.lead_photo == photo
    assert {topic.name for topic in article.topics.all()} == {"Harbour", "Strike"}


def test_a_row_marked_for_removal_goes(client, editor):
    person = make_person()
    article = make_article(people=[person])
    data = typed(article, **rows("bylines", {"person": person.pk, "role": "reporting", "remove": "on"}))
    assert client.post(address(article), data).status_code == 302
    assert article.read_draft().content["bylines"] == []


def test_a_form_without_its_rows_is_refused_and_loses_no_byline(client, editor):
    person = make_person()
    article = make_article(people=[person])
    data = typed(article)
    del data["bylines-rows"]
    assert client.post(address(article), data).status_code == 422
    assert article.read_draft().content["bylines"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headline": "x" * 201}, "headline"),
        ({"headline": "bell\x07"}, "headline"),
        ({"kicker": "x" * 61}, "kicker"),
        ({"standfirst": "x" * 501}, "standfirst"),
        ({"body_html": "null\x00"}, "body_html"),
        ({"section": "999999"}, "section"),
        ({"section": "politics'--"}, "section"),
        ({"section": "9" * 30}, "section"),
        ({"slug": "Кириллица"}, "slug"),
        ({"slug": "a b"}, "slug"),
        ({"topics": ", ".join(f"t{n}" for n in range(13))}, "topics"),
        ({"topics": "x" * 101}, "topics"),
        ({"lead_photo": "zzzzzzzz"}, "lead_photo"),
        ({"lead_photo": "../../etc/passwd"}, "lead_photo"),
        ({"lead_alt": "x" * 301}, "lead_alt"),
        (rows("bylines", {"person": "999999", "role": "reporting"}), "bylines"),
        (rows("bylines", {"person": "x", "role": "reporting"}), "bylines"),
        (rows("bylines", {"person": "", "role": "owner"}), "bylines"),
        (rows("bylines", *[{"person": "1", "role": "photos"}] * 13), "bylines"),
        ({"bylines-rows": "99999"}, "bylines"),
        ({"bylines-rows": "-1"}, "bylines"),
        ({"bylines-rows": "x"}, "bylines"),
        (rows("related", {"story": "nothing-here"}), "related"),
        ({"new_person": "x" * 121}, "new_person"),
        ({"new_person_state": "famous"}, "new_person_state"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_the_rest_is_kept(client, editor, change, field):
    article = make_article()
    kept = "Words that must stay." if field != "standfirst" else "Harbour kept"
    data = typed(article, **{"standfirst" if field != "standfirst" else "headline": kept, **change})
    response = client.post(address(article), data)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert kept in response.content.decode()
    assert article.read_draft().version == 1


@pytest.mark.parametrize("place", ["nan", "inf", "-1e400", "x", ""])
def test_any_number_may_stand_for_the_place_of_a_row(client, editor, place):
    person = make_person()
    article = make_article()
    data = typed(article, **rows("bylines", {"person": person.pk, "role": "reporting", "place": place}))
    assert client.post(address(article), data).status_code == 302
    assert article.read_draft().content["bylines"] == [{"person": person.pk, "role": "reporting"}]


def test_an_uploaded_photo_leads_the_story_and_comes_with_its_credit(client, editor):
    article = make_article()
    upload = SimpleUploadedFile("a.jpg", make_image_file().read(), "image/jpeg")
    data = typed(article, lead_upload=upload, upload_creator="Emmanuel Bonne", upload_agency="EPA", lead_alt="A ferry.")
    assert client.post(address(article), data).status_code == 302
    photo = Photo.objects.get()
    assert article.read_draft().content["lead_photo"] == photo.pk
    assert (photo.credit, photo.alt, photo.uploaded_by) == ("Emmanuel Bonne / EPA", "A ferry.", editor)


@pytest.mark.parametrize("content", [b"", b"not a picture", b"<svg/>"])
def test_a_file_that_is_no_picture_is_refused_at_its_field(client, editor, content):
    article = make_article()
    upload = SimpleUploadedFile("a.jpg", content, "image/jpeg")
    response = client.post(address(article), typed(article, headline="Kept words", lead_upload=upload))
    assert response.status_code == 422
    assert response.context["form"].errors["lead_upload"]
    assert "Kept words" in response.content.decode()


def test_an_editor_makes_a_new_person_while_writing_the_byline(client, editor):
    article = make_article()
    data = typed(article, new_person="Нина Волкова", new_person_state="pseudonym", new_person_role="reporting")
    assert client.post(address(article), data).status_code == 302
    person = Person.objects.get()
    assert (person.name, person.name_state, person.slug) == ("Нина Волкова", "pseudonym", "nina-volkova")
    assert article.read_draft().content["bylines"] == [{"person": person.pk, "role": "reporting"}]


def test_a_reporter_makes_no_person(client, reporter):
    article = make_article(by=reporter)
    response = client.post(address(article), typed(article, new_person="Nina Volkova"))
    assert response.status_code == 422
    assert not Person.objects.exists()


def test_a_refused_save_makes_neither_photo_nor_person(client, editor):
    article = make_article()
    article.save_draft(article.read_draft().content, version=1, by=None, at=timezone.now())
    upload = SimpleUploadedFile("a.jpg", make_image_file().read(), "image/jpeg")
    response = client.post(address(article), story(version=1, new_person="Nina Volkova", lead_upload=upload))
    assert response.status_code == 409
    assert not Photo.objects.exists()
    assert not Person.objects.exists()


def test_related_stories_are_taken_by_id_or_address_in_order(client, editor):
    one, two, article = make_article(published=True), make_article(published=True), make_article()
    related = rows(
        "related",
        {"story": one.public_id, "place": "2"},
        {"story": f"https://x.org{two.get_absolute_url()}", "place": "1"},
    )
    assert client.post(address(article), typed(article, **related)).status_code == 302
    assert article.read_draft().content["related"] == [two.pk, one.pk]
    assert one.headline in client.get(address(article)).content.decode()


def test_what_is_missing_is_a_checklist_and_the_text_is_saved(client, editor):
    article = make_article()
    response = client.post(address(article), typed(article, section="", headline="TK later", _move="publish"))
    text = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_section"' in text
    assert "is left in the text" in text
    assert article.read_draft().title == "TK later"


def test_live_text_stays_while_its_draft_changes_until_changes_are_published(client, editor):
    article = make_article(published=True)
    client.post(address(article), typed(article, headline="Changed headline"))
    article.refresh_from_db()
    assert article.headline == "Harbour reopens after the strike"
    client.post(
        address(article),
        typed(article, headline="Changed headline", _move="publish_changes", **{"move-change": "facts"}),
    )
    article.refresh_from_db()
    assert article.headline == "Changed headline"
    assert article.updated_at


def test_a_translation_begins_with_the_original_and_joins_its_group(client, editor):
    original, russian = make_article(body_html="<p>Original words.</p>"), make_edition("ru", language="ru")
    url = reverse("admin:articles_article_add") + f"?translation_of={original.public_id}&edition={russian.pk}"
    assert "Original words." in client.get(url).content.decode()
    data = story(section=make_section("Политика", edition=russian).pk)
    assert client.post(url, {"new-edition": russian.pk, **data}).status_code == 302
    translation = Article.objects.get(edition=russian)
    assert translation.translation_group == original.translation_group
    assert client.post(url, {"new-edition": russian.pk, **data}).status_code == 422
    assert Article.objects.filter(edition=russian).count() == 1


def test_existing_stories_are_linked_as_translations_once(client, editor):
    russian = make_edition("ru", language="ru")
    one, two = make_article(), make_article(section=make_section("Политика", edition=russian))
    three = make_article()
    link = {"_move": "link_translation", "move-translation": two.public_id}
    assert client.post(address(one), typed(one, **link)).status_code == 302
    one.refresh_from_db()
    assert one.translation_group == two.translation_group
    response = client.post(address(three), typed(three, **link))
    assert response.status_code == 422
    assert "has a translation in that edition already" in response.content.decode()


def test_a_section_of_another_edition_is_refused(client, editor):
    russian = make_edition("ru", language="ru")
    section = make_section("Политика", edition=russian)
    response = begin(client, section=section.pk)
    assert response.status_code == 422
    assert response.context["form"].errors["section"]


def test_the_preview_shows_the_draft_in_the_public_page_and_writes_nothing(client, editor):
    article = make_article(published=True, topics=["Harbour"])
    client.post(address(article), typed(article, headline="A headline nobody has seen", topics="Brand new topic"))
    response = client.get(reverse("articles:preview", args=[article.public_id]))
    text = response.content.decode()
    assert response.status_code == 200
    assert "A headline nobody has seen" in text
    assert "Brand new topic" in text
    assert "no-store" in response["Cache-Control"]
    assert "X-Page-Cache" not in response
    assert not Topic.objects.filter(name="Brand new topic").exists()
    article.refresh_from_db()
    assert article.headline == "Harbour reopens after the strike"
    assert "A headline nobody has seen" not in client.get(article.get_absolute_url()).content.decode()


def test_an_unpublished_story_has_a_preview_even_when_nearly_everything_is_missing(client, editor):
    article = make_article(headline="", section=None, body_html="")
    client.post(address(article), typed(article, headline="", section="", body_html=""))
    assert client.get(article.get_absolute_url()).status_code == 200


def test_strangers_get_no_preview(client):
    article = make_article()
    url = reverse("articles:preview", args=[article.public_id])
    assert client.get(url).status_code == 302
    client.force_login(make_user())
    assert client.get(url).status_code == 403
    client.force_login(make_user("Reporter"))
    assert client.get(reverse("articles:preview", args=["nosuchid"])).status_code == 404


def test_the_pickers_find_stories_and_photos_for_those_who_may_see_them(client, editor):
    article, photo = make_article(headline="Гавань открыта"), make_photo()
    stories, photos = reverse("admin:articles_article_picker"), reverse("admin:articles_photo_picker")
    assert [row["id"] for row in client.get(stories, {"q": "гавань"}).json()["results"]] == [article.public_id]
    assert [row["id"] for row in client.get(photos, {"q": "voters"}).json()["results"]] == [photo.public_id]
    assert [row["id"] for row in client.get(photos, {"ids": photo.public_id}).json()["results"]] == [photo.public_id]
    for url in (stories, photos):
        for query in ({"q": "\x00 \x07'%_"}, {"ids": "x,\x00"}, {"p": "99999"}, {"p": "²"}, {"p": "-1"}):
            assert client.get(url, query).status_code == 200, query
    client.force_login(make_user())
    assert client.get(stories).status_code == 403
    assert client.get(photos).status_code == 403


def test_a_photo_comes_in_through_the_picker_or_is_refused_with_a_sentence(client, editor):
    url = reverse("admin:articles_photo_upload")
    good = SimpleUploadedFile("a.jpg", make_image_file().read(), "image/jpeg")
    answer = client.post(url, {"files": good, "creator": "Emmanuel Bonne", "alt": "A ferry."})
    assert answer.json()["id"] == Photo.objects.get().public_id
    bad = client.post(url, {"files": SimpleUploadedFile("a.jpg", b"no", "image/jpeg")})
    assert (bad.status_code, list(bad.json()["errors"])) == (422, ["files"])
    assert client.post(url, {}).status_code == 422
    assert client.get(url).status_code == 403


def test_the_list_opens_in_few_queries_whatever_its_length(client, editor, django_assert_max_num_queries):
    for _number in range(12):
        make_article(people=[make_person()], photo=make_photo(), published=True)
    with django_assert_max_num_queries(20):
        client.get(reverse("admin:articles_article_changelist"))


def test_a_story_opens_in_few_queries(client, editor, django_assert_max_num_queries):
    article = make_article(people=[make_person() for _number in range(6)], photo=make_photo(), published=True)
    client.get(address(article))
    with django_assert_max_num_queries(24):
        client.get(address(article))


def test_only_what_was_never_published_can_be_deleted(client, editor):
    draft, live = make_article(), make_article(published=True)
    assert client.post(address(draft, "delete"), {"post": "yes"}).status_code == 302
    assert client.post(address(live, "delete"), {"post": "yes"}).status_code == 403
    assert list(Article.objects.all()) == [live]
