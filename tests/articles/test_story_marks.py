"""What a story says of itself: an opinion, a part of a series; and links to pass it on."""

import datetime

import pytest
from django.utils import timezone

from tests.articles.pages import Page
from tests.make import make_article, make_section, make_topic

pytestmark = pytest.mark.django_db
MARK = '<span class="kicker__kind">Opinion</span>'


def read(client, story):
    return client.get(story.get_absolute_url()).text


def test_an_opinion_is_marked_on_its_page_and_on_every_card(client):
    news = make_section("Business")
    column = make_article(published=True, headline="I think", section=news, is_opinion=True)
    plain = make_article(published=True, headline="It happened", section=news)
    assert MARK in read(client, column)
    assert "the view of the author" in read(client, column)
    assert "the view of the author" not in read(client, plain)
    for path in ("/", news.get_absolute_url(), "/topics/elections/"):
        before = client.get(path).text.split(">I think<")[0].split("<article")[-1]
        assert MARK in before, path
        assert MARK not in client.get(path).text.split(">It happened<")[0].split("<article")[-1], path


def test_every_story_of_an_opinion_section_is_marked(client):
    section = make_section("Opinion", is_opinion=True)
    story = make_article(published=True, headline="I think", section=section)
    assert "the view of the author" in read(client, story)
    assert MARK in client.get(section.get_absolute_url()).text


@pytest.fixture
def parts():
    topic = make_topic("The trial")
    topic.order = "oldest"
    topic.save()
    now = timezone.now()
    return [
        make_article(
            published=True,
            headline=f"Day {number}",
            topics=["The trial"],
            when=now - datetime.timedelta(days=9 - number),
        )
        for number in (1, 2, 3)
    ]


def test_a_part_of_a_series_says_its_place_and_leads_to_its_neighbours(client, parts):
    text = read(client, parts[1]).split('class="series"')[1].split("</nav>")[0]
    assert "Part 2 of 3" in text
    assert f'rel="prev" href="{parts[0].get_absolute_url()}"' in text
    assert f'rel="next" href="{parts[2].get_absolute_url()}"' in text
    assert 'rel="prev"' not in read(client, parts[0])
    assert 'rel="next"' not in read(client, parts[2])
    assert "Series" in client.get("/topics/the-trial/").text


def test_a_part_that_is_not_public_is_not_counted_nor_named(client, parts):
    parts[2].withdraw(by=None, at=timezone.now())
    text = read(client, parts[1])
    assert "Part 2 of 2" in text
    assert "Day 3" not in text


def test_a_new_part_stands_on_the_pages_of_the_others_at_the_next_request(client, parts, monkeypatch):
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())
    read(client, parts[2])
    make_article(published=True, headline="Day 4", topics=["The trial"])
    assert "Day 4" in read(client, parts[2]).split('class="series"')[1].split("</nav>")[0]


def test_a_topic_in_the_usual_order_makes_no_series(client):
    story = make_article(published=True, topics=["Rivers"])
    make_article(published=True, topics=["Rivers"])
    assert 'class="series"' not in read(client, story)


def test_links_to_pass_a_story_on_are_plain_and_carry_the_home_address(client):
    story = make_article(published=True, headline='Ampersands & "quotes"')
    page = Page(read(client, story))
    links = [
        link
        for link in page.all("a")
        if (link.get("href") or "").startswith(("https://t.me", "mailto:?", "https://wa"))
    ]
    assert len(links) == 3
    for link in links:
        assert story.public_id in link["href"]
        assert '"' not in link["href"]
        assert "&amp;" not in link["href"]
        assert link["referrerpolicy"] == "no-referrer"
