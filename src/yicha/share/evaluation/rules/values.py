"""What the cells of a table of inspections say: days, findings, numbers, parts.

Every function reads the *different* texts of one column, once each, and answers beside them; None: unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from yicha.kernel import cells
from yicha.know.visits.terms import PROBLEM_CODES, ResultCode


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))


_YES = _words(
    "true, t, yes, y, 是, 有, 发现, 已发现, 有问题, 不合格, 不通过, found, problem, positive, fail, failed"
)
_NO = _words(
    "false, f, no, n, 否, 无, 没有, 无问题, 合格, 通过, not found, no problem, negative, none, pass, passed"
)
_CLOCK = re.compile(
    r"^(\S+?)(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp][Mm])?(?:Z|[+-]\d{2}:?\d{2})?)$"
)
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_CODES = {code.value: code in PROBLEM_CODES for code in ResultCode}
_TESTS = _words("true, t, yes, y, 1, 是, test, testing, evaluation, evaluate, 测试, 测试集, 检验, 评估")
_TRAINS = _words("false, f, no, n, 0, 否, train, training, tune, learn, 训练, 训练集")


def read_days(texts: Sequence[str]) -> list[int | None]:
    """Days as ordinals: 2014-09-02, 2014/9/2, 2014年9月2日, 20140902, with or without a time of day; 9/2/2014 and
    2/9/2014 if some day of the column shows which of the two numbers is the month."""
    bare = [_without_clock(cells.narrow_all(cells.tidy(text))) for text in texts]
    month_first = _month_comes_first(bare)
    return [_read_day(text, month_first) for text in bare]


def _without_clock(text: str) -> str:
    found = _CLOCK.match(text)
    return found.group(1) if found else text


def _month_comes_first(texts: Sequence[str]) -> bool | None:
    pairs = [found.groups() for found in map(_SLASHED.fullmatch, texts) if found]
    day_second = any(int(second) > 12 for _, second, _ in pairs)
    day_first = any(int(first) > 12 for first, _, _ in pairs)
    return None if day_first == day_second else day_second


def _read_day(text: str, month_first: bool | None) -> int | None:
    slashed = _SLASHED.fullmatch(text)
    if slashed:
        if month_first is None:
            return None
        first, second, year = (int(part) for part in slashed.groups())
        return _ordinal(year, *((first, second) if month_first else (second, first)))
    read = cells.read_date(text)
    return date.fromisoformat(read).toordinal() if isinstance(read, str) else None


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None


def read_found(texts: Sequence[str]) -> list[bool | None]:
    """Whether something was found: 1/0, yes/no, 是/否, a count, or the published result codes (01 to 14)."""
    tidied = [cells.narrow_all(cells.tidy(text)).casefold() for text in texts]
    if tidied and all(text in _CODES for text in tidied) and any(text.startswith("0") for text in tidied):
        return [_CODES[text] for text in tidied]
    return [_read_found(text) for text in tidied]


def _read_found(text: str) -> bool | None:
    if text in _YES or text.startswith("发现问题"):
        return True
    if text in _NO or text.startswith("未发现"):
        return False
    number = read_number(text)
    return None if number is None or number < 0 else number > 0


def read_number(text: str) -> float | None:
    """A finite number, percent and thousands' commas included; None for anything else."""
    plain = cells.narrow_all(cells.tidy(text)).replace(",", "")
    percent = plain.endswith("%")
    try:
        number = float(plain.removesuffix("%"))
    except ValueError:
        return None
    if number - number != 0:  # infinite, or not a number
        return None
    return number / 100 if percent else number


def read_tests(texts: Sequence[str]) -> list[bool | None]:
    """Whether a row is of the part after: test/train, TRUE/FALSE, 1/0, 测试/训练."""
    words = [cells.narrow_all(cells.tidy(text)).casefold() for text in texts]
    return [True if word in _TESTS else False if word in _TRAINS else None for word in words]


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blank, NA, —, NULL."""
    tidied = cells.tidy(text)
    return tidied == "NA" or tidied.casefold() == "nan" or cells.is_empty_mark(tidied)
