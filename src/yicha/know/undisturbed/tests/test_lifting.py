"""What suspended a listing has ended: it is in effect again, unless something else speaks against it."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.cast import NOW, TODAY, Cast
from yicha.kernel.refusal import Refused
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.services.endings import end_effect
from yicha.know.credit.terms import RecordKind
from yicha.know.credit.terms.repairs import EndingCause
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.models import Listing, Notice, Step
from yicha.know.undisturbed.tests.factories import make_fit, noon, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing(cast: Cast) -> Listing:
    """The noodle shop, on the list of its region."""
    make_fit(cast.noodle_shop)
    made = services.nominate(actor="approver", now=NOW, uscc=cast.noodle_shop.uscc)
    return services.review(actor="approver", now=NOW, listing=made)


def suspend_by(
    cast: Cast, listing: Listing, kind: RecordKind = RecordKind.PENALTY, day: int = 1
) -> CreditRecord:
    """A record comes, and the night suspends."""
    found = record(cast.noodle_shop, kind, now=noon(day))
    services.recheck(actor="clock", now=noon(day + 1))
    listing.refresh_from_db()
    assert listing.state == "suspended"
    return found


def end(found: CreditRecord, day: int) -> None:
    end_effect(actor="boss", now=noon(day), record=found, cause=EndingCause.AGENCY)


def lift(listing: Listing, day: int = 5) -> Listing:
    return services.lift(actor="yicha", now=noon(day), listing=listing, reference="XF-2026-0001")


def in_effect(cast: Cast) -> bool:
    """Whether the gate finds the listing a month later."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {queries.LISTING_SQL} FROM registry_enterprise e, (SELECT %s::date AS from_on) a "
            "WHERE e.id = %s",
            [noon(30).date(), cast.noodle_shop.pk],
        )
        return cursor.fetchone()[0] is not None


def test_what_was_suspended_by_a_record_that_ended_is_in_effect_again(cast: Cast, listing: Listing) -> None:
    end(suspend_by(cast, listing), 4)
    after = lift(listing)
    assert (after.state, after.trigger, after.listed_on) == ("listed", "", noon(5).date())
    assert in_effect(cast)
    step = Step.objects.latest("id")
    assert (step.act, step.reference) == ("lift", "XF-2026-0001")
    assert queries.tell(step).sentence == (
        "What suspended the listing has ended. Your enterprise is on the list again."
    )
    assert Notice.objects.filter(step=step).exists()


def test_it_is_not_suspended_again_by_the_next_night(cast: Cast, listing: Listing) -> None:
    end(suspend_by(cast, listing), 4)
    lift(listing)
    assert services.recheck(actor="clock", now=noon(6)).count == 0


def test_what_was_recorded_meanwhile_keeps_it_suspended_and_is_named(cast: Cast, listing: Listing) -> None:
    first = suspend_by(cast, listing)
    other = record(cast.noodle_shop, RecordKind.ACCIDENT, now=noon(3))
    end(first, 4)
    after = lift(listing)
    step = Step.objects.latest("id")
    assert (after.state, after.trigger) == ("suspended", "accident")
    assert (step.act, step.reference) == ("suspend-anew", other.code)
    assert not in_effect(cast)


def test_a_criterion_that_is_not_met_keeps_it_suspended(cast: Cast, listing: Listing) -> None:
    end(suspend_by(cast, listing), 4)
    cast.noodle_shop.risk_class = "C"
    cast.noodle_shop.save()
    after = lift(listing)
    assert (after.state, after.trigger) == ("suspended", "class")


def test_what_was_weighed_before_does_not_come_back(cast: Cast, listing: Listing) -> None:
    """A record that a person knew when it was listed speaks against nothing later."""
    known = suspend_by(cast, listing)
    services.restore(actor="approver", now=noon(3), listing=listing, reason="已处理")
    end(suspend_by(cast, listing, RecordKind.ACCIDENT, day=4), 7)
    assert known.state == "in-effect"
    assert lift(listing, day=8).state == "listed"


def test_only_a_suspension_is_lifted(cast: Cast, listing: Listing) -> None:
    with pytest.raises(Refused) as refused:
        lift(listing)
    assert refused.value.codes == ("undisturbed.state",)
    assert queries.find_against(listing, TODAY) == ("", "")
