"""What became of the demands of the quarter at the gate, with the reasons, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yicha.decide.planning import queries
from yicha.decide.planning.terms import Fate, ScreenFunnel

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


def describe(round_: Any) -> Iterator[str]:
    """A line for every fate with its share, and under it the three most frequent reasons."""
    funnel = queries.get_screen_funnel(round_)
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


def _share(count: int, whole: int) -> str:
    return f"{100 * count / whole:.1f} %" if whole else "–"
