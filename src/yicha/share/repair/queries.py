"""Reading the receipts of an ending, as they stand now."""

from __future__ import annotations

from typing import Any

from yicha.base.accounts import queries as accounts
from yicha.ingest.exchange import queries as exchange
from yicha.know.credit.queries import repairs
from yicha.know.credit.terms.repairs import Use
from yicha.know.registry import queries as registry
from yicha.share.repair.terms import ReaderTold, ShownReceipt


def list_receipts(ending: Any) -> list[ShownReceipt]:
    """One per use, in their order; a use that has not let go has no time yet."""
    given = {receipt.use: receipt for receipt in repairs.list_receipts(ending)}
    found = []
    for use in Use:
        receipt = given.get(use.value)
        if receipt is None:
            found.append(ShownReceipt(use, None, {}))
            continue
        readers = list_readers(receipt.detail.get("event")) if use is Use.PARTNERS else ()
        found.append(ShownReceipt(use, receipt.at, receipt.detail, readers))
    return found


def list_readers(event: int | None) -> tuple[ReaderTold, ...]:
    """The systems that follow events, and whether each has taken an event over; none of what was not told."""
    told = exchange.find_event(event) if event else None
    if told is None:
        return ()
    behind = set(exchange.list_readers_behind(told).values_list("client", flat=True))
    names = dict(registry.list_agencies().values_list("code", "name"))
    clients = {str(client.uuid): client for client in accounts.list_clients()}
    return tuple(
        ReaderTold(
            name=clients[reader.client].name,
            agency=names.get(clients[reader.client].agency, clients[reader.client].agency),
            has_taken=reader.client not in behind,
            at=reader.at,
        )
        for reader in exchange.list_readers()
        if reader.client in clients
    )
