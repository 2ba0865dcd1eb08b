"""The undisturbed list of three regions: found, reviewed at home, an objection window, listed, suspended, restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from yicha.doors.cli.demo.eve import Eve
from yicha.doors.cli.demo.names import REGIONS
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.terms import Done, ListingState, Trigger

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
    candidates = queries.list_candidates()
    chosen = list(candidates.values_list("pk", flat=True)[:NOMINATED])
    nominated = (
        services.nominate_many(
            actor=FINDERS, now=eve.nominated_at, candidates=candidates.filter(pk__in=chosen)
        )
        if chosen
        else Done(0)
    )
    reviewed = services.review_many(
        actor=REVIEWERS,
        now=eve.reviewed_at,
        listings=queries.list_listings().filter(state=ListingState.NOMINATED.value),
    )
    objected = _object(eve, rng)
    answered = objected[: min(ANSWERED, len(objected) // 2)]
    for listing in answered:
        services.review_again(
            actor=REVIEWERS, now=eve.answered_at, listing=listing, reason="已核查，不影响列入。（模拟）"
        )
    for listing in objected[len(answered) :]:
        services.withdraw(actor=REVIEWERS, now=eve.answered_at, listing=listing, reason="异议成立。（模拟）")
    silent = services.close_windows(actor=FINDERS, now=eve.closed_at).count
    silent += services.close_windows(actor=FINDERS, now=eve.closed_again_at).count
    suspended = _suspend(eve, rng)
    restored = suspended[: min(RESTORED, len(suspended) // 2)]
    for listing in restored:
        services.restore(
            actor=REVIEWERS, now=eve.restored_at, listing=listing, reason="经核实，投诉不成立。（模拟）"
        )
    for listing in suspended[len(restored) :]:
        services.remove(actor=REVIEWERS, now=eve.removed_at, listing=listing, reason="问题属实。（模拟）")
    return Listed(
        examined=discovery.examined,
        found=discovery.found,
        nominated=nominated.count,
        reviewed=reviewed.count,
        objected=len(objected),
        answered=len(answered),
        withdrawn=len(objected) - len(answered),
        silent=silent,
        suspended=len(suspended),
        restored=len(restored),
        removed=len(suspended) - len(restored),
        listed=queries.list_listings().filter(state=ListingState.LISTED.value).count(),
    )


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
    rows = list(queries.list_listings().filter(state=state.value).order_by("enterprise__uscc"))
    return rng.sample(rows, min(most, len(rows)))


def _other(home: str, number: int) -> str:
    others = [code for code in REGIONS if code != home]
    return others[number % len(others)]
