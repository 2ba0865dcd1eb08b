"""The main job in one command: a zone, a quarter's round, and draws that a stranger can recompute."""

from __future__ import annotations

import csv
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
from typing import Any

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
            timeout=1800,
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
        timeout=600,
    )


FATES = (
    "recognised: a result exists",
    "merged: one visit with other agencies",
    "moved off site",
    "allowed: a visit of their own",
    "deferred",
    "refused",
    "waiting for a day",
)
READ = """
import json, sys
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(sys.stdin.read())
    print(json.dumps(cursor.fetchall(), default=str))
"""


def ask(machine: Demonstration, sql: str) -> list[list[Any]]:
    """What the database of a demonstration says, in plain SQL: no rule of the product is asked."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        [*COMMAND, "manage", "shell", "--no-imports", "-c", READ],
        env=environment | {"YICHA_VAR": str(machine.var), "PYTHONUTF8": "1"},
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    rows: list[list[Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return rows


def pairs(rows: list[list[Any]]) -> dict[str, int]:
    """A word and a number in each row."""
    return {str(word): int(count) for word, count in rows}


def test_every_demand_has_exactly_one_outcome(demonstration: Demonstration) -> None:
    counts = {fate: number(demonstration.output, fate) for fate in FATES}
    demands = number(demonstration.output, "Demands at the gate: items of agencies at enterprises")
    assert sum(counts.values()) == demands
    assert counts["merged: one visit with other agencies"] > 0 and counts["moved off site"] > 0
    stored = pairs(ask(demonstration, "SELECT state, count(*) FROM planning_demand GROUP BY 1"))
    assert sum(stored.values()) == demands
    assert (
        stored["matched"]
        == counts["merged: one visit with other agencies"] + counts["allowed: a visit of their own"]
    )
    # What a revocation brought back waits again.
    spared = counts["recognised: a result exists"] + counts["moved off site"]
    assert stored["spared"] + stored.get("waiting", 0) == spared + counts["waiting for a day"]
    assert stored.get("deferred", 0) == counts["deferred"]
    assert stored.get("refused", 0) == counts["refused"]


ORIGINS = {
    "draw": "drawn",
    "statutory": "prescribed by law",
    "follow-up": "follow-ups of problems found",
    "recheck": "re-checks of orders that ran out",
}


def test_what_was_drawn_what_the_law_wants_and_what_visits_left_all_ask_for_checks(
    demonstration: Demonstration,
) -> None:
    told = {origin: number(demonstration.output, words) for origin, words in ORIGINS.items()}
    assert all(told.values()), told
    assert sum(told.values()) == number(
        demonstration.output, "Demands at the gate: items of agencies at enterprises"
    )
    assert pairs(ask(demonstration, "SELECT origin, count(*) FROM planning_demand GROUP BY 1")) == told
    ends = ask(
        demonstration,
        """
        SELECT d.origin, CASE
            WHEN c.state IN ('planned', 'made') AND c.planned_part <> '' THEN 'visit'
            WHEN d.state IN ('spared', 'deferred') AND c.state = 'spared' AND c.spared_by <> '' THEN 'spared'
            WHEN d.state = 'refused' AND s.verdict @? '$.grounds[*] ? (@.bars != "NOTHING")' THEN 'refused'
            WHEN d.state = 'waiting' AND (
                s.verdict @? '$.grounds[*] ? (@.bars != "NOTHING")' OR EXISTS (
                    SELECT FROM scheduling_placement p JOIN visits_contact v ON v.id = p.contact_id
                    WHERE v.enterprise_id = d.enterprise_id AND p.day IS NULL AND jsonb_array_length(p.why) > 0)
            ) THEN 'not placed'
            WHEN d.state = 'waiting' AND EXISTS (
                SELECT FROM visits_result r WHERE r.enterprise_id = d.enterprise_id AND r.state = 'revoked'
            ) THEN 'waits again'
            ELSE 'lost' END AS fate, count(*)
        FROM planning_demand d LEFT JOIN visits_contact c ON c.id = d.contact_id
        LEFT JOIN planning_screening s ON s.id = d.screening_id GROUP BY 1, 2
        """,
    )
    assert "lost" not in {fate for _origin, fate, _count in ends}, ends
    assert {origin for origin, fate, _count in ends if fate == "visit"} == set(ORIGINS), ends
    prescribed = ask(demonstration, "SELECT every_months, source FROM planning_statutorycheck")
    assert prescribed == [[12, "《养老机构管理办法》（民政部令第66号）：民政部门每年现场检查不少于一次"]]


def test_every_demand_says_what_decided_it(demonstration: Demonstration) -> None:
    wrong = ask(
        demonstration,
        """
        SELECT d.id, d.state, d.outcome FROM planning_demand d
        LEFT JOIN visits_contact c ON c.id = d.contact_id
        LEFT JOIN planning_screening s ON s.id = d.screening_id
        WHERE NOT CASE d.state
            WHEN 'spared' THEN c.state = 'spared' AND c.spared_by <> '' AND s.id IS NOT NULL
            WHEN 'matched' THEN c.state IN ('planned', 'made') AND s.id IS NOT NULL
                AND c.planned_on BETWEEN d.window_from AND d.window_to
            WHEN 'deferred' THEN d.open_from > d.window_to AND s.id IS NOT NULL
                AND c.state = 'spared' AND c.spared_by = 'deferred:' || d.open_from
            WHEN 'refused' THEN s.verdict @? '$.grounds[*] ? (@.bars != "NOTHING")'
            ELSE d.outcome = '' AND d.contact_id IS NULL END
        """,
    )
    assert wrong == []


def test_no_budget_is_broken_by_what_was_planned(demonstration: Demonstration) -> None:
    caps = pairs(ask(demonstration, "SELECT code, value::int FROM catalogue_legalnumber WHERE region = ''"))
    district, week, month = (
        caps["annual-visit-cap-district"],
        caps["visits-a-week"],
        caps["visits-a-month"],
    )
    counted = "c.counts_toward_cap AND t.counts_toward_cap AND NOT t.exempt_from_cap"
    live = (
        "SELECT c.enterprise_id, coalesce(c.made_on, c.planned_on) AS day FROM visits_contact c "
        "JOIN gate_triggerrule t ON t.code = c.trigger WHERE c.state IN ('planned', 'made')"
    )
    for period, limit, condition in (
        ("year", district, counted),
        ("month", month, "c.trigger = 'draw'"),
        ("week", week, "c.trigger = 'draw'"),
    ):
        broken = ask(
            demonstration,
            f"SELECT enterprise_id, date_trunc('{period}', day), count(*) FROM ({live} AND {condition}) AS made "
            f"GROUP BY 1, 2 HAVING count(*) > {limit}",
        )
        assert broken == [], period
    twice = (
        f"SELECT enterprise_id, day FROM ({live} AND c.round <> '') AS made GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert ask(demonstration, twice) == []


def test_no_listing_and_no_quiet_day_is_disturbed(demonstration: Demonstration) -> None:
    disturbed = ask(
        demonstration,
        """
        SELECT c.id, i.item_version_id FROM visits_contact c
        JOIN visits_contactitem i ON i.contact_id = c.id
        JOIN catalogue_itemversion v ON v.id = i.item_version_id
        JOIN registry_enterprise e ON e.id = c.enterprise_id
        JOIN undisturbed_listing l ON l.enterprise_id = c.enterprise_id AND l.state = 'listed'
        JOIN undisturbed_spareditem s ON s.item_id = v.item_id AND s.region_id = e.region_id
        WHERE c.trigger = 'draw' AND c.state IN ('planned', 'made')
        """,
    )
    assert disturbed == []
    on_quiet_days = ask(
        demonstration,
        """
        SELECT c.id, c.planned_on FROM visits_contact c
        JOIN registry_enterprise e ON e.id = c.enterprise_id
        JOIN registry_region r ON r.id = e.region_id
        JOIN gate_quietdays q ON q.region = r.code
        WHERE c.round <> '' AND c.state IN ('planned', 'made')
            AND extract(day FROM c.planned_on) BETWEEN q.from_day AND q.until_day
        """,
    )
    assert on_quiet_days == []
    assert ask(demonstration, "SELECT count(*) FROM gate_quietdays") != [[0]]


def test_what_is_recognised_leans_on_a_clean_result_that_was_valid(demonstration: Demonstration) -> None:
    wrong = ask(
        demonstration,
        """
        SELECT d.id FROM planning_demand d JOIN visits_contact c ON c.id = d.contact_id
        LEFT JOIN visits_result r ON 'result:' || r.uuid = c.spared_by
        WHERE d.state = 'spared' AND d.outcome = 'recognise' AND NOT (
            r.enterprise_id = d.enterprise_id AND r.result_code IN ('01', '02') AND r.state = 'offered'
            AND r.found_on <= d.window_from AND r.valid_until >= d.window_from)
        """,
    )
    assert wrong == []
    assert ask(demonstration, "SELECT count(*) FROM visits_result WHERE state = 'revoked'") in ([[0]], [[1]])


def test_the_desk_has_applications_in_its_queues(demonstration: Demonstration) -> None:
    states = pairs(ask(demonstration, "SELECT state, count(*) FROM gate_application GROUP BY 1"))
    assert {"waiting", "granted", "spared", "refused", "papers-due"} <= set(states)
    said = re.search(r"^    (\d+ [a-z-]+(?:, \d+ [a-z-]+)*)$", demonstration.output, re.MULTILINE)
    assert said is not None
    told = {words.split()[1]: int(words.split()[0]) for words in said[1].split(", ")}
    # A revocation may have reopened one of them afterwards.
    assert sum(told.values()) == sum(states.values())


def test_the_table_says_what_happened(demonstration: Demonstration) -> None:
    output = demonstration.output
    assert f"{ENTERPRISES} rows in = {ENTERPRISES} new + 0 changed + 0 unchanged + 0 rejected" in output
    assert number(output, "Enterprises") == ENTERPRISES
    alone, joint = (
        number(output, "Visits, if every agency went alone"),
        number(output, "Visits planned, joint"),
    )
    assert alone > joint > 0
    assert number(output, "Visits saved") == alone - joint
    made = number(output, "Visits made (results simulated)")
    assert number(output, "Results published") == made
    assert made + number(output, "Visits left open, to try the desk with") == joint
    assert "模拟数据" in output
    found = re.search(r"([\d,]+) found, ([\d,]+) nominated, ([\d,]+) reviewed at home", output)
    assert found, output
    discovered, nominated, reviewed = (int(text.replace(",", "")) for text in found.groups())
    assert discovered >= nominated >= reviewed > 0
    assert number(output, "Results of the last months, offered to others") > 0
    assert re.search(r"client id +[0-9a-f-]{36}\n  client secret  \S{43}", output)
    for username in ("coordinator", "planner", "approver", "officer-a", "officer-b", "owner", "auditor"):
        assert re.search(rf"^  {username} +[a-z0-9-]{{17}}  ", output, re.MULTILINE), username


def check_calendar(folder: Path, rows: list[dict[str, str]]) -> subprocess.CompletedProcess[str]:
    """The rows as a calendar, checked by the program that lies beside the facts: no site packages, no product."""
    path = folder / "checked.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    program = [sys.executable, "-I", "-S", str(folder / "facts" / "verify_calendar.py")]
    return subprocess.run(
        [*program, str(path), "--facts", str(folder / "facts")],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_the_exported_calendar_breaks_no_rule_and_the_checker_would_see_it(
    demonstration: Demonstration,
) -> None:
    assert number(demonstration.output, "Caps, quiet days, recusals and other rules broken") == 0
    saved = number(demonstration.output, "Demands spared by recognition")
    assert saved == number(demonstration.output, "recognised: a result exists")
    folder = demonstration.var / "demonstration" / "calendar"
    assert (folder / "facts" / "recusals.csv").read_text("utf-8-sig").count("\n") > 1, (
        "there are recusals to break"
    )
    (file,) = folder.glob("????Q?.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kept = check_calendar(folder, rows)
    assert kept.returncode == 0, kept.stdout + kept.stderr
    assert "0 not; broken 0 times." in kept.stdout, "every rule was checked"
    for name, value, said in (
        ("day", "2019-10-01", "is no working day of the quarter"),
        ("officer", "MN000000", "is not in service"),
        ("item", "nothing-00", "nobody asked for nothing-00"),
    ):
        changed = check_calendar(folder, [rows[0] | {name: value}, *rows[1:]])
        assert changed.returncode == 1 and said in changed.stdout, name
    moved = [row | {"visit": rows[-1]["visit"]} if row["visit"] == rows[0]["visit"] else row for row in rows]
    assert check_calendar(folder, moved).returncode == 1


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
            timeout=600,
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
    assert "The file gives no class: facts are made up, and the model finds the classes." in done.stdout
    assert "the enterprises come from the file given" in done.stdout
    assert number(done.stdout, "Visits saved") > 0
    for folder in machine.draws:
        assert verify(folder).returncode == 0, folder.name
