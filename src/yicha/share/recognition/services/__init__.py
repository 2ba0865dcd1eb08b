"""The only writers of recognition. Each takes `actor` and `now`, runs in one transaction and is in the ledger."""

from __future__ import annotations

from yicha.share.recognition.services.certifying import issue, issue_all
from yicha.share.recognition.services.offering import offer_closed, offer_external, offer_visit
from yicha.share.recognition.services.refusing import refuse
from yicha.share.recognition.services.revoking import revoke, revoke_reopened

__all__ = [
    "issue",
    "issue_all",
    "offer_closed",
    "offer_external",
    "offer_visit",
    "refuse",
    "revoke",
    "revoke_reopened",
]
