"""Which columns a model may learn from: none that gives the outcome away, none that stands for the officer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yicha.kernel.refusal import Reason
from yicha.share.evaluation.rules import scores, values
from yicha.share.evaluation.rules.headers import meaning, tells_outcome
from yicha.share.evaluation.rules.measure import Flags, Real, Whole
from yicha.share.evaluation.terms.ordering import Role

GIVEN_AWAY = 0.99
"""A single column that tells findings apart as well as this was written after the inspection (ours)."""
LEAST_REPEATED = 20
"""So many objects must have been inspected again for a column to be called a property of the object (ours)."""
MOST_DISTINCT = 0.5
"""Words that differ on more than half of the rows name the row (ours)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its different texts, and for every row which of them it has."""

    texts: tuple[str, ...]
    codes: npt.NDArray[np.int32]

    def numbers(self) -> Real | None:
        """The numbers of every row, NaN where the cell is empty; None if the column is not of numbers."""
        read = [np.nan if values.is_empty(text) else values.read_number(text) for text in self.texts]
        if None in read or all(number != number for number in read if number is not None):
            return None
        return np.array(read, dtype=np.float64)[self.codes]


@dataclass(frozen=True, slots=True)
class Feature:
    """A column that a model learns from. `of_officer`: it says nothing beyond who inspected."""

    header: str
    column: Column
    of_officer: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The features, and the columns that were left out with the reason."""

    features: tuple[Feature, ...]
    left_out: tuple[tuple[str, Reason], ...]


def choose(
    columns: Mapping[str, Column],
    roles: Mapping[Role, str],
    found: Flags,
    train: Flags,
    *,
    with_officer: bool,
) -> Chosen:
    """Every column that may be learnt from, without being asked for by name."""
    features: list[Feature] = []
    left_out: list[tuple[str, Reason]] = []
    for header, column in columns.items():
        if not header or header in roles.values():
            continue
        stands_for = _stands_for_officer(header, column, columns, roles)
        reason = _why_not(header, column, found, train)
        if reason is None and stands_for and not with_officer:
            reason = Reason(
                "evaluation.feature-of-officer",
                "It says who inspected: each officer has one value. It is used when officer features are asked for.",
            )
        if reason is None:
            features.append(Feature(header, column, stands_for))
        else:
            left_out.append((header, reason))
    return Chosen(tuple(features), tuple(left_out))


def named(columns: Mapping[str, Column], roles: Mapping[Role, str], names: tuple[str, ...]) -> Chosen:
    """The columns that were asked for, whatever they say."""
    features = [
        Feature(name, columns[name], _stands_for_officer(name, columns[name], columns, roles))
        for name in names
    ]
    return Chosen(tuple(features), ())


def named_reasons(chosen: Chosen, roles: Mapping[Role, str], *, with_officer: bool) -> list[Reason]:
    """Why columns that were asked for may not be learnt from."""
    outcome = {roles.get(role) for role in (Role.FOUND, Role.SPLIT)}
    reasons = [
        Reason(
            "evaluation.feature-is-outcome",
            "“%(column)s” is what is to be told: it cannot be a feature.",
            facts={"column": feature.header},
            at_field="features",
        )
        for feature in chosen.features
        if feature.header in outcome
    ]
    if not with_officer:
        reasons += [
            Reason(
                "evaluation.feature-needs-officer",
                "“%(column)s” says who inspected. Ask for officer features too: the report then says what they add.",
                facts={"column": feature.header},
                at_field="features",
            )
            for feature in chosen.features
            if feature.of_officer
        ]
    return reasons


def _stands_for_officer(
    header: str, column: Column, columns: Mapping[str, Column], roles: Mapping[Role, str]
) -> bool:
    """Whether it is the officer, or says of each officer one thing that it does not say of each object."""
    officer, object_ = roles.get(Role.OFFICER), roles.get(Role.OBJECT)
    if header == officer or meaning(header) is Role.OFFICER:
        return True
    if officer is None or len(columns[officer].texts) < 2 or len(column.texts) < 2:
        return False
    if not _says_one_thing(columns[officer], column, least=2):
        return False
    return object_ is None or not _says_one_thing(columns[object_], column, least=LEAST_REPEATED)


def _says_one_thing(of: Column, column: Column, *, least: int) -> bool:
    """Whether every value of a column goes with one value of another; `least` of them must stand more than once."""
    codes = of.codes.astype(np.int64)
    pairs = np.unique(codes * len(column.texts) + column.codes)
    again = int(np.count_nonzero(np.bincount(codes) > 1))
    return len(pairs) == len(of.texts) and again >= least


def _why_not(header: str, column: Column, found: Flags, train: Flags) -> Reason | None:
    """Why a column that nobody asked for is not learnt from."""
    known = meaning(header)
    if known is Role.FOUND or tells_outcome(header):
        return Reason("evaluation.feature-of-outcome", "Its name says that it tells what was found.")
    if known is Role.SCORE:
        return Reason("evaluation.feature-of-score", "Its name says that it is a score.")
    if known in (Role.DATE, Role.SPLIT):
        return Reason("evaluation.feature-of-time", "It says when, and a later time cannot be learnt from.")
    if len(column.texts) < 2:
        return Reason("evaluation.feature-constant", "It is the same on every row.")
    numbers = column.numbers()
    if numbers is None:
        if all(day is not None for day in values.read_days(column.texts[:1000])):
            return Reason(
                "evaluation.feature-of-time", "It says when, and a later time cannot be learnt from."
            )
        if len(column.texts) > MOST_DISTINCT * len(column.codes):
            return Reason("evaluation.feature-names-rows", "It is different on most rows.")
    elif len(column.texts) == len(column.codes) and not np.any(numbers % 1):
        return Reason("evaluation.feature-names-rows", "It is different on most rows.")
    if _gives_away(column, numbers, found, train):
        return Reason(
            "evaluation.feature-gives-away",
            "Alone it tells what was found nearly without fault: it was written after the inspection.",
        )
    return None


def _gives_away(column: Column, numbers: Real | None, found: Flags, train: Flags) -> bool:
    known = found[train]
    if numbers is None:
        codes: Whole = column.codes[train].astype(np.int64)
        size = len(column.texts)
        visits = np.bincount(codes, minlength=size)
        told = np.bincount(codes, weights=known, minlength=size) / np.maximum(visits, 1)
        if np.count_nonzero(visits) > len(known) / 10:
            return False  # with few rows each, rates tell the rows they were made of
        return scores.area_under_curve(told[codes], known) >= GIVEN_AWAY
    there = ~np.isnan(numbers[train])
    area = scores.area_under_curve(numbers[train][there], known[there])
    return bool(there.sum() > len(known) / 2) and max(area, 1 - area) >= GIVEN_AWAY
