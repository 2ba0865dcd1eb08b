"""Clearing away: takes that died, files that belong to nothing, what was fetched and is not needed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from yicha.base.lake.models import Snapshot
from yicha.base.lake.rules import STEPS
from yicha.base.lake.services.reading import Reader
from yicha.base.lake.services.storage import Storage, open_storage
from yicha.base.lake.terms import SnapshotState, Tidied

OLD = timedelta(days=1)
"""Files that belong to no snapshot may be a result that somebody is still working with, until they are this old."""
DIED = "The process that took it ended before it was complete."


def lock_number(uuid: UUID) -> int:
    """The number of PostgreSQL's advisory lock that is held while a snapshot is being taken."""
    return int.from_bytes(hashlib.sha256(f"yicha.lake/{uuid}".encode()).digest()[:8], "big", signed=True)


def hold(reader: Reader, uuid: UUID) -> None:
    """While the reader lives, others see that the snapshot is being taken."""
    reader.execute("SELECT pg_advisory_lock(%s)", [lock_number(uuid)])


def bury(storage: Storage) -> int:
    """Fail the snapshots whose taker has died, and remove their files; how many."""
    count = 0
    for candidate in Snapshot.objects.filter(state=SnapshotState.TAKING):
        with transaction.atomic():
            if not _is_free(candidate.uuid):
                continue
            snapshot = Snapshot.objects.select_for_update().get(pk=candidate.pk)
            if snapshot.state == SnapshotState.TAKING:
                fail(snapshot, DIED, storage)
                count += 1
    return count


def fail(snapshot: Snapshot, why: str, storage: Storage) -> None:
    """Nothing of it is left but the row that says why."""
    storage.remove(snapshot.place)
    snapshot.state = STEPS.after(SnapshotState(snapshot.state), "fail")
    snapshot.failure = why[:500]
    snapshot.save(update_fields=["state", "failure"])


def _is_free(uuid: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(uuid)])
        return bool(cursor.fetchone()[0])


def tidy(*, now: datetime) -> Tidied:
    """Remove what belongs to no snapshot: takes that died at once, other files when they are a day old."""
    storage = open_storage()
    died = bury(storage)
    kept = {
        snapshot.place
        for snapshot in Snapshot.objects.filter(state__in=[SnapshotState.READY, SnapshotState.TAKING])
    }
    oldest = (now - OLD).timestamp()
    folders: dict[str, float] = {}
    for path, written in storage.list(""):
        folder = "/".join(path.split("/")[:2])
        folders[folder] = max(written, folders.get(folder, 0.0))
    files = sum(
        storage.remove(folder)
        for folder, written in folders.items()
        if folder not in kept and written < oldest
    )
    return Tidied(snapshots=died, files=files + storage.tidy(oldest) + _tidy_scratch(oldest))


def _tidy_scratch(oldest: float) -> int:
    """What processes that were killed have spilled."""
    root = settings.YICHA.var / "lake-work"
    stale = [path for path in root.rglob("*") if path.is_file() and path.stat().st_mtime < oldest]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)
