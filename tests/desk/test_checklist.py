"""The checklist before publication: what blocks, what is advised, each at its field."""

import datetime

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from articles import checklist
from articles.models import Person
from desk.models import NotReady
from newsroom.models import StaffAction
from tests.make import (
    article_content,
    make_article,
    make_edition,
    make_page,
    make_person,
    make_photo,
    make_section,
    make_user,
)  # fmt: skip

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def found(article=None, **fields):
    """Return {(field, sentence, blocks)} for a story that is whole but for these fields."""
    article = article or make_article()
    content = {**article.document.blank(), **article_content(section=make_section(edition=article.edition)), **fields}
    return {(problem.field, str(problem.message), problem.blocks) for problem in article.problems(content)}


def blocks(**fields):
    return {field for field, _message, is_blocker in found(**fields) if is_blocker}


def advice(**fields):
    return {field for field, _message, is_blocker in found(**fields) if not is_blocker}


def test_a_whole_story_has_no_blocker_and_no_advice_but_its_photo():
    assert found() == {("lead_photo", "Without a lead photo the card is text alone.", False)}
    assert found(lead_photo=make_photo().pk) == set()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"headline": ""}, "headline"), ({"body_html": "<p> </p>"}, "body_html"), ({"section": None}, "section"),
        ({"section": 10**9}, "section"), ({"headline": "Mayor XXX resigns"}, "headline"),
        ({"standfirst": "By TK."}, "standfirst"), ({"kicker": "TKTK"}, "kicker"),
        ({"lead_caption": "TK"}, "lead_caption"),
        ({"body_html": "<p>Said ХХХ, the mayor.</p>"}, "body_html"), ({"body_html": "<p>x TODO</p>"}, "body_html"),
        ({"body_html": "<p>x</p><h2> <strong></strong>\xa0</h2>"}, "body_html"),
        ({"body_html": "<p>x</p><h3></h3>"}, "body_html"), ({"no_byline": False}, "bylines"),
        ({"bylines": [{"person": 10**9, "role": "reporting"}], "no_byline": False}, "bylines"),
        ({"bylines": [{"person": None, "role": "reporting"}], "no_byline": False}, "bylines"),
        ({"lead_photo": 10**9}, "lead_photo"),
        ({"body_html": '<p>x</p><figure data-photo="zzzzzzzz"></figure>'}, "body_html"),
    ],
)  # fmt: skip
def test_what_blocks_is_told_at_its_field(fields, place):
    assert blocks(**fields) == {place}


@pytest.mark.parametrize("text", ["TKO", "the XXL size", "Atkins", "XX century", "A todo list"])
def test_words_that_only_look_like_leftovers_do_not_block(text):
    assert blocks(headline=text) == set()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"headline": "x" * 111}, "headline"), ({"standfirst": ""}, "standfirst"), ({"topics": []}, "topics"),
        ({"topics": ["A", "B"]}, "main_topic"), ({"topics": ["A"], "main_topic": "B"}, "main_topic"),
    ],
)  # fmt: skip
def test_advice_does_not_block(fields, place):
    assert advice(**fields) == {"lead_photo", place}
    assert blocks(**fields) == set()


def test_a_chosen_main_topic_is_published_with_the_story(editor):
    article = make_article(published=True, topics=["Ports", "Strikes"], main_topic="strikes")
    assert article.main_topic.name == "Strikes"
    assert make_article(published=True, topics=["Ports"]).main_topic is None
    assert advice(topics=["Ports", "Strikes"], main_topic="Strikes") == {"lead_photo"}


def test_a_section_of_another_edition_blocks():
    make_edition()
    assert blocks(section=make_section("Мнения", edition=make_edition("ru")).pk) == {"section"}


