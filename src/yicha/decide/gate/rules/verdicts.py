"""The verdict: all grounds, the day, and of the candidates recognise → merge → offsite → allow the first one left.

1. If every item is recognised on the first day, that is the answer.
2. Planned visits inside the window, the earliest first: one that can be joined without any item being barred.
3. The days of the window in order: the first on which no item is barred.
4. The same again without the grounds that a reason or an approval would lift: then these are wanted, nothing else.
5. None: the first day after the window on which 2 or 3 would succeed, or a refusal.

Days are not tried one by one: a ground says from which day on it does not hold any more, and nothing becomes free
before the earliest of these days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules import (
    asking,
    budget,
    campaigns,
    items,
    listings,
    officers,
    places,
    quiet,
    sparing,
)
from yicha.decide.gate.rules.case import Case
from yicha.decide.gate.terms import (
    Bars,
    ContactFacts,
    Facts,
    Ground,
    ItemFacts,
    ItemVerdict,
    Outcome,
    Verdict,
)

_FIXED = (
    asking.look_at_parties,
    asking.look_at_trigger,
    asking.look_at_window,
    asking.look_at_entry,
    asking.look_at_approval,
    items.look_at_items,
    officers.look_at_officers,
    sparing.look_at_offsite,
)
_DAILY = (
    places.look_at_place,
    listings.look_at_listing,
    officers.look_at_certificates,
    officers.look_at_futile_visits,
    campaigns.look_at_campaign,
    budget.look_at_cap,
    budget.look_at_frequency,
    budget.look_at_rest,
    quiet.look_at_quiet_days,
)
_REMARKS = (
    officers.remark_on_officers,
    campaigns.remark_on_campaign,
    quiet.remark_on_filing,
    sparing.remark_on_notice,
)
_REMARKS_ON_OWN_VISIT = (budget.remark_on_budget, budget.remark_on_frequency)

_WEIGHT = {Outcome.RECOGNISE: 0, Outcome.OFFSITE: 1, Outcome.MERGE: 2, Outcome.ALLOW: 3}


def first_left(bars: Bars, *, result: bool, joined: bool, offsite: bool) -> Outcome | None:
    """Of the candidates, in the order of 国办发〔2024〕54号, the first that nothing bars; None: none is left."""
    if bars < Bars.EVERYTHING:
        if result:
            return Outcome.RECOGNISE
        if joined and bars < Bars.ENTRY:
            return Outcome.MERGE
        if offsite:
            return Outcome.OFFSITE
    return Outcome.ALLOW if bars < Bars.NEW_VISIT else None


class Day:
    """What holds on one day, with or without joining a planned visit, and what it leaves each item.

    `strict` are the outcomes as they are; `lenient` as they would be if every reason and approval were given. None: no
    candidate is left. A visit that has happened cannot be spared any more: only allow is a candidate.
    """

    __slots__ = ("grounds", "joined", "lenient", "on", "results", "strict")

    def __init__(self, case: Case, fixed: list[Ground], on: date, joined: ContactFacts | None) -> None:
        self.on, self.joined = on, joined
        self.results = sparing.find_results(case, on)
        self.grounds = [*fixed, *items.look_at_days_of_items(case, on, joined)]
        for rule in _DAILY:
            self.grounds.extend(rule(case, on))
        self.strict = self._outcomes(case, self.grounds)
        asks = any(ground.answerable and ground.bars for ground in self.grounds)
        self.lenient = (
            self._outcomes(case, [row for row in self.grounds if not row.answerable]) if asks else self.strict
        )

    def _outcomes(self, case: Case, grounds: list[Ground]) -> list[Outcome | None]:
        whole, of_items = Bars.NOTHING, dict[str, Bars]()
        for ground in grounds:
            if not ground.bars:
                continue
            if not ground.item:
                whole = max(whole, ground.bars)
            else:
                of_items[ground.item] = max(of_items.get(ground.item, Bars.NOTHING), ground.bars)
        return [
            first_left(
                max(whole, of_items.get(item.code, Bars.NOTHING)),
                result=item.code in self.results and not case.entered,
                joined=self.joined is not None and not case.entered,
                offsite=sparing.can_be_offsite(case, item) and not case.entered,
            )
            for item in case.items or [_NOTHING_NAMED]
        ]

    def is_open(self, *, lenient: bool = False) -> bool:
        """Whether no item is barred."""
        return None not in (self.lenient if lenient else self.strict)

    def count_open(self) -> int:
        """How many items are not barred."""
        return len(self.strict) - self.strict.count(None)

    def next_change(self) -> date | None:
        """The first day on which anything here may have become free; None: waiting changes nothing."""
        return min((row.until for row in self.grounds if row.bars and row.until is not None), default=None)


_NOTHING_NAMED = ItemFacts("", known=False)


class Search:
    """Looks for the day of a verdict. `path` are the days that were looked at and were not open."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.fixed = [ground for rule in _FIXED for ground in rule(case)]
        self.joinable = sparing.list_joinable(case)
        self.path: list[Day] = []
        self._days: dict[tuple[date, str], Day] = {}

    def day(self, on: date, joined: ContactFacts | None = None) -> Day:
        """What holds on a day for a visit of its own, or for joining one."""
        key = (on, joined.uuid if joined is not None else "")
        if key not in self._days:
            self._days[key] = Day(self.case, self.fixed, on, joined)
        return self._days[key]

    def in_reach(self) -> Iterator[Day]:
        """The days of planned visits inside the window, each with joining it."""
        if not self.case.entered:
            for visit in self.joinable:
                if visit.on <= self.case.last:
                    yield self.day(visit.on, visit)

    def in_window(self, *, lenient: bool) -> Day | None:
        """The day of the window that the verdict is found on, or None."""
        case, self.path = self.case, []
        first = self.day(case.start)
        outcomes = first.lenient if lenient else first.strict
        if all(outcome is Outcome.RECOGNISE for outcome in outcomes):
            return first
        for joined in self.in_reach():
            if joined.is_open(lenient=lenient):
                return joined
        return self._first_open(case.start, case.last, lenient=lenient)

    def after_window(self) -> date | None:
        """The first day after the window that is open, reasons and approvals given; None: no day within the limit."""
        case = self.case
        if case.entered or case.last >= case.limit:
            return None
        own = self._first_open(case.start, case.limit, lenient=True)
        for visit in self.joinable:
            is_sooner = case.last < visit.on and (own is None or visit.on < own.on)
            if is_sooner and self.day(visit.on, visit).is_open(lenient=True):
                return visit.on
        return own.on if own is not None else None

    def _first_open(self, on: date, last: date, *, lenient: bool) -> Day | None:
        self.path = []
        while on <= last:
            day = self.day(on)
            if day.is_open(lenient=lenient):
                return day
            self.path.append(day)
            following = day.next_change()
            if following is None or following <= on:
                return None
            on = following
        return None


