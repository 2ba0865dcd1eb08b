"""The program that checks an exported calendar: for every rule a calendar in which only that rule is broken."""

from __future__ import annotations

import ast
import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yicha.decide.scheduling import verify_calendar as verify
from yicha.doors.cli.calendar_files import write_facts
from yicha.doors.cli.main import main as yicha

USCC = "91110112MA00000017"
OTHER = "91110112MA00000025"
Tables = dict[str, list[tuple[str, ...]]]


def row(
    visit: str = "v1",
    uscc: str = USCC,
    agency: str = "market",
    item: str = "m-1",
    officer: str = "T-1",
    day: str = "2026-07-06",
    part: str = "am",
    lead: str = "1",
    **more: str,
) -> dict[str, str]:
    """A row of a calendar."""
    values = ("2026Q3", visit, uscc, "某某店", "110112", agency, item, officer, day, part)
    rest = {"window_from": "2026-07-01", "window_to": "2026-09-30", "kind": "daily", "counts_toward_cap": "1"}
    return dict(zip(verify.COLUMNS, values, strict=False)) | rest | {"lead": lead} | more


def people(officers: str, **more: str) -> list[dict[str, str]]:
    """A part: a row per officer."""
    return [row(officer=officer, **more) for officer in officers.split()]


def sound() -> tuple[list[dict[str, str]], Tables]:
    """A calendar of two enterprises and two agencies that keeps every rule, and what it must respect."""
    rows = [
        *people("T-1 T-2"),
        *people("F-1 F-2", agency="fire", item="f-1", lead="0"),
        *people("T-3 T-4", visit="v2", uscc=OTHER, part="pm"),
    ]
    ends = ("2025-01-01", "2027-12-31", "1")
    tables: Tables = {
        "about": [
            ("spec", verify.SPEC),
            ("people", "drawn"),
            ("officers-per-agency", "2"),
            ("visits-an-officer-a-day", "2"),
            ("visits-a-week", "2"),
            ("visits-a-month", "3"),
        ],
        "days": [(f"2026-07-{day:02}",) for day in (6, 7, 8, 9, 10)],
        "lost": [],
        "visits": [("v1", "1", "district"), ("v2", "1", "district")],
        "asked": [("v1", "market", "m-1"), ("v1", "fire", "f-1"), ("v2", "market", "m-1")],
        "windows": [(USCC, "market", "m-1", "2026-07-01", "2026-07-31")],
        "caps": [(USCC, "2026", "", "2", "1"), (USCC, "2026", "district", "2", "1")],
        "quiet": [],
        "closed": [],
        "agencies": [("market", "market"), ("fire", "fire")],
        "officers": [
            *((f"T-{number}", "market", *ends, "market") for number in (1, 2, 3, 4)),
            *((f"F-{number}", "fire", *ends, "f-1 f-2") for number in (1, 2)),
        ],
        "absences": [],
        "recusals": [],
        "busy": [],
        "last": [],
        "drawn": [
            *(("v1", "market", officer) for officer in ("T-1", "T-2")),
            *(("v1", "fire", officer) for officer in ("F-1", "F-2")),
            *(("v2", "market", officer) for officer in ("T-3", "T-4")),
        ],
        "items": [("m-1", ""), ("f-1", "gas-detector")],
        "equipment": [("fire", "gas-detector", "1"), ("market", "vehicle", "1")],
    }
    return rows, tables


def broken(rows: list[dict[str, str]], tables: Tables, folder: Path) -> dict[str, list[str]]:
    """By rule, the visits that break it."""
    write_facts(folder, tables)
    found, left = verify.check(rows, verify.Facts(folder))
    assert not left
    names: dict[str, list[str]] = {}
    for one in (one for own in found.values() for one in own):
        names.setdefault(one.rule, []).append(one.visit)
    return names


def test_a_sound_calendar_breaks_nothing(tmp_path: Path) -> None:
    assert broken(*sound(), tmp_path) == {}


