"""What a record must say, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.kernel.months import months_after
from yicha.know.credit import rules
from yicha.know.credit.rules.publication import last_over
from yicha.know.credit.terms import GRADED_KINDS, RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.records import LISTING_KINDS, UNPUBLISHED_KINDS

TODAY = date(2026, 7, 1)
MONTHS = {Severity.MINOR: 3, Severity.GENERAL: 12, Severity.SERIOUS: 36}
PENALTY = RecordFacts(
    uscc="91110112MA0000001X",
    kind=RecordKind.PENALTY,
    agency="110112-market",
    reference="京通市监罚〔2026〕12号",
    happened_on=date(2026, 6, 1),
    effective_from=date(2026, 6, 1),
    words="罚款 2000 元",
)


def last_day(severity: Severity, since: date) -> date | None:
    return months_after(since, MONTHS[severity])


def faults(**changes: object) -> list[str]:
    return [reason.code for reason in rules.find_faults(replace(PENALTY, **changes), TODAY)]  # type: ignore[arg-type]


def completed(**changes: object) -> RecordFacts:
    return rules.complete(replace(PENALTY, **changes), last_day)  # type: ignore[arg-type]


def test_a_plain_penalty_is_in_order() -> None:
    assert faults() == []


def test_what_speaks_against_an_enterprise_and_is_not_graded_is_general() -> None:
    for kind in RecordKind:
        expected = Severity.GENERAL if kind in GRADED_KINDS else Severity.NONE
        assert completed(kind=kind).severity is expected
    assert completed(severity=Severity.SERIOUS).severity is Severity.SERIOUS


@pytest.mark.parametrize("kind", sorted(set(RecordKind) - GRADED_KINDS - {RecordKind.ANNUAL_REPORT}))
def test_what_does_not_speak_against_it_is_not_graded(kind: RecordKind) -> None:
    assert faults(kind=kind, severity=Severity.MINOR) == ["credit.severity"]


@pytest.mark.parametrize(
    ("severity", "until"),
    [
        (Severity.NONE, date(2027, 6, 1)),
        (Severity.MINOR, date(2026, 9, 1)),
        (Severity.GENERAL, date(2027, 6, 1)),
        (Severity.SERIOUS, date(2029, 6, 1)),
    ],
)
def test_it_ends_by_itself_as_its_severity_says(severity: Severity, until: date) -> None:
    assert completed(severity=severity).effective_until == until


def test_the_end_is_counted_from_publication_and_a_day_that_is_given_stays() -> None:
    assert completed(published_on=date(2026, 6, 5)).effective_until == date(2027, 6, 5)
    assert completed(effective_until=date(2026, 7, 31)).effective_until == date(2026, 7, 31)


def test_who_is_listed_is_so_until_removed() -> None:
    for kind in LISTING_KINDS:
        assert completed(kind=kind, severity=Severity.SERIOUS).effective_until is None


def test_what_speaks_for_it_does_not_end_by_itself() -> None:
    assert completed(kind=RecordKind.HONOUR).effective_until is None


def test_a_day_of_publication_publishes_and_without_a_day_it_is_the_first_of_the_effect() -> None:
    assert completed(published_on=date(2026, 6, 5)).is_published
    assert completed(is_published=True).published_on == date(2026, 6, 1)
    assert completed().published_on is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(RecordKind)),
    severity=st.sampled_from(sorted(Severity)),
    from_=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    published_on=st.none() | st.dates(date(2019, 1, 1), date(2031, 1, 1)),
)
def test_completing_twice_is_completing_once_and_ends_after_it_begins(
    kind: RecordKind, severity: Severity, from_: date, published_on: date | None
) -> None:
    once = completed(kind=kind, severity=severity, effective_from=from_, published_on=published_on)
    assert rules.complete(once, last_day) == once
    assert once.effective_until is None or once.effective_until >= once.effective_from
    assert (once.severity is Severity.NONE) is (kind not in GRADED_KINDS and severity is Severity.NONE)


@pytest.mark.parametrize("amount", ["-1", "-0.01", "1.234", "NaN", "Infinity", "100000000000000"])
def test_an_amount_is_yuan_from_nothing_up(amount: str) -> None:
    assert faults(amount=Decimal(amount)) == ["credit.amount"]


@pytest.mark.parametrize("amount", ["0", "2000", "2000.50", "99999999999999.99"])
def test_amounts_that_can_be(amount: str) -> None:
    assert faults(amount=Decimal(amount)) == []


@pytest.mark.parametrize("kind", sorted(UNPUBLISHED_KINDS))
def test_complaints_and_notices_of_tax_and_insurance_are_not_published(kind: RecordKind) -> None:
    assert faults(kind=kind, is_published=True) == ["credit.unpublished-kind"]
    assert faults(kind=kind, published_on=TODAY) == ["credit.unpublished-kind"]
    assert faults(kind=kind) == []


def test_licences_and_penalties_are_published() -> None:
    for kind in (RecordKind.LICENCE, RecordKind.PENALTY):
        assert faults(kind=kind, is_published=True) == []


def test_publication_does_not_end_before_it_begins() -> None:
    days = {"published_on": date(2026, 6, 5), "publish_until": date(2026, 6, 4)}
    assert faults(**days) == ["credit.publication-ends-first"]


def test_publication_does_not_begin_in_the_future() -> None:
    assert faults(published_on=date(2026, 7, 2)) == ["credit.published-later"]


def test_an_end_of_publication_needs_a_publication() -> None:
    assert faults(publish_until=date(2026, 8, 1)) == ["credit.not-published"]


@pytest.mark.parametrize(
    "text", ["身份证 11010519491231002X", "电话13800138000", "证号１１０１０５１９４９１２３１００２Ｘ"]
)
def test_nothing_personal_is_published(text: str) -> None:
    for name in ("words", "evidence"):
        assert faults(**{name: text}, is_published=True) == ["credit.personal-data"]
        assert faults(**{name: text}) == []


def test_a_code_of_an_enterprise_is_no_identity_card() -> None:
    assert faults(words="企业 91110112MA0000001X 被处罚", is_published=True) == []


def test_the_same_again_is_the_same_though_it_was_published_here_since() -> None:
    held = completed(is_published=True)
    assert rules.says_the_same(completed(), held)
    assert not rules.says_the_same(held, completed())
    assert not rules.says_the_same(completed(words="罚款 1 元"), held)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.integers(0, 36))
def test_the_last_day_that_is_over_is_over_and_the_next_is_not(today: date, months: int) -> None:
    found = last_over(today, months)
    assert months_after(found, months) < today <= months_after(found + timedelta(days=1), months)
