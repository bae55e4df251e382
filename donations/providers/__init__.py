"""The outside world of money: each provider stands behind the interface in `base`."""

import datetime

from django.conf import settings

from donations.providers.base import UnknownProvider


def by_name(name):
    """Return the provider's adapter; raises UnknownProvider for a name that the settings do not switch on."""
    if name == "sandbox" and settings.PAYMENT_PROVIDER == "sandbox":
        from donations.providers.sandbox.adapter import Sandbox

        return Sandbox()
    if name == "bank" and settings.BANK_IBAN:
        from donations.providers.bank.adapter import Bank

        return Bank()
    if name == "stripe" and settings.STRIPE_SECRET_KEY:
        from donations.providers.stripe import Stripe

        return Stripe()
    raise UnknownProvider(name)


# Providers that learn only after days what became of a gift: nobody asks them before that.
SLOW = {"bank": datetime.timedelta(days=60)}


def beside(currency):
    """Return the adapter that takes new gifts beside the active one, or None: the transfer, in its own currency."""
    if settings.PAYMENT_PROVIDER in {"none", "bank"} or not settings.BANK_IBAN:
        return None
    bank = by_name("bank")
    return bank if bank.methods(currency) else None


def active():
    """Return the adapter that takes new gifts, or None where giving is not set up."""
    return None if settings.PAYMENT_PROVIDER == "none" else by_name(settings.PAYMENT_PROVIDER)
