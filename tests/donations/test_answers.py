"""How readers answer the ask: numbers of days in the cockpit, and nothing about any reader."""

import re

from django.conf import settings
from django.utils import timezone

from donations import answers
from donations.models import Appeal
from newsroom import beacon
from newsroom.models import DailyCount
from tests.donations.making import make_appeal
from tests.donations.worlds import SandboxWorld, paid
from tests.make import make_article, make_user

COUNTED = re.compile(r'data-count(?:-click)?="ask:([^"]+)"')


HOME = {"host": settings.HOME_ORIGIN.partition("://")[2], "origin": settings.HOME_ORIGIN}


def count(client, key):
    """Send what the page's script sends."""
    beacon.limits.forget(None)
    answer = client.post("/count/", f"ask:{key}", content_type="text/plain;charset=UTF-8", headers=HOME)
    assert answer.status_code == 204


def test_the_message_names_its_appeal_for_each_answer(client, edition):
    own = set(COUNTED.findall(client.get(make_article(published=True).get_absolute_url()).content.decode()))
    assert own == {f"e{edition.pk}-{event}" for event in ("shown", "later", "refused")}
    appeal = make_appeal(edition, short_line="Help us.")
    page = client.get(make_article(published=True).get_absolute_url()).content.decode()
    assert set(COUNTED.findall(page)) == {f"a{appeal.pk}-{event}" for event in ("shown", "later", "refused")}
    strip = set(COUNTED.findall(client.get("/").content.decode()))
    assert {f"a{appeal.pk}-shown", f"a{appeal.pk}-closed"} <= strip


def test_only_what_was_published_and_can_happen_is_counted(edition):
    appeal, draft = make_appeal(edition), Appeal.begin({}, by=None, at=timezone.now(), edition=edition)
    keys = {
        f"a{appeal.pk}-shown",
        f"e{edition.pk}-closed",
        f"a{appeal.pk}-paid",
        f"a{draft.pk}-shown",
        "e99-shown",
        "x",
    }
    assert answers.countable(keys) == {f"a{appeal.pk}-shown", f"e{edition.pk}-closed"}


def test_the_cockpit_shows_what_became_of_an_appeal(client, edition):
    appeal = make_appeal(edition)
    world = SandboxWorld()
    paid(world)
    for event, number in (("shown", 5), ("closed", 1), ("later", 2), ("refused", 3)):
        DailyCount.objects.add({("ask", f"a{appeal.pk}-{event}", timezone.localdate()): number})
    [row, own] = answers.of_days("sandbox", at=timezone.now())
    assert (row.name, row.shown, row.closed, row.later, row.refused, row.gifts) == (str(appeal), 5, 1, 2, 3, 0)
    assert (own.name, own.shown, own.gifts) == (str(edition), 0, 1)
    client.force_login(make_user("Fundraiser"))
    page = client.get("/admin/donations/journal/cockpit/").content.decode()
    assert re.search(r"<td>5</td>\s*<td>1</td>\s*<td>2</td>\s*<td>3</td>\s*<td>0</td>", page)


def test_a_thousand_views_leave_numbers_of_days_and_nothing_else(client, edition):
    appeal = make_appeal(edition)
    story = make_article(published=True)
    before = _rows()
    for _view in range(10):
        client.get(story.get_absolute_url())
        count(client, f"a{appeal.pk}-shown")
    after = _rows()
    assert {name: number - before[name] for name, number in after.items() if number != before[name]} == {
        "newsroom_dailycount": 1
    }
    assert DailyCount.objects.get().count == 10


def _rows():
    from django.apps import apps

    return {model._meta.db_table: model.objects.count() for model in apps.get_models() if model._meta.managed}
