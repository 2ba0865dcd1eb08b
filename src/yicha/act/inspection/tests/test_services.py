from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models import F

from tests.cast import NOW, TODAY, Cast, officer
from yicha.act.inspection import queries, services
from yicha.act.inspection.models import Check, Finding, Visit
from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity, VisitState
from yicha.act.inspection.tests import factories
from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import Refused
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import PlannedItem, ResultCode

OK = CheckResult(ResultCode.NO_PROBLEM)
ORDERED = CheckResult(
    ResultCode.CORRECTION_ORDERED,
    (FindingFacts("后厨无防蝇设施", Severity.GENERAL, TODAY + timedelta(days=15)),),
)


def record_all(visit: Visit, agency: str, result: CheckResult = OK) -> None:
    part = factories.part(visit, agency)
    results = {check.pk: result for check in part.checks.all()}
    services.record_results(actor="officer", now=NOW, part=part, results=results)


def close_all(visit: Visit) -> Visit:
    for part in queries.list_parts(visit):
        record_all(visit, part.agency.code)
        services.close_part(actor="officer", now=NOW, part=part)
    return services.close_visit(actor="officer-a", now=NOW, visit=visit)


def refused_codes(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.codes


def test_a_visit_opens_with_a_part_per_agency_and_a_check_per_item(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    parts = list(queries.list_parts(visit))
    assert [part.agency.code for part in parts] == ["110112-market", "110112-fire"]
    assert [[officer.certificate for officer in part.officers.all()] for part in parts] == [
        ["T-0001", "T-0002"],
        ["T-0003", "T-0004"],
    ]
    assert [len(part.checks.all()) for part in parts] == [2, 1]


def test_fewer_than_two_officers_for_any_agency_are_refused_and_nothing_opens(cast: Cast) -> None:
    contact = factories.plan(cast.noodle_shop)
    crews = factories.assignment(contact, "110112-market")
    with pytest.raises(Refused) as refused:
        services.open_visits(actor="planner", now=NOW, contacts=[contact.uuid], assignment=crews)
    assert refused_codes(refused) == ("visit.too-few-officers",)
    assert not Visit.objects.exists()


def test_an_officer_of_another_agency_cannot_stand_in(cast: Cast) -> None:
    contact = factories.plan(cast.noodle_shop)
    crews = factories.assignment(contact, "110112-market", "110112-fire")
    crews.append((str(contact.uuid), "110112-fire", "D-0001"))
    with pytest.raises(Refused) as refused:
        services.open_visits(actor="planner", now=NOW, contacts=[contact.uuid], assignment=crews)
    assert refused_codes(refused) == ("visit.officer-not-fit",)


def test_a_contact_opens_once_and_only_while_planned(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    crews = factories.assignment(visit.contact, "110112-market", "110112-fire")
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            services.open_visits(actor="planner", now=NOW, contacts=[visit.contact.uuid], assignment=crews)
        assert refused_codes(refused) in {("visit.opened-already",), ("visit.not-planned",)}
        Contact.objects.filter(pk=visit.contact_id).update(state="cancelled")
    unknown = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(Refused) as refused:
        services.open_visits(actor="planner", now=NOW, contacts=[unknown], assignment=[])
    assert refused_codes(refused) == ("visit.unknown",)


def test_an_unknown_certificate_is_named(cast: Cast) -> None:
    contact = factories.plan(cast.noodle_shop)
    crews = [(str(contact.uuid), "110112-market", "X-9")]
    with pytest.raises(Refused, match="X-9"):
        services.open_visits(actor="planner", now=NOW, contacts=[contact.uuid], assignment=crews)


def test_results_wait_until_the_visit_has_started(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    with pytest.raises(Refused) as refused:
        record_all(visit, "110112-market")
    assert refused_codes(refused) == ("visit.state",)


def test_a_visit_cannot_start_tomorrow(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    with pytest.raises(Refused) as refused:
        services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY + timedelta(days=1))
    assert refused_codes(refused) == ("visit.in-future",)


def test_a_result_written_again_replaces_the_first_with_its_findings(cast: Cast) -> None:
    visit = factories.started(cast)
    record_all(visit, "110112-fire", ORDERED)
    assert Finding.objects.count() == 1
    record_all(visit, "110112-fire", OK)
    assert Finding.objects.count() == 0
    assert Check.objects.get(part__agency__code="110112-fire").result_code == "01"


def test_nobody_writes_into_another_agencys_part(cast: Cast) -> None:
    visit = factories.started(cast)
    market, fire = factories.part(visit, "110112-market"), factories.part(visit, "110112-fire")
    foreign = fire.checks.all()[0]
    with pytest.raises(Refused) as refused:
        services.record_results(actor="officer-a", now=NOW, part=market, results={foreign.pk: OK})
    assert refused_codes(refused) == ("check.not-of-part",)
    assert accounts.may(cast.officer_a, "visit.record", market.scope)
    assert not accounts.may(cast.officer_a, "visit.record", fire.scope)
    assert not accounts.may(cast.officer_b, "visit.record", fire.scope)


def test_one_wrong_result_and_none_is_written(cast: Cast) -> None:
    visit = factories.started(cast)
    part = factories.part(visit, "110112-market")
    first, second = part.checks.all()
    wrong = CheckResult(ResultCode.FOLLOW_UP)
    with pytest.raises(Refused) as refused:
        services.record_results(
            actor="officer-a", now=NOW, part=part, results={first.pk: OK, second.pk: wrong}
        )
    assert [reason.at_field for reason in refused.value.reasons] == [f"check-{second.pk}"]
    assert not Check.objects.exclude(result_code="").exists()


def test_a_part_closes_when_every_item_has_its_result_and_then_stays(cast: Cast) -> None:
    visit = factories.started(cast)
    part = factories.part(visit, "110112-market")
    with pytest.raises(Refused) as refused:
        services.close_part(actor="officer-a", now=NOW, part=part)
    assert refused_codes(refused) == ("part.result-missing", "part.result-missing")
    record_all(visit, "110112-market", ORDERED)
    services.close_part(actor="officer-a", now=NOW, part=part)
    codes = set(visit.contact.items.filter(agency=part.agency).values_list("result_code", "result_on"))
    assert codes == {("07", TODAY)}
    with pytest.raises(Refused) as refused:
        record_all(visit, "110112-market")
    assert refused_codes(refused) == ("part.state",)


def test_an_agency_may_correct_itself_until_the_lead_closes(cast: Cast) -> None:
    visit = factories.started(cast)
    record_all(visit, "110112-fire")
    part = services.close_part(actor="officer", now=NOW, part=factories.part(visit, "110112-fire"))
    with pytest.raises(Refused) as refused:
        services.reopen_part(actor="officer", now=NOW, part=part, because=" ")
    assert refused_codes(refused) == ("part.why",)
    services.reopen_part(actor="officer", now=NOW, part=part, because="写错了结果")
    close_all(visit)
    with pytest.raises(Refused) as refused:
        services.reopen_part(actor="officer", now=NOW, part=part, because="写错了结果")
    assert refused_codes(refused) == ("visit.state",)


def test_the_lead_closes_the_whole_only_when_every_part_is_closed(cast: Cast) -> None:
    visit = factories.started(cast)
    record_all(visit, "110112-market")
    services.close_part(actor="officer-a", now=NOW, part=factories.part(visit, "110112-market"))
    with pytest.raises(Refused) as refused:
        services.close_visit(actor="officer-a", now=NOW, visit=visit)
    assert [reason.facts["agency"] for reason in refused.value.reasons] == ["通州区消防救援支队"]
    record_all(visit, "110112-fire")
    services.close_part(actor="officer", now=NOW, part=factories.part(visit, "110112-fire"))
    closed = services.close_visit(actor="officer-a", now=NOW, visit=visit)
    closed.contact.refresh_from_db()
    assert (closed.state, closed.contact.state, closed.contact.made_on) == ("closed", "made", TODAY)
    assert accounts.may(cast.officer_a, "visit.close", closed.lead_scope)


def test_every_step_is_in_the_ledger_in_its_order(cast: Cast) -> None:
    visit = close_all(factories.started(cast))
    acts = [entry.act for entry in ledger.list_entries_of(f"visit:{visit.uuid}")][::-1]
    assert acts == [
        "visit.planned",
        "visit.opened",
        "visit.started",
        "visit.recorded",
        "visit.part-closed",
        "visit.recorded",
        "visit.part-closed",
        "visit.closed",
    ]


def test_a_visit_called_off_gives_its_unit_back_and_needs_a_reason(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    with pytest.raises(Refused) as refused:
        services.call_off(actor="coordinator", now=NOW, visit=visit, because="")
    assert refused_codes(refused) == ("visit.why",)
    services.call_off(actor="coordinator", now=NOW, visit=visit, because="企业已迁出")
    visit.contact.refresh_from_db()
    assert visit.contact.state == "cancelled"
    with pytest.raises(Refused) as refused:
        services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY)
    assert refused_codes(refused) == ("visit.state",)


def test_others_may_go_instead_with_a_reason_until_it_starts(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    third = officer("T-0009", "甲九", cast.agency_a)

    def send(officers: list[str], because: str, agency: str = "110112-market") -> None:
        services.assign_officers(
            actor="planner", now=NOW, visit=visit, agency=agency, officers=officers, because=because
        )

    with pytest.raises(Refused) as refused:
        send(["T-0001", "D-0001"], "")
    assert refused_codes(refused) == ("visit.officer-not-fit", "visit.why-others")
    send(["T-0001", third.certificate], "甲二请病假")
    going = factories.part(visit, "110112-market").officers.all()
    assert [one.certificate for one in going] == ["T-0001", "T-0009"]
    with pytest.raises(Refused) as refused:
        send(["D-0001"], "…", "110115-fire")
    assert refused_codes(refused) == ("visit.agency-not-in",)


def test_an_agency_that_joins_late_has_its_part_when_the_visit_starts(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop, ("110112-market",))
    version = factories.item_versions()["fire-001"].pk
    joining = [(visit.contact, [PlannedItem("110112-fire", version, "draw:110302-2026-0008")])]
    contacts.join_contacts(actor="planner", now=NOW, joining=joining)
    with pytest.raises(Refused) as refused:
        services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY)
    assert refused_codes(refused) == ("visit.too-few-officers",)
    services.assign_officers(
        actor="planner",
        now=NOW,
        visit=visit,
        agency="110112-fire",
        officers=["T-0003", "T-0004"],
        because="消防后加入",
    )
    services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY)
    assert [len(part.checks.all()) for part in queries.list_parts(visit)] == [2, 1]


def test_what_planning_takes_off_goes_unless_it_has_a_result(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    versions = factories.item_versions()
    contacts.drop_items(contact=visit.contact, items=[("110112-market", versions["market-001"].pk)])
    visit = services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY)
    assert factories.part(visit, "110112-market").checks.count() == 1
    record_all(visit, "110112-market")
    with pytest.raises(ProgrammingError), transaction.atomic():
        contacts.drop_items(contact=visit.contact, items=[("110112-market", versions["market-002"].pk)])


def test_a_visit_that_planning_cancelled_cannot_start(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    contacts.move(contact=visit.contact, act="cancel")
    with pytest.raises(Refused) as refused:
        services.start_visit(actor="officer-a", now=NOW, visit=visit, on=TODAY)
    assert refused_codes(refused) == ("visit.taken-off",)
    services.call_off(actor="coordinator", now=NOW, visit=visit, because="计划已取消")


def test_a_second_visit_close_by_is_named_and_not_blocked(cast: Cast) -> None:
    first = factories.opened(cast.noodle_shop, ("110112-market",), TODAY)
    second = factories.opened(cast.noodle_shop, ("110112-fire",), TODAY + timedelta(days=20))
    far = factories.opened(cast.noodle_shop, ("110112-fire",), TODAY + timedelta(days=60))
    assert queries.list_second_visits(first) == [
        (TODAY + timedelta(days=20), "通州区消防救援支队", "planned")
    ]
    assert len(queries.list_second_visits(second)) == 1
    assert queries.list_second_visits(far) == []
    services.start_visit(actor="officer-a", now=NOW, visit=first, on=TODAY)


def test_my_visits_and_what_waits(cast: Cast) -> None:
    visit = factories.started(cast)
    later = factories.opened(cast.noodle_shop, ("110112-market",), TODAY + timedelta(days=40))
    everything = queries.list_visits()
    assert set(queries.list_of_officer(everything, "T-0003")) == {visit}
    assert set(queries.list_of_agency(everything, "110112-market")) == {visit, later}
    assert not queries.list_of_officer(everything, "")
    assert [part.visit for part in queries.list_waiting_to_record(["110112-market"], TODAY)] == [visit]
    assert list(queries.list_waiting_to_close(["110112-market"])) == []
    for agency in ("110112-market", "110112-fire"):
        record_all(visit, agency)
        services.close_part(actor="officer", now=NOW, part=factories.part(visit, agency))
    assert list(queries.list_waiting_to_close(["110112-market"])) == [visit]
    assert list(queries.list_waiting_to_close(["110112-fire"])) == []


def test_who_sees_a_visit(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    for person, sees in (
        (cast.officer_a, True),
        (cast.coordinator, True),
        (cast.officer_b, False),
        (cast.owner, False),
        (cast.stranger, False),
    ):
        listed = set(accounts.scoped(queries.list_visits(), person, "visit.view"))
        assert (listed == {visit}) is sees, person.username
        found = queries.find_visit(visit.uuid)
        assert found is not None and accounts.may(person, "visit.view", found.scope) is sees, person.username


def test_simulated_visits_are_carried_out_at_once_and_say_so(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop, simulated=True)
    other = factories.opened(cast.paint_factory, ("110115-fire",), TODAY + timedelta(days=3), simulated=True)
    count = services.record_and_close_simulated(actor="demo", now=NOW, visits=[visit, other], seed="7")
    assert count == 2
    visits = list(Visit.objects.order_by("pk"))
    assert [row.state for row in visits] == ["closed", "closed"]
    assert [row.visited_on for row in visits] == [TODAY, TODAY]
    assert not Check.objects.filter(result_code="").exists()
    assert set(Contact.objects.values_list("state", flat=True)) == {"made"}
    for check in Check.objects.select_related("contact_item"):
        assert check.contact_item.result_code == check.result_code
    bodies = [e.body for e in ledger.list_entries_of(f"visit:{visit.uuid}") if e.actor == "demo"]
    assert len(bodies) == 4 and all(body["simulated"] for body in bodies)


def test_what_a_simulated_visit_finds_can_be_told(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop, simulated=True)
    services.record_and_close_simulated(
        actor="demo", now=NOW, visits=[visit], seed="7", told={visit.pk: ResultCode.FOLLOW_UP}
    )
    checks = Check.objects.select_related("contact_item").prefetch_related("findings")
    assert {check.result_code for check in checks} == {ResultCode.FOLLOW_UP}
    assert [(check.contact_item.correct_by, check.findings.count()) for check in checks] == [(None, 1)] * len(
        checks
    )


def test_a_real_visit_is_never_simulated(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    with pytest.raises(Refused) as refused:
        services.record_and_close_simulated(actor="demo", now=NOW, visits=[visit], seed="7")
    assert refused_codes(refused) == ("visit.not-simulated",)


def test_the_tables_themselves_refuse_what_cannot_be(cast: Cast) -> None:
    visit = factories.opened(cast.noodle_shop)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(state=VisitState.STARTED.value)
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(part__visit=visit).update(result_code="99", recorded_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(closed_at=NOW)


def test_the_number_of_officers_is_a_row_with_its_source(cast: Cast) -> None:
    number = queries.get_officer_number(date(2026, 7, 1))
    assert (int(number.value), number.is_ours) == (2, False)
    assert "第四十二条" in number.source


def ordered(cast: Cast) -> Visit:
    """A visit at which market regulation ordered something to be corrected within fifteen days."""
    visit = factories.started(cast)
    record_all(visit, "110112-market", ORDERED)
    services.close_part(actor="officer", now=NOW, part=factories.part(visit, "110112-market"))
    return visit


def confirm(visit: Visit, days: int, checks: list[int] | None = None) -> None:
    part = factories.part(visit, "110112-market")
    chosen = [check.pk for check in queries.list_open_orders(part)] if checks is None else checks
    services.confirm_corrections(
        actor="officer",
        now=NOW + timedelta(days=days),
        part=part,
        checks=chosen,
        on=TODAY + timedelta(days=days),
    )


def test_an_order_to_correct_stands_in_the_contact_ledger_when_the_part_closes(cast: Cast) -> None:
    visit = ordered(cast)
    rows = visit.contact.items.filter(agency__code="110112-market")
    assert set(rows.values_list("correct_by", "corrected_on")) == {(TODAY + timedelta(days=15), None)}
    other = visit.contact.items.get(agency__code="110112-fire")
    assert (other.correct_by, other.corrected_on) == (None, None)


def test_a_correction_is_confirmed_once_and_is_in_the_ledger(cast: Cast) -> None:
    visit = ordered(cast)
    confirm(visit, 3)
    assert queries.list_open_orders(factories.part(visit, "110112-market")) == []
    days = visit.contact.items.filter(agency__code="110112-market").values_list("corrected_on", flat=True)
    assert set(days) == {TODAY + timedelta(days=3)}
    assert "visit.corrected" in [entry.act for entry in ledger.list_entries_of(f"visit:{visit.uuid}")]
    again = [check.pk for check in factories.part(visit, "110112-market").checks.all()][:1]
    with pytest.raises(Refused) as refused:
        confirm(visit, 4, again)
    assert refused_codes(refused) == ("visits.corrected-before",)


def test_a_result_that_is_corrected_takes_its_order_along(cast: Cast) -> None:
    visit = ordered(cast)
    part = factories.part(visit, "110112-market")
    services.reopen_part(actor="officer", now=NOW, part=part, because="笔误")
    record_all(visit, "110112-market")
    services.close_part(actor="officer", now=NOW, part=part)
    assert not visit.contact.items.exclude(correct_by=None).exists()


def test_what_nobody_ordered_cannot_be_corrected(cast: Cast) -> None:
    visit = factories.started(cast)
    record_all(visit, "110112-market")
    services.close_part(actor="officer", now=NOW, part=factories.part(visit, "110112-market"))
    checks = [check.pk for check in factories.part(visit, "110112-market").checks.all()][:1]
    with pytest.raises(Refused) as refused:
        confirm(visit, 1, checks)
    assert refused_codes(refused) == ("visits.no-order",)


def test_nothing_chosen_is_no_correction(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        confirm(ordered(cast), 1, [])
    assert refused_codes(refused) == ("correction.none",)


def test_another_agencys_order_is_not_confirmed(cast: Cast) -> None:
    visit = ordered(cast)
    foreign = [check.pk for check in factories.part(visit, "110112-fire").checks.all()]
    with pytest.raises(Refused) as refused:
        confirm(visit, 1, foreign)
    assert refused_codes(refused) == ("check.not-of-part",)


@pytest.mark.parametrize("day", [-1, 1])
def test_a_correction_lies_between_the_visit_and_today(cast: Cast, day: int) -> None:
    visit = ordered(cast)
    part = factories.part(visit, "110112-market")
    with pytest.raises(Refused) as refused:
        services.confirm_corrections(
            actor="officer",
            now=NOW,
            part=part,
            checks=[check.pk for check in queries.list_open_orders(part)],
            on=TODAY + timedelta(days=day),
        )
    assert refused_codes(refused) == ("correction.day",)


def test_a_part_that_is_open_has_nothing_to_confirm(cast: Cast) -> None:
    visit = factories.started(cast)
    record_all(visit, "110112-market", ORDERED)
    checks = [check.pk for check in factories.part(visit, "110112-market").checks.all()]
    with pytest.raises(Refused) as refused:
        confirm(visit, 1, checks)
    assert refused_codes(refused) == ("part.state",)


def test_most_of_what_is_ordered_in_a_demonstration_is_corrected_when_its_day_has_come(cast: Cast) -> None:
    visit = ordered(cast)
    Contact.objects.filter(pk=visit.contact_id).update(simulated=True)
    assert services.correct_simulated(actor="demo", now=NOW, seed="1") == 0
    later = NOW + timedelta(days=60)
    done = services.correct_simulated(actor="demo", now=later, seed="1")
    rows = visit.contact.items.filter(corrected_on__isnull=False)
    assert done == rows.count() > 0
    assert not rows.filter(corrected_on__gt=F("correct_by")).exists()
    assert services.correct_simulated(actor="demo", now=later, seed="1") == 0


def test_a_real_order_is_never_corrected_by_a_demonstration(cast: Cast) -> None:
    ordered(cast)
    assert services.correct_simulated(actor="demo", now=NOW + timedelta(days=60), seed="1") == 0
