"""The outbox: told in the transaction in which it happens, read in an order in which nothing comes in late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOW
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.models import Event, EventReader
from yicha.ingest.exchange.rules import events as rules
from yicha.kernel.refusal import Refused

pytestmark = pytest.mark.django_db(transaction=True)
TYPE = "cn.yicha.test.happened"


def tell(subject: str, now: datetime = NOW) -> Event:
    with transaction.atomic():
        return services.emit(now=now, type=TYPE, subject=subject, data={"subject": subject})


@contextmanager
def another_transaction() -> Iterator[Any]:
    """A cursor of another connection, in a transaction of its own that ends with the block."""
    other = connections.create_connection("default")
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            yield cursor
        other.commit()
    finally:
        other.close()


def tell_by(cursor: Any, subject: str) -> None:
    cursor.execute(rules.tell("SELECT %s, %s, '{}'::jsonb"), [TYPE, subject])


def told(after: int = 0, limit: int = 100) -> list[str]:
    return [event.subject for event in queries.list_events(after, limit)]


def test_what_is_told_is_read_in_its_order_and_in_pages() -> None:
    for subject in "abcde":
        tell(subject)
    assert told() == list("abcde")
    first = queries.list_events(limit=2)
    assert [event.subject for event in first] == ["a", "b"]
    assert told(first[-1].pk) == list("cde")
    assert told(queries.list_events()[-1].pk) == []


def test_nothing_is_told_of_what_did_not_happen() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.emit(now=NOW, type=TYPE, subject="undone", data={})
        raise ZeroDivisionError
    assert told() == []


def test_a_transaction_tells_several_things_in_their_order() -> None:
    tell("before")
    with another_transaction() as other:
        other.execute("SELECT pg_current_xact_id()")
        with transaction.atomic():
            for subject in "abc":
                services.emit(now=NOW, type=TYPE, subject=subject, data={})
    assert told() == ["before", "a", "b", "c"]
    assert Event.objects.filter(transaction__lt=0).count() == 0


def test_an_event_belongs_to_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.emit(now=NOW, type=TYPE, subject="alone", data={})


def test_a_transaction_that_commits_late_is_neither_lost_nor_told_twice() -> None:
    """The slow one took its number and its place before the quick one, and commits after it was read."""
    tell("before")
    with another_transaction() as slow:
        tell_by(slow, "slow")
        tell("quick")
        seen = queries.list_events()
        assert [event.subject for event in seen] == ["before"], "the quick one waits for the slow one"
    assert told(seen[-1].pk) == ["slow", "quick"]


def test_a_transaction_that_began_early_and_writes_late_keeps_its_place() -> None:
    """By id alone the quick one would stand before the early one and be read first: then the early one is lost."""
    with another_transaction() as early:
        early.execute("SELECT pg_current_xact_id()")
        tell("quick")
        assert told() == []
        tell_by(early, "early")
    assert told() == ["early", "quick"]
    assert [event.subject for event in Event.objects.order_by("pk")] == ["quick", "early"]


def test_what_runs_in_another_database_of_the_cluster_holds_nothing_up() -> None:
    given = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    given |= {"dbname": "postgres", "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**given) as other:
        other.execute("SELECT pg_current_xact_id()")
        tell("here")
        assert told() == ["here"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from(["begin 0", "begin 1", "write 0", "write 1", "end 0", "end 1", "read"]), max_size=24
    )
)
def test_whoever_reads_on_gets_everything_once_whatever_runs_beside(steps: list[str]) -> None:
    Event.objects.all().delete()
    running: dict[str, Any] = {}
    got: list[str] = []
    written, cursor = 0, 0

    def read() -> None:
        nonlocal cursor
        for event in queries.list_events(cursor, limit=2):
            got.append(event.subject)
            cursor = event.pk

    for step in [*steps, "end 0", "end 1", *["read"] * 24]:
        act, _, name = step.partition(" ")
        if act == "begin" and name not in running:
            running[name] = connections.create_connection("default")
            running[name].set_autocommit(False)
            running[name].cursor().execute("SELECT pg_current_xact_id()")
        elif act == "write":
            written += 1
            if name in running:
                tell_by(running[name].cursor(), f"e{written}")
            else:
                tell(f"e{written}")
        elif act == "end" and name in running:
            running[name].commit()
            running.pop(name).close()
        elif act == "read":
            read()
    assert sorted(got) == sorted(f"e{number + 1}" for number in range(written))


def test_after_a_restore_what_was_told_before_comes_first_in_its_order() -> None:
    for subject in "abc":
        tell(subject)
    Event.objects.update(transaction=transaction_of_another_cluster() - F("id"))
    taken = Event.objects.get(subject="c").pk
    tell("after")
    assert told() == ["c", "b", "a", "after"]
    assert told(taken) == ["b", "a", "after"]


def transaction_of_another_cluster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0]) + 1_000_000


def test_many_things_are_told_by_one_statement() -> None:
    with transaction.atomic():
        statement = "SELECT 'cn.yicha.test.happened', 's' || n, jsonb_build_object('n', n) FROM generate_series(1, 3) n"
        assert services.emit_all(now=NOW, selected=statement) == 3
    assert [event.data for event in queries.list_events()] == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_reader_goes_forward_only() -> None:
    events = [tell(subject) for subject in "abc"]
    for step, expected in ((1, 1), (0, 1), (2, 2)):
        services.acknowledge(now=NOW, client="system", cursor=events[step].pk)
        assert EventReader.objects.get().cursor == events[expected].pk
    behind = [list(queries.list_readers_behind(event)) for event in events]
    assert behind == [[], [], []]
    last = tell("d")
    assert [reader.client for reader in queries.list_readers_behind(last)] == ["system"]


def test_a_cursor_that_was_never_given_is_refused() -> None:
    tell("a")
    with another_transaction() as slow:
        slow.execute("SELECT pg_current_xact_id()")
        waiting = tell("waiting")
        for cursor in (0, 10**12, waiting.pk):
            with pytest.raises(Refused) as refused:
                services.acknowledge(now=NOW, client="system", cursor=cursor)
            assert refused.value.codes == ("events.cursor",)
    services.acknowledge(now=NOW, client="system", cursor=waiting.pk)
