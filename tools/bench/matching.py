"""`matching_vs_bound`: the visits that matching plans, against a least number that is proven in another way.

For every enterprise the largest set of pairwise disjoint windows is a bound that no plan can beat: two windows without
a common day need two visits. It is computed here by a recursion over windows in the order of their *first* day, on
calendar dates, and shares nothing with the rule that is measured, which pierces by *last* day on numbers of working
days. Equal means proven least.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta

from tools.bench import Bench, Result
from yicha.decide.planning.rules import matching
from yicha.decide.planning.terms import DemandFacts
from yicha.know.visits.terms import ContactKind

ENTERPRISES = 20_000
DEMANDS = 120_000
FIRST = date(2026, 7, 1)
DAYS = [day for n in range(92) if (day := FIRST + timedelta(days=n)).weekday() < 5]
KINDS = ("market", "fire", "health", "environment", "emergency", "transport")


def instance(seed: int = 1) -> list[DemandFacts]:
    """Demands with windows of one day to a whole quarter, crowded on some enterprises, sparse on most."""
    chance = random.Random(seed)
    demands = []
    for number in range(DEMANDS):
        kind = chance.choice(KINDS)
        first = chance.randrange(len(DAYS))
        length = chance.choice((1, 3, 5, 10, 22, len(DAYS)))
        last = min(first + length, len(DAYS)) - 1
        demands.append(
            DemandFacts(
                id=number,
                draw_id=f"bench-2026-{chance.randrange(75):04}",
                uscc=f"E{int(ENTERPRISES * chance.random() ** 2):06}",
                agency=f"110112-{kind}",
                agency_kind=kind,
                item_version_id=chance.randrange(141),
                joint_list="",
                lead_kind="",
                kind=ContactKind.DAILY,
                window_from=DAYS[first],
                window_to=DAYS[last],
            )
        )
    return demands


def proven_least(demands: list[DemandFacts]) -> int:
    """The sum over enterprises of the largest number of pairwise disjoint windows."""
    windows: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for demand in demands:
        windows[demand.uscc].append((demand.window_from, demand.window_to))
    return sum(_disjoint(sorted(own)) for own in windows.values())


def _disjoint(windows: list[tuple[date, date]]) -> int:
    """The most pairwise disjoint windows among those sorted by first day: each is taken or left out."""
    starts = [first for first, _ in windows]
    best = [0] * (len(windows) + 1)
    for place in range(len(windows) - 1, -1, -1):
        following = bisect_left(starts, windows[place][1] + timedelta(days=1))
        best[place] = max(best[place + 1], 1 + best[following])
    return best[0]


def matching_vs_bound() -> Result:
    """Visits planned over the bound; 1.0 is proven least. Days are spread as in the product."""
    demands = instance()
    started = time.perf_counter()
    visits = matching.plan_visits(demands, DAYS)
    seconds = time.perf_counter() - started
    alone = matching.count_without(demands)
    note = f"{len(demands):,} demands, {alone:,} visits without matching; planned in {seconds:.1f} s"
    return Result(value=len(visits), unit="visits", baseline=proven_least(demands), note=note)


BENCHES: dict[str, Bench] = {"matching_vs_bound": matching_vs_bound}
