"""Amounts: exact from text to minor units and back, in every currency and every way of writing."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from donations.money import Money, NotAnAmount, parse_money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("5", "EUR", 500),
        ("12,50", "EUR", 1250),
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("1.234,56", "EUR", 123456),
        ("1,234.56", "EUR", 123456),
        ("1 234,56", "EUR", 123456),
        ("1\u202f234,56", "EUR", 123456),
        ("1'234.56", "CHF", 123456),
        ("5.000", "EUR", 500000),
        ("5,000", "EUR", 500000),
        ("1.234.567", "EUR", 123456700),
        ("500", "JPY", 500),
        ("1,500", "JPY", 1500),
        ("5.125", "KWD", 5125),
        ("٥٫٥", "EUR", 550),
        ("۱۲٫۵۰", "EUR", 1250),
        (" 7 ", "EUR", 700),
    ],
)
def test_an_amount_is_read_as_it_is_meant(text, currency, minor):
    assert parse_money(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("-5", "shape"),
        ("1e3", "shape"),
        ("five", "shape"),
        ("5.00.00", "shape"),
        ("5,", "shape"),
        ("5.0055", "digits"),
        ("1.2,3.4", "shape"),
        ("12,34,567.00", "shape"),
        ("0x10", "shape"),
        ("NaN", "shape"),
        ("999999999999", "large"),
        ("9" * 40, "shape"),
        ("5\x00", "shape"),
        ("5\ud800", "shape"),
        ("½", "shape"),
        ("²", "shape"),
    ],
)
def test_anything_else_is_refused_with_a_reason(text, code):
    with pytest.raises(NotAnAmount) as refused:
        parse_money(text, "EUR")
    assert refused.value.code == code


def test_too_many_decimals_are_refused_and_never_rounded():
    with pytest.raises(NotAnAmount):
        parse_money("5.5", "JPY")


@pytest.mark.parametrize("separator", [".", ","])
def test_every_amount_from_one_to_a_thousand_survives(separator):
    for minor in range(100, 100_001):
        text = f"{minor // 100}{separator}{minor % 100:02d}"
        assert parse_money(text, "EUR").minor == minor


@given(st.text(max_size=40), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_no_text_breaks_the_parser(text, currency):
    try:
        assert parse_money(text, currency).minor >= 0
    except NotAnAmount:
        pass


def test_money_of_two_currencies_does_not_add_up():
    with pytest.raises(ValueError, match="Cannot add"):
        Money(1, "EUR") + Money(1, "USD")


def test_money_counts_whole_units():
    with pytest.raises(TypeError):
        Money(1.5, "EUR")


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(500, "EUR"), "€5"),
        (Money(1250, "EUR"), "€12.50"),
        (Money(500, "JPY"), "¥500"),
        (Money(120000, "SEK"), "1,200 SEK"),
    ],
)
def test_readers_see_short_amounts(money, words):
    assert money.short == words


@pytest.mark.parametrize(
    ("money", "words"),
    [
        (Money(500, "EUR"), "5 €"),
        (Money(120050, "EUR"), "1 200,50 €"),
        (Money(500, "SEK"), "5 SEK"),
        (Money(-500, "EUR"), "-5 €"),
    ],
)
def test_russian_readers_see_amounts_in_their_own_way(money, words):
    with translation.override("ru"):
        assert money.short.replace("\u00a0", " ") == words
