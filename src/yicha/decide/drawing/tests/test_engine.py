"""DuckDB draws what the pure rule draws, whatever the bounds; so does the published statement, in PostgreSQL too."""

from __future__ import annotations

from collections import Counter

import duckdb
import pytest
from django.db import connection as postgres

from yicha.decide.drawing.rules import objects, quotas, thresholds
from yicha.decide.drawing.rules.files import seal
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.terms import Member, Stratum

SEED = "00112233445566778899aabbccddeeff"
RATES = [("a", "0.01"), ("b", "0.05"), ("c", "0.60"), ("d", "1"), ("e", "0"), ("f", "0.3")]


def population(size: int) -> list[Member]:
    return [Member(f"91{number:016d}", "abcdef"[number * number % 6]) for number in range(size)]


@pytest.mark.parametrize("size", [6, 500, 20_000])
def test_the_engine_draws_what_the_rule_draws(size: int) -> None:
    members = population(size)
    strata = quotas.with_quotas(RATES, objects.sizes_of(members))
    content = seal(members).content
    assert engine.select_from_file(content, SEED, strata) == objects.select(SEED, members, strata)


def test_a_stratum_that_comes_up_short_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    members = population(2_000)
    strata = quotas.with_quotas(RATES, objects.sizes_of(members))
    monkeypatch.setattr(thresholds, "bound_of", lambda size, quota: f"{(quota << 63) // size:016x}")
    assert engine.select_from_file(seal(members).content, SEED, strata) == objects.select(
        SEED, members, strata
    )


def test_nothing_to_draw() -> None:
    members = population(10)
    strata = quotas.with_quotas([(name, "0") for name, _ in RATES], objects.sizes_of(members))
    assert engine.select_from_file(seal(members).content, SEED, strata) == []


def test_bounds_leave_room() -> None:
    assert thresholds.bound_of(10, 3) == thresholds.NO_BOUND
    assert int(thresholds.bound_of(1000, 50), 16) > (50 << 64) // 1000
    (low, high) = thresholds.tiers(
        [Stratum("a", 10**6, "0.01", 10**4), Stratum("b", 10**6, "0.5", 5 * 10**5)]
    )
    assert (set(low.strata), set(high.strata)) == ({"a"}, {"b"})
    assert thresholds.tiers([Stratum("a", 10, "0", 0)]) == []


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
