"""Names that must not appear, and names taken back: nowhere means nowhere."""

import io
import json
import logging

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import IntegrityError, models, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from articles import names, search
from articles.keeping import KINDS
from articles.models import (
    Article,
    Correction,
    LiveEntry,
    MassWithdrawal,
    NameWithdrawal,
    Person,
    PersonIdentity,
    PersonText,
    Photo,
    RemovalRequest,
)
from articles.models.withdrawal import Undone
from newsroom import logs, pagecache, registry, sealing, worker
from newsroom.editions import all_editions
from newsroom.models import StaffAction
from newsroom.text_edition import has_text
from tests.make import make_article, make_edition, make_page, make_person, make_photo, make_user
from tests.newsletters.make import make_newsletter, send_letter

pytestmark = pytest.mark.django_db
NAME, RUSSIAN = "Zorvanna Quillfeather", "Зорванна Квиллфезер"
REAL = "Ilvessa Thornmarch"
MARKS = ("Quillfeather", "Квиллфезер", "quillfeather", "kvillfezer", "Thornmarch", "thornmarch")


@pytest.fixture
def editor():
    return make_user("Editor")


@pytest.fixture
def signed(editor):
    """Return the person who signs stories and photos by name in two editions, and whose letter went out."""
    english, russian = make_edition(postal_address="1 Quay"), make_edition("ru", postal_address="1 Quay")
    photo = make_photo(creator=NAME, agency="EPA", caption="A boat.", alt="A boat.")
    person = make_person(
        NAME, slug="zorvanna-quillfeather", title=f"{NAME}, correspondent", bio_html=f"<p>{NAME} lives.</p>"
    )
    person.portrait = photo
    person.save()
    PersonText.objects.create(person=person, language="ru", name=RUSSIAN)
    PersonIdentity.objects.create(person=person, real_name=REAL)
    story = make_article(
        published=True, people=[person, make_person("Ada Bren")], photo=photo, topics=["Rivers"], by=editor,
        byline_text=f"By {NAME} in Riga, with Ada Bren",
    )  # fmt: skip
    make_article(published=True, edition=russian, people=[person], photo=photo)
    make_page("about")
    send_letter(make_newsletter(edition=english, slug="week"), [story])
    return person


