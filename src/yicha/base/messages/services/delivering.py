"""Delivering: claim one, hand it over, write down what came of it. At least once, never lost.

A claim is its own short transaction: it counts the try and sets the moment of the next one. Nothing is locked while
the other side is spoken to, and when this process dies meanwhile, the delivery is simply due again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from yicha.base.jobs import services as jobs
from yicha.base.ledger import services as ledger
from yicha.base.messages import rules
from yicha.base.messages.models import Delivery
from yicha.base.messages.services.adapters import Makers, list_makers
from yicha.base.messages.services.saying import JOB
from yicha.base.messages.terms import (
    Adapter,
    Attachment,
    Away,
    Channel,
    DeliveryState,
    NotSent,
    Outgoing,
    Undeliverable,
)
from yicha.kernel.refusal import Refused

log = logging.getLogger("yicha.messages")

MOST = 500
"""Of one run; the next one follows within a minute."""
LONGEST = timedelta(seconds=50)
"""No try is begun later in a run: a slow server leaves the workers to other jobs too."""
LOST = "lost"
"""The error of a delivery whose process died during the last try."""


def deliver_due(*, now: Callable[[], datetime], makers: Makers | None = None) -> int:
    """Try everything that is due, one after the other; returns how many tries were made.

    Several processes may do it at once. `makers` are the adapters, those of the settings unless given. A channel whose
    other side takes nothing from anybody is left alone for the rest of this run: otherwise each message waiting for a
    dead server would keep a worker for as long as a try may last, and use up its tries.
    """
    makers = dict(list_makers() if makers is None else makers)
    adapters: dict[Channel, Adapter] = {}
    until = now() + LONGEST
    with ExitStack() as stack:
        for count in range(MOST):
            at = now()
            delivery = _claim(at, list(makers)) if at < until else None
            if delivery is None:
                return count
            channel = Channel(delivery.channel)
            if channel not in adapters:
                adapters[channel] = stack.enter_context(closing(makers[channel]()))
            if not _try(delivery, adapters[channel], now):
                del makers[channel]
    return MOST


def retry_many(*, actor: str, now: datetime, deliveries: Iterable[Delivery]) -> int:
    """Try again what was given up, each in its own transaction; returns how many."""
    count = 0
    for delivery in deliveries:
        try:
            retry(actor=actor, now=now, delivery=delivery)
        except Refused:  # somebody else was quicker
            continue
        count += 1
    return count


@transaction.atomic
def retry(*, actor: str, now: datetime, delivery: Delivery) -> None:
    """Try again what was given up: all tries from the beginning. Refused: delivery.state."""
    locked = Delivery.objects.select_for_update(of=("self",)).select_related("message").get(pk=delivery.pk)
    locked.state = rules.STEPS.after(DeliveryState(locked.state), "retry").value
    locked.tries, locked.next_at, locked.error = 0, now, ""
    locked.save(update_fields=["state", "tries", "next_at", "error"])
    ledger.append(
        actor=actor,
        now=now,
        act="message.retried",
        subject=f"message:{locked.message.uuid}",
        body={"channel": locked.channel, "audience": locked.message.audience},
    )
    jobs.wake(JOB)


@transaction.atomic
def _claim(now: datetime, channels: list[Channel]) -> Delivery | None:
    """The next one that is due, its try counted; what was lost during its last try is given up on the way."""
    due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("message")
    rows = due.filter(state="queued", next_at__lte=now, channel__in=[one.value for one in channels])
    while (row := rows.order_by("next_at", "pk").first()) is not None:
        if rules.is_over(row.tries):
            _give_up(row, LOST)
            continue
        row.tries += 1
        row.next_at = now + rules.wait_after(row.tries)
        row.save(update_fields=["tries", "next_at"])
        return row
    return None


def _try(delivery: Delivery, adapter: Adapter, now: Callable[[], datetime]) -> bool:
    """Hand one over, and write down what came of it. Returns whether the other side may take others."""
    try:
        receipt = adapter.send(_outgoing(delivery))
    except NotSent as error:
        _failed(delivery, str(error), now(), is_final=isinstance(error, Undeliverable))
        return not isinstance(error, Away)
    except Exception as error:  # what it says may hold the address: only its kind is kept
        _failed(delivery, f"fault {type(error).__name__}", now(), is_final=False)
    else:
        _sent(delivery, receipt, now())
    return True


@transaction.atomic
def _sent(delivery: Delivery, receipt: str, now: datetime) -> None:
    """It went out, whatever another process did with it meanwhile."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state != DeliveryState.QUEUED:
        return
    row.state = rules.STEPS.after(DeliveryState.QUEUED, "sent").value
    row.sent_at, row.next_at, row.receipt, row.error = now, None, receipt[:200], ""
    row.save(update_fields=["state", "sent_at", "next_at", "receipt", "error"])


@transaction.atomic
def _failed(delivery: Delivery, error: str, now: datetime, *, is_final: bool) -> None:
    """It did not go out: later again, or never. A try that another process made after this one decides alone."""
    row = Delivery.objects.select_for_update(of=("self",)).select_related("message").get(pk=delivery.pk)
    if row.state != DeliveryState.QUEUED or row.tries != delivery.tries:
        return
    if is_final or rules.is_over(row.tries):
        _give_up(row, error)
    else:
        row.next_at, row.error = now + rules.wait_after(row.tries), error[:300]
        row.save(update_fields=["next_at", "error"])


def _give_up(row: Delivery, error: str) -> None:
    row.state = rules.STEPS.after(DeliveryState(row.state), "give-up").value
    row.next_at, row.error = None, error[:300]
    row.save(update_fields=["state", "next_at", "error"])
    facts = {"message": str(row.message.uuid), "channel": row.channel, "tries": row.tries, "error": error}
    log.warning("a delivery was given up", extra={"facts": facts})


def _outgoing(delivery: Delivery) -> Outgoing:
    """What the adapter is given. A telephone gets no file; everybody is told where the message lies."""
    message, channel = delivery.message, Channel(delivery.channel)
    attachments: tuple[Attachment, ...] = ()
    if message.document and channel is not Channel.SMS:
        attachments = (Attachment(message.document_name, "application/pdf", bytes(message.document)),)
    return Outgoing(
        address=delivery.address,
        subject=message.title,
        text=f"{message.text}\n\n{settings.YICHA.url}",
        reference=rules.reference_of(message.uuid, channel, delivery.address),
        attachments=attachments,
    )
