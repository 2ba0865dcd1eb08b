"""The frame of the benchmarks: names, table, file, exit codes. What is measured is not asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.bench import Result
from tools.bench import __main__ as frame


def test_a_ratio_needs_a_baseline() -> None:
    assert Result(3.0, "s", 2.0).ratio == 1.5
    assert Result(3.0, "ms", None).ratio is None


def test_an_unknown_name_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        frame.main(["--names", "no_such_bench"])
    assert ended.value.code == 2
    assert "no_such_bench" in capsys.readouterr().err


def test_results_are_written_and_kept(tmp_path: Path) -> None:
    out = tmp_path / "build" / "bench.json"
    frame.write({"one": Result(2.0, "s", 1.0, "first")}, out)
    frame.write({"two": Result(7.0, "ms", None)}, out)
    assert json.loads(out.read_text("utf-8")) == {
        "one": {"value": 2.0, "unit": "s", "baseline": 1.0, "ratio": 2.0, "note": "first"},
        "two": {"value": 7.0, "unit": "ms", "baseline": None, "ratio": None, "note": ""},
    }


def test_every_bench_has_a_name_that_make_can_pass() -> None:
    assert all(name.isidentifier() for name in frame.find_benches())
