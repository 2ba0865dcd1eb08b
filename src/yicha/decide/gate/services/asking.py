"""Applying, and asking again: under the enterprise's turn facts are read, judged, kept, and acted upon."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from yicha.base.ledger import services as ledger
from yicha.base.workdays import queries as workdays
from yicha.decide.gate import queries, rules, terms
from yicha.decide.gate.models import Application
from yicha.decide.gate.rules import forms, life, texts
from yicha.decide.gate.services import outcomes
from yicha.decide.gate.services.turns import in_turn
from yicha.decide.gate.terms import ApplicationState, Facts, Verdict
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries as registry

EMERGENCY = "emergency"
PAPERS_DAYS = "emergency-papers-days"


def apply(
    actor: str, now: datetime, application: terms.Application, simulated: bool = False, note: str = ""
) -> Application:
    """Ask to enter: the verdict and a copy of its facts are kept, whatever it is; a visit that may be, gets its code.

    Refused only when there is nothing to keep it by (unknown agency, enterprise or premises; texts that cannot be).
    """
    refuse_if(texts.find_faults(application, note))
    enterprise = _enterprise(application.uscc)
    return in_turn(enterprise, lambda: _apply(actor, now, application, simulated, note))


def enter_emergency(
    actor: str, now: datetime, application: terms.Application, reason: str, simulated: bool = False
) -> Application:
    """Report an entry that an emergency has forced: its code comes after the fact, its papers are due.

    `application` has the trigger “emergency” and its `entered_on`. Approval and papers follow (司法部问题解答).
    """
    refuse_if(
        [
            *texts.find_faults(application, reason),
            *texts.find_entry_faults(application, reason),
            *texts.find_emergency_faults(application, EMERGENCY),
        ]
    )
    enterprise = _enterprise(application.uscc)
    return in_turn(enterprise, lambda: _apply(actor, now, application, simulated, reason))


def back_enter(
    actor: str, now: datetime, application: terms.Application, reason: str, simulated: bool = False
) -> Application:
    """Enter a visit that took place while the system was out, with a reason (北京; 上海; 深圳: 扫码入企).

    Kept as refused, by the ground `gate.entered-late`, when more than `back-entry-days` have passed.
    """
    refuse_if([*texts.find_faults(application, reason), *texts.find_entry_faults(application, reason)])
    answered = replace(application, reasons={**application.reasons, texts.BACK_ENTRY: reason.strip()})
    enterprise = _enterprise(application.uscc)
    return in_turn(enterprise, lambda: _apply(actor, now, answered, simulated, reason))


def complete(
    actor: str, now: datetime, application: Application, reasons: Mapping[str, str], approved_by: str = ""
) -> Application:
    """Give the reasons or the approval that a waiting application wants; it is judged again on the facts of now."""

    def answer(asked: terms.Application) -> terms.Application:
        given = {code: text.strip() for code, text in reasons.items() if text.strip()}
        return replace(
            asked,
            reasons={**asked.reasons, **given},
            approved_by=approved_by.strip() or asked.approved_by,
        )

    return _judge_again(actor, now, application, {ApplicationState.WAITING}, answer)


def ask_again(
    actor: str,
    now: datetime,
    application: Application,
    from_on: date | None = None,
    until_on: date | None = None,
) -> Application:
    """Ask again for what was deferred or reopened, for the same days or others; judged on the facts of now."""

    def move(asked: terms.Application) -> terms.Application:
        first = from_on or asked.from_on
        return replace(asked, from_on=first, until_on=until_on or max(asked.until_on, first))

    return _judge_again(actor, now, application, {ApplicationState.DEFERRED, ApplicationState.REOPENED}, move)


def _enterprise(uscc: str) -> int:
    found = registry.find_enterprise(uscc) if texts.is_readable(uscc) else None
    if found is None:
        raise Refused([texts.unknown_enterprise(uscc)])
    key: int = found.pk
    return key


def _apply(actor: str, now: datetime, asked: terms.Application, simulated: bool, note: str) -> Application:
    facts = queries.get_facts([asked], now)[0]
    refuse_if(texts.find_unknown(facts))
    verdict = rules.judge(facts)
    row = Application(asked_at=now, asked_by=actor, simulated=simulated, note=note.strip()[:300])
    _write(row, facts, verdict, now, life.state_of(verdict))
    _save_and_act(actor, now, row, facts, verdict, "gate.entered" if asked.entered_on else "gate.applied")
    return row


def _judge_again(
    actor: str,
    now: datetime,
    application: Application,
    states: set[ApplicationState],
    change: Callable[[terms.Application], terms.Application],
) -> Application:
    def work() -> Application:
        row = Application.objects.select_for_update().get(pk=application.pk)
        if ApplicationState(row.state) not in states:
            wanted = ", ".join(sorted(states))
            raise Refused(
                [
                    Reason(
                        "gate.state",
                        "“%(act)s” is not possible while the state is “%(state)s”; it is possible from: %(sources)s.",
                        facts={"act": "ask again", "state": row.state, "sources": wanted},
                    )
                ]
            )
        asked = change(queries.read_asked(row))
        refuse_if(texts.find_faults(asked, row.note))
        facts = queries.get_facts([asked], now)[0]
        refuse_if(texts.find_unknown(facts))
        verdict = rules.judge(facts)
        _write(row, facts, verdict, now, life.LIFE.after(ApplicationState(row.state), life.act_of(verdict)))
        _save_and_act(actor, now, row, facts, verdict, "gate.judged-again")
        return row

    return in_turn(application.enterprise_id, work)


def _write(row: Application, facts: Facts, verdict: Verdict, now: datetime, state: ApplicationState) -> None:
    """What was asked, answered and looked at, into the row."""
    asked = facts.application
    row.items, row.officers = list(asked.items), list(asked.officers)
    row.kind, row.trigger, row.evidence = asked.kind.value, asked.trigger, asked.evidence
    row.window_from, row.window_until = asked.from_on, max(asked.until_on, asked.from_on)
    row.campaign, row.approved_by, row.reasons = asked.campaign, asked.approved_by, dict(asked.reasons)
    row.entered_on = asked.entered_on
    row.state, row.outcome = state.value, verdict.outcome.value
    row.verdict, row.facts = forms.to_form(verdict), forms.to_form(facts)
    row.leans_on = [UUID(result) for result in life.leans_on(verdict)]
    row.judged_at = now
    row.until_on = verdict.until if state is ApplicationState.DEFERRED else None
    row.papers_due_on = _papers_due(facts, now) if state is ApplicationState.PAPERS_DUE else None


def _papers_due(facts: Facts, now: datetime) -> date:
    days = facts.numbers.get(PAPERS_DAYS)
    if days is None:
        raise Refused(
            [
                Reason(
                    "catalogue.number-missing",
                    "No row of the number “%(code)s” is in force on %(on)s; add one with its source.",
                    facts={"code": PAPERS_DAYS, "on": facts.today.isoformat()},
                )
            ]
        )
    return workdays.find_deadline(clock.today(now), int(days.value), workdays.get_calendar()).on


def _save_and_act(
    actor: str, now: datetime, row: Application, facts: Facts, verdict: Verdict, act: str
) -> None:
    """Keep the row, record it, and carry out what the verdict says."""
    asked, former = facts.application, row.contact
    if row.pk is None:
        outcomes.name_parties(row, asked)
    granted = row.state in (ApplicationState.GRANTED, ApplicationState.PAPERS_DUE)
    row.contact = outcomes.arrange_visit(actor, now, row, facts, verdict) if granted else None
    row.save()
    ledger.append(
        actor=actor,
        now=now,
        act=act,
        subject=f"gate:{row.uuid}",
        body={
            "enterprise": asked.uscc,
            "agency": asked.agency,
            "trigger": asked.trigger,
            "items": list(asked.items),
            "outcome": verdict.outcome.value,
            "state": row.state,
            "grounds": sorted({ground.code for ground in verdict.grounds}),
            "rules": verdict.rules,
        },
    )
    outcomes.carry_out(actor, now, row, facts, verdict, former)
