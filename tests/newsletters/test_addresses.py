"""Addresses as keys: one reader is one key, one mailbox is one limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletters.addresses import email_key, fold_domain, mailbox_key
from newsletters.tokens import leave_token, read_leave_token


def test_letter_case_makes_no_second_reader():
    assert email_key("Vera@Example.ORG") == email_key("vera@example.org")


def test_domain_in_other_letters_is_one_with_its_ascii_form():
    assert fold_domain("vera@почта.рф") == fold_domain("vera@xn--80a1acny.xn--p1ai")


def test_dots_and_tags_are_one_mailbox_and_two_readers():
    assert mailbox_key("v.era+news@example.org") == mailbox_key("vera@example.org")
    assert email_key("v.era@example.org") != email_key("vera@example.org")


def test_keys_of_readers_and_of_limits_cannot_be_compared():
    assert email_key("vera@example.org") != mailbox_key("vera@example.org")


@pytest.mark.parametrize(
    "address", ["", "@", "vera", "vera@", "@example.org", "вера@example.org", "a\nb@example.org", "a\x00@b.org"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError):
        email_key(address)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_leave_token(text):
    assert read_leave_token(text) is None


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_leave_tokens_are_read_back_and_have_one_length(number):
    token = leave_token(number)
    assert len(token) == 45
    assert read_leave_token(token) == number
    assert read_leave_token(token[:-1]) is None
    assert read_leave_token(f"{number + 1:012d}{token[12:]}"[:45]) is None
