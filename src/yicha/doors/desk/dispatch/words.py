"""How states look, and clocks in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar

TONES = {
    "prepared": ("due", "clock"),
    "approved": ("action", "rubber-stamp"),
    "notified": ("done", "send"),
    "ready": ("done", "circle-check"),
    "withdrawn": ("spared", "arrow-back-up"),
}
"""By state: tone and icon."""


def clock_of(row: Any) -> tuple[str, date] | None:
    """Which clock runs, and until when; None: nothing is waited for."""
    if row.state == "prepared":
        return _("approval by"), row.approval_due_on
    if row.state == "approved":
        return _("notice by"), row.notice_due_on
    return None


def say_left(until: date, today: date, calendar: Calendar) -> str:
    """How much time is left, in working days."""
    left = workdays.count_left(today, until, calendar)
    if left < 0:
        late = ngettext("%(count)s working day late", "%(count)s working days late", -left)
        return late % {"count": -left}
    if left == 0:
        return _("due today")
    return ngettext("%(count)s working day left", "%(count)s working days left", left) % {"count": left}
