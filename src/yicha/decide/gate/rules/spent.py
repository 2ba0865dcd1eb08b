"""An enterprise's budget of visits in a year, as its own page and the API show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from yicha.decide.gate.rules.kinds import number_row, trigger_row
from yicha.decide.gate.terms import (
    Budget,
    BudgetLine,
    BudgetVisit,
    ContactFacts,
    Counted,
    Facts,
    Level,
    TriggerFacts,
)
from yicha.know.visits.terms import ContactKind

CAPS = (
    (None, "annual-visit-cap"),
    (Level.DISTRICT, "annual-visit-cap-district"),
    (Level.CITY, "annual-visit-cap-city"),
)
"""The caps of a year and the numbers that hold them (county health bureau rule)."""


def add_up(facts: Facts, year: int, trigger_of: Callable[[str, date], TriggerFacts | None]) -> Budget:
    """The visits of a year and the caps that are in force. A joint visit counts once (深府规〔2025〕6号)."""
    visits = [contact for contact in facts.contacts if contact.on.year == year]
    lines = []
    for level, code in CAPS:
        row = facts.numbers.get(code)
        used = sum(contact.counts and level in (None, contact.level) for contact in visits)
        lines.append(
            BudgetLine(level, used, int(row.value) if row else None, number_row(row) if row else None)
        )
    return Budget(
        facts.application.uscc,
        year,
        tuple(lines),
        tuple(_visit(contact, trigger_of(contact.trigger, contact.on)) for contact in visits),
    )


def _visit(contact: ContactFacts, trigger: TriggerFacts | None) -> BudgetVisit:
    return BudgetVisit(contact, _counted(contact, trigger), trigger_row(trigger) if trigger else None)


def _counted(contact: ContactFacts, trigger: TriggerFacts | None) -> Counted:
    """Courtesy calls, the named exceptions and specials from above do not count (司法部问题解答; county rule)."""
    if contact.counts:
        return Counted.YES
    if contact.kind == ContactKind.COURTESY.value:
        return Counted.COURTESY
    if trigger is not None and trigger.exempt_from_cap and not trigger.spareable:
        return Counted.EXCEPTION
    return Counted.FROM_ABOVE if contact.kind == ContactKind.SPECIAL.value else Counted.NO
