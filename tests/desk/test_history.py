"""The history: who kept what when, what readers saw when, any two versions compared, named, made the draft again."""

import datetime

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from desk.models import Revision
from tests.donations.making import make_appeal, make_offers
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_section, make_user
from tests.newsletters.make import make_issue, make_newsletter

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def editor(client):
    user = make_user("Editor", first_name="Ada", last_name="Brandt")
    client.force_login(user)
    return user


def address(thing, name, *more):
    opts = thing._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{name}", args=[thing.pk, *more])


def read(client, url, **query):
    answer = client.get(url, query)
    assert answer.status_code == 200, url
    return BeautifulSoup(answer.content, "html.parser")


def save(thing, by, *, revision=True, at=None, note="", **fields):
    draft = thing.read_draft()
    content = {**draft.content, **fields}
    return thing.save_draft(
        content, version=draft.version, by=by, at=at or timezone.now(), revision=revision, note=note
    )


def live_story(editor, **fields):
    return make_article(
        published=True, by=editor, headline="Ships leave at dawn", body_html="<p>The first ferry left at five.</p>",
        at=timezone.now() - HOUR, **fields,
    )  # fmt: skip


def marked(page):
    return [mark.get_text().replace(" ]", "]") for mark in page.select(".change del, .change ins")]


# The list


def test_the_history_says_who_when_why_and_what_readers_saw(client, editor):
    story = live_story(editor)
    save(story, editor, headline="Ships leave at noon", note="Called the port")
    story.publish(
        version=story.read_draft().version, by=editor, at=timezone.now(), change="facts", note="Port confirms"
    )
    story.withdraw(by=editor, at=timezone.now(), note="Wrong port")
    rows = [row.get_text(" ", strip=True) for row in read(client, address(story, "history")).select("tbody tr")]
    assert len(rows) == 5
    for row, words in zip(rows[1:], ("Wrong port", "Port confirms", "Called the port", "Published"), strict=True):
        assert words in row
        assert "Ada Brandt" in row
    assert "–" in rows[2]
    assert "now" not in rows[2].replace("The draft now", "")


def typed(page, **changes):
    draft = page.read_draft()
    return {"version": draft.version, **draft.content, "times-embargo_until": "", "times-expires_at": "", **changes}


@pytest.mark.parametrize(("move", "kind"), [("save", "save"), ("mark_ready", "ready"), ("publish", "publish")])
def test_a_note_goes_into_the_history_with_whatever_is_pressed(client, editor, move, kind):
    page = make_page(published=False)
    data = typed(page, title="New", **{"_move": move, "move-history_note": "The court confirmed it"})
    assert client.post(address(page, "change"), data).status_code == 302
    last = page.revisions.first()
    assert (last.kind, last.note) == (kind, "The court confirmed it")
    client.post(address(page, "change"), typed(page, title="Newer"))
    assert page.revisions.first().note == ""


@pytest.mark.parametrize("note", ["a" * 501, "bell\x07"])
def test_a_note_that_cannot_be_kept_is_refused_at_its_field(client, editor, note):
    page = make_page(published=False)
    answer = client.post(address(page, "change"), typed(page, title="Kept", **{"move-history_note": note}))
    assert answer.status_code == 422
    form = BeautifulSoup(answer.content, "html.parser")
    assert form.select(".field--history_note .errorlist")
    assert form.select_one("#id_title")["value"] == "Kept"


def test_nobody_writes_a_note_onto_what_somebody_else_kept(editor):
    story, at = make_article(by=editor), timezone.now()
    story.keep_revision(Revision.Kind.SAVE, content={}, by=make_user(), at=at)
    story.keep_revision(Revision.Kind.SAVE, content={}, by=editor, at=at, note="Its own")
    story.note_moment("Mine", by=editor, at=at)
    assert list(story.revisions.values_list("note", flat=True)) == ["Its own", ""]


@pytest.mark.parametrize(
    ("when", "expires", "word"), [(None, None, "now"), (HOUR, None, "(not yet)"), (None, -HOUR / 2, "–")]
)
def test_only_what_readers_can_see_is_called_live(client, editor, when, expires, word):
    now = timezone.now()
    story = make_article(published=True, by=editor, at=now - HOUR, when=now + when if when else None)
    story.set_times(embargo_until=None, expires_at=now + expires if expires else None, by=editor, at=now)
    (row,) = read(client, address(story, "history")).select("tbody tr:not(.past__now)")
    assert word in row.get_text(" ", strip=True)
    assert bool(row.select("strong")) == (word == "now")


