"""The year on one page: what every agency means to check in each month, and how much of the budgets is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Sum

from yicha.decide.planning.models import AnnualPlan, EntryStratum
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus
from yicha.know.visits import queries as visits


class MonthRow(NamedTuple):
    """An agency, and how many enterprises it means to check in each month of a year."""

    code: str
    name: str
    months: tuple[int, ...]


class BudgetUse(NamedTuple):
    """How many enterprises have used so many visits of their budget of a year."""

    cap: int
    enterprises: int
    by_units: tuple[tuple[int, int], ...]

    @property
    def used_up(self) -> int:
        """How many have nothing left."""
        return sum(count for units, count in self.by_units if units >= self.cap)

    @property
    def used(self) -> int:
        """Visits made and planned that count."""
        return sum(units * count for units, count in self.by_units)


def list_months(plans: Iterable[AnnualPlan]) -> list[MonthRow]:
    """Agencies of some plans with what they mean to check by month: objects of an entry, spread over its window.

    In the plan of a joint list an agency checks those of its own region.
    """
    agencies: dict[int, list[Any]] = {}
    for plan in AnnualPlan.objects.filter(pk__in=[plan.pk for plan in plans]).prefetch_related(
        "agencies__region"
    ):
        agencies[plan.pk] = [
            (agency, None if plan.owner_id else agency.region_id) for agency in plan.agencies.all()
        ]
    below = _below()
    totals: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 12)
    rows = EntryStratum.objects.filter(entry__plan__in=list(agencies)).order_by()
    fields = ("entry__plan_id", "entry__window_from", "entry__window_to", "region_id")
    for plan, start, end, region, expected in rows.values_list(*fields).annotate(total=Sum("expected")):
        shares = share_months(start, end)
        for agency, of_region in agencies[plan]:
            if of_region is None or region in below[of_region]:
                row = totals[agency.code, agency.name]
                for month, share in shares.items():
                    row[month - 1] += expected * share
    return [
        MonthRow(code, name, tuple(round(value) for value in months))
        for (code, name), months in sorted(totals.items())
    ]


def share_months(start: date, end: date) -> dict[int, float]:
    """What part of a window lies in each month."""
    days = (end - start).days + 1
    counts = Counter((start + timedelta(days=number)).month for number in range(days))
    return {month: count / days for month, count in counts.items()}


def _below() -> dict[int, set[int]]:
    """Region (id) → itself and what lies below it."""
    parents = dict(registry.list_regions().values_list("id", "parent_id"))
    found: dict[int, set[int]] = defaultdict(set)
    for region in parents:
        above: int | None = region
        while above is not None:
            found[above].add(region)
            above = parents.get(above)
    return found


def get_budget_use(year: int) -> BudgetUse:
    """How the budgets of all active enterprises are used in a year."""
    cap = int(catalogue.get_number("annual-visit-cap", date(year, 1, 1)).value)
    counts = Counter(visits.list_units_used(year).values())
    active = registry.list_enterprises().filter(status=EnterpriseStatus.ACTIVE.value).count()
    unused = max(0, active - sum(counts.values()))
    return BudgetUse(cap, active, ((0, unused), *sorted(counts.items())))
