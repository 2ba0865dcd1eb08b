"""Credit records: nothing is overwritten, and every refusal has its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel.refusal import Refused
from yicha.know.credit import queries, services
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState

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