def with_second_visit(rows: list[dict[str, str]], tables: Tables, officers: str, **more: str) -> None:
    """Another visit, `v3`, of two officers at a third enterprise unless it says otherwise."""
    more = {"visit": "v3", "uscc": "91110112MA00000033"} | more
    rows += people(officers, **more)
    tables["visits"].append((more["visit"], "1", "district"))
    tables["asked"].append((more["visit"], more.get("agency", "market"), "m-1"))
    tables["drawn"] += [
        (more["visit"], more.get("agency", "market"), officer) for officer in officers.split()
    ]


Change = Callable[[list[dict[str, str]], Tables], object]
ENDS = ("2025-01-01", "2027-12-31")


def both(*changes: Change) -> Change:
    return lambda rows, tables: [change(rows, tables) for change in changes]


def vehicles(count: str) -> Change:
    return lambda _rows, tables: tables.update(
        equipment=[("fire", "gas-detector", "1"), ("market", "vehicle", count)]
    )


CASES: dict[str, tuple[str, Change]] = {
    "rows of a visit that name two enterprises": ("whole", lambda r, t: r[1].update(kind="special")),
    "a visit that nobody leads": ("whole", lambda r, t: [one.update(lead="0") for one in r[4:]]),
    "a day outside the visit's window": (
        "own-window",
        lambda r, t: [one.update(window_to="2026-07-03") for one in r[4:]],
    ),
    "two visits of an enterprise on one day": (
        "one-a-day",
        both(
            lambda r, t: with_second_visit(r, t, "T-3 T-4", uscc=USCC, part="pm", counts_toward_cap="0"),
            lambda r, t: [one.update(day="2026-07-07") for one in r[4:6]],
        ),
    ),
    "an officer at two visits in a slot": (
        "not-twice-at-once",
        both(vehicles("3"), lambda r, t: with_second_visit(r, t, "T-1 T-2")),
    ),
    "a Sunday": ("working-day", lambda r, t: [one.update(day="2026-07-05") for one in r[4:]]),
    "a day that was lost": ("working-day", lambda r, t: t["lost"].append(("2026-07-06", "pm", "110112"))),
    "an item that nobody asked for": ("asked-for", lambda r, t: [one.update(item="m-9") for one in r[4:]]),
    "an item that is left out": ("asked-for", lambda r, t: t["asked"].append(("v2", "market", "m-2"))),
    "a visit that is left out": (
        "asked-for",
        both(lambda r, t: r.__delitem__(slice(4, 6)), lambda r, t: t["drawn"].pop()),
    ),
    "a demand's window that is over": (
        "window",
        lambda r, t: t.update(windows=[(USCC, "market", "m-1", "2026-07-01", "2026-07-03")]),
    ),
    "a quiet day": ("quiet-day", lambda r, t: t["quiet"].append((OTHER, "2026-07-06"))),
    "a half day on which the enterprise is closed": (
        "closed-day",
        lambda r, t: t["closed"].append((OTHER, "2026-07-06", "pm")),
    ),
    "a third visit in a week": (
        "too-often",
        both(
            lambda r, t: with_second_visit(r, t, "T-1 T-2", uscc=OTHER, day="2026-07-08"),
            lambda r, t: with_second_visit(r, t, "T-3 T-4", visit="v4", uscc=OTHER, day="2026-07-10"),
        ),
    ),
    "more visits in a month than may be": (
        "too-often",
        both(
            lambda r, t: t["about"].__setitem__(-1, ("visits-a-month", "1")),
            lambda r, t: with_second_visit(r, t, "T-1 T-2", uscc=OTHER, day="2026-07-08"),
        ),
    ),
    "a visit more than the year's cap": ("cap", lambda r, t: t.update(caps=[(USCC, "2026", "", "2", "2")])),
    "a visit more than the level's cap": (
        "cap",
        lambda r, t: t.update(caps=[(USCC, "2026", "district", "1", "1"), (USCC, "2026", "city", "0", "0")]),
    ),
    "one vehicle at two visits": (
        "equipment",
        lambda r, t: with_second_visit(r, t, "T-3 T-4", part="am"),
    ),
    "an instrument that the agency has not": (
        "equipment",
        lambda r, t: t.update(equipment=[("market", "vehicle", "1")]),
    ),
    "one officer alone": (
        "enough-officers",
        both(lambda r, t: r.pop(), lambda r, t: t["drawn"].remove(("v2", "market", "T-4"))),
    ),
    "a third visit of an officer on a day": (
        "day-cap",
        lambda r, t: t["busy"].extend([("T-3", "2026-07-06", ""), ("T-3", "2026-07-06", "")]),
    ),
    "an officer at a visit of another round": (
        "elsewhere",
        lambda r, t: t["busy"].append(("T-3", "2026-07-06", "pm")),
    ),
    "an officer on leave": (
        "absence",
        lambda r, t: t["absences"].append(("T-3", "2026-07-01", "2026-07-08", "pm")),
    ),
    "a certificate that has ended": (
        "certificate",
        lambda r, t: t["officers"].__setitem__(
            2, ("T-3", "market", "2025-01-01", "2026-07-05", "1", "market")
        ),
    ),
    "an officer who has left": (
        "certificate",
        lambda r, t: t["officers"].__setitem__(2, ("T-3", "market", *ENDS, "0", "market")),
    ),
    "an officer of another agency": (
        "certificate",
        lambda r, t: t["officers"].__setitem__(2, ("T-3", "fire", *ENDS, "1", "market")),
    ),
    "an officer who lacks a competence": (
        "competence",
        lambda r, t: t["officers"].__setitem__(4, ("F-1", "fire", *ENDS, "1", "f-2")),
    ),
    "an officer who must not inspect there": (
        "recusal",
        lambda r, t: t["recusals"].append(("T-3", OTHER, "2026-01-01", "")),
    ),
    "an officer who went there the last time": (
        "not-twice-in-a-row",
        lambda r, t: t["last"].append((OTHER, "market", "T-4")),
    ),
    "an officer who goes there twice in the calendar": (
        "not-twice-in-a-row",
        lambda r, t: with_second_visit(r, t, "T-3 T-1", uscc=OTHER, day="2026-07-09"),
    ),
    "an officer whom the draw did not send": (
        "as-drawn",
        lambda r, t: t["drawn"].remove(("v2", "market", "T-4")),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_is_broken_alone(case: str, tmp_path: Path) -> None:
    rule, change = CASES[case]
    rows, tables = copy.deepcopy(sound())
    change(rows, tables)
    found = broken(rows, tables, tmp_path)
    assert set(found) == {rule}, found


def test_every_rule_has_a_case_in_which_it_alone_is_broken() -> None:
    rules = {*verify.ALONE, *verify.OF_DAYS, *verify.OF_PEOPLE}
    assert {rule for rule, _ in CASES.values()} == {rule.__name__.replace("_", "-") for rule in rules}


KEPT: dict[str, Change] = {
    "an absence in the other half of the day": lambda r, t: t["absences"].append(
        ("T-3", "2026-07-06", "2026-07-06", "am")
    ),
    "a half day closed to an unannounced visit": both(
        lambda r, t: t["closed"].append((OTHER, "2026-07-06", "pm")),
        lambda r, t: t["visits"].__setitem__(1, ("v2", "0", "district")),
    ),
    "a recusal that is over": lambda r, t: t["recusals"].append(("T-3", OTHER, "2026-01-01", "2026-07-05")),
    "a day lost elsewhere": lambda r, t: t["lost"].append(("2026-07-06", "", "110115")),
    "a visit that does not count": lambda r, t: (
        t.update(caps=[(OTHER, "2026", "", "0", "0")]),
        [one.update(counts_toward_cap="0") for one in r[4:]],
    ),
    "someone who went for another agency": lambda r, t: t["last"].append((OTHER, "fire", "T-4")),
    "vehicles that nobody counts": both(
        lambda r, t: t.update(equipment=[("fire", "gas-detector", "1")]),
        lambda r, t: with_second_visit(r, t, "T-3 T-4", part="am"),
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_is_allowed_breaks_nothing(case: str, tmp_path: Path) -> None:
    rows, tables = copy.deepcopy(sound())
    KEPT[case](rows, tables)
    assert broken(rows, tables, tmp_path) == {}


def put(tmp_path: Path, rows: list[dict[str, str]], tables: Tables) -> list[str]:
    """Both on disk, as arguments."""
    write_facts(tmp_path / "facts", tables)
    lines = [verify.COLUMNS, *([one[name] for name in verify.COLUMNS] for one in rows)]
    file = tmp_path / "calendar.csv"
    file.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8-sig")
    return [str(file), "--facts", str(tmp_path / "facts")]


def test_the_program_runs_by_itself_and_says_what_is_broken(tmp_path: Path) -> None:
    rows, tables = sound()
    command = [sys.executable, "-I", "-S", str(tmp_path / "facts" / "verify_calendar.py")]
    kept = subprocess.run([*command, *put(tmp_path, rows, tables)], capture_output=True, text=True)
    assert (kept.returncode, kept.stdout.count("ok  ")) == (0, 21), kept.stdout + kept.stderr
    tables["quiet"].append((OTHER, "2026-07-06"))
    not_kept = subprocess.run([*command, *put(tmp_path, rows, tables)], capture_output=True, text=True)
    assert not_kept.returncode == 1
    assert f"line 6, 7, visit v2: 2026-07-06 is a quiet day where {OTHER} is" in not_kept.stdout


def test_what_is_broken_is_named_with_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, tables = sound()
    rows.insert(2, rows.pop())  # not sorted by visit: the lines of v2 lie apart
    tables["recusals"].append(("F-2", USCC, "2026-01-01", ""))
    tables["quiet"] += [(OTHER, "2026-07-06"), (USCC, "2026-07-06")]
    assert verify.main(put(tmp_path, rows, tables)) == 1
    said = capsys.readouterr().out
    assert "line 5, 6, visit v1: officer F-2 must not inspect" in said, "of the agency whose officer it is"
    assert "line 4, 7, visit v2: 2026-07-06 is a quiet day" in said
    assert "line 2, 3, 5, 6, visit v1: 2026-07-06 is a quiet day" in said


def test_before_the_draw_rules_of_people_are_named_as_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, tables = sound()
    tables["about"][1] = ("people", "not drawn")
    assert yicha(["plan", "check", *put(tmp_path, [one | {"officer": ""} for one in rows], tables)]) == 0
    assert capsys.readouterr().out.count("Not checked: nobody is drawn yet.") == len(verify.OF_PEOPLE)


def test_without_facts_the_file_is_checked_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, *_ = put(tmp_path, *sound())
    assert yicha(["plan", "check", file]) == 0
    assert capsys.readouterr().out.count("Not checked: without facts.") == 17


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("calendar.csv", "round,visit\n2026Q3,v1\n", "has no column"),
        ("calendar.csv", b"PK\x03\x04\xff\xfe", "cannot be read"),
        ("facts/days.csv", None, "days.csv cannot be read"),
        ("facts/about.csv", "name,value\nspec,something-else\n", "does not say"),
        ("facts/about.csv", f"name,value\nspec,{verify.SPEC}\npeople,drawn\n", "visits-a-week"),
    ],
)
def test_files_that_are_something_else_are_refused(
    name: str, text: str | bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = put(tmp_path, *sound())
    path = tmp_path / name
    if text is None:
        path.unlink()
    else:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    assert verify.main(arguments) == 2
    assert said in capsys.readouterr().out


def test_the_program_shares_nothing_with_the_product() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {(module or "").split(".")[0] for module in modules} <= sys.stdlib_module_names
