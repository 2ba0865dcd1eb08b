"""What a worker does: a discovery that a person began, and what every night brings."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.cast import NOW, Cast
from yicha.kernel import clock
from yicha.know.credit.terms import RecordKind
from yicha.know.undisturbed import jobs, queries, services
from yicha.know.undisturbed.models import Discovery, Listing
from yicha.know.undisturbed.terms import ListingState as S
from yicha.know.undisturbed.tests.factories import make_fit, noon, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def test_a_worker_makes_the_discovery_that_was_begun_once(cast: Cast) -> None:
    make_fit(cast.noodle_shop)
    run = services.begin_discovery(actor="c", now=NOW)
    jobs.run_discovery(str(run.uuid), "c")
    jobs.run_discovery(str(run.uuid), "c")
    jobs.run_discovery(str(uuid4()), "c")
    run.refresh_from_db()
    assert (run.state, run.found, queries.list_candidates().count()) == ("done", 1, 1)


def test_a_discovery_that_breaks_is_failed_and_leaves_room_for_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(**_given: object) -> None:
        raise RuntimeError("the disk is full")

    run = services.begin_discovery(actor="c", now=NOW)
    monkeypatch.setattr(services, "run_discovery", break_off)
    with pytest.raises(RuntimeError):
        jobs.run_discovery(str(run.uuid), "c")
    assert Discovery.objects.get().state == "failed"
    services.begin_discovery(actor="c", now=NOW)


def test_every_night_silence_lists_and_records_suspend(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_fit(cast.noodle_shop)
    listing = services.nominate(actor="a", now=NOW, uscc=cast.noodle_shop.uscc)
    services.review(actor="a", now=NOW, listing=listing)
    record(cast.noodle_shop, RecordKind.PENALTY, now=noon(1))
    monkeypatch.setattr(clock, "now", lambda: noon(2))
    jobs.turn_day(0)
    assert Listing.objects.get().state == S.SUSPENDED
