"""Facts become a problem: pools, capacity, days, and the words for what is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from yicha.decide.scheduling.rules import laying, pools, splitting, words
from yicha.decide.scheduling.rules.explaining import TAKEN
from yicha.decide.scheduling.terms import (
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    Limit,
    Missing,
    PartFacts,
    PersonFacts,
    Problem,
    Resource,
    ResourceKind,
    Slot,
    VisitFacts,
)
from yicha.know.registry.terms import DayPart

AM, PM = DayPart.MORNING, DayPart.AFTERNOON
MONDAY = date(2026, 8, 3)
DAYS = tuple(MONDAY + timedelta(days=number) for number in range(5))
POOL = ResourceKind.POOL


def person(number: int, *competences: str, away: frozenset[Slot] = frozenset()) -> PersonFacts:
    return PersonFacts(
        number, f"T-{number}", "a", frozenset(competences), date(2024, 1, 1), date(2027, 1, 1), away
    )


def contact(key: str, *parts: PartFacts, **more: object) -> ContactFacts:
    facts: dict[str, object] = {
        "id": hash(key),
        "key": key,
        "enterprise": hash(key),
        "uscc": key,
        "district": "110112",
        "first": DAYS[0],
        "last": DAYS[-1],
        "on": None,
        "now": None,
        "parts": parts or (PartFacts("a", "market", frozenset({"x"})),),
    }
    return ContactFacts(**{**facts, **more})  # type: ignore[arg-type]


def facts(*moving: ContactFacts, **more: object) -> CalendarFacts:
    known: dict[str, object] = {
        "today": MONDAY - timedelta(days=30),
        "asked_on": MONDAY - timedelta(days=30),
        "days": DAYS,
        "numbers": CalendarNumbers(2, 2, 10, 1, 2, 3),
        "moving": moving,
        "standing": (),
        "people": (person(1, "market"), person(2, "market"), person(3, "x")),
        "equipment": {},
        "barred": {},
        "closed": {},
        "preferred": {},
        "taken": {},
        "recused": {},
        "last_went": {},
    }
    return CalendarFacts(**{**known, **more})  # type: ignore[arg-type]


def test_a_set_of_items_that_not_everybody_masters_has_a_pool() -> None:
    people = [person(1, "market"), person(2, "x"), person(3, "x", "y")]
    parts = [PartFacts("a", "market", frozenset(own)) for own in ({"x"}, {"x", "y"})]
    found = pools.list_pools(people, parts)
    assert found.members == {
        Resource(POOL, "a", ""): frozenset({"T-1", "T-2", "T-3"}),
        Resource(POOL, "a", "y"): frozenset({"T-1", "T-3"}),
    }
    both = pools.list_needs(parts[1], found, {}, 2)
    assert both == {Resource(POOL, "a", ""): 2, Resource(POOL, "a", "y"): 2}
    assert pools.list_needs(parts[0], found, {}, 2) == {Resource(POOL, "a", ""): 2}


COMPETENCES = st.lists(st.sets(st.sampled_from("xyz")), min_size=1, max_size=6)


@given(COMPETENCES, st.sets(st.sampled_from("xyz"), min_size=1))
def test_a_share_takes_from_exactly_the_pools_in_which_all_of_its_officers_are(
    competences: list[set[str]], items: set[str]
) -> None:
    people = [person(number, *own) for number, own in enumerate(competences)]
    parts = [PartFacts("a", "market", frozenset(own)) for n in (1, 2, 3) for own in combinations("xyz", n)]
    found = pools.list_pools(people, parts)
    able = {one.certificate for one in people if items <= one.competences}
    needs = pools.list_needs(PartFacts("a", "market", frozenset(items)), found, {}, 2)
    assert set(needs) == {resource for resource, members in found.members.items() if able <= members}
    assert any(found.members[resource] == able for resource in needs)


SHARES = st.lists(st.sets(st.sampled_from("xyz"), min_size=1), min_size=1, max_size=4)


@given(COMPETENCES, SHARES)
def test_pools_suffice_exactly_when_everybody_can_be_in_one_place(
    competences: list[set[str]], wanted: list[set[str]]
) -> None:
    """Against trying to give every share of a half day two officers of its own."""
    people = [person(number, *own) for number, own in enumerate(competences)]
    parts = [PartFacts("a", "market", frozenset(items)) for items in wanted]
    found = pools.list_pools(people, parts)
    used: Counter[Resource] = Counter()
    for part in parts:
        used.update(pools.list_needs(part, found, {}, 2))
    suffice = all(count <= len(found.members[resource]) for resource, count in used.items())
    assert suffice == can_go([sorted(found.able[part.agency, part.items]) for part in parts], frozenset())


def can_go(able: list[list[str]], busy: frozenset[str]) -> bool:
    """Whether every share finds two who are not elsewhere."""
    if not able:
        return True
    pairs = combinations([one for one in able[0] if one not in busy], 2)
    return any(can_go(able[1:], busy | set(pair)) for pair in pairs)


def test_what_stands_without_a_half_day_uses_both_of_its_day() -> None:
    whole = contact("s", on=DAYS[1])
    half = contact("h", on=DAYS[2], now=Slot(DAYS[2], PM))
    problem = laying.lay(facts(contact("v"), standing=(whole, half)), keep=False)
    pool = Resource(POOL, "a", "")
    left = {slot: problem.capacity.get((pool, slot), 0) for slot in problem.slots}
    assert [left[Slot(DAYS[1], part)] for part in (AM, PM)] == [1, 1]
    assert [left[Slot(DAYS[2], part)] for part in (AM, PM)] == [3, 1]


def test_whoever_is_drawn_is_needed_himself_and_no_pool() -> None:
    part = PartFacts("a", "market", frozenset({"x"}), officers=frozenset({"T-1", "T-2"}))
    (visit,) = laying.lay(facts(contact("v", part)), keep=True).visits
    assert set(visit.needs) == {Resource(ResourceKind.OFFICER, "a", code) for code in ("T-1", "T-2")}
    mixed = laying.lay(facts(contact("v", part), contact("w")), keep=True)
    assert mixed.visits[0].needs[Resource(POOL, "a", "")] == 2


def test_of_more_visits_than_a_week_or_a_month_holds_so_many_share_it() -> None:
    def most(count: int, *taken: date) -> list[int]:
        visits = [contact(f"v{number}", enterprise=1, uscc="E") for number in range(count)]
        laid = laying.lay(facts(*visits, taken={1: taken}), keep=False)
        return [limit.most for limit in laid.limits.get("E", ())]

    assert [most(count) for count in (1, 2, 3, 4)] == [[], [], [2], [3, 2]], (
        "the month begins before the week"
    )
    assert most(2, DAYS[0]) == [1]
    assert most(2, MONDAY - timedelta(days=1)) == [], "the Sunday before is of another week"
    assert most(3, MONDAY - timedelta(days=1)) == [2, 2], "and of the same month"


def test_what_a_full_week_leaves_to_an_enterprise_is_said() -> None:
    one = contact("v", enterprise=1)
    (laid,) = laying.lay(facts(one, taken={1: (DAYS[0], DAYS[2])}), keep=False).visits
    assert laid.slots == () and set(laid.barred.values()) == {"often"}


def test_a_window_that_ends_before_any_notice_could_come_is_planned_all_the_same() -> None:
    late = facts(contact("v"), asked_on=DAYS[0])
    (visit,) = laying.lay(late, keep=False).visits
    assert len(visit.slots) == 10 and not visit.barred


def test_days_are_written_in_stretches_over_weekends() -> None:
    friday = DAYS[4]
    days = [DAYS[0], DAYS[1], friday, friday + timedelta(days=3), friday + timedelta(days=10)]
    assert words.write_days(days) == "2026-08-03–2026-08-04, 2026-08-07–2026-08-10, 2026-08-17"
    many = [MONDAY + timedelta(days=2 * number) for number in range(20)]
    assert words.write_days(many).endswith("…")


def test_every_cause_has_its_words_and_is_kept_as_it_was() -> None:
    slots = (Slot(MONDAY, AM),)
    resources = [
        None,
        *(Resource(kind, "a", code) for kind in ResourceKind for code in ("", "x+y", "vehicle")),
    ]
    codes = [
        "lost",
        "quiet",
        "often",
        "closed",
        "notice",
        "recused",
        "same-enterprise",
        "out-of-turn",
        "no-window",
        "window-over",
    ]
    for resource in resources:
        for code in codes if resource is None else ("", TAKEN):
            missing = Missing("v", resource, code, slots)
            assert words.from_row("v", words.to_row(missing)) == missing
            assert MONDAY.isoformat() in str(words.to_reason(missing, {}))
    assert "window" in str(words.to_reason(Missing("v", None, "no-window", ()), {}))


PLACES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sets(st.integers(0, 3))),
    min_size=2,
    max_size=3,
    unique_by=lambda row: row[0],
)


@given(PLACES, st.integers(1, 3))
def test_a_visit_is_split_into_the_fewest_parts_that_all_have_a_place(
    agencies: list[tuple[str, set[int]]], most: int
) -> None:
    """Against trying all ways to give each agency one of its days: as many parts as different days.

    Of the first three days the enterprise may have so many at most.
    """
    whole = contact("v", *(PartFacts(code, "k", frozenset({"x"})) for code, _ in agencies))
    days = [Slot(MONDAY + timedelta(days=7 * number), AM) for number in range(4)]
    there = dict(agencies)
    visits = tuple(
        VisitFacts(
            part.key,
            "v",
            "d",
            tuple(one.agency for one in part.parts),
            {Resource(POOL, one.agency, ""): 2 for one in part.parts},
            tuple(days),
        )
        for part in splitting.list_groups(whole)
    )
    capacity = {(Resource(POOL, code, ""), days[day]): 2 for code, own in there.items() for day in own}
    limits = {visits[0].uscc: (Limit(days[0].day, days[2].day, most),)} if visits else {}
    problem = Problem(visits, tuple(days), capacity, limits=limits)
    found = splitting.split(problem, {}, whole, lambda group, slot: True)
    ways = [
        size
        for size in range(1, len(agencies) + 1)
        for chosen in combinations(range(4), size)
        if all(set(chosen) & own for own in there.values()) and len(set(chosen) & {0, 1, 2}) <= most
    ]
    if min(ways, default=0) == 1:
        assert found is None or len(found) == 2
    else:
        assert (len(found) if found else 0) == min(ways, default=0)
    assert splitting.split(problem, {}, whole, lambda group, slot: False) is None


def test_parts_that_the_gate_refuses_on_all_days_are_not_tried_over_and_over() -> None:
    whole = contact("v", *(PartFacts(code, "k", frozenset({"x"})) for code in "abc"))
    days = tuple(Slot(MONDAY + timedelta(days=number), AM) for number in range(5))
    visits = tuple(
        VisitFacts(part.key, "v", "d", tuple(one.agency for one in part.parts), {}, days)
        for part in splitting.list_groups(whole)
    )
    asked: list[tuple[frozenset[str], Slot]] = []

    def refuses(group: frozenset[str], slot: Slot) -> bool:
        asked.append((group, slot))
        return False

    problem = Problem(visits, days, {})
    assert splitting.split(problem, {}, whole, refuses) is None
    assert len(asked) == len(set(asked)) == 3 * len(days), "each of the three that is not the largest, once"


def test_what_cannot_be_is_not_tried_on_every_choice_of_days_for_the_others() -> None:
    """An agency without a day, among five that have forty: a hundred million choices."""
    whole = contact("v", *(PartFacts(code, "k", frozenset({"x"})) for code in "abcdef"))
    days = tuple(Slot(MONDAY + timedelta(days=number), AM) for number in range(40))
    visits = tuple(
        VisitFacts(part.key, "v", "d", own, {Resource(POOL, one, ""): 2 for one in own}, days)
        for part in splitting.list_groups(whole)
        for own in [tuple(one.agency for one in part.parts)]
    )
    capacity = {(Resource(POOL, code, ""), slot): 2 for code in "abcde" for slot in days}
    assert splitting.split(Problem(visits, days, capacity), {}, whole, lambda group, slot: True) is None


def test_more_drawn_than_needed_stay_home_when_they_are_away() -> None:
    slot = Slot(DAYS[0], AM)
    part = PartFacts("a", "market", frozenset({"x"}), officers=frozenset({"T-1", "T-2", "T-3"}))
    people = (person(1, "market", away=frozenset({slot})), person(2, "market"), person(3, "x"))
    standing = replace(contact("v", part), on=slot.day, now=slot)
    (visit,) = laying.lay(facts(standing, people=people), keep=True).visits
    assert {resource.code for resource in visit.needs} == {"T-2", "T-3"}
