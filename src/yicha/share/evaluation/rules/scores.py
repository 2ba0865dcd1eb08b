"""Orderings that need no model: past findings of the object, finding rate of the officer. Only the past speaks."""

from __future__ import annotations

import numpy as np

from yicha.share.evaluation.rules.measure import Flags, Real, Whole


def count_before(objects: Whole, found: Flags, train: Flags) -> Real:
    """Our rule score: how many inspections of the object found something in the part before."""
    size = int(objects.max()) + 1
    return np.bincount(objects[train & found], minlength=size).astype(np.float64)[objects]


def rate_before(officers: Whole, found: Flags, train: Flags) -> Real:
    """The officer's finding rate in the part before; for who did not inspect then, the rate of all."""
    size = int(officers.max()) + 1
    visits = np.bincount(officers[train], minlength=size)
    findings = np.bincount(officers[train & found], minlength=size)
    overall = found[train].mean()
    rates = np.where(visits > 0, findings / np.maximum(visits, 1), overall)
    return rates[officers].astype(np.float64)


def history(objects: Whole, days: Whole, found: Flags, train: Flags) -> Real:
    """What was known of the object: inspections so far, findings so far, days since the last (NaN: none).

    Of a row to learn from, everything before its day; of a row to measure, everything of the part before: when the
    order was made, nothing later was known. Returns one row per inspection and three columns.
    """
    known = np.full((len(days), 3), np.nan)
    known[:, :2] = 0
    order = np.lexsort((days, objects))
    order = order[train[order]]
    who, when, what = objects[order], days[order], found[order].astype(np.float64)
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = who[1:] != who[:-1]
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    sums = np.concatenate(([0.0], np.cumsum(what)))
    known[order, 0] = first - start
    known[order, 1] = sums[first] - sums[start]
    before = first > start
    known[order[before], 2] = (when - when[np.maximum(first - 1, 0)])[before]
    size = int(objects.max()) + 1
    after = ~train
    known[after, 0] = np.bincount(objects[train], minlength=size)[objects[after]]
    known[after, 1] = np.bincount(objects[train & found], minlength=size)[objects[after]]
    last = np.full(size, -1, dtype=np.int64)
    np.maximum.at(last, objects[train], days[train])
    seen = after & (last[objects] >= 0)
    known[seen, 2] = (days[train].max() - last[objects])[seen] if train.any() else np.nan
    return known


def area_under_curve(values: Real, found: Flags) -> float:
    """The chance that a finding has the higher value than a non-finding, ties half (Mann-Whitney)."""
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    begins = np.ones(len(values), dtype=np.bool_)
    begins[1:] = sorted_values[1:] != sorted_values[:-1]
    starts = np.flatnonzero(begins)
    sizes = np.diff(np.append(starts, len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    positives, negatives = int(found.sum()), int((~found).sum())
    if not positives or not negatives:
        return 0.5
    return float((ranks[found].sum() - positives * (positives + 1) / 2) / (positives * negatives))
