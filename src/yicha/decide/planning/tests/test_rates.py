"""What a rate says beyond its share: how often, how, and what of; from the row to the demand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import Demand
from yicha.decide.planning.rules.strata import items_in_scope, year_before
from yicha.decide.planning.tests import factories
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import ItemVersion
from yicha.know.catalogue.terms import Method, RateFacts, RateScope, Weight
from yicha.know.registry.models import Enterprise
from yicha.know.visits.models import Contact


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def set_rate(letter: str, visits_a_year: int | None = None, **more: object) -> None:
    """Everybody of a class is drawn, and the row says more."""
    facts = RateFacts("", "", letter, "", Decimal(1), date(2026, 1, 1), "s", visits_a_year, **more)  # type: ignore[arg-type]
    catalogue.set_rate(actor="test", now=NOW, facts=facts)


def test_an_entry_copies_everything_that_its_rates_say(ground: Cast) -> None:
    set_rate("A", 1, method=Method.WRITTEN, scope=RateScope.KEY)
    entry = queries.list_entries(factories.plan()).get()
    copied = {row.risk_class: row for row in queries.list_strata(entry)}
    assert (copied["A"].visits_a_year, copied["A"].method, copied["A"].scope) == (1, "written", "key")
    assert (copied["B"].visits_a_year, copied["B"].method, copied["B"].scope) == (None, "onsite", "all")


@pytest.mark.parametrize(
    ("days", "trigger", "out"), [(300, "draw", True), (400, "draw", False), (9, "complaint", False)]
)
def test_who_was_visited_as_often_as_its_rate_allows_is_not_drawn(
    ground: Cast, days: int, trigger: str, out: bool
) -> None:
    """Visits on own initiative within twelve months count; the published code is that of a used budget."""
    seen = Enterprise.objects.get(name="110112 饭店 1")
    set_rate(seen.risk_class, 1)
    day = TODAY - timedelta(days=days)
    Contact.objects.create(
        enterprise=seen,
        lead_agency=ground.agency_a,
        kind="daily",
        state="made",
        trigger=trigger,
        window_from=day,
        window_to=day,
        planned_on=day,
        made_on=day,
        counts_toward_cap=True,
    )
    factories.opened()
    draw = drawing_queries.get_draw(factories.drawn(factories.published())[0])
    excluded = drawing_queries.get_file(draw, "exclusions.tsv").content.decode()
    assert excluded == (f"{seen.uscc}\tbudget\n" if out else "")


def test_a_rate_for_key_items_asks_for_these_alone(ground: Cast) -> None:
    """Where the list has one; without any, who was drawn is checked in everything."""
    ItemVersion.objects.filter(item__code="fire-01").update(weight="key")
    set_rate("B", scope=RateScope.KEY)
    factories.opened()
    factories.collected(factories.published())
    asked = Demand.objects.filter(enterprise__risk_class="B")
    assert set(asked.values_list("item_version__item__code")) == {("fire-01",)}


def test_a_rate_for_key_items_narrows_no_list_without_any() -> None:
    items = [("a", Weight.GENERAL), ("b", Weight.GENERAL)]
    assert items_in_scope(RateScope.KEY, items) == items_in_scope(RateScope.ALL, items) == {"a", "b"}
    assert items_in_scope(RateScope.KEY, [*items, ("c", Weight.KEY)]) == {"c"}


def test_what_its_rate_asks_to_be_checked_in_writing_is_moved_off_site(ground: Cast) -> None:
    """Of the classes with that method all demands, of the others none; the gate says by which rate."""
    Enterprise.objects.filter(name__endswith="饭店 3").update(risk_class="D")
    set_rate("D", method=Method.WRITTEN)
    round_ = factories.opened()
    factories.collected(factories.published())
    services.screen(actor="office", now=NOW, round_=round_)
    written = Demand.objects.filter(method="written")
    assert written.exists()
    assert set(written.values_list("enterprise__risk_class")) == {("D",)}
    assert set(written.values_list("state", "outcome")) == {("spared", "offsite")}
    assert not Demand.objects.filter(enterprise__risk_class="D", method="").exists()
    assert not Demand.objects.exclude(method="written").filter(outcome="offsite").exists()
    for demand in written:
        assert demand.contact is not None and demand.contact.spared_by.startswith("offsite:")
        assert demand.screening is not None and "gate.offsite-by-rate" in str(demand.screening.verdict)


def test_a_year_before_the_day_that_only_leap_years_have() -> None:
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert year_before(date(2026, 7, 1)) == date(2025, 7, 1)
