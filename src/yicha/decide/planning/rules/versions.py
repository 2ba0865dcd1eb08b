"""What a plan's entries were and are: how two states differ, and who may not write over what he has not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from yicha.decide.planning.terms import Change, EntryChange, EntryDraft
from yicha.kernel.refusal import Reason

Check = tuple[int, str, tuple[str, ...]]
FIELDS = tuple(field.name for field in fields(EntryDraft))
ACTS = {
    "plan.edited": "plan edited",
    "plan.imported": "workbook imported into a plan",
    "plan.merged": "plan changed by merging",
    "plan.submitted": "plan submitted",
    "plan.returned": "plan returned",
    "plan.approved": "plan approved",
    "plan.published": "plan published",
    "plan.superseded": "plan superseded",
}
"""What somebody did with a plan, in the words that the desk has for the act."""


def check_of(draft: EntryDraft) -> Check:
    """What makes two entries of a plan the same check: quarter, directory and items (a draw is made of it once)."""
    return draft.quarter, draft.directory, tuple(sorted(draft.items))


def check_repeats(drafts: Sequence[EntryDraft]) -> list[Reason]:
    """A check stands in a plan once: its draw would be refused the second time."""
    seen: dict[Check, int] = {}
    reasons = []
    for number, draft in enumerate(drafts, start=1):
        first = seen.setdefault(check_of(draft), number)
        if first != number:
            reasons.append(
                Reason(
                    "plan.entry-twice",
                    "Entry %(entry)s is the same check as entry %(first)s: same quarter, directory and items. "
                    "Make one of both.",
                    facts={"entry": number, "first": first},
                    at_field=f"entry-{number}",
                )
            )
    return reasons


def compare(before: Sequence[EntryDraft], after: Sequence[EntryDraft]) -> list[EntryChange]:
    """What was added, removed and changed. Paired: the same check, then same directory and items, then same title."""
    left, right = list(before), list(after)
    changes = []
    for same in (check_of, lambda draft: check_of(draft)[1:], lambda draft: draft.title):
        waiting: dict[Any, list[EntryDraft]] = {}
        for draft in left:
            waiting.setdefault(same(draft), []).append(draft)
        for draft in list(right):
            found = waiting.get(same(draft))
            if not found:
                continue
            former = found.pop(0)
            left.remove(former)
            right.remove(draft)
            differing = tuple(name for name in FIELDS if getattr(former, name) != getattr(draft, name))
            if differing:
                changes.append(EntryChange(Change.CHANGED, former, draft, differing))
    changes += [EntryChange(Change.ADDED, None, draft) for draft in right]
    changes += [EntryChange(Change.REMOVED, draft, None) for draft in left]
    return changes


def check_revision(read: int, now: int, since: Iterable[Mapping[str, Any]]) -> list[Reason]:
    """Nobody writes over what he has not read. `since` are the acts after the revision that was read, the oldest first.

    Each act is (`who`, `when`, `act`, `titles`: names of the entries it touched).
    """
    if read == now:
        return []
    reasons = [
        Reason(
            "plan.changed-meanwhile",
            "%(who)s changed this plan at %(when)s (%(act)s): %(what)s. Nothing of yours was written; compare both and "
            "save again.",
            facts={
                "who": act["who"],
                "when": act["when"],
                "act": ACTS.get(act["act"], act["act"]),
                "what": "、".join(act["titles"]) or "–",
            },
        )
        for act in since
    ]
    return reasons or [
        Reason(
            "plan.changed-meanwhile",
            "This plan has changed since you read it. Nothing of yours was written; read it again.",
        )
    ]
