"""What one version of a model says otherwise than another, piece by piece: for people who sign it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from yicha.know.credit.terms.differences import Difference, Subject
from yicha.know.credit.terms.model import Indicator, Levels, Model, RedLine

T = TypeVar("T", Indicator, RedLine)
Fields = Mapping[str, str]


def compare(before: Model, after: Model) -> list[Difference]:
    """Everything that differs in meaning, in the order of the later version; comments and spelling do not count."""
    return [
        *_document(before, after),
        *_entries(Subject.INDICATOR, before.indicators, after.indicators),
        *_entries(Subject.RED_LINE, before.red_lines, after.red_lines),
        *_decays(before, after),
        *_levels(Subject.CREDIT_LEVELS, before.credit_levels, after.credit_levels),
        *_levels(Subject.RISK_LEVELS, before.risk_levels, after.risk_levels),
        *_one(Subject.MATRIX, "", "", " ".join(before.matrix), " ".join(after.matrix)),
    ]


def _document(before: Model, after: Model) -> Iterator[Difference]:
    yield from _one(Subject.DOCUMENT, "", "title", before.title, after.title)
    yield from _one(Subject.DOCUMENT, "", "source", before.source, after.source)


def _entries(subject: Subject, before: Sequence[T], after: Sequence[T]) -> Iterator[Difference]:
    """Indicators or red lines, known again by their code."""
    was = {one.code: one for one in before}
    for one in after:
        former = was.pop(one.code, None)
        if former is None:
            yield Difference(subject, one.words, "", "", one.code)
            continue
        old: Fields = _fields(former)
        new: Fields = _fields(one)
        for field in dict.fromkeys((*old, *new)):
            yield from _one(subject, one.words, field, old.get(field, ""), new.get(field, ""))
    for gone in was.values():
        yield Difference(subject, gone.words, "", gone.code, "")


def _fields(entry: Indicator | RedLine) -> Fields:
    """What an entry says, as a document writes it."""
    said = {"words": entry.words, "kinds": ", ".join(entry.kinds), "domains": ", ".join(entry.domains)}
    said |= {"window": str(entry.window), "source": entry.source}
    if isinstance(entry, RedLine):
        return said | {"severities": ", ".join(entry.severities)}
    said |= {f"points.{severity.value}": str(points) for severity, points in entry.points.items()}
    return said | {
        "part": entry.part.value,
        "measure": entry.measure.value,
        "amounts": ", ".join(f"≥ {band.at_least}: {band.permille} ‰" for band in entry.amounts),
        "decay": entry.decay,
        "cap": str(entry.cap),
        "lowers": str(entry.lowers).lower(),
        "years": str(entry.years),
        "attribute": entry.attribute.value if entry.attribute else "",
        "values": ", ".join(entry.values),
    }


def _decays(before: Model, after: Model) -> Iterator[Difference]:
    for name in dict.fromkeys((*before.decays, *after.decays)):
        old = " ".join(str(share) for share in before.decays.get(name, ()))
        new = " ".join(str(share) for share in after.decays.get(name, ()))
        yield from _one(Subject.DECAY, name, "", old, new)


def _levels(subject: Subject, before: Levels, after: Levels) -> Iterator[Difference]:
    yield from _one(subject, "", "by", before.by.value, after.by.value)
    old = " · ".join(str(cut) for cut in before.cuts)
    yield from _one(subject, "", "cuts", old, " · ".join(str(cut) for cut in after.cuts))


def _one(subject: Subject, name: str, field: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(subject, name, field, before, after)
