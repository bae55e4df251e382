"""The same story in several editions: linked for readers and search engines, and behind when its source moved on."""

import datetime

import pytest
from django.utils import timezone

from articles import dashboard, translations
from newsroom.models import Edition
from tests.articles.pages import Page
from tests.make import make_article, make_edition, make_user

pytestmark = pytest.mark.django_db
BEHIND = "The original was changed after this translation."
IN_RUSSIAN = "Оригинал изменён после этого перевода."


def change(story, kind, *, at, **content):
    draft = story.read_draft()
    draft = story.save_draft({**draft.content, **content}, version=draft.version, by=None, at=at)
    story.publish(version=draft.version, by=None, at=at, change=kind)
    story.refresh_from_db()


@pytest.fixture
def pair():
    """A story and its Russian translation of an hour later, both of yesterday."""
    day = timezone.now() - datetime.timedelta(days=1)
    source = make_article(published=True, headline="Source", when=day, at=day)
    later = day + datetime.timedelta(hours=1)
    translation = make_article(
        published=True, headline="Перевод", edition=make_edition("ru"), when=later, at=later,
        translation_group=source.translation_group,
    )  # fmt: skip
    return source, translation


def alternates(client, path):
    links = Page(client.get(path).text).all("link", rel="alternate")
    return {link["hreflang"]: link["href"] for link in links if "hreflang" in link}


def test_both_name_each_other_and_the_default_edition(client, pair, settings):
    source, translation = pair
    home = settings.HOME_ORIGIN
    wanted = {
        "en": home + source.get_absolute_url(), "ru": home + translation.get_absolute_url(),
        "x-default": home + source.get_absolute_url(),
    }  # fmt: skip
    assert alternates(client, source.get_absolute_url()) == wanted
    assert alternates(client, translation.get_absolute_url()) == wanted
    fronts = {"en": f"{home}/", "ru": f"{home}/ru/", "x-default": f"{home}/"}
    assert alternates(client, "/") == alternates(client, "/ru/") == fronts


def test_a_story_without_translation_names_none(client):
    story = make_article(published=True)
    assert alternates(client, story.get_absolute_url()) == {}


@pytest.mark.parametrize("kind", ["facts", "typo"])
def test_a_translation_is_behind_when_the_source_has_new_facts_and_not_for_a_typo(client, pair, kind):
    source, translation = pair
    now = timezone.now()
    assert list(translations.behind(now)) == []
    change(source, kind, at=now, headline="Source, changed")
    is_behind = kind == "facts"
    assert (list(translations.behind(timezone.now())) == [translation]) is is_behind
    assert (IN_RUSSIAN in client.get(translation.get_absolute_url()).text) is is_behind
    assert BEHIND not in client.get(source.get_absolute_url()).text
    rows = dashboard.behind_their_source(timezone.now())
    assert [row["title"] for row in rows] == (["Перевод"] if is_behind else [])


def test_a_correction_of_the_source_leaves_its_translation_behind_until_that_moves_on_too(client, pair):
    source, translation = pair
    now = timezone.now()
    source.correct(text="The date was wrong.", version=source.read_draft().version, by=None, at=now)
    assert list(translations.behind(now)) == [translation]
    change(translation, "facts", at=now + datetime.timedelta(seconds=1), headline="Перевод, новый")
    assert list(translations.behind(now + datetime.timedelta(seconds=2))) == []


def test_the_source_is_never_behind_its_translation(pair):
    _source, translation = pair
    change(translation, "facts", at=timezone.now(), headline="Перевод, новый")
    assert list(translations.behind(timezone.now())) == []


def test_readers_of_the_translation_learn_of_the_change_at_the_next_request(client, pair, monkeypatch):
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())
    source, translation = pair
    assert IN_RUSSIAN not in client.get(translation.get_absolute_url()).text
    change(source, "facts", at=timezone.now(), headline="Source, changed")
    assert IN_RUSSIAN in client.get(translation.get_absolute_url()).text


def test_the_desk_sees_it_on_the_form_of_the_translation(client, pair):
    source, translation = pair
    change(source, "facts", at=timezone.now(), headline="Source, changed")
    client.force_login(make_user("Editor"))
    form = f"/admin/articles/article/{translation.pk}/change/"
    assert "changed after this translation" in client.get(form).text
    assert "changed after this translation" not in client.get(form.replace(str(translation.pk), str(source.pk), 1)).text


def test_an_edition_written_from_right_to_left_says_so(client):
    make_edition()
    arabic = Edition.objects.create(code="ar", language="ar", title="الفانوس", time_zone="UTC")
    story = make_article(published=True, headline="خبر", edition=arabic)
    for path in ("/ar/", story.get_absolute_url(), "/ar/text/", f"/ar/save/{story.public_id}/page"):
        (html,) = Page(client.get(path).text).all("html")
        assert (html["lang"], html["dir"]) == ("ar", "rtl"), path
    assert "dir" not in Page(client.get("/").text).all("html")[0]
