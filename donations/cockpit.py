"""The cockpit: how giving stands, in figures from the books and the plans; modes and currencies are never added up."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations import providers, sheets
from donations.health import totals
from donations.models import Gift, Guard, Message, Plan, PlanChange, ProviderCall, ProviderEvent, ReconRun
from donations.money import Money

MONTHS = 12
WIDTH, HEIGHT, BASE = 720, 220, 180
SILENCE = datetime.timedelta(hours=24)


@dataclass(frozen=True)
class Bar:
    """One bar of a plot, in the units of its drawing; `title` says it in words."""

    x: int
    y: int
    width: int
    height: int
    label: str
    title: str


def periods(mode, at):
    """Return [(name, rows of totals)] for today, this month and this year."""
    today = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [
        (_("Today"), today), (_("This month"), today.replace(day=1)), (_("This year"), today.replace(month=1, day=1)),
    ]  # fmt: skip
    return [(name, totals(since=start, mode=mode)) for name, start in starts]


def recurring(mode):
    """Return [(currency, Money per month, number of plans)] of the plans that run; an annual gift counts a twelfth."""
    found = {}
    plans = Plan.objects.filter(gift__mode=mode, state__in=["active", "past_due"], cancel_requested_at=None)
    for plan in plans.select_related("gift"):
        minor, number = found.get(plan.gift.currency, (0, 0))
        share = plan.money.minor * (1 if plan.every == "year" else 12)
        found[plan.gift.currency] = minor + share, number + 1
    return [(currency, Money(minor // 12, currency), number) for currency, (minor, number) in sorted(found.items())]


def movement(mode, at):
    """Return what happened to plans in the last thirty days: new, lost, failed, recovered."""
    since = at - datetime.timedelta(days=30)
    plans = Plan.objects.filter(gift__mode=mode)
    changes = PlanChange.objects.filter(plan__gift__mode=mode, at__gte=since).aggregate(
        failed=Count("pk", filter=Q(kind="past_due")), recovered=Count("pk", filter=Q(kind="recovered"))
    )
    return {
        "new": plans.filter(created_at__gte=since).count(),
        "lost": plans.filter(state="ended", ended_at__gte=since).count(),
        **changes,
    }


def plot(mode, currency, months=None):
    """Return the bars of the net income of the last twelve months in one currency, oldest first."""
    rows = months if months is not None else sheets.months(mode)
    rows = {row["month"]: row["net"] for row in rows if row["currency"] == currency}
    if not rows:
        return []
    last = max(rows)
    days = [_month_before(last, number) for number in range(MONTHS - 1, -1, -1)]
    highest = max(max((money.minor for money in rows.values()), default=0), 1)
    step = WIDTH // MONTHS
    bars = []
    for number, day in enumerate(days):
        net = rows.get(day, Money(0, currency))
        height = max(net.minor, 0) * (BASE - 20) // highest
        title = f"{date_format(day, 'F Y')}: {net.short}"
        bars.append(Bar(number * step + 6, BASE - height, step - 12, height, date_format(day, "M"), title))
    return bars


def _month_before(day, number):
    year, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return datetime.date(year, month + 1, 1)


def _comparisons():
    """Return the newest comparison of each provider as lines of `health`."""
    books, words = reverse("admin:donations_journal_books"), _("Books compared with the provider: %(state)s")
    runs = ReconRun.objects.newest()
    if not runs:
        return [(True, words % {"state": _("never")}, books)]
    return [
        (
            run.state != "green",
            words % {"state": f"{run.provider}, {run.get_state_display()}"},
            f"{books}?mode={run.mode}",
        )
        for run in runs
    ]


def plots(mode):
    """Return [(currency, highest in words, bars)] for each currency of a mode."""
    months = sheets.months(mode)
    currencies = sorted({row["currency"] for row in months})
    return [(currency, plot(mode, currency, months)) for currency in currencies]


def health(at):
    """Return [(is red, sentence, address)]: what is well, and what a person must look at."""
    events, url = ProviderEvent.objects, reverse("admin:donations_providerevent_changelist")
    last = events.order_by("-received_at").values_list("received_at", flat=True).first()
    handed = Gift.objects.filter(handed_off_at__gt=at - SILENCE).exclude(provider__in=providers.SLOW).exists()
    is_silent = handed and (last is None or last < at - SILENCE)
    said = _("Last notice of a provider: %(when)s") % {
        "when": date_format(timezone.localtime(last), "j F, H:i") if last else "–"
    }
    lines = [(is_silent, said, url)]
    waiting = events.filter(state="stored").count()
    lines.append(
        (
            waiting > 0 and events.filter(state="stored", received_at__lt=at - datetime.timedelta(minutes=30)).exists(),
            ngettext("%d notice to be applied", "%d notices to be applied", waiting) % waiting,
            f"{url}?state__exact=stored",
        )
    )
    for state, words in (("parked", _("Parked notices: %d")), ("dead", _("Notices given up: %d"))):
        number = events.filter(state=state).count()
        lines.append((number > 0, words % number, f"{url}?state__exact={state}"))
    letters = Message.objects.filter(state__in=["queued", "sending"])
    old = letters.filter(created_at__lt=at - datetime.timedelta(minutes=30)).exists()
    number = letters.count()
    lines.append(
        (
            old,
            ngettext("%d letter to be sent", "%d letters to be sent", number) % number,
            reverse("admin:donations_gift_changelist"),
        )
    )
    number = ProviderCall.objects.filter(
        state__in=["prepared", "unknown"], updated_at__lt=at - datetime.timedelta(minutes=30)
    ).count()
    lines.append((number > 0, _("Calls without an answer: %d") % number, reverse("admin:donations_gift_changelist")))
    lines.extend(_comparisons())
    guard = Guard.read(at=at)
    lines.append(
        (
            guard != Guard.State.NORMAL,
            _("Guard: %(state)s") % {"state": guard.label},
            reverse("admin:donations_guard_changelist"),
        )
    )
    return lines
