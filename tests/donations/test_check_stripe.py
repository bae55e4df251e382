"""`check_stripe`: what it says of an account that works, and of each thing that does not."""

import pytest
from django.core.management import CommandError, call_command

from donations.providers import stripe as adapter
from tests.donations.stripe_world import SECRET, StripeWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(settings):
    """Stripe's strict peer, named by the settings."""
    world = StripeWorld(settings)
    yield world.peer
    world.close()


def test_an_account_that_works_is_said_to_work_and_nothing_is_kept(peer, capsys, settings):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, "whsec_" + "n" * 40]
    call_command("check_stripe")
    said = capsys.readouterr().out
    assert f"A page was opened, found again by its key, and read back ({adapter.API_VERSION})." in said
    assert "A notice signed with each of 2 secrets was verified." in said
    assert SECRET not in said


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"STRIPE_SECRET_KEY": ""}, "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS first."),
        ({"STRIPE_WEBHOOK_SECRETS": []}, "Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS first."),
        ({"STRIPE_SECRET_KEY": "sk_live_peer"}, "This is a live key. Use a key of the test mode."),
        ({"STRIPE_API": "http://127.0.0.1:9"}, "Stripe did not do it: ProviderDown"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_one_sentence(peer, settings, changes, why):
    for name, value in changes.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=why):
        call_command("check_stripe")


def test_a_provider_that_forgets_its_keys_is_not_trusted(peer, monkeypatch):
    pages = iter(["one", "two"])
    told = adapter.Stripe.hand_over

    def forgetful(self, asked, *, key):
        return told(self, asked, key=f"{key}-{next(pages)}")

    monkeypatch.setattr(adapter.Stripe, "hand_over", forgetful)
    with pytest.raises(CommandError, match="Stripe answered, but not as promised"):
        call_command("check_stripe")
