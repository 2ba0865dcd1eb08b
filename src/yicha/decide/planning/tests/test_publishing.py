"""What stands against publishing a plan, each ground alone, with its number counted by hand from the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from math import ceil, prod

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, PlanEntry
from yicha.decide.planning.terms import Breach, Disturbed, EntryDraft, OverlapChoice, PlanOwner
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion, LegalNumber
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency, Enterprise
from yicha.know.undisturbed.models import Listing
from yicha.know.visits.models import Contact

FIRE = PlanOwner(agency="110112-fire")
CITY = PlanOwner(agency="110000-market")
ALL = Decimal(1)
JULY = EntryDraft(3, "catering", ("market-01",), window_to=date(2026, 7, 31), rate=ALL)
AUTUMN = EntryDraft(4, "catering", ("market-02",), rate=ALL)
SEPTEMBER = EntryDraft(3, "catering", ("fire-01",), window_from=date(2026, 9, 1), rate=ALL)


@pytest.fixture
def ground(cast: Cast) -> Cast:
    """Restaurants, key items of which everybody may be drawn, and no number of the law that a plan could break."""
    factories.ground(people=6)
    ItemVersion.objects.update(weight="key")
    registry.save_agency(
        actor="t", now=NOW, code="110000-market", name="市局", kind="market", region="110000"
    )
    number("coverage-floor", 0)
    number("overlap-most-firms", 1000)
    for code in ("annual-visit-cap", "annual-visit-cap-district", "annual-visit-cap-city"):
        number(code, 100)
    return cast


def number(code: str, value: float) -> None:
    """What the law says, here."""
    assert LegalNumber.objects.filter(code=code).update(value=Decimal(str(value)))


def approved(owner: PlanOwner, *drafts: EntryDraft) -> AnnualPlan:
    """A plan that waits for nothing but its publication."""
    plan = services.submit_plan(actor="planner", now=NOW, plan=factories.plan(owner, *drafts))
    return services.approve_plan(actor="approver", now=NOW, plan=plan)


def publish(plan: AnnualPlan) -> AnnualPlan:
    return services.publish_plan(actor="planner", now=NOW, plan=plan)


def refused(act: Callable[[], object]) -> tuple[tuple[str, ...], list[object]]:
    """The codes with which something is refused, and the counts that stand in the reasons."""
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.codes, [reason.facts.get("count") for reason in caught.value.reasons]


def visited(firm: Enterprise, agency: Agency, day: date = TODAY, times: int = 1) -> None:
    """Visits that were made and count."""
    for _ in range(times):
        Contact.objects.create(
            enterprise=firm, lead_agency=agency, kind="daily", state="made", window_from=day, window_to=day,
            planned_on=day, made_on=day, counts_toward_cap=True,
        )  # fmt: skip


# By hand


def restaurants(place: str = "110112") -> list[Enterprise]:
    """Whom the directory of these plans names at a place."""
    found = Enterprise.objects.filter(industry__startswith="H62", status="active").select_related("region")
    inside = {"110112": {"110112"}, "110000": {"110000", "110112", "110115", "110302"}}[place]
    return [firm for firm in found if firm.region and firm.region.code in inside]


def fewest(windows: Sequence[tuple[date, date]]) -> int:
    """The fewest days that meet all windows, from the one that ends first on."""
    left, days = sorted(windows, key=lambda window: window[1]), 0
    while left:
        left = [window for window in left if window[0] > left[0][1]]
        days += 1
    return days


def over_by_hand(plans: Sequence[AnnualPlan], limit: int, levels: Sequence[str]) -> int:
    """How many restaurants of the last plan have more visits of some levels than the limit, if everybody is drawn.

    Whose budget in all is used up already is left out of every draw.
    """
    in_all = LegalNumber.objects.get(code="annual-visit-cap").value
    count = 0
    for firm in restaurants(plans[-1].place_code):
        used = [
            "city" if contact.lead_agency.code.startswith("110000") else "district"
            for contact in Contact.objects.filter(enterprise=firm).select_related("lead_agency")
        ]
        windows = [
            (entry.window_from, entry.window_to)
            for plan in plans
            if firm in restaurants(plan.place_code)
            and ("city" if plan.place_code == "110000" else "district") in levels
            for entry in PlanEntry.objects.filter(plan=plan)
        ]
        spent = sum(level in levels for level in used)
        count += len(used) < in_all and bool(windows) and spent + fewest(windows) > limit
    return count


# Overlaps


def test_an_open_overlap_with_a_published_plan_holds_up_publishing_until_it_is_decided(ground: Cast) -> None:
    first = approved(factories.OWN, JULY)
    second = approved(FIRE, SEPTEMBER)
    number("overlap-most-firms", 5)
    publish(first)  # the other one may still change: it holds nobody up
    shared = len(restaurants())
    assert refused(lambda: publish(second)) == (("plan.overlap-open",), [shared])
    assert refused(lambda: services.publish_plans(actor="p", now=NOW, plans=[second])) == (
        ("plan.overlap-open",),
        [shared],
    )
    (row,) = queries.list_overlaps(2026)
    services.rule_overlap(
        actor="office",
        now=NOW,
        first=row.first,
        second=row.second,
        choice=OverlapChoice.APART,
        because="换证",
    )
    second.refresh_from_db()
    assert publish(second).state == "published"


def test_two_plans_that_are_published_together_are_held_up_by_their_own_overlap(ground: Cast) -> None:
    plans = [approved(factories.OWN, JULY), approved(FIRE, SEPTEMBER)]
    number("overlap-most-firms", 5)
    assert refused(lambda: services.publish_plans(actor="p", now=NOW, plans=plans))[0] == (
        "plan.overlap-open",
    )
    assert set(AnnualPlan.objects.values_list("state", flat=True)) == {"approved"}, "all or none"


# The floor


def test_the_floor_alone_holds_up_publishing_by_as_many_as_are_missing(ground: Cast) -> None:
    plan = approved(factories.OWN, replace(JULY, rate=Decimal("0.25")))
    number("coverage-floor", 0.5)
    everybody = Enterprise.objects.filter(region__code="110112", status="active").count()
    missing = ceil(everybody / 2) - plan.entries.get().expected
    assert missing > 0
    assert refused(lambda: publish(plan)) == (("plan.below-floor",), [missing])
    services.accept_breach(actor="approver", now=NOW, plan=plan, breach=Breach.FLOOR, because="新设区域")
    plan.refresh_from_db()
    number("coverage-floor", 0.6)
    assert refused(lambda: publish(plan))[0] == ("plan.below-floor",), "more is missing than was accepted"
    number("coverage-floor", 0.5)
    assert publish(plan).state == "published"


def test_other_plans_of_the_region_on_their_way_count_towards_the_floor(ground: Cast) -> None:
    plan = approved(factories.OWN, replace(JULY, rate=Decimal("0.25")))
    number("coverage-floor", 0.5)
    approved(FIRE, replace(SEPTEMBER, rate=Decimal("0.9")))
    assert publish(plan).state == "published"


# Budgets


@pytest.mark.parametrize(
    ("cap", "levels"),
    [
        ("annual-visit-cap", ("district", "city")),
        ("annual-visit-cap-district", ("district",)),
        ("annual-visit-cap-city", ("city",)),
    ],
)
def test_each_cap_alone_holds_up_publishing_by_as_many_as_exceed_it(
    ground: Cast, cap: str, levels: tuple[str, ...]
) -> None:
    city, own = Agency.objects.get(code="110000-market"), ground.agency_a
    first, second, third, *_rest = restaurants()
    visited(first, own, times=2)
    visited(second, city, times=2)
    visited(third, own)
    visited(third, city)
    owner = CITY if levels == ("city",) else factories.OWN
    earlier = publish(approved(FIRE, SEPTEMBER))
    plan = approved(owner, JULY, AUTUMN)
    number(cap, 2)
    expected = over_by_hand([earlier, plan], 2, levels)
    assert expected > 0
    assert refused(lambda: publish(plan)) == (("plan.over-budget",), [expected])
    number(cap, 5)
    assert over_by_hand([earlier, plan], 5, levels) == 0
    assert publish(plan).state == "published"


def test_nothing_that_is_kept_can_be_accepted_and_nothing_without_a_reason(ground: Cast) -> None:
    plan = approved(factories.OWN, replace(JULY, rate=Decimal("0.25")))

    def accept(because: str) -> object:
        return services.accept_breach(
            actor="approver", now=NOW, plan=plan, breach=Breach.FLOOR, because=because
        )

    assert refused(lambda: accept("以防万一"))[0] == ("plan.nothing-broken",)
    number("coverage-floor", 0.9)
    assert refused(lambda: accept(" "))[0] == ("plan.acceptance-reason",)
    with pytest.raises(Refused, match="submitted"):
        services.accept_breach(actor="planner", now=NOW, plan=plan, breach=Breach.FLOOR, because="自己")


# Whom it would disturb


def test_firms_of_class_a_that_would_be_disturbed_are_counted_by_their_chances(ground: Cast) -> None:
    july, autumn = replace(JULY, rate=Decimal("0.5")), replace(AUTUMN, rate=Decimal("0.4"))
    plan = factories.plan(factories.OWN, july, autumn)
    firms = restaurants()
    good = firms[:5]
    Enterprise.objects.filter(pk__in=[firm.pk for firm in good]).update(risk_class="A")
    visited(good[0], ground.agency_a, TODAY - timedelta(days=10))
    visited(
        good[1], ground.agency_a, date(2025, 9, 1)
    )  # rests until 1 September: July is too early, autumn is not
    for firm in (good[2], firms[-1]):
        assert firm.region
        Listing.objects.create(
            enterprise=firm, region=firm.region, state="listed", since=NOW, listed_on=TODAY, weighed_at=NOW
        )
    ((_plan, check),) = queries.check_year([plan], TODAY)
    either = 1 - prod([0.5, 0.6])
    chances = {
        Disturbed.CLASS_A: [either] * 5,
        Disturbed.RESTING: [either, 0.5],
        Disturbed.UNDISTURBED: [either] * 2,
    }
    for what, wanted in chances.items():
        found = check.counts[what]
        assert (found.expected, found.reached) == (round(sum(wanted)), len(wanted)), what
        listed = queries.find_disturbed(plan, what)
        assert listed.chances == pytest.approx(sorted(wanted, reverse=True))
    assert set(queries.find_disturbed(plan, Disturbed.CLASS_A).ids) == {firm.pk for firm in good}
    assert not check.breaches, "said, but it stops nothing"


# The day of the law


@pytest.mark.parametrize(("day", "late"), [(31, False), (32, True)])
def test_a_plan_is_published_by_31_march_and_the_ledger_says_when_it_was_later(
    ground: Cast, day: int, late: bool
) -> None:
    plan = approved(factories.OWN, JULY)
    assert queries.list_publish_days([plan], TODAY) == {plan.pk: date(2026, 3, 31)}
    then = NOW.replace(month=3, day=1) + timedelta(days=day - 1)
    services.publish_plan(actor="planner", now=then, plan=plan)
    assert ledger.list_entries_of(plan.subject)[0].body["late"] is late
    amendment = services.amend_plan(actor="planner", now=NOW, plan=AnnualPlan.objects.get())
    assert queries.list_publish_days([amendment], TODAY) == {}, "an amendment has no such day"
