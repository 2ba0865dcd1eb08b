"""The only writers of the contact ledger. Called by `decide` (plans) and by `act` and `share` (what happened)."""

from __future__ import annotations

from yicha.know.visits.services.calendar import cancel_contacts, reschedule, set_window
from yicha.know.visits.services.contacts import (
    begin,
    change_lead,
    drop_items,
    join_contacts,
    leave_spared,
    make_all,
    move,
    note_corrected,
    note_rectification,
    plan_contacts,
    record_results,
    reopen_spared,
    set_unannounced,
    spare_contacts,
)
from yicha.know.visits.services.results import offer_results, refuse_result, revoke_result

__all__ = [
    "begin",
    "cancel_contacts",
    "change_lead",
    "drop_items",
    "join_contacts",
    "leave_spared",
    "make_all",
    "move",
    "note_corrected",
    "note_rectification",
    "offer_results",
    "plan_contacts",
    "record_results",
    "refuse_result",
    "reopen_spared",
    "reschedule",
    "revoke_result",
    "set_unannounced",
    "set_window",
    "spare_contacts",
]
