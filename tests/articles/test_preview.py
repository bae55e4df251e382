"""What stands in the form, as readers would see it: the page that publishing would make, and nothing written."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, PersonText, PhotoText, Topic
from articles.previews import imagine
from tests.make import (
    article_content,
    make_article,
    make_edition,
    make_page,
    make_person,
    make_photo,
    make_section,
    make_topic,
    make_user,
)  # fmt: skip

pytestmark = pytest.mark.django_db
WRITES = re.compile(r"^\s*(BEGIN|SAVEPOINT|INSERT|UPDATE|DELETE|REPLACE|ALTER|SELECT .* FOR UPDATE)", re.IGNORECASE)
NOTICE = re.compile(rb'<p class="notice"[^>]*data-draft>.*?</p>|<meta name="robots" content="noindex">', re.DOTALL)
SCRIPT = re.compile(rb"<script\b[^>]*>.*?</script>", re.DOTALL)


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def address(thing, name="live_preview"):
    return reverse(f"admin:articles_{thing._meta.model_name}_{name}", args=[thing.pk])


def typed(thing, **changes):
    draft = thing.read_draft()
    content = {**draft.content, "topics": ", ".join(draft.content.get("topics", ()))}
    for name, value in list(content.items()):
        if name in {"bylines", "related"}:
            rows = value if name == "bylines" else [{"story": public_id_of(pk)} for pk in value]
            content[f"{name}-rows"] = len(rows)
            content |= {f"{name}-{n}-{key}": cell for n, row in enumerate(rows) for key, cell in row.items()}
            del content[name]
        elif value is None or value is False:
            del content[name]
    if content.get("lead_photo"):
        content["lead_photo"] = photo_of(content["lead_photo"])
    return {"version": draft.version, **content, **changes}


def public_id_of(pk):
    return Article.objects.get(pk=pk).public_id


def photo_of(pk):
    from articles.models import Photo

    return Photo.objects.get(pk=pk).public_id


def tidy(content):
    """Return a page without what a preview adds and leaves out, its blank lines aside."""
    return re.sub(rb"\s*\n\s*", b"\n", SCRIPT.sub(b"", NOTICE.sub(b"", content)))


def full_content(edition):
    """Return a content document in which no field holds its default."""
    section, photo, inside = make_section("Economy", edition=edition), make_photo(), make_photo()
    PhotoText.objects.create(photo=photo, language="ru", caption="Очередь", alt="Очередь у школы")
    ada, silent = make_person("Ada Brandt"), make_person("Hidden Name", name_state="withheld")
    PersonText.objects.create(person=ada, language="ru", name="Ада Брандт")
    other = make_article(edition=edition, published=True, headline="The other story", topics=["Harbour"])
    make_topic("Harbour")
    body = (
        f'<p>Words with a <a data-article="{other.public_id}">link</a>.</p><figure data-photo="{inside.public_id}" '
        'data-layout="wide"><figcaption>Own words</figcaption></figure><h2>More</h2><div data-box="newsletter"></div>'
    )
    content = {
        "kicker": "Port", "headline": "Harbour opens", "standfirst": "At last.", "body_html": body,
        "section": section.pk, "slug": "harbour", "topics": ["harbour", "A new one", "Strike"], "no_byline": True,
        "bylines": [{"person": ada.pk, "role": "reporting"}, {"person": silent.pk, "role": "photos"},
                    {"person": ada.pk, "role": "photos"}],
        "lead_photo": photo.pk, "lead_caption": "A queue", "lead_alt": "People", "lead_decorative": True,
        "related": [other.pk], "asks_off": True, "is_recommended": False,
    }  # fmt: skip
    return content


@pytest.mark.parametrize("code", ["en", "ru"])
@pytest.mark.parametrize("live_before", [False, True])
def test_a_preview_is_the_page_that_publishing_shows(client, editor, code, live_before):
    make_edition()
    edition = make_edition(code, language=code)
    make_article(edition=edition, published=True, headline="Something else", topics=["Strike"])
    content = full_content(edition)
    blank = Article.document.blank()
    same = {name for name in blank if content.get(name) == blank[name]}
    assert same == set(), "each field of the document has a part in this test"
    content["no_byline"] = False
    article = make_article(edition=edition, published=live_before)
    draft = article.read_draft()
    now = timezone.now()
    draft = article.save_draft({**draft.content, **content}, version=draft.version, by=editor, at=now)
    shown = client.get(reverse("articles:preview", args=[article.public_id]))
    article.publish(version=draft.version, by=editor, at=timezone.now())
    article.refresh_from_db()
    public = client.get(article.get_absolute_url())
    assert public.status_code == 200
    assert "Ada Brandt" in public.text if code == "en" else "Ада Брандт" in public.text
    assert "Hidden Name" not in shown.text
    assert times_aside(tidy(shown.content)) == times_aside(tidy(public.content))
    framed = client.post(address(article), typed(article))
    assert times_aside(tidy(framed.content)) == times_aside(tidy(public.content))


def times_aside(content):
    content = re.sub(rb'(<time datetime=")[^"]*(">)[^<]*(</time>)', rb"\1\2\3", content)
    return re.sub(rb'(<meta property="article:\w+_time" content=")[^"]*', rb"\1", content)


def test_what_readers_see_can_be_read_back_from_a_preview(editor):
    content = Article.document.clean(full_content(make_edition()))
    article = make_article()
    shown = imagine(article, content, at=timezone.now())
    assert [byline.person.name for byline in shown.bylines.all()] == ["Ada Brandt", "Hidden Name", "Ada Brandt"]
    assert [item.tag.name for item in shown.topic_items.all()] == ["Harbour", "A new one", "Strike"]
    assert article.headline == "", "the story itself is left alone"


def test_a_preview_shows_what_is_typed_and_writes_nothing(client, editor):
    article = make_article(published=True)
    given = typed(article, headline="Never saved", topics="Brand new topic, Another", body_html="<p>Only typed.</p>")
    client.post(address(article), given)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.post(address(article), given)
    assert response.status_code == 200
    for words in ("Never saved", "Brand new topic", "/topics/brand-new-topic/", "Only typed."):
        assert words in response.text
    assert [query["sql"] for query in queries if WRITES.match(query["sql"])] == []
    assert article.read_draft().content["headline"] == "Harbour reopens after the strike"
    assert not Topic.objects.filter(name="Brand new topic").exists()
    assert client.get(article.get_absolute_url()).text.count("Never saved") == 0


def test_a_preview_of_the_saved_draft_writes_nothing_either(client, editor):
    article = make_article(published=True)
    url = reverse("articles:preview", args=[article.public_id])
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert [query["sql"] for query in queries if WRITES.match(query["sql"])] == []


def test_the_frame_may_stand_in_our_form_only_and_nothing_runs_in_it(client, editor):
    article = make_article()
    make_edition(support_title="Support us", support_text="<p>Please.</p>")
    response = client.post(address(article), typed(article))
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == "'self'"
    assert policy["script-src"] == policy["form-action"] == policy["frame-src"] == "'none'"
    assert "allow-scripts" not in policy["sandbox"]
    assert "<script" not in response.text
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "X-Page-Cache" not in response
    change = client.get(address(article, "change"))
    assert change["X-Frame-Options"] == "DENY"


def test_a_story_that_nobody_has_saved_has_a_preview(client, editor):
    make_edition()
    russian = make_edition("ru", language="ru")
    section = make_section("Политика", edition=russian)
    given = {**article_content(), "new-edition": russian.pk, "section": section.pk, "bylines-rows": "0"}
    given |= {"topics": "Elections", "lead_photo": "", "related-rows": "0", "headline": "Гавань"}
    response = client.post(reverse("admin:articles_article_live_preview_new"), given)
    assert response.status_code == 200
    assert 'lang="ru"' in response.text
    assert "Гавань" in response.text
    assert not Article.objects.exists()
    assert client.post(reverse("admin:articles_article_live_preview_new"), {}).status_code == 200


def test_a_static_page_has_a_preview_that_is_the_page(client, editor):
    page = make_page()
    given = typed(page, title="Who we are", body_html="<p>Reporters.</p>")
    shown = client.post(address(page), given)
    assert "Who we are" in shown.text
    client.post(address(page, "change"), {**given, "_move": "publish_changes", "move-change": "typo",
                                          "times-embargo_until": "", "times-expires_at": ""})  # fmt: skip
    assert tidy(shown.content) == tidy(client.get("/about/").content)
    assert client.post(reverse("admin:articles_page_live_preview_new"), given).status_code == 200


@pytest.mark.parametrize(
    "bad",
    [
        {"headline": "x" * 5000},
        {"headline": "bell \x07"},
        {"headline": "half \ud83d"},
        {"section": "999999"},
        {"section": "²"},
        {"lead_photo": "nosuchid"},
        {"bylines-rows": "zzz"},
        {"related-rows": "2", "related-0-story": "nosuchid", "related-1-story": ""},
        {"topics": "x," * 50},
        {"body_html": "<script>alert(1)</script><p onclick=x>kept</p>"},
        {"slug": "Not a slug!"},
    ],
)
def test_what_cannot_be_kept_shows_as_the_draft_has_it(client, editor, bad):
    article = make_article()
    bad = {name: value.encode("utf-8", "surrogatepass").decode("latin-1") if "\ud83d" in value else value
           for name, value in bad.items()}  # fmt: skip
    response = client.post(address(article), typed(article, **bad))
    assert response.status_code == 200
    assert "alert(1)" not in response.text
    if "headline" in bad and len(bad["headline"]) > 200:
        assert "Harbour reopens after the strike" in response.text


def test_rows_that_are_gone_leave_no_trace(client, editor):
    article = make_article()
    draft = article.read_draft()
    lost = {"bylines": [{"person": 999999, "role": "reporting"}], "lead_photo": 999999, "related": [999999]}
    article.save_draft({**draft.content, **lost}, version=draft.version, by=editor, at=timezone.now())
    assert client.get(reverse("articles:preview", args=[article.public_id])).status_code == 200


def test_only_those_who_may_look_get_a_preview(client):
    article = make_article()
    given = typed(article)
    new = reverse("admin:articles_article_live_preview_new")
    assert client.post(address(article), given).status_code == 302
    client.force_login(make_user())
    assert client.post(address(article), given).status_code == 403
    client.force_login(make_user("Photo editor"))
    assert client.post(new, given).status_code == 403
    client.force_login(make_user("Reporter"))
    assert client.get(address(article)).status_code == 405
    assert client.post(address(article).replace(str(article.pk), "999999"), given).status_code == 404
    assert client.post(address(article).replace(str(article.pk), "x" * 40), given).status_code == 404
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(make_user("Reporter"))
    assert strict.post(address(article), given).status_code == 403
