"""When another region may be asked for consent to inspect in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.agreement.terms import AssistanceFacts, AssistanceState

ASSISTANCE_SOURCE = "四平 十严禁"
_A = AssistanceState

ASSISTANCE_LIFE: Transitions[AssistanceState] = Transitions(
    "assistance",
    {
        "grant": (frozenset({_A.ASKED}), _A.GRANTED),
        "decline": (frozenset({_A.ASKED}), _A.DECLINED),
        "withdraw": (frozenset({_A.ASKED, _A.GRANTED}), _A.WITHDRAWN),
        "revoke": (frozenset({_A.GRANTED}), _A.REVOKED),
    },
)


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
