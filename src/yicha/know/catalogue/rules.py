"""Which row of a dated table is in force."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.catalogue.terms import ItemStatus, NumberFacts, RateFacts

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ITEM_LIFE: Transitions[ItemStatus] = Transitions(
    "item",
    {
        "publish": (frozenset({ItemStatus.DRAFT}), ItemStatus.PUBLISHED),
        "retire": (frozenset({ItemStatus.PUBLISHED}), ItemStatus.RETIRED),
    },
)


def check_rate(facts: RateFacts) -> list[Reason]:
    """Why a row of rates cannot be: its rate is a share, and its frequency counts visits (国市监信发〔2022〕6号)."""
    reasons = []
    if not Decimal(0) <= facts.rate <= Decimal(1):
        reasons.append(Reason("catalogue.rate-share", "A rate is a share from 0 to 1.", at_field="rate"))
    if facts.visits_a_year is not None and facts.visits_a_year < 1:
        reasons.append(
            Reason(
                "catalogue.rate-frequency",
                "Visits a year are 1 or more; if nobody is to be drawn, set the rate to 0.",
                at_field="visits_a_year",
            )
        )
    return reasons


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


def check_joint_list(
    code: str, name: str, lead_kind: str, kinds: Mapping[str, str], wanted: Collection[str]
) -> list[Reason]:
    """What is wrong with a new joint list. `kinds`: the known ones of the wanted items → kind of agency."""
    reasons = [
        Reason(
            "joint-list.unknown-item",
            "The item “%(code)s” is unknown.",
            facts={"code": item},
            at_field="items",
        )
        for item in sorted(set(wanted) - set(kinds))
    ]
    if not _CODE.fullmatch(code):
        reasons.append(
            Reason(
                "joint-list.code",
                "Give the list a code of small letters, digits and hyphens.",
                at_field="code",
            )
        )
    if not name.strip():
        reasons.append(Reason("joint-list.name", "Give the list a name.", at_field="name"))
    if len(kinds) < 2:
        reasons.append(
            Reason("joint-list.few", "A joint list has two items at least; add one.", at_field="items")
        )
    if lead_kind not in kinds.values():
        reasons.append(
            Reason(
                "joint-list.lead",
                "The lead agency has no item in this list; choose one that has.",
                at_field="lead_kind",
            )
        )
    return reasons
