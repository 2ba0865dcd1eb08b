"""What looks like an identity card or a mobile number. Nothing that is published may hold one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from yicha.kernel import uscc

_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-8][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    r"(?![0-9A-Za-z])"
)
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9][0-9](?:[0-9]{8}|[- ][0-9]{4}[- ][0-9]{4})(?![0-9A-Za-z])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def find_personal(text: str) -> Iterator[tuple[str, str]]:
    """(kind, where it stands) of everything that looks like an identity card or a mobile number.

    Eighteen digits with a date inside can also be a 统一社会信用代码: if the check character says so, and that
    of an identity card (GB 11643) does not, it is one.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for match in _CARD.finditer(text):
        if _is_card(match[0]) or not isinstance(uscc.parse(match[0]), uscc.Uscc):
            yield "identity card", f"character {match.start() + 1}"
    for match in _MOBILE.finditer(text):
        yield "mobile number", f"character {match.start() + 1}"


def _is_card(text: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()
