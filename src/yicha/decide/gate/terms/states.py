"""The lives of applications and of visit codes."""

from __future__ import annotations

from enum import StrEnum


class ApplicationState(StrEnum):
    """Where an application stands.

    WAITING: a reason or an approval is wanted. GRANTED: a visit code was issued. SPARED: results or data stand in for
    the whole visit. PAPERS_DUE: an emergency was entered, its papers are missing. REOPENED: what it leaned on was
    revoked or has ended. DEFERRED, REFUSED, WITHDRAWN say themselves.
    """

    WAITING = "waiting"
    GRANTED = "granted"
    SPARED = "spared"
    DEFERRED = "deferred"
    REFUSED = "refused"
    PAPERS_DUE = "papers-due"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class CodeState(StrEnum):
    """Whether a visit code opens the door. REPLACED: more items or people came to the visit, it has a newer code."""

    LIVE = "live"
    REPLACED = "replaced"
    REVOKED = "revoked"
