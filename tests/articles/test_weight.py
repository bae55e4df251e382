"""What a reader's line has to carry for the page of a story: without pictures 20 KB in three answers."""

import gzip
import random
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from newsroom.minifying import BUNDLES, minified, whole
from tests.articles.pages import Page
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_person, make_photo, make_section
from tests.newsletters.make import make_newsletter

LIMIT, BLOCKING_LIMIT = 20_000, 1024


def source(name):
    """Return a static file as it lies in the tree."""
    return Path(finders.find(name)).read_text(encoding="utf-8")


def weight(name):
    """Return the bytes of a static file as production sends it."""
    return len(brotli.compress(minified(name, whole(name, source(name), source)).encode()))


@pytest.fixture
def story(db):
    """Nine hundred words with all the furniture of a whole site."""
    edition = make_offers(
        make_edition(tagline="From abroad", support_title="To our readers", support_text="<p>We live from you.</p>")
    )
    make_edition("ru")
    make_newsletter(slug="week", edition=edition)
    make_appeal(edition)
    for name in ("Politics", "Business", "Culture", "Opinion", "Climate"):
        make_section(name)
    photo = make_photo()
    for number in range(4):
        make_article(published=True, headline=f"Another story {number}", photo=photo)
    chance = random.Random(3)
    words = ["".join(chance.choice("etaoinshrdlu") for _ in range(chance.randint(2, 9))) for _ in range(400)]
    body = "".join(f"<p>{' '.join(chance.choices(words, k=60))}.</p>" for _paragraph in range(15))
    return make_article(published=True, people=[make_person("Ada Bren")], photo=photo, body_html=body)


def test_a_story_of_900_words_comes_in_three_answers_of_20_kb(client, story):
    answer = client.get(story.get_absolute_url())
    page = Page(answer.text)
    sheets = [link["href"] for link in page.all("link", rel="stylesheet")]
    scripts = [script["src"] for script in page.all("script") if script.get("src")]
    names = [address.removeprefix("/static/") for address in [*sheets, *scripts]]
    assert len(sheets) == 1
    assert 1 + len(set(names)) <= 3, names
    sizes = {name: weight(name) for name in names} | {"page": len(gzip.compress(answer.content))}
    assert sum(sizes.values()) <= LIMIT, sizes
    blocking = [script["src"] for script in page.all("script", type=None) if script.get("src")]
    assert sum(weight(name.removeprefix("/static/")) for name in blocking) <= BLOCKING_LIMIT


@pytest.mark.parametrize("name", sorted(BUNDLES))
def test_a_bundle_holds_what_it_names_and_asks_for_nothing_more(name):
    built = whole(name, source(name), source)
    assert "import " not in built.replace("@media", "")
    assert len(built) > 5 * len(source(name))


def test_no_other_file_is_a_bundle():
    text = 'import "./x.js";'
    assert whole("js/desk/form.js", text, source) == text
