"""The calendar of a small round, made by the real services, keeps every rule; and a change by hand is found."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Count

from tests.cast import NOW, Cast, officer
from yicha.decide.gate.services import set_quiet_days
from yicha.decide.gate.terms import QuietFacts
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Round
from yicha.decide.planning.tests import factories
from yicha.decide.scheduling import services
from yicha.decide.scheduling import verify_calendar as verify
from yicha.decide.scheduling.tests import stage
from yicha.doors.cli.main import build_parser
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency
from yicha.know.registry.terms import AbsenceKind, DayPart, EquipmentKind, WishFacts, WishKind
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact

Rows = list[dict[str, str]]


def limit_everything(round_: Round) -> None:
    """Leave, recusals, closed and quiet days, vehicles and an instrument: whatever a calendar must respect."""
    contact = Contact.objects.filter(round=round_.code, enterprise__region__code="110112").first()
    assert contact is not None
    uscc = contact.enterprise.uscc
    leave = (date(2026, 7, 1), date(2026, 7, 31))
    registry.record_absence(
        actor="t", now=NOW, certificate="T-0001", kind=AbsenceKind.LEAVE, from_on=leave[0], until_on=leave[1]
    )
    registry.recuse(
        actor="t", now=NOW, certificate="T-0002", uscc=uscc, reason="亲属", from_on=date(2026, 1, 1)
    )
    friday = WishFacts(WishKind.CLOSED, weekday=4, part=DayPart.AFTERNOON)
    registry.say_wish(actor="t", now=NOW, uscc=uscc, wish=friday, most_closed=5)
    quiet = QuietFacts("110115", 1, 20, "企业宁静日", False, date(2026, 1, 1))
    set_quiet_days(actor="t", now=NOW, facts=quiet)
    ItemVersion.objects.filter(item__code="fire-01").update(equipment=["gas-detector"])
    for agency, kind, code in (
        ("110112-market", EquipmentKind.VEHICLE, "vehicle"),
        ("110112-fire", EquipmentKind.INSTRUMENT, "gas-detector"),
        ("110115-fire", EquipmentKind.INSTRUMENT, "gas-detector"),
    ):
        registry.set_equipment(actor="t", now=NOW, agency=agency, kind=kind, code=code, name=code, count=1)


def draw_officers(round_: Round) -> None:
    """The verifiable draw sends two officers of every agency, and the calendar follows them."""
    draw = planning.start_officers_draw(
        actor="o", now=NOW, round_=round_, beacon=factories.BEACON, reveal_deadline=factories.DEADLINE
    )
    agencies = factories.commit(draw)
    frozen = planning.freeze_officers_draw(actor="o", now=NOW, round_=round_)
    factories.finish(frozen, agencies)
    planning.apply_officers(actor="o", now=NOW, round_=round_)
    again = stage.made(services.officers_drawn(actor="o", now=NOW, round_=round_))
    services.keep(actor="o", now=NOW, schedule=again)


@pytest.fixture
def round_(cast: Cast) -> Round:
    """A round with its calendar kept, and nobody drawn."""
    found = stage.matched_round()
    for number, agency in enumerate(("110112-market", "110112-fire", "110115-fire", "110115-market")):
        for one in "ab":
            officer(f"X-{number}{one}", f"丙{number}{one}", Agency.objects.get(code=agency))
    limit_everything(found)
    stage.kept(found)
    found.refresh_from_db()
    return found


def yicha(arguments: list[str]) -> int:
    """A command, on the database of the test."""
    args = build_parser().parse_args(arguments)
    return int(args.run(args))


def export(folder: Path) -> tuple[int, Rows]:
    """What the command line writes, and what it says of it."""
    file, facts = folder / "2026Q3.csv", folder / "facts"
    assert yicha(["plan", "export", "2026Q3", "--out", str(file), "--facts", str(facts)]) == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return yicha(["plan", "check", str(file), "--facts", str(facts)]), rows


def test_a_calendar_before_the_draw_keeps_its_rules(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, rows = export(tmp_path)
    said = capsys.readouterr().out
    assert code == 0, said
    assert {row["officer"] for row in rows} == {""}
    assert len({row["visit"] for row in rows}) == Contact.objects.filter(state="planned").count() > 4
    assert said.count("Not checked: nobody is drawn yet.") == len(verify.OF_PEOPLE)


def test_a_calendar_with_people_keeps_every_rule_and_names_nobody(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_officers(round_)
    code, rows = export(tmp_path)
    said = capsys.readouterr().out
    assert code == 0, said
    assert "21 rules checked, 0 not; broken 0 times." in said
    assert all(row["officer"] for row in rows)
    files = [path.read_text("utf-8-sig") for path in tmp_path.rglob("*.csv")]
    for name in ("甲一", "甲二", "乙三", "丙0a"):
        assert not any(name in text for text in files), "officers stand there by certificate"


def test_a_visit_moved_behind_the_services_is_found(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contact = Contact.objects.filter(state="planned", enterprise__region__code="110115").first()
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(planned_on=date(2026, 8, 10))
    code, _rows = export(tmp_path)
    said = capsys.readouterr().out
    assert code == 1
    assert f"visit {contact.uuid}: 2026-08-10 is a quiet day" in said


def test_visits_that_were_made_stay_in_the_calendar(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_officers(round_)
    contact = Contact.objects.filter(state="planned").first()
    assert contact is not None and contact.planned_on
    visits.move(contact=contact, act="make", made_on=contact.planned_on, officers=("T-0001",))
    code, rows = export(tmp_path)
    assert code == 0, capsys.readouterr().out
    assert str(contact.uuid) in {row["visit"] for row in rows}


def test_a_part_that_became_a_visit_of_its_own_keeps_whom_the_draw_sends(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_officers(round_)
    several = Contact.objects.annotate(agencies=Count("items__agency", distinct=True))
    contact = several.filter(state="planned", agencies__gt=1).order_by("pk").first()
    assert contact is not None
    first, *others = sorted(set(contact.items.values_list("agency__code", flat=True)))
    groups = [frozenset([first]), frozenset(others)]
    _, part = planning.split_visit(actor="o", now=NOW, round_=round_, contact=contact, groups=groups)
    _code, rows = export(tmp_path)  # the parts have no days of their own yet
    said = capsys.readouterr().out
    assert {row["agency"] for row in rows if row["visit"] == str(part.uuid)} == set(others)
    assert "ok  Exactly those go whom the draw sends." in said, said


def test_a_visit_whose_lead_has_left_it_is_led_by_one_of_those_who_stay(
    round_: Round, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    several = Contact.objects.annotate(agencies=Count("items__agency", distinct=True))
    contact = several.filter(state="planned", agencies__gt=1).select_related("lead_agency").first()
    assert contact is not None
    lead = contact.lead_agency.code
    others = set(contact.items.values_list("agency__code", flat=True)) - {lead}
    groups = [frozenset(others), frozenset([lead])]
    _, part = planning.split_visit(actor="o", now=NOW, round_=round_, contact=contact, groups=groups)
    contact.refresh_from_db()
    assert contact.lead_agency.code in others and part.lead_agency.code == lead
    export(tmp_path)
    said = capsys.readouterr().out
    assert "is led by" not in said, said


def test_the_workbook_has_the_same_rows(round_: Round, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    file = tmp_path / "2026Q3.xlsx"
    assert yicha(["plan", "export", "2026Q3", "--out", str(file)]) == 0
    lines = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    _code, rows = export(tmp_path)
    assert tuple(lines[0]) == verify.COLUMNS
    assert [[str(cell) for cell in line] for line in lines[1:]] == [list(row.values()) for row in rows]


def test_a_name_that_excel_would_run_is_made_plain(round_: Round, tmp_path: Path) -> None:
    contact = Contact.objects.filter(state="planned").first()
    assert contact is not None
    type(contact.enterprise).objects.filter(pk=contact.enterprise_id).update(name="=1+1")
    _code, rows = export(tmp_path)
    assert {row["enterprise"] for row in rows if row["visit"] == str(contact.uuid)} == {"'=1+1"}


def test_a_round_that_is_not_there_is_said(cast: Cast) -> None:
    with pytest.raises(NotFound, match="2031Q1"):
        yicha(["plan", "export", "2031Q1"])
