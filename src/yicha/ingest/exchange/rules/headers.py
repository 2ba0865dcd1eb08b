"""Which header of a file is which column of a kind."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

from yicha.ingest.exchange.terms import ImportKind, Layout
from yicha.kernel import cells
from yicha.kernel.refusal import Reason

IGNORE = ""
"""What a mapping gives for a header that the user decided not to import."""


def normalise(header: str) -> str:
    """A header as it is compared: tidy, half-width, without case, blanks, stars and brackets with units.

    The unit 万元 stays: nobody may take ten thousand yuan for one.
    """
    text = cells.narrow_all(cells.tidy(header)).casefold().replace(" ", "").strip("*")
    return text if "(万" in text else text.partition("(")[0] or text


def fingerprint(headers: Sequence[str]) -> str:
    """A set of headers, whatever its order: what a remembered mapping is kept under."""
    names = json.dumps(sorted(set(headers)), ensure_ascii=False)
    return hashlib.sha256(names.encode("utf-8")).hexdigest()


def known_headers(kind: ImportKind) -> dict[str, str]:
    """Every header that a kind understands, normalised, with its column."""
    known: dict[str, str] = {}
    for column in kind.columns:
        for header in (*column.headers, column.name):
            known.setdefault(normalise(header), column.name)
    return known


def lay_out(kind: ImportKind, headers: Sequence[str], mapping: Mapping[str, str]) -> Layout | list[Reason]:
    """Place the headers: the user's mapping first, then the names that the kind knows."""
    titles = tuple(cells.tidy(header) for header in headers)
    reasons = _repeated(titles)
    known, names = known_headers(kind), {column.name for column in kind.columns}
    reasons += [
        Reason(
            "import.mapping", "The mapping names “%(column)s”, which is no column.", facts={"column": column}
        )
        for column in dict.fromkeys(mapping.values())
        if column and column not in names
    ]
    positions: dict[int, str] = {}
    unknown: list[str] = []
    for position, title in enumerate(titles):
        column = mapping[title] if title in mapping else known.get(normalise(title), None)
        if column:
            positions[position] = column
        elif column is None and title:
            unknown.append(title)
    reasons += _clashing(titles, positions)
    reasons += _absent(kind, positions)
    return reasons or Layout(titles, positions, tuple(unknown))


def _repeated(titles: Sequence[str]) -> list[Reason]:
    return [
        Reason(
            "import.header-repeated",
            "The header “%(header)s” stands over %(count)s columns. Give each column its own.",
            facts={"header": title, "count": count},
        )
        for title, count in Counter(titles).items()
        if count > 1 and title
    ]


def _clashing(titles: Sequence[str], positions: Mapping[int, str]) -> list[Reason]:
    reasons = []
    for column, count in Counter(positions.values()).items():
        same = list(dict.fromkeys(titles[position] for position, name in positions.items() if name == column))
        if count > 1 and len(same) > 1:
            reasons.append(
                Reason(
                    "import.headers-clash",
                    "The headers %(headers)s all mean “%(column)s”. Map all but one to nothing.",
                    facts={"headers": ", ".join(same), "column": column},
                )
            )
    return reasons


def _absent(kind: ImportKind, positions: Mapping[int, str]) -> list[Reason]:
    there = set(positions.values())
    return [
        Reason(
            "import.column-absent",
            "No header stands for “%(column)s” (%(headers)s), which this import needs.",
            facts={"column": column.name, "headers": ", ".join(column.headers[:3])},
            at_field=column.name,
        )
        for column in kind.columns
        if column.required and column.name not in there
    ]


def read_mapping(text: str) -> dict[str, str] | Reason:
    """A mapping file: JSON `{"header": "column"}`, or lines `header=column`; an empty column means: leave out."""
    stripped = text.lstrip("\ufeff").strip()
    if stripped.startswith("{"):
        try:
            data = json.loads(stripped)
        except ValueError:
            return Reason("import.mapping-file", "The mapping is neither JSON nor lines “header=column”.")
        if all(isinstance(value, str) for value in data.values()):
            return {cells.tidy(header): value for header, value in data.items()}
        return Reason("import.mapping-file", "The mapping is neither JSON nor lines “header=column”.")
    mapping: dict[str, str] = {}
    for line in stripped.splitlines():
        header, sign, column = line.rpartition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not sign:
            return Reason("import.mapping-file", "The mapping is neither JSON nor lines “header=column”.")
        mapping[cells.tidy(header)] = column.strip()
    return mapping


def tidied(headers: Sequence[str]) -> list[str]:
    """Headers as they are kept and mapped."""
    return [cells.tidy(header) for header in headers]
