"""Read-only mode: readers read on, and every door through which something could be written answers 503.

What stays open: logging in and the switch itself, so that it can be ended; and leaving a letter by one click, since a
mail program asks once and never again.
"""

from django.db import DatabaseError
from django.shortcuts import render

from newsroom import pagecache

SAFE = {"GET", "HEAD", "OPTIONS"}
STAYS_OPEN = {
    "newsletters:leave", "admin:newsroom_emergency", "admin:login", "admin:logout", "account_login", "account_logout",
    "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate", "mfa_login_webauthn",
}  # fmt: skip
# Links that write when they are opened: a private link counts, one from a mail opens a giver's page.
WRITING_LINKS = {"donations:open"}
AGAIN_AFTER = 600
_remembered = {"seq": None, "row": None}


def present():
    """Return the row of the emergency, or None; from memory while nothing changed or the database is away."""
    from newsroom.models import Emergency

    try:
        seq = pagecache.versions().latest("emergency")
    except pagecache.Away:
        seq = None
    if seq is None or _remembered["seq"] != seq:
        try:
            _remembered.update(row=Emergency.objects.select_related("by").first(), seq=seq)
        except DatabaseError:
            pass
    return _remembered["row"]


def forget():
    """Make the next question read the database; the tests need this between two databases."""
    _remembered.update(seq=None, row=None)


class EmergencyMiddleware:
    """Answer 503 at every writing door while there is an emergency."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Return the refusal, or None."""
        name = request.resolver_match.view_name
        is_writing = request.method not in SAFE or name in WRITING_LINKS
        if not is_writing or name in STAYS_OPEN or present() is None:
            return None
        response = render(request, "newsroom/read_only.html", status=503)
        response["Retry-After"] = str(AGAIN_AFTER)
        response["Cache-Control"] = "no-store"
        return response
