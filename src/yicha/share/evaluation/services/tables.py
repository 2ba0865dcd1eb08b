"""Reading a table of past inspections, CSV or XLSX, column by column in little memory. Nothing of it is kept."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from yicha.ingest.exchange import services as exchange
from yicha.kernel import cells
from yicha.kernel.refusal import Reason, Refused
from yicha.share.evaluation.rules import splitting
from yicha.share.evaluation.rules.features import Column
from yicha.share.evaluation.rules.measure import Whole
from yicha.share.evaluation.terms.ordering import Role


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its headers in order, its columns, and for every row its number in the file."""

    headers: tuple[str, ...]
    columns: dict[str, Column]
    numbers: Whole

    def refuse_unreadable(self, role: Role, header: str, good: Sequence[object]) -> None:
        """Raise with the rows of the cells whose text could not be read: None stands in its place in `good`."""
        column = self.columns[header]
        unread = np.array([value is None for value in good], dtype=np.bool_)[column.codes]
        if not unread.any():
            return
        rows = np.flatnonzero(unread)
        bad = [(int(self.numbers[row]), column.texts[column.codes[row]]) for row in rows[: splitting.SHOWN]]
        raise Refused([splitting.unreadable(role, header, bad, len(rows))])


def read(path: Path, name: str) -> Sheet:
    """The whole table. Raises `Refused` if the file is no table, or a row has more cells than the header."""
    table = exchange.open_table(exchange.Source(path, name))
    try:
        headers = tuple(cells.tidy(header) for header in table.headers)
        memos = [_memo() for _ in headers]
        codes = [array("i") for _ in headers]
        numbers = array("q")
        for rows in table.batches():
            numbers.extend(rows.numbers)
            for memo, kept, column in zip(
                memos, codes, _columns(rows.numbers, rows.cells, len(headers)), strict=True
            ):
                kept.extend(map(memo.__getitem__, column))
    finally:
        table.close()
    if not numbers:
        raise Refused([Reason("evaluation.no-rows", "“%(name)s” has no rows.", facts={"name": name})])
    columns = {
        header: Column(tuple(memo), np.frombuffer(kept, dtype=np.int32))
        for header, memo, kept in zip(headers, memos, codes, strict=True)
    }
    return Sheet(headers, columns, np.frombuffer(numbers, dtype=np.int64))


def _memo() -> defaultdict[str, int]:
    """Gives every new text the next number."""
    return defaultdict(count().__next__)


def _columns(numbers: Sequence[int], rows: Sequence[Sequence[str]], width: int) -> list[tuple[str, ...]]:
    """The cells of a batch by column; short rows are filled, long ones refused."""
    if any(len(row) != width for row in rows):
        for number, row in zip(numbers, rows, strict=True):
            if any(cell.strip() for cell in row[width:]):
                raise Refused(
                    [
                        Reason(
                            "evaluation.row-too-long",
                            "Row %(row)s has more cells than the header has columns.",
                            facts={"row": number},
                            at_field="file",
                        )
                    ]
                )
        rows = [[*row[:width], *[""] * (width - len(row))] for row in rows]
    return list(zip(*rows, strict=True))
