"""Pinyin initials of Chinese names, for searching: 北京亦庄 → bjyz.

One letter for each character, by its commonest reading: a reading that depends on the word (重庆) is not sought,
because who searches types either and finds the name by its characters too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache


class _Letters(dict[int, str | None]):
    """By character: its letter, or None if it has none. Fills itself."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if character.isascii():
            letter = character.lower() if character.isalnum() else None
        else:
            reading = _readings().get(code, "") or unicodedata.normalize("NFKC", character)
            first = unicodedata.normalize("NFD", reading[:1]).lower()[:1]
            letter = first if first.isascii() and first.isalnum() else None
        self[code] = letter
        return letter


@cache
def _readings() -> dict[int, str]:
    from pypinyin.constants import PINYIN_DICT  # half a second and 30 MB: only for who needs it

    readings: dict[int, str] = PINYIN_DICT
    return readings


_letters = _Letters({ord("\n"): "\n"})


def initials(name: str) -> str:
    """The initials of a name, in lower case; letters and digits stay, everything else goes."""
    return name.replace("\n", "").translate(_letters)


def initials_of_all(names: Sequence[str]) -> list[str]:
    """The same for many names at once; a name must not hold a line end."""
    return "\n".join(names).translate(_letters).split("\n") if names else []
