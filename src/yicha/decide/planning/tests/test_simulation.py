"""The simulator: expected visits and findings of other rates; nothing of it is written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.decide.planning import queries
from yicha.decide.planning.models import EntryStratum
from yicha.decide.planning.rules import simulation as rules
from yicha.decide.planning.terms import (
    Cell,
    EntryDraft,
    Expected,
    FindingRate,
    SimulatedRate,
    SimulatedStratum,
    Simulation,
)
from yicha.decide.planning.tests import factories
from yicha.know.catalogue.models import DrawRate, ItemVersion
from yicha.know.catalogue.terms import Method
from yicha.know.registry.models import Agency, Enterprise
from yicha.know.visits.models import Result

C, D = Cell("food", "C"), Cell("food", "D")
HALF = FindingRate(20, 10, Decimal("0.30"), Decimal("0.70"))


def rate(before: str, after: str, *, on_site: bool = True) -> SimulatedRate:
    return SimulatedRate(Decimal(before), Decimal(after), on_site)


def test_visits_are_the_quotas_of_the_draw_before_and_after() -> None:
    strata = [
        SimulatedStratum(C, "north", 300),
        SimulatedStratum(C, "south", 11),
        SimulatedStratum(D, "north", 10),
    ]
    found = rules.simulate(
        strata, {(C, "north"): rate("0.1", "0.2"), (C, "south"): rate("0.01", "0.2")}, {C: HALF}
    )
    assert found[C, "north"] == (
        Expected(30, 0, 0, Decimal(15), Decimal(9), Decimal(21)),
        Expected(60, 0, 0, Decimal(30), Decimal(18), Decimal(42)),
    )
    assert found[C, "south"][0].visits == 1, "a stratum with a rate draws at least one"
    assert found[D, "north"] == (Expected(), Expected()), "without a rate nobody is drawn"


def test_each_draw_of_the_period_counts() -> None:
    found = rules.simulate([SimulatedStratum(C, "north", 100, draws=4)], {(C, "north"): rate("0.1", "0")}, {})
    assert found[C, "north"] == (Expected(visits=40, unknown=40), Expected())


def test_what_is_checked_without_a_visit_is_no_visit_and_finds_nothing_that_is_known() -> None:
    said = {(C, "north"): rate("0.1", "0.3", on_site=False)}
    found = rules.simulate([SimulatedStratum(C, "north", 100)], said, {C: HALF})
    assert found[C, "north"] == (Expected(offsite=10), Expected(offsite=30))
    assert found[C, "north"][1].drawn == 30


def test_a_list_without_results_has_the_rate_of_its_class_and_a_class_without_any_has_none() -> None:
    found = rules.finding_rates([C, D, Cell("cars", "C")], {C: (10, 1)}, {"C": (200, 40)})
    assert (found[C].checks, found[C].is_overall) == (10, False)
    other = found[Cell("cars", "C")]
    assert (other.checks, other.found, other.share, other.is_overall) == (200, 40, Decimal("0.2000"), True)
    assert D not in found


@pytest.mark.parametrize(
    ("checks", "found", "low", "high"),
    [(10, 0, "0", "0.2775"), (10, 10, "0.7225", "1"), (100, 20, "0.1334", "0.2888"), (1, 1, "0.2065", "1")],
)
def test_the_interval_is_wilsons(checks: int, found: int, low: str, high: str) -> None:
    """Values of the published formula."""
    made = rules.finding_rate(checks, found)
    assert (made.low, made.high) == (Decimal(low), Decimal(high))


@given(st.integers(1, 10_000), st.data())
def test_the_share_lies_in_its_interval(checks: int, data: st.DataObject) -> None:
    made = rules.finding_rate(checks, data.draw(st.integers(0, checks)))
    assert 0 <= made.low <= made.share <= made.high <= 1


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCD"), st.sampled_from(["north", "south"]), st.integers(0, 500)),
        max_size=8,
        unique_by=lambda row: row[:2],
    ),
    st.integers(0, 100),
)
def test_the_same_rates_change_nothing(rows: list[tuple[str, str, int]], percent: int) -> None:
    strata = [SimulatedStratum(Cell("food", letter), region, size) for letter, region, size in rows]
    said = {(row.cell, row.region): rate(f"{percent / 100}", f"{percent / 100}") for row in strata}
    for before, after in rules.simulate(strata, said, {}).values():
        assert before == after


# On the real tables


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def simulate(tried: dict[Cell, Decimal] | None = None, quarter: int = 0) -> Simulation:
    return queries.simulate_rates(
        period=queries.Period(2026, quarter), today=TODAY, tried=tried or {}, zone="yizhuang"
    )


def result(uscc: str, code: str, day: date, item: str = "market-01") -> None:
    version = ItemVersion.objects.get(item__code=item)
    Result.objects.create(
        enterprise=Enterprise.objects.get(uscc=uscc),
        item_version=version,
        agency=Agency.objects.get(code="110112-market"),
        result_code=code,
        found_on=day,
        valid_until=day,
        evidence_hash="0" * 64,
        state="offered",
        offered_at=NOW,
    )


def test_before_is_what_a_plan_of_the_list_would_expect(ground: Cast) -> None:
    plan = factories.plan()
    expected = {row.region.code: 0 for row in EntryStratum.objects.filter(entry__plan=plan)}
    for row in EntryStratum.objects.filter(entry__plan=plan):
        expected[row.region.code] += row.expected
    made = simulate()
    assert {row.code: row.before.visits for row in made.regions} == {
        code: count for code, count in expected.items() if code in {row.code for row in made.regions}
    }
    assert made.total.before == made.total.after
    assert made.unplanned == {"catering"}, "a draft draws nothing"


def test_a_rate_that_is_tried_changes_the_visits_and_no_row(ground: Cast) -> None:
    rows = list(DrawRate.objects.order_by("pk").values())
    cell = Cell("catering", "B")
    before, after = simulate(), simulate({cell: Decimal(1)})
    assert after.total.before == before.total.before
    assert after.total.after.visits > before.total.after.visits
    assert after.total.more_visits == after.total.after.visits - before.total.before.visits
    (tried,) = [row for row in after.rates if row.cell == cell]
    assert (tried.before, tried.tried, tried.varies) == (Decimal("0.5"), Decimal(1), False)
    assert after.total.missing == 0 and after.total.coverage > after.total.floor
    assert list(DrawRate.objects.order_by("pk").values()) == rows


def test_two_entries_of_published_plans_draw_twice_a_year(ground: Cast) -> None:
    once = simulate()
    entry = EntryDraft(quarter=3, directory="catering")
    factories.published(factories.JOINT, entry, EntryDraft(quarter=4, directory="catering"))
    year, quarter = simulate(), simulate(quarter=4)
    assert year.total.before.visits == 2 * once.total.before.visits
    assert quarter.total.before.visits == once.total.before.visits
    assert quarter.floor == year.floor / 4
    assert not year.unplanned


def test_results_of_the_last_24_months_give_the_finding_rates(ground: Cast) -> None:
    """All results of a day at an enterprise are one check; a problem in one of them is a finding."""
    firms = list(
        Enterprise.objects.filter(name__contains="饭店", risk_class="B")
        .order_by("uscc")
        .values_list("uscc", flat=True)
    )
    recent = TODAY - timedelta(days=100)
    result(firms[0], "07", recent)
    result(firms[0], "01", recent, "market-02")
    result(firms[1], "01", recent)
    result(firms[2], "07", TODAY - timedelta(days=800))
    (made,) = [row for row in simulate().rates if row.cell == Cell("catering", "B")]
    assert made.finding is not None
    assert (made.finding.checks, made.finding.found, made.finding.is_overall) == (2, 1, False)


def test_a_class_that_is_checked_in_writing_has_no_visits(ground: Cast) -> None:
    DrawRate.objects.filter(risk_class="B").update(method=Method.WRITTEN.value)
    made = simulate()
    assert made.total.before.offsite > 0
    (row,) = [row for row in made.rates if row.cell == Cell("catering", "B")]
    assert not row.on_site
