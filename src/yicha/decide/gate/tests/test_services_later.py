"""After an application: emergencies and outages, papers, withdrawal, revocation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.base.ledger.models import Entry
from yicha.base.workdays import services as workdays
from yicha.decide.gate import queries, services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.tests.stage import (
    LATER,
    TODAY,
    acts_on,
    asked,
    at,
    contact_of,
    items,
    refused,
    result,
    token_of,
)
from yicha.know.catalogue.models import ItemVersion
from yicha.know.visits.models import Contact, ContactItem
from yicha.know.visits.terms import ContactKind

YESTERDAY = TODAY - timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Cast) -> dict[str, ItemVersion]:
    return items()


def test_an_emergency_gets_its_code_after_and_a_clock_for_its_papers(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    workdays.seed(years=range(2026, 2027))
    emergency = asked(cast, trigger="emergency", kind=ContactKind.CASE, approved_by="", entered_on=YESTERDAY)
    row = services.enter_emergency("t", NOW, emergency, "燃气泄漏")
    assert (row.state, row.papers_due_on, row.note) == ("papers-due", date(2026, 7, 6), "燃气泄漏")
    assert (contact_of(row).planned_on, contact_of(row).counts_toward_cap) == (YESTERDAY, False)
    assert queries.find_live_code(contact_of(row)) is not None
    assert list(queries.list_papers_due()) == [row]
    done = services.complete_papers("t", LATER, row, "局长", "京通应急〔2026〕1号")
    assert (done.state, done.evidence) == ("granted", "京通应急〔2026〕1号")
    assert Entry.objects.get(act="gate.papers-completed").body["late"] is False


def test_late_papers_are_taken_and_marked(cast: Cast, known: dict[str, ItemVersion]) -> None:
    emergency = asked(cast, trigger="emergency", kind=ContactKind.CASE, entered_on=TODAY)
    row = services.enter_emergency("t", NOW, emergency, "燃气泄漏")
    services.complete_papers("t", at(date(2026, 8, 1)), row, "局长", "1号")
    assert Entry.objects.get(act="gate.papers-completed").body["late"] is True


def test_an_emergency_needs_its_trigger_its_day_and_a_reason(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    codes = refused(lambda: services.enter_emergency("t", NOW, asked(cast), " "))
    assert codes == ("gate.entry-day", "gate.entry-reason", "gate.no-emergency")


def test_papers_need_who_approved_and_what_they_are(cast: Cast, known: dict[str, ItemVersion]) -> None:
    emergency = asked(cast, trigger="emergency", kind=ContactKind.CASE, entered_on=TODAY)
    row = services.enter_emergency("t", NOW, emergency, "燃气泄漏")
    codes = refused(lambda: services.complete_papers("t", NOW, row, "", ""))
    assert codes == ("gate.papers-approval", "gate.papers-evidence")


def test_after_an_outage_a_visit_is_entered_with_a_reason(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.back_enter("t", NOW, asked(cast, entered_on=date(2026, 6, 25)), "停电")
    assert (row.state, contact_of(row).planned_on) == ("granted", date(2026, 6, 25))
    assert acts_on(f"gate:{row.uuid}") == ["gate.entered"]


def test_after_too_long_it_is_refused_by_name(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.back_enter("t", NOW, asked(cast, entered_on=date(2026, 6, 20)), "停电")
    grounds = {ground.code: ground for ground in queries.read_verdict(row).grounds}
    assert (row.state, row.contact) == ("refused", None)
    assert grounds["gate.entered-late"].bars


def test_a_back_entry_needs_a_reason(cast: Cast, known: dict[str, ItemVersion]) -> None:
    entry = asked(cast, entered_on=YESTERDAY)
    assert refused(lambda: services.back_enter("t", NOW, entry, "")) == ("gate.entry-reason",)


def test_who_withdraws_leaves_the_visit_to_the_others(cast: Cast, known: dict[str, ItemVersion]) -> None:
    first = services.apply("t", NOW, asked(cast))
    second = services.apply(
        "t",
        NOW,
        asked(cast, agency=cast.fire_a.code, items=("hose",), officers=("T-0003", "T-0004")),
    )
    visit_uuid = contact_of(first).uuid
    services.withdraw("t", LATER, first, "计划变更")
    left = Contact.objects.get()
    assert (left.state, [row.agency.code for row in left.items.all()]) == ("planned", ["110112-fire"])
    assert token_of(Application.objects.get(pk=second.pk))["officers"] == ["T-0003", "T-0004"]
    services.withdraw("t", LATER, second, "计划变更")
    left.refresh_from_db()
    assert left.state == "cancelled"
    assert not VisitCode.objects.filter(state="live").exists()
    assert acts_on(f"visit:{visit_uuid}")[-2:] == ["code.revoked", "visit.cancelled"]


def test_a_withdrawal_has_a_reason_and_comes_before_the_visit(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    row = services.apply("t", NOW, asked(cast))
    assert refused(lambda: services.withdraw("t", NOW, row, " ")) == ("gate.withdrawal-reason",)
    Contact.objects.update(state="made", made_on=TODAY)
    assert refused(lambda: services.withdraw("t", NOW, row, "晚了")) == ("gate.visit-made",)


def test_a_code_is_revoked_once_with_a_reason(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.apply("t", NOW, asked(cast))
    code = queries.find_live_code(contact_of(row))
    assert code is not None
    assert refused(lambda: services.revoke_code(actor="t", now=NOW, code=code, because="")) == (
        "gate.code-reason",
    )
    revoked = services.revoke_code(actor="t", now=LATER, code=code, because="证件遗失")
    assert (revoked.state, revoked.revoked_at, revoked.because) == ("revoked", LATER, "证件遗失")
    again = refused(lambda: services.revoke_code(actor="t", now=LATER, code=code, because="证件遗失"))
    assert again == ("gate.code.state",)
    assert queries.find_live_code(contact_of(row)) is None
    anew = services.issue_code(actor="t", now=LATER, contact=contact_of(row))
    assert (anew.state, anew.pk == code.pk) == ("live", False)


def test_a_revoked_result_reopens_what_leaned_on_it(cast: Cast, known: dict[str, ItemVersion]) -> None:
    found = result(cast.noodle_shop, cast.agency_a, known["food"], date(2026, 6, 1))
    row = services.apply("t", NOW, asked(cast))
    found.state, found.revoked_at = "revoked", LATER
    found.save()
    assert services.reopen_leaning_on("t", LATER, found.uuid) == [row]
    row.refresh_from_db()
    assert row.state == "reopened"
    again = services.ask_again("t", LATER, row)
    assert (again.state, again.outcome, again.leans_on) == ("granted", "allow", [])
    assert services.reopen_leaning_on("t", LATER, found.uuid) == []


def test_asking_again_takes_the_reopened_check_off_its_old_visit(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    from yicha.know.visits import services as visits

    found = result(cast.noodle_shop, cast.agency_a, known["food"], date(2026, 6, 1))
    row = services.apply("t", NOW, asked(cast, items=("food", "label")))
    found.state, found.revoked_at = "revoked", LATER
    found.save()
    visits.reopen_spared(actor="t", now=LATER, spared_by=f"result:{found.uuid}", because="更正")
    services.reopen_leaning_on("t", LATER, found.uuid)
    again = services.ask_again("t", LATER, row)
    assert again.outcome == "merge"
    assert sorted(Contact.objects.values_list("state", flat=True)) == ["cancelled", "planned"]
    assert sorted(token_of(again)["items"]) == ["food", "label"]  # type: ignore[call-overload]
    assert ContactItem.objects.filter(contact=contact_of(again)).count() == 2