@pytest.mark.parametrize(
    ("photo", "use", "wrong"),
    [
        ({"alt": ""}, "", True), ({"alt": ""}, ' data-alt="A queue"', False),
        ({"alt": ""}, ' data-decorative="true"', False),
        ({"alt": "A queue"}, "", False), ({"creator": "", "agency": ""}, "", True),
    ],
)  # fmt: skip
def test_a_photo_in_the_text_needs_a_credit_and_a_text_or_is_decorative(photo, use, wrong):
    name = make_photo(**photo).public_id
    assert blocks(body_html=f'<p>x</p><figure data-photo="{name}"{use}></figure>') == (
        {"body_html"} if wrong else set()
    )


@pytest.mark.parametrize(
    ("photo", "use", "place"),
    [
        ({"alt": ""}, {}, {"lead_alt"}), ({"alt": ""}, {"lead_alt": "A queue"}, set()),
        ({"alt": ""}, {"lead_decorative": True}, set()), ({"creator": "", "agency": ""}, {}, {"lead_photo"}),
    ],
)  # fmt: skip
def test_the_lead_photo_needs_a_credit_and_a_text_or_is_decorative(photo, use, place):
    assert blocks(lead_photo=make_photo(**photo).pk, **use) == place


# Links


def link(href):
    return f'<p>x <a href="{href}">words</a></p>'


@pytest.mark.parametrize(
    "href",
    [
        "https://", "http://localhost/x", "https://exa mple.org/", "https://example", "http://http://example.org/",
        "mailto:nobody", "/admin/articles/article/1/change/", "/preview/abcdefgh/", "/accounts/login/", "https://[::1",
        "HOME/admin/",
    ],
)  # fmt: skip
def test_a_link_that_leads_nowhere_or_to_the_staff_blocks(href):
    assert blocks(body_html=link(href.replace("HOME", settings.HOME_ORIGIN))) == {"body_html"}


@pytest.mark.parametrize(
    "href",
    ["https://example.org", "https://пример.рф/стр", "http://192.0.2.1/x", "mailto:a@example.org", "tel:+45", "/about/",
     "#note-1", "https://example.org:8443/a?b#c"],
)  # fmt: skip
def test_a_link_that_may_lead_somewhere_passes_and_is_never_asked_for(href):
    assert blocks(body_html=link(href)) == set()


def names_of(story):
    return [
        {"body_html": f'<p>x <a data-article="{story.public_id}">words</a></p>'},
        {"body_html": f'<p>x</p><div data-related="{story.public_id}"></div>'},
        {"related": [story.pk]},
        {"body_html": link(f"/2026/01/01/any-{story.public_id}")},
        {"body_html": link(f"{settings.HOME_ORIGIN}/ru/2026/01/01/any-{story.public_id}")},
    ]


def test_links_to_stories_that_readers_see_pass():
    for fields in names_of(make_article(published=True)):
        assert blocks(**fields) == set()
        assert advice(**fields) == {"lead_photo"}


def test_links_to_stories_that_are_gone_block():
    withdrawn, expired = make_article(published=True), make_article(published=True)
    withdrawn.withdraw(by=None, at=timezone.now())
    expired.set_times(embargo_until=None, expires_at=timezone.now(), by=None, at=timezone.now())
    for story in (withdrawn, expired):
        for fields in names_of(story):
            assert blocks(**fields) == {next(iter(fields))}
    assert blocks(body_html='<p>x <a data-article="zzzzzzzz">y</a></p>') == {"body_html"}
    assert blocks(related=[10**9]) == {"related"}


def test_links_to_stories_that_come_later_are_advice():
    for story in (make_article(), make_article(published=True, when=timezone.now() + HOUR)):
        for fields in names_of(story):
            assert blocks(**fields) == set()
            assert advice(**fields) == {"lead_photo", next(iter(fields))}


# Pseudonyms


@pytest.mark.parametrize("state", ["pseudonym", "withheld"])
def test_a_pseudonym_and_a_withheld_name_need_an_editors_approval(editor, state):
    person = make_person("Nobody", name_state=state, name_approved=False)
    article = make_article(people=[person])
    with pytest.raises(NotReady) as refused:
        article.publish(version=1, by=editor, at=timezone.now())
    assert "Nobody" in str(refused.value)
    person.approve_name(by=editor, at=timezone.now())
    article.publish(version=1, by=editor, at=timezone.now())
    assert StaffAction.objects.filter(action="approve name", user=editor).count() == 1


