"""Words of the lake: tables frozen from PostgreSQL into Parquet, and statements over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol


class SnapshotState(StrEnum):
    """TAKING: being written. READY: complete, its manifest's hash in the ledger. DROPPED: its files are gone."""

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

    The first column is the key that all tables of a snapshot share, a whole number that is never null. The statement
    must narrow it to `%(first)s` … `%(last)s`, both included, and should order by it; other parameters are the
    caller's, and a percent sign of its own is written twice. Rows of a key lie in the same part of every table: what
    is joined by the key can be computed part by part.
    """

    name: str
    columns: tuple[Column, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a table. `path` is relative to the lake; its rows are those whose key is from first to last."""

    path: str
    rows: int
    bytes: int
    sha256: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Parquet files that an engine reads as one table, in the order of the parts.

    `uris` are paths relative to the lake, or absolute ones of this machine. `hashes` are the SHA-256 of the files;
    they may be left out for files of this machine, and are needed for those of a remote lake.
    """

    uris: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: int
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Small:
    """A small table that goes into a statement from memory."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]


NO_SMALL: Mapping[str, Small] = MappingProxyType({})


class Engine(Protocol):
    """Computes statements in DuckDB's SQL over datasets; every engine gives the same rows.

    A statement names inputs and small tables as plain tables. Its result may only have the types of `ColumnType`
    (DuckDB's `sum` gives HUGEINT: cast it back). Which words are the same everywhere is in the lake's README.
    """

    name: str

    def compute(
        self,
        statement: str,
        inputs: Mapping[str, Dataset],
        small: Mapping[str, Small] = NO_SMALL,
        *,
        into: str,
        by_part: bool = False,
    ) -> Dataset:
        """Write the statement's rows as Parquet into the folder `into` of the lake, which is emptied first.

        `by_part`: the statement only joins and groups by the key, so that it may run on one part of every input
        after the other, in constant memory. Raises `Refused` (`lake.parts`) when inputs have other numbers of parts.
        """
        ...

    def fetch(
        self, statement: str, inputs: Mapping[str, Dataset], small: Mapping[str, Small] = NO_SMALL
    ) -> list[tuple[object, ...]]:
        """The statement's rows: for small answers."""
        ...

    def describe(self) -> str:
        """Who computes, in a few words: name, version, processes."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the lake is: a folder of this machine, or a bucket of a storage that speaks S3.

    With a bucket, `folder` holds what is fetched and what is about to be sent.
    """

    folder: Path
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of a snapshot that does not hold."""

    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was cleared away."""

    snapshots: int
    files: int
