"""Pure rules of the registry: placing addresses, membership of directories, competence of officers."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal

from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import (
    LATITUDES,
    LONGITUDES,
    VEHICLE,
    DayPart,
    DirectoryRule,
    EquipmentKind,
    Place,
    PlacePatterns,
    RiskClass,
    WishFacts,
    WishKind,
)


def check_place(lat: Decimal, lon: Decimal) -> tuple[Reason, ...]:
    """Why this is no place in China; a swapped pair is named."""
    if LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]:
        return ()
    if LATITUDES[0] <= lon <= LATITUDES[1] and LONGITUDES[0] <= lat <= LONGITUDES[1]:
        return (Reason("place.swapped", "Latitude and longitude are swapped.", at_field="lat"),)
    facts = {"lat": str(lat), "lon": str(lon)}
    return (
        Reason("place.outside", "%(lat)s north, %(lon)s east is not in China.", facts=facts, at_field="lat"),
    )


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


HalfDay = tuple[date, DayPart]
_EQUIPMENT_CODE = re.compile(r"[a-z0-9-]{1,32}")


def check_days(from_on: date, until_on: date) -> list[Reason]:
    """Days end after they begin."""
    if from_on <= until_on:
        return []
    return [Reason("days.order", "The last day lies before the first.", at_field="until_on")]


def check_equipment(kind: EquipmentKind, code: str, name: str) -> list[Reason]:
    """Equipment has a code that items can name, and a name; vehicles, and nothing else, have the code of vehicles."""
    reasons = []
    if not _EQUIPMENT_CODE.fullmatch(code):
        sentence = "A code is made of small letters, digits and -, at most 32: it is what items name."
        reasons.append(Reason("equipment.code", sentence, at_field="code"))
    elif (kind is EquipmentKind.VEHICLE) != (code == VEHICLE):
        sentence = "All vehicles of an agency are one row with the code “%(code)s”; instruments have others."
        reasons.append(Reason("equipment.vehicle", sentence, facts={"code": VEHICLE}, at_field="code"))
    if not name.strip():
        reasons.append(Reason("equipment.name", "Say what it is.", at_field="name"))
    return reasons


def check_wish(wish: WishFacts) -> list[Reason]:
    """A wish names a weekday, or days from–until, or a weekday between two days."""
    if wish.weekday is None and (wish.from_on is None or wish.until_on is None):
        return [Reason("wish.days", "Name a weekday, or the first and the last day.", at_field="weekday")]
    if wish.weekday is not None and not 0 <= wish.weekday <= 6:
        return [Reason("wish.weekday", "A weekday is one of seven.", at_field="weekday")]
    return check_days(wish.from_on, wish.until_on) if wish.from_on and wish.until_on else []


def list_wished(wishes: Iterable[WishFacts], days: Sequence[date]) -> set[HalfDay]:
    """The half days, of these days, that wishes are about."""
    return {
        (day, part)
        for wish in wishes
        for day in days
        if (wish.weekday is None or day.weekday() == wish.weekday)
        and (wish.from_on is None or wish.from_on <= day)
        and (wish.until_on is None or day <= wish.until_on)
        for part in ((wish.part,) if wish.part else DayPart)
    }


def list_closed(wishes: Iterable[WishFacts], working_days: Sequence[date], most: int) -> set[HalfDay]:
    """The half days on which an enterprise is closed to announced visits.

    Of a month not more than `most` working days hold (number `closed-days-a-month`), the first ones: files may bring
    more than an enterprise may ask for by itself.
    """
    wished = list_wished((wish for wish in wishes if wish.kind is WishKind.CLOSED), working_days)
    held: Counter[tuple[int, int]] = Counter()
    closed = set()
    for day, part in sorted(wished):
        month = (day.year, day.month)
        if held[month] < 2 * most:
            held[month] += 1
            closed.add((day, part))
    return closed


def check_closed(wishes: Iterable[WishFacts], working_days: Sequence[date], most: int) -> list[Reason]:
    """A month has at most `most` closed working days, halves counted as halves (number `closed-days-a-month`)."""
    closed = list_wished((wish for wish in wishes if wish.kind is WishKind.CLOSED), working_days)
    months = Counter(f"{day:%Y-%m}" for day, _ in closed)
    over = sorted(month for month, halves in months.items() if halves > 2 * most)
    if not over:
        return []
    return [
        Reason(
            "wish.closed-too-often",
            "In %(month)s %(days)s working days would be closed; at most %(most)s a month are possible. Take another "
            "one back first, or choose fewer.",
            facts={"month": over[0], "days": f"{months[over[0]] / 2:g}", "most": most},
            at_field="weekday",
        )
    ]
