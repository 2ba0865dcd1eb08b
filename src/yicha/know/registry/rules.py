"""Pure rules of the registry: placing addresses, membership of directories, competence of officers."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import DirectoryRule, Place, PlacePatterns, RiskClass


def place_address(
    address: str, district: str, regions: Sequence[PlacePatterns], zones: Sequence[PlacePatterns]
) -> Place:
    """Region and zone of an address. Jurisdiction follows the address and the zone, never the code's authority.

    The longest pattern found in the address decides (a town beats its district, a functional area written out
    beats the district it lies in), of equally long ones that which stands first; the file's own district column
    decides only where the address is silent.
    A zone takes what lies in one of its regions and matches one of its patterns; a zone without patterns for a
    region takes no address by region alone.
    """
    return Placer(regions, zones)(address, district)


class Placer:
    """`place_address` made ready for a million addresses.

    A few patterns are tried one by one, the longest first; many are found by their first two characters.
    """

    FEW = 40

    def __init__(self, regions: Sequence[PlacePatterns], zones: Sequence[PlacePatterns]) -> None:
        patterns = [(pattern, place.code) for place in regions for pattern in place.patterns]
        by_length: dict[int, list[tuple[str, str]]] = {}
        self._starts: dict[str, list[tuple[int, str, str]]] = {}
        for pattern, code in patterns:
            by_length.setdefault(len(pattern), []).append((pattern, code))
            self._starts.setdefault(pattern[:2], []).append((len(pattern), pattern, code))
        few = len(patterns) <= self.FEW
        self._few = (
            [_first_of(by_length[length]) for length in sorted(by_length, reverse=True)] if few else []
        )
        self._zones: dict[str, list[PlacePatterns]] = {}
        for zone in zones:
            for region in zone.regions:
                self._zones.setdefault(region, []).append(zone)
        self._places: dict[tuple[str, str, str], Place] = {}

    def __call__(self, address: str, district: str, given: str = "") -> Place:
        """The place of an address; `given` is a region that is known already."""
        region, by = given, "given"
        if not region:
            region, by = self._longest(address), "address"
        if not region and district:
            region, by = self._longest(district) or self._longest(district + "区"), "district"
        if not region:
            return Place()
        key = (region, self._zone(region, address), by)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = Place(*key)
        return place

    def _zone(self, region: str, address: str) -> str:
        for zone in self._zones.get(region, ()):
            for pattern in zone.patterns:
                if pattern in address or pattern == region:
                    return zone.code
        return ""

    def _longest(self, text: str) -> str:
        if self._few:
            for search, codes in self._few:
                match = search(text)
                if match is not None:
                    return codes[match[0]]
            return ""
        best, found, starts = 0, "", self._starts
        for position in range(len(text) - 1):
            for length, pattern, code in starts.get(text[position : position + 2], ()):
                if length > best and text.startswith(pattern, position):
                    best, found = length, code
        return found


def _first_of(
    group: Sequence[tuple[str, str]],
) -> tuple[Callable[[str], re.Match[str] | None], dict[str, str]]:
    """A search for the first of some patterns of one length, and whose they are (of the same one: the first)."""
    codes = dict(reversed(group))
    return re.compile("|".join(map(re.escape, codes))).search, codes


def read_directory_rule(data: Mapping[str, object]) -> DirectoryRule | list[Reason]:
    """A directory's rule from its stored form, or what is wrong with it."""
    known = set(asdict(DirectoryRule()))
    reasons = [
        Reason("directory.unknown-part", "A directory rule has no part “%(part)s”.", facts={"part": part})
        for part in data
        if part not in known
    ]
    parts: dict[str, tuple[str, ...]] = {}
    for part in known & set(data):
        values = data[part]
        if not isinstance(values, list | tuple) or not all(
            isinstance(value, str) and value for value in values
        ):
            reasons.append(
                Reason("directory.part-not-list", "“%(part)s” must be a list of texts.", facts={"part": part})
            )
            continue
        parts[part] = tuple(values)
    if not reasons and not any(parts.values()):
        reasons.append(
            Reason("directory.rule-empty", "A directory rule needs at least one part that narrows.")
        )
    bad = [letter for letter in parts.get("classes", ()) if letter not in RiskClass.__members__]
    reasons += [
        Reason("directory.class", "There is no class “%(letter)s”.", facts={"letter": x}) for x in bad
    ]
    return reasons or DirectoryRule(**parts)


def is_competent(competences: Collection[str], agency_kind: str, item: str) -> bool:
    """Whether an officer may check an item: competent for the item itself, or for all items of the agency's kind."""
    return item in competences or agency_kind in competences


def certificate_holds(valid_from: date, valid_until: date, on: date) -> bool:
    """Whether a certificate (执法证) is valid on a date; both ends belong to it."""
    return valid_from <= on <= valid_until


_PLAIN = re.compile("[^0-9A-Za-z一-鿿]")
_NUMBERED = re.compile("[0-9号]")
_DOCUMENT = re.compile("[0-9A-Za-z]{6,}")
PLAIN_SQL = "upper(regexp_replace(normalize({text}, NFKC), '[^0-9A-Za-z一-鿿]', '', 'g'))"
"""`plain_text` as PostgreSQL says it."""
NUMBERED_SQL = "{text} ~ '[0-9号]'"
"""Whether a plain address has a number, as PostgreSQL says it."""


def plain_text(text: str) -> str:
    """A name or an address as it is compared: only letters, figures and characters, half-width, in capitals."""
    return _PLAIN.sub("", unicodedata.normalize("NFKC", text)).upper()


def premises_key(address: str) -> str:
    """The key of premises; empty where an address has no number (a village, a district): it names no premises."""
    plain = plain_text(address)
    return _hash(plain) if _NUMBERED.search(plain) else ""


def supplier_key(named: str) -> str:
    """The key of a supplier, by code or by name."""
    return _hash(plain_text(named))


def person_key(secret: bytes, named: str) -> str:
    """The key of a person: HMAC-SHA256 over the number of the identity document, which is the longest number in it.

    Empty where there is none: of two people with one name nobody could tell which is meant.
    """
    numbers = sorted(
        _DOCUMENT.findall(unicodedata.normalize("NFKC", named)), key=lambda one: (-len(one), one)
    )
    if not numbers or not any(mark.isdigit() for mark in numbers[0]):
        return ""
    return hmac.new(secret, numbers[0].upper().encode(), hashlib.sha256).hexdigest()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
