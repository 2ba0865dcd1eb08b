"""Keys of facts and the weights behind them: several indicators' points in one whole number, each in its lane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from yicha.base.lake.terms import Column, ColumnType, Small
from yicha.know.credit.rules import scoring
from yicha.know.credit.terms.model import (
    KIND_NUMBERS,
    SEVERITY_NUMBERS,
    STEP_DAYS,
    FactKind,
    Indicator,
    Measure,
    Model,
    RedLine,
)
from yicha.know.credit.terms.records import Severity

WORD_BITS = 63
"""Bits of a signed 64-bit number that a sum of points may use."""
FLAG_BITS = 62
_OTHER = "\0"
"""A kind of agency that no model names."""
_EPOCH = date(1970, 1, 1)


def days(day: date) -> int:
    """A day as the lake counts them: since 1970-01-01."""
    return (day - _EPOCH).days


@dataclass(frozen=True, slots=True)
class Key:
    """What all facts of a key have in common, as far as a model can tell them apart."""

    number: int
    kind: FactKind
    severity: Severity
    domain: str
    amount: int
    step: int
    year: int
    """1: a report of the last year that is due, 2: of the year before, …; 0: none, or of a year nobody asks for."""


@dataclass(frozen=True, slots=True)
class Keys:
    """How a model tells facts apart on a day.

    `domains`: kinds of agency that the model always names together are one class; class 0 are all others. `amounts`:
    where bands begin. From step `steps` on, age makes no difference any more. `years`: the most that an indicator
    looks back for annual reports.
    """

    on: date
    domains: tuple[tuple[str, ...], ...]
    numbers: tuple[tuple[int, ...], ...]
    amounts: tuple[int, ...]
    steps: int
    years: int

    @classmethod
    def of(cls, model: Model, on: date, numbers: Mapping[str, int]) -> Keys:
        """The keys of a model; `numbers`: the lake's number of a kind of agency."""
        ruling = _ruling(model)
        lists = [one.domains for one in ruling if one.domains]
        signatures: dict[tuple[bool, ...], list[str]] = {}
        for name in sorted({name for names in lists for name in names} & set(numbers)):
            signatures.setdefault(tuple(name in names for names in lists), []).append(name)
        domains = tuple(tuple(names) for names in signatures.values())
        ends = [one.window for one in ruling]
        ends += [len(table) for table in model.decays.values()]
        return cls(
            on=on,
            domains=domains,
            numbers=tuple(tuple(numbers[name] for name in names) for names in domains),
            amounts=tuple(sorted({band.at_least for one in model.indicators for band in one.amounts})),
            steps=max(ends, default=0),
            years=max(
                (one.years for one in model.indicators if one.measure is Measure.MISSING_YEARS), default=0
            ),
        )

    @property
    def _sizes(self) -> tuple[int, int, int, int]:
        return len(self.domains) + 1, len(self.amounts) + 1, self.steps + 1, self.years + 1

    def _number(self, kind: int, severity: int, place: tuple[int, int, int, int]) -> int:
        number = kind * len(SEVERITY_NUMBERS) + severity
        for size, position in zip(self._sizes, place, strict=True):
            number = number * size + position
        return number

    def expression(self) -> str:
        """The key of a row of `facts` whose day is not to come."""
        domain = "0"
        if self.domains:
            cases = (
                f"WHEN domain IN ({', '.join(map(str, numbers))}) THEN {position}"
                for position, numbers in enumerate(self.numbers, start=1)
            )
            domain = f"CASE {' '.join(cases)} ELSE 0 END"
        amount = " + ".join(f"CAST(amount >= {low} AS INTEGER)" for low in self.amounts) or "0"
        step = f"least(({days(self.on)} - day) // {STEP_DAYS}, {self.steps})"
        year = "0"
        if self.years:
            last = scoring.last_due_year(self.on)
            year = (
                f"CASE WHEN kind = {KIND_NUMBERS[FactKind.ANNUAL_REPORT]} "
                f"AND year BETWEEN {last - self.years + 1} AND {last} THEN {last + 1} - year ELSE 0 END"
            )
        key = f"CAST(kind AS INTEGER) * {len(SEVERITY_NUMBERS)} + severity"
        for size, part in zip(self._sizes, (domain, amount, step, year), strict=True):
            if size > 1:
                key = f"({key}) * {size} + ({part})"
        return f"CAST({key} AS INTEGER)"

    def each(self, kinds: frozenset[FactKind]) -> Iterator[Key]:
        """Every key of facts of these kinds, with a fact that stands for all of it."""
        names = (_OTHER, *(one[0] for one in self.domains))
        amounts = (self.amounts[0] - 1 if self.amounts else 0, *self.amounts)
        for kind in sorted(kinds, key=KIND_NUMBERS.__getitem__):
            years = self.years + 1 if kind is FactKind.ANNUAL_REPORT else 1
            for severity, grade in SEVERITY_NUMBERS.items():
                for d, domain in enumerate(names):
                    for a, amount in enumerate(amounts):
                        for step in range(self.steps + 1):
                            for year in range(years):
                                number = self._number(KIND_NUMBERS[kind], grade, (d, a, step, year))
                                yield Key(number, kind, severity, domain, amount, step, year)


