"""Commitments, the seed, and tickets (yicha-draw/1, Formulas)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from yicha.decide.drawing.terms import SPEC, WITHHELD
from yicha.kernel import canonical
from yicha.kernel.refusal import Reason

_HEX_64 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def _hex(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def is_hash(text: str) -> bool:
    """Whether a text is 32 bytes in lower-case hexadecimal: a hash, a commitment or a reveal."""
    return _HEX_64.fullmatch(text) is not None


def manifest_hash(manifest: object) -> str:
    """SHA256(JCS(manifest)); the published file is exactly these bytes, so `sha256sum` gives the same."""
    return sha256(canonical.dumps(manifest)).hexdigest()


def commitment_of(draw_id: str, agency: str, reveal: str) -> str:
    """What an agency hands in before the freeze, so that its reveal cannot be chosen after."""
    return _hex(f"yicha-commit\n{draw_id}\n{agency}\n{reveal}")


def seed_of(manifest_hash: str, beacon: str, reveals: Sequence[str]) -> str:
    """128 bits that nobody could know at the freeze; `reveals` in the manifest's order, `withheld` where missing."""
    return _hex("".join(f"{part}\n" for part in (SPEC, manifest_hash, beacon, *reveals)))[:32]


def ticket_of(seed: str, label: str) -> str:
    """The number that decides: lowest first, compared as text."""
    return _hex(f"{seed}|{label}")


def object_label(key: str, supplement: int = 0) -> str:
    """The label of an object, or of a visit in a draw of officers; in the k-th supplement with its number."""
    return f"s{supplement}:o:{key}" if supplement else f"o:{key}"


def person_label(visit: str, officer: str) -> str:
    """The label of a person for a visit."""
    return f"p:{visit}:{officer}"


def check_commitment(agency: str, commitment: str) -> list[Reason]:
    """Why a commitment cannot be taken."""
    if is_hash(commitment):
        return []
    return [
        Reason(
            "draw.commitment-form",
            "The commitment of %(agency)s must be 64 lower-case hexadecimal digits.",
            source="yicha-draw/1, Formulas",
            facts={"agency": agency},
            at_field="commitment",
        )
    ]


def check_reveal(draw_id: str, agency: str, commitment: str, reveal: str) -> list[Reason]:
    """Why a reveal cannot be taken: another form, or not what was committed to."""
    if reveal == WITHHELD or not is_hash(reveal):
        return [
            Reason(
                "draw.reveal-form",
                "The reveal of %(agency)s must be 64 lower-case hexadecimal digits.",
                source="yicha-draw/1, Formulas",
                facts={"agency": agency},
                at_field="reveal",
            )
        ]
    if commitment_of(draw_id, agency, reveal) != commitment:
        return [
            Reason(
                "draw.reveal-mismatch",
                "The reveal of %(agency)s does not match its commitment.",
                source="yicha-draw/1, Order of events, 4",
                facts={"agency": agency},
                at_field="reveal",
            )
        ]
    return []
