"""Search, the page and the index."""

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import search
from articles.models import Article
from articles.tasks import update_index
from tests.make import make_article, make_edition

pytestmark = pytest.mark.django_db


def make_indexed(**given):
    article = make_article(published=True, **given)
    update_index.func(article_id=article.pk)
    return article


def found(query):
    return search.find(query, Article.objects.published())


def test_words_are_found_in_any_form_in_english_and_russian():
    english = make_indexed(headline="Judges investigated the harbours")
    russian = make_indexed(edition=make_edition("ru"), headline="Ёлки на берегах", body_html="<p>Судьи молчали.</p>")
    assert found("harbour investigation") == [english.pk]
    assert found("берег") == [russian.pk]
    assert found("судья елка") == [russian.pk]


def test_every_word_must_be_there():
    make_indexed(headline="Harbour reopens")
    assert found("harbour elephants") == []


def test_the_headline_counts_most():
    body = make_indexed(
        headline="Something else", body_html="<p>The lighthouse is dark. " + "More words. " * 30 + "</p>"
    )
    headline = make_indexed(headline="Lighthouse sold")
    assert found("lighthouse") == [headline.pk, body.pk]


def test_only_public_stories_are_found():
    article = make_indexed(headline="Lighthouse sold")
    article.withdraw(by=None, at=timezone.now(), note="")
    assert found("lighthouse") == []
    update_index.func(article_id=article.pk)
    assert search.find("lighthouse", Article.objects.all()) == []


def test_a_new_wording_replaces_the_old_one():
    article = make_indexed(headline="Lighthouse sold")
    article.headline = "Ferry sold"
    article.save()
    update_index.func(article_id=article.pk)
    assert found("lighthouse") == []
    assert found("ferry") == [article.pk]


def test_the_index_of_a_story_that_is_gone_is_emptied():
    update_index.func(article_id=10**9)


def test_reindex_builds_it_anew(capsys):
    article = make_article(published=True, headline="Lighthouse sold")
    make_article(headline="Lighthouse draft")
    call_command("reindex")
    assert "1 stories" in capsys.readouterr().out
    assert found("lighthouse") == [article.pk]


def test_the_page_marks_what_it_found(client):
    make_indexed(headline="Judges and <harbours>")
    text = client.get("/search/?q=harbour").text
    assert "Judges and &lt;<mark>harbours</mark>&gt;" in text
    assert "1 story" in text


def test_the_page_says_when_there_is_nothing(client):
    make_edition()
    assert "Nothing found" in client.get("/search/?q=elephant").text
    assert "Nothing found" not in client.get("/search/").text


def test_the_page_is_stored_nowhere(client):
    make_edition()
    headers = client.get("/search/?q=secret").headers
    assert "no-store" in headers["Cache-Control"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "query",
    ['"', "'", "a OR b", "NEAR(", "-", "*", "%", "()", "title:x", "^", "🐘", "\\", "<script>", "\u200b"],
)
def test_any_text_is_a_legal_query(client, query):
    make_indexed()
    assert client.get("/search/", {"q": query}).status_code == 200


@pytest.mark.parametrize("query", ["%00", "a%00b", "%ff%fe", "%ed%a0%80", "x" * 161, "a+" * 90])
def test_bad_input_is_refused_with_a_sentence_or_read_as_text(client, query):
    make_indexed()
    response = client.get(f"/search/?q={query}")
    assert response.status_code == 200


def test_too_long_a_query_is_refused_at_the_field_and_kept(client):
    make_edition()
    text = client.get("/search/", {"q": "x" * 161}).text
    assert "at most 160 characters" in text
    assert "x" * 161 in text
    assert 'aria-invalid="true"' in text


def test_control_characters_are_refused_at_the_field(client):
    make_edition()
    assert "cannot be shown" in client.get("/search/", {"q": "a\x00b"}).text


def test_results_have_pages_that_keep_the_query(client):
    for _number in range(21):
        make_indexed(headline="Lighthouse sold")
    text = client.get("/search/?q=lighthouse&evil=1").text
    assert 'href="?q=lighthouse&amp;page=2"' in text
    assert client.get("/search/?q=lighthouse&page=3").status_code == 404


def test_results_ask_as_often_for_many_as_for_few(client, django_assert_max_num_queries):
    for _number in range(12):
        make_indexed(headline="Lighthouse sold")
    with django_assert_max_num_queries(6):
        client.get("/search/?q=lighthouse")


def test_an_excerpt_shows_the_first_hit_and_escapes():
    text = "word " * 100 + "<b>lighthouse</b> " + "word " * 100
    excerpt = search.highlight(text, "lighthouses")
    assert "&lt;b&gt;<mark>lighthouse</mark>&lt;/b&gt;" in excerpt
    assert excerpt.startswith("… ")
    assert len(excerpt) < 400


class AnyText(TestCase):
    @hypothesis_settings(max_examples=60, deadline=None)
    @given(st.text(max_size=60))
    def test_never_breaks_the_index(self, text):
        search.find(text, Article.objects.all())
        search.highlight(text, text)
