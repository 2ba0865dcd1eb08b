"""Who counts into which pool, as long as nobody is drawn.

An agency's share of a visit needs officers who are each competent for all that it checks (see planning's eligibility).
Everybody in service is in the pool of his agency; whoever is competent for a set of items that not everybody masters,
in the pool of these items too. Where two pools overlap and neither contains the other, who is in either is a pool as
well. A share takes its officers from every pool in which *all* of its own could be: then a slot in which all pools
suffice has enough people, each in one place (Hall's theorem: whatever shares are taken together, whoever could go to
any of them is a pool, or several that share nobody).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from yicha.decide.scheduling.terms import PartFacts, PersonFacts, Resource, ResourceKind

JOINED = "+"
"""Between the items of a pool whose officers are competent for all of them."""
EITHER = "|"
"""Between pools of which a pool has the officers of both."""
MOST_UNIONS = 24
"""An agency has no more pools of this kind; beyond, pools are necessary and no longer enough, and the draw finds it."""
VEHICLE = "vehicle"
"""The code of an agency's vehicles: every share of a visit takes one, where the agency counts them."""


@dataclass(frozen=True, slots=True)
class Pools:
    """`members` by resource: certificates; `able` by agency and items: who may check all of them."""

    members: Mapping[Resource, frozenset[str]]
    able: Mapping[tuple[str, frozenset[str]], frozenset[str]]


def list_pools(people: Iterable[PersonFacts], parts: Iterable[PartFacts]) -> Pools:
    """The pools that these shares of visits ask for."""
    staff: dict[str, list[PersonFacts]] = defaultdict(list)
    for person in people:
        staff[person.agency].append(person)
    codes: dict[str, dict[str, frozenset[str]]] = {}
    able: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
    for part in sorted(parts, key=lambda part: (part.agency, sorted(part.items))):
        key = (part.agency, part.items)
        if key in able:
            continue
        own = staff[part.agency]
        able[key] = frozenset(person.certificate for person in own if is_able(person, part))
        everybody = frozenset(person.certificate for person in own)
        pools = codes.setdefault(part.agency, {"": everybody})
        if able[key] != everybody:
            pools[_code(own, part)] = able[key]
    members = {
        Resource(ResourceKind.POOL, agency, code): people
        for agency, pools in codes.items()
        for code, people in [*pools.items(), *_list_unions(pools)]
    }
    return Pools(members, able)


def _list_unions(pools: Mapping[str, frozenset[str]]) -> list[tuple[str, frozenset[str]]]:
    """For every two pools that overlap one of both, and so on with these, as far as there is none like it."""
    codes: dict[frozenset[str], str] = {}
    for code, people in pools.items():
        codes.setdefault(people, code)
    known = list(codes)
    unions: list[tuple[str, frozenset[str]]] = []
    for pool in known:
        for other in known[: known.index(pool)]:
            both = pool | other
            if both not in codes and pool & other and len(unions) < MOST_UNIONS:
                own = f"{codes[other]}{EITHER}{codes[pool]}".split(EITHER)
                codes[both] = EITHER.join(sorted(set(own)))
                known.append(both)
                unions.append((codes[both], both))
    return unions


def is_able(person: PersonFacts, part: PartFacts) -> bool:
    """Whether an officer is competent for everything that an agency checks: by its kind, or item by item."""
    return part.kind in person.competences or part.items <= person.competences


def _code(own: Collection[PersonFacts], part: PartFacts) -> str:
    """The items that not everybody masters: what is written where the pool is empty."""
    rare = [
        item
        for item in part.items
        if not all(part.kind in person.competences or item in person.competences for person in own)
    ]
    return JOINED.join(sorted(rare))


def list_needs(
    part: PartFacts,
    pools: Pools,
    equipment: Mapping[tuple[str, str], int],
    officers: int,
    *,
    with_pools: bool = True,
) -> dict[Resource, int]:
    """What an agency's share of a visit takes in its slot. `officers`: so many an agency sends.

    Who is drawn is needed himself. `with_pools`: he counts in his pools too, because others of his agency are not
    drawn yet.
    """
    needs = {Resource(ResourceKind.OFFICER, part.agency, person): 1 for person in sorted(part.officers)}
    if with_pools or not part.officers:
        needs |= _of_pools(part, pools, officers)
    if (part.agency, VEHICLE) in equipment:
        needs[Resource(ResourceKind.EQUIPMENT, part.agency, VEHICLE)] = 1
    for code in sorted(part.equipment):
        needs[Resource(ResourceKind.EQUIPMENT, part.agency, code)] = 1
    return needs


def _of_pools(part: PartFacts, pools: Pools, officers: int) -> dict[Resource, int]:
    own = [
        (resource, members) for resource, members in pools.members.items() if resource.agency == part.agency
    ]
    if part.officers:
        counted = {resource: len(part.officers & members) for resource, members in own}
        return {resource: count for resource, count in counted.items() if count}
    able = pools.able[part.agency, part.items]
    return {resource: officers for resource, members in own if able <= members}
