"""The draw of officers: the lexicographically smallest feasible assignment (yicha-draw/1, Files of a draw of officers).

One complete matching is kept all the way. To give a place to an officer who is not on it in the matching, the
officer takes it and whoever is too many is moved along an augmenting path; if there is no path, the remaining
needs would not be feasible, and the officer is passed over. Sets of officers are integers, a bit each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256

from yicha.decide.drawing.rules import files, tickets
from yicha.decide.drawing.terms import LEAST_OFFICERS, Assigned, Eligible, Shortage, Task, WhyNot
from yicha.kernel.refusal import Reason

_SOURCE = "yicha-draw/1, Files of a draw of officers"
_SHOWN = 20


def check(tasks: Sequence[Task], eligibility: Sequence[Eligible], load_cap: int) -> list[Reason]:
    """Everything that is wrong before feasibility is asked: forms, repetition, places nobody asked for."""
    reasons = []
    if load_cap < 1:
        reasons.append(_refusal("draw.load-cap", "The most visits per officer must be 1 or more."))
    if not tasks:
        reasons.append(_refusal("draw.tasks-empty", "There are no visits to draw officers for."))
    reasons += files.check_unique({row.visit: None for row in tasks}, "visits")
    reasons += files.check_unique({row.officer: None for row in eligibility}, "officers")
    reasons += files.check_unique((f"{row.visit} {row.agency}" for row in tasks), "tasks")
    reasons += [
        _refusal(
            "draw.need",
            "%(visit)s, %(agency)s: at least %(least)s officers are needed.",
            visit=row.visit,
            agency=row.agency,
            least=LEAST_OFFICERS,
        )
        for row in tasks
        if row.need < LEAST_OFFICERS
    ]
    known = {(row.visit, row.agency) for row in tasks}
    reasons += [
        _refusal(
            "draw.task-unknown",
            "%(visit)s, %(agency)s: officers are eligible, but no task asks for them.",
            visit=visit,
            agency=agency,
        )
        for visit, agency in sorted({(row.visit, row.agency) for row in eligibility} - known)
    ]
    places = Counter((row.visit, row.officer) for row in eligibility)
    reasons += [
        _refusal(
            "draw.officer-twice",
            "%(officer)s is eligible twice for %(visit)s; one person fills one place of a visit.",
            visit=visit,
            officer=officer,
        )
        for (visit, officer), count in sorted(places.items())
        if count > 1
    ]
    return reasons[:_SHOWN]


class Matching:
    """Which officers are on which task; every task always has its need, once `complete` succeeded."""

    def __init__(self, tasks: Sequence[Task], eligibility: Iterable[Eligible], load_cap: int) -> None:
        self.tasks = tasks
        self.cap = load_cap
        rows: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for visit, agency, officer in eligibility:
            rows[visit, agency].append(officer)
        self.officers = sorted({officer for row in rows.values() for officer in row})
        self.number = {officer: number for number, officer in enumerate(self.officers)}
        self.eligible = [
            sum(1 << self.number[officer] for officer in rows.get((task.visit, task.agency), ()))
            for task in tasks
        ]
        self.on = [0] * len(tasks)
        self.movable = [0] * len(tasks)
        """Of `on`, who is not yet drawn and may be moved to another task."""
        self.of: list[set[int]] = [set() for _ in self.officers]
        """Per officer, the tasks from which they may be moved."""
        self.load = [0] * len(self.officers)
        self.free = (1 << len(self.officers)) - 1
        """Who has load left."""
        self._reached = self._hopeless = 0

    def _put(self, task: int, officer: int) -> None:
        self.on[task] |= 1 << officer
        self.movable[task] |= 1 << officer
        self.of[officer].add(task)
        self.load[officer] += 1
        if self.load[officer] >= self.cap:
            self.free &= ~(1 << officer)

    def _take(self, task: int, officer: int) -> None:
        self.on[task] &= ~(1 << officer)
        self.movable[task] &= ~(1 << officer)
        self.of[officer].discard(task)
        self.load[officer] -= 1
        if self.load[officer] < self.cap:
            self.free |= 1 << officer

    def fix(self, task: int, officer: int) -> None:
        """The officer on the task is drawn, and stays."""
        self._hopeless = 0
        self.movable[task] &= ~(1 << officer)
        self.of[officer].discard(task)

    def complete(self) -> list[int]:
        """Fill every task; returns the tasks that cannot be filled (empty: the draw is feasible)."""
        short = []
        for task, row in enumerate(self.tasks):
            while self.on[task].bit_count() < row.need:
                free = self.eligible[task] & ~self.on[task] & self.free
                if free:
                    # the one with the least load among the free spreads work and keeps paths short
                    self._put(task, min(_bits(free), key=self.load.__getitem__))
                elif self._make_room(self.eligible[task] & ~self.on[task]):
                    self._put(task, _lowest(self.eligible[task] & ~self.on[task] & self.free))
                else:
                    short.append(task)
                    break
        return short

    def _make_room(self, starts: int) -> bool:
        """Make load free at one of the officers `starts`, moving others along one path; False if that cannot be.

        Breadth first; `came[officer]` is the task they come to and the officer who leaves it for that.
        """
        if starts & self.free:
            return True
        came: dict[int, tuple[int, int] | None] = dict.fromkeys(_bits(starts))
        queue, seen = list(came), starts
        for officer in queue:
            for task in self.of[officer]:
                fresh = self.eligible[task] & ~self.on[task] & ~seen
                if not fresh:
                    continue
                if free := fresh & self.free:
                    end = _lowest(free)
                    came[end] = (task, officer)
                    self._move_along(end, came)
                    return True
                seen |= fresh
                for found in _bits(fresh):
                    came[found] = (task, officer)
                    queue.append(found)
        self._reached = seen
        return False

    def _move_along(self, officer: int, came: dict[int, tuple[int, int] | None]) -> None:
        while step := came[officer]:
            task, leaving = step
            self._take(task, leaving)
            self._put(task, officer)
            officer = leaving

    def may_give(self, task: int, officer: int) -> bool:
        """Put the officer on the task, if that leaves all needs feasible; else change nothing."""
        bit = 1 << officer
        if self.on[task] & bit:
            return True
        if self._hopeless & bit:
            return False
        leaving = _lowest(self.movable[task])
        self._take(task, leaving)
        if self._make_room(bit):
            self._put(task, officer)
            return True
        # Nobody who was reached in vain can have this place either: they were searched from on the way.
        self._hopeless |= self._reached
        self._put(task, leaving)
        return False

    def competing(self, task: int) -> set[int]:
        """The tasks that want the same officers as a task that cannot be filled, itself among them.

        Whom a task has already is no way out; so this stops where the want stops.
        """
        tasks, officers, queue = {task}, 0, [task]
        while queue:
            number = queue.pop()
            fresh = self.eligible[number] & ~self.on[number] & ~officers
            officers |= fresh
            for officer in _bits(fresh):
                found = self.of[officer] - tasks
                tasks |= found
                queue.extend(found)
        return tasks


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _bits(bits: int) -> list[int]:
    found = []
    while bits:
        found.append(_lowest(bits))
        bits &= bits - 1
    return found


def shortages(tasks: Sequence[Task], eligibility: Sequence[Eligible], load_cap: int) -> list[Shortage]:
    """The groups of visits whose needs their eligible officers cannot fill; feasibility needs no seed."""
    matching = Matching(tasks, eligibility, load_cap)
    found: list[Shortage] = []
    covered: set[int] = set()
    for task in matching.complete():
        if task in covered:
            continue
        group = matching.competing(task)
        covered |= group
        rows = sorted(tasks[number] for number in group)
        found.append(
            Shortage(
                ", ".join(sorted({row.agency for row in rows})),
                tuple(row.visit for row in rows),
                sum(row.need for row in rows),
                sum(matching.on[number].bit_count() for number in group),
            )
        )
    return found


def check_feasible(tasks: Sequence[Task], eligibility: Sequence[Eligible], load_cap: int) -> list[Reason]:
    """Why not every need can be met, by name; asked before the seed is known."""
    return [
        _refusal(
            "draw.infeasible",
            "%(agency)s: %(need)s places are needed and %(supply)s can be filled (at most %(cap)s visits per officer); "
            "visits: %(visits)s.",
            agency=short.agency,
            need=short.need,
            supply=short.supply,
            cap=load_cap,
            visits=", ".join(short.visits[:_SHOWN]) + (" …" if len(short.visits) > _SHOWN else ""),
        )
        for short in shortages(tasks, eligibility, load_cap)
    ]


def assign(
    seed: str, tasks: Sequence[Task], eligibility: Sequence[Eligible], load_cap: int
) -> list[Assigned]:
    """The assignment: unique, recomputable, in the order in which it is made.

    ValueError if the draw is infeasible, which the freeze has refused.
    """
    turn = {row.visit: tickets.ticket_of(seed, tickets.object_label(row.visit)) for row in tasks}
    rows = sorted(tasks, key=lambda row: (turn[row.visit], row.visit, row.agency))
    matching = Matching(rows, eligibility, load_cap)
    if matching.complete():
        raise ValueError("infeasible: asked for at the freeze, by check_feasible")
    assigned: list[Assigned] = []
    for number, task in enumerate(rows):
        names = (matching.officers[bit] for bit in _bits(matching.eligible[number]))
        ranked = sorted(
            (tickets.ticket_of(seed, tickets.person_label(task.visit, name)), name) for name in names
        )
        need = task.need
        for ticket, name in ranked:
            if need and matching.may_give(number, matching.number[name]):
                matching.fix(number, matching.number[name])
                assigned.append(Assigned(task.visit, task.agency, name, ticket))
                need -= 1
    return assigned


def _refusal(code: str, sentence: str, /, **facts: object) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts)


def salt_reasons(rows: Iterable[WhyNot], salts: Iterable[str]) -> list[tuple[str, ...]]:
    """(commitment, salt, visit, agency, officer, reason), sorted: the leaves of `reasons_root` are the commitments.

    Sorting by commitment hides which officer a leaf belongs to; the salt keeps it from being guessed.
    """
    return sorted(
        (reason_commitment(salt, row), salt, row.visit, row.agency, row.officer, str(row.reason))
        for row, salt in zip(rows, salts, strict=True)
    )


def reason_commitment(salt: str, row: WhyNot) -> str:
    """What is published of one reason why an officer may not go."""
    text = "\n".join(["yicha-reason", salt, row.visit, row.agency, row.officer, str(row.reason)])
    return sha256(text.encode("utf-8")).hexdigest()
