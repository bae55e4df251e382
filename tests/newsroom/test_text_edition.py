"""The text edition: every page in words, light, with its links and forms, and true at the next request."""

import gzip

import pytest
from django.utils import timezone

from articles.tasks import update_index
from newsroom import registry, text_edition, words_alone
from newsroom.editions import all_editions
from tests.articles.pages import Page
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section
from tests.newsletters.make import make_newsletter, send_letter

pytestmark = pytest.mark.django_db
SAME = str


@pytest.fixture
def story():
    """A small site in two editions; returns a story with all that a story may have."""
    make_edition(postal_address="1 Quay")
    russian, photo, person = make_edition("ru", postal_address="1 Quay"), make_photo(), make_person("Ada Bren")
    make_article(published=True, headline="Мнение", section=make_section("Мнения", edition=russian))
    make_page("about")
    other = make_article(published=True, headline="Other news")
    body = (
        f'<h2>Subhead</h2><p>Text with <em>stress</em>.<sup data-footnote="A source."></sup></p>'
        f'<figure data-photo="{photo.public_id}"><figcaption>The quay.</figcaption></figure>'
        f'<div data-related="{other.public_id}"></div><table><tbody><tr><th>Ship</th><td>Tons</td></tr></tbody></table>'
        '<div data-embed="https://video.example/1" data-title="A film"></div>'
    )
    story = make_article(
        published=True, headline="Whole & <story>", people=[person], photo=photo, body_html=body, topics=["Rivers"]
    )
    send_letter(make_newsletter(slug="week", edition=make_edition()), [story])
    return story


def pages(client):
    """Yield (path, answer) of each public page."""
    for edition in all_editions():
        for find in registry.public_urls.values():
            for path in find(edition):
                answer = client.get(path)
                if answer.headers["Content-Type"].startswith("text/html") and "Content-Disposition" not in answer:
                    yield path, answer


def of(path):
    return next((f"/ru/text{path[3:]}" for _once in [1] if path.startswith("/ru/")), f"/text{path}")


def test_every_page_has_a_text_edition_and_leads_to_it(client, story):
    seen = 0
    for path, answer in pages(client):
        text = client.get(of(path))
        assert text.status_code == 200, path
        page = Page(text.text)
        assert len(page.all("h1")) == 1, path
        assert page.all("html")[0]["lang"] == ("ru" if path.startswith("/ru/") else "en"), path
        assert not page.all("img") + page.all("picture") + page.all("script"), path
        assert of(path) in Page(answer.text).links(), path
        assert path in page.links(), path
        seen += 1
    assert seen > 20


def test_the_text_of_a_story_says_all_that_the_story_says(client, story):
    page = Page(client.get(f"/text{story.get_absolute_url()}").text)
    for words in (
        "Whole & <story>", "Ada Bren", "with stress", "A source.", "The quay.", "Emmanuel Bonne / EPA", "Ship",
        "Tons", "A film", "A queue of people in front of a school.", "Subhead",
    ):  # fmt: skip
        assert words in page.text, words


def test_links_stay_in_the_text_edition_and_lead_somewhere(client, story):
    pages_to_ask, seen = ["/text/", "/ru/text/"], set()
    while pages_to_ask:
        path = pages_to_ask.pop()
        if path in seen or len(seen) > 80:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code in {200, 404 if "privacy" in path or "corrections" in path else 200}, path
        pages_to_ask += [
            link.partition("#")[0] for link in Page(answer.text).links() if link.startswith(("/text/", "/ru/text/"))
        ]
    assert f"/text{story.get_absolute_url()}" in seen
    assert "/text/newsletters/week/1/" in seen


def test_a_search_works_in_text(client, story):
    update_index.func(article_id=story.pk)
    page = Page(client.get("/text/search/", {"q": "subhead"}).text)
    assert f"/text{story.get_absolute_url()}" in page.links()
    assert page.all("form")[0]["action"] == "/text/search/"
    assert page.all("input", name="q")[0]["value"] == "subhead"


@pytest.mark.parametrize(
    "path",
    ["/text/admin/", "/text/accounts/login/", "/text/feed.xml", "/text/text/", "/text/nothing/", "/text//",
     "/text/count/", "/text/healthz", "/text/media/x.jpg", "/text/support/give/", "/text/../admin/",
     "/text/preview/abc/"],
)  # fmt: skip
def test_nothing_but_reader_pages_has_a_text_edition(client, story, path):
    assert client.get(path).status_code == 404


def test_another_spelling_leads_to_the_text_of_the_right_one(client, story):
    answer = client.get(f"/text/2020/01/01/x-{story.public_id}")
    assert (answer.status_code, answer["Location"]) == (301, f"/text{story.get_absolute_url()}")


def test_the_text_is_stored_and_forgotten_with_its_page(client, story, monkeypatch):
    from django.db import transaction

    monkeypatch.setattr(transaction, "on_commit", lambda act, *args, **kwargs: act())
    path = f"/text{story.get_absolute_url()}"
    client.get(path)
    assert client.get(path).headers["X-Page-Cache"] == "hit"
    assert client.get("/text/search/", {"q": "x"}).headers["Cache-Control"] == "private, no-store"
    story.withdraw(by=None, at=timezone.now(), note="It was wrong.")
    answer = client.get(path)
    assert answer.status_code == 410
    assert "It was wrong." in answer.text
    assert "Whole" not in client.get("/text/").text


def test_the_longest_story_is_light(client):
    """Twice the longest story of the demo, of words that compress no better than prose."""
    import random

    chance = random.Random(7)
    words = ["".join(chance.choice("etaoinshrdlu") for _ in range(chance.randint(2, 9))) for _ in range(1500)]
    body = "".join(f"<p>{' '.join(chance.choices(words, k=80))}.</p>" for _paragraph in range(60))
    story = make_article(published=True, body_html=body)
    answer = client.get(f"/text{story.get_absolute_url()}")
    assert answer.text.count("<p>") > 60
    assert len(gzip.compress(answer.content)) < 30_000


def test_sifting_escapes_what_it_passes_on_and_drops_looks_and_handlers():
    html = (
        '<main><p class="x" style="y" onclick="z" data-q="1">a &lt;b&gt; &amp; "c"</p><script>alert(1)</script></main>'
    )
    assert words_alone.of_page(html, link=SAME).html == "<p>a &lt;b&gt; &amp; &quot;c&quot;</p>"
    nested = '<main><picture><source srcset="x"><img alt="&lt;i&gt;"></picture><p>after</p></main><p>outside</p>'
    assert words_alone.of_page(nested, link=SAME).html == "[&lt;i&gt;]<p>after</p>"


def test_the_address_of_a_text_is_that_of_its_edition(client):
    english, russian = make_edition(), make_edition("ru")
    assert text_edition.text_url("/ru/search/", russian) == "/ru/text/search/"
    assert text_edition.text_url("/admin/", english) == "/text/"
    assert text_edition.text_url("/nothing/at/all/", russian) == "/ru/text/"
