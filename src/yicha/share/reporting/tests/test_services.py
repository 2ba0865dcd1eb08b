"""Documents of a round, signed over real rows."""

from __future__ import annotations

import hashlib

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


def test_a_document_can_be_printed_again_to_the_byte(round_: Round) -> None:
    made = services.sign_step(
        actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH, words="请按时。"
    )
    made.refresh_from_db()
    assert hashlib.sha256(queries.print_document(made)).hexdigest() == made.sha256


def test_signed_again_it_is_the_next_version(round_: Round) -> None:
    first, second = (
        services.sign_step(actor="office", now=NOW, round_=round_, step=EightStep.DISPATCH) for _ in range(2)
    )
    assert (first.version, second.version) == (1, 2)
    assert [row.version for row in queries.list_documents(round_)] == [2, 1]


def test_a_trade_is_checked_up_by_its_directory(round_: Round) -> None:
    inspected(problems=3)
    (trade,) = queries.list_check_ups(round_)
    checks = Demand.objects.filter(state="matched").count()
    assert (trade.trade, sum(one.checked for one in trade.items)) == ("餐饮服务单位", checks)
    assert sum(one.found for one in trade.items) == 3 and trade.open == 0


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
    assert made.facts["problems"] == 2
    assert made.facts["planned"] == round_.visits_with == made.facts["made"]
    assert [row["step"] for row in made.facts["steps"]] == [step.value for step in EightStep]
    assert [row["step"] for row in made.facts["documents"]] == ["dispatch", "check-up"]
