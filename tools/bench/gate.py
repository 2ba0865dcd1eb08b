"""`gate_preview_vs_pk_read`, `gate_growth`: previews over HTTP, beside a read by one key, and how they grow."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from tools.bench import Bench, Result
from tools.bench.crowd import AGENCY, Size, code_of, empty_crowd, make_crowd, make_reference
from tools.bench.ground import empty_database
from tools.bench.load import Round, hammer, request, server, take_turns

LARGE = Size(int(os.environ.get("BENCH_ROWS", "1000000")))
SMALL = Size(10_000)
WORKERS = len(os.sched_getaffinity(0))
CONNECTIONS = 4 * WORKERS
"""For throughput: as many as the server has threads."""
TURNS = 6000
"""For growth: one after the other, so that nobody waits for anybody."""
ROUNDS, SECONDS = 9, 2.0
WARM_SECONDS = 3.0
ASKED = 20_000
"""So many enterprises, by chance, are asked about; their rows were read once before, as in a server that runs."""
_SMALL_DATABASE = "bench_gate_small"


@dataclass(frozen=True)
class Measured:
    """Rounds of previews and of reads in alternation; seconds of single previews, large and small by turns."""

    previews: list[Round]
    reads: list[Round]
    large: list[float]
    small: list[float]


def preview_vs_read() -> Result:
    """Previews a second, beside reads a second of the same server with the same token."""
    found = measure()
    value, baseline = _rate(found.previews), _rate(found.reads)
    p50, p99 = _percentiles(_all(found.previews))
    read50, read99 = _percentiles(_all(found.reads))
    note = (
        f"{LARGE.enterprises:,} enterprises, {LARGE.contacts:,} visits, {LARGE.listings:,} listings; "
        f"preview p50 {p50:.2f} ms p99 {p99:.2f} ms, read p50 {read50:.2f} ms p99 {read99:.2f} ms; "
        f"{WORKERS} workers, {CONNECTIONS} connections"
    )
    return Result(value=value, unit="/s", baseline=baseline, note=note)


def growth() -> Result:
    """The p50 of a preview among a million enterprises, beside that among ten thousand."""
    found = measure()
    large, small = _percentiles(found.large), _percentiles(found.small)
    note = (
        f"p50 of a preview at {LARGE.enterprises:,} and at {SMALL.enterprises:,} enterprises, asked by turns; "
        f"p99 {large[1]:.2f} and {small[1]:.2f} ms"
    )
    return Result(value=large[0], unit="ms", baseline=small[0], note=note)


@cache
def measure() -> Measured:
    """Fill both databases, serve both, and ask. Once in a run, for both benches."""
    with (
        databases() as (large, small, token),
        server(large, WORKERS) as big,
        server(small, WORKERS) as little,
    ):
        headers = {"Authorization": f"Bearer {token}"}
        preview = {size: _previews(size, headers) for size in (LARGE, SMALL)}
        read = _reads(LARGE, headers)
        _read_once(_wishes(LARGE))
        for port, make in ((big, preview[LARGE]), (big, read), (little, preview[SMALL])):
            hammer(port, make, CONNECTIONS, WARM_SECONDS)
        previews, reads = [], []
        for _round in range(ROUNDS):
            previews.append(hammer(big, preview[LARGE], CONNECTIONS, SECONDS))
            reads.append(hammer(big, read, CONNECTIONS, SECONDS))
        large_ones, small_ones = take_turns((big, little), (preview[LARGE], preview[SMALL]), TURNS)
        return Measured(previews, reads, large_ones, small_ones)


@contextmanager
def databases() -> Iterator[tuple[str, str, str]]:
    """The names of the large and the small database, and a token that is good in both. Dropped at the end."""
    with empty_database():
        from django.db import connection

        from yicha.base.accounts import services as accounts
        from yicha.kernel import clock

        now = clock.now()
        make_reference(now - timedelta(days=60))
        client, secret = accounts.create_client(
            actor="bench",
            now=now,
            name="bench",
            agency=AGENCY,
            scopes=["gate.preview", "enterprise.read"],
            per_minute=10_000_000,
        )
        token, _scopes = accounts.issue_token(now=now, client_id=str(client.uuid), secret=secret, scope="")
        make_crowd(SMALL, now)
        large = str(connection.settings_dict["NAME"])
        _apart(f'DROP DATABASE IF EXISTS "{_SMALL_DATABASE}"')
        _apart(f'CREATE DATABASE "{_SMALL_DATABASE}" TEMPLATE "{large}"')
        try:
            empty_crowd()
            make_crowd(LARGE, now)
            yield large, _SMALL_DATABASE, token
        finally:
            _apart(f'DROP DATABASE IF EXISTS "{_SMALL_DATABASE}" WITH (FORCE)')


def _apart(statement: str) -> None:
    """Run a statement about databases, connected to none of them."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def _wishes(size: Size) -> list[dict[str, Any]]:
    """What is asked: each enterprise with two items and two officers, some days ahead."""
    from yicha.kernel import clock

    chance, today = Random(4), clock.today(clock.now())
    made = []
    for _one in range(ASKED):
        first = today + timedelta(days=chance.randint(1, 40))
        made.append(
            {
                "uscc": code_of(chance.randint(1, size.enterprises)),
                "items": [f"market-{number:02d}" for number in chance.sample(range(20), 2)],
                "kind": "daily",
                "trigger": "initiative",
                "from_on": first.isoformat(),
                "until_on": (first + timedelta(days=4)).isoformat(),
                "officers": ["C-00002", "C-00011"],
                "approved_by": "局长",
            }
        )
    return made


def _read_once(wishes: list[dict[str, Any]]) -> None:
    """Have the rows of everybody who will be asked about in the memory of the machine."""
    from yicha.decide.gate import queries
    from yicha.decide.gate.terms import Application
    from yicha.kernel import clock
    from yicha.know.visits.terms import ContactKind

    for begin in range(0, len(wishes), 500):
        some = [
            Application(
                agency=AGENCY,
                uscc=one["uscc"],
                items=tuple(one["items"]),
                kind=ContactKind(one["kind"]),
                trigger=one["trigger"],
                from_on=date.fromisoformat(one["from_on"]),
                until_on=date.fromisoformat(one["until_on"]),
            )
            for one in wishes[begin : begin + 500]
        ]
        queries.preview_many(some, clock.now())


def _reads(size: Size, headers: dict[str, str]) -> Callable[[int], bytes]:
    made = [request("GET", f"/api/v1/enterprises/{one['uscc']}", headers) for one in _wishes(size)]
    return lambda number: made[number % len(made)]


def _previews(size: Size, headers: dict[str, str]) -> Callable[[int], bytes]:
    made = [
        request("POST", "/api/v1/gate/preview", headers, json.dumps(one).encode()) for one in _wishes(size)
    ]
    return lambda number: made[number % len(made)]


def _rate(rounds: list[Round]) -> float:
    return statistics.median(one.rate for one in rounds)


def _all(rounds: list[Round]) -> list[float]:
    return [one for done in rounds for one in done.seconds]


def _percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99, in milliseconds."""
    return statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=100)[98] * 1000


BENCHES: dict[str, Bench] = {"gate_preview_vs_pk_read": preview_vs_read, "gate_growth": growth}
