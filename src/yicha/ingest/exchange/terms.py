"""Words of imports. An app that owns rows says in its `intake.py`, in these words, how a table becomes rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yicha.kernel.cells import Noted, Parser
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions

PATIENCE_ROWS = 10_000
PATIENCE_BYTES = 3 << 20
"""Above so many rows or bytes an import is a job with a progress bar; below, the page waits for it."""


class ImportState(StrEnum):
    """Where an import stands."""

    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    REFUSED = "refused"
    APPLIED = "applied"
    UNDONE = "undone"
    DISCARDED = "discarded"


IMPORT_STEPS: Transitions[ImportState] = Transitions(
    "import",
    {
        "check": (
            frozenset({ImportState.RECEIVED, ImportState.CHECKING, ImportState.CHECKED, ImportState.REFUSED}),
            ImportState.CHECKED,
        ),
        "apply": (frozenset({ImportState.CHECKED}), ImportState.APPLIED),
        "undo": (frozenset({ImportState.APPLIED}), ImportState.UNDONE),
        "discard": (
            frozenset({ImportState.RECEIVED, ImportState.CHECKING, ImportState.CHECKED, ImportState.REFUSED}),
            ImportState.DISCARDED,
        ),
    },
)
"""From a state, by an act, to a state. A check ends in `refused` instead when the file is no such table."""


class FileFormat(StrEnum):
    """What a file is, by its bytes."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a kind of table.

    `name` is its identifier, and the staged field if `stored`; other columns only help `ImportKind.prepare`.
    `headers` are what it is called, the names of our own exports first. An empty `required` cell is refused.
    `parser` reads a tidied, non-empty cell; without one the cell is text. `stands` says of many such cells at once
    whether the parser would leave every one of them as it is, for speed. `distinct`: nearly every row says
    something else, so that remembering read cells would only cost memory. `prose` is kept in its full-width letters.
    `personal` cells are masked wherever they are shown. Of a kind with a `secret` column no cell of a rejected row is
    kept, nor any as an example: what a person wrote into the wrong column may be what must not be kept.
    """

    name: str
    label: str
    headers: tuple[str, ...]
    required: bool = False
    parser: Parser | None = None
    stands: Callable[[Sequence[str]], bool] | None = None
    max_length: int = 200
    stored: bool = True
    distinct: bool = False
    prose: bool = False
    personal: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A staged field: its SQL type and what an empty cell means.

    `default` is an SQL expression (over the staged row `s`) for an empty cell. With `keep`, an empty cell leaves
    an existing row as it is and the default is for new rows only. Without a default, empty is NULL.
    `label` is for fields that are no column of the file; one without either is never shown.
    """

    name: str
    sql_type: str = "text"
    default: str = ""
    keep: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and how, as statements over sets.

    `current` selects what is there now: `id`, `version` (text that changes whenever the row does), the key and all
    fields, under the fields' names. The other statements may name `{staging}` (the file's rows), `{fresh}`
    (`row_no`, `key` of new rows), `{changed}` (`row_no`, `key`, `id`, `before` as jsonb of `current`) and, for
    undoing, `{undone}` (`key`, `id`, `before`, null for rows to be removed). `locks` are the tables nobody else
    may write meanwhile, the one with the key first; `owned` are those whose rows go with it. `concerns` selects the
    `id` of everything that hangs on the rows of `{touched}` (`key`), for `ImportKind.after`.
    """

    table: str
    current: str
    insert: tuple[str, ...]
    update: tuple[str, ...]
    remove: tuple[str, ...]
    restore: tuple[str, ...]
    locks: tuple[str, ...]
    owned: tuple[str, ...] = ()
    plain: bool = False
    concerns: str = ""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that cannot be taken: the column's identifier, what stood there, and why."""

    column: str
    value: str
    reason: Reason


Values = dict[str, list[str | None]]
"""Staged fields and helping columns of a batch, by name, row beside row."""


@dataclass(slots=True)
class Completed:
    """What `complete` found: more fields, problems by position in the batch, and notes as (column, position, note)."""

    fields: Values = field(default_factory=dict)
    problems: dict[int, list[CellProblem]] = field(default_factory=dict)
    notes: list[tuple[str, int, Noted]] = field(default_factory=list)


Complete = Callable[[Values, int], Completed]
"""The row rule: reads the parsed columns of a batch and its size."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A kind made ready for one run: which fields will be staged, the row rule, and the statements.

    `scopes` selects (agency, region, zone) codes of where the rows of `{staging}` belong, and of where the rows are
    that they would change; empty if the kind's rows belong to nobody in particular. `load` is called once before a
    file is read, for what `complete` looks up: the connection is busy while rows stream in.
    """

    fields: tuple[Field, ...]
    complete: Complete
    target: Target
    scopes: str = ""
    load: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an import did (`act`: apply or undo), for the owner of the rows, in the same transaction.

    `concerned` is a statement that selects the `id` of what the target says hangs on the rows; it can be a subquery.
    """

    actor: str
    now: datetime
    act: str
    subject: str
    concerned: str


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of table that can be imported. `prepare` gets the names of the columns that the
    file has; `describe` says a stored value of a field in words; `after` is told what was done, when rows were new,
    changed, put back or removed.
    """

    name: str
    label: str
    key: str
    columns: tuple[Column, ...]
    prepare: Callable[[Sequence[str]], Prepared]
    describe: Callable[[str, object], str] = lambda field, value: "" if value is None else str(value)
    after: Callable[[Aftermath], None] | None = None

    def column(self, name: str) -> Column:
        """The column with an identifier; raises `KeyError`."""
        return {column.name: column for column in self.columns}[name]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the headers of a file lie: column identifier by position, and what could not be placed."""

    headers: tuple[str, ...]
    positions: Mapping[int, str]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Conservation: rows in = new + changed + unchanged + rejected. Never built otherwise."""

    rows: int
    new: int
    changed: int
    unchanged: int
    rejected: int

    def __post_init__(self) -> None:
        if self.rows != self.new + self.changed + self.unchanged + self.rejected:
            raise AssertionError(f"rows were lost or doubled: {self}")


@dataclass(frozen=True, slots=True)
class NoteCount:
    """How often something was put right in a column, with an example and the first rows."""

    column: str
    code: str
    sentence: str
    count: int
    example: str
    rows: tuple[int, ...]


RECEIPT_DAYS = 30
"""How long an answer is kept under its Idempotency-Key: what the API promises."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a request that wrote: the bytes, so that a repeated request gets the very same."""

    status: int
    content_type: str
    body: bytes
    location: str = ""
