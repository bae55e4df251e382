"""Words as the search indexes know them: in lower case, ё as е, and their stems in English and Russian."""

import functools
import re

import snowballstemmer

WORD = re.compile(r"[^\W_]+")
CYRILLIC = re.compile("[а-яё]")


def fold(text):
    """Return the text in lower case, ё folded into е."""
    return text.lower().replace("ё", "е")


def words(text):
    """Return the folded words of a text."""
    return WORD.findall(fold(text))


@functools.lru_cache(maxsize=100_000)
def stem(word):
    """Return the stem of a folded word: Russian when it has a Cyrillic letter, English otherwise."""
    return _stemmer("russian" if CYRILLIC.search(word) else "english").stemWord(word)


@functools.cache
def _stemmer(language):
    return snowballstemmer.stemmer(language)
