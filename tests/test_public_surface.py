"""The whole public surface of every app: what each address promises, and what must stand on none."""

import datetime
import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from articles.models import Article, Person, PersonIdentity, PersonText
from newsroom import pagecache, registry
from newsroom.editions import all_editions
from tests.articles.pages import Page, foreign
from tests.attack import standing
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section
from tests.newsletters.make import make_issue, make_newsletter, send_letter, text_block

pytestmark = pytest.mark.django_db
WITHHELD = "Withholdia Nameless"
REAL = "Realia Identity"
# One word for each kind of story that nobody may see, in its headline, standfirst, body, topic and slug.
MARKED = {
    "draft": "quokkadraft",
    "scheduled": "quokkascheduled",
    "embargoed": "quokkaembargoed",
    "expired": "quokkaexpired",
    "withdrawn": "quokkawithdrawn",
    "changed": "quokkachanged",
}
ATTRIBUTES = ("src", "srcset", "href", "action", "formaction", "poster", "data", "ping", "background")


def tomorrow():
    return timezone.now() + datetime.timedelta(days=1)


def marked(kind, *, published=True, **fields):
    """Return a story full of the word of its kind."""
    word = MARKED[kind]
    content = {
        "headline": f"Headline {word}", "standfirst": f"Standfirst {word}.", "kicker": word, "slug": f"slug-{word}",
        "body_html": f"<p>Body {word}.</p>", "topics": [f"Topic {word}"],
    }  # fmt: skip
    return make_article(published=published, **{**content, **fields})


