"""A registry with a million enterprises and their ledger, for benches that read one enterprise among many.

Filled by the database itself. Foreign keys and indexes for searching by name are dropped first, all other indexes are
built afterwards: only reading is measured, and nothing that is measured reads the former.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tools.bench import Bench

BENCHES: dict[str, Bench] = {}

REGIONS = ("110112", "110115", "110302")
KINDS = ("market", "fire", "health")
ITEMS_OF_A_KIND = 20
OFFICERS = 3_000
AGENCY = "110112-market"
CONTACTS_EACH = 5
_SPREAD = 7919
"""A prime that divides no size: neighbours in time are strangers in the registry, as in a real ledger."""


@dataclass(frozen=True)
class Size:
    """How many of what; the ledger has a row per visit, and another for its item."""

    enterprises: int

    @property
    def contacts(self) -> int:
        return self.enterprises * CONTACTS_EACH

    @property
    def listings(self) -> int:
        return self.enterprises // 5


def code_of(number: int) -> str:
    """The code of the `number`-th enterprise."""
    return f"91110112MA{number:07d}X"


def make_reference(now: datetime) -> None:
    """Places, agencies, items, officers and an agreement of three regions, by the services as far as there are any."""
    from django.apps import apps

    from yicha.base.workdays import services as workdays
    from yicha.know.agreement import services as agreement
    from yicha.know.agreement.terms import AgreementDraft
    from yicha.know.registry import services as registry
    from yicha.know.registry.terms import RegionKind

    workdays.seed(years=range(now.year - 1, now.year + 3))
    for code in ("110000", *REGIONS):
        kind, parent = (RegionKind.CITY, "") if code == "110000" else (RegionKind.DISTRICT, "110000")
        registry.save_region(
            actor="bench", now=now, code=code, name=f"区{code}", kind=kind, parent=parent, patterns=[]
        )
    registry.save_zone(
        actor="bench", now=now, code="yizhuang", name="亦庄新城", regions=list(REGIONS), patterns=[]
    )
    for kind_code in KINDS:
        registry.save_agency_kind(actor="bench", now=now, code=kind_code, name=kind_code)
        for code in REGIONS:
            name = f"{code}-{kind_code}"
            registry.save_agency(actor="bench", now=now, code=name, name=name, kind=kind_code, region=code)
    item, version = apps.get_model("catalogue", "Item"), apps.get_model("catalogue", "ItemVersion")
    kinds = {row.code: row for row in apps.get_model("registry", "AgencyKind").objects.all()}
    for kind_code in KINDS:
        for number in range(ITEMS_OF_A_KIND):
            made = item.objects.create(code=f"{kind_code}-{number:02d}", agency_kind=kinds[kind_code])
            version.objects.create(
                item=made,
                version=1,
                name=f"事项 {kind_code} {number}",
                legal_basis="依据",
                method="onsite",
                status="published",
                in_force_from=date(now.year - 4, 1, 1),
            )
    draft = AgreementDraft(
        name="三地检查结果互认协议",
        text="三地互认检查结果和无事不扰名单。",
        regions=frozenset(REGIONS),
        shares=frozenset({"results", "undisturbed", "assistance"}),
        valid_from=now.date(),
        notice_days=30,
    )
    signed = agreement.offer(
        actor="bench", now=now, agreement=agreement.draft_agreement(actor="bench", now=now, draft=draft)
    )
    for code in REGIONS:
        signed = agreement.sign(actor="bench", now=now, agreement=signed, region=code)
    run(_OFFICERS, {"today": now.date(), "officers": OFFICERS})


def make_crowd(size: Size, now: datetime) -> None:
    """Fill the tables that grow; they must be empty."""
    values = {
        "n": size.enterprises,
        "contacts": size.contacts,
        "listings": size.listings,
        "today": now.date(),
        "now": now,
        "before": now - timedelta(days=30),
        "spread": _SPREAD,
        "items": ITEMS_OF_A_KIND * len(KINDS),
        "officers": OFFICERS,
    }
    for table, statement in _FILLING.items():
        with without_indexes(table):
            run(statement, values)
    run("VACUUM (ANALYZE)", None)
    for (
        table
    ) in _FILLING:  # what was asked before lies in the memory of the machine, as after a day of service
        run(f"SELECT count(*) FROM {table} WHERE {table}.* IS NOT NULL", None)


def empty_crowd() -> None:
    """Forget them all, and begin numbering at 1 again."""
    run(f"TRUNCATE {', '.join(_FILLING)} RESTART IDENTITY CASCADE", None)


def run(statement: str, values: dict[str, Any] | None) -> None:
    """Run one statement by itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Inside, a table has no index but its primary key; afterwards all but those for searching by words are built."""
    from django.db import connection

    def rows(statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [table])
            return list(cursor.fetchall())

    for (name,) in rows("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"):
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"', None)
    unique = rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'"
    )
    for name, _definition in unique:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"', None)
    others = rows(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = %s::regclass AND NOT indisprimary"
    )
    for name, _definition in others:
        run(f"DROP INDEX {name}", None)
    yield
    for name, definition in unique:
        run(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}', None)
    for _name, definition in others:
        if "gin_trgm_ops" not in definition:
            run(definition, None)


_OFFICERS = """
INSERT INTO registry_officer (uuid, certificate, name, agency_id, valid_from, valid_until, competences, active)
SELECT gen_random_uuid(), 'C-' || lpad(k::text, 5, '0'), '人员' || k, a.id, %(today)s - 700, %(today)s + 700,
       ARRAY[kind.code], true
