"""The two models, trained on the part before only: logistic regression and gradient boosting (scikit-learn).

Both are deterministic for a seed. Missing numbers: the logistic regression gets the median and a mark that it was
missing, boosting its own branch. Words: one column per value, or a category; rare ones together.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from yicha.share.evaluation.rules.features import Column
from yicha.share.evaluation.rules.measure import Flags, Real, Whole

MOST_CATEGORIES = 200
"""Of a column of words, the most frequent values; all others count as one (boosting takes at most 255)."""
_STEPS = 100
_RATE = 0.1
_LEAVES = 15
_LEAST_IN_LEAF = 20
_FEW_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model sees: numbers (NaN: missing), and categories as codes from 0."""

    numbers: Real
    categories: tuple[Whole, ...]


def prepare(columns: Sequence[Column], more: Real | None, train: Flags) -> Inputs:
    """Columns as inputs; `more` are further numbers. What is a frequent value, the part before decides."""
    numeric = [] if more is None else [more]
    categories = []
    for column in columns:
        numbers = column.numbers()
        if numbers is None:
            categories.append(_categories(column, train))
        else:
            numeric.append(numbers[:, np.newaxis])
    rows = len(train)
    return Inputs(np.concatenate(numeric, axis=1) if numeric else np.empty((rows, 0)), tuple(categories))


def _categories(column: Column, train: Flags) -> Whole:
    counts = np.bincount(column.codes[train], minlength=len(column.texts))
    frequent = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    frequent = frequent[counts[frequent] > 0]
    places = np.full(len(column.texts), len(frequent), dtype=np.int64)
    places[frequent] = np.arange(len(frequent))
    return places[column.codes]


def score_logistic(inputs: Inputs, found: Flags, train: Flags) -> tuple[Real, bool]:
    """The chance of a finding for every row, and whether the fit came to its end."""
    matrix = sparse.csr_matrix(sparse.hstack([_standardised(inputs.numbers, train), *_one_hot(inputs)]))
    model = LogisticRegression(max_iter=500)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(matrix[train], found[train])
    return np.asarray(model.decision_function(matrix), dtype=np.float64), not caught


def _standardised(numbers: Real, train: Flags) -> sparse.csr_matrix:
    """Numbers on one scale, the median for the missing, and a column that marks them."""
    parts = []
    for column in numbers.T:
        known = column[train & ~np.isnan(column)]
        middle, scale = (np.median(known), np.std(known)) if len(known) else (0.0, 0.0)
        missing = np.isnan(column)
        parts.append((np.where(missing, middle, column) - middle) / (scale or 1.0))
        if missing[train].any():
            parts.append(missing.astype(np.float64))
    return sparse.csr_matrix(np.column_stack(parts) if parts else np.empty((len(train), 0)))


def _one_hot(inputs: Inputs) -> list[sparse.csr_matrix]:
    rows = np.arange(len(inputs.numbers))
    ones = np.ones(len(rows))
    return [
        sparse.csr_matrix((ones, (rows, codes)), shape=(len(rows), int(codes.max()) + 1))
        for codes in inputs.categories
    ]


def score_boosting(inputs: Inputs, found: Flags, train: Flags, seed: int) -> Real:
    """The chance of a finding for every row, by gradient boosted trees over histograms."""
    matrix = np.column_stack([inputs.numbers, *(codes.astype(np.float64) for codes in inputs.categories)])
    width = inputs.numbers.shape[1]
    model = HistGradientBoostingClassifier(
        learning_rate=_RATE,
        max_iter=_STEPS,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=_LEAST_IN_LEAF,
        categorical_features=np.arange(matrix.shape[1]) >= width,
        early_stopping=False,
        random_state=seed,
    )
    # with few rows, threads wait for each other longer than they work
    with threadpool_limits(1 if len(matrix) < _FEW_ROWS else None, user_api="openmp"):
        model.fit(matrix[train], found[train])
        return np.asarray(model.decision_function(matrix), dtype=np.float64)
