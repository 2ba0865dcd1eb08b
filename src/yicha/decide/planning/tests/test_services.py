"""Plans, draws, demands, matching and officers, on the real database with the real draw."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.cast import NOW, TODAY, Cast, enterprise, officer
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import ReplacementCode
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import (
    AnnualPlan,
    Demand,
    EntryDraw,
    EntryStratum,
    MatchRun,
    Round,
    VisitOfficer,
)
from yicha.decide.planning.rules import officers as officer_rules
from yicha.decide.planning.terms import DemandState, EntryDraft, PlanOwner, PlanState, RoundState, RunState
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.catalogue.terms import ItemStatus
from yicha.know.registry import services as registry
from yicha.know.registry.models import Absence, Agency, Enterprise
from yicha.know.visits import queries as visits
from yicha.know.visits import services as visit_services
from yicha.know.visits.models import Contact


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def refused(function: object, **arguments: object) -> tuple[str, ...]:
    """The codes with which a service refuses."""
    with pytest.raises(Refused) as caught:
        function(**arguments)  # type: ignore[operator]
    return caught.value.codes


# Plans


def test_a_plan_of_a_joint_list_counts_its_population_and_copies_its_rates(ground: Cast) -> None:
    plan = factories.plan()
    assert (plan.code, plan.version, plan.state) == ("2026-catering@yizhuang", 1, PlanState.DRAFT)
    assert {agency.code for agency in plan.agencies.all()} == {
        "110112-market",
        "110112-fire",
        "110115-fire",
        "110115-market",
    }
    entry = plan.entries.get()
    assert (entry.population, entry.expected) == (25, 13)
    assert (entry.window_from, entry.window_to) == (date(2026, 7, 1), date(2026, 9, 30))
    row = EntryStratum.objects.get(entry=entry, region__code="110112", risk_class="B")
    assert (row.size, row.rate, row.source) == (13, Decimal("0.5"), "国市监信发〔2022〕6号")


def test_a_plan_is_published_through_all_its_steps_and_the_ledger_has_them(ground: Cast) -> None:
    plan = factories.published()
    assert (plan.state, plan.published_on) == (PlanState.PUBLISHED, TODAY)
    acts = [entry.act for entry in ledger.list_entries_of("plan:2026-catering@yizhuang.v1")]
    assert acts == ["plan.published", "plan.approved", "plan.submitted", "plan.created"]
    assert ledger.list_entries_of("plan:2026-catering@yizhuang.v1")[0].body == {
        "late": True,
        "revision": 3,
    }


@pytest.mark.parametrize(
    ("owner", "entries", "code"),
    [
        (PlanOwner(), (), "plan.owner"),
        (PlanOwner(agency="nobody"), (), "plan.unknown-agency"),
        (PlanOwner(joint_list="nothing", zone="yizhuang"), (), "plan.unknown-joint-list"),
        (PlanOwner(joint_list="catering", zone="nowhere"), (), "plan.unknown-zone"),
        (PlanOwner(joint_list="catering", region="999999"), (), "plan.unknown-region"),
        (factories.JOINT, [EntryDraft(quarter=3, directory="nothing")], "plan.unknown-directory"),
        (
            factories.OWN,
            [EntryDraft(quarter=3, directory="catering", items=("nothing",))],
            "plan.unknown-item",
        ),
        (
            factories.OWN,
            [EntryDraft(quarter=3, directory="catering", items=("fire-01",))],
            "plan.item-of-other-agency",
        ),
    ],
)
def test_a_draft_is_refused_by_name(
    ground: Cast, owner: PlanOwner, entries: list[EntryDraft], code: str
) -> None:
    arguments = {"actor": "p", "now": NOW, "year": 2026, "title": "t", "owner": owner, "entries": entries}
    assert refused(services.create_plan, **arguments) == (code,)
    assert not AnnualPlan.objects.exists()


def test_an_owner_has_one_plan_a_year(ground: Cast) -> None:
    factories.plan()
    arguments = {"actor": "p", "now": NOW, "year": 2026, "title": "t", "owner": factories.JOINT}
    assert refused(services.create_plan, **arguments) == ("plan.exists",)


def test_an_unpublished_item_stops_a_plan(ground: Cast) -> None:
    factories.item("market-09", "market", status=ItemStatus.DRAFT)
    plan = factories.plan(factories.OWN, EntryDraft(quarter=3, directory="catering", items=("market-09",)))
    assert refused(services.submit_plan, actor="p", now=NOW, plan=plan) == ("plan.item-unpublished",)


def test_a_plan_without_entries_is_not_submitted(ground: Cast) -> None:
    plan = services.save_entries(actor="p", now=NOW, plan=factories.plan(), entries=[], title="leer")
    assert (plan.title, plan.entries.count()) == ("leer", 0)
    assert refused(services.submit_plan, actor="p", now=NOW, plan=plan) == ("plan.empty",)


def test_who_submits_does_not_approve_and_nothing_skips_a_step(ground: Cast) -> None:
    plan = factories.plan()
    assert refused(services.publish_plan, actor="p", now=NOW, plan=plan) == ("plan.state",)
    plan = services.submit_plan(actor="p", now=NOW, plan=plan)
    assert refused(services.approve_plan, actor="p", now=NOW, plan=plan) == ("plan.own-approval",)
    assert refused(services.save_entries, actor="p", now=NOW, plan=plan, entries=[]) == ("plan.state",)
    assert refused(services.return_plan, actor="a", now=NOW, plan=plan, reason=" ") == ("plan.return-reason",)
    plan = services.return_plan(actor="a", now=NOW, plan=plan, reason="quarter 4 is missing")
    assert plan.state == PlanState.DRAFT


def test_the_next_version_supersedes_the_published_one(ground: Cast) -> None:
    first = factories.published()
    second = services.amend_plan(actor="planner", now=NOW, plan=first)
    assert (second.version, second.state, second.entries.count()) == (2, PlanState.DRAFT, 1)
    assert refused(services.amend_plan, actor="p", now=NOW, plan=first) == ("plan.amendment-open",)
    second = services.submit_plan(actor="planner", now=NOW, plan=second)
    second = services.approve_plan(actor="approver", now=NOW, plan=second)
    services.publish_plan(actor="planner", now=NOW, plan=second)
    first.refresh_from_db()
    assert first.state == PlanState.SUPERSEDED
    assert [plan.version for plan in queries.list_public_plans()] == [2, 1]


def test_coverage_is_held_against_the_floor(ground: Cast) -> None:
    factories.published()
    factories.plan(factories.OWN)
    report = queries.get_coverage(2026, TODAY)
    by_region = {row.region: row for row in report.regions}
    assert (report.total.enterprises, report.total.planned, report.total.drawn) == (27, 13, 0)
    assert by_region["110112"].due == 1 and by_region["110112"].met
    assert not by_region["110302"].met and by_region["110302"].share == 0
    assert report.source and not report.is_ours


# Draws


def test_nothing_is_drawn_without_a_published_plan_and_an_open_round(ground: Cast) -> None:
    entry = queries.list_entries(factories.plan()).get()
    arguments = {
        "actor": "o",
        "now": NOW,
        "entry": entry,
        "beacon": factories.BEACON,
        "reveal_deadline": factories.DEADLINE,
    }
    assert refused(services.start_draw, **arguments) == ("round.not-open",)
    factories.opened()
    assert refused(services.start_draw, **arguments) == ("entry.plan-unpublished",)


def test_an_entry_is_drawn_once_unless_its_draw_is_void(ground: Cast) -> None:
    factories.opened()
    entry = queries.list_entries(factories.published()).get()
    arguments: dict[str, Any] = {
        "actor": "o",
        "now": NOW,
        "entry": entry,
        "beacon": factories.BEACON,
        "reveal_deadline": factories.DEADLINE,
    }
    draw = services.start_draw(**arguments)
    assert refused(services.start_draw, **arguments) == ("entry.drawn-already",)
    drawing.void(actor="o", now=NOW, draw=draw, agency="110112-market", reason="wrong directory")
    assert services.start_draw(**arguments).draw_id != draw.draw_id


def test_the_frozen_draw_shows_no_class_and_names_who_is_left_out(ground: Cast) -> None:
    Enterprise.objects.filter(name="110112 饭店 0").update(status="revoked")
    Enterprise.objects.filter(name="110112 饭店 1").update(risk_class="D")
    factories.opened()
    draw_id = factories.drawn(factories.published())[0]
    draw = drawing_queries.get_draw(draw_id)
    manifest = bytes(draw.manifest or b"").decode()
    secret = EntryDraw.objects.get(draw_id=draw_id).secret
    assert secret not in manifest
    population = {
        line.split("\t")[1]
        for line in drawing_queries.get_file(draw, "population.tsv").content.decode().splitlines()
    }
    assert len(population) == 3 and all(stratum.split("-")[1] in "1234" for stratum in population)
    excluded = drawing_queries.get_file(draw, "exclusions.tsv").content.decode().splitlines()
    assert [line.split("\t")[1] for line in excluded] == ["revoked"]


def test_a_used_up_budget_excludes(ground: Cast) -> None:
    Contact.objects.bulk_create(
        Contact(
            enterprise=ground.noodle_shop,
            lead_agency=ground.agency_a,
            kind="daily",
            state="made",
            window_from=TODAY,
            window_to=TODAY,
            planned_on=TODAY - timedelta(days=30 * n),
            made_on=TODAY,
            counts_toward_cap=True,
        )
        for n in range(4)
    )
    factories.opened()
    draw = drawing_queries.get_draw(factories.drawn(factories.published())[0])
    excluded = drawing_queries.get_file(draw, "exclusions.tsv").content.decode()
    assert excluded == f"{ground.noodle_shop.uscc}\tbudget\n"


def test_a_stratum_that_nobody_planned_for_stops_the_freeze(ground: Cast) -> None:
    factories.opened()
    plan = factories.published()
    EntryStratum.objects.filter(risk_class="D").update(rate=None)
    Enterprise.objects.filter(name="110112 饭店 1").update(risk_class="D")
    draw = services.start_draw(
        actor="o",
        now=NOW,
        entry=queries.list_entries(plan).get(),
        beacon=factories.BEACON,
        reveal_deadline=factories.DEADLINE,
    )
    factories.commit(draw)
    assert refused(services.freeze_draw, actor="o", now=NOW, draw_id=draw.draw_id) == ("entry.rate-missing",)


# Demands


def test_every_agency_of_a_target_is_asked_for_its_items(ground: Cast) -> None:
    factories.opened()
    (draw_id,) = factories.drawn(factories.published())
    outcome = services.collect_demands(actor="office", now=NOW, draw_id=draw_id)
    targets = drawing_queries.list_targets(drawing_queries.get_draw(draw_id))
    assert (outcome.targets, outcome.demands) == (len(targets), 3 * len(targets))
    for demand in Demand.objects.select_related("agency__region", "enterprise__region"):
        assert demand.agency.region == demand.enterprise.region
        assert demand.state == DemandState.WAITING
    again = services.collect_demands(actor="office", now=NOW, draw_id=draw_id)
    assert (again.demands, again.withdrawn) == (0, 0)
    assert queries.get_round("2026Q3").state == RoundState.COLLECTED


def test_an_item_without_an_agency_in_the_region_is_named_not_lost(ground: Cast) -> None:
    enterprise(900, "经开饭店", "110302", "yizhuang", industry="H6210", risk_class="D")
    factories.opened()
    (draw_id,) = factories.drawn(factories.published())
    outcome = services.collect_demands(actor="office", now=NOW, draw_id=draw_id)
    assert outcome.unserved == ("fire 110302", "market 110302")


def test_demands_come_from_a_result_of_a_planned_draw_only(ground: Cast) -> None:
    factories.opened()
    entry = queries.list_entries(factories.published()).get()
    draw = services.start_draw(
        actor="o", now=NOW, entry=entry, beacon=factories.BEACON, reveal_deadline=factories.DEADLINE
    )
    assert refused(services.collect_demands, actor="o", now=NOW, draw_id=draw.draw_id) == (
        "demands.not-drawn",
    )
    with pytest.raises(NotFound):
        services.collect_demands(actor="o", now=NOW, draw_id="yizhuang-2026-9999")


def test_a_replaced_target_withdraws_its_demands_and_its_visit(cast: Cast) -> None:
    factories.ground(people=41)
    round_ = factories.opened()
    (draw_id,) = factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    draw = drawing_queries.get_draw(draw_id)
    gone = drawing_queries.list_targets(draw)[0].key
    replacement = drawing.propose_replacement(
        actor="o", now=NOW, draw=draw, key=gone, code=ReplacementCode.CLOSED, evidence="shut since June"
    )
    drawing.approve_replacement(actor="a", now=NOW, replacement=replacement)
    drawing.approve_replacement(actor="b", now=NOW, replacement=replacement)
    outcome = services.collect_demands(actor="o", now=NOW, draw_id=draw_id)
    assert (outcome.demands, outcome.withdrawn) == (3, 3)
    assert visits.list_contacts_of(gone).get().state == "cancelled"
    report = services.match(actor="o", now=NOW, round_=round_)
    assert (report.visits_without, report.visits_with) == (2, 1)


# Matching


def test_targets_of_several_draws_become_one_visit(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    factories.collected(
        factories.published(
            factories.OWN,
            EntryDraft(
                quarter=3,
                directory="catering",
                items=("market-01",),
                window_from=date(2026, 8, 3),
                window_to=date(2026, 8, 14),
            ),
        )
    )
    preview = services.preview_match(now=NOW, round_=round_)
    assert not Contact.objects.exists()
    report = services.match(actor="office", now=NOW, round_=round_)
    assert report == preview
    enterprises = Demand.objects.values("enterprise_id").distinct().count()
    assert report.visits_with == Contact.objects.count() == enterprises
    alone = Demand.objects.values("draw_id", "enterprise_id", "agency_id").distinct().count()
    assert report.visits_without == alone > enterprises
    round_.refresh_from_db()
    assert (round_.visits_without, round_.visits_with, round_.units) == (
        report.visits_without,
        report.visits_with,
        report.units,
    )
    assert round_.state == RoundState.MATCHED
    for contact in Contact.objects.prefetch_related("items", "demands"):
        assert {(d.agency_id, d.item_version_id) for d in contact.demands.all()} == {
            (i.agency_id, i.item_version_id) for i in contact.items.all()
        }
        assert contact.planned_on and contact.window_from <= contact.planned_on <= contact.window_to
        assert all(d.window_from <= contact.planned_on <= d.window_to for d in contact.demands.all())
    assert refused(services.match, actor="o", now=NOW, round_=round_) == ("match.nothing",)


def test_matching_waits_for_all_draws_unless_told_otherwise(ground: Cast) -> None:
    round_ = factories.opened()
    assert refused(services.match, actor="o", now=NOW, round_=round_) == ("match.nothing",)
    factories.collected(factories.published())
    factories.drawn(factories.published(factories.OWN))
    assert refused(services.match, actor="o", now=NOW, round_=round_) == ("match.draws-open",)
    assert services.match(actor="o", now=NOW, round_=round_, partial=True).visits_with


def test_late_demands_join_the_visits_that_are_planned(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    first = services.match(actor="o", now=NOW, round_=round_)
    factories.collected(factories.published(factories.OWN))
    both = set(Contact.objects.values_list("enterprise_id", flat=True))
    late = set(Demand.objects.filter(state=DemandState.WAITING.value).values_list("enterprise_id", flat=True))
    second = services.match(actor="o", now=NOW, round_=round_)
    assert second.visits_with == len(late - both)
    round_.refresh_from_db()
    assert round_.visits_with == first.visits_with + second.visits_with == Contact.objects.count()
    assert not Demand.objects.exclude(state=DemandState.MATCHED.value).exists()


def test_a_window_of_days_off_is_refused_by_name(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    Demand.objects.update(window_from=date(2026, 7, 4), window_to=date(2026, 7, 5))
    assert refused(services.match, actor="o", now=NOW, round_=round_) == ("match.window-without-working-day",)


def test_a_matching_as_a_job_keeps_its_progress_and_its_refusal(ground: Cast) -> None:
    round_ = factories.opened()
    run = services.ask_match(actor="office", now=NOW, round_=round_)
    assert refused(services.ask_match, actor="office", now=NOW, round_=round_) == ("match.running",)
    later = services.ask_match(actor="office", now=NOW + timedelta(hours=1), round_=round_)
    run.refresh_from_db()
    assert run.state == RunState.REFUSED
    run = later
    assert services.run_match(run=run, now=NOW) is None
    assert (run.state, run.reasons[0]["code"]) == (RunState.REFUSED, "match.nothing")
    factories.collected(factories.published())
    run = services.ask_match(actor="office", now=NOW, round_=round_)
    report = services.run_match(run=run, now=NOW)
    kept = MatchRun.objects.get(pk=run.pk)
    assert report and (kept.state, kept.done) == (RunState.DONE, kept.total)


# Officers


def _staff() -> None:
    """Two officers at least in every agency of the ground; one more where somebody may be kept away."""
    market = Agency.objects.get(code="110115-market")
    officer("D-0003", "乙三", market)
    officer("D-0004", "乙四", market)
    officer("T-0005", "甲五", Agency.objects.get(code="110112-market"))


def _drawn_officers(round_: Round) -> None:
    draw = services.start_officers_draw(
        actor="o", now=NOW, round_=round_, beacon=factories.BEACON, reveal_deadline=factories.DEADLINE
    )
    agencies = factories.commit(draw)
    frozen = services.freeze_officers_draw(actor="o", now=NOW, round_=round_)
    factories.finish(frozen, agencies)


def test_two_officers_of_every_agency_go_to_every_visit(ground: Cast) -> None:
    _staff()
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    assert refused(services.close_round, actor="o", now=NOW, round_=round_) == ("round.visits-open",)
    recused = Contact.objects.filter(enterprise__region__code="110112").first()
    assert recused is not None
    registry.recuse(
        actor="o",
        now=NOW,
        certificate="T-0001",
        uscc=recused.enterprise.uscc,
        reason="relative",
        from_on=date(2026, 1, 1),
    )
    _drawn_officers(round_)
    count = services.apply_officers(actor="o", now=NOW, round_=round_)
    parts = {(d.contact_id, d.agency_id) for d in Demand.objects.all()}
    assert count == VisitOfficer.objects.count() == 2 * len(parts)
    for row in VisitOfficer.objects.select_related("officer"):
        assert row.officer.agency_id == row.agency_id
    assert not VisitOfficer.objects.filter(contact=recused, officer__certificate="T-0001").exists()
    round_.refresh_from_db()
    assert round_.state == RoundState.STAFFED
    found = queries.list_officers_of_contacts([recused.pk])[recused.pk]
    assert len(found) == queries.list_visit_officers(recused).count() == 4
    assert refused(services.close_round, actor="o", now=NOW, round_=round_) == ("round.visits-open",)
    for contact in Contact.objects.all():
        visit_services.move(contact=contact, act="make", made_on=contact.planned_on)
    assert services.close_round(actor="o", now=NOW, round_=round_).state == RoundState.CLOSED


def test_who_left_a_visit_after_the_freeze_sends_nobody_and_who_came_is_drawn_next(ground: Cast) -> None:
    _staff()
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    _drawn_officers(round_)
    gone, left = list(Contact.objects.filter(enterprise__region__code="110112").order_by("pk")[:2])
    visit_services.cancel_contacts(actor="o", now=NOW, because={gone.pk: "已注销"})
    services.give_part_back(actor="o", now=NOW, contact=left, agency="110112-fire", because="重复")
    came = Demand.objects.filter(agency__code="110112-fire", state="waiting")
    services.apply_officers(actor="o", now=NOW, round_=round_)
    assert not VisitOfficer.objects.filter(contact=gone).exists()
    assert {row.agency.code for row in VisitOfficer.objects.filter(contact=left)} == {"110112-market"}
    round_.refresh_from_db()
    assert round_.state == RoundState.STAFFED and came.exists()
    VisitOfficer.objects.filter(contact=left).delete()
    Round.objects.update(state=RoundState.MATCHED.value)
    round_.refresh_from_db()
    _drawn_officers(round_)
    came.update(state="matched", contact=left)
    services.apply_officers(actor="o", now=NOW, round_=round_)
    round_.refresh_from_db()
    assert round_.state == RoundState.MATCHED
    assert queries.list_unstaffed(round_) == {(str(left.uuid), "110112-fire")}


def test_not_the_same_officers_twice_in_a_row_at_one_enterprise(ground: Cast) -> None:
    _staff()
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    target = Contact.objects.filter(enterprise__region__code="110112").first()
    assert target is not None
    former = Contact.objects.create(
        enterprise=target.enterprise,
        lead_agency=ground.agency_a,
        kind="daily",
        state="made",
        window_from=TODAY,
        window_to=TODAY,
        planned_on=TODAY - timedelta(days=90),
        made_on=TODAY - timedelta(days=90),
        counts_toward_cap=True,
    )
    veteran = ground.agency_a.officers.get(certificate="T-0002")
    VisitOfficer.objects.create(contact=former, agency=ground.agency_a, officer=veteran, draw_id="d")
    tasks, _officers, _recused = queries.list_staffing_facts(round_)
    task = next(t for t in tasks if t.visit == str(target.uuid) and t.agency == "110112-market")
    assert task.last_officers == {veteran.pk}
    went = ground.agency_a.officers.get(certificate="T-0001")  # somebody else went than was drawn
    Contact.objects.filter(pk=former.pk).update(officers=["T-0001"])
    following = Contact.objects.create(
        enterprise=target.enterprise,
        lead_agency=ground.agency_a,
        kind="case",
        state="planned",
        window_from=TODAY,
        window_to=date(2026, 12, 31),
        planned_on=date(2026, 12, 1),
        counts_toward_cap=False,
    )
    VisitOfficer.objects.create(contact=following, agency=ground.agency_a, officer=veteran, draw_id="d")
    tasks, _officers, _recused = queries.list_staffing_facts(round_)
    task = next(t for t in tasks if t.visit == str(target.uuid) and t.agency == "110112-market")
    assert task.last_officers == {went.pk, veteran.pk}


def test_who_is_away_or_sent_elsewhere_on_the_half_day_is_not_drawn(ground: Cast) -> None:
    _staff()
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    one, two = Contact.objects.filter(enterprise__region__code="110112").order_by("pk")[:2]
    day = one.planned_on or TODAY
    Contact.objects.filter(pk__in=[one.pk, two.pk]).update(planned_on=day, planned_part="am")
    ill, sent = (ground.agency_a.officers.get(certificate=code) for code in ("T-0001", "T-0002"))
    Absence.objects.create(officer=ill, kind="leave", from_on=day, until_on=day)
    VisitOfficer.objects.create(contact=two, agency=ground.agency_a, officer=sent, draw_id="d")
    tasks, officers, recused = queries.list_staffing_facts(round_)
    reasons = officer_rules.staff(tasks, officers, recused, 2).reasons
    own = {(officer, code) for visit, _agency, officer, code in reasons if visit == str(one.uuid)}
    assert {("T-0001", "leave"), ("T-0002", "leave")} <= own
    Contact.objects.filter(pk=two.pk).update(planned_part="pm")
    tasks, officers, recused = queries.list_staffing_facts(round_)
    reasons = officer_rules.staff(tasks, officers, recused, 2).reasons
    assert (str(one.uuid), "110112-market", "T-0002", "leave") not in reasons


def test_too_few_officers_are_refused_before_any_seed(ground: Cast) -> None:
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    draw = services.start_officers_draw(
        actor="o", now=NOW, round_=round_, beacon=factories.BEACON, reveal_deadline=factories.DEADLINE
    )
    factories.commit(draw)
    codes = refused(services.freeze_officers_draw, actor="o", now=NOW, round_=round_)
    assert codes and all(code.startswith("draw.") for code in codes)
    assert refused(services.apply_officers, actor="o", now=NOW, round_=round_) == ("staffing.not-drawn",)
    drawing.void(actor="o", now=NOW, draw=draw, agency="110112-market", reason="nobody in 大兴")
    _staff()
    _drawn_officers(round_)
    assert services.apply_officers(actor="o", now=NOW, round_=round_)
    assert queries.find_officers_draw(round_) is None
    arguments: dict[str, Any] = {"round_": round_, "beacon": factories.BEACON}
    later = {"actor": "o", "now": NOW, "reveal_deadline": factories.DEADLINE}
    assert refused(services.start_officers_draw, **arguments, **later) == ("round.state",)
    factories.collected(factories.published(factories.OWN))
    services.match(actor="o", now=NOW, round_=round_)
    try:
        services.start_officers_draw(**arguments, actor="o", now=NOW, reveal_deadline=factories.DEADLINE)
    except Refused as refusal:
        assert refusal.codes == ("staffing.nothing",)


def test_the_rail_follows_the_quarter(ground: Cast) -> None:
    round_ = factories.opened()
    assert [step.code for step in queries.list_steps(round_)] == [
        "plan",
        "freeze",
        "reveal",
        "draw",
        "collect",
        "screen",
        "match",
        "officers",
        "visit",
        "result",
    ]
    factories.collected(factories.published())
    present = next(step for step in queries.list_steps(round_) if step.state == "present")
    assert present.code == "screen"
    services.match(actor="o", now=NOW, round_=round_)
    present = next(step for step in queries.list_steps(round_) if step.state == "present")
    assert present.code == "officers"
    funnel = queries.get_funnel(round_)
    assert funnel["visits"] == funnel["planned"] == funnel["enterprises"] > 0
    assert funnel["without"] > funnel["visits"] and funnel["waiting"] == 0


def test_a_round_set_back_after_its_officers_were_drawn_closes_once_nothing_waits(ground: Cast) -> None:
    _staff()
    round_ = factories.opened()
    factories.collected(factories.published())
    services.match(actor="o", now=NOW, round_=round_)
    _drawn_officers(round_)
    services.apply_officers(actor="o", now=NOW, round_=round_)
    gone, *others = Contact.objects.all()
    services.return_visits(actor="o", now=NOW, round_=round_, because={gone.pk: "nobody is left"})
    round_.refresh_from_db()
    assert round_.state == RoundState.COLLECTED
    waiting = Demand.objects.filter(round=round_, state="waiting")
    assert waiting and {demand.contact_id for demand in waiting} == {None}
    for contact in others:
        visit_services.move(contact=contact, act="make", made_on=contact.planned_on)
    assert refused(services.close_round, actor="o", now=NOW, round_=round_) == ("round.demands-open",)
    waiting.update(state="withdrawn")
    assert services.close_round(actor="o", now=NOW, round_=round_).state == RoundState.CLOSED
