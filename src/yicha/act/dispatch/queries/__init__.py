"""Reading what is on its way to the door."""

from yicha.act.dispatch.queries.days import (
    DayVisit,
    find_feed,
    find_feed_officer,
    list_visits_of,
    write_feed,
)
from yicha.act.dispatch.queries.dispatches import (
    STATE_CHOICES,
    find_dispatch,
    find_dispatch_of,
    find_notice,
    list_acts,
    list_agencies_of,
    list_ahead,
    list_approvals,
    list_dispatches,
    list_from,
    list_left_behind,
    list_living,
    list_notices,
    list_overdue,
    list_to_notify,
    list_to_prepare,
    list_waiting_for,
)
from yicha.act.dispatch.queries.facts import read_visits
from yicha.act.dispatch.queries.papers import approval_pdf, day_sheet_pdf, notice_pdf
from yicha.act.dispatch.queries.words import changed_words, day_words, part_words

__all__ = [
    "STATE_CHOICES",
    "DayVisit",
    "approval_pdf",
    "changed_words",
    "day_sheet_pdf",
    "day_words",
    "find_dispatch",
    "find_dispatch_of",
    "find_feed",
    "find_feed_officer",
    "find_notice",
    "list_acts",
    "list_agencies_of",
    "list_ahead",
    "list_approvals",
    "list_dispatches",
    "list_from",
    "list_left_behind",
    "list_living",
    "list_notices",
    "list_overdue",
    "list_to_notify",
    "list_to_prepare",
    "list_visits_of",
    "list_waiting_for",
    "notice_pdf",
    "part_words",
    "read_visits",
    "write_feed",
]
