"""Jobs of imports and receipts, found by procrastinate: the same services as the page and the command line."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from yicha.ingest.exchange import queries, services
from yicha.kernel import clock


@app.task(name="exchange.check", queue="default")
def check_import(uuid: str, actor: str) -> None:
    """The dry run of an uploaded file."""
    entry = queries.find_import(UUID(uuid))
    if entry is not None:
        with services.reporting(entry, clock.now) as report:
            source = services.source_of(entry)
            services.check(entry, source, actor=actor, now=clock.now(), on_progress=report)


@app.task(name="exchange.apply", queue="default")
def apply_import(uuid: str, actor: str) -> None:
    """Apply a checked import."""
    entry = queries.find_import(UUID(uuid))
    if entry is not None:
        with services.reporting(entry, clock.now) as report:
            services.apply(entry, actor=actor, now=clock.now(), on_progress=report)


@app.task(name="exchange.undo", queue="default")
def undo_import(uuid: str, actor: str) -> None:
    """Undo an applied import."""
    entry = queries.find_import(UUID(uuid))
    if entry is not None:
        with services.reporting(entry, clock.now):
            services.undo(entry, actor=actor, now=clock.now())


@app.periodic(cron="23 19 * * *")  # UTC: 03:23 in Beijing
@app.task(name="exchange.forget_receipts", queue="default")
def forget_receipts(timestamp: int) -> None:
    """Every night: receipts that were kept for their thirty days."""
    services.forget_receipts(clock.now())
