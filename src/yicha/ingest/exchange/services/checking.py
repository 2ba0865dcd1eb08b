"""The dry run: stream a file into a staging table, and say what applying it would do. Changes no register."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Import, RejectedRow
from yicha.ingest.exchange.rules import headers as header_rules
from yicha.ingest.exchange.rules import statements
from yicha.ingest.exchange.rules.batches import BatchReader
from yicha.ingest.exchange.services.files import Source, Table, open_table
from yicha.ingest.exchange.services.receiving import drop_staging, remember_mapping
from yicha.ingest.exchange.terms import (
    IMPORT_STEPS,
    CellProblem,
    ImportKind,
    ImportState,
    Layout,
    NoteCount,
    Prepared,
    Tally,
)
from yicha.kernel.refusal import Reason, Refused

ROWS_PER_COPY = 100_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

OnProgress = Callable[[float], None]
"""Hears the share that is done, from 0 to 1; whether it writes, prints or ignores it is its own affair."""


@dataclass(slots=True)
class _Staged:
    """What streaming a file came to."""

    rows: int = 0
    rejected: int = 0
    cells_bad: int = 0
    notes: list[NoteCount] = field(default_factory=list)


def peek_headers(source: Source) -> tuple[str, ...]:
    """The headers of a file; raises `Refused` if it is no table."""
    with closing(open_table(source)) as table:
        return tuple(header_rules.tidied(table.headers))


def check(
    entry: Import,
    source: Source,
    *,
    actor: str,
    now: datetime,
    name: str = "",
    on_progress: OnProgress = lambda share: None,
) -> Import:
    """Read the file and compare it with the register; the import is `checked` or `refused` afterwards.

    The mapping of the import, or what was remembered for these headers, places what the kind does not know; a
    mapping that worked is remembered, under `name` if given. One transaction: a check that dies leaves nothing.
    Raises `Refused` with every reason if the file as a whole cannot be taken.
    """
    try:
        with transaction.atomic():
            return _check(entry, source, actor, now, name, on_progress)
    except Refused as refused:
        remarks = [stored_reason(reason) for reason in refused.reasons]
        Import.objects.filter(
            pk=entry.pk, state__in=[ImportState.RECEIVED, ImportState.CHECKING, ImportState.CHECKED]
        ).update(state=ImportState.REFUSED.value, remarks=remarks, checked_at=now)
        entry.refresh_from_db()
        raise


def _check(
    entry: Import, source: Source, actor: str, now: datetime, name: str, on_progress: OnProgress
) -> Import:
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    entry.state = IMPORT_STEPS.after(ImportState(entry.state), "check").value
    drop_staging(entry)
    RejectedRow.objects.filter(source=entry).delete()
    kind = queries.get_kind(entry.kind)
    with closing(open_table(source)) as table:
        entry.format, entry.encoding, entry.delimiter = table.format.value, table.encoding, table.delimiter
        layout = _place(entry, kind, table, actor, now, name)
        prepared = kind.prepare(entry.columns)
        entry.staging = f"import_{entry.pk}_{uuid4().hex[:8]}"
        _tune()
        prepared.load()
        staged = _stage(entry, kind, table, BatchReader(kind, layout, prepared), on_progress)
        entry.rows_blank = table.blank_rows
        remarks = [*table.remarks, *_left_out(layout)]
    if not staged.rows:
        raise Refused(
            [Reason("import.no-rows", "“%(name)s” has a header and no rows.", facts={"name": source.name})]
        )
    staged.rejected += _reject_repeats(entry, kind, prepared, staged)
    tally = _compare(entry, kind, prepared, staged)
    entry.rows, entry.rows_rejected, entry.cells_bad = tally.rows, tally.rejected, staged.cells_bad
    entry.rows_new, entry.rows_changed, entry.rows_unchanged = tally.new, tally.changed, tally.unchanged
    entry.remarks = [stored_reason(remark) for remark in remarks]
    entry.notes, entry.checked_at = [asdict(note) for note in staged.notes], now
    entry.save()
    on_progress(1.0)
    return entry


def _place(entry: Import, kind: ImportKind, table: Table, actor: str, now: datetime, name: str) -> Layout:
    titles = header_rules.tidied(table.headers)
    mapping = {**queries.find_mapping(kind.name, titles), **entry.mapping}
    layout = header_rules.lay_out(kind, titles, mapping)
    if not isinstance(layout, Layout):
        Import.objects.filter(pk=entry.pk).update(headers=titles)
        entry.headers = titles
        raise Refused(layout)
    if entry.mapping:
        remember_mapping(kind.name, titles, mapping, actor=actor, now=now, name=name)
    entry.headers, entry.mapping = titles, mapping
    entry.columns = [column.name for column in kind.columns if column.name in set(layout.positions.values())]
    return layout


def _left_out(layout: Layout) -> list[Reason]:
    if not layout.unknown:
        return []
    return [
        Reason(
            "import.headers-unknown",
            "These headers are not known and were left out: %(headers)s.",
            facts={"headers": ", ".join(layout.unknown)[:500]},
        )
    ]


def _tune() -> None:
    """For this transaction: joins of a million rows in memory, and no compiling of statements that run once."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")


