"""A record ended: verdicts to come that would be another are reopened, and nothing else is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.base.ledger.models import Entry
from yicha.decide.gate import services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.tests.stage import LATER, TODAY, asked, items, visit
from yicha.know.catalogue.models import ItemVersion
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Cast) -> dict[str, ItemVersion]:
    return items()


@pytest.fixture
def rested(cast: Cast, known: dict[str, ItemVersion]) -> Cast:
    """The noodle shop is of class D because of a record, and was visited in spring: of class A it would rest."""
    visit(cast.noodle_shop, cast.agency_a, TODAY - timedelta(days=90), known["label"])
    set_class(cast, "D")
    return cast


def set_class(cast: Cast, letter: str) -> None:
    cast.noodle_shop.risk_class = letter
    cast.noodle_shop.save()


def reopen(cast: Cast) -> list[Application]:
    return services.reopen_overtaken("yicha", LATER, cast.noodle_shop.pk, "110112-market/12")


def test_a_granted_visit_that_would_not_be_now_is_reopened_and_its_code_opens_no_door(rested: Cast) -> None:
    row = services.apply("t", NOW, asked(rested))
    assert row.state == "granted"
    set_class(rested, "A")
    assert reopen(rested) == [row]
    row.refresh_from_db()
    assert (row.state, row.contact) == ("reopened", None)
    assert list(VisitCode.objects.values_list("state", flat=True)) == ["revoked"]
    assert Contact.objects.get(planned_on__gte=TODAY).state == "cancelled"
    entry = Entry.objects.get(act="gate.reopened")
    assert entry.body == {"record": "110112-market/12"}


def test_asked_again_it_is_judged_without_the_record(rested: Cast) -> None:
    row = services.apply("t", NOW, asked(rested))
    set_class(rested, "A")
    reopen(rested)
    again = services.ask_again("t", LATER, row)
    assert again.state in ("deferred", "refused")
    assert reopen(rested) == []


def test_a_verdict_that_would_be_the_same_stays(rested: Cast) -> None:
    row = services.apply("t", NOW, asked(rested))
    set_class(rested, "B")
    assert reopen(rested) == []
    row.refresh_from_db()
    assert row.state == "granted"


def test_a_visit_that_was_made_stays_as_it_was_judged(rested: Cast) -> None:
    row = services.apply("t", NOW, asked(rested))
    Contact.objects.filter(applications=row).update(state="made", made_on=TODAY)
    set_class(rested, "A")
    assert reopen(rested) == []


def test_days_that_are_over_stay_as_they_were_judged(rested: Cast) -> None:
    row = services.apply("t", NOW, asked(rested))
    set_class(rested, "A")
    late = NOW + timedelta(days=30)
    assert services.reopen_overtaken("yicha", late, rested.noodle_shop.pk, "x") == []
    row.refresh_from_db()
    assert row.state == "granted"


def test_what_is_deferred_because_of_the_class_may_be_asked_again_at_once(rested: Cast) -> None:
    set_class(rested, "A")
    row = services.apply("t", NOW, asked(rested))
    assert row.state in ("deferred", "refused")
    set_class(rested, "B")
    assert reopen(rested) == [row]
    assert services.ask_again("t", LATER, row).state == "granted"
