"""Scrubbing: a passage disappears from everything that is kept about a story, and only who, when and how many stays."""

import datetime
from contextlib import closing

import pytest
from bs4 import BeautifulSoup
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article, LiveEntry, Topic
from desk.models import Draft, PrivateLink, Revision, Stale, StillLive
from desk.passage import Passage
from newsroom import html, worker
from newsroom.models import StaffAction
from tests.make import make_article, make_edition, make_page, make_photo, make_user
from tests.newsletters.make import make_issue, make_newsletter, text_block

pytestmark = pytest.mark.django_db
NAME = "Zarathrust Quokkanovic"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def chief():
    return make_user("Administrator", first_name="Ada", last_name="Brandt")


def save(thing, by, *, revision=True, note="", **fields):
    draft = thing.read_draft()
    return thing.save_draft(
        {**draft.content, **fields}, version=draft.version, by=by, at=timezone.now(), revision=revision, note=note
    )


def scrub(thing, by, text=NAME, **options):
    return thing.scrub(Passage(text, **options), version=thing.read_draft().version, by=by, at=timezone.now())


def everything():
    """Return the text of every cell of every table of the database, indexes and blobs included, in small letters."""
    found = []
    with closing(connection.cursor()) as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT t::text FROM {name} AS t")
            else:
                cursor.execute(f"SELECT * FROM {name}")
            for row in cursor.fetchall():
                cells = (cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row)
                found.append(f"{table}: {' '.join(cells)}".lower())
    return found


def traces(*words):
    return [line[:200] for line in everything() if any(word.lower() in line for word in words)]


def address(thing, name="scrub"):
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=[thing.pk])


# The passage


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("He met Zarathrust Quokkanovic yesterday.", "He met yesterday."),
        ("Zarathrust\u00a0 Quokkanovic spoke.", "spoke."),
        ("zarathrust QUOKKANOVIC", ""),
        ("Zarathrust Quok\u00adka\u200bnovic!", "!"),
        ("Zarathrust\nQuokkanovic, 40", ", 40"),
        ("ZZarathrust QuokkanovicZarathrust Quokkanovicarathrust Quokkanovic", ""),
        ("Somebody else", "Somebody else"),
    ],
)
def test_a_passage_is_cut_however_it_is_spaced_and_capitalised(text, rest):
    assert Passage(NAME).cut_from(text)[0] == rest


@pytest.mark.parametrize(
    ("body", "rest"),
    [
        ("<p>He met <strong>Zarathrust</strong> <em>Quokkanovic</em> there.</p>", "<p>He met there.</p>"),
        ("<p>Zara<em>thrust Quokka</em>novic</p><p>Else</p>", "<p>Else</p>"),
        ("<p>Zarathrust</p><p>Quokkanovic left.</p>", "<p>left.</p>"),
        ("<p>Zarathrust<br>Quokkanovic &amp; sons</p>", "<p><br>&amp; sons</p>"),
        ("<p>&#90;arathrust&nbsp;Quokkanovic</p><p>x</p>", "<p>x</p>"),
        ('<p><a href="https://a.example/zarathrust-quokkanovic">he</a></p>', "<p><a >he</a></p>"),
        ('<p><a href="https://a.example/?q=Zarathrust%20Quokkanovic">he</a></p>', "<p><a >he</a></p>"),
        (
            '<figure data-alt="Zarathrust &quot;Quokkanovic&quot; & Zarathrust Quokkanovic"></figure>',
            '<figure data-alt="Zarathrust &quot;Quokkanovic&quot; &amp; "></figure>',
        ),
        ('<p>x<sup data-footnote="Zarathrust Quokkanovic said"></sup></p>', '<p>x<sup data-footnote="said"></sup></p>'),
        ("<ul><li>Zarathrust Quokkanovic</li><li>b</li></ul>", "<ul><li>b</li></ul>"),
    ],
)  # fmt: skip
def test_a_passage_is_cut_out_of_markup_and_leaves_it_whole(body, rest):
    assert Passage(NAME).cut_from(body, "body_html")[0].replace("=  ", "=") == rest


