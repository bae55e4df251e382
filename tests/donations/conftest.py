"""Fixtures of the tests of giving."""

import pytest
from django.test import Client

from donations import forms
from newsroom import worker
from tests.donations.making import Reader, make_offers
from tests.donations.worlds import SandboxWorld


@pytest.fixture
def edition(db):
    """An edition that asks for money."""
    return make_offers()


@pytest.fixture
def reader(edition, monkeypatch):
    """Somebody who reads quickly and gives."""
    monkeypatch.setattr(forms, "MIN_DWELL_SECONDS", 0)
    return Reader(Client())


@pytest.fixture
def work():
    """Do what the worker would do now."""
    return worker.drain


@pytest.fixture(params=["sandbox", "stripe"])
def world(request, db, settings):
    """A provider with everything that happens at it; each test runs once for each."""
    if request.param != "sandbox" and request.node.get_closest_marker("sandbox_only"):
        pytest.skip("only the sandbox can play this")
    yield from a_world(request.param, settings)


def a_world(name, settings):
    """Yield a provider with everything that happens at it, and close it."""
    if name == "sandbox":
        yield SandboxWorld()
        return
    pytest.importorskip("stripe", reason="pip install -r requirements-stripe.txt")
    from tests.donations.stripe_world import StripeWorld

    world = StripeWorld(settings)
    yield world
    world.close()