def _stage(
    entry: Import, kind: ImportKind, table: Table, reader: BatchReader, on_progress: OnProgress
) -> _Staged:
    """COPY the good rows into the staging table and the bad ones among the rejected, a stretch at a time."""
    fields, staged = reader.prepared.fields, _Staged()
    batches = table.batches()
    with connection.cursor() as cursor:
        cursor.execute(statements.create_staging(entry.staging, fields))
        copy_sql, exhausted = statements.copy_staging(entry.staging, fields), False
        while not exhausted:
            rejected: list[tuple[int, list[CellProblem]]] = []
            exhausted, copied = True, 0
            with cursor.copy(copy_sql) as copy:
                for rows in batches:
                    batch = reader.read(rows)
                    copy.write(batch.lines)
                    rejected += batch.rejected
                    staged.rows += len(rows)
                    copied += len(rows)
                    on_progress(table.progress() * 0.9)
                    if copied >= ROWS_PER_COPY:
                        exhausted = False
                        break
            _keep_rejected(entry, kind, rejected, staged)
        cursor.execute(f"ANALYZE {entry.staging} (row_no, {kind.key})")
    staged.notes = reader.notes.counts()
    return staged


def _keep_rejected(
    entry: Import, kind: ImportKind, rejected: list[tuple[int, list[CellProblem]]], staged: _Staged
) -> None:
    staged.rejected += len(rejected)
    staged.cells_bad += sum(len(problems) for _, problems in rejected)
    if not rejected:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY exchange_rejectedrow (source_id, row_no, problems) FROM STDIN") as copy,
    ):
        for number, problems in rejected:
            text = json.dumps([_stored_problem(problem) for problem in problems], ensure_ascii=True)
            copy.write_row((entry.pk, number, text))


def _reject_repeats(entry: Import, kind: ImportKind, prepared: Prepared, staged: _Staged) -> int:
    """A key that stands twice: of equal rows the first is taken; of rows that contradict each other none is."""
    rejected: list[tuple[int, list[CellProblem]]] = []
    with connection.cursor() as cursor:
        cursor.execute(statements.list_repeats(entry.staging, kind.key, prepared.fields))
        for key, numbers, same in cursor.fetchall():
            for number in numbers[1:] if same else numbers:
                rejected.append((number, [_repeat(kind.key, key, number, numbers, same)]))
        if rejected:
            cursor.execute(
                f"DELETE FROM {entry.staging} WHERE row_no = ANY(%s)", [[number for number, _ in rejected]]
            )
    _keep_rejected(entry, kind, sorted(rejected, key=lambda row: row[0]), _Staged())
    staged.cells_bad += len(rejected)
    return len(rejected)


def _repeat(column: str, key: str, number: int, numbers: list[int], same: bool) -> CellProblem:
    if same:
        return CellProblem(
            column,
            key,
            Reason("repeated", "The same row stands in row %(row)s already.", facts={"row": numbers[0]}),
        )
    others = [other for other in numbers if other != number]
    return CellProblem(
        column,
        key,
        Reason(
            "contradicted",
            "Row %(rows)s has the same code and says something else; it cannot be told which is right.",
            facts={"rows": ", ".join(map(str, others[:10]))},
        ),
    )


def _compare(entry: Import, kind: ImportKind, prepared: Prepared, staged: _Staged) -> Tally:
    with connection.cursor() as cursor:
        cursor.execute(
            statements.count_outcomes(entry.staging, prepared.target.current, kind.key, prepared.fields)
        )
        waiting, new, changed = cursor.fetchone()
    return Tally(staged.rows, new, changed, waiting - new - changed, staged.rejected)


def stored_reason(reason: Reason) -> dict[str, Any]:
    """A reason as it is kept; `queries.read_reason` reads it."""
    return {
        "code": reason.code,
        "sentence": reason.sentence,
        "source": reason.source,
        "facts": dict(reason.facts),
        "field": reason.at_field,
    }


def _stored_problem(problem: CellProblem) -> dict[str, Any]:
    facts = {name: _safe(fact) for name, fact in problem.reason.facts.items()}
    return {
        "column": problem.column,
        "value": _safe(problem.value),
        "code": problem.reason.code,
        "sentence": problem.reason.sentence,
        "facts": facts,
    }


def _safe(fact: object) -> object:
    """Text as the database can keep it: a broken byte is shown as \\x and its number."""
    if not isinstance(fact, str):
        return fact
    return _UNSTORABLE.sub(lambda found: f"\\x{ord(found[0]) & 0xFF:02x}", fact)
