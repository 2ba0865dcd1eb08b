"""`yicha evaluate officers`: for a coordinator, and nobody else."""

from __future__ import annotations

import argparse
import json

import pytest

from tests.cast import Cast
from yicha.doors.cli.commands import evaluate
from yicha.kernel.refusal import NotFound
from yicha.share.evaluation.tests import factories


def ask(username: str, **more: object) -> int:
    chosen = {"agency": "", "since": None, "until": None, "seed": 1, "json": False, **more}
    return evaluate.officers(argparse.Namespace(username=username, **chosen))


def test_a_coordinator_reads_rates_with_intervals(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    factories.drawn_season(cast.noodle_shop, cast.agency_a, 30)
    assert ask("coordinator") == 0
    said = capsys.readouterr().out
    assert "110112-market" in said
    assert "T-0002" in said
    assert "甲二" not in said  # certificates only


def test_as_json_the_report_is_whole(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    factories.drawn_season(cast.noodle_shop, cast.agency_a, 10)
    assert ask("coordinator", agency="110112-market", json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["agencies"][0]["attendances"] == 20


@pytest.mark.parametrize("username", ["planner", "officer-a", "owner", "stranger", "nobody-of-this-name"])
def test_others_are_told_that_there_is_no_such_thing(cast: Cast, username: str) -> None:
    with pytest.raises(NotFound):
        ask(username)


def test_another_agency_than_those_readable_answers_like_none(cast: Cast) -> None:
    with pytest.raises(NotFound):
        ask("coordinator", agency="999999-market")