def build():
    """Make a small whole site in two editions, with everything that must not be seen."""
    now = timezone.now()
    english = make_offers(
        make_edition(postal_address="1 Quay", support_title="To our readers", support_text="<p>We live from you.</p>")
    )
    russian = make_edition("ru", postal_address="1 Quay")
    make_offers(russian)
    named, silent = make_person("Ada Bren"), make_person(WITHHELD, name_state="withheld", title="Silent desk")
    PersonText.objects.create(person=silent, language="ru", name=WITHHELD)
    PersonIdentity.objects.create(person=named, real_name=REAL)
    photo = make_photo(creator="EPA", agency="TASS")
    body = (
        f'<p>Text <a href="https://example.org/x">outside</a>.</p><figure data-photo="{photo.public_id}"></figure>'
        '<div data-embed="https://video.example/1" data-title="A video"></div><div data-box="newsletter"></div>'
        '<div data-box="support"></div><aside data-pullquote><blockquote><p>Quoted.</p></blockquote></aside>'
    )
    common = {"people": [named, silent], "photo": photo, "topics": ["Rivers"]}
    first = make_article(published=True, headline="Plain news", **common)
    hidden = marked("draft", published=False, **{**common, "topics": ["Rivers"]})
    body += f'<div data-related="{first.public_id}"></div><div data-related="{hidden.public_id}"></div>'
    body += f'<p><a data-article="{hidden.public_id}">words</a></p>'
    rich = make_article(published=True, headline="Rich news", body_html=body, related=[first.pk, hidden.pk], **common)
    section = make_section("Мнения", edition=russian, is_opinion=True)
    make_article(
        published=True,
        headline="Мнение",
        section=section,
        people=[silent, named],
        translation_group=rich.translation_group,
    )
    make_page("about")
    make_page("about", edition=russian)
    make_page("secret", published=False, title="Page quokkadraft")
    make_appeal(english)
    secrets = [hidden, marked("scheduled", when=tomorrow(), **{**common, "topics": ["Rivers"]})]
    for kind, times in (("embargoed", (tomorrow(), None)), ("expired", (None, now))):
        story = marked(kind, **common)
        story.set_times(embargo_until=times[0], expires_at=times[1], by=None, at=now)
        secrets.append(story)
    secrets.append(marked("withdrawn", people=[named]))
    letter = make_newsletter(edition=english, slug="week")
    make_newsletter("Неделя", edition=russian, slug="nedelya")
    send_letter(letter, [first, secrets[-1]])
    secrets[-1].withdraw(by=None, at=now, note="It was wrong.")
    draft = first.read_draft()
    changed = {**draft.content, "headline": "Plain quokkachanged", "body_html": "<p>quokkachanged</p>"}
    first.save_draft(changed, version=draft.version, by=None, at=now)
    make_issue(letter, subject="Letter quokkadraft", blocks=[text_block("<p>quokkadraft</p>")])


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The site, built once."""
    with standing(django_db_blocker, build):
        yield


@pytest.fixture
def site(world, db):
    """The stories that must not be seen."""
    return list(Article.objects.filter(drafts__title__startswith="Headline quokka").select_related("edition"))


def addresses():
    """Return every public address that any app names."""
    return [str(path) for edition in all_editions() for find in registry.public_urls.values() for path in find(edition)]


def pages(client):
    """Return (address, answer) for each public address."""
    return [(path, client.get(path)) for path in addresses()]


def is_html(answer):
    """Tell whether the answer is a page; a file to keep is none."""
    is_file = "Content-Disposition" in answer.headers
    return answer.headers["Content-Type"].startswith("text/html") and not is_file


def test_every_app_names_its_addresses(site):
    named = addresses()
    assert len(named) == len(set(named))
    for part in (
        "/newsletters/week/1/",
        "/ru/newsletters/nedelya/",
        "/support/",
        "/ru/support/",
        "/search/",
        "/feed.xml",
        "/about/",
    ):
        assert part in named, part
    assert set(registry.public_urls._entries) >= {"articles", "newsletters", "support"}


def test_every_address_answers_everybody_alike(site):
    client = Client()
    client.cookies["session"], client.cookies["csrf"] = "something", "x" * 32
    for path, answer in pages(client):
        assert answer.status_code == 200, path
        assert not answer.cookies, path
        assert "cookie" not in answer.headers.get("Vary", "").lower(), path
        is_search = path.endswith("/search/")
        assert ("private" in answer.headers["Cache-Control"]) is is_search, path


def test_no_address_loads_or_sends_anything_elsewhere(site, client):
    outgoing = set()
    for path, answer in pages(client):
        if not is_html(answer):
            continue
        page = Page(answer.text)
        assert foreign(page.loaded()) == [], path
        for tag, attributes in page.tags:
            for name in ATTRIBUTES:
                value = attributes.get(name)
                parts = [part.split()[0] for part in value.split(",")] if name == "srcset" and value else [value or ""]
                for address in foreign(parts):
                    is_ours = address.startswith(settings.HOME_ORIGIN)
                    assert (tag, name) == ("a", "href") or (tag == "link" and is_ours), (path, tag, name, address)
                    outgoing.add(address)
        assert "http-equiv" not in answer.text.lower(), path
        assert "url(http" not in answer.text, path
    assert "https://example.org/x" in outgoing


def test_no_address_has_a_script_or_style_or_handler_inline(site, client):
    for path, answer in pages(client):
        if not is_html(answer):
            continue
        page = Page(answer.text)
        assert page.all("style") == [], path
        assert all(script.get("src") for script in page.all("script") if script.get("type") != "application/ld+json"), (
            path
        )
        for tag, attributes in page.tags:
            wrong = [name for name in attributes if name == "style" or name.startswith("on")]
            assert wrong == [], (path, tag)
            for name in ATTRIBUTES:
                assert not re.match(r"\s*(?:javascript|data|vbscript):", attributes.get(name) or "", re.IGNORECASE), (
                    path
                )
        policy = answer.headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy
        assert "default-src 'none'" in policy


def test_every_page_has_one_h1_a_language_a_title_and_its_canonical_address(site):
    client = Client(headers={"host": "127.0.0.1"})
    titles = {}
    for path, answer in pages(client):
        if not is_html(answer):
            continue
        page = Page(answer.text)
        assert len(page.all("h1")) == 1, path
        assert page.all("html")[0]["lang"] == ("ru" if path.startswith("/ru/") else "en"), path
        title = re.search(r"<title>([^<]+)</title>", answer.text)
        assert title, path
        assert title[1].strip(), path
        titles.setdefault(title[1], []).append(path)
        canonical = [link["href"] for link in page.all("link", rel="canonical")]
        is_kept_out = 'name="robots" content="noindex' in answer.text
        assert canonical == ([] if is_kept_out else [settings.HOME_ORIGIN + path]), path
        assert "127.0.0.1" not in answer.text, path
    assert [paths for title, paths in titles.items() if len(paths) > 2] == []


def every_place(client):
    """Yield (name, text) of each place where a story could show: pages, searches, feeds, robots."""
    for path, answer in pages(client):
        yield path, answer.text
    for prefix in ("", "/ru"):
        for word in [*MARKED.values(), "quokka", "headline", WITHHELD, REAL, "Nameless"]:
            answer = client.get(f"{prefix}/search/", {"q": word})
            assert answer.status_code == 200
            yield (
                f"search {word}",
                answer.text.replace(f'value="{word}"', "").replace(f"Search: {word}", "").replace(f"Поиск: {word}", ""),
            )
    yield "robots", client.get("/robots.txt").text


def test_what_is_not_public_stands_nowhere(site, client):
    for place, text in every_place(client):
        found = [word for word in MARKED.values() if word in text.lower()]
        assert found == [], place


def test_a_withheld_name_and_an_identity_stand_nowhere(site, client):
    for place, text in every_place(client):
        for words in (WITHHELD, "Nameless", "nameless", REAL, "Silent desk"):
            assert words not in text, place


def test_the_addresses_of_what_is_not_public_say_nothing(site, client):
    for story in site:
        for path in (story.get_absolute_url() if story.first_published_at else f"/2026/01/01/x-{story.public_id}",
                     f"/2020/01/01/x-{story.public_id}", f"/ru/2020/01/01/x-{story.public_id}"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code in {404, 410}, path
            body = answer.text.replace(path, "")
            assert [word for word in MARKED.values() if word in body] == [], path
    for path in ("/secret/", "/newsletters/week/2/", "/people/x/"):
        assert client.get(path).status_code == 404
    for kind in ("draft", "scheduled", "embargoed", "expired", "withdrawn"):
        assert client.get(f"/topics/topic-{MARKED[kind]}/").status_code == 404
    assert client.get(f"/preview/{site[0].public_id}/").status_code in {302, 404}


def test_the_page_of_a_person_whose_name_is_withheld_is_not_there(site, client):
    silent = Person.objects.get(name=WITHHELD)
    for prefix in ("", "/ru"):
        answer = client.get(f"{prefix}/people/{silent.slug}/")
        assert answer.status_code == 404
        assert WITHHELD not in answer.text


def test_head_is_answered_without_a_body(site, client):
    for path in addresses():
        whole, answer = client.get(path), client.head(path)
        assert answer.status_code == 200, path
        assert answer.content == b"", path
        assert answer.headers.get("Content-Length", str(len(whole.content))) == str(len(whole.content)), path


def test_a_repeated_request_is_answered_from_the_page_cache(site, client):
    for path in addresses():
        if path.endswith("/search/") or path.startswith("/mirrors."):
            continue
        client.get(path)
        again = client.get(path)
        assert again.headers.get("X-Page-Cache") == "hit", path
        assert client.get(path, headers={"if-none-match": again.headers["ETag"]}).status_code == 304, path


def test_the_store_holds_no_page_of_a_person(site, client):
    for path in (
        "/support/give/",
        "/support/confirm/",
        "/newsletters/signup/",
        "/search/?q=x",
        "/accounts/login/",
        "/admin/",
    ):
        client.get(path)
        client.post(path, {"email": "reader@example.org"})
    held = b" ".join(page.body for page in pagecache.store.pages.values())
    assert b"reader@example.org" not in held
    assert not [address for address in pagecache.store.pages if "/accounts/" in address or "/admin/" in address]
