"""The check before publication: floor and caps over the whole year, on the registry as it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count as CountOf
from django.db.models import Max, Sum

from yicha.decide.planning.models import AnnualPlan, EntryDraw, EntryStratum, PlanAcknowledgement, PlanEntry
from yicha.decide.planning.queries.coverage import counted_plans
from yicha.decide.planning.queries.plans import list_all_entries, list_codes_above
from yicha.decide.planning.queries.reach import Column, Firms, list_region_ids, read_firms, read_rates
from yicha.decide.planning.rules import yearly as rules
from yicha.decide.planning.terms import Breach, Count, Disturbed, PlanState, YearCheck
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import EnterpriseStatus, RegionKind
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.undisturbed.terms import ListingState
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

CITY = {RegionKind.CITY.value, RegionKind.PROVINCE.value}
LEVELS = ("district", "city")
CAPS = {"": "annual-visit-cap", "district": "annual-visit-cap-district", "city": "annual-visit-cap-city"}


@dataclass(frozen=True, slots=True)
class _Year:
    """All entries that a year's published plans, and those to be published, still have to draw."""

    entries: list[PlanEntry]
    firms: Firms
    rates: Column
    caps: list[rules.Cap]
    drawn: list[rules.Drawn]
    barred: Column
    """A row per entry: of class A, and resting until after the window."""
    listed: Column

    def of(self, plan: AnnualPlan) -> list[int]:
        """The rows of a plan."""
        return [number for number, entry in enumerate(self.entries) if entry.plan_id == plan.pk]


class Found(NamedTuple):
    """Enterprises (ids) behind a sentence, with the chance that it is true of each, the likeliest first."""

    ids: list[int]
    chances: list[float]


def check_year(
    plans: Sequence[AnnualPlan], today: date, firms: Firms | None = None
) -> list[tuple[AnnualPlan, YearCheck]]:
    """What publishing these plans of one year together would mean, for each of them."""
    if not plans:
        return []
    year = _read_year(plans, firms)
    codes = [plan.code for plan in plans]
    runs = rules.simulate(year.drawn, year.caps, year.firms.ids, codes, seed=plans[0].year)
    floor, regions = _read_floor(plans, today), list_region_ids(plans)
    return [(plan, _check(year, plan, regions[plan.pk], floor, runs)) for plan in plans]


def find_disturbed(plan: AnnualPlan, what: Disturbed) -> Found:
    """The enterprises behind one sentence about a plan."""
    year = _read_year([plan])
    if what is Disturbed.BUDGET:
        runs = rules.simulate(year.drawn, year.caps, year.firms.ids, [plan.code], seed=plan.year)
        chances = runs.over[plan.code]
    else:
        chances = _chances(year, plan, what)
    order = np.argsort(-chances, kind="stable")[: int((chances > 0).sum())]
    return Found(year.firms.ids[order].tolist(), chances[order].tolist())


def _check(
    year: _Year, plan: AnnualPlan, regions: Iterable[int], floor: _Floor, runs: rules.Runs
) -> YearCheck:
    enterprises = sum(floor.enterprises.get(region, 0) for region in regions)
    counts = {
        what: _count(_chances(year, plan, what))
        for what in (Disturbed.CLASS_A, Disturbed.RESTING, Disturbed.UNDISTURBED)
    }
    counts[Disturbed.BUDGET] = _count(runs.over[plan.code])
    return YearCheck(
        counts=counts,
        planned=sum(floor.planned.get(region, 0) for region in regions),
        due=ceil(enterprises * floor.share),
        enterprises=enterprises,
        visits=sum(entry.expected for entry in year.entries if entry.plan_id == plan.pk),
        runs=runs.count,
    )


def _count(chances: Column) -> Count:
    return Count(round(float(chances.sum())), int((chances > 0).sum()))


def _chances(year: _Year, plan: AnnualPlan, what: Disturbed) -> Column:
    """The chance of every enterprise that the plan draws it, where that disturbs it in this way."""
    rows = year.of(plan)
    rates = year.rates[rows]
    if what is Disturbed.RESTING:
        rates = np.where(year.barred[rows], rates, 0)
    chances = rules.chance_of_any(rates)
    if what is Disturbed.UNDISTURBED:
        return np.where(year.listed, chances, 0)
    return np.where(year.firms.classes == "A", chances, 0)


def _read_year(plans: Sequence[AnnualPlan], firms: Firms | None = None) -> _Year:
    year = plans[0].year
    codes = [plan.code for plan in plans]
    others = AnnualPlan.objects.filter(year=year, state=PlanState.PUBLISHED.value).exclude(code__in=codes)
    wanted = [*(plan.pk for plan in plans), *others.values_list("pk", flat=True)]
    done = set(
        EntryDraw.objects.filter(entry__plan__in=wanted, collected=True).values_list("entry_id", flat=True)
    )
    entries = [entry for entry in list_all_entries(wanted) if entry.pk not in done]
    firms = firms or read_firms(entries)
    rates = read_rates(entries, firms)
    listed = undisturbed.list_listings().filter(state=ListingState.LISTED.value).order_by()
    caps = _read_caps(firms, year)
    return _Year(
        entries,
        firms,
        rates,
        caps,
        _as_drawn(entries, firms, caps[0].left > 0),
        _find_resting(entries, firms, year),
        np.isin(firms.ids, list(listed.values_list("enterprise_id", flat=True))),
    )


