"""How readers answered the message that asks: daily totals, of no reader. See newsroom.beacon."""

import datetime
import re
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from donations.models import Appeal, Gift
from newsroom.models import DailyCount, Edition

KIND = "ask"
EVENTS = ("shown", "closed", "later", "refused")
KEY = re.compile(rf"([ae])([1-9][0-9]{{0,9}})-({'|'.join(EVENTS)})")
DAYS = 30


@dataclass(frozen=True)
class Answers:
    """What became of one message in thirty days; `gifts` are those that it led to and that were paid."""

    name: str
    shown: int
    closed: int
    later: int
    refused: int
    gifts: int


def countable(keys):
    """Return those of the keys that name a published appeal or an edition, and something that can happen to it."""
    found = {key: match for key in keys if (match := KEY.fullmatch(key))}
    known = {}
    for letter, model in (("a", Appeal.objects.exclude(published_at=None)), ("e", Edition.objects)):
        wanted = {int(match[2]) for match in found.values() if match[1] == letter}
        known[letter] = set(model.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    return {key for key, match in found.items() if int(match[2]) in known[match[1]]}


def of_days(mode, *, at):
    """Return the Answers of each appeal, and of each edition's own words, that asked in the last thirty days."""
    since = at - datetime.timedelta(days=DAYS)
    totals = DailyCount.objects.totals(KIND, since=timezone.localdate(since))
    paid = Gift.objects.filter(mode=mode, paid_at__gte=since)
    gifts = {f"a{pk}": count for pk, count in paid.exclude(appeal=None).values_list("appeal").annotate(Count("pk"))}
    own = paid.filter(appeal=None).values_list("edition").annotate(Count("pk"))
    gifts |= {f"e{pk}": count for pk, count in own}
    names = {f"e{edition.pk}": str(edition) for edition in Edition.objects.all()}
    asked = {key.partition("-")[0] for key in totals} | set(gifts)
    wanted = [int(key[1:]) for key in asked if key.startswith("a")]
    names |= {f"a{appeal.pk}": str(appeal) for appeal in Appeal.objects.filter(pk__in=wanted)}
    rows = [
        Answers(
            name=names[key],
            gifts=gifts.get(key, 0),
            **{event: totals.get(f"{key}-{event}", 0) for event in EVENTS},
        )
        for key in sorted(asked, key=lambda key: (key[0], int(key[1:])))
        if key in names
    ]
    return sorted(rows, key=lambda row: -row.shown)
