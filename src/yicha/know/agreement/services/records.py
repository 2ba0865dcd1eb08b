"""What all services of agreements share: numbers, locks, what is looked up by code, and the line in the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.know.agreement import queries
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.terms import VersionFacts
from yicha.know.registry import queries as registry


def next_number(rows: QuerySet[Any], prefix: str, now: datetime) -> str:
    """The next number of a year (`HZ-2026-0007`). Nobody else takes it until the caller's transaction ends."""
    start = f"{prefix}-{clock.today(now).year}-"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"agreement.number {start}"])
    given = rows.filter(code__startswith=start).values_list("code", flat=True)
    return f"{start}{max((int(code.rsplit('-', 1)[1]) for code in given), default=0) + 1:04d}"


def lock_versions(code: str) -> list[Agreement]:
    """All versions of an agreement, the first one first, held until the transaction ends."""
    held = list(Agreement.objects.select_for_update().filter(code=code).order_by("version"))
    if not held:
        raise NotFound
    return list(queries.list_versions(code).order_by("version"))


def lock(agreement: Agreement) -> tuple[Agreement, list[VersionFacts]]:
    """This version as it is now, and the facts of all versions; all held."""
    versions = lock_versions(agreement.code)
    found = next((one for one in versions if one.pk == agreement.pk), None)
    if found is None:
        raise NotFound
    return found, [one.facts for one in versions]


def record(actor: str, now: datetime, agreement: Agreement, act: str, body: dict[str, JSON]) -> None:
    """Write an act about a version into the ledger."""
    ledger.append(
        actor=actor,
        now=now,
        act=act,
        subject=f"agreement:{agreement.code}",
        body={"version": agreement.version, **body},
    )


def all_of(rows: QuerySet[Any], codes: Iterable[str], at_field: str) -> list[Any]:
    """The rows of these codes; refused with those that there are not."""
    wanted = set(codes)
    found = {row.code: row for row in rows.filter(code__in=wanted)}
    missing = sorted(wanted - set(found))
    if missing:
        raise Refused(
            [
                Reason(
                    "agreement.unknown-code",
                    "“%(codes)s” is not known; choose from the list.",
                    facts={"codes": ", ".join(missing)},
                    at_field=at_field,
                )
            ]
        )
    return [found[code] for code in sorted(wanted)]


def region_of(code: str, at_field: str = "region") -> Any:
    """A region by its code; refused when there is none."""
    return all_of(registry.list_regions(), [code], at_field)[0]
