"""The calendar on the desk: who sees which visits, what numbers open to, moving by hand, calendars kept or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate import testing
from procrastinate.contrib.django import procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.cast import NOW, Cast, person
from tests.stories.planned import MONDAY, planned
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.planning.models import Round, VisitOfficer
from yicha.decide.scheduling import jobs, services
from yicha.decide.scheduling.models import Pin, Placement, Schedule
from yicha.doors.desk.waiting import list_waiting
from yicha.kernel import clock
from yicha.know.registry.models import Absence, Enterprise, Officer, Region
from yicha.know.visits.models import Contact
from yicha.site import environment

LIST = "/desk/calendar/"


@pytest.fixture
def quarter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[Round, list[Contact]]:
    """It is the morning of 1 July 2026, and the quarter's visits have their half days."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return planned()


@pytest.fixture
def round_(quarter: tuple[Round, list[Contact]]) -> Round:
    return quarter[0]


@pytest.fixture
def visits(quarter: tuple[Round, list[Contact]]) -> list[Contact]:
    return quarter[1]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def see(user: User, address: str, status: int = 200) -> str:
    answer = signed_in(user).get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def send(user: User, name: str, key: Any, data: dict[str, Any] | None = None, status: int = 302) -> Any:
    answer = signed_in(user).post(reverse(f"desk:calendar:{name}", args=[key]), data or {})
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer


def region_of(contact: Contact) -> str:
    return contact.enterprise.region.code if contact.enterprise.region else ""


def test_the_week_of_the_next_visit_opens_by_itself(cast: Cast, visits: list[Contact]) -> None:
    text = see(cast.coordinator, LIST)
    assert "2026-07-20 – 2026-07-26" in text
    for visit in visits[:5]:
        assert visit.enterprise.name in text
    assert visits[5].enterprise.name not in text, "it is of the next week"


def test_filters_narrow_by_region_agency_and_officer(cast: Cast, visits: list[Contact]) -> None:
    here = [visit for visit in visits[:5] if region_of(visit) == "110112"]
    assert here
    only = see(cast.coordinator, f"{LIST}?on=2026-07-20&region=110115")
    assert here[0].enterprise.name not in only
    assert here[0].enterprise.name in see(cast.coordinator, f"{LIST}?on=2026-07-20&agency=110112-market")
    assert here[0].enterprise.name not in see(cast.coordinator, f"{LIST}?on=2026-07-20&officer=T-0001")
    goes(here[0], "T-0001")
    assert here[0].enterprise.name in see(cast.coordinator, f"{LIST}?on=2026-07-20&officer=T-0001")


def goes(visit: Contact, certificate: str) -> None:
    officer = Officer.objects.get(certificate=certificate)
    VisitOfficer.objects.create(contact=visit, agency=officer.agency, officer=officer, draw_id="d")


def test_a_planner_sees_the_visits_of_the_own_agency_alone(cast: Cast, visits: list[Contact]) -> None:
    other = next(visit for visit in visits if region_of(visit) == "110115")
    text = see(cast.planner, f"{LIST}?on={other.planned_on}")
    assert other.enterprise.name not in text
    see(cast.planner, reverse("desk:calendar:visit", args=[other.uuid]), 404)
    see(cast.planner, reverse("desk:calendar:enterprise", args=[other.enterprise.uscc]), 404)
    assert other.enterprise.name not in see(cast.planner, f"{LIST}day/{other.planned_on}/")
    send(cast.planner, "try", other.uuid, {"day": "2026-08-10", "part": "am"}, 404)


def test_officers_have_rows_with_visits_and_absences(cast: Cast, visits: list[Contact]) -> None:
    visit = next(visit for visit in visits if region_of(visit) == "110112")
    goes(visit, "T-0001")
    assert visit.planned_on is not None
    Absence.objects.create(
        officer=Officer.objects.get(certificate="T-0003"),
        kind="training",
        from_on=visit.planned_on,
        until_on=visit.planned_on,
    )
    text = see(cast.coordinator, f"{LIST}officers/?on={visit.planned_on}")
    assert text.count("cal-chip") == 1
    assert "培训" in text and "is-away" in text


