"""Matching: the checks of a quarter become the least possible number of visits.

Per enterprise every check has a window of working days. A visit on a day makes all checks whose window holds that day,
so the least number of visits is the least number of days that pierce all windows. Going through the windows by their
last day and taking that day whenever a window is not pierced yet is optimal: the windows that opened a new visit are
pairwise disjoint, so no plan can do with fewer. The test holds this against trying all sets of days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from yicha.decide.gate.terms import QuietFacts
from yicha.decide.planning.rules.plans import lead_of
from yicha.decide.planning.rules.screening import trigger_of
from yicha.decide.planning.terms import DemandFacts, Group, MatchReport, VisitPlan, Window
from yicha.kernel.refusal import Reason


def pierce(windows: Iterable[Window]) -> list[Group]:
    """The least number of groups whose windows share a day, each with the days that all of it shares.

    Windows are taken by (last, first, key): the same input gives the same groups, in whatever order it comes.
    """
    groups: list[Group] = []
    keys: list[int] = []
    first = last = 0
    for window in sorted(windows, key=lambda window: (window.last, window.first, window.key)):
        if keys and window.first <= last:
            keys.append(window.key)
            first = max(first, window.first)
            continue
        if keys:
            groups.append(Group(tuple(keys), first, last))
        keys, first, last = [window.key], window.first, window.last
    return [*groups, Group(tuple(keys), first, last)] if keys else groups


def days_of(demand: DemandFacts, days: Sequence[date]) -> tuple[int, int]:
    """The numbers of the first and last working day in a demand's window; first > last when it has none."""
    return bisect_left(days, demand.window_from), bisect_right(days, demand.window_to) - 1


def check_windows(demands: Iterable[DemandFacts], days: Sequence[date]) -> list[Reason]:
    """Demands whose window holds no working day: nobody could make these checks."""
    return [
        Reason(
            "match.window-without-working-day",
            "No working day lies between %(first)s and %(last)s; widen the window of the entry of draw %(draw)s.",
            facts={
                "first": demand.window_from.isoformat(),
                "last": demand.window_to.isoformat(),
                "draw": demand.draw_id,
            },
        )
        for demand in demands
        if _is_empty(days_of(demand, days))
    ]


def _is_empty(window: tuple[int, int]) -> bool:
    return window[0] > window[1]


def plan_visits(
    demands: Sequence[DemandFacts],
    days: Sequence[date],
    load: Mapping[tuple[str, date], int] | None = None,
    own_days: Mapping[str, Sequence[date]] | None = None,
) -> list[VisitPlan]:
    """The visits that make all demands: least in number per enterprise, days spread over each agency's calendar.

    `days` are the working days, ascending; `load` is what agencies have on a day already. `own_days` are those of
    enterprises (by code) that have fewer: quiet days, other visits. A demand without a day there is left out.
    Visits with the fewest days to choose from choose first; ties by code of enterprise and first day.
    """
    by_enterprise: dict[str, list[DemandFacts]] = defaultdict(list)
    for demand in demands:
        by_enterprise[demand.uscc].append(demand)
    groups: list[tuple[int, str, date, Sequence[date], list[DemandFacts]]] = []
    for uscc, own in by_enterprise.items():
        facts = {demand.id: demand for demand in own}
        open_days = (own_days or {}).get(uscc, days)
        windows = [Window(demand.id, *days_of(demand, open_days)) for demand in own]
        for group in pierce(window for window in windows if window.first <= window.last):
            members = [facts[key] for key in sorted(group.keys)]
            stretch = open_days[group.first : group.last + 1]
            groups.append((len(stretch), uscc, stretch[0], stretch, members))
    groups.sort(key=lambda row: row[:3])
    calendar = Counter(dict(load or {}))
    visits = [_visit(uscc, stretch, members, calendar) for _, uscc, _, stretch, members in groups]
    return sorted(visits, key=lambda visit: (visit.planned_on, visit.uscc))


def _visit(
    uscc: str, stretch: Sequence[date], members: list[DemandFacts], calendar: Counter[tuple[str, date]]
) -> VisitPlan:
    agencies = sorted({demand.agency for demand in members})
    day = _lightest_day(stretch, agencies, calendar)
    for agency in agencies:
        calendar[agency, day] += 1
    return VisitPlan(
        uscc=uscc,
        lead_agency=lead_agency(members),
        kind=min((demand.kind for demand in members), key=_KIND_ORDER.index),
        window_from=max(demand.window_from for demand in members),
        window_to=min(demand.window_to for demand in members),
        planned_on=day,
        demands=tuple(members),
        trigger=trigger_of(demand.origin for demand in members),
    )


_KIND_ORDER = ("daily", "special", "case", "courtesy")
"""A visit with a daily check in it counts as daily: it is the kind that always uses the annual budget."""


