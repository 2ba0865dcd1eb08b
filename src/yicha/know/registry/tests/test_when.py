"""When people, things and enterprises can be there: said, taken back, imported, undone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.base.workdays import services as workdays
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.tests.files import bad_cells, check, load, put, text
from yicha.kernel.refusal import Refused
from yicha.know.registry import queries, rules, services
from yicha.know.registry.models import Absence, Equipment, VisitWish
from yicha.know.registry.terms import AbsenceKind, DayPart, EquipmentKind, WishFacts, WishKind

MONDAYS = WishFacts(WishKind.CLOSED, weekday=0)


def refused(function: object, **arguments: object) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        function(actor="test", now=NOW, **arguments)  # type: ignore[operator]
    return caught.value.codes


def absent(first: date = date(2026, 7, 6), last: date = date(2026, 7, 10), now: datetime = NOW) -> Absence:
    return services.record_absence(
        actor="test", now=now, certificate="T-0001", kind=AbsenceKind.LEAVE, from_on=first, until_on=last
    )


def wish(cast: Cast, facts: WishFacts, most: int = 5) -> VisitWish:
    return services.say_wish(
        actor="owner", now=NOW, uscc=cast.noodle_shop.uscc, wish=facts, because="盘点", most_closed=most
    )


# Absences


def test_an_absence_is_written_and_the_ledger_does_not_say_why(cast: Cast) -> None:
    absent()
    (row,) = queries.list_absences_between(date(2026, 7, 10), date(2026, 7, 20))
    assert (row.officer.certificate, row.kind, row.part) == ("T-0001", "leave", "")
    (entry,) = ledger.list_entries_of("officer:T-0001")
    assert entry.act == "absence.recorded" and "leave" not in str(entry.body)


def test_an_absence_of_nobody_or_that_ends_first_is_refused(cast: Cast) -> None:
    days = {"kind": AbsenceKind.LEAVE, "from_on": TODAY, "until_on": TODAY}
    assert refused(services.record_absence, certificate="X", **days) == ("registry.unknown-officer",)
    days["until_on"] = TODAY - timedelta(days=1)
    assert refused(services.record_absence, certificate="T-0001", **days) == ("days.order",)


def test_an_absence_is_recorded_once(cast: Cast) -> None:
    row = absent()
    days = {"kind": AbsenceKind.DUTY, "from_on": row.from_on, "until_on": row.until_on}
    assert refused(services.record_absence, certificate="T-0001", **days) == ("absence.known",)


def test_what_has_begun_ends_yesterday_and_what_is_over_stays(cast: Cast) -> None:
    row = absent()
    middle = NOW + timedelta(days=7)
    services.take_back_absence(actor="test", now=middle, absence=row)
    row.refresh_from_db()
    assert row.until_on == middle.date() - timedelta(days=1)
    with pytest.raises(Refused) as caught:
        services.take_back_absence(actor="test", now=middle, absence=row)
    assert caught.value.codes == ("absence.over",)


def test_an_absence_to_come_is_taken_back_whole(cast: Cast) -> None:
    services.take_back_absence(actor="test", now=NOW, absence=absent())
    assert not Absence.objects.exists()


# Equipment


def have(
    code: str = "gas-detector", kind: EquipmentKind = EquipmentKind.INSTRUMENT, count: int = 2
) -> Equipment:
    return services.set_equipment(
        actor="test", now=NOW, agency="110112-fire", kind=kind, code=code, name="可燃气体检测仪", count=count
    )


def test_equipment_is_counted_once_an_agency_and_can_be_removed(cast: Cast) -> None:
    have()
    row = have(count=3)
    assert Equipment.objects.get().count == 3
    services.remove_equipment(actor="test", now=NOW, equipment=row)
    assert queries.find_equipment("110112-fire", "gas-detector") is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "Gas Detector"}, "equipment.code"),
        ({"code": "car", "kind": EquipmentKind.VEHICLE}, "equipment.vehicle"),
        ({"code": "vehicle"}, "equipment.vehicle"),
        ({"name": " "}, "equipment.name"),
        ({"agency": "nobody"}, "registry.unknown-agency"),
    ],
)
def test_equipment_that_says_too_little_is_refused(cast: Cast, given: dict[str, object], code: str) -> None:
    whole = {"agency": "110112-fire", "kind": EquipmentKind.INSTRUMENT, "code": "x", "name": "x", "count": 1}
    assert refused(services.set_equipment, **{**whole, **given}) == (code,)


# Wishes


def test_a_wish_is_kept_until_it_is_taken_back(cast: Cast) -> None:
    row = wish(cast, MONDAYS)
    assert queries.list_wish_facts([cast.noodle_shop.pk]) == {cast.noodle_shop.pk: [MONDAYS]}
    services.take_back_wish(actor="owner", now=NOW, wish=row)
    assert queries.list_wish_facts() == {}


def test_a_wish_is_kept_once(cast: Cast) -> None:
    wish(cast, MONDAYS)
    given = {"uscc": cast.noodle_shop.uscc, "wish": MONDAYS, "most_closed": 5}
    assert refused(services.say_wish, **given) == ("wish.known",)


def test_an_enterprise_is_not_closed_more_often_than_the_law_s_number(cast: Cast) -> None:
    workdays.seed(years=range(2026, 2028))
    wish(cast, MONDAYS)
    given = {"uscc": cast.noodle_shop.uscc, "most_closed": 5}
    tuesdays = WishFacts(WishKind.CLOSED, weekday=1)
    assert refused(services.say_wish, wish=tuesdays, **given) == ("wish.closed-too-often",)
    one = WishFacts(WishKind.CLOSED, None, date(2026, 7, 7), date(2026, 7, 7), DayPart.MORNING)
    assert wish(cast, one).part == "am"
    preferred = WishFacts(WishKind.PREFERRED, weekday=1)
    assert wish(cast, preferred).kind == "preferred"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (WishFacts(WishKind.CLOSED), "wish.days"),
        (WishFacts(WishKind.CLOSED, from_on=TODAY), "wish.days"),
        (WishFacts(WishKind.CLOSED, weekday=7), "wish.weekday"),
        (WishFacts(WishKind.CLOSED, None, TODAY, TODAY - timedelta(days=1)), "days.order"),
    ],
)
def test_a_wish_that_names_no_days_is_refused(cast: Cast, facts: WishFacts, code: str) -> None:
    given = {"uscc": cast.noodle_shop.uscc, "wish": facts, "most_closed": 5}
    assert refused(services.say_wish, **given) == (code,)


def test_a_wish_of_an_unknown_enterprise_is_refused(cast: Cast) -> None:
    given = {"uscc": "X", "wish": MONDAYS, "most_closed": 5}
    assert refused(services.say_wish, **given) == ("registry.unknown-enterprise",)


DAYS = [date(2026, 7, 1) + timedelta(days=number) for number in range(62)]
WISHES = st.builds(
    WishFacts,
    st.sampled_from(WishKind),
    st.integers(0, 6),
    st.none() | st.sampled_from(DAYS),
    st.none() | st.sampled_from(DAYS),
    st.none() | st.sampled_from(DayPart),
)


@given(st.lists(WISHES, max_size=4), st.integers(0, 6))
def test_of_a_month_no_more_half_days_are_closed_than_the_number(wishes: list[WishFacts], most: int) -> None:
    working = [day for day in DAYS if day.weekday() < 5]
    closed = rules.list_closed(wishes, working, most)
    assert closed <= rules.list_wished(wishes, working)
    for month in (7, 8):
        held = [half for half in closed if half[0].month == month]
        assert len(held) <= 2 * most
    if not rules.check_closed(wishes, working, most):
        shut = (one for one in wishes if one.kind is WishKind.CLOSED)
        assert closed == rules.list_wished(shut, working), "what was allowed holds whole"


# Imports

ABSENCES = ("执法证号", "缺勤类型", "开始日期", "结束日期", "时段")
EQUIPMENT = ("部门代码", "设备类型", "设备代码", "设备名称", "数量")
WISHES_HEADERS = ("统一社会信用代码", "意愿", "星期", "开始日期", "结束日期", "时段", "原因")


def test_a_table_of_absences_comes_in_twice_without_harm_and_goes_out_again(
    cast: Cast, tmp_path: Path
) -> None:
    rows = [
        ["T-0001", "休假", "2026-07-06", "2026-07-10", "上午"],
        ["T-0002", "培训", "2026-07-06", "2026-07-06", ""],
    ]
    entry = load(put(tmp_path, text(rows, headers=ABSENCES)), "absences")
    assert set(Absence.objects.values_list("officer__certificate", "kind", "part")) == {
        ("T-0001", "leave", "am"),
        ("T-0002", "training", ""),
    }
    rows[1][1] = "公务"
    load(put(tmp_path, text(rows, headers=ABSENCES)), "absences")
    assert Absence.objects.get(officer__certificate="T-0002").kind == "duty"
    assert Absence.objects.count() == 2
    assert entry.pk


def test_what_is_wrong_in_a_table_of_absences_is_named_by_cell(cast: Cast, tmp_path: Path) -> None:
    rows = [
        ["X-1", "休假", "2026-07-06", "2026-07-10", ""],
        ["T-0001", "赌博", "2026-07-06", "2026-07-01", ""],
    ]
    entry = check(put(tmp_path, text(rows, headers=ABSENCES)), "absences")
    assert {column for _row, column, _code in bad_cells(entry)} == {"certificate", "kind", "until_on"}


def test_a_table_of_equipment_is_counted_and_undone(cast: Cast, tmp_path: Path) -> None:
    have()
    rows = [
        ["110112-fire", "专用设备", "gas-detector", "气体检测仪", "5"],
        ["110112-fire", "车辆", "vehicle", "执法车", "2"],
    ]
    entry = load(put(tmp_path, text(rows, headers=EQUIPMENT)), "equipment")
    assert dict(Equipment.objects.values_list("code", "count")) == {"gas-detector": 5, "vehicle": 2}
    exchange.undo(entry, actor="test", now=NOW)
    assert dict(Equipment.objects.values_list("code", "count")) == {"gas-detector": 2}


def test_vehicles_have_the_code_of_vehicles(cast: Cast, tmp_path: Path) -> None:
    rows = [["110112-fire", "车辆", "car", "执法车", "2"]]
    entry = check(put(tmp_path, text(rows, headers=EQUIPMENT)), "equipment")
    assert [column for _row, column, _code in bad_cells(entry)] == ["equipment"]


def test_a_table_of_wishes_comes_in_and_goes_out(cast: Cast, tmp_path: Path) -> None:
    uscc = cast.noodle_shop.uscc
    rows = [
        [uscc, "不便", "周一", "", "", "", "盘点"],
        [uscc, "希望", "", "2026-07-06", "2026-07-08", "下午", ""],
    ]
    entry = load(put(tmp_path, text(rows, headers=WISHES_HEADERS)), "visit-wishes")
    assert queries.list_wish_facts()[cast.noodle_shop.pk] == [
        MONDAYS,
        WishFacts(WishKind.PREFERRED, None, date(2026, 7, 6), date(2026, 7, 8), DayPart.AFTERNOON),
    ]
    exchange.undo(entry, actor="test", now=NOW)
    assert not VisitWish.objects.exists()


def test_a_wish_without_days_is_named_in_its_table(cast: Cast, tmp_path: Path) -> None:
    rows = [[cast.noodle_shop.uscc, "不便", "", "2026-07-06", "", "", ""]]
    entry = check(put(tmp_path, text(rows, headers=WISHES_HEADERS)), "visit-wishes")
    assert [column for _row, column, _code in bad_cells(entry)] == ["weekday"]
