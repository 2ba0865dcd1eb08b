"""Credit records: nothing is overwritten, and every refusal has its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.ingest.exchange.models import Event
from yicha.kernel.refusal import Refused
from yicha.know.credit import queries, services
from yicha.know.credit.models import CreditRecord, Ending
from yicha.know.credit.rules.telling import told_sql
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState, Severity

pytestmark = pytest.mark.django_db


@pytest.fixture
def penalty(cast: Cast) -> RecordFacts:
    return RecordFacts(
        uscc=cast.noodle_shop.uscc,
        kind=RecordKind.PENALTY,
        agency="110112-market",
        reference="京通市监罚〔2026〕12号",
        happened_on=date(2026, 6, 1),
        effective_from=date(2026, 6, 1),
        effective_until=date(2026, 12, 1),
        words="罚款 2000 元",
    )


def codes(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refused:
        act()
    return list(refused.value.codes)


def write(facts: RecordFacts) -> CreditRecord:
    return services.record(actor="clerk", now=NOW, facts=facts)


def test_a_record_is_written_once_however_often_it_is_sent(penalty: RecordFacts) -> None:
    assert write(penalty) == write(penalty)
    assert Entry.objects.filter(act="credit.recorded").count() == 1


def test_the_same_number_with_other_words_is_refused(penalty: RecordFacts) -> None:
    write(penalty)
    assert codes(lambda: write(replace(penalty, words="罚款 5000 元"))) == ["credit.says-otherwise"]


def test_what_the_source_left_open_is_completed(penalty: RecordFacts) -> None:
    made = write(replace(penalty, effective_until=None))
    assert (made.severity, made.effective_until) == (Severity.GENERAL, date(2027, 6, 1))
    assert write(replace(penalty, effective_until=None)) == made


def test_a_listing_stays_until_removed(penalty: RecordFacts) -> None:
    listed = replace(penalty, kind=RecordKind.SERIOUS_VIOLATION, effective_until=None)
    assert write(listed).effective_until is None


def test_numbers_are_unique_within_a_source_only(penalty: RecordFacts) -> None:
    write(penalty)
    write(replace(penalty, agency="110112-fire"))
    assert queries.list_records().count() == 2


def test_a_correction_is_a_new_version_and_the_old_one_stays(penalty: RecordFacts) -> None:
    first = write(penalty)
    second = services.correct(
        actor="clerk", now=NOW, record=first, facts=replace(penalty, words="罚款 1000 元"), reason="笔误"
    )
    first.refresh_from_db()
    assert (first.state, first.words) == (RecordState.CORRECTED, "罚款 2000 元")
    assert (second.version, second.state) == (2, RecordState.IN_EFFECT)
    assert list(queries.list_records()) == [second]
    assert list(queries.list_versions(second)) == [second, first]
    assert write(second.facts) == second


def test_a_corrected_version_is_not_corrected_again(penalty: RecordFacts) -> None:
    first = write(penalty)
    again = {"actor": "c", "now": NOW, "record": first, "facts": penalty, "reason": "x"}
    services.correct(**again)  # type: ignore[arg-type]
    assert codes(lambda: services.correct(**again)) == ["credit-record.state"]  # type: ignore[arg-type]


def test_a_correction_is_about_the_same_record_and_says_why(penalty: RecordFacts) -> None:
    first = write(penalty)
    other = replace(penalty, reference="another")
    found = codes(lambda: services.correct(actor="c", now=NOW, record=first, facts=other, reason=""))
    assert found == ["credit.no-reason", "credit.another-record"]


def test_an_ended_record_has_no_effect_and_ends_once(penalty: RecordFacts) -> None:
    made = write(penalty)
    assert queries.list_in_effect(penalty.uscc, TODAY).count() == 1
    ended = services.end(actor="c", now=NOW, record=made, reason="信用修复")
    assert (ended.state, ended.ended_on) == (RecordState.ENDED, TODAY)
    assert queries.list_in_effect(penalty.uscc, TODAY).count() == 0
    assert codes(lambda: services.end(actor="c", now=NOW, record=made, reason="x")) == ["credit-record.state"]


def test_ending_needs_a_reason(penalty: RecordFacts) -> None:
    made = write(penalty)
    assert codes(lambda: services.end(actor="c", now=NOW, record=made, reason=" ")) == ["credit.no-reason"]


def test_a_record_has_effect_from_its_first_day_to_its_last(penalty: RecordFacts) -> None:
    write(penalty)
    day = timedelta(days=1)
    for on, count in (
        (penalty.effective_from - day, 0),
        (penalty.effective_from, 1),
        (date(2026, 12, 1), 1),
        (date(2026, 12, 2), 0),
    ):
        assert queries.list_in_effect(penalty.uscc, on).count() == count


def test_everything_wrong_is_named_at_once(penalty: RecordFacts) -> None:
    wrong = replace(
        penalty,
        reference=" ",
        happened_on=TODAY + timedelta(days=1),
        effective_until=date(2026, 5, 1),
        year=2025,
        evidence_hash="abc",
    )
    assert codes(lambda: write(wrong)) == [
        "credit.no-reference",
        "credit.future",
        "credit.ends-first",
        "credit.year",
        "credit.evidence-hash",
    ]


def test_an_annual_report_names_its_year(penalty: RecordFacts) -> None:
    assert codes(lambda: write(replace(penalty, kind=RecordKind.ANNUAL_REPORT))) == ["credit.year"]
    write(replace(penalty, kind=RecordKind.ANNUAL_REPORT, year=2025))


def test_a_record_about_nobody_or_from_nobody_is_refused(penalty: RecordFacts) -> None:
    assert codes(lambda: write(replace(penalty, uscc="9" * 18))) == ["credit.unknown-uscc"]
    assert codes(lambda: write(replace(penalty, agency="nobody"))) == ["credit.unknown-agency"]


def test_an_end_and_a_correction_each_write_an_ending(penalty: RecordFacts) -> None:
    first = write(penalty)
    second = correct(first, replace(penalty, words="罚款 1000 元"))
    services.end(actor="c", now=NOW, record=second, reason="撤销处罚决定")
    assert list(Ending.objects.order_by("pk").values_list("record", "cause", "by")) == [
        (first.pk, "correction", "c"),
        (second.pk, "agency", "c"),
    ]


def test_a_correction_of_what_has_ended_has_ended_too(penalty: RecordFacts) -> None:
    first = write(replace(penalty, is_published=True))
    ended = services.end(actor="c", now=NOW, record=first, reason="撤销处罚决定")
    events = Event.objects.count()
    second = correct(ended, replace(penalty, words="罚款 1000 元"))
    assert (second.state, second.ended_on, second.ended_because) == (RecordState.ENDED, TODAY, "撤销处罚决定")
    assert not queries.list_in_effect(penalty.uscc, TODAY).exists()
    assert (Ending.objects.count(), Event.objects.count()) == (1, events)


@pytest.mark.parametrize("on", [date(2026, 5, 31), TODAY + timedelta(days=1)])
def test_an_effect_ends_between_the_day_it_happened_and_today(penalty: RecordFacts, on: date) -> None:
    made = write(penalty)
    assert codes(lambda: services.end(actor="c", now=NOW, record=made, reason="x", on=on)) == [
        "credit.end-day"
    ]


def test_a_record_is_published_once(penalty: RecordFacts) -> None:
    made = write(penalty)
    shown = services.publish(actor="c", now=NOW, record=made)
    assert (shown.is_published, shown.published_on, shown.publish_until) == (True, TODAY, None)
    assert codes(lambda: services.publish(actor="c", now=NOW, record=made)) == ["credit.published-already"]
    assert write(penalty) == shown


def test_what_has_ended_is_not_published(penalty: RecordFacts) -> None:
    made = services.end(actor="c", now=NOW, record=write(penalty), reason="x")
    assert codes(lambda: services.publish(actor="c", now=NOW, record=made)) == ["credit-record.state"]


def test_a_complaint_is_not_published(penalty: RecordFacts) -> None:
    made = write(replace(penalty, kind=RecordKind.VERIFIED_COMPLAINT))
    assert codes(lambda: services.publish(actor="c", now=NOW, record=made)) == ["credit.unpublished-kind"]


def test_a_record_with_a_mobile_number_is_not_published(penalty: RecordFacts) -> None:
    made = write(replace(penalty, words="联系人 13800138000"))
    assert codes(lambda: services.publish(actor="c", now=NOW, record=made)) == ["credit.personal-data"]


def correct(record: CreditRecord, facts: RecordFacts) -> CreditRecord:
    return services.correct(actor="c", now=NOW, record=record, facts=facts, reason="笔误")


def told() -> list[tuple[str, int]]:
    return [
        (event.type.removeprefix("cn.yicha.credit-record."), event.data["version"])
        for event in Event.objects.order_by("id")
    ]


def test_partners_are_told_what_is_public_and_nothing_else(penalty: RecordFacts) -> None:
    secret = write(replace(penalty, reference="secret"))
    services.end(actor="c", now=NOW, record=secret, reason="x")
    assert told() == []
    shown = replace(penalty, is_published=True, amount=Decimal("2000"))
    second = correct(write(shown), replace(shown, amount=Decimal("1000")))
    hidden = correct(second, penalty)
    services.end(actor="c", now=NOW, record=services.publish(actor="c", now=NOW, record=hidden), reason="x")
    assert told() == [
        ("published", 1),
        ("corrected", 2),
        ("ended", 2),
        ("published", 3),
        ("ended", 3),
    ]
    first = Event.objects.order_by("id")[0]
    assert first.subject == f"credit-record/110112-market/{penalty.reference}"
    assert first.data["amount"] == "2000.00" and first.data["uscc"] == penalty.uscc
    assert not {"class", "risk_class", "name"} & set(first.data)


def test_the_words_to_partners_are_the_same_for_one_and_for_many(penalty: RecordFacts) -> None:
    shown = replace(penalty, is_published=True, amount=Decimal("2000.5"), severity=Severity.MINOR)
    first = write(shown)
    second = correct(first, replace(shown, words="罚款 1000 元"))
    services.end(actor="c", now=NOW, record=second, reason="x")
    hidden = correct(write(replace(shown, reference="h")), replace(penalty, reference="h"))
    pairs = [
        (None, first),
        (first, second),
        (second, None),
        (None, CreditRecord.objects.get(code=hidden.code, version=1)),
        (CreditRecord.objects.get(code=hidden.code, version=1), hidden),
    ]
    said = []
    for before, after in pairs:
        source = (
            f"FROM (VALUES (1)) x LEFT JOIN credit_creditrecord b ON b.id = {before.pk if before else 0} "
            f"LEFT JOIN credit_creditrecord r ON r.id = {after.pk if after else 0}"
        )
        with connection.cursor() as cursor:
            cursor.execute(told_sql(source))
            said += [(kind, subject, json.loads(data)) for kind, subject, data in cursor.fetchall()]
    events = sorted(Event.objects.values_list("type", "subject", "data"), key=str)
    assert sorted(said, key=str) == events and len(events) == 5
