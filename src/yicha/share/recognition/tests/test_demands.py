"""A result that spared the demand of a round is revoked: the demand waits for the gate again."""

from __future__ import annotations

from datetime import timedelta

from tests.cast import NOW, TODAY, Cast
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Demand
from yicha.decide.planning.terms import DemandState, RoundState
from yicha.decide.planning.tests import factories
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactState, OfferedResult, ResultCode
from yicha.share.recognition import queries, services
from yicha.share.recognition.terms import RevocationKind


def test_a_revocation_brings_the_demand_back_to_its_round(cast: Cast) -> None:
    factories.ground()
    round_ = factories.opened()
    factories.collected(factories.published())
    demand = Demand.objects.select_related("enterprise", "agency").filter(agency__region__code="110112")[0]
    offered = OfferedResult(
        uscc=demand.enterprise.uscc,
        agency=demand.agency.code,
        item_version_id=demand.item_version_id,
        result_code=ResultCode.NO_PROBLEM,
        found_on=TODAY - timedelta(days=30),
        evidence_hash="ab" * 32,
        reference="r-1",
    )
    result = visits.offer_results(actor="test", now=NOW, offered=[offered])[0]
    planning.match(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    spared = Contact.objects.get(spared_by=f"result:{result.uuid}")
    assert (demand.state, demand.contact_id) == (DemandState.SPARED, spared.pk)

    services.revoke(
        actor="approver", now=NOW, result=result, because="申诉成立", kind=RevocationKind.APPEALED
    )

    demand.refresh_from_db()
    spared.refresh_from_db()
    round_.refresh_from_db()
    assert (demand.state, demand.contact_id) == (DemandState.WAITING, None)
    assert spared.state == ContactState.CANCELLED, "the round plans a new visit in its place"
    assert round_.state == RoundState.COLLECTED
    assert [(one.kind, one.subject) for one in queries.list_reached(result)] == [("demand", str(spared.uuid))]
    planning.match(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    assert demand.state == DemandState.MATCHED, "the gate does not recognise it a second time"
