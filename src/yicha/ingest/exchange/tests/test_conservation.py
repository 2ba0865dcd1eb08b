"""Whatever stands in a file: every row is new, changed, unchanged or rejected, and the fast way is the slow way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import Cast
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.rules.columns import ColumnReader, read_cell
from yicha.ingest.exchange.terms import Column
from yicha.ingest.exchange.tests.files import NOW, check, code, put, row, text
from yicha.kernel.refusal import Refused

odd = st.sampled_from(
    [
        "",
        " ",
        "N/A",
        "=1",
        "北京公司",
        "北京１２公司",
        "\u3000北京",
        "a\x00b",
        "�",
        "x" * 201,
        "2003-08-14",
        "2003-13-01",
        '"',
        "a,b",
        "\\N",
        "a\tb",
        "\\",
        "a\nb",
    ]
)
codes = st.builds(code, st.integers(1, 12)) | odd
cells = st.tuples(odd, codes, odd, odd, odd).map(list)
shapes = (
    cells
    | st.builds(row, st.integers(1, 12))
    | cells.map(lambda cells: cells[:3])
    | cells.map(lambda c: [*c, "more"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(shapes, min_size=1, max_size=12), encoding=st.sampled_from(["utf-8", "utf-16", "gb18030"])
)
def test_rows_in_are_new_changed_unchanged_or_rejected(
    cast: Cast, tmp_path: Path, rows: list[list[str]], encoding: str
) -> None:
    source = put(tmp_path, text(rows).encode(encoding))
    filled = sum(any(cells) for cells in rows)
    if not filled:
        with pytest.raises(Refused):
            check(source)
        return
    entry = check(source)
    assert entry.rows == filled
    assert entry.rows == entry.rows_new + entry.rows_changed + entry.rows_unchanged + entry.rows_rejected
    assert entry.rows_rejected == queries.list_rejected(entry).count()
    numbers = {found.row_no for found in queries.list_rejected(entry)}
    assert len(numbers) == entry.rows_rejected
    services.apply(entry, actor="test", now=NOW)
    again = check(source)
    assert (again.rows_new, again.rows_changed, again.rows_rejected) == (0, 0, entry.rows_rejected)
    services.discard(again)


letters = st.text(st.sampled_from("a京１Ａ　 \u200b=+-@|\\�\x00\ud800\tN/无0("), max_size=7)


@settings(max_examples=400, deadline=None)
@given(st.lists(letters, min_size=1, max_size=5), st.booleans(), st.booleans(), st.sampled_from([3, 50]))
def test_a_batch_says_the_same_as_cell_by_cell(
    raws: list[str], prose: bool, required: bool, limit: int
) -> None:
    column = Column("a", "a", ("a",), required=required, prose=prose, max_length=limit, distinct=True)
    read = ColumnReader(column).read(raws)
    for position, raw in enumerate(raws):
        value, notes, reason = read_cell(column, raw)
        assert read.values[position] == value
        assert (position in read.problems) == (reason is not None)
        assert [note for at, note in read.notes if at == position] == notes
