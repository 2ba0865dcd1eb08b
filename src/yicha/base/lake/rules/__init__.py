"""Rules of the lake: the steps of a snapshot, its manifest, and the words in which engines are spoken to."""

from yicha.base.lake.terms import SnapshotState
from yicha.kernel.transitions import Transitions

STEPS = Transitions(
    "lake.snapshot",
    {
        "finish": (frozenset({SnapshotState.TAKING}), SnapshotState.READY),
        "fail": (frozenset({SnapshotState.TAKING}), SnapshotState.FAILED),
        "drop": (frozenset({SnapshotState.READY, SnapshotState.FAILED}), SnapshotState.DROPPED),
    },
)
