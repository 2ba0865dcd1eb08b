"""Long work on imports: ordered here, done by `jobs.py`, watched through `ImportProgress`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

from django.db import connections, transaction
from procrastinate.contrib.django import app

from yicha.ingest.exchange.models import Import, ImportProgress
from yicha.ingest.exchange.services.checking import OnProgress, stored_reason
from yicha.ingest.exchange.terms import IMPORT_STEPS, ImportState
from yicha.kernel.refusal import Reason, Refused

_SECONDS_BETWEEN = 0.5


@transaction.atomic
def order(entry: Import, act: str, *, actor: str, now: datetime) -> Import:
    """Have a job `check`, `apply` or `undo` an import. Refused at once if its state does not allow the act."""
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    IMPORT_STEPS.after(ImportState(entry.state), act)
    if act == "check":
        entry.state = ImportState.CHECKING.value
        entry.save(update_fields=["state"])
    ImportProgress.objects.update_or_create(
        source=entry, defaults={"act": act, "share": 0, "failure": [], "updated_at": now}
    )
    task = app.configure_task(name=f"exchange.{act}", queue="default", lock=f"import:{entry.pk}")
    task.defer(uuid=str(entry.uuid), actor=actor)
    return entry


@contextmanager
def reporting(entry: Import, clock: Callable[[], datetime]) -> Iterator[OnProgress]:
    """Run a job's work: what it says of its progress is written by a thread with a connection of its own.

    A refusal is kept for the page and ends there; any other failure is kept in one sentence and raised.
    """
    last = 0.0

    def write(**values: object) -> None:
        ImportProgress.objects.filter(source=entry).update(updated_at=clock(), **values)

    def report(share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN:
            last = time.monotonic()
            writer.submit(write, share=share)

    with ThreadPoolExecutor(1) as writer:
        reasons: list[Reason] = []
        try:
            yield report
        except Refused as refused:
            reasons = list(refused.reasons)
        except BaseException as error:
            reasons = [
                Reason(
                    "import.job-failed",
                    "The work stopped by a fault (%(fault)s) and changed nothing. Try again.",
                    facts={"fault": type(error).__name__},
                )
            ]
            raise
        finally:
            writer.submit(
                write, act="", share=1.0, failure=[stored_reason(reason) for reason in reasons]
            ).result()
            writer.submit(connections.close_all).result()