def judge(facts: Facts) -> Verdict:
    """The verdict on an application: of every item and of the whole, with all grounds. Pure, and never raises."""
    search = Search(Case(facts))
    day = search.in_window(lenient=False)
    if day is not None:
        return _answer(search, day)
    day = search.in_window(lenient=True)
    if day is not None:
        wants = dict.fromkeys(row.code for row in day.grounds if row.answerable and row.bars)
        return _answer(search, day, tuple(wants))
    return _barred(search)


def _answer(search: Search, day: Day, wants: tuple[str, ...] = ()) -> Verdict:
    """The verdict of a day that is open, or would be if what is wanted were given."""
    case = search.case
    outcomes = [outcome or Outcome.REFUSE for outcome in day.strict]
    whole = Outcome.REFUSE if wants else max(outcomes, key=_WEIGHT.__getitem__)
    visited = whole is Outcome.ALLOW or whole is Outcome.MERGE
    grounds = [*_passed(search.path, day), *day.grounds, *_speaking(search, day)]
    if any(outcome is Outcome.ALLOW or outcome is Outcome.MERGE for outcome in day.lenient):
        grounds.extend(_remarks(case, day))
    return Verdict(
        whole,
        tuple(_of_item(day, item, outcome) for item, outcome in zip(case.items, outcomes, strict=False)),
        _in_order(grounds),
        on=day.on if visited else None,
        wants=wants,
        counts_toward_cap=case.counts and not case.exempt,
    )


def _of_item(day: Day, item: ItemFacts, outcome: Outcome) -> ItemVerdict:
    if outcome is Outcome.RECOGNISE:
        result = day.results[item.code][0]
        return ItemVerdict(item.code, outcome, result=result.uuid, valid_until=result.valid_until)
    joined = day.joined.uuid if day.joined is not None and outcome is Outcome.MERGE else ""
    return ItemVerdict(item.code, outcome, joined)


