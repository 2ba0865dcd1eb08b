"""Who waits for whom: one run at a time, and none that would overlook what happens while it computes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from yicha.know.credit.models import ClassRun, ClassTouch
from yicha.know.credit.terms.classes import RunKind, RunState

_ALONE = "SELECT {act}(hashtextextended('credit.classing', 0))"
_TOUCHING = "SELECT {act}(hashtextextended('credit.touching', 0))"


@contextmanager
def alone() -> Iterator[None]:
    """One classification of everybody at a time, over all processes; the next one waits. Gone with the process.

    Within a caller's transaction until that ends.
    """
    if connection.in_atomic_block:
        _execute(_ALONE.format(act="pg_advisory_xact_lock"))
        yield
        return
    _execute(_ALONE.format(act="pg_advisory_lock"))
    try:
        yield
    finally:
        _execute(_ALONE.format(act="pg_advisory_unlock"))


def note(enterprises: Collection[int]) -> None:
    """Whoever classifies single enterprises says so, until the caller's transaction ends; a run takes them along."""
    _execute(_TOUCHING.format(act="pg_advisory_xact_lock_shared"))
    running = (
        ClassRun.objects.filter(state=RunState.RUNNING.value).exclude(kind=RunKind.TRIAL.value).values("pk")
    )
    for run in running:
        rows = [ClassTouch(run_id=run["pk"], enterprise_id=pk) for pk in enterprises]
        ClassTouch.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)


def wait_for_touching() -> None:
    """Wait until all transactions that are classifying single enterprises have ended.

    Before its snapshot a run waits for those that began too early to know of it: their facts are then in the
    snapshot. All later ones find the run and leave a note.
    """
    with transaction.atomic():
        _execute(_TOUCHING.format(act="pg_advisory_xact_lock"))


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
