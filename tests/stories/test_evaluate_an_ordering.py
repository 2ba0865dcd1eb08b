"""A coordinator asks what an ordering of inspections is worth, and is told when it only knows the officers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.doors.cli.main import main
from yicha.know.visits.terms import ResultCode
from yicha.share.evaluation.tests import factories, tables_made
from yicha.share.evaluation.tests.tables_made import Truth

ORDERING, REPORT, OFFICERS = (
    "/desk/evaluation/ordering/",
    "/desk/evaluation/ordering/report/",
    "/desk/evaluation/officers/",
)
MAY_MEASURE = {Role.COORDINATOR, Role.PLANNER}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def measured(section: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    return {str(one["ordering"]): one for one in section["measured"]}


def test_an_ordering_with_signal_beats_chance_and_the_officer_alone_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tables_made.write(tmp_path / "检查.csv", tables_made.inspections(Truth(risk=0.6)))
    assert main(["evaluate", "ordering", str(path), "--json"]) == 0
    (section,) = json.loads(capsys.readouterr().out)["sections"]
    chance, found = section["chance"], measured(section)
    for ordering in ("rule", "logistic", "boosting"):
        assert found[ordering]["days_earlier"] > chance["high"], ordering
        assert found[ordering]["beats_random"]
    assert chance["low"] <= found["officer"]["days_earlier"] <= chance["high"]
    assert found["oracle"]["days_earlier"] == max(one["days_earlier"] for one in found.values())


def test_what_is_gained_by_knowing_the_officer_is_said_and_is_off_unless_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tables_made.write(tmp_path / "检查.csv", tables_made.inspections(Truth(risk=0.2, officer=0.6)))
    assert main(["evaluate", "ordering", str(path)]) == 0
    without = capsys.readouterr().out
    assert "officer identity alone" in without
    assert "random, 95 % interval" in without
    assert "科室: It says who inspected" in without
    assert "knowing the officer adds" not in without
    assert main(["evaluate", "ordering", str(path), "--with-officer"]) == 0
    knowing = capsys.readouterr().out
    assert "knowing the officer adds to logistic regression: +" in knowing
    assert "gains by choosing officers, not by finding risk" in knowing


def test_a_table_that_cannot_be_measured_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tables_made.write(tmp_path / "t.csv", [("2026-07-01", 1)] * 30, ("检查日期", "面积"))
    assert main(["evaluate", "ordering", str(path)]) == 1
    error = capsys.readouterr().err
    assert "No column is known to say whether something was found" in error
    assert "检查日期、面积" in error


def test_the_coordinator_measures_a_table_on_the_desk_and_the_table_is_not_kept(
    cast: Cast, tmp_path: Path
) -> None:
    client = signed_in(cast.coordinator)
    path = tables_made.write(
        tmp_path / "一季度.csv", tables_made.inspections(Truth(risk=0.3, officer=0.5, rows=1500))
    )
    sent = client.post(ORDERING, {"file": upload(path), "with_officer": "on"})
    assert (sent.status_code, sent["Location"]) == (302, REPORT)
    page = client.get(REPORT)
    text = page.content.decode()
    assert page.status_code == 200
    assert "一季度.csv" in text
    assert [one.ordering.value for one in page.context["report"].section.measured][-1] == "oracle"
    assert len(page.context["added"]) == 2
    assert "T-0003" not in text  # nobody is named: the report is about orderings
    kept = json.dumps(client.session["evaluation.ordering"])
    assert "E00001" not in kept
    assert "T-0001" not in kept


def test_the_figures_behind_the_picture_can_be_taken_along(cast: Cast, tmp_path: Path) -> None:
    client = signed_in(cast.coordinator)
    path = tables_made.write(tmp_path / "t.csv", tables_made.inspections(Truth(rows=1500)))
    client.post(ORDERING, {"file": upload(path)})
    answer = client.get(REPORT, {"chart": "findings-1", "file": "csv"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 52
    assert lines[-1].startswith("100 %,100")


def test_a_refusal_is_shown_at_the_form(cast: Cast, tmp_path: Path) -> None:
    client = signed_in(cast.coordinator)
    path = tables_made.write(tmp_path / "t.csv", tables_made.inspections(Truth(rows=1500)))
    answer = client.post(ORDERING, {"file": upload(path), "date": "没有这一列"})
    assert answer.status_code == 409
    assert "没有这一列" in answer.content.decode()


def test_without_a_report_the_page_of_the_report_leads_to_the_form(cast: Cast) -> None:
    answer = signed_in(cast.coordinator).get(REPORT)
    assert (answer.status_code, answer["Location"]) == (302, ORDERING)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_what_it_may_and_the_others_see_nothing(cast: Cast, role: Role) -> None:
    enterprise = cast.noodle_shop.uscc if role is Role.ENTERPRISE else ""
    client = signed_in(person("someone", "某人", GrantFacts(role, enterprise=enterprise)))
    assert client.get(ORDERING).status_code == (200 if role in MAY_MEASURE else 404)
    assert client.get(OFFICERS).status_code == (200 if role is Role.COORDINATOR else 404)


def test_the_coordinator_compares_officers_who_were_drawn(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.drawn_season(cast.noodle_shop, cast.agency_a, 50)
    page = signed_in(cast.coordinator).get(OFFICERS)
    text = page.content.decode()
    assert page.status_code == 200
    assert "T-0002" in text
    assert "甲二" in text
    (group,) = page.context["groups"]
    marked = [row.rate.officer for row in group.rows if row.rate.stands_out]
    assert "T-0002" in marked
    saved = signed_in(cast.coordinator).get(OFFICERS, {"chart": group.chart.name, "file": "csv"})
    assert "T-0002 甲二" in saved.content.decode("utf-8-sig")
    other = signed_in(cast.coordinator).get(OFFICERS, {"since": "2026-07-02"})
    assert not other.context["groups"]


def test_an_agency_whose_crew_was_always_the_same_is_named_and_no_officer_of_it(cast: Cast) -> None:
    """Its rates would be read as if they said something about one of them."""
    factories.officers_draw()
    for _visit in range(5):
        crew = ["T-0001", "T-0002"]
        factories.attended(cast.noodle_shop, cast.agency_a, crew, ResultCode.CORRECTION_ORDERED)
    page = signed_in(cast.coordinator).get(OFFICERS)
    assert page.status_code == 200 and not page.context["groups"]
    text = page.content.decode()
    assert "无从比较的部门" in text and cast.agency_a.name in text
    assert "T-0001" not in text


def test_a_coordinator_of_the_agency_itself_is_told_that_there_is_no_such_page(cast: Cast) -> None:
    inside = person("inside", "局内协调员", GrantFacts(Role.COORDINATOR, "110112-market", "110112"))
    assert signed_in(inside).get(OFFICERS).status_code == 404


def test_a_coordinator_cannot_ask_for_an_agency_of_another_place(cast: Cast) -> None:
    factories.drawn_season(cast.noodle_shop, cast.agency_a, 3)
    local = person("local", "大兴协调员", GrantFacts(Role.COORDINATOR, region="110115"))
    page = signed_in(local).get(OFFICERS, {"agency": "110112-market"})
    assert page.status_code == 200
    assert not page.context["groups"]
