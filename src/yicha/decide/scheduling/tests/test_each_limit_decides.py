"""Every limit of a calendar in a scene in which only it decides: without it one answer, with it another."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from yicha.decide.scheduling.rules.laying import lay
from yicha.decide.scheduling.terms import (
    PARTS,
    ContactFacts,
    LostDay,
    Missing,
    Objective,
    Resource,
    ResourceKind,
    Slot,
)
from yicha.decide.scheduling.tests.scene import (
    ALWAYS,
    DAYS,
    MON,
    MON_AM,
    MON_PM,
    NUMBERS,
    SLOTS,
    TUE,
    TUE_AM,
    TUE_PM,
    WED,
    WED_AM,
    WED_PM,
    arrange,
    arrange_problem,
    officer,
    places,
    scene,
    share,
    visit,
)

FOUR = tuple(officer(number) for number in range(1, 5))
EVERYBODY = Resource(ResourceKind.POOL, "m", "")


def on_monday(*numbers: int, **facts: object) -> tuple:  # type: ignore[type-arg]
    return tuple(visit(number, last=MON, **facts) for number in numbers)


def test_with_nothing_in_the_way_a_visit_stands_on_its_first_half_day() -> None:
    assert places(scene(visit(1))) == [MON_AM]


def test_a_visit_stands_inside_its_window() -> None:
    assert places(scene(visit(1, first=TUE))) == [TUE_AM]


def test_an_officer_is_there_only_while_the_certificate_holds() -> None:
    later = officer(2, valid_from=TUE)
    assert places(scene(visit(1), people=(officer(1), later))) == [TUE_AM]


def test_an_officer_on_leave_is_not_sent() -> None:
    on_leave = officer(2, away=frozenset({MON_AM}))
    assert places(scene(visit(1), people=(officer(1), on_leave))) == [MON_PM]


def test_leave_that_begins_at_noon_leaves_the_morning() -> None:
    """Two visits by two officers, one of whom is away from Monday noon until Tuesday night."""
    on_leave = officer(2, away=frozenset({MON_PM, TUE_AM, TUE_PM}))
    assert places(scene(visit(1), people=(officer(1), on_leave))) == [MON_AM]
    two = places(scene(visit(1), visit(2), people=(officer(1), on_leave)))
    assert sorted(slot for slot in two if slot) == [MON_AM, WED_AM]


def test_whoever_was_drawn_and_changed_the_agency_does_not_go_for_the_old_one() -> None:
    drawn = visit(1, parts=(share(officers=frozenset({"m-1", "m-2"})),), on=MON, now=MON_AM)
    fire = visit(2, parts=(share(agency="f", kind="fire"),))
    here, gone = officer(1), officer(2, agency="f", competences=frozenset({"fire", "market"}))
    solution = arrange(scene(drawn, fire, people=(here, gone)), keep=True)
    assert [row.resource for row in solution.missing if row.visit == "v1"] == [
        Resource(ResourceKind.OFFICER, "m", "m-2")
    ]
    assert places(scene(drawn, people=(here, replace(gone, agency="m"))), keep=True) == [MON_AM]
    third = share(officers=frozenset({"m-1", "m-2", "m-3"}))
    more = replace(drawn, parts=(third,))
    assert places(scene(more, people=(here, gone, officer(3))), keep=True) == [MON_AM], "two are enough"


def test_only_who_is_competent_counts() -> None:
    able = (
        officer(1, competences=frozenset({"gas"})),
        officer(2, competences=frozenset({"gas"}), away=frozenset(SLOTS[:2])),
    )
    people = (*able, officer(3, competences=frozenset({"other"})))
    any_two = visit(1, parts=(share(items=frozenset()),))
    gas = visit(1, parts=(share(items=frozenset({"gas"})),))
    assert places(scene(any_two, people=people)) == [MON_AM]
    assert places(scene(gas, people=people)) == [TUE_AM]


def test_an_agency_sends_two() -> None:
    alone = replace(NUMBERS, officers_per_agency=1)
    assert places(scene(*on_monday(1, 2), numbers=alone)) == [MON_AM, MON_AM]
    assert set(places(scene(*on_monday(1, 2)))) == {MON_AM, MON_PM}


def test_an_officer_has_so_many_visits_a_day() -> None:
    one_a_day = replace(NUMBERS, visits_an_officer_a_day=1)
    assert None not in places(scene(*on_monday(1, 2)))
    assert places(scene(*on_monday(1, 2), numbers=one_a_day)).count(None) == 1


def test_a_drawn_officer_has_so_many_visits_a_day() -> None:
    one_a_day = replace(NUMBERS, visits_an_officer_a_day=1)
    drawn = (share(officers=frozenset({"m-1", "m-2"})),), (share(officers=frozenset({"m-2", "m-3"})),)
    two = tuple(visit(n, last=MON, parts=parts) for n, parts in enumerate(drawn))
    assert None not in places(scene(*two, people=FOUR))
    assert places(scene(*two, people=FOUR, numbers=one_a_day)).count(None) == 1


def test_an_officer_who_is_recused_is_not_sent_there() -> None:
    assert places(scene(visit(1), recused={(1, 1): ((MON, MON),)})) == [TUE_AM]
    assert places(scene(visit(1), recused={(1, 7): ((MON, MON),)})) == [MON_AM]


def test_a_drawn_officer_who_is_recused_for_a_day_waits_for_another() -> None:
    drawn = visit(1, parts=(share(officers=frozenset({"m-1", "m-2"})),))
    assert places(scene(drawn, people=FOUR, recused={(2, 1): ((MON, TUE),)})) == [WED_AM]


def test_nobody_goes_twice_in_a_row() -> None:
    went = {(1, "m"): frozenset({1})}
    three = (officer(1), officer(2, away=frozenset({MON_AM})), officer(3))
    assert places(scene(visit(1), people=three)) == [MON_AM]
    assert places(scene(visit(1), people=three, last_went=went)) == [MON_PM]


def test_who_is_drawn_for_two_visits_is_in_one_place_at_a_time() -> None:
    def drawn(*pairs: set[str]) -> tuple:  # type: ignore[type-arg]
        return tuple(
            visit(n, last=MON, parts=(share(officers=frozenset(own)),)) for n, own in enumerate(pairs)
        )

    apart = scene(*drawn({"m-1", "m-2"}, {"m-3", "m-4"}), people=FOUR)
    together = scene(*drawn({"m-1", "m-2"}, {"m-2", "m-3"}), people=FOUR)
    assert places(apart) == [MON_AM, MON_AM]
    assert set(places(together)) == {MON_AM, MON_PM}


def test_cars_go_to_one_place_at_a_time() -> None:
    two = on_monday(1, 2)
    assert places(scene(*two, people=FOUR)) == [MON_AM, MON_AM]
    assert places(scene(*two, people=FOUR, equipment={("m", "vehicle"): 2})) == [MON_AM, MON_AM]
    one_car = places(scene(*two, people=FOUR, equipment={("m", "vehicle"): 1}))
    assert set(one_car) == {MON_AM, MON_PM}


def test_an_instrument_is_in_one_place_at_a_time() -> None:
    two = on_monday(1, 2, parts=(share(equipment=frozenset({"detector"})),))
    assert places(scene(*two, people=FOUR, equipment={("m", "detector"): 2})) == [MON_AM, MON_AM]
    one = places(scene(*two, people=FOUR, equipment={("m", "detector"): 1}))
    assert set(one) == {MON_AM, MON_PM}


def test_an_instrument_serves_all_districts_of_its_agency_and_no_other_agency() -> None:
    needs = share(equipment=frozenset({"detector"}))
    apart = (visit(1, last=MON, parts=(needs,)), visit(2, last=MON, parts=(needs,), district="y"))
    has = {("m", "detector"): 1, ("f", "detector"): 5}
    found = places(scene(*apart, people=FOUR, equipment=has))
    assert set(found) == {MON_AM, MON_PM}


def test_on_a_quiet_day_nobody_comes() -> None:
    assert places(scene(visit(1), barred={1: {MON: "quiet"}})) == [TUE_AM]


def test_on_a_closed_day_nobody_comes_who_is_announced() -> None:
    closed = {1: frozenset({MON_AM, MON_PM})}
    assert places(scene(visit(1), closed=closed)) == [TUE_AM]
    assert places(scene(visit(1, unannounced=True), closed=closed)) == [MON_AM]


def test_of_a_window_half_a_day_may_be_left() -> None:
    assert places(scene(visit(1, last=MON), closed={1: frozenset({MON_AM})})) == [MON_PM]


def test_a_visit_to_who_is_closed_all_the_time_says_so_and_the_others_stand() -> None:
    solution = arrange(scene(visit(1), visit(2), closed={1: frozenset(SLOTS)}))
    assert solution.missing == (Missing("v1", None, "closed", SLOTS),)
    assert set(solution.placed) == {"v2"}


def test_on_a_lost_day_nobody_goes_where_it_is_lost() -> None:
    rain = LostDay(MON_AM, frozenset({"x"}))
    assert places(scene(visit(1), lost=(rain,))) == [MON_PM]
    assert places(scene(visit(1, district="y"), lost=(rain,))) == [MON_AM]


def test_a_notice_comes_in_time() -> None:
    assert places(scene(visit(1), asked_on=TUE - timedelta(days=10))) == [TUE_AM]


def test_a_visit_stands_where_its_enterprise_would_rather_have_it() -> None:
    assert places(scene(visit(1), preferred={1: frozenset({WED_PM})})) == [WED_PM]


def test_a_wish_yields_to_what_weighs_more() -> None:
    both = {1: frozenset({WED_PM}), 2: frozenset({WED_AM})}
    days = {slot.day for slot in places(scene(visit(1), visit(2), preferred=both)) if slot}
    assert len(days) == 2


def test_load_is_even_over_the_days() -> None:
    found = places(scene(visit(1), visit(2), visit(3)))
    assert {slot.day for slot in found if slot} == {MON, TUE, WED}


def test_load_is_even_for_each_agency_and_not_for_all_together() -> None:
    fire = (share(agency="f", kind="fire"),)
    people = (
        *FOUR,
        officer(8, agency="f", competences=frozenset({"fire"})),
        officer(9, agency="f", competences=frozenset({"fire"})),
    )
    assert places(scene(visit(1), visit(2, parts=fire, last=MON), people=people)) == [MON_AM, MON_AM]


def test_visits_of_one_district_are_on_one_day() -> None:
    four = [visit(n, district=district, last=TUE) for n, district in enumerate("xyxy")]
    days = [slot.day for slot in places(scene(*four)) if slot]
    assert days[0] == days[2] != days[1] == days[3]


def test_one_enterprise_has_one_visit_a_day() -> None:
    same = places(scene(*(visit(n, enterprise=1, last=MON) for n in (1, 2)), people=FOUR))
    other = places(scene(*(visit(n, last=MON) for n in (1, 2)), people=FOUR))
    assert same.count(None) == 1 and None not in other


def test_an_enterprise_has_so_many_visits_a_week_and_a_month() -> None:
    three = [visit(n, enterprise=1) for n in (1, 2, 3)]
    often = replace(NUMBERS, a_week=3)
    assert None not in places(scene(*three, numbers=often))
    assert places(scene(*three)).count(None) == 1
    assert places(scene(*three, numbers=replace(often, a_month=2))).count(None) == 1
    others = [visit(n) for n in (1, 2, 3)]
    assert None not in places(scene(*others)), "of three enterprises each has one"


def test_many_visits_to_one_enterprise_do_not_keep_another_from_two_in_a_week() -> None:
    crowd = [visit(n, enterprise=1) for n in (1, 2, 3, 4)]
    near = visit(5, enterprise=2, last=MON), visit(6, enterprise=2, first=TUE, last=TUE)
    assert places(scene(*crowd, *near, people=FOUR))[4:] == [MON_AM, TUE_AM]


def test_what_stands_by_the_law_stays_though_a_third_visit_comes() -> None:
    pinned = [visit(n, enterprise=1, now=slot, pinned=True) for n, slot in enumerate((MON_AM, TUE_AM))]
    later = visit(3, enterprise=1, last=MON + timedelta(days=7))
    days = (*DAYS, MON + timedelta(days=7))
    found = places(scene(*pinned, later, days=days), keep=True)
    assert found == [MON_AM, TUE_AM, Slot(days[-1], PARTS[0])]


def test_visits_for_which_people_were_drawn_in_turn_keep_their_turn() -> None:
    """The same two go to the first and the third visit; the second one cannot stand behind or before both."""
    pairs = {"m-1", "m-2"}, {"m-3", "m-4"}, {"m-1", "m-2"}
    ill = replace(FOUR[2], away=frozenset({TUE_AM, TUE_PM}))
    people = (*FOUR[:2], ill, FOUR[3])

    def drawn(*officers: set[str], enterprise: int = 1) -> list[ContactFacts]:
        return [
            visit(
                n, enterprise=enterprise or n, on=slot.day, now=slot, parts=(share(officers=frozenset(own)),)
            )
            for n, (own, slot) in enumerate(zip(officers, (MON_AM, TUE_AM, WED_AM), strict=True))
        ]

    often = {"numbers": replace(NUMBERS, a_week=3), "people": people}
    free = places(scene(*drawn(*pairs, enterprise=0), **often), keep=True)
    assert free[0] == MON_AM and free[2] == WED_AM and free[1] is not None
    found = arrange(scene(*drawn(*pairs), **often), keep=True)
    assert len(found.placed) == 2
    assert "out-of-turn" in {row.barred for row in found.missing}
    first, second, third = drawn(*pairs)
    beside = scene(second, standing=(first, third), **often)
    (laid,) = lay(beside, keep=True).visits
    turn = {slot.day for slot, code in laid.barred.items() if code == "out-of-turn"}
    assert turn == {MON, WED}, "what does not move has its turn too"
    others = drawn({"m-1"}, {"m-3", "m-4"}, {"m-2"})
    assert None not in places(scene(*others, **often), keep=True), "nobody goes there twice"


def test_an_announced_visit_stays_and_the_other_one_goes() -> None:
    other = visit(2, first=TUE, last=TUE)
    liked = {2: frozenset({TUE_AM})}
    assert places(scene(visit(1, now=TUE_AM), other, preferred=liked)) == [MON_AM, TUE_AM]
    assert places(scene(visit(1, now=TUE_AM, announced=True), other, preferred=liked)) == [TUE_AM, TUE_PM]


def test_a_pinned_visit_does_not_move_whatever_it_costs() -> None:
    two = (visit(1, now=TUE_PM, pinned=True), visit(2, first=TUE, last=TUE))
    assert places(scene(*two)) == [TUE_PM, TUE_AM]


def test_of_two_pinned_visits_that_cannot_both_be_one_stays_and_the_other_is_explained() -> None:
    both = [visit(n, now=MON_AM, pinned=True) for n in (1, 2)]
    solution = arrange(scene(*both, visit(3)), keep=True)
    (out,) = {"v1", "v2", "v3"} - set(solution.placed)
    assert out != "v3" and solution.missing == (Missing(out, EVERYBODY, "taken", (MON_AM,)),)


def test_a_pinned_visit_that_became_impossible_says_why_and_the_others_stand() -> None:
    ill = officer(2, away=frozenset({MON_AM, MON_PM}))
    solution = arrange(
        scene(visit(1, now=MON_AM, pinned=True), visit(2, now=TUE_AM), people=(officer(1), ill)), keep=True
    )
    assert solution.missing == (Missing("v1", EVERYBODY, "", (MON_AM,)),)
    assert solution.placed == {"v2": TUE_AM}


def test_a_pinned_visit_keeps_its_place_before_any_other_gets_one() -> None:
    fire = share(agency="f", kind="fire")
    two = tuple(officer(n, agency="f", competences=frozenset({"fire"})) for n in (8, 9))
    people = tuple(replace(one, away=frozenset({MON_PM})) for one in (officer(1), officer(2), *two))
    rivals = visit(1, last=MON), visit(2, last=MON, parts=(fire,))
    joint = visit(3, last=MON, parts=(share(), fire), now=MON_AM)
    assert places(scene(*rivals, joint, people=people)) == [MON_AM, MON_AM, None]
    assert places(scene(*rivals, replace(joint, pinned=True), people=people)) == [None, None, MON_AM]


def test_who_was_told_keeps_the_day_and_the_others_move() -> None:
    """Two visits stand where two officers are left for one; neither is bound to its half day."""
    two = [visit(n, now=MON_AM) for n in (1, 2)]
    for told in (0, 1):
        both = [replace(one, announced=n == told) for n, one in enumerate(two)]
        found = places(scene(*both, hold_announced=False), keep=True)
        assert found[told] == MON_AM != found[1 - told]


def test_who_was_told_keeps_the_day_though_another_visit_finds_none() -> None:
    told = visit(1, now=MON_AM, last=TUE, announced=True)
    other = visit(2, last=MON, district="y")
    people = tuple(officer(n, away=frozenset({MON_PM})) for n in (1, 2))
    assert places(scene(told, other, people=people, hold_announced=False), keep=True) == [MON_AM, None]
    free = replace(told, announced=False)
    assert places(scene(free, other, people=people), keep=True) == [TUE_AM, MON_AM]


def test_competences_that_overlap_are_enough_only_together() -> None:
    """Two visits ask for gas, two for pressure; each pool would do for its own, both have one officer in common."""
    people = tuple(
        officer(number, competences=frozenset(able))
        for number, able in enumerate([{"gas"}, {"gas", "pressure"}, {"pressure"}, set(), set()], start=1)
    )
    gas, pressure = (
        on_monday(n, parts=(share(items=frozenset({item})),))[0] for n, item in ((1, "gas"), (2, "pressure"))
    )
    assert places(scene(gas, people=people)) == places(scene(pressure, people=people)) == [MON_AM]
    assert set(places(scene(gas, pressure, people=people))) == {MON_AM, MON_PM}


def test_as_little_as_possible_moves() -> None:
    now = [MON_AM, MON_PM, TUE_AM, TUE_PM]
    four = [visit(n, now=slot) for n, slot in enumerate(now)]
    ill = (officer(1), officer(2, away=frozenset({MON_PM})))
    kept = arrange(scene(*four, people=ill), keep=True)
    assert kept.placed["v0"] == MON_AM and kept.placed["v2"] == TUE_AM and kept.placed["v3"] == TUE_PM
    assert kept.placed["v1"].day == WED
    assert [measure.value for measure in kept.objectives.values()][:2] == [0, 1]
    assert arrange(scene(*four, people=ill)).objectives.keys() == set(kept.objectives) - {"moves"}


def test_made_anew_twice_nothing_moves_the_second_time() -> None:
    now = [MON_AM, MON_PM, TUE_AM, TUE_PM]
    four = [visit(n, now=slot, on=slot.day) for n, slot in enumerate(now)]
    ill = (officer(1), officer(2, away=frozenset({MON_PM, TUE_AM})))
    first = arrange(scene(*four, people=ill), keep=True)
    again = [replace(one, now=first.placed[one.key], on=first.placed[one.key].day) for one in four]
    second = arrange(scene(*again, people=ill), keep=True)
    assert second.placed == first.placed and second.objectives[Objective.MOVES].value == 0


def test_nothing_moves_that_only_could_be_more_even() -> None:
    crowded = [visit(1, now=MON_AM), visit(2, now=MON_PM)]
    assert places(scene(*crowded)) != [MON_AM, MON_PM]
    assert places(scene(*crowded), keep=True) == [MON_AM, MON_PM]


def test_a_visit_without_a_place_says_which_officers_are_missing_when() -> None:
    gas = visit(1, parts=(share(items=frozenset({"gas"})),), last=MON)
    people = (officer(1, competences=frozenset({"gas"})), officer(2, competences=frozenset({"other"})))
    solution = arrange(scene(gas, people=people))
    pool = Resource(ResourceKind.POOL, "m", "gas")
    assert solution.placed == {} and Missing("v1", pool, "", (MON_AM, MON_PM)) in solution.missing


def test_a_visit_without_a_place_says_what_the_others_take() -> None:
    solution = arrange(scene(*on_monday(1, 2, 3)))
    (left,) = {"v1", "v2", "v3"} - set(solution.placed)
    assert solution.missing == (Missing(left, EVERYBODY, "taken", (MON_AM, MON_PM)),)


def test_a_visit_without_a_place_says_what_bars_it() -> None:
    solution = arrange(scene(visit(1, last=MON), barred={1: {MON: "quiet"}}))
    assert solution.missing == (Missing("v1", None, "quiet", (MON_AM, MON_PM)),)


def test_a_visit_whose_window_is_over_says_when_it_ended() -> None:
    late = visit(1, last=MON - timedelta(days=3), first=MON - timedelta(days=9))
    solution = arrange(scene(late, visit(2), today=MON - timedelta(days=2)))
    assert solution.missing == (Missing("v1", None, "window-over", (Slot(late.last, PARTS[-1]),)),)
    assert set(solution.placed) == {"v2"}


def test_a_visit_without_a_place_says_that_its_enterprise_has_another_one() -> None:
    solution = arrange(scene(*(visit(n, enterprise=1, last=MON) for n in (1, 2)), people=FOUR))
    assert [(row.resource, row.barred) for row in solution.missing] == [(None, "same-enterprise")]


def test_one_visit_that_cannot_be_does_not_keep_the_others_from_being() -> None:
    hopeless = visit(1, parts=(share(equipment=frozenset({"detector"})),))
    solution = arrange(scene(hopeless, visit(2), visit(3)))
    assert set(solution.placed) == {"v2", "v3"}
    assert solution.objectives["unplaced"].bound == 1  # type: ignore[index]


def test_a_problem_without_visits_has_an_empty_calendar() -> None:
    solution = arrange_problem(lay(scene(), keep=False))
    assert solution.placed == {} and all(m.value == 0 for m in solution.objectives.values())


def test_certificates_hold_always_in_these_scenes() -> None:
    assert ALWAYS[0] < MON < WED < ALWAYS[1] and WED_AM < WED_PM and TUE_AM < TUE_PM
