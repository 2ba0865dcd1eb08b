"""Whatever happened to enterprises, their classes are those that a classification of everybody would give."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import ItemVersion
from yicha.know.catalogue.tests.test_services import version
from yicha.know.credit import services as credit
from yicha.know.credit.models import CreditRecord, RiskModel, Standing
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing, repairs
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind
from yicha.know.credit.terms.repairs import RepairRequest
from yicha.know.registry.models import Enterprise
from yicha.know.visits.models import Result
from yicha.know.visits.terms import ResultCode
from yicha.share.recognition import services as recognition
from yicha.share.recognition.terms import ExternalResult, RevocationKind
from yicha.share.repair import services as repair

pytestmark = pytest.mark.django_db
KINDS = (
    RecordKind.PENALTY,
    RecordKind.ACCIDENT,
    RecordKind.ANNUAL_REPORT,
    RecordKind.ABNORMAL_LISTING,
    RecordKind.HONOUR,
    RecordKind.LICENCE,
)
GRADED = (RecordKind.PENALTY, RecordKind.ACCIDENT, RecordKind.ABNORMAL_LISTING)
CODES = (ResultCode.NO_PROBLEM, ResultCode.CORRECTION_ORDERED, ResultCode.FOLLOW_UP, ResultCode.CLOSED)


class Undone(Exception):
    """Ends an example; what it wrote is taken back."""


@dataclass(frozen=True)
class Act:
    """One thing that happens. `which` of the enterprises, records or results that there are."""

    name: str
    which: int
    whose: int
    kind: RecordKind
    severity: Severity
    ago: int
    amount: int
    code: ResultCode


acts = st.builds(
    Act,
    st.sampled_from(("record", "record", "record", "end", "correct", "repair", "offer", "offer", "revoke")),
    st.integers(0, 9),
    st.integers(0, 2),
    st.sampled_from(KINDS),
    st.sampled_from((Severity.MINOR, Severity.GENERAL, Severity.SERIOUS)),
    st.integers(0, 900),
    st.sampled_from((0, 100_000, 2_000_000)),
    st.sampled_from(CODES),
)


@pytest.fixture
def item(cast: Cast) -> ItemVersion:
    """What fire rescue checks."""
    made = version(cast, 1, TODAY - timedelta(days=60))
    return catalogue.publish_version(actor="test", now=NOW, version=made)


@pytest.fixture
def model(cast: Cast) -> RiskModel:
    """The shipped model is in force, and everybody was classified by it."""
    shipped = get_shipped()
    RiskModel.objects.filter(pk=shipped.pk).update(state="in-force", in_force_from=TODAY)
    classing.classify_all(actor="yicha", now=NOW, kind=RunKind.MONTHLY)
    return shipped


def facts_of(act: Act, uscc: str, reference: str) -> RecordFacts:
    happened = TODAY - timedelta(days=act.ago)
    report = act.kind is RecordKind.ANNUAL_REPORT
    return RecordFacts(
        uscc=uscc,
        kind=act.kind,
        agency="110112-market" if act.whose else "110112-fire",
        reference=reference,
        happened_on=happened,
        effective_from=happened,
        year=happened.year - 1 if report else None,
        severity=act.severity if act.kind in GRADED else Severity.NONE,
        amount=Decimal(act.amount) if act.amount and act.kind is RecordKind.PENALTY else None,
    )


def repair_it(record: CreditRecord) -> None:
    """Its agency grants what its enterprise asks for; refused while it is too early, or where there is no repair."""
    row = repairs.apply(
        actor="owner",
        now=NOW,
        record=record,
        uscc=record.enterprise.uscc,
        request=RepairRequest("已改正", "企业档案", "a" * 64, has_pledged=True),
    )
    row = repairs.accept(actor="clerk", now=NOW, repair=row)
    repair.decide(actor="boss", now=NOW, repair=row, is_granted=True, words="准予修复")


def do(act: Act, number: int, people: list[Enterprise], item: ItemVersion) -> None:
    enterprise = people[act.whose]
    match act.name:
        case "record":
            credit.record(actor="clerk", now=NOW, facts=facts_of(act, enterprise.uscc, f"R-{number}"))
        case "end" | "correct":
            records = list(CreditRecord.objects.filter(state="in-effect").order_by("pk"))
            if not records:
                return
            record = records[act.which % len(records)]
            if act.name == "end":
                credit.end(actor="clerk", now=NOW, record=record, reason="撤销")
            else:
                facts = replace(facts_of(act, enterprise.uscc, record.reference), agency=record.agency.code)
                credit.correct(actor="clerk", now=NOW, record=record, facts=facts, reason="更正")
        case "repair":
            records = list(CreditRecord.objects.filter(state="in-effect").order_by("pk"))
            if records:
                repair_it(records[act.which % len(records)])
        case "offer":
            sent = ExternalResult(
                agency="110112-fire",
                uscc=people[0].uscc,
                item=item.item.code,
                found_on=TODAY - timedelta(days=act.ago % 30),
                result_code=act.code.value,
                evidence_hash="ab" * 32,
                reference=f"E-{number}",
            )
            recognition.offer_external(actor="system", now=NOW, sent=sent)
        case "revoke":
            results = list(Result.objects.filter(state="offered").order_by("pk"))
            if results:
                result = results[act.which % len(results)]
                recognition.revoke(
                    actor="clerk", now=NOW, result=result, because="有误", kind=RevocationKind.APPEALED
                )


def standings() -> list[tuple[object, ...]]:
    """Everything that classes rest on, and the classes that others read."""
    rows = Standing.objects.order_by("pk").values_list(
        "pk",
        "on",
        "risk_class",
        "general",
        "specific",
        "credit_level",
        "risk_level",
        "contributions",
        "red_lines",
        "enterprise__risk_class",
    )
    return list(rows)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(acts, min_size=1, max_size=12))
def test_classes_at_once_are_those_of_a_classification_of_everybody(
    cast: Cast, model: RiskModel, item: ItemVersion, history: list[Act]
) -> None:
    with suppress(Undone), transaction.atomic():
        people = list(Enterprise.objects.order_by("pk"))
        for number, act in enumerate(history):
            with suppress(Refused), transaction.atomic():
                do(act, number, people, item)
        at_once = standings()
        classing.classify_all(actor="yicha", now=NOW, kind=RunKind.MONTHLY)
        assert standings() == at_once
        raise Undone


def test_every_kind_of_act_is_in_the_class_at_once(cast: Cast, model: RiskModel, item: ItemVersion) -> None:
    """So that the property above is not true of histories in which nothing happens."""
    people = list(Enterprise.objects.order_by("pk"))
    one = Act("record", 0, 0, RecordKind.PENALTY, Severity.SERIOUS, 10, 0, ResultCode.CORRECTION_ORDERED)
    seen = [standings()]
    history = ("record", "correct", "end", "offer", "revoke", "record", "correct", "repair")
    for number, name in enumerate(history):
        severity = Severity.MINOR if name == "correct" else Severity.SERIOUS
        do(replace(one, name=name, severity=severity), number, people, item)
        seen.append(standings())
    assert all(before != after for before, after in pairwise(seen))
    assert seen[3] == seen[5] == seen[8] == seen[0]
