"""A verdict as a partner's system reads it: everything but what would tell the enterprise's class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yicha.decide.gate.terms import Bars, Ground, RowUsed, Verdict
from yicha.doors.partners.problems import both

BARS = {
    Bars.NOTHING: "nothing",
    Bars.NEW_VISIT: "new-visit",
    Bars.ENTRY: "entry",
    Bars.EVERYTHING: "everything",
}
"""What a ground stands in the way of, as the API says it."""
REST = "gate.rest"
TELLS_CLASS = {"gate.class-a-rest": REST}
"""Grounds that hold for one class only, and the neutral ones that go out instead (decision 0007)."""
LEFT_OUT = frozenset({"gate.low-risk-visits"})
"""Remarks that hold for one class only and bar nothing."""


def show_verdict(verdict: Verdict) -> dict[str, Any]:
    """The JSON of a verdict."""
    return {
        "outcome": verdict.outcome.value,
        "on": verdict.on.isoformat() if verdict.on else None,
        "until": verdict.until.isoformat() if verdict.until else None,
        "wants": [TELLS_CLASS.get(code, code) for code in verdict.wants],
        "counts_toward_cap": verdict.counts_toward_cap,
        "rules": verdict.rules,
        "items": [
            {
                "item": one.item,
                "outcome": one.outcome.value,
                "contact": one.contact,
                "result": one.result,
                "valid_until": one.valid_until.isoformat() if one.valid_until else None,
            }
            for one in verdict.items
        ],
        "reasons": [
            show_ground(neutral(ground)) for ground in verdict.grounds if ground.code not in LEFT_OUT
        ],
    }


def neutral(ground: Ground) -> Ground:
    """The same ground without what tells the class."""
    code = TELLS_CLASS.get(ground.code)
    return (
        ground
        if code is None
        else replace(
            ground,
            code=code,
            sentence="No visit on own initiative for now: the last one was not long ago.",
            source="",
            facts={},
            rows=(),
        )
    )


def show_ground(ground: Ground) -> dict[str, Any]:
    """The JSON of a ground: a reason, with what it bars and until when."""
    return {
        "code": ground.code,
        "sentence": both(ground.sentence, ground.facts),
        "source": ground.source,
        "facts": dict(ground.facts),
        "at_field": ground.at_field,
        "item": ground.item,
        "bars": BARS[ground.bars],
        "until": ground.until.isoformat() if ground.until else None,
        "answerable": ground.answerable,
        "leads_to": ground.leads_to.value if ground.leads_to else None,
        "rows": [show_row(row) for row in ground.rows],
    }


def show_row(row: RowUsed) -> dict[str, Any]:
    """The JSON of a dated row that was leaned on."""
    return {
        "table": row.table,
        "code": row.code,
        "value": row.value,
        "source": row.source,
        "in_force_from": row.in_force_from.isoformat() if row.in_force_from else None,
        "is_ours": row.is_ours,
    }
