"""Quiet days (企业宁静日): days of a month without visits, exceptions filed after, visits off the plan filed before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case, plus_days
from yicha.decide.gate.rules.kinds import QUIET, GroundKind, quiet_row, trigger_row
from yicha.decide.gate.terms import Bars, Ground, QuietFacts

QUIET_DAY = GroundKind(
    code="gate.quiet-day",
    sentence="%(on)s is a quiet day in %(region)s: days %(first)s to %(last)s of a month are without visits.",
    source=QUIET,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=("quiet days",),
)
EXCEPTION = GroundKind(
    code="gate.quiet-day-exception",
    sentence="%(on)s is a quiet day in %(region)s: “%(trigger)s” may come and is filed within %(days)s working days.",
    source=QUIET,
    leans_on=("quiet days", "triggers", "exception-filing-days"),
)
OFF_PLAN = GroundKind(
    code="gate.off-plan-filing",
    sentence="A visit off the plan in a region with quiet days is filed %(days)s working days before.",
    source=QUIET,
    leans_on=("quiet days", "off-plan-filing-days"),
)


def look_at_quiet_days(case: Case, day: date) -> Iterator[Ground]:
    """Quiet days bar a visit of its own; exceptions may come and are filed after (交口; 南阳)."""
    if not case.facts.quiet or case.trigger is None:
        return
    row = find_quiet(case, day)
    if row is None:
        return
    facts: dict[str, str | int] = {"on": day.isoformat(), "region": row.region}
    if case.trigger.exempt_from_quiet:
        named = {**facts, "trigger": case.trigger.words, "days": case.number("exception-filing-days") or 0}
        rows = (quiet_row(row), trigger_row(case.trigger), *case.rows("exception-filing-days"))
        yield EXCEPTION(named, rows=rows)
        return
    until = plus_days(day, 1)
    while until <= case.limit and find_quiet(case, until) is not None and until < date.max:
        until = plus_days(until, 1)
    opens = until if day < until <= case.limit and find_quiet(case, until) is None else None
    days = {**facts, "first": row.from_day, "last": row.until_day}
    yield QUIET_DAY(days, until=opens, rows=(quiet_row(row),))


def find_quiet(case: Case, day: date) -> QuietFacts | None:
    """The quiet days that hold this day: of any region that the place lies in, its newest rows in force."""
    for region in _places(case):
        for row in _rows(case, region, day):
            if _holds(row, day.day):
                return row
    return None


def _places(case: Case) -> tuple[str, ...]:
    return case.enterprise.place_regions if case.facts.quiet and case.enterprise is not None else ()


def _rows(case: Case, region: str, day: date) -> list[QuietFacts]:
    """The newest rows of a region in force; one of day 0 to 0 says that it has no quiet days any more."""
    rows = [row for row in case.facts.quiet if row.region == region and row.in_force_from <= day]
    newest = max((row.in_force_from for row in rows), default=None)
    return [row for row in rows if row.in_force_from == newest and row.until_day > 0]


def _holds(row: QuietFacts, day: int) -> bool:
    if row.from_day <= row.until_day:
        return row.from_day <= day <= row.until_day
    return day >= row.from_day or day <= row.until_day


def remark_on_filing(case: Case, day: date) -> Iterator[Ground]:
    """Where a region has quiet days, a visit off the plan is filed some working days before (南阳)."""
    trigger, days = case.trigger, case.number("off-plan-filing-days")
    planned = case.asked.planned or case.is_courtesy
    if trigger is None or trigger.exempt_from_quiet or planned or days is None:
        return
    if any(_rows(case, region, day) for region in _places(case)):
        yield OFF_PLAN({"days": days}, rows=case.rows("off-plan-filing-days"))
