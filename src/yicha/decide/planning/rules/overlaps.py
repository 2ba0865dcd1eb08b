"""Entries of different plans that reach the same enterprises: which ones, how badly, and what was decided."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime

from yicha.decide.planning.rules.versions import check_of
from yicha.decide.planning.terms import EntryDraft, Meeting, OverlapChoice, OverlapState, Ruling, Side
from yicha.kernel.refusal import Reason

NEEDS_DECISION = (OverlapState.OPEN, OverlapState.BROKEN)


def entry_key(plan: str, draft: EntryDraft) -> str:
    """The name of a check that outlives a version of its plan: its code with quarter, directory and items."""
    quarter, directory, items = check_of(draft)
    text = "\n".join(["yicha-check", plan, str(quarter), directory, *items])
    return hashlib.sha256(text.encode()).hexdigest()


def shared_days(first: Side, second: Side) -> int:
    """How many days two windows have in common."""
    start, end = max(first.window_from, second.window_from), min(first.window_to, second.window_to)
    return max(0, (end - start).days + 1)


def common_window(first: Side, second: Side) -> tuple[date, date] | None:
    """The days that two windows share, or None."""
    if not shared_days(first, second):
        return None
    return max(first.window_from, second.window_from), min(first.window_to, second.window_to)


def find_meetings(
    sides: Sequence[Side], shared: Callable[[int, int], int], both: Callable[[int, int], float]
) -> list[Meeting]:
    """Pairs of entries of different plans, in the same or in neighbouring quarters, that share enterprises.

    `shared` and `both` say of two sides by position how many enterprises they share, and how many of these are likely
    to be drawn by both. The worst come first.
    """
    found = []
    for i, first in enumerate(sides):
        for j in range(i + 1, len(sides)):
            second = sides[j]
            if first.plan == second.plan or abs(first.quarter - second.quarter) > 1:
                continue
            if count := shared(i, j):
                found.append(Meeting(first, second, count, both(i, j), shared_days(first, second)))
    return sorted(found, key=lambda row: (-row.both, -row.shared, row.first.key, row.second.key))


def state_of(meeting: Meeting, ruling: Ruling | None, *, most: int, common: int) -> OverlapState:
    """Where an overlap stands.

    Windows that share `common` days, or the whole of the shorter one, are joined by matching. Apart from these, up to
    `most` enterprises drawn by both, and entries of neighbouring quarters, need no decision; they may have one.
    """
    shorter = min((side.window_to - side.window_from).days + 1 for side in (meeting.first, meeting.second))
    joined = meeting.days >= min(common, shorter)
    if ruling is not None:
        holds = ruling.choice is OverlapChoice.APART or (ruling.choice is OverlapChoice.TOGETHER and joined)
        return OverlapState.RULED if holds else OverlapState.BROKEN
    if joined:
        return OverlapState.JOINED
    if meeting.first.quarter != meeting.second.quarter:
        return OverlapState.NEAR
    return OverlapState.SMALL if meeting.both <= most else OverlapState.OPEN


def check_open(
    rows: Iterable[tuple[Meeting, OverlapState, bool]], plans: Collection[str], source: str = ""
) -> list[Reason]:
    """Overlaps that wait for a decision and stand against publishing these plans.

    Each row says whether the other side is published too: a plan that may still change holds nobody up.
    """
    return [
        Reason(
            "plan.overlap-open",
            "About %(count)s enterprises would be drawn by entry %(entry)s of %(plan)s and by entry %(other)s of "
            "%(theirs)s on different days of one quarter; the coordination office decides on the merge page.",
            source=source,
            facts={
                "count": round(meeting.both),
                "entry": meeting.first.entry,
                "plan": meeting.first.plan,
                "other": meeting.second.entry,
                "theirs": meeting.second.plan,
            },
        )
        for meeting, state, is_final in rows
        if state in NEEDS_DECISION and is_final and {meeting.first.plan, meeting.second.plan} & set(plans)
    ]


def check_ruling(
    choice: OverlapChoice,
    because: str,
    window: tuple[date, date] | None,
    fixed: Sequence[Side],
    sides: Sequence[Side],
) -> list[Reason]:
    """What a resolution must say. `fixed` are the sides whose plan may no longer be changed."""
    if choice is OverlapChoice.APART:
        if because.strip():
            return []
        return [Reason("overlap.reason", "Say why both are needed on different days.", at_field="because")]
    if choice is OverlapChoice.DROPPED:
        return [_fixed(sides[1], "second")] if sides[1] in fixed else []
    if window is None:
        return [
            Reason("overlap.window", "Say within which days both are checked.", at_field="window_from"),
        ]
    reasons = [_fixed(side, "window_from") for side in fixed if (side.window_from, side.window_to) != window]
    if window[0] > window[1]:
        reasons.append(
            Reason("overlap.window-order", "The last day lies before the first.", at_field="window_to")
        )
    return reasons


def check_read(standing: Ruling | None, read_at: datetime | None) -> list[Reason]:
    """Nobody decides over a decision that he has not read: `read_at` is when the one was made that he read, if any."""
    if standing is None or standing.at == read_at:
        return []
    return [
        Reason(
            "overlap.ruled-meanwhile",
            "%(who)s has resolved this overlap meanwhile. Open the page anew, and read how and why before you decide "
            "otherwise.",
            facts={"who": standing.by},
        )
    ]


def _fixed(side: Side, at_field: str) -> Reason:
    return Reason(
        "overlap.plan-fixed",
        "%(plan)s is approved or published, so its entry stays as it is; choose its window, or amend it first.",
        facts={"plan": side.plan},
        at_field=at_field,
    )
