"""A workbook as a package: a zip of XML, hostile until shown otherwise.

Sizes and ratios of the zip directory are looked at before anything is unpacked; what streams out stops at what the
directory said, and then its sum is checked; XML with a document type (the only place where entities can be
declared) is refused; no piece of XML is buffered beyond a fixed size.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from xml.parsers import expat

from yicha.kernel.refusal import Reason, Refused

TOTAL_LIMIT = 4 << 30
"""Bytes that all members of a workbook may unpack to. A million rows of twenty columns are about 1 GB."""
RATIO_LIMIT = 200
"""Unpacked to packed; sheets reach about 30, a bomb about 1,000. Small members may exceed it."""
SMALL = 16 << 20
MEMBERS_LIMIT = 10_000
TEXT_LIMIT = 1_000_000
"""Characters in one cell; a spreadsheet allows 32,767."""
TOKEN_LIMIT = 8 << 20
"""Bytes of one piece of XML (a tag, a comment) that the parser may hold back."""
_PIECE = 1 << 18

_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_DATE_LETTERS = re.compile(r"[ymdhs年月日]", re.IGNORECASE)
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')

OnStart = Callable[[str, dict[str, str]], None]
OnName = Callable[[str], None]


def open_package(path: Path) -> zipfile.ZipFile:
    """Open a workbook; raises `Refused` by name if it is no zip, a bomb, or has a password."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged() from error
    try:
        _inspect(archive)
    except Refused:
        archive.close()
        raise
    return archive


