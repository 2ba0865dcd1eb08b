"""The facts of an application, put in order once, so that every rule looks at them without searching."""

from __future__ import annotations

from datetime import date

from yicha.decide.gate.rules.kinds import number_row
from yicha.decide.gate.terms import ContactFacts, Facts, ItemFacts, Level, RowUsed
from yicha.know.agreement.terms import AgreementFacts, Share
from yicha.know.visits.terms import ContactKind, ContactState

HORIZON_DAYS = 400
"""So many days ahead the gate looks for an open day: contacts are read a year to both sides of what is asked."""

CAMPAIGN = "campaign"
EMERGENCY = "emergency"
COURTESY = "courtesy"
DRAW = "draw"

_COURTESY_CALL = ContactKind.COURTESY.value
_LIVE = frozenset({ContactState.PLANNED.value, ContactState.MADE.value})


class Case:
    """An application with its facts: the days that are looked at, what the trigger frees from, visits and items.

    `start` and `last` are the first and last day that can be had: the window from today on, or the one day of an entry
    that has happened (`entered`). `limit` is the last day that a deferral may name. `visits` are those planned or made
    that are not courtesy calls.
    """

    __slots__ = (
        "_budget",
        "_tallies",
        "agency",
        "asked",
        "counts",
        "entered",
        "enterprise",
        "exempt",
        "facts",
        "is_campaign",
        "is_courtesy",
        "items",
        "last",
        "limit",
        "own_initiative",
        "spareable",
        "start",
        "trigger",
        "visits",
    )

    def __init__(self, facts: Facts) -> None:
        asked, trigger = facts.application, facts.trigger
        self.facts, self.asked, self.trigger = facts, asked, trigger
        self.agency, self.enterprise = facts.agency, facts.enterprise
        self.entered = asked.entered_on is not None
        self.start = asked.entered_on or max(asked.from_on, facts.today)
        self.limit = plus_days(facts.today, HORIZON_DAYS)
        self.last = self.start if self.entered else min(max(asked.until_on, self.start), self.limit)
        self.is_courtesy = asked.kind == ContactKind.COURTESY
        from_above = facts.campaign is not None and facts.campaign.from_above
        special = asked.kind == ContactKind.SPECIAL
        own = trigger is not None and trigger.own_initiative
        self.is_campaign = asked.trigger == CAMPAIGN or (special and own and not asked.planned)
        self.own_initiative = own and not self.is_courtesy and not (self.is_campaign and from_above)
        self.exempt = trigger is not None and trigger.exempt_from_cap
        self.counts = not (
            self.is_courtesy
            or (trigger is not None and not trigger.counts_toward_cap)
            or (self.is_campaign and from_above)
        )
        self.spareable = trigger is not None and trigger.spareable
        known = {item.code: item for item in facts.items}
        self.items = [known.get(code) or ItemFacts(code, known=False) for code in dict.fromkeys(asked.items)]
        self.visits = [
            contact for contact in facts.contacts if contact.state in _LIVE and contact.kind != _COURTESY_CALL
        ]
        self._budget: dict[tuple[int, Level | None], int] | None = None
        self._tallies: dict[str, dict[int, int]] = {}

    def number(self, code: str) -> int | None:
        """The number in force at the place, cut to a whole one; None: no row is in force, and the rule is silent."""
        row = self.facts.numbers.get(code)
        return int(row.value) if row is not None and row.value.is_finite() else None

    def rows(self, *codes: str) -> tuple[RowUsed, ...]:
        """The rows of these numbers, for a ground that leans on them."""
        numbers = self.facts.numbers
        return tuple([number_row(numbers[code]) for code in codes if code in numbers])

    def agreement(self, share: Share, day: date, *regions: str, item: str = "") -> AgreementFacts | None:
        """The agreement in force that lets this cross between all these regions for our kind of agency and this item.

        No item: one that holds for all items. Without an agreement nothing crosses.
        """
        kind = self.agency.kind if self.agency else ""
        for row in self.facts.agreements:
            if (
                share in row.shares
                and row.valid_from <= day
                and (row.valid_until is None or day <= row.valid_until)
                and row.regions.issuperset(regions)
                and (not row.kinds or kind in row.kinds)
                and (not row.items or item in row.items)
            ):
                return row
        return None

    def counted(self, year: int, level: Level | None = None) -> int:
        """Visits of a year that use the enterprise's budget: of one level, or of both together."""
        if self._budget is None:
            self._budget = {}
            for contact in self.visits:
                if contact.counts:
                    for key in (contact.on.year, None), (contact.on.year, contact.level):
                        self._budget[key] = self._budget.get(key, 0) + 1
        return self._budget.get((year, level), 0)

    def visits_in(self, period: str, day: date) -> int:
        """Visits planned or made on a `day`, or in its `week` (Monday to Sunday) or calendar `month`."""
        tally = self._tallies.get(period)
        if tally is None:
            tally = self._tallies[period] = {}
            for contact in self.visits:
                key = period_of(period, contact.on)
                tally[key] = tally.get(key, 0) + 1
        return tally.get(period_of(period, day), 0)

    def checks_of(self, item: str, year: int, joined: ContactFacts | None) -> int:
        """Visits of a year in which this item is checked, without the one that would be joined."""
        return sum(
            contact.on.year == year and item in contact.items
            for contact in self.visits
            if joined is None or contact.uuid != joined.uuid
        )


def period_of(period: str, day: date) -> int:
    """The number of a day, a week (Monday to Sunday) or a calendar month."""
    if period == "month":
        return day.year * 12 + day.month
    return (day.toordinal() - 1) // 7 if period == "week" else day.toordinal()


def next_period(period: str, day: date) -> date:
    """The first day of the next day, week, month or year; the last day that there is, at the end of the calendar."""
    if period == "day":
        return plus_days(day, 1)
    if period == "week":
        return plus_days(day, 7 - day.weekday())
    if day.year == date.max.year and (period == "year" or day.month == 12):
        return date.max
    if period == "month" and day.month < 12:
        return date(day.year, day.month + 1, 1)
    return date(day.year + 1, 1, 1)


def plus_days(day: date, count: int) -> date:
    """So many days later, or earlier; inside the calendar that Python knows."""
    return date.fromordinal(max(1, min(day.toordinal() + count, _LAST)))


_LAST = date.max.toordinal()
