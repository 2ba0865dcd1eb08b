"""Taking a visit off its way."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.rules import sending
from yicha.act.dispatch.services import reminding, telling
from yicha.act.dispatch.services.holding import act_on, hold
from yicha.act.dispatch.terms import DispatchState
from yicha.base.ledger import services as ledger
from yicha.decide.gate import queries as gate_queries
from yicha.decide.gate import services as gate
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits import services as visit_services


@transaction.atomic
def withdraw(*, actor: str, now: datetime, dispatch: Dispatch, because: str) -> Dispatch:
    """Nobody goes as it was approved: the code is revoked, and who has a notice is told. Needs a reason.

    The visit itself stays as it is planned, and may be prepared anew; to give it up is the calendar's affair.
    """
    if not because.strip():
        raise Refused([Reason("dispatch.withdraw-reason", "Say why it is withdrawn.", at_field="because")])
    (row,) = hold([dispatch])
    refuse_if(sending.check_withdraw(row.number, has_begun=queries.has_begun(row)))
    return withdraw_held(actor, now, row, because.strip())


def withdraw_held(actor: str, now: datetime, row: Dispatch, because: str) -> Dispatch:
    """The same for a row that the caller holds."""
    told = row.state == DispatchState.NOTIFIED.value
    row.state = sending.LIFE.after(DispatchState(row.state), "withdraw").value
    row.withdrawn_because = because[:300]
    row.save(update_fields=["state", "withdrawn_because"])
    if row.contact.unannounced:
        visit_services.set_unannounced(contacts=[row.contact_id], unannounced=False)
    if told:
        telling.tell_withdrawn(now, row, because)
    reminding.take_back(now, [row])
    code = gate_queries.find_live_code(row.contact)
    if code is not None:
        gate.revoke_code(actor=actor, now=now, code=code, because=because)
    ledger.append_many(actor=actor, now=now, acts=[act_on(row, "withdrawn", {"because": because})])
    return row
