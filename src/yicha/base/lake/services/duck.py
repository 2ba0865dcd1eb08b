"""DuckDB as the engine: the machine's cores, half of its memory, and the rest on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from yicha.base.lake.rules.statements import (
    PARQUET,
    SOURCE,
    parquet_source,
    quoted,
    require_name,
    require_types,
    result_columns,
)
from yicha.base.lake.services.results import gather
from yicha.base.lake.services.storage import local_files, open_storage, scratch
from yicha.base.lake.terms import NO_SMALL, Column, Dataset, Small
from yicha.kernel.refusal import Reason, Refused

if TYPE_CHECKING:
    import duckdb

MEMORY = "50%"
"""Of what the machine (or its container) has."""
ROWS_AT_ONCE = 10_000


@contextmanager
def connect(
    *, threads: int = 0, memory: str = MEMORY, in_order: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty DuckDB of its own. `threads`: 0 for all cores. `in_order`: rows stay in the order they come in."""
    import duckdb  # not with Django: processes that serve pages have no use for it

    with scratch() as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "temp_directory": str(folder),
            "preserve_insertion_order": in_order,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads:
            settings["threads"] = threads
        with duckdb.connect(config=settings) as connection:
            yield connection


class Duck:
    """DuckDB on this machine."""

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def compute(
        self,
        statement: str,
        inputs: Mapping[str, Dataset],
        small: Mapping[str, Small] = NO_SMALL,
        *,
        into: str,
        by_part: bool = False,
    ) -> Dataset:
        storage = open_storage()
        storage.remove(into)
        files = {name: local_files(storage, dataset) for name, dataset in inputs.items()}
        parts = _parts(files) if by_part else 1
        written: list[Path] = []
        columns: tuple[Column, ...] = ()
        with self._tables(inputs, small):
            for number in range(max(parts, 1)):
                chosen = {
                    name: paths[number : number + 1] if by_part else paths for name, paths in files.items()
                }
                self._define(inputs, chosen)
                columns = columns or result_columns(self._describe(statement))
                target = storage.stage(f"{into}/{number:05d}.parquet")
                self._connection.execute(f"COPY ({statement}) TO {quoted(str(target))} ({PARQUET})")
                written.append(target)
        return gather(storage, into, written, columns)

    def fetch(
        self, statement: str, inputs: Mapping[str, Dataset], small: Mapping[str, Small] = NO_SMALL
    ) -> list[tuple[object, ...]]:
        with self._tables(inputs, small):
            self._define(
                inputs, {name: local_files(open_storage(), dataset) for name, dataset in inputs.items()}
            )
            require_types(self._describe(statement))
            return self._connection.execute(statement).fetchall()

    def describe(self) -> str:
        import duckdb

        threads, memory = self._connection.execute(
            "SELECT current_setting('threads'), current_setting('memory_limit')"
        ).fetchall()[0]
        return f"DuckDB {duckdb.__version__}, {threads} threads, at most {memory} of memory"

    def _define(self, inputs: Mapping[str, Dataset], files: Mapping[str, Sequence[Path]]) -> None:
        for name, dataset in inputs.items():
            source = parquet_source([str(path) for path in files[name]], dataset.columns)
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {require_name(name)} AS {source}")

    def _describe(self, statement: str) -> list[tuple[str, str]]:
        described = self._connection.execute(f"DESCRIBE {statement}").fetchall()
        return [(str(row[0]), str(row[1])) for row in described]

    @contextmanager
    def _tables(self, inputs: Mapping[str, Dataset], small: Mapping[str, Small]) -> Iterator[None]:
        """Small tables are there inside; afterwards neither they nor the inputs are."""
        for name, table in small.items():
            self._load(require_name(name), table)
        try:
            yield
        finally:
            for kind, names in (("TABLE", small), ("VIEW", inputs)):
                for name in names:
                    self._connection.execute(f"DROP {kind} IF EXISTS {require_name(name)}")

    def _load(self, name: str, table: Small) -> None:
        columns = ", ".join(f"{require_name(column.name)} {column.type.value}" for column in table.columns)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        values = ", ".join(f"unnest(CAST(? AS {column.type.value}[]))" for column in table.columns)
        for start in range(0, len(table.rows), ROWS_AT_ONCE):
            rows = table.rows[start : start + ROWS_AT_ONCE]
            by_column = [list(column) for column in zip(*rows, strict=True)]
            self._connection.execute(f"INSERT INTO {name} SELECT {values}", by_column)


def _parts(files: Mapping[str, Sequence[Path]]) -> int:
    """The number of parts that all inputs have; Refused when they differ."""
    counts = {name: len(paths) for name, paths in files.items()}
    if len(set(counts.values())) > 1:
        raise Refused(
            [
                Reason(
                    "lake.parts",
                    "Computed part by part, all inputs must have the same number of parts: %(counts)s.",
                    SOURCE,
                    {"counts": ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))},
                )
            ]
        )
    return max(counts.values(), default=0)


@contextmanager
def open_duck() -> Iterator[Duck]:
    """DuckDB as the engine; what it spilled is gone afterwards."""
    with connect() as connection:
        yield Duck(connection)
