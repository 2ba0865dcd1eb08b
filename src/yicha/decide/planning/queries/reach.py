"""Whom entries are about: the registry as columns, read in one pass, for whoever counts with sets of enterprises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Case, Func, TextField, Value, When

from yicha.decide.planning.models import AnnualPlan, EntryStratum, PlanEntry
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus

Column = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Firms:
    """Active enterprises with a region, one column a fact; `named[directory]` says whom a directory names."""

    ids: Column
    regions: Column
    zones: Column
    classes: Column
    named: dict[int, Column]

    def reached_by(self, entry: PlanEntry, regions: Iterable[int]) -> Column:
        """Whom an entry is about: named by its directory, at its plan's place."""
        if entry.plan.zone_id:
            at_place = self.zones == entry.plan.zone_id
        else:
            at_place = np.isin(self.regions, list(regions))
        found: Column = self.named[entry.directory_id] & at_place
        return found


def read_firms(entries: Sequence[PlanEntry]) -> Firms:
    """The registry with the directories of these entries, by id.

    Read without a cursor of the server: only then PostgreSQL reads the business scopes on several processors.
    """
    directories = list({entry.directory_id: entry.directory for entry in entries}.values())
    rows = (
        registry.list_enterprises()
        .filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
        .order_by()
        .annotate(marks=_Marks(*(_mark(directory) for directory in directories)))
        .values_list("id", "region_id", "zone_id", "risk_class", "marks")
    )
    columns = list(zip(*sorted(rows), strict=True)) or [()] * 5
    marks = np.frombuffer("".join(columns[4]).encode(), dtype="S1") == b"1"
    named = marks.reshape(len(columns[0]), len(directories)).T
    return Firms(
        ids=np.array(columns[0], dtype=np.int64),
        regions=np.array(columns[1], dtype=np.int64),
        zones=np.array([zone or 0 for zone in columns[2]], dtype=np.int64),
        classes=np.array(columns[3], dtype="U1"),
        named={directory.pk: column for directory, column in zip(directories, named.copy(), strict=True)},
    )


class _Marks(Func):
    """A text with a digit per directory: a column each is slow to carry, and there are as many as the plans name."""

    template = "ARRAY_TO_STRING(ARRAY[%(expressions)s]::text[], '')"
    output_field = TextField()


def _mark(directory: Any) -> Case:
    """Whether a directory names an enterprise, as "1" or "0"."""
    return Case(When(registry.is_named_by(directory), then=Value("1")), default=Value("0"))


def read_firms_of_year(year: int) -> Firms:
    """The registry with the directories of all plans of a year, for who asks several questions of it."""
    return read_firms(list(PlanEntry.objects.filter(plan__year=year).select_related("directory")))


def read_rates(entries: Sequence[PlanEntry], firms: Firms) -> Column:
    """A row per entry, a column per enterprise: the rate under which it may be drawn, 0 where it is not concerned."""
    rates = np.zeros((len(entries), len(firms.ids)), dtype=np.float32)
    place = {entry.pk: number for number, entry in enumerate(entries)}
    strata: dict[int, list[tuple[int, str, float]]] = {entry.pk: [] for entry in entries}
    rows = EntryStratum.objects.filter(entry__in=entries, rate__gt=0)
    for entry_id, region, letter, share in rows.values_list("entry_id", "region_id", "risk_class", "rate"):
        strata[entry_id].append((region, letter, float(share or 0)))
    regions = list_region_ids({entry.plan_id: entry.plan for entry in entries}.values())
    for entry in entries:
        reached = firms.reached_by(entry, regions[entry.plan_id])
        row = rates[place[entry.pk]]
        for region, letter, rate in strata[entry.pk]:
            row[reached & (firms.regions == region) & (firms.classes == letter)] = rate
    return rates


def list_region_ids(plans: Iterable[AnnualPlan]) -> dict[int, list[int]]:
    """Plan (id) → ids of the regions that it is about."""
    below: dict[int | None, list[int]] = {}
    for region, parent in registry.list_regions().order_by().values_list("id", "parent_id"):
        below.setdefault(parent, []).append(region)
    crossed: dict[int, list[int]] = {}
    for zone, region in registry.list_zones().order_by().values_list("id", "regions__id"):
        crossed.setdefault(zone, []).append(region)
    return {
        plan.pk: crossed[plan.zone_id] if plan.zone_id else _list_tree(plan.region_id, below)
        for plan in plans
    }


def _list_tree(top: int | None, below: Mapping[int | None, list[int]]) -> list[int]:
    """A region (id) with all that lies below it; nothing for none."""
    found = [] if top is None else [top]
    for region in found:
        found += below.get(region, [])
    return found
