"""A round gets its calendar: asked for, made, stopped, kept; what has no place says why."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import NOW, Cast, enterprise, officer
from yicha.base.ledger.models import Entry
from yicha.base.workdays.models import SpecialDay
from yicha.decide.gate.services import set_quiet_days
from yicha.decide.gate.terms import QuietFacts
from yicha.decide.planning.models import Demand
from yicha.decide.scheduling import jobs, queries, services
from yicha.decide.scheduling.models import Answer, Schedule
from yicha.decide.scheduling.rules.checking import check
from yicha.decide.scheduling.services import splitting
from yicha.decide.scheduling.services.solver import solve
from yicha.decide.scheduling.terms import Objective, Problem, ScheduleCause, ScheduleState, Slot, Solution
from yicha.decide.scheduling.tests import stage
from yicha.decide.scheduling.tests.stage import AM, FIRE, MARKET, MONDAY, PM, WEEK
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Equipment, Officer, VisitWish
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.django_db


def test_every_visit_gets_a_half_day_that_keeps_all_rules(cast: Cast) -> None:
    round_ = stage.matched_round()
    before = queries.get_problem(round_, stage.TODAY, keep=False)
    schedule = stage.proposed(round_)
    assert schedule.state == ScheduleState.PROPOSED
    assert queries.read_objectives(schedule)[Objective.UNPLACED].value == 0
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    planned = Contact.objects.filter(round=round_.code, state="planned")
    assert kept.moved == planned.count() > 4
    placed = {str(row.uuid): stage.slot_of(row) for row in planned}
    assert check(before, Solution({key: slot for key, slot in placed.items() if slot}, (), {})) == []
    assert queries.find_kept(round_) == queries.get_schedule(str(schedule.uuid))
    assert Answer.objects.filter(contact__in=planned).exists()
    assert Entry.objects.filter(act="visit.rescheduled").count() == kept.moved
    assert Entry.objects.order_by("-seq").first().act == "schedule.kept"  # type: ignore[union-attr]


def test_the_board_says_where_everything_stands(cast: Cast) -> None:
    round_ = stage.matched_round()
    before = queries.get_board(round_)
    assert (before.placed, before.unplaced) == (0, before.visits)
    stage.kept(round_)
    board = queries.get_board(round_)
    assert (board.placed, board.unplaced) == (board.visits, 0)
    for column in queries.Column:
        lists = (queries.list_demands_of_column, queries.list_visits_of_column)
        counts = []
        for rows in lists:
            try:
                counts.append(rows(round_, column).count())
            except KeyError:
                continue
        assert counts == [getattr(board, column.value)]
    round_.refresh_from_db()
    saving = queries.get_saving(round_)
    assert saving.planned == board.visits and saving.saved == saving.alone - saving.planned > 0


def test_only_one_calendar_of_a_round_is_made_at_a_time(cast: Cast) -> None:
    round_ = stage.matched_round()
    services.ask_schedule(actor="office", now=NOW, round_=round_)
    with pytest.raises(Refused) as refused:
        services.ask_schedule(actor="office", now=NOW, round_=round_)
    assert refused.value.codes == ("schedule.running",)


def test_a_round_without_visits_gets_no_calendar(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.ask_schedule(actor="office", now=NOW, round_=stage.empty_round())
    assert refused.value.codes == ("schedule.nothing",)


def test_stopped_it_proposes_what_it_has(cast: Cast) -> None:
    round_ = stage.matched_round()
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    services.stop(actor="office", now=NOW, schedule=schedule)
    done = stage.made(queries.get_schedule(str(schedule.uuid)))
    assert done.state == ScheduleState.PROPOSED
    assert done.report["placed"] == done.placements.filter(day__isnull=False).count() > 0
    services.keep(actor="office", now=NOW, schedule=done)


def test_stopped_while_it_runs_it_keeps_what_it_has(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = stage.matched_round()
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)

    def stopped_in_the_middle(problem: Problem, **more: Any) -> Solution:
        running = queries.get_schedule(str(schedule.uuid))
        assert running.state == ScheduleState.RUNNING
        services.stop(actor="office", now=NOW, schedule=running)
        return solve(problem, **more)

    monkeypatch.setattr("yicha.decide.scheduling.services.running.solve", stopped_in_the_middle)
    done = stage.made(schedule)
    assert done.state == ScheduleState.PROPOSED
    assert done.total == done.done == done.report["visits"]


def test_an_answer_that_comes_while_it_is_made_is_not_lost(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One agency accepts, another declines; the calendar is kept all the same, and nobody is asked twice."""
    round_ = stage.matched_round()
    stage.kept(round_)
    declined = Answer.objects.filter(agency__code=FIRE, state="asked").first()
    accepted = Answer.objects.filter(agency__code=MARKET, state="asked").first()
    assert declined and accepted
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_, cause=ScheduleCause.OFFICERS)

    def answered_in_the_middle(problem: Problem, **more: Any) -> Solution:
        services.answers.accept(actor="market", now=NOW, answer=accepted)
        services.answers.decline(actor="fire", now=NOW, answer=declined, because="证件均已到期")
        return solve(problem, **more)

    monkeypatch.setattr("yicha.decide.scheduling.services.running.solve", answered_in_the_middle)
    kept = services.keep(actor="office", now=NOW, schedule=stage.made(schedule))
    assert kept.moved == 0 and kept.returned == 0
    states = dict(Answer.objects.values_list("pk", "state"))
    assert (states[accepted.pk], states[declined.pk]) == ("accepted", "declined")
    assert not declined.contact.items.filter(agency__code=FIRE).exists()


