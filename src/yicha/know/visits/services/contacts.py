"""Writing visits: planned, joined, made, spared, reopened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries as registry
from yicha.know.visits import rules
from yicha.know.visits.models import Contact, ContactItem
from yicha.know.visits.services.results import hold_results
from yicha.know.visits.terms import (
    SUPERIOR_ORDER,
    ContactKind,
    ContactState,
    PlannedContact,
    PlannedItem,
    ResultCode,
    SparedContact,
)


@transaction.atomic
def plan_contacts(*, actor: str, now: datetime, planned: Sequence[PlannedContact]) -> list[Contact]:
    """Write planned visits with their items, all or none; in the order given. One ledger act per visit."""
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    enterprises = _enterprises({plan.uscc for plan in planned})
    contacts = Contact.objects.bulk_create(
        [_contact(plan, enterprises, agencies) for plan in planned], batch_size=1000
    )
    pairs = list(zip(contacts, planned, strict=True))
    _add_items([(contact, plan.items) for contact, plan in pairs], agencies)
    acts = [("visit.planned", f"visit:{contact.uuid}", _body(plan)) for contact, plan in pairs]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return contacts


@transaction.atomic
def spare_contacts(*, actor: str, now: datetime, spared: Sequence[SparedContact]) -> list[Contact]:
    """Write checks that need no visit, each with what spared it. One ledger act per row; in the order given.

    A result that spares (`result:<uuid>`) is held until this is written, so that its revocation finds every check
    that leans on it; refused when it is revoked already, or when the agency has refused it.
    """
    hold_results(spared)
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    enterprises = _enterprises({one.uscc for one in spared})
    contacts = Contact.objects.bulk_create(
        [
            Contact(
                enterprise_id=enterprises[one.uscc],
                premises_id=one.premises_id,
                lead_agency_id=agencies[one.agency],
                kind=one.kind.value,
                trigger=one.trigger,
                state=ContactState.SPARED.value,
                round=one.round,
                window_from=one.window_from,
                window_to=one.window_to,
                counts_toward_cap=False,
                spared_by=one.spared_by,
                simulated=one.simulated,
            )
            for one in spared
        ],
        batch_size=1000,
    )
    _add_items([(contact, one.items) for contact, one in zip(contacts, spared, strict=True)], agencies)
    acts: list[ledger.Act] = [
        (
            "visit.spared",
            f"visit:{contact.uuid}",
            {"enterprise": one.uscc, "agency": one.agency, "items": len(one.items), "by": one.spared_by},
        )
        for contact, one in zip(contacts, spared, strict=True)
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return contacts


@transaction.atomic
def reopen_spared(
    *, actor: str, now: datetime, spared_by: str, because: str, agency: str = ""
) -> list[Contact]:
    """What spared these checks holds no longer: they are planned again. One ledger act per visit.

    Each keeps its window; if that is over, it gets one of the same length from today. `agency`: only the checks that
    this agency leads.
    """
    rows = Contact.objects.select_for_update(of=("self",)).filter(
        spared_by=spared_by, state=ContactState.SPARED.value
    )
    found = list((rows.filter(lead_agency__code=agency) if agency else rows).order_by("pk"))
    today = clock.today(now)
    for row in found:
        row.state = rules.LIFE.after(ContactState(row.state), "reopen").value
        row.window_from, row.window_to = rules.reopened_window(row.window_from, row.window_to, today)
        row.planned_on = max(row.window_from, today)
        row.spared_by = ""
        row.counts_toward_cap = rules.counts_toward_cap(
            ContactKind(row.kind), ordered_from_above=row.trigger == SUPERIOR_ORDER
        )
    Contact.objects.bulk_update(
        found,
        ["state", "window_from", "window_to", "planned_on", "spared_by", "counts_toward_cap"],
        batch_size=500,
    )
    acts: list[ledger.Act] = [
        ("visit.reopened", f"visit:{row.uuid}", _reopened_body(row, spared_by, because)) for row in found
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return found


@transaction.atomic
def leave_spared(
    *, actor: str, now: datetime, gone: Mapping[int, Sequence[tuple[str, int]]], because: str
) -> None:
    """Take checks (agency code, item version) off spared visits, by the visit's id; one left empty is cancelled.

    A cancelled one keeps its checks, so that it can be read what it was. One ledger act per visit that is cancelled.
    """
    spared = Contact.objects.select_for_update(of=("self",)).filter(
        pk__in=list(gone), state=ContactState.SPARED.value
    )
    rows = list(spared.order_by("pk"))
    left: dict[int, int] = defaultdict(int)
    off = []
    for pk, contact, agency, version in ContactItem.objects.filter(contact__in=rows).values_list(
        "pk", "contact_id", "agency__code", "item_version_id"
    ):
        if (agency, version) in gone[contact]:
            off.append((contact, pk))
        else:
            left[contact] += 1
    ContactItem.objects.filter(pk__in=[pk for contact, pk in off if left[contact]]).delete()
    empty = [row for row in rows if not left[row.pk]]
    for row in empty:
        row.state = rules.LIFE.after(ContactState(row.state), "cancel").value
    Contact.objects.bulk_update(empty, ["state"], batch_size=1000)
    acts: list[ledger.Act] = [("visit.cancelled", f"visit:{row.uuid}", {"because": because}) for row in empty]
    ledger.append_many(actor=actor, now=now, acts=acts)


def _reopened_body(row: Contact, was: str, because: str) -> dict[str, str]:
    window = {"from": row.window_from.isoformat(), "to": row.window_to.isoformat()}
    return {"was": was, "because": because, **window}


def _add_items(
    rows: Iterable[tuple[Contact, Sequence[PlannedItem]]],
    agencies: Mapping[str, int],
    *,
    joining: bool = False,
) -> None:
    """Write the items of visits; `joining`: those that a visit has already stay as they are."""
    ContactItem.objects.bulk_create(
        [
            ContactItem(
                contact=contact,
                agency_id=agencies[item.agency],
                item_version_id=item.item_version_id,
                source=item.source,
            )
            for contact, items in rows
            for item in items
        ],
        ignore_conflicts=joining,
        batch_size=2000,
    )


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
        premises_id=plan.premises_id,
        trigger=plan.trigger,
        counts_toward_cap=rules.counts_toward_cap(plan.kind)
        if plan.counts_toward_cap is None
        else plan.counts_toward_cap,
        simulated=plan.simulated,
        split_from_id=plan.split_from,
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
def join_contacts(
    *, actor: str, now: datetime, joining: Sequence[tuple[Contact, Sequence[PlannedItem]]]
) -> None:
    """Add items to visits that are planned already: whoever comes late joins instead of coming again."""
    agencies = {agency.code: agency.pk for agency in registry.list_agencies()}
    _add_items(joining, agencies, joining=True)
    ledger.append_many(
        actor=actor,
        now=now,
        acts=[("visit.joined", f"visit:{contact.uuid}", {"items": len(items)}) for contact, items in joining],
    )


@transaction.atomic
def drop_items(*, contact: Contact, items: Sequence[tuple[str, int]]) -> int:
    """Take items (agency code, item version) without a result off a planned visit; a visit left empty is cancelled.

    Returns how many items are left. The caller records the act: it knows why.
    """
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    for agency, version in items:
        locked.items.filter(agency__code=agency, item_version_id=version, result_code="").delete()
    left = locked.items.count()
    if not left:
        move(contact=locked, act="cancel")
    return left


@transaction.atomic
def move(
    *,
    contact: Contact,
    act: str,
    made_on: date | None = None,
    spared_by: str = "",
    officers: Sequence[str] = (),
) -> Contact:
    """Make, spare or cancel a planned visit, or reopen a spared one. The caller records the act: it knows why.

    `officers`: the certificates of who went, when it was made.
    """
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    locked.state = rules.LIFE.after(ContactState(locked.state), act).value
    locked.made_on = made_on
    locked.spared_by = spared_by
    locked.officers = list(officers)
    locked.save(update_fields=["state", "made_on", "spared_by", "officers"])
    return locked


@transaction.atomic
def begin(*, contact: Contact, on: date) -> None:
    """Write that the officers are at the door of a planned visit, or were `on` a day. The caller records the act."""
    Contact.objects.filter(pk=contact.pk, state=ContactState.PLANNED.value).update(begun_on=on)


@transaction.atomic
def change_lead(*, contact: Contact, agency: str) -> None:
    """Let another agency lead a planned visit. The caller records the act: it knows why."""
    lead = registry.list_agencies().get(code=agency).pk
    Contact.objects.filter(pk=contact.pk, state=ContactState.PLANNED.value).update(lead_agency=lead)


@transaction.atomic
def set_unannounced(*, contacts: Collection[int], unannounced: bool) -> None:
    """Say of visits, by their id, whether their enterprises get no notice. The caller records the act."""
    Contact.objects.filter(pk__in=contacts).update(unannounced=unannounced)


@transaction.atomic
def record_results(*, contact: Contact, results: Mapping[int, ResultCode], on: date) -> None:
    """Write result codes to the items of a visit, by the item's id here. The caller records the act."""
    rows = list(ContactItem.objects.select_for_update().filter(contact=contact, pk__in=results))
    for row in rows:
        row.result_code = results[row.pk].value
        row.result_on = on
    ContactItem.objects.bulk_update(rows, ["result_code", "result_on"])


