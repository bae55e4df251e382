"""What the tests are built with works itself."""

import pytest

from articles.models import Article, Page
from tests import make

pytestmark = pytest.mark.django_db


def test_a_published_article_with_everything_is_public():
    person, photo = make.make_person("Ada Brandt"), make.make_photo()
    article = make.make_article(published=True, people=[person], photo=photo, topics=["Harbour", "Strike"])
    assert list(Article.objects.published()) == [article]
    assert [byline.person for byline in article.bylines.all()] == [person]
    assert {topic.name for topic in article.topics.all()} == {"Harbour", "Strike"}
    assert article.lead_photo == photo


def test_an_unpublished_article_is_not_public():
    make.make_article()
    assert not Article.objects.published().exists()


def test_a_page_is_public():
    page = make.make_page()
    assert list(Page.objects.published()) == [page]


@pytest.mark.parametrize("role", ["Reporter", "Editor", "Photo editor", "Administrator"])
def test_a_user_has_the_rights_of_the_role(role):
    assert make.make_user(role).has_perm("articles.view_article")


def test_editions_are_made_once():
    assert make.make_edition("ru") == make.make_edition("ru")
