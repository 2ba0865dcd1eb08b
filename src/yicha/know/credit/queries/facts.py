"""What classes are computed from: the one definition of facts and subjects, for a snapshot and for single enterprises.

Facts are credit records that have effect on the day (credit), results that others may use (know/visits), and what
became of orders to correct. A record that was repaired, a result that was revoked, is no fact any more.
"""

# ruff: noqa: S608 - statements are put together from parts that are all in code
from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import connection

from yicha.base.lake.terms import TableSpec
from yicha.know.credit.queries.records import IN_EFFECT_SQL
from yicha.know.credit.rules.statement import ENTERPRISES, FACTS
from yicha.know.credit.terms.classes import Fact, Subject
from yicha.know.credit.terms.model import KIND_NUMBERS, SEVERITY_NUMBERS, FactKind
from yicha.know.credit.terms.records import Severity
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import PROBLEM_CODES, ResultCode, SharedState

PROBLEM_SEVERITIES: Mapping[ResultCode, Severity] = {
    ResultCode.CORRECTION_ORDERED: Severity.MINOR,
    ResultCode.NOT_PUBLISHED: Severity.MINOR,
    ResultCode.UNREACHABLE: Severity.MINOR,
    ResultCode.FOLLOW_UP: Severity.GENERAL,
    ResultCode.VIOLATES_OTHER_RULE: Severity.GENERAL,
    ResultCode.UNCOOPERATIVE: Severity.SERIOUS,
    ResultCode.FALSE_INFORMATION: Severity.SERIOUS,
}
"""How grave the result codes are that speak against an enterprise (default)."""

KEYS_SQL = "SELECT id FROM registry_enterprise"
"""The population: everybody in the registry. What is over may begin again, and keeps its class meanwhile."""


def _case(column: str, values: Mapping[str, object], otherwise: str) -> str:
    cases = " ".join(f"WHEN '{key}' THEN {value!r}" for key, value in values.items())
    return f"CASE {column} {cases} ELSE {otherwise} END"


_SEVERITY_OF_RESULT = _case(
    "t.result_code", {code.value: grade.value for code, grade in PROBLEM_SEVERITIES.items()}, "'none'"
)
_CODES = ", ".join(f"'{code.value}'" for code in sorted({*PROBLEM_CODES, ResultCode.NO_PROBLEM}))


def facts_sql(whose: str) -> str:
    """PostgreSQL's SELECT of facts on `%(on)s`: whose, kind, severity, agency, day, amount, year, until, source.

    `whose` narrows it: a condition on `{e}`, the enterprise's id. `agency` is an id; amounts are cut to whole yuan.
    An order to correct that was fulfilled in time is `rectified`; one past its day and not fulfilled is overdue since
    the day after; one fulfilled too late is neither.
    """
    return f"""
        SELECT r.enterprise_id, r.kind, r.severity, r.agency_id, r.happened_on AS day,
            coalesce(trunc(r.amount), 0)::bigint AS amount, r.year, r.effective_until AS until,
            'credit:' || r.code AS source
        FROM credit_creditrecord r
        WHERE {whose.format(e="r.enterprise_id")} AND {IN_EFFECT_SQL.format(r="r", day="%(on)s::date")}
            AND r.happened_on <= %(on)s::date
        UNION ALL
        SELECT t.enterprise_id,
            CASE t.result_code WHEN '{ResultCode.NO_PROBLEM.value}' THEN '{FactKind.INSPECTION_CLEAN.value}'
                ELSE '{FactKind.INSPECTION_PROBLEM.value}' END,
            {_SEVERITY_OF_RESULT}, t.agency_id, t.found_on, 0, NULL, NULL, 'result:' || t.uuid
        FROM visits_result t
        WHERE {whose.format(e="t.enterprise_id")} AND t.state = '{SharedState.OFFERED.value}'
            AND t.result_code IN ({_CODES}) AND t.found_on <= %(on)s::date
        UNION ALL
        SELECT c.enterprise_id,
            CASE WHEN t.corrected_on <= %(on)s::date THEN '{FactKind.RECTIFIED.value}'
                ELSE '{FactKind.RECTIFICATION_OVERDUE.value}' END,
            CASE WHEN t.corrected_on <= %(on)s::date THEN 'none' ELSE {_SEVERITY_OF_RESULT} END, t.agency_id,
            CASE WHEN t.corrected_on <= %(on)s::date THEN t.corrected_on ELSE t.correct_by + 1 END,
            0, NULL, NULL, 'item:' || t.id
        FROM visits_contactitem t JOIN visits_contact c ON c.id = t.contact_id
        WHERE {whose.format(e="c.enterprise_id")} AND t.correct_by IS NOT NULL
            AND CASE WHEN t.corrected_on <= %(on)s::date THEN t.corrected_on <= t.correct_by
                ELSE t.correct_by < %(on)s::date END
    """


