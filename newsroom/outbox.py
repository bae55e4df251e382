"""The demo's mailbox: every mail becomes a file under the data directory and can be read in the browser."""

import email
import email.policy
import re
import secrets
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

NAME = re.compile(r"\d{20}-[0-9a-f]{8}\Z")
PAGE = 50
LINK = re.compile(r"https?://[^\s<>\"]+")


class OutboxBackend(BaseEmailBackend):
    """Write each mail as one file, whole or not at all."""

    def send_messages(self, email_messages):
        """Store the mails and return how many."""
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            deliver(message.message().as_bytes(linesep="\r\n"))
        return len(email_messages)


def deliver(content):
    """Put the bytes of one mail into the mailbox and return its name."""
    folder = Path(settings.OUTBOX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}"
    part = folder / f"{name}.part"
    part.write_bytes(content)
    part.rename(folder / f"{name}.eml")
    return name


def _read(file):
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    text = body.get_content() if body else ""
    return {
        "name": file.stem,
        "subject": message["subject"] or "",
        "sender": message["from"] or "",
        "to": message["to"] or "",
        "date": message["date"].datetime if message["date"] else None,
        "headers": [(name, value) for name, value in message.items() if name.lower().startswith("list-")],
        "text": text,
        "links": list(dict.fromkeys(LINK.findall(text))),
        "html": message.get_body(preferencelist=("html",)),
    }


def _find(name):
    file = Path(settings.OUTBOX_DIR) / f"{name}.eml"
    if not NAME.match(name) or not file.is_file():
        raise Http404
    return _read(file)


@never_cache
def index(request):
    """List the newest mails; `?to=` keeps those to one address."""
    wanted = request.GET.get("to", "")[:254].lower()
    files = sorted(Path(settings.OUTBOX_DIR).glob("*.eml"), reverse=True)
    mails = []
    for file in files[:2000]:
        mail = _read(file)
        if wanted in mail["to"].lower():
            mails.append(mail)
        if len(mails) == PAGE:
            break
    return render(request, "newsroom/outbox.html", {"mails": mails, "wanted": wanted, "total": len(files)})


@never_cache
def detail(request, name):
    """Show one mail: its text with the links to click, and its HTML in a frame of its own."""
    return render(request, "newsroom/outbox_mail.html", {"mail": _find(name)})


@never_cache
@xframe_options_sameorigin
def html_part(request, name):
    """Answer the mail's HTML alone, under a policy that runs and loads nothing."""
    mail = _find(name)
    if mail["html"] is None:
        raise Http404
    response = HttpResponse(mail["html"].get_content())
    response._csp_replace = {
        "default-src": ["'none'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'unsafe-inline'"],
        "script-src": ["'none'"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
    return response
