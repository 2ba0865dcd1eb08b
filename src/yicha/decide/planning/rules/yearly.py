"""What the plans of a year would mean for enterprises: seeded runs over all draws, and what must be accepted.

A run draws every entry as the draw itself would, so many of each stratum by ticket; tickets come from a seed, so that
everybody gets the same answer. Visits of one enterprise whose windows share a day are one visit, as matching makes
them. Nothing is left out by the gate: the question is what the plans ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yicha.decide.planning.terms import Breach
from yicha.kernel.refusal import Reason

Column = np.ndarray[Any, np.dtype[Any]]
RUNS = 40
"""Enough that the average of the firms over their budget is known to about one in thirty."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry as runs draw it: its plan, its window (ordinals of days), (members by position, quota) per stratum."""

    plan: str
    start: int
    end: int
    level: str
    strata: tuple[tuple[Column, int], ...]


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit of visits a year per enterprise: `left` is what the budget still allows; `level` empty: of all levels."""

    level: str
    left: Column


@dataclass(frozen=True, slots=True)
class Runs:
    """What runs came to: `over[plan]` is the share of runs in which an enterprise was over and drawn by the plan."""

    over: Mapping[str, Column]
    count: int

    def expected(self, plan: str) -> float:
        """How many enterprises of a plan were over their budget, on average."""
        return float(self.over[plan].sum())


def tickets(ids: Column, seed: int) -> Column:
    """A number for every id that looks like chance and is the same for the same seed (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found: Column = mixed ^ (mixed >> np.uint64(31))
    return found


def draw_once(entry: Drawn, ids: Column, seed: int) -> Column:
    """Whom one run draws of an entry, as positions: of every stratum the smallest tickets."""
    chosen = []
    for members, quota in entry.strata:
        if quota >= len(members):
            chosen.append(members)
        elif quota:
            order = np.argpartition(tickets(ids[members], seed), quota - 1)
            chosen.append(members[order[:quota]])
    return np.concatenate(chosen) if chosen else np.array([], dtype=np.int64)


def pierce(drawn: Sequence[tuple[int, int, Column]], size: int) -> Column:
    """The fewest visits of every enterprise that meet all its windows: (start, end, positions), the first end first."""
    visits = np.zeros(size, dtype=np.int32)
    last = np.full(size, -1, dtype=np.int64)
    for start, end, positions in sorted(drawn, key=lambda row: (row[1], row[0])):
        unmet = positions[last[positions] < start]
        visits[unmet] += 1
        last[unmet] = end
    return visits


def find_candidates(entries: Sequence[Drawn], caps: Sequence[Cap], size: int) -> Column:
    """Who could be over at all: if every entry drew everybody it may draw. Most plans touch nobody's budget."""
    everybody = [
        (
            entry,
            np.concatenate(
                [members for members, quota in entry.strata if quota] or [np.array([], dtype=np.int64)]
            ),
        )
        for entry in entries
    ]
    found = np.zeros(size, dtype=bool)
    for cap in caps:
        windows = [(e.start, e.end, who) for e, who in everybody if cap.level in ("", e.level)]
        visits = pierce(windows, size)
        found |= (visits > 0) & (visits > cap.left)
    return found


def simulate(
    entries: Sequence[Drawn],
    caps: Sequence[Cap],
    ids: Column,
    plans: Sequence[str],
    *,
    seed: int,
    runs: int = RUNS,
) -> Runs:
    """How often each enterprise would be over one of its caps, in seeded runs; of each plan those that it draws."""
    size = len(ids)
    over = {plan: np.zeros(size, dtype=np.float64) for plan in plans}
    if not find_candidates(entries, caps, size).any():
        return Runs(over, runs)
    for run in range(runs):
        drawn = [
            (entry, draw_once(entry, ids, seed + run * 1_000_003 + number * 7_919))
            for number, entry in enumerate(entries)
        ]
        beyond = np.zeros(size, dtype=bool)
        for cap in caps:
            visits = pierce([(e.start, e.end, who) for e, who in drawn if cap.level in ("", e.level)], size)
            beyond |= (visits > 0) & (visits > cap.left)
        for plan in plans:
            touched = np.zeros(size, dtype=bool)
            for entry, who in drawn:
                if entry.plan == plan:
                    touched[who] = True
            over[plan][beyond & touched] += 1 / runs
    return Runs(over, runs)


def chance_of_any(rates: Column) -> Column:
    """The chance that at least one of some entries draws an enterprise; a row per entry."""
    found: Column = 1 - np.prod(1 - rates.astype(np.float64), axis=0)
    return found


def check_breaches(plan: str, beyond: Mapping[Breach, int]) -> list[Reason]:
    """A plan that breaks the floor or the budgets is published only if so much of it was accepted, with a reason.

    `beyond`: what is broken by more than was accepted, and by how many enterprises.
    """
    reasons = []
    if short := beyond.get(Breach.FLOOR):
        reasons.append(
            Reason(
                "plan.below-floor",
                "%(plan)s: the plans of the year are %(count)s enterprises short of the floor in its regions; plan "
                "more, or let who approves it accept that with a reason.",
                facts={"plan": plan, "count": short},
            )
        )
    if over := beyond.get(Breach.BUDGET):
        reasons.append(
            Reason(
                "plan.over-budget",
                "%(plan)s: %(count)s enterprises would exceed their budget of visits; change windows or rates, or let "
                "who approves it accept that with a reason.",
                facts={"plan": plan, "count": over},
            )
        )
    return reasons


def check_acceptance(breaches: Mapping[Breach, int], breach: Breach, because: str) -> list[Reason]:
    """Only what is broken can be accepted, and only with a reason."""
    if breach not in breaches:
        return [Reason("plan.nothing-broken", "This is kept; there is nothing to accept.")]
    if not because.strip():
        return [
            Reason(
                "plan.acceptance-reason", "Say why the plan is published all the same.", at_field="because"
            )
        ]
    return []
