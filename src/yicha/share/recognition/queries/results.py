"""Results that others may use: who may, who refused, whom a revocation reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from yicha.act.inspection import queries as inspection
from yicha.base.accounts import queries as accounts
from yicha.know.agreement import queries as agreements
from yicha.know.agreement.terms import AgreementFacts, Share
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import RESULT_VALID_DAYS, SharedState
from yicha.share.recognition import rules
from yicha.share.recognition.models import Reach, Refusal
from yicha.share.recognition.terms import NOT_CHECKED, AskerFacts, ResultFacts, RevocationKind, Standing

SEE = "recognition.view"
REFUSE = "recognition.refuse"


def facts_of(result: Any) -> ResultFacts:
    """A result as the rules see it."""
    return ResultFacts(
        agency=result.agency.code,
        region=result.agency.region.code,
        kind=result.agency.kind.code,
        item=result.item_version.item.code,
        found_on=result.found_on,
        valid_until=result.valid_until,
        revoked=result.state == SharedState.REVOKED.value,
        refused_by=frozenset(result.refused_by),
    )


def asker_of(agency: Any) -> AskerFacts:
    """An agency as the rules see it."""
    return AskerFacts(agency.code, agency.region.code, agency.kind.code)


def standing_on(result: Any, on: date) -> Standing:
    """How a result stands on a day."""
    return rules.standing(result.state == SharedState.REVOKED.value, result.valid_until, on)


def list_unoffered(visit: UUID | str | None = None) -> QuerySet[Any]:
    """Checks of closed parts, of one visit or of all, whose result others could use and nobody has offered yet.

    A result that was revoked comes back only when the part was opened again, corrected, and closed after that.
    """
    told = (
        visits.list_results()
        .order_by()
        .filter(contact_item=OuterRef("contact_item"))
        .exclude(
            revocation__kind=RevocationKind.CORRECTED.value,
            revocation__revoked_at__lt=OuterRef("part__closed_at"),
        )
    )
    found = inspection.list_closed_checks().exclude(result_code__in=[code.value for code in NOT_CHECKED])
    if visit is not None:
        found = found.filter(part__visit__uuid=visit)
    return found.filter(~Exists(told))


def list_offered_to(asker: AskerFacts, on: date) -> QuerySet[Any]:
    """Results that this agency may lean on: valid on the day, found by others, not refused by it."""
    place = Q(agency__region__code=asker.region)
    for one in agreements.list_agreements_in_force(on, [asker.region]):
        if Share.RESULTS.value in one.shares:
            shared = Q(agency__region__code__in=sorted(one.regions))
            if one.kinds:
                shared &= Q(agency__kind__code__in=sorted(one.kinds))
            if one.items:
                shared &= Q(item_version__item__code__in=sorted(one.items))
            place |= shared
    return (
        visits.list_results()
        .filter(place, state=SharedState.OFFERED.value, found_on__lte=on, valid_until__gte=on)
        .exclude(agency__code=asker.agency)
        .exclude(refused_by__contains=[asker.agency])
    )


def list_agreements_for(result: Any, on: date) -> list[AgreementFacts]:
    """The agreements under which a result crosses the border of its region on a day."""
    facts = facts_of(result)
    return [one for one in agreements.list_agreements_in_force(on) if rules.covers(one, facts, on)]


def find_offered_under(result: Any, asker: AskerFacts, on: date) -> AgreementFacts | None:
    """The agreement that lets an agency of another region lean on a result; None: none, or none is needed."""
    return next((one for one in list_agreements_for(result, on) if asker.region in one.regions), None)


def list_seen(person: accounts.Person, on: date) -> QuerySet[Any]:
    """What a person may see: results in their scope, of their agencies, and those offered to an agency of theirs.

    An agency's own result may lie in another region of its zone: beyond the place that its people are granted.
    """
    rows = visits.list_results()
    own = _own_agencies(person, SEE)
    seen = Q(pk__in=accounts.scoped(rows.order_by(), person, SEE).values("pk"))
    seen |= Q(agency__in=[agency.pk for agency in own])
    for agency in own:
        seen |= Q(pk__in=list_offered_to(asker_of(agency), on).order_by().values("pk"))
        seen |= Q(refused_by__contains=[agency.code])
    return rows.filter(seen)


def find_seen(uuid: UUID | str, person: accounts.Person, on: date) -> Any | None:
    """One result, if this person may see it."""
    return list_seen(person, on).filter(uuid=uuid).first()


def may_act(person: accounts.Person, action: str, result: Any) -> bool:
    """Whether a person may revoke or certify a result: what an agency found is its own, wherever the place lies."""
    return accounts.may(person, action, result.agency.scope)


def list_refusing_agencies(result: Any, person: accounts.Person, on: date) -> list[Any]:
    """The agencies for which a person may refuse a result now."""
    facts, pacts = facts_of(result), agreements.list_agreements_in_force(on)
    return [
        agency
        for agency in _own_agencies(person, REFUSE)
        if not rules.refusal_reasons(facts, asker_of(agency), pacts, on, "…")
    ]


def _own_agencies(person: accounts.Person, action: str) -> Sequence[Any]:
    """The agencies that a person is granted and for which they may do something."""
    codes = accounts.list_agencies_of(person)
    rows = registry.list_agencies().filter(code__in=codes)
    return [row for row in rows if accounts.may(person, action, row.scope)]


def list_refusals(result: Any) -> QuerySet[Refusal]:
    """Who did not accept a result, and why; the latest first."""
    return Refusal.objects.select_related("agency").filter(result=result).order_by("-refused_at", "pk")


def list_reached(result: Any) -> QuerySet[Reach]:
    """Everything that the revocation of a result, or refusals of it, reached; as it was written."""
    return (
        Reach.objects.select_related("agency", "refusal__agency")
        .filter(Q(revocation__result=result) | Q(refusal__result=result))
        .order_by("pk")
    )


def get_valid_days(on: date, regions: Iterable[str] = ()) -> NumberFacts:
    """For how many days a result is recognised where its item says nothing, with the source."""
    return catalogue.get_number(RESULT_VALID_DAYS, on, tuple(regions))
