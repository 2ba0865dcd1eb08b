"""The items: published and in force, not ruled out, the agency's own, and not checked more often than they may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case, next_period
from yicha.decide.gate.rules.kinds import ITEMS, GroundKind
from yicha.decide.gate.terms import Bars, ContactFacts, Ground, ItemFacts
from yicha.know.catalogue.terms import ItemStatus

UNKNOWN = GroundKind(
    code="gate.item-unknown",
    sentence="There is no item “%(item)s”.",
    source=ITEMS,
    bars=Bars.EVERYTHING,
    at_field="items",
)
NOT_PUBLISHED = GroundKind(
    code="gate.item-not-published",
    sentence="%(item)s is not published (%(status)s): only published items may be inspected.",
    source=ITEMS,
    bars=Bars.EVERYTHING,
    at_field="items",
)
NOT_IN_FORCE = GroundKind(
    code="gate.item-not-in-force",
    sentence="Version %(version)s of %(item)s is in force from %(from)s on.",
    source=ITEMS,
    bars=Bars.EVERYTHING,
    passes=True,
    at_field="items",
)
RULED_OUT = GroundKind(
    code="gate.item-ruled-out",
    sentence="A ruling on conflicting standards binds: %(item)s, version %(version)s, is not checked (%(ruling)s).",
    source="北京: register of conflicting standards, 32 rulings",
    bars=Bars.EVERYTHING,
    leans_on=("rulings",),
    at_field="items",
)
NOT_COMPETENT = GroundKind(
    code="gate.agency-not-competent",
    sentence="%(item)s is checked by another kind of agency (%(wanted)s), not by this one (%(own)s).",
    source=ITEMS,
    bars=Bars.EVERYTHING,
    at_field="items",
)
ANNUAL_CAP = GroundKind(
    code="gate.item-annual-cap",
    sentence="%(item)s is checked here %(count)s times in %(year)s already; its own frequency is %(cap)s a year.",
    source=ITEMS,
    bars=Bars.ENTRY,
    passes=True,
    leans_on=("item versions",),
    at_field="items",
)


def look_at_items(case: Case) -> Iterator[Ground]:
    """Only published items, none that was ruled out, and only by the kind of agency that they belong to."""
    for item in case.items:
        yield from _look_at(case, item)


def _look_at(case: Case, item: ItemFacts) -> Iterator[Ground]:
    code = item.code
    if not item.known:
        yield UNKNOWN({"item": code}, code)
        return
    if item.status != ItemStatus.PUBLISHED:
        yield NOT_PUBLISHED({"item": item.name or code, "status": item.status}, code)
    if item.ruled_out:
        facts: dict[str, str | int] = {
            "item": item.name or code,
            "version": item.version,
            "ruling": item.ruled_out,
        }
        yield RULED_OUT(facts, code)
    if case.agency is not None and item.agency_kind != case.agency.kind:
        yield NOT_COMPETENT(
            {"item": item.name or code, "wanted": item.agency_kind, "own": case.agency.kind}, code
        )


def look_at_days_of_items(case: Case, day: date, joined: ContactFacts | None) -> Iterator[Ground]:
    """A published version waits for its day of force; an item's own frequency bars more visits in that year."""
    for item in case.items:
        start = item.in_force_from
        if start is not None and day < start and item.status == ItemStatus.PUBLISHED:
            facts: dict[str, str | int] = {
                "item": item.name or item.code,
                "version": item.version,
                "from": start.isoformat(),
            }
            yield NOT_IN_FORCE(facts, item.code, until=start)
        if item.annual_cap is not None and not case.exempt:
            count = case.checks_of(item.code, day.year, joined)
            if count >= item.annual_cap:
                yield _annual_cap(case, day, item, item.annual_cap, count)


def _annual_cap(case: Case, day: date, item: ItemFacts, cap: int, count: int) -> Ground:
    facts: dict[str, str | int] = {
        "item": item.name or item.code,
        "count": count,
        "year": day.year,
        "cap": cap,
    }
    until: date | None = next_period("year", day)
    while until is not None and case.checks_of(item.code, until.year, None) >= cap:
        until = _later(case, until)
    if until is not None and not day < until <= case.limit:
        until = None
    return ANNUAL_CAP(facts, item.code, until=until)


def _later(case: Case, day: date) -> date | None:
    following = next_period("year", day)
    return following if day < following <= case.limit else None
