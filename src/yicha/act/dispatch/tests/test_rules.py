"""Rules of dispatch without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.act.dispatch.rules import ics, notices, sending
from yicha.act.dispatch.terms import (
    Assent,
    CalendarEvent,
    Change,
    EventState,
    ItemFacts,
    OfficerFacts,
    VisitFacts,
)
from yicha.kernel import clock

TODAY, DAY = date(2026, 7, 1), date(2026, 7, 20)


def officer(number: int, **other: object) -> OfficerFacts:
    facts = {
        "certificate": f"T-{number}",
        "name": f"甲{number}",
        "agency": "market",
        "active": True,
        "valid_from": date(2024, 1, 1),
        "valid_until": date(2027, 12, 31),
    }
    return OfficerFacts(**{**facts, **other})  # type: ignore[arg-type]


def visit(**other: object) -> VisitFacts:
    facts = {
        "key": "v",
        "contact_id": 1,
        "enterprise_id": 1,
        "uscc": "91110112MA00000011",
        "enterprise": "老面馆",
        "address": "马驹桥镇 1 号",
        "lead": "market",
        "lead_name": "市场监管局",
        "round": "2026Q3",
        "kind": "日常检查",
        "trigger": "双随机",
        "is_planned": True,
        "is_dispatched": False,
        "may_be_unannounced": False,
        "day": DAY,
        "part": "am",
        "regions": ("110112",),
        "running": 1,
        "simulated": False,
        "agencies": {"market": "市场监管局"},
        "assents": {"market": Assent.ACCEPTED},
        "officers": (officer(1), officer(2)),
        "items": (ItemFacts("market", "m-1", "许可", "食品安全法", ("营业执照",)),),
    }
    return VisitFacts(**{**facts, **other})  # type: ignore[arg-type]


def codes(facts: VisitFacts) -> list[str]:
    return [reason.code for reason in sending.check_prepare(facts, TODAY, 2)]


def test_a_visit_that_everybody_accepted_and_two_officers_go_to_may_be_sent_out() -> None:
    assert codes(visit()) == []
    assert codes(visit(assents={"market": Assent.ITSELF})) == []


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"is_planned": False}, "dispatch.not-planned"),
        ({"is_dispatched": True}, "dispatch.already"),
        ({"day": None}, "dispatch.no-day"),
        ({"day": date(2026, 6, 30)}, "dispatch.day-past"),
        ({"items": ()}, "dispatch.no-items"),
        ({"assents": {"market": Assent.ASKED}}, "dispatch.not-accepted"),
        ({"assents": {"market": Assent.DECLINED}}, "dispatch.not-accepted"),
        ({"assents": {}}, "dispatch.not-accepted"),
        ({"officers": (officer(1),)}, "dispatch.too-few-officers"),
        ({"officers": (officer(1), officer(2, agency="fire"))}, "dispatch.too-few-officers"),
        ({"officers": (officer(1), officer(2, active=False))}, "dispatch.certificate"),
        ({"officers": (officer(1), officer(2, valid_until=date(2026, 7, 19)))}, "dispatch.certificate"),
        ({"officers": (officer(1), officer(2, recused=True))}, "dispatch.recused"),
    ],
)
def test_what_alone_keeps_a_visit_from_being_sent_out(other: dict[str, object], code: str) -> None:
    assert codes(visit(**other)) == [code]


def test_a_visit_comes_unannounced_only_where_its_trigger_says_so_and_with_a_reason() -> None:
    assert sending.check_unannounced(visit(may_be_unannounced=True), "投诉") == []
    (refused,) = sending.check_unannounced(visit(), "投诉")
    assert refused.code == "dispatch.must-be-announced"
    (refused,) = sending.check_unannounced(visit(may_be_unannounced=True), "  ")
    assert refused.code == "dispatch.unannounced-reason"


def test_a_head_approves_what_is_his_once_and_not_his_own_paper() -> None:
    def check(agency: str, given: set[str], actor: str) -> list[str]:
        found = sending.check_approve("1", agency, {"market", "fire"}, given, actor, "planner")
        return [reason.code for reason in found]

    assert check("market", set(), "head") == []
    assert check("water", set(), "head") == ["dispatch.not-your-part"]
    assert check("market", {"market"}, "head") == ["dispatch.approved-before"]
    assert check("market", {"fire"}, "planner") == ["dispatch.own-paper"]


def test_a_notice_is_due_ten_days_ahead_and_later_only_with_a_reason() -> None:
    due = sending.notice_due_on(DAY, 10)
    assert due == date(2026, 7, 10)

    def check(today: date, because: str = "") -> list[str]:
        return [reason.code for reason in sending.check_notice("1", due, DAY, today, because)]

    assert check(due) == []
    assert check(date(2026, 7, 11)) == ["dispatch.late-reason"]
    assert check(date(2026, 7, 11), "  ") == ["dispatch.late-reason"]
    assert check(DAY, "急") == []
    assert check(date(2026, 7, 21), "急") == ["dispatch.too-late"]


def test_papers_of_all_agencies_are_one_list_without_doubles() -> None:
    merged = sending.merge_papers([["营业执照", "许可证"], [" 营业执照 ", "", "维护记录"]])
    assert merged == ["营业执照", "许可证", "维护记录"]


def test_a_later_version_says_what_came_and_what_went_and_nothing_else() -> None:
    before = notices.say(visit(), ["营业执照"])
    assert notices.list_changes(before, notices.say(visit(running=3), ["营业执照"])) == []
    after = notices.say(
        visit(day=date(2026, 7, 21), part="pm", officers=(officer(1), officer(3))), ["营业执照", "许可证"]
    )
    assert notices.list_changes(before, after) == [
        Change("day", "2026-07-20 am", "2026-07-21 pm"),
        Change("officers", "甲2（T-2）", "甲3（T-3）"),
        Change("papers", "", "许可证"),
    ]


def event(**other: object) -> CalendarEvent:
    begins, ends = ics.hours_of(DAY, "am", clock.BEIJING)
    facts = {
        "uid": "v@yicha",
        "begins_at": begins,
        "ends_at": ends,
        "title": "北京马驹桥老面馆",
        "place": "马驹桥镇, 景盛南二街; 29 号",
        "text": "事项\n食品",
        "state": EventState.CONFIRMED,
        "sequence": 2,
    }
    return CalendarEvent(**{**facts, **other})  # type: ignore[arg-type]


def test_a_calendar_is_written_as_rfc_5545_asks() -> None:
    text = ics.write_calendar(
        "检查", [event(), event(state=EventState.TENTATIVE)], datetime(2026, 7, 1, 1, tzinfo=UTC)
    )
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert "DTSTART:20260720T010000Z" in lines and "DTEND:20260720T040000Z" in lines
    assert "LOCATION:马驹桥镇\\, 景盛南二街\\; 29 号" in lines
    assert "DESCRIPTION:事项\\n食品" in lines
    assert lines.count("STATUS:CONFIRMED") == lines.count("STATUS:TENTATIVE") == 1


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=300))
def test_folded_lines_are_short_and_unfold_to_what_they_were(text: str) -> None:
    folded = ics.fold(text)
    assert all(len(line.encode()) <= 75 for line in folded)
    assert "\r\n".join(folded).replace("\r\n ", "") == text


def test_no_line_of_a_text_ends_a_property_early() -> None:
    assert ics.escape("a\r\nEND:VEVENT\x00\x07,b;c\\") == "a\\nEND:VEVENT\\,b\\;c\\\\"
