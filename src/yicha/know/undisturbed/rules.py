"""The protocol as one table, and the criteria as pure functions. RULES: in and out of the list are ours (default)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from yicha.kernel.internal import names_class
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.undisturbed.terms import (
    Act,
    CandidateFacts,
    Criteria,
    Criterion,
    CriterionRow,
    ListingState,
    Phase,
    Told,
    Trigger,
)

_S = ListingState
_WAITING = frozenset({_S.NOMINATED, _S.APPLIED})

PROTOCOL: Transitions[ListingState] = Transitions(
    "undisturbed",
    {
        Act.REVIEW: (_WAITING, _S.OBJECTION),
        Act.LIST_AT_HOME: (_WAITING, _S.LISTED),
        Act.DECLINE: (_WAITING, _S.DECLINED),
        Act.OBJECT: (frozenset({_S.OBJECTION}), _S.OBJECTED),
        Act.REVIEW_AGAIN: (frozenset({_S.OBJECTED}), _S.OBJECTION),
        Act.LIST: (frozenset({_S.OBJECTION}), _S.LISTED),
        Act.SUSPEND: (frozenset({_S.LISTED}), _S.SUSPENDED),
        Act.RESTORE: (frozenset({_S.SUSPENDED}), _S.LISTED),
        Act.REMOVE: (frozenset({_S.SUSPENDED}), _S.REMOVED),
        Act.LIFT: (frozenset({_S.SUSPENDED}), _S.LISTED),
        Act.SUSPEND_ANEW: (frozenset({_S.SUSPENDED}), _S.SUSPENDED),
        Act.WITHDRAW: (_WAITING | {_S.OBJECTION, _S.OBJECTED}, _S.WITHDRAWN),
    },
)
"""Nominating and applying begin a listing; every other step is one of these."""

SOURCE = "ours: no official number was found"


def chain(region: str) -> tuple[str, ...]:
    """A region's code and those of the city and the province that it lies in (GB/T 2260), the nearest first."""
    return tuple(dict.fromkeys((region, region[:4] + "00", region[:2] + "0000"))) if region else ()


def criteria_at(
    rows: Iterable[CriterionRow],
    phase: Phase,
    regions: Sequence[str],
    today: date,
    *,
    penalty_months: int,
    report_years: int,
    report_due: tuple[int, int],
    key_trades: Sequence[str],
) -> Criteria:
    """What is demanded at a place. `regions` are its codes, the nearest first; `report_due` is (month, day).

    Of the rows of a criterion the nearest region's counts, of these the newest in force.
    """
    on, kept = {}, tuple(rows)
    for criterion in Criterion:
        row = _row_in_force(kept, phase, criterion, regions, today)
        if row is not None and row.is_on:
            on[criterion] = row.value
    entering = phase is Phase.ENTRY
    return Criteria(
        worst_class=on.get(Criterion.CLASS, ""),
        # On the list, a penalty counts when it is recorded after a person weighed the others: see `find_trigger`.
        penalty_after=months_before(today, penalty_months) if entering and Criterion.PENALTY in on else None,
        report_years=years_owed(today, report_years, report_due) if Criterion.ANNUAL_REPORT in on else (),
        not_abnormal=Criterion.ABNORMAL_LISTING in on,
        not_serious=Criterion.SERIOUS_VIOLATION in on,
        key_trades=tuple(key_trades) if Criterion.KEY_TRADE in on else (),
    )


