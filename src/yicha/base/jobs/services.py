"""Waking a job that would come later by itself."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from yicha.kernel import clock


def wake(job: str) -> None:
    """Let a worker begin this periodic job within seconds of this transaction's end.

    When the transaction is undone nothing was asked; when the asking fails, the job comes by itself, at its time.
    """
    transaction.on_commit(lambda: _defer(job), robust=True)


def _defer(job: str) -> None:
    """One that waits already is enough: it begins after this commit, and sees it."""
    if ProcrastinateJob.objects.filter(queueing_lock=job, status="todo").exists():
        return
    try:
        with transaction.atomic():
            app.configure_task(job, queue="default", queueing_lock=job).defer(
                timestamp=int(clock.now().timestamp())
            )
    except AlreadyEnqueued:
        pass
