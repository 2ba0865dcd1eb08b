#!/usr/bin/env python3
"""Recompute a draw (yicha-draw/1) from its published files alone.

    python3 verify_draw.py DIR [--manifest-hash HEX] [--result-hash HEX]

DIR holds manifest.json and result.json, and either population.tsv and exclusions.tsv (a draw of objects) or
tasks.tsv and eligibility.tsv (a draw of officers). Each line that is printed says one thing that was checked.
Exit 0: everything holds. Exit 1: something does not, and the line that begins with NO says what.

Nothing but Python 3.10 or later and its standard library is needed. Give --manifest-hash as it was published at
the freeze (in the gazette, in the ledger): without it, this program shows that the files agree with each other,
not that they are the files that were published before the beacon. Which objects were skipped later, and why, is
no matter of computation: --result-hash, as it stands in the ledger, tells whether the list is whole.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections import Counter
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

SPEC = "yicha-draw/1"
KEY = re.compile(rb"[0-9A-Za-z._:-]{1,64}")
HASH = re.compile(r"[0-9a-f]{64}")


class Wrong(Exception):
    """Something does not hold. `name` is stable."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name


def wrong(name: str, words: str) -> NoReturn:
    raise Wrong(name, words)


def same(name: str, what: str, written: object, computed: object) -> None:
    if written != computed:
        wrong(name, f"{what} is {written!r:.100} in the file, but must be {computed!r:.100}")


# ---------------------------------------------------------------- hashes


def hash_text(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def seed_of(manifest_hash: str, beacon: str, reveals: list[str]) -> str:
    return hash_text("\n".join([SPEC, manifest_hash, beacon, *reveals]) + "\n")[:32]


def commitment_of(draw_id: str, agency: str, reveal: str) -> str:
    return hash_text(f"yicha-commit\n{draw_id}\n{agency}\n{reveal}")


def ticket(seed: str, label: str) -> str:
    return hash_text(seed + "|" + label)


def merkle_root(lines: list[bytes]) -> str:
    """RFC 6962: leaves are hashed with a 0x00 before them, nodes with a 0x01; the odd one rises unchanged."""
    level = [sha256(b"\x00" + line).digest() for line in lines]
    if not level:
        return sha256(b"").hexdigest()
    while len(level) > 1:
        above = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0].hex()


