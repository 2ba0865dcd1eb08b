"""A version of a model on its way: drafted, edited, submitted, signed by two, in force after a trial."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from tests.cast import NOW
from yicha.base.accounts.terms import Role
from yicha.base.lake.models import Snapshot
from yicha.base.ledger.models import Entry
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.credit.models import ClassRun, RiskModel
from yicha.know.credit.queries import models as queries
from yicha.know.credit.services import models as services
from yicha.know.credit.services import trials
from yicha.know.credit.terms.classes import ModelState, RunKind, RunState

pytestmark = pytest.mark.django_db
BOTH = (Role.COORDINATOR, Role.APPROVER)


def draft(**more: str) -> RiskModel:
    """A draft that differs from what is shipped in one number."""
    made = services.draft(actor="coordinator", now=NOW, remark="处罚加重")
    text = re.sub(r"serious: 2\d0", f"serious: {more.get('serious', 250)}", made.text, count=1)
    return services.edit(actor="coordinator", now=NOW, model=made, text=text, seen=made.sha256)


def signed() -> RiskModel:
    """A version with both signatures."""
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    services.sign(actor="coordinator", now=NOW, model=made, roles=[Role.COORDINATOR])
    return services.sign(actor="approver", now=NOW, model=made, roles=[Role.APPROVER])


def tried(model: RiskModel, at: datetime = NOW, sha256: str = "") -> ClassRun:
    """A trial that has ended, as the engine leaves it."""
    snapshot = Snapshot.objects.create(name="classes", state="ready", place="s", taken_at=at, taken_by="t")
    return ClassRun.objects.create(
        kind=RunKind.TRIAL.value,
        model=model,
        snapshot=snapshot,
        on=clock.today(at),
        state=RunState.DONE.value,
        report={"sha256": sha256 or model.sha256, "effects": []},
        asked_at=at,
        asked_by="coordinator",
    )


def refused(code: str, refused_by: pytest.ExceptionInfo[Refused]) -> bool:
    return refused_by.value.codes == (code,)


def test_the_shipped_model_is_there_as_a_draft_of_version_0() -> None:
    shipped = queries.get_shipped()
    assert (shipped.state, shipped.title) == (ModelState.DRAFT, queries.get_document(shipped).title)
    assert queries.find_model_in_force() is None


def test_a_draft_copies_what_is_shipped_and_has_the_next_number() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    again = services.draft(actor="coordinator", now=NOW)
    assert (made.version, again.version) == (1, 2)
    assert made.text == queries.get_shipped().text
    assert Entry.objects.filter(act="model.drafted").count() == 2


def test_a_draft_copies_the_version_in_force_and_any_version_that_is_named() -> None:
    made = signed()
    tried(made)
    services.begin_force(actor="coordinator", now=NOW, model=made)
    assert services.draft(actor="coordinator", now=NOW).text == made.text
    copy = services.draft(actor="coordinator", now=NOW, copy_of=queries.get_shipped())
    assert copy.text == queries.get_shipped().text


def test_a_text_is_kept_as_it_is_written_even_with_faults() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    kept = services.edit(
        actor="coordinator", now=NOW, model=made, text="code: general\r\n# 未完", seen=made.sha256
    )
    assert kept.text == "code: general\n# 未完\n"
    assert kept.title == queries.get_shipped().title
    assert services.find_faults(kept.text)


def test_the_title_follows_the_document() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    text = made.text.replace("title: 企业", "title: 亦庄企业")
    assert services.edit(actor="c", now=NOW, model=made, text=text, seen=made.sha256).title.startswith("亦庄")


def test_editing_is_refused_when_somebody_else_saved_in_between() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    services.edit(actor="a", now=NOW, model=made, text=made.text + "# a\n", seen=made.sha256)
    with pytest.raises(Refused) as caught:
        services.edit(actor="b", now=NOW, model=made, text=made.text + "# b\n", seen=made.sha256)
    assert refused("model.changed-meanwhile", caught)
    made.refresh_from_db()
    assert made.text.endswith("# a\n")


def test_editing_what_is_shipped_is_refused() -> None:
    shipped = queries.get_shipped()
    with pytest.raises(Refused) as caught:
        services.edit(actor="c", now=NOW, model=shipped, text="x", seen=shipped.sha256)
    assert refused("model.shipped", caught)


def test_editing_what_was_submitted_is_refused() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    with pytest.raises(Refused) as caught:
        services.edit(actor="c", now=NOW, model=made, text="x", seen=made.sha256)
    assert refused("model.state", caught)


@pytest.mark.parametrize("text", ["a\x00b", "#" * 70_000])
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    made = services.draft(actor="coordinator", now=NOW)
    with pytest.raises(Refused):
        services.edit(actor="c", now=NOW, model=made, text=text, seen=made.sha256)


def test_submitting_a_document_with_faults_is_refused_with_all_of_them() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    text = made.text.replace("minor: 40", "minor: -40").replace("AABB", "BABB")
    made = services.edit(actor="c", now=NOW, model=made, text=text, seen=made.sha256)
    with pytest.raises(Refused) as caught:
        services.submit(actor="c", now=NOW, model=made)
    assert set(caught.value.codes) == {"model.negative", "model.matrix-improves"}
    made.refresh_from_db()
    assert made.state == ModelState.DRAFT


def test_submitting_under_another_name_is_refused() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    text = made.text.replace("code: general\n", "code: special\n")
    made = services.edit(actor="c", now=NOW, model=made, text=text, seen=made.sha256)
    with pytest.raises(Refused) as caught:
        services.submit(actor="c", now=NOW, model=made)
    assert refused("model.other-code", caught)


def test_submitting_the_text_that_is_in_force_is_refused() -> None:
    made = signed()
    tried(made)
    services.begin_force(actor="coordinator", now=NOW, model=made)
    with pytest.raises(Refused) as caught:
        services.submit(actor="c", now=NOW, model=services.draft(actor="c", now=NOW))
    assert refused("model.no-change", caught)


def test_submitting_twice_is_refused() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    with pytest.raises(Refused) as caught:
        services.submit(actor="coordinator", now=NOW, model=made)
    assert refused("model.state", caught)


def test_two_roles_and_two_people_sign() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    half = services.sign(actor="coordinator", now=NOW, model=made, roles=[Role.COORDINATOR])
    assert half.state == ModelState.SUBMITTED
    whole = services.sign(actor="approver", now=NOW, model=made, roles=[Role.APPROVER])
    assert whole.state == ModelState.SIGNED
    assert queries.list_signatures(whole) == {Role.COORDINATOR: "coordinator", Role.APPROVER: "approver"}
    bodies = [entry.body for entry in Entry.objects.filter(act="model.signed").order_by("seq")]
    assert [body["role"] for body in bodies] == ["coordinator", "approver"]
    assert {body["sha256"] for body in bodies} == {made.sha256}


def test_who_holds_both_roles_signs_as_the_one_that_is_missing_and_once() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    services.sign(actor="both", now=NOW, model=made, roles=BOTH)
    with pytest.raises(Refused) as caught:
        services.sign(actor="both", now=NOW, model=made, roles=BOTH)
    assert refused("model.signed-by-you", caught)
    whole = services.sign(actor="other", now=NOW, model=made, roles=BOTH)
    assert whole.state == ModelState.SIGNED


def test_a_role_signs_once() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    services.sign(actor="one", now=NOW, model=made, roles=[Role.COORDINATOR])
    with pytest.raises(Refused) as caught:
        services.sign(actor="two", now=NOW, model=made, roles=[Role.COORDINATOR])
    assert refused("model.signed-as-role", caught)


def test_another_role_does_not_sign() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    with pytest.raises(Refused) as caught:
        services.sign(actor="planner", now=NOW, model=made, roles=[Role.PLANNER])
    assert refused("model.role", caught)


def test_a_draft_is_not_signed() -> None:
    with pytest.raises(Refused) as caught:
        services.sign(actor="coordinator", now=NOW, model=draft(), roles=[Role.COORDINATOR])
    assert refused("model.state", caught)


def test_a_version_takes_force_and_the_one_before_is_superseded() -> None:
    first = signed()
    tried(first)
    run = services.begin_force(actor="coordinator", now=NOW, model=first)
    assert (run.kind, run.model_id, run.state) == (RunKind.ASKED, first.pk, RunState.QUEUED)
    second = services.submit(actor="coordinator", now=NOW, model=draft(serious="260"))
    services.sign(actor="coordinator", now=NOW, model=second, roles=[Role.COORDINATOR])
    services.sign(actor="approver", now=NOW, model=second, roles=[Role.APPROVER])
    tried(second)
    services.begin_force(actor="coordinator", now=NOW + timedelta(days=1), model=second)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (ModelState.SUPERSEDED, ModelState.IN_FORCE)
    assert second.in_force_from == clock.today(NOW) + timedelta(days=1)
    assert queries.find_model_in_force() == second


def test_a_version_without_a_trial_takes_no_force() -> None:
    with pytest.raises(Refused) as caught:
        services.begin_force(actor="coordinator", now=NOW, model=signed())
    assert refused("model.not-tried", caught)


def test_a_trial_of_another_text_does_not_count() -> None:
    made = signed()
    tried(made, sha256="0" * 64)
    with pytest.raises(Refused) as caught:
        services.begin_force(actor="coordinator", now=NOW, model=made)
    assert refused("model.not-tried", caught)


def test_a_trial_on_an_old_snapshot_does_not_count() -> None:
    made = signed()
    tried(made, NOW - timedelta(days=32))
    with pytest.raises(Refused) as caught:
        services.begin_force(actor="coordinator", now=NOW, model=made)
    assert refused("model.trial-old", caught)
    tried(made, NOW - timedelta(days=31))
    assert services.begin_force(actor="coordinator", now=NOW, model=made).model_id == made.pk


def test_a_version_with_one_signature_takes_no_force() -> None:
    made = services.submit(actor="coordinator", now=NOW, model=draft())
    services.sign(actor="coordinator", now=NOW, model=made, roles=[Role.COORDINATOR])
    tried(made)
    with pytest.raises(Refused) as caught:
        services.begin_force(actor="coordinator", now=NOW, model=made)
    assert refused("model.state", caught)


def test_a_version_is_withdrawn_with_a_reason() -> None:
    made = draft()
    with pytest.raises(Refused) as caught:
        services.withdraw(actor="coordinator", now=NOW, model=made, reason=" ")
    assert refused("model.no-reason", caught)
    gone = services.withdraw(actor="coordinator", now=NOW, model=made, reason="另行起草")
    assert gone.state == ModelState.WITHDRAWN
    with pytest.raises(Refused) as caught:
        services.withdraw(actor="coordinator", now=NOW, model=made, reason="再次")
    assert refused("model.state", caught)


def test_what_is_shipped_is_not_withdrawn() -> None:
    with pytest.raises(Refused) as caught:
        services.withdraw(actor="coordinator", now=NOW, model=queries.get_shipped(), reason="不要")
    assert refused("model.shipped", caught)


def test_a_trial_is_of_the_text_of_this_moment() -> None:
    made = draft()
    run = trials.ask_trial(actor="coordinator", now=NOW, model=made)
    assert (run.kind, run.state, run.report["sha256"]) == (RunKind.TRIAL, RunState.QUEUED, made.sha256)


def test_a_document_with_faults_is_not_tried() -> None:
    made = services.draft(actor="coordinator", now=NOW)
    made = services.edit(actor="c", now=NOW, model=made, text="code: general\n", seen=made.sha256)
    with pytest.raises(Refused) as caught:
        trials.ask_trial(actor="coordinator", now=NOW, model=made)
    assert "model.missing-key" in caught.value.codes


def test_a_version_that_is_over_is_not_tried() -> None:
    gone = services.withdraw(actor="coordinator", now=NOW, model=draft(), reason="另行起草")
    with pytest.raises(Refused) as caught:
        trials.ask_trial(actor="coordinator", now=NOW, model=gone)
    assert refused("model.over", caught)
