"""Pages of the letters: the list and signup, confirming, leaving, and the archive."""

import json

from django.conf import settings
from django.http import Http404, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from newsletters import blocks, limits, proof
from newsletters.forms import ApiSignupForm, ConfirmSignupForm, SignupForm, purpose_of
from newsletters.models import ConfirmRequest, ConsentWording, Issue, Newsletter, Subscriber, Subscription
from newsroom import ratelimit
from newsroom.forms import FormNonce
from newsroom.origin import FORM_MAX_BYTES, announced_size, reader_form
from newsroom.pagecache import reader_page


@require_safe
@reader_page
def index(request):
    """List the edition's newsletters with the form to sign up for several."""
    request.page_keys.add(f"newsletters:{request.edition.pk}")
    offered = _offered(request.edition)
    form = SignupForm(offered=offered, initial={"newsletters": [offered[0].slug] if offered else [], "source": "list"})
    return render(request, "newsletters/index.html", {"form": form, "cards": _cards(form, offered)})


@reader_form
@require_POST
def signup(request):
    """Show what was typed with a button; the button's own post asks the mailbox. The answer is always the same."""
    offered, now = _offered(request.edition), timezone.now()
    if "form_nonce" not in request.POST:
        form = SignupForm(request.POST, offered=offered)
        if not form.is_valid():
            return render(request, "newsletters/index.html", {"form": form, "cards": _cards(form, offered)})
        return _check_page(request, form.cleaned_data, at=now)
    form = ConfirmSignupForm(request.POST, offered=offered, at=now, minimum_seconds=settings.SIGNUP_MIN_SECONDS)
    if not form.is_valid():
        return _again(request, form, offered, at=now)
    if form.is_robot:
        return render(request, "newsletters/mailbox.html", {"email": form.cleaned_data["email"]})
    try:
        ask(request, form.cleaned_data, at=now)
    except limits.TooMany:
        return render(request, "newsletters/busy.html", status=429)
    except limits.NeedsProof:
        return _again(request, form, offered, at=now)
    return render(request, "newsletters/mailbox.html", {"email": form.cleaned_data["email"]})


def ask(request, cleaned, *, at, proved=False):
    """Let a visitor ask for letters: the one way in, for the form and for other sites. Raises TooMany, NeedsProof."""
    vouched = "Sec-Fetch-Site" in request.headers
    if limits.is_burst(at=at) and not proved:
        limits.require_proof(cleaned["altcha"], at=at)
    limits.admit(ratelimit.network_of(request), vouched=vouched, at=at)
    Subscriber.ask(
        cleaned["email"], cleaned["newsletters"], language=request.edition.language, source=cleaned["source"],
        wording=ConsentWording.keep(request.edition, cleaned["newsletters"], at=at), at=at,
    )  # fmt: skip


def _check_page(request, cleaned, *, at, error="", nonce=None):
    nonce = nonce or FormNonce.issue(purpose_of(cleaned["email"], cleaned["newsletters"]), at=at)
    challenge = proof.make_challenge(at=at) if limits.is_burst(at=at) else ""
    context = {**cleaned, "form_nonce": nonce, "error": error, "challenge": challenge}
    return render(request, "newsletters/check.html", context)


def _again(request, form, offered, *, at):
    """Answer a second step that did not pass: the same page when what was typed is right, else the form."""
    typed = SignupForm(request.POST, offered=offered)
    if not typed.is_valid():
        return render(request, "newsletters/index.html", {"form": typed, "cards": _cards(typed, offered)})
    error = form.non_field_errors() or form.errors.get("form_nonce")
    quick = form.has_error("__all__", code="quick")
    nonce = form.cleaned_data["form_nonce"] if quick else None
    return _check_page(request, typed.cleaned_data, at=at, error=error[0] if error else "", nonce=nonce)


def _cards(form, offered):
    """Return each newsletter and whether it is ticked."""
    ticked = set(form["newsletters"].value() or [])
    return [{"newsletter": newsletter, "ticked": newsletter.slug in ticked} for newsletter in offered]


