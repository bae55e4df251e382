"""A donor's own page, without a password and without a cookie: the session's token travels in the forms alone."""

import functools
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from donations import asking, limits, providers, words
from donations.days import after_months
from donations.forms import ChangeForm, LinkForm, plain
from donations.models import (
    AccessLink,
    DonorIdentity,
    DonorSession,
    Gift,
    Journal,
    Plan,
    PlanEnded,
    Receipt,
    money_state,
)
from donations.models.donor import LINK_MINUTES, SESSION_MINUTES
from donations.providers.base import ProviderDown, ProviderError
from donations.tasks import send_access_link
from donations.views import private
from newsroom.editions import edition_url
from newsroom.forms import FormNonce
from newsroom.origin import reader_form

MOST_MONTHS = 3


# The way in


@reader_form
@private
def ask_for_link(request):
    """Ask for an address and mail it a link when somebody gave from it; every address gets the same answer."""
    now = timezone.now()
    context = {"nonce": FormNonce.issue("manage link", at=now), "minutes": LINK_MINUTES}
    if request.method != "POST":
        return render(request, "donations/manage/ask.html", context)
    form = LinkForm(request.POST, at=now)
    if not form.is_valid():
        return render(request, "donations/manage/ask.html", {**context, "form": form}, status=422)
    address = form.cleaned_data["email"]
    if not limits.allow_link(request, address, at=now):
        return render(request, "donations/manage/ask.html", {**context, "form": form, "is_limited": True}, status=429)
    identity = DonorIdentity.of_address(address)
    send_access_link.enqueue(donor_id=identity.donor_id if identity else 0)
    return render(request, "donations/manage/sent.html", context)


@reader_form
@private
def open_link(request, token):
    """Show a button; only the button spends the link."""
    now = timezone.now()
    if not limits.allow_opening(request, at=now):
        return render(request, "donations/manage/over.html", status=429)
    if request.method != "POST":
        template = "open" if AccessLink.is_good(token, at=now) else "over"
        return render(request, f"donations/manage/{template}.html", status=200 if template == "open" else 410)
    session = AccessLink.spend(token, at=now)
    if session is None:
        return render(request, "donations/manage/over.html", status=410)
    return _show(Visit(request, DonorSession.donor_of(session, at=now), session, now))


@dataclass
class Visit:
    """One request of a donor who is known by the session in the form."""

    request: Any
    donor: Any
    session: str
    at: Any

    def plan(self):
        """Return the plan that the form names; raises Http404 for the plan of anybody else."""
        plans = Plan.objects.filter(gift__donor=self.donor).select_related("gift__edition")
        plan = plans.filter(public_id=self.request.POST.get("plan", "")[:40]).first()
        if plan is None:
            raise Http404
        return plan

    def nonce(self, plan):
        """Return the random part of the form's nonce; raises ValidationError."""
        token, _age = FormNonce.read(self.request.POST.get("nonce", "")[:300], _purpose(plan), at=self.at)
        return token


def _purpose(plan):
    return f"plan:{plan.public_id}"


def donor_page(view):
    """Open for the session in the form alone; everybody else is led to the way in."""

    @reader_form
    @private
    @functools.wraps(view)
    def wrapped(request):
        if request.method != "POST":
            return redirect(edition_url(request.edition, "donations:manage"))
        now, session = timezone.now(), request.POST.get("session", "")[:100]
        if not limits.allow_opening(request, at=now):
            return render(request, "donations/manage/over.html", status=429)
        donor = DonorSession.donor_of(session, at=now)
        if donor is None:
            return render(request, "donations/manage/over.html", status=403)
        return view(Visit(request, donor, session, now))

    return wrapped


# The page


@donor_page
def page(visit):
    """Show everything about the donor's gifts."""
    return _show(visit)


@donor_page
def leave(visit):
    """End the session at once and go to the front page."""
    DonorSession.end(visit.session)
    return redirect(f"{visit.request.edition.prefix}/")


