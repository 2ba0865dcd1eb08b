"""Reading facts: one statement, few round trips, and the same as a naive reading."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, Cast
from yicha.decide.gate import queries
from yicha.decide.gate.queries import facts as reading
from yicha.decide.gate.queries import reference
from yicha.decide.gate.tests.stage import TODAY, asked, items, result, visit
from yicha.know.agreement import queries as agreement
from yicha.know.catalogue.models import ItemVersion, LegalNumber
from yicha.know.registry.models import Recusal
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.visits.models import Contact, Result
from yicha.know.visits.terms import PROBLEM_CODES

HERE = Path(__file__).resolve().parent


@pytest.fixture
def known(cast: Cast) -> dict[str, ItemVersion]:
    return items()


@contextmanager
def round_trips() -> Iterator[Callable[[], int]]:
    """Counts the answers of the server that end a request: libpq writes down every message of the protocol."""
    raw = connection.connection
    handle, name = tempfile.mkstemp()
    raw.pgconn.trace(handle)
    raw.pgconn.set_trace_flags(psycopg.pq.Trace.SUPPRESS_TIMESTAMPS)

    def count() -> int:
        raw.pgconn.untrace()
        lines = Path(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return sum(line.startswith("B") and "ReadyForQuery" in line for line in lines)

    try:
        yield count
    finally:
        raw.pgconn.untrace()
        os.close(handle)
        Path(name).unlink()


def trips_of_a_preview(cast: Cast) -> int:
    with round_trips() as count:
        queries.preview(asked(cast), NOW)
        return count()


@pytest.fixture
def settled(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> Cast:
    """The cast outside of any transaction, as a request of a partner finds it, on a connection of its own."""
    cast: Cast = request.getfixturevalue("cast")
    items()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.ensure_connection()
    reference.forget()
    return cast


def test_a_verdict_takes_three_round_trips_at_most_and_one_as_a_rule(settled: Cast) -> None:
    assert trips_of_a_preview(settled) == 1, "nothing is kept: all is read at once"
    assert trips_of_a_preview(settled) == 2, "the first time on a connection the statement is prepared"
    assert trips_of_a_preview(settled) == 1
    LegalNumber.objects.filter(code="visits-a-day").update(value=2)
    assert trips_of_a_preview(settled) == 2, "the reference tables have changed: they are read with the facts"
    assert trips_of_a_preview(settled) == 1


def test_the_worst_case_is_a_new_connection_after_a_change(settled: Cast) -> None:
    queries.preview(asked(settled), NOW)
    LegalNumber.objects.filter(code="visits-a-day").update(value=2)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.ensure_connection()
    assert trips_of_a_preview(settled) == 3
    assert trips_of_a_preview(settled) == 1


def test_a_connection_from_the_pool_keeps_its_prepared_statement(settled: Cast) -> None:
    queries.preview(asked(settled), NOW)
    queries.preview(asked(settled), NOW)
    session = connection.connection.info.backend_pid
    for _ in range(20):  # the pool hands out its connections in turn
        connection.close()
        connection.ensure_connection()
        if connection.connection.info.backend_pid == session:
            break
    assert connection.connection.info.backend_pid == session
    assert trips_of_a_preview(settled) == 1


def test_a_change_is_seen_by_the_next_verdict_and_a_rollback_too(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    def most() -> int:
        return int(queries.preview(asked(cast), NOW)[1].numbers["visits-a-day"].value)

    assert most() == 1
    with transaction.atomic():
        LegalNumber.objects.filter(code="visits-a-day").update(value=5)
        assert most() == 5
        transaction.set_rollback(True)
    assert most() == 1


def test_the_reference_is_what_its_owners_say(cast: Cast, known: dict[str, ItemVersion]) -> None:
    queries.preview(asked(cast), NOW)
    kept = reference.find_kept()
    assert kept is not None
    assert list(kept.agreements) == agreement.list_agreement_facts()
    told = [(code, item, *rest) for item, rows in kept.equivalences.items() for code, *rest in rows]
    assert sorted(told) == sorted(
        (code, item, here, other, there) for code, item, here, other, there in agreement.list_equivalences()
    )
    assert sorted((item, *row) for item, rows in kept.spared.items() for row in rows) == sorted(
        undisturbed.list_spared_items()
    )


def test_every_number_that_a_rule_asks_for_is_read(cast: Cast, known: dict[str, ItemVersion]) -> None:
    rules = "".join(path.read_text("utf-8") for path in (HERE.parent / "rules").glob("*.py"))
    asked_for = {code for code in LegalNumber.objects.values_list("code", flat=True) if f'"{code}"' in rules}
    facts = queries.get_facts([asked(cast)], NOW)[0]
    assert asked_for | {"annual-visit-cap-city", "visits-a-day", "emergency-papers-days"} <= set(
        facts.numbers
    )


def test_many_are_asked_in_one_round_trip(cast: Cast, known: dict[str, ItemVersion]) -> None:
    queries.preview(asked(cast), NOW)
    shops = [cast.noodle_shop, cast.paint_factory, cast.chip_maker] * 20
    wanted = [asked(cast, uscc=shop.uscc) for shop in shops]
    queries.preview_many(wanted, NOW)
    with round_trips() as count:
        verdicts = queries.preview_many(wanted, NOW)
        assert count() == 1
    assert verdicts == [queries.preview(one, NOW)[0] for one in wanted]
    assert queries.preview_many([], NOW) == []


def test_the_place_is_that_of_the_premises_and_its_zone(cast: Cast, known: dict[str, ItemVersion]) -> None:
    _, facts = queries.preview(asked(cast), NOW)
    assert facts.enterprise is not None
    assert facts.enterprise.place_regions == ("110112", "yizhuang", "110000")
    assert facts.enterprise.zone_regions == ("110112", "110115", "110302")
    assert facts.agency is not None and facts.agency.level == "district"


HISTORY = st.lists(
    st.tuples(
        st.integers(min_value=-900, max_value=300),
        st.sampled_from(["planned", "made", "spared", "cancelled"]),
        st.sampled_from(["food", "label", "hose"]),
        st.booleans(),
        st.sampled_from(["", "01", "07"]),
    ),
    max_size=6,
)
RESULTS = st.lists(
    st.tuples(
        st.integers(min_value=-400, max_value=0),
        st.sampled_from(["food", "label", "hose"]),
        st.sampled_from(["offered", "revoked"]),
        st.booleans(),
    ),
    max_size=4,
    unique=True,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORY, found=RESULTS, recused=st.integers(min_value=-20, max_value=20))
def test_the_statement_finds_what_a_naive_reading_finds(
    cast: Cast,
    known: dict[str, ItemVersion],
    history: list[tuple[int, str, str, bool, str]],
    found: list[tuple[int, str, str, bool]],
    recused: int,
) -> None:
    point = transaction.savepoint()
    try:
        shop = cast.noodle_shop
        for days, state, code, counts, said in history:
            agency = cast.fire_a if code == "hose" else cast.agency_a
            contact = visit(
                shop, agency, TODAY + timedelta(days=days), known[code], state, counts_toward_cap=counts
            )
            contact.items.update(result_code=said if state == "made" else "")
        for number, (days, code, state, refuses) in enumerate(found):
            result(
                shop,
                cast.agency_a,
                known[code],
                TODAY + timedelta(days=days),
                state=state,
                revoked_at=NOW,
                refused_by=[cast.agency_a.code] if refuses else [],
                reference=str(number),
            )
        officer = cast.agency_a.officers.get(certificate="T-0001")
        Recusal.objects.create(
            officer=officer, enterprise=shop, reason="亲属", from_on=TODAY + timedelta(days=recused)
        )
        wanted = asked(cast, items=("food", "label", "nothing"))
        facts = queries.get_facts([wanted], NOW)[0]
        assert {
            (one.uuid, one.on, one.items, one.counts, one.found) for one in facts.contacts
        } == naive_contacts()
        assert {(one.uuid, one.item, one.refused) for one in facts.results} == naive_results(cast)
        assert facts.officers[0].recused == ("亲属" if recused <= 6 else "")
        assert [(one.code, one.known) for one in facts.items] == [
            ("food", True),
            ("label", True),
            ("nothing", False),
        ]
    finally:
        transaction.savepoint_rollback(point)


def naive_contacts() -> set[tuple[str, date, tuple[str, ...], bool, bool | None]]:
    problems = {code.value for code in PROBLEM_CODES}
    seen = set()
    for contact in Contact.objects.filter(state__in=["planned", "made"]).prefetch_related("items"):
        on = contact.made_on or contact.planned_on
        assert on is not None
        codes = {row.result_code for row in contact.items.all() if row.result_code}
        known = contact.state == "made" and bool(codes)
        parts = tuple(row.item_version.item.code for row in contact.items.all())
        seen.add(
            (
                str(contact.uuid),
                on,
                parts,
                contact.counts_toward_cap,
                bool(codes & problems) if known else None,
            )
        )
    return seen


def naive_results(cast: Cast) -> set[tuple[str, str, bool]]:
    return {
        (str(row.uuid), row.item_version.item.code, cast.agency_a.code in row.refused_by)
        for row in Result.objects.filter(state="offered", valid_until__gte=TODAY)
        if row.item_version.item.code in ("food", "label")
    }


def test_what_cannot_be_a_code_is_not_sent() -> None:
    assert reading._code("\0") == "" and reading._code("x" * 200) == "" and reading._code("110112-fire")
    assert reading.read_uuid("x") is None
