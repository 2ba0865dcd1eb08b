"""Where an audience wants its messages, besides inside."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.base.messages import rules
from yicha.base.messages.models import Address
from yicha.base.messages.terms import Channel
from yicha.kernel.refusal import refuse_if


@transaction.atomic
def add_address(*, actor: str, now: datetime, audience: str, channel: Channel, address: str) -> Address:
    """Keep an address; one that is kept already stays. Refused: messages.address, messages.too-many-addresses.

    The ledger says that there is one more, and not which: an address is personal, and the ledger is for ever.
    """
    address = rules.tidy_address(channel, address)
    same = Address.objects.filter(audience=audience, channel=channel.value).select_for_update()
    if found := same.filter(address=address).first():
        return found
    refuse_if(rules.refuse_address(channel, address, same.count()))
    kept = Address.objects.create(audience=audience, channel=channel.value, address=address, since=now)
    _record(actor, now, "message.address-added", kept)
    return kept


@transaction.atomic
def remove_address(*, actor: str, now: datetime, address: Address) -> None:
    """Forget an address. What waits to be sent to it still goes: it was said before."""
    found = Address.objects.select_for_update().filter(pk=address.pk).first()
    if found is None:
        return
    found.delete()
    _record(actor, now, "message.address-removed", found)


def _record(actor: str, now: datetime, act: str, address: Address) -> None:
    body: JSON = {"audience": address.audience, "channel": address.channel}
    ledger.append(actor=actor, now=now, act=act, subject=f"address:{address.uuid}", body=body)
