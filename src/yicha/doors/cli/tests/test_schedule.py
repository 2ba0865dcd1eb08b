"""`yicha schedule`: what it prints, and its exit codes."""

from __future__ import annotations

import pytest

from tests.cast import NOW, Cast
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.tests import stage
from yicha.doors.cli import main as cli
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry.models import Officer
from yicha.know.visits.models import Contact


@pytest.fixture(autouse=True)
def _today(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def run(*words: str) -> int:
    args = cli.build_parser().parse_args(list(words))
    assert args.needs_database
    return int(args.run(args))


def test_it_prints_every_objective_with_its_bound_and_keeps_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    round_ = stage.matched_round()
    assert run("schedule", round_.code, "--seed", "7") == 0
    said = capsys.readouterr().out
    planned = Contact.objects.filter(round=round_.code, state="planned").count()
    assert f"{planned} of {planned} visits have a half day" in said
    for objective in ("unplaced", "load", "travel", "wishes"):
        assert f"{objective}\t" in said
    assert "bound" in said and queries.find_kept(round_) is None
    assert run("schedule", round_.code, "--keep", "--actor", "office") == 0
    assert f"kept\t{planned} visits moved" in capsys.readouterr().out
    kept = queries.find_kept(round_)
    assert kept is not None and kept.kept_by == "office"


def test_it_says_why_a_visit_has_no_place(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    stage.empty_round()
    stage.visit(cast.noodle_shop)
    Officer.objects.filter(certificate="T-0002").update(active=False)
    assert run("schedule", "2026Q3") == 0
    said = capsys.readouterr().out
    assert "0 of 1 visits" in said and cast.noodle_shop.name in said
    assert "通州区市场监督管理局 has too few officers on 2026-08-03–2026-08-07." in said


def test_a_round_without_visits_is_refused(cast: Cast) -> None:
    stage.empty_round()
    with pytest.raises(Refused) as refused:
        run("schedule", "2026Q3")
    assert refused.value.codes == ("schedule.nothing",)


def test_a_round_that_is_not_there_is_named(cast: Cast) -> None:
    with pytest.raises(NotFound, match="2031Q1"):
        run("schedule", "2031Q1")


@pytest.mark.parametrize(
    "words", [[], ["2026Q3", "--effort", "0"], ["2026Q3", "--effort", "inf"], ["2026Q3", "--seed", "x"]]
)
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["schedule", *words])
    assert ended.value.code == 2 and "usage: yicha schedule" in capsys.readouterr().err
