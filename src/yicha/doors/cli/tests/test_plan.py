"""`yicha plan` and `yicha match`: what they print, and their exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import NOW, Cast
from yicha.decide.drawing import queries as drawing
from yicha.decide.planning.tests import factories
from yicha.decide.scheduling import verify_calendar
from yicha.doors.cli import main as cli
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.visits import queries as visits


@pytest.fixture
def ground(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    factories.ground()
    return cast


def run(*words: str) -> int:
    args = cli.build_parser().parse_args(list(words))
    assert args.needs_database
    return int(args.run(args))


def test_a_plan_goes_to_its_draw(ground: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    factories.plan()
    code = "2026-catering@yizhuang"
    assert run("plan", "list", "--year", "2026", "--state", "draft") == 0
    assert code in capsys.readouterr().out
    assert run("plan", "submit", code, "--actor", "planner") == 0
    with pytest.raises(Refused) as refused:
        run("plan", "approve", code, "--actor", "planner")
    assert refused.value.codes == ("plan.own-approval",)
    assert run("plan", "approve", code, "--actor", "chief") == 0
    assert run("plan", "publish", code) == 0
    assert run("plan", "show", code) == 0
    entry = f"{code}.v1.1"
    assert f"{entry}\tQ3" in capsys.readouterr().out
    given = ("--beacon", "demonstration", "--source", "by the tests", "--deadline", "2026-07-03T09:00+08:00")
    assert run("plan", "draw", entry, *given) == 0
    draw_id = capsys.readouterr().out.splitlines()[0]
    draw = drawing.get_draw(draw_id)
    agencies = factories.commit(draw)
    assert run("plan", "freeze", draw_id) == 0
    factories.finish(drawing.get_draw(draw_id), agencies)
    assert run("plan", "collect", draw_id) == 0
    assert "new demands, 0 withdrawn" in capsys.readouterr().out
    assert run("plan", "amend", code) == 0
    assert capsys.readouterr().out == f"{code} v2\tdraft\n"


def test_match_prints_both_numbers_and_a_dry_run_writes_nothing(
    ground: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.opened()
    factories.collected(factories.published())
    assert run("match", "2026Q3", "--dry-run") == 0
    foretold = capsys.readouterr().out
    assert not visits.list_contacts().exists()
    assert run("match", "2026Q3") == 0
    assert capsys.readouterr().out == foretold
    made = visits.list_contacts().count()
    assert (
        f"visits with matching\t{made}\n" in foretold and f"visits without matching\t{2 * made}\n" in foretold
    )
    with pytest.raises(Refused):
        run("match", "2026Q3")


def test_coverage_below_the_floor_ends_with_1(ground: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plan", "coverage", "--year", "2026") == 1
    factories.published()
    assert run("plan", "coverage") == 0
    assert "floor 2.00%" in capsys.readouterr().out


def test_what_is_not_there_is_said(ground: Cast) -> None:
    for words in (
        ("plan", "show", "x"),
        ("plan", "submit", "x"),
        ("plan", "draw", "x", "--source", "s", "--deadline", "2026-07-03T09:00+08:00"),
        ("plan", "freeze", "x"),
        ("plan", "collect", "x"),
        ("match", "2031Q1"),
    ):
        with pytest.raises(NotFound):
            run(*words)


@pytest.mark.parametrize("words", [("plan",), ("plan", "draw", "x"), ("match",)])
def test_wrong_usage_is_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.build_parser().parse_args(list(words))
    assert ended.value.code == 2


def test_an_instant_needs_its_offset() -> None:
    with pytest.raises(SystemExit) as ended:
        cli.build_parser().parse_args(
            ["plan", "draw", "x", "--source", "s", "--deadline", "2026-07-03T09:00"]
        )
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "cannot be read"),
        ("calendar.xlsx", b"PK\x03\x04\xff\xfe", "cannot be read"),
        ("columns.csv", "轮次,检查\n2026Q3,v1\n".encode(), "has no column agency"),
        (
            "short.csv",
            (",".join(verify_calendar.COLUMNS) + "\n2026Q3,v1\n").encode(),
            "line 2: not as many cells",
        ),
        (
            "day.csv",
            (",".join(verify_calendar.COLUMNS) + "\n" + ",".join("x" * 15) + "\n").encode(),
            "is no day",
        ),
    ],
)
def test_a_file_that_is_no_calendar_is_2_in_a_sentence(
    name: str, content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["plan", "check", str(path)]) == 2
    assert said in capsys.readouterr().out


def test_facts_that_are_not_there_are_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text(",".join(verify_calendar.COLUMNS) + "\n", encoding="utf-8")
    assert cli.main(["plan", "check", str(path), "--facts", str(tmp_path / "none")]) == 2
    assert "about.csv cannot be read" in capsys.readouterr().out


def test_help_says_what_the_exit_code_means(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (("plan", "check"), "2 the files cannot be read"),
        (("plan", "export"), "yicha plan check FILE"),
        (("schedule",), "0 a calendar was made"),
    ):
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--help"])
        assert ended.value.code == 0
        assert said in " ".join(capsys.readouterr().out.split())


def test_a_calendar_is_not_written_over_a_folder(
    ground: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    factories.opened()
    with pytest.raises(OSError) as refused:
        run("plan", "export", "2026Q3", "--out", str(tmp_path))
    assert cli.sentences(refused.value) == [f"{tmp_path}: Is a directory."]
