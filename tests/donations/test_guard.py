"""The guard against card testing: the drill, the small task, and everybody who gives honestly in the same minutes."""

import datetime
import hashlib
import logging
import os

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from donations import forms
from donations.models import Gift, Guard, GuardMove, Journal, SandboxSession, is_worked
from donations.models.guard import QUIET
from tests.donations.making import Reader, make_offers
from tests.donations.worlds import SandboxWorld, deliver
from tests.make import make_article, make_user


def reader_at(number):
    """Return a reader in a network of their own."""
    return Reader(Client(REMOTE_ADDR=f"10.{number // 250}.{number % 250}.7"))


def solve(nonce):
    """Do the small task as the script does."""
    return next(str(number) for number in range(10**7) if is_worked(nonce, str(number)))


def drill(attempts, *, world, start):
    """Try stolen cards for five minutes and let honest readers give in between; return the counts."""
    reached, honest, refused, statuses = 0, 0, 0, set()
    for number in range(attempts):
        with time_machine.travel(start + datetime.timedelta(seconds=300 * number / attempts), tick=False):
            thief = reader_at(number)
            page = thief.choose(other="2", cadence="once")
            if b'name="nonce"' in page.content:
                before = SandboxSession.objects.count()
                answer = thief.confirm(thief.look(other="2", cadence="once"))
                statuses.add(answer.status_code)
                if SandboxSession.objects.count() > before:
                    reached += 1
                    world.pay(Gift.objects.latest("pk"), "decline")
                    deliver(world)
            else:
                statuses.add(page.status_code)
            if number % 40 == 20:
                outcome = give_honestly(reader_at(5000 + number), world)
                honest += outcome == "paid"
                refused += outcome == "calm"
    return reached, honest, refused, statuses


def give_honestly(reader, world):
    """Give as somebody with script does: the browser does the task that the page asks for."""
    page = reader.choose(other="10", cadence="once")
    if b'name="nonce"' not in page.content:
        assert page.status_code == 503
        return "calm"
    fields = reader.look(other="10", cadence="once")
    answer = reader.confirm(fields, work=solve(fields["nonce"]))
    if answer.status_code != 302:
        return "calm"
    gift = Gift.objects.latest("pk")
    world.pay(gift)
    deliver(world)
    gift.refresh_from_db()
    return gift.state


def test_f18_a_burst_of_stolen_cards_is_stopped_and_honest_gifts_go_through(
    transactional_db, monkeypatch, caplog, client
):
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    make_offers()
    start, world = timezone.now().replace(microsecond=0), SandboxWorld()
    with caplog.at_level(logging.ERROR):
        reached, honest, refused, statuses = drill(80, world=world, start=start)
    assert reached < 15
    assert (honest, refused) == (2, 0)
    assert 500 not in statuses
    assert Journal.objects.filter(kind="charge").count() == honest
    assert len([record for record in caplog.records if "guard" in record.message]) == GuardMove.objects.count() == 1
    assert client.get(make_article(published=True).get_absolute_url()).status_code == 200
    later = start + datetime.timedelta(seconds=300) + QUIET
    assert Guard.read(at=later) == "normal"


def test_the_guard_moves_to_closed_when_the_task_is_done_by_thieves_too(edition):
    at = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(9):
        Guard.note_failure(at=at + datetime.timedelta(seconds=number))
    assert Guard.read(at=at) == "closed"
    assert list(GuardMove.objects.order_by("pk").values_list("state", flat=True)) == ["challenge", "closed"]
    page = Client().post("/support/give/", {"cadence": "once", "other": "5"})
    with time_machine.travel(at + datetime.timedelta(seconds=20), tick=False):
        page = Client().post("/support/give/", {"cadence": "once", "other": "5"})
    assert page.status_code == 503
    assert "half an hour" in page.content.decode()
    assert Guard.read(at=at + datetime.timedelta(seconds=10) + QUIET) == "normal"


def test_a_few_failures_are_life(edition):
    at = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number in range(4):
        Guard.note_failure(at=at + datetime.timedelta(minutes=number))
    assert Guard.read(at=at + datetime.timedelta(minutes=4)) == "normal"


def test_many_hand_overs_without_an_outcome_ask_for_the_task(edition, monkeypatch):
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    for number in range(10):
        reader_at(number).give(other="5", cadence="once")
    assert Guard.read(at=timezone.now()) == "challenge"


def test_without_script_a_minute_of_patience_does_and_one_a_minute_passes(edition, reader):
    now = timezone.now().replace(second=5, microsecond=0)
    with time_machine.travel(now, tick=False):
        Guard.move_to(Guard.State.CHALLENGE, "test", at=now)
        first, second = reader.look(other="5"), reader.look(other="6")
        assert reader.confirm(first).status_code == 429
        assert "small task" in reader.confirm(first).content.decode()
    with time_machine.travel(now + datetime.timedelta(seconds=61), tick=False):
        assert reader.confirm(first).status_code == 302
        assert reader.confirm(second).status_code == 429
        assert reader.confirm(first).status_code == 302


def test_only_the_right_number_for_this_form_counts(edition, reader):
    nonce = "n"
    answer = solve(nonce)
    assert is_worked(nonce, answer)
    assert not is_worked("another", answer) or not is_worked("other still", answer)
    for wrong in ("", "-1", "1e3", "٣", "9" * 13, "x"):
        assert not is_worked(nonce, wrong)
    digest = hashlib.sha256(f"{nonce}:{answer}".encode()).digest()
    assert digest[0] == 0


def test_only_a_permission_sets_the_guard_by_hand(client, edition):
    from django.urls import reverse

    Guard.move_to(Guard.State.CHALLENGE, "test", at=timezone.now())
    address = reverse("admin:donations_guard_move", args=[1, "set"])
    client.force_login(make_user("Fundraiser"))
    assert client.post(address, {"state": "normal"}).status_code == 403
    client.force_login(make_user("Administrator", username="boss"))
    form = dict(client.get(reverse("admin:donations_guard_change", args=[1])).context["moves"])["set"]
    client.post(address, {"state": "normal", "reason": "It is over.", "nonce": form.fields["nonce"].initial})
    assert Guard.read(at=timezone.now()) == "normal"
    assert GuardMove.objects.first().reason == "It is over."


@pytest.mark.parametrize("kind", ["session.failed", "session.refused"])
def test_what_is_kept_of_failures_names_nobody(edition, kind):
    Guard.note_failure(at=timezone.now())
    from newsroom.models import RateCount

    assert all(len(row.key) == 64 for row in RateCount.objects.all())


def test_the_whole_drill(transactional_db, monkeypatch):
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    make_offers()
    attempts = int(os.environ.get("DRILL", "40"))
    reached, honest, calm, _statuses = drill(attempts, world=SandboxWorld(), start=timezone.now())
    print(f"{attempts} attempts, {reached} reached the provider; honest: {honest} paid, {calm} asked to come back")
    assert reached < 15
    assert honest >= attempts // 40 - 1
