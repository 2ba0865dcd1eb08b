"""What a file is, told by its first bytes; what its name promises; in which encoding and with which delimiter."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from yicha.ingest.exchange.terms import FileFormat
from yicha.kernel.refusal import Reason

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
"""Encodings a user may force, by the names in use. GB18030 holds all of GBK and GB2312."""

BROKEN_SHARE = 0.2
"""A file is taken as text in an encoding if less than this share of its non-ASCII characters does not decode."""


def _(words: str) -> str:
    """Marks words that a door translates."""
    return words


_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", _("a PNG picture")),
    (b"\xff\xd8\xff", _("a JPEG picture")),
    (b"GIF8", _("a GIF picture")),
    (b"%PDF", _("a PDF document")),
    (b"\xd0\xcf\x11\xe0", _("an old Excel workbook (.xls) or one with a password")),
    (b"\x1f\x8b", _("a gzip archive")),
    (b"7z\xbc\xaf", _("a 7z archive")),
    (b"Rar!", _("a RAR archive")),
    (b"{\\rtf", _("an RTF document")),
    (b"SQLite format 3", _("an SQLite database")),
    (b"PAR1", _("a Parquet file")),
    (b"\x7fELF", _("a program")),
    (b"MZ\x90", _("a program")),
)
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<script", b"<svg", b"<head", b"<body")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def recognise(head: bytes, members: Iterable[str] = ()) -> FileFormat | str:
    """The format of a file from its first bytes and, if it is a zip, the names in it; else words for what it is."""
    for magic, words in _MAGIC:
        if head.startswith(magic):
            return words
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_content(frozenset(members))
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:16].lower()
    if start.startswith(_MARKUP):
        return _("a web page or XML")
    return FileFormat.CSV


def _zip_content(names: frozenset[str]) -> FileFormat | str:
    if "xl/workbook.xml" in names:
        return FileFormat.XLSX
    if "xl/workbook.bin" in names:
        return _("a binary Excel workbook (.xlsb)")
    if "mimetype" in names and "content.xml" in names:
        return _("an OpenDocument file (.ods)")
    if "word/document.xml" in names:
        return _("a Word document")
    return _("a zip archive")


PROMISES = {
    "csv": FileFormat.CSV,
    "txt": FileFormat.CSV,
    "tsv": FileFormat.CSV,
    "xlsx": FileFormat.XLSX,
    "xlsm": FileFormat.XLSX,
}


def name_holds(name: str, found: FileFormat | str) -> Reason | None:
    """Whether a file is what its name says. A name without a known ending promises nothing."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    promised = PROMISES.get(ending)
    if isinstance(found, FileFormat) and promised in (None, found):
        return None
    words = {FileFormat.CSV: _("plain text"), FileFormat.XLSX: _("an XLSX workbook")}
    return Reason(
        "import.not-what-its-name-says",
        "“%(name)s” is %(found)s, by its content. Save it as CSV or XLSX, with the right ending.",
        facts={"name": name, "found": words[found] if isinstance(found, FileFormat) else found},
    )


@dataclass(slots=True)
class Decoding:
    """How well an encoding fits: characters beyond ASCII, and those that did not decode."""

    encoding: str
    beyond: int = 0
    broken: int = 0

    @property
    def fits(self) -> bool:
        return self.broken == 0

    @property
    def share(self) -> float:
        return self.broken / max(self.beyond, 1)


def by_mark(head: bytes) -> str:
    """The encoding that a byte order mark names, or that the zero bytes of UTF-16 give away; else empty."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    sample = head[:4096]
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if len(sample) >= 4 and max(zeros) > len(sample) // 8 and min(zeros) * 8 < max(zeros):
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return ""


def choose(tried: Iterable[Decoding]) -> Decoding | Reason:
    """The first encoding that fits without a fault, else the least broken one, else why there is none.

    UTF-8 is tried first: text of another encoding hardly ever passes as UTF-8, while nearly anything
    passes as GB18030.
    """
    found = list(tried)
    for decoding in found:
        if decoding.fits:
            return decoding
    best = min(found, key=lambda decoding: decoding.share)
    if best.share < BROKEN_SHARE:
        return best
    return Reason(
        "import.undecodable",
        "The file is text in none of the encodings UTF-8, UTF-16 and GB18030.",
        facts={"tried": ", ".join(decoding.encoding for decoding in found)},
    )


def delimiter_of(header_line: str) -> str:
    """Comma, tab or semicolon: whichever the header line has most of, outside quotes."""
    outside = "".join(part for index, part in enumerate(header_line.split('"')) if index % 2 == 0)
    return max(",\t;", key=outside.count)
