"""What a reader settles by herself: the link comes by mail, looking changes nothing, each button says what it does."""

import datetime

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from newsletters import limits
from newsletters.addresses import email_key
from newsletters.forms import AddressForm
from newsletters.models import AddressChange, Newsletter, Subscriber, Variant, read_settings_token
from newsroom import ratelimit
from newsroom.origin import reader_form

PAUSES = {"4": datetime.timedelta(weeks=4), "8": datetime.timedelta(weeks=8)}


@reader_form
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request):
    """Ask for an address and write the link there when somebody reads there; the answer is always the same."""
    if request.method != "POST":
        return render(request, "newsletters/settings_ask.html", {"form": AddressForm()})
    form, now = AddressForm(request.POST), timezone.now()
    if not form.is_valid():
        return render(request, "newsletters/settings_ask.html", {"form": form}, status=422)
    if not request.POST.get("website"):
        try:
            limits.admit(ratelimit.network_of(request), vouched="Sec-Fetch-Site" in request.headers, at=now)
        except limits.TooMany:
            return render(request, "newsletters/busy.html", status=429)
        Subscriber.ask_for_settings(email_key(form.cleaned_data["email"]), at=now)
    return render(request, "newsletters/settings_sent.html", {"email": form.cleaned_data["email"]})


@reader_form
@require_http_methods(["GET", "HEAD", "POST"])
def page(request, token):
    """Show a reader's settings and do what one of the buttons says; only a link from her mailbox opens them."""
    now = timezone.now()
    reader = read_settings_token(token, at=now)
    if reader is None:
        return render(request, "newsletters/settings_gone.html", status=404)
    if request.method != "POST":
        return _show(request, reader, at=now)
    act = ACTIONS.get(request.POST.get("do"))
    if act is None:
        return _show(request, reader, at=now, status=400)
    return act(request, reader, now)


def _show(request, reader, *, at, said="", form=None, status=200):
    offered = list(Newsletter.objects.open(request.edition))
    mine = {
        subscription.newsletter_id: subscription
        for subscription in reader.subscriptions.confirmed().select_related("newsletter__edition")
    }
    known = {newsletter.pk for newsletter in offered}
    offered += [subscription.newsletter for pk, subscription in mine.items() if pk not in known]
    rows = [
        {"newsletter": newsletter, "subscription": mine.get(newsletter.pk), "variants": newsletter.variants()}
        for newsletter in offered
    ]
    paused = max((found.paused_until for found in mine.values() if found.paused_until), default=None)
    context = {
        "rows": rows, "said": said, "form": form or AddressForm(), "pauses": PAUSES, "has_letters": bool(mine),
        "paused_until": paused if paused and paused > at else None,
    }  # fmt: skip
    return render(request, "newsletters/settings.html", context, status=status)


def _choose(request, reader, now):
    offered = Newsletter.objects.open(request.edition) | Newsletter.objects.filter(
        pk__in=reader.subscriptions.confirmed().values("newsletter")
    )
    ticked, wanted = set(request.POST.getlist("newsletters")), {}
    for newsletter in offered:
        if newsletter.slug in ticked:
            variant = request.POST.get(f"variant-{newsletter.slug}", "")
            wanted[newsletter] = variant if variant in newsletter.variants() else Variant.STANDARD
    reader.choose(wanted, at=now)
    return _show(request, reader, at=now, said="saved")


def _pause(request, reader, now):
    span = PAUSES.get(request.POST.get("weeks"))
    if span is None:
        return _show(request, reader, at=now, status=400)
    reader.pause(until=now + span, at=now)
    return _show(request, reader, at=now, said="paused")


def _go_on(request, reader, now):
    reader.go_on(at=now)
    return _show(request, reader, at=now, said="going")


def _change(request, reader, now):
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _show(request, reader, at=now, form=form, status=422)
    AddressChange.ask(reader, form.cleaned_data["email"], at=now)
    return _show(request, reader, at=now, said="change")


def _export(request, reader, now):
    response = JsonResponse(reader.export(), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _erase(request, reader, now):
    if "sure" not in request.POST:
        return _show(request, reader, at=now, said="sure", status=422)
    reader.erase(at=now, never_again="never_again" in request.POST)
    return render(request, "newsletters/settings_erased.html")


ACTIONS = {
    "choose": _choose, "pause": _pause, "go_on": _go_on, "change": _change, "export": _export, "erase": _erase,
}  # fmt: skip


@reader_form
@require_http_methods(["GET", "HEAD", "POST"])
def change_address(request, token):
    """Show a button to one of the two mailboxes; when both have pressed theirs the letters move."""
    now = timezone.now()
    change = AddressChange.find(token, at=now)
    if change is None:
        return render(request, "newsletters/settings_gone.html", status=404)
    if request.method == "POST":
        change.say_yes(token, at=now)
        is_over = not AddressChange.objects.filter(pk=change.pk).exists()
        return render(request, "newsletters/change_said.html", {"is_over": is_over})
    return render(request, "newsletters/change.html")
