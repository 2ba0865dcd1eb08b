"""What became of the demands of the quarter at the gate, with the reasons, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from yicha.decide.planning import queries
from yicha.decide.planning.terms import DemandState, Fate, Origin, ScreenFunnel

WORDS = {
    Fate.RECOGNISED: "recognised: a result exists",
    Fate.MERGED: "merged: one visit with other agencies",
    Fate.OFFSITE: "moved off site",
    Fate.ALLOWED: "allowed: a visit of their own",
    Fate.DEFERRED: "deferred",
    Fate.REFUSED: "refused",
    Fate.WAITING: "waiting for a day",
}
"""What can become of a demand, in the order of preference."""

ORIGINS = {
    Origin.DRAW: "drawn",
    Origin.STATUTORY: "prescribed by law",
    Origin.FOLLOW_UP: "follow-ups of problems found",
    Origin.RECHECK: "re-checks of orders that ran out",
}
"""What asks for a check, in words."""
_STATES = {
    DemandState.MATCHED: "with a visit",
    DemandState.SPARED: "spared",
    DemandState.DEFERRED: "deferred",
    DemandState.REFUSED: "refused",
    DemandState.WAITING: "waiting",
}


def describe(round_: Any) -> Iterator[str]:
    """A line for every origin, and for every fate with its share, and under it the three most frequent reasons."""
    funnel = queries.get_screen_funnel(round_)
    for origin, states in _count_states(round_).items():
        became = ", ".join(f"{states[state]:,} {words}" for state, words in _STATES.items() if states[state])
        yield f"    {ORIGINS[origin]:<40} {states.total():>7,}  {_share(states.total(), funnel.demands):>6}  {became}"
    reasons = queries.list_top_grounds(round_)
    for fate, words in WORDS.items():
        count = count_of(funnel, fate)
        if fate is Fate.WAITING and not count:
            continue
        yield f"    {words:<40} {count:>7,}  {_share(count, funnel.demands):>6}"
        for one in reasons.get(fate, ()):
            what = str(one.example) if one.example.code == "match.joint" else one.example.code
            yield f"        {what:<36} {one.count:>7,}"


def count_of(funnel: ScreenFunnel, fate: Fate) -> int:
    """How many demands had a fate."""
    count: int = getattr(funnel, fate.value)
    return count


def count_origins(round_: Any) -> dict[Origin, int]:
    """How many demands each origin has."""
    return {origin: states.total() for origin, states in _count_states(round_).items()}


def _count_states(round_: Any) -> dict[Origin, Counter[str]]:
    rows = queries.list_demands(round_).exclude(state=DemandState.WITHDRAWN).order_by()
    found: dict[Origin, Counter[str]] = {origin: Counter() for origin in ORIGINS}
    for origin, state, count in rows.values_list("origin", "state").annotate(count=Count("pk")):
        found[Origin(origin)][state] = count
    return found


def _share(count: int, whole: int) -> str:
    return f"{100 * count / whole:.1f} %" if whole else "–"
