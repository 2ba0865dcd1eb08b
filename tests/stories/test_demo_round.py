"""The main job in one command: a zone, a quarter's round, and draws that a stranger can recompute."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

ENTERPRISES = 300
REAL = "beijing-yizhuang-three-districts.csv"
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / REAL
COMMAND = (sys.executable, "-m", "yicha.doors.cli.main")


@dataclass(frozen=True)
class Demonstration:
    """One run of `yicha demo` on a machine of its own, and what it left."""

    out: Path
    var: Path
    output: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same machine."""
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        return subprocess.run(
            [*COMMAND, *arguments],
            env=environment | {"YICHA_VAR": str(self.var), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    @property
    def draws(self) -> list[Path]:
        return sorted((self.out / "draws").iterdir())


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder = tmp_path_factory.mktemp("demonstration")
    machine = Demonstration(folder / "out", folder / "var", "")
    done = machine.run("demo", "--no-serve", "--enterprises", str(ENTERPRISES), "--out", str(machine.out))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    yield Demonstration(machine.out, machine.var, done.stdout)
    machine.run("database", "stop", "--now")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Demonstration]:
    """A machine without a demonstration."""
    found = Demonstration(tmp_path / "out", tmp_path / "var", "")
    yield found
    found.run("database", "stop", "--now")


def number(output: str, words: str) -> int:
    found = re.search(rf"^ *{re.escape(words)} +([\d,]+)$", output, re.MULTILINE)
    assert found, f"“{words}” is not in the table:\n{output}"
    return int(found[1].replace(",", ""))


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    """With nothing but Python's standard library: isolated, without site packages."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(folder / "verify_draw.py"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_table_says_what_happened(demonstration: Demonstration) -> None:
    output = demonstration.output
    assert f"{ENTERPRISES} rows in = {ENTERPRISES} new + 0 changed + 0 unchanged + 0 rejected" in output
    assert number(output, "Enterprises") == ENTERPRISES
    alone, joint = number(output, "Visits, if every agency went alone"), number(output, "Visits, joint")
    assert alone > joint > 0
    assert number(output, "Visits saved") == alone - joint
    made = number(output, "Visits made (results simulated)")
    assert number(output, "Results published") == made
    assert made + number(output, "Visits left open, to try the desk with") == joint
    assert "模拟数据" in output
    for username in ("coordinator", "planner", "approver", "officer-a", "officer-b", "owner", "auditor"):
        assert re.search(rf"^  {username} +[a-z0-9-]{{17}}  ", output, re.MULTILINE), username


def test_every_draw_is_recomputed_from_its_files(demonstration: Demonstration) -> None:
    assert len(demonstration.draws) == number(demonstration.output, "Draws, with the one of officers")
    for folder in demonstration.draws:
        done = verify(folder)
        assert done.returncode == 0, f"{folder.name}: {done.stdout}{done.stderr}"


def test_the_draws_are_chained_without_a_gap(demonstration: Demonstration) -> None:
    manifests = [json.loads((folder / "manifest.json").read_text("utf-8")) for folder in demonstration.draws]
    assert [manifest["draw_id"] for manifest in manifests] == [folder.name for folder in demonstration.draws]
    assert manifests[0]["previous_draw"] is None
    for earlier, later in pairwise(manifests):
        assert later["previous_draw"]["draw_id"] == earlier["draw_id"]
    assert {manifest["kind"] for manifest in manifests} == {"objects", "officers"}
    assert {manifest["seed"]["beacon"]["kind"] for manifest in manifests} == {"demonstration"}


@pytest.mark.parametrize("place", [0, -1], ids=["objects", "officers"])
def test_one_changed_byte_in_any_file_is_refused(
    demonstration: Demonstration, tmp_path: Path, place: int
) -> None:
    original = demonstration.draws[place]
    for name in sorted(path.name for path in original.iterdir() if path.stat().st_size):
        copy = tmp_path / name
        shutil.copytree(original, copy)
        content = bytearray((copy / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(original / "verify_draw.py"), str(copy)],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 1, f"{name} was changed, and nobody noticed"


def test_no_public_file_shows_a_class(demonstration: Demonstration) -> None:
    for folder in demonstration.draws:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        for stratum in manifest.get("strata", []):
            assert re.fullmatch(r"\d{6}-\d+", stratum["id"]), stratum
            assert not re.search(r"\b[ABCD]\b|[ABCD] ?类", stratum["words"]), stratum


def test_a_second_run_serves_what_is_there(demonstration: Demonstration, tmp_path: Path) -> None:
    done = demonstration.run("demo", "--no-serve", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "here already" in done.stdout
    assert demonstration.output.partition("Sign in with:")[2] == done.stdout.partition("Sign in with:")[2]
    for folder in demonstration.draws:
        again = tmp_path / "draws" / folder.name
        assert (again / "result.json").read_bytes() == (folder / "result.json").read_bytes()


def test_the_ledger_of_the_round_holds(demonstration: Demonstration) -> None:
    done = demonstration.run("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_that_is_not_there_is_said_in_a_sentence(demonstration: Demonstration) -> None:
    done = demonstration.run("demo", "--no-serve", "--input", "no-such-file.csv")
    assert done.returncode == 1
    assert done.stderr == "There is no file “no-such-file.csv”.\n"


@pytest.mark.real_data
@pytest.mark.slow
def test_the_real_file_goes_through_to_the_end(machine: Demonstration) -> None:
    path = Path(os.environ.get("YICHA_REAL_DATA") or BESIDE)
    path = path / REAL if path.is_dir() else path
    if not path.is_file():
        pytest.skip(f"The file of real enterprises, {REAL}, is not here; YICHA_REAL_DATA says where it is.")
    done = machine.run("demo", "--no-serve", "--input", str(path), "--out", str(machine.out))
    assert done.returncode == 0, done.stderr
    found = re.search(
        r"([\d,]+) rows in = ([\d,]+) new \+ 0 changed \+ 0 unchanged \+ ([\d,]+) rejected", done.stdout
    )
    assert found, done.stdout
    rows, new, rejected = (int(text.replace(",", "")) for text in found.groups())
    assert rows == new + rejected and new > 5_000
    assert "The file gives no class: every enterprise is of class B, which is our default." in done.stdout
    assert "the enterprises come from the file given" in done.stdout
    assert number(done.stdout, "Visits saved") > 0
    for folder in machine.draws:
        assert verify(folder).returncode == 0, folder.name
