"""The steps of giving: the page that asks, the last look, the way to the provider, and the way back."""

import functools
import hashlib
import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.http.request import UnreadablePostError
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from donations import asking, limits, providers, words
from donations.forms import ChoiceForm, GiveForm, RemindForm, asks_where, purpose_of
from donations.looking import Promised, instead_of, promised_by
from donations.models import (
    Appeal,
    AskReminder,
    Gift,
    Guard,
    ProviderEvent,
    SafetyPolicy,
    Transparency,
    allow_slow,
    is_worked,
)
from donations.models.books import Journal
from donations.models.guard import SLOW_SECONDS, WORK_BITS
from donations.models.reminder import WAIT
from donations.providers.base import BadNotice, NotFound, ProviderDown, ProviderError, UnknownProvider
from newsroom.editions import default_edition, edition_url
from newsroom.forms import FormNonce
from newsroom.origin import reader_form
from newsroom.pagecache import reader_page

logger = logging.getLogger(__name__)

QUIET_DAYS = {"once": 30, "month": 45, "year": 365}
NOTICE_MAX_BYTES = 64 * 1024


def private(view):
    """Keep a page about one gift out of every cache, and its address out of every referrer."""

    @never_cache
    @functools.wraps(view)
    def wrapped(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return wrapped


@require_safe
@reader_page
def support(request):
    """The page behind the Support link: the letter and the choice."""
    return _support(request, request.edition.currency)


@require_safe
@reader_page
def support_in(request, currency):
    """The same page in another currency of the edition."""
    currency = currency.upper()
    if currency == request.edition.currency or currency not in asking.currencies_of(request.edition):
        raise Http404
    return _support(request, currency)


def _support(request, currency):
    edition = request.edition
    request.page_keys.add(f"support:{edition.pk}")
    ask = asking.ask_in(edition, at=timezone.now(), currency=currency)
    context = {
        "ask": ask, "currency": currency, "currencies": asking.currencies_of(edition), "told": _told(edition),
    }  # fmt: skip
    return render(request, "donations/support.html", context)


def _told(edition):
    """Return what the edition chose to tell of its readers' money, or None."""
    return Transparency.objects.filter(edition=edition, is_shown=True).first() if edition.pk else None


@require_safe
@reader_page
def later(request):
    """What "Remind me later" does, for browsers without script."""
    return render(request, "donations/later.html")


@reader_form
@private
def remind(request):
    """Ask once more, then keep the address for one letter a month from now."""
    if request.method != "POST":
        return redirect(edition_url(request.edition, "donations:later"))
    now, form = timezone.now(), RemindForm(request.POST)
    if not form.is_valid():
        return render(request, "donations/remind.html", {"form": form}, status=422)
    context = {"form": form, "email": form.cleaned_data["email"], "due": now + WAIT}
    if not form.cleaned_data["nonce"]:
        return render(request, "donations/remind.html", {**context, "nonce": FormNonce.issue("remind", at=now)})
    try:
        FormNonce.read(form.cleaned_data["nonce"], "remind", at=now)
    except ValidationError:
        return render(
            request, "donations/remind.html", {**context, "nonce": FormNonce.issue("remind", at=now)}, status=422
        )
    if not limits.allow_reminder(request, at=now):
        return render(request, "donations/remind.html", {**context, "is_limited": True}, status=429)
    AskReminder.ask(form.cleaned_data["email"], edition=request.edition, at=now)
    return render(request, "donations/reminded.html", context)


@reader_form
def give(request):
    """Take a choice and answer with the last look, where a button gives."""
    if request.method != "POST":
        return redirect(edition_url(request.edition, "donations:support"))
    now, edition = timezone.now(), request.edition
    currency = _currency(request)
    offers, provider = asking.offers_of(edition, currency), providers.active()
    if not offers or provider is None:
        return render(request, "donations/support.html", {"ask": None}, status=404)
    if is_dangerous(request, policy_of(edition)):
        return render(request, "donations/refused.html", {"safety": policy_of(edition)}, status=403)
    form = ChoiceForm(request.POST, offers=offers)
    is_allowed = limits.allow_choice(request, at=now)
    if not is_allowed or not form.is_valid():
        context = {
            "ask": asking.ask_in(edition, at=now, form=form, currency=currency),
            "form": form,
            "is_limited": not is_allowed,
        }
        return render(request, "donations/support.html", context, status=422 if is_allowed else 429)
    return _last_look(request, promised_by(form), offers, at=now, choice=form)


@reader_form
def confirm(request):
    """Make the gift, once for each form, and hand over to the provider."""
    if request.method != "POST":
        return redirect(edition_url(request.edition, "donations:support"))
    now, edition, currency = timezone.now(), request.edition, _currency(request)
    provider, policy, offers = _chosen(request, currency), policy_of(edition), asking.offers_of(edition, currency)
    form = GiveForm(request.POST, edition=edition, offers=offers, at=now, policy=policy)
    if provider is None or (not form.is_valid() and form.is_damaged):
        return render(request, "donations/again.html", {"form": form}, status=422)
    if is_dangerous(request, policy):
        return render(request, "donations/refused.html", {"safety": policy}, status=403)
    promised = Promised(form["cadence"].value(), form.money, form.cover_minor)
    show = functools.partial(_last_look, request, promised, offers, at=now, form=form)
    if not form.is_valid():
        return show(status=422)
    if not Gift.is_known(form.cleaned_data["form_token"]):
        if trouble := _in_the_way(request, form, at=now):
            return show(status=429 if trouble != "closed" else 503, trouble=trouble)
    gift, _made = Gift.promise(
        nonce=form.cleaned_data["form_token"], edition=edition, cadence=form.cleaned_data["cadence"], money=form.money,
        email=form.cleaned_data["email"], appeal=Appeal.objects.that_asked(edition, form.appeal_key, now),
        provider=provider, at=now, cover_minor=form.cover_minor,
    )  # fmt: skip
    return _hand_over(gift, show, at=now)


def _hand_over(gift, show, *, at):
    """Send the reader to the provider, or show the last look again with what is in the way."""
    if not gift.is_waiting:
        return redirect(gift.return_path)
    try:
        answer = redirect(gift.hand_over(at=at))
    except ProviderDown:
        return show(status=503, trouble="down")
    except ProviderError:
        return show(status=422, trouble="refused")
    if gift.provider not in providers.SLOW:
        Guard.note_waiting(at=at)
    return answer


def _in_the_way(request, form, *, at):
    """Return what keeps a new gift from being begun: limited, closed, challenge; or "" when nothing does."""
    guard = Guard.read(at=at)
    if guard == Guard.State.CLOSED:
        return "closed"
    if guard == Guard.State.CHALLENGE and not is_worked(form.cleaned_data["nonce"], form.cleaned_data["work"]):
        if form.cleaned_data["age"] < SLOW_SECONDS or not allow_slow(at=at):
            return "challenge"
    return "" if limits.allow_hand_over(request, at=at) else "limited"


def policy_of(edition):
    """Return the edition's safety policy or None."""
    return SafetyPolicy.objects.filter(edition=edition).first()


def is_dangerous(request, policy):
    """Tell whether the donor, or our own edge, says that giving is dangerous here; the answer is kept nowhere."""
    if policy is None or not policy.is_strict:
        return False
    seen = request.headers.get(settings.TERRITORY_HEADER, "").strip().upper() if settings.TERRITORY_HEADER else ""
    return request.POST.get("where") == "there" or bool(seen and seen in policy.territories.split())


def _chosen(request, currency):
    """Return the adapter that a button names, or the active one; None where nobody can give."""
    return (request.POST.get("by") == "bank" and providers.beside(currency)) or providers.active()


def _currency(request):
    """Return the currency of the form: one of the edition's, or its own."""
    chosen = request.POST.get("currency", "")[:3]
    return chosen if chosen in asking.currencies_of(request.edition) else request.edition.currency


def _last_look(request, promised, offers, *, at, choice=None, form=None, status=200, trouble=""):
    """Answer with amount and cadence in words, the text on the bank statement, and the one button that gives."""
    provider, cadence, money = providers.active(), promised.cadence, promised.money
    purpose = purpose_of(request.edition, cadence, money, promised.cover_minor)
    policy, guard = policy_of(request.edition), Guard.read(at=at)
    if guard == Guard.State.CLOSED:
        return render(request, "donations/busy.html", status=503)
    context = {
        "cadence": cadence,
        "money": money,
        "promised": promised,
        "instead": instead_of(promised, offers),
        "appeal_key": (form or choice).appeal_key,
        "button": words.button(cadence, money),
        "promise": words.promise(cadence, money),
        "when": words.kept(cadence, timezone.localdate(at, request.edition.zone), provider=provider.name),
        "beside": providers.beside(money.currency),
        "statement": provider.statement(default_edition().title),
        "is_sandbox": provider.mode == "sandbox",
        "form": form,
        "nonce": form["nonce"].value() if form else FormNonce.issue(purpose, at=at),
        "trouble": trouble,
        "work_bits": WORK_BITS if guard == Guard.State.CHALLENGE else 0,
        "safety": policy,
        "asks_where": asks_where(policy),
    }
    return render(request, "donations/confirm.html", context, status=status)


@require_safe
@private
def back(request, token):
    """Say how the gift stands, from the books alone; this address changes nothing."""
    gift = _gift_or_404(token)
    _look_again(gift)
    is_paid = Journal.objects.filter(gift=gift, kind=Journal.Kind.CHARGE).exists()
    context = {
        "gift": gift, "promise": words.promise(gift.cadence, gift.money), "quiet_days": QUIET_DAYS[gift.cadence],
        "is_sandbox": gift.mode == "sandbox",
    }  # fmt: skip
    if is_paid:
        return render(request, "donations/thanks.html", context)
    if gift.is_waiting and (steps := _instructions(gift)):
        return render(request, "donations/transfer.html", {**context, "steps": steps})
    return render(request, "donations/confirming.html" if gift.is_waiting else "donations/failed.html", context)


@require_safe
@private
def cancelled(request, token):
    """Say that nothing was charged, when that is so."""
    gift = _gift_or_404(token)
    _look_again(gift)
    if gift.state == Gift.State.PAID or gift.state == Gift.State.PROCESSING:
        return redirect(gift.return_path)
    return render(request, "donations/failed.html", {"gift": gift, "was_cancelled": True})


def _gift_or_404(token):
    try:
        return Gift.of_return(token)
    except Gift.DoesNotExist as error:
        raise Http404 from error


def _instructions(gift):
    """Return what the reader must do himself to pay, or None."""
    try:
        return providers.by_name(gift.provider).instructions(gift.provider_ref)
    except ProviderError:
        return None


def _look_again(gift):
    """Fetch and apply what the provider knows, as a notice would; its silence is no error here."""
    now = timezone.now()
    if not gift.is_waiting or gift.provider in providers.SLOW or not limits.allow_question(gift, at=now):
        return
    try:
        gift.refresh(at=now)
    except (ProviderDown, NotFound, UnknownProvider) as error:
        logger.warning("the provider did not answer", extra={"why": type(error).__name__})


@csrf_exempt
@require_POST
@never_cache
def hook(request, provider):
    """Take a provider's announcement: verify, store, answer. Everything else happens later."""
    now = timezone.now()
    try:
        adapter = providers.by_name(provider)
    except UnknownProvider as error:
        raise Http404 from error
    try:
        body = request.read(NOTICE_MAX_BYTES + 1)
        if len(body) > NOTICE_MAX_BYTES:
            raise BadNotice("size")
        notice = adapter.read_notice(body, request.headers, at=now)
    except (BadNotice, UnreadablePostError) as error:
        logger.warning("notice refused", extra={"provider": provider, "why": str(error)})
        return HttpResponseBadRequest("Bad notice.", content_type="text/plain")
    ProviderEvent.store(notice, provider=provider, body_sha256=hashlib.sha256(body).hexdigest(), at=now)
    return HttpResponse("Stored.", content_type="text/plain")
