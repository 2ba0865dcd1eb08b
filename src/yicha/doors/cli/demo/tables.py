"""The fixed content of the demonstration zone, read from the files in `data/`."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of agency. `bureau` is what it is called behind a district's name."""

    code: str
    name: str
    bureau: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that one kind of agency checks. `cap` is the highest number of checks a year."""

    code: str
    kind: str
    name: str
    law: str
    article: str
    method: str
    cap: int
    lists: tuple[str, ...]

    @property
    def legal_basis(self) -> str:
        """Law and article, as an item's page shows them."""
        return f"《{self.law}》{self.article}"


@dataclass(frozen=True, slots=True)
class Directory:
    """A set of enterprises by rule. With `list_name` it is that of a joint list, which `kind` leads.

    Without, `kind` inspects it alone and `items` say what.
    """

    code: str
    name: str
    kind: str
    list_name: str
    industries: tuple[str, ...]
    keywords: tuple[str, ...]
    items: tuple[str, ...]

    @property
    def rule(self) -> dict[str, list[str]]:
        """The registry's form of the rule: industry or keyword, because real files lack the industry."""
        return {"industries": list(self.industries), "keywords": list(self.keywords)}


@dataclass(frozen=True, slots=True)
class Industry:
    """A class of GB/T 4754 with how its enterprises look.

    `weight` is how many of 23,000 there are, about; `sole` and `coop` the percentages of sole proprietors and
    cooperatives; `risk` from 0 to 3 tilts the classes; `capital` is a range in 10,000 yuan.
    """

    code: str
    name: str
    weight: int
    sole: int
    coop: int
    risk: int
    capital: tuple[int, int]
    words: tuple[str, ...]
    shops: tuple[str, ...]
    permits: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """A town of a region, and villages in it."""

    region: str
    name: str
    weight: int
    middle: tuple[float, float]
    """Latitude and longitude of about its middle."""
    villages: tuple[str, ...]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (files(__package__) / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _several(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


@cache
def kinds() -> tuple[Kind, ...]:
    """The 17 kinds of agency."""
    return tuple(Kind(row["code"], row["name"], row["bureau"]) for row in _rows("kinds"))


@cache
def items() -> tuple[Item, ...]:
    """The 141 items."""
    return tuple(
        Item(
            code=row["code"],
            kind=row["kind"],
            name=row["name"],
            law=row["law"],
            article=row["article"],
            method=row["method"],
            cap=int(row["cap"]),
            lists=_several(row["lists"]),
        )
        for row in _rows("items")
    )


@cache
def papers() -> dict[str, tuple[str, ...]]:
    """Kind of agency → the papers that its items ask for; the first is asked for by all of them."""
    return {row["kind"]: _several(row["papers"]) for row in _rows("papers")}


@cache
def directories() -> tuple[Directory, ...]:
    """The 44 directories: those of the 23 joint lists first."""
    return tuple(
        Directory(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            list_name=row["list_name"],
            industries=_several(row["industries"]),
            keywords=_several(row["keywords"]),
            items=_several(row["items"]),
        )
        for row in _rows("directories")
    )


def joint_directories() -> list[Directory]:
    """The directories of the 23 joint lists; the list has the code of its directory."""
    return [directory for directory in directories() if directory.list_name]


def own_directories() -> list[Directory]:
    """The 21 directories that one kind of agency inspects alone."""
    return [directory for directory in directories() if not directory.list_name]


@cache
def industries() -> tuple[Industry, ...]:
    """The industries of the zone."""
    return tuple(
        Industry(
            code=row["code"],
            name=row["name"],
            weight=int(row["weight"]),
            sole=int(row["sole"]),
            coop=int(row["coop"]),
            risk=int(row["risk"]),
            capital=_range(row["capital"]),
            words=_several(row["words"]),
            shops=_several(row["shops"]),
            permits=_several(row["permits"]),
            scopes=_several(row["scopes"]),
        )
        for row in _rows("industries")
    )


def _range(text: str) -> tuple[int, int]:
    low, high = text.split("-")
    return int(low), int(high)


@cache
def towns() -> tuple[Town, ...]:
    """The towns of the three districts."""
    return tuple(
        Town(
            row["region"],
            row["town"],
            int(row["weight"]),
            (float(row["lat"]), float(row["lon"])),
            _several(row["village"]),
        )
        for row in _rows("places")
    )


@cache
def words() -> dict[str, str | list[str]]:
    """Characters and words that trade names and roads are made of; `brands` are never made."""
    text = (files(__package__) / "data" / "words.json").read_text("utf-8")
    return {key: value for key, value in json.loads(text).items() if isinstance(value, str | list)}
