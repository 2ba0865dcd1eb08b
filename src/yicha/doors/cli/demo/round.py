"""One quarter's round, from the plans to the published results."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from yicha.act.inspection import services as inspection
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.terms import Origin, ScreenFunnel
from yicha.decide.scheduling import services as scheduling
from yicha.decide.scheduling.terms import ScheduleCause
from yicha.doors.cli.demo import before, calendar, draws, screening
from yicha.doors.cli.demo.before import Before
from yicha.doors.cli.demo.calendar import Calendar
from yicha.doors.cli.demo.cast import People
from yicha.doors.cli.demo.draws import ORGANISERS, Beacon
from yicha.doors.cli.demo.eve import eve_of
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.progress import Progress
from yicha.doors.cli.demo.quarter import Quarter, Timeline
from yicha.doors.cli.demo.zone import ORGANISER, Loaded
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visit_queries
from yicha.know.visits.terms import ContactState
from yicha.share.publicity import services as publicity
from yicha.share.reporting.terms import EightStep

INSPECTORS = "模拟：执法岗"
PUBLISHERS = "模拟：公示岗"
AGENCY_A, AGENCY_B = "110112-market", "110115-fire"
_NOBODY = (
    "There is nobody to inspect: no active enterprise lies in %(regions)s and in a trade of any directory."
)
EFFORT = 12.0
"""Deterministic time of the first calendar: a demonstration need not prove the last per mille."""
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
    before: Before
    origins: dict[Origin, int]
    screened: ScreenFunnel
    calendar: Calendar


class Round:
    """Runs the steps in their order, each printed with what came of it."""

    def __init__(
        self,
        progress: Progress,
        quarter: Quarter,
        times: Timeline,
        seed: int,
        loaded: Loaded,
        folder: Path,
    ) -> None:
        self.progress, self.quarter, self.times, self.seed = progress, quarter, times, seed
        self.loaded, self.folder = loaded, folder
        self.beacon = Beacon(seed)
        self.round: Any = None

    def run(self) -> Outcome:
        """All of it; every refusal of a service ends the demonstration with its sentence."""
        eve = eve_of(self.quarter)
        before.agree(self.progress, eve)
        plans = self._plan()
        came_before = before.run(self.progress, eve, self.seed, self.loaded)
        self._open()
        found = self._draw()
        drawn = sum(len(drawing_queries.list_targets(draw)) for draw in found)
        self._screen(found)
        self._match()
        screened = self._say_screened()
        self._first_calendar()
        self._officers()
        self._calendar_of_people()
        notices = calendar.send_out(self.progress, self.round, self.times.sent_at)
        broken = calendar.check(self.progress, self.round, self.folder / "calendar")
        summed = calendar.sum_up(self.round, notices, broken)
        assigned = self._list_going()
        visits = self._open_visits(assigned)
        left = _left_open(visits, assigned)
        waiting = {one.contact for one in left}
        published = self._visit([one for one in visits if one.contact not in waiting])
        draws.leave_to_do(self.quarter, clock.now())
        calendar.sign(self.round, EightStep.CHECK_UP, clock.now(), calendar.EARLY)
        return Outcome(
            plans=plans,
            draws=len(found) + 1,
            drawn=drawn,
            alone=summed.saving.alone,
            joint=summed.saving.planned,
            officers=len(assigned),
            made=len(visits) - len(left),
            published=published,
            people=_people(left, assigned),
            before=came_before,
            origins=screening.count_origins(self.round),
            screened=screened,
            calendar=summed,
        )

    def _plan(self) -> int:
        with self.progress.step("Annual plans: drafted, approved, published") as step:
            enterprises = self.loaded.tally.rows - self.loaded.tally.rejected
            plans = draws.make_plans(self.quarter, self.times, enterprises)
            step.result = f"{len(plans)} plans of agencies and joint lists"
        if not plans:
            raise Refused([Reason("demo.nobody", _NOBODY, facts={"regions": "、".join(REGIONS.values())})])
        return len(plans)

    def _open(self) -> None:
        self.round = planning.open_round(
            actor=ORGANISERS,
            now=self.times.opened_at,
            year=self.quarter.year,
            quarter=self.quarter.number,
            organiser=ORGANISER,
            simulated=True,
        )
        calendar.make_days(
            self.seed,
            self.times.prepared_at,
            _at(self.times.visits_from),
            _at(self.times.visits_until),
        )
        calendar.sign(self.round, EightStep.DISPATCH, self.times.opened_at)
        inspection.correct_simulated(actor=INSPECTORS, now=self.times.opened_at, seed=str(self.seed))

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

    def _screen(self, found: Sequence[Any]) -> None:
        with self.progress.step("Demands collected") as step:
            count = 0
            for draw in found:
                count += planning.collect_demands(
                    actor=ORGANISERS, now=self.times.drawn_at, draw_id=draw.draw_id
                ).demands
            count += planning.collect_due(
                actor=ORGANISERS, now=self.times.drawn_at, round_=self.round
            ).demands
            step.result = f"{count:,} demands"
        with self.progress.step("Demands pass the gate") as step:
            report = planning.screen(actor=ORGANISERS, now=self.times.screened_at, round_=self.round)
            step.result = f"{report.left:,} left of {report.demands:,}"

    def _match(self) -> None:
        with self.progress.step("Matching into joint visits") as step:
            report = planning.match(
                actor=ORGANISERS, now=self.times.matched_at, round_=self.round, simulated=True
            )
            step.result = (
                f"{report.visits_without:,} alone, {report.visits_with:,} joint, {report.saved:,} saved"
            )

    def _first_calendar(self) -> None:
        """Every visit gets its half day, and every agency says that it comes."""
        wishes = calendar.make_wishes(self.round, self.seed, self.times.matched_at)
        recusals = calendar.make_recusals(self.round, self.seed, self.times.matched_at)
        name = f"Calendar ({wishes} wishes, {recusals} recusals)"
        self._calendar(name, ScheduleCause.FIRST, self.times.matched_at)
        calendar.accept(self.progress, self.times.officers_frozen_at)

    def _calendar_of_people(self) -> None:
        """People are drawn; days follow them."""
        self._calendar("Calendar of the people drawn", ScheduleCause.OFFICERS, self.times.officers_drawn_at)
        calendar.accept(self.progress, self.times.officers_drawn_at)

    def _calendar(self, name: str, cause: ScheduleCause, now: datetime) -> None:
        def ask() -> Any:
            return scheduling.ask_schedule(
                actor=ORGANISERS,
                now=now,
                round_=self.round,
                cause=cause,
                seed=self.seed,
                params={"effort": EFFORT},
            )

        calendar.make(self.progress, name, ask, now)

    def _say_screened(self) -> ScreenFunnel:
        """What became of all demands, with the most frequent reasons."""
        for line in screening.describe(self.round):
            print(line, flush=True)
        return planning_queries.get_screen_funnel(self.round)

    def _officers(self) -> None:
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
            planning.apply_officers(actor=ORGANISERS, now=times.officers_drawn_at, round_=self.round)
            step.result = f"{len(drawing_queries.list_assignment(draw)):,} places in visits"

    def _list_going(self) -> list[Going]:
        """Who goes, as the calendar has it: a part may have become a visit of its own after the draw."""
        planned = visit_queries.list_round(self.quarter.code, ContactState.PLANNED)
        visits = dict(planned.values_list("pk", "uuid"))
        agencies = dict(registry.list_agencies().values_list("pk", "code"))
        officers = dict(registry.list_officers().values_list("pk", "certificate"))
        return [
            Going(str(visits[contact]), agencies[agency], officers[officer])
            for contact, own in planning_queries.list_officers_of_contacts(visits).items()
            for agency, officer in own
        ]

    def _open_visits(self, assigned: Sequence[Going]) -> list[Planned]:
        """Open every visit with who was drawn for it; in the order of their days."""
        with self.progress.step("Visits opened") as step:
            planned = visit_queries.list_round(self.quarter.code, ContactState.PLANNED)
            dates = dict(planned.values_list("uuid", "planned_on"))
            contacts = sorted(dates, key=lambda contact: (dates[contact], str(contact)))
            opened = inspection.open_visits(
                actor=INSPECTORS,
                now=self.times.officers_drawn_at,
                contacts=contacts,
                assignment=[(row.visit, row.agency, row.officer) for row in assigned],
            )
            step.result = f"{len(opened):,} visits"
        return [
            Planned(str(contact), dates[contact] or self.times.visits_from, visit)
            for contact, visit in zip(contacts, opened, strict=True)
        ]

    def _visit(self, visits: Sequence[Planned]) -> int:
        """Carry visits out, week by week, and publish the results of a week with those of the next."""
        made, publishing = (
            self.progress.watch("Visits and results (simulated)"),
            self.progress.watch("Publication"),
        )
        count = published = 0
        for week in _weeks(visits):
            until = min(datetime.combine(week[-1].on, time(17, 30), clock.BEIJING), clock.now())
            with publishing.running():
                published += publicity.publish_due(actor=PUBLISHERS, now=until)
            with made.running():
                count += inspection.record_and_close_simulated(
                    actor=INSPECTORS, now=until, visits=[one.visit for one in week], seed=str(self.seed)
                )
        with publishing.running():
            published += publicity.publish_due(actor=PUBLISHERS, now=clock.now())
        with made.running():
            corrected = inspection.correct_simulated(actor=INSPECTORS, now=clock.now(), seed=str(self.seed))
        made.done(f"{count:,} visits made, {corrected:,} corrections confirmed")
        publishing.done(f"{published:,} results published")
        return published


def _at(day: date) -> datetime:
    return datetime.combine(day, time(9), clock.BEIJING)


class Going(NamedTuple):
    """An officer (certificate) who goes to a visit (code of its contact) for an agency (code)."""

    visit: str
    agency: str
    officer: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that was opened: the code of its contact, its day, and the visit."""

    contact: str
    on: date
    visit: Any


