"""Reading the lake's catalogue."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from yicha.base.lake.models import Snapshot
from yicha.base.lake.rules import manifest
from yicha.base.lake.terms import Dataset, SnapshotState
from yicha.kernel.refusal import NotFound, Reason, Refused

SOURCE = "docs/guide/lake.md"


def list_snapshots() -> QuerySet[Snapshot]:
    """All snapshots, the newest first."""
    return Snapshot.objects.all()


def get_snapshot(uuid: UUID | str) -> Snapshot:
    """One snapshot; raises `NotFound`."""
    try:
        return Snapshot.objects.get(uuid=UUID(str(uuid)))
    except (Snapshot.DoesNotExist, ValueError):
        raise NotFound(f"There is no snapshot {uuid}.") from None


def find_newest(name: str) -> Snapshot | None:
    """The newest snapshot of a name that is ready."""
    return Snapshot.objects.filter(name=name, state=SnapshotState.READY).first()


def get_dataset(snapshot: Snapshot, table: str) -> Dataset:
    """A table of a snapshot as engines read it. Refused when the snapshot is not ready or has no such table."""
    found = manifest.dataset(snapshot.manifest, table) if snapshot.state == SnapshotState.READY else None
    if found is None:
        raise Refused(
            [
                Reason(
                    "lake.no-table",
                    "The snapshot %(snapshot)s (%(state)s) has no table “%(table)s” to read.",
                    SOURCE,
                    {"snapshot": str(snapshot.uuid), "state": snapshot.get_state_display(), "table": table},
                )
            ]
        )
    return found