def test_who_signs_by_name_needs_no_approval(editor):
    article = make_article(people=[make_person(name_approved=False)])
    article.publish(version=1, by=editor, at=timezone.now())


@pytest.mark.parametrize("change", [{"name": "Another"}, {"name_state": "withheld"}])
def test_another_name_or_way_to_sign_has_to_be_approved_again(change):
    person = make_person("Somebody", name_state="pseudonym")
    person = Person.objects.get(pk=person.pk)
    person.title = "Correspondent"
    person.save()
    assert Person.objects.get(pk=person.pk).is_name_approved
    for name, value in change.items():
        setattr(person, name, value)
    person.save(update_fields=list(change))
    assert not Person.objects.get(pk=person.pk).is_name_approved


def test_an_approval_of_another_name_than_the_one_that_stands_is_none(editor):
    person = make_person("First", name_state="pseudonym", name_approved=False)
    Person.objects.filter(pk=person.pk).update(name="Second")
    person.approve_name(by=editor, at=timezone.now())
    assert not Person.objects.get(pk=person.pk).is_name_approved
    assert not StaffAction.objects.filter(action="approve name").exists()


def test_editors_approve_in_the_list_of_people_and_by_saving(client, editor):
    person = make_person("Nobody", name_state="pseudonym", name_approved=False)
    data = {"action": "approve_names", "_selected_action": [person.pk]}
    client.post(reverse("admin:articles_person_changelist"), data)
    assert Person.objects.get(pk=person.pk).is_name_approved


# In the form


def address(thing, name="change"):
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=[thing.pk])


def test_each_item_leads_to_its_field(client, editor):
    article = make_article(headline="TK", embargo_until=timezone.now() + HOUR)
    text = client.get(address(article)).text
    assert 'href="#id_headline" data-go="headline"' in text
    assert 'href="#id_times-embargo_until" data-go="embargo_until"' in text
    assert 'id="id_headline"' in text and 'id="id_times-embargo_until"' in text
    assert f'data-checklist="{address(article, "checklist")}"' in text


def test_the_checklist_alone_follows_the_draft(client, editor):
    article = make_article(headline="")
    assert "The story needs a headline." in client.get(address(article, "checklist")).text
    draft = article.read_draft()
    article.keep_typing(
        {**draft.content, "headline": "Ships", "lead_photo": make_photo().pk},
        version=draft.version, by=editor, at=timezone.now(),
    )  # fmt: skip
    answer = client.get(address(article, "checklist"))
    assert "Nothing is missing." in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_checklist_opens_for_those_who_see_the_thing_only(client):
    page = make_page()
    assert client.get(address(page, "checklist")).status_code == 302
    client.force_login(make_user())
    assert client.get(address(page, "checklist")).status_code == 403
    client.force_login(make_user("Editor"))
    assert client.post(address(page, "checklist")).status_code in {403, 405}
    missing = reverse("admin:articles_page_checklist", args=[10**9])
    assert client.get(missing).status_code == 404


def test_the_checklist_asks_four_questions_whatever_the_story_names(django_assert_max_num_queries):
    photos, stories = [make_photo() for _ in range(5)], [make_article(published=True) for _ in range(4)]
    people = [make_person() for _ in range(5)]
    article = make_article()
    body = "".join(f'<figure data-photo="{photo.public_id}"></figure>' for photo in photos)
    body += "".join(f'<p>x <a data-article="{story.public_id}">y</a></p>' for story in stories)
    content = {
        **article.document.blank(),
        **article_content(section=make_section(), people=people, photo=photos[0], body_html=body),
        "related": [story.pk for story in stories],
    }
    with django_assert_max_num_queries(4):
        assert checklist.problems(article, content) == []
