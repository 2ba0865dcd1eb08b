"""Canonical JSON: RFC 8785 (JCS), with one exception that the draw demands: no floating point at all.

The same value gives the same bytes in every language, so that its hash can be recomputed by anybody.
A number is an integer that a double holds exactly (|n| < 2^53); a share is written as a string ("0.05").
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 3.2.2.3 and RFC 7493 2.2: beyond it, readers that hold numbers as doubles disagree."""


class NotCanonical(ValueError):
    """The value has no canonical form here, or the bytes are not in it; the message says where and why."""


def dumps(value: object) -> bytes:
    """The canonical UTF-8 bytes of a value made of dict, list, tuple, str, int, bool and None.

    Raises `NotCanonical` on floats, on integers that a double cannot hold, on lone surrogates, on keys
    that are not strings and on any other type.
    """
    return "".join(_pieces(value, "$")).encode("utf-8")


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


def _pieces(value: object, where: str) -> Iterator[str]:
    if value is None:
        yield "null"
    elif value is True:
        yield "true"
    elif value is False:
        yield "false"
    elif isinstance(value, str):
        yield _string(value, where)
    elif isinstance(value, int):
        yield _integer(value, where)
    elif isinstance(value, Mapping):
        yield from _object(value, where)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        yield from _array(value, where)
    else:
        raise NotCanonical(f"{where}: a {type(value).__name__} has no canonical form")


def _string(text: str, where: str) -> str:
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as problem:
            raise NotCanonical(f"{where}: lone surrogate") from problem
    # Python escapes exactly what RFC 8785 3.2.2.2 escapes.
    return json.dumps(text, ensure_ascii=False)


def _integer(number: int, where: str) -> str:
    if abs(number) > LARGEST_INTEGER:
        raise NotCanonical(f"{where}: integer beyond 2^53 - 1; write it as a string")
    return str(int(number))


def _object(members: Mapping[object, object], where: str) -> Iterator[str]:
    keys: list[str] = []
    for key in members:
        if not isinstance(key, str):
            raise NotCanonical(f"{where}: key {key!r} is not a string")
        _string(key, where)
        keys.append(key)
    # RFC 8785 3.2.3: by UTF-16 code units, which is not the order of code points beyond U+FFFF.
    keys.sort(key=lambda key: key.encode("utf-16-be"))
    yield "{"
    for position, key in enumerate(keys):
        yield "," if position else ""
        yield _string(key, where)
        yield ":"
        yield from _pieces(members[key], f"{where}.{key}")
    yield "}"


def _array(items: Sequence[object], where: str) -> Iterator[str]:
    yield "["
    for position, item in enumerate(items):
        yield "," if position else ""
        yield from _pieces(item, f"{where}[{position}]")
    yield "]"
