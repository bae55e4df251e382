"""Who else is here: seen within half a minute, idle or not, and swept."""

import datetime

import pytest
from django.utils import timezone

from desk.models import Presence
from newsroom import schedules
from tests.make import make_page, make_user

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 3, 12, 0, tzinfo=datetime.UTC)


def seconds(number):
    return NOW + datetime.timedelta(seconds=number)


def names(page, at, but=None):
    found = Presence.companions(page.content_type, [page.pk], at=at, but=but)
    return [(one.name, one.is_idle) for one in found.get(page.pk, [])]


def test_a_beat_shows_a_person_to_the_others_and_not_to_oneself():
    page, ada, milo = make_page(), make_user(first_name="Ada"), make_user(first_name="Milo")
    Presence.beat(page, by=ada, at=NOW)
    Presence.beat(page, by=milo, at=NOW, is_idle=True)
    assert names(page, seconds(1)) == [("Ada", False), ("Milo", True)]
    assert names(page, seconds(1), but=ada) == [("Milo", True)]
    assert names(make_page("other"), seconds(1)) == []


def test_many_beats_are_one_row_that_tells_the_latest():
    page, ada = make_page(), make_user(first_name="Ada")
    for number, is_idle in ((0, False), (10, True), (20, False)):
        Presence.beat(page, by=ada, at=seconds(number), is_idle=is_idle)
    assert Presence.objects.count() == 1
    assert names(page, seconds(49)) == [("Ada", False)]


def test_whoever_sends_no_beat_is_gone_after_half_a_minute():
    page, ada = make_page(), make_user(first_name="Ada")
    Presence.beat(page, by=ada, at=NOW)
    assert names(page, seconds(29)) == [("Ada", False)]
    assert names(page, seconds(30)) == []


def test_an_account_that_was_closed_is_not_shown():
    page, ada = make_page(), make_user(first_name="Ada")
    Presence.beat(page, by=ada, at=NOW)
    ada.is_active = False
    ada.save()
    assert names(page, seconds(1)) == []


def test_the_worker_sweeps_what_is_over():
    page = make_page()
    Presence.beat(page, by=make_user(), at=timezone.now() - datetime.timedelta(minutes=11))
    Presence.beat(page, by=make_user(), at=timezone.now())
    schedules.run_due(at=timezone.now())
    assert Presence.objects.count() == 1


def test_a_beat_and_the_question_who_is_here_are_one_statement_each(django_assert_num_queries):
    page, ada = make_page(), make_user()
    assert page.content_type
    with django_assert_num_queries(2):
        Presence.beat(page, by=ada, at=NOW)
        names(page, NOW)
