"""Who must sign, when an agreement holds, who may rule: decided from facts alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.agreement.terms import (
    AgreementDraft,
    AgreementFacts,
    AgreementState,
    AssistanceFacts,
    AssistanceState,
    ConflictFiling,
    ConflictState,
    EquivalenceFacts,
    EquivalenceState,
    RulingOutcome,
    RulingState,
    Share,
    VersionFacts,
)

SOURCE = "docs/guide/agreements.md"
ASSISTANCE_SOURCE = "四平 十严禁"
_S, _A, _C = AgreementState, AssistanceState, ConflictState
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
ASSISTANCE_LIFE: Transitions[AssistanceState] = Transitions(
    "assistance",
    {
        "grant": (frozenset({_A.ASKED}), _A.GRANTED),
        "decline": (frozenset({_A.ASKED}), _A.DECLINED),
        "withdraw": (frozenset({_A.ASKED, _A.GRANTED}), _A.WITHDRAWN),
        "revoke": (frozenset({_A.GRANTED}), _A.REVOKED),
    },
)
CONFLICT_LIFE: Transitions[ConflictState] = Transitions(
    "conflict",
    {
        "rule": (frozenset({_C.FILED, _C.RULED}), _C.RULED),
        "withdraw": (frozenset({_C.FILED}), _C.WITHDRAWN),
    },
)
RULING_LIFE: Transitions[RulingState] = Transitions(
    "ruling", {"set-aside": (frozenset({RulingState.BINDS}), RulingState.SET_ASIDE)}
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


def check_assistance(facts: AssistanceFacts, today: date, filing_days: int) -> Iterator[Reason]:
    """Why consent cannot be asked for. Siping: an inspection outside one's region is filed within so many days."""
    if not facts.place_regions:
        yield Reason(
            "assistance.place-unknown",
            "The region of this enterprise is not known; correct its address first.",
            ASSISTANCE_SOURCE,
            at_field="uscc",
        )
    if facts.agency_region in facts.place_regions:
        yield Reason(
            "assistance.own-region",
            "The enterprise is in your own region: no consent is needed.",
            ASSISTANCE_SOURCE,
            at_field="uscc",
        )
    if not facts.purpose.strip():
        yield Reason("assistance.no-purpose", "Say what for.", ASSISTANCE_SOURCE, at_field="purpose")
    if facts.until_on < facts.from_on:
        yield Reason(
            "assistance.ends-before-it-begins",
            "The last day comes before the first.",
            ASSISTANCE_SOURCE,
            at_field="until_on",
        )
    if (today - facts.from_on).days > filing_days:
        yield Reason(
            "assistance.filed-too-late",
            "It began more than %(days)s days ago: it had to be filed with the other region within these.",
            ASSISTANCE_SOURCE,
            {"days": filing_days},
            "from_on",
        )


def check_filing(filing: ConflictFiling) -> Iterator[Reason]:
    """Why this is no conflict of standards: it names two texts, and what shows them."""
    if not filing.title.strip():
        yield Reason("conflict.no-title", "Give the conflict a title.", SOURCE, at_field="title")
    for side, name in ((filing.a, "a"), (filing.b, "b")):
        if not side.words.strip():
            yield Reason(
                "conflict.no-words", "Quote what each of the two says.", SOURCE, at_field=f"{name}_words"
            )
    if not filing.evidence.strip():
        yield Reason(
            "conflict.no-evidence",
            "Say what shows it: a document with its number, a record of a visit.",
            SOURCE,
            at_field="evidence",
        )
    if (filing.a.item, filing.a.agency) == (filing.b.item, filing.b.agency):
        yield Reason(
            "conflict.one-side",
            "Name two items, or two agencies that read the same item differently.",
            SOURCE,
            at_field="b_item",
        )


def check_ruling(
    actor: str, filed_by: str, words: str, outcome: RulingOutcome, same: bool
) -> Iterator[Reason]:
    """Why this ruling cannot be given. `same`: both sides read the same version of one item."""
    if actor == filed_by:
        yield Reason("conflict.own-filing", "Who filed a conflict does not rule on it.", SOURCE)
    if not words.strip():
        yield Reason("conflict.no-ruling", "Write down the ruling.", SOURCE, at_field="words")
    if same and outcome is RulingOutcome.NEITHER_HOLDS:
        yield Reason(
            "conflict.same-text",
            "Both read the same text: say whose reading holds; a text that is wrong is retired in the catalogue.",
            SOURCE,
            at_field="outcome",
        )


def find_yielding(outcome: RulingOutcome, a: int, b: int) -> frozenset[int]:
    """The item versions that must not be checked any more; what also holds never yields."""
    yielding = {
        RulingOutcome.A_HOLDS: {b},
        RulingOutcome.B_HOLDS: {a},
        RulingOutcome.BOTH_HOLD: set[int](),
        RulingOutcome.NEITHER_HOLDS: {a, b},
    }[outcome]
    return frozenset() if a == b else frozenset(yielding)
