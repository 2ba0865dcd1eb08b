"""Reading recognition: results with who may use them, what was refused and revoked, certificates."""

from __future__ import annotations

from yicha.share.recognition.queries.certificates import (
    find_certificate,
    find_certificate_state,
    get_certificate_state,
    list_certifiable,
    list_certificates,
    list_certificates_seen,
    read_payload,
    signed_file,
)
from yicha.share.recognition.queries.paper import certificate_pdf, certificate_png
from yicha.share.recognition.queries.results import (
    asker_of,
    facts_of,
    find_offered_under,
    find_seen,
    get_valid_days,
    list_agreements_for,
    list_offered_to,
    list_reached,
    list_refusals,
    list_refusing_agencies,
    list_seen,
    list_unoffered,
    may_act,
    standing_on,
)

__all__ = [
    "asker_of",
    "certificate_pdf",
    "certificate_png",
    "facts_of",
    "find_certificate",
    "find_certificate_state",
    "find_offered_under",
    "find_seen",
    "get_certificate_state",
    "get_valid_days",
    "list_agreements_for",
    "list_certifiable",
    "list_certificates",
    "list_certificates_seen",
    "list_offered_to",
    "list_reached",
    "list_refusals",
    "list_refusing_agencies",
    "list_seen",
    "list_unoffered",
    "may_act",
    "read_payload",
    "signed_file",
    "standing_on",
]