def test_discarded_while_it_is_made_it_writes_nothing(cast: Cast) -> None:
    round_ = stage.matched_round()
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    Schedule.objects.filter(pk=schedule.pk).update(state="running")
    schedule = queries.get_schedule(str(schedule.uuid))
    services.discard(actor="office", now=NOW, schedule=schedule)
    schedule.state = ScheduleState.RUNNING.value  # what the worker has read
    done = stage.made(schedule)
    assert done.state == ScheduleState.DISCARDED
    assert not done.placements.exists()
    assert queries.find_unfinished(round_) is None


def test_a_calendar_is_kept_once(cast: Cast) -> None:
    round_ = stage.matched_round()
    schedule = stage.proposed(round_)
    services.keep(actor="office", now=NOW, schedule=schedule)
    with pytest.raises(Refused) as refused:
        services.keep(actor="office", now=NOW, schedule=schedule)
    assert refused.value.codes == ("schedule.state",)


def test_the_next_calendar_supersedes_the_one_that_held(cast: Cast) -> None:
    round_ = stage.matched_round()
    stage.kept(round_)
    first = queries.find_kept(round_)
    stage.kept(round_)
    assert first is not None
    assert queries.get_schedule(str(first.uuid)).state == ScheduleState.SUPERSEDED
    assert queries.find_kept(round_) != first


def test_a_visit_that_was_cancelled_meanwhile_is_left_out_and_named(cast: Cast) -> None:
    round_ = stage.empty_round()
    gone, stays = stage.visit(cast.noodle_shop), stage.visit(cast.paint_factory, "110112-fire")
    schedule = stage.proposed(round_)
    visits.move(contact=gone, act="cancel")
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    assert kept.left_out == (str(gone.uuid),)
    assert stage.slot_of(gone) is None and stage.slot_of(stays) is not None


def test_a_calendar_is_not_kept_over_a_visit_that_was_moved_meanwhile(cast: Cast) -> None:
    round_ = stage.empty_round()
    contact = stage.stand(stage.visit(cast.noodle_shop), WEEK[1])
    schedule = stage.proposed(round_)
    stage.stand(contact, WEEK[3])
    with pytest.raises(Refused) as refused:
        services.keep(actor="office", now=NOW, schedule=schedule)
    assert refused.value.codes == ("schedule.stale",)
    assert stage.slot_of(contact) == Slot(WEEK[3], AM)


