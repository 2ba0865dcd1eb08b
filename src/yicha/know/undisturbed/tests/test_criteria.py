"""The criteria as SQL and as a rule say the same, whatever the facts are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.know.credit.models import CreditRecord
from yicha.know.registry.models import Agency, Enterprise, Region
from yicha.know.undisturbed import queries, rules, services
from yicha.know.undisturbed.models import CriterionRule
from yicha.know.undisturbed.terms import CandidateFacts, Phase

DAYS = st.dates(date(2023, 1, 1), date(2026, 7, 1))
RECORDS = st.tuples(
    st.sampled_from(
        [
            "penalty",
            "abnormal-listing",
            "serious-violation",
            "annual-report",
            "verified-complaint",
            "accident",
        ]
    ),
    DAYS,
    st.one_of(st.none(), st.integers(0, 900)),
    st.sampled_from(["in-effect", "in-effect", "in-effect", "ended", "corrected"]),
    st.integers(2022, 2026),
)
ENTERPRISES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["active", "active", "active", "revoked"]),
        "risk_class": st.sampled_from("AAABCD"),
        "industry": st.sampled_from(["", "H6210", "C2641", "C27", "B0610", "F5265", "F526"]),
        "registered_on": st.one_of(st.none(), st.dates(date(2015, 1, 1), date(2026, 7, 1))),
        "region": st.sampled_from(["110112", "110302"]),
    }
)
OWN_ROWS = st.sampled_from(["", "A", "B", "C"])


def _counts(record: tuple[str, date, int | None, str, int]) -> bool:
    _kind, day, length, state, _year = record
    return state == "in-effect" and day <= TODAY and (length is None or (TODAY - day).days <= length)


def _facts(given: dict[str, object], records: list[tuple[str, date, int | None, str, int]]) -> CandidateFacts:
    """The facts as the test itself understands them, without the database."""
    counting = [record for record in records if _counts(record)]
    kinds = {record[0] for record in counting}
    return CandidateFacts(
        **given,  # type: ignore[arg-type]
        last_penalty_on=max((one[1] for one in counting if one[0] == "penalty"), default=None),
        is_abnormal="abnormal-listing" in kinds,
        is_serious="serious-violation" in kinds,
        report_years=frozenset(one[4] for one in counting if one[0] == "annual-report"),
    )


def _write(enterprise: Enterprise, records: list[tuple[str, date, int | None, str, int]]) -> None:
    agency = Agency.objects.get(code="110112-market")
    CreditRecord.objects.bulk_create(
        CreditRecord(
            code=f"{enterprise.pk}/{number}",
            enterprise=enterprise,
            agency=agency,
            kind=kind,
            reference=str(number),
            happened_on=day,
            effective_from=day,
            effective_until=None if length is None else date.fromordinal(day.toordinal() + length),
            year=year if kind == "annual-report" else None,
            state=state,
            ended_on=TODAY if state == "ended" else None,
            recorded_at=NOW,
            recorded_by="test",
        )
        for number, (kind, day, length, state, year) in enumerate(records)
    )


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(st.lists(st.tuples(ENTERPRISES, st.lists(RECORDS, max_size=5)), min_size=1, max_size=6), OWN_ROWS)
def test_the_sql_and_the_rule_find_the_same_reasons(
    cast: Cast,
    population: list[tuple[dict[str, object], list[tuple[str, date, int | None, str, int]]]],
    own: str,
) -> None:
    with transaction.atomic():
        if own:
            _set_class(own)
        expected = {Phase.ENTRY: {}, Phase.STAY: {}}  # type: ignore[var-annotated]
        for number, (fields, records) in enumerate(population, start=100):
            enterprise = Enterprise.objects.create(
                uscc=f"{number:015d}",
                name="x",
                kind="company",
                **{**fields, "region": Region.objects.get(code=fields["region"])},
            )
            _write(enterprise, records)
            facts = _facts(fields, records)
            assert queries.get_facts(enterprise.uscc, TODAY) == facts
            for phase, found in expected.items():
                reasons = rules.check(facts, queries.find_criteria(phase, facts.region, TODAY))
                found[enterprise.pk] = {reason.code for reason in reasons}
        for phase, found in expected.items():
            by_sql = queries.check_many(list(found), phase, TODAY)
            assert {pk: set(codes) for pk, codes in by_sql.items()} == found
        services.discover(actor="test", now=NOW)
        candidates = set(queries.list_candidates().values_list("enterprise_id", flat=True))
        assert candidates == {pk for pk, codes in expected[Phase.ENTRY].items() if not codes}
        transaction.set_rollback(True)


def _set_class(worst: str) -> None:
    CriterionRule.objects.create(
        phase="entry",
        criterion="class",
        region="110302",
        value=worst,
        in_force_from=date(2026, 1, 1),
        source="a region's own document",
    )


@pytest.mark.django_db
def test_an_enterprise_without_a_region_is_never_a_candidate(cast: Cast) -> None:
    Enterprise.objects.update(region=None, risk_class="A")
    assert services.discover(actor="test", now=NOW).found == 0
