"""Freezing tables of PostgreSQL, as one transaction sees them, into Parquet: part by part, in constant memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from yicha.base.lake.models import Snapshot
from yicha.base.lake.rules import STEPS, manifest
from yicha.base.lake.rules.statements import require_name
from yicha.base.lake.services.duck import connect
from yicha.base.lake.services.parts import Range, find_ranges, freeze
from yicha.base.lake.services.reading import Reader, inside, outside
from yicha.base.lake.services.storage import Storage, hash_file, open_storage
from yicha.base.lake.services.tidying import bury, fail, hold
from yicha.base.lake.terms import Part, SnapshotState, TableSpec
from yicha.base.ledger import services as ledger
from yicha.kernel import canonical

if TYPE_CHECKING:
    import duckdb

PART_ROWS = 1_000_000
"""So many keys at most share a part: each statement over a part costs some time of its own."""
MOST_READERS = 4
"""More connections than this help nobody: the disk is busy."""
MEMORY = "1GB"
"""For each reader: a few row groups."""
MANIFEST = "manifest.json"


def take(
    *,
    actor: str,
    now: datetime,
    name: str,
    tables: Sequence[TableSpec],
    keys: str,
    parameters: Mapping[str, object] | None = None,
    part_rows: int = PART_ROWS,
) -> Snapshot:
    """Freeze tables as one transaction sees them, and record the hash of the manifest in the ledger.

    `keys` is PostgreSQL's SELECT of the keys of the population: one column, each key once. Parts have equal numbers
    of them. `parameters` go into it and into the statements of the tables.

    Outside a transaction, connections of its own read one exported snapshot side by side and block nobody. Inside a
    caller's transaction the caller's connection reads, so that rows not yet committed are seen; tables are then
    locked against writers until that transaction ends. A failure leaves no files, and outside a row that says why.
    """
    for table in tables:
        for column in table.columns:
            require_name(column.name)
        require_name(table.name)
    asked = _Asked(actor, now, name, tables, keys, dict(parameters or {}), part_rows)
    storage = open_storage()
    if connection.in_atomic_block:
        statements = [keys, *(table.statement for table in tables)]
        with transaction.atomic(), inside(statements, asked.parameters) as readers:
            return asked.take(Snapshot(), readers, storage)
    bury(storage)
    with outside(min(MOST_READERS, os.cpu_count() or 1)) as readers:
        snapshot = Snapshot()
        hold(readers[0], snapshot.uuid)
        return asked.take(snapshot, readers, storage)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be taken."""

    actor: str
    now: datetime
    name: str
    tables: Sequence[TableSpec]
    keys: str
    parameters: Mapping[str, object]
    part_rows: int

    def take(self, snapshot: Snapshot, readers: Sequence[Reader], storage: Storage) -> Snapshot:
        """From a row TAKING to a row READY with all its files; on a failure neither files nor READY."""
        snapshot.name, snapshot.taken_at, snapshot.taken_by = self.name, self.now, self.actor
        snapshot.state, snapshot.place = SnapshotState.TAKING, f"snapshots/{snapshot.uuid}"
        snapshot.save()
        try:
            ranges = find_ranges(readers[0], self.keys, self.parameters, self.part_rows)
            parts = _freeze_all(self, snapshot.place, ranges, readers, storage)
            document = manifest.build(
                self.name, self.now.isoformat(), self.keys, self.parameters, self.tables, parts
            )
            _keep_manifest(storage, snapshot.place, document)
            self._finish(snapshot, document)
        except BaseException as error:
            storage.remove(snapshot.place)
            if not connection.in_atomic_block:
                # The first line says what; those after it may quote rows.
                fail(snapshot, f"{type(error).__name__}: {error}".partition("\n")[0], storage)
            raise
        return snapshot

    def _finish(self, snapshot: Snapshot, document: dict[str, Any]) -> None:
        with transaction.atomic():
            snapshot.state = STEPS.after(SnapshotState.TAKING, "finish")
            snapshot.manifest, snapshot.rows = document, manifest.rows(document)
            snapshot.manifest_sha256 = manifest.digest(document)
            snapshot.save()
            ledger.append(
                actor=self.actor,
                now=self.now,
                act="snapshot.taken",
                subject=f"snapshot:{snapshot.uuid}",
                body={"name": self.name, "manifest": snapshot.manifest_sha256, "rows": snapshot.rows},
            )


def _freeze_all(
    asked: _Asked, place: str, ranges: Sequence[Range], readers: Sequence[Reader], storage: Storage
) -> dict[str, list[Part]]:
    """Every part of every table; each reader takes the next one that is left."""
    idle: SimpleQueue[tuple[Reader, duckdb.DuckDBPyConnection]] = SimpleQueue()

    def work(unit: tuple[TableSpec, int]) -> Part:
        table, number = unit
        reader, duck = idle.get()
        try:
            path = f"{place}/{table.name}/{number:05d}.parquet"
            target = storage.stage(path)
            rows = freeze(reader, duck, table, ranges[number], asked.parameters, target)
            part = Part(
                path=path,
                rows=rows,
                bytes=target.stat().st_size,
                sha256=hash_file(target),
                first=ranges[number].first,
                last=ranges[number].last,
            )
            storage.publish(path, part.sha256)
            return part
        finally:
            idle.put((reader, duck))

    units = [(table, number) for number in range(len(ranges)) for table in asked.tables]
    with ExitStack() as stack:
        for reader in readers:
            idle.put((reader, stack.enter_context(connect(threads=1, memory=MEMORY, in_order=True))))
        workers = stack.enter_context(ThreadPoolExecutor(len(readers)))
        stack.callback(workers.shutdown, cancel_futures=True)  # after a failure nothing more is begun
        done = list(workers.map(work, units))
    found: dict[str, list[Part]] = {table.name: [] for table in asked.tables}
    for (table, _), part in zip(units, done, strict=True):
        found[table.name].append(part)
    return found


def _keep_manifest(storage: Storage, place: str, document: dict[str, Any]) -> None:
    path = f"{place}/{MANIFEST}"
    target = storage.stage(path)
    target.write_bytes(canonical.dumps(document))
    storage.publish(path, manifest.digest(document))
