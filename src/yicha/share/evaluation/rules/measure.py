"""How much earlier findings come under another order of the same inspections.

The calendar is kept: the k-th inspection of the new order takes the k-th of the days on which inspections really
were. Of the inspections that found something, the mean of (day it was − day it would have been), in days. This is the
measure of the City of Chicago's evaluation of its food inspections (2014/15); docs/decisions/0029-honest-ordering.md.

A day is a whole number (its proleptic ordinal). Scores are finite; the highest comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yicha.share.evaluation.terms.ordering import STEPS, Chance, Ties

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BATCH = 4_000_000
"""Numbers drawn at a time: 32 MB."""


@dataclass(frozen=True, slots=True)
class Inspections:
    """What happened: day, whether something was found, and who went (codes; None: not known)."""

    days: Whole
    found: Flags
    officers: Whole | None = None

    def __len__(self) -> int:
        return len(self.days)


@dataclass(frozen=True, slots=True)
class Places:
    """An order: `order[k]` is the inspection in place k; `starts` are the places where a new score begins."""

    order: Whole
    starts: Whole

    def mean_over_ties(self, of_places: Real) -> Real:
        """For every inspection, the mean over the places that it may have."""
        sizes = np.diff(np.append(self.starts, len(self.order)))
        means = np.add.reduceat(of_places, self.starts) / sizes
        back = np.empty(len(self.order))
        back[self.order] = np.repeat(means, sizes)
        return back

    @property
    def tied(self) -> float:
        """The share of inspections that share their score with another."""
        sizes = np.diff(np.append(self.starts, len(self.order)))
        return float(sizes[sizes > 1].sum() / len(self.order))


def place(scores: Real, ties: Ties, calendars: Whole | None = None) -> Places:
    """Who gets which place: by calendar, then by falling score, then as the rows stand (a stable sort)."""
    keys = (-scores,) if calendars is None else (-scores, calendars)
    order = np.lexsort(keys).astype(np.int64)
    if ties is Ties.FILE:
        return Places(order, np.arange(len(order), dtype=np.int64))
    begins = np.ones(len(order), dtype=np.bool_)
    sorted_scores = scores[order]
    begins[1:] = sorted_scores[1:] != sorted_scores[:-1]
    if calendars is not None:
        sorted_calendars = calendars[order]
        begins[1:] |= sorted_calendars[1:] != sorted_calendars[:-1]
    return Places(order, np.flatnonzero(begins).astype(np.int64))


def simulate(past: Inspections, scores: Real, ties: Ties, *, own_calendars: bool = False) -> Real:
    """The day on which every inspection would have been; its mean over ties. `own_calendars`: each officer's own."""
    calendars = past.officers if own_calendars else None
    keys = (past.days,) if calendars is None else (past.days, calendars)
    slots = past.days[np.lexsort(keys)]
    return place(scores, ties, calendars).mean_over_ties(slots.astype(np.float64))


def days_earlier(past: Inspections, simulated: Real) -> float:
    """The measure: how many days earlier findings come, on average."""
    return float(np.mean((past.days - simulated)[past.found]))


def count_first_half(days: Whole) -> int:
    """How many inspections were made on the days by whose end less than half of all were done (whole days)."""
    _, counts = np.unique(days, return_counts=True)
    done = np.cumsum(counts)
    return int(counts[done < len(days) / 2].sum())


def share_first_half(past: Inspections, places: Places) -> float | None:
    """The share of findings that lie in the first half; None if the first half has no whole day."""
    half = count_first_half(past.days)
    if half == 0:
        return None
    inside = places.mean_over_ties((np.arange(len(past)) < half).astype(np.float64))
    return float(inside[past.found].mean())


def as_it_was(past: Inspections) -> float | None:
    """The share of findings in the first half as the inspections really were."""
    half = count_first_half(past.days)
    if half == 0:
        return None
    limit = np.sort(past.days)[half - 1]
    return float((past.days[past.found] <= limit).mean())


def trace(past: Inspections, places: Places) -> tuple[float, ...]:
    """The share of findings made after every step of the inspections."""
    expected = places.mean_over_ties(past.found[places.order].astype(np.float64))[places.order]
    done = np.concatenate(([0.0], np.cumsum(expected)))
    at = np.round(np.linspace(0, len(past), STEPS + 1)).astype(np.int64)
    return tuple(float(share) for share in done[at] / done[-1])


def by_chance(past: Inspections, draws: int, generator: np.random.Generator) -> Chance:
    """Many orders by chance. An order by chance gives the findings a sample of the days, without putting back."""
    days, counts = np.unique(past.days, return_counts=True)
    findings = int(past.found.sum())
    really = past.days[past.found].mean()
    half = count_first_half(past.days)
    early = np.cumsum(counts) <= half
    gained, inside = np.empty(draws), np.empty(draws)
    step = max(1, BATCH // len(days))
    for begin in range(0, draws, step):
        size = min(step, draws - begin)
        drawn = generator.multivariate_hypergeometric(counts, findings, size, method="marginals")
        gained[begin : begin + size] = really - drawn @ days / findings
        inside[begin : begin + size] = drawn[:, early].sum(axis=1) / findings
    low, high = (float(edge) for edge in np.quantile(gained, (0.025, 0.975)))
    if half == 0:
        return Chance(float(gained.mean()), low, high, None, None, None, draws)
    least, most = (float(edge) for edge in np.quantile(inside, (0.025, 0.975)))
    return Chance(float(gained.mean()), low, high, float(inside.mean()), least, most, draws)


def bootstrap_difference(
    past: Inspections, without: Real, with_it: Real, draws: int, generator: np.random.Generator
) -> tuple[float, float, float]:
    """What a second ordering adds to a first, in days, with the paired 95 % bootstrap interval over findings.

    `without` and `with_it` are the days of `simulate`. Findings are drawn with putting back, both orderings the same.
    """
    gains = (without - with_it)[past.found]
    values, counts = np.unique(gains, return_counts=True)
    means = np.empty(draws)
    step = max(1, BATCH // len(values))
    for begin in range(0, draws, step):
        size = min(step, draws - begin)
        drawn = generator.multinomial(len(gains), counts / len(gains), size)
        means[begin : begin + size] = drawn @ values / len(gains)
    low, high = (float(edge) for edge in np.quantile(means, (0.025, 0.975)))
    return float(gains.mean()), low, high
