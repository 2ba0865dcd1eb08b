"""Endings carried to every use: at night, by the sweep, and never twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, TODAY, Cast
from yicha.act.dispatch.tests.factories import notified, ready
from yicha.act.inspection import services as inspection
from yicha.act.inspection.tests.factories import assignment
from yicha.base.ledger.models import Entry
from yicha.base.messages.models import Message
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.ingest.exchange.models import Event, EventReader
from yicha.kernel import clock
from yicha.know.credit import services as credit
from yicha.know.credit.models import CreditRecord, Ending, Receipt
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.services import repairs
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.repairs import RepairRequest, Stage, Use
from yicha.know.registry import services as registry
from yicha.know.registry.models import Enterprise
from yicha.know.visits.models import Contact
from yicha.share.publicity import queries as publicity
from yicha.share.repair import queries as receipts
from yicha.share.repair import services
from yicha.share.repair.services import propagating
from yicha.share.repair.terms import ShownReceipt

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LATER = NOW + 200 * DAY


def write(cast: Cast, number: int = 1, **more: object) -> CreditRecord:
    """A minor penalty, published two weeks ago."""
    values: dict[str, object] = {
        "uscc": cast.noodle_shop.uscc,
        "kind": RecordKind.PENALTY,
        "agency": "110112-market",
        "reference": f"〔2026〕{number}号",
        "happened_on": date(2026, 6, 17),
        "effective_from": date(2026, 6, 17),
        "severity": Severity.MINOR,
        "is_published": True,
        **more,
    }
    return credit.record(actor="clerk", now=NOW, facts=RecordFacts(**values))  # type: ignore[arg-type]


def ended_events() -> int:
    return Event.objects.filter(type="cn.yicha.credit-record.ended").count()


def test_the_night_ends_what_is_over_in_batches_and_everywhere(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(propagating, "AT_ONCE", 2)
    for number in range(5):
        write(cast, number)
    young = write(cast, 9, severity=Severity.SERIOUS)
    assert services.end_due(actor="yicha", now=NOW) == 0
    assert services.end_due(actor="yicha", now=LATER) == 5
    assert set(Ending.objects.values_list("cause", flat=True)) == {"maximum"}
    assert Receipt.objects.count() == 5 * len(Use)
    assert ended_events() == 5
    acts = Entry.objects.filter(act="credit.ended-many").values_list("body__count", flat=True)
    assert sorted(acts) == [1, 2, 2]
    young.refresh_from_db()
    assert young.state == "in-effect"
    assert services.end_due(actor="yicha", now=LATER) == 0


def test_the_statement_of_the_night_agrees_with_the_rule(cast: Cast) -> None:
    """Every severity, published or not, with and without a day of its own: the same are over on every day."""
    number = 0
    for severity in (Severity.MINOR, Severity.GENERAL, Severity.SERIOUS):
        for kind in (RecordKind.PENALTY, RecordKind.ABNORMAL_LISTING, RecordKind.SERIOUS_VIOLATION):
            for published in (True, False):
                number += 1
                row = write(cast, number, severity=severity, kind=kind, is_published=published)
                if number % 3 == 0:
                    CreditRecord.objects.filter(pk=row.pk).update(effective_until=None)
    for days in (0, 91, 92, 93, 364, 365, 366, 1094, 1095, 1096, 1097, 3000):
        day = TODAY + timedelta(days=days)
        by_rule = {
            row.pk for row in CreditRecord.objects.all() if queries.stage_of(row, day)[0] is Stage.ENDED
        }
        assert set(queries.find_over(day, 100)) == by_rule, day


def test_an_ending_by_its_agency_is_carried_by_the_sweep_and_told_once(cast: Cast) -> None:
    record = write(cast)
    credit.end(actor="clerk", now=NOW, record=record, reason="处罚决定撤销")
    told = ended_events()
    assert services.propagate_open(actor="yicha", now=NOW + DAY) == 1
    assert (told, ended_events()) == (1, 1)
    assert Receipt.objects.count() == len(Use)
    assert services.propagate_open(actor="yicha", now=NOW + DAY) == 0


def test_what_its_agency_ends_here_is_ended_everywhere_at_once(cast: Cast) -> None:
    record = write(cast)
    services.end(actor="clerk", now=NOW, record=record, reason="处罚决定撤销")
    assert Receipt.objects.count() == len(Use)
    assert ended_events() == 1
    assert services.propagate_open(actor="yicha", now=NOW) == 0


def test_a_correction_lets_go_of_the_version_that_was_wrong_and_the_new_one_stays_public(cast: Cast) -> None:
    record = write(cast)
    facts = RecordFacts(
        **{
            **{name: getattr(record.facts, name) for name in RecordFacts.__slots__},
            "words": "罚款 1000 元",
        }
    )
    services.correct(actor="clerk", now=NOW, record=record, facts=facts, reason="金额有误")
    assert Receipt.objects.count() == len(Use)
    assert ended_events() == 0
    assert [one.words for one in publicity.list_public_records(cast.noodle_shop.uscc, TODAY)] == [
        "罚款 1000 元"
    ]


def test_carrying_an_ending_again_changes_nothing(cast: Cast) -> None:
    record = write(cast)
    credit.end(actor="clerk", now=NOW, record=record, reason="撤销")
    ending = Ending.objects.get()
    for _again in range(2):
        services.propagate(actor="yicha", now=NOW, ending=ending)
    assert Receipt.objects.count() == len(Use)


def test_what_was_never_public_is_told_to_nobody(cast: Cast) -> None:
    record = write(cast, is_published=False)
    credit.end(actor="clerk", now=NOW, record=record, reason="撤销")
    services.propagate_open(actor="yicha", now=NOW)
    shown = {one.use: one for one in receipts.list_receipts(Ending.objects.get())}
    assert shown[Use.PARTNERS].detail == {"event": None}
    assert shown[Use.PUBLIC].detail == {"was_published": False}
    assert not Event.objects.exists()


def test_a_decision_that_cannot_be_carried_is_no_decision(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision and all receipts are one transaction."""
    repair = repairs.apply(
        actor="owner",
        now=NOW,
        record=write(cast),
        uscc=cast.noodle_shop.uscc,
        request=RepairRequest("已改正", "档案", "a" * 64, True),
    )
    repair = repairs.accept(actor="clerk", now=NOW, repair=repair)

    def fails(*_given: object) -> object:
        raise OSError("the disk is full")

    monkeypatch.setattr(propagating, "let_go", fails)
    with pytest.raises(OSError, match="disk"):
        services.decide(actor="boss", now=NOW, repair=repair, is_granted=True, words="准予修复")
    repair.refresh_from_db()
    assert (repair.state, repair.record.state) == ("accepted", "in-effect")
    assert not Ending.objects.exists()


