"""Tables of inspections whose truth is known: what is risk, what is the officer, what is chance."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

FIRST = date(2024, 1, 1)
HEADERS = ("检查日期", "统一社会信用代码", "执法人员", "行业", "员工数", "科室", "是否发现问题")


@dataclass(frozen=True)
class Truth:
    """How much of a finding is the enterprise (`risk`), and how much is who looks (`officer`), both from 0 to 1."""

    risk: float = 0.5
    officer: float = 0.0
    rows: int = 3000
    seed: int = 11


def inspections(truth: Truth) -> list[tuple[object, ...]]:
    """Two years of inspections in random order; risk shows in trade and size, thoroughness only in the officer."""
    chance = np.random.default_rng(truth.seed)
    objects = chance.random(truth.rows // 4)
    rows: list[tuple[object, ...]] = []
    for _ in range(truth.rows):
        which = int(chance.integers(len(objects)))
        who = int(chance.integers(10))
        rate = 0.1 + truth.risk * objects[which] ** 2 + truth.officer * (who / 9 - 0.5)
        rows.append(
            (
                (FIRST + timedelta(days=int(chance.integers(730)))).isoformat(),
                f"E{which:05}",
                f"T-{who:04}",
                "餐饮" if objects[which] > 0.5 else "零售",
                int(200 * objects[which]) if chance.random() < 0.9 else "",
                f"{1 + who // 5}科",
                "是" if chance.random() < rate else "否",
            )
        )
    return rows


def write(path: Path, rows: Iterable[Sequence[object]], headers: Sequence[str] = HEADERS) -> Path:
    """A CSV file."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        writer.writerows(rows)
    return path
