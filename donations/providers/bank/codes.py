"""Reference codes after ISO 11649: RF, two check digits, and digits alone, so that they can be read aloud anywhere."""

import re
import secrets
import unicodedata

DIGITS = 12
RF = re.compile(r"RF([0-9]{14})")
RUN = re.compile(r"[0-9]{14,}")


def new_code():
    """Return a fresh code such as RF18539007547034."""
    body = "".join(secrets.choice("0123456789") for _digit in range(DIGITS))
    return f"RF{check_digits(body)}{body}"


def check_digits(body):
    """Return the two check digits of a code's body (ISO 7064, mod 97-10; RF counts as 2715)."""
    return f"{98 - int(f'{body}271500') % 97:02d}"


def is_code(text):
    """Tell whether this is a whole code with the right check digits."""
    return bool(RF.fullmatch(text)) and check_digits(text[4:]) == text[2:4]


def squeezed(text):
    """Return the letters and digits of a text alone, in capitals: banks add and drop spaces and points."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())


def written_codes(text):
    """Return the codes that stand in a text with their RF, however they are grouped."""
    found = (f"RF{match}" for match in RF.findall(squeezed(text)))
    return {code for code in found if is_code(code)}


def possible_codes(text):
    """Return every code that a text may mean, also where somebody left the letters RF away."""
    runs = (match.group() for match in RUN.finditer(squeezed(text)))
    bare = {f"RF{run[start : start + 14]}" for run in runs for start in range(len(run) - 13)}
    return written_codes(text) | {code for code in bare if is_code(code)}


def grouped(text):
    """Return a code or an IBAN in groups of four, as people copy it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def is_iban(text):
    """Tell whether this is an IBAN, without spaces, whose check digits are right (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1
