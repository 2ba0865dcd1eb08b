"""The draws of a round: plans, freeze, commitments, reveals, the demonstration beacon, and what is drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.doors.cli.demo import tables
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.quarter import Quarter, Timeline
from yicha.doors.cli.demo.zone import ZONE

PLANNERS = "模拟：计划岗"
APPROVERS = "模拟：审批岗"
ORGANISERS = "模拟：组织岗"
ENTERPRISES_A_DAY = 150
"""So many enterprises for each working day of the quarter: what 115 officers can do, ten days of notice before it."""


@dataclass(frozen=True, slots=True)
class Beacon:
    """The demonstration's beacon and reveals: made from the seed, so that the draws can be repeated too."""

    seed: int

    def spec(self, quarter: Quarter) -> BeaconSpec:
        """What the manifests say of it, before it is known."""
        return BeaconSpec(
            BeaconKind.DEMONSTRATION, source=f"demonstration {quarter.code}, given by yicha demo"
        )

    def text(self, what: str) -> str:
        """The beacon of a set of draws."""
        return hashlib.sha256(f"demonstration beacon {self.seed} {what}".encode()).hexdigest()

    def reveal(self, draw_id: str, agency: str) -> str:
        """An agency's 32 bytes for a draw."""
        return hashlib.sha256(f"demonstration reveal {self.seed} {draw_id} {agency}".encode()).hexdigest()


