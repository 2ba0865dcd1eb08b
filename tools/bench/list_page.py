"""`list_page_100k_ms`: every list page of the desk at 100,000 enterprises; the slowest one counts."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from tools.bench import Bench, Result
from tools.bench.ground import empty_database

ENTERPRISES = 100_000
ROUNDS = 9
ADDRESSES = (
    "enterprises/",
    "enterprises/?q=科技",
    "enterprises/?q=bjkj",
    "enterprises/?risk_class=A&status=active",
    "enterprises/?region=110112&sort=name",
    "enterprises/?page=200",
)
"""The long list, as people ask it: at first sight, by a word, by initials, filtered, sorted, far down."""


def list_page() -> Result:
    """Median time of the slowest list, with the median of a page that reads one row by its key beside it."""
    with empty_database():
        from django.test import Client

        logging.disable(logging.INFO)
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(_populate())
        key = "/desk/ledger/0/"
        times = {address: _median(client, address) for address in [key, *_addresses()]}
    baseline = times.pop(key)
    slowest = max(times, key=lambda address: times[address])
    note = f"{ENTERPRISES:,} enterprises, {len(times)} lists; slowest {slowest}"
    return Result(value=times[slowest], unit="ms", baseline=baseline, note=note)


def _addresses() -> Iterator[str]:
    from django.urls import resolve, reverse

    from yicha.doors.desk.lists import ListPage
    from yicha.doors.desk.navigation import all_entries

    for entry in all_entries():
        address = reverse(entry.url_name)
        if issubclass(resolve(address).func.view_class, ListPage):  # type: ignore[attr-defined]
            yield address
    for address in ADDRESSES:
        yield f"/desk/{address}"


def _median(client: Any, address: str) -> float:
    """Milliseconds of a whole request and answer, without the network; the first one warms up and is not counted."""
    taken = []
    for _round in range(ROUNDS + 1):
        begun = time.perf_counter()
        answer = client.get(address)
        taken.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return statistics.median(taken[1:])


def _populate() -> Any:
    """The zone of the demonstration with more enterprises, and a coordinator who sees them all."""
    from django.db import connection

    from yicha.base.accounts import services as accounts
    from yicha.base.accounts.terms import GrantFacts, Role
    from yicha.doors.cli.demo import zone
    from yicha.kernel import clock

    now = clock.now()
    who = accounts.create_user(actor="bench", now=now, username="bench", password="paper-ink-and-one-seal")
    for role in (Role.COORDINATOR, Role.SECURITY_ADMIN):
        accounts.grant(actor="bench", now=now, user=who, facts=GrantFacts(role=role))
    zone.make_places(now)
    zone.make_agencies(now)
    zone.make_directories(now)
    _make_enterprises()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return who


def _make_enterprises() -> None:
    """Straight into the table: what is measured is reading."""
    from django.apps import apps

    from yicha.doors.cli.demo.enterprises import HEADERS, generate
    from yicha.know.registry import queries

    model = apps.get_model("registry", "Enterprise")
    zone, regions = queries.list_zones()[0], [region for region in queries.list_regions() if region.parent]
    rows = []
    for number, made in enumerate(generate(ENTERPRISES, 1)):
        cells = dict(zip(HEADERS, made.row, strict=True))
        rows.append(
            model(
                uscc=f"91110112X{number:09d}",
                name=made.name,
                initials="bjkj" if "科技" in made.name else "bj",
                kind="company",
                industry=cells["行业代码"],
                industry_name=cells["行业名称"],
                address=cells["注册地址"],
                scope_text=cells["经营范围"],
                region=regions[number % len(regions)],
                zone=zone,
                risk_class="ABCD"[number % 4],
                registered_on=date(2000 + number % 25, 1 + number % 12, 1 + number % 28),
            )
        )
    model._default_manager.bulk_create(rows, batch_size=5000)


BENCHES: dict[str, Bench] = {"list_page_100k_ms": list_page}
