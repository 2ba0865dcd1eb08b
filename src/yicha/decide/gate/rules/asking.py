"""Who asks what: agency, enterprise, trigger, window, approval, evidence, and entries that have happened already."""

from __future__ import annotations

from collections.abc import Iterator

from yicha.decide.gate.rules.case import COURTESY, DRAW, EMERGENCY, HORIZON_DAYS, Case
from yicha.decide.gate.rules.kinds import APPROVAL, COUNTY, ITEMS, OURS, SCAN, GroundKind, trigger_row
from yicha.decide.gate.terms import Bars, Ground

UNKNOWN_AGENCY = GroundKind(
    code="gate.unknown-agency",
    sentence="There is no agency “%(agency)s”.",
    source=OURS,
    bars=Bars.EVERYTHING,
    at_field="agency",
)
UNKNOWN_ENTERPRISE = GroundKind(
    code="gate.unknown-enterprise",
    sentence="No enterprise has the code “%(uscc)s”.",
    source="GB 32100",
    bars=Bars.EVERYTHING,
    at_field="uscc",
)
UNKNOWN_PREMISES = GroundKind(
    code="gate.unknown-premises",
    sentence="The enterprise has no premises “%(premises)s”.",
    source=OURS,
    bars=Bars.EVERYTHING,
)
NOT_ACTIVE = GroundKind(
    code="gate.enterprise-not-active",
    sentence="The enterprise is registered as “%(status)s”: there is nobody to inspect.",
    source=OURS,
    bars=Bars.EVERYTHING,
    at_field="uscc",
)
UNKNOWN_TRIGGER = GroundKind(
    code="gate.unknown-trigger",
    sentence="No trigger “%(trigger)s” is in force.",
    source=APPROVAL,
    bars=Bars.EVERYTHING,
    leans_on=("triggers",),
    at_field="trigger",
)
KIND_OF_TRIGGER = GroundKind(
    code="gate.kind-not-of-trigger",
    sentence="A courtesy call needs the trigger “courtesy”, and no other visit may have it.",
    source=APPROVAL,
    bars=Bars.EVERYTHING,
    at_field="kind",
)
NO_ITEMS = GroundKind(
    code="gate.no-items",
    sentence="No item is named: only published items may be inspected.",
    source=ITEMS,
    bars=Bars.EVERYTHING,
    at_field="items",
)
WINDOW_REVERSED = GroundKind(
    code="gate.window-reversed",
    sentence="The last day, %(until)s, lies before the first, %(from)s.",
    source=OURS,
    bars=Bars.EVERYTHING,
    at_field="until_on",
)
WINDOW_PAST = GroundKind(
    code="gate.window-past",
    sentence="%(until)s is over. A visit that has been made is entered as an emergency or after an outage.",
    source=SCAN,
    bars=Bars.EVERYTHING,
    at_field="until_on",
)
WINDOW_TOO_FAR = GroundKind(
    code="gate.window-too-far",
    sentence="%(until)s lies more than %(days)s days ahead: nothing is known about that day yet.",
    source=OURS,
    bars=Bars.EVERYTHING,
    at_field="until_on",
)
EVIDENCE_MISSING = GroundKind(
    code="gate.evidence-missing",
    sentence="The trigger “%(trigger)s” needs the reference of its evidence.",
    source=COUNTY,
    bars=Bars.ENTRY,
    leans_on=("triggers",),
    at_field="evidence",
)
APPROVAL_MISSING = GroundKind(
    code="gate.approval-missing",
    sentence="The agency's head has not approved this inspection.",
    source=APPROVAL,
    bars=Bars.ENTRY,
    answerable=True,
    at_field="approved_by",
)
APPROVED_WITH_PLAN = GroundKind(
    code="gate.approved-with-plan",
    sentence="Drawn from an approved plan: the approval of the plan is that of the visit.",
    source=APPROVAL,
)
APPROVED_BEFORE_SENDING = GroundKind(
    code="gate.approved-before-sending",
    sentence="Every agency's head approves this visit before it is sent out.",
    source=APPROVAL,
)
APPROVAL_AFTER = GroundKind(
    code="gate.approval-after",
    sentence="An emergency is reported at once; approval and papers are completed within %(days)s working days.",
    source=APPROVAL,
    leans_on=("emergency-papers-days",),
)
ENTERED_IN_FUTURE = GroundKind(
    code="gate.entered-in-future",
    sentence="%(on)s has not come yet: nobody can have entered then.",
    source=SCAN,
    bars=Bars.EVERYTHING,
    at_field="entered_on",
)
ENTERED_LATE = GroundKind(
    code="gate.entered-late",
    sentence="The entry of %(on)s had to be recorded within %(days)s days.",
    source=SCAN,
    bars=Bars.ENTRY,
    leans_on=("back-entry-days",),
    at_field="entered_on",
)
BACK_ENTRY = GroundKind(
    code="gate.back-entry",
    sentence="A visit of %(on)s without a code needs the reason why there was none.",
    source=SCAN,
    bars=Bars.ENTRY,
    answerable=True,
    leans_on=("back-entry-days",),
    at_field="reasons",
)
COURTESY_APART = GroundKind(
    code="gate.courtesy-apart",
    sentence="A courtesy call is recorded and counted apart: nothing is inspected on it.",
    source=APPROVAL,
)


