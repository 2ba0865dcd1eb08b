from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import queries, services
from yicha.know.catalogue.models import Item, ItemVersion
from yicha.know.catalogue.terms import Method, NumberFacts, RateFacts, RateScope


def version(cast: Cast, number: int, since: date = TODAY) -> ItemVersion:
    item, _ = Item.objects.get_or_create(code="fire-001", agency_kind=cast.fire_a.kind)
    return ItemVersion.objects.create(
        item=item, version=number, name="消防设施", legal_basis="消防法", method="onsite", in_force_from=since
    )


def test_only_a_published_version_in_force_may_be_checked(cast: Cast) -> None:
    draft = version(cast, 1)
    assert not queries.list_versions_in_force(TODAY).exists()
    services.publish_version(actor="test", now=NOW, version=draft)
    assert list(queries.list_versions_in_force(TODAY)) == [draft]
    assert not queries.list_versions_in_force(date(2026, 6, 30)).exists()


def test_a_new_version_takes_the_place_of_the_old_one(cast: Cast) -> None:
    old, new = version(cast, 1), version(cast, 2)
    for each in (old, new):
        services.publish_version(actor="test", now=NOW, version=each)
    assert list(queries.list_versions_in_force(TODAY)) == [new]
    with pytest.raises(Refused):
        services.publish_version(actor="test", now=NOW, version=old)


def test_a_rate_of_an_unknown_list_or_region_is_refused(cast: Cast) -> None:
    for facts, code in (
        (RateFacts("nowhere", "", "C", "", Decimal("0.1"), TODAY, "s"), "catalogue.unknown-list-or-item"),
        (RateFacts("", "", "C", "990000", Decimal("0.1"), TODAY, "s"), "catalogue.unknown-region"),
        (RateFacts("", "", "C", "", Decimal("1.1"), TODAY, "s"), "catalogue.rate-share"),
        (RateFacts("", "", "A", "", Decimal("0.1"), TODAY, "s", visits_a_year=0), "catalogue.rate-frequency"),
    ):
        with pytest.raises(Refused) as refused:
            services.set_rate(actor="test", now=NOW, facts=facts)
        assert refused.value.codes == (code,)


def test_a_rate_is_found_again_with_its_source(cast: Cast) -> None:
    facts = RateFacts("", "", "D", "110112", Decimal("0.3000"), TODAY, "衡阳")
    services.set_rate(actor="test", now=NOW, facts=facts)
    assert queries.find_rate(queries.list_rate_facts(), risk_class="D", region="110112", on=TODAY) == facts


def test_a_rate_keeps_how_often_and_how_who_is_drawn_is_checked(cast: Cast) -> None:
    facts = RateFacts("", "", "A", "", Decimal("0.01"), TODAY, "s", 1, Method.WRITTEN, RateScope.KEY)
    services.set_rate(actor="test", now=NOW, facts=facts)
    assert queries.find_rate(queries.list_rate_facts(), risk_class="A", region="110112", on=TODAY) == facts


def test_every_class_has_a_rate_of_the_product_and_the_low_one_a_frequency(cast: Cast) -> None:
    rates = queries.list_rate_facts()
    found = [queries.find_rate(rates, risk_class=letter, region="110112", on=TODAY) for letter in "ABCD"]
    assert [row.visits_a_year for row in found if row] == [1, None, None, None]
    shares = [row.rate for row in found if row]
    assert shares == sorted(shares) and shares[0] <= Decimal("0.05") < Decimal("0.6") < shares[-1]


def test_a_missing_number_is_refused_by_name(cast: Cast) -> None:
    with pytest.raises(Refused, match="no-such-number"):
        queries.get_number("no-such-number", TODAY)


def test_a_number_can_be_changed_from_a_day_on(cast: Cast) -> None:
    facts = NumberFacts("made-up", Decimal(3), "days", "ours", True, TODAY)
    services.set_number(actor="test", now=NOW, facts=facts, words="of a test")
    assert queries.get_number("made-up", TODAY) == facts
