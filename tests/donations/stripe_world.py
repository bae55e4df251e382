"""Stripe as the tests of failure see it: our strict peer, driven like the sandbox's world."""

import hashlib
import hmac
import json

from django.utils import timezone

from donations import providers
from tests.donations.making import make_gift
from tests.donations.stripe_peer import Peer, serve
from tests.donations.worlds import Letter

SECRET = "whsec_" + "k" * 40


class StripeWorld:
    """The adapter of Stripe with the peer behind it."""

    name = "stripe"
    is_far = has_fees = has_disputes = has_cards = True

    def __init__(self, settings):
        self.peer, self.told = Peer(), 0
        self.server, address = serve(self.peer)
        settings.PAYMENT_PROVIDER = "stripe"
        settings.STRIPE_SECRET_KEY = "sk_test_peer"
        settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
        settings.STRIPE_API = address

    def close(self):
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()

    @property
    def provider(self):
        return providers.by_name("stripe")

    def gift(self, **fields):
        """Return a gift that was handed over."""
        return make_gift(**fields)

    def pay(self, gift, outcome="pay"):
        """Let the reader do something on Stripe's page."""
        self.peer.pay(gift.provider_ref, "decline" if outcome == "decline" else "pay")
        if outcome == "lost":
            self.told = len(self.peer.events)

    def _plan_of(self, gift):
        return self.peer.get(self.peer.get(gift.provider_ref)["subscription"])

    def charge_again(self, gift, at):
        """Charge the next period of a plan, whatever its state."""
        self.peer.tell("charge.succeeded", self.peer.bill(self._plan_of(gift)["id"], int(at.timestamp()) + 86_400))

    def refund(self, charge_ref, minor):
        """Give money back in Stripe's dashboard."""
        return self.peer.refund(charge_ref, minor)["id"]

    def dispute(self, charge_ref, state="open"):
        """Let a bank dispute a charge."""
        return self.peer.dispute(charge_ref, state)

    def carry_out(self):
        """Do nothing: what is given back goes at once."""

    def close_dispute(self, ref, state):
        """Decide the dispute."""
        self.peer.close_dispute(ref, state)

    def pay_out(self):
        """Send the balance to the bank."""
        self.peer.pay_out()

    def down(self, times=1):
        """Answer nothing the next times; the SDK itself asks twice."""
        self.peer.down = times

    def hang(self, times=1):
        """Act, and answer with an error, the next times."""
        self.peer.hang = times

    def up(self):
        """Answer again."""
        self.peer.down = self.peer.hang = 0

    def sessions(self):
        """Count Stripe's own hand-overs."""
        return len(self.peer.of("checkout.session"))

    def stranger_pays(self, minor=700):
        """Let money come in that no page of ours asked for."""
        intent = self.peer.new("payment_intent", "pi", status="succeeded", metadata={})
        self.peer.tell("charge.succeeded", self.peer.charge(intent["id"], minor, "eur"))

    def letters(self):
        """Return the notices that were not told yet, in their order."""
        events = self.peer.events[self.told :]
        self.told = len(self.peer.events)
        return [self.letter(json.dumps(event).encode()) for event in events]

    def letter(self, body):
        """Return a notice with this body."""
        return Letter(body, self.sign, "/hooks/stripe/")

    def secret(self):
        """Return the secret that signs notices."""
        return SECRET

    def set_secrets(self, settings, *secrets):
        """Let several secrets be good at once."""
        settings.STRIPE_WEBHOOK_SECRETS = list(secrets)

    def sign(self, body, at=None, secret=None):
        """Return the headers of a notice."""
        moment = int((at or timezone.now()).timestamp())
        digest = hmac.new((secret or SECRET).encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={moment},v1={digest}"}
