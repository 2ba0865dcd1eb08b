"""Showing what was computed: registry classes, standings, changes and warnings, in one transaction.

The same statements serve a run over everybody, whose results come back into a temporary table, and the few
enterprises that something touched, which come as arrays. Enterprises are locked before standings, both by id.
"""

# ruff: noqa: S608 - statements are put together from parts that are all in code
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from yicha.base.lake import services as lake
from yicha.base.lake.terms import Dataset
from yicha.kernel import clock
from yicha.know.credit.models import ClassRun
from yicha.know.credit.rules.statement import point_names
from yicha.know.credit.services import warnings
from yicha.know.credit.terms.model import Model
from yicha.know.credit.terms.warnings import Change
from yicha.know.registry import services as registry

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Classed:
    """Where an enterprise stands, as a row."""

    enterprise: int
    letter: str
    general: int
    specific: int
    credit_level: int
    risk_level: int
    contributions: tuple[int, ...]
    red_lines: tuple[str, ...]


Moved = tuple[int, str, str, str, list[str]]
"""A row of `_MOVED`."""
_FEW = """(
    SELECT id, risk_class, general, specific, credit_level, risk_level,
        contributions::int[] AS contributions, red_lines::text[] AS red_lines
    FROM unnest(%(id)s::bigint[], %(letter)s::text[], %(general)s::int[], %(specific)s::int[],
        %(credit_level)s::int[], %(risk_level)s::int[], %(contributions)s::text[], %(red_lines)s::text[])
        AS u(id, risk_class, general, specific, credit_level, risk_level, contributions, red_lines)
)"""
_MOVED = """
    SELECT e.id, CASE WHEN s.enterprise_id IS NULL THEN '' ELSE e.risk_class END AS was,
        e.risk_class AS from_class, c.risk_class,
        array(SELECT unnest(c.red_lines) EXCEPT SELECT unnest(s.red_lines::text[]) ORDER BY 1) AS crossed
    FROM {classed} c JOIN registry_enterprise e ON e.id = c.id
    LEFT JOIN credit_standing s ON s.enterprise_id = e.id
    WHERE e.risk_class <> c.risk_class OR c.red_lines <> coalesce(s.red_lines::text[], '{{}}')
"""
"""Whose class or red lines are no longer what they were. `was` is empty for who was never classified."""
_CHANGES = """
    INSERT INTO credit_classchange (enterprise_id, model_id, from_class, to_class, "on", at, because)
    SELECT m.id, %(model)s, m.from_class, m.risk_class, %(on)s, %(now)s, %(because)s
    FROM {moved} m WHERE m.from_class <> m.risk_class ORDER BY m.id
"""
_STANDINGS = """
    INSERT INTO credit_standing (enterprise_id, model_id, run_id, "on", risk_class, general, specific, credit_level,
        risk_level, contributions, red_lines, computed_at)
    SELECT e.id, %(model)s, %(run)s, %(on)s, c.risk_class, c.general, c.specific, c.credit_level, c.risk_level,
        c.contributions, c.red_lines, %(now)s
    FROM {classed} c JOIN registry_enterprise e ON e.id = c.id ORDER BY e.id
    ON CONFLICT (enterprise_id) DO UPDATE SET model_id = excluded.model_id, run_id = excluded.run_id,
        "on" = excluded."on", risk_class = excluded.risk_class, general = excluded.general,
        specific = excluded.specific, credit_level = excluded.credit_level, risk_level = excluded.risk_level,
        contributions = excluded.contributions, red_lines = excluded.red_lines, computed_at = excluded.computed_at
"""
_AS_IT_IS = """
    UPDATE class_moved m SET from_class = e.risk_class FROM registry_enterprise e
    WHERE e.id = m.id AND e.risk_class <> m.from_class
"""
"""Somebody may have changed a class before it was locked."""
_HOLD = "SELECT id FROM registry_enterprise WHERE id IN ({ids}) ORDER BY id FOR NO KEY UPDATE"