def test_a_calendar_is_not_kept_when_somebody_fell_ill_meanwhile(cast: Cast) -> None:
    round_ = stage.empty_round()
    stage.visit(cast.noodle_shop)
    schedule = stage.proposed(round_)
    stage.away("T-0001", MONDAY, WEEK[-1])
    with pytest.raises(Refused) as refused:
        services.keep(actor="office", now=NOW, schedule=schedule)
    assert refused.value.codes == ("schedule.overtaken",)
    assert cast.noodle_shop.name in str(refused.value)


def test_a_visit_without_a_place_gives_its_demands_back_and_says_why(cast: Cast) -> None:
    round_ = stage.matched_round()
    Officer.objects.filter(certificate__in=["D-0001", "D-0002"]).update(competences=["fire-99"])
    schedule = stage.proposed(round_)
    unplaced = schedule.placements.filter(day__isnull=True).count()
    assert unplaced > 0
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    assert kept.returned == unplaced - len(schedule.report["splits"])
    said = queries.list_unplaced(round_)
    assert len(said) == kept.returned == queries.get_board(round_).unplaced
    reasons = [reason for change in said for reason in change.why]
    if said:
        assert {reason.code for reason in reasons} >= {"calendar.no-competence"}
        assert "fire-01" in str(reasons[0]) or any("fire-01" in str(reason) for reason in reasons)
    assert Demand.objects.filter(round=round_, state="waiting", contact=None).exists()
    round_.refresh_from_db()
    matched = Demand.objects.filter(round=round_, state="matched").values("draw_id", "enterprise", "agency")
    assert queries.get_saving(round_).alone == matched.distinct().count(), "what has no place is not saved"
    assert not Demand.objects.filter(state="matched", contact__state="cancelled").exists()


def test_no_visit_stands_where_its_enterprise_is_closed(cast: Cast) -> None:
    round_ = stage.empty_round()
    announced = stage.visit(cast.noodle_shop)
    secret = stage.visit(cast.chip_maker, FIRE, last=MONDAY, unannounced=True)
    for who in (cast.noodle_shop, cast.chip_maker):
        VisitWish.objects.create(
            enterprise=who, kind="closed", from_on=MONDAY, until_on=WEEK[3], said_by="owner", said_at=NOW
        )
    stage.kept(round_)
    assert stage.slot_of(announced) in (Slot(WEEK[4], AM), Slot(WEEK[4], PM))
    assert stage.slot_of(secret) in (Slot(MONDAY, AM), Slot(MONDAY, PM))


def test_a_weekend_that_is_worked_is_a_day_and_a_holiday_is_none(cast: Cast) -> None:
    round_ = stage.empty_round()
    saturday = WEEK[4] + timedelta(days=1)
    SpecialDay.objects.create(day=saturday, worked=True, name="调休", source="国办")
    SpecialDay.objects.create(day=WEEK[4], worked=False, name="放假", source="国办")
    contact = stage.visit(cast.noodle_shop, first=WEEK[4], last=saturday + timedelta(days=1))
    stage.kept(round_)
    slot = stage.slot_of(contact)
    assert slot is not None and slot.day == saturday


def test_no_visit_stands_on_a_quiet_day(cast: Cast) -> None:
    round_ = stage.empty_round()
    contact = stage.visit(cast.noodle_shop)
    facts = QuietFacts("110112", 3, 6, "甲", False, stage.TODAY)
    set_quiet_days(actor="office", now=NOW, facts=facts)
    stage.kept(round_)
    slot = stage.slot_of(contact)
    assert slot is not None and slot.day == WEEK[4]


def test_an_instrument_serves_one_visit_at_a_time(cast: Cast) -> None:
    round_ = stage.empty_round()
    ItemVersion.objects.filter(item__code="market-01").update(equipment=["gas-detector"])
    for number in range(3, 7):
        officer(f"T-01{number}", f"丙{number}", cast.agency_a)
    one = stage.visit(cast.noodle_shop, last=MONDAY)
    two = stage.visit(enterprise(50, "第二面馆", "110112"), last=MONDAY)
    three = stage.visit(enterprise(51, "第三面馆", "110112"), last=MONDAY)
    assert stage.proposed(round_).report["placed"] == 0
    Equipment.objects.create(
        agency=cast.agency_a, kind="instrument", code="gas-detector", name="气体检测仪", count=1
    )
    stage.kept(round_)
    slots = [stage.slot_of(contact) for contact in (one, two, three)]
    assert sorted(slot for slot in slots if slot) == [Slot(MONDAY, AM), Slot(MONDAY, PM)]


