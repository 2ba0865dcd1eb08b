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
)
"""Columns of `facts`: whose it is, numbers of kind, severity and domain, yuan, a day since 1970, a report's year."""
MOST_FACTS = "SELECT max(n) FROM (SELECT count(*) AS n FROM facts GROUP BY id) AS counted"
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
    sums = ", ".join(
        [f"sum_no_overflow(q{word[1:]}) AS {word}" for word in words]
        + [f"bit_or({flag}) AS {flag}" for flag in flags]
    )
    gained = (
        f"SELECT f.id, {sums} FROM (SELECT id, {keys.expression()} AS key FROM facts WHERE day <= {days(on)}) AS f "
        "JOIN weights AS w ON w.key = f.key GROUP BY f.id"
    )
    attributes = "e.id, e.active, e.industry, e.kind, e.registered"
    nothing = ", ".join(f"coalesce(g.{name}, 0) AS {name}" for name in (*words, *flags))
    joined = f"SELECT {attributes}, {nothing} FROM enterprises AS e LEFT JOIN ({gained}) AS g ON g.id = e.id"
    points = ", ".join(
        f"CAST({_capped(one, _points(model, position, on, packed))} AS INTEGER) AS c{position}"
        for position, one in enumerate(model.indicators)
    )
    red_lines = f"f0 & {(1 << len(model.red_lines)) - 1}"
    pointed = f"SELECT id, active, {red_lines} AS red_lines, {points} FROM ({joined}) AS joined"
    totals = ", ".join(
        f"CAST(greatest(0, {_total(model, part)}) AS INTEGER) AS {part.value}" for part in Part
    )
    names = ", ".join(point_names(model))
    return f"SELECT id, active, {totals}, CAST(red_lines AS BIGINT) AS red_lines, {names} FROM ({pointed}) AS pointed"


def _points(model: Model, position: int, on: date, packed: Packed) -> str:
    """What an indicator gives before its cap."""
    one = model.indicators[position]
    flat = one.points.get(Severity.NONE, 0)
    match one.measure:
        case Measure.RECORDS:
            return lane_sql(packed.lanes[position]) if position in packed.lanes else "0"
        case Measure.ABSENCE:
            return f"CASE WHEN {flag_sql(packed.flags[f'seen:{position}'])} THEN 0 ELSE {flat} END"
        case Measure.MISSING_YEARS:
            return _missing(one.years, flat, on, packed)
        case Measure.ATTRIBUTE:
            return f"CASE WHEN {_has(one, on)} THEN {flat} ELSE 0 END"


def _missing(years: int, flat: int, on: date, packed: Packed) -> str:
    last = scoring.last_due_year(on)
    missing = (
        f"CASE WHEN (registered IS NULL OR registered < {days(date(last + 1 - year, 1, 1))}) "
        f"AND NOT ({flag_sql(packed.flags[f'year:{year}'])}) THEN 1 ELSE 0 END"
        for year in range(1, years + 1)
    )
    return f"{flat} * ({' + '.join(missing) or '0'})"


def _has(one: Indicator, on: date) -> str:
    """Whether an enterprise has the attribute of an indicator."""
    match one.attribute:
        case Attribute.INDUSTRY:
            fits = [f"substr(industry, 1, {len(value)}) = {_quoted(value)}" for value in one.values]
            return f"({' OR '.join(fits) or 'false'})"
        case Attribute.ENTERPRISE_KIND:
            return f"({' OR '.join(f'kind = {_quoted(value)}' for value in one.values) or 'false'})"
        case Attribute.YOUNGER_THAN_STEPS:
            return f"(registered IS NOT NULL AND {days(on)} - registered < {int(one.values[0]) * STEP_DAYS})"
        case None:
            return "false"


def _capped(one: Indicator, points: str) -> str:
    return f"least({points}, {one.cap})" if one.cap else points


def _total(model: Model, part: Part) -> str:
    """What adds minus what lowers; as 64 bits, so that many indicators cannot overflow."""
    terms = [
        f"{'-' if one.lowers else '+'} CAST(c{position} AS BIGINT)"
        for position, one in enumerate(model.indicators)
        if one.part is part
    ]
    return " ".join(["CAST(0 AS BIGINT)", *terms])


def _level(points: str, cuts: tuple[int, int, int]) -> str:
    return " + ".join(["1", *(f"CASE WHEN {points} >= {cut} THEN 1 ELSE 0 END" for cut in cuts)])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