def _lightest_day(
    stretch: Sequence[date], agencies: Sequence[str], calendar: Mapping[tuple[str, date], int]
) -> date:
    """The day on which the busiest of the agencies has least to do; then the fewest in all; then the earliest."""
    best = stretch[0]
    least: tuple[int, int] | None = None
    for day in stretch:
        loads = [calendar.get((agency, day), 0) for agency in agencies]
        cost = (max(loads), sum(loads))
        if least is None or cost < least:
            best, least = day, cost
            if cost == (0, 0):
                break
    return best


def lead_agency(members: Sequence[DemandFacts]) -> str:
    """Who leads a visit that makes these checks; see `plans.lead_of`. An item asked for twice counts once."""
    asked = {(demand.agency, demand.item_version_id) for demand in members}
    kinds = {demand.agency: demand.agency_kind for demand in members}
    items = Counter(agency for agency, _version in asked)
    shares = {agency: (kinds[agency], items[agency]) for agency in kinds}
    in_lists = Counter(
        code for code, _, _ in {(d.joint_list, d.agency, d.item_version_id) for d in members if d.joint_list}
    )
    leads = {demand.joint_list: demand.lead_kind for demand in members}
    return lead_of({code: (leads[code], count) for code, count in in_lists.items()}, shares)


def count_without(demands: Iterable[DemandFacts]) -> int:
    """Visits without matching: each agency alone for each of its targets, one per draw, enterprise and agency."""
    return len({(demand.draw_id, demand.uscc, demand.agency) for demand in demands})


def report(
    visits: Sequence[VisitPlan],
    limits: tuple[int, int, int],
    joining: Mapping[int, Sequence[DemandFacts]] | None = None,
) -> MatchReport:
    """The numbers of a matching. `limits`: visits a day, a week, a month above which an enterprise is flagged.

    `joining`: by visit that was planned before, the demands that it takes along; they add no visit.
    """
    taken = [(contact, demand) for contact, own in (joining or {}).items() for demand in own]
    demands = [demand for visit in visits for demand in visit.demands] + [demand for _, demand in taken]
    units = sum(len({demand.agency for demand in visit.demands}) for visit in visits)
    by_enterprise: dict[str, list[date]] = defaultdict(list)
    for visit in visits:
        by_enterprise[visit.uscc].append(visit.planned_on)
    return MatchReport(
        demands=len(demands),
        visits_without=count_without(demands),
        visits_with=len(visits),
        units=units + len({(contact, demand.agency) for contact, demand in taken}),
        enterprises=len({demand.uscc for demand in demands}),
        joint_visits=sum(len({demand.agency for demand in visit.demands}) > 1 for visit in visits),
        flagged=sum(is_flagged(dates, limits) for dates in by_enterprise.values()),
        busiest_day=max(Counter(visit.planned_on for visit in visits).values(), default=0),
    )


def open_days(
    days: Sequence[date], closed: frozenset[date], taken: Sequence[date], limits: tuple[int, int, int]
) -> list[date]:
    """The days on which an enterprise may have one visit more: not closed to it, and not too often.

    `taken` are the days of its other visits, `limits` those of `is_flagged`.
    """
    return [day for day in days if day not in closed and not _too_often(day, taken, limits)]


def closed_days(quiet: Iterable[QuietFacts], place: Collection[str], days: Iterable[date]) -> frozenset[date]:
    """The days among these that are quiet (宁静日) in a region that a place lies in, by its newest rows in force.

    The gate reads quiet days in the same way; here they are read for all days at once.
    """
    own = [row for row in quiet if row.region in place]
    return frozenset(day for day in days if any(_is_quiet(own, region, day) for region in place))


def _is_quiet(quiet: Sequence[QuietFacts], region: str, day: date) -> bool:
    rows = [row for row in quiet if row.region == region and row.in_force_from <= day]
    newest = max((row.in_force_from for row in rows), default=None)
    return any(
        row.from_day <= day.day <= row.until_day
        if row.from_day <= row.until_day
        else not row.until_day < day.day < row.from_day
        for row in rows
        if row.in_force_from == newest
    )


def _too_often(day: date, taken: Sequence[date], limits: tuple[int, int, int]) -> bool:
    """Whether a visit on this day would be one too many on the day, in its week or in its month."""
    near = [other for other in taken if abs((other - day).days) <= 31]
    week, month = day - timedelta(days=day.weekday()), (day.year, day.month)
    counts = (
        sum(other == day for other in near),
        sum(other - timedelta(days=other.weekday()) == week for other in near),
        sum((other.year, other.month) == month for other in near),
    )
    return any(count >= limit for count, limit in zip(counts, limits, strict=True))


def is_flagged(dates: Sequence[date], limits: tuple[int, int, int]) -> bool:
    """Whether an enterprise gets more visits a day, a week or a month than the limits say (成都 一码检查).

    A week is Monday to Sunday, a month one of the calendar.
    """
    a_day, a_week, a_month = limits
    counts = (
        (Counter(dates), a_day),
        (Counter(day - timedelta(days=day.weekday()) for day in dates), a_week),
        (Counter((day.year, day.month) for day in dates), a_month),
    )
    return any(count > limit for counter, limit in counts for count in counter.values())
