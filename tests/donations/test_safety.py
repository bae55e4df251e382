"""Safety mode: warned before, refused before money moves, stopped by a date, and known to almost nobody."""

import datetime

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone

from donations import exposure, jobs
from donations.models import (
    AskReminder,
    CollectionStop,
    Gift,
    Journal,
    Plan,
    SafetyPolicy,
    SamePerson,
    SandboxPlan,
    SandboxSession,
)
from newsroom.models import StaffAction
from tests.donations.making import make_offers
from tests.donations.worlds import SandboxWorld, deliver, paid
from tests.make import make_edition, make_user


@pytest.fixture
def strict(edition):
    """An edition whose donors can be prosecuted."""
    return SafetyPolicy.objects.create(
        edition=edition, notice_title="Read this", notice="Who lives in Velmara should not give.", is_strict=True,
        territories="RU BY", territory_names="Velmara",
    )  # fmt: skip


@pytest.fixture
def world(db):
    return SandboxWorld()


def test_the_last_look_asks_where_and_refuses_before_anything_is_kept(reader, strict):
    fields = reader.look(other="5")
    page = reader.confirm(fields)
    assert page.status_code == 422
    assert "Please say where your bank" in page.content.decode()
    assert "Velmara" in page.content.decode()
    refused = reader.confirm(fields, where="there")
    assert refused.status_code == 403
    assert "Please do not give" in refused.content.decode()
    assert not Gift.objects.exists()
    assert not SandboxSession.objects.exists()
    assert reader.confirm(fields, where="elsewhere").status_code == 302


@pytest.mark.parametrize("country", ["RU", "by", " RU "])
def test_a_header_of_our_own_edge_refuses_and_is_kept_nowhere(reader, strict, settings, country):
    settings.TERRITORY_HEADER = "X-Country"
    answer = reader.client.post("/support/give/", {"cadence": "once", "other": "5"}, headers={"X-Country": country})
    assert answer.status_code == 403
    elsewhere = reader.client.post("/support/give/", {"cadence": "once", "other": "5"}, headers={"X-Country": "DE"})
    assert elsewhere.status_code == 200
    settings.TERRITORY_HEADER = ""
    answer = reader.client.post("/support/give/", {"cadence": "once", "other": "5"}, headers={"X-Country": country})
    assert answer.status_code == 200


def test_without_safety_mode_nobody_is_asked_where(reader, edition):
    assert 'name="where"' not in reader.choose(other="5").content.decode()
    assert reader.confirm(reader.look(other="5")).status_code == 302


def test_a_card_of_a_refused_country_is_refused_before_any_charge(world, edition):
    gift = paid(world, "refuse")
    assert gift.state == "refused"
    assert not Journal.objects.exists()


# Collection stop


def order(edition=None, *, by, at=None):
    at = at or timezone.now()
    return CollectionStop.order(edition=edition, mode="sandbox", ends_at=at, reason="The law changes.", by=by, at=at)


def test_f26_a_stop_needs_two_people_ends_every_plan_and_proves_it(world, edition):
    plans = [paid(world, cadence="month").plan for _number in range(6)]
    first, second = make_user(username="first"), make_user(username="second")
    stop = order(by=first)
    assert stop.open_plans().count() == 6
    with pytest.raises(SamePerson):
        stop.approve(by=first, at=timezone.now())
    stop.carry_out(at=timezone.now())
    assert SandboxPlan.objects.filter(state="active").count() == 6
    stop.approve(by=second, at=timezone.now())
    world.down(3)
    stop.carry_out(at=timezone.now())
    assert stop.state == "running"
    world.up()
    jobs.sweep(at=timezone.now() + datetime.timedelta(minutes=16))
    stop.refresh_from_db()
    assert stop.state == "done"
    assert set(SandboxPlan.objects.values_list("state", flat=True)) == {"ended"}
    world.renew(2)
    deliver(world)
    line, signature = stop.proof()
    assert "6 plans ended, 0 open, 0 charged after" in line
    assert len(signature) == 64
    world.charge_again(plans[0].gift, timezone.now() + datetime.timedelta(hours=1))
    deliver(world)
    assert "1 charged after" in stop.proof()[0]
    assert stop.proof()[1] != signature
    plans[0].gift.refresh_from_db()
    assert plans[0].gift.needs_review == "Charged after the gift was stopped."
    assert StaffAction.objects.filter(action="approve collection stop").count() == 1


