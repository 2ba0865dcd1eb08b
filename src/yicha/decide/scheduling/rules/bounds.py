"""What no calendar can undercut, proven without looking at any calendar.

Each agency (or resource) is looked at alone, as if the others followed it: what it cannot do better alone, it cannot
do better together. Filling visits one by one along shortest chains of moves (a semi-matching with limits; each chain
ends on the day with the least load) gives the most visits that find a place and, of these, the least sum of squares.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from yicha.decide.scheduling.rules.grid import NOWHERE, Grid

Score = tuple[int, int, int, int, int, int]
"""Held visits that move, then the objectives in their order: less is better."""
Prices = Mapping[tuple[int, int], int]
"""What a visit of an agency on a day costs, in `PRICE_UNIT`s."""
PRICE_UNIT = 1_000


def bound(grid: Grid, visits: Sequence[int], score: Score, prices: Prices | None = None) -> Score:
    """Per objective what no calendar of these visits can undercut that is as good as `score` in the earlier ones.

    The visits have to do with nobody else's (a component). `prices`: see `priced_load`.
    """
    placeable = [visit for visit in visits if grid.domain[visit]]
    shut_out = len(visits) - len(placeable)
    unplaced = shut_out + least_unplaced(grid, placeable)
    left_out = score[1] - shut_out
    fills = fill_agencies(grid, placeable)
    days_out = 0 if left_out else least_days_out(grid, fills, placeable, score[3])
    return (
        sum(grid.held[visit] and grid.now[visit] not in grid.domain[visit] for visit in visits),
        unplaced,
        least_moves(grid, visits),
        max(
            least_load(grid, fills, placeable, left_out),
            priced_load(grid, placeable, prices or {}, left_out),
        ),
        max(days_out, least_trips(grid, placeable, left_out)),
        sum(bool(grid.liked[v]) and not grid.liked[v].intersection(grid.domain[v]) for v in visits),
    )


def fill_by_chains(choices: Sequence[Collection[int]], room: Sequence[int]) -> tuple[list[int], int]:
    """Put each row into one of its places, no place above its room; returns loads of places and rows left over.

    As few as possible are left over; and if none is, the sum of squares of the loads is the least possible: every row
    is put along a shortest chain (successive shortest paths, the costs being convex).
    """
    load = [0] * len(room)
    at = [NOWHERE] * len(choices)
    held: list[set[int]] = [set() for _ in room]
    left_over = 0
    for row in range(len(choices)):
        came = _reach(row, choices, held)
        ends = [place for place in came if load[place] < room[place]]
        if not ends:
            left_over += 1
            continue
        place = min(ends, key=lambda place: (load[place], place))
        load[place] += 1
        while True:
            mover = came[place]
            before = at[mover]
            at[mover] = place
            held[place].add(mover)
            if before == NOWHERE:
                break
            held[before].discard(mover)
            place = before
    return load, left_over


def _reach(row: int, choices: Sequence[Collection[int]], held: Sequence[Collection[int]]) -> dict[int, int]:
    """Places that this row can get to by moving others on, and for each the row that would move into it."""
    came = dict.fromkeys(choices[row], row)
    waiting = list(came)
    for place in waiting:
        for other in sorted(held[place]):
            for onward in choices[other]:
                if onward not in came:
                    came[onward] = other
                    waiting.append(onward)
    return came


def least_unplaced(grid: Grid, visits: Sequence[int]) -> int:
    """Visits that find no slot by one resource alone; resources that share no visit add up, scarcest first."""
    by_resource: dict[int, list[int]] = defaultdict(list)
    least: dict[int, int] = {}
    for visit in visits:
        for resource, n in grid.needs[visit]:
            by_resource[resource].append(visit)
            least[resource] = min(n, least.get(resource, n))
    short: list[tuple[int, int]] = []
    for resource, own in by_resource.items():
        room = [max(n, 0) // least[resource] for n in grid.cap[resource]]
        if sum(room) < len(own) or _is_tight(grid, own, room):
            _, left_over = fill_by_chains([grid.domain[visit] for visit in own], room)
            day_room = [max(n, 0) // least[resource] for n in grid.day_cap[resource]]
            _, too_many = fill_by_chains([days_of(grid, visit) for visit in own], day_room)
            short.append((max(left_over, too_many), resource))
    total, seen = 0, set[int]()
    for left_over, resource in sorted(short, key=lambda row: (-row[0], row[1])):
        if left_over and seen.isdisjoint(by_resource[resource]):
            total += left_over
            seen.update(by_resource[resource])
    return total


def _is_tight(grid: Grid, visits: Sequence[int], room: Sequence[int]) -> bool:
    """Whether some visit alone could find its slots full: only then is it worth counting."""
    wanted = Counter(slot for visit in visits for slot in grid.domain[visit])
    return any(n > room[slot] for slot, n in wanted.items())


def days_of(grid: Grid, visit: int) -> list[int]:
    """The days of a visit's slots, ascending."""
    return list(dict.fromkeys(grid.day_of[slot] for slot in grid.domain[visit]))


