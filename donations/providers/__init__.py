"""The outside world of money: each provider stands behind the interface in `base`."""

from django.conf import settings

from donations.providers.base import UnknownProvider


def by_name(name):
    """Return the provider's adapter; raises UnknownProvider for a name that the settings do not switch on."""
    if name == "sandbox" and settings.PAYMENT_PROVIDER == "sandbox":
        from donations.providers.sandbox.adapter import Sandbox

        return Sandbox()
    if name == "stripe" and settings.STRIPE_SECRET_KEY:
        from donations.providers.stripe import Stripe

        return Stripe()
    raise UnknownProvider(name)


def active():
    """Return the adapter that takes new gifts, or None where giving is not set up."""
    return None if settings.PAYMENT_PROVIDER == "none" else by_name(settings.PAYMENT_PROVIDER)
