"""Benchmarks. A module in this package declares `BENCHES: dict[str, Callable[[], Result]]`.

Each measures its value and its baseline side by side in one run, so that the ratio says something on any machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """What one benchmark found.

    `value` and `baseline` have the same `unit`; `baseline` is the least that could be hoped for, measured in the same
    run. Without a baseline (None) there is no ratio. `note` says in a few words what was done.
    """

    value: float
    unit: str
    baseline: float | None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the baseline; None without one."""
        return None if not self.baseline else self.value / self.baseline


Bench = Callable[[], Result]
