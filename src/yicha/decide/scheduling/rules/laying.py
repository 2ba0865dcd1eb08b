"""From facts to a problem: which slots a visit may have, and how much there is of everything in each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from yicha.decide.scheduling.rules import families
from yicha.decide.scheduling.rules import pools as pool_rules
from yicha.decide.scheduling.rules.explaining import WINDOW_OVER
from yicha.decide.scheduling.rules.pools import Pools
from yicha.decide.scheduling.terms import (
    PARTS,
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    PartFacts,
    PersonFacts,
    Problem,
    Resource,
    ResourceKind,
    Slot,
    VisitFacts,
)

Needs = Mapping[Resource, int]
There = Mapping[Slot, Mapping[str, frozenset[str]]]
"""In every slot, by agency, the certificates of its officers who are there."""
NOBODY: frozenset[str] = frozenset()


def lay(facts: CalendarFacts, *, keep: bool) -> Problem:
    """The problem that the facts make. `keep`: as little as possible moves."""
    slots = tuple(Slot(day, part) for day in facts.days for part in PARTS)
    there = _presence(facts.people, slots)
    moving = tuple(_without_the_absent(contact, facts.numbers, there) for contact in facts.moving)
    facts = replace(facts, moving=moving)
    shares = [part for contact in (*facts.moving, *facts.standing) for part in contact.parts]
    pools = pool_rules.list_pools(facts.people, shares)
    needs = {contact.key: _needs(contact, facts, pools, _undrawn(facts.moving)) for contact in facts.moving}
    used = _used(facts, pools)
    people = {person.certificate: person for person in facts.people}
    family = families.look_at(facts)
    visits = tuple(
        _visit(contact, facts, slots, needs[contact.key], pools, there, people, family)
        for contact in facts.moving
    )
    wanted = {resource for own in needs.values() for resource in own}
    return Problem(
        visits=visits,
        slots=slots,
        capacity=_capacity(wanted, slots, facts, pools, there, used),
        per_day=_per_day(wanted, facts, pools, there, used),
        limits=family.list_shared(facts),
        keep=keep,
    )


def _without_the_absent(contact: ContactFacts, numbers: CalendarNumbers, there: There) -> ContactFacts:
    """A visit for which more were drawn than must go needs, where it stands, only those who are there."""
    if contact.now is None or contact.now not in there:
        return contact
    here = there[contact.now]
    return replace(
        contact,
        parts=tuple(
            replace(part, officers=able) if len(able) >= numbers.officers_per_agency else part
            for part in contact.parts
            for able in [part.officers & here.get(part.agency, NOBODY)]
        ),
    )


def _undrawn(contacts: Iterable[ContactFacts]) -> frozenset[str]:
    """Agencies of which somebody still has to be drawn: their pools count for all of their visits."""
    return frozenset(part.agency for contact in contacts for part in contact.parts if not part.officers)


def _needs(
    contact: ContactFacts, facts: CalendarFacts, pools: Pools, undrawn: frozenset[str] | None
) -> dict[Resource, int]:
    """What a visit takes; `undrawn` None: with all pools."""
    needs: dict[Resource, int] = {}
    for part in contact.parts:
        with_pools = undrawn is None or part.agency in undrawn
        count = facts.numbers.officers_per_agency
        needs |= pool_rules.list_needs(part, pools, facts.equipment, count, with_pools=with_pools)
    return needs


def _presence(people: Sequence[PersonFacts], slots: Sequence[Slot]) -> There:
    """In every slot, who of an agency is there: a certificate that holds, and no absence."""
    staff: dict[str, list[PersonFacts]] = defaultdict(list)
    for person in people:
        staff[person.agency].append(person)
    return {
        slot: {
            agency: frozenset(
                person.certificate
                for person in own
                if person.valid_from <= slot.day <= person.valid_until and slot not in person.away
            )
            for agency, own in staff.items()
        }
        for slot in slots
    }


def _used(facts: CalendarFacts, pools: Pools) -> Counter[tuple[Resource, Slot | date]]:
    """What standing visits take, by slot and by day; one of which no half day is known takes both of its day."""
    used: Counter[tuple[Resource, Slot | date]] = Counter()
    for contact in facts.standing:
        if contact.on is None:
            continue
        where = [contact.now] if contact.now else [Slot(contact.on, part) for part in PARTS]
        for resource, count in _needs(contact, facts, pools, None).items():
            used[resource, contact.on] += count
            for slot in where:
                used[resource, slot] += count
    return used


def _capacity(
    wanted: Iterable[Resource],
    slots: Sequence[Slot],
    facts: CalendarFacts,
    pools: Pools,
    there: There,
    used: Mapping[tuple[Resource, Slot | date], int],
) -> dict[tuple[Resource, Slot], int]:
    capacity = {}
    for resource in wanted:
        for slot in slots:
            if resource.kind is ResourceKind.EQUIPMENT:
                has = facts.equipment.get((resource.agency, resource.code), 0)
            elif resource.kind is ResourceKind.OFFICER:
                has = int(resource.code in there[slot].get(resource.agency, NOBODY))
            else:
                has = len(pools.members[resource] & there[slot].get(resource.agency, NOBODY))
            left = has - used.get((resource, slot), 0)
            if left > 0:
                capacity[resource, slot] = left
    return capacity


def _per_day(
    wanted: Iterable[Resource],
    facts: CalendarFacts,
    pools: Pools,
    there: There,
    used: Mapping[tuple[Resource, Slot | date], int],
) -> dict[tuple[Resource, date], int]:
    """Rows only where the number of visits an officer a day says less than the halves of the day do."""
    most = facts.numbers.visits_an_officer_a_day
    if most >= len(PARTS):
        return {}
    limits = {}
    for resource in wanted:
        if resource.kind is ResourceKind.EQUIPMENT:
            continue
        members = pools.members.get(resource, frozenset({resource.code}))
        for day in facts.days:
            halves = Counter(
                person
                for part in PARTS
                for person in members & there[Slot(day, part)].get(resource.agency, NOBODY)
            )
            has = sum(min(most, count) for count in halves.values())
            limits[resource, day] = max(0, has - used.get((resource, day), 0))
    return limits


def _visit(
    contact: ContactFacts,
    facts: CalendarFacts,
    slots: Sequence[Slot],
    needs: Needs,
    pools: Pools,
    there: There,
    people: Mapping[str, PersonFacts],
    family: families.Families,
) -> VisitFacts:
    first = bisect_left(slots, Slot(max(contact.first, facts.today + timedelta(days=1)), PARTS[0]))
    last = bisect_right(slots, Slot(contact.last, PARTS[-1]))
    window = slots[first:last]
    barred = _bars(contact, facts, window)
    short = _short_of_people(contact, facts, window, pools, there, people)
    near = {slot: code for slot in window if (code := family.bars(contact, slot.day))}
    barred = {**near, **short, **barred}
    if contact.last <= facts.today:
        barred[Slot(contact.last, PARTS[-1])] = WINDOW_OVER
    own = tuple(slot for slot in window if slot not in barred)
    soon = _too_soon(contact, facts, own)
    if len(soon) < len(own):  # a window that ends before a notice could be in time is planned all the same
        barred |= dict.fromkeys(soon, "notice")
        own = tuple(slot for slot in own if slot not in soon)
    return VisitFacts(
        key=contact.key,
        uscc=contact.uscc,
        district=contact.district,
        agencies=tuple(part.agency for part in contact.parts),
        needs=needs,
        slots=own,
        barred=barred,
        preferred=facts.preferred.get(contact.enterprise, frozenset()),
        fixed=contact.now if contact.pinned or (contact.announced and facts.hold_announced) else None,
        now=contact.now,
        held=contact.pinned or contact.announced,
        after=family.turns.after.get(contact.key, frozenset()),
    )


def _bars(contact: ContactFacts, facts: CalendarFacts, window: Sequence[Slot]) -> dict[Slot, str]:
    """What law, weather and the enterprise's own closed days keep it from, slot by slot."""
    lost = {lost.slot for lost in facts.lost if not lost.districts or contact.district in lost.districts}
    closed = frozenset() if contact.unannounced else facts.closed.get(contact.enterprise, frozenset())
    days = facts.barred.get(contact.enterprise, {})
    if not (lost or closed or days):
        return {}
    found = {}
    for slot in window:
        code = "lost" if slot in lost else days.get(slot.day, "closed" if slot in closed else "")
        if code:
            found[slot] = code
    return found