def test_quotes_and_dashes_of_every_kind_are_the_same():
    passage = Passage('the "old man" - that\'s him')
    assert passage.cut_from("Ask the “old man” — that’s him, she said.") == ("Ask, she said.", 1) or passage.cut_from(
        "Ask the “old man” — that’s him, she said."
    ) == ("Ask , she said.", 1)


def test_capitals_and_whole_words_count_when_that_is_asked():
    assert Passage("rose", exact=True).count_in("Rose rose") == 1
    assert Passage("rose").count_in("Rose rose") == 2
    assert Passage("Ann", words=True).count_in("Ann annual Hann") == 1
    assert Passage("Петров").count_in("у Петрова") == 1
    assert Passage("Алёна").count_in("Алена") == 1


def test_a_passage_in_lists_and_addresses_goes_too():
    content = {
        "topics": [NAME, "Rivers"],
        "slug": "zarathrust-quokkanovic-speaks",
        "rows": [{"text_html": f"<p>{NAME}</p>"}],
    }
    assert Passage(NAME).cut_from(content) == ({"topics": ["Rivers"], "slug": "speaks", "rows": [{"text_html": ""}]}, 3)


@pytest.mark.parametrize("text", ["", "ab", " . - ! ", "x" * 2001])
def test_what_is_no_passage_is_refused(text):
    with pytest.raises(ValidationError):
        Passage(text)


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<em>", "</em>", "abc", "ab", "c", " ", "&amp;", "A", "b", '<a href="abc">'])
    ),
)
def test_nothing_is_left_whatever_the_body(pieces):
    passage = Passage("abc")
    cleaned = html.clean_body("".join(pieces))
    cut, count = passage.cut_from(cleaned, "body_html")
    assert passage.count_in(cut, "body_html") == 0
    assert "abc" not in html.plain_text(cut).lower()
    assert html.clean_body(cut) == cut or count
    if not count:
        assert cut == cleaned
        assert "abc" not in html.plain_text(cleaned).lower()


def test_a_text_without_the_passage_is_not_read_letter_by_letter(monkeypatch):
    body = "".join(f"<p>Paragraph {number} of the harbour story goes on.</p>" for number in range(250))
    passage = Passage(NAME)
    monkeypatch.setattr(Passage, "_fold", None)
    assert passage.count_in({"body_html": body, "standfirst": "Zarathrust went on."}) == 0


# Everywhere


def test_after_a_scrub_the_passage_is_nowhere_in_the_whole_database(chief):
    story = make_article(
        by=chief, at=timezone.now() - HOUR, headline=f"What {NAME} saw", standfirst=f"{NAME} speaks.",
        body_html=f"<p>He is <em>Zarathrust</em> Quokkanovic.</p><h2>{NAME}</h2><p>Stay.</p>", topics=[NAME, "Rivers"],
        lead_caption=f"By {NAME}.", slug="zarathrust-quokkanovic",
    )  # fmt: skip
    save(story, chief, note=f"Called {NAME}", kicker=NAME)
    story.send_back(version=story.read_draft().version, by=chief, at=timezone.now(), note=f"{NAME}: sure?")
    story.publish(version=story.read_draft().version, by=chief, at=timezone.now())
    worker.drain()
    story.withdraw(by=chief, at=timezone.now(), note=f"{NAME} asked us")
    story.revisions.last().rename(f"as sent to {NAME}")
    story.keep_typing(
        {**story.read_draft().content, "standfirst": f"Typed: {NAME}."},
        version=story.read_draft().version, by=chief, at=timezone.now(),
    )  # fmt: skip
    PrivateLink.issue(story, by=chief, at=timezone.now(), note=f"for {NAME}")
    LogEntry.objects.create(
        user=chief, content_type=story.content_type, object_id=str(story.pk), object_repr=f"What {NAME} saw",
        action_flag=CHANGE, change_message=f"Changed {NAME}.",
    )  # fmt: skip
    worker.drain()
    assert len(traces("quokkanovic")) > 8
    count = scrub(story, chief)
    worker.drain()
    assert traces("quokkan", "zarathrust") == []
    story.refresh_from_db()
    content = story.read_draft().content
    assert content["body_html"] == "<p>He is .</p><p>Stay.</p>"
    assert content["topics"] == ["Rivers"]
    assert story.read_draft().title == "What saw"
    assert story.body_html == content["body_html"]
    assert not Topic.objects.filter(name__icontains="quokka").exists()
    entry = story.revisions.first()
    assert (entry.kind, entry.created_by) == (Revision.Kind.SCRUB, chief)
    assert str(count) in entry.note
    record = StaffAction.objects.filter(action="scrub").get()
    assert (record.user, record.object_id) == (chief, str(story.pk))
    assert record.reason.startswith(f"{count} places")


