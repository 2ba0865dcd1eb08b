"""A request that is sent again under the same key is carried out once and answered the same.

While a request is worked on, its transaction holds an advisory lock named by client and key; when it is done, its
receipt is committed together with what it did. So there is no marker that a killed process could leave behind: the
database ends the lock with the connection, what was half done is rolled back, and the next try begins afresh.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, connection, transaction

from yicha.ingest.exchange.models import Receipt
from yicha.ingest.exchange.terms import RECEIPT_DAYS, Answer
from yicha.kernel.refusal import Reason, Refused

SOURCE = "docs/guide/partners.md"
ATTEMPTS = 5


def hash_request(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same: method, path and the bytes of the body."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def answer_once(
    *,
    client_id: int,
    key: str,
    request_hash: str,
    now: datetime,
    act: Callable[[], Answer],
    refused: Callable[[Refused], Answer],
) -> tuple[Answer, bool]:
    """The answer of `act`, which runs in this transaction at most once per client and key; and whether it is a repeat.

    Refused with `receipt.in-flight` while another connection works on the same key, and with `receipt.other-request`
    when the key was used for something else. When `act` is refused, what it did is undone and the answer is what
    `refused` makes of it: kept too. Whatever else `act` raises undoes everything, and no receipt is written.
    """

    def whole() -> tuple[Answer, bool]:
        _take(client_id, key)
        kept = Receipt.objects.filter(client=client_id, key=key).first()
        if kept is not None and kept.answered_at > _oldest(now):
            return _repeat(kept, request_hash), True
        if kept is not None:
            kept.delete()
        try:
            with transaction.atomic():
                answer = act()
        except Refused as refusal:
            answer = refused(refusal)
        _keep(client_id, key, request_hash, now, answer)
        return answer, False

    try:
        return _in_one_transaction(whole)
    except _Twice:
        raise Refused([_in_flight()]) from None


def forget_receipts(now: datetime) -> int:
    """Delete receipts that were kept long enough; returns how many."""
    return Receipt.objects.filter(answered_at__lte=_oldest(now)).delete()[0]


def _in_one_transaction(work: Callable[[], tuple[Answer, bool]]) -> tuple[Answer, bool]:
    """READ COMMITTED whatever the server's default is, so that what waits for a lock sees what was committed before.

    A deadlock is PostgreSQL's way to ask for the whole transaction again; inside a caller's transaction it is theirs.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            return work()
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                return work()
        except OperationalError as error:
            again = getattr(error.__cause__, "sqlstate", "") in {"40001", "40P01"}
            if not again or attempt + 1 == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


class _Twice(Exception):
    """Another transaction wrote the receipt after this one's snapshot was taken."""


def _take(client_id: int, key: str) -> None:
    """Hold the lock of a key to the end of the transaction, or refuse at once. Two keys share one in 2^64."""
    name = f"receipt:{client_id}:{key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        (taken,) = cursor.fetchone() or (False,)
    if not taken:
        raise Refused([_in_flight()])


def _repeat(kept: Receipt, request_hash: str) -> Answer:
    if kept.request_hash != request_hash:
        raise Refused(
            [
                Reason(
                    "receipt.other-request",
                    "This key was used for another request; choose a new key for a new request.",
                    SOURCE,
                    at_field="Idempotency-Key",
                )
            ]
        )
    return Answer(kept.status, kept.content_type, bytes(kept.body), kept.location)


def _keep(client_id: int, key: str, request_hash: str, now: datetime, answer: Answer) -> None:
    """A snapshot older than the lock (REPEATABLE READ) may miss a receipt: the constraint does not."""
    try:
        with transaction.atomic():
            Receipt.objects.create(
                client_id=client_id,
                key=key,
                request_hash=request_hash,
                status=answer.status,
                content_type=answer.content_type,
                location=answer.location,
                body=answer.body,
                answered_at=now,
            )
    except IntegrityError:
        raise _Twice from None


def _in_flight() -> Reason:
    return Reason(
        "receipt.in-flight", "A request with this key is being worked on; ask again in a moment.", SOURCE
    )


def _oldest(now: datetime) -> datetime:
    return now - timedelta(days=RECEIPT_DAYS)