def test_many_visits_ask_the_database_as_often_as_few(cast: Cast, visits: list[Contact]) -> None:
    client = signed_in(cast.coordinator)
    days = f"on={MONDAY}"
    pages = [
        f"{LIST}?{days}",
        f"{LIST}?{days}&show=month",
        f"{LIST}officers/?{days}",
        f"{LIST}enterprises/",
        f"{LIST}day/{MONDAY}/",
    ]
    Contact.objects.exclude(pk=visits[0].pk).update(planned_on=None)

    def count(page: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        return len(asked)

    goes(visits[0], "T-0001")
    few = [(count(page), count(page))[1] for page in pages]
    for visit, certificate in zip(
        visits[1:6], ["T-0001", "T-0002", "T-0003", "T-0001", "T-0002"], strict=True
    ):
        Contact.objects.filter(pk=visit.pk).update(planned_on=MONDAY)
        goes(visit, certificate)
    assert [count(page) for page in pages] == few


def test_an_empty_calendar_says_what_to_do(cast: Cast) -> None:
    text = see(cast.coordinator, LIST)
    assert "这些日期没有检查" in text
    assert reverse("desk:calendar:runs") in text
    assert reverse("desk:matching:list") in see(cast.coordinator, reverse("desk:calendar:runs"))


@pytest.mark.parametrize(
    "query", ["on=nonsense", "on=9999-12-31", "on=0001-01-01", "region=x&officer=y&page=x"]
)
def test_a_wrong_address_narrows_nothing(cast: Cast, visits: list[Contact], query: str) -> None:
    for way in ("", "officers/", "enterprises/"):
        see(cast.coordinator, f"{LIST}{way}?{query}")


def test_a_day_that_is_none_is_not_found(cast: Cast) -> None:
    for day in ("nonsense", "20260720", "9999-99-99"):
        see(cast.coordinator, f"{LIST}day/{day}/", 404)


def test_every_number_of_the_board_opens_to_exactly_its_rows(
    cast: Cast, round_: Round, visits: list[Contact]
) -> None:
    Contact.objects.filter(pk=visits[0].pk).update(planned_part="")
    services.pin(actor="office", now=NOW, contact=visits[1], because="企业停产检修")
    for user in (cast.coordinator, cast.planner):
        text = see(user, reverse("desk:matching:tab", args=[round_.code, "board"]))
        tiles = re.findall(
            r'<a class="number" href="([^"#]+)">.*?<span class="number-value">([\d,]+)', text, re.S
        )
        assert len(tiles) == 17, "eleven of demands, six of visits"
        for address, shown in tiles:
            listed = see(user, address.replace("&amp;", "&"))
            rows = re.search(r'class="list-count"[^>]*>.*?<strong>([\d,]+)', listed, re.S)
            assert rows is not None and rows[1] == shown, address


def test_a_drag_is_answered_in_words_and_writes_nothing(cast: Cast, visits: list[Contact]) -> None:
    visit = visits[0]
    free = {"day": str(visit.planned_on), "part": "pm"}
    assert send(cast.coordinator, "try", visit.uuid, free, 200).json()["free"] is True
    sunday = {"day": str(MONDAY + timedelta(days=6)), "part": "am"}
    answer = send(cast.coordinator, "try", visit.uuid, sunday, 200).json()
    assert answer["free"] is False and answer["reasons"][0]["sentence"]
    nothing = send(cast.coordinator, "try", visit.uuid, {"day": "x", "part": "night"}, 200).json()
    assert nothing["free"] is False
    visit.refresh_from_db()
    assert visit.planned_part == "am" and not Schedule.objects.exists()


def test_a_drop_moves_and_pins_or_says_why_not(cast: Cast, visits: list[Contact]) -> None:
    visit = visits[0]
    free = {"day": str(visit.planned_on), "part": "pm"}
    assert send(cast.coordinator, "drop", visit.uuid, free, 200).json()["free"] is True
    visit.refresh_from_db()
    assert visit.planned_part == "pm" and Pin.objects.filter(contact=visit).exists()
    outside = {"day": "2026-12-01", "part": "am"}
    assert send(cast.coordinator, "drop", visit.uuid, outside, 200).json()["reasons"]
    visit.refresh_from_db()
    assert visit.planned_part == "pm"


def test_a_form_moves_as_a_drag_does(cast: Cast, visits: list[Contact]) -> None:
    visit = visits[0]
    address = reverse("desk:calendar:move", args=[visit.uuid])
    page = see(cast.coordinator, address)
    assert f"?day={visit.planned_on}&amp;part=pm" in page, "free half days are offered"
    assert f"?day={visit.planned_on}&amp;part=am" not in page, "the one where it stands is not"
    refused = send(cast.coordinator, "move", visit.uuid, {"day": "2026-12-01", "part": "am"}, 409)
    assert "errorlist" in refused.content.decode() or "role=" in refused.content.decode()
    moved = send(cast.coordinator, "move", visit.uuid, {"day": visit.planned_on, "part": "pm"})
    assert moved["Location"] == reverse("desk:calendar:visit", args=[visit.uuid])
    visit.refresh_from_db()
    assert visit.planned_part == "pm"


def test_a_visit_is_pinned_with_a_reason_and_unpinned(cast: Cast, visits: list[Contact]) -> None:
    visit = visits[0]
    send(cast.coordinator, "pin", visit.uuid, {"because": " "}, 409)
    send(cast.coordinator, "pin", visit.uuid, {"because": "企业停产检修"})
    assert "企业停产检修" in see(cast.coordinator, reverse("desk:calendar:visit", args=[visit.uuid]))
    assert "已锁定" in see(cast.coordinator, f"{LIST}?on={visit.planned_on}")
    send(cast.coordinator, "unpin", visit.uuid)
    assert not Pin.objects.exists()
    send(cast.coordinator, "unpin", visit.uuid, status=409)


@pytest.mark.parametrize("act", ["try", "drop", "move", "pin", "unpin"])
def test_who_only_sees_moves_nothing(cast: Cast, visits: list[Contact], act: str) -> None:
    auditor = person("auditor", "审计员", GrantFacts(Role.AUDITOR))
    assert visits[0].enterprise.name in see(auditor, f"{LIST}?on={visits[0].planned_on}")
    assert 'draggable="true"' not in see(auditor, f"{LIST}?on={visits[0].planned_on}")
    send(auditor, act, visits[0].uuid, {"day": "2026-07-20", "part": "pm", "because": "x"}, 404)


def proposed(round_: Round, visits: list[Contact]) -> Schedule:
    """A calendar that moves the first visit to the afternoon and finds no place for the second."""
    made = Schedule.objects.create(
        round=round_,
        number=1,
        cause="absence",
        state="proposed",
        actor="office",
        params={"officer": "T-0001"},
        asked_at=NOW,
        ended_at=NOW,
        report={
            "visits": 3,
            "placed": 2,
            "stopped": True,
            "objectives": {"unplaced": [1, 1], "moves": [1, 1], "load": [82, 80], "travel": [0, 0]},
        },
    )
    why = [{"barred": "quiet", "resource": None, "slots": [["2026-07-21", "am"]]}]
    for visit, part, reasons in ((visits[0], "pm", []), (visits[1], "", why), (visits[2], "am", [])):
        Placement.objects.create(
            schedule=made,
            contact=visit,
            day=visit.planned_on if part else None,
            part=part,
            was_day=visit.planned_on,
            was_part="am",
            why=reasons,
        )
    return made


def test_a_calendar_says_how_good_it_is_and_what_it_changes(
    cast: Cast, round_: Round, visits: list[Contact]
) -> None:
    made = proposed(round_, visits)
    text = see(cast.coordinator, reverse("desk:calendar:run", args=[made.uuid]))
    assert "已证明最优" in text and "至多还可再减 2.44 %" in text and "提前结束" in text
    moved, homeless, stays = (visits[number].enterprise.name for number in range(3))
    assert moved in text and homeless in text and stays not in text
    assert "宁静日" in text or "2026-07-21" in text
    assert "甲一" in text, "who cannot come is named"
    assert reverse("desk:equipment:list") in text, "what helps visits without a place"
    assert text.count("btn-primary") == 1, "one primary button: keep"
    assert any(one.url.endswith(f"{made.uuid}/") for one in list_waiting(cast.coordinator))


def test_changes_of_visits_that_one_may_not_see_are_counted_not_named(
    cast: Cast, round_: Round, visits: list[Contact]
) -> None:
    theirs = [visit for visit in visits if region_of(visit) == "110115"][:3]
    made = proposed(round_, theirs)
    text = see(cast.planner, reverse("desk:calendar:run", args=[made.uuid]))
    assert theirs[0].enterprise.name not in text and "另有 2 项变动" in text
    assert reverse("desk:calendar:keep", args=[made.uuid]) not in text
    assert not any(str(made.uuid) in one.url for one in list_waiting(cast.planner))


@pytest.mark.parametrize("act", ["stop", "keep", "discard"])
def test_only_the_office_decides_on_a_calendar(
    cast: Cast, round_: Round, visits: list[Contact], act: str
) -> None:
    made = proposed(round_, visits)
    send(cast.planner, act, made.uuid, status=404)
    made.refresh_from_db()
    assert made.state == "proposed"


def test_a_calendar_is_discarded_and_nothing_moves(cast: Cast, round_: Round, visits: list[Contact]) -> None:
    made = proposed(round_, visits)
    send(cast.coordinator, "discard", made.uuid)
    made.refresh_from_db()
    assert made.state == "discarded"
    assert set(Contact.objects.filter(round=round_.code).values_list("planned_part", flat=True)) == {"am"}


def test_a_calendar_is_made_as_a_job_followed_stopped_and_kept(
    cast: Cast,
    round_: Round,
    visits: list[Contact],
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    queue = testing.InMemoryConnector()
    with procrastinate_app.current_app.replace_connector(queue):
        went = send(cast.coordinator, "make", round_.code, {"cause": "officers", "seed": 7})["Location"]
        made = Schedule.objects.get()
        assert (made.seed, made.state, went) == (7, "queued", reverse("desk:calendar:run", args=[made.uuid]))
        bar = reverse("desk:calendar:progress", args=[made.uuid])
        assert f'hx-get="{bar}"' in see(cast.coordinator, went)
        assert "等待后台执行" in see(cast.coordinator, bar)
        again = send(cast.coordinator, "make", round_.code, {"cause": "officers", "seed": 8}, 409)
        assert "正在" in again.content.decode()
        send(cast.coordinator, "stop", made.uuid)
        assert "目前最优" in see(cast.coordinator, bar)
        Schedule.objects.update(params={"effort": 0.2})
        (job,) = queue.jobs.values()
        jobs.make_schedule(**job["args"])
    made.refresh_from_db()
    assert made.state == "proposed", made.reasons
    answer = signed_in(cast.coordinator).get(bar, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == went
    with django_capture_on_commit_callbacks(execute=True):
        send(cast.coordinator, "keep", made.uuid)
    asked = ProcrastinateJob.objects.filter(task_name="dispatch.follow", status="todo")
    assert asked.count() == 1, "changed notices go out by a worker, not while somebody waits for the page"
    made.refresh_from_db()
    assert made.state == "kept"
    text = see(cast.coordinator, reverse("desk:calendar:round", args=[round_.code]))
    assert reverse("desk:calendar:absent", args=[round_.code]) in text


def test_an_officer_who_cannot_come_is_recorded_even_when_nothing_moves(
    cast: Cast, round_: Round, visits: list[Contact]
) -> None:
    given = {
        "officer": "T-0001",
        "from_on": "2026-07-20",
        "until_on": "2026-07-24",
        "part": "",
        "kind": "leave",
    }
    went = send(cast.coordinator, "absent", round_.code, given)["Location"]
    assert Absence.objects.get().officer.certificate == "T-0001"
    assert went == reverse("desk:calendar:round", args=[round_.code]) and not Schedule.objects.exists()
    send(cast.planner, "absent", round_.code, given, 404)


Form = dict[str, str]


@pytest.mark.parametrize(
    ("name", "key", "form", "cause"),
    [
        (
            "lost",
            lambda round_, _visit: round_.code,
            {"day": "2026-07-20", "part": "", "because": "暴雨红色预警"},
            "day-lost",
        ),
        (
            "wish",
            lambda _round, visit: visit.uuid,
            {"day": "2026-07-22", "part": "pm", "because": "当日盘点"},
            "wish",
        ),
    ],
)
def test_what_has_changed_makes_a_calendar_that_waits_to_be_kept(
    cast: Cast,
    round_: Round,
    visits: list[Contact],
    name: str,
    key: Callable[[Round, Contact], Any],
    form: Form,
    cause: str,
) -> None:
    target = key(round_, visits[0])
    with procrastinate_app.current_app.replace_connector(testing.InMemoryConnector()):
        see(cast.coordinator, reverse(f"desk:calendar:{name}", args=[target]))
        send(cast.planner, name, target, form, 404)
        assert send(cast.coordinator, name, target, {**form, "because": ""}, 422)
        went = send(cast.coordinator, name, target, form)["Location"]
    made = Schedule.objects.get()
    assert (made.cause, went) == (cause, reverse("desk:calendar:run", args=[made.uuid]))
    visits[0].refresh_from_db()
    assert visits[0].planned_on == MONDAY, "nothing moves before it is kept"
    assert form["because"] in see(cast.coordinator, went), "who decides reads why"
    if cause == "wish":
        own = region_of(visits[0]) == "110112"
        assert (form["because"] in see(cast.planner, went)) == own, "of visits that one may see"


def test_a_visit_stands_on_the_map_exactly_roughly_or_not_at_all(cast: Cast, visits: list[Contact]) -> None:
    Contact.objects.filter(pk__in=[visit.pk for visit in visits[:3]]).update(planned_on=MONDAY)
    exact, rough, nowhere = (visit.enterprise for visit in visits[:3])
    Enterprise.objects.filter(pk=exact.pk).update(lat=Decimal("39.8"), lon=Decimal("116.5"))
    Enterprise.objects.filter(pk=rough.pk).update(region=Region.objects.get(code="110112"))
    Enterprise.objects.filter(pk=nowhere.pk).update(region=Region.objects.get(code="110115"))
    Region.objects.filter(code="110112").update(lat=Decimal("39.9"), lon=Decimal("116.65"))
    text = see(cast.coordinator, f"{LIST}day/{MONDAY}/")
    assert '"lat": 39.8' in text and '"rough": true' in text
    assert text.count("精确") == 1 and text.count('map-pin"') >= 1
    assert "1 次检查没有坐标" in text and "1 次检查不在地图上" in text
    for one in (exact, rough, nowhere):
        assert text.count(one.name) >= 2, "the list beside the map and the table have them all"
    assert len(re.findall(r'data-stop="\d+"', text)) == 2, "two of them lead to a place"


def test_the_way_of_one_officer_is_drawn_and_districts_are_named_amid_their_visits(
    cast: Cast, visits: list[Contact]
) -> None:
    for number, visit in enumerate(visits[:2]):
        Contact.objects.filter(pk=visit.pk).update(planned_on=MONDAY, planned_part=("am", "pm")[number])
        Enterprise.objects.filter(pk=visit.enterprise_id).update(
            lat=Decimal("39.8") + number, lon=Decimal("116.5"), region=Region.objects.get(code="110112")
        )
        goes(visit, "T-0001")
    day = f"{LIST}day/{MONDAY}/"
    way = '"route": [[39.8, 116.5], [40.8, 116.5]]'
    assert way in see(cast.coordinator, f"{day}?officer=T-0001")
    text = see(cast.coordinator, day)
    assert way not in text, "many people make the visits of a day"
    assert '"lat": 40.3, "lon": 116.5, "area": 0' in text


def test_a_map_loads_tiles_only_when_they_are_named(cast: Cast, visits: list[Contact], settings: Any) -> None:
    day = f"{LIST}day/{MONDAY}/"
    assert "http" not in signed_in(cast.coordinator).get(day)["Content-Security-Policy"]
    settings.YICHA = environment.read({"YICHA_MAP_TILES": "https://t.example.cn/{z}/{x}/{y}.png"}, Path())
    client = signed_in(cast.coordinator)
    assert "https://t.example.cn;" in client.get(day)["Content-Security-Policy"]
    assert "t.example.cn" not in client.get(LIST)["Content-Security-Policy"]
