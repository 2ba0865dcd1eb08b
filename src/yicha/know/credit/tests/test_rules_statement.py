"""The statement over the lake and the reference rule say the same of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yicha.base.lake.terms import Column
from yicha.know.credit.rules import scoring
from yicha.know.credit.rules.lanes import days
from yicha.know.credit.rules.statement import (
    ENTERPRISES,
    FACTS,
    MOST_FACTS,
    Compiled,
    compile_model,
    read_red_lines,
)
from yicha.know.credit.terms.classes import Assessment, Cuts, Fact, Subject
from yicha.know.credit.terms.model import (
    KIND_NUMBERS,
    SEVERITY_NUMBERS,
    CutBy,
    FactKind,
    Indicator,
    Levels,
    Measure,
    Model,
    Part,
)
from yicha.know.credit.terms.records import Severity
from yicha.know.credit.tests.models_and_facts import DOMAINS, ON, models, populations

Population = list[tuple[Subject, list[Fact]]]


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, columns in (("enterprises", ENTERPRISES), ("facts", FACTS)):
            create(connection, name, columns)
        yield connection


def create(db: duckdb.DuckDBPyConnection, name: str, columns: tuple[Column, ...]) -> None:
    fields = ", ".join(f"{column.name} {column.type.value}" for column in columns)
    db.execute(f"CREATE OR REPLACE TABLE {name} ({fields})")


def fill(db: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[object, ...]]) -> None:
    db.execute(f"DELETE FROM {name}")
    if rows:
        db.execute(f"INSERT INTO {name} VALUES {', '.join(literal(row) for row in rows)}")


def literal(row: tuple[object, ...]) -> str:
    def word(value: object) -> str:
        if value is None:
            return "NULL"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)

    return f"({', '.join(word(value) for value in row)})"


def load(db: duckdb.DuckDBPyConnection, population: Population) -> None:
    people, facts = [], []
    for number, (subject, known) in enumerate(population):
        since = subject.registered_on
        people.append(
            (number, "", 1, subject.industry, subject.kind, None if since is None else days(since), True, "")
        )
        facts += [
            (
                number,
                KIND_NUMBERS[fact.kind],
                SEVERITY_NUMBERS[fact.severity],
                DOMAINS[fact.domain],
                fact.amount,
                days(fact.day),
                fact.year,
                n,
            )
            for n, fact in enumerate(known, start=1)
        ]
    fill(db, "enterprises", list(people))
    fill(db, "facts", list(facts))


def by_statement(
    db: duckdb.DuckDBPyConnection, model: Model, on: date = ON
) -> tuple[Cuts, list[tuple[object, ...]], Compiled]:
    """The cuts and the results, as a run does it."""
    (most,) = db.execute(MOST_FACTS).fetchall()[0]
    compiled = compile_model(model, on, most or 0, DOMAINS)
    for name, small in compiled.small.items():
        create(db, name, small.columns)
        fill(db, name, list(small.rows))
    general: Counter[int] = Counter()
    specific: Counter[int] = Counter()
    for first, second, count in db.execute(compiled.histogram).fetchall():
        general[first] += count
        specific[second] += count
    cuts = scoring.find_cuts(model, general, specific)
    found = db.execute(f"{compiled.results(cuts)} ORDER BY id")
    assert [(name, str(kind)) for name, kind, *_ in found.description] == [
        (column.name, column.type.value) for column in compiled.columns
    ]
    return cuts, found.fetchall(), compiled


def as_row(number: int, found: Assessment, model: Model) -> tuple[object, ...]:
    return (
        number,
        found.letter,
        found.general,
        found.specific,
        found.credit_level,
        found.risk_level,
        found.red_lines,
        *(one.points for one in found.contributions),
    )


@settings(max_examples=150, deadline=None)
@given(models(), populations(), st.sampled_from((ON, date(2026, 6, 30), date(2027, 1, 1))))
def test_the_statement_says_what_the_rule_says(
    db: duckdb.DuckDBPyConnection, model: Model, population: Population, on: date
) -> None:
    load(db, population)
    cuts, rows, _ = by_statement(db, model, on)
    said = [(*row[:6], read_red_lines(model, row[6]), *row[7:]) for row in rows]  # type: ignore[arg-type]
    assert said == [
        as_row(number, scoring.assess(model, subject, facts, on, cuts), model)
        for number, (subject, facts) in enumerate(population)
    ]


def indicator(points: int, kind: FactKind = FactKind.PENALTY) -> Indicator:
    return Indicator("x", "x", Part.GENERAL, Measure.RECORDS, {Severity.NONE: points}, (kind,))


def plain(*indicators: Indicator) -> Model:
    by_score = Levels(CutBy.SCORE, (1, 2, 3))
    return Model("m", 1, "m", "", indicators, (), by_score, by_score, ("ABCD", "ABCD", "ABCD", "ABCD"))


def test_no_lane_runs_over_however_many_facts_one_enterprise_has(db: duckdb.DuckDBPyConnection) -> None:
    fact = Fact(FactKind.PENALTY, Severity.NONE, ON, "fire", "credit:1")
    other = Fact(FactKind.ACCIDENT, Severity.NONE, ON, "fire", "credit:2")
    subject = Subject("", "", "company", None)
    model = plain(*(indicator(n, kind) for n in (999, 1, 777, 64) for kind in (fact.kind, other.kind)))
    load(db, [(subject, [fact] * 1500 + [other]), (subject, [other])])
    _, rows, _ = by_statement(db, model)
    assert [row[7:] for row in rows] == [
        (999 * 1500, 999, 1500, 1, 777 * 1500, 777, 64 * 1500, 64),
        (0, 999, 0, 1, 0, 777, 0, 64),
    ]


def test_a_model_whose_points_do_not_fit_is_told_so() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        compile_model(plain(indicator(2**40)), ON, 2**30, DOMAINS)


def test_indicators_share_words(db: duckdb.DuckDBPyConnection) -> None:
    model = plain(*(indicator(100) for _ in range(20)))
    weights = compile_model(model, ON, 30, DOMAINS).small["weights"]
    assert [column.name for column in weights.columns] == ["key", "q0", "q1", "q2", "q3", "f0"]
