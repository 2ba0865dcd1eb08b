"""A visit as its enterprise reads it: when, who, what for, and why it was let through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.gate import queries as gate
from yicha.doors.templatetags.gate import Look, ShownGround, code_names, public_grounds, verdict_look

TONES = {
    "planned": ("action", "calendar-event"),
    "made": ("done", "circle-check"),
    "spared": ("spared", "ban"),
    "cancelled": ("spared", "circle-x"),
}
SOURCES: dict[str, str | Promise] = {
    "draw": gettext_lazy("Drawn at random by a public rule that anyone can recompute."),
    "plan": gettext_lazy("In the annual plan of the agency."),
    "gate": gettext_lazy("Applied for by the agency."),
}
"""What the first word of an item's source means."""


@dataclass(frozen=True)
class Why:
    """One application that led to the visit: who asked, the answer, its reasons (none that tells the class)."""

    agency: str
    look: Look
    grounds: Sequence[ShownGround]


@dataclass(frozen=True)
class Visit:
    """A visit. `day` is when it was made, else planned for; None: its window is all that is known."""

    contact: Any
    day: date | None
    tone: str
    icon: str
    agencies: Sequence[str]
    title: str
    sources: Sequence[str]
    draws: Sequence[str]
    whys: Sequence[Why] = field(default_factory=list)
    code: Any = None


def describe(contact: Any, *, whole: bool = False) -> Visit:
    """A contact in words; `whole` reads its verdicts and its code too."""
    tone, icon = TONES.get(contact.state, ("plain", "circle"))
    items = list(contact.items.all())
    kinds = dict.fromkeys(item.source.split(":", 1)[0] for item in items)
    return Visit(
        contact=contact,
        day=contact.made_on or contact.planned_on,
        tone=tone,
        icon=icon,
        agencies=list(dict.fromkeys([contact.lead_agency.name, *(item.agency.name for item in items)])),
        title=_("%(kind)s by %(agency)s")
        % {"kind": contact.get_kind_display(), "agency": contact.lead_agency.name},
        sources=[str(SOURCES[kind]) for kind in kinds if kind in SOURCES],
        draws=list(
            dict.fromkeys(item.source.split(":", 1)[1] for item in items if item.source.startswith("draw:"))
        ),
        whys=_whys(contact) if whole else [],
    )


def _whys(contact: Any) -> list[Why]:
    found = []
    for application in gate.list_applications().filter(contact=contact):
        verdict = gate.read_verdict(application)
        grounds = public_grounds(verdict, code_names(gate.read_facts(application)))
        found.append(Why(application.agency.name, verdict_look(verdict), grounds))
    return found
