"""Runs models, counts what they cost, and ends them when asked to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from yicha.decide.scheduling.services.solver.model import Model


class Watch:
    """Shared by the threads of one solve. Only `stop` comes from outside; nothing here looks at a clock."""

    def __init__(self) -> None:
        self._stopping = Event()
        self._running: set[cp_model.CpSolver] = set()
        self._lock = Lock()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """End what runs as soon as it can be ended; what it has found is kept."""
        self._stopping.set()
        with self._lock:
            for solver in self._running:
                solver.stop_search()

    def run(self, model: Model, limit: float, seed: int) -> Found:
        """Solve a model with one worker inside a limit of deterministic time."""
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        solver.parameters.max_deterministic_time = max(limit, 0.01)
        with self._lock:
            self._running.add(solver)
        try:
            if self.stopping:
                return Found(None, False, 0, 0.0)
            return _read(solver, model, solver.solve(model.cp))
        finally:
            with self._lock:
                self._running.discard(solver)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of a model gave: slots by visit (None: no calendar), whether none is better, what none undercuts."""

    slots: dict[int, int] | None
    is_best: bool
    bound: int
    effort: float


def _read(solver: cp_model.CpSolver, model: Model, status: cp_model.CpSolverStatus) -> Found:
    from ortools.sat.python import cp_model

    slots = None
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        slots = {visit: slot for (visit, slot), x in model.x.items() if solver.boolean_value(x)}
    bound = 0 if slots is None else math.ceil(solver.best_objective_bound - 1e-6)
    return Found(slots, status == cp_model.OPTIMAL, bound, solver.response_proto.deterministic_time)
