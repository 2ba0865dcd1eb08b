"""A process that is killed while it applies leaves whole applications or none, and the budget holds."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from tests.cast import Cast, enterprise
from tests.faults.test_import import eventually, others_are_at_work
from yicha.base.keys import queries as keys
from yicha.base.ledger.models import Entry, Head
from yicha.decide.gate import queries, services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.terms import Application as Asked
from yicha.decide.gate.tests.stage import items
from yicha.kernel import clock
from yicha.know.visits.models import Contact, ContactItem
from yicha.know.visits.terms import ContactKind

BUDGET = 2
NEW_YEAR = datetime(2026, 1, 2, 9, tzinfo=clock.BEIJING)
SHOPS = 4
SCRIPT = """
import os, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from yicha.decide.gate import services
from yicha.decide.gate.services import asking, outcomes
from tests.faults.test_gate import NEW_YEAR, wish

def wait(*args, **more):
    print("waiting", flush=True)
    time.sleep(60)

if sys.argv[2]:
    module, name = sys.argv[2].split(".")
    setattr({"asking": asking, "outcomes": outcomes, "codes": outcomes.codes}[module], name, wait)
shops, first = sys.argv[4:], int(sys.argv[3])
for number in range(first, first + 40):
    row = services.apply("t", NEW_YEAR, wish(shops[number % len(shops)], number))
    print(row.uuid, row.state, flush=True)
print("end", flush=True)
"""


def wish(uscc: str, number: int) -> Asked:
    """Market regulation of 通州 wants to come, each time on another day."""
    on = date(2026, 1, 5) + timedelta(days=number)
    return Asked(
        agency="110112-market",
        uscc=uscc,
        items=("food",),
        kind=ContactKind.DAILY,
        trigger="initiative",
        from_on=on,
        until_on=on,
        officers=("T-0001", "T-0002"),
        approved_by="局长",
    )


@pytest.fixture
def shops(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> list[str]:
    cast: Cast = request.getfixturevalue("cast")
    items()
    more = [enterprise(number, f"通州小店{number}", "110112").uscc for number in range(11, 10 + SHOPS)]
    return [cast.noodle_shop.uscc, *more]


@contextmanager
def applying(shops: list[str], first: int, waits_at: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that applies and says what it was answered; it is killed at the end of the block."""
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, name, waits_at, str(first), *shops],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
    eventually(lambda: not others_are_at_work())


def test_whenever_it_is_killed_what_it_said_is_kept_and_the_budget_holds(shops: list[str]) -> None:
    chance = random.Random(20260702)
    said: dict[str, str] = {}
    for kill in range(4):
        with applying(shops, first=kill * 40) as process:
            assert process.stdout is not None
            for _ in range(chance.randint(1, 12)):
                uuid, state = process.stdout.readline().split()
                said[uuid] = state
            time.sleep(chance.random() / 20)
        assert_whole(shops)
    stored = {str(row.uuid): row.state for row in Application.objects.all()}
    assert said.items() <= stored.items()
    assert set(said.values()) == {"granted", "deferred"}
    for number in range(170, 178):
        services.apply("t", NEW_YEAR, wish(shops[number % SHOPS], number))
    assert_whole(shops)
    assert [used(shop) for shop in shops] == [BUDGET] * SHOPS


@pytest.mark.parametrize("at", ["asking._write", "outcomes.carry_out", "codes.issue_code", "codes.digest_of"])
def test_killed_half_way_it_leaves_nothing_and_the_turn_is_free(shops: list[str], at: str) -> None:
    with applying(shops, first=0, waits_at=at) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
    assert_whole(shops)
    assert not Application.objects.exists() and not Contact.objects.exists()
    assert services.apply("t", NEW_YEAR, wish(shops[0], 0)).state == "granted"


def used(shop: str) -> int:
    return queries.get_budget(shop, date(2026, 3, 1)).lines[1].used


def assert_whole(shops: list[str]) -> None:
    """Every granted application has its visit, its code and its acts in the ledger, and nothing is left over."""
    found = Application.objects.filter(state="granted").select_related("contact")
    granted = [(row, row.contact) for row in found if row.contact is not None]
    assert all(used(shop) <= BUDGET for shop in shops)
    assert {contact.pk for _, contact in granted} == set(Contact.objects.values_list("pk", flat=True))
    assert Contact.objects.count() == len(granted) == VisitCode.objects.count()
    assert ContactItem.objects.count() == len(granted)
    for row, contact in granted:
        code = queries.find_live_code(contact)
        assert code is not None
        says = keys.verify("visit-code", code.token, datetime.combine(row.window_from, NEW_YEAR.timetz()))
        assert (says["visit"], says["items"]) == (str(contact.uuid), ["food"])
    acts = list(Entry.objects.order_by("seq").values_list("act", "subject"))
    assert Head.objects.get().size == len(acts)
    applied = {subject for act, subject in acts if act == "gate.applied"}
    assert applied == {f"gate:{row.uuid}" for row in Application.objects.all()}
    planned = {subject for act, subject in acts if act == "visit.planned"}
    issued = {subject for act, subject in acts if act == "code.issued"}
    assert planned == issued == {f"visit:{contact.uuid}" for _, contact in granted}
