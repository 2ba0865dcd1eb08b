"""Two hundred applications at once against a budget of two: exactly two are allowed, on every isolation level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import date, datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pghistory
import pytest
from django.db import OperationalError, connection, transaction

from tests.cast import Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.gate import queries, services
from yicha.decide.gate.models import Application, Turn, VisitCode
from yicha.decide.gate.services import turns
from yicha.decide.gate.terms import Application as Asked
from yicha.decide.gate.tests.stage import asked, items
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.visits.models import Contact

BUDGET = 2
"""The county's cap for one level: a dated row of the catalogue's migrations."""
AT_ONCE = 200
THREADS = 12
NEW_YEAR = datetime(2026, 1, 2, 9, tzinfo=clock.BEIJING)
LEVELS = ["read committed", "repeatable read", "serializable"]


@pytest.fixture
def stage(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> Cast:
    cast: Cast = request.getfixturevalue("cast")
    items()
    return cast


@pytest.fixture
def level(request: pytest.FixtureRequest, stage: Cast) -> Iterator[str]:
    """Every connection of this process has this isolation level unless it says otherwise."""
    options = connection.settings_dict["OPTIONS"]
    named = request.param.replace(" ", "\\ ")
    options["options"] = f"-c default_transaction_isolation={named}"
    reconnect()
    yield request.param
    del options["options"]
    reconnect()


def reconnect() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def wish(cast: Cast, number: int) -> Asked:
    """Each on a day of its own, so that nobody can join anybody."""
    on = date(2026, 1, 5) + timedelta(days=number)
    return asked(cast, from_on=on, until_on=on)


def at_once(act: Callable[[int], Any], count: int, threads: int = THREADS) -> list[Any]:
    """Do it so many times on threads with connections of their own; errors come back as values."""

    def work(number: int) -> Any:
        try:
            return act(number)
        except OperationalError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(count)))


def isolation() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW default_transaction_isolation")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("level", LEVELS, indirect=True)
def test_two_hundred_at_once_leave_exactly_two_allowed(stage: Cast, level: str) -> None:
    def act(number: int) -> str:
        assert isolation() == level
        return str(services.apply("t", NEW_YEAR, wish(stage, number)).state)

    states = Counter(at_once(act, AT_ONCE))
    assert states == {"granted": BUDGET, "deferred": AT_ONCE - BUDGET}
    assert Application.objects.count() == AT_ONCE
    assert Contact.objects.filter(state="planned").count() == BUDGET
    assert VisitCode.objects.filter(state="live").count() == BUDGET
    assert Turn.objects.get().number == AT_ONCE
    assert queries.get_budget(stage.noodle_shop.uscc, date(2026, 3, 1)).lines[1].used == BUDGET
    acts = Counter(entry.act for entry in ledger.list_entries())
    assert (acts["gate.applied"], acts["visit.planned"], acts["code.issued"]) == (AT_ONCE, BUDGET, BUDGET)


@pytest.mark.parametrize("has_turns", [True, False])
def test_it_is_the_turn_that_keeps_the_budget(
    stage: Cast, monkeypatch: pytest.MonkeyPatch, has_turns: bool
) -> None:
    """The same four, each waiting after reading until the others have read: without turns all four are let in."""
    together = Barrier(4)
    read = queries.get_facts

    def get_facts(applications: Any, now: datetime) -> Any:
        facts = read(applications, now)
        with suppress(BrokenBarrierError):  # the others wait for their turn
            together.wait(timeout=2 if has_turns else 60)
        return facts

    monkeypatch.setattr(queries, "get_facts", get_facts)
    if not has_turns:
        monkeypatch.setattr(turns, "take_turn", lambda enterprise: None)
    states = at_once(lambda number: services.apply("t", NEW_YEAR, wish(stage, number)).state, 4, threads=4)
    assert Counter(states)["granted"] == (BUDGET if has_turns else 4)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"], indirect=True)
def test_inside_a_transaction_of_the_caller_the_later_one_is_told_to_begin_again(
    stage: Cast, level: str
) -> None:
    """Both have their snapshot before either has the turn: the second may not write over the first."""
    both = Barrier(2)

    def act(number: int) -> str:
        with transaction.atomic():
            Contact.objects.count()
            both.wait(timeout=120)
            return str(services.apply("t", NEW_YEAR, wish(stage, number)).state)

    done = at_once(act, 2, threads=2)
    errors = [one for one in done if isinstance(one, OperationalError)]
    assert [one for one in done if one not in errors] == ["granted"]
    assert getattr(errors[0].__cause__, "sqlstate", "") == "40001"
    assert Application.objects.count() == 1


def test_a_suspension_is_seen_by_the_next_verdict(stage: Cast) -> None:
    from yicha.know.undisturbed.models import Listing

    shop = stage.noodle_shop
    assert shop.region is not None
    listing = Listing.objects.create(
        enterprise=shop,
        region=shop.region,
        state="listed",
        since=NEW_YEAR,
        listed_on=date(2025, 12, 1),
        weighed_at=NEW_YEAR,
    )

    def found() -> object:
        return queries.preview(wish(stage, 0), NEW_YEAR)[1].listing

    assert found() is not None

    def suspend(_: int) -> None:
        Listing.objects.filter(pk=listing.pk).update(state="suspended")

    at_once(suspend, 1)
    assert found() is None


@pytest.mark.parametrize("nested", [False, True])
def test_who_was_overtaken_begins_again(stage: Cast, nested: bool) -> None:
    attempts: list[int] = []

    def work() -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise Refused([Reason(turns.VISIT_GONE, "")])
        return "done"

    with transaction.atomic() if nested else nullcontext():
        assert services.in_turn(stage.noodle_shop.pk, work) == "done"
    assert Turn.objects.get().number == 1, "what the earlier attempts wrote is gone"


def test_a_refusal_is_not_asked_twice(stage: Cast) -> None:
    attempts: list[int] = []

    def work() -> None:
        attempts.append(1)
        raise Refused([Reason("gate.unknown-agency", "")])

    with pytest.raises(Refused):
        services.in_turn(stage.noodle_shop.pk, work)
    assert len(attempts) == 1


def test_it_does_not_try_for_ever(stage: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0)
    attempts: list[int] = []

    def work() -> None:
        attempts.append(1)
        raise Refused([Reason(turns.VISIT_GONE, "")])

    with pytest.raises(Refused):
        services.in_turn(stage.noodle_shop.pk, work)
    assert len(attempts) == turns.ATTEMPTS


def test_a_request_that_leaves_its_name_in_the_history_may_apply(stage: Cast) -> None:
    """What pghistory puts before statements does not come before the isolation level."""
    with pghistory.context(user="officer-a"):
        assert services.apply("t", NEW_YEAR, wish(stage, 0)).state == "granted"
