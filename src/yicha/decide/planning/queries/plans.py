"""Reading plans and their entries, and counting whom an entry is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum

from yicha.base.accounts.terms import Scope
from yicha.decide.planning.models import AnnualPlan, EntryStratum, PlanEntry
from yicha.decide.planning.terms import PlanOwner, PlanState, StratumCount
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import RateFacts
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus


def list_plans() -> QuerySet[AnnualPlan]:
    """All plans with owner and place, how many entries they have and how many objects these mean."""
    return (
        AnnualPlan.objects.select_related("owner__kind", "joint_list__lead_kind", "region", "zone")
        .annotate(entry_count=Count("entries"), expected=Sum("entries__expected", default=0))
        .order_by("-year", "code", "-version")
    )


def find_plan(code: str, version: int | None = None) -> AnnualPlan | None:
    """A plan by code: the version asked for, or the newest."""
    found = list_plans().filter(code=code)
    return found.filter(version=version).first() if version else found.first()


def find_owned(year: int, owner: PlanOwner) -> AnnualPlan | None:
    """The newest version of an owner's plan of a year, or None. The owner decides, not what the code looks like."""
    if owner.agency:
        return list_plans().filter(year=year, owner__code=owner.agency).first()
    found = list_plans().filter(year=year, joint_list__code=owner.joint_list)
    if owner.zone:
        return found.filter(zone__code=owner.zone).first()
    return found.filter(region__code=owner.region).first()


def get_plan(uuid: str) -> AnnualPlan:
    """A plan by uuid; raises `NotFound`."""
    found = list_plans().prefetch_related("agencies").filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return found


def list_versions(plan: AnnualPlan) -> QuerySet[AnnualPlan]:
    """All versions of a plan, the newest first."""
    return AnnualPlan.objects.filter(code=plan.code).order_by("-version")


def list_public_plans() -> QuerySet[AnnualPlan]:
    """What is published, and what was: nothing of it names a class."""
    return list_plans().filter(state__in=[PlanState.PUBLISHED.value, PlanState.SUPERSEDED.value])


def list_entries(plan: AnnualPlan) -> QuerySet[PlanEntry]:
    """The entries of a plan in order, with directory, list, items and draws."""
    return _entries().filter(plan=plan).order_by("number")


def list_all_entries(plans: Sequence[int]) -> list[PlanEntry]:
    """The entries of several plans (ids), by plan and number."""
    return list(_entries().filter(plan__in=plans).order_by("plan__code", "plan__version", "number"))


def _entries() -> QuerySet[PlanEntry]:
    return PlanEntry.objects.select_related(
        "plan__owner__kind",
        "plan__joint_list",
        "plan__region",
        "plan__zone",
        "directory",
        "joint_list__lead_kind",
    ).prefetch_related("items__agency_kind", "draws")


def get_entry(code: str) -> PlanEntry:
    """An entry by its number in public, `PLAN.vVERSION.NUMBER`, or by uuid; raises `NotFound`."""
    parts = code.rsplit(".", 2)
    if len(parts) == 3 and parts[1][1:].isdecimal() and parts[2].isdecimal():
        found = _entries().filter(plan__code=parts[0], plan__version=int(parts[1][1:]), number=int(parts[2]))
        if entry := found.first():
            return entry
    raise NotFound(f"There is no plan entry “{code}”; `yicha plan list` shows them.")


def list_due_entries(year: int, quarter: int) -> QuerySet[PlanEntry]:
    """The entries of published plans that are due in a quarter."""
    return (
        _entries()
        .filter(plan__year=year, quarter=quarter, plan__state=PlanState.PUBLISHED.value)
        .order_by("plan__code", "number")
    )


def list_agencies_of(plan: AnnualPlan) -> QuerySet[Any]:
    """Who takes part: the owner, or the agencies of the joint list's kinds in the plan's regions."""
    if plan.owner_id:
        return registry.list_agencies().filter(pk=plan.owner_id)
    kinds = {item.agency_kind_id for item in plan.joint_list.items.all()} if plan.joint_list else set()
    if plan.joint_list:
        kinds.add(plan.joint_list.lead_kind_id)
    return registry.list_agencies().filter(kind_id__in=kinds, region__code__in=list_regions_of(plan))


