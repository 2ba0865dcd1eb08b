"""What happened at an enterprise, from the contact ledger and the ledger of acts, as one line of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from yicha.doors.desk import tones
from yicha.doors.desk.acts import act_in_words
from yicha.doors.templatetags.look import on


@dataclass(frozen=True)
class Happened:
    """One thing: a visit with its items, or an official act."""

    day: date
    tone: str
    icon: str
    contact: Any = None
    entry: Any = None

    @property
    def when(self) -> str:
        """The day as it is written."""
        return on(self.day)

    @property
    def words(self) -> str:
        """An act in the reader's language."""
        return act_in_words(self.entry.act) if self.entry is not None else ""


def list_happened(contacts: Iterable[Any], entries: Iterable[Any]) -> list[Happened]:
    """Visits and acts together, the newest first."""
    found = [_visit(contact) for contact in contacts]
    found.extend(Happened(entry.at.date(), "plain", "writing-sign", entry=entry) for entry in entries)
    return sorted(found, key=lambda one: one.day, reverse=True)


def _visit(contact: Any) -> Happened:
    tone, icon = tones.CONTACT.get(contact.state, ("plain", "circle"))
    return Happened(contact.made_on or contact.planned_on or contact.window_from, tone, icon, contact=contact)
