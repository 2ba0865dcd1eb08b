"""A visit as its enterprise reads it: when, who, what for, and why it was let through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Counted
from yicha.doors.templatetags.gate import (
    Look,
    ShownGround,
    code_names,
    counted_words,
    public_grounds,
    verdict_look,
)
from yicha.doors.templatetags.look import on
from yicha.know.visits import queries as visits

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
    spared: str = ""
    """Of a spared visit: what stood in for it."""
    certificates: Sequence[str] = ()
    """Who may enter, by the code that is valid now."""
    counted: str = ""
    """Whether it uses the budget of its year, and why not; empty where no budget was given."""


def describe(contact: Any, counted: Mapping[str, Counted] | None = None, *, whole: bool = False) -> Visit:
    """A contact in words; `counted` says by number what uses the budget; `whole` reads verdicts and code too."""
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
        whys=_whys(contact, items) if whole else [],
        spared=_spared(contact.spared_by) if whole else "",
        certificates=_certificates(contact) if whole else (),
        counted=counted_words(counted[str(contact.uuid)]) if counted and str(contact.uuid) in counted else "",
    )


def _spared(spared_by: str) -> str:
    """What stood in for a spared visit: a result of somebody, or data."""
    kind, _colon, name = spared_by.partition(":")
    if kind == "offsite":
        return _("It is checked from data, without entering.")
    result = visits.find_result(name) if kind == "result" else None
    if result is None:
        return ""
    return _("%(agency)s checked it on %(on)s; the result is recognised until %(until)s.") % {
        "agency": result.agency.name,
        "on": on(result.found_on),
        "until": on(result.valid_until),
    }


def _certificates(contact: Any) -> list[str]:
    code = gate.find_live_code(contact)
    return list(gate.read_code(code)["officers"]) if code else []


def _whys(contact: Any, items: Iterable[Any]) -> list[Why]:
    """The verdicts of the applications that led to a visit, or to its being spared."""
    asked = {item.source.removeprefix("gate:") for item in items if item.source.startswith("gate:")}
    found = []
    for application in gate.list_applications().filter(Q(contact=contact) | Q(uuid__in=asked)):
        verdict = gate.read_verdict(application)
        grounds = public_grounds(verdict, code_names(gate.read_facts(application)))
        found.append(Why(application.agency.name, verdict_look(verdict), grounds))
    return found
