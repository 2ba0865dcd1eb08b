"""Who must sign, when an agreement holds, what counts as the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.agreement.terms import (
    AgreementDraft,
    AgreementFacts,
    AgreementState,
    EquivalenceFacts,
    EquivalenceState,
    Share,
    VersionFacts,
)

SOURCE = "docs/guide/agreements.md"
_S = AgreementState
_DAY = timedelta(days=1)

LIFE: Transitions[AgreementState] = Transitions(
    "agreement",
    {
        "edit": (frozenset({_S.DRAFT}), _S.DRAFT),
        "offer": (frozenset({_S.DRAFT}), _S.OFFERED),
        "sign": (frozenset({_S.OFFERED}), _S.OFFERED),
        "complete": (frozenset({_S.OFFERED}), _S.SIGNED),
        "withdraw-signature": (frozenset({_S.OFFERED, _S.SIGNED}), _S.OFFERED),
        "begin": (frozenset({_S.SIGNED}), _S.IN_FORCE),
        "give-notice": (frozenset({_S.IN_FORCE}), _S.IN_FORCE),
        "new-version": (frozenset({_S.IN_FORCE}), _S.IN_FORCE),
        "end": (frozenset({_S.IN_FORCE, _S.SIGNED}), _S.ENDED),
        "supersede": (frozenset({_S.IN_FORCE, _S.SIGNED}), _S.SUPERSEDED),
        "withdraw": (frozenset({_S.DRAFT, _S.OFFERED}), _S.WITHDRAWN),
    },
)
EQUIVALENCE_LIFE: Transitions[EquivalenceState] = Transitions(
    "equivalence", {"end": (frozenset({EquivalenceState.HOLDS}), EquivalenceState.ENDED)}
)


def check_draft(draft: AgreementDraft) -> Iterator[Reason]:
    """Why this cannot be an agreement."""
    if not draft.name.strip():
        yield Reason("agreement.no-name", "Give the agreement a name.", SOURCE, at_field="name")
    if not draft.text.strip():
        yield Reason("agreement.no-text", "Write down what is agreed.", SOURCE, at_field="text")
    if len(draft.regions) < 2:
        yield Reason(
            "agreement.one-region",
            "An agreement is between two regions at least.",
            SOURCE,
            at_field="regions",
        )
    unknown = sorted(draft.shares - set(Share))
    if not draft.shares or unknown:
        yield Reason(
            "agreement.no-share",
            "Say what is shared: results, the undisturbed list, or assistance.",
            SOURCE,
            at_field="shares",
        )
    if draft.valid_until is not None and draft.valid_until < draft.valid_from:
        yield Reason(
            "agreement.ends-before-it-begins",
            "The last day comes before the first.",
            SOURCE,
            at_field="valid_until",
        )


def check_offer(version: VersionFacts, others: Iterable[VersionFacts], today: date) -> Iterator[Reason]:
    """Why a draft cannot be offered for signature: what has passed cannot be agreed, and versions follow each other."""
    until = version.draft.valid_until
    if until is not None and until < today:
        yield Reason(
            "agreement.has-passed",
            "The last day %(until)s has passed; correct it first.",
            SOURCE,
            {"until": until.isoformat()},
            "valid_until",
        )
    for other in others:
        follows = other.version < version.version and other.begins_on is not None
        if follows and other.begins_on is not None and version.draft.valid_from <= other.begins_on:
            yield Reason(
                "agreement.versions-overlap",
                "Version %(version)s holds from %(day)s on: the next one begins later.",
                SOURCE,
                {"version": other.version, "day": other.begins_on.isoformat()},
                "valid_from",
            )


def list_signers(version: VersionFacts, others: Iterable[VersionFacts]) -> frozenset[str]:
    """The regions that must sign: all members, and members of the version that it takes the place of.

    Nobody leaves an agreement, or is left out of it, without a signature.
    """
    former = [
        one for one in others if one.state in (_S.SIGNED, _S.IN_FORCE) and one.version < version.version
    ]
    return version.draft.regions.union(*(one.draft.regions for one in former))


def check_signature(version: VersionFacts, region: str) -> Iterator[Reason]:
    """Why this region cannot sign."""
    if region not in version.must_sign:
        yield _no_member(region)
    elif region in version.signed:
        yield Reason(
            "agreement.signed-already", "%(region)s has signed.", SOURCE, {"region": region}, "region"
        )


def check_withdrawal(version: VersionFacts, region: str, today: date) -> Iterator[Reason]:
    """Why this region cannot take its signature back: what holds is ended by notice."""
    if version.begins_on is not None and version.begins_on <= today:
        yield Reason(
            "agreement.has-begun",
            "It holds since %(day)s: give notice instead.",
            SOURCE,
            {"day": version.begins_on.isoformat()},
        )
    if region not in version.must_sign:
        yield _no_member(region)
    elif region not in version.signed:
        yield Reason(
            "agreement.not-signed", "%(region)s has not signed.", SOURCE, {"region": region}, "region"
        )


def check_new_version(version: VersionFacts, versions: Iterable[VersionFacts]) -> Iterator[Reason]:
    """Why no next version can be begun: one at a time."""
    on_their_way = (_S.DRAFT, _S.OFFERED, _S.SIGNED)
    for other in versions:
        if other.version > version.version and other.state in on_their_way:
            yield Reason(
                "agreement.version-on-its-way",
                "Version %(version)s is on its way; finish or withdraw it first.",
                SOURCE,
                {"version": other.version},
            )


def next_draft(version: VersionFacts, today: date) -> AgreementDraft:
    """The draft of the next version: the same words, from tomorrow on, or the day after this one begins."""
    begins = max(today, version.begins_on or today) + _DAY
    until = version.draft.valid_until
    return replace(version.draft, valid_from=begins, valid_until=None if until and until < begins else until)


def signed_text(draft: AgreementDraft) -> dict[str, JSON]:
    """All that is signed, as a value with one canonical form: its hash stands beside every signature."""
    return {
        "name": draft.name,
        "text": draft.text,
        "regions": sorted(draft.regions),
        "shares": sorted(draft.shares),
        "kinds": sorted(draft.kinds),
        "items": sorted(draft.items),
        "valid_from": draft.valid_from.isoformat(),
        "valid_until": draft.valid_until.isoformat() if draft.valid_until else "",
        "notice_days": draft.notice_days,
    }


def _no_member(region: str) -> Reason:
    return Reason(
        "agreement.not-a-member",
        "%(region)s is no member of this agreement.",
        SOURCE,
        {"region": region},
        "region",
    )


def find_first_day(version: VersionFacts) -> date | None:
    """The day from which a version holds: its first day, or the day of the last signature if that is later."""
    if not version.must_sign or version.must_sign - set(version.signed):
        return None
    return max(version.draft.valid_from, *version.signed.values())


def find_last_day(version: VersionFacts, others: Iterable[VersionFacts]) -> date | None:
    """The last day of a version: as agreed, after notice, or the day before the next version begins."""
    days = [version.draft.valid_until, version.notice_until]
    days += [
        other.begins_on - _DAY
        for other in others
        if other.version > version.version and other.begins_on is not None
    ]
    return min((day for day in days if day is not None), default=None)


def list_periods(versions: Sequence[VersionFacts]) -> list[AgreementFacts]:
    """All versions that everybody signed, with the days on which they hold. No two of a code share a day."""
    found = []
    for version in versions:
        others = [one for one in versions if one.code == version.code]
        until = find_last_day(version, others)
        if version.begins_on is None or (until is not None and until < version.begins_on):
            continue
        found.append(
            AgreementFacts(
                code=version.code,
                version=version.version,
                name=version.draft.name,
                regions=version.draft.regions,
                kinds=version.draft.kinds,
                items=version.draft.items,
                shares=version.draft.shares,
                valid_from=version.begins_on,
                valid_until=until,
            )
        )
    return found


def is_in_force(agreement: AgreementFacts, on: date) -> bool:
    """Whether an agreement holds on a day; both ends belong to it."""
    return agreement.valid_from <= on and (agreement.valid_until is None or on <= agreement.valid_until)


def find_turn(version: VersionFacts, others: Sequence[VersionFacts], today: date) -> str | None:
    """The act that a new day brings: "supersede", "end", "begin", or none."""
    if version.state not in (_S.SIGNED, _S.IN_FORCE):
        return None
    later = (one.begins_on for one in others if one.version > version.version)
    if any(day is not None and day <= today for day in later):
        return "supersede"
    last = find_last_day(version, others)
    if last is not None and last < today:
        return "end"
    begun = version.begins_on is not None and version.begins_on <= today
    return "begin" if begun and version.state is _S.SIGNED else None


def check_notice(
    version: VersionFacts, region: str, last_on: date, today: date, reason: str
) -> Iterator[Reason]:
    """Why notice cannot be given: only by a member, with a reason, and in time."""
    if region not in version.draft.regions:
        yield _no_member(region)
    if not reason.strip():
        yield Reason("agreement.no-reason", "Give the reason.", SOURCE, at_field="reason")
    if version.notice_until is not None:
        yield Reason(
            "agreement.notice-given-already",
            "Notice was given already; the agreement ends after %(day)s.",
            SOURCE,
            {"day": version.notice_until.isoformat()},
        )
    earliest = today + timedelta(days=version.draft.notice_days)
    if last_on < earliest:
        yield Reason(
            "agreement.notice-too-short",
            "Notice of %(days)s days was agreed: the last day is %(day)s at the earliest.",
            SOURCE,
            {"days": version.draft.notice_days, "day": earliest.isoformat()},
            "last_on",
        )


def check_equivalence(
    facts: EquivalenceFacts, version: VersionFacts, kinds: Collection[str], known: Iterable[EquivalenceFacts]
) -> Iterator[Reason]:
    """Why two items cannot count as the same under an agreement. `kinds`: the kinds of agency of the two items."""
    if version.begins_on is None or version.state not in (_S.SIGNED, _S.IN_FORCE):
        yield Reason(
            "equivalence.not-signed",
            "Standards are recognised under an agreement that everybody has signed.",
            SOURCE,
        )
    if facts.own.region == facts.other.region or facts.own.item == facts.other.item:
        yield Reason(
            "equivalence.same",
            "Two different items of two regions are recognised; the same item counts in every member region.",
            SOURCE,
            at_field="other_item",
        )
    for region in sorted({facts.own.region, facts.other.region} - version.draft.regions):
        yield Reason(
            "equivalence.not-a-member",
            "%(region)s is no member of this agreement.",
            SOURCE,
            {"region": region},
            "other_region",
        )
    if _outside({facts.own.item, facts.other.item}, version.draft.items) or _outside(
        kinds, version.draft.kinds
    ):
        yield Reason(
            "equivalence.not-covered",
            "The agreement does not cover both items.",
            SOURCE,
            at_field="own_item",
        )
    if any(_says_the_same(facts, one) for one in known):
        yield Reason("equivalence.known", "This is recognised already.", SOURCE, at_field="other_item")


def _outside(wanted: Collection[str], allowed: frozenset[str]) -> bool:
    return bool(allowed) and not allowed.issuperset(wanted)


def _says_the_same(facts: EquivalenceFacts, other: EquivalenceFacts) -> bool:
    forward = (other.own, other.other) == (facts.own, facts.other)
    backward = other.both_ways and (other.other, other.own) == (facts.own, facts.other)
    return (forward or backward) and (other.both_ways or not facts.both_ways)
