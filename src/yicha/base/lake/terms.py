"""Words of the lake: tables frozen from PostgreSQL into Parquet, and statements over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class SnapshotState(StrEnum):
    """TAKING: being written. READY: complete, its manifest's hash in the ledger. FAILED. DROPPED: its files are gone."""

    TAKING = "taking"
    READY = "ready"
    FAILED = "failed"
    DROPPED = "dropped"


class ColumnType(StrEnum):
    """Types that every engine has. Dates are whole days since 1970-01-01, so that engines agree on differences."""

    BIGINT = "BIGINT"
    INTEGER = "INTEGER"
    SMALLINT = "SMALLINT"
    VARCHAR = "VARCHAR"
    BOOLEAN = "BOOLEAN"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table in the lake."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table to be frozen. `statement` is PostgreSQL's SELECT that gives `columns` in their order, for one part.

    It must narrow the key that all tables of a snapshot share to `%(first)s` … `%(last)s`, both included; other
    parameters are the caller's. Rows of a key lie in the same part of every table: what is joined by the key can be
    computed part by part.
    """

    name: str
    columns: tuple[Column, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a table. `path` is relative to the snapshot; rows are those whose key is from first to last."""

    path: str
    rows: int
    bytes: int
    sha256: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Files that an engine reads as one table. `uris` in the order of the parts."""

    uris: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Small:
    """A small table that goes into a statement from memory."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]