def _offered(edition):
    """Return the newsletters that readers of an edition can sign up for, with their newest letters; one query."""
    offered = list(Newsletter.objects.open(edition).with_newest()) if edition.pk else []
    for newsletter in offered:
        newsletter.edition = edition
    return offered


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signup_api(request):
    """Take a signup from another site of ours as JSON. It always costs a proof of work, whose challenge a GET gives.

    The answer to a signup is the same for every address.
    """
    offered, now = _offered(request.edition), timezone.now()
    if request.method != "POST":
        listed = [{"slug": found.slug, "name": found.name, "promise": found.promise} for found in offered]
        return JsonResponse({"challenge": json.loads(proof.make_challenge(at=now)), "newsletters": listed})
    form = ApiSignupForm(_read_json(request), offered=offered)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    try:
        limits.require_proof(form.cleaned_data["altcha"], at=now)
        ask(request, {**form.cleaned_data, "altcha": "", "source": "api"}, at=now, proved=True)
    except limits.NeedsProof:
        return JsonResponse({"errors": {"altcha": [_("Solve a new challenge first.")]}}, status=400)
    except limits.TooMany:
        return JsonResponse({"errors": {"__all__": [_("Please come again in an hour")]}}, status=429)
    return JsonResponse({"message": _("Look into your mailbox")}, status=202)


def _read_json(request):
    """Return the fields of a JSON body as a form takes them; nothing when it is none, too large, or of wrong types."""
    if announced_size(request) > FORM_MAX_BYTES:
        return {}
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    fields = QueryDict(mutable=True)
    for name in ("email", "altcha", "newsletters"):
        value = sent.get(name) if isinstance(sent, dict) else None
        values = value if isinstance(value, list) else [value]
        fields.setlist(name, [text for text in values[:50] if isinstance(text, str)])
    return fields


@reader_form
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """Show a button; only pressing it lets the reader in. A second press changes nothing."""
    now = timezone.now()
    asked = ConfirmRequest.find(token)
    if asked is None or (asked.used_at is None and not asked.is_open(now)):
        return render(request, "newsletters/confirm_gone.html", status=404)
    newsletters = list(asked.newsletters.select_related("edition"))
    if request.method == "POST" or asked.used_at is not None:
        if request.method == "POST":
            asked.confirm(at=now)
        inside = asked.subscriber.subscriptions.confirmed().filter(newsletter__in=newsletters).exists()
        return render(request, "newsletters/confirmed.html", {"newsletters": newsletters, "inside": inside})
    return render(request, "newsletters/confirm.html", {"newsletters": newsletters})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request, token):
    """Let a reader out by POST, from a mail program (RFC 8058) or by the page's one button; GET changes nothing.

    No cookie, no token of a form and no redirect: the address alone says who leaves what.
    """
    ours, subscription = Subscription.find_by_token(token)
    if not ours:
        return render(request, "newsletters/leave_unknown.html", status=404)
    if subscription is not None:
        request.edition = subscription.newsletter.edition
    with translation.override(request.edition.language):
        if request.method != "POST":
            return render(request, "newsletters/leave.html", {"subscription": subscription})
        if subscription is not None:
            one_click = request.POST.get("List-Unsubscribe") == "One-Click"
            how = Subscription.How.ONE_CLICK if one_click else Subscription.How.PAGE
            subscription.leave(how, at=timezone.now())
        return render(request, "newsletters/left.html", {"subscription": subscription})


@require_safe
@reader_page
def archive(request, slug):
    """List the issues of a newsletter, the newest first."""
    newsletter = get_object_or_404(Newsletter, edition=request.edition, slug=slug)
    newsletter.edition = request.edition
    request.page_keys.update(newsletter.page_keys())
    if not newsletter.has_archive:
        raise Http404
    issues = Issue.objects.published().filter(newsletter=newsletter).order_by("-started_at", "-number")[:500]
    for issue in issues:
        issue.newsletter = newsletter
    return render(request, "newsletters/archive.html", {"newsletter": newsletter, "issues": issues})


@require_safe
@reader_page
def issue(request, slug, number):
    """Show an issue made of its blocks as they are now: a story that was withdrawn is not in it."""
    now = timezone.now()
    found = Issue.objects.published().select_related("newsletter__edition").prefetch_related("blocks__article")
    issue = get_object_or_404(found, newsletter__edition=request.edition, newsletter__slug=slug, number=number)
    request.page_keys.update(issue.page_keys())
    request.page_keys.update(f"article:{block.article.public_id}" for block in issue.blocks.all() if block.article)
    content = issue.document.read(issue)
    shown = blocks.parts(content, edition=request.edition, at=now, show=blocks.Show(where="web", pictures=True))
    others = Issue.objects.published().filter(newsletter=issue.newsletter).select_related("newsletter__edition")
    context = {
        "issue": issue,
        "newsletter": issue.newsletter,
        "parts": shown,
        "earlier": others.before(issue).first(),
        "later": others.after(issue).first(),
    }
    return render(request, "newsletters/issue.html", context)
