"""Writing results that others may use: offered, refused by one, revoked for all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import rules
from yicha.know.visits.models import Result
from yicha.know.visits.terms import RESULT_VALID_DAYS, OfferedResult, SharedState, SparedContact

Place = tuple[str, ...]
"""The codes that a place lies in, the nearest first."""


@transaction.atomic
def offer_results(*, actor: str, now: datetime, offered: Sequence[OfferedResult]) -> list[Result]:
    """Write results that others may use; one ledger act each. Returns those that are new.

    An item that has a result in force, or a reference that the agency has sent, is left as it is: calling it again
    does no harm. A result holds as long as its item version says, else as `result-valid-days` says at the place.
    """
    agencies = dict(registry.list_agencies().values_list("code", "pk"))
    enterprises, places = _enterprises({one.uscc for one in offered})
    _refuse_unknown(sorted({one.uscc for one in offered} - set(enterprises)))
    lasting = _Lasting({one.item_version_id for one in offered})
    results = [
        _result(
            now,
            one,
            enterprises[one.uscc],
            agencies[one.agency],
            lasting.days(one.item_version_id, one.found_on, places[one.uscc]),
        )
        for one in offered
    ]
    Result.objects.bulk_create(results, ignore_conflicts=True, batch_size=2000)
    new = set(Result.objects.filter(uuid__in=[row.uuid for row in results]).values_list("uuid", flat=True))
    acts: list[ledger.Act] = [
        ("recognition.offered", f"result:{row.uuid}", _body(row, one))
        for row, one in zip(results, offered, strict=True)
        if row.uuid in new
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return list(Result.objects.filter(uuid__in=new).order_by("pk"))


def _result(now: datetime, one: OfferedResult, enterprise: int, agency: int, days: int) -> Result:
    return Result(
        uuid=uuid.uuid4(),
        enterprise_id=enterprise,
        premises_id=one.premises_id,
        item_version_id=one.item_version_id,
        agency_id=agency,
        contact_item_id=one.contact_item_id,
        reference=one.reference,
        result_code=one.result_code.value,
        found_on=one.found_on,
        valid_until=rules.valid_until(one.found_on, days),
        evidence_hash=one.evidence_hash,
        state=SharedState.OFFERED.value,
        offered_at=now,
    )


def _body(row: Result, one: OfferedResult) -> dict[str, str]:
    return {
        "enterprise": one.uscc,
        "agency": one.agency,
        "code": one.result_code.value,
        "on": one.found_on.isoformat(),
        "until": row.valid_until.isoformat(),
        "evidence_sha256": one.evidence_hash,
    }


class _Lasting:
    """For how many days results hold; each number is looked up once for a day and a place."""

    def __init__(self, versions: set[int]) -> None:
        self.own = dict(catalogue.list_versions().filter(pk__in=versions).values_list("pk", "valid_days"))
        self.found: dict[tuple[date, Place], int] = {}

    def days(self, version: int, on: date, place: Place) -> int:
        own = self.own[version]
        if own is not None:
            return own
        if (on, place) not in self.found:
            self.found[on, place] = int(catalogue.get_number(RESULT_VALID_DAYS, on, place).value)
        return self.found[on, place]


def _enterprises(codes: set[str]) -> tuple[dict[str, int], dict[str, Place]]:
    """Ids and places by code, of those that are in the registry."""
    rows = registry.list_enterprises().filter(uscc__in=codes)
    found = rows.values_list("uscc", "pk", "region__code", "zone__code", "region__parent__code")
    places = {code: tuple(part for part in place if part) for code, _pk, *place in found}
    return {code: pk for code, pk, *_place in found}, places


def _refuse_unknown(missing: Sequence[str]) -> None:
    if missing:
        raise Refused(
            [
                Reason(
                    "visits.unknown-enterprise",
                    "“%(code)s” is not in the registry.",
                    facts={"code": ", ".join(missing[:10])},
                )
            ]
        )


@transaction.atomic
def refuse_result(*, result: Result, agency: str) -> Result:
    """An agency (its code) does not accept a result. The caller has asked whether it may, and records the act."""
    locked = lock(result)
    locked.state = rules.SHARED_LIFE.after(SharedState(locked.state), "refuse").value
    if agency not in locked.refused_by:
        locked.refused_by = [*locked.refused_by, agency]
        locked.save(update_fields=["refused_by"])
    return locked


@transaction.atomic
def revoke_result(*, now: datetime, result: Result, because: str) -> Result:
    """Nobody may use a result any more. The caller reopens what leaned on it, and records the act.

    From here to the end of the transaction no check can be spared by it (`hold_results` waits).
    """
    locked = lock(result)
    locked.state = rules.SHARED_LIFE.after(SharedState(locked.state), "revoke").value
    locked.revoked_at, locked.revoked_because = now, because
    locked.save(update_fields=["state", "revoked_at", "revoked_because"])
    return locked


def lock(result: Result) -> Result:
    """The row as it is now, until the transaction ends."""
    return Result.objects.select_for_update(of=("self",)).select_related("agency").get(pk=result.pk)


def hold_results(spared: Sequence[SparedContact]) -> None:
    """Keep the results that spare checks from being revoked until the transaction ends; refused if one cannot spare.

    A shared lock: many may lean on one result at once, its revocation waits for all of them.
    """
    wanted = {one.spared_by.removeprefix("result:") for one in spared if one.spared_by.startswith("result:")}
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid::text, refused_by FROM visits_result "
            "WHERE uuid = ANY(%s::uuid[]) AND state = %s ORDER BY id FOR SHARE",
            [sorted(wanted), SharedState.OFFERED.value],
        )
        held: dict[str, list[str]] = dict(cursor.fetchall())
    refuse_if(
        Reason(
            "visits.result-not-usable",
            "The result %(result)s cannot spare a check: it is revoked, or %(agency)s has refused it.",
            facts={"result": one.spared_by.removeprefix("result:"), "agency": one.agency},
        )
        for one in spared
        if one.spared_by.startswith("result:")
        and one.agency in held.get(one.spared_by.removeprefix("result:"), [one.agency])
    )
