"""Which items of two regions count as the same."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.agreement import queries, rules
from yicha.know.agreement.models import Agreement, Equivalence
from yicha.know.agreement.services.records import all_of, lock, record, region_of
from yicha.know.agreement.terms import EquivalenceFacts, EquivalenceState, Standard
from yicha.know.catalogue import queries as catalogue


@transaction.atomic
def declare_equivalence(
    *,
    actor: str,
    now: datetime,
    agreement: Agreement,
    own: Standard,
    other: Standard,
    source: str,
    both_ways: bool = True,
) -> Equivalence:
    """Let a result on `other` count as one on `own`, and the reverse; under an agreement that everybody signed.

    `source` names the document in which the two were compared.
    """
    locked, _ = lock(agreement)
    items = {item.code: item for item in all_of(catalogue.list_items(), {own.item, other.item}, "other_item")}
    facts = EquivalenceFacts(locked.code, own, other, both_ways)
    kinds = {item.agency_kind.code for item in items.values()}
    known = [row.facts for row in queries.list_equivalence_rows(locked.code).filter(state="holds")]
    reasons = list(rules.check_equivalence(facts, locked.facts, kinds, known))
    if not source.strip():
        reasons.append(
            Reason(
                "equivalence.no-source",
                "Name the document that compares the two.",
                rules.SOURCE,
                at_field="source",
            )
        )
    refuse_if(reasons)
    row = Equivalence.objects.create(
        agreement=locked,
        own_item=items[own.item],
        own_region=region_of(own.region),
        other_item=items[other.item],
        other_region=region_of(other.region),
        both_ways=both_ways,
        source=source.strip(),
        state=EquivalenceState.HOLDS.value,
        declared_by=actor,
        declared_at=now,
    )
    record(actor, now, locked, "equivalence.declared", {**_body(facts), "source": source.strip()})
    return row


@transaction.atomic
def end_equivalence(*, actor: str, now: datetime, equivalence: Equivalence, reason: str) -> Equivalence:
    """End it at once: from the next verdict on, the two do not count as the same."""
    locked = (
        Equivalence.objects.select_for_update(of=("self",))
        .select_related("agreement", "own_item", "own_region", "other_item", "other_region")
        .get(pk=equivalence.pk)
    )
    locked.state = rules.EQUIVALENCE_LIFE.after(EquivalenceState(locked.state), "end").value
    if not reason.strip():
        raise Refused([Reason("equivalence.no-reason", "Give the reason.", rules.SOURCE, at_field="reason")])
    locked.ended_because = reason.strip()
    locked.save(update_fields=["state", "ended_because"])
    record(
        actor,
        now,
        locked.agreement,
        "equivalence.ended",
        {**_body(locked.facts), "reason": locked.ended_because},
    )
    return locked


def _body(facts: EquivalenceFacts) -> dict[str, JSON]:
    return {
        "own": f"{facts.own.item}@{facts.own.region}",
        "other": f"{facts.other.item}@{facts.other.region}",
        "both_ways": facts.both_ways,
    }