def test_a_stop_of_one_edition_leaves_the_others(world, edition):
    other = make_offers(make_edition("ru", currency="EUR"))
    here, there = paid(world, cadence="month"), paid(world, cadence="month", edition=other)
    stop = order(edition, by=make_user(username="a"))
    stop.approve(by=make_user(username="b"), at=timezone.now())
    stop.carry_out(at=timezone.now())
    assert Plan.objects.get(gift=here).state == "ended"
    assert Plan.objects.get(gift=there).state == "active"


def test_the_database_knows_that_it_takes_two(edition):
    by = make_user()
    stop = order(by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectionStop.objects.filter(pk=stop.pk).update(approved_by=by)


def test_a_stop_is_ordered_and_approved_in_the_admin(client, world, edition):
    paid(world, cadence="month")
    client.force_login(make_user("Administrator", username="one"))
    now = timezone.localtime()
    data = {
        "mode": "sandbox", "ends_at_0": now.strftime("%Y-%m-%d"), "ends_at_1": now.strftime("%H:%M:%S"),
        "reason": "The law changes.", "edition": "",
    }  # fmt: skip
    client.post(reverse("admin:donations_collectionstop_add"), data)
    stop = CollectionStop.objects.get()
    address = reverse("admin:donations_collectionstop_change", args=[stop.pk])
    move = reverse("admin:donations_collectionstop_move", args=[stop.pk, "approve"])

    def press():
        form = dict(client.get(address).context["moves"])["approve"]
        return client.post(move, {"reason": "Agreed.", "nonce": form.fields["nonce"].initial}, follow=True)

    assert "Another person must approve this." in press().content.decode()
    client.force_login(make_user("Administrator", username="two"))
    assert "1 plans ended" in press().content.decode()
    client.force_login(make_user("Fundraiser", username="three"))
    assert client.post(move, {}).status_code == 403


# Who knows what


def test_an_address_is_shown_for_a_reason_and_it_is_written_down(client, world, edition):
    gift = paid(world, email="reader@example.org")
    address = reverse("admin:donations_gift_change", args=[gift.pk])
    move = reverse("admin:donations_gift_move", args=[gift.pk, "reveal"])
    client.force_login(make_user("Fundraiser"))
    assert client.post(move, {"reason": "Curious."}).status_code == 403
    client.force_login(make_user("Administrator", username="custodian"))
    page = client.get(address)
    assert "reader@example.org" not in page.content.decode()
    nonce = dict(page.context["moves"])["reveal"].fields["nonce"].initial
    assert "reader@example.org" not in client.post(move, {"reason": "", "nonce": nonce}, follow=True).content.decode()
    shown = client.post(move, {"reason": "He wrote to us.", "nonce": nonce})
    assert "The address is reader@example.org." in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert "messages" not in shown.cookies
    assert "reader@example.org" not in str(client.session.items())
    assert "reader@example.org" not in client.get(address).content.decode()
    action = StaffAction.objects.get(action="reveal identity")
    assert (action.reason, action.object_id) == ("He wrote to us.", str(gift.pk))


def test_those_who_get_alarms_are_told_that_somebody_looked_but_not_whom_at(
    client, world, edition, settings, work, mailoutbox
):
    settings.ALARM_ADDRESSES = ["chief@lantern.example"]
    gift = paid(world, email="reader@example.org")
    move = reverse("admin:donations_gift_move", args=[gift.pk, "reveal"])
    client.force_login(make_user("Administrator", username="custodian"))
    page = client.get(reverse("admin:donations_gift_change", args=[gift.pk]))
    nonce = dict(page.context["moves"])["reveal"].fields["nonce"].initial
    mailoutbox.clear()
    client.post(move, {"reason": "Anna Reader wrote to us.", "nonce": nonce})
    work()
    (mail,) = [mail for mail in mailoutbox if "identity was looked at" in mail.subject]
    assert mail.to == ["chief@lantern.example"]
    assert f"custodian saw who gave gift no. {gift.pk}" in mail.body
    assert "/admin/newsroom/staffaction/" in mail.body
    assert not any(word in mail.message().as_string() for word in ("reader@example.org", "Anna", gift.public_id))


PLAIN = {
    # Words of the newsroom, names of kinds and states, and ids of our own making.
    "Appeal", "Offer", "LetterText", "AskExclusion", "SafetyPolicy", "Transparency", "ReconRun", "ReconItem", "Payout",
    "PayoutItem", "JournalLine", "Receipt", "ReceiptSeries", "GuardMove", "Guard", "CollectionStop", "PlanChange",
    "Message", "ProviderCall", "ProviderEvent",
}  # fmt: skip
KINDS = {
    "Gift": {
        "cadence", "currency", "state", "mode", "provider", "account", "terms_version", "needs_review", "nonce",
        "return_hash",
    },
    "Plan": {"state", "provider", "account", "cadence", "end_reason"},
    "Journal": {"kind", "mode", "provider", "account", "reason"},
    "BankPromise": {"key", "fingerprint", "cadence", "currency", "next_cadence"},
    "BankRefund": {"key", "fingerprint", "currency"},
    "RefundOrder": {"nonce", "state", "currency", "reason"},
    "BankLine": {"ref", "currency", "account", "state", "reason"},
    "BankFile": {"kind"},
}  # fmt: skip


def test_the_list_of_what_a_thief_would_learn_does_not_grow_unseen(edition):
    from django.apps import apps

    text = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField, models.BinaryField)
    found = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("donations").get_models()
        if not model.__name__.startswith("Sandbox") and model.__name__ not in PLAIN
        for field in model._meta.concrete_fields
        if isinstance(field, text) and field.name not in KINDS.get(model.__name__, set())
    }
    assert found == set(exposure.SEALED) | set(exposure.LINKS)


