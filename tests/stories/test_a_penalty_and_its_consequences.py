"""A penalty comes from an agency's system: the class follows, the gate says so, partners know; then it is lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from tests.cast import Cast
from yicha.decide.gate.tests.stage import items, visit
from yicha.doors.partners.policies import BUCKETS
from yicha.doors.partners.tests.factories import System, codes, system, wish
from yicha.kernel import clock
from yicha.know.credit import services as credit
from yicha.know.credit.models import ClassChange, CreditRecord, RiskModel
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing
from yicha.know.credit.terms import RecordFacts, RecordKind
from yicha.know.credit.terms.classes import RunKind

pytestmark = pytest.mark.django_db(transaction=True)
REFERENCE = "京通市监罚〔2026〕88号"
DAY = timedelta(days=1)


@dataclass
class Scene:
    """A firm of the best class, which was visited lately; a system that punishes, and one that keeps copies."""

    cast: Cast
    sender: System
    reader: System
    today: date

    @property
    def letter(self) -> str:
        self.cast.noodle_shop.refresh_from_db()
        return self.cast.noodle_shop.risk_class

    def penalty(self, **more: object) -> dict[str, Any]:
        return {
            "uscc": self.cast.noodle_shop.uscc,
            "kind": "penalty",
            "severity": "serious",
            "reference": REFERENCE,
            "happened_on": (self.today - DAY).isoformat(),
            "amount": "500000",
            "words": "生产销售不符合食品安全标准的食品",
            "published_on": self.today.isoformat(),
            **more,
        }

    def grounds(self) -> list[str]:
        """Why an own initiative may or may not visit it, as the gate tells a partner."""
        return codes(self.sender.post("/gate/preview", wish(self.cast, clock.now())))

    def events_after(self, cursor: str) -> tuple[list[dict[str, Any]], str]:
        answer = self.reader.get(f"/events?after={cursor}").json()
        return answer["items"], answer["cursor"]


@pytest.fixture
def scene(cast: Cast) -> Scene:
    BUCKETS.forget()
    now = clock.now()
    today = clock.today(now)
    shop = cast.noodle_shop
    shop.registered_on = date(2015, 5, 1)
    shop.save()
    for year in range(today.year - 3, today.year):
        day = date(year + 1, 3, 1)
        report = RecordFacts(
            shop.uscc, RecordKind.ANNUAL_REPORT, "110112-market", f"年报{year}", day, day, year=year
        )
        credit.record(actor="t", now=now, facts=report)
    RiskModel.objects.filter(pk=get_shipped().pk).update(state="in-force", in_force_from=today - 60 * DAY)
    classing.classify_all(actor="t", now=now, kind=RunKind.ASKED)
    visit(shop, cast.agency_a, today - 40 * DAY, items()["food"])
    return Scene(cast, system(), system("110115-fire", "events.read", "records.read"), today)


def changes() -> Any:
    """Changes of class that the record made."""
    return ClassChange.objects.filter(because=f"credit:110112-market/{REFERENCE}")


def test_a_penalty_and_its_consequences(scene: Scene) -> None:
    assert scene.letter == "A"
    assert "gate.rest" in scene.grounds(), "the best class rests from own initiative for a year"

    # The agency's system sends a penalty: the class follows in the same moment, and the rest is over.
    sent = scene.sender.post("/credit-records", scene.penalty())
    assert sent.status_code == 201
    assert scene.letter == "D"
    assert "gate.rest" not in scene.grounds()
    change = changes().get()
    assert (change.from_class, change.to_class) == ("A", "D")

    # A system of another region reads of it: what the public may see, and no class.
    [event], cursor = scene.events_after("")
    assert event["type"] == "cn.yicha.credit-record.published"
    assert event["data"]["reference"] == REFERENCE and "D" not in event["data"].values()
    scene.reader.post("/events/acknowledgement", {"cursor": cursor})

    # The same again is the same: no second record, no second event, no second change.
    again = scene.sender.post("/credit-records", scene.penalty())
    assert again.status_code == 200 and again.json() == sent.json()
    assert scene.events_after(cursor) == ([], cursor)
    assert changes().count() == 1

    # It was graded too high: the next version says so, and the class follows again.
    milder = scene.penalty(severity="minor", amount="500", reason="裁量有误")
    path = f"/credit-records/{sent.json()['uuid']}/correction"
    corrected = scene.sender.post(path, milder).json()
    assert (corrected["version"], corrected["severity"]) == (2, "minor")
    assert scene.letter in "AB"
    [event], cursor = scene.events_after(cursor)
    assert event["type"] == "cn.yicha.credit-record.corrected" and event["data"]["amount"] == "500.00"

    # The decision is lifted: nobody holds it against the firm any more.
    scene.sender.post(f"/credit-records/{corrected['uuid']}/ending", {"reason": "复议撤销"})
    assert scene.letter == "A"
    assert "gate.rest" in scene.grounds()
    [event], cursor = scene.events_after(cursor)
    assert event["type"] == "cn.yicha.credit-record.ended"
    assert scene.reader.get("/credit-records").json()["items"] == []
    versions = CreditRecord.objects.filter(reference=REFERENCE).order_by("version")
    assert [(one.version, one.state) for one in versions] == [(1, "corrected"), (2, "ended")]