def _inspect(archive: zipfile.ZipFile) -> None:
    """Refuse by the zip directory alone, before a byte is unpacked."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    worst = max((m.file_size / max(m.compress_size, 1) for m in members if m.file_size > SMALL), default=0)
    if len(members) > MEMBERS_LIMIT or total > TOTAL_LIMIT or worst > RATIO_LIMIT:
        raise refuse(
            "zip-bomb",
            sentence="The workbook would unpack to %(megabytes)s MB, %(ratio)s times its size: "
            "that is no table but a bomb.",
            megabytes=total >> 20,
            ratio=int(worst) or total // max(sum(m.compress_size for m in members), 1),
        )
    if any(member.flag_bits & 1 for member in members):
        raise refuse("password", sentence="The workbook has a password. Save it without one.")


class Workbook:
    """What the small parts of a workbook say: sheets in order, the date styles, the epoch."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.visible: list[tuple[str, str]] = []
        self.epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a calendar, not instants
        self.strings = ""
        self._formats: dict[int, bool] = {}
        self._styles: list[bool] = []
        self._in_cell_styles = False
        targets = self._targets(archive)
        self._sheets: list[tuple[str, str]] = []
        read_xml(archive, "xl/workbook.xml", self._on_workbook)
        self.visible = [
            (name, targets[ident]) for name, ident in self._sheets if targets.get(ident) in _names(archive)
        ]
        if not self.visible:
            raise damaged()
        if "xl/styles.xml" in _names(archive):
            read_xml(archive, "xl/styles.xml", self._on_style, self._on_style_end)
        self.date_styles = frozenset(index for index, dated in enumerate(self._styles) if dated)

    def _targets(self, archive: zipfile.ZipFile) -> dict[str, str]:
        targets: dict[str, str] = {}

        def relation(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
                if attributes.get("Type", "").endswith("/sharedStrings"):
                    self.strings = target
                targets[attributes.get("Id", "")] = target

        read_xml(archive, "xl/_rels/workbook.xml.rels", relation)
        return targets

    def _on_workbook(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            ident = next((value for key, value in attributes.items() if key.endswith("id")), "")
            self._sheets.append((attributes.get("name", ""), ident))
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001

    def _on_style(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            code = _NOT_FORMAT.sub("", attributes.get("formatCode", ""))
            self._formats[int(attributes.get("numFmtId", "0"))] = bool(_DATE_LETTERS.search(code))
        elif name == "cellXfs":
            self._in_cell_styles = True
        elif name == "xf" and self._in_cell_styles:
            ident = int(attributes.get("numFmtId", "0"))
            self._styles.append(self._formats.get(ident, ident in _DATE_FORMATS))

    def _on_style_end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cell_styles = False


class SharedStrings:
    """The texts that cells refer to by number: on disk beyond what fits a small memory, with what was read last."""

    RECENT = 50_000

    def __init__(self, archive: zipfile.ZipFile, member: str) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by close()
        self._ends = array("Q", [0])
        self._recent: dict[str, str] = {}
        self._parts: list[str] = []
        self._length = 0
        self._depth = 0
        self._open = False
        try:
            if member and member in _names(archive):
                read_xml(archive, member, self._start, self._end, self._text)
            self._file.flush()
        except BaseException:
            self._file.close()
            raise

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "rPh":
            self._depth += 1
        elif name == "t":
            self._open = self._depth == 0

    def _end(self, name: str) -> None:
        if name == "t":
            self._open = False
        elif name == "rPh":
            self._depth -= 1
        elif name == "si":
            data = "".join(self._parts).encode("utf-8", "surrogatepass")
            self._file.write(data)
            self._ends.append(self._ends[-1] + len(data))

    def _text(self, data: str) -> None:
        if self._open:
            self._parts.append(data)
            self._length += len(data)
            if self._length > TEXT_LIMIT:
                raise refuse(
                    "text-too-long", sentence="A text in the workbook is longer than any cell can be."
                )

    def get(self, number: str) -> str:
        found = self._recent.get(number)
        if found is None:
            index = int(number) if number.isdigit() else -1
            if not 0 <= index < len(self._ends) - 1:
                raise damaged()
            self._file.seek(self._ends[index])
            found = self._file.read(self._ends[index + 1] - self._ends[index]).decode(
                "utf-8", "surrogatepass"
            )
            if len(self._recent) >= self.RECENT:
                self._recent.clear()
            self._recent[number] = found
        return found

    def close(self) -> None:
        self._file.close()


# XML out of a zip


def read_xml(
    archive: zipfile.ZipFile,
    member: str,
    start: OnStart,
    end: OnName | None = None,
    text: OnName | None = None,
) -> None:
    if member not in _names(archive):
        raise damaged()
    reader = XmlReader(start, end, text)
    for piece in stream(archive, member):
        reader.feed(piece)
    reader.feed(b"", final=True)


def _names(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    return archive.NameToInfo


class XmlReader:
    """An expat parser with namespaces cut off, document types refused and its buffer bounded."""

    def __init__(self, start: OnStart, end: OnName | None = None, text: OnName | None = None) -> None:
        self._parser = parser = expat.ParserCreate(namespace_separator="\x1f")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda name, attributes: start(name.rpartition("\x1f")[2], attributes)
        if end is not None:
            on_end = end
            parser.EndElementHandler = lambda name: on_end(name.rpartition("\x1f")[2])
        if text is not None:
            parser.CharacterDataHandler = text
        self._fed = 0

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        """Parse the next bytes; raises `Refused` if they are no XML, or one tag without end."""
        try:
            self._parser.Parse(piece, final)
        except (expat.ExpatError, ValueError) as error:
            raise damaged() from error
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > TOKEN_LIMIT:
            raise damaged()


def _refuse_doctype(*_: object) -> None:
    raise refuse(
        "document-type", sentence="The workbook's XML declares a document type, which no workbook needs."
    )


def stream(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The bytes of a member. The zip module stops at the size that the directory gave and then checks the sum,
    so that a directory that lies comes out as a damaged file and never as more than it said."""
    try:
        with archive.open(member) as opened:
            while piece := opened.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise refuse(
            "zip-damaged",
            sentence="The workbook is damaged, or its directory lies about what is inside: “%(member)s”.",
            member=member,
        ) from error


def column_index(reference: str) -> int:
    index = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        index = index * 26 + ord(character) - 64
    return index - 1


def refuse(code: str, sentence: str, **facts: object) -> Refused:
    return Refused([Reason(f"import.{code}", sentence, facts=facts)])


def damaged() -> Refused:
    return refuse("workbook-damaged", sentence="The workbook is damaged: its parts do not fit together.")
