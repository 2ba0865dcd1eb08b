"""What an engine wrote becomes a dataset of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yicha.base.lake.services.storage import Storage, hash_file
from yicha.base.lake.terms import Column, Dataset


def gather(storage: Storage, into: str, files: Sequence[Path], columns: tuple[Column, ...]) -> Dataset:
    """Keep the files, which are staged in `into` under their names, with their hashes."""
    uris, hashes, rows = [], [], 0
    for path in files:
        rows += count_rows(path)
        uris.append(f"{into}/{path.name}")
        hashes.append(hash_file(path))
        storage.publish(uris[-1], hashes[-1])
    return Dataset(uris=tuple(uris), columns=columns, rows=rows, hashes=tuple(hashes))


def count_rows(path: Path) -> int:
    """The rows that a Parquet file says it has."""
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute("SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]).fetchone()
    return int(found[0]) if found else 0
