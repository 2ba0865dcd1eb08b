"""The tables that rarely change, kept in memory by every process until their stamp is another (decision 0015)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from yicha.decide.gate.rules.table import list_leant_on
from yicha.decide.gate.terms import AgencyFacts, CampaignFacts, ItemFacts, Level, QuietFacts, TriggerFacts
from yicha.know.agreement import queries as agreement
from yicha.know.agreement.terms import AgreementFacts
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import RegionKind
from yicha.know.undisturbed import queries as undisturbed

_OWN_SQL = """json_build_object(
    'triggers', (SELECT coalesce(json_agg(json_build_array(
                     code, words, own_initiative, counts_toward_cap, exempt_from_cap, exempt_from_quiet,
                     exempt_from_undisturbed, spareable, needs_evidence, source, is_ours, in_force_from,
                     may_be_unannounced)
                     ORDER BY in_force_from), '[]'::json) FROM gate_triggerrule),
    'quiet', (SELECT coalesce(json_agg(json_build_array(region, from_day, until_day, source, is_ours, in_force_from)
                     ORDER BY in_force_from), '[]'::json) FROM gate_quietdays),
    'campaigns', (SELECT coalesce(json_agg(json_build_array(
                      code, document, approved_by, from_above, agencies, items, valid_from, valid_until)), '[]'::json)
                  FROM gate_campaignapproval)
)"""
STAMP_SQL = "(SELECT version::text FROM yicha_stamp)"
SQL = f"""json_build_object(
    'registry', {registry.REFERENCE_SQL}, 'catalogue', {catalogue.REFERENCE_SQL},
    'agreement', {agreement.REFERENCE_SQL}, 'undisturbed', {undisturbed.REFERENCE_SQL}, 'gate', {_OWN_SQL}
)::text"""
"""All of them as one value, each part written by its owner: one snapshot, one round trip."""

_CITY_KINDS = {RegionKind.CITY.value, RegionKind.PROVINCE.value}
_MOST_PLACES = 5000
"""So many pairs of place and day have their numbers kept; then the memory is emptied."""
Place = tuple[str, ...]
_LOOKED_AT = list_leant_on()
"""Other numbers say nothing about a visit, and would be copied with every application."""


@dataclass(frozen=True, slots=True)
class Zone:
    """An area that crosses regions."""

    code: str
    regions: Place


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference tables as they were when the stamp was `stamp`. Never changed after it is built."""

    stamp: str
    regions: Mapping[int, Place]
    """By id: its code and the codes that it lies in, the nearest first."""
    zones: Mapping[int, Zone]
    agencies: Mapping[int, AgencyFacts]
    by_code: Mapping[str, AgencyFacts]
    versions: Mapping[int, str]
    """Items by the id of any of their versions."""
    items: Mapping[str, ItemFacts]
    rows_of_numbers: Mapping[str, Sequence[NumberFacts]]
    triggers: Mapping[str, Sequence[TriggerFacts]]
    quiet: Mapping[str, Sequence[QuietFacts]]
    campaigns: Mapping[str, CampaignFacts]
    agreements: tuple[AgreementFacts, ...]
    equivalences: Mapping[str, Sequence[tuple[str, str, str, str]]]
    """By item: (agreement, region, item of the other, region of the other)."""
    spared: Mapping[str, Sequence[tuple[str, date, date | None]]]
    """By item: (region, first day, last day)."""
    _numbers: dict[tuple[Place, date], Mapping[str, NumberFacts]] = field(default_factory=dict)

    def numbers(self, place: Place, on: date) -> Mapping[str, NumberFacts]:
        """The gate's numbers in force at a place on a day, by code; a nearer region goes before one further away."""
        found = self._numbers.get((place, on))
        if found is None:
            if len(self._numbers) >= _MOST_PLACES:
                self._numbers.clear()
            chosen = (
                catalogue.find_in_force(rows, code, on, place) for code, rows in self.rows_of_numbers.items()
            )
            found = self._numbers[place, on] = {row.code: row for row in chosen if row is not None}
        return found

    def trigger(self, code: str, on: date) -> TriggerFacts | None:
        """The row of a trigger that is in force."""
        return next((row for row in reversed(self.triggers.get(code, ())) if row.in_force_from <= on), None)

    def quiet_at(self, place: Place) -> tuple[QuietFacts, ...]:
        """All rows of the quiet days of a place: which one is in force is a matter of the day that is looked at."""
        if not self.quiet:
            return ()
        return tuple(row for region in place for row in self.quiet.get(region, ()))

    def is_spared(self, item: str, place: Place, on: date) -> bool:
        """Whether undisturbed enterprises of a place are spared an item on a day."""
        return any(
            region in place and first <= on and (last is None or on <= last)
            for region, first, last in self.spared.get(item, ())
        )

    def same_as(self, item: str, place: Place, on: date) -> list[tuple[str, str]]:
        """Which (item, region) counts as the same at a place: under an agreement in force of which both are members."""
        return [
            (other, there)
            for code, here, other, there in self.equivalences.get(item, ())
            if here in place
            and any(
                row.code == code
                and row.valid_from <= on
                and (row.valid_until is None or on <= row.valid_until)
                and here in row.regions
                and there in row.regions
                for row in self.agreements
            )
        ]


