"""The front page."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from articles import front
from desk.models import NotReady
from newsroom import pagecache, registry
from tests.make import make_article, make_edition, make_front, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db


def make_stories(count, *, section=None, **content):
    now = timezone.now()
    return [
        make_article(
            published=True,
            section=section,
            headline=f"Story {number} of {section or 'news'}",
            when=now - datetime.timedelta(minutes=number + 1),
            **content,
        )
        for number in range(count)
    ]


def test_an_empty_front_page_stands(client):
    make_edition()
    response = client.get("/")
    assert response.status_code == 200
    assert "first stories" in response.text


def test_the_newest_story_with_a_picture_leads():
    photo = make_photo()
    make_stories(2)
    pictured = make_article(
        published=True, photo=photo, headline="With a picture", when=timezone.now() - datetime.timedelta(hours=1)
    )
    assert front.arrange(make_edition(), at=timezone.now()).lead == pictured


def test_opinion_never_leads_and_shows_its_author(client):
    opinion = make_section("Opinion", is_opinion=True)
    make_article(published=True, section=opinion, headline="I think", people=[make_person("Vera Lukasz")])
    make_article(published=True, headline="It happened", when=timezone.now() - datetime.timedelta(days=1))
    page = front.arrange(make_edition(), at=timezone.now())
    assert page.lead.headline == "It happened"
    assert "card--opinion" in (text := client.get("/").text)
    assert "Vera Lukasz" in text


def test_no_story_stands_twice():
    for section in (make_section("Politics"), make_section("Economy"), make_section("Culture")):
        make_stories(9, section=section)
    stories = front.arrange(make_edition(), at=timezone.now()).stories()
    assert len(stories) == len({story.pk for story in stories}) > 15


def test_a_quiet_section_keeps_its_block():
    quiet = make_section("Culture")
    make_article(published=True, section=quiet, headline="Long ago", when=timezone.now() - datetime.timedelta(days=900))
    make_stories(front.NEWEST + 2)
    blocks = front.arrange(make_edition(), at=timezone.now()).blocks
    assert ["Long ago"] in [[story.headline for story in block.stories] for block in blocks]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [24, 60])
def test_it_asks_as_often_for_many_stories_as_for_few(client, django_assert_num_queries, settings, count):
    settings.PAGE_CACHE_SECONDS = 0
    make_stories(count, people=[make_person()], photo=make_photo())
    client.get("/")
    with django_assert_num_queries(1):
        client.get("/")


def test_each_edition_has_its_own(client):
    make_article(published=True, headline="In English")
    russian = make_edition("ru")
    make_article(published=True, edition=russian, headline="По-русски")
    assert "По-русски" in client.get("/ru/").text
    assert "In English" not in client.get("/ru/").text
    assert "По-русски" not in client.get("/").text
    assert '<html lang="ru">' in client.get("/ru/").text
    assert "Поддержать" in client.get("/ru/").text


# By hand


def headlines(stories):
    return [story.headline for story in stories]


def test_what_stands_by_hand_wins_and_the_rest_is_filled_by_rule():
    stories = make_stories(12)
    make_front(lead=[stories[9]], latest=[stories[11], stories[10]])
    page = front.arrange(make_edition(), at=timezone.now())
    assert page.lead == stories[9]
    assert page.side[:3] == [stories[11], stories[10], stories[0]]
    assert len(page.stories()) == len({story.pk for story in page.stories()})


def test_a_pin_ends_by_the_clock_and_the_next_in_the_zone_takes_its_place():
    stories, now = make_stories(5), timezone.now()
    later = now + datetime.timedelta(hours=2)
    make_front(at=now, lead=[(stories[3], {"pinned_until": later.isoformat()}), stories[4]])
    assert front.arrange(make_edition(), at=now).lead == stories[3]
    assert front.arrange(make_edition(), at=later).lead == stories[4]
    assert registry.next_due(now) == later


def test_a_place_has_words_and_a_picture_of_its_own(client):
    stories, photo = make_stories(3), make_photo(alt="A crane.")
    make_front(lead=[(stories[2], {"kicker": "live", "headline": "Shorter", "photo": photo.pk})])
    page = front.arrange(make_edition(), at=timezone.now())
    assert (page.lead.kicker, page.lead.headline, page.lead.lead_photo) == ("live", "Shorter", photo)
    assert client.get(stories[2].get_absolute_url()).text.count("Shorter") == 0
    assert "Shorter" in client.get("/").text


def test_a_story_that_is_not_public_leaves_its_place_to_the_rule():
    public, hidden = make_stories(2), make_article(headline="Secret")
    withdrawn = make_article(published=True, headline="Gone")
    front_row = make_front(lead=[hidden], latest=[withdrawn, public[1]])
    withdrawn.withdraw(by=None, at=timezone.now(), note="Wrong.")
    page = front.arrange(make_edition(), at=timezone.now())
    assert {"Secret", "Gone"}.isdisjoint(headlines(page.stories()))
    assert page.lead == public[0]
    assert front_row.places.count() == 3


def test_a_story_in_focus_stands_there_only_unless_the_zone_may_repeat():
    stories = make_stories(6)
    row = make_front(focus_title="The strike", focus=[stories[0]])
    page = front.arrange(make_edition(), at=timezone.now())
    assert page.focus.title == "The strike"
    assert headlines(page.stories()).count("Story 0 of news") == 1
    content = {**row.read_draft().content, "focus_repeats": True}
    row.save_draft(content, version=2, by=None, at=timezone.now())
    row.publish(version=3, by=None, at=timezone.now())
    page = front.arrange(make_edition(), at=timezone.now())
    assert headlines(page.stories()).count("Story 0 of news") == 2


def test_one_story_in_two_zones_blocks_publication():
    stories = make_stories(2)
    with pytest.raises(NotReady) as refused:
        make_front(lead=[stories[0]], second=[stories[0]])
    assert refused.value.problems[0].field == "second"
    with pytest.raises(NotReady):
        make_front(edition=make_edition("ru"), lead=[stories[0]])


def test_an_edition_has_one_front_and_a_section_one():
    make_front()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_front()
    section = make_section("Politics")
    make_front(section=section)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_front(section=section)


def test_a_section_is_arranged_the_same_way_and_feeds_its_block(client):
    section = make_section("Culture")
    make_stories(front.NEWEST + 1)
    old = make_article(published=True, section=section, headline="Old and dear",
                       when=timezone.now() - datetime.timedelta(days=30))  # fmt: skip
    fresh = make_article(published=True, section=section, headline="Fresh",
                         when=timezone.now() - datetime.timedelta(days=20))  # fmt: skip
    make_front(section=section, lead=[old])
    page = front.arrange(make_edition(), at=timezone.now())
    block = next(block for block in page.blocks if block.section == section)
    assert headlines(block.stories) == ["Old and dear", "Fresh"]
    text = client.get("/sections/culture/").text
    assert text.index("Old and dear") < text.index("Fresh")
    assert text.count(old.get_absolute_url()) == 1
    assert fresh.get_absolute_url() in text


@pytest.mark.django_db(transaction=True)
def test_an_arrangement_costs_one_query_more_whatever_it_holds(client, django_assert_max_num_queries, settings):
    settings.PAGE_CACHE_SECONDS = 0
    stories = make_stories(20, people=[make_person()], photo=make_photo())
    photo = {"photo": make_photo().pk}
    make_front(lead=[(stories[9], photo)], second=[(story, photo) for story in stories[10:14]], latest=stories[14:20])
    client.get("/")
    with django_assert_max_num_queries(8):
        client.get("/")


@pytest.mark.django_db(transaction=True)
def test_an_arrangement_is_there_on_the_next_request(client):
    stories = make_stories(4)
    client.get("/")
    make_front(lead=[(stories[3], {"headline": "Chosen by hand"})])
    assert "Chosen by hand" in client.get("/").text


@pytest.mark.django_db(transaction=True)
def test_a_story_is_there_on_the_next_request_after_its_publication(client):
    make_article(published=True, headline="First")
    client.get("/")
    assert client.get("/").headers["X-Page-Cache"] == "hit"
    make_article(published=True, headline="Second and new")
    assert "Second and new" in client.get("/").text
    pagecache.forget_all()
