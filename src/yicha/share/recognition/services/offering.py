"""Offering results: of checks that were closed here, and of other systems."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yicha.act.inspection import queries as inspection
from yicha.kernel import clock, uscc
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.services import classing
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits import services as results
from yicha.know.visits.terms import OfferedResult, ResultCode
from yicha.share.recognition import queries, rules
from yicha.share.recognition.terms import ExternalFacts, ExternalResult

AT_ONCE = 2000
"""Checks that are read, hashed and written together."""


@transaction.atomic
def offer_closed(*, actor: str, now: datetime) -> int:
    """Offer the result of every closed check that nobody has offered yet; returns how many. All or none.

    Calling it again, or twice at once, does no harm.
    """
    return _offer(actor, now, list(queries.list_unoffered().values_list("pk", flat=True)))


@transaction.atomic
def offer_visit(*, actor: str, now: datetime, visit: UUID | str) -> int:
    """Offer what the closed parts of one visit found; returns how many results are new.

    Whoever closes a part calls this in the same transaction: what one agency has closed, the others need not wait
    for until the slowest is done.
    """
    return _offer(actor, now, list(queries.list_unoffered(visit).values_list("pk", flat=True)))


def _offer(actor: str, now: datetime, checks: Sequence[int]) -> int:
    count = 0
    for some in _batches(checks):
        offered = [
            OfferedResult(
                uscc=record.uscc,
                agency=record.agency,
                item_version_id=record.item_version_id,
                result_code=record.result_code,
                found_on=record.found_on,
                evidence_hash=rules.evidence_hash(record),
                contact_item_id=record.contact_item_id,
                premises_id=record.premises_id,
            )
            for record in inspection.list_records(some)
        ]
        count += len(_write(actor, now, offered))
    return count


def _write(actor: str, now: datetime, offered: Sequence[OfferedResult]) -> list[Any]:
    """Write results, and the classes that they make. Returns those that are new."""
    known = registry.list_enterprises().filter(uscc__in={one.uscc for one in offered})
    enterprises = list(known.values_list("pk", flat=True))
    classing.hold(enterprises)  # before the ledger, for which everybody queues
    new = results.offer_results(actor=actor, now=now, offered=offered)
    if new:
        because = f"result:{new[0].uuid}" if len(enterprises) == 1 else f"result:{len(new)}"
        touched = {row.enterprise_id for row in new}
        classing.reclassify(actor=actor, now=now, enterprises=touched, because=because)
    return new


def _batches(checks: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(checks), AT_ONCE):
        yield checks[begin : begin + AT_ONCE]


@transaction.atomic
def offer_external(*, actor: str, now: datetime, sent: ExternalResult) -> tuple[Any, bool]:
    """Take a result that an agency's own system sends; returns it, and whether it is new.

    The same reference with the same content is the same result; with another content it is refused. Only the agency
    that is competent for the item and the place may send it.
    """
    facts = _facts(sent)
    refuse_if(rules.external_reasons(facts, clock.today(now)))
    version = facts.item_version_id
    assert version is not None  # else refused above
    offered = OfferedResult(
        uscc=uscc.normalise(sent.uscc),
        agency=sent.agency,
        item_version_id=version,
        result_code=ResultCode(sent.result_code),
        found_on=sent.found_on,
        evidence_hash=sent.evidence_hash,
        reference=sent.reference.strip(),
    )
    new = _write(actor, now, [offered])
    kept = visits.list_results().get(agency__code=offered.agency, reference=offered.reference)
    if not new and not _is_same(kept, offered):
        raise Refused(
            [
                Reason(
                    "recognition.reference-taken",
                    "You have sent another result under the number “%(reference)s”.",
                    facts={"reference": offered.reference},
                    at_field="reference",
                )
            ]
        )
    return kept, bool(new)


def _facts(sent: ExternalResult) -> ExternalFacts:
    """What is known here of what was sent."""
    agency = registry.find_agency(sent.agency)
    enterprise = registry.find_enterprise(sent.uscc)
    version = (
        catalogue.list_versions_in_force(sent.found_on).filter(item__code=sent.item).first()
        if sent.item
        else None
    )
    return ExternalFacts(
        sent=sent,
        asker=queries.asker_of(agency) if agency else None,
        known_enterprise=enterprise is not None,
        competent_regions=_competent_regions(enterprise) if enterprise else frozenset(),
        item_version_id=version.pk if version else None,
        agency_kind=version.item.agency_kind.code if version else "",
    )


def _competent_regions(enterprise: Any) -> frozenset[str]:
    """Its district, what the district lies in, and every region that its zone crosses."""
    codes = set()
    region = enterprise.region
    while region is not None:
        codes.add(region.code)
        region = region.parent
    if enterprise.zone is not None:
        codes.update(enterprise.zone.regions.values_list("code", flat=True))
    return frozenset(codes)


def _is_same(kept: Any, offered: OfferedResult) -> bool:
    return (
        kept.enterprise.uscc,
        kept.item_version_id,
        kept.result_code,
        kept.found_on,
        kept.evidence_hash,
    ) == (
        offered.uscc,
        offered.item_version_id,
        offered.result_code.value,
        offered.found_on,
        offered.evidence_hash,
    )
