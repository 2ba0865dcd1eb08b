"""From demands to a calendar: a zone's quarter, and ten zones' at once.

Demands are drawn as in the product: joint lists of a region's agencies pick enterprises of a trade, riskier ones more
often; follow-ups ask for one agency within days. Matching makes the fewest visits of them, the rules lay the problem
out of who is there, what they can check, cars, instruments, quiet and closed days, and the solver makes a calendar,
which is checked by rules that share nothing with it. Nothing is read from a database: that part is not measured.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

from tools.bench import Bench, Result
from tools.bench.matching import proven_least
from yicha.decide.planning.rules import matching
from yicha.decide.planning.terms import DemandFacts, VisitPlan
from yicha.decide.scheduling.terms import (
    PARTS,
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    Objective,
    PartFacts,
    PersonFacts,
    Problem,
    Slot,
    Solution,
)
from yicha.know.visits.terms import ContactKind

FIRST = date(2026, 7, 1)
DAYS = tuple(day for n in range(92) if (day := FIRST + timedelta(days=n)).weekday() < 5)
ENTERPRISES = 23_000
OFFICERS = {
    "market": 13,
    "fire": 5,
    "health": 5,
    "environment": 5,
    "emergency": 5,
    "transport": 8,
    "culture": 8,
}
OF_THE_ZONE = ("transport", "culture")
ITEMS = ("general", "pressure", "chemicals")
"""All master the first; of five officers three the second and two the third, for which an instrument is needed."""
DRAWS, PICKED, FOLLOW_UPS = 33, 12, 120
EFFORT = 30.0


@dataclass(slots=True)
class Quarter:
    """Some zones, each of three regions with seventeen agencies, and what was drawn there."""

    chance: random.Random
    demands: list[DemandFacts] = field(default_factory=list)
    people: list[PersonFacts] = field(default_factory=list)
    equipment: dict[tuple[str, str], int] = field(default_factory=dict)
    closed: dict[int, frozenset[Slot]] = field(default_factory=dict)
    preferred: dict[int, frozenset[Slot]] = field(default_factory=dict)
    barred: dict[int, dict[date, str]] = field(default_factory=dict)

    def region_of(self, enterprise: int) -> str:
        """Enterprises are numbered, a third of a zone's in each of its regions."""
        zone, number = divmod(enterprise, ENTERPRISES)
        return f"{zone:02}{number % 3}"

    def add_zone(self, zone: int) -> None:
        """Its agencies, its enterprises' days, and its demands."""
        for region in [f"{zone:02}{number}" for number in range(3)]:
            for kind, count in OFFICERS.items():
                if kind not in OF_THE_ZONE:
                    self._add_agency(f"{region}-{kind}", kind, count)
        for kind in OF_THE_ZONE:
            self._add_agency(f"{zone:02}-{kind}", kind, OFFICERS[kind])
        for number in range(ENTERPRISES):
            self._add_enterprise(zone * ENTERPRISES + number)
        for draw in range(DRAWS):
            self._draw(zone, draw)
        for number in range(FOLLOW_UPS):
            self._follow_up(zone, number)

    def _add_agency(self, agency: str, kind: str, count: int) -> None:
        for number in range(count):
            start = self.chance.randrange(len(DAYS))
            leave = DAYS[start : start + self.chance.choice((0, 5, 10))]
            masters = {
                ITEMS[0],
                *(ITEMS[1:2] if number % 5 < 3 else ()),
                *(ITEMS[2:] if number % 5 > 2 else ()),
            }
            self.people.append(
                PersonFacts(
                    id=len(self.people),
                    certificate=f"{agency}-{number:02}",
                    agency=agency,
                    competences=frozenset(masters),
                    valid_from=date(2020, 1, 1),
                    valid_until=date(2030, 1, 1),
                    away=frozenset(Slot(day, part) for day in leave for part in PARTS),
                )
            )
        self.equipment[agency, "vehicle"] = 2 + count // 6
        self.equipment[agency, "detector"] = 1

    def _add_enterprise(self, enterprise: int) -> None:
        """One in twelve is closed on a weekday, one in fifteen prefers mornings; one region has ten quiet days."""
        if self.region_of(enterprise).endswith("1"):
            self.barred[enterprise] = {day: "quiet" for day in DAYS if day.day <= 10}
        if self.chance.random() < 1 / 12:
            weekday = self.chance.randrange(5)
            self.closed[enterprise] = frozenset(
                Slot(day, part) for day in DAYS for part in PARTS if day.weekday() == weekday
            )
        if self.chance.random() < 1 / 15:
            self.preferred[enterprise] = frozenset(Slot(day, PARTS[0]) for day in DAYS)

    def _draw(self, zone: int, draw: int) -> None:
        """A joint list: two to four agencies, a dozen enterprises of a region, a season."""
        region = self.chance.randrange(3)
        kinds = self.chance.sample(list(OFFICERS), self.chance.choice((1, 2, 3, 3, 4)))
        first, last = self.chance.choice(((0, 91), (0, 91), (0, 61), (31, 91), (0, 30), (31, 61), (62, 91)))
        window = FIRST + timedelta(days=first), FIRST + timedelta(days=last)
        for _ in range(PICKED):
            number = int(ENTERPRISES // 3 * self.chance.random() ** 3) * 3 + region
            for kind in kinds:
                self._demand(zone, number, kind, f"{zone:02}-{draw:03}", window)

    def _follow_up(self, zone: int, number: int) -> None:
        """One agency looks again, within two weeks."""
        enterprise, kind = self.chance.randrange(ENTERPRISES), self.chance.choice(list(OFFICERS))
        first = DAYS[self.chance.randrange(len(DAYS) - 10)]
        self._demand(zone, enterprise, kind, f"{zone:02}-f{number:03}", (first, first + timedelta(days=13)))

    def _demand(self, zone: int, number: int, kind: str, draw: str, window: tuple[date, date]) -> None:
        enterprise = zone * ENTERPRISES + number
        region = self.region_of(enterprise)[:2] if kind in OF_THE_ZONE else self.region_of(enterprise)
        self.demands.append(
            DemandFacts(
                id=len(self.demands),
                draw_id=draw,
                uscc=f"E{enterprise:07}",
                agency=f"{region}-{kind}",
                agency_kind=kind,
                item_version_id=self.chance.randrange(50),
                joint_list="",
                lead_kind="",
                kind=ContactKind.DAILY,
                window_from=window[0],
                window_to=window[1],
                item=self.chance.choices(ITEMS, (7, 2, 1))[0],
            )
        )

    def own_days(self) -> dict[str, list[date]]:
        """Per enterprise that was drawn the days that are not closed to it, as matching asks for them."""
        drawn = {int(demand.uscc[1:]) for demand in self.demands}
        closed = {
            e: {slot.day for slot in self.closed.get(e, ())} | set(self.barred.get(e, ())) for e in drawn
        }
        return {f"E{e:07}": [day for day in DAYS if day not in shut] for e, shut in closed.items()}


def make_quarter(zones: int, seed: int = 5) -> Quarter:
    """What is there before planning begins."""
    quarter = Quarter(random.Random(seed))
    for zone in range(zones):
        quarter.add_zone(zone)
    return quarter


def to_facts(quarter: Quarter, visits: list[VisitPlan]) -> CalendarFacts:
    """The visits that matching made, and everything that limits their days."""
    contacts = tuple(_contact(quarter, number, visit) for number, visit in enumerate(visits))
    wanted = {contact.enterprise for contact in contacts}
    return CalendarFacts(
        today=FIRST - timedelta(days=30),
        asked_on=FIRST - timedelta(days=30),
        days=DAYS,
        numbers=CalendarNumbers(2, 2, 10, 1, 2, 3),
        moving=contacts,
        standing=(),
        people=tuple(quarter.people),
        equipment=quarter.equipment,
        barred={key: row for key, row in quarter.barred.items() if key in wanted},
        closed={key: row for key, row in quarter.closed.items() if key in wanted},
        preferred={key: row for key, row in quarter.preferred.items() if key in wanted},
        taken={},
        recused={},
        last_went={},
    )


def _contact(quarter: Quarter, number: int, visit: VisitPlan) -> ContactFacts:
    enterprise = int(visit.uscc[1:])
    parts = []
    for agency in sorted({demand.agency for demand in visit.demands}):
        own = [demand for demand in visit.demands if demand.agency == agency]
        items = frozenset({demand.item for demand in own})
        if not items <= {
            ITEMS[0],
            ITEMS[1],
        }:  # nobody masters both of the rare ones: the chemicals are looked at
            items -= {ITEMS[1]}
        tools = frozenset({"detector"}) if ITEMS[2] in items else frozenset()
        parts.append(PartFacts(agency, own[0].agency_kind, items, tools))
    return ContactFacts(
        id=number,
        key=f"{number:06}",
        enterprise=enterprise,
        uscc=visit.uscc,
        district=quarter.region_of(enterprise),
        first=visit.window_from,
        last=visit.window_to,
        on=visit.planned_on,
        now=None,
        parts=tuple(parts),
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """A quarter that was planned, and what it took."""

    quarter: Quarter
    visits: int
    problem: Problem
    solution: Solution
    seconds: float
    cpu: float

    @property
    def note(self) -> str:
        """Sizes, CPU seconds, and every objective with its gap."""
        measures = (
            f"{name} {measure.value} (bound {measure.bound}, gap {measure.gap:.4f})"
            for name, measure in self.solution.objectives.items()
        )
        size = f"{len(self.quarter.demands):,} demands, {self.visits:,} visits, {len(self.quarter.people):,} officers"
        return f"{size}; {self.cpu:.0f} CPU seconds; " + ", ".join(measures)


@cache
def plan(zones: int) -> Planned:
    """From demands to a calendar; raises when the calendar breaks a rule."""
    import django

    django.setup()  # services import tables; none is read
    from yicha.decide.scheduling.rules.checking import check
    from yicha.decide.scheduling.rules.laying import lay
    from yicha.decide.scheduling.services.solver import solve

    quarter = make_quarter(zones)
    started, cpu = time.perf_counter(), time.process_time()
    visits = matching.plan_visits(quarter.demands, DAYS, None, quarter.own_days())
    problem = lay(to_facts(quarter, visits), keep=False)
    solution = solve(problem, seed=1, effort=EFFORT * zones)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    broken = check(problem, solution)
    if broken:
        raise ValueError(f"the calendar breaks {len(broken)} rules: {broken[0].reason}")
    return Planned(quarter, len(visits), problem, solution, seconds, cpu)


def schedule_zone_seconds() -> Result:
    """One zone: three regions, 23,000 enterprises, 115 officers, about 1,200 demands."""
    planned = plan(1)
    return Result(planned.seconds, "s", None, planned.note)


def schedule_zone_visits_vs_bound() -> Result:
    """Visits over the least number that is proven in another way; one without a place counts twice."""
    planned = plan(1)
    own_days = planned.quarter.own_days()
    least = proven_least(
        [
            replace(demand, window_from=open_days[0], window_to=open_days[-1])
            for demand in planned.quarter.demands
            if (open_days := _within(own_days[demand.uscc], demand))
        ]
    )
    left = len(planned.problem.visits) - len(planned.solution.placed)
    return Result(planned.visits + left, "visits", least, f"{left} of them without a place")


def _within(days: list[date], demand: DemandFacts) -> list[date]:
    return [day for day in days if demand.window_from <= day <= demand.window_to]


def schedule_zone_gap() -> Result:
    """How far the load lies above a bound that no calendar can undercut."""
    planned = plan(1)
    return Result(planned.solution.objectives[Objective.LOAD].gap, "share", None, planned.note)


def schedule_10x_seconds() -> Result:
    """Ten zones at once: 230,000 enterprises, about 12,000 demands."""
    planned = plan(10)
    return Result(planned.seconds, "s", None, planned.note)


BENCHES: dict[str, Bench] = {
    "schedule_zone_seconds": schedule_zone_seconds,
    "schedule_zone_visits_vs_bound": schedule_zone_visits_vs_bound,
    "schedule_zone_gap": schedule_zone_gap,
    "schedule_10x_seconds": schedule_10x_seconds,
}
