"""Quotation marks as each language prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsroom import quotes

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("language", "typed", "printed"),
    [
        ("en", "\"One\" and \"two 'three'\".", "“One” and “two ‘three’”."),
        ("en-GB", "\"He said \"no\"\"", "“He said ‘no’”"),
        ("en", "It's the '90s; the players' rock 'n' roll", "It’s the ’90s; the players’ rock ’n’ roll"),
        ("en", "5'10\" and 17\" but \"17\"", "5'10\" and 17\" but “17”"),
        ("en", "(\"a\") —\"b\"", "(“a”) —“b”"),
        ("ru", "Театр \"Сова\" и \"театр \"Сова\"\"", "Театр «Сова» и «театр „Сова“»"),
        ("ru", "«театр „Сова“\"", "«театр „Сова“»"),
        ("uk", "об'єкт \"Схід\"", "об’єкт «Схід»"),
        ("de", "\"Ja, \"nein\"\"", "„Ja, ‚nein‘“"),
        ("fr", "\"Oui\", l'homme", "«\u202fOui\u202f», l’homme"),
        ("pl", "\"Tak\"", "„Tak”"),
        ("sv", "\"Ja\"", "”Ja”"),
        ("xx", "\"as it is\"", "\"as it is\""),
        ("", "\"as it is\"", "\"as it is\""),
    ],
)  # fmt: skip
def test_straight_marks_become_those_of_the_language(language, typed, printed):
    assert quotes.smarten(typed, language) == printed


@pytest.mark.parametrize(
    "code",
    ['https://e.org/?q="a"', "www.e.org/'x'", 'print("x")', '<a href="x">', 'name="value"', "{'a':", "C:\\'x'"],
)
def test_what_a_machine_reads_stays_as_it_is(code):
    assert quotes.smarten(f"see {code} here", "en") == f"see {code} here"


@given(st.text(alphabet=st.sampled_from(list("ab 1.,(—\"'“”‘’«»„")), max_size=40), st.sampled_from([*quotes.MARKS]))
def test_marks_that_are_set_stay(text, language):
    for _turn in range(4):
        text = quotes.smarten(text, language)
    assert quotes.smarten(text, language) == text