def _speaking(search: Search, day: Day) -> Iterator[Ground]:
    """Grounds that speak for an outcome, and why a result that lies near does not."""
    for _result, ground in day.results.values():
        yield ground
    yield from sparing.remark_on_results(search.case, day.on, day.results)
    visit = day.joined or next(iter(search.joinable), None)
    if visit is not None and not search.case.entered and visit.on <= search.case.last:
        yield sparing.to_join(visit)


def _remarks(case: Case, day: Day) -> Iterator[Ground]:
    for rule in _REMARKS:
        yield from rule(case, day.on)
    yield from sparing.remark_on_second_visit(case, day.on, day.joined)
    if day.joined is None:
        for rule in _REMARKS_ON_OWN_VISIT:
            yield from rule(case, day.on)


def _in_order(grounds: list[Ground]) -> tuple[Ground, ...]:
    """What bars most comes first."""
    grounds.sort(key=_by_bars)
    return tuple(grounds)


def _by_bars(ground: Ground) -> int:
    return -ground.bars


def _passed(path: list[Day], day: Day) -> list[Ground]:
    """What kept earlier days of the window closed: remarks now, each with the day on which it ended."""
    if not path:
        return []
    still = {_subject(row) for row in day.grounds}
    met = _along(path)
    return [
        _again(row, until, Bars.NOTHING)
        for key, (row, until) in met.items()
        if row.bars and until is not None and key not in still
    ]


def _along(path: list[Day]) -> dict[tuple[str, str, str], tuple[Ground, date | None]]:
    """What was met on a way through days, as it was first met, with the last day on which it ends."""
    met: dict[tuple[str, str, str], tuple[Ground, date | None]] = {}
    for day in path:
        for row in day.grounds:
            key = _subject(row)
            met[key] = (met[key][0] if key in met else row, row.until)
    return met


def _subject(row: Ground) -> tuple[str, str, str]:
    """What makes grounds of two days the same one."""
    return row.code, row.item, str(row.facts.get("officer", row.facts.get("certificate", "")))


def _again(row: Ground, until: date | None, bars: Bars) -> Ground:
    """The same ground with another end, or barring something else."""
    return Ground(
        row.code,
        row.sentence,
        row.source,
        row.facts,
        bars,
        until,
        row.answerable,
        row.item,
        row.leads_to,
        row.rows,
        row.at_field,
    )


def _barred(search: Search) -> Verdict:
    """No day of the window will do: deferred if all that is in the way passes by waiting, else refused.

    Told are the grounds of the day that leaves most items, with the end that they have on the way to the open one; what
    is met only on the way is a remark.
    """
    case, base = search.case, _best(search)
    passing = _passing(search, base)
    search.path = []
    until = search.after_window() if all(passing) else None
    path = [base, *(day for day in search.path if base.on < day.on and (until is None or day.on < until))]
    here = {_subject(row) for row in base.grounds}
    grounds = [
        row
        if row.until == end and key in here
        else _again(row, end, row.bars if key in here else Bars.NOTHING)
        for key, (row, end) in _along(path).items()
    ]
    grounds.extend(_speaking(search, base))
    waits = Outcome.DEFER if until is not None else Outcome.REFUSE
    outcomes = [
        outcome or (Outcome.DEFER if passes and not all(passing) else waits)
        for outcome, passes in zip(base.strict, passing, strict=True)
    ]
    return Verdict(
        waits,
        tuple(_of_item(base, item, outcome) for item, outcome in zip(case.items, outcomes, strict=False)),
        _in_order(grounds),
        until=until,
        counts_toward_cap=case.counts and not case.exempt,
    )


def _best(search: Search) -> Day:
    """Of the first day and the planned visits in reach, what leaves most items open; if equal, the visit to join."""
    first = search.day(search.case.start)
    joined = max(search.in_reach(), key=Day.count_open, default=first)
    return joined if joined.count_open() and joined.count_open() >= first.count_open() else first


def _passing(search: Search, base: Day) -> list[bool]:
    """Of every item, whether it is open or all that bars it passes by waiting or can be answered.

    Where there is a visit to join, in the window or after it, what bars a visit of its own need not pass.
    """
    case = search.case
    if case.entered:
        return [outcome is not None for outcome in base.lenient]
    joins = base.joined is not None or any(visit.on > case.last for visit in search.joinable)
    least = Bars.ENTRY if joins else Bars.NEW_VISIT
    lasting = [row for row in base.grounds if row.bars >= least and row.until is None and not row.answerable]
    return [
        outcome is not None or not any(row.item in ("", item.code) for row in lasting)
        for item, outcome in zip(case.items or [_NOTHING_NAMED], base.lenient, strict=True)
    ]
