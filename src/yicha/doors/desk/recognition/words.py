"""How results for others look, and their acts in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.share.recognition import queries
from yicha.share.recognition.terms import ReachKind, RevocationKind, Standing

SOON_DAYS = 30
"""What ends within so many days stands under “ends soon”: a filter, not a rule."""
STANDINGS: dict[str, str | Promise] = {
    Standing.VALID.value: _("may be recognised"),
    Standing.ENDED.value: _("validity over"),
    Standing.REVOKED.value: pgettext_lazy("result", "revoked"),
}
TONES = {
    Standing.VALID.value: ("recognise", "link"),
    Standing.ENDED.value: ("spared", "clock"),
    Standing.REVOKED.value: ("refuse", "circle-x"),
}
KINDS: dict[str, str | Promise] = {
    RevocationKind.CORRECTED.value: _("the result was corrected"),
    RevocationKind.APPEALED.value: _("set aside on appeal"),
    RevocationKind.EVIDENCE_WITHDRAWN.value: _("its evidence was withdrawn"),
}
REACHED: dict[str, tuple[str | Promise, str]] = {
    ReachKind.CONTACT.value: (_("Check planned again"), "calendar-event"),
    ReachKind.DEMAND.value: (_("Demand brought back to its round"), "arrow-back-up"),
    ReachKind.APPLICATION.value: (_("Verdict reopened"), "scale"),
    ReachKind.CERTIFICATE.value: (_("Certificate no longer good"), "certificate"),
}
ACTS: dict[str, tuple[str | Promise, str, str]] = {
    "recognition.offered": (_("Offered to all regions of the agreement"), "recognise", "link"),
    "recognition.refused": (_("An agency refused it"), "due", "ban"),
    "recognition.revoked": (_("Revoked"), "refuse", "circle-x"),
}


@dataclass(frozen=True)
class Receipt:
    """One thing that was reached, as the page draws it; `url` empty where the desk has no page of its own for it."""

    words: str | Promise
    icon: str
    subject: str
    agency: str
    at: Any
    url: str


def look(result: Any, today: date) -> tuple[str | Promise, str, str]:
    """Word, tone and icon of how a result stands."""
    standing = queries.standing_on(result, today).value
    return (STANDINGS[standing], *TONES[standing])


def receipts(reached: Iterable[Any]) -> Iterator[Receipt]:
    """What a revocation or a refusal reached."""
    for one in reached:
        words, icon = REACHED[one.kind]
        yield Receipt(
            words, icon, one.subject, one.agency.name if one.agency else "", one.reached_at, _url(one)
        )


def _url(one: Any) -> str:
    if one.kind == ReachKind.APPLICATION.value:
        return reverse("desk:gate:object", args=[one.subject])
    if one.kind == ReachKind.CERTIFICATE.value:
        return reverse("desk:recognition:certificate", args=[one.subject])
    return ""
