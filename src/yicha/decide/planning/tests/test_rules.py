"""Rules of planning, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from yicha.decide.planning.rules import matching, officers, plans, steps, strata
from yicha.decide.planning.terms import (
    EntryDraft,
    OfficerFacts,
    PlanOwner,
    PlanState,
    StepState,
    StratumCount,
    TaskFacts,
)
from yicha.kernel.refusal import Refused

AGENCY = PlanOwner(agency="110112-market")
JOINT = PlanOwner(joint_list="catering", zone="yizhuang")


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [
        (1, date(2026, 1, 1), date(2026, 3, 31)),
        (2, date(2026, 4, 1), date(2026, 6, 30)),
        (3, date(2026, 7, 1), date(2026, 9, 30)),
        (4, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_quarter_has_its_days(quarter: int, first: date, last: date) -> None:
    assert plans.quarter_dates(2026, quarter) == (first, last)


def test_331_is_the_end_of_march() -> None:
    assert plans.plan_due(2026, Decimal("331")) == date(2026, 3, 31)


@pytest.mark.parametrize(
    "owner",
    [
        PlanOwner(),
        PlanOwner(joint_list="catering"),
        PlanOwner(agency="a", joint_list="catering", zone="z"),
        PlanOwner(joint_list="catering", region="110112", zone="z"),
        PlanOwner(agency="a", region="110112"),
    ],
)
def test_a_plan_has_one_owner(owner: PlanOwner) -> None:
    assert [reason.code for reason in plans.check_owner(owner)] == ["plan.owner"]


@pytest.mark.parametrize("owner", [AGENCY, JOINT])
def test_an_owner_is_an_agency_or_a_list_at_a_place(owner: PlanOwner) -> None:
    assert plans.check_owner(owner) == []


@pytest.mark.parametrize(
    ("draft", "owner", "code"),
    [
        (EntryDraft(quarter=5, directory="d", items=("i",)), AGENCY, "plan.quarter"),
        (EntryDraft(quarter=3, directory="d"), AGENCY, "plan.list-or-items"),
        (EntryDraft(quarter=3, directory="d", items=("i",)), JOINT, "plan.list-or-items"),
        (
            EntryDraft(quarter=3, directory="d", items=("i",), window_from=date(2026, 6, 30)),
            AGENCY,
            "plan.window",
        ),
        (
            EntryDraft(
                quarter=3,
                directory="d",
                items=("i",),
                window_from=date(2026, 9, 2),
                window_to=date(2026, 9, 1),
            ),
            AGENCY,
            "plan.window",
        ),
    ],
)
def test_an_entry_is_refused_by_name(draft: EntryDraft, owner: PlanOwner, code: str) -> None:
    assert [reason.code for reason in plans.check_entry(1, draft, owner, 2026)] == [code]


def test_an_agency_plans_its_own_items_only() -> None:
    found = plans.check_items(2, [("market-01", "market"), ("fire-01", "fire")], ["market"])
    assert [(reason.code, reason.facts["item"]) for reason in found] == [
        ("plan.item-of-other-agency", "fire-01")
    ]


def test_a_submission_says_everything_that_is_missing() -> None:
    found = plans.check_submission([(1, 0, [], []), (2, 9, ["D"], ["fire-01"])])
    assert [reason.code for reason in found] == [
        "plan.population-empty",
        "plan.rate-missing",
        "plan.item-unpublished",
    ]
    assert [reason.code for reason in plans.check_submission([])] == ["plan.empty"]


def test_nobody_approves_his_own_plan() -> None:
    assert [reason.code for reason in plans.check_approval("zhang", "zhang")] == ["plan.own-approval"]
    assert plans.check_approval("zhang", "li") == []


def test_a_plan_takes_its_steps_in_order() -> None:
    state = PlanState.DRAFT
    for act in ("submit", "approve", "publish", "supersede"):
        state = plans.PLAN_LIFE.after(state, act)
    assert state is PlanState.SUPERSEDED
    with pytest.raises(Refused) as refused:
        plans.PLAN_LIFE.after(PlanState.DRAFT, "publish")
    assert refused.value.codes == ("plan.state",)


def test_expected_quotas_round_like_the_draw() -> None:
    rows = [
        (StratumCount("110112", "A", 310), Decimal("0.01")),
        (StratumCount("110112", "B", 35), Decimal("0.10")),
        (StratumCount("110115", "A", 3), Decimal("0.01")),
        (StratumCount("110115", "B", 0), Decimal("0.10")),
    ]
    assert plans.expected_quotas(rows) == {
        ("110112", "A"): 3,
        ("110112", "B"): 4,
        ("110115", "A"): 1,
        ("110115", "B"): 0,
    }


def test_the_list_with_most_items_leads_and_ties_go_by_code() -> None:
    shares = {"110112-fire": ("fire", 3), "110112-market": ("market", 3)}
    lists = {"catering": ("market", 3), "assembly": ("fire", 3)}
    assert plans.lead_of(lists, shares) == "110112-fire"
    assert plans.lead_of({"catering": ("market", 4), "assembly": ("fire", 3)}, shares) == "110112-market"
    assert plans.lead_of({"tourism": ("culture", 9)}, shares) == "110112-fire"
    assert plans.lead_of({}, {"b": ("fire", 2), "a": ("market", 1)}) == "b"


def test_a_stratum_id_has_no_class_letter_and_changes_with_the_draw() -> None:
    first = strata.stratum_ids("00" * 16, ["110112"])
    assert sorted(first.values()) == ["110112-1", "110112-2", "110112-3", "110112-4"]
    others = [strata.stratum_ids(f"{n:032x}", ["110112"]) for n in range(20)]
    assert len({tuple(ids[("110112", "C")] for ids in others)}) == 1
    assert {ids[("110112", "C")] for ids in others} == set(first.values())


def test_what_is_published_of_a_stratum_names_no_class() -> None:
    for letter in strata.CLASSES:
        words = strata.stratum_words("通州区", strata.stratum_ids("5e" * 16, ["110112"])[("110112", letter)])
        where = strata.stratum_where("5e" * 16, "110112", letter)
        assert letter not in words and letter not in where.replace("class-commitment", "")
        assert strata.class_commitment("5e" * 16, "110112", letter) in where


@pytest.mark.parametrize(
    ("status", "region", "used", "code"),
    [
        ("active", "110112", 0, ""),
        ("cancelled", "110112", 0, "cancelled"),
        ("revoked", "110112", 0, "revoked"),
        ("moved-out", "110112", 9, "moved"),
        ("active", "", 0, "unidentified"),
        ("active", "110112", 4, "budget"),
        ("active", "110112", 3, ""),
    ],
)
def test_who_cannot_be_drawn_has_a_code(status: str, region: str, used: int, code: str) -> None:
    assert strata.exclusion(status, region, used, 4) == code


def test_the_first_unfinished_step_is_present() -> None:
    rail = steps.rail([("plan", 3, 3), ("freeze", 1, 3), ("draw", 0, 3), ("match", 0, 0)])
    assert [step.state for step in rail] == [
        StepState.DONE,
        StepState.PRESENT,
        StepState.AHEAD,
        StepState.AHEAD,
    ]


@pytest.mark.parametrize(
    ("dates", "flagged"),
    [
        ([date(2026, 7, 1)], False),
        ([date(2026, 7, 1), date(2026, 7, 1)], True),
        ([date(2026, 7, 6), date(2026, 7, 8), date(2026, 7, 10)], True),
        ([date(2026, 7, 1), date(2026, 7, 8), date(2026, 7, 15)], False),
        ([date(2026, 7, 1), date(2026, 7, 8), date(2026, 7, 15), date(2026, 7, 22)], True),
    ],
)
def test_an_enterprise_visited_too_often_is_flagged(dates: list[date], flagged: bool) -> None:
    assert matching.is_flagged(dates, (1, 2, 3)) is flagged


def _officer(number: int, **more: object) -> OfficerFacts:
    facts: dict[str, object] = {
        "id": number,
        "certificate": f"T-{number}",
        "agency": "110112-market",
        "valid_from": date(2024, 1, 1),
        "valid_until": date(2026, 12, 31),
        "competences": frozenset({"market"}),
    }
    return OfficerFacts(**{**facts, **more})  # type: ignore[arg-type]


TASK = TaskFacts(
    visit="v1",
    agency="110112-market",
    agency_kind="market",
    enterprise_id=7,
    planned_on=date(2026, 7, 6),
    items=frozenset({"market-01", "market-02"}),
    last_officers=frozenset({5}),
    planned_part="am",
)


@pytest.mark.parametrize(
    ("officer", "code"),
    [
        (_officer(1), ""),
        (_officer(1, competences=frozenset({"market-01", "market-02"})), ""),
        (_officer(1, competences=frozenset({"market-01"})), "competence"),
        (_officer(1, valid_until=date(2026, 7, 5)), "certificate"),
        (_officer(3), "recusal"),
        (_officer(4), ""),
        (_officer(5), "twice-in-a-row"),
        (_officer(1, absences=((date(2026, 7, 1), date(2026, 7, 6), ""),)), "leave"),
        (_officer(1, absences=((date(2026, 7, 6), date(2026, 7, 6), "am"),)), "leave"),
        (_officer(1, absences=((date(2026, 7, 6), date(2026, 7, 6), "pm"),)), ""),
        (_officer(1, absences=((date(2026, 7, 7), date(2026, 7, 9), ""),)), ""),
    ],
)
def test_who_may_not_go_is_told_why(officer: OfficerFacts, code: str) -> None:
    recused: dict[tuple[int, int], list[tuple[date, date | None]]] = {
        (3, 7): [(date(2026, 1, 1), None)],
        (4, 7): [(date(2025, 1, 1), date(2026, 7, 5))],
    }
    assert officers.reason_against(officer, TASK, recused) == code


def test_as_long_as_the_half_of_the_day_is_open_any_absence_of_the_day_counts() -> None:
    away = _officer(1, absences=((date(2026, 7, 6), date(2026, 7, 6), "pm"),))
    assert officers.reason_against(away, replace(TASK, planned_part=""), {}) == "leave"


def test_staffing_lists_every_officer_of_the_agency_once() -> None:
    people = [_officer(1), _officer(2), _officer(5), _officer(9, agency="110115-fire")]
    staffing = officers.staff([TASK], people, {}, 2)
    assert staffing.tasks == [("v1", "110112-market", 2)]
    assert staffing.eligibility == [("v1", "110112-market", "T-1"), ("v1", "110112-market", "T-2")]
    assert staffing.reasons == [("v1", "110112-market", "T-5", "twice-in-a-row")]


def test_visits_of_one_draw_at_one_enterprise_share_no_officer_with_the_next() -> None:
    days = (date(2026, 7, 6), date(2026, 7, 20), date(2026, 8, 3))
    tasks = [
        replace(TASK, visit=f"v{n}", planned_on=day, last_officers=frozenset()) for n, day in enumerate(days)
    ]
    elsewhere = replace(tasks[0], visit="w", enterprise_id=8)
    people = [_officer(n, competences=frozenset({"market"})) for n in range(1, 6)]
    given = officers.staff([*reversed(tasks), elsewhere], people, {}, 2)
    may = {
        visit: {who for one, _, who in given.eligibility if one == visit} for visit in ("v0", "v1", "v2", "w")
    }
    assert not may["v0"] & may["v1"] and not may["v1"] & may["v2"]
    assert all(len(who) >= 2 for who in may.values()) and len(may["w"]) == 5
    assert {code for *_, code in given.reasons} == {"twice-in-a-row"}


def test_an_agency_with_too_few_officers_to_take_turns_sends_whom_it_has() -> None:
    tasks = [replace(TASK, visit=f"v{n}", planned_on=date(2026, 7, 6 + 7 * n)) for n in range(2)]
    given = officers.staff(tasks, [_officer(1), _officer(2), _officer(4)], {}, 2)
    assert len(given.eligibility) == 6 and not given.reasons


def test_the_load_cap_is_the_even_share_with_slack_and_never_below_what_must_be() -> None:
    tasks = [(f"v{n}", "a", 2) for n in range(6)]
    everybody = [(f"v{n}", "a", officer) for n in range(6) for officer in "wxyz"]
    assert officers.suggest_load_cap(tasks, everybody, Decimal("1.5")) == 5
    two = [(f"v{n}", "a", officer) for n in range(6) for officer in "wx"]
    assert officers.suggest_load_cap(tasks, [*everybody[:4], *two[2:]], Decimal(1)) >= 5
