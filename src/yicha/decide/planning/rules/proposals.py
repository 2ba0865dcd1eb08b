"""Which items should be one joint list: what hits the same enterprises again and again (能合尽合, 国办发〔2024〕54号).

Two items are linked as strongly as often enterprises had both in a quarter, in different visits. Groups grow by joining
the two whose weakest link is strongest, as long as that is strong enough: in a group, every item goes with every other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from yicha.decide.planning.terms.proposals import Apart, Call, JointProposal


def group(links: Iterable[Apart], least: int) -> list[tuple[str, ...]]:
    """Groups of two items at least, each sorted; the order of the links does not matter."""
    strength = {
        frozenset((link.first, link.second)): link.times
        for link in links
        if link.times >= least and link.first != link.second
    }
    groups: set[tuple[str, ...]] = {(item,) for pair in strength for item in pair}
    while True:
        joined = [
            (-weakest, first, second)
            for first in groups
            for second in groups
            if first < second and (weakest := _weakest(strength, first, second)) >= least
        ]
        if not joined:
            return sorted(one for one in groups if len(one) > 1)
        _, first, second = min(joined)
        groups -= {first, second}
        groups.add(tuple(sorted(first + second)))


def _weakest(strength: dict[frozenset[str], int], first: Sequence[str], second: Sequence[str]) -> int:
    return min(strength.get(frozenset((one, other)), 0) for one in first for other in second)


def weigh(items: Collection[str], calls: Iterable[Call]) -> JointProposal:
    """What a group would have saved.

    Of an enterprise's visits in a quarter that checked any of the items, one stays; of the others, those fall away that
    checked nothing else.
    """
    wanted = frozenset(items)
    by_quarter: dict[tuple[int, date], list[bool]] = defaultdict(list)
    for call in calls:
        if call.items & wanted:
            by_quarter[call.enterprise, call.quarter].append(call.items <= wanted)
    often = {key: own for key, own in by_quarter.items() if len(own) > 1}
    return JointProposal(
        items=tuple(sorted(wanted)),
        enterprises=len({enterprise for enterprise, _ in often}),
        visits=sum(map(len, often.values())),
        saved=sum(min(len(own) - 1, sum(own)) for own in often.values()),
    )


def is_known(items: Collection[str], lists: Iterable[Collection[str]]) -> bool:
    """Whether a joint list has all of these items already."""
    return any(set(items) <= set(own) for own in lists)