def test_a_story_in_print_is_scrubbed_behind_its_back_when_readers_no_longer_have_the_passage(client, chief):
    story = make_article(published=True, by=chief, at=timezone.now() - HOUR, body_html=f"<p>{NAME} and the port.</p>")
    worker.drain()
    save(story, chief, body_html="<p>A witness and the port.</p>")
    story.publish(version=story.read_draft().version, by=chief, at=timezone.now())
    worker.drain()
    client.get(story.get_absolute_url())
    scrub(story, chief)
    assert traces("quokkan", "zarathrust") == []
    page = client.get(story.get_absolute_url()).content.decode()
    assert "A witness and the port." in page
    assert NAME not in page


def test_live_entries_that_were_taken_back_lose_the_passage_and_others_are_named(chief):
    story, now = make_article(published=True, by=chief), timezone.now()
    for text in (f"{NAME} speaks.", NAME, f"{NAME} is silent."):
        LiveEntry.write(story, title="", text=text, is_key=False, by=chief, at=now)
    standing, *others = story.live_entries.order_by("-pk")
    for entry in others:
        entry.take_back(by=chief, at=now)
    scrub(story, chief)
    assert story.find_passage(Passage(NAME)).elsewhere == (standing,)
    assert [entry.text_html for entry in story.live_entries.exclude(pk=standing.pk)] == ["<p>speaks.</p>"]
    standing.take_back(by=chief, at=now)
    scrub(story, chief)
    assert not [cell for cell in everything() if "quokkanovic" in cell]


def test_what_readers_have_is_refused_and_nothing_is_written(chief):
    story = make_article(published=True, by=chief, body_html=f"<p>{NAME}</p>")
    before = Draft.objects.values().get(), list(Revision.objects.values())
    with pytest.raises(StillLive):
        scrub(story, chief)
    assert (Draft.objects.values().get(), list(Revision.objects.values())) == before
    assert not StaffAction.objects.filter(action="scrub").exists()


def test_what_readers_will_have_at_a_set_time_is_refused_too(chief):
    story = make_article(published=True, by=chief, when=timezone.now() + HOUR, headline=NAME)
    with pytest.raises(StillLive):
        scrub(story, chief)


def test_other_stories_and_other_words_stay_as_they_are(chief):
    other = make_article(by=chief, headline=f"Also {NAME}")
    story = make_article(by=chief, headline=f"{NAME} alone", standfirst="Untouched.")
    save(story, chief)
    scrub(story, chief)
    assert other.read_draft().content["headline"] == f"Also {NAME}"
    assert story.read_draft().content["standfirst"] == "Untouched."


def test_pages_and_letters_are_scrubbed_too(chief):
    page = make_page(published=False, by=chief, title=f"About {NAME}")
    save(page, chief)
    scrub(page, chief)
    issue = make_issue(
        make_newsletter(edition=make_edition(postal_address="1 Quay")),
        blocks=[text_block(f"<p>Dear {NAME}, hello.</p>")],
    )
    issue.approve(version=issue.read_draft().version, by=chief, at=timezone.now())
    scrub(issue, chief)
    assert traces("quokkan") == []
    issue.refresh_from_db()
    assert issue.state == "draft"
    assert not issue.renderings.exists()