def test_a_long_history_comes_in_pages_and_leaves_the_contents_in_the_database(
    client, editor, django_assert_max_num_queries
):
    story = make_article(by=editor)
    for number in range(70):
        story.keep_revision(Revision.Kind.SAVE, content={"headline": f"Weighty {number}"}, by=editor, at=timezone.now())
    read(client, address(story, "history"))
    with django_assert_max_num_queries(12) as queries:
        page = read(client, address(story, "history"), p=2)
    assert len(page.select("tbody tr")) == 31
    assert "Page 2 of 3" in page.get_text()
    asked = [query["sql"] for query in queries.captured_queries if 'FROM "desk_revision"' in query["sql"]]
    assert asked
    assert not any('"desk_revision"."content"' in sql for sql in asked)


# Comparing


def test_any_two_versions_are_compared_word_by_word(client, editor):
    story = live_story(editor)
    save(story, editor, headline="Ships leave at noon")
    save(story, editor, headline="Ships leave at midnight")
    page = read(client, address(story, "compare"), **{"from": 2, "to": 3})
    assert [heading.get_text() for heading in page.select(".change h3")] == ["Headline"]
    assert marked(page) == ["[removed: noon]", "[added: midnight]"]


def test_live_and_draft_are_one_click_away_from_form_and_history(client, editor):
    story = live_story(editor)
    save(story, editor, revision=False, headline="Ships leave at noon")
    for place in ("change", "history"):
        link = read(client, address(story, place)).select_one(f'a[href="{address(story, "compare")}"]')
        page = read(client, link["href"])
        assert [side.get_text(" ", strip=True) for side in page.select(".side h2")] == [
            "From What readers see",
            "To The draft now",
        ]
        assert marked(page) == ["[removed: dawn]", "[added: noon]"]


def test_what_is_compared_with_live_is_what_stands_in_the_rows(client, editor):
    story = live_story(editor)
    Article.objects.filter(pk=story.pk).update(standfirst="Changed behind the history.")
    page = read(client, address(story, "compare"))
    assert "Standfirst" in [heading.get_text() for heading in page.select(".change h3")]


def test_a_story_never_published_has_no_live_to_compare_with(client, editor):
    story = make_article(by=editor)
    save(story, editor, headline="Second")
    save(story, editor, headline="Third")
    assert client.get(address(story, "compare"), {"from": "live"}).status_code == 404
    assert "Compare with live" not in client.get(address(story, "change")).content.decode()
    page = read(client, address(story, "compare"))
    assert [side.get_text(" ", strip=True) for side in page.select(".side h2")] == [
        "From Version 2",
        "To The draft now",
    ]


def test_photos_and_bylines_are_compared_by_what_they_show(client, editor):
    old_photo = make_photo(caption="Queue at dawn.", creator="Emmanuel Bonne", agency="EPA")
    new_photo = make_photo(caption="Empty pier.", creator="Nora Vale", agency="TASS")
    ada, milo = make_person("Ada Lind"), make_person("Milo Stern")
    body = '<p>Text.</p><figure data-photo="{}" data-alt="{}"{}><figcaption>{}</figcaption></figure>'
    story = make_article(
        by=editor, people=[ada], photo=old_photo,
        body_html=body.format(old_photo.public_id, "A queue", "", "People wait"),
    )  # fmt: skip
    save(story, editor)
    save(
        story, editor, lead_photo=new_photo.pk, lead_caption="The pier at noon.",
        bylines=[{"person": ada.pk, "role": "editing"}, {"person": milo.pk, "role": "photos"}],
        body_html=body.format(old_photo.public_id, "A long queue", ' data-crop="0,0,1,0.5"', "People wait here"),
    )  # fmt: skip
    page = read(client, address(story, "compare"), **{"from": 1, "to": 2})
    text = page.get_text(" ", strip=True)
    for words in ("Queue at dawn.", "Empty pier.", "Emmanuel Bonne / EPA", "Nora Vale / TASS", "The pier at noon."):
        assert words in text
    for words in ("Alternative text", "Crop", "0,0,1,0.5", "Ada Lind", "Milo Stern (photos)"):
        assert words in text
    assert {image["src"] for image in page.select(".diff__shown img")} >= {
        old_photo.url(400, crop="3:2"), new_photo.url(400, crop="3:2"),
    }  # fmt: skip
    assert {"[removed: reporting]", "[added: editing]"} <= set(marked(page))


