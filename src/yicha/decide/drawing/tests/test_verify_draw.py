"""The published program refuses by name whatever a forger would change; it knows nothing of `rules`."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.decide.drawing import verify_draw
from yicha.decide.drawing.tests import factories
from yicha.kernel import canonical, merkle

OBJECTS = factories.objects_files()
OFFICERS = factories.officers_files()
BOTH = pytest.mark.parametrize("files", [OBJECTS, OFFICERS], ids=["objects", "officers"])


def write(folder: Path, files: factories.Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def refused_as(folder: Path, files: factories.Files) -> str:
    """The name of what does not hold, or "" where everything does."""
    holds, name, _ = verify_draw.verify(write(folder, files))[-1]
    return "" if holds else name


def changed(files: factories.Files, name: str, content: bytes) -> factories.Files:
    """The files with one changed, and sums that agree: a forger corrects these first."""
    return factories.with_sums({**files, name: content})


def document(files: factories.Files, name: str) -> Any:
    return json.loads(files[name])


def reseal(files: factories.Files, edit: Callable[[Any], None]) -> factories.Files:
    """A forger who edits the manifest and corrects its hash and the seed in the result."""
    manifest, result = document(files, "manifest.json"), document(files, "result.json")
    edit(manifest)
    result["manifest_hash"] = sha256(canonical.dumps(manifest)).hexdigest()
    reveals = [row["reveal"] for row in result["reveals"]]
    result["seed"] = verify_draw.seed_of(result["manifest_hash"], result["beacon"], reveals)
    edited = {"manifest.json": canonical.dumps(manifest), "result.json": canonical.dumps(result)}
    return factories.with_sums({**files, **edited})


@BOTH
def test_what_was_published_holds(tmp_path: Path, files: factories.Files) -> None:
    write(tmp_path, files)
    lines = verify_draw.verify(tmp_path)
    assert all(holds for holds, _, _ in lines)
    manifest_hash = sha256(files["manifest.json"]).hexdigest()
    assert verify_draw.verify(tmp_path, manifest_hash)[-1][0]
    assert verify_draw.verify(tmp_path, "0" * 64)[-1][:2] == (False, "manifest-hash")
    assert refused_as(tmp_path, {n: c for n, c in files.items() if n != "SHA256SUMS"}) == ""


def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    tree = ast.parse(Path(verify_draw.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    write(tmp_path, OBJECTS)
    program = [sys.executable, "-I", "-S", str(tmp_path / "verify_draw.py"), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ok  selection: 137 tickets" in done.stdout
    (tmp_path / "result.json").write_bytes(OBJECTS["result.json"].replace(b"closed", b"moved", 1))
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:8]) == (1, "NO  sums")


@BOTH
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_byte_of_any_file_is_refused(
    tmp_path: Path, files: factories.Files, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert refused_as(tmp_path, {**files, name: bytes(content)}) != ""


@BOTH
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_and_also_where_the_sums_are_corrected(
    tmp_path: Path, files: factories.Files, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(set(files) - {"SHA256SUMS", "verify_draw.py"})))
    content = bytearray(files[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert refused_as(tmp_path, changed(files, name, bytes(content))) != ""


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, inner ones too; of long lists the first two and the last."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for place in sorted({*range(min(2, len(value))), len(value) - 1} - {-1}):
            yield from paths_of(value[place], (*path, place))


def edits_of(value: Any) -> Iterator[Any]:
    """Other values for a place."""
    if isinstance(value, str):
        yield from (value + "x", "", "0" * len(value), None)
    elif isinstance(value, int):
        yield from (value + 1, str(value), None)
    elif isinstance(value, list):
        yield from (value[:-1], [*value, *value[:1]], value[::-1], {})
    elif isinstance(value, dict):
        yield from ({**value, "x": "y"}, {}, [])
    else:
        yield from ("x", 0)


def with_edit(original: Any, path: tuple[Any, ...], value: Any, *, remove: bool = False) -> Any:
    copy = json.loads(json.dumps(original))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if remove:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (OBJECTS, "manifest.json"),
        (OBJECTS, "result.json"),
        (OBJECTS, "supplement-1.json"),
        (OFFICERS, "manifest.json"),
        (OFFICERS, "result.json"),
    ],
    ids=["o-manifest", "o-result", "o-supplement", "p-manifest", "p-result"],
)
def test_every_field_of_every_document_is_refused_when_changed(
    tmp_path: Path, files: factories.Files, name: str
) -> None:
    original = document(files, name)
    for path in paths_of(original):
        value = original
        for step in path:
            value = value[step]
        copies = [with_edit(original, path, other) for other in edits_of(value) if other != value]
        for copy in [*copies, with_edit(original, path, None, remove=True)]:
            if copy == original or is_earlier_state(original, copy):
                continue
            assert refused_as(tmp_path, changed(files, name, canonical.dumps(copy))), (path, copy)


def is_earlier_state(original: Any, copy: Any) -> bool:
    """A result before its last object was skipped is a true one, of an earlier day: only its hash tells (ledger)."""
    before = {**original, "replacements": original.get("replacements", [])[:-1]}
    return bool(copy == before)


def test_a_result_of_an_earlier_day_is_told_by_its_hash(tmp_path: Path) -> None:
    earlier = result_edit(OBJECTS, lambda result: result["replacements"].pop())
    assert refused_as(tmp_path, earlier) == ""
    now = sha256(OBJECTS["result.json"]).hexdigest()
    assert verify_draw.verify(tmp_path, "", now)[-1][:2] == (False, "result-hash")
    assert verify_draw.verify(write(tmp_path, OBJECTS), "", now)[-1][0]


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("quota", lambda m: m["strata"][0].update(quota=m["strata"][0]["quota"] + 1)),
        ("quota", lambda m: m["strata"][0].update(rate="0.5")),
        ("rate", lambda m: m["strata"][0].update(rate="5e-2")),
        ("stratum-size", lambda m: m["strata"][0].update(size=3)),
        ("strata", lambda m: m["strata"].pop()),
        ("keys-unique", lambda m: m["strata"].append(m["strata"][0])),
        ("population-count", lambda m: m["population"].update(count=1)),
        ("file-hash", lambda m: m["population"].update(file_sha256="0" * 64)),
        ("merkle-root", lambda m: m["population"].update(merkle_root="0" * 64)),
        ("merkle-root", lambda m: m["exclusions"].update(merkle_root="0" * 64)),
        ("exclusion-counts", lambda m: m["exclusions"]["counts"].update(budget=1)),
        ("draw-number", lambda m: m.update(organiser="110112")),
        ("draw-chain", lambda m: m.update(previous_draw=None)),
        ("draw-chain", lambda m: m["previous_draw"].update(draw_id="110302-2026-0003")),
        ("draw-chain", lambda m: m["previous_draw"].update(draw_id="110302-2027-0001")),
        ("draw-chain", lambda m: m["previous_draw"].update(manifest_hash="x")),
        ("commitment", lambda m: m["seed"]["participants"][0].update(commitment="0" * 64)),
        ("participants", lambda m: m["seed"]["participants"][0].update(agency="stranger")),
        ("participants", lambda m: m["seed"]["participants"][1].update(agency="110112-fire")),
        ("reveals", lambda m: m["seed"]["participants"].reverse()),
        ("participants", lambda m: m["agencies"].append("110112-fire")),
        ("order-of-events", lambda m: m.update(frozen_at="2027-01-01T00:00:00+08:00")),
        ("beacon-form", lambda m: m["seed"]["beacon"].update(kind="drand")),
        ("beacon-form", lambda m: m["seed"]["beacon"].update(kind="dice")),
        ("beacon-form", lambda m: m["seed"]["beacon"].update(kind="lottery")),
        ("beacon-form", lambda m: m["seed"]["beacon"].update(kind="friend")),
        ("manifest-form", lambda m: m.update(spec="yicha-draw/2")),
        ("manifest-form", lambda m: m.update(algorithm="md5")),
        ("manifest-form", lambda m: m.update(kind="friends")),
        ("manifest-form", lambda m: m.update(title="")),
        ("selection", lambda m: m.update(title="another")),
        ("form", lambda m: m.pop("seed")),
        ("form", lambda m: m.update(strata="none")),
        ("form", lambda m: m.update(frozen_at="2026-07-01T09:00:00")),
    ],
)
def test_a_forger_who_reseals_is_named(tmp_path: Path, name: str, edit: Callable[[Any], None]) -> None:
    assert refused_as(tmp_path, reseal(OBJECTS, edit)) == name


def table(files: factories.Files, name: str, content: bytes) -> factories.Files:
    """A forger who edits a table and corrects its hash and root in the manifest too."""

    def edit(manifest: Any) -> None:
        holder = manifest if name in ("population.tsv", "exclusions.tsv") else manifest["files"]
        lines = content.split(b"\n")[:-1]
        holder[name[:-4]].update(
            file_sha256=sha256(content).hexdigest(), merkle_root=merkle.root(lines).hex()
        )

    return reseal({**files, name: content}, edit)


def eligible(old: bytes, new: bytes) -> bytes:
    """The officers' possibilities with one of the first visit's exchanged."""
    return OFFICERS["eligibility.tsv"].replace(b"v000\t" + old, b"v000\t" + new)


FIRST = OBJECTS["population.tsv"].split(b"\n")[0] + b"\n"


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        ("file-form", "population.tsv", OBJECTS["population.tsv"][:-1]),
        ("file-form", "population.tsv", b"\xef\xbb\xbf" + OBJECTS["population.tsv"]),
        ("file-form", "population.tsv", OBJECTS["population.tsv"].replace(b"\n", b"\r\n")),
        ("file-form", "population.tsv", OBJECTS["population.tsv"].replace(b"\t", b" ")),
        ("file-form", "population.tsv", b"\n" + OBJECTS["population.tsv"]),
        ("file-order", "population.tsv", OBJECTS["population.tsv"] + FIRST),
        ("file-order", "population.tsv", FIRST + OBJECTS["population.tsv"]),
        ("population-count", "population.tsv", OBJECTS["population.tsv"].removeprefix(FIRST)),
        (
            "stratum-size",
            "population.tsv",
            OBJECTS["population.tsv"].replace(b"00\t110112-1", b"00\t110112-2"),
        ),
        ("strata", "population.tsv", OBJECTS["population.tsv"].replace(b"00\t110112-1", b"00\t110112-9")),
        ("keys-unique", "exclusions.tsv", FIRST.replace(b"110112-1", b"budget") + OBJECTS["exclusions.tsv"]),
        ("exclusion-counts", "exclusions.tsv", b""),
    ],
)
def test_a_forged_table_is_named(tmp_path: Path, name: str, file: str, content: bytes) -> None:
    assert refused_as(tmp_path, table(OBJECTS, file, content)) == name


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        ("need", "tasks.tsv", OFFICERS["tasks.tsv"].replace(b"\t2\n", b"\t1\n", 1)),
        ("need", "tasks.tsv", OFFICERS["tasks.tsv"].replace(b"\t2\n", b"\t02\n", 1)),
        ("eligibility", "tasks.tsv", OFFICERS["tasks.tsv"].split(b"\n", 1)[1]),
        ("feasibility", "tasks.tsv", OFFICERS["tasks.tsv"].replace(b"\t2\n", b"\t5\n", 1)),
        ("feasibility", "eligibility.tsv", b""),
        ("assignment", "eligibility.tsv", OFFICERS["eligibility.tsv"].split(b"\n", 1)[1]),
        ("keys-unique", "eligibility.tsv", eligible(b"110112-fire\tfire-1", b"110112-fire\tFIRE-2")),
        ("keys-unique", "eligibility.tsv", eligible(b"110112-market\tmarket-1", b"110112-market\tfire-1")),
        (
            "keys-unique",
            "tasks.tsv",
            OFFICERS["tasks.tsv"].replace(b"\t2\n", b"\t2\nv000\t110112-fire\t3\n", 1),
        ),
    ],
)
def test_a_forged_table_of_officers_is_named(tmp_path: Path, name: str, file: str, content: bytes) -> None:
    assert refused_as(tmp_path, table(OFFICERS, file, content)) == name


def result_edit(files: factories.Files, edit: Callable[[Any], None]) -> factories.Files:
    result = document(files, "result.json")
    edit(result)
    return changed(files, "result.json", canonical.dumps(result))


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("selection", lambda r: r["selection"].pop()),
        ("selection", lambda r: r["selection"].reverse()),
        ("selection", lambda r: r["selection"].append(r["selection"][0])),
        ("selection", lambda r: r["selection"][0].update(ticket="0" * 64)),
        ("selection", lambda r: r["selection"][0].update(note="x")),
        ("supplement", lambda r: r["replacements"].reverse()),
        ("replacements", lambda r: r["replacements"].pop(0)),
        ("replacements", lambda r: r["replacements"][0].update(code="friend")),
        ("replacements", lambda r: r["replacements"][0].update(by=r["replacements"][1]["by"])),
        ("replacements", lambda r: r["replacements"][0].update(by=None, ticket=None)),
        ("replacements", lambda r: r["replacements"][0].update(key="91110302MA99999999")),
        ("replacements-form", lambda r: r["replacements"][0].pop("ticket")),
        ("supplement", lambda r: r["supplements"][0].update(beacon="a third text")),
        ("supplement", lambda r: r["supplements"][0].update(seed="0" * 32)),
        ("supplement", lambda r: r["supplements"][0].update(number=2)),
        ("replacements", lambda r: r["supplements"][0]["selection"].clear()),
        ("replacements", lambda r: r["supplements"].clear()),
        ("seed", lambda r: r.update(beacon="another text")),
        ("seed", lambda r: r["reveals"][0].update(reveal="withheld")),
        ("commitment", lambda r: r["reveals"][0].update(reveal="0" * 64)),
        ("reveals", lambda r: r["reveals"][2].update(reveal="Withheld")),
        ("reveals", lambda r: r["reveals"].pop()),
        ("reveals-form", lambda r: r["reveals"][0].update(note="x")),
        ("beacon-form", lambda r: r.update(beacon="two\nlines")),
        ("manifest-hash", lambda r: r.update(manifest_hash="0" * 64)),
        ("result-form", lambda r: r.update(draw_id="110302-2026-0003")),
        ("result-form", lambda r: r.update(note="x")),
        ("result-form", lambda r: r.pop("replacements")),
    ],
)
def test_a_forged_result_is_named(tmp_path: Path, name: str, edit: Callable[[Any], None]) -> None:
    assert refused_as(tmp_path, result_edit(OBJECTS, edit)) == name


@pytest.mark.parametrize(
    "edit",
    [
        lambda r: r["assignment"].pop(),
        lambda r: r["assignment"].reverse(),
        lambda r: r["assignment"][0].update(officer="fire-9"),
        lambda r: r["assignment"][0].update(ticket="0" * 64),
        lambda r: r["assignment"].append(r["assignment"][0]),
    ],
)
def test_a_forged_assignment_is_named(tmp_path: Path, edit: Callable[[Any], None]) -> None:
    assert refused_as(tmp_path, result_edit(OFFICERS, edit)) == "assignment"


@BOTH
def test_a_missing_file_is_named(tmp_path: Path, files: factories.Files) -> None:
    for name in set(files) - {"SHA256SUMS"}:
        rest = {other: content for other, content in files.items() if other != name}
        assert refused_as(tmp_path, rest) == "file-missing"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"a":NaN}',
        b'{"a":1,"a":1}',
        b"\xef\xbb\xbf" + OBJECTS["manifest.json"],
        OBJECTS["manifest.json"] + b"\n",
        OBJECTS["manifest.json"].replace(b":", b": ", 1),
        b"[" * 100_000,
    ],
)
def test_json_in_another_form_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused_as(tmp_path, changed(OBJECTS, "manifest.json", content)) == "json-form"


def test_a_published_draw_without_result_says_so(tmp_path: Path) -> None:
    rest = {name: OBJECTS[name] for name in ("manifest.json", "population.tsv", "exclusions.tsv")}
    assert verify_draw.verify(write(tmp_path, rest))[-1] == (
        True,
        "result",
        "not drawn: there is no result.json",
    )


def test_a_void_draw_says_so_and_is_checked(tmp_path: Path) -> None:
    manifest_hash = sha256(OBJECTS["manifest.json"]).hexdigest()
    void = {
        "spec": "yicha-draw/1",
        "kind": "void",
        "draw_id": "110302-2026-0002",
        "manifest_hash": manifest_hash,
        "reason": "the wrong population",
        "signatures": ["110112-fire"],
        "voided_at": "2026-07-03T09:00:00+08:00",
    }
    files = changed(OBJECTS, "void.json", canonical.dumps(void))
    lines = verify_draw.verify(write(tmp_path, files))
    assert lines[-1][0]
    assert any(words.startswith("THIS DRAW IS VOID: the wrong population") for _, _, words in lines)
    for field, value in [
        ("manifest_hash", "0" * 64),
        ("signatures", ["stranger"]),
        ("reason", ""),
        ("signatures", []),
    ]:
        forged = changed(OBJECTS, "void.json", canonical.dumps({**void, field: value}))
        assert refused_as(tmp_path, forged) == "void"
