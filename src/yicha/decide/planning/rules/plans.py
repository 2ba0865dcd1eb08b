"""What a plan must be before it may go on; which steps it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from yicha.decide.planning.terms import EntryDraft, PlanOwner, PlanState, RoundState, StratumCount
from yicha.kernel import cells
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions

PLAN_LIFE: Transitions[PlanState] = Transitions(
    "plan",
    {
        "edit": (frozenset({PlanState.DRAFT}), PlanState.DRAFT),
        "comment": (frozenset({PlanState.SUBMITTED}), PlanState.SUBMITTED),
        "submit": (frozenset({PlanState.DRAFT}), PlanState.SUBMITTED),
        "return": (frozenset({PlanState.SUBMITTED}), PlanState.DRAFT),
        "approve": (frozenset({PlanState.SUBMITTED}), PlanState.APPROVED),
        "publish": (frozenset({PlanState.APPROVED}), PlanState.PUBLISHED),
        "amend": (frozenset({PlanState.PUBLISHED}), PlanState.PUBLISHED),
        "supersede": (frozenset({PlanState.PUBLISHED}), PlanState.SUPERSEDED),
    },
)

_OPEN = frozenset(RoundState) - {RoundState.STAFFING, RoundState.CLOSED}
"""A late draw opens a quarter again: its demands are matched and staffed as the others were."""

ROUND_LIFE: Transitions[RoundState] = Transitions(
    "round",
    {
        "draw": (_OPEN, RoundState.DRAWING),
        "collect": (_OPEN, RoundState.COLLECTED),
        "match": (
            frozenset({RoundState.DRAWING, RoundState.COLLECTED, RoundState.MATCHED}),
            RoundState.MATCHED,
        ),
        "reopen": (
            frozenset({RoundState.MATCHED, RoundState.STAFFED, RoundState.COLLECTED, RoundState.DRAWING}),
            RoundState.COLLECTED,
        ),
        "staff": (frozenset({RoundState.MATCHED}), RoundState.STAFFING),
        "freeze-staffing": (frozenset({RoundState.STAFFING}), RoundState.STAFFING),
        "stop-staffing": (frozenset({RoundState.STAFFING}), RoundState.MATCHED),
        "assign": (frozenset({RoundState.STAFFING}), RoundState.STAFFED),
        "close": (
            frozenset({RoundState.STAFFED, RoundState.MATCHED, RoundState.COLLECTED}),
            RoundState.CLOSED,
        ),
    },
)


def after_giving_back(state: RoundState) -> RoundState:
    """The state of a round some of whose demands wait again: it can be matched, and is not set back further."""
    acts = ROUND_LIFE.acts_from(state)
    return ROUND_LIFE.after(state, "reopen") if "match" not in acts and "reopen" in acts else state


def quarter_dates(year: int, quarter: int) -> tuple[date, date]:
    """The first and the last day of a quarter."""
    first = date(year, 3 * quarter - 2, 1)
    following = date(year + quarter // 4, 3 * (quarter % 4) + 1, 1)
    return first, following - timedelta(days=1)


def plan_due(year: int, month_and_day: Decimal) -> date:
    """The day by which a year's plan is published; 331 means 31 March (津政规〔2025〕1号)."""
    month, day = divmod(int(month_and_day), 100)
    return date(year, month, day)


def plan_code(year: int, owner: PlanOwner) -> str:
    """The official code of an owner's plan.

    A zone and a region may have one code (110302 is both), so a list in a zone is written with an `@`, which no code of
    a list or an agency has: `2026-catering@110302` is the zone's plan, `2026-catering-110302` the region's.
    """
    if owner.agency:
        return f"{year}-{owner.agency}"
    return f"{year}-{owner.joint_list}" + (f"@{owner.zone}" if owner.zone else f"-{owner.region}")


def check_owner(owner: PlanOwner) -> list[Reason]:
    """A plan is of one agency, or of a joint list in exactly one region or zone."""
    places = bool(owner.region) + bool(owner.zone)
    if owner.agency and not owner.joint_list and not places:
        return []
    if owner.joint_list and not owner.agency and places == 1:
        return []
    return [
        Reason(
            "plan.owner",
            "A plan belongs to one agency, or to one joint list in one region or zone.",
            at_field="owner",
        )
    ]


def check_entry(number: int, draft: EntryDraft, owner: PlanOwner, year: int) -> list[Reason]:
    """What an entry must say: a quarter, a window inside it, and a joint list or items, never both."""
    at_field = f"entry-{number}"
    if draft.quarter not in (1, 2, 3, 4):
        return [
            Reason(
                "plan.quarter", "Entry %(entry)s: a quarter is 1, 2, 3 or 4.", "", {"entry": number}, at_field
            )
        ]
    reasons = []
    if draft.title and (wrong := check_title(draft.title)):
        reasons.append(wrong)
    first, last = quarter_dates(year, draft.quarter)
    start, end = draft.window_from or first, draft.window_to or last
    if not first <= start <= end <= last:
        reasons.append(
            Reason(
                "plan.window",
                "Entry %(entry)s: the window must lie within %(first)s and %(last)s.",
                facts={"entry": number, "first": first.isoformat(), "last": last.isoformat()},
                at_field=at_field,
            )
        )
    if bool(owner.joint_list) == bool(draft.items):
        reasons.append(
            Reason(
                "plan.list-or-items",
                "Entry %(entry)s: name the items to check, or take a joint list; one of the two.",
                facts={"entry": number},
                at_field=at_field,
            )
        )
    return reasons