def test_comparing_asks_few_questions_however_much_stands_in_the_text(client, editor, django_assert_max_num_queries):
    photos = [make_photo() for _number in range(6)]
    people = [make_person() for _number in range(4)]
    figures = "".join(f'<figure data-photo="{photo.public_id}"></figure>' for photo in photos)
    others = [make_article(by=editor).pk for _number in range(4)]
    story = make_article(by=editor, people=people, photo=photos[0], body_html=figures, related=others)
    save(story, editor)
    save(story, editor, body_html=figures * 2, bylines=[], related=others[:1], lead_photo=photos[1].pk)
    read(client, address(story, "compare"))
    with django_assert_max_num_queries(22):
        read(client, address(story, "compare"), **{"from": 1, "to": 2})


def test_a_reference_to_something_gone_is_said_so(client, editor):
    story = make_article(by=editor, body_html='<p>x</p><figure data-photo="zzzzzzzz"></figure>')
    save(story, editor)
    save(story, editor, body_html="<p>x</p>", lead_photo=987654)
    assert "no longer there" in read(client, address(story, "compare"), **{"from": 1, "to": 2}).get_text()


def test_a_revision_of_an_older_shape_is_compared_in_todays(client, editor):
    story = make_article(by=editor)
    story.keep_revision(Revision.Kind.SAVE, content={"headline": "Old", "gone": "x"}, by=editor, at=timezone.now())
    story.keep_revision(Revision.Kind.SAVE, content={"bylines": "broken"}, by=editor, at=timezone.now())
    read(client, address(story, "compare"), **{"from": 1, "to": "draft"})
    read(client, address(story, "revision", 1))


@pytest.mark.parametrize("key", ["99", "abc", "-1", "²", "9" * 30, "1e3", "live'", "\x00"])
def test_a_version_that_is_not_there_is_not_found(client, editor, key):
    story = live_story(editor)
    assert client.get(address(story, "compare"), {"from": key}).status_code == 404
    assert client.get(address(story, "compare"), {"to": key}).status_code == 404


def test_the_revision_of_another_thing_is_not_found(client, editor):
    story, page = make_article(by=editor), make_page()
    for _number in range(3):
        page.keep_revision(Revision.Kind.SAVE, content={"title": "Secret"}, by=editor, at=timezone.now())
    assert client.get(address(story, "compare"), {"from": "3"}).status_code == 404
    assert client.get(address(story, "revision", 3)).status_code == 404


def test_what_was_written_is_shown_as_text_never_as_markup(client, editor):
    story = live_story(editor)
    evil = "<img src=x onerror=alert(1)>"
    save(story, editor, headline=f"Ships {evil}", note=evil)
    revision = story.revisions.first()
    revision.rename(evil)
    for url in (address(story, "compare"), address(story, "history"), address(story, "revision", revision.number)):
        assert evil not in client.get(url).content.decode()


# Everything that is edited


@pytest.mark.parametrize("kind", ["page", "issue", "appeal"])
def test_every_editorial_thing_has_its_history(client, kind):
    client.force_login(make_user(is_superuser=True))
    edition = make_edition(postal_address="1 Quay")
    make_offers(edition)
    thing = {
        "page": make_page,
        "issue": lambda: make_issue(make_newsletter(edition=edition)),
        "appeal": lambda: make_appeal(edition),
    }[kind]()
    field = next(name for name in ("subject", "title", "headline") if name in thing.document.fields)
    save(thing, None, **{field: "Quite other words"})
    first = thing.revisions.first().number
    save(thing, None, **{field: "Quite different words"})
    read(client, address(thing, "history"))
    page = read(client, address(thing, "compare"), **{"from": first, "to": "draft"})
    assert marked(page) == ["[removed: other]", "[added: different]"]
    read(client, address(thing, "revision", first))
    assert client.post(address(thing, "restore", first), {"version": thing.read_draft().version}).status_code == 302
    assert thing.read_draft().content[field] == "Quite other words"


