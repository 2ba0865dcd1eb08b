"""A model as statements over the lake, in DuckDB's SQL: the same answer as `rules.scoring`, for everybody at once.

Twenty sums of CASE over thirty million facts cost half a minute. So everything that decides what a fact gives (its
kind, severity, domain, band of amount, step of age) becomes one small whole number, its key. The small table
`weights` says for each key what every indicator gets, computed by `scoring.points_of` itself: several indicators
share a word, each in a lane of enough bits for its highest points times the most facts that an enterprise has, so that
no lane can overflow. Facts join weights and are grouped by enterprise with few plain sums and one bit_or.
"""

# ruff: noqa: S608 - a statement is put together from a model's numbers, and texts that are quoted
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yicha.base.lake.terms import Column, ColumnType, Small
from yicha.know.credit.rules import scoring
from yicha.know.credit.rules.lanes import Keys, Packed, days, flag_sql, lane_sql, pack
from yicha.know.credit.terms.classes import Cuts
from yicha.know.credit.terms.model import STEP_DAYS, Attribute, Indicator, Measure, Model, Part
from yicha.know.credit.terms.records import Severity

ENTERPRISES = (
    Column("id", ColumnType.BIGINT),
    Column("uscc", ColumnType.VARCHAR),
    Column("region", ColumnType.BIGINT),
    Column("industry", ColumnType.VARCHAR),
    Column("kind", ColumnType.VARCHAR),
    Column("registered", ColumnType.INTEGER),
    Column("active", ColumnType.BOOLEAN),
    Column("was", ColumnType.VARCHAR),
)
"""Columns of `enterprises`. `registered` is a day since 1970 or null; `was` the class before, empty for none."""
FACTS = (
    Column("id", ColumnType.BIGINT),
    Column("kind", ColumnType.SMALLINT),
    Column("severity", ColumnType.SMALLINT),
    Column("domain", ColumnType.INTEGER),
    Column("amount", ColumnType.BIGINT),
    Column("day", ColumnType.INTEGER),
    Column("year", ColumnType.SMALLINT),
    Column("n", ColumnType.INTEGER),
)
"""Columns of `facts`: whose it is, numbers of kind, severity and domain, yuan, a day since 1970, a report's year.

`n` counts the facts of an enterprise from 1 on, in any order: so nobody has to group them to know the most.
"""
MOST_FACTS = "SELECT max(n) AS most FROM facts"
"""The most facts that an enterprise has; null without any."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A model's statements for a day. They name `enterprises`, `facts` and the tables of `small`.

    `histogram` gives (general, specific, enterprises) of active enterprises; a part at a time it gives a part's.
    """

    model: Model
    scores: str
    histogram: str
    small: Mapping[str, Small]
    columns: tuple[Column, ...]

    def results(self, cuts: Cuts) -> str:
        """The statement of `columns`: an enterprise's class and everything that it rests on."""
        points = ", ".join(name for name in point_names(self.model))
        levels = (
            f"{_level('general', cuts.credit)} AS credit_level, {_level('specific', cuts.risk)} AS risk_level"
        )
        graded = f"SELECT id, general, specific, {levels}, red_lines, {points} FROM ({self.scores}) AS scored"
        place = "(credit_level - 1) * 4 + risk_level"
        letter = f"substr('{''.join(self.model.matrix)}', {place}, 1)"
        return (
            f"SELECT id, CASE WHEN red_lines <> 0 THEN '{scoring.WORST}' ELSE {letter} END AS risk_class, "
            "general, specific, CAST(credit_level AS SMALLINT) AS credit_level, "
            f"CAST(risk_level AS SMALLINT) AS risk_level, red_lines, {points} FROM ({graded}) AS graded"
        )


FLOWS = (
    "SELECT e.region, substr(e.industry, 1, 3) AS industry, e.was, r.risk_class, count(*) AS n "
    "FROM results AS r JOIN enterprises AS e ON e.id = r.id WHERE e.active "
    "GROUP BY e.region, substr(e.industry, 1, 3), e.was, r.risk_class"
)
"""What results moved, of active enterprises: region, industry division, from, to, how many."""


def point_names(model: Model) -> list[str]:
    """The columns of the contributions, in the model's order."""
    return [f"c{position}" for position in range(len(model.indicators))]


def compile_model(model: Model, on: date, most_facts: int, domains: Mapping[str, int]) -> Compiled:
    """The statements of a model for a day. `most_facts`: `MOST_FACTS`; `domains`: the number of a kind of agency.

    ValueError when a model gives so many points that 63 bits do not hold them.
    """
    keys = Keys.of(model, on, domains)
    packed = pack(model, keys, max(1, most_facts))
    scores = _scores(model, on, keys, packed)
    return Compiled(
        model=model,
        scores=scores,
        histogram=f"SELECT general, specific, count(*) AS n FROM ({scores}) AS scored WHERE active "
        "GROUP BY general, specific",
        small={"weights": packed.weights},
        columns=(
            Column("id", ColumnType.BIGINT),
            Column("risk_class", ColumnType.VARCHAR),
            Column("general", ColumnType.INTEGER),
            Column("specific", ColumnType.INTEGER),
            Column("credit_level", ColumnType.SMALLINT),
            Column("risk_level", ColumnType.SMALLINT),
            Column("red_lines", ColumnType.BIGINT),
            *(Column(name, ColumnType.INTEGER) for name in point_names(model)),
        ),
    )


