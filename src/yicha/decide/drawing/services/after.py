"""After the result: replacements, supplements, and draws that do not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from yicha.decide.drawing import queries
from yicha.decide.drawing.models import Approval, Draw, Replacement, Selected, Supplement, VoidSignature
from yicha.decide.drawing.rules import beacons, manifest, objects, privacy, quotas, tickets
from yicha.decide.drawing.services import population
from yicha.decide.drawing.services.records import lock, record, require_step, step
from yicha.decide.drawing.terms import (
    CAP_PER_STRATUM,
    MANIFEST,
    VOID,
    BeaconKind,
    BeaconSpec,
    Drawn,
    DrawState,
    ReplacementState,
)
from yicha.kernel import canonical
from yicha.kernel.refusal import Reason, refuse_if

_SOURCE = "yicha-draw/1, Replacement and supplements"
APPROVALS_NEEDED = 2


@transaction.atomic
def propose_replacement(
    *, actor: str, now: datetime, draw: Draw, key: str, code: str, evidence: str
) -> Replacement:
    """Say that a drawn object cannot be checked, with a listed code and the document that shows it."""
    draw = lock(draw)
    require_step(draw, "replace")
    standing = {row.key for row in queries.list_targets(draw)}
    reasons = objects.check_replacement(key, code, standing)
    reasons += manifest.check_words(evidence=evidence)
    if not reasons and queries.find_replacement(draw, key):
        reasons.append(
            _refusal("draw.replacement-open", "A replacement of %(key)s is proposed already.", key=key)
        )
    refuse_if(reasons)
    proposal = Replacement.objects.create(
        draw=draw,
        key=key,
        code=code,
        evidence=evidence,
        state=ReplacementState.PROPOSED.value,
        proposed_at=now,
        proposed_by=actor,
    )
    body = {"key": key, "code": code, "evidence": evidence}
    record(actor, now, "replacement-proposed", draw, body)
    return proposal


@transaction.atomic
def approve_replacement(*, actor: str, now: datetime, replacement: Replacement) -> Replacement:
    """Consent to a replacement. The second person's consent takes the next ticket of the stratum.

    Above 5 % of a stratum, and where nobody is left, nothing takes the place: it waits for a supplement.
    """
    draw = lock(replacement.draw)
    require_step(draw, "replace")
    replacement = Replacement.objects.select_for_update().get(pk=replacement.pk)
    consented = {row.approved_by for row in replacement.approvals.all()}
    reasons = []
    if replacement.state != ReplacementState.PROPOSED:
        reasons.append(_refusal("draw.replacement-closed", "This replacement is decided already."))
    if actor in consented | {replacement.proposed_by}:
        reasons.append(
            _refusal(
                "draw.replacement-person", "Two persons approve, and neither is who proposed.", at_field=""
            )
        )
    refuse_if(reasons)
    Approval.objects.create(replacement=replacement, approved_by=actor, approved_at=now)
    if len(consented) + 1 >= APPROVALS_NEEDED:
        _replace(actor, now, draw, replacement)
    body = {
        "key": replacement.key,
        "code": replacement.code,
        "by": replacement.by,
        "state": replacement.state,
    }
    record(actor, now, "replacement-approved", draw, body)
    return replacement


@transaction.atomic
def refuse_replacement(*, actor: str, now: datetime, replacement: Replacement) -> Replacement:
    """Decline a proposal: the object stays to be checked."""
    draw = lock(replacement.draw)
    replacement = Replacement.objects.select_for_update().get(pk=replacement.pk)
    if replacement.state != ReplacementState.PROPOSED:
        refuse_if([_refusal("draw.replacement-closed", "This replacement is decided already.")])
    replacement.state = ReplacementState.REFUSED.value
    replacement.save(update_fields=["state"])
    record(actor, now, "replacement-refused", draw, {"key": replacement.key, "code": replacement.code})
    return replacement


def _replace(actor: str, now: datetime, draw: Draw, replacement: Replacement) -> None:
    stratum = draw.selected.get(key=replacement.key).stratum
    drawn = set(draw.selected.filter(stratum=stratum).values_list("key", flat=True))
    lowest = population.lowest(actor, now, draw, draw.seed, {stratum: len(drawn) + 1})
    ranked = [(row.ticket, row.key) for row in lowest]
    found = objects.replace(
        replacement.key,
        replacement.code,
        ranked,
        drawn,
        _skipped(draw)[stratum],
        quotas.replacements_allowed(draw.strata.get(code=stratum).size, CAP_PER_STRATUM),
    )
    replacement.by, replacement.ticket = found.by, found.ticket
    replacement.position = draw.replacements.filter(position__isnull=False).count()
    replacement.state = ReplacementState.DONE.value
    replacement.save(update_fields=["by", "ticket", "position", "state"])
    if found.by:
        Selected.objects.create(
            draw=draw, stratum=stratum, key=found.by, ticket=found.ticket, replaces=replacement.key
        )


def _skipped(draw: Draw, *, unfilled: bool = False) -> Counter[str]:
    """Per stratum, how many objects were skipped; with `unfilled`, those whose place nothing took."""
    done = draw.replacements.filter(state=ReplacementState.DONE.value)
    keys = (done.filter(by="") if unfilled else done).values_list("key", flat=True)
    return Counter(draw.selected.filter(key__in=keys).values_list("stratum", flat=True))


@transaction.atomic
def announce_supplement(
    *, actor: str, now: datetime, draw: Draw, beacon: BeaconSpec, places: Mapping[str, int] | None = None
) -> Supplement:
    """Publish that places nobody took are drawn anew, with a fresh beacon; `places` per stratum, default all.

    The event must be one that nobody can know yet, with 64 bits of chance, as for the draw itself.
    """
    draw = lock(draw)
    require_step(draw, "supplement")
    missing = _skipped(draw, unfilled=True)
    for row in queries.list_supplements(draw):
        missing.subtract(row.quotas)
    left = Counter({row.code: row.size for row in queries.list_strata(draw)})
    left.subtract(draw.selected.values_list("stratum", flat=True))
    if places is None:
        places = {
            name: min(count, left[name]) for name, count in missing.items() if min(count, left[name]) > 0
        }
    encoding = beacon.encoding or beacons.default_encoding(beacon.kind)
    beacon = BeaconSpec(beacon.kind, beacon.source, encoding, beacon.fallback)
    reasons = objects.check_supplement(places, missing, left)
    reasons += manifest.check_words(source=beacon.source) + beacons.check_spec(beacon, now)
    if queries.find_open_supplement(draw):
        reasons.append(_refusal("draw.supplement-open", "A supplement is announced already and not drawn."))
    refuse_if(reasons)
    return _announce(actor, now, draw, beacon, places)


def _announce(
    actor: str, now: datetime, draw: Draw, beacon: BeaconSpec, places: Mapping[str, int]
) -> Supplement:
    number = draw.supplements.count() + 1
    document = manifest.of_supplement(
        draw_id=draw.draw_id,
        manifest_hash=draw.manifest_hash,
        number=number,
        frozen_at=now,
        quotas=places,
        beacon=beacon,
    )
    content = canonical.dumps(document)
    refuse_if(privacy.check_public(MANIFEST, content))
    supplement = Supplement.objects.create(
        draw=draw,
        number=number,
        manifest=content,
        manifest_hash=tickets.manifest_hash(document),
        quotas=dict(places),
        announced_at=now,
        beacon_kind=beacon.kind.value,
        beacon_source=beacon.source,
        beacon_encoding=beacon.encoding,
        beacon_fallback=beacon.fallback,
    )
    body = {"number": number, "manifest_hash": supplement.manifest_hash, "places": dict(places)}
    record(actor, now, "supplement-announced", draw, body)
    return supplement


@transaction.atomic
def run_supplement(*, actor: str, now: datetime, supplement: Supplement, beacon: str) -> Supplement:
    """Set the supplement's beacon and draw its places from what is left of each stratum."""
    draw = lock(supplement.draw)
    require_step(draw, "supplement")
    supplement = Supplement.objects.select_for_update().get(pk=supplement.pk)
    reasons = beacons.check_text(BeaconKind(supplement.beacon_kind), supplement.beacon_encoding, beacon)
    if supplement.seed:
        reasons.append(_refusal("draw.supplement-drawn", "This supplement is drawn already."))
    refuse_if(reasons)
    supplement.beacon, supplement.drawn_at = beacon, now
    supplement.seed = tickets.seed_of(supplement.manifest_hash, beacon, [])
    found = _draw_places(actor, now, draw, supplement)
    population.save(draw, found, supplement.number)
    supplement.save(update_fields=["beacon", "seed", "drawn_at"])
    body = {"number": supplement.number, "beacon": beacon, "seed": supplement.seed, "drawn": len(found)}
    body["result_sha256"] = sha256(queries.find_result(draw) or b"").hexdigest()
    record(actor, now, "supplement-drawn", draw, body)
    return supplement


