"""The page of a story."""

import datetime

import pytest
from django.utils import timezone

from articles.models import Article, Byline
from newsroom import registry
from tests.articles.pages import Page
from tests.make import article_content, make_article, make_edition, make_person, make_photo, make_section

pytestmark = pytest.mark.django_db
MORNING = datetime.datetime(2026, 11, 18, 6, 40, tzinfo=datetime.UTC)


def read(client, article):
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    return Page(response.text)


def test_it_shows_kicker_headline_standfirst_byline_and_times(client):
    make_edition(time_zone_label="Linnhaven time")
    article = make_article(
        published=True,
        at=MORNING,
        kicker="price of bread",
        headline="Bakers hold the price",
        people=[make_person("Ada Bren")],
    )
    Article.objects.update(updated_at=MORNING + datetime.timedelta(hours=7))
    text = read(client, article).text
    assert "price of bread Bakers hold the price Ships left at dawn" in text
    assert "By Ada Bren" in text
    assert "Published 18 November 2026, 07:40 Updated 14:40 Linnhaven time" in text


def test_the_lead_photo_has_alt_size_caption_and_credit_in_the_trade_form(client):
    article = make_article(published=True, photo=make_photo(), lead_caption="A stall on Tuesday")
    page = read(client, article)
    image = page.all("img")[0]
    assert image["alt"] == "A queue of people in front of a school."
    assert image["width"]
    assert image["height"]
    assert "A stall on Tuesday. Emmanuel Bonne / EPA" in page.text


def test_a_decorative_lead_photo_has_an_empty_alt(client):
    article = make_article(published=True, photo=make_photo(), lead_decorative=True)
    assert read(client, article).all("img")[0]["alt"] == ""


def test_a_withheld_name_stands_nowhere(client):
    article = make_article(published=True, people=[make_person("Secret Name")])
    article.bylines.get().person.__class__.objects.update(name_state="withheld")
    text = client.get(article.get_absolute_url()).text
    assert "Secret" not in text
    assert f"By {article.edition.title}" in text


def test_roles_are_worded(client):
    article = make_article(published=True, people=[make_person("Ada Bren")])
    Byline.objects.create(article=article, person=make_person("Cal Dorn"), role="photos", position=2)
    assert "Photos by Cal Dorn" in read(client, article).text


@pytest.mark.parametrize("spelling", ["/2020/01/01/other-{id}", "/2020/01/01/{id}", "/2020/01/01/x-{upper}", "{path}/"])
def test_every_other_spelling_leads_to_the_address(client, spelling):
    article = make_article(published=True)
    path = article.get_absolute_url()
    response = client.get(spelling.format(id=article.public_id, upper=article.public_id.upper(), path=path))
    assert response.status_code == 301
    assert response.headers["Location"] == path


def test_another_edition_leads_to_the_address_too(client):
    make_edition()
    make_edition("ru")
    article = make_article(published=True)
    response = client.get("/ru" + article.get_absolute_url())
    assert response.headers["Location"] == article.get_absolute_url()


@pytest.mark.parametrize(
    "path", ["/2026/11/18/none-00000000", "/2026/11/18/", "/2026/11/18/x", "/9999/99/99/x-zzzzzzzz"]
)
def test_an_unknown_address_is_a_404(client, path):
    make_edition()
    assert client.get(path).status_code == 404


def test_an_unpublished_story_is_a_404(client):
    article = make_article()
    assert client.get(f"/2026/11/18/harbour-{article.public_id}").status_code == 404


def test_a_scheduled_or_expired_story_is_a_404(client):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    scheduled = make_article(published=True, when=tomorrow)
    assert client.get(scheduled.get_absolute_url()).status_code == 404
    expired = make_article(published=True)
    Article.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    assert client.get(expired.get_absolute_url()).status_code == 404


def test_a_withdrawn_story_answers_gone_with_its_explanation(client):
    article = make_article(published=True, headline="A claim we cannot prove")
    article.withdraw(by=None, at=timezone.now(), note="The document was forged.")
    response = client.get(article.get_absolute_url())
    assert response.status_code == 410
    assert "The document was forged." in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert "A claim we cannot prove" not in response.text


