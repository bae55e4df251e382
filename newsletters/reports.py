"""What mail providers report through anymail: failures and complaints count, opening and clicking is never stored."""

import hashlib

from django.utils import timezone

from newsletters.addresses import email_key
from newsletters.models import Delivery, DeliveryEvent, kind_of

SOFT_WORDS = ("soft", "transient", "temporary", "defer")


def take_event(event, provider, *, at=None):
    """Act on one normalised event of anymail's, once; return whether something new was done."""
    at = at or timezone.now()
    kind = _kind(event)
    if kind is None or not event.recipient:
        return False
    try:
        key = email_key(event.recipient)
    except ValueError:
        return False
    rows = Delivery.objects.select_related("subscriber", "subscription").filter(subscriber__email_key=key)
    delivery = rows.filter(accepted_at__isnull=False).order_by("-pk").first()
    if delivery is None:
        return False
    identity = event.event_id or f"{event.message_id}:{event.event_type}"
    return DeliveryEvent.take(
        delivery, kind, source=provider[:20].lower(), at=at,
        event_id=hashlib.sha256(str(identity).encode()).hexdigest(), reply=_words(event),
    )  # fmt: skip


def _kind(event):
    if event.event_type == "complained":
        return DeliveryEvent.Kind.COMPLAINT
    if event.event_type == "unsubscribed":
        return DeliveryEvent.Kind.LEFT
    if event.event_type not in {"bounced", "rejected"}:
        return None
    said = kind_of(_words(event))
    if said is not None:
        return said
    if event.reject_reason in {"blocked", "spam"}:
        return DeliveryEvent.Kind.POLICY
    words = f"{_words(event)} {_esp_type(event)}".lower()
    if event.reject_reason in {"invalid", "bounced"} and not any(word in words for word in SOFT_WORDS):
        return DeliveryEvent.Kind.HARD
    return DeliveryEvent.Kind.SOFT


def _words(event):
    return str(event.mta_response or event.description or "")


def _esp_type(event):
    esp = event.esp_event
    return str(esp.get("Type", esp.get("type", ""))) if hasattr(esp, "get") else ""
