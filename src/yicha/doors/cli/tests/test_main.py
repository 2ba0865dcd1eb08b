"""The command line's manners: help everywhere, one sentence on stderr, exit codes 0, 1 and 2."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from yicha.doors.cli import main as cli
from yicha.kernel.refusal import NotFound, Reason, Refused

FIRST = Reason("a.one", "“%(what)s” is not possible.", facts={"what": "this"})
SECOND = Reason("a.two", "Neither is that.")


def parsers(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and every command of a command."""
    yield path
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from parsers(inner, (*path, name))


@pytest.mark.parametrize(
    "path", [path for path in parsers(cli.build_parser()) if path != ("manage",)], ids=" ".join
)
def test_every_command_has_help(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*path, "--help"])
    assert ended.value.code == 0
    assert "usage: yicha" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["no-such-command"], [], ["serve", "--port", "0"], ["database"]])
def test_wrong_usage_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused([FIRST, SECOND]), "“this” is not possible.\nNeither is that.\n"),
        (NotFound("There is no draw 7."), "There is no draw 7.\n"),
        (NotFound(), "There is no such thing, or it is not yours.\n"),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "a.csv: No such file or directory.\n"),
        (ValueError("two\nlines"), "Failed: two lines (ValueError; set YICHA_DEBUG=1 to see where).\n"),
        (KeyboardInterrupt(), "Interrupted.\n"),
    ],
)
def test_what_goes_wrong_is_said_in_sentences(
    error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: argparse.Namespace) -> int:
        raise error

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=run)
    monkeypatch.setattr(cli, "build_parser", lambda: parser)
    monkeypatch.delenv("YICHA_DEBUG", raising=False)
    assert cli.main([]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", said)


def test_wrong_settings_are_sentences_too() -> None:
    environment = {**os.environ, "YICHA_LANGUAGE": "fr", "DATABASE_URL": "mysql://u:hunter2@h/n"}
    environment.pop("YICHA_DEBUG", None)
    done = subprocess.run(
        [sys.executable, "-m", "yicha.doors.cli.main", "database", "status"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 2 and "Traceback" not in done.stderr and "hunter2" not in done.stderr
    assert any("YICHA_LANGUAGE" in line for line in lines) and any("DATABASE_URL" in line for line in lines)
