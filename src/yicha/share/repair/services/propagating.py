"""Carrying an ending to every use of the record, with a receipt from each (信用修复管理办法: everywhere).

In the transaction of the decision, so that there is no moment in which a record has ended and something still leans
on it. Endings that were written without it (a file corrected a record) are found by the sweep.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.decide.gate import services as gate
from yicha.decide.planning.services.reweighing import hold_rounds_of
from yicha.kernel import canonical, clock
from yicha.know.credit import services as records
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import endings, repairs
from yicha.know.credit.services.classing import reclassify
from yicha.know.credit.terms import RecordFacts
from yicha.know.undisturbed import queries as undisturbed
from yicha.share.repair.services.uses import ORDER, Ended, let_go

AT_ONCE = 500
"""Endings that one transaction carries: a night of many thousands does not hold its locks for long."""


@transaction.atomic
def decide(*, actor: str, now: datetime, repair: Any, is_granted: bool, words: str) -> None:
    """Grant, which ends the record's effect in every use at once; or refuse. Refused as `repairs.decide` says."""
    _hold([repair.record.enterprise_id], now)
    ending = repairs.decide(actor=actor, now=now, repair=repair, is_granted=is_granted, words=words)
    if ending is not None:
        propagate(actor=actor, now=now, ending=ending)


@transaction.atomic
def end(*, actor: str, now: datetime, record: Any, reason: str, on: date | None = None) -> Any:
    """Its agency ends a record, in every use at once. Refused as `credit.services.end` says."""
    _hold([record.enterprise_id], now)
    ended = records.end(actor=actor, now=now, record=record, reason=reason, on=on)
    _carry(actor, now, [queries.find_ending(ended)])
    return ended


@transaction.atomic
def correct(*, actor: str, now: datetime, record: Any, facts: RecordFacts, reason: str) -> Any:
    """Write what holds instead; every use lets go of the version before. Refused as `credit.services.correct` says."""
    _hold([record.enterprise_id], now)
    row = records.correct(actor=actor, now=now, record=record, facts=facts, reason=reason)
    ending = queries.find_ending(record)
    if ending is not None:
        _carry(actor, now, [ending])
    return row


@transaction.atomic
def propagate(*, actor: str, now: datetime, ending: Any) -> None:
    """Let every use go of one record that has ended. Doing it again changes nothing."""
    _hold([ending.record.enterprise_id], now)
    _carry(actor, now, [ending])


def end_due(*, actor: str, now: datetime) -> int:
    """End everything whose time is over, and carry it to every use; returns how many records.

    A batch is a transaction: what was ended is ended everywhere, also if the night is cut off in the middle.
    """
    total = 0
    while True:
        with transaction.atomic():
            over = queries.find_over(clock.today(now), AT_ONCE)
            _hold(queries.list_enterprises_of(over), now)
            ended = endings.end_overdue(actor=actor, now=now, records=over)
            if ended:
                _tell_ledger(actor, now, ended)
                _carry(actor, now, ended)
        total += len(ended)
        if len(over) < AT_ONCE or not ended:
            return total


def propagate_open(*, actor: str, now: datetime) -> int:
    """Carry on every ending that some use has not let go by yet; returns how many."""
    total = 0
    while True:
        with transaction.atomic():
            found = list(queries.list_unfinished()[:AT_ONCE])
            if found:
                _hold([one.record.enterprise_id for one in found], now)
                _carry(actor, now, found)
        total += len(found)
        if len(found) < AT_ONCE:
            return total


def _hold(enterprises: Iterable[int], now: datetime) -> None:
    """Rounds, turns and listings first, as everybody takes them before they write into the ledger."""
    held = set(enterprises)
    hold_rounds_of(held, clock.today(now))
    gate.take_turns(held)
    rows = undisturbed.list_listings().select_for_update(of=("self",)).filter(enterprise__in=held)
    list(rows.order_by("pk").values_list("pk", flat=True))


def _carry(actor: str, now: datetime, found: Sequence[Any]) -> None:
    """All uses, in their order: verdicts are found from classes and listings as they are after the ending."""
    ended = [Ended.of(ending) for ending in queries.list_endings([ending.pk for ending in found])]
    because = f"credit:{ended[0].code}" if len(ended) == 1 else f"ending:{len(ended)}"
    reclassify(
        actor=actor,
        now=now,
        enterprises=sorted({one.enterprise_id for one in ended}),
        because=because,
    )
    for one in ended:
        for use in ORDER:
            if use.value not in one.given:
                detail = let_go(use, actor, now, one)
                endings.give_receipt(now=now, ending=one.ending, use=use, detail=detail)
    for one in ended:
        if one.ending.repair is not None:
            repairs.finish(actor=actor, now=now, repair=one.ending.repair)


def _tell_ledger(actor: str, now: datetime, ended: Sequence[Any]) -> None:
    """One act for a batch: how many, and the hash of the sorted codes; the endings say it of each."""
    codes = sorted(one.record.code for one in queries.list_endings([row.pk for row in ended]))
    digest = hashlib.sha256(canonical.dumps(codes)).hexdigest()
    ledger.append(
        actor=actor,
        now=now,
        act="credit.ended-many",
        subject="credit",
        body={"count": len(codes), "codes_sha256": digest, "cause": "maximum"},
    )
