"""What is signed, consented to and ruled reaches the next verdict: not before, and not after it has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Application, Outcome
from yicha.decide.gate.tests import stage
from yicha.know.agreement import services
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.terms import ConflictFiling, RulingOutcome, SideFacts, Standard
from yicha.know.agreement.tests.factories import draft, offered, sign_all, signed
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency


@pytest.fixture
def known(cast: Cast) -> dict[str, ItemVersion]:
    return stage.items()


@pytest.fixture
def neighbour(cast: Cast) -> Agency:
    """Market regulation of 大兴: another region's agency of the same kind as agency A."""
    return registry.save_agency(
        actor="test",
        now=NOW,
        code="110115-market",
        name="大兴区市场监督管理局",
        kind="market",
        region="110115",
    )


def grounds(application: Application) -> set[str]:
    return {ground.code for ground in gate.preview(application, NOW)[0].grounds}


def outcome(application: Application) -> Outcome:
    return gate.preview(application, NOW)[0].outcome


def test_two_signatures_let_no_result_cross_the_third_does_and_notice_ends_it(
    cast: Cast, known: dict[str, ItemVersion], neighbour: Agency
) -> None:
    stage.result(cast.noodle_shop, neighbour, known["food"], TODAY - timedelta(days=10))
    asked = stage.asked(cast)
    agreement = offered(draft(shares=("results",)))
    for region in ("110112", "110115"):
        services.sign(actor="approver", now=NOW, agreement=agreement, region=region)
        assert "gate.result-not-usable-no-agreement" in grounds(asked)
        assert outcome(asked) is not Outcome.RECOGNISE
    sign_all(agreement)
    assert outcome(asked) is Outcome.RECOGNISE
    Agreement.objects.filter(pk=agreement.pk).update(notice_until=TODAY - timedelta(days=1))
    assert outcome(asked) is not Outcome.RECOGNISE


def test_a_standard_of_another_region_spares_the_check_until_its_recognition_ends(
    cast: Cast, known: dict[str, ItemVersion], neighbour: Agency
) -> None:
    stage.result(cast.noodle_shop, neighbour, known["label"], TODAY - timedelta(days=10))
    asked, agreement = stage.asked(cast), signed(draft(shares=("results",)))
    assert outcome(asked) is not Outcome.RECOGNISE
    same = services.declare_equivalence(
        actor="coordinator",
        now=NOW,
        agreement=agreement,
        own=Standard("food", "110112"),
        other=Standard("label", "110115"),
        source="对照表第3号",
        both_ways=False,
    )
    assert outcome(asked) is Outcome.RECOGNISE
    services.end_equivalence(actor="coordinator", now=NOW, equivalence=same, reason="标准已修订")
    assert outcome(asked) is not Outcome.RECOGNISE


def test_a_consent_lets_an_agency_into_another_region_until_it_is_taken_back(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    asked = stage.asked(cast, uscc=cast.paint_factory.uscc)
    assert "gate.place-not-competent" in grounds(asked)
    request = services.ask_assistance(
        actor="planner",
        now=NOW,
        agency=cast.agency_a.code,
        uscc=cast.paint_factory.uscc,
        from_on=asked.from_on,
        until_on=asked.until_on,
        purpose="协查同一批次油漆",
    )
    assert "gate.place-not-competent" in grounds(asked)
    services.answer_assistance(actor="approver", now=NOW, request=request, consent=True)
    assert "gate.by-consent" in grounds(asked) and "gate.place-not-competent" not in grounds(asked)
    services.revoke_consent(actor="approver", now=NOW, request=request, reason="案件已移交")
    assert "gate.place-not-competent" in grounds(asked)


def test_an_agreement_on_assistance_opens_the_regions_of_the_zone(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    asked = stage.asked(cast, uscc=cast.chip_maker.uscc)
    signed(draft(shares=("results",)))
    assert "gate.place-not-competent" in grounds(asked)
    signed(draft(shares=("assistance",)))
    assert "gate.by-agreement" in grounds(asked)


def test_a_ruling_takes_a_version_out_and_a_later_one_brings_it_back(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    asked = stage.asked(cast)
    sides = (SideFacts("label", "标签须贴在正面。"), SideFacts("food", "标签须贴在背面。"))
    filing = ConflictFiling("标签位置", *sides, "110112", "检查记录")
    conflict = services.file_conflict(actor="officer-a", now=NOW, filing=filing)
    assert "gate.item-ruled-out" not in grounds(asked)
    for ruled, barred in ((RulingOutcome.A_HOLDS, True), (RulingOutcome.BOTH_HOLD, False)):
        services.rule_conflict(
            actor="coordinator", now=NOW, conflict=conflict, outcome=ruled, words="以前者为准。"
        )
        assert ("gate.item-ruled-out" in grounds(asked)) is barred
