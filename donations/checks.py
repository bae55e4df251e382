"""System checks of donations: no endpoint without a secret."""

import importlib.util

from django.conf import settings
from django.core.checks import Error, Tags, register

from donations.providers.bank.codes import is_iban


@register(Tags.security)
def stripe_is_whole(app_configs, **kwargs):
    """Refuse Stripe without its key, its secrets or its library."""
    if settings.PAYMENT_PROVIDER != "stripe":
        return []
    found = []
    if not settings.STRIPE_SECRET_KEY:
        found.append(Error("PAYMENT_PROVIDER is stripe, but STRIPE_SECRET_KEY is not set.", id="donations.E002"))
    if not settings.STRIPE_WEBHOOK_SECRETS or any(len(one) < 20 for one in settings.STRIPE_WEBHOOK_SECRETS):
        found.append(Error("STRIPE_WEBHOOK_SECRETS must hold the endpoint's secret.", id="donations.E003"))
    if importlib.util.find_spec("stripe") is None:
        found.append(Error("Stripe's library is missing: pip install -r requirements-stripe.txt.", id="donations.E004"))
    return found


@register(Tags.security)
def bank_is_whole(app_configs, **kwargs):
    """Refuse transfers into an account that does not exist, or without the name of its holder."""
    if settings.PAYMENT_PROVIDER != "bank" and not settings.BANK_IBAN:
        return []
    found = []
    if not is_iban(settings.BANK_IBAN):
        found.append(Error("BANK_IBAN is no IBAN: its check digits are wrong.", id="donations.E005"))
    if not settings.BANK_HOLDER:
        found.append(Error("BANK_HOLDER must name the holder of the account.", id="donations.E006"))
    if len(settings.BANK_CURRENCY) != 3 or not settings.BANK_CURRENCY.isupper():
        found.append(Error("BANK_CURRENCY must be three capital letters.", id="donations.E007"))
    return found


@register(Tags.security)
def webhooks_are_signed(app_configs, **kwargs):
    """Refuse a provider whose notices anybody could forge."""
    if settings.PAYMENT_PROVIDER != "sandbox" or all(len(one) >= 32 for one in settings.WEBHOOK_SECRET.split(",")):
        return []
    return [Error("SANDBOX_WEBHOOK_SECRET must have at least 32 characters.", id="donations.E001")]
