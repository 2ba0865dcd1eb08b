"""The lake draws what the pure rule draws, whatever the bounds; so does the published statement, in PostgreSQL too."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from django.db import connection as postgres
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.base.lake import services as lake
from yicha.base.lake.terms import Dataset, Engine, Small
from yicha.decide.drawing.rules import objects, quotas, thresholds
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.terms import Drawn, Member, Stratum

SEED = "00112233445566778899aabbccddeeff"
RATES = [("a", "0.01"), ("b", "0.05"), ("c", "0.60"), ("d", "1"), ("e", "0"), ("f", "0.3")]


def population(size: int) -> list[Member]:
    return [Member(f"91{number:016d}", "abcdef"[number * number % 6]) for number in range(size)]


def in_lake(computing: Engine, members: list[Member], strata: list[Stratum]) -> Dataset:
    """A population as freezing writes it, in parts."""
    numbers = engine.number(strata)
    rows = [(n, row.key, numbers[row.stratum]) for n, row in enumerate(sorted(members), start=1)]
    size = max(1, len(rows) // 3)
    parts = [
        computing.compute(
            "SELECT n, k, s FROM given",
            {},
            {"given": Small(engine.POPULATION, rows[start : start + size])},
            into=f"results/test-draw/population-{start}",
        )
        for start in range(0, len(rows), size)
    ]
    uris = tuple(uri for part in parts for uri in part.uris)
    hashes = tuple(one for part in parts for one in part.hashes)
    return Dataset(uris, engine.POPULATION, len(rows), hashes)


def by_engine(
    members: list[Member], strata: list[Stratum], seed: str = SEED, supplement: int = 0
) -> list[Drawn]:
    """What the lake's engine draws."""
    with lake.open_engine() as computing:
        population = in_lake(computing, members, strata)
        into = "results/test-draw/drawn"
        drawn = engine.draw(computing, population, seed, strata, into=into, supplement=supplement)
        return engine.read(computing, drawn, strata)


@pytest.mark.parametrize("size", [6, 500, 20_000])
def test_the_engine_draws_what_the_rule_draws(size: int) -> None:
    members = population(size)
    strata = quotas.with_quotas(RATES, objects.sizes_of(members))
    assert by_engine(members, strata) == objects.select(SEED, members, strata)


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_bounds_the_engine_draws_what_the_rule_draws(
    data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounds too low leave strata short, floors too high take too many: neither changes the answer."""
    members = data.draw(
        st.lists(
            st.builds(
                Member, st.from_regex(r"[0-9A-Za-z._:-]{1,5}", fullmatch=True), st.sampled_from("abcdef")
            ),
            min_size=1,
            max_size=300,
            unique_by=lambda row: row.key,
        )
    )
    sizes = objects.sizes_of(members)
    strata = [
        Stratum(name, sizes[name], "", data.draw(st.integers(0, sizes[name]))) for name in sorted(sizes)
    ]
    digits = st.text("0123456789abcdef", min_size=16, max_size=16)
    lows = {row.id: data.draw(digits | st.just("")) for row in strata}
    highs = {row.id: data.draw(digits | st.just(thresholds.NO_BOUND)) for row in strata}
    by_size = {(row.size, row.quota): row.id for row in strata}
    monkeypatch.setattr(thresholds, "bound_of", lambda size, quota: highs[by_size[size, quota]])
    monkeypatch.setattr(thresholds, "floor_of", lambda size, quota: lows[by_size[size, quota]])
    seed = data.draw(st.text("0123456789abcdef", min_size=32, max_size=32))
    supplement = data.draw(st.integers(0, 3))
    expected = objects.select(seed, members, strata, supplement)
    assert by_engine(members, strata, seed, supplement) == expected


def test_a_stratum_that_comes_up_short_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    members = population(2_000)
    strata = quotas.with_quotas(RATES, objects.sizes_of(members))
    monkeypatch.setattr(thresholds, "bound_of", lambda size, quota: f"{(quota << 63) // size:016x}")
    assert by_engine(members, strata) == objects.select(SEED, members, strata)


def test_strata_without_a_quota_are_left_alone() -> None:
    members = population(2_000)
    strata = [
        Stratum(name, size, "", 3 if name == "b" else 0) for name, size in objects.sizes_of(members).items()
    ]
    found = by_engine(members, strata, supplement=2)
    assert {row.stratum for row in found} == {"b"}
    assert found == objects.select(SEED, members, strata, 2)


def test_nothing_to_draw() -> None:
    members = population(10)
    strata = quotas.with_quotas([(name, "0") for name, _ in RATES], objects.sizes_of(members))
    assert by_engine(members, strata) == []


def test_bounds_leave_room() -> None:
    assert thresholds.bound_of(10, 3) == thresholds.NO_BOUND
    assert int(thresholds.bound_of(1000, 50), 16) > (50 << 64) // 1000
    assert thresholds.floor_of(1000, 20) == thresholds.floor_of(10, 10) == ""
    assert 0 < int(thresholds.floor_of(10**6, 10**4), 16) < (10**4 << 64) // 10**6
    assert thresholds.floor_of(10**6, 10**6) < thresholds.NO_BOUND


PUBLISHED = """
with t as (select s, k, {sha256} as t from population),
     r as (select *, row_number() over (partition by s order by t, k) as n from t)
select r.s, r.k, r.t from r join quota q using (s) where n <= q.quota order by s, t
"""


@pytest.mark.django_db
def test_the_published_statement_agrees_on_every_engine() -> None:
    members = population(3_000)
    strata = quotas.with_quotas(RATES, objects.sizes_of(members))
    expected = objects.select(SEED, members, strata)
    assert Counter(row.stratum for row in expected) == {row.id: row.quota for row in strata if row.quota}

    with duckdb.connect() as duck:
        duck.execute("create table population (s varchar, k varchar)")
        duck.executemany("insert into population values (?, ?)", [(row.stratum, row.key) for row in members])
        duck.execute("create table quota (s varchar, quota int)")
        duck.executemany("insert into quota values (?, ?)", [(row.id, row.quota) for row in strata])
        found = duck.execute(
            PUBLISHED.format(sha256="sha256($seed || '|o:' || k)"), {"seed": SEED}
        ).fetchall()
    assert found == [tuple(row) for row in expected]

    with postgres.cursor() as cursor:
        cursor.execute('create temp table population (s text collate "C", k text collate "C")')
        cursor.execute('create temp table quota (s text collate "C", quota int)')
        cursor.executemany(
            "insert into population values (%s, %s)", [(row.stratum, row.key) for row in members]
        )
        cursor.executemany("insert into quota values (%s, %s)", [(row.id, row.quota) for row in strata])
        ticket = """encode(sha256(convert_to(%s || '|o:' || k, 'UTF8')), 'hex') collate "C\""""
        cursor.execute(PUBLISHED.format(sha256=ticket), [SEED])
        assert cursor.fetchall() == [tuple(row) for row in expected]
        cursor.execute("drop table population, quota")
