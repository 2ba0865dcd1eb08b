"""Visits of drawn officers that are closed, with what they found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from tests.cast import NOW, TODAY, officer
from yicha.act.inspection import queries as inspection
from yicha.act.inspection import services as visits
from yicha.act.inspection.models import Part, PartOfficer, Visit
from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity
from yicha.act.inspection.tests import factories
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.terms import DrawKind, DrawState
from yicha.decide.planning.models import VisitOfficer
from yicha.know.registry.models import Agency, Enterprise
from yicha.know.visits.terms import ResultCode

DRAW = "yizhuang-2026-0009"
FINDING = FindingFacts("后厨无防蝇设施", Severity.GENERAL, TODAY + timedelta(days=15))


def officers_draw(draw_id: str = DRAW, state: DrawState = DrawState.DRAWN) -> Draw:
    """A draw of officers with its result."""
    return Draw.objects.create(
        draw_id=draw_id,
        organiser="yizhuang",
        year=2026,
        number=int(draw_id[-4:]),
        kind=DrawKind.OFFICERS.value,
        state=state.value,
        title="执法人员",
        plan_id="2026Q3",
        beacon_kind="dice",
        beacon_source="…",
        beacon="1",
        seed="00" * 16,
        reveal_deadline=NOW,
        manifest=b"{}",
        manifest_hash="00" * 32,
        rules_version="yicha-draw/1",
        opened_at=NOW,
        opened_by="test",
        frozen_at=NOW,
    )


def attended(
    enterprise: Enterprise,
    agency: Agency,
    crew: Sequence[str],
    code: ResultCode,
    *,
    draw_id: str = DRAW,
    on: date = TODAY,
) -> Part:
    """A visit of one agency by this crew, closed; every item ended with the same code. Drawn unless draw_id is ""."""
    visit: Visit = factories.opened(enterprise, (agency.code,), on)
    part = factories.part(visit, agency.code)
    PartOfficer.objects.filter(part=part).delete()
    for certificate in crew:
        who = agency.officers.get(certificate=certificate)
        PartOfficer.objects.create(part=part, officer=who)
        if draw_id:
            VisitOfficer.objects.create(contact=visit.contact, agency=agency, officer=who, draw_id=draw_id)
    visits.start_visit(actor="officer", now=NOW, visit=visit, on=on)
    part = factories.part(visit, agency.code)
    found = (FINDING,) if code is ResultCode.CORRECTION_ORDERED else ()
    results = {check.pk: CheckResult(code, found) for check in part.checks.all()}
    visits.record_results(actor="officer", now=NOW, part=part, results=results)
    visits.close_part(actor="officer", now=NOW, part=factories.part(visit, agency.code))
    closed = inspection.find_part(visit, agency.code)
    assert closed is not None
    return closed


def drawn_season(
    enterprise: Enterprise, agency: Agency, count: int, *, sharp: str = "T-0002", seed: int = 5
) -> None:
    """Four officers, two drawn for every visit; with the sharp one something is found far more often."""
    officers_draw()
    for number in (5, 6):
        officer(f"T-000{number}", f"甲{number}", agency)
    chance = Random(seed)
    for _ in range(count):
        crew = chance.sample(["T-0001", "T-0002", "T-0005", "T-0006"], 2)
        hit = chance.random() < (0.9 if sharp in crew else 0.2)
        attended(enterprise, agency, crew, ResultCode.CORRECTION_ORDERED if hit else ResultCode.NO_PROBLEM)
