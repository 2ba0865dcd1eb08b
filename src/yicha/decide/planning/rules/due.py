"""When a check is due that nobody drew: after an order to correct, after a problem left open, or by law."""

from __future__ import annotations

from datetime import date

from yicha.decide.planning.terms import Origin
from yicha.kernel.months import months_after


def open_window(first: date, last: date, start: date) -> tuple[date, date]:
    """The days on which a check is to be made from a day on: its own; when these are over, as many from that day."""
    return (first, last) if start <= last else (start, start + (last - first))


def due_by_law(checked_on: date | None, every_months: int, last: date) -> date:
    """By when the law wants a check again; what was never checked, by the end of the quarter."""
    return last if checked_on is None else months_after(checked_on, every_months)


def statutory_window(due_on: date, first: date, last: date, today: date) -> tuple[date, date]:
    """Any day of the quarter until the check is due; what is overdue, until the end of the quarter."""
    return first, due_on if max(first, today) <= due_on <= last else last


def reference(origin: Origin, round_code: str, what: str = "") -> str:
    """What asks for a check in a round, as the gate and the ledger name it: `recheck:2026Q3:<uuid of the visit>`."""
    return ":".join(part for part in (origin.value, round_code, what) if part)


def source_of(origin: Origin, draw_id: str) -> str:
    """Where an item of a visit comes from, as the contact ledger says it."""
    return f"draw:{draw_id}" if origin is Origin.DRAW else draw_id


def is_demanded(source: str) -> bool:
    """Whether a demand brought an item into its visit; otherwise an application at the gate did."""
    return source.split(":", 1)[0] in set(Origin)
