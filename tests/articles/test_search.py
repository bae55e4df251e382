"""Search, the page and the index."""

import datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from articles import search
from articles.models import Article, LiveEntry, SearchEntry, SearchStem
from articles.tasks import update_index
from newsroom import worker
from tests.make import make_article, make_edition, make_person, make_section

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
    call_command("rebuild_search")
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
    people = [make_person(f"Ada {number}") for number in range(4)]
    for number in range(12):
        make_indexed(headline="Lighthouse sold", people=people, topics=[f"Topic {number}", "Coast"])
    client.get("/search/")
    for words in ("lighthouse", "lighthouse&topic=coast", "lighthuose+sold", "lighthouse+elephant", "elephant"):
        with django_assert_max_num_queries(12):
            assert client.get(f"/search/?q={words}").status_code == 200


def test_an_excerpt_shows_the_first_hit_and_escapes():
    text = "word " * 100 + "<b>lighthouse</b> " + "word " * 100
    excerpt = search.highlight(text, ["lighthous"])
    assert "&lt;b&gt;<mark>lighthouse</mark>&lt;/b&gt;" in excerpt
    assert excerpt.startswith("… ")
    assert len(excerpt) < 400


class AnyText(TestCase):
    @hypothesis_settings(max_examples=60, deadline=None)
    @given(st.text(max_size=60))
    def test_never_breaks_the_index(self, text):
        search.find(text, Article.objects.all())
        search.highlight(text, search.words(text))


def asked(query, *, at=None):
    return search.ask(query, Article.objects.published(at), at=at)


def days_ago(days):
    return timezone.now() - datetime.timedelta(days=days)


def test_of_two_stories_that_say_the_same_the_newer_one_comes_first_whichever_was_written_last():
    new = make_indexed(headline="Lighthouse sold", when=days_ago(1))
    old = make_indexed(headline="Lighthouse sold", when=days_ago(900))
    assert found("lighthouse") == [new.pk, old.pk]


def test_an_old_headline_still_beats_a_new_passing_mention():
    old = make_indexed(headline="Lighthouse sold", when=days_ago(900))
    new = make_indexed(headline="Weather", body_html=f"<p>The lighthouse. {'More words follow. ' * 60}</p>")
    assert found("lighthouse") == [old.pk, new.pk]


@pytest.mark.parametrize(
    "typed", ["lighthuose", "lihgthouse", "lighthhouse", "lightouse", "loghthouse", "investigaton", "ivnestigations"]
)
def test_a_typing_error_is_forgiven(typed):
    story = make_indexed(headline="Lighthouse investigation")
    answer = asked(typed)
    assert (answer.ids, answer.is_guess) == ([story.pk], True)


@pytest.mark.parametrize("typed", ["elephant", "lake", "house", "lgt", "xq"])
def test_another_word_is_no_typing_error(typed):
    make_indexed(headline="Lighthouse investigation")
    assert asked(typed).ids == []


@pytest.mark.parametrize("typed", ["гаваьн", "гваань", "ufdfym", "удиивтельная гавань"])
def test_a_typing_error_in_russian_or_on_the_wrong_keyboard_is_forgiven(typed):
    story = make_indexed(edition=make_edition("ru"), headline="Удивительная гавань")
    assert asked(typed).ids == [story.pk]


def test_a_word_that_is_there_is_never_taken_for_an_error():
    make_indexed(headline="Harbour reopens")
    short = make_indexed(headline="Harbor in America")
    answer = asked("harbor")
    assert (answer.ids, answer.is_guess) == ([short.pk], False)


def test_stories_with_some_of_the_words_stand_in_when_none_has_all():
    story = make_indexed(headline="Harbour reopens")
    answer = asked("harbour elephants zebras")
    assert (answer.ids, answer.holds_all) == ([story.pk], False)


def test_words_that_say_nothing_are_not_looked_for_unless_there_are_no_others():
    story = make_indexed(headline="Harbour reopens", standfirst="", body_html="<p>Words.</p>")
    assert found("and the harbour") == [story.pk]
    assert found("the") == []


def test_a_story_is_in_the_index_only_while_it_is_public():
    now, later = timezone.now(), timezone.now() + datetime.timedelta(hours=2)
    story = make_article(published=True, headline="Quokka", when=now + datetime.timedelta(hours=1))
    update_index.func(article_id=story.pk)
    assert not SearchStem.objects.filter(stem="quokka").exists()
    assert search.catch_up(at=later, limit=10) == 1
    assert SearchStem.objects.get(stem="quokka").stories == 1
    assert asked("quokak", at=later).ids == [story.pk]
    assert asked("quokak", at=now).ids == []
    story.withdraw(by=None, at=later, note="")
    assert search.catch_up(at=later, limit=10) == 1
    assert not SearchStem.objects.filter(stem="quokka").exists()
    assert not SearchEntry.objects.exists()


def test_the_vocabulary_counts_stories_however_often_they_are_written():
    first, second = make_indexed(headline="Quokka"), make_indexed(headline="Quokkas seen")
    for story in (first, second, first):
        update_index.func(article_id=story.pk)
    assert SearchStem.objects.get(stem="quokka").stories == 2
    search.remove(first.pk)
    assert SearchStem.objects.get(stem="quokka").stories == 1


def test_publication_embargo_and_withdrawal_leave_a_task_that_keeps_the_index():
    now = timezone.now()
    story = make_article(published=True, headline="Quokka")
    story.set_times(embargo_until=now + datetime.timedelta(hours=1), expires_at=None, by=None, at=now)
    worker.drain(at=now)
    assert not SearchStem.objects.filter(stem="quokka").exists()
    later = now + datetime.timedelta(hours=1, seconds=1)
    with time_machine.travel(later, tick=False):
        worker.drain(at=later)
        assert asked("quokka", at=later).ids == [story.pk]
        story.withdraw(by=None, at=later, note="")
        worker.drain(at=later)
    assert not SearchStem.objects.filter(stem="quokka").exists()


