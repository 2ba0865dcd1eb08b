"""One quarter's round, from the plans to the published results."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from yicha.act.inspection import services as inspection
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.terms import MatchReport
from yicha.doors.cli.demo import draws
from yicha.doors.cli.demo.cast import People
from yicha.doors.cli.demo.draws import ORGANISERS, Beacon
from yicha.doors.cli.demo.progress import Progress
from yicha.doors.cli.demo.quarter import Quarter, Timeline
from yicha.doors.cli.demo.zone import ORGANISER
from yicha.kernel import clock

INSPECTORS = "模拟：执法岗"
AGENCY_A, AGENCY_B = "110112-market", "110115-fire"
LEFT_OPEN = 6
"""How many of the last visits of each of these two agencies are left for the reader to carry out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a round."""

    plans: int
    draws: int
    drawn: int
    alone: int
    joint: int
    officers: int
    made: int
    published: int
    people: People


class Round:
    """Runs the steps in their order, each printed with what came of it."""

    def __init__(self, progress: Progress, quarter: Quarter, times: Timeline, seed: int) -> None:
        self.progress, self.quarter, self.times, self.seed = progress, quarter, times, seed
        self.beacon = Beacon(seed)
        self.round: Any = None

    def run(self) -> Outcome:
        """All of it; every refusal of a service ends the demonstration with its sentence."""
        plans = self._plan()
        found = self._draw()
        drawn = sum(len(drawing_queries.list_targets(draw)) for draw in found)
        report = self._match(found)
        officers = self._officers()
        visits, made = self._visit()
        published = self._publish(made)
        return Outcome(
            plans=plans,
            draws=len(found) + 1,
            drawn=drawn,
            alone=report.visits_without,
            joint=report.visits_with,
            officers=officers,
            made=len(made),
            published=published,
            people=_people(visits),
        )

    def _plan(self) -> int:
        with self.progress.step("Annual plans: drafted, approved, published") as step:
            plans = draws.make_plans(self.quarter, self.times)
            step.result = f"{len(plans)} plans of agencies and joint lists"
        self.round = planning.open_round(
            actor=ORGANISERS,
            now=self.times.opened_at,
            year=self.quarter.year,
            quarter=self.quarter.number,
            organiser=ORGANISER,
            simulated=True,
        )
        return len(plans)

    def _draw(self) -> list[Any]:
        with self.progress.step("Commitments, freeze, publication of manifests") as step:
            found = draws.freeze(self.quarter, self.times, self.beacon)
            step.result = f"{len(found)} draws frozen"
        with self.progress.step("Reveals") as step:
            step.result = (
                f"{draws.reveal(found, self.beacon, self.times.revealed_at)} reveals by every agency"
            )
        with self.progress.step("Beacon (demonstration) and draws") as step:
            draws.run(found, self.beacon, f"{self.quarter.code} objects", self.times.drawn_at)
            step.result = f"{len(found)} draws"
        return found

    def _match(self, found: Sequence[Any]) -> MatchReport:
        with self.progress.step("Matching into joint visits") as step:
            for draw in found:
                planning.collect_demands(actor=ORGANISERS, now=self.times.drawn_at, draw_id=draw.draw_id)
            report = planning.match(
                actor=ORGANISERS, now=self.times.matched_at, round_=self.round, simulated=True
            )
            step.result = (
                f"{report.visits_without:,} alone, {report.visits_with:,} joint, {report.saved:,} saved"
            )
        return report

    def _officers(self) -> int:
        times = self.times
        with self.progress.step("Draw of officers") as step:
            draw = planning.start_officers_draw(
                actor=ORGANISERS,
                now=times.matched_at,
                round_=self.round,
                beacon=self.beacon.spec(self.quarter),
                reveal_deadline=times.officers_deadline,
            )
            draws.commit(draw, self.beacon, times.matched_at)
            planning.freeze_officers_draw(actor=ORGANISERS, now=times.officers_frozen_at, round_=self.round)
            drawing.publish(actor=ORGANISERS, now=times.officers_published_at, draw=draw)
            draws.reveal([draw], self.beacon, times.officers_revealed_at)
            draws.run([draw], self.beacon, f"{self.quarter.code} officers", times.officers_drawn_at)
            count = planning.apply_officers(actor=ORGANISERS, now=times.officers_drawn_at, round_=self.round)
            step.result = f"{count:,} places in visits"
        return count

    def _visit(self) -> tuple[list[Any], list[Any]]:
        with self.progress.step("Visits and results (simulated)") as step:
            assigned = drawing_queries.list_assignment(drawing_queries.get_draw(self._officers_draw()))
            contacts = sorted({row.visit for row in assigned})
            visits = inspection.open_visits(
                actor=INSPECTORS,
                now=self.times.officers_drawn_at,
                contacts=contacts,
                assignment=[(row.visit, row.agency, row.officer) for row in assigned],
            )
            made: list[Any] = []
            step.result = f"{len(made):,} visits made"
        return visits, made
