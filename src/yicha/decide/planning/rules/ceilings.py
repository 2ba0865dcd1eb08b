"""How much of a directory a plan may ask for, and whose order a special inspection outside the plan needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from yicha.decide.planning.terms import EntryDraft
from yicha.kernel.refusal import Reason
from yicha.know.visits.terms import ContactKind

CAMPAIGN = "津政规〔2025〕1号; 京政办发〔2025〕10号"


class OwnRate(NamedTuple):
    """An entry's own rate and what it is of; items as (code, whether a key one)."""

    number: int
    rate: Decimal
    directory: str
    items: Sequence[tuple[str, bool]]


def check_rates(rates: Sequence[OwnRate], ceiling: Decimal, source: str) -> list[Reason]:
    """A general item's share of a year has a ceiling; a key item may reach all, and be random in order only.

    Of one directory the entries of a year add up: two quarters of 20 % are 40 % of those concerned.
    """
    reasons = []
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rates:
        if not 0 < row.rate <= 1:
            reasons.append(
                Reason(
                    "plan.rate-share",
                    "Entry %(entry)s: a rate is more than nobody and at most everybody.",
                    facts={"entry": row.number},
                    at_field="rate",
                )
            )
            continue
        for item, is_key in row.items:
            totals[row.directory, item] += row.rate
            total = totals[row.directory, item]
            if (not is_key and total > ceiling) or total > 1:
                reasons.append(
                    _too_much(row.number, item, total, ceiling if not is_key else Decimal(1), source)
                )
    return reasons


def _too_much(number: int, item: str, total: Decimal, ceiling: Decimal, source: str) -> Reason:
    return Reason(
        "plan.rate-ceiling",
        "Entry %(entry)s: %(rate)s of all in a year is planned for item %(item)s; at most %(ceiling)s is allowed, "
        "except for key items.",
        source=source,
        facts={"entry": number, "item": item, "rate": _share(total), "ceiling": _share(ceiling)},
        at_field="rate",
    )


def _share(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"


def check_order(number: int, draft: EntryDraft, *, is_outside: bool) -> list[Reason]:
    """A special inspection outside the published plan is ordered: by whom, under what number, on what day.

    `is_outside`: the plan is an amendment, and the version before it had no such special.
    """
    given = [bool(draft.ordered_by.strip()), bool(draft.order_number.strip()), draft.ordered_on is not None]
    needed = draft.kind is ContactKind.SPECIAL and is_outside
    if all(given) or (not any(given) and not needed):
        return []
    missing = next(
        name
        for name, there in zip(("ordered_by", "order_number", "ordered_on"), given, strict=True)
        if not there
    )
    return [
        Reason(
            "plan.order-missing",
            "Entry %(entry)s: a special inspection outside the plan needs its approval record: who ordered it, the "
            "number of the order and its day.",
            source=CAMPAIGN,
            facts={"entry": number},
            at_field=missing,
        )
    ]