def subjects_sql(whose: str) -> str:
    """PostgreSQL's SELECT of enterprises in the columns of the lake."""
    return f"""
        SELECT e.id, e.uscc, e.region_id, e.industry, e.kind, e.registered_on - DATE '1970-01-01',
            e.status = 'active', CASE WHEN s.enterprise_id IS NULL THEN '' ELSE e.risk_class END
        FROM registry_enterprise e LEFT JOIN credit_standing s ON s.enterprise_id = e.id
        WHERE {whose.format(e="e.id")} ORDER BY e.id
    """


def numbered_sql(whose: str) -> str:
    """PostgreSQL's SELECT of facts in the columns of the lake."""
    kind = _case("f.kind", {kind.value: number for kind, number in KIND_NUMBERS.items()}, "NULL")
    severity = _case(
        "f.severity", {grade.value: number for grade, number in SEVERITY_NUMBERS.items()}, "NULL"
    )
    return f"""
        SELECT f.enterprise_id, {kind}, {severity}, a.kind_id, f.amount, f.day - DATE '1970-01-01', f.year,
            row_number() OVER (PARTITION BY f.enterprise_id)
        FROM ({facts_sql(whose)}) f JOIN registry_agency a ON a.id = f.agency_id ORDER BY f.enterprise_id
    """


_PART = "{e} BETWEEN %(first)s AND %(last)s"
_SOME = "{e} = ANY(%(enterprises)s)"
TABLES = (
    TableSpec("enterprises", ENTERPRISES, subjects_sql(_PART)),
    TableSpec("facts", FACTS, numbered_sql(_PART)),
)
"""What a snapshot for classes freezes; the parameter is `on`."""


def list_domains() -> dict[str, int]:
    """The number of every kind of agency in the lake."""
    return dict(registry.list_agency_kinds().order_by("pk").values_list("code", "pk"))


def list_facts(enterprises: Collection[int], on: date) -> dict[int, tuple[Subject, list[Fact]]]:
    """Subjects and facts of some enterprises, by id, the latest fact first."""
    given: dict[str, Any] = {"on": on, "enterprises": list(enterprises)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, uscc, industry, kind, registered_on FROM registry_enterprise "
            "WHERE id = ANY(%(enterprises)s)",
            given,
        )
        found: dict[int, tuple[Subject, list[Fact]]] = {
            pk: (Subject(uscc, industry, kind, since), []) for pk, uscc, industry, kind, since in cursor
        }
        cursor.execute(
            f"SELECT f.enterprise_id, f.kind, f.severity, f.day, k.code, f.source, f.amount, f.year, f.until "
            f"FROM ({facts_sql(_SOME)}) f JOIN registry_agency a ON a.id = f.agency_id "
            "JOIN registry_agencykind k ON k.id = a.kind_id ORDER BY f.day DESC, f.source",
            given,
        )
        for pk, kind, severity, *rest in cursor:
            found[pk][1].append(Fact(FactKind(kind), Severity(severity), *rest))
    return found


def list_rows(
    enterprises: Collection[int], on: date
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Subjects and facts of some enterprises in the columns of the lake."""
    given: dict[str, Any] = {"on": on, "enterprises": list(enterprises)}
    with connection.cursor() as cursor:
        cursor.execute(subjects_sql(_SOME), given)
        people = cursor.fetchall()
        cursor.execute(numbered_sql(_SOME), given)
        return people, cursor.fetchall()