_kept: dict[str, Reference] = {}
"""By database. Replaced as a whole, so that threads see one state or the other."""


def find_kept() -> Reference | None:
    """What this process keeps of this database; None: nothing yet."""
    return _kept.get(_database())


def keep(stamp: str, text: str) -> Reference:
    """Build what `SQL` gave, and keep it."""
    built = _build(stamp, json.loads(text))
    _kept[_database()] = built
    return built


def forget() -> None:
    """Empty the memory, as in a process that has just begun."""
    _kept.clear()


def _database() -> str:
    known = connection.settings_dict
    return f"{known['HOST']}:{known['PORT']}/{known['NAME']}"


def _build(stamp: str, found: dict[str, dict[str, list[list[Any]]]]) -> Reference:
    places = found["registry"]
    regions = _regions(places["regions"])
    kinds = {row[0]: row[2] for row in places["regions"]}
    agencies = {
        key: AgencyFacts(
            code,
            name,
            kind,
            regions[region][0],
            Level.CITY if kinds[region] in _CITY_KINDS else Level.DISTRICT,
        )
        for key, code, name, kind, region in places["agencies"]
    }
    agreements, equivalences, rulings = agreement.read_reference(found["agreement"])
    own = found["gate"]
    return Reference(
        stamp=stamp,
        regions=regions,
        zones={key: Zone(code, tuple(crossed)) for key, code, crossed in places["zones"]},
        agencies=agencies,
        by_code={row.code: row for row in agencies.values()},
        versions={row[0]: row[1] for row in found["catalogue"]["versions"]},
        items=_items(found["catalogue"]["versions"], dict(rulings)),
        rows_of_numbers=_grouped(
            (row[0], _number(row)) for row in found["catalogue"]["numbers"] if row[0] in _LOOKED_AT
        ),
        triggers=_grouped((row[0], _trigger(row)) for row in own["triggers"]),
        quiet=_grouped((row[0], _quiet(row)) for row in own["quiet"]),
        campaigns={row[0]: _campaign(row) for row in own["campaigns"]},
        agreements=tuple(agreements),
        equivalences=_grouped((row[1], (row[0], row[2], row[3], row[4])) for row in equivalences),
        spared=_grouped((item, (region, *days)) for item, region, *days in _spared(found["undisturbed"])),
    )


def _regions(rows: list[list[Any]]) -> dict[int, Place]:
    tree = {key: (code, parent) for key, code, _kind, parent in rows}

    def above(key: int | None) -> Place:
        if key is None:
            return ()
        code, parent = tree[key]
        return (code, *above(parent))

    return {key: above(key) for key in tree}


def _items(rows: list[list[Any]], rulings: Mapping[int, str]) -> dict[str, ItemFacts]:
    """The version of each item that counts: the last of its rows."""
    return {
        item: ItemFacts(
            item,
            known=True,
            name=name,
            status=status,
            version=version,
            version_id=key,
            in_force_from=_day(day),
            agency_kind=kind,
            competence=competence,
            method=method,
            annual_cap=cap,
            ruled_out=rulings.get(key, ""),
        )
        for key, item, kind, version, name, competence, method, cap, status, day in rows
    }


def _spared(found: dict[str, list[list[Any]]]) -> list[tuple[Any, ...]]:
    return [
        (item, region, _day(first), _day(last) if last else None)
        for item, region, first, last in found["spared"]
    ]


def _number(row: list[Any]) -> NumberFacts:
    code, value, unit, source, is_ours, day, region = row
    return NumberFacts(code, Decimal(value), unit, source, is_ours, _day(day), region)


def _trigger(row: list[Any]) -> TriggerFacts:
    return TriggerFacts(*[*row[:-2], _day(row[-2]), row[-1]])


def _quiet(row: list[Any]) -> QuietFacts:
    return QuietFacts(*[*row[:-1], _day(row[-1])])


def _campaign(row: list[Any]) -> CampaignFacts:
    code, document, approved_by, from_above, agencies, items, first, last = row
    return CampaignFacts(
        code,
        document,
        approved_by,
        from_above,
        frozenset(agencies),
        frozenset(items),
        _day(first),
        _day(last),
    )


def _grouped(pairs: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def _day(text: str) -> date:
    return date.fromisoformat(text)
