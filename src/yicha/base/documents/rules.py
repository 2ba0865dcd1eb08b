"""Which characters a font has, and what stands for one that none has."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Mapping
from typing import Any

GETA = "〓"
"""What printers of East Asia set for a sign that they do not have."""
_INVISIBLE = frozenset({"Cf", "Mn", "Zs"})
"""Categories that are no box when a font lacks them: joiners, selectors of a variant, spaces."""
_FULL_TABLE = 12
"""The form of a character map that holds all of Unicode (OpenType, `cmap`)."""


def read_characters(font: bytes) -> frozenset[str]:
    """The characters of an OpenType font, by its character map of form 12; a font without one is refused."""
    (tables,) = struct.unpack_from(">H", font, 4)
    records = range(12, 12 + 16 * tables, 16)
    places = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in records}
    cmap = places[b"cmap"]
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for record in range(cmap + 4, cmap + 4 + 8 * count, 8):
        begin = cmap + struct.unpack_from(">I", font, record + 4)[0]
        if struct.unpack_from(">H", font, begin)[0] == _FULL_TABLE:
            return _read_groups(font, begin)
    raise ValueError("the font has no character map of form 12")


def _read_groups(font: bytes, begin: int) -> frozenset[str]:
    (groups,) = struct.unpack_from(">I", font, begin + 12)
    found: set[str] = set()
    for first, last, _glyph in struct.iter_unpack(">III", font[begin + 16 : begin + 16 + 12 * groups]):
        found.update(map(chr, range(first, last + 1)))
    return frozenset(found)


def replace_missing(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """What a document says with 〓 for every sign that no font has, and under `missing` their code points.

    So one rare name stops no document, and the page says which sign it was (`U+20BB7`).
    """
    missing: dict[str, None] = {}

    def spell(value: Any) -> Any:
        if isinstance(value, str):
            return _spell(value, known, missing)
        if isinstance(value, Mapping):
            return {name: spell(one) for name, one in value.items()}
        return [spell(one) for one in value] if isinstance(value, list | tuple) else value

    spelled = {name: spell(value) for name, value in data.items()}
    return {**spelled, "missing": list(missing)}


def _spell(text: str, known: frozenset[str], missing: dict[str, None]) -> str:
    if known.issuperset(text):
        return text
    for sign in text:
        if sign not in known and sign not in "\n\t" and unicodedata.category(sign) not in _INVISIBLE:
            missing[f"U+{ord(sign):04X}"] = None
            text = text.replace(sign, GETA)
    return text
