"""Steps of the protocol, and every refusal by name."""

from __future__ import annotations

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.models import Listing
from yicha.know.undisturbed.terms import ListingState, Phase
from yicha.know.undisturbed.tests.factories import make_fit

pytestmark = pytest.mark.django_db


@pytest.fixture
def fit(cast: Cast) -> Cast:
    """The noodle shop and the chip maker meet the criteria; the paint factory is in a key-safety trade."""
    for enterprise in (cast.noodle_shop, cast.chip_maker, cast.paint_factory):
        make_fit(enterprise)
    return cast


def test_a_discovery_proposes_whoever_meets_the_criteria(fit: Cast) -> None:
    run = services.discover(actor="test", now=NOW)
    assert [one.enterprise for one in queries.list_candidates()] == [fit.noodle_shop, fit.chip_maker]
    assert (run.examined, run.found, run.by_region) == (3, 2, {"110112": 1, "110302": 1})
    done = services.nominate_many(actor="test", now=NOW, candidates=queries.list_candidates(), expected=2)
    assert done.count == 2
    done = services.review_many(actor="test", now=NOW, listings=queries.list_listings(), expected=2)
    assert done.count == 2
    assert {one.state for one in Listing.objects.all()} == {ListingState.LISTED}
    assert Entry.objects.filter(act__startswith="undisturbed.").count() == 3
    assert services.recheck(actor="test", now=NOW).count == 0
    assert services.close_windows(actor="test", now=NOW).count == 0
    assert queries.check_enterprise(fit.paint_factory.uscc, Phase.ENTRY, TODAY)
