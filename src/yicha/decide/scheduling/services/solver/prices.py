"""Prices of agencies' days, from a linear programme: with them `bounds.priced_load` proves how even a load can be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from yicha.decide.scheduling.rules.bounds import PRICE_UNIT, Prices, days_of
from yicha.decide.scheduling.rules.grid import Grid

MOST_STEPS = 12
"""Loads above this are not told apart by the programme; the bound holds all the same."""
EFFORT = 60.0


def find_prices(grid: Grid, visits: Sequence[int]) -> Prices:
    """What one visit more of an agency on a day costs when all visits are spread as evenly as fractions could be.

    Any prices give a true bound; these give the best one. Empty when the programme is not solved.
    """
    from ortools.linear_solver.python import model_builder

    model = model_builder.Model()  # type: ignore[no-untyped-call]
    groups: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = defaultdict(int)
    for visit in visits:
        groups[tuple(grid.parts[visit]), tuple(days_of(grid, visit))] += 1
    there = defaultdict(list)
    for (parts, days), count in groups.items():
        share = [model.new_num_var(0, count, "") for _ in days]
        model.add(model_builder.LinearExpr.sum(share) == count)
        for day, x in zip(days, share, strict=True):
            for part in parts:
                there[part, day].append(x)
    costs: list[model_builder.Variable] = []
    weights: list[float] = []
    links = {}
    for key, shares in there.items():
        steps = [model.new_num_var(0, 1, "") for _ in range(MOST_STEPS - 1)]
        steps.append(model.new_num_var(0, len(visits), ""))
        links[key] = model.add(
            model_builder.LinearExpr.sum(shares) - model_builder.LinearExpr.sum(steps) == 0
        )
        costs += steps
        weights += [2 * n + 1 for n in range(MOST_STEPS)]
    model.minimize(model_builder.LinearExpr.weighted_sum(costs, weights))
    solver = model_builder.Solver("GLOP")
    solver.set_solver_specific_parameters(f"max_deterministic_time: {EFFORT}")
    if solver.solve(model) != model_builder.SolveStatus.OPTIMAL:
        return {}
    return {key: round(-solver.dual_value(link) * PRICE_UNIT) for key, link in links.items()}
