"""Which characters a font has, and what stands for one that none has."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

GETA = "〓"
"""What printers of East Asia set for a sign that they do not have."""
_INVISIBLE = frozenset({"Cf", "Mn", "Zs"})
"""Categories that are no box when a font lacks them: joiners, selectors of a variant, spaces."""
_FULL_TABLE = 12
"""The form of a character map that holds all of Unicode (OpenType, `cmap`)."""


def read_characters(font: bytes) -> frozenset[int]:
    """The code points of an OpenType font, by its character map of form 12; a font without one is refused."""
    (tables,) = struct.unpack_from(">H", font, 4)
    places = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)
    }
    cmap = places[b"cmap"]
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for record in range(cmap + 4, cmap + 4 + 8 * count, 8):
        begin = cmap + struct.unpack_from(">I", font, record + 4)[0]
        if struct.unpack_from(">H", font, begin)[0] == _FULL_TABLE:
            return _read_groups(font, begin)
    raise ValueError("the font has no character map of form 12")


def _read_groups(font: bytes, begin: int) -> frozenset[int]:
    (groups,) = struct.unpack_from(">I", font, begin + 12)
    found: set[int] = set()
    for first, last, _glyph in struct.iter_unpack(">III", font[begin + 16 : begin + 16 + 12 * groups]):
        found.update(range(first, last + 1))
    return frozenset(found)


def replace_missing(data: Mapping[str, Any], known: Collection[int]) -> dict[str, Any]:
    """What a document says with 〓 for every sign that no font has, and under `missing` their code points.

    So one rare name stops no document, and the page says which sign it was (`U+20BB7`).
    """
    missing: dict[str, None] = {}

    def spell(value: Any) -> Any:
        if isinstance(value, str):
            return "".join(sign if _is_printable(sign, known) else _note(sign, missing) for sign in value)
        if isinstance(value, Mapping):
            return {name: spell(one) for name, one in value.items()}
        return [spell(one) for one in value] if isinstance(value, list | tuple) else value

    spelled = {name: spell(value) for name, value in data.items()}
    return {**spelled, "missing": list(missing)}


def _is_printable(sign: str, known: Collection[int]) -> bool:
    return ord(sign) in known or sign in "\n\t" or unicodedata.category(sign) in _INVISIBLE


def _note(sign: str, missing: dict[str, None]) -> str:
    missing[f"U+{ord(sign):04X}"] = None
    return GETA