def read_red_lines(model: Model, bits: int) -> tuple[str, ...]:
    """The codes of the red lines that a result's number says were crossed."""
    return tuple(line.code for position, line in enumerate(model.red_lines) if bits >> position & 1)


def _scores(model: Model, on: date, keys: Keys, packed: Packed) -> str:
    """id, active, general, specific, red_lines, c0, c1, …: everything but levels and class."""
    words = [f"w{word}" for word in range(packed.words)]
    flags = [f"f{word}" for word in range(packed.flag_words)]
    sums = [f"sum_no_overflow(q{word[1:]}) AS {word}" for word in words]
    sums += [f"bit_or({flag}) AS {flag}" for flag in flags]
    gained = (
        f"SELECT f.id, {', '.join(sums)} "
        f"FROM (SELECT id, {keys.expression()} AS key FROM facts WHERE day <= {days(on)}) AS f "
        "JOIN weights AS w ON w.key = f.key GROUP BY f.id"
    )
    own = ", ".join(["id", "active", *_own_columns(model, on, keys)])
    # What an enterprise gives by itself is computed before the join, where its texts are still in their dictionary.
    people = f"SELECT {own} FROM enterprises"
    gains = ", ".join(f"coalesce(g.{name}, 0) AS {name}" for name in (*words, *flags))
    joined = f"SELECT e.*, {gains} FROM ({people}) AS e LEFT JOIN ({gained}) AS g ON g.id = e.id"
    points = ", ".join(
        f"CAST({_capped(one, _points(model, position, packed))} AS INTEGER) AS c{position}"
        for position, one in enumerate(model.indicators)
    )
    crossed = f"f0 & {(1 << len(model.red_lines)) - 1} AS red_lines"
    pointed = ", ".join(part for part in ("id", "active", crossed, points) if part)
    totals = ", ".join(f"greatest(0, {_total(model, part)}) AS {part.value}" for part in Part)
    names = ", ".join(["red_lines", *point_names(model)])
    return (
        f"SELECT id, active, {totals}, {names} FROM (SELECT {pointed} FROM ({joined}) AS joined) AS pointed"
    )


def _own_columns(model: Model, on: date, keys: Keys) -> list[str]:
    """What an enterprise gives without any fact: points `a<place>`, and the years `y<n>` it had to report for."""
    own = [
        f"CAST({_has(one, on)} AS INTEGER) * {_flat(one)} AS a{position}"
        for position, one in enumerate(model.indicators)
        if one.measure is Measure.ATTRIBUTE
    ]
    first_days = (
        (year, days(date(scoring.last_due_year(on) + 1 - year, 1, 1))) for year in range(1, keys.years + 1)
    )
    return own + [
        f"CAST(registered IS NULL OR registered < {first} AS INTEGER) AS y{year}"
        for year, first in first_days
    ]


def _points(model: Model, position: int, packed: Packed) -> str:
    """What an indicator gives before its cap."""
    one = model.indicators[position]
    match one.measure:
        case Measure.RECORDS:
            return lane_sql(packed.lanes[position]) if position in packed.lanes else "0"
        case Measure.ABSENCE:
            return f"{_flat(one)} * (1 - {flag_sql(packed.flags[f'seen:{position}'])})"
        case Measure.MISSING_YEARS:
            years = range(1, one.years + 1)
            missing = (f"y{year} * (1 - {flag_sql(packed.flags[f'year:{year}'])})" for year in years)
            return f"{_flat(one)} * ({' + '.join(missing)})"
        case Measure.ATTRIBUTE:
            return f"a{position}"


def _flat(one: Indicator) -> int:
    return one.points.get(Severity.NONE, 0)


def _has(one: Indicator, on: date) -> str:
    """Whether an enterprise has the attribute of an indicator."""
    fits = ["false"]
    match one.attribute:
        case Attribute.INDUSTRY:
            fits = [f"starts_with(industry, {_quoted(value)})" for value in one.values] or fits
        case Attribute.ENTERPRISE_KIND:
            fits = [f"kind = {_quoted(value)}" for value in one.values] or fits
        case Attribute.YOUNGER_THAN_STEPS:
            fits = [f"registered IS NOT NULL AND {days(on)} - registered < {int(one.values[0]) * STEP_DAYS}"]
    return " OR ".join(fits)


def _capped(one: Indicator, points: str) -> str:
    return f"least({points}, {one.cap})" if one.cap else points


def _total(model: Model, part: Part) -> str:
    """What adds minus what lowers."""
    terms = [
        f"{'-' if one.lowers else '+'} c{position}"
        for position, one in enumerate(model.indicators)
        if one.part is part
    ]
    return " ".join(["0", *terms])


def _level(points: str, cuts: tuple[int, int, int]) -> str:
    return " + ".join(["1", *(f"CAST({points} >= {cut} AS INTEGER)" for cut in cuts)])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