def test_the_parts_of_a_letter_are_compared_one_by_one(client):
    client.force_login(make_user(is_superuser=True))
    story = make_article(published=True, headline="Ships leave")
    issue = make_issue(make_newsletter())
    row = {"kind": "text", "article": None, "headline": "", "text_html": "<p>Good morning, readers.</p>"}
    pick = {"kind": "article", "article": story.pk, "headline": "", "text_html": ""}
    save(issue, None, blocks=[row])
    save(issue, None, blocks=[{**row, "text_html": "<p>Good evening, readers.</p>"}, pick])
    page = read(client, address(issue, "compare"), **{"from": issue.revisions.last().number, "to": "draft"})
    assert marked(page)[:2] == ["[removed: morning]", "[added: evening]"]
    assert "Ships leave" in page.get_text()


# Names


def test_a_version_gets_a_name_by_which_it_is_found(client, editor):
    story = make_article(by=editor)
    save(story, editor)
    answer = client.post(address(story, "name", 1), {"name": "As sent to the lawyer"})
    assert answer.status_code == 302
    assert "As sent to the lawyer" in read(client, address(story, "history")).get_text()
    assert "As sent to the lawyer" in read(client, address(story, "compare")).get_text()
    client.post(address(story, "name", 1), {"name": ""})
    assert story.revisions.get().name == ""


@pytest.mark.parametrize("name", ["a" * 81, "bell\x07", "a\ufffdb"])
def test_a_name_that_cannot_be_kept_is_refused_at_its_field(client, editor, name):
    story = make_article(by=editor)
    save(story, editor)
    answer = client.post(address(story, "name", 1), {"name": name})
    assert answer.status_code == 422
    assert BeautifulSoup(answer.content, "html.parser").select(".field--name .errorlist")
    assert story.revisions.get().name == ""


# Restoring


def test_restoring_from_the_comparison_makes_a_new_draft_and_leaves_readers_alone(client, editor):
    story = live_story(editor)
    save(story, editor, headline="Ships leave at noon")
    story.publish(version=story.read_draft().version, by=editor, at=timezone.now())
    page = read(client, address(story, "compare"), **{"from": 1, "to": "draft"})
    form = page.select_one("form.restore")
    version = form.select_one("[name=version]")["value"]
    assert client.post(form["action"], {"version": version}).status_code == 302
    story.refresh_from_db()
    assert story.read_draft().content["headline"] == "Ships leave at dawn"
    assert story.headline == "Ships leave at noon"
    assert story.revisions.first().kind == "restore"


def test_what_readers_see_can_be_made_the_draft_again(client, editor):
    story = live_story(editor)
    save(story, editor, headline="A wrong turn")
    form = read(client, address(story, "compare")).select_one("form.restore")
    client.post(form["action"], {"version": form.select_one("[name=version]")["value"]})
    assert story.read_draft().content["headline"] == "Ships leave at dawn"


def test_a_restoration_from_a_page_that_is_out_of_date_is_refused(client, editor):
    story = live_story(editor)
    old = story.read_draft().version
    save(story, editor, headline="Newer")
    client.post(address(story, "restore", 1), {"version": old})
    assert story.read_draft().content["headline"] == "Newer"


# Permissions


def test_who_may_only_look_compares_but_neither_names_nor_restores(client, editor):
    story = live_story(editor)
    client.force_login(make_user("Photo editor"))
    assert read(client, address(story, "compare")).select("form.restore") == []
    read(client, address(story, "revision", 1))
    assert client.post(address(story, "name", 1), {"name": "Mine"}).status_code == 403
    assert client.post(address(story, "restore", 1), {"version": "2"}).status_code == 403
    assert client.get(address(story, "name", 1)).status_code == 403
    assert story.revisions.get().name == ""


def test_who_may_not_look_sees_nothing_of_the_past(client, editor):
    story = live_story(editor)
    client.force_login(make_user())
    for name, more in (("history", ()), ("compare", ()), ("revision", (1,)), ("name", (1,)), ("restore", (1,))):
        assert client.get(address(story, name, *more)).status_code == 403
    client.logout()
    assert client.get(address(story, "compare")).status_code == 302


def test_the_comparison_is_for_looking_only(client, editor):
    story = live_story(editor)
    assert client.post(address(story, "compare")).status_code == 405


def test_a_section_is_compared_by_its_name(client, editor):
    story = make_article(by=editor, section=make_section("Politics"))
    save(story, editor)
    save(story, editor, section=make_section("Culture").pk)
    assert marked(read(client, address(story, "compare"), **{"from": 1, "to": 2})) == [
        "[removed: Politics]",
        "[added: Culture]",
    ]
