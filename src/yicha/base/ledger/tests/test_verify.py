"""An export is verified from its files alone: whatever somebody does to it, the verification says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from yicha.base.ledger import rules
from yicha.base.ledger.terms import CheckpointFacts, EntryFacts, Fault
from yicha.base.ledger.verify_folder import CHECKPOINTS, LEDGER, verify_folder
from yicha.kernel import merkle

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def leaves(count: int) -> list[bytes]:
    return [
        rules.leaf(
            EntryFacts(seq, "2026-07-01T09:00:00+08:00", "甲", "draw.frozen", f"draw:{seq}", {"n": seq})
        )
        for seq in range(count)
    ]


def checkpoint(rows: list[bytes], key: Ed25519PrivateKey = KEY) -> CheckpointFacts:
    root = merkle.root(rows).hex()
    signature = key.sign(rules.signed_text(len(rows), root)).hex()
    return CheckpointFacts(
        rules.ORIGIN, len(rows), root, key.public_key().public_bytes_raw().hex(), signature
    )


ROWS = leaves(20)
SIGNED = [checkpoint(ROWS[:7]), checkpoint(ROWS)]


def verify(rows: list[bytes], signed: list[CheckpointFacts], key: str = "") -> list[str]:
    return [fault.code for fault in rules.verify_export(rows, signed, key)]


def changed(row: bytes) -> bytes:
    return row.replace(b"draw.frozen", b"draw.voided")


def test_a_whole_export_holds() -> None:
    assert verify(ROWS, SIGNED) == []
    assert verify(ROWS, SIGNED, KEY.public_key().public_bytes_raw().hex()) == []


@pytest.mark.parametrize("at", [0, 6, 7, 19])
def test_a_changed_row_is_found(at: int) -> None:
    rows = [changed(row) if number == at else row for number, row in enumerate(ROWS)]
    assert set(verify(rows, SIGNED)) == {"root-differs"}


@pytest.mark.parametrize("at", [0, 8, 18])
def test_a_row_removed_in_the_middle_is_named(at: int) -> None:
    faults = rules.verify_export(ROWS[:at] + ROWS[at + 1 :], SIGNED)
    assert Fault("row-removed", at, f"Row {at} is not where the numbers say.") in faults
    assert "row-removed" in {fault.code for fault in faults[1:]}, "the checkpoint misses a row at the end too"


def test_removed_rows_at_the_end_are_missed_by_the_checkpoint() -> None:
    assert verify(ROWS[:-1], SIGNED) == ["row-removed"]
    assert verify([], SIGNED) == ["row-removed", "row-removed"]


def test_exchanged_rows_are_found() -> None:
    rows = [*ROWS[:8], ROWS[9], ROWS[8], *ROWS[10:]]
    assert verify(rows, SIGNED) == ["row-removed", "row-order", "root-differs"]


def test_an_inserted_row_is_found_with_and_without_a_number_of_its_own() -> None:
    assert "row-order" in verify([*ROWS[:10], ROWS[3], *ROWS[10:]], SIGNED)
    renumbered = leaves(21)
    renumbered[10] = changed(renumbered[10])
    assert {"root-differs", "row-unsigned"} <= set(verify(renumbered, SIGNED))


def test_rows_behind_the_last_checkpoint_are_named() -> None:
    assert verify(leaves(23), SIGNED) == ["row-unsigned"]


def test_a_row_that_is_none_and_one_that_is_written_otherwise_are_named() -> None:
    assert "row-unreadable" in verify([*ROWS[:5], b"{", *ROWS[6:]], SIGNED)
    spaced = json.dumps(json.loads(ROWS[5]), ensure_ascii=False).encode()
    assert "row-bytes" in verify([*ROWS[:5], spaced, *ROWS[6:]], SIGNED)


def test_without_a_checkpoint_nothing_binds() -> None:
    assert verify(ROWS, []) == ["checkpoint-missing"]


def test_cut_off_together_with_its_checkpoint_only_a_kept_checkpoint_tells(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_bytes(b"".join(row + b"\n" for row in ROWS[:7]))
    (tmp_path / CHECKPOINTS).write_text(json.dumps([as_json(SIGNED[0])]), encoding="utf-8")
    assert verify_folder(tmp_path) == []
    assert [fault.code for fault in verify_folder(tmp_path, known=[SIGNED[1]])] == ["row-removed"]


def test_a_history_rewritten_and_signed_anew_does_not_pass_a_kept_checkpoint_or_key() -> None:
    rows = [changed(row) for row in ROWS]
    forged = [checkpoint(rows, OTHER)]
    assert verify(rows, forged) == []
    assert verify(rows, forged, SIGNED[0].key) == ["key-unknown"]
    assert verify(rows, [*forged, SIGNED[0]]) == ["root-differs"]


def test_a_checkpoint_whose_numbers_were_changed_does_not_hold() -> None:
    shorter = CheckpointFacts(rules.ORIGIN, 19, SIGNED[1].root, SIGNED[1].key, SIGNED[1].signature)
    assert "signature-wrong" in verify(ROWS, [shorter])
    garbage = CheckpointFacts(rules.ORIGIN, 20, SIGNED[1].root, "zz", "")
    assert "signature-wrong" in verify(ROWS, [garbage])


def as_json(one: CheckpointFacts) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("origin", "size", "root", "key", "signature")}


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"size": 1}]', '[{"origin": "", "size": "1", "root": "", '
                                  '"key": "", "signature": ""}]'])  # fmt: skip
def test_a_file_of_checkpoints_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / LEDGER).write_bytes(ROWS[0] + b"\n")
    (tmp_path / CHECKPOINTS).write_text(text, encoding="utf-8")
    assert [fault.code for fault in verify_folder(tmp_path)] == ["checkpoints-unreadable"]


@given(st.data())
def test_whatever_is_done_to_the_rows_is_found(data: st.DataObject) -> None:
    """Any sequence of removals, repetitions, exchanges and changed bytes that gives other rows is found."""
    rows = list(ROWS)
    for _ in range(data.draw(st.integers(1, 4))):
        act = data.draw(st.sampled_from(["remove", "repeat", "exchange", "flip"]))
        if not rows:
            break
        at = data.draw(st.integers(0, len(rows) - 1))
        other = data.draw(st.integers(0, len(rows) - 1))
        if act == "remove":
            del rows[at]
        elif act == "repeat":
            rows.insert(other, rows[at])
        elif act == "exchange":
            rows[at], rows[other] = rows[other], rows[at]
        else:
            place = data.draw(st.integers(0, len(rows[at]) - 1))
            byte = data.draw(st.integers(0, 255).filter(lambda value: value not in b"\n"))
            rows[at] = rows[at][:place] + bytes([byte]) + rows[at][place + 1 :]
    assert (rules.verify_export(rows, SIGNED) == []) is (rows == ROWS)