FROM generate_series(1, %(officers)s) k
JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS place FROM registry_agency) a
    ON a.place = k %% (SELECT count(*) FROM registry_agency)
JOIN registry_agencykind kind ON kind.id = a.kind_id
"""
_FILLING = {
    "registry_enterprise": """
INSERT INTO registry_enterprise (uuid, uscc, name, initials, kind, industry, industry_name, region_id, zone_id,
    address, status, risk_class, registered_on, capital, scope_text)
SELECT gen_random_uuid(), '91110112MA' || lpad(k::text, 7, '0') || 'X', '北京第' || k || '号科技有限公司', 'bj',
    'company', 'I6510', '软件开发', r.id, z.id, '北京市某区某街道某路' || k || '号', 'active',
    substr('AABBBBBCCD', 1 + k %% 10, 1), %(today)s - (365 + k %% 7000), '100万元',
    repeat('技术开发、技术推广、技术转让、技术咨询、技术服务；销售机械设备；', 3)
FROM generate_series(1, %(n)s) k
JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS place FROM registry_region WHERE code <> '110000') r
    ON r.place = k %% 3
CROSS JOIN registry_zone z
ORDER BY k
""",
    "visits_contact": """
INSERT INTO visits_contact (uuid, enterprise_id, lead_agency_id, kind, state, round, window_from, window_to,
    planned_on, made_on, counts_toward_cap, spared_by, trigger, officers, simulated)
SELECT gen_random_uuid(), 1 + (k::bigint * %(spread)s) %% %(n)s, a.id, 'daily',
    CASE WHEN day < %(today)s THEN 'made' ELSE 'planned' END, '', day, day + 5, day,
    CASE WHEN day < %(today)s THEN day END, true, '', 'draw',
    ARRAY['C-' || lpad((1 + k %% %(officers)s)::text, 5, '0'),
          'C-' || lpad((1 + (k + 9) %% %(officers)s)::text, 5, '0')], false
FROM (SELECT k, %(today)s - 1400 + (k::bigint * 1450 / %(contacts)s)::int AS day
      FROM generate_series(1, %(contacts)s) k) made
JOIN (SELECT *, row_number() OVER (ORDER BY code) - 1 AS place FROM registry_agency) a
    ON a.place = k %% (SELECT count(*) FROM registry_agency)
ORDER BY k
""",
    "visits_contactitem": """
INSERT INTO visits_contactitem (contact_id, agency_id, item_version_id, source, result_code, result_on)
SELECT c.id, c.lead_agency_id, v.id, 'draw:bench', CASE WHEN c.state = 'made' THEN '01' ELSE '' END, c.made_on
FROM visits_contact c
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM catalogue_itemversion) v
    ON v.place = c.id %% %(items)s
ORDER BY c.id
""",
    "visits_result": """
INSERT INTO visits_result (uuid, enterprise_id, item_version_id, agency_id, reference, result_code, found_on,
    valid_until, evidence_hash, state, refused_by, offered_at, revoked_because)
SELECT gen_random_uuid(), 1 + (k::bigint * %(spread)s) %% %(n)s, v.id, a.id, 'r-' || k, '01', %(today)s - 100,
    %(today)s + 265, repeat('a', 64), 'offered', '{}', %(now)s, ''
FROM generate_series(1, %(listings)s) k
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM catalogue_itemversion) v ON v.place = k %% %(items)s
JOIN catalogue_item i ON i.id = v.item_id
JOIN registry_agency a ON a.kind_id = i.agency_kind_id
    AND a.region_id = (SELECT id FROM registry_region WHERE code = '110302')
""",
    "undisturbed_listing": """
INSERT INTO undisturbed_listing (uuid, enterprise_id, region_id, state, since, because, trigger, partners, agreements,
    weighed_at, listed_on)
SELECT gen_random_uuid(), e.id, e.region_id, 'listed', %(before)s, '', '', ARRAY['110112', '110115', '110302'],
    '{}', %(before)s, %(today)s - 30
FROM registry_enterprise e WHERE e.id %% 5 = 1
""",
    "credit_creditrecord": """
INSERT INTO credit_creditrecord (uuid, code, version, enterprise_id, kind, agency_id, reference, happened_on,
    effective_from, words, evidence_hash, evidence, year, state, recorded_at, recorded_by, ended_because)
SELECT gen_random_uuid(), 'bench/' || k, 1, 1 + (k::bigint * %(spread)s) %% %(n)s, kind, a.id, 'k-' || k,
    %(today)s - 500, %(today)s - 500, '', '', '', CASE WHEN kind = 'annual-report' THEN 2024 END, 'in-effect',
    %(before)s, 'bench', ''
FROM (SELECT k, CASE WHEN k %% 4 = 0 THEN 'penalty' ELSE 'annual-report' END AS kind
      FROM generate_series(1, %(n)s) k) made
CROSS JOIN (SELECT min(id) AS id FROM registry_agency) a
""",
}
