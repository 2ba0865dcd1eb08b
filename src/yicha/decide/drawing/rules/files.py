"""The tab-separated files of a draw: one form, and every way of not having it named (yicha-draw/1, Files)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple

from yicha.kernel import merkle
from yicha.kernel.refusal import Reason, Refused

KEY = re.compile(r"[0-9A-Za-z._:-]{1,64}", re.ASCII)
_LINE = re.compile(rf"{KEY.pattern}(?:\t{KEY.pattern})*", re.ASCII)
_NEED = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_SHOWN = 20


class Sealed(NamedTuple):
    """The bytes of a file and what the manifest says of it."""

    content: bytes
    sha256: str
    merkle_root: str
    rows: int


def is_key(text: str) -> bool:
    """Whether a text can be a key, a stratum, a visit, an agency or an officer."""
    return KEY.fullmatch(text) is not None


def seal(rows: Iterable[Sequence[object]]) -> Sealed:
    """The file of these rows, sorted bytewise. Fields must be keys or whole numbers; refused otherwise."""
    lines = ["\t".join(map(str, row)) for row in rows]
    bad = [line for line in lines if not _LINE.fullmatch(line)]
    if bad:
        raise Refused(
            [
                _refusal(
                    "draw.key-form",
                    "“%(line)s”: letters, digits and . _ : - only, 1 to 64 of them.",
                    line=line,
                )
                for line in bad[:_SHOWN]
            ]
        )
    lines.sort()  # ASCII: the order of code points is the order of bytes
    twice = [line for line, after in pairwise(lines) if line == after]
    if twice:
        raise Refused(
            [_refusal("draw.row-twice", "“%(line)s” is there twice.", line=line) for line in twice[:_SHOWN]]
        )
    content = "".join(f"{line}\n" for line in lines).encode("ascii")
    root = merkle.root(line.encode("ascii") for line in lines)
    return Sealed(content, sha256(content).hexdigest(), root.hex(), len(lines))


def rows_of(content: bytes, fields: int) -> list[list[str]]:
    """The rows of a file; `Refused` names what is not in the form: BOM, CR, TAB, order, repetition, characters."""
    reasons = list(_check_bytes(content, fields))
    if reasons:
        raise Refused(reasons)
    return [line.split("\t") for line in content.decode("ascii").splitlines()]


def _check_bytes(content: bytes, fields: int) -> Iterator[Reason]:
    if content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield _refusal("draw.file-bom", "The file begins with a byte order mark.")
        return
    if content and not content.endswith(b"\n"):
        yield _refusal("draw.file-end", "The last line has no line end.")
    if b"\r" in content:
        yield _refusal("draw.file-cr", "Line ends must be one byte 0x0A; there is a 0x0D.")
        return
    before = b""
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        cells = line.split(b"\t")
        if len(cells) != fields:
            yield _refusal(
                "draw.file-fields",
                "Line %(line)s has %(found)s fields instead of %(fields)s.",
                line=number,
                found=len(cells),
                fields=fields,
            )
        elif not all(is_key(cell.decode("latin-1")) for cell in cells):
            yield _refusal("draw.file-key", "Line %(line)s has a field with other characters.", line=number)
        elif number > 1 and line == before:
            yield _refusal("draw.row-twice", "Line %(line)s is the line before again.", line=number)
        elif number > 1 and line < before:
            yield _refusal("draw.file-order", "Line %(line)s is not in bytewise order.", line=number)
        before = line


def check_unique(keys: Iterable[str], what: str) -> list[Reason]:
    """Why keys cannot stand together: one is there twice, or two differ only by case."""
    seen: dict[str, str] = {}
    reasons = []
    for key in keys:
        other = seen.get(folded := key.lower())
        if other is None:
            seen[folded] = key
        elif other == key:
            reasons.append(
                _refusal("draw.key-twice", "%(what)s: %(key)s is there twice.", what=what, key=key)
            )
        else:
            reasons.append(
                _refusal(
                    "draw.key-case",
                    "%(what)s: %(key)s and %(other)s differ only by case.",
                    what=what,
                    key=key,
                    other=other,
                )
            )
    return reasons[:_SHOWN]


def is_need(text: str) -> bool:
    """Whether a text is a count without leading zeros."""
    return _NEED.fullmatch(text) is not None


def _refusal(code: str, sentence: str, /, **facts: object) -> Reason:
    return Reason(code, sentence, source="yicha-draw/1, Files of a draw of objects", facts=facts)
