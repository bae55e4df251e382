"""What the desk should know about giving: the month in figures, and everything that waits for a person."""

import datetime

from django.db.models import Min, Sum
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from donations.models import Gift, JournalLine, Message, Plan, ProviderCall, ProviderEvent, ReconItem, ReconRun
from donations.money import Money
from newsroom.readings import ERROR, OK, Reading

INCOME = ("income_once", "income_recurring")
STUCK_AFTER = datetime.timedelta(minutes=30)


def totals(*, since=None, mode=None):
    """Return [{mode, currency, income, fees}] from the books: Money per mode and currency, never mixed."""
    lines = JournalLine.objects.filter(account__in=[*INCOME, "fees"])
    lines = lines.filter(journal__occurred_at__gte=since) if since else lines
    lines = lines.filter(journal__mode=mode) if mode else lines
    found = {}
    for row in lines.order_by().values("journal__mode", "currency", "account").annotate(total=Sum("amount_minor")):
        entry = found.setdefault((row["journal__mode"], row["currency"]), {"income": 0, "fees": 0})
        if row["account"] == "fees":
            entry["fees"] += row["total"]
        else:
            entry["income"] -= row["total"]
    return [
        {
            "mode": mode,
            "currency": currency,
            "income": Money(sums["income"], currency),
            "fees": Money(sums["fees"], currency),
        }
        for (mode, currency), sums in sorted(found.items())
    ]


def status(at):
    """Return (level, sentence) for everything about giving that needs a person."""
    dead = ProviderEvent.objects.filter(state__in=["parked", "dead"]).count()
    stuck = Message.objects.filter(state__in=["queued", "sending"], created_at__lt=at - STUCK_AFTER).count()
    review = Gift.objects.exclude(needs_review="").count()
    late = ProviderEvent.objects.filter(state="stored", received_at__lt=at - STUCK_AFTER).count()
    unsettled = ProviderCall.objects.filter(state__in=["prepared", "unknown"], updated_at__lt=at - STUCK_AFTER).count()
    differing = ReconItem.objects.filter(run__in=ReconRun.objects.newest(), is_settled=False).count()
    unanswered = ReconRun.objects.newest().filter(state="failed").count()
    said = [
        (
            differing,
            "error",
            ngettext(
                "The books and the provider’s list differ in %d place.",
                "The books and the provider’s list differ in %d places.",
                differing,
            ),
        ),
        (
            unanswered,
            "warning",
            ngettext(
                "%d provider could not be compared with the books.",
                "%d providers could not be compared with the books.",
                unanswered,
            ),
        ),
        (
            unsettled,
            "warning",
            ngettext(
                "%d call to a provider was never answered.", "%d calls to a provider were never answered.", unsettled
            ),
        ),
        (
            dead,
            "error",
            ngettext(
                "%d notice of a provider names something we do not know.",
                "%d notices of a provider name something we do not know.",
                dead,
            ),
        ),
        (
            late,
            "error",
            ngettext(
                "%d notice of a provider waits to be applied.", "%d notices of a provider wait to be applied.", late
            ),
        ),
        (
            stuck,
            "warning",
            ngettext("%d receipt has not left.", "%d receipts have not left.", stuck),
        ),
        (review, "warning", ngettext("%d gift waits for a look.", "%d gifts wait for a look.", review)),
    ]
    return [(level, sentence % count) for count, level, sentence in said if count]


def panel(request):
    """Return the dashboard's panel for those who may see gifts, else None."""
    if not request.user.has_perm("donations.view_gift"):
        return None
    now = timezone.now()
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "title": pgettext("money", "Support"),
        "template": "admin/donations/panel.html",
        "totals": totals(since=month),
        "plans": Plan.objects.filter(state="active").count(),
        "problems": status(now),
    }


def readings(at):
    """Return how old the oldest notice is that was not applied, and the last comparison with a provider's list."""
    first = ProviderEvent.objects.filter(state="stored").aggregate(first=Min("received_at"))["first"]
    age = (at - first).total_seconds() if first else 0
    last = ReconRun.objects.first()
    since = (at - last.started_at).total_seconds() if last else None
    return [
        Reading(
            "notices_oldest_seconds", _("Oldest notice of a provider not applied"), age,
            _("came %s ago") % timesince(first, at) if first else _("none"),
            ERROR if age > STUCK_AFTER.total_seconds() else OK,
        ),
        Reading(
            "books_compared_seconds", _("Books last compared"), since,
            _("%s ago") % timesince(last.started_at, at) if last else _("never"),
            ERROR if last and last.state == "red" else OK,
        ),
    ]  # fmt: skip