def get_owner_scope(owner: PlanOwner) -> Scope:
    """Where a plan of this owner would belong: what `AnnualPlan.edit_scope` says once it is written.

    Unknown codes give a scope that only a grant without limits covers; the service then refuses them by name.
    """
    if owner.agency:
        agency = registry.find_agency(owner.agency)
        return Scope(frozenset({owner.agency}), agency.region.code if agency else "", "")
    joint = catalogue.find_joint_list(owner.joint_list)
    zone = registry.list_zones().filter(code=owner.zone).first() if owner.zone else None
    codes = [region.code for region in zone.regions.all()] if zone else [owner.region]
    leads = registry.list_agencies().filter(
        kind_id=joint.lead_kind_id if joint else None, region__code__in=codes
    )
    return Scope(frozenset(agency.code for agency in leads), owner.region, owner.zone)


def list_participants(entry: PlanEntry) -> list[str]:
    """The codes of the agencies that commit and reveal in an entry's draw."""
    return [agency.code for agency in list_agencies_of(entry.plan)]


def list_regions_of(plan: AnnualPlan) -> list[str]:
    """The codes of the regions that a plan is about: those a zone crosses, or the region with what lies below it."""
    if plan.zone:
        return sorted(region.code for region in plan.zone.regions.all())
    top = plan.region
    if top is None:
        return []
    below = registry.list_regions().filter(parent__isnull=False)
    codes, level = {top.code}, {top.pk}
    while level:
        children = [region for region in below if region.parent_id in level]
        codes |= {region.code for region in children}
        level = {region.pk for region in children}
    return sorted(codes)


def list_codes_above() -> dict[int, list[str]]:
    """Region (id) → the codes of where it lies, the nearest first: itself, its city, its province."""
    known = {
        pk: (code, parent)
        for pk, code, parent in registry.list_regions().values_list("id", "code", "parent_id")
    }
    found = {}
    for region in known:
        codes, above = [], region
        while above in known:
            code, above = known[above]
            codes.append(code)
        found[region] = codes
    return found


def list_population(directory: Any, plan: AnnualPlan) -> QuerySet[Any]:
    """Everybody whom the directory names at the plan's place, whatever the status."""
    return registry.in_place(
        registry.list_listed(directory),
        region=plan.region.code if plan.region else "",
        zone=plan.zone.code if plan.zone else "",
    )


def count_strata(directory: Any, plan: AnnualPlan) -> list[StratumCount]:
    """How many active enterprises each region and class has in a directory at a plan's place."""
    rows = (
        list_population(directory, plan)
        .filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
        .order_by()
        .values_list("region__code", "risk_class")
        .annotate(size=Count("id"))
    )
    return [StratumCount(*row) for row in rows]


def list_strata(entry: PlanEntry) -> QuerySet[EntryStratum]:
    """Regions, classes and rates of an entry. Internal: never for the public."""
    return entry.strata.select_related("region").order_by("region__code", "risk_class")


def list_unpublished_items(entry: PlanEntry, on: date) -> list[str]:
    """The codes of an entry's items that have no published version in force on a date."""
    items = entry.joint_list.items if entry.joint_list else entry.items
    in_force = catalogue.list_versions_in_force(on).order_by().values("item_id")
    return list(items.exclude(pk__in=in_force).order_by("code").values_list("code", flat=True))


def find_entry_rate(
    rates: list[RateFacts], entry: PlanEntry, items: Sequence[str], region: str, risk_class: str
) -> RateFacts | None:
    """The rate of a class in a region for an entry on the first day of its window.

    Of a joint list, the list's; of single items, the highest that any of them asks for.
    """
    asked = [("", item) for item in items] or [(entry.joint_list.code if entry.joint_list else "", "")]
    found = [
        rate
        for joint_list, item in asked
        if (
            rate := catalogue.find_rate(
                rates,
                joint_list=joint_list,
                item=item,
                risk_class=risk_class,
                region=region,
                on=entry.window_from,
            )
        )
    ]
    return max(found, key=lambda rate: rate.rate, default=None)
