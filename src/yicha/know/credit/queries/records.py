"""Reading credit records. Lists are narrowed by `accounts.queries.scoped` at the door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from yicha.know.credit import rules
from yicha.know.credit.models import KINDS, SEVERITIES, CreditRecord
from yicha.know.credit.terms import RecordKind, RecordState, Severity

IN_EFFECT_SQL = (
    "{r}.state = 'in-effect' AND {r}.effective_from <= {day} "
    "AND ({r}.effective_until IS NULL OR {r}.effective_until >= {day})"
)
"""Whether the row `{r}` of credit_creditrecord has effect on `{day}`: the one definition, for statements over sets."""


def standing_sql(day: str) -> str:
    """A subquery with one row per enterprise of whom anything is recorded that has effect on `day` (SQL).

    enterprise_id, last_penalty_on, is_abnormal, is_serious, report_years. One pass over the table for a million
    enterprises, an index for one: PostgreSQL takes a condition on `enterprise_id` into the group.
    """
    return f"""
        SELECT r.enterprise_id,
            max(r.happened_on) FILTER (WHERE r.kind = 'penalty') AS last_penalty_on,
            coalesce(bool_or(r.kind = 'abnormal-listing'), false) AS is_abnormal,
            coalesce(bool_or(r.kind = 'serious-violation'), false) AS is_serious,
            array_agg(r.year::int) FILTER (WHERE r.kind = 'annual-report') AS report_years
        FROM credit_creditrecord r
        WHERE {IN_EFFECT_SQL.format(r="r", day=day)}
        GROUP BY r.enterprise_id
    """  # noqa: S608 - the day is an SQL expression from code


def list_records() -> QuerySet[CreditRecord]:
    """All versions that hold, the newest first; what was corrected is under `list_versions`."""
    return (
        CreditRecord.objects.exclude(state=RecordState.CORRECTED.value)
        .select_related("enterprise__region", "enterprise__zone", "agency")
        .order_by("-happened_on", "-id")
    )


def list_versions(record: CreditRecord) -> QuerySet[CreditRecord]:
    """All versions of a record, the newest first."""
    return CreditRecord.objects.filter(code=record.code).order_by("-version")


def list_in_effect(uscc: str, on: date) -> QuerySet[CreditRecord]:
    """What has effect for an enterprise on a date, the newest first."""
    return (
        list_records()
        .filter(enterprise__uscc=uscc, state=RecordState.IN_EFFECT.value, effective_from__lte=on)
        .filter(Q(effective_until=None) | Q(effective_until__gte=on))
    )


def find_record(uuid: UUID) -> CreditRecord | None:
    """A version of a record."""
    return (
        CreditRecord.objects.select_related("enterprise__region", "enterprise__zone", "agency")
        .filter(uuid=uuid)
        .first()
    )


def list_of_enterprise(uscc: str) -> QuerySet[CreditRecord]:
    """Everything that was recorded of an enterprise and holds or has ended, the newest first."""
    return list_records().filter(enterprise__uscc=uscc)


def find_current(agency: str, reference: str) -> CreditRecord | None:
    """The version of a record that holds, by the source's own number."""
    return list_records().filter(code=rules.code_of(agency, reference)).first()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version says otherwise than the one before: the field, and both values in words; empty: nothing."""

    field: str | Promise
    before: object
    after: object


_COMPARED = (
    "enterprise",
    "kind",
    "severity",
    "happened_on",
    "amount",
    "words",
    "year",
    "effective_from",
    "effective_until",
    "published_on",
    "publish_until",
    "evidence",
    "evidence_hash",
)


def list_differences(record: CreditRecord) -> list[tuple[CreditRecord, list[Difference]]]:
    """All versions of a record, the newest first, each with what it says otherwise than the one before."""
    rows = list(list_versions(record).select_related("enterprise", "agency"))
    return [
        (row, [] if before is None else [*_compare(before, row)])
        for row, before in zip_longest(rows, rows[1:])
    ]


def _compare(before: CreditRecord, after: CreditRecord) -> Iterator[Difference]:
    for name in _COMPARED:
        if getattr(before, name) != getattr(after, name):
            label = getattr(CreditRecord._meta.get_field(name), "verbose_name", name)
            yield Difference(label, _in_words(before, name), _in_words(after, name))


def _in_words(row: CreditRecord, name: str) -> object:
    shown = getattr(row, f"get_{name}_display", None)
    return shown() if shown else getattr(row, name)


def name_kind(kind: RecordKind) -> str | Promise:
    """A kind of record in words."""
    return KINDS[kind]


def name_severity(severity: Severity) -> str | Promise:
    """A severity in words."""
    return SEVERITIES[severity]
