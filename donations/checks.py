"""System checks of donations: no endpoint without a secret."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def webhooks_are_signed(app_configs, **kwargs):
    """Refuse a provider whose notices anybody could forge."""
    if settings.PAYMENT_PROVIDER == "none" or all(len(one) >= 32 for one in settings.WEBHOOK_SECRET.split(",")):
        return []
    return [Error("SANDBOX_WEBHOOK_SECRET must have at least 32 characters.", id="donations.E001")]
