"""Try a real Stripe account in test mode: one page is opened and read back, and a signed notice is verified."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from donations.money import Money
from donations.providers.base import HandOver, ProviderError
from donations.providers.stripe import API_VERSION, Stripe
from donations.tokens import random_id


class Command(BaseCommand):
    help = "Open a Checkout page at Stripe in test mode, read it back, and verify a notice signed with your secret."

    def handle(self, **options):
        if not settings.STRIPE_SECRET_KEY or not settings.STRIPE_WEBHOOK_SECRETS:
            raise CommandError("Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS first.")
        try:
            import stripe
        except ImportError as error:
            raise CommandError("Install the extra first: pip install -r requirements-stripe.txt") from error
        adapter = Stripe()
        if adapter.mode == "live":
            raise CommandError("This is a live key. Use a key of the test mode.")
        reference = random_id()
        asked = HandOver(
            reference=reference, cadence="once", money=Money(500, "EUR"), language="en",
            return_url=f"{settings.HOME_ORIGIN}/support/", cancel_url=f"{settings.HOME_ORIGIN}/support/",
        )  # fmt: skip
        try:
            page = adapter.hand_over(asked, key=f"check-{reference}")
            again = adapter.hand_over(asked, key=f"check-{reference}")
            standing = adapter.fetch("session", page.ref)
        except ProviderError as error:
            raise CommandError(f"Stripe did not do it: {type(error).__name__} {error}") from error
        if again != page or standing.reference != reference:
            raise CommandError("Stripe answered, but not as promised.")
        self.stdout.write(f"A page was opened, found again by its key, and read back ({API_VERSION}).")
        self._verify(stripe, adapter)

    def _verify(self, sdk, adapter):
        now = timezone.now()
        thing = {"object": "charge", "id": "ch_check"}
        body = json.dumps({
            "id": "evt_check", "type": "charge.updated", "created": int(now.timestamp()), "livemode": False,
            "data": {"object": thing},
        })  # fmt: skip
        for secret in settings.STRIPE_WEBHOOK_SECRETS:
            moment = int(now.timestamp())
            signature = sdk.WebhookSignature._compute_signature(f"{moment}.{body}", secret)
            adapter.read_notice(body.encode(), {"Stripe-Signature": f"t={moment},v1={signature}"}, at=now)
        self.stdout.write(f"A notice signed with each of {len(settings.STRIPE_WEBHOOK_SECRETS)} secrets was verified.")