def test_the_entries_of_a_live_story_are_found_until_they_are_taken_back():
    story, now = make_indexed(), timezone.now()
    entry = LiveEntry.write(story, title="Ferry sails", text="", is_key=False, by=None, at=now)
    worker.drain(at=now)
    assert found("ferry sails") == [story.pk]
    entry.take_back(by=None, at=now)
    worker.drain(at=now)
    assert found("sails") == []


def test_who_signs_is_in_no_index_and_found_by_the_page_only_while_named(client):
    ada = make_person("Ada Brenova", slug="ada-brenova")
    make_indexed(headline="Harbour reopens", people=[ada])
    assert not SearchStem.objects.filter(stem__startswith="brenov").exists()
    assert "/people/ada-brenova/" in client.get("/search/?q=brenova").text
    assert "Harbour reopens" in client.get("/search/?person=ada-brenova").text
    ada.name_state = "withheld"
    ada.save()
    assert "/people/ada-brenova/" not in client.get("/search/?q=brenova").text
    text = client.get("/search/?person=ada-brenova").text
    assert "Harbour reopens" not in text
    assert "nobody of that name" in text


def test_a_rebuild_that_was_stopped_goes_on_where_it_ended(monkeypatch, capsys):
    stories = [make_indexed(headline="Lighthouse") for _number in range(3)]
    search.forget()
    search.catch_up(at=timezone.now(), limit=2)
    assert SearchEntry.objects.filter(generation=search.CURRENT).count() == 2
    assert len(found("lighthouse")) == 3
    call_command("rebuild_search")
    assert "Going on" in capsys.readouterr().out
    assert SearchEntry.objects.filter(generation=search.CURRENT).count() == 3
    call_command("rebuild_search")
    assert "3 stories" in capsys.readouterr().out
    assert SearchStem.objects.get(stem=search.stem("lighthouse")).stories == len(stories)


def test_the_filters_narrow_and_can_be_taken_away(client):
    sport, ada = make_section("Sport"), make_person("Ada Bren", slug="ada-bren")
    make_indexed(headline="Lighthouse race", section=sport, topics=["Coast"], people=[ada], when=days_ago(40))
    make_indexed(headline="Lighthouse sold", topics=["Money"])
    day = days_ago(40).date()
    for name, value in (("section", "sport"), ("topic", "coast"), ("person", "ada-bren"),
                        ("until", day + datetime.timedelta(days=2))):  # fmt: skip
        text = client.get("/search/", {"q": "lighthouse", name: value}).text
        assert "race" in text, name
        assert "sold" not in text, name
        assert 'class="chip" href="?q=lighthouse"' in text, name
    text = client.get("/search/", {"q": "lighthouse", "since": day + datetime.timedelta(days=2)}).text
    assert "sold" in text
    assert "race" not in text
    assert "race" in client.get("/search/", {"section": "sport"}).text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("section", "nowhere", "no such section"), ("topic", "x'); --", "no such topic"),
        ("person", "\ufffd", "cannot be"), ("person", "nobody", "nobody of that name"),
        ("since", "yesterday", "write the day"), ("since", "0001-01-01", "write the day"),
        ("until", "9999-12-31", "write the day"), ("topic", "x" * 300, "at most 100 characters"),
        ("since", "2026-02-30", "write the day"), ("section", "\x00", "cannot be"),
    ],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused_with_a_sentence(client, name, value, words):
    make_indexed(headline="Lighthouse")
    answer = client.get("/search/", {"q": "lighthouse", name: value})
    assert answer.status_code == 200
    assert words in answer.text
    assert "<mark>" not in answer.text


def test_days_in_the_wrong_order_are_refused(client):
    make_edition()
    assert "before the first one" in client.get("/search/?q=a&since=2026-02-02&until=2026-02-01").text


def test_the_page_says_what_it_took_the_words_for_and_never_in_words_that_nobody_may_read(client):
    make_indexed(headline="Lighthouses sold")
    hidden = make_article(published=True, headline="Quokkasecret", when=timezone.now() + datetime.timedelta(days=1))
    update_index.func(article_id=hidden.pk)
    assert "These hold “Lighthouses”" in client.get("/search/?q=lighthuoses").text
    assert "okkasecret" not in client.get("/search/?q=quokkasecrte").text.replace("quokkasecrte", "")


def test_an_empty_answer_points_to_other_editions_topics_and_the_archive(client):
    make_edition()
    make_indexed(edition=make_edition("ru"), headline="Гавань открыта")
    text = client.get("/search/?q=гавань&since=2020-01-01").text
    assert "/ru/search/?q=" in text
    assert "The same words without filters" in text
    assert "/archive/" in text


def test_what_was_found_can_be_narrowed_by_its_topics_and_people(client):
    ada, silent = make_person("Ada Bren", slug="ada-bren"), make_person("Silent One", name_state="withheld")
    for _number in range(2):
        make_indexed(headline="Lighthouse", topics=["Coast"], people=[ada, silent])
    text = client.get("/search/?q=lighthouse").text
    assert 'href="?q=lighthouse&amp;topic=coast">Coast <span>2</span>' in text
    assert 'href="?q=lighthouse&amp;person=ada-bren">Ada Bren <span>2</span>' in text
    assert "Silent" not in text


def test_a_choice_has_no_longest_length(client):
    make_section("Politics")
    select = client.get("/search/").text.split('<select name="section"')[1].split(">")[0]
    assert "maxlength" not in select
