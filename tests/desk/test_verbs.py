"""The verbs of drafted things: nothing overwritten, nothing public before its time, every moment in the history."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from articles.models import Article
from desk.models import Draft, Embargoed, NotReady, Revision, Stale
from newsroom.models import StaffAction
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def editor():
    return make.make_user("Editor")


def public(at):
    return list(Article.objects.published(at).values_list("headline", flat=True))


def change(article, by, *, version=None, at=NOW, **fields):
    draft = article.read_draft()
    return article.save_draft({**draft.content, **fields}, version=version or draft.version, by=by, at=at)


def test_a_new_story_is_a_draft_that_nobody_outside_sees(editor):
    article = make.make_article(by=editor, at=NOW)
    draft = article.read_draft()
    assert (article.state, draft.stage, draft.version, draft.is_pending) == ("draft", "writing", 1, True)
    assert public(NOW + 1000 * HOUR) == []


def test_saving_over_a_live_story_changes_nothing_for_readers(editor):
    article = make.make_article(published=True, at=NOW, by=editor, headline="First")
    change(article, editor, headline="Second")
    assert public(NOW) == ["First"]
    article.publish(version=article.read_draft().version, by=editor, at=NOW)
    assert public(NOW) == ["Second"]


def test_of_two_who_started_from_one_version_the_second_writes_nothing_and_gets_the_others_text(editor):
    article = make.make_article(by=editor, at=NOW)
    change(article, editor, version=1, headline="Mine")
    with pytest.raises(Stale) as stale:
        change(article, editor, version=1, headline="Too late")
    assert stale.value.theirs.content["headline"] == "Mine"
    assert article.read_draft().content["headline"] == "Mine"


def test_a_tab_that_slept_through_a_publication_cannot_write(editor):
    article = make.make_article(by=editor, at=NOW)
    article.publish(version=1, by=editor, at=NOW)
    for version in (1, 0, 99):
        with pytest.raises(Stale):
            article.save_draft(article.read_draft().content, version=version, by=editor, at=NOW)


@pytest.mark.parametrize("verb", ["publish", "hand_in", "mark_ready", "send_back", "restore"])
def test_every_verb_refuses_a_stale_version(editor, verb):
    article = make.make_article(by=editor, at=NOW)
    revision = article.keep_revision("save", content=article.read_draft().content, by=editor, at=NOW)
    change(article, editor)
    arguments = {"restore": [revision]}.get(verb, [])
    options = {"send_back": {"note": "Why?"}}.get(verb, {})
    with pytest.raises(Stale):
        getattr(article, verb)(*arguments, version=1, by=editor, at=NOW, **options)
    article.refresh_from_db()
    assert article.state == "draft"


def test_a_story_that_is_not_ready_is_not_published_and_its_draft_stays_as_it_was(editor):
    article = make.make_article(by=editor, at=NOW, headline="")
    with pytest.raises(NotReady) as refused:
        article.publish(version=1, by=editor, at=NOW)
    assert "headline" in {problem.field for problem in refused.value.problems}
    assert article.read_draft().version == 1
    assert not article.revisions.exists()


def test_a_scheduled_story_appears_by_the_clock_alone(editor):
    article = make.make_article(by=editor, at=NOW)
    article.schedule(version=1, by=editor, at=NOW, when=NOW + HOUR)
    assert public(NOW + HOUR - datetime.timedelta(seconds=1)) == []
    assert public(NOW + HOUR) == [article.headline]
    assert Article.objects.next_due(NOW) == NOW + HOUR


def test_an_expired_story_is_gone_by_the_clock_alone(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    article.set_times(embargo_until=None, expires_at=NOW + HOUR, by=editor, at=NOW)
    assert public(NOW) and not public(NOW + HOUR)
    assert Article.objects.next_due(NOW) == NOW + HOUR


def test_an_embargo_holds_until_somebody_with_the_right_lifts_it(editor):
    article = make.make_article(by=editor, at=NOW, embargo_until=NOW + HOUR)
    with pytest.raises(Embargoed):
        article.publish(version=1, by=editor, at=NOW)
    assert public(NOW + 2 * HOUR) == []
    article.publish(version=1, by=editor, at=NOW, lift_embargo=True)
    assert public(NOW) == [article.headline]


def test_a_typo_shows_no_update_and_new_facts_do(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    article.publish(version=change(article, editor).version, by=editor, at=NOW + HOUR, change="typo")
    assert (article.updated_at, article.published_at) == (None, NOW)
    article.publish(version=change(article, editor).version, by=editor, at=NOW + HOUR, change="facts")
    assert (article.updated_at, article.published_at) == (NOW + HOUR, NOW)


def test_a_withdrawn_story_keeps_its_address_and_can_come_back_to_its_first_date(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    address = article.get_absolute_url()
    article.withdraw(by=editor, at=NOW + HOUR, note="A source is in danger.")
    assert public(NOW + HOUR) == []
    assert article.read_draft().is_pending
    article.publish(version=article.read_draft().version, by=editor, at=NOW + 48 * HOUR)
    assert public(NOW + 48 * HOUR) == [article.headline]
    assert article.get_absolute_url() == address


def test_a_story_is_withdrawn_once(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    article.withdraw(by=editor, at=NOW)
    with pytest.raises(Stale):
        article.withdraw(by=editor, at=NOW)


def test_the_history_says_who_when_and_what_was_live_when(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    change(article, editor, at=NOW)
    article.publish(version=article.read_draft().version, by=editor, at=NOW + HOUR)
    newest, first = article.revisions.filter(kind=Revision.Kind.PUBLISH)
    assert (first.live_from, first.live_until) == (NOW, NOW + HOUR)
    assert (newest.live_from, newest.live_until) == (NOW + HOUR, None)
    assert newest.created_by == editor
    article.withdraw(by=editor, at=NOW + 2 * HOUR)
    assert not article.revisions.filter(live_from__isnull=False, live_until__isnull=True).exists()


def test_restoring_an_old_version_makes_a_draft_and_moves_no_time_or_state(editor):
    article = make.make_article(published=True, by=editor, at=NOW, headline="First")
    article.publish(version=change(article, editor, headline="Second").version, by=editor, at=NOW + HOUR)
    first = article.revisions.get(number=1)
    article.restore(first, version=article.read_draft().version, by=editor, at=NOW + 2 * HOUR)
    assert article.read_draft().content["headline"] == "First"
    assert public(NOW + 2 * HOUR) == ["Second"]


def test_the_stages_of_the_work_leave_the_live_story_alone(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    draft = article.hand_in(version=article.read_draft().version, by=editor, at=NOW)
    assert draft.stage == Draft.Stage.IN_REVIEW
    draft = article.send_back(version=draft.version, by=editor, at=NOW, note="Call them again.")
    assert (draft.stage, draft.note) == (Draft.Stage.WRITING, "Call them again.")
    assert article.mark_ready(version=draft.version, by=editor, at=NOW).stage == Draft.Stage.READY
    assert public(NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headline", "x" * 201), ("headline", 7), ("headline", ["a"]), ("body_html", {"a": 1}), ("section", "abc"),
        ("section", -1), ("section", 2**70), ("section", True), ("slug", "Über uns"), ("topics", "elections"),
        ("topics", ["x"] * 13), ("bylines", [7]), ("bylines", [{"person": 1, "role": "spy"}]), ("no_byline", "yes"),
        ("lead_photo", 1.5), ("related", [[]]),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_at_its_field(editor, field, value):
    article = make.make_article(by=editor, at=NOW)
    with pytest.raises(ValidationError) as refused:
        change(article, editor, **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert article.read_draft().version == 1


def test_control_characters_and_unpaired_surrogates_never_reach_the_database(editor):
    article = make.make_article(by=editor, at=NOW)
    draft = change(article, editor, headline="A\x00B\ud800C\x07", body_html="<p>x\x00\udfff</p>")
    assert draft.content["headline"] == "ABC"
    assert draft.content["body_html"] == "<p>x</p>"


def test_unknown_fields_are_dropped(editor):
    article = make.make_article(by=editor, at=NOW)
    assert "state" not in change(article, editor, state="published").content


def test_each_publication_and_withdrawal_is_in_the_staff_log(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    article.withdraw(by=editor, at=NOW, note="Mistake.")
    actions = StaffAction.objects.filter(kind="articles.article", object_id=str(article.pk))
    assert [(action.action, action.user) for action in actions] == [("withdraw", editor), ("publish", editor)]


def test_deleting_an_account_touches_no_story_and_no_history(editor):
    article = make.make_article(published=True, by=editor, at=NOW)
    editor.delete()
    assert public(NOW) == [article.headline]
    assert article.revisions.get().created_by is None


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "published", "published_at": None},
        {"state": "nonsense"},
        {"state": "published", "published_at": NOW, "first_published_at": NOW, "headline": ""},
        {"state": "published", "published_at": NOW, "first_published_at": NOW, "section": None, "headline": "x"},
    ],
)
def test_the_database_refuses_states_that_cannot_be(editor, columns):
    article = make.make_article(by=editor, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(**columns)


def test_publishing_takes_few_queries_whatever_the_number_of_stories(editor, django_assert_max_num_queries):
    people = [make.make_person() for _ in range(3)]
    article = make.make_article(by=editor, at=NOW, people=people)
    with django_assert_max_num_queries(25):
        article.publish(version=1, by=editor, at=NOW)


def test_a_draft_from_before_a_field_was_there_has_the_fields_default():
    article = make.make_article()
    draft = article.read_draft()
    Draft.objects.filter(pk=draft.pk).update(content={"headline": "Old words"})
    content = Article.objects.get(pk=article.pk).read_draft().content
    assert (content["headline"], content["lead_crop"], content["is_recommended"]) == ("Old words", "", True)