def test_a_letter_that_is_out_is_refused(chief):
    issue = make_issue(make_newsletter(), blocks=[text_block(f"<p>Dear {NAME}, hello.</p>")])
    issue.approve(version=issue.read_draft().version, by=chief, at=timezone.now())
    type(issue).objects.filter(pk=issue.pk).update(number=1)
    with pytest.raises(StillLive):
        scrub(issue, chief)


# Stale tabs


def test_no_tab_opened_before_can_write_the_passage_back(chief):
    story = make_article(by=chief, headline=NAME)
    opened = story.read_draft()
    scrub(story, chief)
    for write in (story.save_draft, story.keep_typing):
        with pytest.raises(Stale) as refused:
            write(opened.content, version=opened.version, by=chief, at=timezone.now())
        assert refused.value.was_scrubbed
    assert NAME not in story.read_draft().content["headline"]


def test_the_version_rises_even_when_only_an_old_version_held_it(chief):
    story = make_article(by=chief, headline=NAME)
    save(story, chief)
    opened = save(story, chief, headline="Clean")
    scrub(story, chief)
    with pytest.raises(Stale):
        story.save_draft(opened.content, version=opened.version, by=chief, at=timezone.now())


def test_a_scrub_from_a_page_that_is_out_of_date_is_refused(chief):
    story = make_article(by=chief, headline=NAME)
    with pytest.raises(Stale):
        story.scrub(Passage(NAME), version=story.read_draft().version - 1, by=chief, at=timezone.now())
    assert story.read_draft().content["headline"] == NAME


def test_the_form_of_an_old_tab_is_shown_but_can_never_be_saved(client, chief):
    client.force_login(chief)
    page = make_page(published=False, by=chief, title=NAME)
    old = page.read_draft()
    scrub(page, chief)
    typed = {"version": old.version, **old.content, "times-embargo_until": "", "times-expires_at": ""}
    answer = client.post(address(page, "change"), typed)
    assert answer.status_code == 409
    form = BeautifulSoup(answer.content, "html.parser")
    version = form.select_one("[name=version]")["value"]
    assert "removed from this text for good" in form.get_text()
    assert client.post(address(page, "change"), {**typed, "version": version, "_settle": "1"}).status_code == 409
    assert traces("quokkan") == []


def test_later_tabs_save_and_meet_conflicts_as_ever(client, chief):
    client.force_login(chief)
    page = make_page(published=False, by=chief, title=f"{NAME} speaks")
    scrub(page, chief)
    old = page.read_draft()
    save(page, chief, title="Theirs")
    typed = {"version": old.version, **old.content, "title": "Mine", "times-embargo_until": "", "times-expires_at": ""}
    answer = client.post(address(page, "change"), typed)
    assert answer.status_code == 409
    assert "removed from this text for good" not in answer.content.decode()


# The page


def look(client, thing, text=NAME, **more):
    answer = client.post(address(thing), {"passage": text, "_step": "look", **more})
    return answer, BeautifulSoup(answer.content, "html.parser")


def hidden(page):
    return {field["name"]: field.get("value", "") for field in page.select(".panel--danger input[type=hidden]")}


def test_the_page_counts_the_places_before_it_asks_to_go_on(client, chief):
    client.force_login(chief)
    story = make_article(by=chief, headline=f"What {NAME} saw", standfirst=NAME)
    save(story, chief)
    save(story, chief, standfirst="Other")
    answer, page = look(client, story)
    text = page.get_text(" ", strip=True)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    for words in ("It stands in 4 places", "1 time in the draft", "in 2 versions: 2, 1", "browsers of colleagues"):
        assert words in text
    assert page.select_one(".context mark").get_text() == NAME
    assert traces("quokkan")
    answer = client.post(address(story), {**hidden(page), "passage": NAME})
    assert answer.status_code == 302
    assert traces("quokkan") == []
    assert "Passage removed" in client.get(address(story, "history")).content.decode()


