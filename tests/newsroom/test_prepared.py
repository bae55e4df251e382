"""Prepared queries answer as their querysets do, and refuse what they cannot carry."""

import datetime

import pytest
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from articles.models import Article, Byline, TopicOnArticle
from newsroom.listed import Listed
from newsroom.prepared import Prepared
from tests.make import make_article, make_person

pytestmark = pytest.mark.django_db
FIELD = Article._meta.get_field
HOUR = datetime.timedelta(hours=1)


def with_lists(public_id):
    topics = TopicOnArticle.objects.filter(content_object=OuterRef("pk")).order_by("pk")
    return Article.objects.filter(public_id=public_id).annotate(
        listed=Listed(topics.values(t_id=F("tag_id"))),
        is_signed=Exists(Byline.objects.filter(article=OuterRef("pk"))),
    )[:1]  # fmt: skip


def public(section, at):
    return Article.objects.published(at).filter(section=section).newest_first().values_list("pk", "published_at")


def test_an_instance_is_the_one_of_the_queryset():
    prepared = Prepared(with_lists, FIELD("public_id"))
    for headline, people in (("One", [make_person()]), ("Two", [])):
        story = make_article(published=True, headline=headline, people=people)
        found, expected = prepared.first(story.public_id), with_lists(story.public_id).first()
        assert found == expected
        assert {name: value for name, value in vars(found).items() if name != "_state"} == {
            name: value for name, value in vars(expected).items() if name != "_state"
        }
        assert found._state.db == expected._state.db
        assert not found._state.adding


def test_nothing_is_none():
    assert Prepared(with_lists, FIELD("public_id")).first("absent") is None


def test_rows_are_those_of_the_queryset_at_any_time_and_for_any_value():
    now = timezone.now()
    prepared = Prepared(public, FIELD("section"), FIELD("published_at"))
    first = make_article(published=True, at=now - HOUR)
    make_article(published=True, section=first.section, at=now - HOUR, when=now + HOUR)
    make_article(published=True, section=None, at=now - HOUR)
    for section in {story.section for story in Article.objects.all()}:
        for at in (now - 2 * HOUR, now, now + 2 * HOUR):
            assert [tuple(row) for row in prepared.rows(section.pk, at)] == list(public(section.pk, at))


def test_a_value_that_is_changed_on_its_way_into_the_query_is_refused():
    prepared = Prepared(lambda word: Article.objects.filter(headline__contains=word), FIELD("headline"))
    with pytest.raises(ValueError, match="does not stand in the SQL"):
        prepared.rows("x")
