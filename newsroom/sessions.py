"""Sessions of the staff, each with its account, so that they can be listed and ended. Readers have none."""

import datetime
import re

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


class SessionStore(DatabaseStore):
    """Django's sessions in the database, with who holds each."""

    @classmethod
    def get_model_class(cls):
        from newsroom.models import StaffSession

        return StaffSession

    def create_model_instance(self, data):
        session = super().create_model_instance(data)
        number = str(data.get(SESSION_KEY, ""))
        session.user_id = int(number) if re.fullmatch(r"\d{1,18}", number, re.ASCII) else None
        session.device = data.get("device", "")
        session.begun_at = _moment(data.get("begun"))
        session.used_on = _day(data.get("used"))
        return session


def _moment(text):
    return datetime.datetime.fromisoformat(text) if text else None


def _day(text):
    return datetime.date.fromisoformat(text) if text else None


def device_of(agent):
    """Return roughly what a browser is, such as "Firefox, Linux", from its User-Agent; "" when it cannot be told."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (browser, system)))


def begin(sender, request, user, **kwargs):
    """Note in a session that begins since when it is and what the browser is."""
    now = timezone.now()
    request.session["begun"] = now.isoformat(timespec="seconds")
    request.session["used"] = now.date().isoformat()
    request.session["device"] = device_of(request.headers.get("User-Agent", "")[:500])


def touch(request, *, at):
    """Note the day on which a session was last used; one write a day."""
    today = at.date().isoformat()
    if request.session.get("used") != today:
        request.session["used"] = today
