"""Results on their way back: into a table of PostgreSQL, or through a hash. Both in constant memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from typing import Any

from yicha.base.lake.rules.statements import digest_lines, parquet_source, quoted, require_name
from yicha.base.lake.services.duck import connect
from yicha.base.lake.services.pipes import BLOCK, Side, name_of, pipe
from yicha.base.lake.services.storage import local_files, open_storage
from yicha.base.lake.terms import Dataset


def copy_back(dataset: Dataset, columns: Sequence[str], table: str, cursor: Any) -> int:
    """Stream these columns of a dataset into columns of the same names of a table; how many rows that were.

    `cursor` is Django's, in the caller's transaction; `table` may be a temporary one. Errors of PostgreSQL are the
    caller's, and leave the transaction as any failed statement does.
    """
    names = ", ".join(require_name(name) for name in columns)
    source = parquet_source(_paths(dataset), dataset.columns)

    def send(end: io.FileIO) -> None:
        with cursor.copy(f"COPY {require_name(table)} ({names}) FROM STDIN (FORMAT csv)") as copy:
            while block := end.read(BLOCK):
                copy.write(block)

    _stream(f"SELECT {names} FROM ({source})", "HEADER false", send)  # noqa: S608
    return dataset.rows


def digest(dataset: Dataset, order_by: Sequence[str]) -> str:
    """SHA-256 over the dataset's canonical lines in this order: the same for the same rows, whoever wrote them.

    `order_by` must tell every row from every other. What a line is: `rules.statements.digest_lines`.
    """
    found = hashlib.sha256()

    def read(end: io.FileIO) -> None:
        while block := end.read(BLOCK):
            found.update(block)

    lines = digest_lines(parquet_source(_paths(dataset), dataset.columns), dataset.columns, order_by)
    _stream(lines, "HEADER false, QUOTE '', ESCAPE ''", read)
    return found.hexdigest()


def _paths(dataset: Dataset) -> list[str]:
    return [str(path) for path in local_files(open_storage(), dataset)]


def _stream(statement: str, form: str, take: Callable[[io.FileIO], None]) -> None:
    """DuckDB writes the statement's rows as CSV in a thread; `take` reads them in this one."""
    with connect(in_order=True) as duck, pipe() as (source, target):

        def write() -> None:
            try:
                duck.execute(f"COPY ({statement}) TO {quoted(name_of(target))} (FORMAT csv, {form})")
            finally:
                target.close()

        writer = Side(write)
        writer.start()
        try:
            take(source)
        finally:
            source.close()  # a writer that nobody reads from ends
            writer.join()
        if writer.error is not None:
            raise writer.error
