"""The one way in which a record's effect ends, for whatever cause: its state, and the ending that every use lets go by.

`share/repair` carries an ending to every use of the record; who writes one here need not know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from yicha.kernel import clock
from yicha.know.credit import rules
from yicha.know.credit.models import CreditRecord, Ending, Receipt, Repair, RepairStep
from yicha.know.credit.rules.repairs import REPAIR_LIFE
from yicha.know.credit.terms import RecordState
from yicha.know.credit.terms.repairs import EndingCause, RepairState, Use


@transaction.atomic
def end_effect(
    *,
    actor: str,
    now: datetime,
    record: CreditRecord,
    cause: EndingCause,
    repair: Repair | None = None,
    because: str = "",
    on: date | None = None,
) -> Ending:
    """End a record's effect from a day on (today, unless given) and write its ending.

    By a correction the version becomes `corrected`, by any other cause `ended`; one that had ended before and is then
    corrected keeps its first ending. An application that is open, other than the `repair` that is granted, has nothing
    left to ask for and is withdrawn. The caller tells the ledger, in the same transaction. Refused when the record has
    ended or was corrected already.
    """
    locked = CreditRecord.objects.select_for_update().get(pk=record.pk)
    act = "correct" if cause is EndingCause.CORRECTION else "end"
    locked.state = rules.LIFE.after(RecordState(locked.state), act).value
    if act == "end":
        locked.ended_on, locked.ended_because = on or clock.today(now), because
    locked.save(update_fields=["state", "ended_on", "ended_because"])
    ending, _ = Ending.objects.get_or_create(
        record=locked, defaults={"cause": cause.value, "repair": repair, "at": now, "by": actor}
    )
    _withdraw_open([locked.pk], actor, now, but=[repair.pk] if repair is not None else [])
    record.state, record.ended_on, record.ended_because = locked.state, locked.ended_on, locked.ended_because
    return ending


@transaction.atomic
def end_overdue(*, actor: str, now: datetime, records: Iterable[int]) -> list[Ending]:
    """End those of these records that still have effect, since their time is over: one statement for all of them.

    The caller found them by `queries.find_over`, and tells the ledger.
    """
    held = (
        CreditRecord.objects.select_for_update()
        .filter(pk__in=list(records), state=RecordState.IN_EFFECT.value)
        .order_by("pk")
    )
    keys = [row.pk for row in held]
    CreditRecord.objects.filter(pk__in=keys).update(
        state=RecordState.ENDED.value, ended_on=clock.today(now), ended_because=""
    )
    _withdraw_open(keys, actor, now)
    return Ending.objects.bulk_create(
        [Ending(record_id=key, cause=EndingCause.MAXIMUM.value, at=now, by=actor) for key in keys],
        batch_size=1000,
    )


def give_receipt(*, now: datetime, ending: Ending, use: Use, detail: dict[str, object]) -> Receipt:
    """A use's word that it leans on the record no more; the first one stays."""
    receipt, _ = Receipt.objects.get_or_create(
        ending=ending, use=use.value, defaults={"at": now, "detail": detail}
    )
    return receipt


def _withdraw_open(records: list[int], actor: str, now: datetime, but: Iterable[int] = ()) -> None:
    """Applications that wait for a decision about records that have just ended."""
    act, waiting = "withdraw", [state.value for state in REPAIR_LIFE.table["withdraw"][0]]
    rows = Repair.objects.select_for_update().filter(record__in=records, state__in=waiting)
    for repair in rows.exclude(pk__in=list(but)):
        repair.state = REPAIR_LIFE.after(RepairState(repair.state), act).value
        repair.save(update_fields=["state"])
        RepairStep.objects.create(repair=repair, act=act, state=repair.state, at=now, by=actor)