def _weeks(visits: Iterable[Planned]) -> list[list[Planned]]:
    """Visits by week, in order."""
    weeks: dict[tuple[int, int], list[Planned]] = defaultdict(list)
    for one in sorted(visits, key=lambda one: one.on):
        weeks[one.on.isocalendar()[:2]].append(one)
    return list(weeks.values())


def _left_open(visits: Sequence[Planned], assigned: Sequence[Going]) -> list[Planned]:
    """The last visits of the two agencies of the cast: for the reader to carry out."""
    agencies = defaultdict(set)
    for row in assigned:
        agencies[row.visit].add(row.agency)
    found = []
    for agency in (AGENCY_A, AGENCY_B):
        own = [one for one in visits if agency in agencies[one.contact]]
        found += own[-min(LEFT_OPEN, len(own) // 2) :] if len(own) > 1 else []
    return list({one.contact: one for one in found}.values())


def _people(visits: Sequence[Planned], assigned: Sequence[Going]) -> People:
    """Whom the cast stands for: the officers with most of these visits, and an enterprise that is visited."""
    wanted = {one.contact for one in visits}
    rows = [row for row in assigned if row.visit in wanted] or list(assigned)
    busiest = Counter((row.agency, row.officer) for row in rows)
    officers = {agency: officer for (agency, officer), _ in reversed(busiest.most_common())}
    contact = visit_queries.list_contacts().filter(uuid__in=wanted or {row.visit for row in assigned})
    company = contact.filter(enterprise__kind="company").first() or contact.first()
    return People(
        officer_a=officers.get(AGENCY_A, ""),
        officer_b=officers.get(AGENCY_B, ""),
        owned=company.enterprise.uscc if company else "",
        owned_name=company.enterprise.name if company else "",
    )
