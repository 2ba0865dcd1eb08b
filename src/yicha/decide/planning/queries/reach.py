"""Whom entries are about: the registry as columns, read in one pass, for whoever counts with sets of enterprises."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import BooleanField, ExpressionWrapper

from yicha.decide.planning.models import AnnualPlan, EntryStratum, PlanEntry
from yicha.decide.planning.queries.plans import list_regions_of
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
    """The registry with the directories of these entries."""
    directories = list({entry.directory_id: entry.directory for entry in entries}.values())
    named = {
        f"named_{number}": ExpressionWrapper(registry.is_named_by(directory), output_field=BooleanField())
        for number, directory in enumerate(directories)
    }
    rows = (
        registry.list_enterprises()
        .filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
        .order_by()
        .annotate(**named)
        .values_list("id", "region_id", "zone_id", "risk_class", *named)
    )
    columns = list(zip(*rows.iterator(chunk_size=5000), strict=True)) or [()] * (4 + len(directories))
    return Firms(
        ids=np.array(columns[0], dtype=np.int64),
        regions=np.array(columns[1], dtype=np.int64),
        zones=np.array([zone or 0 for zone in columns[2]], dtype=np.int64),
        classes=np.array(columns[3], dtype="U1"),
        named={
            directory.pk: np.array([bool(one) for one in column], dtype=bool)
            for directory, column in zip(directories, columns[4:], strict=True)
        },
    )


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
    ids = dict(registry.list_regions().values_list("code", "id"))
    known: dict[tuple[int | None, int | None], list[int]] = {}
    found = {}
    for plan in plans:
        place = (plan.region_id, plan.zone_id)
        if place not in known:
            known[place] = [ids[code] for code in list_regions_of(plan)]
        found[plan.pk] = known[place]
    return found
