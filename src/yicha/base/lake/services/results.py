"""What an engine wrote becomes a dataset of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yicha.base.lake.services.storage import Storage, hash_file
from yicha.base.lake.terms import Column, Dataset


def gather(storage: Storage, into: str, files: Sequence[Path], columns: tuple[Column, ...]) -> Dataset:
    """Keep the files, which are staged in `into` under their names, with their hashes."""
    rows = count_rows(files)
    uris, hashes = [], []
    for path in files:
        uris.append(f"{into}/{path.name}")
        hashes.append(hash_file(path))
        storage.publish(uris[-1], hashes[-1])
    return Dataset(uris=tuple(uris), columns=columns, rows=rows, hashes=tuple(hashes))


def count_rows(files: Sequence[Path]) -> int:
    """The rows that Parquet files say they have."""
    import duckdb

    if not files:
        return 0
    with duckdb.connect() as connection:  # one for all: opening it takes longer than asking
        found = connection.execute(
            "SELECT CAST(sum(num_rows) AS BIGINT) FROM parquet_file_metadata(?)",
            [[str(path) for path in files]],
        ).fetchone()
    return int(found[0]) if found else 0
