"""What the cells of a table of enterprises say: pure readers, see kernel/cells.py."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from operator import add

from yicha.kernel import cells, uscc
from yicha.kernel.cells import Noted, Read
from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import LATITUDES, LONGITUDES, EnterpriseKind, EnterpriseStatus, RiskClass

_IMPOSSIBLE = 10_000


class _Sums(dict[str, int]):
    """By a part of a code: its share of the check sum modulo 31; `_IMPOSSIBLE` if it can be part of no code."""

    def __init__(self, start: int, length: int) -> None:
        self._weights = [pow(3, position, 31) for position in range(start, start + length)]

    def __missing__(self, part: str) -> int:
        values = [uscc.ALPHABET.find(character) for character in part]
        total = sum(value * weight for value, weight in zip(values, self._weights, strict=True)) % 31
        if min(values) < 0 or (len(part) == 8 and not part[2:].isdigit()):
            total = _IMPOSSIBLE
        if len(self) > 200_000:
            self.clear()
        self[part] = total
        return total


_FIRST, _SECOND, _THIRD, _FOURTH = _Sums(0, 8), _Sums(8, 3), _Sums(11, 3), _Sums(14, 3)
_CHECKS = [uscc.ALPHABET[-total % 31] for total in range(4 * 30 + 1)]
"""The check character by the sum of the four parts' sums."""


def codes_stand(codes: Sequence[str]) -> bool:
    """Whether all of these are codes of 18 characters that hold, exactly as they stand.

    The sums of parts are remembered, because a file has a million codes and few prefixes.
    """
    if set(map(len, codes)) != {18}:
        return False
    sums = map(
        add,
        map(
            add,
            map(_FIRST.__getitem__, [c[:8] for c in codes]),
            map(_SECOND.__getitem__, [c[8:11] for c in codes]),
        ),
        map(
            add,
            map(_THIRD.__getitem__, [c[11:14] for c in codes]),
            map(_FOURTH.__getitem__, [c[14:17] for c in codes]),
        ),
    )
    try:
        return "".join([_CHECKS[total] for total in sums]) == "".join([c[17] for c in codes])
    except IndexError:
        return False


_CODE_REASONS = {
    uscc.Problem.LENGTH: Reason(
        "code-length", "A code has 18 characters, an old one 15 digits; this has %(length)s."
    ),
    uscc.Problem.CHARACTER: Reason(
        "code-character", "The code holds a character that no code has (I, O, S, V, Z …)."
    ),
    uscc.Problem.AUTHORITY: Reason(
        "code-authority", "Characters 3 to 8 of a code are the digits of an authority."
    ),
    uscc.Problem.CHECK: Reason(
        "code-check", "The check character is wrong: it should be %(expected)s (GB 32100)."
    ),
}
_OLD_CODE = Noted(
    None, code="old-code", sentence="An old 15-digit registration number was taken as the code."
)


def read_uscc(text: str) -> Read:
    """A code that holds: 18 characters with their check character, or an old one of 15 digits."""
    found = uscc.parse(text)
    if isinstance(found, uscc.Problem):
        return _code_reason(found, uscc.normalise(text))
    if found.form is uscc.Form.REGISTRATION:
        return Noted(found.text, _OLD_CODE.code, _OLD_CODE.sentence)
    if found.text == text:
        return text
    note = cells.SPACES if " " in text else cells.CASE if text.isascii() else cells.FULL_WIDTH
    return Noted(found.text, note.code, note.sentence)


def _code_reason(problem: uscc.Problem, code: str) -> Reason:
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", code):
        return Reason(
            "code-as-number",
            "A spreadsheet made a number of the code and lost its last digits: enter it as text.",
        )
    reason = _CODE_REASONS[problem]
    expected = uscc.check_character(code[:17]) if problem is uscc.Problem.CHECK else ""
    return Reason(reason.code, reason.sentence, "GB 32100-2015", {"length": len(code), "expected": expected})


_KIND_WORDS: tuple[tuple[str, EnterpriseKind], ...] = (
    ("个体", EnterpriseKind.SOLE_PROPRIETOR),
    ("合作社", EnterpriseKind.COOPERATIVE),
    ("分支机构|分公司|代表机构|代表处|办事处|非法人|营业单位", EnterpriseKind.BRANCH),
    ("事业|机关|社会团体|社会组织|民办非|基金会|村民委员会|居民委员会", EnterpriseKind.INSTITUTION),
    ("公司|企业|合伙|独资|集体|国有|全民|外商|外资|合资|股份|经营|联营|私营|内资", EnterpriseKind.COMPANY),
)