@transaction.atomic
def note_rectification(*, contact: Contact, orders: Mapping[int, date | None]) -> None:
    """Write by which day what was found at items (by their id) is to be corrected; None: no order was given.

    An order that is written again with the same day keeps what was seen of it. The caller records the act.
    """
    rows = list(ContactItem.objects.select_for_update().filter(contact=contact, pk__in=orders).order_by("pk"))
    changed = [row for row in rows if row.correct_by != orders[row.pk]]
    for row in changed:
        row.correct_by, row.corrected_on = orders[row.pk], None
    ContactItem.objects.bulk_update(changed, ["correct_by", "corrected_on"])


@transaction.atomic
def note_corrected(*, contact: Contact, items: Collection[int], on: date) -> None:
    """Write that the orders of these items were fulfilled on a day. The caller records the act.

    Refused when an item has no order, or its order was fulfilled before.
    """
    rows = list(ContactItem.objects.select_for_update().filter(contact=contact, pk__in=items).order_by("pk"))
    refuse_if(rules.correction_reasons((row.correct_by, row.corrected_on) for row in rows))
    for row in rows:
        row.corrected_on = on
    ContactItem.objects.bulk_update(rows, ["corrected_on"])


@transaction.atomic
def make_all(
    *,
    made: Mapping[int, date],
    results: Iterable[tuple[int, ResultCode, date]],
    officers: Mapping[int, Sequence[str]],
    orders: Iterable[tuple[int, date, date | None]] = (),
) -> int:
    """`move` "make" and `record_results` for many visits at once: days and officers by contact, results by item.

    `orders` to correct: item, last day, and the day on which it was corrected (None: not yet). Refused when one of the
    visits is not planned. The caller records the acts. Returns how many visits were made.
    """
    rows = Contact.objects.select_for_update().filter(pk__in=made).order_by("pk")
    for state in set(rows.values_list("state", flat=True)):
        rules.LIFE.after(ContactState(state), "make")
    with connection.cursor() as cursor:
        # One statement instead of a CASE with a branch per row.
        cursor.execute(
            "UPDATE visits_contact SET state = %s, made_on = new.day, "
            "officers = coalesce(string_to_array(nullif(new.officers, ''), ' '), '{}') "
            "FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS new(id, day, officers) "
            "WHERE visits_contact.id = new.id",
            [
                ContactState.MADE.value,
                list(made),
                list(made.values()),
                [" ".join(officers.get(pk, ())) for pk in made],
            ],
        )
        count: int = cursor.rowcount
        items = [(pk, code.value, day) for pk, code, day in results]
        cursor.execute(
            "UPDATE visits_contactitem SET result_code = new.code, result_on = new.day "
            "FROM unnest(%s::bigint[], %s::text[], %s::date[]) AS new(id, code, day) "
            "WHERE visits_contactitem.id = new.id",
            [[item[0] for item in items], [item[1] for item in items], [item[2] for item in items]],
        )
        ordered = list(orders)
        cursor.execute(
            "UPDATE visits_contactitem SET correct_by = new.by, corrected_on = new.done "
            "FROM unnest(%s::bigint[], %s::date[], %s::date[]) AS new(id, by, done) "
            "WHERE visits_contactitem.id = new.id",
            [[one[0] for one in ordered], [one[1] for one in ordered], [one[2] for one in ordered]],
        )
    return count
