"""Which row of a dated table is in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from yicha.kernel.transitions import Transitions
from yicha.know.catalogue.terms import ItemStatus, NumberFacts, RateFacts

ITEM_LIFE: Transitions[ItemStatus] = Transitions(
    "item",
    {
        "publish": (frozenset({ItemStatus.DRAFT}), ItemStatus.PUBLISHED),
        "retire": (frozenset({ItemStatus.PUBLISHED}), ItemStatus.RETIRED),
    },
)


def rate_for(
    rates: Iterable[RateFacts], *, joint_list: str, item: str, risk_class: str, region: str, on: date
) -> RateFacts | None:
    """The rate of a class: the row in force that says most (list or item, then region), the newest of these."""
    fitting = [
        row
        for row in rates
        if row.risk_class == risk_class
        and row.in_force_from <= on
        and row.joint_list in ("", joint_list)
        and row.item in ("", item)
        and row.region in ("", region)
    ]
    return max(
        fitting,
        key=lambda row: (bool(row.joint_list or row.item), bool(row.region), row.in_force_from),
        default=None,
    )


def number_in_force(
    rows: Iterable[NumberFacts], code: str, on: date, regions: Sequence[str] = ()
) -> NumberFacts | None:
    """The newest row of a number that is in force on a date.

    `regions` are the codes that a place lies in, the nearest first: a row of a nearer one goes before a row of one
    further away, and a row for everywhere comes last.
    """
    ranks = {code: rank for rank, code in enumerate(reversed(regions), start=1)} | {"": 0}
    return max(
        (row for row in rows if row.code == code and row.in_force_from <= on and row.region in ranks),
        key=lambda row: (ranks[row.region], row.in_force_from),
        default=None,
    )
