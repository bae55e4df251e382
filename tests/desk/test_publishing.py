"""From draft to live: what publishing asks and tells, corrections, the minute for undoing, and what follows."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from articles.models import Article, Correction
from desk.models import Embargoed, Revision, Stale, TooLate
from newsroom import worker
from newsroom.models import StaffAction
from tests.make import make_article, make_edition, make_page, make_person, make_section, make_user

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def editor(client):
    user = make_user("Editor")
    client.force_login(user)
    return user


def address(thing, name="change"):
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{name}", args=[thing.pk])


def typed(article, **changes):
    content = article.read_draft().content
    return {
        "version": article.read_draft().version, "headline": content["headline"], "standfirst": content["standfirst"],
        "body_html": content["body_html"], "section": content["section"], "topics": ", ".join(content["topics"]),
        "bylines-rows": "0", "related-rows": "0", "no_byline": "on", "is_recommended": "on",
        "times-embargo_until": "", "times-expires_at": "", **changes,
    }  # fmt: skip


def changed(article, by, at=NOW, **fields):
    draft = article.read_draft()
    return article.save_draft({**draft.content, **fields}, version=draft.version, by=by, at=at).version


def public(at):
    return list(Article.objects.published(at).values_list("headline", flat=True))


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


# The kind of change, and corrections


def test_publishing_a_change_asks_what_changed(client, editor):
    article = make_article(published=True)
    response = client.post(address(article), typed(article, headline="New words", _move="publish_changes"))
    assert response.status_code == 422
    assert "change" in response.context["move_form"].errors
    assert "Your text is saved" in response.text
    assert article.read_draft().content["headline"] == "New words"
    article.refresh_from_db()
    assert article.headline != "New words"


@pytest.mark.parametrize(("change", "is_updated"), [("typo", False), ("facts", True)])
def test_a_typo_leaves_the_time_of_the_update_alone_and_new_facts_set_it(client, editor, change, is_updated):
    article = make_article(published=True)
    data = typed(article, headline="New words", _move="publish_changes", **{"move-change": change})
    assert client.post(address(article), data).status_code == 302
    article.refresh_from_db()
    assert article.headline == "New words"
    assert (article.updated_at is not None) is is_updated


def test_a_correction_needs_its_note_and_publishes_nothing_without(client, editor):
    article = make_article(published=True)
    data = typed(article, headline="New words", _move="publish_changes", **{"move-change": "correction"})
    response = client.post(address(article), data)
    assert response.status_code == 422
    assert "correction_text" in response.context["move_form"].errors
    article.refresh_from_db()
    assert article.headline != "New words"
    assert not Correction.objects.exists()
    with pytest.raises(ValidationError):
        article.publish(version=article.read_draft().version, by=editor, at=timezone.now(), change="correction")


@pytest.mark.parametrize("place", ["top", "end"])
def test_a_correction_stands_in_the_story_with_its_number_date_and_address(client, editor, place, on_commit):
    article = make_article(published=True, headline="Ships leave")
    client.get(article.get_absolute_url())
    data = typed(article, headline="Two ships leave", _move="publish_changes")
    answers = {"change": "correction", "correction_text": "We wrote <b>“one ship”</b>;\nthere were two.",
               "correction_kind": "clarification", "correction_place": place}  # fmt: skip
    with on_commit(execute=True):
        response = client.post(address(article), {**data, **{f"move-{name}": answers[name] for name in answers}})
    assert response.status_code == 302
    correction = Correction.objects.get()
    assert (correction.number, correction.kind, correction.created_by) == (1, "clarification", editor)
    article.refresh_from_db()
    assert article.updated_at == correction.created_at
    text = client.get(article.get_absolute_url()).text
    assert "Two ships leave" in text
    assert 'id="correction-1"' in text and "Clarification" in text and "No. 1" in text
    assert "We wrote &lt;b&gt;“one ship”&lt;/b&gt;;<br>there were two." in text
    assert (text.index('id="correction-1"') < text.index('class="prose"')) is (place == "top")
    assert correction.get_absolute_url() == f"{article.get_absolute_url()}#correction-1"


def test_a_correction_speaks_the_language_of_its_edition(client):
    article = make_article(published=True, section=make_section(edition=(make_edition(), make_edition("ru"))[1]))
    article.correct(text="Было два корабля.", version=article.read_draft().version, by=None, at=timezone.now())
    text = client.get(article.get_absolute_url()).text
    assert "Исправление" in text
    assert "№ 1" in text


def test_numbers_of_corrections_go_on_per_edition_and_are_never_given_twice(editor):
    first, second = make_article(published=True, at=NOW), make_article(published=True, at=NOW)
    russian = make_article(published=True, at=NOW, section=make_section(edition=make_edition("ru")))

    def correct(article, at=NOW):
        article.correct(text="Wrong.", version=article.read_draft().version, by=editor, at=at)
        return article.corrections.latest("pk").number

    assert [correct(first), correct(second), correct(russian)] == [1, 2, 1]
    second.undo(version=second.read_draft().version, by=editor, at=NOW + SECOND)
    assert not second.corrections.standing().exists()
    assert correct(first, NOW + HOUR) == 3


@pytest.mark.parametrize("fields", [{"text": " \n "}, {"text": "x" * 1001}, {"kind": "rumour"}, {"place": "side"}])
def test_a_correction_that_says_nothing_too_much_or_something_else_is_refused(editor, fields):
    article = make_article(published=True, at=NOW)
    with pytest.raises(ValidationError):
        article.correct(**{"text": "Wrong.", **fields}, version=article.read_draft().version, by=editor, at=NOW)
    assert article.revisions.count() == 1


def test_only_what_readers_see_can_be_corrected(editor):
    article = make_article(published=True, at=NOW, when=NOW + HOUR)
    with pytest.raises(ValidationError):
        article.correct(text="Wrong.", version=article.read_draft().version, by=editor, at=NOW)


def test_the_database_refuses_an_empty_correction(editor):
    article = make_article(published=True)
    for fields in ({"text": ""}, {"kind": "rumour"}, {"place": "mid"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Correction.objects.create(
                **{
                    "article": article,
                    "edition": article.edition,
                    "number": 1,
                    "text": "x",
                    "created_at": NOW,
                    **fields,
                }
            )


def test_of_two_corrections_from_one_version_only_the_first_is_written(editor):
    article = make_article(published=True, at=NOW)
    version = article.read_draft().version
    article.correct(text="First.", version=version, by=editor, at=NOW)
    with pytest.raises(Stale):
        Article.objects.get(pk=article.pk).correct(text="Second.", version=version, by=editor, at=NOW)
    assert [row.text for row in Correction.objects.all()] == ["First."]


# Undo


def test_a_first_publication_can_be_taken_back_for_a_minute(editor):
    article = make_article(at=NOW, by=editor)
    draft = article.publish(version=1, by=editor, at=NOW)
    article.undo(version=draft.version, by=editor, at=NOW + 60 * SECOND)
    article.refresh_from_db()
    assert (article.state, article.published_at, article.first_published_at) == ("draft", None, None)
    assert public(NOW + HOUR) == []
    assert (article.read_draft().stage, article.read_draft().is_pending) == ("ready", True)
    assert not article.revisions.filter(live_from__isnull=False, live_until__isnull=True).exists()


def test_undoing_a_change_brings_back_what_readers_saw_and_keeps_what_was_typed(editor):
    article = make_article(published=True, at=NOW, headline="First", topics=["One"], people=[make_person("Ada")])
    version = changed(article, editor, headline="Second", topics=["Two"], bylines=[], no_byline=True)
    draft = article.publish(version=version, by=editor, at=NOW + HOUR, change="facts")
    article.undo(version=draft.version, by=editor, at=NOW + HOUR + SECOND)
    article.refresh_from_db()
    assert (article.headline, article.updated_at, article.published_at) == ("First", None, NOW)
    assert [topic.name for topic in article.topics.all()] == ["One"]
    assert [byline.person.name for byline in article.bylines.all()] == ["Ada"]
    assert article.read_draft().content["headline"] == "Second"
    live = article.revisions.get(live_from__isnull=False, live_until__isnull=True)
    assert (live.kind, live.content["headline"], live.live_from) == (Revision.Kind.UNDO, "First", NOW + HOUR + SECOND)


def test_undoing_a_withdrawal_brings_the_story_back_as_it_was(editor):
    article = make_article(published=True, at=NOW, headline="First")
    version = changed(article, editor, headline="Typed since")
    article.withdraw(by=editor, at=NOW + HOUR, note="Wrong.", version=version)
    article.undo(version=article.read_draft().version, by=editor, at=NOW + HOUR + SECOND)
    article.refresh_from_db()
    assert (article.state, article.published_at, article.withdrawal_note) == ("published", NOW, "")
    assert public(NOW + 2 * HOUR) == ["First"]
    assert (article.read_draft().content["headline"], article.read_draft().is_pending) == ("Typed since", True)


def test_undoing_a_schedule_makes_it_a_draft_again_and_the_time_passes_without_it(editor):
    article = make_article(at=NOW)
    draft = article.schedule(version=1, by=editor, at=NOW, when=NOW + HOUR)
    article.undo(version=draft.version, by=editor, at=NOW + SECOND)
    assert public(NOW + 2 * HOUR) == []


def test_undoing_a_lifted_embargo_sets_it_again(editor):
    article = make_article(at=NOW, embargo_until=NOW + HOUR)
    draft = article.publish(version=1, by=editor, at=NOW, lift_embargo=True)
    article.undo(version=draft.version, by=editor, at=NOW + SECOND)
    article.refresh_from_db()
    assert article.embargo_until == NOW + HOUR


def test_what_was_typed_after_a_publication_survives_its_undoing(editor):
    article = make_article(published=True, at=NOW, headline="First")
    article.publish(version=changed(article, editor, headline="Second"), by=editor, at=NOW)
    version = changed(article, editor, headline="Third")
    article.undo(version=version, by=editor, at=NOW + SECOND)
    assert (public(NOW + HOUR), article.read_draft().content["headline"]) == (["First"], "Third")


@pytest.mark.parametrize("late", [61 * SECOND, HOUR, -HOUR])
def test_after_the_minute_nothing_is_undone(editor, late):
    article = make_article(published=True, at=NOW)
    version = article.read_draft().version
    with pytest.raises(TooLate):
        article.undo(version=version, by=editor, at=NOW + late)
    assert (public(NOW), article.read_draft().version) == ([article.headline], version)


def test_an_undo_is_done_once_and_never_from_a_stale_version(editor):
    article = make_article(published=True, at=NOW)
    with pytest.raises(Stale):
        article.undo(version=1, by=editor, at=NOW + SECOND)
    assert public(NOW)
    article.undo(version=article.read_draft().version, by=editor, at=NOW + SECOND)
    with pytest.raises(TooLate):
        article.undo(version=article.read_draft().version, by=editor, at=NOW + SECOND)
    assert not StaffAction.objects.filter(action="undo").count() > 1


def test_the_button_for_undoing_stands_for_a_minute_and_names_the_story(client, editor, time_machine):
    time_machine.move_to(NOW, tick=False)
    article = make_article(headline="Ships leave", at=NOW)
    response = client.post(address(article), typed(article, _move="publish"), follow=True)
    assert "Published. Readers see “Ships leave” now." in response.text
    assert 'data-undo="60"' in response.text
    time_machine.shift(61)
    assert "data-undo=" not in client.get(address(article)).text
    late = client.post(address(article), typed(article, headline="Typed", _move="undo"))
    assert late.status_code == 422
    assert "The minute for undoing is over." in late.text
    assert article.read_draft().content["headline"] == "Typed"


def test_pressing_undo_takes_the_story_back_and_saves_what_was_typed(client, editor):
    article = make_article()
    client.post(address(article), typed(article, _move="publish"))
    response = client.post(address(article), typed(article, headline="Better words", _move="undo"), follow=True)
    assert "Undone." in response.text
    article.refresh_from_db()
    assert (article.state, article.read_draft().content["headline"]) == ("draft", "Better words")


def test_a_reporter_undoes_nothing(client, editor):
    reporter = make_user("Reporter")
    article = make_article(by=reporter)
    client.post(address(article), typed(article, _move="publish"))
    client.force_login(reporter)
    assert client.post(address(article), typed(article, _move="undo")).status_code == 403
    article.refresh_from_db()
    assert article.state == "published"


def test_pages_and_everything_published_can_be_undone(editor):
    page = make_page(at=NOW)
    page.undo(version=page.read_draft().version, by=editor, at=NOW)
    page.refresh_from_db()
    assert page.state == "draft"


# Stages


def test_a_story_marked_ready_goes_back_to_review_when_a_reporter_changes_it(client, editor):
    reporter = make_user("Reporter")
    article = make_article(by=reporter)
    article.mark_ready(version=1, by=editor, at=timezone.now())
    client.force_login(reporter)
    client.post(address(article), typed(article))
    assert article.read_draft().stage == "ready", "an unchanged text is still the one that was edited"
    client.post(address(article), typed(article, headline="Changed after editing"))
    assert article.read_draft().stage == "in_review"


def test_a_story_marked_ready_stays_ready_when_an_editor_changes_it(client, editor):
    article = make_article()
    article.mark_ready(version=1, by=editor, at=timezone.now())
    client.post(address(article), typed(article, headline="The editor's last touch"))
    assert article.read_draft().stage == "ready"


def test_an_old_version_restored_by_a_reporter_goes_back_to_review(editor):
    reporter = make_user("Reporter")
    article = make_article(by=reporter, at=NOW)
    old = article.keep_revision("save", content={**article.read_draft().content, "headline": "Old"}, by=None, at=NOW)
    version = article.mark_ready(version=1, by=editor, at=NOW).version
    assert article.restore(old, version=version, by=reporter, at=NOW).stage == "in_review"


# Times and embargoes


def test_an_embargo_set_by_another_editor_in_the_meantime_holds(editor):
    article = make_article(at=NOW)
    loaded = Article.objects.get(pk=article.pk)
    article.set_times(embargo_until=NOW + HOUR, expires_at=None, by=editor, at=NOW)
    with pytest.raises(Embargoed):
        loaded.publish(version=1, by=editor, at=NOW)
    article.refresh_from_db()
    assert (article.embargo_until, article.state) == (NOW + HOUR, "draft")


def test_a_text_under_embargo_can_be_mended_without_lifting_it(client, editor):
    soon = timezone.now() + HOUR
    article = make_article(published=True)
    article.set_times(embargo_until=soon, expires_at=None, by=editor, at=timezone.now())
    times = {"times-embargo_until": "2190-01-01T00:00", "initial-times-embargo_until": "2190-01-01T00:00"}
    response = client.post(address(article), typed(article, headline="Mended", _move="publish_changes", **times))
    assert response.status_code == 302
    article.refresh_from_db()
    assert (article.headline, article.embargo_until) == ("Mended", soon)
    assert "keeps its time" in client.get(address(article)).text
    assert not Article.objects.published().exists()


def test_an_embargo_is_red_in_the_form_and_only_the_right_may_lift_it(client, editor):
    article = make_article(embargo_until=timezone.now() + HOUR)
    response = client.get(address(article))
    assert 'class="embargo"' in response.text
    assert response.context["may_lift_embargo"]
    editor.groups.clear()
    for codename in ("view_article", "change_article", "publish_article", "edit_others_article"):
        from django.contrib.auth.models import Permission

        editor.user_permissions.add(Permission.objects.get(codename=codename))
    times = {"times-embargo_until": "2190-01-01T00:00", "initial-times-embargo_until": "2190-01-01T00:00"}
    lifting = {"move-lift_embargo": "on", "_move": "publish", **times}
    assert client.post(address(article), typed(article, **lifting)).status_code == 422
    assert not Article.objects.published().exists()
    shortened = typed(article, **{"times-embargo_until": "", "initial-times-embargo_until": "2190-01-01T00:00"})
    assert client.post(address(article), shortened).status_code == 422


def test_an_expiry_before_the_story_appears_is_refused(client, editor):
    article = make_article(published=True, at=NOW, when=NOW + 2 * HOUR)
    for embargo, expiry in ((None, NOW + HOUR), (NOW + 4 * HOUR, NOW + 3 * HOUR)):
        with pytest.raises(ValidationError):
            article.set_times(embargo_until=embargo, expires_at=expiry, by=editor, at=NOW)
    article.set_times(embargo_until=None, expires_at=NOW + 3 * HOUR, by=editor, at=NOW)


def test_the_form_says_the_newsrooms_zone_and_the_readers_zone(client, editor, time_machine):
    time_machine.move_to(NOW, tick=False)
    make_edition(time_zone="Europe/Copenhagen", readers_time_zone="Asia/Vladivostok")
    article = make_article(published=True, at=NOW, when=NOW + HOUR)
    text = client.get(address(article)).text
    assert "Goes live on 20 November 2026, 14:00 (Europe/Copenhagen)." in text
    assert "For readers that is 20 November, 23:00 (Asia/Vladivostok)." in text
    make_edition(readers_time_zone="Europe/Copenhagen")
    assert "For readers that is" not in client.get(address(article)).text


# What follows


def waiting():
    return DBTaskResult.objects.filter(task_path="desk.tasks.follow_up", status="READY")


def test_what_follows_is_a_row_of_the_publishing_transaction(editor):
    article = make_article(at=NOW)
    before = waiting().count()
    with pytest.raises(RuntimeError), transaction.atomic():
        article.publish(version=1, by=editor, at=NOW)
        raise RuntimeError
    assert waiting().count() == before
    Article.objects.get(pk=article.pk).publish(version=1, by=editor, at=NOW)
    assert waiting().count() == before + 1


def test_what_follows_a_scheduled_story_waits_for_its_time(editor):
    article = make_article(at=NOW)
    article.schedule(version=1, by=editor, at=NOW, when=NOW + HOUR)
    assert set(waiting().values_list("run_after", flat=True)) >= {NOW + HOUR}
    article.set_times(embargo_until=NOW + 2 * HOUR, expires_at=NOW + 3 * HOUR, by=editor, at=NOW)
    assert set(waiting().values_list("run_after", flat=True)) >= {NOW + 2 * HOUR, NOW + 3 * HOUR}


def test_what_follows_makes_the_story_found_and_forgets_its_pages(client, editor):
    article = make_article(published=True, headline="Lighthouse sold")
    worker.drain()
    assert "Lighthouse" in client.get("/search/", {"q": "lighthouse"}).text
    article.withdraw(by=editor, at=timezone.now(), note="Wrong.")
    worker.drain()
    assert not waiting().exists()
    assert "sold" not in client.get("/search/", {"q": "lighthouse"}).text


def test_what_follows_may_run_twice_and_after_the_thing_is_gone(editor):
    from desk.tasks import follow_up

    article = make_article(published=True)
    follow_up.func(kind="articles.article", object_id=article.pk)
    follow_up.func(kind="articles.article", object_id=article.pk)
    follow_up.func(kind="articles.article", object_id=10**12)


def test_corrections_and_undoings_are_in_the_staff_log(editor):
    article = make_article(published=True, at=NOW)
    article.correct(text="Wrong.", version=article.read_draft().version, by=editor, at=NOW + HOUR)
    article.undo(version=article.read_draft().version, by=editor, at=NOW + HOUR)
    actions = StaffAction.objects.filter(kind="articles.article", object_id=str(article.pk))
    assert [action.action for action in actions] == ["undo", "publish", "publish"]
