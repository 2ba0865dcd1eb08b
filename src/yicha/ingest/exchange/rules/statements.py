"""The SQL of imports, as text. Names come from code, never from a file."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from yicha.ingest.exchange.terms import Field, Target

_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def checked(name: str) -> str:
    """A name that may stand in SQL without quotes; anything else is a fault in the program."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a plain SQL name: {name!r}")
    return name


def create_staging(staging: str, fields: Sequence[Field]) -> str:
    """The table for the rows of one file. Unlogged: it can be made again from the file."""
    columns = ", ".join(f"{checked(field.name)} {field.sql_type}" for field in fields)
    return f"CREATE UNLOGGED TABLE {checked(staging)} (row_no integer NOT NULL, {columns})"


def copy_staging(staging: str, fields: Sequence[Field]) -> str:
    names = ", ".join(field.name for field in fields)
    return f"COPY {staging} (row_no, {names}) FROM STDIN"


def new_value(field: Field) -> str:
    """What a new row gets."""
    return f"COALESCE(s.{field.name}, {field.default})" if field.default else f"s.{field.name}"


def next_value(field: Field) -> str:
    """What an existing row `c` gets."""
    return f"COALESCE(s.{field.name}, c.{field.name})" if field.keep else new_value(field)


def differs(fields: Sequence[Field], key: str) -> str:
    """Whether the row `c` would become another by the staged row `s`."""
    others = [field for field in fields if field.name != key]
    if not others:
        return "false"
    ours = ", ".join(next_value(field) for field in others)
    theirs = ", ".join(f"c.{field.name}" for field in others)
    return f"ROW({ours}) IS DISTINCT FROM ROW({theirs})"


def count_outcomes(staging: str, current: str, key: str, fields: Sequence[Field]) -> str:
    """One row: staged, new, changed."""
    return (
        f"SELECT count(*), count(*) FILTER (WHERE c.id IS NULL), "
        f"count(*) FILTER (WHERE c.id IS NOT NULL AND {differs(fields, key)}) "
        f"FROM {staging} s LEFT JOIN ({current}) c USING ({key})"
    )


def make_fresh(staging: str, current: str, key: str) -> str:
    return (
        f"CREATE TEMPORARY TABLE import_fresh ON COMMIT DROP AS "
        f"SELECT s.row_no, s.{key} AS key FROM {staging} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM ({current}) c WHERE c.{key} = s.{key})"
    )


def make_changed(staging: str, current: str, key: str, fields: Sequence[Field]) -> str:
    return (
        f"CREATE TEMPORARY TABLE import_changed ON COMMIT DROP AS "
        f"SELECT s.row_no, s.{key} AS key, c.id, to_jsonb(c) AS before "
        f"FROM {staging} s JOIN ({current}) c USING ({key}) WHERE {differs(fields, key)}"
    )


def list_changes(staging: str, current: str, key: str, fields: Sequence[Field]) -> str:
    """Row number, key, and the fields before and after, of rows that would change; takes limit and offset."""
    after = ", ".join(f"'{field.name}', {next_value(field)}" for field in fields)
    return (
        f"SELECT s.row_no, s.{key}, to_jsonb(c) - 'version', jsonb_build_object({after}) "
        f"FROM {staging} s JOIN ({current}) c USING ({key}) WHERE {differs(fields, key)} "
        f"ORDER BY s.row_no LIMIT %s OFFSET %s"
    )


def list_fresh(staging: str, current: str, key: str, fields: Sequence[Field]) -> str:
    """Row number, key and fields of rows that would be new; takes limit and offset."""
    after = ", ".join(f"'{field.name}', {new_value(field)}" for field in fields)
    return (
        f"SELECT s.row_no, s.{key}, jsonb_build_object({after}) FROM {staging} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM ({current}) c WHERE c.{key} = s.{key}) "
        f"ORDER BY s.row_no LIMIT %s OFFSET %s"
    )


def list_repeats(staging: str, key: str, fields: Sequence[Field]) -> str:
    """For each key that stands in several rows: the key, their numbers in order, and whether all say the same."""
    row = ", ".join(field.name for field in fields)
    return (
        f"SELECT {key}, array_agg(row_no ORDER BY row_no), count(DISTINCT ROW({row})) = 1 "
        f"FROM {staging} WHERE {key} IN (SELECT {key} FROM {staging} GROUP BY {key} HAVING count(*) > 1) "
        f"GROUP BY {key}"
    )


def plain_target(
    table: str, key: str, fields: Sequence[Field], on_insert: Mapping[str, str], locks: Sequence[str] = ()
) -> Target:
    """The target of a kind whose rows are the rows of one table with a column `id`.

    `on_insert` gives SQL for further columns of new rows; those that are staged are left out of it.
    """
    checked(table)
    names = [checked(field.name) for field in fields]
    more = {name: sql for name, sql in on_insert.items() if name not in names}
    values = ", ".join([*more.values(), *(new_value(field) for field in fields)])
    assignments = ", ".join(f"{field.name} = {next_value(field)}" for field in fields if field.name != key)
    restored = ", ".join(f"{field.name} = r.{field.name}" for field in fields if field.name != key)
    record = ", ".join(f"{field.name} {field.sql_type}" for field in fields)
    return Target(
        table=table,
        current=f"SELECT t.id, t.xmin::text AS version, {', '.join('t.' + name for name in names)} FROM {table} t",
        insert=(
            f"INSERT INTO {table} ({', '.join([*more, *names])}) SELECT {values} "
            f"FROM {{staging}} s JOIN {{fresh}} n USING (row_no)",
        ),
        update=(
            f"UPDATE {table} c SET {assignments} FROM {{changed}} d JOIN {{staging}} s USING (row_no) "
            f"WHERE c.id = d.id",
        )
        if assignments
        else (),
        remove=(f"DELETE FROM {table} t USING {{undone}} u WHERE t.id = u.id AND u.before IS NULL",),
        restore=(
            f"UPDATE {table} c SET {restored} FROM {{undone}} u, jsonb_to_record(u.before) AS r({record}) "
            f"WHERE c.id = u.id AND u.before IS NOT NULL",
        )
        if restored
        else (),
        locks=(table, *locks),
        plain=True,
    )


def make_no_changes() -> str:
    """An empty table of changed rows: nothing of the file is there yet."""
    return "CREATE TEMPORARY TABLE import_changed (row_no integer, key text, id bigint, before jsonb) ON COMMIT DROP"