def canonical(value: Any) -> str:
    """RFC 8785 without floating point: no spaces, keys by UTF-16 code units, nothing escaped that need not be."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        raise ValueError("a number that is no exact integer")
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- reading


def read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        wrong("file-missing", f"{name} cannot be read")


def read_json(folder: Path, name: str) -> Any:
    data = read(folder, name)
    try:
        value = json.loads(data.decode("utf-8"))
        agrees = canonical(value).encode("utf-8") == data
    except (ValueError, RecursionError):
        wrong("json-form", f"{name} is not canonical JSON (RFC 8785) in UTF-8")
    if not agrees or not isinstance(value, dict):
        wrong("json-form", f"{name} is not byte for byte in canonical form (RFC 8785)")
    return value


def read_table(folder: Path, name: str, columns: int, described: Any) -> list[list[str]]:
    """The rows of a file whose hash and Merkle root the manifest gives."""
    data = read(folder, name)
    same("file-hash", f"the SHA-256 of {name}", described["file_sha256"], sha256(data).hexdigest())
    lines = data.split(b"\n")
    if lines.pop() != b"":
        wrong("file-form", f"{name}: the last line has no line end")
    before = b""
    for number, line in enumerate(lines, 1):
        cells = line.split(b"\t")
        if len(cells) != columns or not all(KEY.fullmatch(cell) for cell in cells):
            wrong("file-form", f"{name}, line {number}: not {columns} fields of the allowed characters")
        if number > 1 and line <= before:
            wrong("file-order", f"{name}, line {number}: not in bytewise order, or there twice")
        before = line
    same("merkle-root", f"the Merkle root of {name}", described["merkle_root"], merkle_root(lines))
    return [line.decode("ascii").split("\t") for line in lines]


def no_twins(what: str, keys: list[str]) -> None:
    twins = [key for key, count in Counter(key.lower() for key in keys).items() if count > 1]
    if twins:
        wrong("keys-unique", f"{what}: {twins[0]} is there twice, or twice but for case")


def fields(name: str, document: Any, required: str, optional: str = "") -> None:
    found, wanted = set(document), set(required.split())
    if not wanted <= found <= wanted | set(optional.split()):
        wrong(f"{name}-form", f"fields missing or too many: {', '.join(sorted(found ^ wanted))}")


# ---------------------------------------------------------------- manifest and seed

BEACONS = {"drand": "[0-9a-f]{64}", "dice": "[0-9]{20}", "lottery": "[0-9+,-]+", "demonstration": ".+"}


def check_beacon(spec: Any, text: str) -> None:
    """Only the form; that the event took place, and after the deadline, is looked up where `source` says."""
    if spec["kind"] not in BEACONS:
        wrong("beacon-form", f"{spec['kind']!r} is no kind of beacon")
    if not re.fullmatch("[!-~]([ -~]{0,198}[!-~])?", text) or not re.fullmatch(BEACONS[spec["kind"]], text):
        wrong("beacon-form", f"{text!r} is no text of a {spec['kind']} beacon")


def check_number(draw_id: str, organiser: str, before: Any) -> None:
    """Numbers of an organiser have no gaps in a year, and every draw names the one before it."""
    form = re.compile(r"(.+)-(\d{4})-(\d{4,})", re.ASCII)
    own = form.fullmatch(draw_id)
    if not own or own[1] != organiser:
        wrong("draw-number", "draw_id is not organiser-year-number")
    number = 1
    if before is not None:
        last = form.fullmatch(before["draw_id"])
        # a draw that was void before its freeze has a number but no manifest
        unnamed = before["manifest_hash"] is not None and not HASH.fullmatch(before["manifest_hash"])
        if not last or last[1] != own[1] or last[2] > own[2] or unnamed:
            wrong("draw-chain", "previous_draw is not an earlier draw of the same organiser")
        number = int(last[3]) + 1 if last[2] == own[2] else 1
    same("draw-chain", "the number after the previous draw", int(own[3]), number)


def check_head(manifest: Any) -> str:
    same("manifest-form", "spec", manifest["spec"], SPEC)
    same("manifest-form", "algorithm", manifest["algorithm"], "sha256")
    for field in ("draw_id", "title", "plan_id", "organiser"):
        if not isinstance(manifest[field], str) or not manifest[field]:
            wrong("manifest-form", f"{field} is not a text")
    check_number(manifest["draw_id"], manifest["organiser"], manifest["previous_draw"])
    agencies = manifest["agencies"]
    commitments = [(row["agency"], row["commitment"]) for row in manifest["seed"]["participants"]]
    if len(set(agencies)) != len(agencies) or not {agency for agency, _ in commitments} <= set(agencies):
        wrong("participants", "an agency is there twice, or takes part without being named")
    if len({agency for agency, _ in commitments}) != len(commitments):
        wrong("participants", "an agency has two commitments")
    if not all(HASH.fullmatch(commitment) for _, commitment in commitments):
        wrong("participants", "a commitment is not 64 hexadecimal digits")
    if datetime.fromisoformat(manifest["frozen_at"]) >= datetime.fromisoformat(
        manifest["seed"]["reveal_deadline"]
    ):
        wrong("order-of-events", "the manifest was frozen after the deadline for reveals")
    words = manifest["seed"]["beacon"]["kind"]
    return f"{manifest['draw_id']} “{manifest['title']}”, {len(commitments)} commitments, beacon: {words}"


def check_seed(manifest: Any, manifest_hash: str, result: Any) -> str:
    same("manifest-hash", "the manifest hash in result.json", result["manifest_hash"], manifest_hash)
    same("result-form", "spec in result.json", result["spec"], SPEC)
    same("result-form", "draw_id in result.json", result["draw_id"], manifest["draw_id"])
    check_beacon(manifest["seed"]["beacon"], result["beacon"])
    participants = manifest["seed"]["participants"]
    order = [row["agency"] for row in participants]
    same(
        "reveals", "the order of agencies in the reveals", [row["agency"] for row in result["reveals"]], order
    )
    withheld = 0
    for row, committed in zip(result["reveals"], participants, strict=False):
        fields("reveals", row, "agency reveal")
        if row["reveal"] == "withheld":
            withheld += 1
            continue
        if not HASH.fullmatch(row["reveal"]):
            wrong("reveals", f"the reveal of {row['agency']} is not 64 hexadecimal digits")
        computed = commitment_of(manifest["draw_id"], row["agency"], row["reveal"])
        same("commitment", f"the commitment of {row['agency']}", committed["commitment"], computed)
    seed = seed_of(manifest_hash, result["beacon"], [row["reveal"] for row in result["reveals"]])
    same("seed", "the seed", result["seed"], seed)
    return (
        f"seed {seed} from the manifest, the beacon and {len(order) - withheld} reveals ({withheld} withheld)"
    )


# ---------------------------------------------------------------- objects


def quotas(strata: list[Any]) -> dict[str, int]:
    """Largest remainder over the sum rounded half up, ties to the smaller id; then at least one each."""
    exact = {}
    for row in strata:
        if not re.fullmatch(r"0(\.\d{1,12})?|1(\.0{1,12})?", row["rate"], re.ASCII):
            wrong("rate", f"stratum {row['id']}: {row['rate']!r} is no share from 0 to 1")
        exact[row["id"]] = row["size"] * Fraction(row["rate"])
    found = {name: math.floor(value) for name, value in exact.items()}
    seats = math.floor(sum(exact.values()) + Fraction(1, 2)) - sum(found.values())
    for name in sorted(exact, key=lambda name: (found[name] - exact[name], name))[:seats]:
        found[name] += 1
    return {name: max(count, 1) if exact[name] > 0 else count for name, count in found.items()}


def check_population(folder: Path, manifest: Any) -> tuple[dict[str, str], str]:
    rows = read_table(folder, "population.tsv", 2, manifest["population"])
    excluded = read_table(folder, "exclusions.tsv", 2, manifest["exclusions"])
    no_twins("population.tsv and exclusions.tsv", [row[0] for row in rows + excluded])
    same("population-count", "the size of the population", manifest["population"]["count"], len(rows))
    counts = dict(Counter(code for _, code in excluded))
    same("exclusion-counts", "the counts of exclusions", manifest["exclusions"]["counts"], counts)
    strata = manifest["strata"]
    no_twins("strata", [row["id"] for row in strata])
    sizes = Counter(stratum for _, stratum in rows)
    if not set(sizes) <= {row["id"] for row in strata}:
        wrong("strata", f"population.tsv has strata that the manifest has not: {sorted(sizes)[:5]}")
    for row in strata:
        same("stratum-size", f"the size of stratum {row['id']}", row["size"], sizes[row["id"]])
    for row, quota in zip(strata, quotas(strata).values(), strict=False):
        same("quota", f"the quota of stratum {row['id']}", row["quota"], quota)
    to_draw = sum(row["quota"] for row in strata)
    words = f"{len(rows)} objects in {len(strata)} strata, {len(excluded)} excluded; {to_draw} to draw"
    return dict(rows), words


def ranking(seed: str, prefix: str, population: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    ranked: dict[str, list[tuple[str, str]]] = {}
    for key, stratum in population.items():
        ranked.setdefault(stratum, []).append((ticket(seed, prefix + key), key))
    return {stratum: sorted(rows) for stratum, rows in ranked.items()}


def check_selection(
    name: str, written: Any, ranked: dict[str, list[tuple[str, str]]], quota: dict[str, int]
) -> None:
    computed = [
        {"stratum": stratum, "key": key, "ticket": number}
        for stratum in sorted(quota)
        for number, key in ranked.get(stratum, [])[: quota[stratum]]
    ]
    for place, (found, expected) in enumerate(zip(written, computed, strict=False), 1):
        same(name, f"row {place} of the selection", found, expected)
    same(name, "the number of objects drawn", len(written), len(computed))


class Objects:
    """A draw of objects, replayed: who was drawn, who stands, who was skipped."""

    def __init__(self, manifest: Any, result: Any, population: dict[str, str]) -> None:
        self.manifest, self.result, self.population = manifest, result, population
        self.ranked = ranking(result["seed"], "o:", population)
        check_selection(
            "selection", result["selection"], self.ranked, {s["id"]: s["quota"] for s in manifest["strata"]}
        )
        self.drawn = {row["key"] for row in result["selection"]}
        self.standing = set(self.drawn)
        self.skipped: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()

    def check_supplement(self, folder: Path, manifest_hash: str, number: int, written: Any) -> None:
        fields("supplement", written, "number manifest_hash beacon seed selection")
        name = f"supplement-{number}.json"
        document = read_json(folder, name)
        computed = sha256(canonical(document).encode("utf-8")).hexdigest()
        same("supplement", "number", [written["number"], document["number"]], [number, number])
        same("supplement", f"the hash of {name}", written["manifest_hash"], computed)
        head = [document[field] for field in ("spec", "kind", "draw_id", "manifest_hash")]
        same(
            "supplement",
            f"the head of {name}",
            head,
            [SPEC, "supplement", self.manifest["draw_id"], manifest_hash],
        )
        check_beacon(document["seed"]["beacon"], written["beacon"])
        same("supplement", "the seed", written["seed"], seed_of(computed, written["beacon"], []))
        quota = {row["id"]: row["quota"] for row in document["strata"]}
        if any(count < 1 or count > self.missing[stratum] for stratum, count in quota.items()):
            wrong("supplement", f"{name} draws more than is missing")
        self.missing.subtract(quota)
        rest = {key: stratum for key, stratum in self.population.items() if key not in self.drawn}
        ranked = ranking(written["seed"], f"s{number}:o:", rest)
        check_selection("supplement", written["selection"], ranked, quota)
        self.drawn |= {row["key"] for row in written["selection"]}
        self.standing |= {row["key"] for row in written["selection"]}

    def check_replacement(self, row: Any) -> None:
        fields("replacements", row, "key code by ticket")
        if row["code"] not in self.manifest["replacement"]["codes"]:
            wrong("replacements", f"{row['code']!r} is not a listed reason")
        if row["key"] not in self.standing:
            wrong("replacements", f"{row['key']} was not drawn, or was replaced before")
        stratum = self.population[row["key"]]
        size = next(s["size"] for s in self.manifest["strata"] if s["id"] == stratum)
        allowed = math.floor(size * Fraction(self.manifest["replacement"]["cap_per_stratum"]))
        free = [pair for pair in self.ranked[stratum] if pair[1] not in self.drawn]
        number, by = free[0] if free and self.skipped[stratum] < allowed else (None, None)
        same("replacements", f"what comes for {row['key']}", [row["by"], row["ticket"]], [by, number])
        self.skipped[stratum] += 1
        self.standing.remove(row["key"])
        if by:
            self.drawn.add(by)
            self.standing.add(by)
        else:
            self.missing[stratum] += 1


def check_objects(
    folder: Path, manifest: Any, manifest_hash: str, result: Any, population: dict[str, str]
) -> str:
    fields(
        "result",
        result,
        "spec draw_id manifest_hash beacon reveals seed selection replacements",
        "supplements",
    )
    draw = Objects(manifest, result, population)
    supplements = result.get("supplements", [])
    came_with = {row["key"]: n for n, s in enumerate(supplements, 1) for row in s["selection"]}
    done = 0
    for row in result["replacements"]:
        # an object that a supplement brought can be skipped only after that supplement
        while row["key"] not in draw.standing and came_with.get(row["key"], 0) > done:
            done += 1
            draw.check_supplement(folder, manifest_hash, done, supplements[done - 1])
        draw.check_replacement(row)
    for number in range(done + 1, len(supplements) + 1):
        draw.check_supplement(folder, manifest_hash, number, supplements[number - 1])
    skipped = len(result["replacements"])
    return (
        f"{len(population)} tickets, {len(result['selection'])} objects drawn, {skipped} skipped, "
        f"{len(supplements)} supplements; {len(draw.standing)} stand"
    )


# ---------------------------------------------------------------- officers


class Assignment:
    """One complete assignment is kept all the time; a choice is possible if the others can make room for it."""

    def __init__(
        self, tasks: list[tuple[str, str, int]], eligible: dict[tuple[str, str], list[str]], cap: int
    ) -> None:
        self.tasks, self.cap = tasks, cap
        self.eligible = [eligible.get((visit, agency), []) for visit, agency, _ in tasks]
        self.on: list[set[str]] = [set() for _ in tasks]
        self.movable: dict[str, set[int]] = {officer: set() for row in self.eligible for officer in row}
        self.load = dict.fromkeys(self.movable, 0)

    def put(self, task: int, officer: str) -> None:
        self.on[task].add(officer)
        self.movable[officer].add(task)
        self.load[officer] += 1

    def take(self, task: int, officer: str) -> None:
        self.on[task].remove(officer)
        self.movable[officer].remove(task)
        self.load[officer] -= 1

    def room(self, officer: str, tried: set[str]) -> bool:
        """Whether the officer can go once more, after moving others if need be (an augmenting path)."""
        if self.load[officer] < self.cap:
            return True
        tried.add(officer)
        for task in list(self.movable[officer]):
            for other in self.eligible[task]:
                if other not in tried and other not in self.on[task] and self.room(other, tried):
                    self.take(task, officer)
                    self.put(task, other)
                    return True
        return False

    def place(self, task: int, officer: str, drawn: set[str], tried: set[str]) -> bool:
        if officer in self.on[task]:
            return True
        if officer in tried:
            return False
        leaving = min(self.on[task] - drawn)
        self.take(task, leaving)
        possible = self.room(officer, tried)
        self.put(task, officer if possible else leaving)
        return possible

    def draw(self, seed: str) -> list[dict[str, str]]:
        sys.setrecursionlimit(1000 + 3 * len(self.movable))
        for task, (visit, agency, need) in enumerate(self.tasks):
            for _ in range(need):
                tried: set[str] = set()
                found = (o for o in self.eligible[task] if o not in self.on[task] and self.room(o, tried))
                officer = next(found, None)
                if officer is None:
                    wrong("feasibility", f"{agency} cannot send {need} officers on {visit}")
                self.put(task, officer)
        rows = []
        for task, (visit, agency, need) in enumerate(self.tasks):
            ranked = sorted(
                (ticket(seed, f"p:{visit}:{officer}"), officer) for officer in self.eligible[task]
            )
            drawn: set[str] = set()
            while len(drawn) < need:
                tried = set()
                number, officer = next(
                    (n, o) for n, o in ranked if o not in drawn and self.place(task, o, drawn, tried)
                )
                drawn.add(officer)
                self.movable[officer].remove(task)
                rows.append({"visit": visit, "agency": agency, "officer": officer, "ticket": number})
        return rows


def check_tasks(folder: Path, manifest: Any) -> tuple[Any, str]:
    tasks = read_table(folder, "tasks.tsv", 3, manifest["files"]["tasks"])
    rows = read_table(folder, "eligibility.tsv", 3, manifest["files"]["eligibility"])
    if not HASH.fullmatch(manifest["reasons_root"]) or type(manifest["load_cap"]) is not int:
        wrong("manifest-form", "reasons_root or load_cap")
    if not all(re.fullmatch("[1-9][0-9]{0,3}", need) and int(need) >= 2 for _, _, need in tasks):
        wrong("need", "tasks.tsv: fewer than two officers for a visit")
    no_twins("tasks.tsv, visits and agencies", [f"{visit} {agency}" for visit, agency, _ in tasks])
    no_twins("tasks.tsv, visits", list({visit for visit, _, _ in tasks}))
    no_twins("eligibility.tsv, officers", list({officer for _, _, officer in rows}))
    no_twins("eligibility.tsv, officers of a visit", [f"{visit} {officer}" for visit, _, officer in rows])
    eligible: dict[tuple[str, str], list[str]] = {}
    for visit, agency, officer in rows:
        eligible.setdefault((visit, agency), []).append(officer)
    if not set(eligible) <= {(visit, agency) for visit, agency, _ in tasks}:
        wrong("eligibility", "eligibility.tsv names officers for tasks that tasks.tsv has not")
    numbered = [(visit, agency, int(need)) for visit, agency, need in tasks]
    return (
        numbered,
        eligible,
    ), f"{len(tasks)} tasks, {len(rows)} possibilities, load at most {manifest['load_cap']}"


def check_officers(manifest: Any, result: Any, found: Any) -> str:
    fields("result", result, "spec draw_id manifest_hash beacon reveals seed assignment")
    tasks, eligible = found
    order = sorted(tasks, key=lambda row: (ticket(result["seed"], f"o:{row[0]}"), row[0], row[1]))
    computed = Assignment(order, eligible, manifest["load_cap"]).draw(result["seed"])
    for place, (written, expected) in enumerate(zip(result["assignment"], computed, strict=False), 1):
        same("assignment", f"row {place} of the assignment", written, expected)
    same("assignment", "the number of officers drawn", len(result["assignment"]), len(computed))
    return f"{len(computed)} places filled by {len({row['officer'] for row in computed})} officers"


# ---------------------------------------------------------------- the whole


def check_sums(folder: Path) -> str:
    lines = read(folder, "SHA256SUMS").decode("utf-8", "replace").split("\n")
    for line in lines[:-1]:
        row = re.fullmatch(r"([0-9a-f]{64})  ([0-9A-Za-z._-]+)", line)
        if not row:
            wrong("sums", f"SHA256SUMS: {line!r:.80}")
        same("sums", f"the SHA-256 of {row[2]}", row[1], sha256(read(folder, row[2])).hexdigest())
    if lines[-1] or sorted(set(lines[:-1]), key=lambda line: line[66:]) != lines[:-1]:
        wrong("sums", "SHA256SUMS is not sorted by name, or does not end with a line end")
    return f"{len(lines) - 1} files are what SHA256SUMS says"


def check_void(folder: Path, manifest: Any, manifest_hash: str) -> str:
    void = read_json(folder, "void.json")
    fields("void", void, "spec kind draw_id manifest_hash reason signatures voided_at")
    head = [void[field] for field in ("spec", "kind", "draw_id", "manifest_hash")]
    same("void", "the head of void.json", head, [SPEC, "void", manifest["draw_id"], manifest_hash])
    if (
        not void["reason"]
        or not void["signatures"]
        or not set(void["signatures"]) <= set(manifest["agencies"])
    ):
        wrong("void", "void.json has no reason, or is not signed by agencies of the draw")
    return f"THIS DRAW IS VOID: {void['reason']} (signed by {', '.join(void['signatures'])})"


def steps(folder: Path, expected_hash: str = "", result_hash: str = "") -> Any:
    """Yield (name, words) for each thing that holds; raise Wrong at the first that does not."""
    if (folder / "SHA256SUMS").exists():
        yield "sums", check_sums(folder)
    manifest = read_json(folder, "manifest.json")
    manifest_hash = sha256(canonical(manifest).encode("utf-8")).hexdigest()
    if expected_hash:
        same("manifest-hash", "the manifest hash that was published", expected_hash, manifest_hash)
    yield (
        "manifest-hash",
        manifest_hash + ("" if expected_hash else " (compare it with the one published at the freeze)"),
    )
    yield "manifest", check_head(manifest)
    objects = manifest["kind"] == "objects"
    if not objects and manifest["kind"] != "officers":
        wrong("manifest-form", f"kind is {manifest['kind']!r}")
    found, words = (check_population if objects else check_tasks)(folder, manifest)
    yield ("population" if objects else "tasks"), words
    if (folder / "void.json").exists():
        yield "void", check_void(folder, manifest, manifest_hash)
    if not (folder / "result.json").exists():
        yield "result", "not drawn: there is no result.json"
        return
    result = read_json(folder, "result.json")
    if result_hash:
        computed = sha256(canonical(result).encode("utf-8")).hexdigest()
        same("result-hash", "the hash of result.json that was published", result_hash, computed)
    yield "seed", check_seed(manifest, manifest_hash, result)
    if objects:
        yield "selection", check_objects(folder, manifest, manifest_hash, result, found)
    else:
        yield "assignment", check_officers(manifest, result, found)


def verify(folder: Path, manifest_hash: str = "", result_hash: str = "") -> list[tuple[bool, str, str]]:
    """(holds, name, words) of everything that was checked; only the last can be one that does not hold."""
    lines = []
    try:
        for name, words in steps(folder, manifest_hash, result_hash):
            lines.append((True, name, words))
    except Wrong as problem:
        lines.append((False, problem.name, str(problem)))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        lines.append((False, "form", f"a field is missing or of another kind: {problem!r}"))
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Recompute a draw (yicha-draw/1) from its published files alone."
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--manifest-hash", default="", metavar="HEX", help="as it was published at the freeze"
    )
    parser.add_argument("--result-hash", default="", metavar="HEX", help="as the ledger has it now")
    options = parser.parse_args(arguments)
    lines = verify(options.folder, options.manifest_hash, options.result_hash)
    for holds, name, words in lines:
        sys.stdout.write(f"{'ok' if holds else 'NO'}  {name}: {words}\n")
    return 0 if lines[-1][0] else 1


if __name__ == "__main__":
    sys.exit(main())
