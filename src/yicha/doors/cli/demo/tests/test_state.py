"""A database that holds anything else is left alone."""

from __future__ import annotations

import pytest

from yicha.doors.cli.demo import demonstration, state
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.registry import queries as registry_queries
from yicha.know.registry import services as registry
from yicha.know.registry.terms import RegionKind

pytestmark = pytest.mark.django_db


def test_an_empty_database_may_be_used() -> None:
    assert state.look().content is state.Content.NOTHING


def test_other_data_is_never_touched() -> None:
    registry.save_region(actor="clerk", now=clock.now(), code="110000", name="北京市", kind=RegionKind.CITY)
    assert state.look().content is state.Content.OTHER
    with pytest.raises(Refused) as refused:
        demonstration.show(demonstration.Wish(fresh=True))
    assert refused.value.codes == ("demo.other-data",)
    with pytest.raises(Refused):
        state.reset()
    assert len(registry_queries.list_regions()) == 1


def test_a_demonstration_that_was_interrupted_is_known_as_such() -> None:
    state.begin({"seed": "1"}, clock.now())
    assert state.look() == state.Found(state.Content.UNFINISHED, {"seed": "1"})
    state.finish({"joint": 12}, clock.now())
    assert state.look().content is state.Content.FINISHED
    assert state.numbers() == {"joint": 12}


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        (demonstration.Wish(), True),
        (demonstration.Wish(seed=1), True),
        (demonstration.Wish(seed=2), False),
        (demonstration.Wish(enterprises=300), True),
        (demonstration.Wish(enterprises=301), False),
    ],
)
def test_what_was_not_asked_for_does_not_matter(wish: demonstration.Wish, fits: bool) -> None:
    there = {"edition": demonstration.EDITION, "enterprises": "300", "seed": "1", "input": ""}
    assert demonstration.fits(wish, there) is fits
