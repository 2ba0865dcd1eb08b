"""What an application must be before it can be kept: texts that a database can hold, and what it is kept by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yicha.decide.gate.rules.asking import BACK_ENTRY as _BACK_ENTRY
from yicha.decide.gate.rules.asking import UNKNOWN_AGENCY, UNKNOWN_ENTERPRISE, UNKNOWN_PREMISES
from yicha.decide.gate.rules.kinds import GroundKind
from yicha.decide.gate.terms import Application, Facts
from yicha.kernel.refusal import Reason

BACK_ENTRY = _BACK_ENTRY.code
"""The ground that the reason for a late entry answers."""
LONGEST = {
    "agency": 64,
    "uscc": 18,
    "premises": 36,
    "trigger": 32,
    "campaign": 64,
    "items": 64,
    "officers": 32,
    "evidence": 200,
    "approved_by": 100,
    "reasons": 1000,
    "note": 300,
}
"""Characters, by field: as long as the columns are."""
MOST_ENTRIES = 200
"""Items, officers or reasons of one application."""
SOURCE = "docs/guide/gate.md"


def is_readable(text: str) -> bool:
    """Whether a database can hold a text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def find_faults(application: Application, note: str = "") -> list[Reason]:
    """Every field that cannot be kept, by name."""
    return list(_faults(application, note))


def _faults(application: Application, note: str) -> Iterator[Reason]:
    for name, texts in _fields(application, note):
        entries = list(texts)
        if len(entries) > MOST_ENTRIES:
            yield Reason(
                "gate.too-many",
                "%(field)s: at most %(most)s can be named.",
                SOURCE,
                {"field": name, "most": MOST_ENTRIES},
                at_field=name,
            )
        if not all(is_readable(text) for text in entries):
            yield Reason(
                "gate.unreadable-text",
                "%(field)s holds characters that are no text.",
                SOURCE,
                {"field": name},
                at_field=name,
            )
        elif any(len(text) > LONGEST[name] for text in entries):
            yield Reason(
                "gate.text-too-long",
                "%(field)s: at most %(most)s characters.",
                SOURCE,
                {"field": name, "most": LONGEST[name]},
                at_field=name,
            )


def _fields(application: Application, note: str) -> Iterator[tuple[str, Iterable[str]]]:
    for name in ("agency", "uscc", "premises", "trigger", "evidence", "campaign", "approved_by"):
        yield name, [getattr(application, name)]
    yield "items", application.items
    yield "officers", application.officers
    yield "reasons", [*application.reasons, *application.reasons.values()]
    yield "note", [note]


def find_unknown(facts: Facts) -> list[Reason]:
    """Without these an application cannot be kept: nobody would find it again."""
    asked, found = facts.application, []
    if facts.agency is None:
        found.append(_unknown(UNKNOWN_AGENCY, "agency", asked.agency))
    if facts.enterprise is None:
        found.append(_unknown(UNKNOWN_ENTERPRISE, "uscc", asked.uscc))
    elif asked.premises and not facts.enterprise.premises:
        found.append(_unknown(UNKNOWN_PREMISES, "premises", asked.premises))
    return found


def unknown_enterprise(uscc: str) -> Reason:
    """No enterprise has this code."""
    return _unknown(UNKNOWN_ENTERPRISE, "uscc", uscc)


def _unknown(kind: GroundKind, field: str, value: str) -> Reason:
    return Reason(kind.code, kind.sentence, kind.source, {field: value}, at_field=field)


def find_entry_faults(application: Application, reason: str) -> list[Reason]:
    """An entry that has happened says when, and why there was no code (北京; 上海; 深圳: 扫码入企)."""
    found = []
    if application.entered_on is None:
        found.append(
            Reason("gate.entry-day", "Say on which day the enterprise was entered.", at_field="entered_on")
        )
    if not reason.strip():
        found.append(
            Reason("gate.entry-reason", "Say why the visit had no code beforehand.", at_field="reason")
        )
    return found


def find_emergency_faults(application: Application, trigger: str) -> list[Reason]:
    """Only a statutory emergency is entered first and asked for after (司法部问题解答)."""
    if application.trigger == trigger:
        return []
    return [
        Reason(
            "gate.no-emergency",
            "Only a statutory emergency is reported after the entry; the trigger is “%(trigger)s”.",
            "司法部问题解答",
            {"trigger": application.trigger},
            at_field="trigger",
        )
    ]
