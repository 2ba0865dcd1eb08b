"""How verdicts of the gate are written, for every door: one word, its colour and icon, the grounds in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yicha.decide.gate.terms import (
    TELLS_CLASS,
    ApplicationState,
    Bars,
    Budget,
    Change,
    Counted,
    Facts,
    Ground,
    Level,
    Outcome,
    RowUsed,
    Verdict,
)
from yicha.know.registry import queries as registry

register = template.Library()


@dataclass(frozen=True)
class Look:
    """How an answer looks: one word, its tone and icon, and a sentence that says what it means."""

    word: str | Promise
    tone: str
    icon: str
    meaning: str | Promise


LOOKS: dict[Outcome, Look] = {
    Outcome.RECOGNISE: Look(
        _("Recognise the result"),
        "recognise",
        "link",
        _("A result that exists stands in: no visit is needed."),
    ),
    Outcome.MERGE: Look(
        _("Join a visit"), "allow", "arrows-join", _("Go together with a visit that is planned already.")
    ),
    Outcome.OFFSITE: Look(
        _("Check off site"), "spared", "world", _("This can be found out from data, without entering.")
    ),
    Outcome.ALLOW: Look(_("May enter"), "allow", "circle-check", _("This visit may take place.")),
    Outcome.DEFER: Look(
        _("Not yet"), "defer", "clock", _("Not now: the day from which it may be asked again is known.")
    ),
    Outcome.REFUSE: Look(_("May not enter"), "refuse", "ban", _("This visit may not take place.")),
}
WANTED = Look(
    _("A reason is required"),
    "defer",
    "writing-sign",
    _("Not refused: an answer is wanted before it is decided."),
)
"""When only answerable grounds stand in the way."""
APPROVAL = Look(
    _("Waits for approval"),
    "defer",
    "rubber-stamp",
    _("Every inspection needs the approval of the agency's head."),
)
APPROVALS = frozenset({"gate.approval-missing"})
"""Grounds that are answered by an approval, not by a reason."""


@dataclass(frozen=True)
class ShownGround:
    """A ground as a page draws it. `reason` is what was answered to it."""

    code: str
    sentence: str
    source: str
    tone: str
    icon: str
    item: str
    until: date | None
    rows: tuple[RowUsed, ...]
    is_deciding: bool
    reason: str = ""


def look_of(outcome: Outcome, wants: Collection[str] = ()) -> Look:
    """How an outcome looks; with `wants` it is a question, not an answer."""
    if not wants:
        return LOOKS[outcome]
    return APPROVAL if set(wants) <= APPROVALS else WANTED


@register.filter
def verdict_look(verdict: Verdict) -> Look:
    """How a verdict looks."""
    return look_of(verdict.outcome, verdict.wants)


@register.filter
def outcome_look(outcome: Outcome | str) -> Look:
    """How one outcome looks."""
    return LOOKS[Outcome(outcome)]


def code_names(facts: Facts | None = None) -> dict[str, str]:
    """Names by code of all that grounds speak of: agencies and their kinds, regions, zones, the items asked."""
    names = dict(registry.list_agency_kinds().values_list("code", "name"))
    names |= dict(registry.list_regions().values_list("code", "name"))
    names |= dict(registry.list_zones().values_list("code", "name"))
    names |= dict(registry.list_agencies().values_list("code", "name"))
    if facts is not None:
        names |= {item.code: item.name for item in facts.items if item.name}
    return names


@register.filter
def application_look(application: Any) -> Look:
    """How the answer to a kept application looks; one that waits is a question."""
    waits = application.state == ApplicationState.WAITING.value
    return look_of(Outcome(application.outcome), application.verdict.get("wants", ()) if waits else ())


def ground_sentence(ground: Ground, names: Mapping[str, str] | None = None) -> str:
    """A ground in the reader's language, its places filled: codes by their names, words translated."""
    known = names or {}
    facts = {
        name: (known.get(fact) or gettext(fact)) if isinstance(fact, str) and fact else fact
        for name, fact in ground.facts.items()
    }
    return gettext(ground.sentence) % facts if facts else gettext(ground.sentence)


@register.filter
def change_sentence(change: Change) -> str:
    """A change of one fact in the reader's language."""
    facts = {
        name: gettext(fact) if isinstance(fact, str) and fact else fact for name, fact in change.facts.items()
    }
    return gettext(change.sentence) % facts if facts else gettext(change.sentence)


@register.filter
def change_look(change: Change) -> Look:
    """How the answer looks that a change would give."""
    return look_of(change.outcome or Outcome.REFUSE, change.wants)


