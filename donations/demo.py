"""The demo's appeal, offers and gifts. The gifts are made by driving the sandbox: no row is inserted."""

import datetime
import hashlib
import random

from django.conf import settings
from django.utils import timezone

from donations import providers
from donations.models import (
    Appeal,
    Gift,
    Message,
    Offer,
    ProviderEvent,
    ReconRun,
    SafetyPolicy,
    SandboxClock,
    SandboxNotice,
    SandboxSession,
    Transparency,
)
from donations.money import parse_money
from donations.providers.sandbox.delivery import deliver
from newsroom import demo
from newsroom.models import Edition

GIFTS = 48
MONTHS = 5
CADENCES = {"once": "once", "monthly": "month", "annual": "year"}
LARGEST = {"once": "5000", "monthly": "500", "annual": "5000"}
OUTCOMES = ("pay",) * 12 + ("decline", "twice", "cancel", "close")


def load(folder, progress):
    """Bring in the appeal and the offers, then let readers of the last months give through the sandbox."""
    if not (folder / "appeal.md").is_file():
        return
    appeal = read_appeal(folder / "appeal.md")
    with_gifts = settings.PAYMENT_PROVIDER == "sandbox"
    progress.reset(total=len(appeal["words"]) + (GIFTS + MONTHS + 1 if with_gifts else 0))
    for code, (header, body) in appeal["words"].items():
        edition = Edition.objects.filter(code=code).first()
        if edition:
            load_offers(edition, appeal)
            load_policy(edition, header)
            load_transparency(edition, header)
            load_letter(edition, appeal, header, body)
        progress.update()
    if with_gifts:
        give(progress)


def read_appeal(file):
    """Return the header of the file with `words`: edition code → (header, letter)."""
    import yaml

    first, *parts = file.read_text(encoding="utf-8").split("\n=== ")
    appeal = yaml.safe_load(first.strip().strip("-"))
    appeal["words"] = {}
    for part in parts:
        code, header, body = part.split("\n---\n", 2)
        appeal["words"][code.strip()] = (
            dict(line.split(": ", 1) for line in header.splitlines() if ": " in line),
            body.strip(),
        )
    return appeal


def load_offers(edition, appeal):
    """Make the edition's offers when they are not there."""
    for name, cadence in CADENCES.items():
        currency = appeal["currency"]

        def minor(amount, currency=currency):
            return parse_money(str(amount), currency).minor

        Offer.objects.get_or_create(
            edition=edition, currency=currency, cadence=cadence,
            defaults={
                "presets_minor": [minor(amount) for amount in appeal["presets"][name]],
                "default_minor": minor(appeal["default_amount"][name]),
                "minimum_minor": minor(appeal["minimum"][name]),
                "maximum_minor": minor(LARGEST[name]), "fee_basis_points": 150, "fee_fixed_minor": minor("0.25"),
            },
        )  # fmt: skip


def load_policy(edition, header):
    """Set the notice that stands before every choice, when there is none."""
    if header.get("notice"):
        SafetyPolicy.objects.get_or_create(
            edition=edition, defaults={"notice_title": header.get("notice_title", ""), "notice": header["notice"]}
        )


def load_transparency(edition, header):
    """Tell where the money goes, when nothing is told yet."""
    if header.get("spending"):
        Transparency.objects.get_or_create(edition=edition, defaults={"is_shown": True, "spending": header["spending"]})


def load_letter(edition, appeal, header, body):
    """Write and publish the appeal through the desk's verbs, when it is not there."""
    name = appeal.get(f"name_{edition.code}") or appeal["name"]
    if Appeal.objects.filter(edition=edition, name=name).exists():
        return
    by = demo.user("fundraiser")
    starts = demo.moment(appeal["starts"], edition)
    content = {
        "name": name, "headline": header["headline"], "body_html": demo.paragraphs(body),
        "signature": header["signature"],
        "short_line": header["short"], "thanks_html": demo.paragraphs(header["thanks"]) if header.get("thanks") else "",
        "priority": 10,
    }  # fmt: skip
    letter = Appeal.begin(content, by=by, at=starts, edition=edition)
    letter.publish(version=1, by=by, at=starts)
    letter.set_times(embargo_until=None, expires_at=demo.moment(appeal["ends"], edition), by=by, at=starts)


def give(progress):
    """Let the demo's readers give over the last months, and turn the sandbox's clock up to today."""
    now = timezone.now()
    people = list(_people(now))
    if all(Gift.is_known(person["nonce"]) for person in people):
        return
    start = SandboxClock.objects.first()
    for month in range(MONTHS + 1):
        until = now - datetime.timedelta(days=30 * (MONTHS - month))
        for person in people:
            if person["at"] <= until and not Gift.is_known(person["nonce"]):
                give_once(**person)
                progress.update()
        today = timezone.localdate(until)
        if start is None or start.today < today:
            SandboxClock.turn_to(today)
        deliver_all()
        progress.update()
    ReconRun.compare(providers.active(), at=timezone.now())


def _people(now):
    """Yield what each of the demo's readers gives; the same on every run."""
    chance = random.Random(310_000)  # noqa: S311 - invented readers, not secrets
    editions = list(Edition.objects.order_by("-is_default", "code"))
    offers = {(offer.edition_id, offer.cadence): offer for offer in Offer.objects.all()}
    if not offers:
        return
    for number in range(GIFTS):
        cadence = chance.choice(("once", "once", "once", "month", "month", "month", "year"))
        edition = chance.choice(editions)
        money = chance.choice(offers[edition.pk, cadence].presets)
        days, outcome, has_address = chance.uniform(0.1, 30 * MONTHS), chance.choice(OUTCOMES), chance.random() < 0.6
        yield {
            "nonce": f"demo-{hashlib.sha256(str(number).encode()).hexdigest()[:20]}",
            "edition": edition,
            "cadence": cadence,
            "money": money,
            "email": f"reader{number}@{demo.DOMAIN}" if has_address else "",
            "outcome": outcome,
            "at": now - datetime.timedelta(days=days),
        }


def give_once(*, nonce, outcome, at, edition, **promise):
    """Promise, hand over and settle one gift, as a reader does in the browser."""
    appeal = Appeal.objects.running_in(edition, at)
    gift, _made = Gift.promise(
        nonce=nonce, edition=edition, appeal=appeal, provider=providers.active(), at=at, **promise
    )
    gift.hand_over(at=at)
    SandboxSession.objects.get(ref=gift.provider_ref).settle(outcome, at=at)


def deliver_all():
    """Carry the sandbox's notices through the public webhook of this process, and do what follows from them."""
    for notice in SandboxNotice.objects.filter(delivered_at=None).order_by("occurred_at", "pk"):
        for _copy in range(notice.copies):
            deliver(notice, by_http=False)
        SandboxNotice.objects.filter(pk=notice.pk).update(delivered_at=timezone.now())
    for event in ProviderEvent.objects.filter(state="stored").order_by("occurred_at", "pk"):
        event.apply(at=timezone.now())
    for message in Message.objects.filter(state="queued").select_related("gift__edition", "gift__donor"):
        message.send(at=timezone.now())