def _as_drawn(entries: Sequence[PlanEntry], firms: Firms, has_left: Column) -> list[rules.Drawn]:
    """Entries as runs draw them: whose budget is used up already is left out of every draw (`strata.exclusion`)."""
    regions = list_region_ids({entry.plan_id: entry.plan for entry in entries}.values())
    quotas: dict[int, list[tuple[int, str, int]]] = {entry.pk: [] for entry in entries}
    rows = EntryStratum.objects.filter(entry__in=entries, expected__gt=0)
    for entry_id, region, letter, quota in rows.values_list(
        "entry_id", "region_id", "risk_class", "expected"
    ):
        quotas[entry_id].append((region, letter, quota))
    found = []
    for entry in entries:
        reached = firms.reached_by(entry, regions[entry.plan_id]) & has_left
        strata = tuple(
            (np.flatnonzero(reached & (firms.regions == region) & (firms.classes == letter)), quota)
            for region, letter, quota in quotas[entry.pk]
        )
        window = entry.window_from.toordinal(), entry.window_to.toordinal()
        found.append(rules.Drawn(entry.plan.code, *window, _level(entry), strata))
    return found


def _level(entry: PlanEntry) -> str:
    """Whose budget an entry's visits use: that of the level of the agency, or of a joint list's place."""
    region = entry.plan.owner.region if entry.plan.owner else entry.plan.region
    return "city" if region and region.kind in CITY else "district"


def _read_caps(firms: Firms, year: int) -> list[rules.Cap]:
    """What every enterprise's budgets still allow in a year, in all and by level, as its region says."""
    rows = [row.facts for row in catalogue.list_numbers().filter(code__in=list(CAPS.values()))]
    counted = visits.list_contacts().filter(
        counts_toward_cap=True,
        state__in=[ContactState.PLANNED.value, ContactState.MADE.value],
        planned_on__year=year,
    )
    used = list(
        counted.order_by()
        .values_list("enterprise_id", "lead_agency__region__kind")
        .annotate(units=CountOf("id"))
    )
    first = date(year, 1, 1)
    above = list_codes_above()
    caps = []
    for level, code in CAPS.items():
        limits = {pk: catalogue.find_in_force(rows, code, first, names) for pk, names in above.items()}
        most = {pk: int(found.value) for pk, found in limits.items() if found}
        allowed = np.array([most.get(region, 1_000) for region in firms.regions.tolist()], dtype=np.int32)
        spent = np.zeros(len(firms.ids), dtype=np.int32)
        place = dict(zip(firms.ids.tolist(), range(len(firms.ids)), strict=True))
        for enterprise, kind, units in used:
            if enterprise in place and level in ("", LEVELS[kind in CITY]):
                spent[place[enterprise]] += units
        caps.append(rules.Cap(level, allowed - spent))
    return caps


def _find_resting(entries: Sequence[PlanEntry], firms: Firms, year: int) -> Column:
    """Who of class A rests, because of its last visit, until after an entry's window."""
    days = int(catalogue.get_number("class-a-rest-days", date(year, 1, 1)).value)
    made = visits.list_contacts().filter(state=ContactState.MADE.value).order_by()
    last = dict(made.values_list("enterprise_id").annotate(day=Max("made_on")))
    rests = np.array(
        [
            (last[pk] + timedelta(days=days)).toordinal() if pk in last and letter == "A" else 0
            for pk, letter in zip(firms.ids.tolist(), firms.classes.tolist(), strict=True)
        ],
        dtype=np.int64,
    )
    found = [rests > entry.window_to.toordinal() for entry in entries]
    return np.array(found, dtype=bool).reshape(len(entries), len(firms.ids))


class _Floor(NamedTuple):
    """Of every region (id): what all plans on their way mean to draw, and how many enterprises there are."""

    planned: dict[int, int]
    enterprises: dict[int, int]
    share: Decimal


def _read_floor(plans: Sequence[AnnualPlan], today: date) -> _Floor:
    rows = EntryStratum.objects.filter(entry__plan__year=plans[0].year)
    theirs = rows.filter(counted_plans()).exclude(entry__plan__code__in=[one.code for one in plans])
    planned: Counter[int] = Counter()
    for part in (theirs, rows.filter(entry__plan__in=[one.pk for one in plans])):
        planned.update(dict(part.order_by().values_list("region_id").annotate(total=Sum("expected"))))
    active = registry.list_enterprises().filter(status=EnterpriseStatus.ACTIVE.value, region__isnull=False)
    enterprises = dict(active.order_by().values_list("region_id").annotate(count=CountOf("id")))
    return _Floor(planned, enterprises, catalogue.get_number("coverage-floor", today).value)


def list_accepted(plan: AnnualPlan) -> dict[Breach, int]:
    """What was accepted for a version of a plan: how many enterprises at most."""
    rows = PlanAcknowledgement.objects.filter(plan=plan).values_list("breach", "count")
    return {Breach(breach): count for breach, count in rows}


def list_acknowledgements(plan: AnnualPlan) -> Iterable[Any]:
    """The acceptances themselves, with who and why."""
    return PlanAcknowledgement.objects.filter(plan=plan).order_by("breach")
