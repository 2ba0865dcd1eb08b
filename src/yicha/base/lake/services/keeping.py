"""Whether a snapshot still is what its manifest says, and letting it go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.lake.models import Snapshot
from yicha.base.lake.rules import STEPS, manifest
from yicha.base.lake.services.storage import open_storage
from yicha.base.lake.services.taking import MANIFEST
from yicha.base.lake.terms import Fault, SnapshotState
from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused

SOURCE = "docs/guide/lake.md"


def verify(snapshot: Snapshot) -> list[Fault]:
    """Recompute every hash from the stored bytes; what does not hold, by the name of the file. Refused if not READY."""
    if snapshot.state != SnapshotState.READY:
        raise Refused(
            [
                Reason(
                    "lake.not-ready",
                    "The snapshot %(snapshot)s has nothing to verify: its state is “%(state)s”.",
                    SOURCE,
                    {"snapshot": str(snapshot.uuid), "state": snapshot.get_state_display()},
                )
            ]
        )
    storage = open_storage()
    faults = []
    if manifest.digest(snapshot.manifest) != snapshot.manifest_sha256:
        faults.append(Fault("manifest", "the manifest in the database is not the one that was recorded"))
    own = f"{snapshot.place}/{MANIFEST}"
    kept = storage.measure(own)
    if kept is None or kept[1] != snapshot.manifest_sha256:
        faults.append(Fault(own, "it is not the manifest that was recorded"))
    for part in manifest.parts(snapshot.manifest):
        found = storage.measure(part.path)
        fault = Fault(part.path, "it is missing") if found is None else manifest.compare(part, *found)
        if fault:
            faults.append(fault)
    return faults


@transaction.atomic
def drop(snapshot: Snapshot, *, actor: str, now: datetime) -> Snapshot:
    """Remove the files of a snapshot; its row and its manifest stay. Refused while it is being taken, or twice."""
    row = Snapshot.objects.select_for_update().get(pk=snapshot.pk)
    row.state = STEPS.after(SnapshotState(row.state), "drop")
    row.save(update_fields=["state"])
    ledger.append(
        actor=actor,
        now=now,
        act="snapshot.dropped",
        subject=f"snapshot:{row.uuid}",
        body={"name": row.name, "manifest": row.manifest_sha256},
    )
    transaction.on_commit(lambda: _remove(row.place))
    return row


def _remove(place: str) -> None:
    open_storage().remove(place)
