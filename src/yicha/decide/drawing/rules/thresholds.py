"""Below which ticket the selection of a stratum surely lies, so that a large draw need not rank everything.

Tickets are uniform: of n objects about n × p lie below p × 2^256. The bound leaves six standard deviations of
room; where a stratum comes up short all the same, it is drawn again without a bound. As many below, everything is
drawn without ranking. The answer never depends on the bounds, only the time does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from yicha.decide.drawing.terms import Stratum

NO_BOUND = "g"
"""Above every hexadecimal text."""

_DEVIATIONS = 6
_EXTRA = 12


class Tier(NamedTuple):
    """Strata of similar share with one bound for all of them."""

    bound: str
    strata: frozenset[str]


def bound_of(size: int, quota: int) -> str:
    """The first 16 digits of a ticket below which more than `quota` of `size` objects are expected."""
    wanted = quota + _DEVIATIONS * (math.isqrt(quota) + 1) + _EXTRA
    return NO_BOUND if wanted >= size else f"{(wanted << 64) // size:016x}"


def floor_of(size: int, quota: int) -> str:
    """The first 16 digits of a ticket below which fewer than `quota` of `size` objects are expected; "" for none."""
    sure = quota - _DEVIATIONS * (math.isqrt(quota) + 1) - _EXTRA
    return f"{(sure << 64) // size:016x}" if 0 < sure < size else ""


def tiers(strata: Iterable[Stratum]) -> list[Tier]:
    """Strata that draw something, grouped by the power of four of their share, lowest bound first."""
    groups: dict[int, list[tuple[str, str]]] = {}
    for row in strata:
        if row.quota:
            bound = bound_of(row.size, row.quota)
            share = 65 if bound == NO_BOUND else int(bound, 16).bit_length()
            groups.setdefault((share + 1) // 2, []).append((bound, row.id))
    return [
        Tier(max(bound for bound, _ in rows), frozenset(name for _, name in rows))
        for _, rows in sorted(groups.items())
    ]