def least_moves(grid: Grid, visits: Sequence[int]) -> int:
    """Visits that cannot stay, and as many as what all want to stay with in a slot is short of."""
    if not grid.keep:
        return 0
    planned = [visit for visit in visits if grid.now[visit] != NOWHERE]
    stay = [visit for visit in planned if grid.now[visit] in grid.domain[visit]]
    crowd: dict[tuple[int, int], list[int]] = defaultdict(list)
    for visit in stay:
        for resource, n in grid.needs[visit]:
            crowd[resource, grid.now[visit]].append(n)
    over: Counter[int] = Counter()
    for (resource, slot), needs in crowd.items():
        too_much, most = sum(needs) - grid.cap[resource][slot], max(needs)
        over[slot] = max(over[slot], -(-too_much // most))
    return len(planned) - len(stay) + sum(over.values())


def fill_agencies(grid: Grid, visits: Sequence[int]) -> dict[int, list[int]]:
    """For each agency alone the most even loads of its days."""
    own: dict[int, list[int]] = defaultdict(list)
    for visit in visits:
        for part in grid.parts[visit]:
            own[part].append(visit)
    return {part: _fill_agency(grid, members) for part, members in sorted(own.items())}


def _fill_agency(grid: Grid, visits: Sequence[int]) -> list[int]:
    choices = [days_of(grid, visit) for visit in visits]
    loads, left_over = fill_by_chains(choices, _room_a_day(grid, visits))
    return fill_by_chains(choices, [len(visits)] * len(grid.days))[0] if left_over else loads


def _room_a_day(grid: Grid, visits: Sequence[int]) -> list[int]:
    """How many of these visits a day could hold at most, by the resources that all of them need."""
    room = [len(visits)] * len(grid.days)
    for resource in set.intersection(*({r for r, _ in grid.needs[visit]} for visit in visits)):
        least = min(n for visit in visits for r, n in grid.needs[visit] if r == resource)
        in_day = [0] * len(grid.days)
        for slot, n in enumerate(grid.cap[resource]):
            in_day[grid.day_of[slot]] += max(n, 0) // least
        limits = zip(room, in_day, grid.day_cap[resource], strict=True)
        room = [min(a, b, max(c, 0) // least) for a, b, c in limits]
    return room


def least_load(grid: Grid, fills: dict[int, list[int]], visits: Sequence[int], left_out: int) -> int:
    """The sum over agencies of their least; of those left out each saves at most the dearest step of its agencies."""
    whole = sum(n * n for loads in fills.values() for n in loads)
    dearest = {part: 2 * max(loads, default=0) - 1 for part, loads in fills.items()}
    savings = sorted((sum(dearest[part] for part in grid.parts[visit]) for visit in visits), reverse=True)
    return max(0, whole - sum(savings[:left_out]))


def priced_load(grid: Grid, visits: Sequence[int], prices: Prices, left_out: int) -> int:
    """The sum of squares at least, by prices of agencies' days: whatever the prices, the bound is true.

    Every visit pays at least its cheapest day (those left out nothing: the dearest ones are taken off), and what a day
    costs by squares is at least what was paid for it and the least of n² - price·n. All in whole numbers.
    """
    paid = sorted(
        min(sum(prices.get((part, day), 0) for part in grid.parts[visit]) for day in days_of(grid, visit))
        for visit in visits
    )
    total = sum(paid[: len(paid) - left_out])
    for price in prices.values():
        near = max(0, price // (2 * PRICE_UNIT))
        total += min(PRICE_UNIT * n * n - price * n for n in (near, near + 1))
    return max(0, -(-total // PRICE_UNIT))


def least_trips(grid: Grid, visits: Sequence[int], left_out: int) -> int:
    """Whoever goes is in each of his districts as often as his visits there ask for, so many a day as he can."""
    own: dict[int, list[int]] = defaultdict(list)
    for visit in visits:
        for who in grid.travellers[visit]:
            own[who].append(visit)
    trips = 0
    for members in own.values():
        most = max(_room_a_day(grid, members), default=0) or 1
        trips += sum(-(-n // most) for n in Counter(grid.district[visit] for visit in members).values())
    savings = sorted((len(grid.travellers[visit]) for visit in visits), reverse=True)
    return max(0, trips - sum(savings[:left_out]))


def least_days_out(grid: Grid, fills: dict[int, list[int]], visits: Sequence[int], load: int) -> int:
    """An agency goes out on so many days that its load stays as even as it is, wherever it goes.

    Days that an agency leaves out make others fuller: with `load` given, the cheapest to leave out are left out. Once
    people are drawn it is they who travel: on each of these days as many as the smallest team has.
    """
    agencies = {part: sum(loads) for part, loads in fills.items()}
    floor = {part: sum(n * n for n in loads) for part, loads in fills.items()}
    out = {part: sum(n > 0 for n in loads) for part, loads in fills.items()}
    spare = load - sum(floor.values())
    steps = [(_dearer(part, agencies, floor, out), part) for part in out if out[part] > 1]
    heapq.heapify(steps)
    while steps and steps[0][0] <= spare:
        cost, part = heapq.heappop(steps)
        spare -= cost
        floor[part] += cost
        out[part] -= 1
        if out[part] > 1:
            heapq.heappush(steps, (_dearer(part, agencies, floor, out), part))
    return sum(out.values()) * min((n for visit in visits for n in grid.teams[visit]), default=0)


def _dearer(part: int, agencies: dict[int, int], floor: dict[int, int], out: dict[int, int]) -> int:
    """What one day less costs an agency at least: the squares of its visits evenly over the days that are left."""
    days, visits = out[part] - 1, agencies[part]
    low, more = divmod(visits, days)
    return max(0, (days - more) * low * low + more * (low + 1) ** 2 - floor[part])
