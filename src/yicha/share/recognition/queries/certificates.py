"""Certificates: what may be certified, what was, and how it stands today."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yicha.base.accounts import queries as accounts
from yicha.kernel import clock
from yicha.know.agreement import queries as agreements
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import SharedState
from yicha.share.recognition import rules, verify_certificate
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.queries.results import SEE, facts_of, list_seen, standing_on
from yicha.share.recognition.terms import CertificateState, CertifiedState, Standing


def list_certificates() -> QuerySet[Certificate]:
    """All certificates with enterprise and agency, the latest first."""
    return Certificate.objects.select_related(
        "enterprise__region", "enterprise__zone", "agency__region"
    ).order_by("-issued_at", "-pk")


def list_certificates_seen(person: accounts.Person, on: date) -> QuerySet[Certificate]:
    """What a person may see: certificates in their scope, and those on which they may see a result."""
    rows = list_certificates()
    scoped = accounts.scoped(rows.order_by(), person, SEE).values("pk")
    results = list_seen(person, on).order_by().values("pk")
    named = Certificate.results.through.objects.filter(result__in=results).values("certificate")
    return rows.filter(Q(pk__in=scoped) | Q(pk__in=named))


def find_certificate(number: str) -> Certificate | None:
    """A certificate by its number."""
    return list_certificates().filter(number=number).first()


def list_certifiable(uscc: str, on: date) -> list[Any]:
    """The valid results of an enterprise that an agreement carries across: the newest of each item of each agency.

    In the order of agency and item.
    """
    pacts = agreements.list_agreements_in_force(on)
    rows = visits.list_results_of(uscc).filter(state=SharedState.OFFERED.value)
    newest: dict[tuple[str, str], Any] = {}
    for row in rows:
        facts = facts_of(row)
        if rules.is_valid_on(facts, on) and any(rules.covers(pact, facts, on) for pact in pacts):
            newest.setdefault((facts.agency, facts.item), row)
    return [newest[key] for key in sorted(newest)]


def read_payload(certificate: Certificate) -> dict[str, Any]:
    """What was signed."""
    return verify_certificate.read_payload(certificate.token)


def signed_file(certificate: Certificate) -> bytes:
    """The certificate as a file: what it says, to be read, and the signed text, to be believed."""
    body = {"certificate": read_payload(certificate), "token": certificate.token}
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def get_certificate_state(payload: Mapping[str, Any], on: date) -> CertificateState:
    """How a certificate stands on a day, from what its token says (verified before). Public facts only.

    A certificate that this database does not know is answered like one with nothing left on it.
    """
    number, key = str(payload.get("number", "")), _uuid(payload.get("id"))
    return _state(list_certificates().filter(uuid=key, number=number).first() if key else None, on)


def find_certificate_state(digest: str, on: date) -> CertificateState:
    """The same, for the token with this SHA-256: whoever asks need not send the token."""
    return _state(list_certificates().filter(digest=digest).first(), on)


def _state(found: Certificate | None, on: date) -> CertificateState:
    if found is None:
        return CertificateState("", is_known=False, is_good=False, is_changed=False)
    rows = visits.list_results().filter(certificates=found).order_by("item_version__item__code")
    results = tuple(_result_state(row, on) for row in rows)
    return CertificateState(
        found.number,
        is_known=True,
        is_good=any(one.standing is Standing.VALID for one in results),
        is_changed=any(one.standing is Standing.REVOKED for one in results),
        results=results,
    )


def _result_state(row: Any, on: date) -> CertifiedState:
    return CertifiedState(
        item=row.item_version.item.code,
        name=row.item_version.name,
        standing=standing_on(row, on),
        valid_until=row.valid_until,
        revoked_on=row.revoked_at and clock.today(row.revoked_at),
    )


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