def test_a_story_withdrawn_before_its_time_is_not_known(client):
    article = make_article(published=True, when=timezone.now() + datetime.timedelta(days=1))
    article.withdraw(by=None, at=timezone.now(), note="Never mind.")
    assert client.get(article.get_absolute_url()).status_code == 404


def test_a_draft_of_a_live_story_is_not_shown(client):
    article = make_article(published=True, headline="As published")
    draft = article.read_draft()
    article.save_draft({**draft.content, "headline": "Not yet"}, version=draft.version, by=None, at=timezone.now())
    text = client.get(article.get_absolute_url()).text
    assert "As published" in text
    assert "Not yet" not in text


def test_translations_are_linked_both_ways(client):
    article = make_article(published=True)
    other = make_article(
        published=True, edition=make_edition("ru"), headline="Порт открыт", translation_group=article.translation_group
    )
    page = read(client, article)
    assert {link["hreflang"] for link in page.all("link", rel="alternate") if "hreflang" in link} == {
        "en", "ru", "x-default"
    }  # fmt: skip
    assert other.get_absolute_url() in page.links()
    assert "Читать этот материал по-русски" in page.text
    assert article.get_absolute_url() in read(client, other).links()


def test_an_unpublished_translation_is_not_linked(client):
    article = make_article(published=True)
    make_article(edition=make_edition("ru"), translation_group=article.translation_group)
    assert not [link for link in read(client, article).all("link", rel="alternate") if "hreflang" in link]


def test_read_more_takes_hand_picked_stories_first_and_only_public_ones(client):
    same_topic = make_article(published=True, headline="Same topic")
    picked = make_article(published=True, headline="Picked", topics=["Rivers"])
    hidden = make_article(headline="Hidden draft")
    article = make_article(published=True, headline="The story", related=[picked.pk, hidden.pk])
    text = read(client, article).text
    more = text[text.index("Read more") :]
    assert more.index("Picked") < more.index("Same topic")
    assert "Hidden draft" not in more
    assert "The story" not in more
    assert same_topic.get_absolute_url() in read(client, article).links()


def test_a_box_in_the_body_is_not_repeated_below(client, monkeypatch):
    monkeypatch.setitem(registry.boxes._entries, "newsletter", lambda context: "<p>BOX</p>")
    body = '<p>One.</p><div data-box="newsletter"></div><p>Two.</p>'
    assert read(client, make_article(published=True, body_html=body)).text.count("BOX") == 1
    assert read(client, make_article(published=True)).text.count("BOX") == 1


def test_a_story_may_be_spared_the_message_to_readers(client, monkeypatch):
    monkeypatch.setitem(registry.boxes._entries, "support", lambda context: "<p>GIVE</p>")
    assert "GIVE" in read(client, make_article(published=True)).text
    assert "GIVE" not in read(client, make_article(published=True, asks_off=True)).text


@pytest.mark.django_db(transaction=True)
def test_it_asks_no_more_for_many_names_photos_and_links_than_for_one(client, django_assert_max_num_queries, settings):
    settings.PAGE_CACHE_SECONDS = 0
    photos = [make_photo() for _number in range(4)]
    others = [make_article(published=True) for _number in range(4)]
    body = "".join(f'<figure data-photo="{photo.public_id}"><figcaption></figcaption></figure>' for photo in photos)
    body += "".join(f'<p><a data-article="{other.public_id}">x</a></p>' for other in others)
    people = [make_person() for _number in range(4)]
    article = make_article(published=True, body_html=body + "<p>End.</p>", people=people, photo=photos[0])
    read(client, article)
    with django_assert_max_num_queries(10):
        read(client, article)


def test_article_content_of_the_tests_is_publishable():
    content = article_content(section=make_section())
    assert not [p for p in Article.begin(content, by=None, at=MORNING, edition=make_edition()).problems() if p.blocks]