def test_the_command_says_it_in_words(world, edition, capsys):
    paid(world, email="reader@example.org")
    paid(world)
    call_command("donor_exposure")
    said = capsys.readouterr().out
    assert "       1  donors with an address" in said
    assert "reader@example.org" not in said


def test_no_table_holds_the_address_or_anything_of_the_browser(world, reader, edition):
    from django.apps import apps

    reader.client.defaults.update(HTTP_USER_AGENT="Marked-Browser/9", REMOTE_ADDR="203.0.113.77")
    reader.pay(reader.give(email="marked.reader@example.org", other="5"))
    deliver(world)
    for model in apps.get_models():
        database = "keys" if model.__name__ == "SealingKey" else "default"
        for row in model.objects.using(database).values() if hasattr(model, "objects") else ():
            for value in row.values():
                assert not any(mark in str(value) for mark in ("marked.reader", "Marked-Browser", "203.0.113")), model


# The one letter


def test_a_reminder_is_asked_for_twice_sent_once_and_its_address_destroyed(client, edition):
    first = client.post("/support/later/mail/", {"email": "later@example.org"})
    assert not AskReminder.objects.exists()
    nonce = first.content.decode().split('name="nonce" value="')[1].split('"')[0]
    for _time in range(2):
        answer = client.post("/support/later/mail/", {"email": "later@example.org", "nonce": nonce})
        assert "One letter will come" in answer.content.decode()
    row = AskReminder.objects.get()
    assert "later" not in row.email_sealed
    jobs.send_reminders(at=timezone.now() + datetime.timedelta(days=29))
    assert not mail.outbox
    for _time in range(2):
        jobs.send_reminders(at=timezone.now() + datetime.timedelta(days=31))
    assert [letter.to for letter in mail.outbox] == [["later@example.org"]]
    assert "/support/" in mail.outbox[0].body
    assert not AskReminder.objects.exists()
    from newsroom.models import SealingKey

    assert not SealingKey.objects.using("keys").exists()


@pytest.mark.parametrize(
    "data", [{}, {"email": "x"}, {"email": "a@b.example", "nonce": "forged"}, {"email": "a\x00@b.example"}]
)
def test_a_wish_that_is_damaged_keeps_nothing(client, edition, data):
    assert client.post("/support/later/mail/", data).status_code == 422
    assert not AskReminder.objects.exists()
