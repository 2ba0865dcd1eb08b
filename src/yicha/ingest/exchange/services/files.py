"""Opening a file: what it is, whether its name holds, and its rows as a stream that never holds the whole file."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Protocol

from yicha.ingest.exchange.rules import formats
from yicha.ingest.exchange.rules.batches import Rows
from yicha.ingest.exchange.services import sheets
from yicha.ingest.exchange.terms import FileFormat
from yicha.kernel import cells
from yicha.kernel.refusal import Reason, Refused, refuse_if

BATCH_ROWS = 5_000
CELL_LIMIT = 1_000_000
"""Characters in one cell of a CSV file; more is a quote that was opened and never closed."""
COLUMN_LIMIT = 500
_CHUNK = 1 << 20
_END = "\x00end of file\x00"
"""Stands after the last line: if it does not come back as a row of its own, a quote is open there."""


def _keep_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stand-ins for bytes that are no text, so that the cell can be named: they are in no valid text."""
    assert isinstance(error, UnicodeDecodeError)
    broken = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) if byte >= 0x80 else "\ufffd" for byte in broken), error.end


codecs.register_error("yicha-keep-bytes", _keep_bytes)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, under the name that its sender gave it; `encoding` if the user forces one."""

    path: Path
    name: str
    encoding: str = ""


class Table(Protocol):
    """The table in a file. `batches` can be walked once."""

    format: FileFormat
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    blank_rows: int
    remarks: list[Reason]

    def batches(self) -> Iterator[Rows]: ...

    def progress(self) -> float: ...

    def close(self) -> None: ...


def open_table(source: Source) -> Table:
    """Open a file for reading; raises `Refused` with the reason why it is no table, and never reads it whole."""
    size = source.path.stat().st_size
    if size == 0:
        raise Refused([Reason("import.file-empty", "“%(name)s” is empty.", facts={"name": source.name})])
    with source.path.open("rb") as stream:
        head = stream.read(4096)
    found = formats.recognise(head, _zip_names(source.path, head))
    wrong = formats.name_holds(source.name, found)
    refuse_if([wrong] if wrong else [])
    if found is FileFormat.XLSX:
        return sheets.open_sheet(source.path)
    return TextTable(source, head)


def _zip_names(path: Path, head: bytes) -> list[str]:
    if not head.startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()[:10_000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return []


class TextTable:
    """Rows of a CSV file."""

    format = FileFormat.CSV

    def __init__(self, source: Source, head: bytes) -> None:
        self.encoding = _decide_encoding(source, head)
        self.blank_rows = 0
        self.remarks: list[Reason] = []
        self._size = source.path.stat().st_size
        self._raw = source.path.open("rb")
        self._text = io.TextIOWrapper(
            self._raw,
            encoding=self.encoding,
            errors="yicha-keep-bytes",
            newline="",
        )
        csv.field_size_limit(CELL_LIMIT)
        first = self._text.readline(_CHUNK)
        self.delimiter = formats.delimiter_of(first)
        self._text.seek(0)
        self._reader = csv.reader(chain(self._text, [_END]), delimiter=self.delimiter)
        self._number = 0
        try:
            self.headers = self._read_header(source)
        except BaseException:
            self._text.close()
            raise

    def _read_header(self, source: Source) -> tuple[str, ...]:
        for row in self._next_rows(1):
            self._number += 1
            if any(cell.strip("\ufeff \t\u3000") for cell in row):
                headers = tuple(row)
                while headers and not headers[-1].strip():
                    headers = headers[:-1]
                if len(headers) > COLUMN_LIMIT:
                    raise _refuse(
                        "columns", sentence="The header has more than %(limit)s columns.", limit=COLUMN_LIMIT
                    )
                return headers
        raise _refuse("file-blank", sentence="“%(name)s” has no header in its first row.", name=source.name)

    def batches(self) -> Iterator[Rows]:
        """Batches of rows that are not blank."""
        while rows := self._next_rows(BATCH_ROWS):
            numbers: range | list[int] = range(self._number + 1, self._number + 1 + len(rows))
            self._number += len(rows)
            if not all(map(len, rows)) or "" in [row[0] for row in rows]:
                kept = [(number, row) for number, row in zip(numbers, rows, strict=True) if any(row)]
                self.blank_rows += len(rows) - len(kept)
                numbers, rows = [number for number, _ in kept], [row for _, row in kept]
            if rows:
                yield Rows(numbers, rows)

    def _next_rows(self, count: int) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            rows.extend(islice(self._reader, count))
        except csv.Error as error:
            raise self._quote_open(self._number + len(rows) + 1) from error
        if rows and rows[-1] and rows[-1][-1].endswith(_END):
            if rows[-1] != [_END]:
                raise self._quote_open(self._number + len(rows))
            rows.pop()
        return rows

    def _quote_open(self, number: int) -> Refused:
        return _refuse(
            "quote-open",
            sentence="A quote is opened in row %(row)s and never closed, so it cannot be told where the rows end.",
            row=number,
        )

    def progress(self) -> float:
        return min(self._raw.tell() / self._size, 1.0)

    def close(self) -> None:
        self._text.close()


def _refuse(code: str, sentence: str, **facts: object) -> Refused:
    return Refused([Reason(f"import.{code}", sentence, facts=facts)])


def _decide_encoding(source: Source, head: bytes) -> str:
    if source.encoding:
        forced = formats.ENCODINGS.get(source.encoding.lower().replace("_", "-"))
        if forced is None:
            offered = ", ".join(formats.ENCODINGS)
            raise _refuse(
                "encoding",
                sentence="“%(encoding)s” is not one of: %(offered)s.",
                encoding=source.encoding,
                offered=offered,
            )
        return forced
    marked = formats.by_mark(head)
    tried = [marked] if marked else ["utf-8", "gb18030"]
    chosen = formats.choose(_try(source.path, encoding) for encoding in tried)
    if isinstance(chosen, Reason):
        raise Refused([chosen])
    return chosen.encoding


def _try(path: Path, encoding: str) -> formats.Decoding:
    """Decode a whole file, a piece at a time; if something does not fit, count how much of what is beyond ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_CHUNK):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _count_broken(path, encoding)
    return formats.Decoding(encoding)


def _count_broken(path: Path, encoding: str) -> formats.Decoding:
    decoding = formats.Decoding(encoding)
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            text = decoder.decode(piece)
            decoding.beyond += len(text) - len(text.encode("ascii", "ignore"))
            decoding.broken += text.count(cells.LOST)
    decoding.broken += decoder.decode(b"", final=True).count(cells.LOST)
    return decoding
