"""The only writers of the contact ledger. Called by `decide` (plans) and by `act` and `share` (what happened)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import rules
from yicha.know.visits.models import Contact, ContactItem
from yicha.know.visits.terms import ContactState, PlannedContact, ResultCode


@transaction.atomic
def plan_contacts(*, actor: str, now: datetime, planned: Sequence[PlannedContact]) -> list[Contact]:
    """Write planned visits with their items, all or none; in the order given. One ledger act per visit."""
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    enterprises = _enterprises({plan.uscc for plan in planned})
    contacts = Contact.objects.bulk_create(
        [_contact(plan, enterprises, agencies) for plan in planned], batch_size=1000
    )
    pairs = list(zip(contacts, planned, strict=True))
    ContactItem.objects.bulk_create(
        [
            ContactItem(
                contact=contact,
                agency_id=agencies[item.agency],
                item_version_id=item.item_version_id,
                source=item.source,
            )
            for contact, plan in pairs
            for item in plan.items
        ],
        batch_size=2000,
    )
    acts = [("visit.planned", f"visit:{contact.uuid}", _body(plan)) for contact, plan in pairs]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return contacts


def _enterprises(codes: set[str]) -> dict[str, int]:
    """Ids by code; refused when a code is not in the registry."""
    found = dict(registry.list_enterprises().filter(uscc__in=codes).values_list("uscc", "pk"))
    missing = sorted(codes - set(found))
    if missing:
        raise Refused(
            [
                Reason(
                    "visits.unknown-enterprise",
                    "“%(code)s” is not in the registry.",
                    facts={"code": ", ".join(missing[:10])},
                )
            ]
        )
    return found


def _contact(plan: PlannedContact, enterprises: Mapping[str, int], agencies: Mapping[str, int]) -> Contact:
    return Contact(
        enterprise_id=enterprises[plan.uscc],
        lead_agency_id=agencies[plan.lead_agency],
        kind=plan.kind.value,
        state=ContactState.PLANNED.value,
        round=plan.round,
        window_from=plan.window_from,
        window_to=plan.window_to,
        planned_on=plan.planned_on,
        counts_toward_cap=rules.counts_toward_cap(plan.kind),
        simulated=plan.simulated,
    )


def _body(plan: PlannedContact) -> dict[str, str | int]:
    return {
        "enterprise": plan.uscc,
        "lead": plan.lead_agency,
        "round": plan.round,
        "on": plan.planned_on.isoformat(),
        "items": len(plan.items),
    }


@transaction.atomic
def move(*, contact: Contact, act: str, made_on: date | None = None, spared_by: str = "") -> Contact:
    """Make, spare or cancel a planned visit. The caller records the act: it knows why."""
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    locked.state = rules.LIFE.after(ContactState(locked.state), act).value
    locked.made_on = made_on
    locked.spared_by = spared_by
    locked.save(update_fields=["state", "made_on", "spared_by"])
    return locked


@transaction.atomic
def record_results(*, contact: Contact, results: Mapping[int, ResultCode], on: date) -> None:
    """Write result codes to the items of a visit, by the item's id here. The caller records the act."""
    rows = list(ContactItem.objects.select_for_update().filter(contact=contact, pk__in=results))
    for row in rows:
        row.result_code = results[row.pk].value
        row.result_on = on
    ContactItem.objects.bulk_update(rows, ["result_code", "result_on"])