def reader_views(resolver=None):
    """Yield every view of the site that makes a reader page."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from reader_views(entry)
        elif getattr(entry.callback, "is_reader_page", False):
            yield entry.callback


def addresses(edition):
    """Return every public address of an edition: what the apps name, and what is made of these."""
    named = [str(path) for find in registry.public_urls.values() for path in find(edition)]
    inner = [path.removeprefix(edition.prefix) for path in named]
    text = [f"{edition.prefix}/text{path}" for path in inner if has_text(path)]
    ids = Article.objects.published().in_edition(edition).values_list("public_id", flat=True)
    kept = [f"{edition.prefix}/save/{public_id}/{kind}" for public_id in ids for kind in KINDS]
    return [*named, *text, *kept]


def surfaces(client):
    """Yield (where, text) of everything that anybody outside can get: pages, feeds, mails, files, stored pages."""
    for edition in all_editions():
        for path in addresses(edition):
            answer = client.get(path)
            yield path, answer.content.decode("utf-8", "replace") + json.dumps(dict(answer.headers))
        for query in ("Quillfeather", "Квиллфезер", "Thornmarch"):
            found = client.get(f"{edition.prefix}/search/", {"q": query}).text
            yield f"search in {edition.code}", found.replace(query, "", 3)
    for message in mail.outbox:
        yield "mail", message.message().as_string()
    for photo in Photo.objects.all():
        for rendition in photo.renditions:
            yield (
                rendition["name"],
                rendition["name"] + default_storage.open(rendition["name"]).read().decode("latin-1"),
            )
    for page in pagecache.store.pages.values():
        yield "stored page", page.body.decode("utf-8", "replace")


def seen(client):
    """Return where one of the marks stands."""
    return sorted({where for where, text in surfaces(client) if any(mark in text for mark in MARKS)})


# They ask for money, or say that nothing is there, and show no story.
WITHOUT_NAMES = {"support_in", "later", "nothing"}


def test_the_check_comes_to_every_reader_page_that_there_is(client, signed):
    come_to = {
        resolve(path.removeprefix(edition.prefix)).func for edition in all_editions() for path in addresses(edition)
    }
    missed = {f"{view.__module__}.{view.__name__}" for view in set(reader_views()) - come_to}
    assert {name for name in missed if name.rpartition(".")[2] not in WITHOUT_NAMES} == set()


def test_the_check_itself_sees_a_name_that_is_shown(client, signed):
    found = seen(client)
    assert {"/feed.xml", "/people/zorvanna-quillfeather/", "/text/people/zorvanna-quillfeather/", "stored page"} <= set(
        found
    )
    assert {where.rpartition("/")[2] for where in found if "/save/" in where} == set(KINDS)
    assert any(where.startswith("/20") for where in found)


@pytest.mark.parametrize("state", ["withheld", "pseudonym", "desk"])
def test_a_real_name_stands_on_no_surface_whatever_is_shown(client, signed, state):
    signed.name_state = state
    signed.name = "Mara Vell" if state == "pseudonym" else NAME
    signed.slug = "p-1"
    signed.title = signed.bio_html = ""
    signed.save()
    signed.texts.all().delete()
    Photo.objects.update(creator="")
    Article.objects.update(byline_text="")
    mail.outbox.clear()
    assert seen(client) == []
    if state == "desk":
        assert "By The Lantern" in client.get(Article.objects.order_by("pk").first().get_absolute_url()).text


@pytest.mark.parametrize("how", ["pseudonym", "desk", "nothing"])
def test_a_name_that_is_withdrawn_stands_nowhere_at_the_next_request(client, signed, editor, how):
    seen(client)
    pagecache.forget_all()
    cache.clear()
    mail.outbox.clear()
    done = signed.withdraw_name(how, pseudonym="Mara Vell" if how == "pseudonym" else "", by=editor, at=timezone.now())
    assert (done.stories, done.photos) == (2, 1)
    assert seen(client) == []
    gone = client.get("/people/zorvanna-quillfeather/")
    assert gone.status_code == 410
    assert "Quillfeather" not in gone.text.replace("/people/zorvanna-quillfeather/", "")
    story = client.get(Article.objects.order_by("pk").first().get_absolute_url()).text
    assert ("Mara Vell" in story) == (how == "pseudonym")
    assert "Ada Bren" in story
    assert "EPA" in story


def test_pages_that_are_stored_show_a_withdrawn_name_no_more_not_even_while_the_database_is_away(
    client, signed, editor, django_capture_on_commit_callbacks
):
    seen(client)
    held = [address for address, page in pagecache.store.pages.items() if b"Quillfeather" in page.body]
    assert held
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        signed.withdraw_name("desk", by=editor, at=timezone.now())
    away = HttpResponse(status=503)
    away.is_database_away = True
    without_database = pagecache.PageCacheMiddleware(lambda request: away)
    for address in held:
        host, _slash, path = address.partition("/")
        request = RequestFactory().get(f"/{path}", headers={"host": host})
        assert without_database(request).status_code == 503, address
    assert [where for where in seen(client) if where != "stored page"] == []


def test_nothing_in_the_database_tells_the_name_but_the_sealed_box_and_the_identity(signed, editor):
    kind = ContentType.objects.get_for_model(Person)
    LogEntry.objects.log_actions(editor.pk, [signed], CHANGE, "changed")
    assert LogEntry.objects.filter(content_type=kind, object_repr=NAME).exists()
    signed.withdraw_name("nothing", by=editor, at=timezone.now())
    told = []
    for model in apps.get_models():
        if model is PersonIdentity or model._meta.label_lower in {"newsroom.sealingkey", "newsletters.rendering"}:
            continue
        columns = [
            field.attname for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]  # fmt: skip
        for row in model._base_manager.values_list(*columns) if columns else ():
            text = " ".join(json.dumps(value, ensure_ascii=False, default=str) for value in row)
            told += [model._meta.label for mark in MARKS[:4] if mark in text]
    assert told == []


def test_the_logs_tell_no_name(signed, editor):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.StructuredFormatter())
    logging.getLogger().addHandler(handler)
    try:
        signed.withdraw_name("desk", by=editor, at=timezone.now())
    finally:
        logging.getLogger().removeHandler(handler)
    assert not any(mark in stream.getvalue() for mark in MARKS)
    assert not any(mark in str(row.__dict__) for row in StaffAction.objects.all() for mark in MARKS)


@pytest.mark.parametrize(
    ("credit", "how", "after"),
    [
        ((f"{NAME} / Northlight", "EPA", f"© 2026 {NAME}"), "nothing", ("Northlight", "EPA", "")),
        ((f"{NAME} / Northlight", "EPA", "EPA"), "pseudonym", ("Mara Vell / Northlight", "EPA", "EPA")),
        ((f"{NAME.upper()} for Northlight", "", ""), "nothing", ("The Lantern", "", "")),
        (("Ada Bren", NAME, ""), "desk", ("Ada Bren", "The Lantern", "")),
        (("Ada Bren", "EPA", ""), "desk", ("Ada Bren", "EPA", "")),
    ],
)
def test_a_name_inside_a_credit_goes_and_the_rest_of_it_stays(signed, editor, credit, how, after):
    photo = make_photo(creator=credit[0], agency=credit[1], copyright=credit[2])
    done = signed.withdraw_name(how, pseudonym="Mara Vell" if how == "pseudonym" else "", by=editor, at=timezone.now())
    photo.refresh_from_db()
    assert (photo.creator, photo.agency, photo.copyright) == after
    done.undo(by=editor, at=timezone.now())
    photo.refresh_from_db()
    assert (photo.creator, photo.agency, photo.copyright) == credit


def test_files_that_keep_the_credit_are_made_anew_and_the_old_ones_go_at_once(signed, editor, settings):
    settings.PHOTO_KEEP_CREDIT = True
    photo = signed.portrait
    photo.make_renditions()
    old = [rendition["name"] for rendition in photo.renditions]
    assert any(NAME.encode() in default_storage.open(name).read() for name in old)
    signed.withdraw_name("nothing", by=editor, at=timezone.now())
    worker.drain()
    photo.refresh_from_db()
    assert photo.renditions
    assert not any(NAME.encode() in default_storage.open(entry["name"]).read() for entry in photo.renditions)
    assert [name for name in old if default_storage.exists(name)] == []


def test_undoing_brings_everything_back_and_spares_what_was_changed_since(client, signed, editor):
    before = {name: getattr(signed, name) for name in ("name", "slug", "name_state", "title", "bio_html", "portrait")}
    other = make_photo(creator=NAME, agency="")
    done = signed.withdraw_name("pseudonym", pseudonym="Mara Vell", by=editor, at=timezone.now())
    other.refresh_from_db()
    other.creator = "Somebody Else"
    other.save()
    done.undo(by=editor, at=timezone.now())
    signed.refresh_from_db()
    assert {name: getattr(signed, name) for name in before} == before
    assert signed.name_in("ru") == RUSSIAN
    assert sorted(Photo.objects.values_list("creator", flat=True)) == ["Somebody Else", NAME]
    assert client.get("/people/zorvanna-quillfeather/").status_code == 200
    assert f"By {NAME}" in Article.objects.order_by("pk").first().byline_text
    with pytest.raises(Undone):
        done.undo(by=editor, at=timezone.now())


def test_a_destroyed_key_makes_a_withdrawal_final(signed, editor):
    done = signed.withdraw_name("nothing", by=editor, at=timezone.now())
    sealing.destroy_key(done.key_id)
    with pytest.raises(sealing.Erased):
        done.undo(by=editor, at=timezone.now())


def test_texts_that_name_the_person_are_listed_in_any_ending(signed, editor):
    story = make_article(published=True, headline="Interview", body_html=f"<p>We met {NAME.upper()} at sea.</p>")
    russian = make_article(edition=make_edition("ru"), headline="Статья", published=True, body_html="<p>x</p>")
    Article.objects.filter(pk=russian.pk).update(body_html="<p>Мы видели Зорванну Квиллфезера.</p>")
    make_photo(caption="Quillfeather on deck.")
    make_page("founders", title="About", body_html="<p>Founded by Z. Quillfeather.</p>")
    story.correct(
        text="We misspelled Quillfeather.", version=story.read_draft().version, by=editor, at=timezone.now()
    )  # fmt: skip
    LiveEntry.write(story, title="", text="Quillfeather speaks.", is_key=False, by=editor, at=timezone.now())
    draft = make_article(headline="Notes on Quillfeather")
    make_article(published=True, headline="The quill", body_html="<p>A feather and a quill.</p>")
    done = signed.withdraw_name("nothing", by=editor, at=timezone.now())
    found = {(str(mention.what), mention.field) for mention in done.mentions()}
    assert found == {
        ("Story", "body_html"), ("Photo", "caption"), ("Page", "body_html"), ("Correction", "text"),
        ("Draft of a story", "draft"), ("Live entry", "text_html"),
    }  # fmt: skip
    urls = {mention.url for mention in done.mentions()}
    assert reverse("admin:articles_article_change", args=[russian.pk]) in urls
    assert reverse("admin:articles_article_change", args=[draft.pk]) in urls
    assert Correction.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"how": "pseudonym", "pseudonym": ""}, "pseudonym"),
        ({"how": "pseudonym", "pseudonym": "Z. Quillfeather"}, "pseudonym"),
        ({"how": "desk", "reason": f"{NAME} asked for it"}, "reason"),
        ({"how": "nobody"}, "how"),
        ({"how": "desk", "reason": "x" * 301}, "reason"),
        ({"how": "desk", "reason": "bell \x07"}, "reason"),
    ],
)
def test_a_withdrawal_that_would_tell_is_refused_at_its_field(client, signed, editor, changes, field):
    client.force_login(editor)
    answer = client.post(reverse("admin:articles_person_withdraw_name", args=[signed.pk]), changes)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not NameWithdrawal.objects.exists()
    signed.refresh_from_db()
    assert signed.name == NAME


def test_an_editor_withdraws_reads_the_report_and_undoes(client, signed, editor):
    make_article(published=True, headline="Interview", body_html=f"<p>We met {NAME}.</p>")
    client.force_login(editor)
    address = reverse("admin:articles_person_withdraw_name", args=[signed.pk])
    assert address in client.get(reverse("admin:articles_person_change", args=[signed.pk])).text
    assert "2 stories" in client.get(address).text
    answer = client.post(address, {"how": "desk"}, follow=True)
    assert "2 stories changed" in answer.text
    assert "Interview" in answer.text
    assert not any(mark in answer.text for mark in MARKS)
    undo = reverse("admin:articles_namewithdrawal_undo", args=[NameWithdrawal.objects.get().pk])
    assert client.get(undo).status_code == 403
    assert "back as it was" in client.post(undo, follow=True).text
    signed.refresh_from_db()
    assert signed.name == NAME


@pytest.mark.parametrize("role", ["Reporter", "Photo editor", "Newsletter editor", "Fundraiser", None])
def test_nobody_else_withdraws_undoes_or_reads(client, signed, editor, role):
    done = make_person("Other Person").withdraw_name("nothing", by=editor, at=timezone.now())
    client.force_login(make_user(role))
    assert client.get(reverse("admin:articles_person_withdraw_name", args=[signed.pk])).status_code == 403
    assert client.post(reverse("admin:articles_namewithdrawal_undo", args=[done.pk])).status_code == 403
    assert client.get(reverse("admin:articles_namewithdrawal_change", args=[done.pk])).status_code == 403


def test_a_name_is_withdrawn_once_at_a_time(signed, editor):
    signed.withdraw_name("desk", by=editor, at=timezone.now())
    with pytest.raises(Exception, match="withdrawn already"):
        signed.withdraw_name("desk", by=editor, at=timezone.now())


def test_a_photo_is_never_left_without_a_credit(signed, editor):
    alone = make_photo(creator=NAME.lower(), agency="")
    signed.withdraw_name("nothing", by=editor, at=timezone.now())
    alone.refresh_from_db()
    assert alone.credit == "The Lantern"


def test_a_handwritten_line_links_those_who_sign_and_never_names_who_may_not_be(client, editor):
    ada, mute = make_person("Ada Bren", slug="ada"), make_person("Mute Person", name_state="withheld")
    mute.approve_name(by=editor, at=timezone.now())
    story = make_article(published=True, people=[ada], byline_text="Reported with Ada Bren in Riga <b>")
    text = client.get(story.get_absolute_url()).text
    assert 'Reported with <a href="/people/ada/" rel="author">Ada Bren</a> in Riga &lt;b&gt;' in text
    blocked = make_article(people=[ada, mute], byline_text="By Ada Bren and Mute Person")
    assert "byline_text" in {problem.field for problem in blocked.problems() if problem.blocks}
    leaky = make_article(published=True, people=[ada, mute])
    Article.objects.filter(pk=leaky.pk).update(byline_text="By Ada Bren and Mute Person")
    assert "Mute" not in client.get(leaky.get_absolute_url()).text


def test_names_are_compared_by_words():
    assert names.mentions("<p>Встреча с Анной Ивановой</p>", ["Анна Иванова"])
    assert names.mentions("Королев", ["Пётр Королёв"])
    assert not names.mentions("Ivanhoe", ["Anna Ivanova"])
    assert not names.mentions("anything", ["", "X"])
    assert search.words("Ёж") == ["еж"]


# Requests


def test_a_request_is_sealed_and_its_decision_is_on_record(client, editor):
    story = make_article(published=True)
    client.force_login(editor)
    add = reverse("admin:articles_removalrequest_add")
    assert "Name the story or the person" in client.post(add, {"words": "Please", "story": "", "person": ""}).text
    client.post(add, {"words": f"{REAL} asks to be forgotten", "story": story.public_id, "person": ""})
    removal = RemovalRequest.objects.get()
    assert REAL not in removal.sealed
    change = reverse("admin:articles_removalrequest_change", args=[removal.pk])
    assert f"{REAL} asks to be forgotten" in client.get(change).text
    assert "Withdraw the story first" in client.post(change, {"decision": "story"}).text
    client.post(change, {"decision": "hidden"})
    removal.refresh_from_db()
    assert (removal.decision, removal.decided_by) == ("hidden", editor)
    assert '<meta name="robots" content="noindex">' in client.get(story.get_absolute_url()).text
    client.post(change, {"decision": "refused"})
    removal.refresh_from_db()
    assert removal.decision == "hidden"


def test_a_decision_stands_once(editor):
    removal = RemovalRequest.log(words="x", story=make_article(published=True), by=editor, at=timezone.now())
    removal.decide("refused", by=editor, at=timezone.now())
    with pytest.raises(Exception, match="decided this already"):
        RemovalRequest.objects.get().decide("hidden", by=editor, at=timezone.now())


@pytest.mark.parametrize(("decision", "message"), [("name", "name first"), ("note", "note first"), ("story", "story")])
def test_what_was_not_done_is_not_put_on_record(editor, decision, message):
    removal = RemovalRequest.log(words="x", story=make_article(published=True), by=editor, at=timezone.now())
    with pytest.raises(Exception, match=message):
        removal.decide(decision, by=editor, at=timezone.now())


# Many stories


def test_many_stories_are_withdrawn_by_two_editors_only(client, editor):
    stories = [make_article(published=True, headline=f"Story {number}") for number in range(3)]
    client.force_login(editor)
    chosen = {"action": "ask_to_withdraw", "_selected_action": [story.pk for story in stories]}
    listing = reverse("admin:articles_article_changelist")
    assert "Another editor confirms" in client.post(listing, chosen).text
    client.post(listing, {**chosen, "explanation": "The source was not who he said."})
    asked = MassWithdrawal.objects.get()
    decide = reverse("admin:articles_masswithdrawal_decide", args=[asked.pk])
    assert "two pairs of eyes" in client.post(decide, {"_decision": "confirm"}, follow=True).text
    assert Article.objects.published().count() == 3
    client.force_login(make_user("Editor"))
    assert "3 stories are withdrawn" in client.post(decide, {"_decision": "confirm"}, follow=True).text
    assert Article.objects.published().count() == 0
    assert "decided already" in client.post(decide, {"_decision": "confirm"}, follow=True).text


def test_a_reporter_neither_asks_nor_decides(client, editor):
    story = make_article(published=True)
    asked = MassWithdrawal.ask([story], explanation="Wrong.", by=editor, at=timezone.now())
    client.force_login(make_user("Reporter"))
    assert client.post(
        reverse("admin:articles_masswithdrawal_decide", args=[asked.pk]), {"_decision": "confirm"}
    ).status_code == 403  # fmt: skip
    client.post(reverse("admin:articles_article_changelist"),
                {"action": "ask_to_withdraw", "_selected_action": [story.pk], "explanation": "x"})  # fmt: skip
    assert MassWithdrawal.objects.count() == 1
    assert Article.objects.published().count() == 1


def test_the_database_wants_two_people(editor):
    asked = MassWithdrawal.ask([make_article(published=True)], explanation="Wrong.", by=editor, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        MassWithdrawal.objects.filter(pk=asked.pk).update(confirmed_by=editor)
