"""Random models and populations, small and full of edges, for properties that must hold of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from yicha.know.credit.terms.classes import Fact, Subject
from yicha.know.credit.terms.model import (
    AmountBand,
    Attribute,
    CutBy,
    FactKind,
    Indicator,
    Levels,
    Measure,
    Model,
    Part,
    RedLine,
)
from yicha.know.credit.terms.records import Severity

ON = date(2026, 7, 1)
DOMAINS = {"market": 3, "fire": 1, "tax": 7}
"""Kinds of agency that there are; a model may name others, and facts may have others."""
KINDS = (
    FactKind.PENALTY,
    FactKind.ACCIDENT,
    FactKind.ANNUAL_REPORT,
    FactKind.HONOUR,
    FactKind.INSPECTION_CLEAN,
)
INDUSTRIES = ("", "C26", "C2641", "H62", "H6210", "A'1")
AMOUNTS = (0, 1, 999, 1000, 50_000)
DECAYS = {"short": (1000, 500, 333), "steps": (1000, 990, 0, 7), "none": ()}


def tuples(values: tuple[object, ...], most: int = 3) -> SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


@st.composite
def cuts(draw: DrawFn, by: CutBy) -> tuple[int, int, int]:
    numbers = st.integers(1, 300 if by is CutBy.SCORE else 999)
    first, second, third = sorted(draw(st.lists(numbers, min_size=3, max_size=3, unique=True)))
    return first, second, third


@st.composite
def levels(draw: DrawFn) -> Levels:
    by = draw(st.sampled_from(CutBy))
    return Levels(by, draw(cuts(by)))


@st.composite
def points(draw: DrawFn, measure: Measure) -> Mapping[Severity, int]:
    if measure is not Measure.RECORDS:
        return {Severity.NONE: draw(st.integers(0, 90))}
    return draw(st.dictionaries(st.sampled_from(Severity), st.integers(0, 10_000), min_size=1))


@st.composite
def indicators(draw: DrawFn, code: str) -> Indicator:
    measure = draw(st.sampled_from(Measure))
    attribute = draw(st.sampled_from(Attribute)) if measure is Measure.ATTRIBUTE else None
    values: tuple[object, ...] = ()
    match attribute:
        case Attribute.INDUSTRY:
            values = draw(tuples(("C", "C26", "H621", "A'")))
        case Attribute.ENTERPRISE_KIND:
            values = draw(tuples(("company", "co-op")))
        case Attribute.YOUNGER_THAN_STEPS:
            values = (str(draw(st.integers(0, 20))),)
    looks = measure in (Measure.RECORDS, Measure.ABSENCE)
    bands = draw(st.lists(st.builds(AmountBand, st.sampled_from(AMOUNTS), st.integers(0, 3000)), max_size=3))
    return Indicator(
        code=code,
        words=code,
        part=draw(st.sampled_from(Part)),
        measure=measure,
        points=draw(points(measure)),
        kinds=draw(tuples(KINDS)) if looks else (),  # type: ignore[arg-type]
        domains=draw(tuples(("market", "fire", "nobody"))) if looks else (),  # type: ignore[arg-type]
        amounts=tuple({band.at_least: band for band in bands}.values()) if measure is Measure.RECORDS else (),
        window=draw(st.integers(0, 5)) if looks else 0,
        decay=draw(st.sampled_from(("", *DECAYS))) if measure is Measure.RECORDS else "",
        cap=draw(st.one_of(st.just(0), st.integers(1, 400))),
        lowers=draw(st.booleans()),
        years=draw(st.integers(1, 4)) if measure is Measure.MISSING_YEARS else 0,
        attribute=attribute,
        values=values,  # type: ignore[arg-type]
    )


@st.composite
def red_lines(draw: DrawFn, code: str) -> RedLine:
    return RedLine(
        code,
        code,
        draw(tuples(KINDS)),  # type: ignore[arg-type]
        draw(tuples(tuple(Severity))),  # type: ignore[arg-type]
        draw(st.integers(0, 4)),
        draw(tuples(("market", "fire", "nobody"), 1)),  # type: ignore[arg-type]
    )


@st.composite
def models(draw: DrawFn, most: int = 6) -> Model:
    rows = draw(st.lists(st.text("ABCD", min_size=4, max_size=4), min_size=4, max_size=4))
    return Model(
        code="any",
        version=1,
        title="any",
        source="",
        indicators=tuple(draw(indicators(f"i{n}")) for n in range(draw(st.integers(0, most)))),
        red_lines=tuple(draw(red_lines(f"r{n}")) for n in range(draw(st.integers(0, 2)))),
        credit_levels=draw(levels()),
        risk_levels=draw(levels()),
        matrix=tuple(rows),  # type: ignore[arg-type]
        decays=DECAYS,
    )


@st.composite
def facts(draw: DrawFn, most_days: int = 240) -> Fact:
    kind = draw(st.sampled_from((*KINDS, FactKind.LICENCE)))
    return Fact(
        kind=kind,
        severity=draw(st.sampled_from(Severity)),
        day=ON - timedelta(days=draw(st.integers(-2, most_days))),
        domain=draw(st.sampled_from(("market", "fire", "tax"))),
        source=f"credit:{draw(st.integers(0, 10**6))}",
        amount=draw(st.sampled_from(AMOUNTS)),
        year=draw(st.integers(2020, 2026)) if kind is FactKind.ANNUAL_REPORT else None,
    )


@st.composite
def subjects(draw: DrawFn) -> Subject:
    since = draw(st.one_of(st.none(), st.integers(-40, 2500)))
    return Subject(
        uscc="",
        industry=draw(st.sampled_from(INDUSTRIES)),
        kind=draw(st.sampled_from(("company", "co-op", "branch"))),
        registered_on=None if since is None else ON - timedelta(days=since),
    )


def populations(most: int = 8) -> SearchStrategy[list[tuple[Subject, list[Fact]]]]:
    return st.lists(st.tuples(subjects(), st.lists(facts(), max_size=6)), min_size=1, max_size=most)
