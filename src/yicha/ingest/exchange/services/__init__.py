"""The only writers of imports (receive, check, apply, undo, discard; what an `intake.py` needs), receipts, events."""

from yicha.ingest.exchange.rules.events import SETTLE as settle_events
from yicha.ingest.exchange.rules.events import tell as tell_events
from yicha.ingest.exchange.rules.headers import read_mapping
from yicha.ingest.exchange.rules.statements import new_value, next_value, plain_target
from yicha.ingest.exchange.services.applying import apply, undo
from yicha.ingest.exchange.services.checking import check, peek_headers
from yicha.ingest.exchange.services.events import acknowledge, emit, emit_all
from yicha.ingest.exchange.services.files import Source, Table, open_table
from yicha.ingest.exchange.services.ordering import order, reporting
from yicha.ingest.exchange.services.receipts import answer_once, forget_receipts, hash_request
from yicha.ingest.exchange.services.receiving import (
    discard,
    hash_of,
    map_headers,
    receive,
    receive_upload,
    register,
    remember_mapping,
    source_of,
)
from yicha.ingest.exchange.services.reports import write_report

__all__ = [
    "Source",
    "Table",
    "acknowledge",
    "answer_once",
    "apply",
    "check",
    "discard",
    "emit",
    "emit_all",
    "forget_receipts",
    "hash_of",
    "hash_request",
    "map_headers",
    "new_value",
    "next_value",
    "open_table",
    "order",
    "peek_headers",
    "plain_target",
    "read_mapping",
    "receive",
    "receive_upload",
    "register",
    "remember_mapping",
    "reporting",
    "settle_events",
    "source_of",
    "tell_events",
    "undo",
    "write_report",
]
