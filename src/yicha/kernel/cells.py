"""What the cell of a table says: spaces, widths, marks of emptiness, dates, numbers, lists, choices.

Every parser takes the text of a cell that `tidy` has been through and is not empty, and answers what is to be
stored, as text: a value, `Noted` (a value, and what was done to get it) or a `Reason` why it cannot be.
Sentences are English message ids; a door translates them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from yicha.kernel.refusal import Reason


@dataclass(frozen=True, slots=True)
class Noted:
    """A value that could be read, but not as it stood: what was done is said, and nothing is refused."""

    value: str | None
    code: str
    sentence: str


Read = str | None | Noted | Reason
Parser = Callable[[str], Read]

LOST = "\ufffd"
"""What stands for a character that somebody could not read: something was there, and is gone."""
WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_NARROW = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_NARROW_ALNUM = {wide: half for wide, half in _NARROW.items() if half.isalnum()}
_UNSEEN = str.maketrans("", "", "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_BLANKS = " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INNER_BLANKS = re.compile(f"[{_BLANKS}]+")
EMPTY_MARKS = frozenset(
    ["", "N/A", "n/a", "N/a", "#N/A", "NULL", "null", "Null", "None", "none", "nil", "无", "空", "暂无"]
) | {"-", "--", "---", "—", "——", "－", "/", "\\N"}
"""Texts that mean "not given", after `tidy`. `ZEROS` is the other one."""
ZEROS = re.compile(r"00+(?:\.0+)?\s*[(（].*[)）]")
"""`000(...)`: what a register writes for a capital that it does not know. A single 0 is a number."""
FORMULA = re.compile(r"[=@+\-]")
_NUMBER_LIKE = re.compile(r"[+\-]?[\d\s().,/\-]+%?")
_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?:[ T]0?0:00(?::00)?)?"
)
_AMOUNT = re.compile(r"([0-9]{1,14}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{1,2})?")
_LIST = re.compile(r"[;；、|\n]+")

FULL_WIDTH = Noted(None, code="full-width", sentence="Full-width digits or letters were written half-width.")
SPACES = Noted(None, code="spaces", sentence="Spaces at the ends, doubled or unseen, were removed.")
CASE = Noted(None, code="case", sentence="Small letters of a code were written as capitals.")
EMPTY = Noted(None, code="empty-mark", sentence="A mark such as N/A was read as “not given”.")


def tidy(text: str) -> str:
    """Without characters nobody sees, without blanks at the ends; blanks inside become one space."""
    return _INNER_BLANKS.sub(" ", text.translate(_UNSEEN)).strip(" ")


def narrow(text: str) -> str:
    """Full-width letters and digits as half-width ones; punctuation (；（）) stays, it is good Chinese."""
    return text.translate(_NARROW_ALNUM)


def narrow_all(text: str) -> str:
    """All full-width ASCII as half-width: for codes, dates and numbers."""
    return text.translate(_NARROW)


def is_empty_mark(tidied: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    return tidied in EMPTY_MARKS or (tidied.startswith("00") and ZEROS.fullmatch(tidied) is not None)


def is_formula(tidied: str) -> bool:
    """Whether a spreadsheet would run this text: it begins with = + - @ and is not simply a number."""
    return FORMULA.match(tidied) is not None and _NUMBER_LIKE.fullmatch(tidied) is None


def read_date(text: str) -> Read:
    """A day as `2003-08-14`; from 1900 to 2099, because anything else is a slip."""
    found = _DATE.fullmatch(narrow_all(text))
    if not found:
        return Reason("date", "“%(value)s” is not a date such as 2003-08-14.", facts={"value": text})
    year, *rest = (int(part) for part in found.groups() if part is not None)
    try:
        day = date(year, rest[0], rest[1])
    except ValueError:
        return Reason("date-missing", "There is no such day as “%(value)s”.", facts={"value": text})
    if not 1900 <= year <= 2099:
        return Reason(
            "date-far", "The year of “%(value)s” is not between 1900 and 2099.", facts={"value": text}
        )
    return day.isoformat()


def read_whole_number(text: str) -> Read:
    """A whole number from 0."""
    digits = narrow_all(text).replace(",", "").removesuffix(".0")
    if digits.isascii() and digits.isdigit() and len(digits) <= 9:
        return str(int(digits))
    return Reason("number", "“%(value)s” is not a whole number.", facts={"value": text})


def read_amount(text: str) -> Read:
    """An amount of money from 0, with two decimals at most: `1,234.50`, `￥2000`, `2000元`."""
    digits = narrow_all(text).removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    if _AMOUNT.fullmatch(digits):
        return digits.replace(",", "")
    return Reason("amount", "“%(value)s” is not an amount such as 1234.50.", facts={"value": text})


def read_code(text: str) -> Read:
    """A code: no blanks inside, half-width."""
    code = narrow_all(text).replace(" ", "")
    if code == text:
        return code
    return (
        Noted(code, FULL_WIDTH.code, FULL_WIDTH.sentence)
        if " " not in text
        else Noted(code, SPACES.code, SPACES.sentence)
    )


def split_list(text: str) -> list[str]:
    """The parts of a list in a cell, each once, in their order."""
    parts = (narrow_all(part).strip(" ") for part in _LIST.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def choice(words: Mapping[str, str], what: str) -> Parser:
    """A parser for one of some values, by identifier or by any of the words in use for it."""
    known = {word.casefold(): value for word, value in words.items()}
    offered = "、".join(words)

    def read(text: str) -> Read:
        value = known.get(narrow_all(text).casefold())
        if value is not None:
            return value
        return Reason(
            f"{what}-unknown",
            "“%(value)s” is not one of: %(offered)s.",
            facts={"value": text, "offered": offered},
        )

    return read
