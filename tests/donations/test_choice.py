"""The choice of an amount: every refusal stands at its field and keeps what was typed."""

import pytest

from donations import limits

TOO_LONG = "5" * 31


def errors_at(answer, field):
    return answer.context["form"].errors.get(field, [])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("-5", "digits"),
        ("1e3", "digits"),
        ("five", "digits"),
        ("5.0055", "decimals"),
        ("0", "smallest"),
        ("1.99", "smallest amount is €2"),
        ("99999999", "largest amount is €5,000"),
        ("999999999999999", "too large"),
        (TOO_LONG, "at most 30"),
        ("5\x00", "cannot be shown"),
        ("5\u2028", "cannot be shown"),
        ("½", "digits"),
        ("<b>5</b>", "digits"),
    ],
)
def test_a_wrong_amount_is_refused_at_the_field_and_kept(reader, typed, words):
    answer = reader.choose(other=typed)
    assert answer.status_code == 422
    assert any(words in error for error in errors_at(answer, "other")), errors_at(answer, "other")
    page = answer.content.decode()
    assert 'aria-invalid="true" aria-describedby="support-other-error"' in page
    assert answer.context["form"]["other"].value() == typed
    assert 'name="cadence" value="month" checked' in page


def test_broken_bytes_are_refused_like_any_other_text(reader):
    body = b"cadence=month&other=%ED%A0%80%FF"
    answer = reader.client.generic("POST", "/support/give/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert errors_at(answer, "other")


@pytest.mark.parametrize("cadence", ["", "weekly", "once\x00", "month " * 100])
def test_a_wrong_cadence_is_refused_at_the_field(reader, cadence):
    answer = reader.choose(cadence=cadence, other="5")
    assert answer.status_code == 422
    assert errors_at(answer, "cadence") == ["Choose how often."]
    assert 'value="5"' in answer.content.decode()


def test_a_cadence_that_is_not_offered_is_refused(reader, edition):
    edition.offers.get(cadence="year").delete()
    assert errors_at(reader.choose(cadence="year", other="50"), "cadence") == ["Choose how often."]


@pytest.mark.parametrize("preset", ["", "501", "-500", "1e3", "abc"])
def test_an_amount_that_is_not_offered_is_no_choice(reader, preset):
    answer = reader.choose(amount_month=preset)
    assert errors_at(answer, "other") == ["Choose an amount or write one."]


def test_the_amount_of_the_chosen_cadence_counts(reader):
    answer = reader.choose(cadence="month", amount_once="2500", amount_month="300", amount_year="5000")
    assert "Give €3 every month" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "shown"), [("12,50", "€12.50"), ("12.50", "€12.50"), ("٧", "€7"), ("5.000", "€5,000")]
)
def test_a_written_amount_counts_and_is_echoed_in_words(reader, typed, shown):
    assert f"Give {shown} once" in reader.choose(cadence="once", amount_once="2500", other=typed).content.decode()


@pytest.mark.parametrize(
    ("cadence", "button", "when"),
    [
        ("once", "Give €50 once", "never again"),
        ("month", "Give €50 every month", "of every month until you stop"),
        ("year", "Give €50 every year", "of every year until you stop"),
    ],
)
def test_the_last_look_says_what_will_be_charged_and_how_it_appears(reader, cadence, button, when):
    page = reader.choose(cadence=cadence, other="50").content.decode()
    assert button in page
    assert when in page
    assert "SANDBOX* THE LANTERN" in page


def test_the_last_look_is_stored_nowhere_and_sets_no_cookie(reader):
    answer = reader.choose(other="5")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_reading_the_address_of_the_form_leads_back_to_the_page(reader):
    assert reader.client.get("/support/give/")["Location"] == "/support/"


def test_a_form_of_another_site_is_refused(reader):
    answer = reader.client.post(
        "/support/give/", {"cadence": "once", "other": "5"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_network_that_chooses_without_end_is_asked_to_wait_and_keeps_its_words(reader, monkeypatch):
    monkeypatch.setattr(limits, "allow_choice", lambda request, *, at: False)
    answer = reader.choose(other="7,77")
    assert answer.status_code == 429
    assert 'value="7,77"' in answer.content.decode()


def test_an_edition_asks_in_several_currencies_with_their_own_decimals(client, edition):
    from donations.models import Offer

    for currency, presets, text in (("JPY", [500, 1000], "¥1,000"), ("KWD", [1500, 3000], "1.500 KWD")):
        Offer.objects.create(
            edition=edition, currency=currency, cadence="once", presets_minor=presets, default_minor=presets[1],
            minimum_minor=presets[0], maximum_minor=10_000_000,
        )  # fmt: skip
        page = client.get(f"/support/in/{currency.lower()}/").content.decode()
        assert text in page
        assert f'name="currency" value="{currency}"' in page
    assert "/support/in/jpy/" in client.get("/support/").content.decode()
    yen = client.post("/support/give/", {"currency": "JPY", "cadence": "once", "other": "1200"}).content.decode()
    assert "Give ¥1,200 once" in yen
    assert client.post("/support/give/", {"currency": "JPY", "cadence": "once", "other": "12.5"}).status_code == 422
    dinar = client.post("/support/give/", {"currency": "KWD", "cadence": "once", "other": "2.505"}).content.decode()
    assert "Give 2.505 KWD once" in dinar
    from donations.apps import public_urls

    assert public_urls(edition)[-2:] == ["/support/in/jpy/", "/support/in/kwd/"]
    for unknown in ("/support/in/usd/", "/support/in/eur/", "/support/in/x/"):
        assert client.get(unknown).status_code == 404
    assert (
        "Give €5 once"
        in client.post("/support/give/", {"currency": "USD", "cadence": "once", "other": "5"}).content.decode()
    )
