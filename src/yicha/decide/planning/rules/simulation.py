"""What other rates would mean: visits by the rounding of the draw itself, findings by what was found lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import sqrt

from yicha.decide.planning.rules.plans import expected_quotas
from yicha.decide.planning.terms import (
    Cell,
    Expected,
    FindingRate,
    SimulatedRate,
    SimulatedStratum,
    StratumCount,
)

_Z = 1.959964
"""Of the 95 % interval."""
_FOUR = Decimal("0.0001")

Key = tuple[Cell, str]
"""A cell in a region."""


def finding_rate(checks: int, found: int, *, is_overall: bool = False) -> FindingRate:
    """The share of checks that found something, with its score interval (Wilson 1927). `checks` is above 0."""
    share, z2 = found / checks, _Z * _Z
    middle = (share + z2 / (2 * checks)) / (1 + z2 / checks)
    half = _Z * sqrt(share * (1 - share) / checks + z2 / (4 * checks * checks)) / (1 + z2 / checks)
    low = Decimal(max(0.0, middle - half)).quantize(_FOUR) if found else Decimal(0)
    high = Decimal(min(1.0, middle + half)).quantize(_FOUR) if found < checks else Decimal(1)
    return FindingRate(checks, found, low, high, is_overall)


def finding_rates(
    cells: Iterable[Cell], by_cell: Mapping[Cell, tuple[int, int]], by_class: Mapping[str, tuple[int, int]]
) -> dict[Cell, FindingRate]:
    """(checks, found) → the finding rate of each cell: its own, else its class's in all lists; absent without any."""
    rates: dict[Cell, FindingRate] = {}
    for cell in cells:
        checks, found = by_cell.get(cell, (0, 0))
        overall, overall_found = by_class.get(cell.risk_class, (0, 0))
        if checks:
            rates[cell] = finding_rate(checks, found)
        elif overall:
            rates[cell] = finding_rate(overall, overall_found, is_overall=True)
    return rates


def simulate(
    strata: Iterable[SimulatedStratum],
    rates: Mapping[Key, SimulatedRate],
    findings: Mapping[Cell, FindingRate],
) -> dict[Key, tuple[Expected, Expected]]:
    """By cell and region, what is to be expected before and after. Without a rate nobody is drawn.

    Each list is rounded as its draw is: largest remainders, and at least one of a stratum with a rate above zero.
    """
    by_list: dict[str, list[SimulatedStratum]] = defaultdict(list)
    for stratum in strata:
        by_list[stratum.cell.joint_list].append(stratum)
    none = SimulatedRate(Decimal(0), Decimal(0))
    found: dict[Key, tuple[Expected, Expected]] = {}
    for rows in by_list.values():
        said = {(row.cell, row.region): rates.get((row.cell, row.region), none) for row in rows}
        before, after = (
            expected_quotas(
                [
                    (
                        StratumCount(row.region, row.cell.risk_class, row.size),
                        side(said[row.cell, row.region]),
                    )
                    for row in rows
                ]
            )
            for side in (_before, _after)
        )
        for row in rows:
            key, place = (row.cell, row.region), (row.region, row.cell.risk_class)
            found[key] = (
                _expected(before[place] * row.draws, said[key].on_site, findings.get(row.cell)),
                _expected(after[place] * row.draws, said[key].on_site, findings.get(row.cell)),
            )
    return found


def _before(rate: SimulatedRate) -> Decimal:
    return rate.before


def _after(rate: SimulatedRate) -> Decimal:
    return rate.after


def _expected(drawn: int, on_site: bool, finding: FindingRate | None) -> Expected:
    if not on_site:
        return Expected(offsite=drawn)
    if finding is None:
        return Expected(visits=drawn, unknown=drawn)
    return Expected(drawn, 0, 0, drawn * finding.share, drawn * finding.low, drawn * finding.high)


def total_by(
    found: Mapping[Key, tuple[Expected, Expected]], by: Callable[[Key], str]
) -> dict[str, tuple[Expected, Expected]]:
    """Before and after, summed by what a key belongs to."""
    totals: dict[str, tuple[Expected, Expected]] = {}
    for key, (before, after) in found.items():
        known = totals.get(by(key), (Expected(), Expected()))
        totals[by(key)] = (known[0] + before, known[1] + after)
    return totals
