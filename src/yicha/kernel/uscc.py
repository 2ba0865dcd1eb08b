"""统一社会信用代码 (GB 32100-2015) and 15-digit registration numbers (GS 15-2006).

python-stdnum refuses codes whose first characters are letters (N…, Y…, A…), which exist and are valid,
so the twenty lines stand here; a test holds them against python-stdnum where both accept.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 characters: no I, O, S, V, Z."""

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_UNSEEN = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u00ad")


class Form(StrEnum):
    """Which of the two kinds of code it is."""

    USCC = "uscc"
    REGISTRATION = "registration-15"


class Problem(StrEnum):
    """Why a text is no code; stable names."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTER = "character"
    AUTHORITY = "authority"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Uscc:
    """A code that holds. `authority` is the registering division's six digits: not the address's."""

    text: str
    form: Form

    @property
    def authority(self) -> str:
        return self.text[2:8] if self.form is Form.USCC else self.text[:6]


def normalise(text: str) -> str:
    """Full-width to half-width, no spaces seen or unseen, upper case. Changes no digit."""
    folded = unicodedata.normalize("NFKC", text).translate(_UNSEEN)
    return "".join(folded.split()).upper()


def check_character(first_17: str) -> str:
    """The 18th character of a code (GB 32100-2015, 4.5): weights 3^i mod 31."""
    total = sum(_VALUE[character] * weight for character, weight in zip(first_17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def check_digit_15(first_14: str) -> str:
    """The 15th digit of an old registration number (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in first_14:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def parse(text: str) -> Uscc | Problem:
    """The code in `text` after `normalise`, or the first thing that is wrong with it.

    A 15-digit number is taken without its check digit: before 2006 it had none.
    """
    code = normalise(text)
    if not code:
        return Problem.EMPTY
    if len(code) == 15:
        return Uscc(code, Form.REGISTRATION) if code.isascii() and code.isdigit() else Problem.CHARACTER
    if len(code) != 18:
        return Problem.LENGTH
    if any(character not in _VALUE for character in code):
        return Problem.CHARACTER
    if not code[2:8].isdigit():
        return Problem.AUTHORITY
    return Uscc(code, Form.USCC) if check_character(code[:17]) == code[17] else Problem.CHECK
