"""The words in which DuckDB is spoken to. Pure text; names are checked, texts quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yicha.base.lake.terms import Column, ColumnType
from yicha.kernel.refusal import Reason, Refused

SOURCE = "docs/guide/lake.md"
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 20480"
"""How files are written. Small row groups: a writer of texts, like tickets, spends less on each."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def require_name(name: str) -> str:
    """The name of a table or column as it may stand in every engine; Refused otherwise."""
    if not _NAME.fullmatch(name):
        raise Refused(
            [
                Reason(
                    "lake.name",
                    "“%(name)s” is no name for a table or column of the lake: "
                    "small letters, digits and low lines, a letter first.",
                    SOURCE,
                    {"name": name},
                )
            ]
        )
    return name


def require_path(path: str) -> str:
    """A path below the lake; Refused if it could lead anywhere else."""
    if not _PATH.fullmatch(path):
        raise Refused(
            [
                Reason(
                    "lake.path",
                    "“%(path)s” is no path below the lake: names with slashes between them.",
                    SOURCE,
                    {"path": path},
                )
            ]
        )
    return path


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def csv_source(path: str, columns: Sequence[Column]) -> str:
    """DuckDB's reading of what PostgreSQL's COPY writes as CSV: null is nothing, an empty text is two quotes."""
    types = ", ".join(f"{quoted(column.name)}: {quoted(column.type.value)}" for column in columns)
    return (
        f"read_csv({quoted(path)}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', "
        f"nullstr='', allow_quoted_nulls=false, strict_mode=true, columns={{{types}}})"
    )


def parquet_source(paths: Sequence[str], columns: Sequence[Column]) -> str:
    """A SELECT of files as one table with these columns; without files, an empty one."""
    if not paths:
        nothing = ", ".join(f"CAST(NULL AS {column.type.value}) AS {column.name}" for column in columns)
        return f"SELECT {nothing} WHERE false"
    names = ", ".join(column.name for column in columns)
    return f"SELECT {names} FROM read_parquet([{', '.join(quoted(path) for path in paths)}])"  # noqa: S608


def digest_lines(source: str, columns: Sequence[Column], order_by: Sequence[str]) -> str:
    r"""DuckDB's SELECT of canonical lines: values with tabs between them, \N for null, t and f for truth.

    Backslash, tab, line feed and carriage return of a text are escaped, as in PostgreSQL's COPY.
    """
    values = ", ".join(_value(column) for column in columns)
    order = ", ".join(f"{require_name(name)} NULLS FIRST" for name in order_by)
    return f"SELECT concat_ws(chr(9), {values}) FROM ({source}) ORDER BY {order}"  # noqa: S608


def _value(column: Column) -> str:
    if column.type is ColumnType.VARCHAR:
        text = column.name
        for raw, escaped in (("chr(92)", "\\\\"), ("chr(9)", "\\t"), ("chr(10)", "\\n"), ("chr(13)", "\\r")):
            text = f"replace({text}, {raw}, '{escaped}')"
    elif column.type is ColumnType.BOOLEAN:
        text = f"CASE WHEN {column.name} THEN 't' WHEN NOT {column.name} THEN 'f' END"
    else:
        text = f"CAST({column.name} AS VARCHAR)"
    return f"coalesce({text}, '\\N')"


def require_types(found: Sequence[tuple[str, str]]) -> None:
    """Refused when a column of a result has a type that not every engine has."""
    known = {kind.value for kind in ColumnType}
    wrong = [f"{name} {kind}" for name, kind in found if kind not in known]
    if wrong:
        raise Refused(
            [
                Reason(
                    "lake.type",
                    "Columns of a result have types that not every engine has: %(columns)s. "
                    "Cast them to one of %(known)s.",
                    SOURCE,
                    {"columns": ", ".join(wrong), "known": ", ".join(sorted(known))},
                )
            ]
        )


def result_columns(found: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    """The columns of a result that is kept; Refused when a type or a name is none that every engine has."""
    require_types(found)
    return tuple(Column(require_name(name), ColumnType(kind)) for name, kind in found)