def test_a_receipt_says_who_has_taken_the_ending_over(cast: Cast) -> None:
    """A reader that is no system of the product any more is left out."""
    record = write(cast)
    credit.end(actor="clerk", now=NOW, record=record, reason="撤销")
    services.propagate_open(actor="yicha", now=NOW)
    EventReader.objects.create(client="gone", at=NOW)
    shown = {one.use: one for one in receipts.list_receipts(Ending.objects.get())}
    assert shown[Use.PARTNERS].readers == ()


def test_the_public_finds_an_enterprise_by_its_record_and_not_after_it_has_ended(cast: Cast) -> None:
    now = clock.now()
    day = clock.today(now) - DAY
    facts = RecordFacts(
        uscc=cast.noodle_shop.uscc,
        kind=RecordKind.PENALTY,
        agency="110112-market",
        reference="〔2026〕1号",
        happened_on=day,
        effective_from=day,
        is_published=True,
    )
    record = credit.record(actor="clerk", now=now, facts=facts)
    search = f"{reverse('public:enterprises:list')}?q={cast.noodle_shop.uscc}"
    page = reverse("public:enterprises:object", args=[cast.noodle_shop.uscc])
    assert Client().get(search)["Location"] == page
    text = Client().get(page).content.decode()
    assert record.reference in text
    assert cast.noodle_shop.name not in text, "a sole proprietor's name is a person's"
    credit.end(actor="clerk", now=now, record=record, reason="撤销")
    assert Client().get(page).status_code == 404