LONGEST_TITLE = 200
"""So many characters the title of a plan or of an entry has at most; longer ones no page and no document holds."""


def check_length(title: str) -> list[Reason]:
    """A title that is too long is refused with its length, not cut."""
    length = len(title.strip())
    if length <= LONGEST_TITLE:
        return []
    return [
        Reason(
            "plan.title-long",
            "A title has at most %(most)s characters, this one has %(count)s; shorten it.",
            facts={"most": LONGEST_TITLE, "count": length},
            at_field="title",
        )
    ]


def check_title(title: str) -> Reason | None:
    """A name that a table can hold: not too long, no mark of emptiness, and nothing that a spreadsheet would run."""
    if too_long := check_length(title):
        return too_long[0]
    if cells.is_empty_mark(title) or cells.is_formula(title):
        return Reason(
            "plan.title",
            "“%(title)s” cannot be the name of an entry: in a table it would mean something else.",
            facts={"title": title},
            at_field="title",
        )
    return None


def check_items(number: int, items: Iterable[tuple[str, str]], kinds: Iterable[str]) -> list[Reason]:
    """An agency plans only items of its own kind. `items` are (code, kind of agency)."""
    allowed = set(kinds)
    return [
        Reason(
            "plan.item-of-other-agency",
            "Entry %(entry)s: item %(item)s belongs to another kind of agency.",
            source="权责清单",
            facts={"entry": number, "item": code},
            at_field=f"entry-{number}",
        )
        for code, kind in items
        if kind not in allowed
    ]


def check_submission(entries: Sequence[tuple[int, int, Sequence[str], Sequence[str]]]) -> list[Reason]:
    """What is missing before a plan may be submitted.

    Each entry is (number, population, classes without a rate, items without a published version).
    """
    reasons = check_filled(len(entries))
    for number, population, without_rate, unpublished in entries:
        if not population:
            reasons.append(
                Reason(
                    "plan.population-empty",
                    "Entry %(entry)s: nobody is in this directory at this place.",
                    facts={"entry": number},
                )
            )
        reasons += [
            Reason(
                "plan.rate-missing",
                "Entry %(entry)s: no rate is in force for a class that has members; add the row with its source.",
                source="国市监信发〔2022〕6号",
                facts={"entry": number, "class": letter},
            )
            for letter in without_rate[:1]
        ]
        reasons += [
            Reason(
                "plan.item-unpublished",
                "Entry %(entry)s: item %(item)s has no published version in force; publish it or leave it out.",
                source="国办发〔2024〕54号",
                facts={"entry": number, "item": item},
            )
            for item in unpublished
        ]
    return reasons


def check_filled(entries: int) -> list[Reason]:
    """An empty plan is neither submitted nor approved."""
    if entries:
        return []
    return [Reason("plan.empty", "A plan needs at least one entry; add what is to be checked.")]


def check_comment(text: str, *, concerned: bool, there: bool) -> list[Reason]:
    """A comment says something, of a plan that concerns the agency and is not its own, of an entry that is there."""
    reasons = []
    if not concerned:
        reasons.append(
            Reason(
                "comment.not-concerned",
                "Only other agencies of the plan's places comment on it.",
                at_field="agency",
            )
        )
    if not text.strip():
        reasons.append(Reason("comment.empty", "Write something.", at_field="text"))
    if not there:
        reasons.append(Reason("comment.no-entry", "There is no such entry.", at_field="entry_number"))
    return reasons


def check_approval(submitted_by: str, actor: str) -> list[Reason]:
    """Nobody approves what he submitted himself: prior approval is by the agency's head (司法部问题解答)."""
    if submitted_by and submitted_by == actor:
        return [
            Reason(
                "plan.own-approval",
                "Who submitted a plan cannot approve it; ask somebody who may.",
                source="司法部问题解答",
            )
        ]
    return []


def expected_quotas(strata: Sequence[tuple[StratumCount, Decimal]]) -> dict[tuple[str, str], int]:
    """How many objects each (region, class) is expected to draw: the rounding of the draw itself (yicha-draw/1).

    The whole parts first; what is left of the rounded total goes to the largest remainders; a stratum with a rate
    above zero and members draws at least one.
    """
    exact = {(row.region, row.risk_class): row.size * rate for row, rate in strata}
    quotas = {key: int(value) for key, value in exact.items()}
    total = int(sum(exact.values(), Decimal(0)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    left = total - sum(quotas.values())
    by_remainder = sorted(exact, key=lambda key: (quotas[key] - exact[key], key))
    for key in by_remainder[:left]:
        quotas[key] += 1
    return {key: quotas[key] or int(exact[key] > 0) for key in exact}


def lead_of(lists: Mapping[str, tuple[str, int]], shares: Mapping[str, tuple[str, int]]) -> str:
    """The lead agency of a visit.

    `lists`: joint list → (kind of agency that leads it, its items in this visit). `shares`: agency → (kind, items).
    The lead of the joint list with most items leads, ties by the list's code; where it takes no part, or no list is
    involved, the agency with most items, ties by code.
    """
    for _code, (kind, _count) in sorted(lists.items(), key=lambda row: (-row[1][1], row[0])):
        own = sorted(agency for agency, (agency_kind, _items) in shares.items() if agency_kind == kind)
        if own:
            return own[0]
    return min(shares, key=lambda agency: (-shares[agency][1], agency))
