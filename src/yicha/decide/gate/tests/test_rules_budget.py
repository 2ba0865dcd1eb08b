"""The enterprise's budget of visits, their frequency, the rest of class A, and quiet days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from yicha.decide.gate.rules import judge
from yicha.decide.gate.terms import AgencyFacts, Bars, ContactFacts, Facts, Level, Outcome, Verdict
from yicha.know.visits.terms import ContactKind

from .scene import (
    CITY,
    LAW,
    MARKET,
    OTHER,
    OWN,
    TODAY,
    barring,
    campaign,
    codes,
    contact,
    ground,
    item,
    numbers,
    planned,
    quiet,
    result,
    scene,
)

JANUARY, FEBRUARY, MAY = date(2026, 1, 12), date(2026, 2, 9), date(2026, 5, 4)
NEXT_YEAR = date(2027, 1, 1)
CITY_AGENCY = AgencyFacts(MARKET, "Market of the city", "market", CITY, Level.CITY)


def deferred(facts: Facts, code: str, until: date) -> Verdict:
    """Only this stands in the way of a visit of its own, and it passes on this day."""
    verdict = judge(facts)
    assert barring(verdict) == {code: Bars.NEW_VISIT}
    assert ground(verdict, code).until == until
    assert (verdict.outcome, verdict.until) == (Outcome.DEFER, until)
    return verdict


def of(level: Level, *days: date, **other: Any) -> tuple[ContactFacts, ...]:
    return tuple(contact(day, level=level, **other) for day in days)


def test_two_visits_of_the_district_use_its_budget_until_new_year() -> None:
    verdict = deferred(
        scene(contacts=of(Level.DISTRICT, JANUARY, FEBRUARY)), "gate.cap-used-district", NEXT_YEAR
    )
    told = ground(verdict, "gate.cap-used-district")
    assert told.facts == {"year": 2026, "count": 2, "cap": 2}
    assert [(row.code, row.value, row.source) for row in told.rows] == [
        ("annual-visit-cap-district", "2", "source of annual-visit-cap-district")
    ]


def test_the_budget_of_the_district_does_not_bind_the_city() -> None:
    facts = scene(contacts=of(Level.DISTRICT, JANUARY, FEBRUARY), agency=CITY_AGENCY)
    assert judge(facts).outcome is Outcome.ALLOW


def test_two_visits_of_the_city_use_the_budget_of_the_city() -> None:
    facts = scene(contacts=of(Level.CITY, JANUARY, FEBRUARY), agency=CITY_AGENCY)
    deferred(facts, "gate.cap-used-city", NEXT_YEAR)
    assert judge(scene(contacts=of(Level.CITY, JANUARY, FEBRUARY))).outcome is Outcome.ALLOW


def test_four_visits_of_both_levels_use_the_budget_of_both() -> None:
    facts = scene(
        contacts=(*of(Level.CITY, JANUARY, FEBRUARY, MAY), *of(Level.DISTRICT, date(2026, 2, 2))),
    )
    deferred(facts, "gate.cap-used", NEXT_YEAR)


def test_the_last_visit_of_the_budget_is_allowed_and_told() -> None:
    verdict = judge(scene(contacts=of(Level.DISTRICT, JANUARY)))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.budget").facts == {"number": 2, "cap": 4, "year": 2026}


def test_planned_visits_use_the_budget_and_cancelled_ones_do_not() -> None:
    assert judge(scene(contacts=of(Level.DISTRICT, JANUARY, MAY, state="planned"))).until is not None
    assert judge(scene(contacts=of(Level.DISTRICT, JANUARY, MAY, state="cancelled"))).outcome is Outcome.ALLOW
    assert judge(scene(contacts=of(Level.DISTRICT, JANUARY, MAY, state="spared"))).outcome is Outcome.ALLOW


def test_a_joint_visit_counts_once() -> None:
    both = contact(JANUARY, agencies=(MARKET, "110112-fire", "110112-labour"))
    assert judge(scene(contacts=(both,))).outcome is Outcome.ALLOW


def test_visits_that_do_not_count_and_those_of_other_years_use_no_budget() -> None:
    assert judge(scene(contacts=of(Level.DISTRICT, JANUARY, FEBRUARY, counts=False))).outcome is Outcome.ALLOW
    last_year = of(Level.DISTRICT, date(2025, 11, 3), date(2025, 12, 1))
    assert judge(scene(contacts=last_year)).outcome is Outcome.ALLOW
    courtesy = of(Level.DISTRICT, JANUARY, FEBRUARY, kind="courtesy")
    assert judge(scene(contacts=courtesy)).outcome is Outcome.ALLOW


def test_a_budget_used_next_year_as_well_is_not_waited_for() -> None:
    contacts = of(Level.DISTRICT, JANUARY, FEBRUARY, date(2027, 1, 4), date(2027, 1, 11))
    verdict = judge(scene(contacts=contacts))
    assert ground(verdict, "gate.cap-used-district").until is None
    assert verdict.outcome is Outcome.REFUSE


def test_a_cap_of_a_region_is_a_row() -> None:
    contacts = of(Level.DISTRICT, JANUARY, FEBRUARY)
    assert (
        judge(scene(contacts=contacts, numbers=numbers(annual_visit_cap_district=3))).outcome is Outcome.ALLOW
    )


@pytest.mark.parametrize(
    "code",
    [
        "complaint",
        "assigned",
        "support",
        "audit",
        "offsite-clue",
        "media",
        "recheck",
        "own-request",
        "licence",
        "emergency",
    ],
)
def test_each_named_exception_is_free_of_the_budget(code: str) -> None:
    contacts = of(Level.DISTRICT, JANUARY, FEBRUARY)
    verdict = judge(scene(contacts=contacts, trigger=code, evidence="ref"))
    assert verdict.outcome is Outcome.ALLOW
    assert not verdict.counts_toward_cap
    assert "gate.budget-free" in codes(verdict)


def test_a_special_ordered_from_above_is_free_of_the_budget() -> None:
    contacts = of(Level.DISTRICT, JANUARY, FEBRUARY)
    facts = scene(contacts=contacts, trigger="superior-order", evidence="ref", kind=ContactKind.SPECIAL)
    assert judge(facts).outcome is Outcome.ALLOW
    above = campaign(from_above=True)
    facts = scene(contacts=contacts, trigger="campaign", evidence="ref", campaign=above)
    assert judge(facts).outcome is Outcome.ALLOW
    facts = scene(contacts=contacts, trigger="campaign", evidence="ref", campaign=campaign())
    assert "gate.cap-used-district" in barring(judge(facts))


def test_joining_a_planned_visit_is_free_of_the_budget() -> None:
    contacts = (*of(Level.DISTRICT, JANUARY), planned(date(2026, 3, 11)))
    verdict = judge(scene(contacts=contacts))
    assert verdict.outcome is Outcome.MERGE
    assert ground(verdict, "gate.cap-used-district").bars is Bars.NEW_VISIT


def test_one_visit_a_day() -> None:
    day = date(2026, 3, 9)
    facts = scene(from_on=day, until_on=day, contacts=of(Level.CITY, day))
    deferred(facts, "gate.too-often-day", date(2026, 3, 10))
    assert judge(scene(contacts=of(Level.CITY, day))).on == date(2026, 3, 10)


def test_two_visits_a_week_from_monday_to_sunday() -> None:
    week = of(Level.CITY, date(2026, 3, 9), date(2026, 3, 15))
    deferred(scene(from_on=date(2026, 3, 10), contacts=week), "gate.too-often-week", date(2026, 3, 16))
    before = of(Level.CITY, date(2026, 3, 8), date(2026, 3, 15))
    assert judge(scene(contacts=before)).outcome is Outcome.ALLOW


def test_three_visits_a_calendar_month() -> None:
    month = of(Level.CITY, date(2026, 3, 1), date(2026, 3, 20), date(2026, 3, 31), counts=False)
    deferred(scene(contacts=month), "gate.too-often-month", date(2026, 4, 1))
    two = of(Level.CITY, date(2026, 2, 28), date(2026, 3, 20), date(2026, 4, 1), counts=False)
    assert judge(scene(contacts=two)).outcome is Outcome.ALLOW


def test_a_full_next_week_is_skipped() -> None:
    weeks = of(Level.CITY, *(date(2026, 3, day) for day in (9, 13, 16, 20)), counts=False)
    rows = numbers(visits_a_month=9)
    deferred(
        scene(from_on=date(2026, 3, 10), until_on=date(2026, 3, 12), contacts=weeks, numbers=rows),
        "gate.too-often-week",
        date(2026, 3, 23),
    )


def test_a_named_exception_may_come_often() -> None:
    facts = scene(
        contacts=of(Level.CITY, *(date(2026, 3, day) for day in range(9, 14))), trigger="media", evidence="e"
    )
    assert judge(facts).outcome is Outcome.ALLOW


def test_class_a_rests_for_a_year_after_a_visit() -> None:
    last = date(2025, 6, 2)
    verdict = deferred(
        scene(risk_class="A", contacts=(contact(last),)), "gate.class-a-rest", last + timedelta(days=365)
    )
    assert ground(verdict, "gate.class-a-rest").rows[0].code == "class-a-rest-days"


@pytest.mark.parametrize(
    "other",
    [
        {"risk_class": "B"},
        {"contacts": (contact(date(2025, 3, 1)),)},
        {"contacts": ()},
        {"contacts": (contact(date(2025, 6, 2), state="cancelled"),)},
        {"trigger": "complaint", "evidence": "e"},
        {"trigger": "campaign", "evidence": "e", "campaign": campaign(from_above=True)},
        {"trigger": "courtesy", "kind": ContactKind.COURTESY},
    ],
    ids=["class B", "long ago", "never", "cancelled", "complaint", "from above", "courtesy"],
)
def test_others_do_not_rest(other: dict[str, Any]) -> None:
    facts = scene(**{"risk_class": "A", "contacts": (contact(date(2025, 6, 2)),), **other})
    assert judge(facts).outcome is Outcome.ALLOW


def test_a_second_visit_a_year_at_low_risk_is_remarked_on() -> None:
    facts = scene(risk_class="A", contacts=(planned(MAY),))
    assert ground(judge(facts), "gate.low-risk-visits").bars is Bars.NOTHING
    assert "gate.low-risk-visits" not in codes(judge(scene(contacts=(planned(MAY),))))
    assert "gate.low-risk-visits" not in codes(judge(scene(risk_class="A")))


def test_quiet_days_are_waited_out() -> None:
    verdict = deferred(scene(quiet=(quiet(6, 25),)), "gate.quiet-day", date(2026, 3, 26))
    assert ground(verdict, "gate.quiet-day").source == "南阳"


def test_quiet_days_inside_the_window_move_the_day() -> None:
    verdict = judge(scene(quiet=(quiet(1, 10),)))
    assert (verdict.outcome, verdict.on) == (Outcome.ALLOW, date(2026, 3, 11))
    assert ground(verdict, "gate.quiet-day").bars is Bars.NOTHING
    assert ground(verdict, "gate.off-plan-filing").rows[0].code == "off-plan-filing-days"


def test_quiet_days_of_the_city_hold_in_its_districts_and_those_of_others_do_not() -> None:
    assert judge(scene(quiet=(quiet(6, 25, region=CITY),))).outcome is Outcome.DEFER
    assert judge(scene(quiet=(quiet(6, 25, region=OTHER),))).outcome is Outcome.ALLOW


def test_the_newest_row_of_quiet_days_in_force_counts() -> None:
    given_up = quiet(0, 0, in_force_from=date(2026, 3, 1))
    assert judge(scene(quiet=(quiet(6, 25), given_up))).outcome is Outcome.ALLOW
    to_come = quiet(0, 0, in_force_from=date(2026, 3, 12))
    assert judge(scene(quiet=(quiet(6, 25), to_come))).on == date(2026, 3, 12)


def test_quiet_days_may_span_the_end_of_a_month() -> None:
    facts = scene(quiet=(quiet(28, 9),), from_on=date(2026, 3, 30), until_on=date(2026, 3, 31))
    deferred(facts, "gate.quiet-day", date(2026, 4, 10))


def test_a_month_of_quiet_days_never_opens() -> None:
    verdict = judge(scene(quiet=(quiet(1, 31),)))
    assert verdict.outcome is Outcome.REFUSE
    assert ground(verdict, "gate.quiet-day").until is None


def test_an_exception_comes_on_quiet_days_and_is_filed_after() -> None:
    verdict = judge(scene(quiet=(quiet(6, 25),), trigger="complaint", evidence="e"))
    assert verdict.outcome is Outcome.ALLOW
    told = ground(verdict, "gate.quiet-day-exception")
    assert [row.code for row in told.rows] == [OWN, "complaint", "exception-filing-days"]


def test_a_draw_needs_no_filing_as_off_the_plan() -> None:
    verdict = judge(scene(quiet=(quiet(1, 3),), planned=True))
    assert "gate.off-plan-filing" not in codes(verdict)
    assert "gate.off-plan-filing" not in codes(judge(scene()))


def test_what_bars_a_visit_of_its_own_leaves_results_and_data() -> None:
    full: dict[str, Any] = {"quiet": (quiet(1, 31),), "contacts": of(Level.DISTRICT, JANUARY, FEBRUARY)}
    assert judge(scene(**full, results=(result(),))).outcome is Outcome.RECOGNISE
    assert judge(scene(item(method="offsite"), **full)).outcome is Outcome.OFFSITE


def test_several_bars_are_waited_out_together() -> None:
    """Quiet until the 26th, and then two visits in that week: the next week begins on the 30th."""
    contacts = of(Level.CITY, date(2026, 3, 23), date(2026, 3, 24), counts=False)
    verdict = judge(scene(quiet=(quiet(6, 25),), contacts=contacts))
    assert barring(verdict) == {"gate.quiet-day": Bars.NEW_VISIT}
    assert ground(verdict, "gate.too-often-week").bars is Bars.NOTHING
    assert (verdict.outcome, verdict.until) == (Outcome.DEFER, date(2026, 3, 30))


def test_a_second_visit_within_thirty_days_is_warned_of() -> None:
    verdict = judge(scene(contacts=of(Level.CITY, FEBRUARY)))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.second-visit").facts == {"on": FEBRUARY.isoformat(), "days": 30}
    assert "gate.second-visit" not in codes(judge(scene(contacts=of(Level.CITY, JANUARY))))


def test_a_visit_at_short_notice_is_remarked_on() -> None:
    assert ground(judge(scene()), "gate.notice").facts == {"days": 10, "on": "2026-03-09", "left": 7}
    later = TODAY + timedelta(days=10)
    assert "gate.notice" not in codes(judge(scene(from_on=later, until_on=later)))
    assert "gate.notice" not in codes(judge(scene(trigger="complaint", evidence="e")))


def test_limits_that_were_kept_are_told() -> None:
    rows = ground(judge(scene()), "gate.frequency-kept").rows
    assert [(row.value, row.in_force_from) for row in rows] == [("1", LAW), ("2", LAW), ("3", LAW)]
