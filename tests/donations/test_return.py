"""The way back: it tells what the books say, and changes nothing by itself."""

import pytest

from donations.models import Gift, Journal, ProviderEvent
from donations.providers.base import ProviderDown
from donations.providers.sandbox.adapter import Sandbox
from tests.donations.making import back_path, make_appeal


def test_the_thanks_offer_the_newsletters_and_tell_the_browser_to_be_quiet(reader, work):
    gift = reader.give()
    reader.pay(gift)
    work()
    page = reader.client.get(back_path(gift)).content.decode()
    assert 'href="/newsletters/"' in page
    assert 'data-quiet-now="45"' in page


def test_the_appeal_thanks_in_its_own_words(reader, edition, work):
    make_appeal(edition, thanks_html="<p>You are <strong>kind</strong>.</p>")
    gift = reader.give()
    reader.pay(gift)
    work()
    assert "You are <strong>kind</strong>." in reader.client.get(back_path(gift)).content.decode()


def test_the_return_asks_the_provider_when_no_notice_came(reader):
    gift = reader.give()
    reader.pay(gift)
    assert not ProviderEvent.objects.exists()
    assert "Thank you" in reader.client.get(back_path(gift)).content.decode()


def test_opening_the_address_before_paying_says_confirming_and_changes_nothing(reader):
    gift = reader.give()
    before = Gift.objects.values().get()
    for _time in range(20):
        page = reader.client.get(back_path(gift)).content.decode()
    assert "We are confirming" in page
    assert 'http-equiv="refresh"' in page
    assert Gift.objects.values().get() == before
    assert not Journal.objects.exists()


def test_a_silent_provider_is_no_error_of_the_page(reader, monkeypatch):
    gift = reader.give()

    def down(self, kind, ref):
        raise ProviderDown("503")

    monkeypatch.setattr(Sandbox, "fetch", down)
    answer = reader.client.get(back_path(gift))
    assert answer.status_code == 200
    assert "We are confirming" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "0" * 64, "a" * 300])
def test_an_unknown_token_is_not_found(client, edition, token):
    assert client.get(f"/support/back/{token}/").status_code == 404
    assert client.get(f"/support/back/{token}/nothing/").status_code == 404


def test_the_gifts_own_id_opens_nothing(reader):
    gift = reader.give()
    assert reader.client.get(f"/support/back/{gift.public_id}/").status_code == 404


def test_the_token_lies_in_no_row_of_ours(reader):
    gift = reader.give()
    token = back_path(gift).split("/")[-2]
    assert token not in repr(Gift.objects.values().get())


@pytest.mark.parametrize("outcome", ["pay", "decline", "pending"])
def test_pages_about_a_gift_are_private_set_no_cookie_and_name_it_in_no_title(reader, outcome):
    gift = reader.give(email="reader@example.org")
    reader.pay(gift, outcome)
    answer = reader.client.get(back_path(gift))
    page = answer.content.decode()
    title = page.split("<title>")[1].split("</title>")[0]
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert "reader@example.org" not in page
    assert gift.public_id not in page
    assert "5" not in title


def test_cancelling_after_paying_leads_to_the_thanks(reader):
    gift = reader.give()
    reader.pay(gift)
    assert reader.client.get(f"{back_path(gift)}nothing/")["Location"] == back_path(gift)


def test_no_page_on_the_way_sets_a_cookie(reader):
    reader.client.get("/support/")
    gift = reader.give()
    reader.client.get(f"/sandbox/pay/{gift.provider_ref}/")
    reader.pay(gift)
    reader.client.get(back_path(gift))
    assert not reader.client.cookies
