"""What a notice says, and what the next one says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yicha.act.dispatch.terms import Change, VisitFacts

NOT_COMPARED = frozenset({"running"})
"""Members that may differ without anybody being told again: other visits come and go."""


def say(facts: VisitFacts, papers: list[str]) -> dict[str, Any]:
    """Everything a notice says of a visit, as it is kept and printed; what it does not say is not told.

    No telephone numbers, no class, nothing of other enterprises; the visit code is shown at the door and not here.
    """
    return {
        "enterprise": facts.enterprise,
        "uscc": facts.uscc,
        "address": facts.address,
        "lead": facts.lead_name,
        "agencies": list(facts.agencies.values()),
        "kind": facts.kind,
        "trigger": facts.trigger,
        "day": facts.day.isoformat() if facts.day else "",
        "part": facts.part,
        "running": facts.running,
        "items": [
            {"agency": facts.agencies.get(one.agency, one.agency), "name": one.name, "basis": one.basis}
            for one in facts.items
        ],
        "officers": [
            {
                "agency": facts.agencies.get(one.agency, one.agency),
                "name": one.name,
                "certificate": one.certificate,
            }
            for one in facts.officers
        ],
        "papers": list(papers),
        "simulated": facts.simulated,
    }


def list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What is otherwise, in the order in which a notice says it; what came is under `now`, what went under `was`."""
    found = []
    slots = [(f"{said['day']} {said['part']}".strip()) for said in (before, after)]
    if slots[0] != slots[1]:
        found.append(Change("day", *slots))
    if before["address"] != after["address"]:
        found.append(Change("address", before["address"], after["address"]))
    for of, words in (("officers", _officer), ("items", _item), ("papers", str)):
        was, now = [words(one) for one in before[of]], [words(one) for one in after[of]]
        gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
        if gone or come:
            found.append(Change(of, "、".join(gone), "、".join(come)))
    return found


def _officer(one: Mapping[str, str]) -> str:
    return f"{one['name']}（{one['certificate']}）"


def _item(one: Mapping[str, str]) -> str:
    return f"{one['name']}（{one['agency']}）"
