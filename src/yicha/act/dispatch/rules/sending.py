"""When a visit may be sent out, approved, announced and withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from yicha.act.dispatch.terms import Assent, DispatchState, OfficerFacts, VisitFacts
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions

LIFE: Transitions[DispatchState] = Transitions(
    "dispatch",
    {
        "approve": (frozenset({DispatchState.PREPARED}), DispatchState.PREPARED),
        "complete": (frozenset({DispatchState.PREPARED}), DispatchState.APPROVED),
        "notify": (frozenset({DispatchState.APPROVED}), DispatchState.NOTIFIED),
        "make-ready": (frozenset({DispatchState.APPROVED}), DispatchState.READY),
        "notify-again": (frozenset({DispatchState.NOTIFIED}), DispatchState.NOTIFIED),
        "withdraw": (
            frozenset(
                {
                    DispatchState.PREPARED,
                    DispatchState.APPROVED,
                    DispatchState.NOTIFIED,
                    DispatchState.READY,
                }
            ),
            DispatchState.WITHDRAWN,
        ),
    },
)
"""`approve`: one head of several; `complete`: the last of them (prior approval: 司法部问题解答)."""

TWO_OFFICERS = "行政处罚法 第四十二条"
PRIOR_APPROVAL = "司法部问题解答"
_ASSENTS = {Assent.ACCEPTED, Assent.ITSELF}


def check_prepare(facts: VisitFacts, today: date, least: int) -> list[Reason]:
    """Why a visit cannot be sent out now; `least` is how many officers an agency sends."""
    who = {"enterprise": facts.enterprise}
    if not facts.is_planned:
        return [
            Reason("dispatch.not-planned", "The visit to %(enterprise)s is no longer planned.", facts=who)
        ]
    if facts.is_dispatched:
        return [Reason("dispatch.already", "The visit to %(enterprise)s is on its way already.", facts=who)]
    found = [*_check_day(facts, today), *_check_assents(facts)]
    if not facts.items:
        found.append(Reason("dispatch.no-items", "The visit to %(enterprise)s has no items.", facts=who))
    for agency, name in facts.agencies.items():
        crew = [one for one in facts.officers if one.agency == agency]
        if len(crew) < least:
            found.append(
                Reason(
                    "dispatch.too-few-officers",
                    "%(agency)s sends %(count)s officers to %(enterprise)s; at least %(least)s go.",
                    TWO_OFFICERS,
                    {**who, "agency": name, "count": len(crew), "least": least},
                )
            )
    for officer in facts.officers:
        found.extend(_check_officer(facts, officer))
    return found


def _check_day(facts: VisitFacts, today: date) -> list[Reason]:
    who = {"enterprise": facts.enterprise}
    if facts.day is None:
        return [Reason("dispatch.no-day", "The visit to %(enterprise)s has no day yet.", facts=who)]
    if facts.day < today:
        return [
            Reason(
                "dispatch.day-past",
                "The day of the visit to %(enterprise)s, %(day)s, is past: give it another day first.",
                facts={**who, "day": facts.day.isoformat()},
            )
        ]
    return []


def _check_assents(facts: VisitFacts) -> list[Reason]:
    """Every agency has said that it takes part, by its word or by its silence."""
    missing = [name for code, name in facts.agencies.items() if facts.assents.get(code) not in _ASSENTS]
    return [
        Reason(
            "dispatch.not-accepted",
            "%(agency)s has not accepted its part of the visit to %(enterprise)s.",
            facts={"agency": name, "enterprise": facts.enterprise},
        )
        for name in missing
    ]


def _check_officer(facts: VisitFacts, officer: OfficerFacts) -> list[Reason]:
    """In service, with a certificate that holds on the day, and not recused (行政处罚法 第四十二、四十三条)."""
    named = {"officer": officer.name, "certificate": officer.certificate, "enterprise": facts.enterprise}
    day = facts.day
    if not officer.active or (day and not officer.valid_from <= day <= officer.valid_until):
        return [
            Reason(
                "dispatch.certificate",
                "The certificate of %(officer)s (%(certificate)s) does not hold on the day at %(enterprise)s.",
                TWO_OFFICERS,
                named,
            )
        ]
    if officer.recused:
        return [
            Reason(
                "dispatch.recused",
                "%(officer)s (%(certificate)s) is recused from %(enterprise)s.",
                "行政处罚法 第四十三条",
                named,
            )
        ]
    return []


def check_unannounced(facts: VisitFacts, because: str) -> list[Reason]:
    """Why a visit cannot come without a notice: its trigger must allow it, and a reason stands on the paper."""
    found = []
    if not facts.may_be_unannounced:
        found.append(
            Reason(
                "dispatch.must-be-announced",
                "A visit for this reason is announced: the trigger “%(trigger)s” does not allow one without notice.",
                facts={"trigger": facts.trigger},
            )
        )
    if not because.strip():
        found.append(Reason("dispatch.unannounced-reason", "Say why there is no notice.", at_field="because"))
    return found


def check_approve(
    number: str, agency: str, parts: Collection[str], given: Collection[str], actor: str, prepared_by: str
) -> list[Reason]:
    """Why an agency's head cannot approve: not its visit, approved before, or by who prepared it himself."""
    named = {"number": number}
    if agency not in parts:
        return [Reason("dispatch.not-your-part", "Your agency takes no part in %(number)s.", facts=named)]
    if agency in given:
        return [Reason("dispatch.approved-before", "Your agency has approved %(number)s.", facts=named)]
    if actor == prepared_by:
        return [
            Reason(
                "dispatch.own-paper",
                "Whoever prepared %(number)s does not approve it.",
                PRIOR_APPROVAL,
                named,
            )
        ]
    return []


def check_withdraw(number: str, *, has_begun: bool) -> list[Reason]:
    """Why a visit cannot be taken off its way: its officers are at the door, or were."""
    if not has_begun:
        return []
    return [
        Reason(
            "dispatch.begun",
            "The visit of %(number)s has begun; what becomes of it is recorded there.",
            facts={"number": number},
        )
    ]


def notice_due_on(day: date, days: int) -> date:
    """The last day on which a notice is in time: so many days before the visit (D.Lgs. 103/2024: ten)."""
    return day - timedelta(days=days)


def check_notice(number: str, due_on: date, day: date, today: date, late_because: str) -> list[Reason]:
    """Why a notice cannot go out: after the visit, or late without a reason."""
    named = {"number": number, "due_on": due_on.isoformat(), "day": day.isoformat()}
    if today > day:
        return [Reason("dispatch.too-late", "The day of %(number)s, %(day)s, is past.", facts=named)]
    if today > due_on and not late_because.strip():
        return [
            Reason(
                "dispatch.late-reason",
                "The notice of %(number)s was due on %(due_on)s: say why it is late.",
                facts=named,
                at_field="late_because",
            )
        ]
    return []


def merge_papers(lists: Iterable[Iterable[str]]) -> list[str]:
    """The one list of papers: of all items of all agencies, each once, in the order in which they come first."""
    return list(dict.fromkeys(paper.strip() for papers in lists for paper in papers if paper.strip()))