def _show(visit, *, said="", wrong="", form=None, status=200):
    plans = Plan.objects.filter(gift__donor=visit.donor).select_related("gift__edition")
    context = {
        "session": visit.session, "minutes": SESSION_MINUTES, "said": said, "wrong": wrong, "form": form,
        "plans": [_plan_row(plan, visit.at, form) for plan in plans], "payments": _payments(visit.donor),
        "years": sorted({row["day"].year for row in _payments(visit.donor)}, reverse=True),
        "is_sandbox": Gift.objects.filter(donor=visit.donor, mode="sandbox").exists(),
    }  # fmt: skip
    return render(visit.request, "donations/manage/page.html", context, status=status)


def _plan_row(plan, at, form):
    bound = form if form is not None and form.plan.pk == plan.pk else None
    return {
        "plan": plan, "promise": words.promise(plan.every, plan.money), "nonce": FormNonce.issue(_purpose(plan), at=at),
        "amount": bound["amount"].value() if bound else plain(plan.money), "form": bound,
        "cadence": bound["cadence"].value() if bound else plan.every,
        "months": range(1, MOST_MONTHS + 1), "has_card": plan.provider not in providers.SLOW,
    }  # fmt: skip


def _payments(donor):
    """Return what came in and went back for a donor's gifts, newest first."""
    rows = Journal.objects.filter(gift__donor=donor, kind__in=["charge", "assign", "refund"])
    rows = rows.select_related("gift__edition").prefetch_related(
        "lines", Prefetch("receipts", Receipt.objects.filter(voided_at=None))
    )
    return [
        {
            "day": timezone.localtime(row.occurred_at, row.gift.edition.zone).date(),
            "money": _amount(row),
            "is_refund": row.kind == "refund", "receipt": next(iter(row.receipts.all()), None),
        }
        for row in rows.order_by("-occurred_at", "-pk")
    ]  # fmt: skip


def _amount(row):
    """Return how much a charge brought or a refund took, as a positive amount."""
    money = row.received or next(line.money for line in row.lines.all() if line.amount_minor > 0)
    return -money if money.minor < 0 else money


# What a donor may do


def _move(visit, act, said):
    """Let `act(plan, nonce)` speak to the provider and show the page with what came of it."""
    plan = visit.plan()
    try:
        is_confirmed = act(plan, visit.nonce(plan))
    except PlanEnded:
        return _show(visit, wrong=_("This gift has ended already; nothing more is charged."), status=422)
    except ValidationError as error:
        return _show(visit, wrong=error.messages[0], status=422)
    except ProviderError:
        return _show(visit, wrong=_("The payment provider refused. Nothing was changed."), status=422)
    waiting = _("The payment provider does not answer at the moment. It is told again until it does.")
    return _show(visit, said=said if is_confirmed else waiting)


@donor_page
def change(visit):
    """Change amount and rhythm from the next charge on."""
    plan = visit.plan()
    offers = asking.offers_of(plan.gift.edition, plan.gift.currency)
    form = ChangeForm(visit.request.POST, plan=plan, offers=offers)
    if not form.is_valid():
        return _show(visit, form=form, status=422)
    money, cadence = form.cleaned_data["money"], form.cleaned_data["cadence"]
    said = _("From the next time on: %(promise)s.") % {"promise": words.promise(cadence, money)}
    return _move(visit, lambda plan, nonce: plan.ask_to_change(money, cadence, nonce=nonce, at=visit.at), said)


@donor_page
def pause(visit):
    """Charge nothing for one to three months."""
    text = visit.request.POST.get("months", "")
    months = int(text) if text in {str(number) for number in range(1, MOST_MONTHS + 1)} else 1
    plan = visit.plan()
    start = max(plan.next_on or visit.at.date(), visit.at.date())
    until = after_months(start, months, anchor=start.day)
    said = _("Paused. Nothing is charged before the date below.")
    return _move(visit, lambda plan, nonce: plan.ask_to_pause(until, nonce=nonce, at=visit.at), said)


@donor_page
def resume(visit):
    """Charge again from the next date on."""
    said = _("Your gift goes on.")
    return _move(visit, lambda plan, nonce: plan.ask_to_resume(nonce=nonce, at=visit.at), said)


