"""Two at the same time: the last two signatures, and two drafts that want the next number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, current_thread, main_thread
from time import sleep

import pytest
from django.db import connection, connections, transaction

from tests.cast import NOW, Cast
from yicha.base.ledger import queries as ledger
from yicha.know.agreement import queries, services
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.tests.factories import draft, offered


@pytest.fixture
def settled(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> Cast:
    """The cast outside of any transaction, so that two connections see it."""
    cast: Cast = request.getfixturevalue("cast")
    return cast


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Do them in threads that all begin together, each on its own connection."""
    gate = Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=120)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=300) for future in [pool.submit(one, act) for act in acts]]


def somebody_waits() -> bool:
    """Whether another session of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_the_last_two_signatures_at_the_same_time_put_it_in_force_once(settled: Cast) -> None:
    agreement = offered()

    def sign(region: str) -> object:
        try:
            return services.sign(actor=region, now=NOW, agreement=agreement, region=region)
        finally:
            if current_thread() is not main_thread():
                connections.close_all()

    sign("110112")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            sign("110115")
            last = pool.submit(sign, "110302")
            for _ in range(2400):
                if somebody_waits():
                    break
                sleep(0.05)
            else:
                pytest.fail("the last signature did not wait for the one before it")
        last.result(timeout=300)
    assert Agreement.objects.get().state == "in-force"
    acts = [entry.act for entry in ledger.list_entries_of(f"agreement:{agreement.code}")]
    assert acts.count("agreement.begun") == 1 and acts.count("agreement.signed") == 3
    assert len(queries.list_agreement_facts()) == 1


def test_drafts_at_the_same_time_have_numbers_of_their_own(settled: Cast) -> None:
    def drafting() -> object:
        return services.draft_agreement(actor="coordinator", now=NOW, draft=draft()).code

    assert len(set(at_once([drafting] * 4))) == 4