def _draw_places(actor: str, now: datetime, draw: Draw, supplement: Supplement) -> list[Drawn]:
    """In each stratum, so many of the lowest tickets of the supplement's seed that were never drawn before."""
    drawn = dict(draw.selected.values_list("key", "stratum"))
    before = Counter(drawn.values())
    asked = {name: places + before[name] for name, places in supplement.quotas.items()}
    left = Counter(supplement.quotas)
    found = []
    for row in population.lowest(actor, now, draw, supplement.seed, asked, supplement.number):
        if row.key not in drawn and left[row.stratum] > 0:
            left[row.stratum] -= 1
            found.append(row)
    return found


def signatures_needed(draw: Draw) -> int:
    """One agency for the first void draw of a plan, two for every further one (yicha-draw/1, Order of events, 2)."""
    earlier = Draw.objects.filter(plan_id=draw.plan_id, state=DrawState.VOID.value)
    return 2 if earlier.exclude(pk=draw.pk).exists() else 1


@transaction.atomic
def void(*, actor: str, now: datetime, draw: Draw, agency: str, reason: str) -> Draw:
    """Sign, for one agency, that a draw does not count. It is void when enough have signed, and public for ever."""
    draw = lock(draw)
    require_step(draw, "void")
    reasons = manifest.check_words(reason=reason) + privacy.check_public(
        VOID, reason.encode("utf-8", "replace")
    )
    if not draw.participants.filter(agency=agency).exists():
        reasons.append(
            _refusal("draw.participant-unknown", "%(agency)s takes no part in this draw.", agency=agency)
        )
    if draw.void_signatures.filter(agency=agency).exists():
        reasons.append(_refusal("draw.void-signed", "%(agency)s has signed already.", agency=agency))
    refuse_if(reasons)
    VoidSignature.objects.create(draw=draw, agency=agency, reason=reason, signed_at=now, signed_by=actor)
    signed = draw.void_signatures.count()
    if signed >= signatures_needed(draw):
        step(draw, "void")
        draw.voided_at = now
        draw.published_at = draw.published_at or now
        draw.save(update_fields=["state", "voided_at", "published_at"])
    body = {"agency": agency, "reason": reason, "signatures": signed, "state": draw.state}
    record(actor, now, "void-signed", draw, body)
    return draw


def _refusal(code: str, sentence: str, /, at_field: str = "", **facts: str) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts, at_field=at_field)
