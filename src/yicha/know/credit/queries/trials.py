"""Reading what a trial found. Its list of moves lies in the lake beside the snapshot; pages of it are read there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from yicha.base.lake.services.duck import open_duck
from yicha.base.lake.terms import Column, ColumnType, Dataset, SnapshotState
from yicha.know.credit.models import ClassRun
from yicha.know.credit.terms.trials import Move, VisitEffect

UNCLASSED = "none"
"""How an address says that an enterprise had no class before."""
LETTERS = ("A", "B", "C", "D", UNCLASSED)
MOVES = (
    Column("id", ColumnType.BIGINT),
    Column("was", ColumnType.VARCHAR),
    Column("becomes", ColumnType.VARCHAR),
    Column("region", ColumnType.BIGINT),
    Column("industry", ColumnType.VARCHAR),
)
"""Columns of a trial's moves: active enterprises whose class would be another."""


def find_moves(run: ClassRun) -> Dataset | None:
    """The moves of a trial; None when there are none yet, or when their snapshot was dropped."""
    kept = run.report.get("moves")
    if not kept or run.snapshot is None or run.snapshot.state != SnapshotState.READY:
        return None
    return Dataset(tuple(kept["uris"]), MOVES, kept["rows"], tuple(kept["hashes"]))


def list_moves(
    run: ClassRun,
    *,
    from_class: str = "",
    to_class: str = "",
    regions: Collection[int] | None = None,
    industry: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[Move]:
    """Some of the moves, by enterprise. `regions`: ids, None for everywhere; `industry`: how its code begins.

    Read by DuckDB whatever the engine is: a page does not start a cluster.
    """
    found = find_moves(run)
    if found is None:
        return []
    where = _narrow(from_class, to_class, regions, industry)
    statement = (
        f"SELECT id, was, becomes FROM moves WHERE {where} ORDER BY id "  # noqa: S608 - letters and numbers only
        f"LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    with open_duck() as duck:
        rows = duck.fetch(statement, {"moves": found})
    return [Move(int(str(key)), str(was), str(becomes)) for key, was, becomes in rows]


def _narrow(from_class: str, to_class: str, regions: Collection[int] | None, industry: str) -> str:
    """A condition from what a page was asked; whatever is no letter or figure is left out."""
    parts = ["TRUE"]
    for column, value in (("was", from_class), ("becomes", to_class)):
        if value in LETTERS:
            parts.append(f"{column} = '{'' if value == UNCLASSED else value}'")
    if regions is not None:
        parts.append(f"region IN ({', '.join(str(int(one)) for one in sorted(regions)) or 'NULL'})")
    if industry.isascii() and industry.isalnum():
        parts.append(f"starts_with(industry, '{industry}')")
    return " AND ".join(parts)


def list_effects(run: ClassRun) -> list[VisitEffect]:
    """What a trial does to visits, by joint list, region and class."""
    return [
        VisitEffect(joint_list, region, letter, Decimal(rate), before, after)
        for joint_list, region, letter, rate, before, after in run.report.get("effects", [])
    ]


def list_silent(run: ClassRun) -> Sequence[str]:
    """The codes of indicators that gave nobody a point in a trial: a slip of the pen, or nothing recorded yet."""
    return tuple(run.report.get("silent", ()))
