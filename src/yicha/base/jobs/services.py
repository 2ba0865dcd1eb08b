"""Waking a job that would come later by itself, and beginning anew what a dead worker was at."""

from __future__ import annotations

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from yicha.kernel import clock


def wake(job: str) -> None:
    """Let a worker begin this periodic job within seconds of this transaction's end.

    When the transaction is undone nothing was asked; when the asking fails, the job comes by itself, at its time.
    """
    transaction.on_commit(lambda: _defer(job), robust=True)


@transaction.atomic
def begin_again(job: str) -> int:
    """Give the jobs of this name whose worker died back to the queue; returns how many.

    Only for jobs that may be done twice: a worker that is held up looks like a dead one (procrastinate, heartbeats).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_retry_job_v2(job.id, now(), NULL, NULL, NULL) FROM procrastinate_jobs job "
            "LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id "
            "WHERE job.task_name = %s AND job.status = 'doing' "
            "AND (worker.id IS NULL OR worker.last_heartbeat < now() - interval '2 minutes')",
            [job],
        )
        return len(cursor.fetchall())


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
