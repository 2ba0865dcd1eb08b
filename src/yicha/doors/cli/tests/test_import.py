"""`yicha import`, as an operator would type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from yicha.doors.cli.main import build_parser
from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.tests.files import code, row, text
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Enterprise


def yicha(*words: object) -> int:
    """Run the command in this process and its database."""
    args = build_parser().parse_args(["import", *map(str, words)])
    return int(args.run(args))


def write(folder: Path, content: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_it_applies_and_prints_the_balance(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert yicha("enterprises", write(tmp_path, text([row(11), row(12)]))) == 0
    said = capsys.readouterr().out
    assert "rows in 2 = new 2 + changed 0 + unchanged 0 + rejected 0" in said
    assert said.splitlines()[-1] == "Applied."
    assert Enterprise.objects.filter(uscc=code(11)).exists()


def test_a_dry_run_lists_every_bad_cell_and_changes_nothing(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, report = write(tmp_path, text([row(11, date="x", kind="外星"), row(12)])), tmp_path / "out.xlsx"
    assert yicha("enterprises", path, "--dry-run", "--report", report) == 1
    said = capsys.readouterr().out
    assert "row 2, registered_on: “x”: “x” is not a date such as 2003-08-14." in said
    assert "row 2, kind: “外星”" in said
    assert "rows in 2 = new 1 + changed 0 + unchanged 0 + rejected 1" in said
    assert not Enterprise.objects.filter(uscc=code(12)).exists()
    assert Import.objects.get().state == "discarded"
    assert len(CalamineWorkbook.from_path(str(report)).get_sheet_by_index(0).to_python()) == 2


def test_changed_cells_are_printed_before_and_after(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    yicha("enterprises", write(tmp_path, text([row(11)])))
    yicha("enterprises", write(tmp_path, text([row(11, date="2004-02-29")])))
    assert (
        f"changed, row 2, {code(11)}: registered_on: “2003-08-14” → “2004-02-29”" in capsys.readouterr().out
    )


def test_a_mapping_file_is_remembered_by_its_name(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, text([row(11)[:2]], headers=("店名", "代号")))
    with pytest.raises(Refused):
        yicha("enterprises", path)
    mapping = write(tmp_path, "# ours\n店名=name\n代号 = uscc\n", "shops.txt")
    assert yicha("enterprises", path, "--mapping", mapping, "--dry-run") == 0
    mapping.unlink()
    assert yicha("enterprises", path, "--mapping", "shops", "--dry-run") == 0
    assert queries.find_named_mapping("enterprises", "shops") == {"店名": "name", "代号": "uscc"}
    with pytest.raises(Refused, match="no file and no remembered mapping"):
        yicha("enterprises", path, "--mapping", "nowhere")


@pytest.mark.parametrize("content", ['{"店名": "name", "代号": "uscc"}', "店名=name\n代号=uscc"])
def test_a_mapping_is_json_or_lines(cast: Cast, tmp_path: Path, content: str) -> None:
    path = write(tmp_path, text([row(11)[:2]], headers=("店名", "代号")))
    assert yicha("enterprises", path, "--mapping", write(tmp_path, content, "m")) == 0


def test_an_import_is_undone_by_its_file(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, text([row(11)]))
    assert yicha("enterprises", path) == 0
    assert yicha("enterprises", path) == 0
    assert yicha("enterprises", path, "--undo") == 0
    assert "1 new rows removed" in capsys.readouterr().out
    with pytest.raises(Refused, match="left to undo"):
        yicha("enterprises", path, "--undo")


def test_a_kind_that_is_not_known_is_wrong_usage(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert yicha("ships", write(tmp_path, "a")) == 2
    assert "there are: enterprises, officers, " in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused_in_one_sentence(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"There is no file “nothing\.csv”\."):
        yicha("enterprises", tmp_path / "nothing.csv")


def test_personal_values_are_not_printed(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = ("执法证号", "姓名", "部门代码", "有效期起", "有效期至")
    rows = [
        ["BJ-778899", "欧阳某某", "110112-fire", "2024-01-01", "2028-01-01"],
        ["BJ@99", "=欧阳\n", "x", "", ""],
    ]
    path = write(tmp_path, text(rows, headers=headers))
    yicha("officers", path)
    yicha(
        "officers", write(tmp_path, text([[*rows[0][:1], "司马某", *rows[0][2:]]], headers=headers), "b.csv")
    )
    said = capsys.readouterr().out
    assert "欧阳" not in said and "司马" not in said and "778899" not in said
    assert "changed, row 2, “B…”: name: “欧…” → “司…”" in said