def read_kind(text: str) -> Read:
    """Whom the register means by its type of enterprise (企业类型), of which there are hundreds of wordings."""
    plain = cells.narrow_all(text)
    if plain in set(EnterpriseKind):
        return plain
    for words, kind in _KIND_WORDS:
        if re.search(words, plain):
            return kind.value
    return Reason(
        "kind-unknown", "“%(value)s” is no type of enterprise that is known here.", facts={"value": text}
    )


_SECTIONS = "AAAAAABBBBBBB" + "C" * 31 + "DDDEEEEFFGGGGGGGGHHIIIJJJJKLLMMMNNNNOOOPQQRRRRRSSSSSST"
_INDUSTRY = re.compile(r"([A-T]?)([0-9]{2,4})|([A-T])")


def read_industry(text: str) -> Read:
    """A code of GB/T 4754-2017 with its section letter, which many files leave out."""
    found = _INDUSTRY.fullmatch(cells.narrow_all(text).replace(" ", "").upper())
    if found and found[3]:
        return found[3]
    if found and 1 <= int(found[2][:2]) < len(_SECTIONS):
        letter = _SECTIONS[int(found[2][:2])]
        if found[1] in ("", letter):
            return letter + found[2]
    return Reason("industry", "“%(value)s” is no industry code of GB/T 4754.", facts={"value": text})


_DEGREES = re.compile(r"[0-9]{1,3}(\.[0-9]{1,15})?")


def read_latitude(text: str) -> Read:
    """Degrees of latitude within China, to the millionth."""
    degrees = _read_degrees(text)
    if degrees is not None and LATITUDES[0] <= degrees <= LATITUDES[1]:
        return str(degrees)
    if degrees is not None and LONGITUDES[0] <= degrees <= LONGITUDES[1]:
        return Reason(
            "latitude-swapped",
            "“%(value)s” is a longitude: latitude and longitude are swapped.",
            facts={"value": text},
        )
    return Reason(
        "latitude", "“%(value)s” is not a latitude in China, such as 39.795431.", facts={"value": text}
    )


def read_longitude(text: str) -> Read:
    """Degrees of longitude within China, to the millionth."""
    degrees = _read_degrees(text)
    if degrees is not None and LONGITUDES[0] <= degrees <= LONGITUDES[1]:
        return str(degrees)
    if degrees is not None and LATITUDES[0] <= degrees <= LATITUDES[1]:
        return Reason(
            "longitude-swapped",
            "“%(value)s” is a latitude: latitude and longitude are swapped.",
            facts={"value": text},
        )
    return Reason(
        "longitude", "“%(value)s” is not a longitude in China, such as 116.505031.", facts={"value": text}
    )


def _read_degrees(text: str) -> Decimal | None:
    plain = cells.narrow_all(text).replace(" ", "").removesuffix("°")
    return round(Decimal(plain), 6) if _DEGREES.fullmatch(plain) else None


_STATUS_WORDS = {
    "active": EnterpriseStatus.ACTIVE,
    "存续": EnterpriseStatus.ACTIVE,
    "在营": EnterpriseStatus.ACTIVE,
    "开业": EnterpriseStatus.ACTIVE,
    "在业": EnterpriseStatus.ACTIVE,
    "正常": EnterpriseStatus.ACTIVE,
    "存续(在营、开业、在册)": EnterpriseStatus.ACTIVE,
    "cancelled": EnterpriseStatus.CANCELLED,
    "注销": EnterpriseStatus.CANCELLED,
    "revoked": EnterpriseStatus.REVOKED,
    "吊销": EnterpriseStatus.REVOKED,
    "吊销,未注销": EnterpriseStatus.REVOKED,
    "moved-out": EnterpriseStatus.MOVED_OUT,
    "迁出": EnterpriseStatus.MOVED_OUT,
}
read_status = cells.choice({word: status.value for word, status in _STATUS_WORDS.items()}, "status")
read_class = cells.choice(
    {
        word: letter.value
        for letter in RiskClass
        for word in (letter.value, f"{letter.value}类", f"{letter.value}级")
    },
    "class",
)
