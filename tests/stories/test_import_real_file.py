"""The real file of 5,714 enterprises, every row accounted for. Skipped where the file is absent."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.cast import Cast
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.tests.files import NOW, noted
from yicha.know.registry import services as registry
from yicha.know.registry.models import Enterprise

NAME = "beijing-yizhuang-three-districts.csv"
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / NAME

pytestmark = pytest.mark.real_data


@pytest.fixture
def source() -> services.Source:
    path = Path(os.environ.get("YICHA_REAL_DATA") or BESIDE)
    if path.is_dir():
        path /= NAME
    if not path.is_file():
        pytest.skip(f"The file of real enterprises, {NAME}, is not here; YICHA_REAL_DATA says where it is.")
    return services.Source(path, path.name)


@pytest.fixture
def zone(cast: Cast) -> None:
    """The zone as its organisers would describe it: the functional area, and the town beside it."""
    registry.save_zone(
        actor="test",
        now=NOW,
        code="yizhuang",
        name="亦庄新城",
        regions=["110112", "110115", "110302"],
        patterns=["110302", "亦庄", "马驹桥", "台湖", "瀛海"],
    )


def load(source: services.Source) -> Import:
    entry = services.receive("enterprises", source, actor="test", now=NOW)
    entry = services.check(entry, source, actor="test", now=NOW)
    return services.apply(entry, actor="test", now=NOW)


def counts(entry: Import) -> tuple[int | None, ...]:
    return entry.rows, entry.rows_new, entry.rows_changed, entry.rows_unchanged, entry.rows_rejected


def test_every_row_is_accounted_for(zone: None, source: services.Source) -> None:
    entry = load(source)
    assert (entry.encoding, entry.delimiter, entry.rows_blank) == ("utf-8", ",", 0)
    assert counts(entry) == (5714, 5714, 0, 0, 0)
    assert noted(entry) == {
        ("kind", "empty-mark"): 5387,
        ("capital", "empty-mark"): 464,
        ("address", "no-region"): 6,
    }
    assert queries.remarks_of(entry) == []


def test_the_same_file_again_changes_nothing_and_undo_takes_all_away(
    zone: None, source: services.Source
) -> None:
    before = Enterprise.objects.count()
    first = load(source)
    assert counts(load(source)) == (5714, 0, 0, 5714, 0)
    services.undo(first, actor="test", now=NOW)
    assert Enterprise.objects.count() == before


def test_jurisdiction_follows_the_address_and_the_zone_not_the_code(
    zone: None, source: services.Source
) -> None:
    load(source)
    rows = Enterprise.objects.filter(capital__isnull=False).exclude(uscc__contains="MA0000")
    found = Counter(rows.values_list("region__code", flat=True))
    assert found == {"110112": 2607, "110115": 2619, "110302": 482, None: 6}
    by_code = Counter(uscc[2:8] for uscc in rows.values_list("uscc", flat=True))
    assert by_code["110302"] == 452
    foreign = Counter(rows.filter(uscc__regex=r"^..110302").values_list("region__code", flat=True))
    assert foreign == {"110302": 442, "110115": 3, "110112": 1, None: 6}
    in_zone = Counter(rows.filter(zone__code="yizhuang").values_list("region__code", flat=True))
    assert in_zone["110302"] == 482


def test_whom_the_file_calls_nothing_is_told_by_the_code(zone: None, source: services.Source) -> None:
    load(source)
    rows = Enterprise.objects.exclude(uscc__contains="MA0000")
    assert Counter(rows.values_list("kind", flat=True)) == {
        "company": 5665,
        "sole-proprietor": 40,
        "branch": 9,
    }
    assert rows.filter(registered_on__isnull=True).count() == 0
    assert rows.filter(capital="").count() == 464
    assert rows.filter(scope_text__contains="Ⅱ").exists()