def test_a_visit_that_fits_no_half_day_is_made_in_parts(cast: Cast) -> None:
    round_ = stage.matched_round()
    for certificate, part in (("T-0001", "am"), ("T-0002", "am"), ("T-0003", "pm"), ("T-0004", "pm")):
        stage.away(certificate, stage.TODAY, date(2026, 12, 31), part)
    schedule = stage.proposed(round_)
    assert schedule.report["splits"]
    assert all(len(parts) == 2 for parts in schedule.report["splits"].values())
    said = [
        change.why[0]
        for change in queries.list_changes(schedule)
        if change.contact in schedule.report["splits"]
    ]
    assert {reason.code for reason in said} == {"calendar.in-parts"}
    assert "通州区消防救援支队" in str(said[0])
    before = Contact.objects.filter(round=round_.code, state="planned").count()
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    after = Contact.objects.filter(round=round_.code, state="planned")
    assert after.count() == before + len(schedule.report["splits"]) - kept.returned
    for contact in after.filter(items__agency__code=MARKET).distinct():
        agencies = set(contact.items.values_list("agency__code", flat=True))
        assert not {MARKET, FIRE} <= agencies
        assert set(contact.demands.values_list("agency__code", flat=True)) <= agencies


def test_parts_of_a_visit_see_where_the_calendar_puts_others_to_the_enterprise(cast: Cast) -> None:
    round_ = stage.empty_round()
    contact = stage.visit(cast.noodle_shop)
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    placed = Solution({str(contact.uuid): Slot(WEEK[3], AM)}, (), {})
    facts = splitting._facts(schedule, placed, NOW)
    assert facts.taken == {cast.noodle_shop.pk: (WEEK[3],)}


def test_how_many_statements_are_asked_does_not_grow_with_the_round(
    cast: Cast,
) -> None:
    round_ = stage.empty_round()
    counts = []
    for size in (1, 9):
        for number in range(size):
            stage.visit(enterprise(200 + 10 * size + number, f"面馆 {size} {number}", "110112"), MARKET, FIRE)
        with CaptureQueriesContext(connection) as statements:
            queries.get_problem(round_, stage.TODAY, keep=False)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 30


def test_a_worker_makes_what_waits_and_leaves_the_rest_alone(cast: Cast) -> None:
    round_ = stage.empty_round()
    stage.visit(cast.noodle_shop)
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    jobs.make_schedule(str(schedule.uuid))
    done = queries.get_schedule(str(schedule.uuid))
    assert (done.state, done.placements.count()) == (ScheduleState.PROPOSED, 1)
    jobs.make_schedule(str(schedule.uuid))
    assert queries.get_schedule(str(schedule.uuid)).ended_at == done.ended_at


def test_what_nobody_handed_to_a_worker_is_handed_over_once(cast: Cast) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    round_ = stage.empty_round()
    stage.visit(cast.noodle_shop)
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    for _ in range(2):
        jobs.look_after(timestamp=0)
    (job,) = ProcrastinateJob.objects.filter(task_name="scheduling.make")
    assert job.args == {"uuid": str(schedule.uuid)}


def test_a_making_that_breaks_down_leaves_the_round_free_for_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = stage.empty_round()
    stage.visit(cast.noodle_shop)
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)

    def out_of_memory(problem: Problem, **more: Any) -> Solution:
        raise MemoryError

    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr("yicha.decide.scheduling.services.running.solve", out_of_memory)
        stage.made(schedule)
    assert queries.get_schedule(str(schedule.uuid)).state == ScheduleState.REFUSED
    assert stage.proposed(round_).state == ScheduleState.PROPOSED
