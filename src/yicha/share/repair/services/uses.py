"""What each use does when a record has ended, and what its receipt says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.act.dispatch import queries as dispatches
from yicha.act.dispatch import services as dispatch
from yicha.act.dispatch.terms import DispatchState
from yicha.act.inspection import queries as inspection
from yicha.act.inspection.terms import VisitState
from yicha.decide.gate import services as gate
from yicha.decide.planning.services.reweighing import weigh_again
from yicha.kernel import clock
from yicha.know.credit.queries import classes
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import warnings
from yicha.know.credit.services.telling import tell_partners
from yicha.know.credit.terms.repairs import EndingCause, Use
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.undisturbed import services as listings
from yicha.know.undisturbed.terms import ListingState, Trigger
from yicha.know.visits import queries as contacts
from yicha.share.publicity import queries as publicity


@dataclass(frozen=True, slots=True)
class Ended:
    """A record that has ended, with the uses that have given their receipt already."""

    ending: Any
    record: Any
    enterprise_id: int
    uscc: str
    code: str
    given: frozenset[str]

    @classmethod
    def of(cls, ending: Any) -> Ended:
        """From a row with its record, enterprise and receipts."""
        record = ending.record
        given = frozenset(receipt.use for receipt in ending.receipts.all())
        return cls(ending, record, record.enterprise_id, record.enterprise.uscc, record.code, given)


def let_go(use: Use, actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """Let one use go of a record, and say what it let go of: words and codes, never a class."""
    return _USES[use](actor, now, ended)


def _class(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """The class was found anew before; whether it became another is told, not which. Warnings let go with it."""
    closed = warnings.let_go(actor=actor, now=now, record=ended.code)
    return {"changed": _changed(now, ended), "warnings": closed}


def _changed(now: datetime, ended: Ended) -> bool:
    return classes.list_changes().filter(enterprise=ended.enterprise_id, at=now).exists()


def _listing(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """A suspension because of this record, or of the class that it made, is lifted or goes back to the home region."""
    listing = undisturbed.find_open(ended.uscc)
    if listing is None or listing.state != ListingState.SUSPENDED or not _leans(listing, now, ended):
        return {"listing": ""}
    because = ended.ending.repair.number if ended.ending.repair is not None else ended.code
    after = listings.lift(actor=actor, now=now, listing=listing, reference=because)
    return {"listing": str(listing.uuid), "state": after.state, "trigger": after.trigger}


def _leans(listing: Any, now: datetime, ended: Ended) -> bool:
    """Whether a listing is suspended because of this record: by its number, or by the class that has changed."""
    step = undisturbed.list_steps(listing).filter(state=ListingState.SUSPENDED.value).last()
    reference = step.reference if step is not None else ""
    if reference and reference in (ended.code, ended.record.reference):
        return True
    if listing.trigger in (Trigger.CLASS, Trigger.CRITERIA):
        return _changed(now, ended) or _was_unmet(reference, ended)
    return not reference and listing.trigger == ended.record.kind


def _was_unmet(reference: str, ended: Ended) -> bool:
    """The criteria that a night's check found unmet, where this kind of record is one of them."""
    return bool(set(reference.split()) & _CRITERIA_OF.get(ended.record.kind, set()))


_CRITERIA_OF = {
    "penalty": {"undisturbed.penalty"},
    "abnormal-listing": {"undisturbed.abnormal"},
    "serious-violation": {"undisturbed.serious"},
}
"""Codes of unmet criteria that a kind of record makes."""


def _gate(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """Verdicts to come that would be another now are reopened."""
    rows = gate.reopen_overtaken(actor, now, ended.enterprise_id, ended.code)
    return {"applications": [str(row.uuid) for row in rows]}


def _visits(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """Demands of a round are weighed again. Whoever had a notice of a visit that changes is told by its next version.

    A visit that the officers have started stays as it was judged.
    """
    started = inspection.list_visits().filter(
        contact__enterprise=ended.enterprise_id, state=VisitState.STARTED.value
    )
    found = weigh_again(
        actor=actor,
        now=now,
        enterprise_ids=[ended.enterprise_id],
        because=f"credit:{ended.code}",
        begun=list(started.order_by().values_list("contact_id", flat=True)),
    )
    touched = list(contacts.list_contacts().filter(pk__in=[*found.cancelled, *found.fewer]).order_by("pk"))
    told = dispatches.list_living().filter(contact__in=touched, state=DispatchState.NOTIFIED.value)
    announced = [str(uuid) for uuid in told.order_by("pk").values_list("contact__uuid", flat=True)]
    with translation.override(settings.LANGUAGE_CODE):
        because = _("the visit was weighed again")
    if touched:
        dispatch.after_move(actor=actor, now=now, contacts=touched, because=because)
    uuids = {contact.pk: str(contact.uuid) for contact in touched}
    return {
        "demands": found.demands,
        "changed": found.changed,
        "cancelled": [uuids[key] for key in found.cancelled],
        "fewer": [uuids[key] for key in found.fewer],
        "announced": announced,
    }


def _public(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """The public pages show what this query gives: the record must not be among it."""
    shown = publicity.list_public_records(ended.uscc, clock.today(now))
    corrected = ended.ending.cause == EndingCause.CORRECTION
    if any(record.code == ended.code for record in shown) and not corrected:
        raise RuntimeError(f"The record {ended.code} has ended and is still published.")
    return {"was_published": ended.record.is_published}


def _partners(actor: str, now: datetime, ended: Ended) -> dict[str, Any]:
    """Who follows the events is told; what its agency has told already is not told twice."""
    if not ended.record.is_published:
        return {"event": None}
    told = queries.find_told(ended.ending)
    if told is None and ended.ending.cause != EndingCause.CORRECTION:
        tell_partners(now=now, before=ended.record, after=None)
        told = queries.find_told(ended.ending)
    return {"event": told}


_USES: dict[Use, Callable[[str, datetime, Ended], dict[str, Any]]] = {
    Use.CLASS: _class,
    Use.LISTING: _listing,
    Use.GATE: _gate,
    Use.VISITS: _visits,
    Use.PUBLIC: _public,
    Use.PARTNERS: _partners,
}
ORDER = tuple(_USES)
"""A listing follows from records and class, a verdict from class and listing; applications leave visits first."""
