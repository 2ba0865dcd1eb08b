"""Days and what changed in words, as documents, messages and pages write them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.act.dispatch.models import PARTS
from yicha.know.registry.terms import DayPart

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)
CHANGED = {
    "day": pgettext_lazy("notice", "day"),
    "address": pgettext_lazy("notice", "address"),
    "officers": pgettext_lazy("notice", "officers"),
    "items": pgettext_lazy("notice", "items"),
    "papers": pgettext_lazy("notice", "papers to prepare"),
}
"""What a later notice can say otherwise (`Change.of`)."""


def changed_words(changes: Iterable[str]) -> str:
    """What a later notice says otherwise, one after the other; `changes` are those of `Change.of`."""
    return "、".join(str(CHANGED[one]) for one in changes)


def part_words(part: str) -> str:
    """Half of a day; empty when the whole day is meant."""
    return str(PARTS[DayPart(part)]) if part else ""


def day_words(day: date, part: str = "") -> str:
    """`2026-07-01 (Wednesday) morning` in the language that is on."""
    named = _("%(day)s (%(weekday)s)") % {"day": day.isoformat(), "weekday": WEEKDAYS[day.weekday()]}
    return (
        f"{named}{part_words(part)}"
        if not part
        else _("%(day)s, %(part)s")
        % {
            "day": named,
            "part": part_words(part),
        }
    )
