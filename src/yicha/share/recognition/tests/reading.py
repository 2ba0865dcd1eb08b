"""Reading a page back: the words of a PDF, and the black and white squares of the code on its picture."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\(")
DARK = 100


def words_of(pdf: bytes) -> str:
    """The text of a PDF in the order drawn, by the maps from glyphs to characters that it carries for copying."""
    objects = {int(key): body for key, body in re.findall(rb"(\d+) 0 obj\s(.*?)\sendobj", pdf, re.DOTALL)}
    streams = {key: _stream(body) for key, body in objects.items()}
    shown = []
    for body in objects.values():
        contents, names = (re.search(rb"/%s (\d+) 0 R" % part, body) for part in (b"Contents", b"Resources"))
        if contents is None or names is None:
            continue  # no page
        fonts: dict[bytes, dict[int, str]] = {}
        for name, key in re.findall(rb"/(f\d+) (\d+) 0 R", objects[int(names.group(1))]):
            mapped = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(key)])
            fonts[name] = _map(streams[int(mapped.group(1))]) if mapped else {}
        shown.append(_drawn(streams[int(contents.group(1))], fonts))
    return "".join(shown)


def _stream(body: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*)\r?\nendstream", body, re.DOTALL)
    if not found or b"FlateDecode" not in body:
        return b""
    return zlib.decompressobj().decompress(found.group(1))


def _map(cmap: bytes) -> dict[int, str]:
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for glyph, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return found


def _drawn(text: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    font: dict[int, str] = {}
    shown = []
    at = 0
    while found := _TOKEN.search(text, at):
        at = found.end()
        name, hexadecimal = found.groups()
        if name:
            font = fonts.get(name, {})
            continue
        raw = bytes.fromhex((hexadecimal or b"").decode())
        if hexadecimal is None:
            end = _end_of_string(text, at)
            raw, at = _literal(text[at:end]), end + 1
        shown += [font.get(glyph, "") for (glyph,) in struct.iter_unpack(">H", raw[: len(raw) // 2 * 2])]
    return "".join(shown)


def _end_of_string(text: bytes, at: int) -> int:
    """Where the closing parenthesis stands: pairs within need no escape."""
    depth = 1
    while depth:
        if text[at : at + 1] == b"\\":
            at += 1
        elif text[at : at + 1] == b"(":
            depth += 1
        elif text[at : at + 1] == b")":
            depth -= 1
        at += 1
    return at - 1


def _literal(raw: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        octal, other = found.group(1), found.group(2)
        return bytes([int(octal, 8)]) if octal else _ESCAPES.get(other, other)

    return re.sub(rb"\\(?:([0-7]{1,3})|(.))", plain, raw, flags=re.DOTALL)


def squares_of(png: bytes, modules: int) -> list[list[bool]]:
    """The code on a page, square by square; True is black. It is the tallest dark thing at the left."""
    return squares_in([[value < DARK for value in row[::4]] for row in _rows(png)], modules)


def squares_in(rows: list[list[bool]], modules: int) -> list[list[bool]]:
    """The same in the points of a picture, however grey the rows are in which two rows of squares meet."""
    top, bottom = max(_runs([any(row) for row in rows]), key=lambda run: run[1] - run[0])
    left = min(row.index(True) for row in rows[top:bottom])
    side = (bottom - top) / modules
    return [
        [rows[int(top + (y + 0.5) * side)][int(left + (x + 0.5) * side)] for x in range(modules)]
        for y in range(modules)
    ]


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    begin = None
    for at, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = at
        elif not flag and begin is not None:
            yield begin, at
            begin = None


def _rows(png: bytes) -> Iterator[bytes]:
    """The left part of each row of a picture with four channels of eight bits, its filters undone (RFC 2083)."""
    width, _height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (depth, colour) == (8, 6)
    data = b"".join(png[at + 8 : at + 8 + size] for at, kind, size in _chunks(png) if kind == b"IDAT")
    raw, length, kept = zlib.decompress(data), width * 4 + 1, width * 9 // 20 * 4
    above = bytes(kept)
    for begin in range(0, len(raw), length):
        above = _unfilter(raw[begin], raw[begin + 1 : begin + 1 + kept], above)
        yield above


def _chunks(png: bytes) -> Iterator[tuple[int, bytes, int]]:
    at = 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        yield at, png[at + 4 : at + 8], size
        at += size + 12


def _unfilter(kind: int, row: bytes, above: bytes) -> bytes:
    if kind == 0:
        return row
    if kind == 2 and not any(row):
        return above
    out = bytearray(4) + row
    before = bytes(4) + above
    for at in range(4, len(out)):
        left, up, corner = out[at - 4], before[at], before[at - 4]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            far, near, both = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            guess = left if far <= near and far <= both else up if near <= both else corner
        out[at] = (out[at] + guess) & 255
    return bytes(out[4:])
