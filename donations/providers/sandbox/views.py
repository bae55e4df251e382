"""The page on which nobody pays: it asks for no card, and lets the visitor choose what a card would have done."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from donations.providers.sandbox.models import SandboxCardPage, SandboxSession
from newsroom.origin import reader_form


@reader_form
def pay(request, ref):
    """Show what is to be paid, or do what the visitor chose and send him back."""
    session = SandboxSession.objects.filter(ref=ref).first()
    if settings.PAYMENT_PROVIDER != "sandbox" or session is None:
        raise Http404
    with translation.override(session.language):
        response = _settle(request, session) if request.method == "POST" else _page(request, session)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(request, session, *, status=200, error=""):
    is_open = session.state_at(timezone.now()) == SandboxSession.State.OPEN
    outcomes = [outcome for outcome in SandboxSession.Outcome if outcome not in {"pay", "cancel"}]
    return render(
        request,
        "sandbox/pay.html",
        {"session": session, "is_open": is_open, "outcomes": outcomes, "error": error},
        status=status,
    )


def _settle(request, session):
    outcome, now = request.POST.get("outcome", ""), timezone.now()
    if outcome == "confirm":
        outcome = SandboxSession.Outcome.PAY
    elif outcome not in SandboxSession.Outcome.values:
        return _page(request, session, status=422, error=_("Choose one of these buttons."))
    is_open = session.state_at(now) == SandboxSession.State.OPEN
    if is_open and outcome == SandboxSession.Outcome.AUTHENTICATE:
        return render(request, "sandbox/bank.html", {"session": session})
    if is_open:
        session.settle(outcome, at=now)
    if outcome == SandboxSession.Outcome.CLOSE:
        return render(request, "sandbox/closed.html", {"session": session})
    return redirect(session.cancel_url if outcome == SandboxSession.Outcome.CANCEL else session.return_url)


@reader_form
def card(request, ref):
    """The page on which no card is laid down: one button says that a good one was."""
    page = SandboxCardPage.objects.select_related("plan__session").filter(ref=ref).first()
    if settings.PAYMENT_PROVIDER != "sandbox" or page is None:
        raise Http404
    with translation.override(page.plan.session.language):
        if request.method == "POST":
            page.lay_down(at=timezone.now())
            response = redirect(page.return_url)
        else:
            response = render(request, "sandbox/card.html", {"page": page})
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
