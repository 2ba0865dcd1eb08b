"""The synthetic officers: every agency can send two."""

from __future__ import annotations

from collections import Counter
from datetime import date

from yicha.doors.cli.demo.officers import generate_officers


def test_there_are_115_in_51_agencies_and_two_at_least_in_each() -> None:
    officers = generate_officers(2026, 1)
    sizes = Counter(officer.agency for officer in officers)
    assert len(officers) == 115 and len(sizes) == 51
    assert min(sizes.values()) == 2
    assert (
        len({officer.certificate for officer in officers})
        == len({officer.name for officer in officers})
        == 115
    )


def test_certificates_hold_in_the_year_of_the_round() -> None:
    for officer in generate_officers(2026, 7):
        assert date.fromisoformat(officer.row[3]) < date(2026, 1, 1)
        assert date.fromisoformat(officer.row[4]) > date(2026, 12, 31)


def test_the_same_seed_gives_the_same_officers() -> None:
    assert generate_officers(2026, 1) == generate_officers(2026, 1) != generate_officers(2026, 2)


def test_every_agency_has_two_who_may_check_everything() -> None:
    full = Counter(
        officer.agency for officer in generate_officers(2026, 1) if officer.row[5] == officer.agency[7:]
    )
    assert len(full) == 51 and min(full.values()) >= 2
