"""Topic hubs, and the main topic that leads to more."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Topic
from articles.reading import around
from articles.related import fillers
from tests.make import make_article, make_edition, make_section, make_topic, make_user

pytestmark = pytest.mark.django_db


def ago(hours):
    return timezone.now() - datetime.timedelta(hours=hours)


def hub(client):
    return client.get("/topics/rivers/").text


@pytest.fixture
def rivers():
    return make_topic("Rivers")


def test_the_introduction_and_the_explainer_stand_on_top_once(client, rivers):
    explainer = make_article(published=True, headline="Rivers explained", topics=["Rivers"], when=ago(90))
    make_article(published=True, headline="Today's flood", topics=["Rivers"], when=ago(1))
    rivers.intro, rivers.explainer = "Water and those who live by it.", explainer
    rivers.save()
    text = hub(client)
    assert "Water and those who live by it." in text
    assert text.index("Rivers explained") < text.index("Today&#x27;s flood")
    assert text.count(explainer.get_absolute_url()) == 1


def test_an_explainer_that_is_not_public_or_of_another_edition_does_not_stand(client, rivers):
    make_article(published=True, headline="Flood", topics=["Rivers"])
    rivers.explainer = make_article(headline="Unfinished")
    rivers.save()
    assert "Unfinished" not in hub(client)
    rivers.explainer = make_article(published=True, headline="По-русски", edition=make_edition("ru"))
    rivers.save()
    assert "По-русски" not in hub(client)


def test_a_story_told_in_order_begins_with_the_oldest(client, rivers, settings):
    settings.PAGE_CACHE_SECONDS = 0
    make_article(published=True, headline="Part two", topics=["Rivers"], when=ago(1))
    make_article(published=True, headline="Part one", topics=["Rivers"], when=ago(2))
    assert (text := hub(client)).index("Part two") < text.index("Part one")
    rivers.order = Topic.Order.OLDEST
    rivers.save()
    assert (text := hub(client)).index("Part one") < text.index("Part two")


def test_new_topics_are_stored_together_beside_those_that_stand(django_assert_num_queries):
    make_topic("Café"), make_topic("Cafe 1")
    wanted = Topic.named(["Cafe", "café", "CAFÉ!", "Rivers", "Rivers?"])
    with django_assert_num_queries(3):  # two of them the savepoint
        made = Topic.made(wanted)
    assert [topic.name for topic in made] == ["Cafe", "Café", "CAFÉ!", "Rivers", "Rivers?"]
    assert [topic.slug for topic in made] == ["cafe-2", "cafe", "cafe-3", "rivers", "rivers-1"]
    with django_assert_num_queries(0):
        assert Topic.made(made) == made


def test_a_topic_that_somebody_else_stores_meanwhile_is_taken():
    wanted = Topic.named(["Rivers", "Hills"])
    theirs = make_topic("Rivers")
    made = Topic.made(wanted)
    assert [topic.pk for topic in made] == [theirs.pk, Topic.objects.get(name="Hills").pk]
    assert Topic.objects.get(name="Rivers").slug == theirs.slug


def test_a_slug_that_somebody_else_takes_meanwhile_is_numbered():
    wanted = Topic.named(["Rivers", "Hills"])
    make_topic("rivers!")
    assert [topic.slug for topic in Topic.made(wanted)] == ["rivers-1", "hills"]


def test_a_topic_has_a_feed_of_its_own(client, rivers):
    make_article(published=True, headline="Flood", topics=["Rivers"])
    make_article(published=True, headline="Budget", topics=["Money"])
    feed = client.get("/topics/rivers/feed.xml")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "Flood" in feed.text
    assert "Budget" not in feed.text
    assert '/topics/rivers/feed.xml"' in hub(client)
    make_topic("Empty")
    assert client.get("/topics/empty/feed.xml").status_code == 404


def test_read_more_prefers_hand_picks_then_the_main_topic_then_shared_ones_then_the_section():
    other, section = make_section("Culture"), make_section("Politics")
    make_article(published=True, headline="same section", section=section, topics=["Else"])
    make_article(published=True, headline="shares two", section=other, topics=["Rivers", "Money"], when=ago(9))
    make_article(
        published=True, headline="main", section=other, topics=["Rivers"], main_topic="Rivers", when=ago(99)
    )  # fmt: skip
    picked = make_article(published=True, headline="picked", section=other, topics=["Else"], when=ago(999))
    make_article(published=True, headline="not to be recommended", topics=["Rivers"], main_topic="Rivers",
                 is_recommended=False)  # fmt: skip
    story = make_article(
        published=True, section=section, topics=["Rivers", "Money"], main_topic="Rivers", related=[picked.pk]
    )
    topics = [item.tag for item in story.topic_items.all()]
    now = timezone.now()
    headlines = dict(Article.objects.values_list("pk", "headline"))
    keys = fillers(story, topics=topics, at=now, count=4)
    assert [headlines[pk] for pk in keys] == ["main", "shares two", "same section"]
    assert [more.headline for more in around(story, topics=topics, at=now).more] == ["picked", "main", "shares two"]
    assert fillers(story, topics=[], at=now) == [pk for pk, headline in headlines.items() if headline == "same section"]


def test_an_editor_sets_order_and_explainer_and_a_wrong_one_is_refused(client, rivers):
    client.force_login(make_user("Editor"))
    story = make_article(published=True)
    address = reverse("admin:articles_topic_change", args=[rivers.pk])
    data = {"name": "Rivers", "slug": "rivers", "intro": "", "order": "oldest"}
    assert "There is no such story." in client.post(address, {**data, "explainer": "nothing"}).text
    assert client.post(address, {**data, "explainer": story.public_id}).status_code == 302
    rivers.refresh_from_db()
    assert (rivers.order, rivers.explainer) == ("oldest", story)
    assert story.public_id in client.get(address).text
