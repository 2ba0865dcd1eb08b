"""Both engines give the same bytes, and Spark really is several processes.

All tests with Spark stand here: one process of tests starts one cluster (fixture `spark_engine`, tests/lake.py).
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from tests.cast import Cast
from yicha.base.lake import services
from yicha.base.lake.services.duck import open_duck
from yicha.base.lake.services.spark import Spark
from yicha.base.lake.terms import Column, ColumnType, Dataset, Engine, Place, Small
from yicha.decide.drawing.rules import objects, quotas, thresholds
from yicha.decide.drawing.services import engine as drawing
from yicha.decide.drawing.terms import Member
from yicha.kernel.refusal import Refused
from yicha.know.credit.queries.models import get_document, get_shipped
from yicha.know.credit.rules.lanes import days
from yicha.know.credit.services.classing import everybody
from yicha.know.credit.terms.model import CutBy, Levels, Model

FACTS = """
SELECT id, kind, CAST(id * 7 % 1000 AS INTEGER) AS amount,
    CASE WHEN id % 5 = 0 THEN NULL WHEN id % 7 = 0 THEN '' ELSE '企业' || id END AS words, id % 3 = 0 AS open
FROM (SELECT number // 3 AS id, CAST(number % 4 AS SMALLINT) AS kind FROM numbers) AS n
"""
SCORES = """
SELECT f.id, CAST(count(*) AS BIGINT) AS facts, CAST(coalesce(sum(w.points * f.amount), 0) AS BIGINT) AS points,
    CAST(sum(f.amount) // 7 AS BIGINT) AS part, bit_or(CAST(1 AS BIGINT) << f.kind) AS flags,
    (CAST(sum(f.amount) AS BIGINT) >> 3) & 1023 AS lane, bool_or(f.open) AS open, max(f.words) AS words,
    sha256('seed|' || CAST(f.id AS VARCHAR)) AS ticket,
    CASE WHEN bool_or(f.kind = 3) THEN 'D' ELSE substr('ABC', 1 + CAST(f.id % 3 AS INTEGER), 1) END AS class
FROM facts AS f LEFT JOIN weights AS w ON w.kind = f.kind GROUP BY f.id
"""
WEIGHTS = Small(
    (
        Column("kind", ColumnType.SMALLINT),
        Column("points", ColumnType.BIGINT),
        Column("words", ColumnType.VARCHAR),
    ),
    [(0, 5, "a"), (1, -3, ""), (2, None, None), (3, 2**40, "丁")],
)


def numbers(count: int) -> Small:
    return Small((Column("number", ColumnType.BIGINT),), [(number,) for number in range(count)])


@pytest.fixture(scope="module")
def facts() -> Dataset:
    with open_duck() as duck:
        return duck.compute(FACTS, {}, {"numbers": numbers(3000)}, into="results/spark-facts")


def test_two_executors_are_processes_of_their_own(spark_engine: Spark) -> None:
    application = spark_engine.application
    processes = [
        folder.name
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _is_executor(folder, application)
    ]
    assert len(processes) >= 2
    assert str(os.getpid()) not in processes
    assert spark_engine.count_executors() >= 2


def _is_executor(folder: Path, application: str) -> bool:
    try:
        said = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return False
    return "CoarseGrainedExecutorBackend" in said and application in said and "java" in said.split("\0")[0]


def test_scores_flags_and_tickets_are_the_same(spark_engine: Spark, facts: Dataset) -> None:
    with open_duck() as duck:
        here = duck.compute(SCORES, {"facts": facts}, {"weights": WEIGHTS}, into="results/here")
    there = spark_engine.compute(SCORES, {"facts": facts}, {"weights": WEIGHTS}, into="results/there")
    assert here.columns == there.columns
    assert here.rows == there.rows == 1000
    assert services.digest(here, ["id"]) == services.digest(there, ["id"])


def test_what_one_engine_wrote_the_other_reads(spark_engine: Spark, facts: Dataset) -> None:
    there = spark_engine.compute("SELECT * FROM facts", {"facts": facts}, into="results/copied")
    order = "SELECT id, kind, amount, words, open FROM copied ORDER BY id, kind"
    with open_duck() as duck:
        read = duck.fetch(order, {"copied": there})
    assert read == spark_engine.fetch(order, {"copied": facts})
    assert {row[3] for row in read} >= {None, ""}


def test_nothing_is_a_table_too(spark_engine: Spark) -> None:
    nothing = Dataset((), (Column("id", ColumnType.BIGINT), Column("words", ColumnType.VARCHAR)), 0)
    statement = "SELECT id, count(*) AS number FROM nothing GROUP BY id"
    there = spark_engine.compute(statement, {"nothing": nothing}, into="results/nothing-there")
    with open_duck() as duck:
        here = duck.compute(statement, {"nothing": nothing}, into="results/nothing-here", by_part=True)
    assert here.rows == there.rows == 0
    assert here.columns == there.columns
    assert services.digest(here, ["id"]) == services.digest(there, ["id"])


def test_small_tables_by_chance_are_the_same(spark_engine: Spark) -> None:
    rng = Random(4)
    kinds = (ColumnType.BIGINT, ColumnType.INTEGER, ColumnType.SMALLINT)
    bits = (62, 31, 15)
    rows = [
        (number, *(rng.choice([None, rng.getrandbits(some) - (1 << some - 1)]) for some in bits))
        for number in range(500)
    ]
    table = Small(
        (Column("id", ColumnType.BIGINT), *(Column(f"c{n}", kind) for n, kind in enumerate(kinds))), rows
    )
    statement = (
        "SELECT id, c0 // 7 AS whole, c0 % 7 AS rest, c1 * CAST(2 AS BIGINT) AS twice, coalesce(c2, 0) & 255 AS low, "
        "coalesce(least(c0, 0), 0) AS lowest FROM t ORDER BY id"
    )
    with open_duck() as duck:
        here = duck.fetch(statement, {}, {"t": table})
    assert here == spark_engine.fetch(statement, {}, {"t": table})


def test_a_lake_in_a_bucket_is_computed_on_too(spark_engine: Spark, bucket_lake: Place) -> None:
    with open_duck() as duck:
        here = duck.compute(FACTS, {}, {"numbers": numbers(300)}, into="results/facts")
    there = spark_engine.compute(
        "SELECT id, words FROM facts WHERE kind = 1", {"facts": here}, into="results/few"
    )
    elsewhere = replace(settings.YICHA, lake=replace(bucket_lake, folder=bucket_lake.folder / "elsewhere"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "YICHA", elsewhere)
        with open_duck() as duck:
            assert duck.fetch("SELECT count(*) AS count FROM few", {"few": there}) == [(75,)]


def test_the_setting_names_the_engine(
    spark_engine: Spark, facts: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "YICHA", replace(settings.YICHA, engine="local-cluster[2,1,1024]"))
    with services.open_engine() as engine:
        assert engine.name == "spark"
        assert "2 executors" in engine.describe()
        assert engine.fetch("SELECT count(*) FROM facts", {"facts": facts}) == [(3000,)]


def test_a_type_that_not_every_engine_has_is_refused(spark_engine: Spark, facts: Dataset) -> None:
    with pytest.raises(Refused) as refused:
        spark_engine.fetch("SELECT id / 2 AS half FROM facts", {"facts": facts})
    assert refused.value.codes == ("lake.type",)


def test_an_overflow_is_an_error_and_no_other_number(spark_engine: Spark) -> None:
    large = Small((Column("x", ColumnType.BIGINT),), [(2**63 - 1,)])
    with pytest.raises(Exception, match=r"(?i)overflow"):
        spark_engine.fetch("SELECT x + 1 AS more FROM t", {}, {"t": large})
    with open_duck() as duck, pytest.raises(Exception, match=r"(?i)overflow"):
        duck.fetch("SELECT x + 1 AS more FROM t", {}, {"t": large})


OBJECTS = 300_000
POPULATION = """
SELECT CAST(number AS BIGINT) AS n, '91110302MA' || lpad(CAST(number * 7919 % 100000000 AS VARCHAR), 8, '0') AS k,
    CAST(number % 12 AS INTEGER) AS s
FROM numbers WHERE number % 3 = {part}
"""
SEED = "00112233445566778899aabbccddeeff"


def _population() -> Dataset:
    """As a freeze writes it: in parts."""
    with open_duck() as duck:
        parts = [
            duck.compute(
                POPULATION.format(part=part),
                {},
                {"numbers": numbers(OBJECTS)},
                into=f"results/objects-{part}",
            )
            for part in range(3)
        ]
    uris = tuple(uri for part in parts for uri in part.uris)
    hashes = tuple(one for part in parts for one in part.hashes)
    return Dataset(uris, drawing.POPULATION, OBJECTS, hashes)


@pytest.mark.parametrize("supplement", [0, 2])
def test_a_large_draw_gives_the_same_tickets_on_both_engines(
    spark_engine: Spark, monkeypatch: pytest.MonkeyPatch, supplement: int
) -> None:
    """And they are those of the rule; one stratum comes up short below its bound on both."""
    members = [
        Member(f"91110302MA{number * 7919 % 100_000_000:08d}", f"{number % 12:02d}")
        for number in range(OBJECTS)
    ]
    sizes = objects.sizes_of(members)
    rates = [(name, ("0.01", "0.02", "0.1", "0.3")[int(name) % 4]) for name in sizes]
    strata = quotas.with_quotas(rates, sizes)
    bound = thresholds.bound_of
    short = strata[5].quota
    monkeypatch.setattr(
        thresholds, "bound_of", lambda size, quota: "00" if quota == short else bound(size, quota)
    )
    population = _population()

    def draw(computing: Engine) -> tuple[str, Dataset]:
        into = f"results/drawn-{computing.name}-{supplement}"
        drawn = drawing.draw(computing, population, SEED, strata, into=into, supplement=supplement)
        return services.digest(drawn, ["s", "t", "k"]), drawn

    with open_duck() as duck:
        here, drawn = draw(duck)
        assert drawing.read(duck, drawn, strata) == objects.select(SEED, members, strata, supplement)
    assert draw(spark_engine)[0] == here


DAY = date(2026, 7, 1)
ENTERPRISES_MADE = f"""
SELECT number AS id, '' AS uscc, number % 16 AS region,
    CASE CAST(number % 5 AS INTEGER) WHEN 0 THEN 'C2641' WHEN 1 THEN 'H6210' WHEN 2 THEN 'P8210' WHEN 3 THEN ''
        ELSE 'I6510' END AS industry,
    'company' AS kind,
    CASE WHEN number % 11 > 0 THEN CAST({days(DAY)} - number * 31 % 4000 AS INTEGER) END AS registered,
    number % 13 > 0 AS active, CASE WHEN number % 3 = 0 THEN '' ELSE 'B' END AS was
FROM numbers
"""
FACTS_MADE = f"""
SELECT number // 5 * 7919 % (SELECT count(*) FROM numbers) AS id, CAST(number * 7 % 16 AS SMALLINT) AS kind,
    CAST(number * 5 // 7 % 4 AS SMALLINT) AS severity, CAST(1 + number // 3 % 4 AS INTEGER) AS domain,
    CASE WHEN number % 4 = 0 THEN number * 7919 % 2000000 ELSE 0 END AS amount,
    CAST({days(DAY)} - number * 37 % 2200 AS INTEGER) AS day,
    CASE WHEN number * 7 % 16 = 4 THEN CAST(2021 + number % 6 AS SMALLINT) END AS year, CAST(400 AS INTEGER) AS n
FROM (SELECT m.number * 3 + k.number AS number FROM numbers AS m CROSS JOIN thrice AS k) AS many
"""


def _classed(computing: Engine, model: Model, inputs: dict[str, Dataset]) -> tuple[object, ...]:
    """What a classification of everybody gives: results, cuts, flows."""
    found = everybody.compute(computing, model, DAY, inputs, f"results/classes-{computing.name}")
    return services.digest(found.results, ["id"]), found.results.columns, found.cuts, found.flows


@pytest.mark.django_db
@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_classes_and_contributions_are_the_same_on_both_engines(
    spark_engine: Spark, cast: Cast, count: int
) -> None:
    """The shipped model, and the same with levels that begin at shares of the population."""
    shipped = get_document(get_shipped())
    shares = Levels(CutBy.QUANTILE, (500, 800, 950))
    small = {"numbers": numbers(count), "thrice": numbers(3)}
    with open_duck() as duck:
        inputs = {
            "enterprises": duck.compute(ENTERPRISES_MADE, {}, small, into=f"results/enterprises-{count}"),
            "facts": duck.compute(FACTS_MADE, {}, small, into=f"results/facts-{count}"),
        }
        for model in (shipped, replace(shipped, credit_levels=shares, risk_levels=shares)):
            here = _classed(duck, model, inputs)
            assert here == _classed(spark_engine, model, inputs)
            assert {flow[3] for flow in here[3]} == {"A", "B", "C", "D"}  # type: ignore[attr-defined]