@dataclass(frozen=True, slots=True)
class Lane:
    """Where an indicator's sum lies: bits from `shift` on of the sum of word `word`."""

    word: int
    shift: int
    bits: int


@dataclass(frozen=True, slots=True)
class Packed:
    """The weights of a model, and where to find what they add up to.

    `lanes` by the place of an indicator; one without a lane never gets points. `flags`: the number of the bit of a red
    line (`red:0`), of a fact that an ABSENCE indicator saw (`seen:3`), of a year reported (`year:1`, as `Key.year`).
    """

    weights: Small
    words: int
    flag_words: int
    lanes: Mapping[int, Lane]
    flags: Mapping[str, int]


def pack(model: Model, keys: Keys, most_facts: int) -> Packed:
    """The weights of every key that gives anything. ValueError when 63 bits do not hold an indicator's sum."""
    flags = _flags(model, keys)
    found = [(key.number, *_given(model, key, flags)) for key in keys.each(_kinds(model))]
    rows = [(number, points, seen) for number, points, seen in found if points or seen]
    peaks: dict[int, int] = {}
    for _, points, _ in rows:
        for position, gained in points.items():
            peaks[position] = max(peaks.get(position, 0), gained)
    lanes, words = _lanes(peaks, most_facts)
    flag_words = max(1, -(-len(flags) // FLAG_BITS))
    return Packed(
        weights=Small(
            columns=(
                Column("key", ColumnType.INTEGER),
                *(Column(f"q{word}", ColumnType.BIGINT) for word in range(words)),
                *(Column(f"f{word}", ColumnType.BIGINT) for word in range(flag_words)),
            ),
            rows=[
                (number, *_words(points, lanes, words), *_flag_words(seen, flag_words))
                for number, points, seen in rows
            ],
        ),
        words=words,
        flag_words=flag_words,
        lanes=lanes,
        flags=flags,
    )


def _ruling(model: Model) -> list[Indicator | RedLine]:
    return [*model.indicators, *model.red_lines]


def _kinds(model: Model) -> frozenset[FactKind]:
    """The kinds of facts that a model looks at."""
    kinds = {kind for one in _ruling(model) for kind in one.kinds}
    if any(one.measure is Measure.MISSING_YEARS for one in model.indicators):
        kinds.add(FactKind.ANNUAL_REPORT)
    return frozenset(kinds)


def _flags(model: Model, keys: Keys) -> dict[str, int]:
    names = [f"red:{position}" for position in range(len(model.red_lines))]
    names += [
        f"seen:{position}" for position, one in enumerate(model.indicators) if one.measure is Measure.ABSENCE
    ]
    names += [f"year:{year}" for year in range(1, keys.years + 1)]
    return {name: bit for bit, name in enumerate(names)}


def _given(model: Model, key: Key, flags: Mapping[str, int]) -> tuple[dict[int, int], int]:
    """What a fact of a key gives: points by the place of an indicator, and the bits of its flags."""
    points, seen = {}, 0
    for position, one in enumerate(model.indicators):
        if one.measure is Measure.RECORDS and key.kind in one.kinds:
            gained = scoring.points_of(model, one, key.kind, key.severity, key.domain, key.amount, key.step)
            if gained:
                points[position] = gained
        elif one.measure is Measure.ABSENCE and scoring.sees(one, key.kind, key.domain, key.step):
            seen |= 1 << flags[f"seen:{position}"]
    for position, line in enumerate(model.red_lines):
        if scoring.crosses(line, key.kind, key.severity, key.domain, key.step):
            seen |= 1 << flags[f"red:{position}"]
    if key.year:
        seen |= 1 << flags[f"year:{key.year}"]
    return points, seen


def _lanes(peaks: Mapping[int, int], most_facts: int) -> tuple[dict[int, Lane], int]:
    """A lane for every indicator, in the first word that has room for it."""
    lanes: dict[int, Lane] = {}
    used: list[int] = []
    for position, peak in sorted(peaks.items()):
        bits = (peak * most_facts).bit_length()
        if bits > WORD_BITS:
            raise ValueError(f"{most_facts} facts of {peak} points do not fit into {WORD_BITS} bits")
        word = next((word for word, taken in enumerate(used) if taken + bits <= WORD_BITS), len(used))
        if word == len(used):
            used.append(0)
        lanes[position] = Lane(word, used[word], bits)
        used[word] += bits
    return lanes, len(used)


def _words(points: Mapping[int, int], lanes: Mapping[int, Lane], words: int) -> list[int]:
    packed = [0] * words
    for position, gained in points.items():
        packed[lanes[position].word] |= gained << lanes[position].shift
    return packed


def _flag_words(seen: int, words: int) -> list[int]:
    return [seen >> (FLAG_BITS * word) & ((1 << FLAG_BITS) - 1) for word in range(words)]


def lane_sql(lane: Lane) -> str:
    """An indicator's sum, of the sums of words `w0`, `w1`, …"""
    return f"((w{lane.word} >> {lane.shift}) & {(1 << lane.bits) - 1})"


def flag_sql(bit: int) -> str:
    """1 if a flag is set, else 0; of the words of flags `f0`, `f1`, …"""
    return f"((f{bit // FLAG_BITS} >> {bit % FLAG_BITS}) & 1)"
