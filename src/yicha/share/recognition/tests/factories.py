"""Results of the cast that cross the regions of the zone: 通州 finds, 大兴 and the functional area lean on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.cast import NOW, Cast, officer
from yicha.act.inspection.models import Visit
from yicha.act.inspection.tests.factories import item_versions
from yicha.decide.gate import services as gate
from yicha.decide.gate.terms import Application
from yicha.kernel import clock
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.tests.factories import draft, signed
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency
from yicha.know.visits.models import Result
from yicha.know.visits.terms import ContactKind, ResultCode
from yicha.share.publicity.tests.factories import closed
from yicha.share.recognition import services

OFFICERS = {"110115-fire": ("D-0001", "D-0002"), "110302-fire": ("K-0001", "K-0002")}


@dataclass(frozen=True)
class Scene:
    """Fire rescue of 通州 has checked the noodle shop; two other regions of the zone have fire rescues too."""

    cast: Cast
    agreement: Agreement
    visit: Visit
    result: Result
    fire_c: Agency
    """Fire rescue of 经开区."""
    now: datetime

    def ask(self, agency: str, item: str = "fire-001") -> Any:
        """Another region's fire rescue applies for the same item at the noodle shop."""
        today = clock.today(self.now)
        asked = Application(
            agency=agency,
            uscc=self.cast.noodle_shop.uscc,
            items=(item,),
            kind=ContactKind.DAILY,
            trigger="draw",
            from_on=today,
            until_on=today + timedelta(days=30),
            officers=OFFICERS[agency],
            approved_by="支队长",
        )
        return gate.apply(f"officer of {agency}", self.now, asked)


def scene(cast: Cast, now: datetime = NOW) -> Scene:
    """The agreement is signed, the visit is closed, its fire result is offered."""
    today = clock.today(now)
    agreement = signed(draft(valid_from=today), now)
    fire_c = registry.save_agency(
        actor="test", now=now, code="110302-fire", name="经开区消防救援支队", kind="fire", region="110302"
    )
    for certificate in OFFICERS["110302-fire"]:
        officer(certificate, certificate, fire_c)
    item_versions()
    visit = closed(cast.noodle_shop, on=today, code=ResultCode.NO_PROBLEM, now=now)
    services.offer_visit(actor="officer-a", now=now, visit=visit.uuid)
    result = Result.objects.get(agency=cast.fire_a)
    return Scene(cast, agreement, visit, result, fire_c, now)
