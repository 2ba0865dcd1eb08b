"""Documents of a round, signed over real rows."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.base.messages.models import Message
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.visits.models import Contact, ContactItem
from yicha.share.reporting import queries, services
from yicha.share.reporting.queries import documents
from yicha.share.reporting.terms import EightStep, StepState


@pytest.fixture
def round_(cast: Cast) -> Round:
    """The third quarter, its demands matched."""
    factories.ground()
    opened = factories.opened()
    factories.collected(factories.published())
    planning.match(actor="office", now=NOW, round_=opened)
    opened.refresh_from_db()
    return opened


def inspected(problems: int) -> None:
    """All visits are made; the first so many items have a problem."""
    Contact.objects.filter(state="planned").update(state="made", made_on=TODAY)
    ContactItem.objects.update(result_code="01", result_on=TODAY)
    some = ContactItem.objects.order_by("pk").values_list("pk", flat=True)[:problems]
    ContactItem.objects.filter(pk__in=list(some)).update(result_code="07")


def state(round_: Round, step: EightStep) -> StepState:
    return {row.step: row.state for row in queries.list_eight(round_, TODAY)}[step]


def test_tasks_go_out_once_to_every_agency(round_: Round) -> None:
    assert state(round_, EightStep.DISPATCH) is StepState.PRESENT
    made = services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH)
    assert state(round_, EightStep.DISPATCH) is StepState.DONE
    agencies = {
        agency.code for plan in [round_.entry_draws.get().entry.plan] for agency in plan.agencies.all()
    }
    told = Message.objects.filter(kind="step")
    assert {row.audience for row in told} == {f"agency:{code}" for code in agencies}
    assert {hashlib.sha256(bytes(row.document)).hexdigest() for row in told} == {made.sha256}
    assert ledger.list_entries_of("round:2026Q3")[0].act == "round.step-signed"


def test_a_document_is_kept_as_it_was_signed(round_: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    made = services.sign_step(
        actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH, words="请按时。\U0001f600"
    )
    assert documents.set_pages(EightStep.DISPATCH, made.facts, made.words, 1, NOW) == made.pages, "same facts"
    monkeypatch.setattr(documents, "_template", lambda: b"another template")
    found = queries.find_document(str(made.uuid))
    assert found is not None
    assert hashlib.sha256(bytes(found.pages)).hexdigest() == made.sha256


def test_a_draft_is_no_document(round_: Round) -> None:
    assert queries.set_draft(round_, EightStep.DISPATCH, NOW).startswith(b"%PDF")
    assert not queries.list_documents(round_).exists() and not Message.objects.filter(kind="step").exists()


def test_signed_again_it_is_the_next_version(round_: Round) -> None:
    first, second = (
        services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH) for _ in range(2)
    )
    assert (first.version, second.version) == (1, 2)
    assert [row.version for row in queries.list_documents(round_)] == [2, 1]


def test_a_trade_is_checked_up_by_its_directory_beside_the_round_before(round_: Round) -> None:
    inspected(problems=3)
    made = queries.get_check_up(round_, TODAY)
    (one,) = made.trades
    checks = Demand.objects.filter(state="matched").count()
    assert (one.trade.name, sum(share.checked for share in one.items)) == ("餐饮服务单位", checks)
    assert sum(share.found for share in one.items) == made.checks.found == 3 and one.open == 0
    assert one.whole.checked <= one.trade.size and one.trade.former is None

    later = Round.objects.create(year=2026, quarter=4, code="2026Q4", organiser=round_.organiser)
    assert queries.find_round_before(later) == round_
    Demand.objects.filter(round=round_).first()
    moved = Contact.objects.filter(state="made").order_by("pk").first()
    assert moved is not None
    Contact.objects.filter(pk=moved.pk).update(round="2026Q4")
    moved.demands.update(round=later)
    (again,) = queries.get_check_up(later, TODAY).trades
    assert again.trade.former is not None and again.trade.former.checked == one.whole.checked - 1


def test_every_step_has_its_owner_clock_and_document_before_anything_happened(cast: Cast) -> None:
    opened = factories.opened()
    rows = queries.list_eight(opened, TODAY)
    assert [row.counted.of for row in rows] == [0] * 8 and not any(row.document for row in rows)
    for row in rows:
        words = queries.describe(row.step)
        assert words.name and words.owner and words.paper and row.counted.due_on, row.step
    assert all(row.is_late for row in queries.list_eight(opened, date(2027, 6, 1)))


def test_publication_waits_for_all_visits(round_: Round) -> None:
    inspected(problems=0)
    row = next(row for row in queries.list_eight(round_, TODAY) if row.step is EightStep.PUBLISH)
    assert (row.counted.done, row.counted.of) == (0, Contact.objects.filter(state="made").count())
    assert row.state is not StepState.DONE


def test_a_check_up_without_results_is_refused(round_: Round) -> None:
    with pytest.raises(Refused) as caught:
        services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.CHECK_UP)
    assert caught.value.codes == ("report.no-result",)


def test_a_round_is_reported_once_with_all_its_numbers(round_: Round) -> None:
    inspected(problems=2)
    services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH)
    services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.CHECK_UP)
    made = services.sign_step(
        actor="office", now=NOW, round_=round_, step=EightStep.REPORT, words="其余另行安排。"
    )
    assert made.facts["found"] == 2 and made.facts["about"] == made.facts["made"]
    assert made.facts["planned"] == round_.visits_with == made.facts["made"]
    assert [row["name"] for row in made.facts["steps"]] == [
        *("计划一次性制定", "任务一次性下达", "对象一次性抽取", "人员一次性匹配"),
        *("检查一次性开展", "行业一次性体检", "结果一次性公示", "情况一次性报告"),
    ]
    assert all(row["owner"] and row["paper"] and row["due"] for row in made.facts["steps"])
    assert [row["state"] for row in made.facts["steps"]][1::4] == ["signed", "signed"]
    assert [row["paper"] for row in made.facts["documents"]] == ["检查任务下达书", "行业体检报告"]
    assert sum(row["count"] for row in made.facts["results"]) == made.facts["checks"]
