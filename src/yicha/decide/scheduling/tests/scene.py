"""A scene small enough to see through: one agency, four officers, three days, visits that could be anywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from yicha.decide.scheduling.rules.checking import check
from yicha.decide.scheduling.rules.laying import lay
from yicha.decide.scheduling.services.solver import solve
from yicha.decide.scheduling.terms import (
    PARTS,
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    PartFacts,
    PersonFacts,
    Problem,
    Slot,
    Solution,
)

MON, TUE, WED = DAYS = tuple(date(2026, 7, 6) + timedelta(days=n) for n in range(3))
AM, PM = PARTS
MON_AM, MON_PM, TUE_AM, TUE_PM, WED_AM, WED_PM = SLOTS = tuple(
    Slot(day, part) for day in DAYS for part in PARTS
)
NUMBERS = CalendarNumbers(2, 2, 10, 1, 2, 3)
ALWAYS = (date(2020, 1, 1), date(2030, 1, 1))


def officer(number: int, **facts: Any) -> PersonFacts:
    """Officer `m-<number>` of agency m, competent for everything that it checks."""
    given: dict[str, Any] = {"agency": "m", "competences": frozenset({"market"}), **facts}
    valid = {"valid_from": ALWAYS[0], "valid_until": ALWAYS[1]} | given
    return PersonFacts(id=number, certificate=f"m-{number}", **valid)


def share(**facts: Any) -> PartFacts:
    """What agency m checks: one item that anybody of its kind masters."""
    return PartFacts(**{"agency": "m", "kind": "market", "items": frozenset({"general"}), **facts})


def visit(number: int, **facts: Any) -> ContactFacts:
    """Visit `v<number>` to enterprise `number` in district x, on any of the days, by agency m alone."""
    given: dict[str, Any] = {
        "enterprise": number,
        "uscc": f"E{facts.get('enterprise', number)}",
        "district": "x",
        "first": MON,
        "last": WED,
        "on": None,
        "now": None,
        "parts": (share(),),
    }
    return ContactFacts(id=number, key=f"v{number}", **(given | facts))


def scene(*visits: ContactFacts, **facts: Any) -> CalendarFacts:
    """These visits, two officers unless others are given, and nothing in the way."""
    given: dict[str, Any] = {
        "today": MON - timedelta(days=30),
        "asked_on": MON - timedelta(days=30),
        "days": DAYS,
        "numbers": NUMBERS,
        "moving": visits,
        "standing": (),
        "people": (officer(1), officer(2)),
        "equipment": {},
        **{key: {} for key in ("barred", "closed", "preferred", "taken", "recused", "last_went")},
    }
    return CalendarFacts(**(given | facts))


def arrange(facts: CalendarFacts, *, keep: bool = False, **change: Any) -> Solution:
    """The calendar, which keeps all rules."""
    return arrange_problem(replace(lay(facts, keep=keep), **change))


def arrange_problem(problem: Problem) -> Solution:
    """The calendar, which keeps all rules."""
    solution = solve(problem, effort=20)
    assert check(problem, solution) == []
    return solution


def places(facts: CalendarFacts, **change: Any) -> list[Slot | None]:
    """Where the visits stand, in their order."""
    placed = arrange(facts, **change).placed
    return [placed.get(contact.key) for contact in facts.moving]
