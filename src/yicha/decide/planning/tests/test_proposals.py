"""Joint lists proposed from data: the rule against brute force, and on real rows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import TODAY, Cast
from yicha.decide.planning import queries
from yicha.decide.planning.rules import proposals as rules
from yicha.decide.planning.terms.proposals import Apart, Call
from yicha.decide.planning.tests import factories
from yicha.know.catalogue.models import ItemVersion, JointList
from yicha.know.registry.models import Agency, Enterprise
from yicha.know.visits.models import Contact, ContactItem

ITEMS = st.sampled_from("abcde")
Q1, Q2 = date(2026, 1, 1), date(2026, 4, 1)
CALLS = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from([Q1, Q2]), st.frozensets(ITEMS, min_size=1)), max_size=12
).map(
    lambda rows: [Call(enterprise, quarter, n, items) for n, (enterprise, quarter, items) in enumerate(rows)]
)


def fewest(items: frozenset[str], calls: list[Call]) -> int:
    """How many visits are left when one may take over what others checked: all choices of who stays are tried."""
    left = 0
    for key in {(call.enterprise, call.quarter) for call in calls}:
        own = [call for call in calls if (call.enterprise, call.quarter) == key]
        touching = [call for call in own if call.items & items]
        left += len(own) - len(touching)
        best = len(touching)
        for size in range(len(touching) + 1):
            for staying in combinations(touching, size):
                gone = [call for call in touching if call not in staying]
                if all(call.items <= items for call in gone) and (staying or not touching):
                    best = min(best, size)
        left += best
    return left


@given(CALLS, st.frozensets(ITEMS, min_size=2))
def test_what_is_saved_is_what_trying_everything_saves(calls: list[Call], items: frozenset[str]) -> None:
    assert rules.weigh(items, calls).saved == len(calls) - fewest(items, calls)


@given(st.lists(st.tuples(ITEMS, ITEMS, st.integers(0, 9)), max_size=15), st.integers(1, 6))
def test_in_a_group_every_item_goes_with_every_other(rows: list[tuple[str, str, int]], least: int) -> None:
    strength: dict[frozenset[str], int] = {}
    for first, second, times in rows:
        if first != second:
            strength[frozenset((first, second))] = times
    links = [Apart(min(pair), max(pair), times) for pair, times in strength.items()]
    groups = rules.group(links, least)
    assert groups == rules.group(links[::-1], least)
    assert len({item for one in groups for item in one}) == sum(map(len, groups))
    for one in groups:
        assert all(strength[frozenset(pair)] >= least for pair in combinations(one, 2))


def visit(enterprise: Enterprise, day: date, *codes: str) -> Contact:
    """A visit that was made for items of one agency."""
    agency = Agency.objects.get(code="110112-market")
    made = Contact.objects.create(
        enterprise=enterprise,
        lead_agency=agency,
        kind="daily",
        state="made",
        window_from=day,
        window_to=day,
        planned_on=day,
        made_on=day,
        counts_toward_cap=True,
    )
    for code in codes:
        version = ItemVersion.objects.get(item__code=code)
        ContactItem.objects.create(contact=made, agency=agency, item_version=version, source="test")
    return made


@pytest.fixture
def restaurants(cast: Cast) -> list[Enterprise]:
    """Restaurants of a directory, with items that no joint list has together."""
    factories.ground()
    for code in ("gas-01", "waste-01"):
        factories.item(code, "market")
    return list(Enterprise.objects.filter(industry="H6210").order_by("pk")[:6])


def test_items_that_hit_the_same_restaurants_again_and_again_are_proposed(
    restaurants: list[Enterprise],
) -> None:
    for number, one in enumerate(restaurants):
        visit(one, TODAY - timedelta(days=1), "gas-01")
        visit(one, TODAY - timedelta(days=2), "waste-01", *(["market-01"] if number < 2 else []))
    (proposal,) = queries.list_proposals(TODAY, least=3)
    assert (proposal.items, proposal.directory) == (("gas-01", "waste-01"), "catering")
    assert (proposal.enterprises, proposal.visits, proposal.saved, proposal.inside) == (6, 12, 6, 100)


def test_what_a_joint_list_has_already_is_not_proposed(restaurants: list[Enterprise]) -> None:
    for one in restaurants:
        visit(one, TODAY - timedelta(days=1), "market-01")
        visit(one, TODAY - timedelta(days=2), "market-02")
    assert JointList.objects.get().items.filter(code__in=["market-01", "market-02"]).count() == 2
    assert queries.list_proposals(TODAY, least=3) == []


def test_items_that_are_checked_in_one_visit_need_no_list(restaurants: list[Enterprise]) -> None:
    for one in restaurants:
        visit(one, TODAY - timedelta(days=1), "gas-01", "waste-01")
    assert queries.list_proposals(TODAY, least=3) == []
