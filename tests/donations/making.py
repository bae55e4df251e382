"""What the tests of giving share: an edition that asks, and a reader who gives by the pages themselves."""

import re
from dataclasses import dataclass

from django.test import Client
from django.utils import timezone

from donations import providers
from donations.models import Appeal, Gift, Offer, SandboxSession
from donations.money import Money
from donations.tokens import random_id, return_token
from newsroom.editions import forget_editions
from tests.make import make_edition

PRESETS = {"once": [500, 1000, 2500], "month": [300, 500, 1000], "year": [3000, 5000]}
NONCE = re.compile(r'name="nonce" value="([^"]+)"')


def make_offers(edition=None, *, minimum=200):
    """Return an edition that asks, in euros, once, monthly and annually."""
    edition = edition or make_edition(support_title="To our readers", support_text="<p>We live from you.</p>")
    for cadence, presets in PRESETS.items():
        Offer.objects.get_or_create(
            edition=edition,
            currency=edition.currency,
            cadence=cadence,
            defaults={
                "presets_minor": presets,
                "default_minor": presets[1],
                "minimum_minor": minimum,
                "maximum_minor": 500_000,
            },
        )
    forget_editions()
    return edition


def make_appeal(edition, *, at=None, **content):
    """Return a running appeal."""
    at = at or timezone.now()
    content = {
        "headline": "Help us through the winter",
        "body_html": "<p>Dear reader</p>",
        "signature": "Vera",
        **content,
    }
    appeal = Appeal.begin(content, by=None, at=at, edition=edition)
    appeal.publish(version=1, by=None, at=at)
    return appeal


def make_gift(*, cadence="once", minor=500, email="", edition=None, at=None, nonce=None):
    """Return a gift that was handed over to the sandbox."""
    at = at or timezone.now()
    gift, _made = Gift.promise(
        nonce=nonce or random_id(), edition=edition or make_offers(), cadence=cadence, money=Money(minor, "EUR"),
        provider=providers.active(), email=email, at=at,
    )  # fmt: skip
    gift.hand_over(at=at)
    return gift


def session_of(gift):
    """Return the sandbox's side of a gift."""
    return SandboxSession.objects.get(ref=gift.provider_ref)


def back_path(gift):
    """Return the address to which the provider sends the reader back."""
    return f"/support/back/{return_token(gift.public_id)}/"


@dataclass
class Reader:
    """Somebody who gives through the pages, as a browser without script does."""

    client: Client

    def choose(self, **data):
        """Send a choice and return the answer."""
        return self.client.post("/support/give/", {"cadence": "month", **data})

    def look(self, **data):
        """Send a choice and return the fields of the last look."""
        page = self.choose(**{"other": "5", **data}).content.decode().partition("/support/confirm/")[2]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        return {**fields, "nonce": NONCE.search(page).group(1)}

    def confirm(self, fields, **data):
        """Press the button and return the answer."""
        return self.client.post("/support/confirm/", {**fields, **data})

    def give(self, **data):
        """Choose, press the button, and return the gift."""
        email = data.pop("email", "")
        answer = self.confirm(self.look(**data), email=email)
        assert answer.status_code == 302, answer.content.decode()
        return Gift.objects.latest("pk")

    def pay(self, gift, outcome="pay"):
        """Choose an outcome on the sandbox's page and return the answer."""
        return self.client.post(f"/sandbox/pay/{gift.provider_ref}/", {"outcome": outcome})
