"""Canonical JSON: RFC 8785 (JCS), with one exception that the draw demands: no floating point at all.

The same value gives the same bytes in every language, so that its hash can be recomputed by anybody.
A number is an integer that a double holds exactly (|n| < 2^53); a share is written as a string ("0.05").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 3.2.2.3 and RFC 7493 2.2: beyond it, readers that hold numbers as doubles disagree."""

_quote = json.encoder.JSONEncoder(ensure_ascii=False).encode
"""Python escapes exactly what RFC 8785 3.2.2.2 escapes."""

_WORDS = {None: "null", True: "true", False: "false"}
_Path = tuple[Any, str] | None


class NotCanonical(ValueError):
    """The value has no canonical form here, or the bytes are not in it; the message says where and why."""


def dumps(value: object) -> bytes:
    """The canonical UTF-8 bytes of a value made of dict, list, tuple, str, int, bool and None.

    Raises `NotCanonical` on floats, on integers that a double cannot hold, on lone surrogates, on keys
    that are not strings and on any other type.
    """
    out: list[str] = []
    _write(value, out, None)
    return "".join(out).encode("utf-8")


def loads(data: bytes) -> object:
    """The value in `data`, which must be exactly the bytes that `dumps` would write.

    Spaces, another order of keys, a repeated key, an escape that need not be, a BOM or a float: refused,
    because two readers might otherwise see two different documents under one hash.
    """
    try:
        value: object = json.loads(data.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float)
    except (UnicodeDecodeError, json.JSONDecodeError) as problem:
        raise NotCanonical(f"not JSON in UTF-8: {problem}") from problem
    if dumps(value) != data:
        raise NotCanonical("not in canonical form (RFC 8785): spaces, order, repeated keys or escapes differ")
    return value


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"floating point number {text}; write it as a string")


def _write(value: object, out: list[str], path: _Path) -> None:
    if isinstance(value, str):
        out.append(_string(value, path))
    elif value is None or isinstance(value, bool):
        out.append(_WORDS[value])
    elif isinstance(value, int):
        out.append(_integer(value, path))
    elif isinstance(value, Mapping):
        _write_object(value, out, path)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        out.append("[")
        for position, item in enumerate(value):
            if position:
                out.append(",")
            _write(item, out, (path, f"[{position}]"))
        out.append("]")
    else:
        raise NotCanonical(f"{_where(path)}: a {type(value).__name__} has no canonical form")


def _string(text: str, path: _Path) -> str:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as problem:
            raise NotCanonical(f"{_where(path)}: lone surrogate") from problem
    return _quote(text)


def _integer(number: int, path: _Path) -> str:
    if abs(number) > LARGEST_INTEGER:
        raise NotCanonical(f"{_where(path)}: integer beyond 2^53 - 1; write it as a string")
    return str(int(number))


def _write_object(members: Mapping[object, object], out: list[str], path: _Path) -> None:
    for key in members:
        if not isinstance(key, str):
            raise NotCanonical(f"{_where(path)}: key {key!r} is not a string")
        _string(key, path)
    out.append("{")
    # RFC 8785 3.2.3: by UTF-16 code units, which is not the order of code points beyond U+FFFF.
    for position, key in enumerate(sorted(members, key=_utf16)):
        if position:
            out.append(",")
        out.append(_string(str(key), path))
        out.append(":")
        _write(members[key], out, (path, f".{key}"))
    out.append("}")


def _utf16(key: object) -> bytes:
    return str(key).encode("utf-16-be")


def _where(path: _Path) -> str:
    """The place of a value, as `$.a[0]`: only asked for when it is refused."""
    steps = []
    while path:
        path, step = path
        steps.append(step)
    return "$" + "".join(reversed(steps))