def hold(enterprises: Sequence[int]) -> None:
    """Lock enterprises until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD.format(ids="SELECT unnest(%s::bigint[])"), [list(enterprises)])


def show_some(actor: str, now: datetime, run: ClassRun, classed: Sequence[Classed], because: str) -> int:
    """Show where some enterprises stand; returns how many classes changed."""
    given: dict[str, Any] = {
        **_given(now, run, because),
        "id": [row.enterprise for row in classed],
        "letter": [row.letter for row in classed],
        "general": [row.general for row in classed],
        "specific": [row.specific for row in classed],
        "credit_level": [row.credit_level for row in classed],
        "risk_level": [row.risk_level for row in classed],
        "contributions": [_array(row.contributions) for row in classed],
        "red_lines": [_array(row.red_lines) for row in classed],
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED.format(classed=_FEW) + " ORDER BY e.id", given)
        moved = cursor.fetchall()
        cursor.execute(_CHANGES.format(moved=f"({_MOVED.format(classed=_FEW)})"), given)
        changed = registry.set_classes(classes={pk: letter for pk, _, _, letter, _ in moved})
        cursor.execute(_STANDINGS.format(classed=_FEW), given)
    warnings.raise_warnings(actor=actor, now=now, changes=_changes(moved, because))
    return changed


def show_all(
    actor: str, now: datetime, run: ClassRun, document: Model, results: Dataset, held: Sequence[int]
) -> int:
    """Show a run's results; returns how many classes changed. Nothing of it is kept in memory here.

    `held` are enterprises that the caller is going to classify anew: all are locked at once, in one order.
    """
    because = f"run:{run.uuid}"
    given = _given(now, run, because)
    columns = [column.name for column in results.columns]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS class_result, class_moved")
        fields = ", ".join(f"{column.name} {column.type.value}" for column in results.columns)
        cursor.execute(f"CREATE TEMPORARY TABLE class_result ({fields}) ON COMMIT DROP")
        lake.copy_back(results, columns, "class_result", cursor)
        cursor.execute("ANALYZE class_result")
        classed = _classed(document)
        moved = f"CREATE TEMPORARY TABLE class_moved ON COMMIT DROP AS {_MOVED.format(classed=classed)}"
        cursor.execute(moved)
        cursor.execute("ANALYZE class_moved")
        both = "SELECT id FROM class_moved UNION SELECT unnest(%s::bigint[])"
        cursor.execute(_HOLD.format(ids=both), [list(held)])
        cursor.execute(_AS_IT_IS)
        cursor.execute(_CHANGES.format(moved="class_moved"), given)
        changed = registry.set_classes_from(table="class_moved")
        cursor.execute(_STANDINGS.format(classed=classed), given)
    warnings.raise_warnings(actor=actor, now=now, changes=_changes(_stream_moved(), because))
    return changed


def _given(now: datetime, run: ClassRun, because: str) -> dict[str, Any]:
    return {
        "model": run.model_id,
        "run": run.pk,
        "on": clock.today(now),
        "now": now,
        "because": because[:200],
    }


def _classed(document: Model) -> str:
    """The results in the columns of a standing."""
    points = ", ".join(point_names(document))
    lines = ", ".join(
        f"CASE WHEN red_lines & {1 << position} <> 0 THEN '{line.code}' END"
        for position, line in enumerate(document.red_lines)
    )
    codes = f"CASE WHEN red_lines = 0 THEN '{{}}' ELSE array_remove(ARRAY[{lines}]::text[], NULL) END"
    return (
        "(SELECT id, risk_class, general, specific, credit_level, risk_level, "
        f"ARRAY[{points}]::int[] AS contributions, {codes} AS red_lines FROM class_result)"
    )


def _stream_moved() -> Iterator[Moved]:
    """The rows of `class_moved`, some thousands at a time: a first run moves everybody."""
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT id, was, from_class, risk_class, crossed FROM class_moved ORDER BY id")
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def _changes(moved: Iterable[Moved], because: str) -> Iterator[Change]:
    for pk, was, _, letter, crossed in moved:
        yield Change(pk, was, letter, because, tuple(crossed))


def _array(values: Sequence[object]) -> str:
    """An array as PostgreSQL writes it; codes of models are made of letters, digits and signs that need no quotes."""
    return "{" + ",".join(f'"{value}"' for value in values) + "}"
