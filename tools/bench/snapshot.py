"""`snapshot_1m_vs_copy`: a million enterprises with three million records from PostgreSQL into the lake.

The baseline is what PostgreSQL alone needs for the same statements in the same order: one COPY to CSV for each table,
written into a file. Both are measured in turn, three times each; the ratio is that of the medians.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench import Bench, Result
from tools.bench.ground import empty_database

if TYPE_CHECKING:
    from yicha.base.lake.terms import TableSpec

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RECORDS = 3
"""Of each enterprise."""
ROUNDS = 3
KEYS = "SELECT id FROM registry_enterprise"


def snapshot_1m_vs_copy() -> Result:
    """Seconds of a whole snapshot with its hashes, beside COPY of the same rows to CSV."""
    from yicha.kernel import clock

    with empty_database(), tempfile.TemporaryDirectory() as folder:
        now = clock.now()
        _populate(now)
        tables = _tables()
        taken, copied = [], []
        for _ in range(ROUNDS):
            copied.append(_timed(lambda: _copy(tables, Path(folder) / "copy.csv")))
            taken.append(_timed(lambda: _take(tables, now)))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note = (
        f"{ROWS:,} enterprises, {ROWS * RECORDS:,} records; this process had {memory:,.0f} MB at most; "
        f"snapshots {_listed(taken)}, COPY {_listed(copied)}"
    )
    return Result(statistics.median(taken), "s", statistics.median(copied), note)


def _listed(seconds: list[float]) -> str:
    return " ".join(f"{one:.1f}" for one in seconds)


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _tables() -> list[TableSpec]:
    from yicha.base.lake.terms import Column, ColumnType, TableSpec

    big, small, text, truth = ColumnType.BIGINT, ColumnType.INTEGER, ColumnType.VARCHAR, ColumnType.BOOLEAN
    enterprises = TableSpec(
        "enterprises",
        (
            Column("id", big),
            Column("uscc", text),
            Column("name", text),
            Column("region", big),
            Column("industry", text),
            Column("status", text),
            Column("risk_class", text),
            Column("registered", small),
        ),
        "SELECT id, uscc, name, region_id, industry, status, risk_class, registered_on - DATE '1970-01-01' "
        "FROM registry_enterprise WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id",
    )
    records = TableSpec(
        "records",
        (
            Column("enterprise", big),
            Column("kind", text),
            Column("severity", text),
            Column("amount", big),
            Column("happened", small),
            Column("published", truth),
            Column("agency", big),
        ),
        "SELECT enterprise_id, kind, severity, floor(amount)::bigint, happened_on - DATE '1970-01-01', is_published, "
        "agency_id FROM credit_creditrecord WHERE enterprise_id BETWEEN %(first)s AND %(last)s AND state = 'in-effect' "
        "ORDER BY enterprise_id, id",
    )
    return [enterprises, records]


def _take(tables: list[TableSpec], now: datetime) -> None:
    from yicha.base.lake import services

    snapshot = services.take(actor="bench", now=now, name="bench", tables=tables, keys=KEYS)
    if snapshot.rows != {"enterprises": ROWS, "records": ROWS * RECORDS}:
        raise RuntimeError(f"The snapshot has {snapshot.rows}.")
    services.drop(snapshot, actor="bench", now=now)


def _copy(tables: list[TableSpec], target: Path) -> None:
    """What PostgreSQL does alone. Blocks are gathered as the lake gathers them."""
    import psycopg
    from django.db import connection

    from yicha.base.lake.services.pipes import BLOCK

    with (
        psycopg.connect(**connection.get_connection_params()) as plain,
        target.open("wb", buffering=BLOCK) as file,
    ):
        for table in tables:
            with plain.cursor().copy(
                f"COPY ({table.statement}) TO STDOUT (FORMAT csv)", {"first": 1, "last": ROWS}
            ) as copy:
                for block in copy:
                    file.write(block)


def _populate(now: datetime) -> None:
    """Enterprises and their records, made by PostgreSQL itself."""
    from django.db import connection, transaction

    from yicha.know.registry import services
    from yicha.know.registry.terms import RegionKind

    at: dict[str, Any] = {"actor": "bench", "now": now}
    services.save_region(**at, code="110000", name="北京", kind=RegionKind.CITY, parent="", patterns=[])
    services.save_region(
        **at, code="110101", name="东城", kind=RegionKind.DISTRICT, parent="110000", patterns=[]
    )
    services.save_agency_kind(**at, code="market", name="市场监管")
    services.save_agency(**at, code="110101-market", name="市场监管局", kind="market", region="110101")
    with transaction.atomic(), connection.cursor() as cursor:
        # Searching by name is no part of this, nor is the history of rows.
        cursor.execute("DROP INDEX enterprises_by_name, enterprises_by_initials, enterprises_by_code")
        cursor.execute("ALTER TABLE registry_enterprise DISABLE TRIGGER USER")
        cursor.execute(_UNBOUND)
        cursor.execute(_ENTERPRISES, {"rows": ROWS})
        cursor.execute(_RECORDS, {"rows": ROWS, "records": RECORDS, "now": now})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) registry_enterprise, credit_creditrecord")


# This database is thrown away: nobody has to see to every row that it refers to what is there.
_UNBOUND = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint WHERE contype IN ('f', 'u')
        AND conrelid IN ('registry_enterprise'::regclass, 'credit_creditrecord'::regclass)
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', one.owner, one.conname); END LOOP;
END $$
"""
_ENTERPRISES = """
INSERT INTO registry_enterprise (id, uuid, uscc, name, initials, kind, industry, industry_name, region_id, address,
    status, risk_class, registered_on, capital, scope_text)
SELECT n, gen_random_uuid(), '91110101MA' || lpad(n::text, 8, '0'),
    '北京第' || n || '企业管理咨询有限公司', '', 'company',
    (ARRAY['H6210', 'F5211', 'I6510', 'C3973'])[1 + n %% 4], '', r.id, '北京市某路一号', 'active',
    (ARRAY['A', 'B', 'C', 'D'])[1 + n %% 4], DATE '2000-01-01' + (n * 7919::bigint %% 9000)::int, '', ''
FROM generate_series(1, %(rows)s) n, (SELECT id FROM registry_region WHERE code = '110101') r
"""
# As they come in over the years: not in the order of enterprises.
_RECORDS = """
INSERT INTO credit_creditrecord (uuid, code, version, enterprise_id, kind, agency_id, reference, happened_on,
    effective_from, words, evidence_hash, evidence, severity, amount, is_published, state, recorded_at, recorded_by,
    ended_because)
SELECT gen_random_uuid(), 'bench/' || n, 1, 1 + (n * 7919::bigint) %% %(rows)s,
    (ARRAY['penalty', 'abnormal-listing', 'verified-complaint'])[1 + n %% 3], a.id, n::text,
    d.day, d.day, '', '', '', (ARRAY['minor', 'general', 'serious'])[1 + n %% 3],
    CASE WHEN n %% 2 = 0 THEN n %% 100000 END, false, 'in-effect', %(now)s, 'bench', ''
FROM generate_series(1, %(rows)s * %(records)s) n, (SELECT id FROM registry_agency WHERE code = '110101-market') a,
    LATERAL (SELECT DATE '2022-01-01' + (n %% 1500)::int AS day) d
"""

BENCHES: dict[str, Bench] = {"snapshot_1m_vs_copy": snapshot_1m_vs_copy}
