"""Evaluating orderings of a table of past inspections: read it, split it by time, order it, measure. Keeps nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from yicha.kernel.refusal import Reason, refuse_if
from yicha.share.evaluation.rules import features, headers, measure, scores, splitting, values
from yicha.share.evaluation.rules.measure import Flags, Inspections, Real, Whole
from yicha.share.evaluation.services import learners, tables
from yicha.share.evaluation.terms.ordering import (
    Added,
    Chance,
    Measured,
    Ordering,
    OrderingReport,
    Question,
    Role,
    Section,
    Ties,
)

DRAWS = 2000
"""Orders by chance, and bootstrap samples."""
_WITH_OFFICER = {
    Ordering.LOGISTIC: Ordering.LOGISTIC_OFFICER,
    Ordering.BOOSTING: Ordering.BOOSTING_OFFICER,
}


@dataclass(slots=True)
class _Table:
    """The table with its columns read."""

    sheet: tables.Sheet
    roles: dict[Role, str]
    days: Whole
    found: Flags
    objects: Whole | None
    officers: Whole | None
    score: Real | None
    notes: list[Reason] = field(default_factory=list)

    def past(self, rows: Flags) -> Inspections:
        return Inspections(
            self.days[rows], self.found[rows], None if self.officers is None else self.officers[rows]
        )


def evaluate_ordering(*, path: Path, name: str, question: Question) -> OrderingReport:
    """How many days earlier findings would have come under each ordering, beside chance, oracle and officer alone.

    Raises `Refused` with every reason why the table cannot be read, split or measured. Deterministic for a seed.
    """
    sheet = tables.read(path, name)
    refuse_if(headers.header_reasons(sheet.headers, question.columns, question.features))
    table = _read(sheet, question)
    generator = np.random.default_rng(question.seed)
    split, score_alone = _split(table, question)
    sections: list[Section] = []
    if score_alone:
        everything = np.ones(len(table.days), dtype=np.bool_)
        refuse_if(splitting.measure_reasons(table.found))
        assert table.score is not None
        sections.append(
            _measure(table, everything, {Ordering.SCORE: table.score}, question, generator, whole=True)
        )
    learning = splitting.learning_reasons(table.found[split.train])
    reasons = splitting.measure_reasons(table.found[split.test])
    if not score_alone:
        refuse_if(reasons)
        refuse_if(learning if table.score is None or split.train.any() else ())
    table.notes += [*learning, *reasons] if score_alone else learning
    chosen = features.Chosen((), ())
    added: list[Added] = []
    if not reasons and not (score_alone and learning):
        can_learn = not learning
        if can_learn:
            chosen = _choose(table, split.train, question)
        ordered = dict(_orderings(table, split, chosen, question, can_learn=can_learn))
        sections.append(_measure(table, split.test, ordered, question, generator, whole=False))
        added = list(_added(table, split.test, ordered, question, generator))
    _note(table, sections, question)
    return _report(name, table, split, sections, chosen, added, question)


def _read(sheet: tables.Sheet, question: Question) -> _Table:
    roles = headers.recognise(sheet.headers, question.columns)
    dates, outcome = sheet.columns[roles[Role.DATE]], sheet.columns[roles[Role.FOUND]]
    days, found = values.read_days(dates.texts), values.read_found(outcome.texts)
    sheet.refuse_unreadable(Role.DATE, roles[Role.DATE], days)
    sheet.refuse_unreadable(Role.FOUND, roles[Role.FOUND], found)

    def codes(role: Role) -> Whole | None:
        return sheet.columns[roles[role]].codes.astype(np.int64) if role in roles else None

    return _Table(
        sheet,
        roles,
        np.array(days, dtype=np.int64)[dates.codes],
        np.array(found, dtype=np.bool_)[outcome.codes],
        codes(Role.OBJECT),
        codes(Role.OFFICER),
        _read_score(sheet, roles.get(Role.SCORE)),
    )


def _read_score(sheet: tables.Sheet, header: str | None) -> Real | None:
    """The score of every row, NaN where there is none."""
    if header is None:
        return None
    column = sheet.columns[header]
    read = [np.nan if values.is_empty(text) else values.read_number(text) for text in column.texts]
    sheet.refuse_unreadable(Role.SCORE, header, read)
    numbers = np.array(read, dtype=np.float64)[column.codes]
    return None if np.isnan(numbers).all() else numbers


def _split(table: _Table, question: Question) -> tuple[splitting.Split, bool]:
    """The parts before and after, and whether the score also stands for the whole table, which names no parts."""
    if question.names_days:
        return splitting.split_by_days(table.days, question), False
    header = table.roles.get(Role.SPLIT)
    if header is not None:
        column = table.sheet.columns[header]
        read = values.read_tests(column.texts)
        table.sheet.refuse_unreadable(Role.SPLIT, header, read)
        return splitting.split_by_column(table.days, np.array(read, dtype=np.bool_)[column.codes]), False
    if table.score is not None and np.isnan(table.score).any():
        return splitting.split_by_column(table.days, ~np.isnan(table.score)), False
    return splitting.split_by_days(table.days, question), table.score is not None


def _choose(table: _Table, train: Flags, question: Question) -> features.Chosen:
    if not question.features:
        return features.choose(
            table.sheet.columns, table.roles, table.found, train, with_officer=question.with_officer
        )
    chosen = features.named(table.sheet.columns, table.roles, question.features)
    refuse_if(features.named_reasons(chosen, table.roles, with_officer=question.with_officer))
    return chosen


def _orderings(
    table: _Table, split: splitting.Split, chosen: features.Chosen, question: Question, *, can_learn: bool
) -> Iterator[tuple[Ordering, Real]]:
    """The scores of every row, by ordering. Only rows of the part after are measured."""
    if table.score is not None:
        if np.isnan(table.score[split.test]).any():
            refuse_if([_no_score(table, split.test)])
        yield Ordering.SCORE, table.score
    if not can_learn:
        return
    known = None
    if table.objects is not None:
        yield Ordering.RULE, scores.count_before(table.objects, table.found, split.train)
        known = scores.history(table.objects, table.days, table.found, split.train)
    else:
        table.notes.append(
            Reason("evaluation.no-object", "No column says what was inspected, so its past is not known.")
        )
    if table.officers is not None:
        yield Ordering.OFFICER, scores.rate_before(table.officers, table.found, split.train)
    else:
        table.notes.append(
            Reason(
                "evaluation.no-officer",
                "No column says who inspected: whether an ordering only knows the officer cannot be told.",
            )
        )
    plain = [feature.column for feature in chosen.features if not feature.of_officer]
    if plain or known is not None:
        yield from _learn(table, split.train, plain, known, question, {})
    if question.with_officer and Role.OFFICER in table.roles:
        of_officer = [feature.column for feature in chosen.features if feature.of_officer]
        own = table.sheet.columns[table.roles[Role.OFFICER]]
        named = [*plain, own, *(column for column in of_officer if column is not own)]
        yield from _learn(table, split.train, named, known, question, _WITH_OFFICER)


def _learn(
    table: _Table,
    train: Flags,
    columns: list[features.Column],
    known: Real | None,
    question: Question,
    names: dict[Ordering, Ordering],
) -> Iterator[tuple[Ordering, Real]]:
    inputs = learners.prepare(columns, known, train)
    logistic, finished = learners.score_logistic(inputs, table.found, train)
    if not finished:
        table.notes.append(
            Reason("evaluation.not-converged", "The logistic regression stopped before its best fit.")
        )
    yield names.get(Ordering.LOGISTIC, Ordering.LOGISTIC), logistic
    boosting = learners.score_boosting(inputs, table.found, train, question.seed)
    yield names.get(Ordering.BOOSTING, Ordering.BOOSTING), boosting


def _no_score(table: _Table, test: Flags) -> Reason:
    assert table.score is not None
    empty = np.flatnonzero(test & np.isnan(table.score))
    bad = [(int(table.sheet.numbers[row]), "") for row in empty[: splitting.SHOWN]]
    return splitting.unreadable(Role.SCORE, table.roles[Role.SCORE], bad, len(empty))


def _measure(
    table: _Table,
    rows: Flags,
    ordered: dict[Ordering, Real],
    question: Question,
    generator: np.random.Generator,
    *,
    whole: bool,
) -> Section:
    past = table.past(rows)
    chance = measure.by_chance(past, DRAWS, generator)
    measured = [
        _measure_one(past, ordering, score[rows], question.ties, chance)
        for ordering, score in ordered.items()
    ]
    oracle = past.found.astype(np.float64)
    measured.append(_measure_one(past, Ordering.ORACLE, oracle, question.ties, chance))
    return Section(
        whole,
        len(past),
        int(past.found.sum()),
        date.fromordinal(int(past.days.min())),
        date.fromordinal(int(past.days.max())),
        measure.as_it_was(past),
        chance,
        tuple(measured),
    )


def _measure_one(past: Inspections, ordering: Ordering, score: Real, ties: Ties, chance: Chance) -> Measured:
    places = measure.place(score, ties)
    days = measure.days_earlier(past, measure.simulate(past, score, ties))
    within = None
    if past.officers is not None:
        within = measure.days_earlier(past, measure.simulate(past, score, ties, own_calendars=True))
    return Measured(
        ordering,
        days,
        measure.share_first_half(past, places),
        within,
        measure.place(score, Ties.MEAN).tied,
        days > chance.high,
        measure.trace(past, places),
    )


def _added(
    table: _Table,
    test: Flags,
    ordered: dict[Ordering, Real],
    question: Question,
    generator: np.random.Generator,
) -> Iterator[Added]:
    past = table.past(test)
    for without, with_it in _WITH_OFFICER.items():
        if without in ordered and with_it in ordered:
            days = [measure.simulate(past, ordered[one][test], question.ties) for one in (without, with_it)]
            found = measure.bootstrap_difference(past, days[0], days[1], DRAWS, generator)
            yield Added(without, *found)


def _note(table: _Table, sections: list[Section], question: Question) -> None:
    """What a reader must know before believing a number."""
    if question.with_officer and Role.OFFICER not in table.roles:
        table.notes.append(
            Reason(
                "evaluation.officer-asked",
                "Officer features were asked for, but no column says who inspected.",
            )
        )
    if table.score is not None and _gives_away(table.score, table.found):
        table.notes.append(
            Reason(
                "evaluation.score-gives-away",
                "The score tells what was found nearly without fault: it was made from it, and says nothing about an "
                "order made beforehand.",
            )
        )
    for section in sections:
        officer, score = section.find(Ordering.OFFICER), section.find(Ordering.SCORE)
        if officer is not None and officer.beats_random:
            table.notes.append(
                Reason(
                    "evaluation.leak",
                    "Who inspected, and nothing else, already gives %(days)s days: an ordering that knows the officer "
                    "gains by choosing officers, not by finding risk.",
                    facts={"days": f"{officer.days_earlier:.2f}"},
                )
            )
        if score is not None and score.within_officers is not None and score.beats_random:
            table.notes.append(
                Reason(
                    "evaluation.score-within",
                    "Of the %(days)s days of the score, %(within)s remain when every officer keeps the own calendar.",
                    facts={"days": f"{score.days_earlier:.2f}", "within": f"{score.within_officers:.2f}"},
                )
            )


def _gives_away(score: Real, found: Flags) -> bool:
    known = ~np.isnan(score)
    return scores.area_under_curve(score[known], found[known]) >= features.GIVEN_AWAY


def _report(
    name: str,
    table: _Table,
    split: splitting.Split,
    sections: list[Section],
    chosen: features.Chosen,
    added: list[Added],
    question: Question,
) -> OrderingReport:
    train = split.train
    return OrderingReport(
        name=name,
        columns=table.roles,
        rows=len(table.days),
        train_rows=int(train.sum()),
        train_findings=int(table.found[train].sum()),
        train_until=date.fromordinal(int(table.days[train].max())) if train.any() else None,
        sections=tuple(sections),
        features=tuple(feature.header for feature in chosen.features),
        left_out=chosen.left_out,
        added=tuple(added),
        notes=tuple(table.notes),
        seed=question.seed,
        ties=question.ties,
        with_officer=question.with_officer,
    )