def share_of_year(enterprises: int, days: int) -> int:
    """One of so many directories is of this quarter, so that 115 officers can do it; in a small zone each is.

    The rest is of the next quarter, and not of several: an enterprise of many directories is then visited twice in the
    year at most, which is its budget. `days` are the working days that this quarter's visits have.
    """
    return min(6, 1 + enterprises // (ENTERPRISES_A_DAY * max(1, days)))


def make_plans(quarter: Quarter, times: Timeline, enterprises: int) -> list[Any]:
    """A plan of every agency and of every joint list, up to publication. Nobody plans for an empty directory.

    All are published together, and so checked together: the floor and the budgets are of the whole year.
    """
    days = planning_queries.list_working_days(times.visits_from, times.visits_until)
    share = share_of_year(enterprises, len(days))
    plans = []
    for owner, title, entries in _wanted(quarter, times, share):
        plan = _draft(quarter.year, times.planned_at, owner, title, entries)
        if plan is not None:
            plans.append(planning.submit_plan(actor=PLANNERS, now=times.planned_at, plan=plan))
    approved = [planning.approve_plan(actor=APPROVERS, now=times.approved_at, plan=plan) for plan in plans]
    return planning.publish_plans(actor=PLANNERS, now=times.plans_published_at, plans=approved)


def leave_to_do(quarter: Quarter, now: datetime) -> int:
    """Next year's first plans, for the planner and the approver of the cast: one is a draft, one waits for approval."""
    region, kind = "110112", "market"
    bureau = next(one.bureau for one in tables.kinds() if one.code == kind)
    entries = [
        EntryDraft(quarter=1, directory=directory.code, items=directory.items)
        for directory in tables.own_directories()
        if directory.kind == kind
    ]
    title = f"{REGIONS[region]}{bureau}{quarter.year + 1}年度抽查计划（模拟）"
    owner = PlanOwner(agency=f"{region}-{kind}")
    waiting = _draft(quarter.year + 1, now, owner, title, entries)
    if waiting is not None:
        planning.submit_plan(actor=PLANNERS, now=now, plan=waiting)
    title = f"{quarter.year + 1}年度餐饮服务“一业一查”联合抽查计划（模拟）"
    owner = PlanOwner(joint_list="restaurant", region=region)
    draft = _draft(quarter.year + 1, now, owner, title, [EntryDraft(quarter=1, directory="restaurant")])
    return sum(plan is not None for plan in (waiting, draft))


def _draft(
    year: int, now: datetime, owner: PlanOwner, title: str, entries: Sequence[EntryDraft]
) -> Any | None:
    """The draft with those entries whose directory has members at the plan's place; None if none has."""
    with transaction.atomic():
        plan = planning.create_plan(
            actor=PLANNERS, now=now, year=year, title=title, owner=owner, entries=entries
        )
        members = dict(plan.entries.values_list("directory__code", "population"))
        if all(members.values()):
            return plan
        transaction.set_rollback(True)
    inhabited = [entry for entry in entries if members[entry.directory]]
    return _draft(year, now, owner, title, inhabited) if inhabited else None


def _wanted(
    quarter: Quarter, times: Timeline, share: int
) -> Iterator[tuple[PlanOwner, str, list[EntryDraft]]]:
    for number, directory in enumerate(tables.joint_directories()):
        title = f"{quarter.year}年度{directory.list_name}“一业一查”联合抽查计划（模拟）"
        entry = EntryDraft(quarter=quarter.number, directory=directory.code)
        window = (times.visits_from, times.visits_until)
        yield (
            PlanOwner(joint_list=directory.code, zone=ZONE),
            title,
            [_turn(entry, window, later=bool(number % share))],
        )
    own = list(enumerate(tables.own_directories()))
    for region, name in REGIONS.items():
        for kind in tables.kinds():
            entries = [
                _own_entry(quarter, times, directory, number, share)
                for number, directory in own
                if directory.kind == kind.code
            ]
            title = f"{name}{kind.bureau}{quarter.year}年度抽查计划（模拟）"
            yield PlanOwner(agency=f"{region}-{kind.code}"), title, entries


def _own_entry(
    quarter: Quarter, times: Timeline, directory: tables.Directory, number: int, share: int
) -> EntryDraft:
    """An agency checks its own directory within a part of the quarter: the parts differ, as they do in life."""
    window = _part(times.visits_from, times.visits_until, number % 3)
    entry = EntryDraft(quarter=quarter.number, directory=directory.code, items=directory.items)
    return _turn(entry, window, later=bool(number % share))


def _turn(entry: EntryDraft, window: tuple[date, date], *, later: bool) -> EntryDraft:
    """The entry in this quarter within its window, or in the quarter that follows it in the year's round."""
    if later:
        return replace(entry, quarter=entry.quarter % 4 + 1)
    return replace(entry, window_from=window[0], window_to=window[1])


def _part(first: date, last: date, number: int) -> tuple[date, date]:
    """The first half, the second half, or the whole of a stretch of days."""
    middle = first + timedelta(days=(last - first).days // 2)
    return ((first, middle), (middle, last), (first, last))[number]


def freeze(quarter: Quarter, times: Timeline, beacon: Beacon) -> list[Any]:
    """Open a draw for every entry that is due; all agencies commit; freeze and publish."""
    draws = []
    for entry in planning_queries.list_due_entries(quarter.year, quarter.number):
        draw = planning.start_draw(
            actor=ORGANISERS,
            now=times.opened_at,
            entry=entry,
            beacon=beacon.spec(quarter),
            reveal_deadline=times.deadline,
        )
        commit(draw, beacon, times.opened_at)
        planning.freeze_draw(actor=ORGANISERS, now=times.frozen_at, draw_id=draw.draw_id)
        drawing.publish(actor=ORGANISERS, now=times.published_at, draw=draw)
        draws.append(draw)
    return draws


def commit(draw: Any, beacon: Beacon, now: datetime) -> None:
    """Every participant commits to its reveal."""
    agencies = participants(draw)
    drawing.commit_all(
        actor=ORGANISERS,
        now=now,
        draw=draw,
        commitments={
            agency: drawing.commitment_of(draw.draw_id, agency, beacon.reveal(draw.draw_id, agency))
            for agency in agencies
        },
    )


def reveal(draws: Sequence[Any], beacon: Beacon, now: datetime) -> int:
    """Every participant of every draw reveals; returns how many did."""
    count = 0
    for draw in draws:
        reveals = {agency: beacon.reveal(draw.draw_id, agency) for agency in participants(draw)}
        drawing.reveal_all(actor=ORGANISERS, now=now, draw=draw, reveals=reveals)
        count += len(reveals)
    return count


def participants(draw: Any) -> list[str]:
    """The agencies that commit and reveal in a draw."""
    return [row.agency for row in drawing_queries.list_participants(draw)]


def run(draws: Sequence[Any], beacon: Beacon, what: str, now: datetime) -> None:
    """The beacon is known: every seed is final, every selection follows."""
    for draw in draws:
        drawing.run(actor=ORGANISERS, now=now, draw=draw, beacon=beacon.text(what))
