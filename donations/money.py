"""Money: whole minor units and a currency, one table of exponents, one parser from text. No floats anywhere."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language

# ISO 4217: currencies whose minor unit is not a hundredth. Every other has two decimals.
NO_DECIMALS = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
THREE_DECIMALS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
EXPONENTS = {**dict.fromkeys(NO_DECIMALS, 0), **dict.fromkeys(THREE_DECIMALS, 3)}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "UAH": "₴", "RUB": "₽", "GEL": "₾", "PLN": "zł"}
LARGEST_MINOR = 10**11
SHAPE = re.compile(r"[0-9][0-9 .,'’]*\Z")
RUSSIAN = str.maketrans({",": "\u00a0", ".": ","})
SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009"), " ")


class NotAnAmount(ValueError):
    """The text is no amount of this currency; `code` is one of empty, shape, digits, large."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def exponent(currency):
    """Return how many decimals a currency has."""
    return EXPONENTS.get(currency, 2)


@dataclass(frozen=True)
class Money:
    """A whole number of minor units of one currency: Money(500, "EUR") is five euros."""

    minor: int
    currency: str

    def __post_init__(self):
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("Money counts whole minor units.")

    def __add__(self, other):
        if other.currency != self.currency:
            raise ValueError(f"Cannot add {other.currency} to {self.currency}.")
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self):
        return Money(-self.minor, self.currency)

    def __str__(self):
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self):
        """The amount as an exact Decimal with the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def short(self):
        """The amount as readers of the active language see it: "€5", "€12.50", "1,200 SEK"; in Russian "12,50 €"."""
        places = exponent(self.currency)
        whole = places and self.minor % 10**places == 0
        number = f"{self.decimal:,.0f}" if whole else f"{self.decimal:,.{places}f}"
        symbol = SYMBOLS.get(self.currency)
        if (get_language() or "").startswith("ru"):
            return f"{number.translate(RUSSIAN)}\u00a0{symbol or self.currency}"
        return f"{symbol}{number}" if symbol else f"{number} {self.currency}"


def parse_money(text, currency):
    """Return the Money that `text` names exactly, with a point or a comma before the decimals.

    Digits of any script are understood; spaces and apostrophes group thousands. A single separator followed by exactly
    three digits groups thousands ("5.000" is five thousand) unless the currency has three decimals. Raises NotAnAmount
    for anything else, and never rounds.
    """
    text = text.translate(SPACES).replace("٫", ".").replace("٬", " ").strip()
    text = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)
    if not text:
        raise NotAnAmount("empty")
    if len(text) > 30 or not SHAPE.match(text):
        raise NotAnAmount("shape")
    units, decimals = _split(text, exponent(currency))
    minor = int(units) * 10 ** exponent(currency) + int(decimals.ljust(exponent(currency), "0") or 0)
    if minor > LARGEST_MINOR:
        raise NotAnAmount("large")
    return Money(minor, currency)


def _split(text, places):
    """Return the digits before and after the decimal separator of an amount that SHAPE accepts."""
    text = re.sub(r"(?<=\d)[ '’](?=\d{3}(?:\D|\Z))", "", text)
    separators = [letter for letter in text if not letter.isdigit()]
    if set(separators) - {".", ","}:
        raise NotAnAmount("shape")
    if not separators:
        return text, ""
    last = separators[-1]
    whole, _separator, decimals = text.rpartition(last)
    groups_only = len(set(separators)) == 1 and len(decimals) == 3 and (places != 3 or len(separators) > 1)
    if groups_only:
        return _ungroup(text, last), ""
    if separators.count(last) > 1 or not decimals:
        raise NotAnAmount("shape")
    if len(decimals) > places:
        raise NotAnAmount("digits")
    return _ungroup(whole, "," if last == "." else "."), decimals


def _ungroup(text, separator):
    if not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(separator)}\d{{3}})*|\d+", text):
        raise NotAnAmount("shape")
    return text.replace(separator, "")
