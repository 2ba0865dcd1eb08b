"""The numbers of repair and publication."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from yicha.kernel.months import months_after
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.rules import complete
from yicha.know.credit.rules import repairs as rules
from yicha.know.credit.terms import RecordFacts, Severity
from yicha.know.credit.terms.repairs import Months, RecordClock

_GRADES = (Severity.MINOR, Severity.GENERAL, Severity.SERIOUS)


class Clocks:
    """The numbers of repair, read once for many records.

    A number is that of the day of publication; for what was published before there was any, the first there is.
    """

    def __init__(self) -> None:
        wanted = [f"publish-{grade.value}-{end}-months" for grade in _GRADES for end in ("min", "max")]
        self._rows: dict[str, list[NumberFacts]] = {code: [] for code in wanted}
        for row in catalogue.list_numbers().filter(code__in=wanted, region="").order_by("in_force_from"):
            self._rows[row.code].append(row.facts)

    def months(self, severity: Severity, on: date) -> Months | None:
        """The clock of a severity for what was published on a day; None: it has none."""
        if severity is Severity.NONE:
            return None
        least, most = (self._number(f"publish-{severity.value}-{end}-months", on) for end in ("min", "max"))
        return None if least is None or most is None else Months(least, most)

    def of(self, record: CreditRecord) -> RecordClock:
        """A record's days."""
        facts = record.facts
        since = record.published_on or record.effective_from
        return rules.clock_of(facts, self.months(facts.severity, since))

    def maxima(self) -> list[tuple[str, date, date, int]]:
        """(severity, first day, day after the last, months): when publication ends by itself, for statements."""
        found = []
        for grade in _GRADES:
            rows = self._rows[f"publish-{grade.value}-max-months"]
            days = [date.min, *(row.in_force_from for row in rows[1:]), date.max]
            found += [(grade.value, days[n], days[n + 1], int(row.value)) for n, row in enumerate(rows)]
        return found

    def _number(self, code: str, on: date) -> int | None:
        rows = self._rows[code]
        if not rows:
            return None
        row = next((one for one in reversed(rows) if one.in_force_from <= on), rows[0])
        return int(row.value)


def last_day(severity: Severity, since: date) -> date | None:
    """The last day on which a record of a severity has effect by itself, counted from a day; None: no number says."""
    months = Clocks().months(severity, since)
    return None if months is None else months_after(since, months.most)


def said_by_source(record: CreditRecord) -> RecordFacts:
    """What a record says, without the end that was only computed: what a form of correction begins with.

    It may have been computed before the record was published.
    """
    facts = record.facts
    silent = replace(facts, effective_until=None)
    hidden = replace(silent, is_published=False, published_on=None, publish_until=None)
    computed = {complete(one, last_day).effective_until for one in (silent, hidden)}
    return silent if facts.effective_until in computed else facts
