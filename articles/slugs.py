"""Addresses out of words, Cyrillic ones too."""

import secrets
import unicodedata

from django.utils.text import slugify

# Crockford's base 32 without the letters that are taken for digits or for each other.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "u",
}  # fmt: skip


def public_id():
    """Return a random id of 8 characters (40 bits) for an address."""
    return "".join(secrets.choice(ALPHABET) for _position in range(8))


def make_slug(words, *, max_length=80):
    """Return a slug of Latin letters, digits and hyphens, cut between words; "" when nothing is left."""
    latin = "".join(CYRILLIC.get(letter, letter) for letter in words.lower())
    slug = slugify(unicodedata.normalize("NFKD", latin)).replace("_", "-").strip("-")
    if len(slug) <= max_length:
        return slug
    return slug[: max_length + 1].rpartition("-")[0] or slug[:max_length]
