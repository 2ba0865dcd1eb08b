"""A calendar as a file (RFC 5545): lines of at most 75 octets, ended by CR LF; instants in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from yicha.act.dispatch.terms import CalendarEvent
from yicha.know.registry.terms import DayPart

HOURS = {
    DayPart.MORNING.value: (time(9), time(12)),
    DayPart.AFTERNOON.value: (time(14), time(17)),
    "": (time(9), time(17)),
}
"""Ours: when halves of a working day begin and end; a visit without a half has the whole day."""
LINE = 75
"""Octets of a line at most (3.1)."""


def hours_of(day: date, part: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a visit begins and ends at the latest."""
    first, last = HOURS[part]
    return datetime.combine(day, first, zone), datetime.combine(day, last, zone)


def write_calendar(name: str, events: Iterable[CalendarEvent], made_at: datetime) -> str:
    """The whole file. `made_at` stands as DTSTAMP of every event."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//yicha//dispatch//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{escape(name)}",
        f"X-WR-CALNAME:{escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        *(line for event in events for line in _event(event, made_at)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in fold(line))


def _event(event: CalendarEvent, made_at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_utc(made_at)}"
    yield f"DTSTART:{_utc(event.begins_at)}"
    yield f"DTEND:{_utc(event.ends_at)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{event.state.value}"
    yield "CLASS:CONFIDENTIAL"
    yield f"SUMMARY:{escape(event.title)}"
    if event.place:
        yield f"LOCATION:{escape(event.place)}"
    yield f"DESCRIPTION:{escape(event.text)}"
    yield "END:VEVENT"


def escape(text: str) -> str:
    """A text value (3.3.11): backslash, semicolon, comma and line ends are escaped; other controls are left out."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(sign for sign in plain if sign >= " " and sign != "\x7f")


def fold(line: str) -> list[str]:
    """A line as lines of at most 75 octets, never within a character; what follows begins with a space (3.1)."""
    folded, present, room = [], "", LINE
    for sign in line:
        size = len(sign.encode())
        if size > room:
            folded.append(present)
            present, room = " ", LINE - 1
        present += sign
        room -= size
    return [*folded, present]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
