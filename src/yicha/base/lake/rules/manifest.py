"""The manifest of a snapshot: what was asked, which files came of it, and one hash over all of that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from yicha.base.lake.terms import Column, ColumnType, Dataset, Fault, Part, TableSpec
from yicha.kernel import canonical

FORMAT = "yicha-lake-1"


def build(
    name: str,
    at: str,
    keys: str,
    parameters: Mapping[str, object],
    tables: Sequence[TableSpec],
    parts: Mapping[str, Sequence[Part]],
) -> dict[str, Any]:
    """The manifest. Parameters are written as text, so that a day or a list has one form."""
    return {
        "format": FORMAT,
        "name": name,
        "taken_at": at,
        "keys": keys,
        "parameters": {key: str(value) for key, value in parameters.items()},
        "tables": {
            table.name: {
                "statement": table.statement,
                "columns": [[column.name, column.type.value] for column in table.columns],
                "rows": sum(part.rows for part in parts[table.name]),
                "parts": [asdict(part) for part in parts[table.name]],
            }
            for table in tables
        },
    }


def digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of the manifest's canonical JSON, in hexadecimal digits."""
    return hashlib.sha256(canonical.dumps(manifest)).hexdigest()


def rows(manifest: Mapping[str, Any]) -> dict[str, int]:
    """Rows by table."""
    return {name: int(table["rows"]) for name, table in manifest["tables"].items()}


def parts(manifest: Mapping[str, Any]) -> list[Part]:
    """Every file of every table."""
    return [Part(**part) for table in manifest["tables"].values() for part in table["parts"]]


def dataset(manifest: Mapping[str, Any], table: str) -> Dataset | None:
    """A table as engines read it; None if the manifest has no such table."""
    entry = manifest["tables"].get(table)
    if entry is None:
        return None
    return Dataset(
        uris=tuple(part["path"] for part in entry["parts"]),
        columns=tuple(Column(name, ColumnType(kind)) for name, kind in entry["columns"]),
        rows=int(entry["rows"]),
        hashes=tuple(part["sha256"] for part in entry["parts"]),
    )


def compare(part: Part, size: int, sha256: str) -> Fault | None:
    """What a stored file says against its line of the manifest."""
    if size != part.bytes:
        return Fault(part.path, f"it has {size} bytes, and the manifest says {part.bytes}")
    if sha256 != part.sha256:
        return Fault(part.path, f"its SHA-256 is {sha256}, and the manifest says {part.sha256}")
    return None