@register.filter
def shown_grounds(verdict: Verdict, names: Mapping[str, str] | None = None) -> list[ShownGround]:
    """All grounds, the deciding ones first, then what stands in the way beside them, then remarks."""
    return _in_order(verdict, verdict.grounds, names)


@register.filter
def public_grounds(verdict: Verdict, names: Mapping[str, str] | None = None) -> list[ShownGround]:
    """The grounds that an enterprise may read: none that tells its class."""
    open_to_all = [ground for ground in verdict.grounds if ground.code not in TELLS_CLASS]
    return _in_order(verdict, open_to_all, names)


def _in_order(
    verdict: Verdict, grounds: Iterable[Ground], names: Mapping[str, str] | None
) -> list[ShownGround]:
    shown = [(_rank(ground, verdict), _show(ground, verdict, names)) for ground in grounds]
    return [one for _place, one in sorted(shown, key=lambda pair: pair[0])]


def _decides(ground: Ground, verdict: Verdict) -> bool:
    """Whether a ground is one of those for which the answer is what it is."""
    if verdict.wants:
        return ground.code in verdict.wants
    if verdict.outcome is Outcome.REFUSE:
        return ground.bars > Bars.NOTHING and ground.until is None and not ground.answerable
    if verdict.outcome is Outcome.DEFER:
        return ground.bars > Bars.NOTHING
    return ground.leads_to is verdict.outcome


def _rank(ground: Ground, verdict: Verdict) -> int:
    if _decides(ground, verdict):
        return 0
    return 1 if ground.bars > Bars.NOTHING else 2


def _show(ground: Ground, verdict: Verdict, names: Mapping[str, str] | None) -> ShownGround:
    tone, icon = _mark(ground)
    return ShownGround(
        code=ground.code,
        sentence=ground_sentence(ground, names),
        source=gettext(ground.source) if ground.source else "",
        tone=tone,
        icon=icon,
        item=ground.item,
        until=ground.until,
        rows=ground.rows,
        is_deciding=_decides(ground, verdict),
        reason=str(ground.facts.get("reason", "")),
    )


def _mark(ground: Ground) -> tuple[str, str]:
    if ground.leads_to is not None:
        seen = LOOKS[ground.leads_to]
        return seen.tone, seen.icon
    if ground.bars == Bars.NOTHING:
        return "plain", "info-circle"
    if ground.answerable:
        return "due", "writing-sign"
    return ("due", "clock") if ground.until else ("refuse", "circle-x")


LEVELS: dict[Level | None, str | Promise] = {
    None: _("both levels together"),
    Level.DISTRICT: _("district agencies"),
    Level.CITY: _("city agencies"),
}
COUNTED: dict[Counted, str | Promise] = {
    Counted.YES: _("one unit"),
    Counted.COURTESY: _("no unit: a courtesy call is counted apart"),
    Counted.FROM_ABOVE: _("no unit: ordered from above"),
    Counted.EXCEPTION: _("no unit: one of the named exceptions"),
    Counted.NO: _("no unit"),
}


@dataclass(frozen=True)
class Bar:
    """One cap of a budget as a bar. `allowed` empty: no cap is in force."""

    label: str | Promise
    made: int
    planned: int
    allowed: int | str
    source: str
    is_ours: bool


@register.filter
def bars(budget: Budget) -> list[Bar]:
    """The caps of a year, each with what was made and what is planned."""
    found = []
    for line in budget.lines:
        counting = [
            visit.contact
            for visit in budget.visits
            if visit.counted is Counted.YES and line.level in (None, visit.contact.level)
        ]
        made = sum(contact.state == "made" for contact in counting)
        allowed = "" if line.allowed is None else line.allowed
        source = gettext(line.row.source) if line.row else ""
        ours = line.row is not None and line.row.is_ours
        found.append(Bar(LEVELS[line.level], made, len(counting) - made, allowed, source, ours))
    return found


@register.filter
def counted_words(counted: Counted) -> str:
    """Whether a visit uses the budget, and why not."""
    return str(COUNTED[counted])


@dataclass(frozen=True)
class Units:
    """The boxes of a budget bar: what was made, what is planned, what is beyond the cap, what is left."""

    used: int
    boxes: tuple[str, ...]


@register.simple_tag
def budget_units(bar: Bar) -> Units:
    """One box per unit; without a cap as many as were used."""
    used = bar.made + bar.planned
    cap = bar.allowed if isinstance(bar.allowed, int) else used
    kinds = ["is-made"] * bar.made + ["is-planned"] * bar.planned
    beyond = ["is-beyond"] * max(0, used - cap)
    return Units(used, (*kinds[:cap], *beyond, *["is-left"] * max(0, cap - used)))
