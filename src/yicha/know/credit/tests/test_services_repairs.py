"""Applications for repair, step by step, and the endings of records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils.translation import gettext

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel.refusal import Refused
from yicha.know.credit import services
from yicha.know.credit.models import CreditRecord, Ending, Repair
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import endings, repairs
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState, Severity
from yicha.know.credit.terms.repairs import EndingCause, RepairRequest, Stage, Use

pytestmark = pytest.mark.django_db

REQUEST = RepairRequest("已停止超范围经营并完成整改", "企业档案 3-12", "a" * 64, True)


def facts(cast: Cast, **more: object) -> RecordFacts:
    """A minor penalty, published two weeks ago."""
    values: dict[str, object] = {
        "uscc": cast.noodle_shop.uscc,
        "kind": RecordKind.PENALTY,
        "agency": "110112-market",
        "reference": "京通市监罚〔2026〕12号",
        "happened_on": date(2026, 6, 10),
        "effective_from": date(2026, 6, 10),
        "severity": Severity.MINOR,
        "words": "罚款 2000 元",
        "published_on": date(2026, 6, 17),
        "is_published": True,
    }
    return RecordFacts(**{**values, **more})  # type: ignore[arg-type]


def write(cast: Cast, **more: object) -> CreditRecord:
    return services.record(actor="clerk", now=NOW, facts=facts(cast, **more))


def apply(
    record: CreditRecord, uscc: str = "", now: datetime = NOW, request: RepairRequest = REQUEST
) -> Repair:
    return repairs.apply(
        actor="owner", now=now, record=record, uscc=uscc or record.enterprise.uscc, request=request
    )


def accepted(record: CreditRecord) -> Repair:
    return repairs.accept(actor="clerk", now=NOW, repair=apply(record))


def codes(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return list(refused.value.codes)


def test_an_application_has_its_number_its_pledge_and_its_clocks(cast: Cast) -> None:
    repair = apply(write(cast))
    assert (repair.number, repair.state) == ("XF-2026-0001", "applied")
    assert repair.pledge == gettext(queries.PLEDGE.sentence)
    assert (repair.accept_by, repair.answer_by, repair.decide_by) == (
        date(2026, 7, 3),
        date(2026, 7, 15),
        None,
    )


def test_numbers_are_counted_without_gaps_and_begin_anew_each_year(cast: Cast) -> None:
    first = apply(write(cast))
    with pytest.raises(Refused):
        apply(write(cast))
    repairs.withdraw(actor="owner", now=NOW, repair=first)
    second = apply(write(cast, reference="2号"))
    later = apply(write(cast, reference="3号"), now=datetime(2026, 9, 1, 9, tzinfo=NOW.tzinfo))
    assert [second.number, later.number] == ["XF-2026-0002", "XF-2026-0003"]


def test_two_at_once_are_one_application(cast: Cast) -> None:
    record = write(cast)
    apply(record)
    assert codes(lambda: apply(record)) == ["credit.repair-open"]
    assert Repair.objects.count() == 1


def test_another_enterprise_may_not_apply(cast: Cast) -> None:
    assert codes(lambda: apply(write(cast), uscc=cast.paint_factory.uscc)) == ["credit.repair-another"]


def test_too_early_is_refused_by_the_clock_of_its_severity(cast: Cast) -> None:
    record = write(cast, severity=Severity.GENERAL)
    with pytest.raises(Refused) as refused:
        apply(record)
    assert refused.value.reasons[0].facts == {"on": "2026-09-17"}
    assert apply(record, now=datetime(2026, 9, 17, 9, tzinfo=NOW.tzinfo)).state == "applied"


def test_what_was_published_before_the_law_has_its_clock_too(cast: Cast) -> None:
    record = write(
        cast,
        severity=Severity.GENERAL,
        happened_on=date(2026, 1, 5),
        effective_from=date(2026, 1, 5),
        published_on=date(2026, 1, 10),
    )
    assert queries.stage_of(record, TODAY)[1].eligible_on == date(2026, 4, 10)


def test_acceptance_begins_the_three_working_days_of_the_decision(cast: Cast) -> None:
    repair = accepted(write(cast))
    assert (repair.state, repair.decide_by) == ("accepted", date(2026, 7, 6))


def test_what_is_returned_says_what_is_missing_and_is_handed_in_again(cast: Cast) -> None:
    repair = apply(write(cast))
    assert codes(lambda: repairs.send_back(actor="c", now=NOW, repair=repair, words=" ")) == [
        "credit.repair-words"
    ]
    repair = repairs.send_back(actor="clerk", now=NOW, repair=repair, words="缺少整改照片")
    later = NOW + timedelta(days=5)
    assert codes(
        lambda: repairs.apply_again(
            actor="owner", now=later, repair=repair, request=replace(REQUEST, evidence="")
        )
    ) == ["credit.repair-evidence"]
    again = repairs.apply_again(actor="owner", now=later, repair=repair, request=REQUEST)
    assert (again.number, again.state, again.accept_by) == ("XF-2026-0001", "applied", date(2026, 7, 8))
    assert [step.act for step in queries.list_steps(again)] == ["apply", "return", "apply-again"]


def test_a_granted_one_ends_the_record_and_an_answer_without_receipts_does_not_finish_it(cast: Cast) -> None:
    record = write(cast)
    repair = accepted(record)
    ending = repairs.decide(actor="boss", now=NOW, repair=repair, is_granted=True, words="准予修复")
    record.refresh_from_db()
    assert ending is not None
    assert (record.state, record.ended_on, record.ended_because) == ("ended", TODAY, repair.number)
    assert (ending.cause, ending.repair) == ("repair", repair)
    assert [step.act for step in queries.list_steps(repair)] == ["apply", "accept", "grant"]
    answered = repairs.answer(actor="clerk", now=NOW, repair=repair, words="已送达")
    assert answered.state == "answered"
    for use in Use:
        endings.give_receipt(now=NOW, ending=ending, use=use, detail={})
    assert repairs.finish(actor="yicha", now=NOW, repair=repair).state == "propagated"


def test_a_refused_one_ends_with_the_answer_and_the_record_stays(cast: Cast) -> None:
    record = write(cast)
    repair = accepted(record)
    assert codes(lambda: repairs.decide(actor="b", now=NOW, repair=repair, is_granted=False, words="")) == [
        "credit.repair-words"
    ]
    assert repairs.decide(actor="b", now=NOW, repair=repair, is_granted=False, words="整改不到位") is None
    assert repairs.answer(actor="c", now=NOW, repair=repair, words="不予修复").state == "answered"
    record.refresh_from_db()
    assert record.state == "in-effect"
    assert not Ending.objects.exists()
    assert apply(record).number == "XF-2026-0002"


def test_a_decision_before_acceptance_is_refused(cast: Cast) -> None:
    repair = apply(write(cast))
    assert codes(
        lambda: repairs.decide(actor="b", now=NOW, repair=repair, is_granted=True, words="准予")
    ) == ["credit-repair.state"]


def test_an_application_about_a_record_that_its_agency_ends_is_withdrawn_by_that(cast: Cast) -> None:
    record = write(cast)
    repair = accepted(record)
    endings.end_effect(actor="clerk", now=NOW, record=record, cause=EndingCause.AGENCY, because="处罚撤销")
    repair.refresh_from_db()
    assert repair.state == "withdrawn"


def test_a_record_ends_once(cast: Cast) -> None:
    record = write(cast)
    endings.end_effect(actor="clerk", now=NOW, record=record, cause=EndingCause.AGENCY)
    assert codes(
        lambda: endings.end_effect(actor="clerk", now=NOW, record=record, cause=EndingCause.MAXIMUM)
    ) == ["credit-record.state"]
    assert Ending.objects.count() == 1


def test_a_correction_ends_the_version_that_was_wrong(cast: Cast) -> None:
    record = write(cast)
    ending = endings.end_effect(actor="clerk", now=NOW, record=record, cause=EndingCause.CORRECTION)
    assert (record.state, ending.cause) == (RecordState.CORRECTED.value, "correction")


def test_what_is_over_is_found_by_its_own_day_and_by_the_maximum_and_nothing_else_is(cast: Cast) -> None:
    by_day = write(cast, reference="1号", effective_until=date(2026, 6, 30))
    by_maximum = write(cast, reference="2号")
    CreditRecord.objects.filter(pk=by_maximum.pk).update(effective_until=None)
    listed = write(cast, reference="3号", kind=RecordKind.ABNORMAL_LISTING)
    assert queries.find_over(TODAY, 10) == [by_day.pk]
    assert queries.find_over(date(2026, 9, 17), 10) == [by_day.pk]
    assert queries.find_over(date(2026, 9, 18), 10) == [by_day.pk, by_maximum.pk]
    assert queries.find_over(date(2040, 1, 1), 10) == [by_day.pk, by_maximum.pk]
    assert queries.find_over(date(2026, 9, 18), 1) == [by_day.pk]
    assert listed.state == "in-effect"


def test_ending_what_is_over_leaves_out_what_was_ended_meanwhile(cast: Cast) -> None:
    over = write(cast, reference="1号", effective_until=date(2026, 6, 30))
    gone = write(cast, reference="2号", effective_until=date(2026, 6, 30))
    endings.end_effect(actor="clerk", now=NOW, record=gone, cause=EndingCause.AGENCY)
    found = endings.end_overdue(actor="yicha", now=NOW, records=[over.pk, gone.pk])
    assert [(one.record_id, one.cause) for one in found] == [(over.pk, "maximum")]
    assert list(CreditRecord.objects.values_list("state", flat=True)) == ["ended", "ended"]


def test_the_enterprise_sees_when_it_may_apply_and_until_when_it_is_published(cast: Cast) -> None:
    write(cast)
    early = write(cast, reference="2号", severity=Severity.SERIOUS)
    apply(CreditRecord.objects.get(reference="京通市监罚〔2026〕12号"))
    own = {one.record.reference: one for one in queries.list_own(cast.noodle_shop.uscc, TODAY)}
    assert own["2号"].stage is Stage.PUBLISHED
    assert (own["2号"].clock.eligible_on, own["2号"].clock.ends_on) == (
        date(2027, 6, 17),
        early.effective_until,
    )
    assert not own["2号"].may_apply
    applied = own["京通市监罚〔2026〕12号"]
    assert applied.stage is Stage.ELIGIBLE
    assert (applied.repair is not None, applied.may_apply) == (True, False)
    assert queries.list_own(cast.paint_factory.uscc, TODAY) == []


def test_the_public_sees_what_is_published_until_its_last_day(cast: Cast) -> None:
    write(cast)
    write(cast, reference="内部", is_published=False, published_on=None)
    uscc = cast.noodle_shop.uscc
    assert [until for _record, until in queries.list_published(uscc, TODAY)] == [date(2026, 9, 17)]
    assert queries.list_published(uscc, date(2026, 6, 16)) == []
    assert len(queries.list_published(uscc, date(2026, 9, 17))) == 1
    assert queries.list_published(uscc, date(2026, 9, 18)) == []


def test_the_queue_says_what_is_due_next(cast: Cast) -> None:
    first = apply(write(cast))
    second = accepted(write(cast, reference="2号"))
    due = {one.number: one.due_on for one in queries.list_repairs()}  # type: ignore[attr-defined]
    assert due == {first.number: first.accept_by, second.number: second.decide_by}


def test_every_step_is_in_the_ledger(cast: Cast) -> None:
    repair = accepted(write(cast))
    repairs.decide(actor="boss", now=NOW, repair=repair, is_granted=True, words="准予修复")
    repairs.answer(actor="clerk", now=NOW, repair=repair, words="已送达")
    acts = (
        Entry.objects.filter(subject=f"repair:{repair.number}").order_by("seq").values_list("act", flat=True)
    )
    assert list(acts) == ["repair.applied", "repair.accepted", "repair.granted", "repair.answered"]
