"""`yicha certificate`: from the database to the files, and from the files to an answer without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import NOW, Cast
from yicha.doors.cli import main as cli
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.share.recognition.tests.factories import scene


def run(*words: str) -> int:
    args = cli.build_parser().parse_args(["certificate", *words])
    return int(args.run(args))


@pytest.fixture
def issued(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """The folder with the certificate of 通州's fire rescue about the noodle shop."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    scene(cast)
    assert (
        run("issue", "--uscc", cast.noodle_shop.uscc, "--agency", "110112-fire", "--out", str(tmp_path)) == 0
    )
    assert "HR-110112-fire-2026-0001" in capsys.readouterr().out
    return tmp_path


def verify(folder: Path, name: str, *more: str) -> int:
    return run("verify", str(folder / name), "--keys", str(folder / "jwks.json"), *more)


def test_what_was_issued_is_genuine_to_who_has_the_keys(
    issued: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(path.name for path in issued.iterdir())
    number = "HR-110112-fire-2026-0001"
    assert names == [f"{number}.json", f"{number}.pdf", "jwks.json"]
    assert verify(issued, f"{number}.json") == 0
    said = capsys.readouterr().out
    assert "Genuine" in said and "北京马驹桥老面馆" in said and "2026-12-28" in said
    assert verify(issued, f"{number}.json", "--on", "2026-12-29") == 1
    assert "No result on it is valid" in capsys.readouterr().err
    assert verify(issued, f"{number}.json", "--json") == 0
    assert '"yicha-certificate/1"' in capsys.readouterr().out


def test_what_was_changed_or_is_something_else_is_not(
    issued: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = issued / "HR-110112-fire-2026-0001.json"
    (issued / "forged.json").write_text(file.read_text("utf-8").replace("马驹桥", "马驹河"), encoding="utf-8")
    assert verify(issued, "forged.json") == 1
    assert "not what was signed" in capsys.readouterr().err
    assert verify(issued, "HR-110112-fire-2026-0001.pdf") == 1
    assert "not the page" in capsys.readouterr().err
    (issued / "jwks.json").write_text("[]", encoding="utf-8")
    assert verify(issued, file.name) == 1
    assert "None of these keys" in capsys.readouterr().err
    (issued / "jwks.json").write_text("no", encoding="utf-8")
    assert verify(issued, file.name) == 1


def test_an_enterprise_without_results_gets_no_certificate(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run("issue", "--uscc", cast.paint_factory.uscc, "--out", str(tmp_path))
    assert refused.value.codes == ("certificate.empty",)
    assert not list(tmp_path.iterdir())