@donor_page
def stop(visit):
    """Ask once whether to stop, then stop at once."""
    plan = visit.plan()
    if visit.request.POST.get("sure") != "yes":
        context = {"session": visit.session, "plan": plan, "promise": words.promise(plan.every, plan.money)}
        return render(visit.request, "donations/manage/stop.html", context)
    try:
        is_confirmed = plan.ask_to_end(at=visit.at)
    except ProviderError:
        is_confirmed = False
    said = _("Stopped. Nothing more will be charged. Thank you for all that you gave.")
    waiting = _("Stopped here. The payment provider does not answer at the moment and is told again until it does.")
    return _show(visit, said=said if is_confirmed else waiting)


@donor_page
def card(visit):
    """Send the donor to the provider's page for another card; the way back is a link of its own."""
    plan = visit.plan()
    token = AccessLink.issue(visit.donor, minutes=SESSION_MINUTES, at=visit.at)
    back = settings.HOME_ORIGIN + visit.request.edition.prefix + reverse("donations:open", args=[token])
    try:
        return redirect(plan.ask_for_card(return_url=back, nonce=visit.nonce(plan), at=visit.at))
    except (PlanEnded, ValidationError):
        return _show(visit, wrong=_("This gift has ended already; nothing more is charged."), status=422)
    except ProviderDown:
        wrong = _("The payment provider does not answer at the moment. Please try again in a minute.")
        return _show(visit, wrong=wrong, status=503)
    except ProviderError:
        return _show(visit, wrong=_("The payment provider refused. Nothing was changed."), status=422)


@donor_page
def statement(visit):
    """Show what was given in one year, to print or to keep."""
    text = visit.request.POST.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else visit.at.year
    rows = [row for row in _payments(visit.donor) if row["day"].year == year]
    totals = {}
    for row in rows:
        money = -row["money"] if row["is_refund"] else row["money"]
        totals[money.currency] = totals[money.currency] + money if money.currency in totals else money
    context = {"session": visit.session, "year": year, "rows": rows, "totals": totals.values()}
    return render(visit.request, "donations/manage/statement.html", context)


@donor_page
def data(visit):
    """Send everything that is kept about the donor as a file."""
    identity = DonorIdentity.objects.filter(donor=visit.donor).first()
    gifts = Gift.objects.filter(donor=visit.donor).select_related("edition", "plan").order_by("pk")
    said = {
        "address": identity.read_address() if identity else None,
        "language": identity.language if identity else None,
        "gifts": [
            {
                "amount": str(gift.money), "cadence": gift.cadence, "state": gift.state, "money": money_state(gift),
                "created": gift.created_at, "paid": gift.paid_at, "terms": gift.terms_version, "mode": gift.mode,
                "plan": _plan_data(gift),
            }
            for gift in gifts
        ],
        "payments": [
            {"day": row["day"], "amount": str(row["money"]), "receipt": str(row["receipt"] or "")}
            for row in _payments(visit.donor)
        ],
    }  # fmt: skip
    response = JsonResponse(said, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _plan_data(gift):
    plan = getattr(gift, "plan", None)
    if plan is None:
        return None
    return {
        "amount": str(plan.money), "cadence": plan.every, "state": plan.state, "next": plan.next_on,
        "changes": list(plan.changes.values("kind", "amount_minor", "cadence", "at")),
    }  # fmt: skip


@donor_page
def erase(visit):
    """Ask once, then stop every gift that comes again and destroy the key of the donor's address."""
    if visit.request.POST.get("sure") != "yes":
        return render(visit.request, "donations/manage/erase.html", {"session": visit.session})
    for plan in Plan.objects.filter(gift__donor=visit.donor).exclude(state="ended").select_related("gift"):
        try:
            plan.ask_to_end(at=visit.at)
        except ProviderError:
            continue  # the wish to end is kept, and the worker repeats it
    for identity in DonorIdentity.objects.filter(donor=visit.donor):
        identity.erase()
    DonorSession.objects.filter(donor=visit.donor).delete()
    AccessLink.objects.filter(donor=visit.donor).delete()
    return render(visit.request, "donations/manage/erased.html")
