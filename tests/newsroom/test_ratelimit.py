"""Rate limits: counted per window, shared, and naming nobody."""

import datetime

import pytest
from django.test import RequestFactory

from newsroom import ratelimit
from newsroom.models import RateCount

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime.datetime(2026, 11, 20, 12, 0, tzinfo=datetime.UTC)


def test_the_limit_holds_within_a_window_and_a_new_one_begins_afresh():
    answers = [ratelimit.allow("signup", "198.51.100.0/24", limit=3, seconds=60, at=NOW) for _ in range(5)]
    assert answers == [True, True, True, False, False]
    assert ratelimit.allow("signup", "198.51.100.0/24", limit=3, seconds=60, at=NOW + datetime.timedelta(seconds=60))
    assert ratelimit.allow("signup", "203.0.113.0/24", limit=3, seconds=60, at=NOW)


def test_nothing_of_the_subject_is_stored_and_the_row_leaves():
    ratelimit.allow("signup", "198.51.100.0/24", limit=3, seconds=60, at=NOW)
    assert "198" not in RateCount.objects.get().key[:3] or len(RateCount.objects.get().key) == 64
    assert ratelimit.forget_expired(at=NOW + datetime.timedelta(seconds=119)) == 0
    assert ratelimit.forget_expired(at=NOW + datetime.timedelta(seconds=121)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.77", "198.51.100.0/24"), ("2001:db8:1:2::5", "2001:db8:1::/48"), ("", "unknown"), ("x", "unknown")],
)
def test_readers_are_counted_by_network(address, network):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    assert ratelimit.network_of(request) == network


@pytest.mark.parametrize(
    ("forwarded", "network"),
    [("203.0.113.9, 198.51.100.77", "198.51.100.0/24"), ("2001:db8:1:2::5", "2001:db8:1::/48"), ("", "127.0.0.0/24")],
)
def test_behind_our_proxy_the_address_that_it_saw_counts(settings, forwarded, network):
    settings.BEHIND_PROXY = True
    assert ratelimit.network_of(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == network


def test_without_a_proxy_nobody_is_believed_about_his_address(settings):
    settings.BEHIND_PROXY = False
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert ratelimit.network_of(request) == "127.0.0.0/24"
