"""Reading overlaps: which entries of a year's plans reach the same enterprises, and what was decided of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import numpy as np

from yicha.decide.planning.models import AnnualPlan, OverlapRuling, PlanEntry
from yicha.decide.planning.queries.drafts import draft_of
from yicha.decide.planning.queries.plans import list_all_entries
from yicha.decide.planning.queries.reach import Firms, list_region_ids, read_firms, read_rates
from yicha.decide.planning.rules import overlaps as rules
from yicha.decide.planning.terms import Meeting, OverlapChoice, OverlapState, PlanState, Ruling, Side
from yicha.know.catalogue import queries as catalogue

FINAL = (PlanState.APPROVED.value, PlanState.PUBLISHED.value)
SEEN = (PlanState.SUBMITTED.value, *FINAL)


class Overlap(NamedTuple):
    """An overlap with its two entries, its state, and the resolution if there is one."""

    meeting: Meeting
    state: OverlapState
    ruling: Ruling | None
    first: PlanEntry
    second: PlanEntry

    @property
    def needs_decision(self) -> bool:
        """Whether somebody has to decide before the later of both plans is published."""
        return self.state in rules.NEEDS_DECISION

    def holds_up(self, plan: AnnualPlan) -> bool:
        """Whether it stands against publishing a plan now: the other one is published, and nothing is decided."""
        other = self.second.plan if self.first.plan_id == plan.pk else self.first.plan
        return self.needs_decision and other.state == PlanState.PUBLISHED

    @property
    def common(self) -> tuple[date, date] | None:
        """The days that both windows have."""
        return rules.common_window(self.meeting.first, self.meeting.second)


def list_current_plans(year: int) -> list[AnnualPlan]:
    """The plans of a year that others meet: of each code the newest version that was submitted at least."""
    newest: dict[str, AnnualPlan] = {}
    for plan in AnnualPlan.objects.filter(year=year, state__in=SEEN).order_by("version"):
        newest[plan.code] = plan
    return list(newest.values())


def list_overlaps(year: int, of_plans: Collection[int] = (), firms: Firms | None = None) -> list[Overlap]:
    """The overlaps of a year, the worst first; `of_plans`: those that one of these plans (ids) has part in."""
    current = list_current_plans(year)
    entries = list_all_entries([plan.pk for plan in current])
    if len({entry.plan_id for entry in entries}) < 2:
        return []
    firms = firms or read_firms(entries)
    rates = read_rates(entries, firms)
    regions = list_region_ids(current)
    reached = np.array(
        [firms.reached_by(entry, regions[entry.plan_id]) for entry in entries], dtype=np.float32
    )
    shared, both = reached @ reached.T, rates @ rates.T
    sides = [side_of(entry, number) for number, entry in enumerate(entries)]
    wanted = {number for number, entry in enumerate(entries) if not of_plans or entry.plan_id in of_plans}
    meetings = rules.find_meetings(
        sides,
        lambda i, j: int(shared[i, j]) if i in wanted or j in wanted else 0,
        lambda i, j: float(both[i, j]),
    )
    first = date(year, 1, 1)
    most = int(catalogue.get_number("overlap-most-firms", first).value)
    common = int(catalogue.get_number("overlap-common-days", first).value)
    ruled = find_rulings(year)
    return [
        Overlap(
            meeting,
            rules.state_of(meeting, ruling := ruled.get(meeting.pair), most=most, common=common),
            ruling,
            entries[meeting.first.reach],
            entries[meeting.second.reach],
        )
        for meeting in meetings
    ]


def find_overlap(year: int, first: str, second: str) -> Overlap | None:
    """The overlap of two entries by their keys, or None."""
    return next((row for row in list_overlaps(year) if row.meeting.pair == {first, second}), None)


def side_of(entry: PlanEntry, reach: int = 0) -> Side:
    """An entry as one side of an overlap."""
    return Side(
        key=rules.entry_key(entry.plan.code, draft_of(entry)),
        plan=entry.plan.code,
        entry=entry.number,
        quarter=entry.quarter,
        window_from=entry.window_from,
        window_to=entry.window_to,
        reach=reach,
        agency=entry.plan.owner_id,
    )


def find_rulings(year: int) -> dict[frozenset[str], Ruling]:
    """The resolutions of a year by the pair of keys that they are about."""
    return {
        frozenset({row.first_key, row.second_key}): Ruling(
            row.first_key, row.second_key, OverlapChoice(row.choice), row.because, row.ruled_by, row.ruled_at
        )
        for row in OverlapRuling.objects.filter(year=year)
    }
