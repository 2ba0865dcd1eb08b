"""One application after another for one enterprise, on every isolation level (decision 0015)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

from yicha.kernel.refusal import Refused

T = TypeVar("T")

ATTEMPTS = 8
PAUSE = 0.02
"""Seconds before the second attempt; it doubles with every further one."""
_AGAIN = {"40001", "40P01"}
"""serialization_failure and deadlock_detected: PostgreSQL asks to try the whole transaction again."""
VISIT_GONE = "gate.visit-gone"
"""A visit was made or cancelled between reading it and joining it."""
_OVERTAKEN = {VISIT_GONE, "visits.result-not-usable"}
"""Refusals that say that what was read is no longer so: the latter, that a result was revoked meanwhile."""


def in_turn(enterprise: int | None, work: Callable[[], T]) -> T:
    """Do `work` in a transaction that has the enterprise's turn until it ends; it reads after it has the turn.

    An outermost transaction is READ COMMITTED whatever the server's default is: its statements see what the one before
    it has committed. Inside a caller's transaction the caller's level holds: on REPEATABLE READ and SERIALIZABLE the
    write to the turn fails when another had it meanwhile, and the caller begins again.
    """
    nested = connection.in_atomic_block
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                if not nested:
                    _execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                return _work(enterprise, work)
        except (OperationalError, Refused) as error:
            if attempt + 1 == ATTEMPTS or not _may_try_again(error, nested=nested):
                raise
            time.sleep(PAUSE * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def _work(enterprise: int | None, work: Callable[[], T]) -> T:
    if enterprise is not None:
        take_turn(enterprise)
    return work()


def take_turn(enterprise: int) -> None:
    """Wait until nobody else has the turn, and have it until the transaction ends. The first statement that matters."""
    _execute(
        "INSERT INTO gate_turn AS t (enterprise_id, number) VALUES (%s, 1) "
        "ON CONFLICT (enterprise_id) DO UPDATE SET number = t.number + 1",
        [enterprise],
    )


def take_turns(enterprises: Iterable[int]) -> None:
    """Have the turns of many enterprises at once, until the transaction ends: a round plans their visits together."""
    _execute(
        "INSERT INTO gate_turn AS t (enterprise_id, number) SELECT wanted.id, 1 "
        "FROM unnest(%s::bigint[]) AS wanted(id) ORDER BY wanted.id "
        "ON CONFLICT (enterprise_id) DO UPDATE SET number = t.number + 1",
        [sorted(set(enterprises))],
    )


def _execute(sql: str, parameters: list[int] | list[list[int]] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _may_try_again(error: OperationalError | Refused, *, nested: bool) -> bool:
    """Somebody else was at work at the same time; another attempt sees what they did.

    What the server itself breaks off is the outermost transaction: only who began it can begin again.
    """
    if isinstance(error, Refused):
        return not _OVERTAKEN.isdisjoint(error.codes)
    return not nested and getattr(error.__cause__, "sqlstate", "") in _AGAIN
