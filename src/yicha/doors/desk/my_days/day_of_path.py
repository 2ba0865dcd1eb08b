"""A day in an address: `2026-07-20`."""

from __future__ import annotations

from datetime import date


class DayOfPath:
    """Converter of Django's addresses; what is no day is no address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, text: str) -> date:
        """Raises ValueError, which is a 404."""
        return date.fromisoformat(text)

    def to_url(self, day: date) -> str:
        """As it is read."""
        return day.isoformat()