def test_the_page_refuses_while_readers_have_the_passage(client, chief):
    client.force_login(chief)
    story = make_article(published=True, by=chief, headline=NAME)
    answer, page = look(client, story)
    assert answer.status_code == 422
    assert "Readers have this passage" in page.select_one(".field--passage .errorlist").get_text()
    assert page.select(".panel--danger") == []
    forged = client.post(address(story), {"passage": NAME, "_step": "scrub", "version": story.read_draft().version})
    assert forged.status_code == 422
    story.refresh_from_db()
    assert story.headline == NAME


def test_the_page_names_what_it_does_not_touch(client, chief):
    client.force_login(chief)
    photo = make_photo(caption=f"{NAME} at sea.")
    story = make_article(by=chief, headline=NAME, photo=photo)
    twin = make_article(by=chief, headline=NAME, translation_group=story.translation_group, edition=make_edition("ru"))
    _answer, page = look(client, story)
    links = [link["href"] for link in page.select(".panel--danger .notice a")]
    assert links == [address(twin, "change"), address(photo, "change")]


def test_a_save_in_between_is_seen_before_anything_goes(client, chief):
    client.force_login(chief)
    story = make_article(by=chief, headline=NAME)
    _answer, page = look(client, story)
    save(story, chief, standfirst=f"New words about {NAME}.")
    answer = client.post(address(story), {**hidden(page), "passage": NAME})
    assert answer.status_code == 409
    assert story.read_draft().content["headline"] == NAME
    again = BeautifulSoup(answer.content, "html.parser")
    assert client.post(address(story), {**hidden(again), "passage": NAME}).status_code == 302


@pytest.mark.parametrize("text", ["", "ab", "...", "x" * 2001, "bell\x07bell", "a\ufffdbcd", "   "])
def test_what_is_no_passage_is_refused_at_its_field(client, chief, text):
    client.force_login(chief)
    answer, page = look(client, make_article(by=chief), text)
    assert answer.status_code == 422
    assert page.select(".field--passage .errorlist")


@pytest.mark.parametrize("version", ["", "abc", "-1", "²", "9" * 30])
def test_a_forged_version_removes_nothing(client, chief, version):
    client.force_login(chief)
    story = make_article(by=chief, headline=NAME)
    answer = client.post(address(story), {"passage": NAME, "_step": "scrub", "version": version})
    assert answer.status_code == 409
    assert story.read_draft().content["headline"] == NAME


def test_a_passage_that_stands_nowhere_is_said_so(client, chief):
    client.force_login(chief)
    answer, page = look(client, make_article(by=chief))
    assert answer.status_code == 422
    assert "stands nowhere" in page.get_text()


@pytest.mark.parametrize("role", ["Editor", "Reporter", "Photo editor", "Newsletter editor", "Fundraiser", None])
def test_nobody_but_administrators_removes_a_passage(client, role):
    user = make_user(role)
    client.force_login(user)
    story = make_article(by=user, headline=NAME)
    assert client.get(address(story)).status_code == 403
    assert client.post(address(story), {"passage": NAME, "_step": "scrub", "version": 1}).status_code == 403
    assert story.read_draft().content["headline"] == NAME
    history = client.get(address(story, "history"))
    assert history.status_code == 403 or address(story) not in history.content.decode()


def test_the_right_alone_is_not_enough_where_one_may_not_edit(client):
    from django.contrib.auth.models import Permission

    user = make_user("Photo editor")
    user.user_permissions.add(Permission.objects.get(codename="scrub_revision"))
    client.force_login(user)
    story = make_article(headline=NAME)
    assert client.get(address(story)).status_code == 403
    assert Article.objects.get(pk=story.pk).read_draft().content["headline"] == NAME
