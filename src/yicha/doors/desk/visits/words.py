"""How the states of visits look, and the acts of their ledger in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yicha.doors.templatetags.look import at
from yicha.know.visits.terms import ContactState

VISIT = {
    "opened": ("action", "calendar-event"),
    "started": ("due", "progress"),
    "closed": ("done", "circle-check"),
    "called-off": ("spared", "ban"),
}
PART = {"open": ("due", "circle-dashed"), "closed": ("done", "circle-check")}
CONTACT_STATES: dict[str, str | Promise] = {
    ContactState.PLANNED.value: _("planned"),
    ContactState.MADE.value: _("made"),
}
ACTS: dict[str, tuple[str | Promise, str, str]] = {
    "visit.planned": (_("Planned"), "plain", "calendar"),
    "visit.joined": (_("Another agency joined"), "plain", "plus"),
    "visit.opened": (_("Officers drawn, visit opened"), "action", "users"),
    "visit.officers-changed": (_("Other officers go"), "due", "replace"),
    "visit.started": (_("Visit started"), "action", "player-play"),
    "visit.recorded": (_("Results recorded"), "plain", "edit"),
    "visit.part-closed": (_("An agency closed its part"), "done", "check"),
    "visit.part-reopened": (_("An agency opened its part again"), "due", "arrow-back-up"),
    "visit.closed": (_("Closed as a whole"), "done", "checks"),
    "visit.called-off": (_("Called off"), "spared", "ban"),
    "result.published": (_("Results published"), "done", "world-share"),
}


@dataclass(frozen=True)
class Happened:
    """One act of the ledger as the page draws it."""

    when: str
    title: str | Promise
    tone: str
    icon: str
    who: str
    agency: str
    note: str
    simulated: bool


def list_happened(entries: Iterable[Any], agencies: dict[str, str]) -> list[Happened]:
    """Entries of the ledger, the newest first, in words; `agencies` gives names by code."""
    found = []
    for entry in entries:
        title, tone, icon = ACTS.get(entry.act, (entry.act, "plain", "circle-dot"))
        body = entry.body if isinstance(entry.body, dict) else {}
        code = str(body.get("agency") or body.get("lead") or "")
        found.append(
            Happened(
                at(entry.at),
                title,
                tone,
                icon,
                entry.actor,
                agencies.get(code, code),
                str(body.get("because") or ""),
                bool(body.get("simulated")),
            )
        )
    return found
