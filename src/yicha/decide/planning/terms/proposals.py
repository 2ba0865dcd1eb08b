"""Words of proposed joint lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Apart(NamedTuple):
    """Two items (codes, the smaller first), and how often enterprises had both in a quarter in different visits."""

    first: str
    second: str
    times: int


class Call(NamedTuple):
    """A visit to an enterprise in a quarter, and the codes of what it checked."""

    enterprise: int
    quarter: date
    contact: int
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class JointProposal:
    """Items that hit the same enterprises again and again in different visits (能合尽合).

    `enterprises` had them so; `visits` were made or are planned for them; `saved` of these need not have been, had
    the items been one list. `directory` is the code of the one that fits these enterprises best, empty when none
    holds half of them; `inside` is the share that it holds, in percent.
    """

    items: tuple[str, ...]
    enterprises: int
    visits: int
    saved: int
    directory: str = ""
    inside: int = 0
