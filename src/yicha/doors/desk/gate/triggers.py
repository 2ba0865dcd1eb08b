"""Triggers of visits in words, as forms and lists name them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from yicha.decide.gate import queries
from yicha.kernel import clock

EMERGENCY = "emergency"


def trigger_words() -> dict[str, str]:
    """Words of the triggers in force today, by code."""
    rows = queries.list_triggers_in_force(clock.today(clock.now()))
    return {row.code: _(row.words) for row in rows}


def trigger_choices() -> list[tuple[str, str]]:
    """Choices of a filter."""
    return list(trigger_words().items())


def choices_to_try() -> list[tuple[str, str]]:
    """What may be applied for: an emergency is entered, with its clock for the papers, not applied for."""
    return [(code, words) for code, words in trigger_words().items() if code != EMERGENCY]


def choices_with_evidence() -> list[tuple[str, str]]:
    """Choices of an application: each says whether it wants evidence, and whether it leaves the budget alone."""
    found = []
    for row in queries.list_triggers_in_force(clock.today(clock.now())):
        if row.code == EMERGENCY:
            continue
        notes = []
        if row.needs_evidence:
            notes.append(_("evidence is named"))
        if row.exempt_from_cap or not row.counts_toward_cap:
            notes.append(_("free of the cap"))
        found.append((row.code, f"{_(row.words)} ({'; '.join(notes)})" if notes else _(row.words)))
    return found
