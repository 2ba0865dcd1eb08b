"""Who speaks a channel's language: what the settings have set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.conf import settings

from yicha.base.messages.services.adapters.email import EmailAdapter
from yicha.base.messages.services.adapters.webhook import WebhookAdapter
from yicha.base.messages.terms import Adapter, Channel

Makers = Mapping[Channel, Callable[[], Adapter]]


def list_makers() -> Makers:
    """Who makes the adapter of a channel, for every channel that is set up (docs/guide/messages.md)."""
    own = settings.YICHA
    host = urlsplit(own.url).hostname or "localhost"
    makers: dict[Channel, Callable[[], Adapter]] = {}
    if mail := own.mail:
        makers[Channel.EMAIL] = lambda: EmailAdapter(mail, host)
    if sms := own.sms:
        makers[Channel.SMS] = lambda: WebhookAdapter(Channel.SMS, sms)
    if robot := own.robot:
        makers[Channel.ROBOT] = lambda: WebhookAdapter(Channel.ROBOT, robot)
    return makers
