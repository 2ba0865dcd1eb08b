"""Synthetic officers: 115 in 51 agencies, two at least in each, so that every visit can be staffed."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.tables import items, kinds, words

HEADERS = ("执法证号", "姓名", "部门代码", "有效期起", "有效期至", "执法领域")
_LEAST = 2
_MORE = {"market": 4, "fire": 3, "emergency": 3}
"""Kinds of agency with more officers than two."""
_ONE_MORE = ("110115-housing",)
_FOOD_ITEMS = 14
"""The last officer of market regulation is competent for food only: the first items of that kind."""


@dataclass(frozen=True, slots=True)
class SyntheticOfficer:
    """One officer as a row of the import's table."""

    row: tuple[str, ...]

    @property
    def certificate(self) -> str:
        return self.row[0]

    @property
    def name(self) -> str:
        return self.row[1]

    @property
    def agency(self) -> str:
        return self.row[2]


def generate_officers(year: int, seed: int) -> list[SyntheticOfficer]:
    """The officers of all agencies, with certificates that hold in `year`."""
    rng = Random(f"officers {seed}")  # noqa: S311 - a demonstration, reproducible by intent
    people = [surname + given for surname in words()["surnames"] for given in words()["given"]]
    rng.shuffle(people)
    found = []
    for region in REGIONS:
        number = 0
        for kind in kinds():
            agency = f"{region}-{kind.code}"
            size = _MORE.get(kind.code, _LEAST) + (agency in _ONE_MORE)
            for place in range(size):
                number += 1
                since = date(year - rng.randrange(1, 4), rng.randrange(1, 13), rng.randrange(1, 28))
                row = (
                    f"MN{region}{number:03}",
                    people.pop(),
                    agency,
                    since.isoformat(),
                    date(since.year + 5, 12, 31).isoformat(),
                    _competences(kind.code, last=place == size - 1),
                )
                found.append(SyntheticOfficer(row))
    return found


def _competences(kind: str, *, last: bool) -> str:
    if kind == "market" and last:
        return "、".join([item.code for item in items() if item.kind == kind][:_FOOD_ITEMS])
    return kind


def write_officers(path: Path, officers: Iterable[SyntheticOfficer]) -> None:
    """The officers as a table for `yicha import officers`."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(officer.row for officer in officers)
