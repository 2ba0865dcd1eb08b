"""The only writers of messages, deliveries and addresses."""

from __future__ import annotations

from yicha.base.messages.services.addresses import add_address, remove_address
from yicha.base.messages.services.delivering import deliver_due, retry, retry_many
from yicha.base.messages.services.saying import mark_read, say, say_many

__all__ = [
    "add_address",
    "deliver_due",
    "mark_read",
    "remove_address",
    "retry",
    "retry_many",
    "say",
    "say_many",
]
