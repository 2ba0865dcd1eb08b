"""Beacons: what kinds there are, how many bits nobody in the organisation controls, and how the text looks.

Source: yicha-draw/1, Order of events, 3 and 5. How an event becomes text is `docs/decisions/0009-beacons.md`.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import NamedTuple

from yicha.decide.drawing.terms import LEAST_ENTROPY_BITS, BeaconKind, BeaconSpec
from yicha.kernel.refusal import Reason

_SOURCE = "yicha-draw/1, Order of events"
_TEXT = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?", re.ASCII)
_DRAND_SOURCE = re.compile(r"drand (default|quicknet) ([1-9][0-9]{0,11})", re.ASCII)
_GROUP = re.compile(r"(?P<pick>[1-9][0-9]?)/(?P<of>[1-9][0-9]?)|d(?P<digits>[1-9][0-9]?)", re.ASCII)

DRAND_ENCODING = "randomness of the round, 64 lower-case hexadecimal digits"
DICE_ENCODING = "twenty digits in the order of the dice, 0 to 9"
DICE = 20


class _Chain(NamedTuple):
    genesis: int
    period: int


_CHAINS = {"default": _Chain(1595431050, 30), "quicknet": _Chain(1692803367, 3)}
"""Of the League of Entropy: seconds since 1970 of round 1, and seconds between rounds."""


def default_encoding(kind: BeaconKind) -> str:
    """The encoding that a kind of beacon has if it has only one; else an empty text."""
    return {
        BeaconKind.DRAND: DRAND_ENCODING,
        BeaconKind.DICE: DICE_ENCODING,
        BeaconKind.DEMONSTRATION: "the text as given",
    }.get(kind, "")


def entropy_bits(spec: BeaconSpec) -> float:
    """Bits of chance in the event; 0 for a demonstration and for an encoding that is not understood."""
    if spec.kind is BeaconKind.DRAND:
        return 256.0
    if spec.kind is BeaconKind.DICE:
        return DICE * math.log2(10)
    if spec.kind is BeaconKind.LOTTERY:
        groups = _lottery_groups(spec.encoding)
        return sum(_group_bits(group) for group in groups) if groups else 0.0
    return 0.0


def _lottery_groups(encoding: str) -> list[re.Match[str]]:
    """`6/33+1/16,6/33+1/16` is two issues of six of 33 and one of 16; `d5` is five digits in their order."""
    found = [_GROUP.fullmatch(part) for part in re.split(r"[+,]", encoding)]
    groups = [group for group in found if group]
    if len(groups) != len(found):
        return []
    bad = any(group["pick"] and int(group["pick"]) > int(group["of"]) for group in groups)
    return [] if bad else groups


def _group_bits(group: re.Match[str]) -> float:
    if group["digits"]:
        return int(group["digits"]) * math.log2(10)
    return math.log2(math.comb(int(group["of"]), int(group["pick"])))


def _lottery_text(encoding: str, text: str) -> bool:
    """Whether numbers have the encoding's shape: two digits each, ascending, joined by `-`; groups as in it."""
    parts = re.split(r"[+,]", text)
    groups = _lottery_groups(encoding)
    same_marks = re.sub(r"[^+,]", "", encoding) == re.sub(r"[^+,]", "", text)
    if not same_marks or len(parts) != len(groups):
        return False
    for group, part in zip(groups, parts, strict=True):
        if group["digits"]:
            if not re.fullmatch(rf"[0-9]{{{group['digits']}}}", part, re.ASCII):
                return False
            continue
        if not re.fullmatch(r"[0-9]{2}(-[0-9]{2})*", part, re.ASCII):
            return False
        numbers = [int(number) for number in part.split("-")]
        if len(numbers) != int(group["pick"]) or sorted(set(numbers)) != numbers:
            return False
        if not 1 <= numbers[0] <= numbers[-1] <= int(group["of"]):
            return False
    return True


def check_spec(spec: BeaconSpec, reveal_deadline: datetime) -> list[Reason]:
    """Why an event cannot decide this draw: too little chance in it, unclear, or before the deadline."""
    reasons = []
    if not spec.source.strip():
        reasons.append(
            _refusal("draw.beacon-source", "Name the event that gives the beacon.", field="source")
        )
    if spec.kind is not BeaconKind.DEMONSTRATION and entropy_bits(spec) < LEAST_ENTROPY_BITS:
        reasons.append(
            _refusal(
                "draw.entropy",
                "The beacon has %(bits)s bits of chance; at least %(least)s are needed.",
                field="encoding",
                bits=str(math.floor(entropy_bits(spec))),
                least=str(LEAST_ENTROPY_BITS),
            )
        )
    if spec.kind is BeaconKind.DRAND:
        reasons.extend(_check_round(spec.source, reveal_deadline))
    return reasons


def _check_round(source: str, reveal_deadline: datetime) -> list[Reason]:
    found = _DRAND_SOURCE.fullmatch(source)
    if not found:
        return [
            _refusal(
                "draw.beacon-source",
                "Write the source as “drand quicknet ROUND” or “drand default ROUND”.",
                field="source",
            )
        ]
    chain = _CHAINS[found[1]]
    at = datetime.fromtimestamp(chain.genesis + (int(found[2]) - 1) * chain.period, UTC)
    if at > reveal_deadline:
        return []
    return [
        _refusal(
            "draw.beacon-early",
            "Round %(round)s is known at %(at)s, but reveals are taken until %(deadline)s; name a later round.",
            field="source",
            round=found[2],
            at=at.isoformat(),
            deadline=reveal_deadline.isoformat(),
        )
    ]


def check_text(kind: BeaconKind, encoding: str, text: str) -> list[Reason]:
    """Why a text cannot be this beacon's value. Line ends are never in it: they separate the parts of the seed."""
    if _TEXT.fullmatch(text) and _has_form(kind, encoding, text):
        return []
    return [
        _refusal(
            "draw.beacon-form",
            "The beacon “%(text)s” does not have the form of the manifest: %(encoding)s.",
            field="beacon",
            text=text[:80],
            encoding=encoding or "1 to 200 printable ASCII characters",
        )
    ]


def _has_form(kind: BeaconKind, encoding: str, text: str) -> bool:
    if kind is BeaconKind.DRAND:
        return re.fullmatch(r"[0-9a-f]{64}", text, re.ASCII) is not None
    if kind is BeaconKind.DICE:
        return re.fullmatch(rf"[0-9]{{{DICE}}}", text, re.ASCII) is not None
    return kind is BeaconKind.DEMONSTRATION or _lottery_text(encoding, text)


def _refusal(code: str, sentence: str, /, *, field: str, **facts: str) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts, at_field=field)
