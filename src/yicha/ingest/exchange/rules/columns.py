"""Reading the cells of one column, a batch at a time.

Speed: a batch of clean text costs a few scans in C over the joined column; repeated texts are read once and
remembered. Only what looks odd goes through `read_cell`, and its outcome is always the same as on the fast way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from yicha.ingest.exchange.terms import CellProblem, Column
from yicha.kernel import cells
from yicha.kernel.cells import Noted, Read
from yicha.kernel.refusal import Reason

MEMO_LIMIT = 50_000
"""Remembered texts per column: about 10 MB."""
SHOWN = 200
"""Characters of a bad cell that are kept to be shown."""


def read_cell(column: Column, raw: str) -> tuple[str | None, list[Noted], Reason | None]:
    """One cell, the long way: value, what was put right, or why it cannot be."""
    reason = _unreadable(raw)
    if reason:
        return None, [], reason
    tidied = cells.tidy(raw)
    notes = [cells.SPACES] if tidied != raw else []
    if cells.is_empty_mark(tidied):
        if tidied:
            notes = [cells.EMPTY]
        return None, notes, _required(column, tidied)
    if cells.is_formula(tidied):
        return None, [], Reason("formula", "The cell is a formula or would run as one. Put its value there.")
    if not column.prose and cells.WIDE.search(tidied):
        notes.append(cells.FULL_WIDTH)
        tidied = cells.narrow(tidied)
    if len(tidied) > column.max_length:
        return None, [], _too_long(column, tidied)
    return _parsed(column, tidied, notes)


def _parsed(column: Column, tidied: str, notes: list[Noted]) -> tuple[str | None, list[Noted], Reason | None]:
    read: Read = column.parser(tidied) if column.parser else tidied
    if isinstance(read, Reason):
        return None, [], read
    if isinstance(read, Noted):
        return read.value, [*(note for note in notes if note.code != read.code), read], None
    return read, notes, None


def _unreadable(raw: str) -> Reason | None:
    if raw.isprintable() and cells.LOST not in raw:
        return None
    for character in raw:
        if "\ud800" <= character <= "\udfff":
            return Reason("broken-bytes", "Bytes in this cell are no text in the file's encoding.")
        if (character < " " and character not in "\t\r\n\v\f") or character == "\x7f":
            return Reason("control-character", "The cell holds a control character that no text has.")
    if cells.LOST in raw:
        return Reason("character-lost", "A character was lost before the file came here (it reads �).")
    return None


def _required(column: Column, tidied: str) -> Reason | None:
    if not column.required:
        return None
    if tidied:
        return Reason(
            "empty-mark-required",
            "“%(value)s” says “not given”, but this is needed.",
            facts={"value": tidied},
        )
    return Reason("empty", "The cell is empty, but this is needed.")


def _too_long(column: Column, tidied: str) -> Reason:
    return Reason(
        "too-long",
        "The cell has %(length)s characters; %(limit)s fit.",
        facts={"length": len(tidied), "limit": column.max_length},
    )


@dataclass(slots=True)
class ReadColumn:
    """A column of a batch: values beside the cells (None: empty), and by position what was odd."""

    values: list[str | None]
    problems: dict[int, CellProblem] = field(default_factory=dict)
    notes: list[tuple[int, Noted]] = field(default_factory=list)


class _Memo(dict[str, str | None]):
    """What texts of a column mean. `odd` holds the texts that need a word."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.odd: dict[str, tuple[list[Noted], Reason | None]] = {}

    def __missing__(self, raw: str) -> str | None:
        value, notes, reason = read_cell(self.column, raw)
        if notes or reason:
            self.odd[raw] = (notes, reason)
        self[raw] = value
        return value

    def forget(self) -> None:
        self.clear()
        self.odd.clear()


class ColumnReader:
    """Reads one column through a whole file."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._memo = _Memo(column)

    def read(self, raws: Sequence[str]) -> ReadColumn:
        """The cells of a batch."""
        if self.column.distinct and self._is_clean(raws):
            if self.column.parser is None:
                return ReadColumn(list(raws))
            if self.column.stands is not None and self.column.stands(raws):
                return ReadColumn(list(raws))
            quick = [self.column.parser(raw) for raw in raws]
            if all(value.__class__ is str for value in quick):
                return ReadColumn(quick)  # type: ignore[arg-type]
        if len(self._memo) > MEMO_LIMIT:
            self._memo.forget()
        found = ReadColumn(list(map(self._memo.__getitem__, raws)))
        if self._memo.odd and not self._memo.odd.keys().isdisjoint(raws):
            self._explain(raws, found)
        return found

    def _explain(self, raws: Sequence[str], found: ReadColumn) -> None:
        odd = self._memo.odd
        for position, raw in enumerate(raws):
            if raw in odd:
                notes, reason = odd[raw]
                found.notes += [(position, note) for note in notes]
                if reason:
                    found.problems[position] = CellProblem(self.column.name, raw[:SHOWN], reason)

    def _is_clean(self, raws: Sequence[str]) -> bool:
        """Whether `read_cell` would hand every one of these cells to the parser as it stands."""
        joined = "|".join(raws)
        return (
            joined.isprintable()
            and cells.LOST not in joined
            and "  " not in joined
            and " |" not in joined
            and "| " not in joined
            and joined[:1] not in " =+-@"
            and not joined.endswith(" ")
            and not any(mark in joined for mark in ("|=", "|+", "|-", "|@", "|00"))
            and cells.EMPTY_MARKS.isdisjoint(raws)
            and (self.column.prose or not cells.WIDE.search(joined))
            and max(map(len, raws)) <= self.column.max_length
        )
