"""Reading draws: for planning, for the desk, for the public. Nothing here computes a selection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db.models import Count, QuerySet

from yicha.decide.drawing import verify_draw
from yicha.decide.drawing.models import (
    Assignment,
    Draw,
    DrawFile,
    Participant,
    Replacement,
    Selected,
    Supplement,
)
from yicha.decide.drawing.rules import manifest
from yicha.decide.drawing.terms import (
    MANIFEST,
    REASONS,
    RESULT,
    SUMS,
    VERIFIER,
    VOID,
    WITHHELD,
    Assigned,
    DrawKind,
    Drawn,
    DrawState,
    Replaced,
    ReplacementState,
    Target,
)
from yicha.kernel import canonical
from yicha.kernel.refusal import NotFound


def find_draw(draw_id: str) -> Draw | None:
    """A draw by its public number."""
    return Draw.objects.filter(draw_id=draw_id).first()


def get_draw(draw_id: str) -> Draw:
    """A draw by its public number; `NotFound` if there is none."""
    found = find_draw(draw_id)
    if found is None:
        raise NotFound
    return found


def list_draws() -> QuerySet[Draw]:
    """All draws without their manifests, the newest first."""
    return Draw.objects.defer("manifest").order_by("-opened_at", "-number")


def list_open_draws() -> QuerySet[Draw]:
    """Draws that wait for somebody, the nearest deadline first, with who takes part."""
    waiting = [state.value for state in DrawState if state not in (DrawState.DRAWN, DrawState.VOID)]
    return (
        Draw.objects.defer("manifest")
        .filter(state__in=waiting)
        .prefetch_related("participants")
        .order_by("reveal_deadline", "draw_id")
    )


def list_public_draws() -> QuerySet[Draw]:
    """What the public may see: from the publication on, void draws too."""
    return list_draws().filter(published_at__isnull=False)


def find_public_draw(draw_id: str) -> Draw | None:
    """A draw that the public may see, by its number."""
    return Draw.objects.filter(draw_id=draw_id, published_at__isnull=False).first()


def list_draws_of_plan(plan_id: str) -> QuerySet[Draw]:
    """All draws of one plan, void ones too, the oldest first."""
    return list_draws().filter(plan_id=plan_id).order_by("opened_at", "number")


def list_participants(draw: Draw) -> QuerySet[Participant]:
    """Who takes part in the seed, in the manifest's order."""
    return draw.participants.order_by("agency")


def count_participation(draw: Draw) -> Mapping[str, int]:
    """How many agencies take part, have committed, have revealed."""
    rows = list(draw.participants.all())
    return {
        "participants": len(rows),
        "committed": sum(bool(row.commitment) for row in rows),
        "revealed": sum(bool(row.reveal) for row in rows),
    }


def list_strata(draw: Draw) -> QuerySet[Any]:
    """The strata with size, rate and quota, in the manifest's order."""
    return draw.strata.order_by("code")


def list_selection(draw: Draw) -> list[Target]:
    """All objects that were ever drawn, sorted by stratum and ticket; empty before the draw."""
    replaced = {
        row.key: row.by
        for row in Replacement.objects.filter(draw=draw, state=ReplacementState.DONE.value).only("key", "by")
    }
    rows = Selected.objects.filter(draw=draw).order_by("stratum", "ticket", "key")
    return [Target(row.stratum, row.key, row.ticket, _origin(row), _fate(row.key, replaced)) for row in rows]


def _origin(row: Selected) -> str:
    if row.supplement:
        return f"supplement-{row.supplement}"
    return "replacement" if row.replaces else "drawn"


def _fate(key: str, replaced: Mapping[str, str]) -> str:
    return (replaced[key] or "supplement") if key in replaced else ""


def list_targets(draw: Draw) -> list[Target]:
    """The objects that are to be checked now: drawn, and not skipped."""
    return [row for row in list_selection(draw) if not row.replaced_with]


def list_assignment(draw: Draw) -> list[Assigned]:
    """Who goes where, in the order in which the rule made it; empty before the draw."""
    rows = Assignment.objects.filter(draw=draw).order_by("position")
    return [Assigned(row.visit, row.agency, row.officer, row.ticket) for row in rows]


def list_replacements(draw: Draw) -> QuerySet[Replacement]:
    """Proposals and what became of them, the oldest first."""
    return draw.replacements.annotate(consents=Count("approvals")).order_by("proposed_at", "id")


def find_replacement(draw: Draw, key: str) -> Replacement | None:
    """The proposal for an object that is open or done."""
    return draw.replacements.filter(key=key).exclude(state=ReplacementState.REFUSED.value).first()


def list_supplements(draw: Draw) -> QuerySet[Supplement]:
    """Supplements in their order, drawn or announced."""
    return draw.supplements.order_by("number")