def _row_in_force(
    rows: Iterable[CriterionRow], phase: Phase, criterion: Criterion, regions: Sequence[str], today: date
) -> CriterionRow | None:
    ranks = {code: rank for rank, code in enumerate(reversed(regions), start=1)} | {"": 0}
    return max(
        (
            row
            for row in rows
            if row.phase is phase
            and row.criterion is criterion
            and row.in_force_from <= today
            and row.region in ranks
        ),
        key=lambda row: (ranks[row.region], row.in_force_from),
        default=None,
    )


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where there is no such day."""
    total = day.year * 12 + day.month - 1 - months
    year, month = divmod(total, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def years_owed(today: date, count: int, due: tuple[int, int]) -> tuple[int, ...]:
    """The years whose reports are due by now, the last `count` (企业信息公示暂行条例 第八条)."""
    last = today.year - 1 if (today.month, today.day) > due else today.year - 2
    return tuple(range(last, last - count, -1))


def check(facts: CandidateFacts, criteria: Criteria) -> tuple[Reason, ...]:
    """Every criterion that an enterprise does not meet; nothing when it meets them all. Internal: names the class.

    `queries.CODES_SQL` says the same of a million enterprises at once; a property test holds the two together.
    """
    found = []
    if facts.status != "active":
        found.append(Reason("undisturbed.not-active", "The registration is not active.", SOURCE))
    if criteria.worst_class and facts.risk_class > criteria.worst_class:
        found.append(
            Reason(
                "undisturbed.class",
                "The class is %(class)s; the list takes %(worst)s at worst.",
                SOURCE,
                {"class": facts.risk_class, "worst": criteria.worst_class},
            )
        )
    found += _records_against(facts, criteria)
    missing = missing_reports(facts, criteria)
    if missing:
        found.append(
            Reason(
                "undisturbed.no-report",
                "The annual report of %(years)s is not filed.",
                "企业信息公示暂行条例 第八条",
                {"years": ", ".join(str(year) for year in missing)},
            )
        )
    trade = next((prefix for prefix in criteria.key_trades if facts.industry.startswith(prefix)), "")
    if trade:
        found.append(
            Reason(
                "undisturbed.key-trade",
                "The trade %(industry)s is one in which safety comes first (%(prefix)s).",
                SOURCE,
                {"industry": facts.industry, "prefix": trade},
            )
        )
    return tuple(found)


def _records_against(facts: CandidateFacts, criteria: Criteria) -> list[Reason]:
    found = []
    after, last = criteria.penalty_after, facts.last_penalty_on
    if after is not None and last is not None and last > after:
        found.append(
            Reason(
                "undisturbed.penalty",
                "There was a penalty on %(on)s, after %(after)s.",
                SOURCE,
                {"on": last.isoformat(), "after": after.isoformat()},
            )
        )
    if criteria.not_abnormal and facts.is_abnormal:
        found.append(Reason("undisturbed.abnormal", "It is listed as abnormal (经营异常名录).", SOURCE))
    if criteria.not_serious and facts.is_serious:
        found.append(
            Reason("undisturbed.serious", "It is listed for serious violations (严重违法失信名单).", SOURCE)
        )
    return found


def missing_reports(facts: CandidateFacts, criteria: Criteria) -> tuple[int, ...]:
    """The years owed that were not reported; a year before the registration is not owed."""
    since = facts.registered_on.year if facts.registered_on else 0
    return tuple(year for year in criteria.report_years if year >= since and year not in facts.report_years)


def may_begin(facts: CandidateFacts, again_days: int, today: date) -> tuple[Reason, ...]:
    """Why an enterprise may not be nominated or apply now, whatever the criteria. Says nothing about its class."""
    found = []
    if facts.is_open:
        found.append(Reason("undisturbed.open", "It is on the list, or on its way there, already."))
    if facts.removed_on is not None and facts.removed_on + timedelta(days=again_days) > today:
        found.append(
            Reason(
                "undisturbed.too-soon",
                "It was removed on %(removed)s and may apply again from %(again)s on.",
                SOURCE,
                {
                    "removed": facts.removed_on.isoformat(),
                    "again": (facts.removed_on + timedelta(days=again_days)).isoformat(),
                },
            )
        )
    if facts.status != "active":
        found.append(Reason("undisturbed.not-active", "The registration is not active."))
    if not facts.region:
        found.append(
            Reason(
                "undisturbed.no-region", "No region can be told from its address, so nobody could review it."
            )
        )
    return tuple(found)


def may_object(
    region: str, partners: Sequence[str], until: date | None, reason: str, today: date
) -> tuple[Reason, ...]:
    """Why a region may not object."""
    found = list(find_unfit_words(reason))
    if region not in partners:
        found.append(not_a_member(region))
    if until is not None and today > until:
        found.append(
            Reason(
                "undisturbed.window-closed",
                "The objection window ended on %(until)s; silence was consent.",
                SOURCE,
                {"until": until.isoformat()},
            )
        )
    return tuple(found)


def no_reason() -> Reason:
    """Every step against an enterprise needs one."""
    return Reason("undisturbed.no-reason", "Say why.", at_field="reason")


def find_unfit_words(reason: str) -> tuple[Reason, ...]:
    """Why a reason cannot be told to the enterprise: it is missing, or it names the class, which is internal."""
    if not reason.strip():
        return (no_reason(),)
    if names_class(reason):
        return (
            Reason(
                "undisturbed.names-class",
                "The enterprise is told this reason, and the class is internal: say it without the class.",
                "国市监信发〔2022〕6号",
                at_field="reason",
            ),
        )
    return ()


def find_row_faults(row: CriterionRow) -> tuple[Reason, ...]:
    """What is wrong with a row of criteria."""
    found = []
    if (row.criterion is Criterion.CLASS) != (row.value in ("A", "B", "C", "D")):
        found.append(
            Reason(
                "undisturbed.row-value",
                "A row of the class names the worst class; no other row has a value.",
                at_field="value",
            )
        )
    entry_only = row.criterion is Criterion.ANNUAL_REPORT and row.phase is Phase.STAY
    stay_only = row.phase is Phase.ENTRY and row.criterion in (
        Criterion.VERIFIED_COMPLAINT,
        Criterion.ACCIDENT,
    )
    if entry_only or stay_only:
        found.append(
            Reason(
                "undisturbed.row-phase",
                "This criterion is only looked at at the other time.",
                at_field="phase",
            )
        )
    return tuple(found)


def find_trade_faults(prefix: str) -> tuple[Reason, ...]:
    """A trade is a section letter of GB/T 4754 with up to four digits."""
    if re.fullmatch(r"[A-T][0-9]{0,4}", prefix):
        return ()
    return (
        Reason(
            "undisturbed.trade",
            "“%(prefix)s” is no industry code of GB/T 4754: a letter A to T and up to four digits.",
            "GB/T 4754-2017",
            {"prefix": prefix},
            "code",
        ),
    )


def not_a_member(region: str) -> Reason:
    """Without an agreement nothing crosses."""
    return Reason(
        "undisturbed.not-a-member",
        "The region %(region)s shares no undisturbed list with the home region under an agreement in force.",
        facts={"region": region},
        at_field="region",
    )


_TOLD = {
    Act.NOMINATE: Told(sentence="Your enterprise was found for the undisturbed list and nominated."),
    Act.APPLY: Told(sentence="Your application for the undisturbed list was received."),
    Act.REVIEW: Told(sentence="Your enterprise was reviewed. Other regions may object until %(until)s."),
    Act.LIST_AT_HOME: Told(
        sentence="Your enterprise was reviewed and is on the undisturbed list of its region."
    ),
    Act.DECLINE: Told(sentence="Your enterprise was not taken into the undisturbed list: %(reason)s"),
    Act.OBJECT: Told(sentence="Another region objected to the listing: %(reason)s"),
    Act.REVIEW_AGAIN: Told(sentence="The objection was answered. Other regions may object until %(until)s."),
    Act.WITHDRAW: Told(sentence="The nomination was withdrawn: %(reason)s"),
    Act.LIST: Told(sentence="Nobody objected. Your enterprise is on the undisturbed list."),
    Act.RESTORE: Told(sentence="The listing is restored: %(reason)s"),
    Act.REMOVE: Told(sentence="Your enterprise was removed from the undisturbed list: %(reason)s"),
    Act.LIFT: Told(sentence="What suspended the listing has ended. Your enterprise is on the list again."),
}
_TOLD_TRIGGER = {
    Trigger.PENALTY: Told(sentence="The listing is suspended at once because of a penalty."),
    Trigger.VERIFIED_COMPLAINT: Told(
        sentence="The listing is suspended at once because of a verified complaint."
    ),
    Trigger.ABNORMAL_LISTING: Told(
        sentence="The listing is suspended at once because the enterprise is listed as abnormal."
    ),
    Trigger.SERIOUS_VIOLATION: Told(
        sentence="The listing is suspended at once because of a listing for serious violations."
    ),
    Trigger.ACCIDENT: Told(sentence="The listing is suspended at once because of an accident."),
}
_NOT_MET = Told(
    sentence="The listing is suspended at once because the criteria of the list are no longer met."
)


def tell(act: Act, trigger: str, reason: str, until: date | None) -> Told:
    """A step as the enterprise is told it. The class is internal: neither it nor words about it are passed on."""
    if act in (Act.SUSPEND, Act.SUSPEND_ANEW):
        return _TOLD_TRIGGER.get(Trigger(trigger), _NOT_MET) if trigger else _NOT_MET
    facts = {"reason": reason, "until": until.isoformat() if until else ""}
    return replace(_TOLD[act], facts=facts)
