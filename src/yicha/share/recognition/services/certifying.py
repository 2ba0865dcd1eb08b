"""Issuing certificates: numbered, signed, in the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from yicha.base.keys import services as keys
from yicha.base.keys.terms import Purpose
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Refused, refuse_if
from yicha.know.agreement import queries as agreements
from yicha.know.agreement.terms import AgreementFacts
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries, rules, verify_certificate
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.terms import (
    MOST_RESULTS,
    AgreementNamed,
    CertificateDraft,
    CertifiedResult,
    ResultFacts,
)


@transaction.atomic
def issue_all(*, actor: str, now: datetime, uscc: str, agency: str = "") -> list[Certificate]:
    """Certify all valid results of an enterprise, of one agency or of every one: a certificate per agency.

    A further one where they do not fit on one page. Refused when there is nothing to certify.
    """
    rows = queries.list_certifiable(uscc, clock.today(now))
    rows = [row for row in rows if not agency or row.agency.code == agency]
    if not rows:
        raise Refused(rules.certificate_reasons([], frozenset(), [], clock.today(now)))
    found = []
    for _agency, group in groupby(rows, key=lambda row: row.agency_id):
        own = list(group)
        for begin in range(0, len(own), MOST_RESULTS):
            found.append(issue(actor=actor, now=now, results=own[begin : begin + MOST_RESULTS]))
    return found


@transaction.atomic
def issue(*, actor: str, now: datetime, results: Sequence[Any]) -> Certificate:
    """Certify results that one agency found at one enterprise. All of them must be valid and under an agreement.

    The results cannot be revoked while it is being written.
    """
    rows = _lock(results)
    on = clock.today(now)
    facts = [queries.facts_of(row) for row in rows]
    pacts = _covering(facts, on)
    refuse_if(rules.certificate_reasons(facts, frozenset(row.enterprise.uscc for row in rows), pacts, on))
    draft = _draft(rows, pacts, now)
    body = rules.payload(draft)
    token = keys.sign(Purpose.CERTIFICATE, body, now)
    certificate = Certificate.objects.create(
        uuid=draft.id,
        number=draft.number,
        enterprise_id=rows[0].enterprise_id,
        agency_id=rows[0].agency_id,
        token=token,
        digest=verify_certificate.digest_of(token),
        kid=verify_certificate.read_kid(token),
        issued_at=now,
        issued_by=actor,
        valid_until=max(row.valid_until for row in rows),
    )
    certificate.results.set(rows)
    entry: dict[str, JSON] = {
        "enterprise": draft.uscc,
        "agency": draft.agency,
        "results": [str(row.uuid) for row in rows],
        "token_sha256": certificate.digest,
    }
    ledger.append(
        actor=actor, now=now, act="certificate.issued", subject=f"certificate:{draft.number}", body=entry
    )
    return certificate


def _lock(results: Sequence[Any]) -> list[Any]:
    """The results as they are now, held until the transaction ends."""
    held = visits.list_results().select_for_update(of=("self",)).filter(pk__in=[row.pk for row in results])
    return list(held.order_by("item_version__item__code", "pk"))


def _covering(facts: Sequence[ResultFacts], on: date) -> list[AgreementFacts]:
    """The agreements in force that share one of these results."""
    pacts = agreements.list_agreements_in_force(on)
    return [pact for pact in pacts if any(rules.covers(pact, one, on) for one in facts)]


def _draft(rows: Sequence[Any], pacts: Sequence[AgreementFacts], now: datetime) -> CertificateDraft:
    enterprise, agency = rows[0].enterprise, rows[0].agency
    on = clock.today(now)
    return CertificateDraft(
        id=str(uuid.uuid4()),
        number=_next_number(agency.code, on.year),
        uscc=enterprise.uscc,
        enterprise=enterprise.name,
        agency=agency.code,
        agency_name=agency.name,
        issued_on=on,
        results=tuple(_line(row) for row in rows),
        agreements=tuple(
            AgreementNamed(pact.code, pact.version, pact.name, tuple(sorted(pact.regions)), pact.valid_until)
            for pact in pacts
        ),
        simulated=any(row.contact_item is not None and row.contact_item.contact.simulated for row in rows),
    )


def _line(row: Any) -> CertifiedResult:
    version = row.item_version
    return CertifiedResult(
        item=version.item.code,
        name=version.name,
        version=version.version,
        code=row.result_code,
        found_on=row.found_on,
        valid_until=row.valid_until,
        evidence_hash=row.evidence_hash,
    )


def _next_number(agency: str, year: int) -> str:
    """`HR-<agency>-<year>-<n>`, counted without gaps: whoever is first has the next one until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"recognition.number {agency}"]
        )
    before = queries.list_certificates().filter(number__startswith=f"HR-{agency}-{year}-").count()
    return f"HR-{agency}-{year}-{before + 1:04d}"
