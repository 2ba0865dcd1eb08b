"""Words of the draw: states, codes, and the facts that go in and come out. yicha-draw/1 is the law of all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from yicha.kernel.transitions import Transitions

SPEC = "yicha-draw/1"
ALGORITHM = "sha256"
WITHHELD = "withheld"
CAP_PER_STRATUM = "0.05"
LEAST_ENTROPY_BITS = 64
LEAST_OFFICERS = 2

POPULATION = "population.tsv"
EXCLUSIONS = "exclusions.tsv"
TASKS = "tasks.tsv"
ELIGIBILITY = "eligibility.tsv"
MANIFEST = "manifest.json"
RESULT = "result.json"
VOID = "void.json"
SUMS = "SHA256SUMS"
VERIFIER = "verify_draw.py"
REASONS = "reasons.tsv"
"""Never published: the salted reasons why an officer may not go, kept for the supervisor of conduct."""


class DrawKind(StrEnum):
    """What is drawn."""

    OBJECTS = "objects"
    OFFICERS = "officers"


class DrawState(StrEnum):
    """How far a draw is. A void draw keeps its number, its files and its result."""

    OPENED = "opened"
    FROZEN = "frozen"
    PUBLISHED = "published"
    REVEALED = "revealed"
    DRAWN = "drawn"
    VOID = "void"


_LIVING = frozenset(DrawState) - {DrawState.VOID}

TRANSITIONS: Transitions[DrawState] = Transitions(
    "draw",
    {
        "commit": (frozenset({DrawState.OPENED}), DrawState.OPENED),
        "freeze": (frozenset({DrawState.OPENED}), DrawState.FROZEN),
        "publish": (frozenset({DrawState.FROZEN}), DrawState.PUBLISHED),
        "reveal": (frozenset({DrawState.PUBLISHED}), DrawState.PUBLISHED),
        "close": (frozenset({DrawState.PUBLISHED}), DrawState.REVEALED),
        "run": (frozenset({DrawState.REVEALED}), DrawState.DRAWN),
        "replace": (frozenset({DrawState.DRAWN}), DrawState.DRAWN),
        "supplement": (frozenset({DrawState.DRAWN}), DrawState.DRAWN),
        "void": (_LIVING, DrawState.VOID),
    },
)


class BeaconKind(StrEnum):
    """Where the text comes from that nobody could know at the freeze."""

    DRAND = "drand"
    LOTTERY = "lottery"
    DICE = "dice"
    DEMONSTRATION = "demonstration"


class ExclusionCode(StrEnum):
    """Why an object of the directory cannot be drawn: a closed list."""

    UNDISTURBED = "undisturbed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    MOVED = "moved"
    RECOGNISED = "recognised"
    BUDGET = "budget"
    VISITED = "visited"
    UNIDENTIFIED = "unidentified"


class ReplacementCode(StrEnum):
    """Why a drawn object cannot be checked: a closed list."""

    CANCELLED = "cancelled"
    REVOKED = "revoked"
    MOVED = "moved"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    DISASTER = "disaster"
    UNDER_CASE = "under-case"


class ReplacementState(StrEnum):
    """A replacement takes effect with its second approval."""

    PROPOSED = "proposed"
    DONE = "done"
    REFUSED = "refused"


class ReasonCode(StrEnum):
    """Why an officer may not go on a visit: never published, see `reasons_root`."""

    COMPETENCE = "competence"
    CERTIFICATE = "certificate"
    LEAVE = "leave"
    RECUSAL = "recusal"
    TWICE_IN_A_ROW = "twice-in-a-row"


@dataclass(frozen=True, slots=True)
class BeaconSpec:
    """The later event that decides, fixed at the freeze.

    `source` names the event exactly (`drand quicknet 12345678`), `encoding` how it becomes the beacon text,
    `fallback` what is used instead if the event does not take place.
    """

    kind: BeaconKind
    source: str
    encoding: str = ""
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class StratumSpec:
    """One stratum as the organiser asks for it. `id` is opaque and says nothing of risk classes.

    `words` describe it to the public, `where` is the condition it was cut by, `rate` a decimal string 0…1.
    """

    id: str
    words: str
    where: str
    rate: str


class Stratum(NamedTuple):
    """A stratum with what follows from population and rate."""

    id: str
    size: int
    rate: str
    quota: int


class Member(NamedTuple):
    """One object of the population and its stratum."""

    key: str
    stratum: str


class Excluded(NamedTuple):
    """One object that cannot be drawn, and why."""

    key: str
    code: str


class Task(NamedTuple):
    """How many officers an agency must send on a visit."""

    visit: str
    agency: str
    need: int


class Eligible(NamedTuple):
    """One officer who may go on a visit for an agency."""

    visit: str
    agency: str
    officer: str


class WhyNot(NamedTuple):
    """Why an officer may not go; published only as a salted commitment."""

    visit: str
    agency: str
    officer: str
    reason: str


class Drawn(NamedTuple):
    """One object drawn."""

    stratum: str
    key: str
    ticket: str


class Assigned(NamedTuple):
    """One officer drawn for one visit."""

    visit: str
    agency: str
    officer: str
    ticket: str


class Replaced(NamedTuple):
    """A drawn object that was skipped, why, and what came in its place."""

    key: str
    code: str
    by: str
    ticket: str


class Shortage(NamedTuple):
    """A group of tasks that its officers cannot fill: `need` places, at most `supply` of them can be filled."""

    agency: str
    visits: tuple[str, ...]
    need: int
    supply: int


class Target(NamedTuple):
    """One object to be checked after the draw, all replacements and supplements considered.

    `origin` is `drawn`, `replacement` or `supplement-1`, …; `replaced_with` is "" while it stands.
    """

    stratum: str
    key: str
    ticket: str
    origin: str
    replaced_with: str
