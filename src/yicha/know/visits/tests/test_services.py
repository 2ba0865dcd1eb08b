from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.tests.test_services import version
from yicha.know.visits import queries, services
from yicha.know.visits.models import Contact
from yicha.know.visits.rules import counts_toward_cap
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem, ResultCode


def planned(cast: Cast, uscc: str) -> PlannedContact:
    item = version(cast, 1).pk
    return PlannedContact(
        uscc=uscc,
        lead_agency=cast.agency_a.code,
        kind=ContactKind.DAILY,
        round="2026Q3",
        window_from=TODAY,
        window_to=date(2026, 9, 30),
        planned_on=date(2026, 7, 15),
        items=[
            PlannedItem(cast.agency_a.code, item, "draw:x"),
            PlannedItem(cast.fire_a.code, item, "draw:y"),
        ],
    )


@pytest.fixture
def contact(cast: Cast) -> Contact:
    return services.plan_contacts(actor="test", now=NOW, planned=[planned(cast, cast.noodle_shop.uscc)])[0]


def test_a_joint_visit_counts_once_however_many_agencies_come(cast: Cast, contact: Contact) -> None:
    assert contact.items.count() == 2
    assert queries.count_toward_cap(cast.noodle_shop.uscc, 2026) == 1
    assert contact.scope.agencies == frozenset({cast.agency_a.code, cast.fire_a.code})


def test_a_visit_to_an_unknown_enterprise_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    known = planned(cast, cast.noodle_shop.uscc)
    with pytest.raises(Refused) as refused:
        services.plan_contacts(
            actor="test", now=NOW, planned=[known, replace(known, uscc="91110112MA9999999X")]
        )
    assert refused.value.codes == ("visits.unknown-enterprise",)
    assert not Contact.objects.exists()


def test_a_planned_visit_is_in_the_ledger(contact: Contact) -> None:
    assert [entry.act for entry in ledger.list_entries_of(f"visit:{contact.uuid}")] == ["visit.planned"]


def test_a_visit_that_was_made_cannot_be_cancelled(contact: Contact) -> None:
    services.move(contact=contact, act="make", made_on=TODAY)
    with pytest.raises(Refused) as refused:
        services.move(contact=contact, act="cancel")
    assert refused.value.codes == ("contact.state",)


def test_results_are_written_to_the_items_they_name(contact: Contact) -> None:
    first, second = queries.list_items_of(contact)
    services.record_results(contact=contact, results={first.pk: ResultCode.CORRECTION_ORDERED}, on=TODAY)
    first.refresh_from_db()
    assert (first.result_code, first.result_on, second.result_code) == ("07", TODAY, "")


def test_a_cancelled_visit_gives_its_unit_back(cast: Cast, contact: Contact) -> None:
    services.move(contact=contact, act="cancel")
    assert queries.count_toward_cap(cast.noodle_shop.uscc, 2026) == 0
    assert not queries.list_in_period(cast.noodle_shop.uscc, TODAY, date(2026, 12, 31)).exists()


def test_what_counts_toward_the_cap() -> None:
    assert counts_toward_cap(ContactKind.DAILY) and counts_toward_cap(ContactKind.SPECIAL)
    assert not counts_toward_cap(ContactKind.COURTESY)
    assert not counts_toward_cap(ContactKind.SPECIAL, ordered_from_above=True)
