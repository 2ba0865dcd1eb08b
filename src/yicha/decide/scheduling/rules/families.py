"""Visits to one enterprise: how many of them its weeks and months hold, and whose turn it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from yicha.decide.scheduling.rules.explaining import OFTEN, OUT_OF_TURN
from yicha.decide.scheduling.terms import CalendarFacts, ContactFacts, Limit

Limits = Mapping[int, tuple[Limit, ...]]
"""By enterprise (id)."""


@dataclass(frozen=True, slots=True)
class Families:
    """What visits to one enterprise ask of each other, and of those that do not move."""

    limits: Limits
    taken: Mapping[int, tuple[date, ...]]
    turns: Turns

    def bars(self, contact: ContactFacts, day: date) -> str:
        """Why visits that do not move leave no room for this one on a day (a code); empty: they do."""
        full = any(not limit.most and limit.holds(day) for limit in self.limits.get(contact.enterprise, ()))
        if full or day in self.taken.get(contact.enterprise, ()):
            return OFTEN
        return OUT_OF_TURN if self.turns.bars(contact.key, day) else ""

    def list_shared(self, facts: CalendarFacts) -> dict[str, tuple[Limit, ...]]:
        """By uscc what several visits have to share; what leaves no room at all bars their slots."""
        usccs = {contact.enterprise: contact.uscc for contact in facts.moving}
        shared = {usccs[pk]: tuple(one for one in own if one.most) for pk, own in self.limits.items()}
        return {uscc: own for uscc, own in shared.items() if own}


def look_at(facts: CalendarFacts) -> Families:
    """The families of all visits."""
    return Families(list_limits(facts), facts.taken, list_turns(facts))


def list_limits(facts: CalendarFacts) -> Limits:
    """Weeks and months that could get too many visits: so many of those that move still have room there.

    Weeks go from Monday to Sunday. What does not move has used its room already; `most` 0: it has used all.
    """
    own: dict[int, list[ContactFacts]] = defaultdict(list)
    for contact in facts.moving:
        own[contact.enterprise].append(contact)
    return {
        enterprise: limits
        for enterprise, contacts in own.items()
        if (limits := _limits(contacts, facts, facts.taken.get(enterprise, ())))
    }


def _limits(contacts: list[ContactFacts], facts: CalendarFacts, taken: tuple[date, ...]) -> tuple[Limit, ...]:
    if len(contacts) + len(taken) <= min(facts.numbers.a_week, facts.numbers.a_month):
        return ()
    first, last = min(one.first for one in contacts), max(one.last for one in contacts)
    days = [day for day in facts.days if first <= day <= last]
    spans = {(*_week(day), facts.numbers.a_week) for day in days}
    spans |= {(*_month(day), facts.numbers.a_month) for day in days}
    found = []
    for span in sorted(spans):
        limit = Limit(*span)
        left = max(0, limit.most - sum(limit.holds(day) for day in taken))
        if sum(one.first <= limit.last and one.last >= limit.first for one in contacts) > left:
            found.append(limit._replace(most=left))
    return tuple(found)


def _week(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _month(day: date) -> tuple[date, date]:
    after = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day.replace(day=1), after - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turns:
    """`after`: visit → visits that move too and stand before it; `from_` and `until`: its first and last day, beside

    visits that do not move.
    """

    after: dict[str, frozenset[str]] = field(default_factory=dict)
    from_: dict[str, date] = field(default_factory=dict)
    until: dict[str, date] = field(default_factory=dict)

    def bars(self, visit: str, day: date) -> bool:
        """Whether a day lies on the wrong side of a visit that does not move."""
        return day < self.from_.get(visit, date.min) or day > self.until.get(visit, date.max)


def list_turns(facts: CalendarFacts) -> Turns:
    """Visits to one enterprise for which people of one agency were drawn in turn keep their order.

    They were drawn so that nobody goes there twice in a row, in the order in which the visits stood. Where nobody goes
    to two of them, nor went there the last time, any order will do.
    """
    chains: dict[tuple[int, str], list[tuple[date, ContactFacts, frozenset[str]]]] = defaultdict(list)
    for contact in (*facts.moving, *facts.standing):
        for part in contact.parts:
            if part.officers and contact.on is not None:
                chains[contact.enterprise, part.agency].append((contact.on, contact, part.officers))
    ids = {person.id: person.certificate for person in facts.people}
    moving = {contact.key for contact in facts.moving}
    turns = Turns()
    for key, chain in chains.items():
        went = frozenset(ids[one] for one in facts.last_went.get(key, ()) if one in ids)
        people = [went, *(officers for _, _, officers in chain)]
        if len(chain) > 1 and len(frozenset().union(*people)) < sum(map(len, people)):
            _keep_order(
                [contact for _, contact, _ in sorted(chain, key=lambda row: (row[0], row[1].key))],
                moving,
                turns,
            )
    return turns


def _keep_order(chain: list[ContactFacts], moving: set[str], turns: Turns) -> None:
    for place, later in enumerate(chain):
        for earlier in chain[:place]:
            if earlier.on is None or later.on is None or earlier.on == later.on:
                continue
            if later.key in moving and earlier.key in moving:
                turns.after[later.key] = turns.after.get(later.key, frozenset()) | {earlier.key}
            elif later.key in moving:
                day = earlier.on + timedelta(days=1)
                turns.from_[later.key] = max(day, turns.from_.get(later.key, day))
            elif earlier.key in moving:
                day = later.on - timedelta(days=1)
                turns.until[earlier.key] = min(day, turns.until.get(earlier.key, day))
