"""From the rows of a batch to lines for COPY, with every bad cell and every note on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from yicha.ingest.exchange.rules.columns import SHOWN, ColumnReader
from yicha.ingest.exchange.terms import CellProblem, ImportKind, Layout, NoteCount, Prepared, Values
from yicha.kernel.cells import Noted
from yicha.kernel.refusal import Reason

EXAMPLE_ROWS = 20


@dataclass(slots=True)
class Rows:
    """Rows of a file as text cells, with their numbers as a spreadsheet shows them (the header is row 1).

    `problems` are those that the reader of the file saw, by position: (cell index, reason).
    """

    numbers: Sequence[int]
    cells: Sequence[Sequence[str]]
    problems: dict[int, list[tuple[int, Reason]]] = field(default_factory=dict)
    notes: list[tuple[int, int, Noted]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(slots=True)
class Batch:
    """What a batch came to: lines for the staging table, and the rejected rows with all their problems."""

    lines: str
    staged: int
    rejected: list[tuple[int, list[CellProblem]]]


class Notes:
    """Counts what was put right, by column and kind of note; keeps an example and the first rows."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}
        self._kept: dict[tuple[str, str], tuple[str, str, list[int]]] = {}

    def add(self, column: str, note: Noted, number: int, example: str) -> None:
        key = (column, note.code)
        self._counts[key] = self._counts.get(key, 0) + 1
        kept = self._kept.setdefault(key, (note.sentence, example[:SHOWN], []))
        if len(kept[2]) < EXAMPLE_ROWS:
            kept[2].append(number)

    def counts(self) -> list[NoteCount]:
        return [
            NoteCount(column, code, self._kept[column, code][0], count, *_example(self._kept[column, code]))
            for (column, code), count in sorted(self._counts.items())
        ]


def _example(kept: tuple[str, str, list[int]]) -> tuple[str, tuple[int, ...]]:
    return kept[1], tuple(kept[2])


class BatchReader:
    """Reads batch after batch of one file for one kind."""

    def __init__(self, kind: ImportKind, layout: Layout, prepared: Prepared) -> None:
        self.prepared = prepared
        self.layout = layout
        self.notes = Notes()
        self._noted: list[tuple[str, int, Noted, str]] = []
        self._is_secret = any(column.secret for column in kind.columns)
        self._columns = {
            position: ColumnReader(kind.column(name)) for position, name in sorted(layout.positions.items())
        }

    def read(self, rows: Rows) -> Batch:
        """Every row comes back once: in the lines or among the rejected."""
        problems: dict[int, list[CellProblem]] = {}
        for position, found in rows.problems.items():
            mapped = [self._file_problem(rows, position, *each) for each in found if each[0] in self._columns]
            if mapped:
                problems[position] = mapped
        square = self._square(rows, problems)
        values = self._read_columns(rows, square, problems)
        noted = [
            (self._columns[i].column.name, p, note, square[i][p])
            for p, i, note in rows.notes
            if i in self._columns
        ]
        noted += self._noted
        completed = self.prepared.complete(values, len(rows))
        for position, more in completed.problems.items():
            told = {problem.column for problem in problems.get(position, [])}
            if "" not in told:
                problems.setdefault(position, []).extend(each for each in more if each.column not in told)
        noted += [(column, p, note, values[column][p] or "") for column, p, note in completed.notes]
        for column, position, note, example in noted:
            if position not in problems:
                self.notes.add(column, note, rows.numbers[position], "" if self._is_secret else example)
        if self._is_secret:
            problems = {position: [_unsaid(each) for each in found] for position, found in problems.items()}
        values.update(completed.fields)
        rejected = [(rows.numbers[position], found) for position, found in sorted(problems.items())]
        lines = _lines(
            [str(number) for number in rows.numbers], [values[f.name] for f in self.prepared.fields], problems
        )
        return Batch(lines, len(rows) - len(rejected), rejected)

    def _file_problem(self, rows: Rows, position: int, index: int, reason: Reason) -> CellProblem:
        return CellProblem(self._columns[index].column.name, rows.cells[position][index][:SHOWN], reason)

    def _square(self, rows: Rows, problems: dict[int, list[CellProblem]]) -> list[Sequence[str]]:
        """The cells column by column. Rows of another length are problems and are filled up or cut."""
        width, cells = len(self.layout.headers), rows.cells
        if not set(map(len, cells)) <= {width}:
            cells = list(cells)
            for position, row in enumerate(cells):
                if len(row) != width:
                    reason = _wrong_length(row, width)
                    if reason:
                        problems.setdefault(position, []).append(
                            CellProblem("", " | ".join(row)[:SHOWN], reason)
                        )
                    cells[position] = [*row[:width], *[""] * (width - len(row))]
        return list(zip(*cells, strict=True))

    def _read_columns(
        self, rows: Rows, square: list[Sequence[str]], problems: dict[int, list[CellProblem]]
    ) -> Values:
        misshapen = {position for position, found in problems.items() if any(not p.column for p in found)}
        told = {(position, p.column) for position, found in problems.items() for p in found}
        values: Values = {}
        self._noted = []
        for position, reader in self._columns.items():
            read = reader.read(square[position])
            values[reader.column.name] = read.values
            for row, problem in read.problems.items():
                if row not in misshapen and (row, reader.column.name) not in told:
                    problems.setdefault(row, []).append(problem)
            self._noted += [
                (reader.column.name, row, note, square[position][row]) for row, note in read.notes
            ]
        return values


def _unsaid(problem: CellProblem) -> CellProblem:
    """A problem without what stood in the cell: column and row say where to look."""
    facts = {name: "…" if isinstance(fact, str) else fact for name, fact in problem.reason.facts.items()}
    return CellProblem(problem.column, "", replace(problem.reason, facts=facts))


def _wrong_length(row: Sequence[str], width: int) -> Reason | None:
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        return None
    facts = {"count": len(row), "width": width}
    if len(row) > width:
        return Reason("too-many-cells", "The row has %(count)s cells, the header has %(width)s.", facts=facts)
    return Reason("too-few-cells", "The row has only %(count)s cells, the header has %(width)s.", facts=facts)


def _lines(numbers: list[str], fields: list[list[str | None]], problems: dict[int, list[CellProblem]]) -> str:
    """Lines for `COPY … FROM STDIN` in text format; rows with problems are left out.

    The lines are put together first, and only if the text holds more tabs, line ends or backslashes than
    that takes is each value escaped.
    """
    columns: list[list[str]] = [numbers]
    empty = 0
    for values in fields:
        missing = values.count(None)
        columns.append(
            ["\\N" if value is None else value for value in values] if missing else cast(list[str], values)
        )
        empty += missing
    if problems:
        columns = [[value for at, value in enumerate(column) if at not in problems] for column in columns]
        empty = sum(column.count("\\N") for column in columns)
    rows = len(columns[0])
    text = _put_together(columns)
    plain = text.count("\t") == rows * len(fields) and text.count("\n") == rows and "\r" not in text
    if plain and text.count("\\") == empty:
        return text
    kept = [at for at in range(len(numbers)) if at not in problems]
    escaped = [[_escape(values[at]) for at in kept] for values in fields]
    return _put_together([columns[0], *escaped])


def _put_together(columns: list[list[str]]) -> str:
    text = "\n".join(map("\t".join, zip(*columns, strict=True)))
    return text + "\n" if text else ""


_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _escape(value: str | None) -> str:
    """A value as COPY wants it: None as \\N, and backslash, tab and line ends escaped."""
    return "\\N" if value is None else value.translate(_SPECIAL)
