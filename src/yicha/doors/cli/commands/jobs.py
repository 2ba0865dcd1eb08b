"""`yicha jobs`: the worker of long jobs alone; `yicha serve` runs one by itself."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procrastinate import App


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "jobs",
        help="run long jobs only (`yicha serve` does so too)",
        description="Runs long jobs (imports, draws, matching) until it is stopped. `yicha serve` runs one such "
        "worker by itself; more of them may run on other machines with the same DATABASE_URL.",
    )
    parser.add_argument("--once", action="store_true", help="end when there is no job left")
    parser.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    """Work until a signal comes; a running job may finish."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as worker:
        asyncio.run(_work(worker, wait=not args.once))
    return 0


async def _work(worker: App, *, wait: bool) -> None:
    async with worker.open_async():
        await worker.run_worker_async(
            wait=wait, concurrency=2, shutdown_graceful_timeout=15, install_signal_handlers=True
        )