def demands_for(cast: Cast, contact: Contact) -> None:
    """A demand of the round for every item of a visit."""
    round_, _ = Round.objects.get_or_create(
        code="2026Q3", defaults={"year": 2026, "quarter": 3, "organiser": "yizhuang", "state": "staffed"}
    )
    registry.save_directory(
        actor="t", now=NOW, code="catering", name="餐饮服务单位", rule={"industries": ["H62"]}
    )
    plan = planning.create_plan(
        actor="t",
        now=NOW,
        year=2026,
        title="抽查计划",
        owner=PlanOwner(agency=cast.agency_a.code),
        entries=[EntryDraft(quarter=3, directory="catering", items=("market-001",))],
    )
    for item in contact.items.all():
        Demand.objects.create(
            round=round_,
            entry=plan.entries.get(),
            draw_id=f"d-{contact.pk}",
            enterprise=cast.noodle_shop,
            agency=cast.agency_a,
            item_version=item.item_version,
            window_from=contact.window_from,
            window_to=contact.window_to,
            state="matched",
            contact=contact,
        )


def visited_before(cast: Cast) -> None:
    """Two months ago: of the best class, the shop is left alone for a year."""
    day = TODAY - 60 * DAY
    Contact.objects.create(
        enterprise=cast.noodle_shop,
        lead_agency=cast.agency_a,
        kind="daily",
        state="made",
        window_from=day,
        window_to=day,
        planned_on=day,
        made_on=day,
        counts_toward_cap=True,
    )


def ended_with_class(cast: Cast, letter: str) -> ShownReceipt:
    """A record ends, without which the shop is of this class; what is said of visits."""
    record = write(cast)
    Enterprise.objects.filter(pk=cast.noodle_shop.pk).update(risk_class=letter)
    services.end(actor="clerk", now=NOW, record=record, reason="撤销")
    ending = Ending.objects.get(record=record)
    return next(one for one in receipts.list_receipts(ending) if one.use is Use.VISITS)


def test_an_announced_visit_that_goes_is_taken_back_and_the_receipt_says_so(cast: Cast) -> None:
    visited_before(cast)
    visit = ready(cast.noodle_shop, ("110112-market",))
    demands_for(cast, visit)
    dispatched = notified(visit)
    receipt = ended_with_class(cast, "A")
    visit.refresh_from_db()
    dispatched.refresh_from_db()
    assert (visit.state, dispatched.state) == ("cancelled", "withdrawn")
    assert receipt.detail == {
        "demands": 2,
        "changed": 2,
        "cancelled": [str(visit.uuid)],
        "fewer": [],
        "announced": [str(visit.uuid)],
    }
    told = Message.objects.get(kind="withdrawn")
    assert told.audience == f"enterprise:{cast.noodle_shop.uscc}"
    assert "class" not in told.text.lower() and record_number() not in told.text


def record_number() -> str:
    return CreditRecord.objects.get().reference


def test_a_visit_that_the_officers_have_started_stays_as_it_was_judged(cast: Cast) -> None:
    visited_before(cast)
    visit = ready(cast.noodle_shop, ("110112-market",))
    demands_for(cast, visit)
    (opened,) = inspection.open_visits(
        actor="t", now=NOW, contacts=[visit.uuid], assignment=assignment(visit, "110112-market")
    )
    notified(visit)
    inspection.start_visit(actor="t", now=NOW, visit=opened, on=TODAY)
    receipt = ended_with_class(cast, "A")
    visit.refresh_from_db()
    assert (visit.state, receipt.detail["demands"]) == ("planned", 0)


def test_what_was_deferred_for_the_class_that_a_record_made_comes_back(cast: Cast) -> None:
    """An honour made the best class; without it the enterprise has no rest any more."""
    visited_before(cast)
    visit = ready(cast.noodle_shop, ("110112-market",))
    demands_for(cast, visit)
    ended_with_class(cast, "A")
    assert set(Demand.objects.values_list("state", flat=True)) == {"deferred"}
    honour = write(cast, 2, kind=RecordKind.HONOUR, severity=Severity.NONE)
    Enterprise.objects.filter(pk=cast.noodle_shop.pk).update(risk_class="B")
    services.end(actor="clerk", now=NOW, record=honour, reason="撤销荣誉")
    assert set(Demand.objects.values_list("state", flat=True)) == {"waiting"}
    shown = {one.use: one for one in receipts.list_receipts(Ending.objects.get(record=honour))}
    detail = shown[Use.VISITS].detail
    assert (detail["demands"], detail["changed"], detail["cancelled"]) == (2, 2, [])
