"""Which attendances count, and who may read how officers compare."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import NOW, Cast, officer, person
from yicha.base.accounts import services as accounts
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.drawing.terms import DrawState
from yicha.know.visits.terms import ResultCode
from yicha.share.evaluation import queries
from yicha.share.evaluation.terms.officers import OfficerRate, OfficerReport
from yicha.share.evaluation.tests import factories

OK, ORDERED = ResultCode.NO_PROBLEM, ResultCode.CORRECTION_ORDERED
PAIR = ("T-0001", "T-0002")


def compared(
    agency: str = "110112-market", since: date | None = None, until: date | None = None
) -> OfficerReport:
    return queries.compare_officers(agencies=[agency], since=since, until=until, seed=1)


def rates(report: OfficerReport) -> dict[str, OfficerRate]:
    return {one.officer: one for agency in report.agencies for one in agency.officers}


def test_an_attendance_is_one_officer_at_one_visit_however_many_items(cast: Cast) -> None:
    factories.officers_draw()
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, ORDERED)
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, OK)
    found = rates(compared())
    assert set(found) == set(PAIR)
    assert [(one.visits, one.findings) for one in found.values()] == [(2, 1), (2, 1)]


def test_an_officer_who_was_not_drawn_does_not_count_and_is_counted_as_left_out(cast: Cast) -> None:
    factories.officers_draw()
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, ORDERED)
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, ORDERED, draw_id="")
    report = compared()
    assert [one.visits for one in rates(report).values()] == [1, 1]
    assert report.not_drawn == 2


def test_a_substitute_does_not_count_but_the_drawn_colleague_does(cast: Cast) -> None:
    factories.officers_draw()
    part = factories.attended(cast.noodle_shop, cast.agency_a, PAIR, OK)
    substitute = officer("T-0009", "甲九", cast.agency_a)
    part.crew.filter(officer__certificate="T-0002").update(officer=substitute)
    report = compared()
    assert set(rates(report)) == {"T-0001"}
    assert report.not_drawn == 1


@pytest.mark.parametrize("state", [DrawState.VOID, DrawState.PUBLISHED])
def test_a_draw_without_a_result_that_stands_decides_nothing(cast: Cast, state: DrawState) -> None:
    factories.officers_draw(state=state)
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, OK)
    assert not compared().agencies


def test_an_enterprise_that_was_gone_gave_nothing_to_find(cast: Cast) -> None:
    factories.officers_draw()
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, ResultCode.MOVED_OUT)
    assert not compared().agencies


def test_draws_are_never_mixed(cast: Cast) -> None:
    """Nobody was as likely to get a visit of a quarter for which others were drawn."""
    factories.officers_draw()
    factories.officers_draw("yizhuang-2026-0010")
    officer("T-0005", "甲五", cast.agency_a)
    officer("T-0006", "甲六", cast.agency_a)
    for _ in range(3):
        factories.attended(cast.noodle_shop, cast.agency_a, PAIR, ORDERED)
        factories.attended(
            cast.noodle_shop, cast.agency_a, ("T-0005", "T-0006"), OK, draw_id="yizhuang-2026-0010"
        )
    for one in rates(compared()).values():
        assert one.expected == one.findings


def test_a_period_narrows_the_visits(cast: Cast) -> None:
    factories.officers_draw()
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, OK)
    assert compared(since=date(2026, 7, 1), until=date(2026, 7, 1)).agencies
    assert not compared(since=date(2026, 7, 2)).agencies
    assert not compared(until=date(2026, 6, 30)).agencies


def test_only_the_agencies_that_were_asked_for_are_compared(cast: Cast) -> None:
    factories.officers_draw()
    factories.attended(cast.noodle_shop, cast.agency_a, PAIR, OK)
    assert not compared("110112-fire").agencies


def test_a_sharp_officer_stands_out_and_the_report_is_the_same_each_time(cast: Cast) -> None:
    factories.drawn_season(cast.noodle_shop, cast.agency_a, 60)
    report = compared()
    assert report == compared()
    (agency,) = report.agencies
    sharp = rates(report)["T-0002"]
    assert sharp.stands_out
    assert sharp.expected_rate < sharp.estimate <= sharp.rate
    assert agency.spread_p is not None
    assert agency.spread_p < 0.05


def test_a_coordination_office_may_compare_the_officers_of_every_agency_in_its_place(cast: Cast) -> None:
    assert set(queries.list_readable_agencies(cast.coordinator)) == {
        "110112-market",
        "110112-fire",
        "110115-fire",
    }
    local = person("local", "通州协调员", GrantFacts(Role.COORDINATOR, region="110112"))
    assert set(queries.list_readable_agencies(local)) == {"110112-market", "110112-fire"}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_no_other_role_may(cast: Cast, role: Role) -> None:
    enterprise = cast.noodle_shop.uscc if role is Role.ENTERPRISE else ""
    someone = person("someone", "某人", GrantFacts(role, enterprise=enterprise))
    assert queries.list_readable_agencies(someone) == {}


def test_nobody_compares_the_officers_of_the_own_agency(cast: Cast) -> None:
    """A coordinator who also serves an agency reads all but that one; one of an agency reads none of it."""
    accounts.grant(
        actor="test",
        now=NOW,
        user=cast.coordinator,
        facts=GrantFacts(Role.OFFICER, "110112-market", "110112"),
    )
    again = type(cast.coordinator).objects.get(pk=cast.coordinator.pk)
    assert set(queries.list_readable_agencies(again)) == {"110112-fire", "110115-fire"}
    inside = person("inside", "局内协调员", GrantFacts(Role.COORDINATOR, "110112-market", "110112"))
    assert queries.list_readable_agencies(inside) == {}


def test_names_are_those_of_officers_whom_the_person_sees_in_the_register(cast: Cast) -> None:
    local = person("local", "通州协调员", GrantFacts(Role.COORDINATOR, region="110112"))
    assert queries.list_names(local, ["T-0001", "D-0001"]) == {"T-0001": "甲一"}