def find_open_supplement(draw: Draw) -> Supplement | None:
    """The supplement that is announced and not yet drawn."""
    return draw.supplements.filter(seed="").first()


def get_file(draw: Draw, name: str) -> DrawFile:
    """A sealed file of a draw; `NotFound` if it has none of that name."""
    found = DrawFile.objects.filter(draw=draw, name=name).first()
    if found is None:
        raise NotFound
    return found


def list_reasons(draw: Draw) -> list[tuple[str, ...]]:
    """Why officers may not go: (commitment, salt, visit, agency, officer, reason). For the supervisor of conduct."""
    lines = get_file(draw, REASONS).content.decode("ascii").splitlines()
    return [tuple(line.split("\t")) for line in lines]


def get_manifest(draw: Draw) -> dict[str, Any]:
    """The manifest as published; `NotFound` before the freeze."""
    if draw.manifest is None:
        raise NotFound
    document: dict[str, Any] = json.loads(bytes(draw.manifest))
    return document


def find_result(draw: Draw) -> bytes | None:
    """`result.json` as it stands now, replacements and supplements included; None if the draw has no result."""
    if not draw.seed:
        return None
    reveals = [(row.agency, row.reveal or WITHHELD) for row in list_participants(draw).filter(left_out=False)]
    head = manifest.result_head(draw.draw_id, draw.manifest_hash, draw.beacon, reveals, draw.seed)
    if draw.kind == DrawKind.OFFICERS:
        return canonical.dumps(manifest.result_of_officers(head, list_assignment(draw)))
    rows = Selected.objects.filter(draw=draw).order_by("stratum", "ticket", "key")
    by_supplement: dict[int, list[Drawn]] = {}
    for row in rows.filter(replaces=""):
        by_supplement.setdefault(row.supplement, []).append(Drawn(row.stratum, row.key, row.ticket))
    supplements = [
        manifest.supplement_result(
            row.number, row.manifest_hash, row.beacon, row.seed, by_supplement.get(row.number, [])
        )
        for row in list_supplements(draw).exclude(seed="")
    ]
    done = draw.replacements.filter(state=ReplacementState.DONE.value).order_by("position")
    replaced = [Replaced(row.key, row.code, row.by, row.ticket) for row in done]
    return canonical.dumps(manifest.result_of_objects(head, by_supplement.get(0, []), replaced, supplements))


def find_void(draw: Draw) -> bytes | None:
    """`void.json`, if the draw is void."""
    if draw.state != DrawState.VOID or draw.voided_at is None:
        return None
    signatures = list(draw.void_signatures.order_by("signed_at", "id"))
    document = manifest.void(
        draw_id=draw.draw_id,
        manifest_hash=draw.manifest_hash,
        reason=signatures[0].reason,
        signatures=[row.agency for row in signatures],
        at=draw.voided_at,
    )
    return canonical.dumps(document)


def list_public_names(draw: Draw) -> list[str]:
    """The names of everything that is published of a draw; empty before the publication."""
    if draw.published_at is None or draw.manifest is None:
        return []
    names = [MANIFEST, VERIFIER, SUMS, *draw.files.filter(public=True).values_list("name", flat=True)]
    names += [f"supplement-{row.number}.json" for row in list_supplements(draw)]
    names += [RESULT] if draw.seed else []
    names += [VOID] if draw.state == DrawState.VOID else []
    return sorted(names)


def find_public_file(draw: Draw, name: str) -> bytes | None:
    """One published file; None if nothing of that name is published."""
    if name not in list_public_names(draw):
        return None
    if name == SUMS:
        return _sums(draw)
    if name == VERIFIER:
        return Path(verify_draw.__file__).read_bytes()
    file = draw.files.filter(name=name, public=True).first()
    return file.content if file else _document(draw, name)


def _document(draw: Draw, name: str) -> bytes | None:
    if name == MANIFEST:
        return bytes(draw.manifest or b"")
    if name == RESULT:
        return find_result(draw)
    if name == VOID:
        return find_void(draw)
    number = int(name.removeprefix("supplement-").removesuffix(".json"))
    return bytes(draw.supplements.get(number=number).manifest)


def _sums(draw: Draw) -> bytes:
    """`SHA256SUMS`; the hashes of the tables are known, so that they need not be unpacked for it."""
    known = dict(draw.files.filter(public=True).values_list("name", "sha256"))
    lines = [
        f"{known.get(name) or sha256(find_public_file(draw, name) or b'').hexdigest()}  {name}\n"
        for name in list_public_names(draw)
        if name != SUMS
    ]
    return "".join(lines).encode("ascii")


def list_public_files(draw: Draw) -> dict[str, bytes]:
    """Everything that is published of a draw, by name; empty before the publication."""
    return {name: find_public_file(draw, name) or b"" for name in list_public_names(draw)}
