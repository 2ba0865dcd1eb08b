"""The calendar of the round: half days, people, answers, notices; and the check of what came out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from yicha.act.dispatch import queries as dispatch_queries
from yicha.act.dispatch import services as dispatch
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import queries, services, verify_calendar
from yicha.decide.scheduling.queries import answers, exports
from yicha.decide.scheduling.services import answers as answering
from yicha.decide.scheduling.terms import Objective, Saving, ScheduleState
from yicha.doors.cli import calendar_files
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.progress import Progress
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.registry import queries as registry_queries
from yicha.know.registry import services as registry
from yicha.know.registry.terms import AbsenceKind, DayPart, EquipmentKind, WishFacts, WishKind
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState
from yicha.share.reporting import services as reporting
from yicha.share.reporting.terms import EightStep

OFFICE = "模拟：统筹协调机构"
AGENCIES, HEADS = "模拟：各部门计划岗", "模拟：各部门负责人"
ABSENT, WISHES, RECUSALS = 12, 60, 20
LARGER = ("-market", "-fire", "-emergency")
"""Agencies of these kinds have more officers than two, so that one can stay away."""
MOST_CLOSED = 5
EQUIPMENT = (
    ("market", "vehicle", "执法车辆（模拟）", 3),
    ("environment", "sound-meter", "声级计（模拟）", 1),
    ("health", "gas-detector", "气体检测仪（模拟）", 1),
)
"""What each of these kinds of agency has in every district."""
EARLY = "演示：留下几次检查供试用，其余均已完成。"
LATE = "演示：人员抽取之后十日内即有检查"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What came of it: `broken` rules that the independent check found, by name."""

    saving: Saving
    unplaced: int
    notices: int
    broken: int


def make_days(seed: int, since: datetime, first: datetime, last: datetime) -> None:
    """Who is away, what cars there are, and what enterprises say of their days: all of it made up."""
    rng = Random(f"days {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    officers = list(
        registry_queries.list_officers().order_by("certificate").values_list("certificate", flat=True)
    )
    span = max(1, (last - first).days - 2)
    for certificate in rng.sample(officers, min(ABSENT, len(officers))):
        day = (first + timedelta(days=rng.randrange(span))).date()
        registry.record_absence(
            actor=AGENCIES,
            now=since,
            certificate=certificate,
            kind=rng.choice(list(AbsenceKind)),
            from_on=day,
            until_on=day + timedelta(days=rng.randrange(3)),
        )
    for region in REGIONS:
        for kind, code, name, count in EQUIPMENT:
            registry.set_equipment(
                actor=AGENCIES,
                now=since,
                agency=f"{region}-{kind}",
                kind=EquipmentKind.VEHICLE if code == "vehicle" else EquipmentKind.INSTRUMENT,
                code=code,
                name=name,
                count=count,
            )


