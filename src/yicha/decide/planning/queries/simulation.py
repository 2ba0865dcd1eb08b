"""Reading what the simulator of rates needs: whom lists are about, what rates are in force, what was found lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from yicha.decide.planning.models import EntryStratum
from yicha.decide.planning.queries.coverage import counted_plans
from yicha.decide.planning.rules import simulation as rules
from yicha.decide.planning.rules.plans import quarter_dates
from yicha.decide.planning.rules.strata import year_before
from yicha.decide.planning.terms import (
    Cell,
    Expected,
    FindingRate,
    SimulatedRate,
    SimulatedRow,
    SimulatedStratum,
    Simulation,
    TriedRate,
)
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Method, RateFacts
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus
from yicha.know.visits import queries as visits

QUARTERS = 4


class Period(NamedTuple):
    """A year, or one of its quarters (0: all)."""

    year: int
    quarter: int = 0

    def day(self, today: date) -> date:
        """The day whose rates count: today if the period has it, else its first day."""
        first, last = (
            quarter_dates(self.year, self.quarter or 1)[0],
            quarter_dates(self.year, self.quarter or 4)[1],
        )
        return today if first <= today <= last else first


def simulate_rates(
    *, period: Period, today: date, tried: Mapping[Cell, Decimal], region: str = "", zone: str = ""
) -> Simulation:
    """What these rates would mean at a place (region or zone code), beside those in force. Writes nothing."""
    lists = {row.code: row for row in catalogue.list_joint_lists() if row.directory_id}
    strata, unplanned = _list_strata(lists, period, region, zone)
    said = _list_rates(strata, period.day(today))
    by_cell, by_class = _count_findings(today)
    findings = rules.finding_rates({row.cell for row in strata}, by_cell, by_class)
    rates = {
        key: SimulatedRate(row.rate, tried.get(key[0], row.rate), row.method is Method.ONSITE)
        for key, row in said.items()
    }
    rates |= {
        (row.cell, row.region): SimulatedRate(Decimal(0), tried[row.cell])
        for row in strata
        if row.cell in tried and (row.cell, row.region) not in rates
    }
    found = rules.simulate(strata, rates, findings)
    floor = catalogue.get_number("coverage-floor", period.day(today))
    share = floor.value / QUARTERS if period.quarter else floor.value
    regions = _rows_of_regions(found, region, zone, share)
    total = SimulatedRow(
        "",
        "",
        sum((row.before for row in regions), Expected()),
        sum((row.after for row in regions), Expected()),
        sum(row.enterprises for row in regions),
        share,
    )
    totals = rules.total_by(found, lambda key: key[0].joint_list)
    return Simulation(
        total=total,
        regions=regions,
        lists=tuple(SimulatedRow(code, lists[code].name, *totals[code]) for code in sorted(totals)),
        rates=tuple(_list_tried(strata, said, tried, findings)),
        floor=share,
        floor_source=floor.source,
        floor_is_ours=floor.is_ours,
        unplanned=unplanned,
    )


def _list_strata(
    lists: Mapping[str, Any], period: Period, region: str, zone: str
) -> tuple[list[SimulatedStratum], frozenset[str]]:
    """Whom the lists are about at a place; and the lists that nothing of the period draws there."""
    directories = list({row.directory_id: row.directory for row in lists.values()}.values())
    sizes: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for code, place, letter, size in registry.count_listed(directories, region=region, zone=zone):
        sizes[code].append((place, letter, size))
    draws = {(code, place): count for code, place, count in _count_draws(period)}
    strata = [
        SimulatedStratum(Cell(code, letter), place, size, draws.get((code, place), 1))
        for code, row in lists.items()
        for place, letter, size in sorted(sizes[row.directory.code])
    ]
    planned = {row.cell.joint_list for row in strata if (row.cell.joint_list, row.region) in draws}
    return strata, frozenset(row.cell.joint_list for row in strata) - planned


def _count_draws(period: Period) -> QuerySet[EntryStratum, tuple[str, str, int]]:
    """How often the plans of a period draw from a list in a region: (list, region, entries)."""
    rows = EntryStratum.objects.filter(
        counted_plans(), entry__plan__year=period.year, entry__joint_list__isnull=False
    )
    if period.quarter:
        rows = rows.filter(entry__quarter=period.quarter)
    return (
        rows.order_by()
        .values_list("entry__joint_list__code", "region__code")
        .annotate(entries=Count("entry_id", distinct=True))
    )


def _list_rates(strata: Iterable[SimulatedStratum], on: date) -> dict[rules.Key, RateFacts]:
    rows = catalogue.list_rate_facts()
    found = {
        (row.cell, row.region): catalogue.find_rate(
            rows, joint_list=row.cell.joint_list, risk_class=row.cell.risk_class, region=row.region, on=on
        )
        for row in strata
    }
    return {key: rate for key, rate in found.items() if rate is not None}


def _count_findings(today: date) -> tuple[dict[Cell, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Checks and what they found in the last 24 months: by cell, and by class in all."""
    by_cell: dict[Cell, tuple[int, int]] = {}
    by_class: dict[str, tuple[int, int]] = {}
    for joint_list, letter, checks, found in visits.count_findings(year_before(year_before(today)), today):
        if joint_list:
            by_cell[Cell(joint_list, letter)] = (checks, found)
        else:
            by_class[letter] = (checks, found)
    return by_cell, by_class


def _rows_of_regions(
    found: Mapping[rules.Key, tuple[Expected, Expected]], region: str, zone: str, floor: Decimal
) -> tuple[SimulatedRow, ...]:
    sizes = dict(
        registry.in_place(registry.list_enterprises(), region=region, zone=zone)
        .filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
        .order_by()
        .values_list("region__code")
        .annotate(size=Count("id"))
    )
    names = dict(registry.list_regions().values_list("code", "name"))
    totals = rules.total_by(found, lambda key: key[1])
    return tuple(
        SimulatedRow(code, names[code], *totals.get(code, (Expected(), Expected())), sizes[code], floor)
        for code in sorted(sizes)
    )


def _list_tried(
    strata: Iterable[SimulatedStratum],
    said: Mapping[rules.Key, RateFacts],
    tried: Mapping[Cell, Decimal],
    findings: Mapping[Cell, FindingRate],
) -> list[TriedRate]:
    """The cells of the form. Where regions have different rates, the one of most enterprises stands for them."""
    by_cell: dict[Cell, list[SimulatedStratum]] = defaultdict(list)
    for row in strata:
        by_cell[row.cell].append(row)
    rows = []
    for cell, own in sorted(by_cell.items()):
        largest = max(own, key=lambda row: (row.size, row.region))
        rate = said.get((cell, largest.region))
        shares = {said[cell, row.region].rate if (cell, row.region) in said else None for row in own}
        rows.append(
            TriedRate(
                cell=cell,
                size=sum(row.size for row in own),
                draws=largest.draws,
                before=rate.rate if rate else None,
                tried=tried.get(cell),
                varies=len(shares) > 1,
                on_site=rate is None or rate.method is Method.ONSITE,
                finding=findings.get(cell),
            )
        )
    return rows
