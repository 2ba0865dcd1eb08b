"""The undisturbed list of three regions: found, reviewed at home, an objection window, listed, suspended, restored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from yicha.doors.cli.demo.eve import Eve
from yicha.doors.cli.demo.names import REGIONS
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.terms import ListingState, Trigger

FINDERS, REVIEWERS, OBJECTORS = "模拟：名单岗", "模拟：名单审核岗", "模拟：异议岗"
NOMINATED = 700
"""At most so many of those that discovery proposes are nominated."""
OBJECTIONS, ANSWERED, SUSPENDED, RESTORED = 9, 4, 6, 3
"""How many other regions object to, how many of these home answers; how many are suspended, and restored of these."""
_OBJECTIONS = (
    "我区近期收到针对该企业的举报，正在核查。（模拟）",
    "该企业在我区的门店去年有整改事项尚未复查。（模拟）",
    "该企业在我区从事需重点监管的经营活动。（模拟）",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """The protocol in numbers."""

    examined: int
    found: int
    nominated: int
    reviewed: int
    objected: int
    answered: int
    withdrawn: int
    silent: int
    suspended: int
    restored: int
    removed: int
    listed: int
    """Who is on the list in the end."""


def run(eve: Eve, seed: int) -> Listed:
    """The whole protocol, by the services that officials use."""
    rng = Random(f"listing {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    discovery = services.discover(actor=FINDERS, now=eve.discovered_at)
    nominated, reviewed = _nominate(eve)
    objected = _object(eve, rng)
    answered = _answer(eve, objected)
    silent = services.close_windows(actor=FINDERS, now=eve.closed_at).count
    silent += services.close_windows(actor=FINDERS, now=eve.closed_again_at).count
    suspended = _suspend(eve, rng)
    restored = _weigh(eve, suspended)
    return Listed(
        examined=discovery.examined,
        found=discovery.found,
        nominated=nominated,
        reviewed=reviewed,
        objected=len(objected),
        answered=answered,
        withdrawn=len(objected) - answered,
        silent=silent,
        suspended=len(suspended),
        restored=restored,
        removed=len(suspended) - restored,
        listed=queries.list_listings().filter(state=ListingState.LISTED.value).count(),
    )


def _nominate(eve: Eve) -> tuple[int, int]:
    """Those that discovery proposes are nominated and reviewed at home; how many of each."""
    candidates = queries.list_candidates()
    chosen = list(candidates.values_list("pk", flat=True)[:NOMINATED])
    if not chosen:
        return 0, 0
    nominated = services.nominate_many(
        actor=FINDERS, now=eve.nominated_at, candidates=candidates.filter(pk__in=chosen)
    )
    reviewed = services.review_many(
        actor=REVIEWERS,
        now=eve.reviewed_at,
        listings=queries.list_listings().filter(state=ListingState.NOMINATED.value),
    )
    return nominated.count, reviewed.count


def _answer(eve: Eve, objected: Sequence[Any]) -> int:
    """Home answers some objections, and takes the other listings back; how many were answered."""
    count = min(ANSWERED, (len(objected) + 1) // 2)
    for listing in objected[:count]:
        services.review_again(
            actor=REVIEWERS, now=eve.answered_at, listing=listing, reason="已核查，不影响列入。（模拟）"
        )
    for listing in objected[count:]:
        services.withdraw(actor=REVIEWERS, now=eve.answered_at, listing=listing, reason="异议成立。（模拟）")
    return count


def _weigh(eve: Eve, suspended: Sequence[Any]) -> int:
    """Home weighs what happened: some are restored, the others removed; how many were restored."""
    count = min(RESTORED, (len(suspended) + 1) // 2)
    for listing in suspended[:count]:
        services.restore(
            actor=REVIEWERS, now=eve.restored_at, listing=listing, reason="经核实，投诉不成立。（模拟）"
        )
    for listing in suspended[count:]:
        services.remove(actor=REVIEWERS, now=eve.removed_at, listing=listing, reason="问题属实。（模拟）")
    return count


def describe(listed: Listed) -> Iterator[str]:
    """The protocol in lines, as it went."""
    yield f"    {listed.found:,} found, {listed.nominated:,} nominated, {listed.reviewed:,} reviewed at home"
    yield (
        f"    {listed.objected} objections of other regions: {listed.answered} answered, {listed.withdrawn} withdrawn;"
        f" silence was consent for {listed.silent:,}"
    )
    yield (
        f"    {listed.suspended} suspended by another region's trigger: {listed.restored} restored,"
        f" {listed.removed} removed; {listed.listed:,} on the list"
    )


def _object(eve: Eve, rng: Random) -> list[Any]:
    """Other regions object to a few, each with a reason."""
    open_to = _some(ListingState.OBJECTION, OBJECTIONS, rng)
    for number, listing in enumerate(open_to):
        services.object_to(
            actor=OBJECTORS,
            now=eve.objected_at,
            listing=listing,
            region=_other(listing.region.code, number),
            reason=_OBJECTIONS[number % len(_OBJECTIONS)],
        )
    return open_to


def _suspend(eve: Eve, rng: Random) -> list[Any]:
    """Another region has verified a complaint, or punished: the listing stops everywhere at once."""
    listed = _some(ListingState.LISTED, SUSPENDED, rng)
    for number, listing in enumerate(listed):
        services.suspend(
            actor=OBJECTORS,
            now=eve.suspended_at,
            listing=listing,
            region=_other(listing.region.code, number),
            trigger=Trigger.VERIFIED_COMPLAINT if number % 2 else Trigger.PENALTY,
            reason="我区核实一起投诉。（模拟）" if number % 2 else "我区作出一起行政处罚。（模拟）",
            reference=f"模拟-{number + 1}",
        )
    return listed


def _some(state: ListingState, most: int, rng: Random) -> list[Any]:
    """A few listings in a state, one in eight at most; nobody is taken when there is nobody."""
    rows = list(queries.list_listings().filter(state=state.value).order_by("enterprise__uscc"))
    return rng.sample(rows, min(most, (len(rows) + 7) // 8))


def _other(home: str, number: int) -> str:
    others = [code for code in REGIONS if code != home]
    return others[number % len(others)]
