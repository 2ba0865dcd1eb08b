"""The only writers of visits. Each takes `actor` and `now`, runs in one transaction and is in the ledger."""

from __future__ import annotations

from yicha.act.inspection.services.arriving import open_arriving
from yicha.act.inspection.services.opening import Assignment, open_visits
from yicha.act.inspection.services.recording import (
    assign_officers,
    call_off,
    close_part,
    close_visit,
    confirm_corrections,
    record_results,
    reopen_part,
    start_visit,
)
from yicha.act.inspection.services.simulation import correct_simulated, record_and_close_simulated

__all__ = [
    "Assignment",
    "assign_officers",
    "call_off",
    "close_part",
    "close_visit",
    "confirm_corrections",
    "correct_simulated",
    "open_arriving",
    "open_visits",
    "record_and_close_simulated",
    "record_results",
    "reopen_part",
    "start_visit",
]
