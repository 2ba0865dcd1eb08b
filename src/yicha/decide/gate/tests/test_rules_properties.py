"""What holds of every verdict, whatever the facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings

from yicha.decide.gate.rules import judge, vary, what_would_change
from yicha.decide.gate.rules.case import HORIZON_DAYS
from yicha.decide.gate.terms import Bars, Change, ChangeKind, Facts, Ground, Outcome, Verdict

from . import strategies
from .scene import TODAY, trigger

BARRED_BY = {
    Outcome.ALLOW: Bars.NEW_VISIT,
    Outcome.MERGE: Bars.ENTRY,
    Outcome.OFFSITE: Bars.EVERYTHING,
    Outcome.RECOGNISE: Bars.EVERYTHING,
}
"""The least bars under which an outcome must not be given."""
HEAVIEST_LAST = (Outcome.RECOGNISE, Outcome.OFFSITE, Outcome.MERGE, Outcome.ALLOW)
LIMIT = TODAY + timedelta(days=HORIZON_DAYS)

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def is_open(verdict: Verdict) -> bool:
    """Allowed in some way, or only an answer is wanted."""
    return verdict.outcome not in (Outcome.DEFER, Outcome.REFUSE) or bool(verdict.wants)


def at(facts: Facts, day: date) -> Verdict:
    """The verdict when only this day is asked for."""
    return judge(replace(facts, application=replace(facts.application, from_on=day, until_on=day)))


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def over(verdict: Verdict, item: str) -> list[Ground]:
    """Grounds that hold for an item or for the whole."""
    return [row for row in verdict.grounds if row.item in ("", item)]


@many
@given(strategies.facts())
def test_nothing_is_given_that_a_ground_bars(facts: Facts) -> None:
    """No combination of facts yields allow on an item while a ground bars it or the whole; likewise the others."""
    verdict = judge(facts)
    for row in verdict.items:
        least = BARRED_BY.get(row.outcome)
        if least is not None:
            assert not [one for one in over(verdict, row.item) if one.bars >= least]
    if verdict.outcome in BARRED_BY:
        assert not [one for one in verdict.grounds if not one.item and one.bars >= BARRED_BY[verdict.outcome]]


@many
@given(strategies.facts())
def test_what_is_barred_has_a_ground_that_bars_it(facts: Facts) -> None:
    verdict = judge(facts)
    for row in verdict.items:
        if row.outcome in (Outcome.DEFER, Outcome.REFUSE):
            assert [one for one in over(verdict, row.item) if one.bars]


@many
@given(strategies.facts())
def test_the_whole_is_barred_with_an_item_or_else_the_heaviest(facts: Facts) -> None:
    verdict = judge(facts)
    outcomes = [row.outcome for row in verdict.items]
    if Outcome.REFUSE in outcomes:
        assert verdict.outcome is Outcome.REFUSE
    elif Outcome.DEFER in outcomes:
        assert verdict.outcome is Outcome.DEFER
    else:
        assert verdict.outcome is max(outcomes, key=HEAVIEST_LAST.index)
    assert [row.item for row in verdict.items] == list(dict.fromkeys(facts.application.items))


@many
@given(strategies.facts())
def test_the_parts_of_a_verdict_fit_its_outcome(facts: Facts) -> None:
    verdict, asked = judge(facts), facts.application
    assert (verdict.on is not None) == (verdict.outcome in (Outcome.ALLOW, Outcome.MERGE))
    assert (verdict.until is not None) == (verdict.outcome is Outcome.DEFER)
    if verdict.on is not None:
        assert max(asked.from_on, TODAY) <= verdict.on <= asked.until_on
    if verdict.until is not None:
        assert asked.until_on < verdict.until <= LIMIT
    for row in verdict.items:
        assert bool(row.contact) == (row.outcome is Outcome.MERGE)
        assert bool(row.result) == (row.outcome is Outcome.RECOGNISE) == (row.valid_until is not None)
    for ground in verdict.grounds:
        assert ground.sentence % ground.facts
        assert ground.source
        if ground.bars and ground.until is not None:
            assert ground.until > max(asked.from_on, TODAY)


@many
@given(strategies.waiting_facts())
def test_an_answer_to_all_that_is_wanted_opens_the_visit(facts: Facts) -> None:
    facts = replace(facts, application=replace(facts.application, approved_by="", reasons={}))
    verdict = judge(facts)
    if not verdict.wants:
        return
    assert verdict.outcome is Outcome.REFUSE
    for code in verdict.wants:
        kind = ChangeKind.APPROVAL if code == "gate.approval-missing" else ChangeKind.REASON
        facts = vary(facts, Change(kind, code))
    then = judge(facts)
    assert then.outcome in BARRED_BY
    assert then.wants == ()


@some
@given(strategies.waiting_facts())
def test_the_day_of_a_visit_is_the_first_that_is_open(facts: Facts) -> None:
    """Against trying every day: joined on the first day with a visit to join, else on the first open day at all."""
    verdict = judge(facts)
    if verdict.on is None:
        return
    for day in days(max(facts.application.from_on, TODAY), verdict.on):
        alone = at(facts, day)
        if day == verdict.on:
            assert alone.outcome is verdict.outcome
        elif verdict.outcome is Outcome.MERGE:
            assert alone.outcome is not Outcome.MERGE
        else:
            assert not is_open(alone) or alone.wants


@some
@given(strategies.waiting_facts())
def test_the_day_of_a_deferral_is_the_first_that_is_open(facts: Facts) -> None:
    """Against trying every day, up to the end of what is looked at."""
    verdict = judge(facts)
    if verdict.until is None:
        return
    for day in days(max(facts.application.from_on, TODAY), verdict.until):
        assert is_open(at(facts, day)) == (day == verdict.until)


@some
@given(strategies.waiting_facts())
def test_what_is_refused_does_not_pass_by_waiting(facts: Facts) -> None:
    verdict = judge(facts)
    if is_open(verdict) or verdict.until is not None:
        return
    if [one for one in verdict.grounds if one.bars and one.until is None and not one.answerable]:
        return
    for day in days(max(facts.application.from_on, TODAY), LIMIT):
        assert not is_open(at(facts, day))


@many
@given(strategies.facts())
def test_the_same_facts_give_the_same_verdict_in_whatever_order_they_come(facts: Facts) -> None:
    turned = replace(
        facts,
        officers=facts.officers[::-1],
        items=facts.items[::-1],
        quiet=facts.quiet[::-1],
    )
    verdict, other = judge(facts), judge(turned)
    assert judge(facts) == verdict
    assert (other.outcome, other.items, other.on, other.until) == (
        verdict.outcome,
        verdict.items,
        verdict.on,
        verdict.until,
    )


@many
@given(strategies.broken_facts())
def test_no_facts_make_it_fail(facts: Facts) -> None:
    """Whatever is missing, and at the ends of the calendar."""
    verdict = judge(facts)
    missing = facts.agency is None or facts.enterprise is None or facts.trigger is None
    assert not missing or verdict.outcome is Outcome.REFUSE
    for row in verdict.items:
        least = BARRED_BY.get(row.outcome)
        assert least is None or not [one for one in over(verdict, row.item) if one.bars >= least]
    if facts.application.entered_on is not None:
        assert verdict.outcome in (Outcome.ALLOW, Outcome.REFUSE)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.waiting_facts())
def test_a_change_that_is_offered_gives_the_answer_that_it_says(facts: Facts) -> None:
    others = [trigger(code) for code in ("draw", "complaint", "own-request", "superior-order")]
    verdict = judge(facts)
    for change in what_would_change(facts, others):
        then = judge(vary(facts, change, others))
        assert (then.outcome, then.on, then.until, then.wants) == (
            change.outcome,
            change.on,
            change.until,
            change.wants,
        )
        assert then != verdict
        assert change.sentence % change.facts
