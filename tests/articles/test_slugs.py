"""Addresses out of words."""

import pytest

from articles.slugs import ALPHABET, make_slug, public_id
from newsroom.html import PUBLIC_ID


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Bread & butter: 38 marns!", "bread-butter-38-marns"),
        ("Выборы в Тарске: объявлен счёт", "vybory-v-tarske-obyavlen-schet"),
        ("Žižkov über_alles", "zizkov-uber-alles"),
        ("中文", ""),
        ("", ""),
    ],
)
def test_words_become_latin(words, slug):
    assert make_slug(words) == slug


def test_a_long_slug_is_cut_between_words():
    assert make_slug("one two three four", max_length=12) == "one-two"
    assert make_slug("x" * 100, max_length=80) == "x" * 80


def test_public_ids_are_what_the_cleaner_lets_through():
    made = {public_id() for _ in range(200)}
    assert len(made) == 200
    assert all(PUBLIC_ID.match(one) and set(one) <= set(ALPHABET) for one in made)