def look_at_parties(case: Case) -> Iterator[Ground]:
    """Agency and enterprise are known, and the enterprise is registered as active."""
    if case.agency is None:
        yield UNKNOWN_AGENCY({"agency": case.asked.agency})
    if case.enterprise is None:
        yield UNKNOWN_ENTERPRISE({"uscc": case.asked.uscc})
    elif case.asked.premises and not case.enterprise.premises:
        yield UNKNOWN_PREMISES({"premises": case.asked.premises})
    if case.enterprise is not None and case.enterprise.status != "active":
        yield NOT_ACTIVE({"status": case.enterprise.status.replace("-", " ")})


def look_at_trigger(case: Case) -> Iterator[Ground]:
    """The trigger is in force, fits the kind of visit, and an exception shows its evidence (county rule)."""
    asked, trigger = case.asked, case.trigger
    if trigger is None:
        yield UNKNOWN_TRIGGER({"trigger": asked.trigger})
    elif trigger.needs_evidence and not asked.evidence.strip():
        later = case.entered and asked.trigger == EMERGENCY
        bars = Bars.NOTHING if later else Bars.ENTRY
        yield EVIDENCE_MISSING({"trigger": trigger.words}, rows=(trigger_row(trigger),), bars=bars)
    if case.is_courtesy != (asked.trigger == COURTESY):
        yield KIND_OF_TRIGGER({})
    elif case.is_courtesy:
        yield COURTESY_APART({})
    if not case.items and not case.is_courtesy:
        yield NO_ITEMS({})


def look_at_window(case: Case) -> Iterator[Ground]:
    """The window lies ahead, runs forward, and is not further off than anything is known about."""
    asked, today = case.asked, case.facts.today
    if case.entered:
        return
    if asked.until_on < asked.from_on:
        yield WINDOW_REVERSED({"from": asked.from_on.isoformat(), "until": asked.until_on.isoformat()})
    elif asked.until_on < today:
        yield WINDOW_PAST({"until": asked.until_on.isoformat()})
    elif asked.until_on.toordinal() - today.toordinal() > HORIZON_DAYS:
        yield WINDOW_TOO_FAR({"until": asked.until_on.isoformat(), "days": HORIZON_DAYS})


def look_at_approval(case: Case) -> Iterator[Ground]:
    """Every inspection needs prior approval; an emergency completes its papers after (司法部问题解答)."""
    asked, days = case.asked, case.number("emergency-papers-days")
    approved = bool(asked.approved_by.strip())
    if case.is_courtesy or (approved and (asked.trigger != EMERGENCY or asked.evidence.strip())):
        return
    if asked.trigger == EMERGENCY and days is not None:
        yield APPROVAL_AFTER({"days": days}, rows=case.rows("emergency-papers-days"))
    elif asked.planned:
        yield APPROVED_WITH_PLAN({}) if asked.trigger == DRAW else APPROVED_BEFORE_SENDING({})
    elif not approved:
        yield APPROVAL_MISSING({}, bars=Bars.NOTHING if case.entered else Bars.ENTRY)


def look_at_entry(case: Case) -> Iterator[Ground]:
    """An entry that has happened: not in the future, entered in time, with a reason unless it was an emergency."""
    on = case.asked.entered_on
    if on is None:
        return
    today, rows = case.facts.today, case.rows("back-entry-days")
    if on > today:
        yield ENTERED_IN_FUTURE({"on": on.isoformat()})
    days = case.number("back-entry-days")
    if days is not None and today.toordinal() - on.toordinal() > days:
        yield ENTERED_LATE({"on": on.isoformat(), "days": days}, rows=rows)
    if case.asked.trigger != EMERGENCY:
        yield answered(case, BACK_ENTRY({"on": on.isoformat()}, rows=rows))


def answered(case: Case, ground: Ground) -> Ground:
    """The ground itself, or, when a reason was given for it, the same with the reason, barring nothing."""
    reason = case.asked.reasons.get(ground.code, "").strip()
    if not reason:
        return ground
    return Ground(
        ground.code,
        ground.sentence,
        ground.source,
        {**ground.facts, "reason": reason},
        Bars.NOTHING,
        ground.until,
        True,
        ground.item,
        ground.leads_to,
        ground.rows,
        ground.at_field,
    )