def make_wishes(round_: Any, seed: int, now: datetime) -> int:
    """Some of the enterprises that are to be visited say when they are closed, or would rather be visited."""
    rng = Random(f"wishes {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    found = visits.list_round(round_.code, ContactState.PLANNED).order_by("enterprise__uscc")
    codes = list(dict.fromkeys(found.values_list("enterprise__uscc", flat=True)))
    for uscc in rng.sample(codes, min(WISHES, len(codes))):
        closed = rng.random() < 0.5
        wish = WishFacts(
            kind=WishKind.CLOSED if closed else WishKind.PREFERRED,
            weekday=rng.randrange(5),
            part=DayPart.MORNING if rng.random() < 0.5 else DayPart.AFTERNOON,
        )
        registry.say_wish(
            actor=OFFICE, now=now, uscc=uscc, wish=wish, because="模拟", most_closed=MOST_CLOSED
        )
    return min(WISHES, len(codes))


def make_recusals(round_: Any, seed: int, now: datetime) -> int:
    """Some officers must not go to some of the enterprises that are to be visited; others of their agency can.

    Not where the agency came before: who came last does not come again, and too few would be left.
    """
    rng = Random(f"recusals {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    planned = visits.list_round(round_.code, ContactState.PLANNED)
    enterprises = dict(planned.values_list("pk", "enterprise__uscc"))
    keys = visits.list_item_keys(enterprises)
    made = visits.list_contacts().filter(state=ContactState.MADE, enterprise__uscc__in=enterprises.values())
    places = dict(made.values_list("pk", "enterprise__uscc"))
    before = {(code, places[contact]) for contact, _, code, _ in visits.list_item_keys(places)}
    found = {(code, enterprises[contact]) for contact, _, code, _ in keys if code.endswith(LARGER)}
    pairs = sorted(found - before)
    officers: dict[str, list[str]] = defaultdict(list)
    rows = registry_queries.list_officers().order_by("certificate")
    for code, certificate in rows.values_list("agency__code", "certificate"):
        officers[code].append(certificate)
    chosen = rng.sample(pairs, min(RECUSALS, len(pairs) // 4))
    for code, uscc in chosen:
        registry.recuse(
            actor=AGENCIES,
            now=now,
            certificate=rng.choice(officers[code]),
            uscc=uscc,
            reason="模拟：近亲属任职",
            from_on=clock.today(now),
        )
    return len(chosen)


def make(progress: Progress, name: str, ask: Callable[[], Any], now: datetime) -> None:
    """Make a calendar and keep it; what it says of itself is the step's result."""
    with progress.step(name) as step:
        schedule = services.run_schedule(schedule=ask(), now=now)
        schedule = queries.get_schedule(str(schedule.uuid))
        if schedule.state != ScheduleState.PROPOSED:
            raise Refused(schedule.reason_list)
        kept = services.keep(actor=OFFICE, now=now, schedule=schedule)
        load = queries.read_objectives(schedule).get(Objective.LOAD)
        gap = f", load {100 * load.gap:.1f} % above its bound" if load else ""
        step.result = f"{kept.moved:,} placed or moved, {kept.returned:,} given back{gap}"


def accept(progress: Progress, now: datetime) -> None:
    """All agencies come."""
    with progress.step("Agencies accept their parts") as step:
        rows = list(answers.list_open())
        count = answering.accept_all(actor=AGENCIES, now=now, answers=rows, expected=len(rows))
        step.result = f"{count:,} parts"


def send_out(progress: Progress, round_: Any, now: datetime) -> int:
    """Every visit is approved by every agency's head, gets its code, and the enterprise its notice."""
    contacts = list(visits.list_round(round_.code, ContactState.PLANNED).exclude(planned_part=""))
    with progress.step("Approval by every agency's head, visit codes") as step:
        rows = dispatch.prepare(actor=OFFICE, now=now, contacts=contacts)
        approvals = 0
        for agency, own in _by_agency(rows).items():
            approvals += len(
                dispatch.approve(actor=f"{HEADS} {agency}", now=now, dispatches=own, agency=agency)
            )
        step.result = f"{len(rows):,} visits, {approvals:,} approvals"
    with progress.step("Notices to the enterprises") as step:
        approved = dispatch_queries.list_dispatches().filter(pk__in=[row.pk for row in rows])
        notices = dispatch.notify(actor=OFFICE, now=now, dispatches=approved, late_because=LATE)
        step.result = f"{len(notices):,} notices"
    return len(notices)


def _by_agency(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Agency (code) → the dispatches that it takes part in."""
    by_contact = {row.contact_id: row for row in rows}
    found: dict[str, dict[int, Any]] = defaultdict(dict)
    for contact, _agency, code, _item in visits.list_item_keys(by_contact):
        found[code][contact] = by_contact[contact]
    return {agency: list(own.values()) for agency, own in sorted(found.items())}


def check(progress: Progress, round_: Any, folder: Path) -> int:
    """Export the calendar, and let the independent program check it from its files alone."""
    with progress.step("The exported calendar is checked") as step:
        rows = exports.list_export_rows(round_)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{round_.code}.csv"
        calendar_files.write_calendar(path, rows)
        calendar_files.write_facts(folder / "facts", exports.list_fact_tables(round_, rows))
        facts = verify_calendar.Facts(folder / "facts")
        broken, skipped = verify_calendar.check(verify_calendar.read(path, verify_calendar.COLUMNS), facts)
        count = sum(map(len, broken.values()))
        step.result = f"{len(rows):,} rows, {count} rules broken" + (
            f", {len(skipped)} not checked" if skipped else ""
        )
    for name, found in broken.items():
        for one in found[:3]:
            print(f"    {name} Visit {one.visit}: {one.words}", flush=True)
    return count


def sign(round_: Any, step: EightStep, now: datetime, words: str = "") -> None:
    """Sign the document of one of the eight steps."""
    reporting.sign_step(actor=OFFICE, now=now, round_=round_, step=step, words=words)


def sum_up(round_: Any, notices: int, broken: int) -> Calendar:
    """The numbers that the demonstration prints."""
    fresh = planning.get_round(round_.code)
    return Calendar(queries.get_saving(fresh), len(queries.list_unplaced(fresh)), notices, broken)
