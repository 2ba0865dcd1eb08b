"""The documents that are published: manifest, result, supplement, void (yicha-draw/1, Files)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from yicha.decide.drawing.rules.files import Sealed
from yicha.decide.drawing.terms import (
    ALGORITHM,
    CAP_PER_STRATUM,
    SPEC,
    Assigned,
    BeaconSpec,
    DrawKind,
    Drawn,
    Excluded,
    Replaced,
    ReplacementCode,
    Stratum,
    StratumSpec,
)
from yicha.kernel import clock
from yicha.kernel.refusal import Reason

Document = dict[str, Any]
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def draw_id_of(organiser: str, year: int, number: int) -> str:
    """The public number: gap-free per organiser and year."""
    return f"{organiser}-{year}-{number:04d}"


def instant(at: datetime) -> str:
    """An instant as it is written in a document: Beijing time, whole seconds."""
    return at.astimezone(clock.BEIJING).isoformat(timespec="seconds")


def check_words(**words: str) -> list[Reason]:
    """Why a text for the public cannot stand in a document: empty, or with characters that nobody sees."""
    return [
        Reason(
            "draw.words",
            "“%(field)s” must not be empty, longer than 500 characters, or have control characters in it.",
            source="yicha-draw/1, Files",
            facts={"field": field},
            at_field=field,
        )
        for field, text in words.items()
        if not text.strip() or len(text) > 500 or _CONTROL.search(text)
    ]


def _beacon(spec: BeaconSpec) -> Document:
    return {
        "kind": spec.kind.value,
        "source": spec.source,
        "encoding": spec.encoding,
        "fallback": spec.fallback,
    }


def head(
    *,
    kind: DrawKind,
    draw_id: str,
    title: str,
    plan_id: str,
    organiser: str,
    agencies: Iterable[str],
    frozen_at: datetime,
    previous_draw: tuple[str, str] | None,
    participants: Iterable[tuple[str, str]],
    beacon: BeaconSpec,
    reveal_deadline: datetime,
) -> Document:
    """What both kinds of manifest share. `participants` are (agency, commitment); both lists are sorted."""
    previous = (
        {"draw_id": previous_draw[0], "manifest_hash": previous_draw[1] or None} if previous_draw else None
    )
    return {
        "spec": SPEC,
        "kind": kind.value,
        "algorithm": ALGORITHM,
        "draw_id": draw_id,
        "title": title,
        "plan_id": plan_id,
        "organiser": organiser,
        "agencies": sorted(agencies),
        "frozen_at": instant(frozen_at),
        "previous_draw": previous,
        "seed": {
            "participants": [{"agency": agency, "commitment": text} for agency, text in sorted(participants)],
            "beacon": _beacon(beacon),
            "reveal_deadline": instant(reveal_deadline),
        },
    }


def _sealed(file: Sealed) -> Document:
    return {"file_sha256": file.sha256, "merkle_root": file.merkle_root}


def of_objects(
    head: Document,
    population: Sealed,
    exclusions: Sealed,
    excluded: Iterable[Excluded],
    specs: Sequence[StratumSpec],
    strata: Iterable[Stratum],
) -> Document:
    """The manifest of a draw of objects."""
    by_id = {spec.id: spec for spec in specs}
    counts = Counter(row.code for row in excluded)
    return head | {
        "population": {"count": population.rows} | _sealed(population),
        "exclusions": {"counts": dict(sorted(counts.items()))} | _sealed(exclusions),
        "strata": [
            {
                "id": row.id,
                "words": by_id[row.id].words,
                "where": by_id[row.id].where,
                "size": row.size,
                "rate": row.rate,
                "quota": row.quota,
            }
            for row in strata
        ],
        "replacement": {"codes": sorted(ReplacementCode), "cap_per_stratum": CAP_PER_STRATUM},
    }


def of_officers(
    head: Document, tasks: Sealed, eligibility: Sealed, load_cap: int, reasons_root: str
) -> Document:
    """The manifest of a draw of officers."""
    return head | {
        "load_cap": load_cap,
        "files": {"tasks": _sealed(tasks), "eligibility": _sealed(eligibility)},
        "reasons_root": reasons_root,
    }


def of_supplement(
    *,
    draw_id: str,
    manifest_hash: str,
    number: int,
    frozen_at: datetime,
    quotas: Mapping[str, int],
    beacon: BeaconSpec,
) -> Document:
    """What is published before a supplement's beacon can be known."""
    return {
        "spec": SPEC,
        "kind": "supplement",
        "draw_id": draw_id,
        "manifest_hash": manifest_hash,
        "number": number,
        "frozen_at": instant(frozen_at),
        "strata": [{"id": id_, "quota": quota} for id_, quota in sorted(quotas.items())],
        "seed": {"beacon": _beacon(beacon)},
    }


def result_head(
    draw_id: str, manifest_hash: str, beacon: str, reveals: Iterable[tuple[str, str]], seed: str
) -> Document:
    """What both kinds of result share; `reveals` in the manifest's order."""
    return {
        "spec": SPEC,
        "draw_id": draw_id,
        "manifest_hash": manifest_hash,
        "beacon": beacon,
        "reveals": [{"agency": agency, "reveal": reveal} for agency, reveal in reveals],
        "seed": seed,
    }


def _selection(rows: Iterable[Drawn]) -> list[Document]:
    return [{"stratum": row.stratum, "key": row.key, "ticket": row.ticket} for row in rows]


def result_of_objects(
    head: Document,
    selection: Iterable[Drawn],
    replacements: Iterable[Replaced] = (),
    supplements: Iterable[Document] = (),
) -> Document:
    """The result of a draw of objects. `by` and `ticket` are null where a supplement is to fill the place."""
    return head | {
        "selection": _selection(selection),
        "replacements": [
            {"key": row.key, "code": row.code, "by": row.by or None, "ticket": row.ticket or None}
            for row in replacements
        ],
        "supplements": list(supplements),
    }


def supplement_result(
    number: int, manifest_hash: str, beacon: str, seed: str, selection: Iterable[Drawn]
) -> Document:
    """One supplement as it stands in the result."""
    return {
        "number": number,
        "manifest_hash": manifest_hash,
        "beacon": beacon,
        "seed": seed,
        "selection": _selection(selection),
    }


def result_of_officers(head: Document, assignment: Iterable[Assigned]) -> Document:
    """The result of a draw of officers, in the order of the assignment."""
    return head | {
        "assignment": [
            {"visit": row.visit, "agency": row.agency, "officer": row.officer, "ticket": row.ticket}
            for row in assignment
        ]
    }


def void(
    *, draw_id: str, manifest_hash: str, reason: str, signatures: Iterable[str], at: datetime
) -> Document:
    """That a draw does not count, why, and which agencies signed."""
    return {
        "spec": SPEC,
        "kind": "void",
        "draw_id": draw_id,
        "manifest_hash": manifest_hash,
        "reason": reason,
        "signatures": sorted(signatures),
        "voided_at": instant(at),
    }
