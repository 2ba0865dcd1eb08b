"""The stamp by which processes know that a reference table, which they keep in memory, has changed (decision 0015)."""

from __future__ import annotations

import pgtrigger

_CHANGE = "UPDATE yicha_stamp SET version = gen_random_uuid(); RETURN NULL;"
"""By chance and not counted, so that a rollback never brings a stamp back."""


def stamps_reference(table: str) -> pgtrigger.Trigger:
    """The trigger of a reference table (`item`): every statement that changes it changes the stamp."""
    return pgtrigger.Trigger(
        name=f"stamps_reference_{table}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=_CHANGE,
    )
