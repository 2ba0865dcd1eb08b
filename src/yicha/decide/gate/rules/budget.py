"""The enterprise's budget: visits a year, a month, a week and a day, and the rest of those of low risk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case, next_period, plus_days
from yicha.decide.gate.rules.kinds import CHENGDU, COUNTY, ITALY, GroundKind, trigger_row
from yicha.decide.gate.terms import Bars, Ground, Level
from yicha.know.visits.terms import ContactState

_CAP = "annual-visit-cap"

CAP_USED = GroundKind(
    code="gate.cap-used",
    sentence="The budget of %(year)s is used: %(count)s of %(cap)s visits, both levels together.",
    source=COUNTY,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=(_CAP,),
)
CAP_USED_DISTRICT = GroundKind(
    code="gate.cap-used-district",
    sentence="The budget of %(year)s for district agencies is used: %(count)s of %(cap)s visits.",
    source=COUNTY,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=(f"{_CAP}-district",),
)
CAP_USED_CITY = GroundKind(
    code="gate.cap-used-city",
    sentence="The budget of %(year)s for city agencies is used: %(count)s of %(cap)s visits.",
    source=COUNTY,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=(f"{_CAP}-city",),
)
TOO_OFTEN_DAY = GroundKind(
    code="gate.too-often-day",
    sentence="%(count)s visits on %(on)s already; more than %(most)s a day is too often.",
    source=CHENGDU,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=("visits-a-day",),
)
TOO_OFTEN_WEEK = GroundKind(
    code="gate.too-often-week",
    sentence="%(count)s visits in the week of %(on)s already; more than %(most)s a week is too often.",
    source=CHENGDU,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=("visits-a-week",),
)
TOO_OFTEN_MONTH = GroundKind(
    code="gate.too-often-month",
    sentence="%(count)s visits in the month of %(on)s already; more than %(most)s a month is too often.",
    source=CHENGDU,
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=("visits-a-month",),
)
CLASS_A_REST = GroundKind(
    code="gate.class-a-rest",
    sentence="Class A: no visit on own initiative within %(days)s days of the last one, %(last)s.",
    source="大庆; 河南; 衡阳",
    bars=Bars.NEW_VISIT,
    passes=True,
    leans_on=("class-a-rest-days",),
)
LOW_RISK = GroundKind(
    code="gate.low-risk-visits",
    sentence="Low risk: %(count)s visits in %(year)s already, where %(most)s a year on own initiative is the most.",
    source=ITALY,
    leans_on=("low-risk-visits-a-year",),
)
BUDGET = GroundKind(
    code="gate.budget",
    sentence="Visit number %(number)s of %(cap)s in %(year)s, both levels together.",
    source=COUNTY,
    leans_on=(_CAP, f"{_CAP}-district", f"{_CAP}-city"),
)
BUDGET_FREE = GroundKind(
    code="gate.budget-free",
    sentence="“%(trigger)s” does not use the enterprise's budget.",
    source=COUNTY,
    leans_on=("triggers",),
)
FREQUENCY_KEPT = GroundKind(
    code="gate.frequency-kept",
    sentence="The visits of the day, the week and the month stay within %(a_day)s, %(a_week)s and %(a_month)s.",
    source=CHENGDU,
    leans_on=("visits-a-day", "visits-a-week", "visits-a-month"),
)

_LEVELS = {
    Level.DISTRICT: (CAP_USED_DISTRICT, f"{_CAP}-district"),
    Level.CITY: (CAP_USED_CITY, f"{_CAP}-city"),
}
_PERIODS = (
    ("day", TOO_OFTEN_DAY, "visits-a-day"),
    ("week", TOO_OFTEN_WEEK, "visits-a-week"),
    ("month", TOO_OFTEN_MONTH, "visits-a-month"),
)


def look_at_cap(case: Case, day: date) -> Iterator[Ground]:
    """The annual cap per level and for both together (county rule). A joint visit counts once (深府规〔2025〕6号).

    Free are visits that do not count (specials ordered from above, courtesy calls) and the named exceptions.
    """
    if case.exempt or not case.counts or case.agency is None or not case.visits:
        return
    level = case.agency.level
    for kind, code, whose in ((CAP_USED, _CAP, None), (*_LEVELS[level], level)):
        cap = case.number(code)
        if cap is None or (count := case.counted(day.year, whose)) < cap:
            continue
        until: date | None = next_period("year", day)
        while until is not None and case.counted(until.year, whose) >= cap:
            until = _next(case, "year", until)
        if until is not None and not day < until <= case.limit:
            until = None
        yield kind({"year": day.year, "count": count, "cap": cap}, until=until, rows=case.rows(code))


def look_at_frequency(case: Case, day: date) -> Iterator[Ground]:
    """More than 1 visit a day, 2 a week or 3 a month is too often (成都); the named exceptions are free."""
    if case.exempt or case.is_courtesy or not case.visits:
        return
    for period, kind, code in _PERIODS:
        most = case.number(code)
        if most is None or (count := case.visits_in(period, day)) < most:
            continue
        until: date | None = _next(case, period, day)
        while until is not None and case.visits_in(period, until) >= most:
            until = _next(case, period, until)
        yield kind({"count": count, "on": day.isoformat(), "most": most}, until=until, rows=case.rows(code))


def _next(case: Case, period: str, day: date) -> date | None:
    following = next_period(period, day)
    return following if day < following <= case.limit else None


def look_at_rest(case: Case, day: date) -> Iterator[Ground]:
    """Class A is not visited on own initiative within a year of the last visit made (大庆; 河南; 衡阳)."""
    days = case.number("class-a-rest-days")
    if days is None or not case.own_initiative or not _is_low_risk(case):
        return
    last = _last_made(case, day)
    if last is None or (until := plus_days(last, days)) <= day:
        return
    facts: dict[str, str | int] = {"days": days, "last": last.isoformat()}
    yield CLASS_A_REST(
        facts, until=until if until <= case.limit else None, rows=case.rows("class-a-rest-days")
    )


def _is_low_risk(case: Case) -> bool:
    return case.enterprise is not None and case.enterprise.risk_class == "A"


def _last_made(case: Case, day: date) -> date | None:
    return max((v.on for v in case.visits if v.state == ContactState.MADE and v.on <= day), default=None)


def remark_on_budget(case: Case, day: date) -> Iterator[Ground]:
    """Which part of the budget this visit is, or by what it is free of it; low risk: at most one a year (Italy)."""
    trigger, cap = case.trigger, case.number(_CAP)
    if trigger is None or case.agency is None:
        return
    if case.exempt or not case.counts:
        yield BUDGET_FREE({"trigger": trigger.words}, rows=(trigger_row(trigger),))
    elif cap is not None:
        number = case.counted(day.year) + 1
        rows = case.rows(_CAP, _LEVELS[case.agency.level][1])
        yield BUDGET({"number": number, "cap": cap, "year": day.year}, rows=rows)
    most = case.number("low-risk-visits-a-year")
    if most is None or not case.own_initiative or not _is_low_risk(case):
        return
    count = sum(visit.on.year == day.year for visit in case.visits)
    if count >= most:
        rows = case.rows("low-risk-visits-a-year")
        yield LOW_RISK({"count": count, "year": day.year, "most": most}, rows=rows)


def remark_on_frequency(case: Case, day: date) -> Iterator[Ground]:
    """The limits of a day, a week and a month that this visit keeps."""
    if case.exempt or case.is_courtesy:
        return
    codes = ("visits-a-day", "visits-a-week", "visits-a-month")
    limits = [case.number(code) for code in codes]
    if None not in limits:
        facts = {name: limit or 0 for name, limit in zip(("a_day", "a_week", "a_month"), limits, strict=True)}
        yield FREQUENCY_KEPT(facts, rows=case.rows(*codes))
