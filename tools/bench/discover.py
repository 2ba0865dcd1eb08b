"""`discover_1m_seconds`: who of a million enterprises may be left alone, and who of those on the list no longer.

Measured are a discovery over the whole registry and a re-check of everybody who was then listed, each one set-based
job with its rows, notices and the ledger. The baseline reads the same tables from end to end and counts them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tools.bench import Bench, Result
from tools.bench.ground import empty_database

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
_REGIONS = [f"1101{number:02d}" for number in range(1, 17)]
_TRADES = ("H6210", "F5211", "I6510", "C3973", "M7519", "F5265", "C2641", "L7299", "O8011", "R8890")
_KINDS = (
    # kind, share of enterprises that have one
    ("annual-report", 0.93),
    ("penalty", 0.06),
    ("abnormal-listing", 0.04),
    ("verified-complaint", 0.01),
    ("serious-violation", 0.004),
    ("accident", 0.001),
)
_TABLES = ("registry_enterprise", "credit_creditrecord", "undisturbed_listing")


def discover_1m_seconds() -> Result:
    """Seconds of a discovery and a re-check together, beside a plain scan and count of the same tables."""
    from yicha.kernel import clock

    with empty_database():
        now = clock.now()
        records = _populate(now)
        discovery, discovered = _timed(lambda: _services().discover(actor="bench", now=now))
        listed, listing = _timed(lambda: _list_all(now))
        triggered = _trigger(now + timedelta(minutes=1))
        later = now + timedelta(minutes=2)
        done, rechecked = _timed(lambda: _services().recheck(actor="bench", now=later))
        _, baseline = _timed(_scan)
    if done.count != triggered:
        raise RuntimeError(f"{done.count} of {triggered} were suspended")
    note = (
        f"{ROWS:,} enterprises, {records:,} records: {discovery.found:,} found in {discovered:.1f} s, "
        f"{done.count:,} of {listed:,} listed suspended in {rechecked:.1f} s "
        f"(nominating and reviewing them all: {listing:.1f} s)"
    )
    return Result(value=discovered + rechecked, unit="s", baseline=baseline, note=note)


def _services() -> Any:
    from yicha.know.undisturbed import services

    return services


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    found = work()
    return found, time.perf_counter() - begun


def _populate(now: datetime) -> int:
    """Sixteen districts, a million enterprises and their records, by COPY; returns how many records."""
    from django.db import connection, transaction

    from yicha.know.registry import queries, services
    from yicha.know.registry.terms import RegionKind

    for code in ("110000", *_REGIONS):
        kind, parent = (RegionKind.CITY, "") if code == "110000" else (RegionKind.DISTRICT, "110000")
        services.save_region(
            actor="bench", now=now, code=code, name=f"区{code}", kind=kind, parent=parent, patterns=[]
        )
    services.save_agency_kind(actor="bench", now=now, code="market", name="市场监管")
    agency = services.save_agency(
        actor="bench", now=now, code="110101-market", name="市场监管局", kind="market", region="110101"
    )
    regions = [region.pk for region in queries.list_regions().filter(code__in=_REGIONS)]
    with transaction.atomic(), connection.cursor() as cursor:
        # Searching by name is no part of this; the indexes for it would take minutes to fill row by row.
        cursor.execute("DROP INDEX enterprises_by_name, enterprises_by_initials, enterprises_by_code")
        with cursor.copy(
            "COPY registry_enterprise (id, uuid, uscc, name, initials, kind, industry, industry_name, region_id, "
            "address, status, risk_class, registered_on, capital, scope_text) FROM STDIN"
        ) as copy:
            for row in _enterprises(regions):
                copy.write_row(row)
        with cursor.copy(
            "COPY credit_creditrecord (uuid, code, version, enterprise_id, kind, agency_id, reference, happened_on, "
            "effective_from, words, evidence_hash, evidence, year, state, recorded_at, recorded_by, ended_because) "
            "FROM STDIN"
        ) as copy:
            count = 0
            for row in _records(agency.pk, now):
                copy.write_row(row)
                count += 1
        cursor.execute("SELECT setval(pg_get_serial_sequence('registry_enterprise', 'id'), %s)", [ROWS])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) registry_enterprise, credit_creditrecord")
    return count


def _enterprises(regions: list[int]) -> Iterator[tuple[Any, ...]]:
    from yicha.kernel import uscc

    rng, today = Random(1), date(2026, 1, 1)
    for number in range(1, ROWS + 1):
        body = f"91110101MA{number:07d}"
        yield (
            number,
            _uuid(rng),
            body + uscc.check_character(body),
            f"北京第{number}企业有限公司",
            "",
            "company",
            rng.choice(_TRADES),
            "",
            rng.choice(regions),
            "北京市某路一号",
            "active" if rng.random() < 0.95 else "cancelled",
            rng.choices("ABCD", (45, 40, 12, 3))[0],
            today - timedelta(days=rng.randrange(365, 9000)),
            "",
            "",
        )


def _records(agency: int, now: datetime) -> Iterator[tuple[Any, ...]]:
    rng, today = Random(2), now.date()
    for number in range(1, ROWS + 1):
        for kind, share in _KINDS:
            years = range(today.year - 2, today.year) if kind == "annual-report" else (None,)
            for year in years:
                if rng.random() < share:
                    day = today - timedelta(days=rng.randrange(1, 1500))
                    yield _record(rng, agency, number, kind, day, year, now - timedelta(days=1))


def _record(
    rng: Random, agency: int, number: int, kind: str, day: date, year: int | None, at: datetime
) -> tuple[Any, ...]:
    reference = f"{kind}-{number}-{year or ''}"
    code = f"110101-market/{reference}"
    return (
        _uuid(rng), code, 1, number, kind, agency, reference, day, day, "", "", "", year, "in-effect", at, "bench", ""
    )  # fmt: skip


def _uuid(rng: Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _list_all(now: datetime) -> int:
    """Nominate and review every candidate; without an agreement they are listed at home."""
    from yicha.know.undisturbed import queries

    services = _services()
    services.nominate_many(actor="bench", now=now, candidates=queries.list_candidates())
    count: int = services.review_many(actor="bench", now=now, listings=queries.list_listings()).count
    return count


def _trigger(at: datetime) -> int:
    """A penalty of every hundredth listed enterprise, and a worse class of every two hundredth besides."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO credit_creditrecord (uuid, code, version, enterprise_id, kind, agency_id, reference, "
            "happened_on, effective_from, words, evidence_hash, evidence, state, recorded_at, recorded_by, "
            "ended_because) SELECT gen_random_uuid(), 'new/' || l.id, 1, l.enterprise_id, 'penalty', a.id, "
            "'new-' || l.id, %(at)s::date - 1, %(at)s::date - 1, '', '', '', 'in-effect', %(at)s, 'bench', '' "
            "FROM undisturbed_listing l, registry_agency a WHERE l.id %% 100 = 0",
            {"at": at},
        )
        cursor.execute(
            "UPDATE registry_enterprise e SET risk_class = 'C' FROM undisturbed_listing l "
            "WHERE l.enterprise_id = e.id AND l.id %% 200 IN (0, 1)",
            {},
        )
        cursor.execute("SELECT count(*) FROM undisturbed_listing WHERE id %% 100 = 0 OR id %% 200 = 1", {})
        return int(cursor.fetchone()[0])


def _scan() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off")
        for table in _TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")


BENCHES: dict[str, Bench] = {"discover_1m_seconds": discover_1m_seconds}
