"""The verbs behind autosave: typed words are kept without a trace in the history, and a form begins one thing."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Page
from desk.models import Draft, Stale
from newsletters.models import Issue
from tests.make import make_edition, make_page, make_user
from tests.newsletters.make import make_issue, make_newsletter

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def begin(by, nonce="n" * 20, **content):
    fields = {"edition": make_edition(), "slug": content.pop("slug", "contact")}
    return Page.begin({"title": "Typed", **content}, by=by, at=NOW, nonce=nonce, **fields)


def test_typing_moves_the_version_and_leaves_no_revision():
    page, user = make_page(), make_user()
    version = page.read_draft().version
    before = page.revisions.count()
    assert page.keep_typing({"title": "Typed"}, version=version, by=user, at=NOW) == version + 1
    draft = page.read_draft()
    assert (draft.version, draft.title, draft.updated_by, draft.is_pending) == (version + 1, "Typed", user, True)
    assert page.revisions.count() == before
    page.refresh_from_db()
    assert page.title == "About us"


def test_typing_from_a_version_that_no_longer_stands_writes_nothing():
    page, user = make_page(), make_user()
    version = page.read_draft().version
    page.keep_typing({"title": "First"}, version=version, by=user, at=NOW)
    with pytest.raises(Stale) as caught:
        page.keep_typing({"title": "Second"}, version=version, by=user, at=NOW)
    assert caught.value.theirs.title == page.read_draft().title == "First"


def test_typing_is_one_statement(django_assert_num_queries):
    page, user = make_page(), make_user()
    version, _known = page.read_draft().version, user.get_all_permissions()  # asked once per request
    with django_assert_num_queries(1):
        page.keep_typing({"title": "Typed"}, version=version, by=user, at=NOW)


def test_a_form_sent_twice_begins_one_thing():
    user = make_user()
    first, second = begin(user), begin(user, title="Typed on", slug="other")
    assert first == second
    assert Page.objects.count() == Draft.objects.count() == 1
    assert second.read_draft().title == "Typed"


def test_the_same_nonce_of_somebody_else_begins_another_thing():
    first, second = begin(make_user()), begin(make_user(), slug="other")
    assert first != second
    assert Page.begun_with("n" * 20, by=make_user()) is None
    assert Page.begun_with("", by=make_user()) is None


def test_without_a_nonce_every_form_begins_a_thing_of_its_own():
    user = make_user()
    assert begin(user, nonce="") != begin(user, nonce="", slug="other")


def test_what_is_asked_once_may_change_until_others_have_seen_it():
    page = begin(make_user())
    page.place(slug="contacts")
    assert Page.objects.get().slug == page.slug == "contacts"
    published = make_page("seen")
    with pytest.raises(ValidationError):
        published.place(slug="elsewhere")
    published.refresh_from_db()
    assert published.slug == "seen"


def test_an_approved_letter_keeps_its_newsletter():
    issue = make_issue(make_newsletter())
    issue.approve(version=issue.read_draft().version, by=make_user(), at=NOW)
    with pytest.raises(ValidationError):
        issue.place(newsletter=make_newsletter("other"))
    assert Issue.objects.get().state == Issue.State.APPROVED
