"""The page on which nobody pays: it asks for no card, and lets the visitor choose what a card would have done."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from donations.providers.sandbox.models import SandboxSession
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
    if outcome not in SandboxSession.Outcome.values:
        return _page(request, session, status=422, error=_("Choose one of these buttons."))
    if session.state_at(now) == SandboxSession.State.OPEN:
        session.settle(outcome, at=now)
    if outcome == SandboxSession.Outcome.CLOSE:
        return render(request, "sandbox/closed.html", {"session": session})
    return redirect(session.cancel_url if outcome == SandboxSession.Outcome.CANCEL else session.return_url)