def _too_soon(contact: ContactFacts, facts: CalendarFacts, own: Sequence[Slot]) -> frozenset[Slot]:
    """Slots for which a notice would come too late; not where it stands already, nor where none is given."""
    if contact.unannounced:
        return frozenset()
    earliest = facts.asked_on + timedelta(days=facts.numbers.notice_days)
    return frozenset(slot for slot in own if slot.day < earliest and slot != contact.now)


def _short_of_people(
    contact: ContactFacts,
    facts: CalendarFacts,
    window: Sequence[Slot],
    pools: Pools,
    there: There,
    people: Mapping[str, PersonFacts],
) -> dict[Slot, str]:
    """Slots in which recusals, or who went there the last time, leave an agency fewer people than it sends."""
    found: dict[Slot, str] = {}
    for part in contact.parts:
        drawn = part.officers
        able = drawn or pools.able[part.agency, part.items]
        kept_away = _kept_away(contact, part, facts, (people[code] for code in able if code in people))
        if not kept_away:
            continue
        need = len(drawn) or facts.numbers.officers_per_agency
        for slot in window:
            away = frozenset(code for code, spans in kept_away.items() if _holds(spans, slot.day))
            here = there[slot].get(part.agency, NOBODY)
            if away and len((able & here) - away) < need:
                found[slot] = "recused"
    return found


Spans = tuple[tuple[date, date | None], ...]


def _kept_away(
    contact: ContactFacts, part: PartFacts, facts: CalendarFacts, people: Iterable[PersonFacts]
) -> dict[str, Spans]:
    """Officers (certificates) who may not go there, and when; whoever was there last, never, unless drawn."""
    last = (
        frozenset() if part.officers else facts.last_went.get((contact.enterprise, part.agency), frozenset())
    )
    found: dict[str, Spans] = {}
    for person in people:
        spans = facts.recused.get((person.id, contact.enterprise), ())
        if person.id in last:
            spans = ((date.min, None),)
        if spans:
            found[person.certificate] = spans
    return found


def _holds(spans: Spans, day: date) -> bool:
    return any(start <= day and (end is None or day <= end) for start, end in spans)
