"""From the number to the publication: open, commit, freeze, publish."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yicha.decide.drawing.models import Draw, DrawFile, Participant, Stratum
from yicha.decide.drawing.rules import beacons, files, manifest, objects, officers, privacy, quotas, tickets
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.services import population as population_files
from yicha.decide.drawing.services.records import lock, record, require_step, save_participants, step
from yicha.decide.drawing.terms import (
    ELIGIBILITY,
    EXCLUSIONS,
    MANIFEST,
    POPULATION,
    REASONS,
    SPEC,
    TASKS,
    BeaconSpec,
    DrawKind,
    DrawState,
    Eligible,
    Excluded,
    ExclusionCode,
    Member,
    ReasonCode,
    StratumSpec,
    Task,
    WhyNot,
)
from yicha.kernel import canonical, clock, merkle
from yicha.kernel.refusal import Reason, refuse_if

_SOURCE = "yicha-draw/1, Order of events"


@transaction.atomic
def open_draw(
    *,
    actor: str,
    now: datetime,
    organiser: str,
    kind: DrawKind,
    title: str,
    plan_id: str,
    participants: Sequence[str],
    beacon: BeaconSpec,
    reveal_deadline: datetime,
) -> Draw:
    """Give a draw its number, name its event, and ask the participants for their commitments.

    `participants` are agency codes. Refused when the event has less than 64 bits of chance, or can be known
    before the deadline.
    """
    encoding = beacon.encoding or beacons.default_encoding(beacon.kind)
    beacon = BeaconSpec(beacon.kind, beacon.source, encoding, beacon.fallback)
    refuse_if(_check_opening(now, organiser, title, plan_id, participants, beacon, reveal_deadline))
    year = clock.today(now).year
    previous = _lock_last(organiser)
    number = previous.number + 1 if previous and previous.year == year else 1
    draw = Draw.objects.create(
        draw_id=manifest.draw_id_of(organiser, year, number),
        organiser=organiser,
        year=year,
        number=number,
        kind=kind.value,
        state=DrawState.OPENED.value,
        title=title,
        plan_id=plan_id,
        previous=previous,
        reveal_deadline=reveal_deadline,
        rules_version=SPEC,
        opened_at=now,
        opened_by=actor,
        beacon_kind=beacon.kind.value,
        beacon_source=beacon.source,
        beacon_encoding=beacon.encoding,
        beacon_fallback=beacon.fallback,
    )
    Participant.objects.bulk_create(
        [Participant(draw=draw, agency=agency) for agency in sorted(participants)]
    )
    body = {"kind": kind.value, "title": title, "plan_id": plan_id, "participants": sorted(participants)}
    record(actor, now, "opened", draw, body)
    return draw


def _check_opening(
    now: datetime,
    organiser: str,
    title: str,
    plan_id: str,
    participants: Sequence[str],
    beacon: BeaconSpec,
    reveal_deadline: datetime,
) -> list[Reason]:
    reasons = manifest.check_words(title=title, plan_id=plan_id, source=beacon.source)
    reasons += [
        Reason(
            "draw.agency-form",
            "“%(agency)s” cannot stand in a draw: letters, digits and . _ : - only.",
            source="yicha-draw/1, Files",
            facts={"agency": code},
        )
        for code in (organiser, *participants)
        if not files.is_key(code)
    ]
    reasons += files.check_unique(participants, "participants")
    if not participants:
        reasons.append(_refusal("draw.participants", "At least one agency must take part in the seed."))
    if reveal_deadline <= now:
        reasons.append(_refusal("draw.deadline", "The deadline for reveals must lie ahead."))
    return reasons + beacons.check_spec(beacon, reveal_deadline)


def _lock_last(organiser: str) -> Draw | None:
    """The last draw of an organiser, with the sole right to open the next until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"drawing.number {organiser}"]
        )
    return Draw.objects.filter(organiser=organiser).order_by("-year", "-number").first()


def commit(*, actor: str, now: datetime, draw: Draw, agency: str, commitment: str) -> None:
    """Take one agency's commitment; it cannot be changed afterwards."""
    commit_all(actor=actor, now=now, draw=draw, commitments={agency: commitment})


@transaction.atomic
def commit_all(*, actor: str, now: datetime, draw: Draw, commitments: Mapping[str, str]) -> None:
    """Take commitments of several agencies: all, or none."""
    draw = lock(draw)
    require_step(draw, "commit")
    rows = {row.agency: row for row in draw.participants.filter(agency__in=commitments)}
    reasons = []
    for agency, commitment in commitments.items():
        reasons += tickets.check_commitment(agency, commitment)
        if agency not in rows:
            reasons.append(
                _refusal("draw.participant-unknown", "%(agency)s takes no part in this draw.", agency=agency)
            )
        elif rows[agency].commitment not in ("", commitment):
            reasons.append(_refusal("draw.committed", "%(agency)s has committed already.", agency=agency))
    refuse_if(reasons)
    for agency, row in rows.items():
        row.commitment, row.committed_at = commitments[agency], now
    save_participants(rows.values(), "commitment", "committed_at")
    record(actor, now, "committed", draw, {"commitments": dict(commitments)})


@transaction.atomic
def freeze_objects(
    *,
    actor: str,
    now: datetime,
    draw: Draw,
    population: Iterable[tuple[str, str]],
    exclusions: Iterable[tuple[str, str]],
    strata: Sequence[StratumSpec],
    leave_out: Collection[str] = (),
) -> Draw:
    """Fix population (key, stratum), exclusions (key, code), strata and their quotas, for ever.

    `leave_out` names participants that have not committed and are passed over; others must have. The hash of
    the manifest goes into the ledger. Raises `Refused` with everything that is wrong.
    """
    draw = lock(draw)
    members, excluded = [Member(*row) for row in population], [Excluded(*row) for row in exclusions]
    reasons = _check_freeze(draw, DrawKind.OBJECTS, now, leave_out)
    reasons += objects.check_population(members, excluded, [(row.id, row.rate) for row in strata])
    for spec in strata:
        reasons += manifest.check_words(words=spec.words, where=spec.where)
    unknown = sorted({row.code for row in excluded} - set(ExclusionCode))
    reasons += [
        _refusal("draw.exclusion-code", "“%(found)s” is no listed reason to exclude.", found=found)
        for found in unknown
    ]
    refuse_if(reasons)
    sealed = {POPULATION: files.seal(members), EXCLUSIONS: files.seal(excluded)}
    rows = quotas.with_quotas([(row.id, row.rate) for row in strata], objects.sizes_of(members))
    head = _head(draw, now, leave_out)
    document = manifest.of_objects(head, sealed[POPULATION], sealed[EXCLUSIONS], excluded, strata, rows)
    if sealed[POPULATION].rows >= engine.FROM_ROWS:
        population_files.keep(actor, now, draw, sealed[POPULATION].content, rows)
    by_id = {spec.id: spec for spec in strata}
    Stratum.objects.bulk_create(
        Stratum(
            draw=draw,
            code=row.id,
            words=by_id[row.id].words,
            where=by_id[row.id].where,
            size=row.size,
            rate=row.rate,
            quota=row.quota,
        )
        for row in rows
    )
    return _freeze(actor, now, draw, document, sealed, leave_out)


@transaction.atomic
def freeze_officers(
    *,
    actor: str,
    now: datetime,
    draw: Draw,
    tasks: Iterable[tuple[str, str, int]],
    eligibility: Iterable[tuple[str, str, str]],
    reasons: Iterable[tuple[str, str, str, str]],
    load_cap: int,
    leave_out: Collection[str] = (),
) -> Draw:
    """Fix tasks (visit, agency, need), who may go (visit, agency, officer), and, sealed, why others may not.

    Refused when the needs cannot be met, naming the visits and what is missing; this needs no seed.
    """
    draw = lock(draw)
    task_rows, eligible = [Task(*row) for row in tasks], [Eligible(*row) for row in eligibility]
    why_not = [WhyNot(*row) for row in reasons]
    wrong = _check_freeze(draw, DrawKind.OFFICERS, now, leave_out)
    wrong += officers.check(task_rows, eligible, load_cap)
    wrong += [
        _refusal(
            "draw.reason-code", "“%(found)s” is no listed reason why an officer may not go.", found=found
        )
        for found in sorted({row.reason for row in why_not} - set(ReasonCode))
    ]
    refuse_if(wrong)
    sealed = {TASKS: files.seal(task_rows), ELIGIBILITY: files.seal(eligible)}
    refuse_if(officers.check_feasible(task_rows, eligible, load_cap))
    salted = officers.salt_reasons(why_not, (secrets.token_hex(16) for _ in why_not))
    root = merkle.root(row[0].encode("ascii") for row in salted).hex()
    draw.load_cap, draw.reasons_root = load_cap, root
    head = _head(draw, now, leave_out)
    document = manifest.of_officers(head, sealed[TASKS], sealed[ELIGIBILITY], load_cap, root)
    sealed[REASONS] = files.seal(salted)
    return _freeze(actor, now, draw, document, sealed, leave_out)


def _check_freeze(draw: Draw, kind: DrawKind, now: datetime, leave_out: Collection[str]) -> list[Reason]:
    require_step(draw, "freeze")
    reasons = []
    if draw.kind != kind:
        reasons.append(_refusal("draw.kind", "This is a draw of %(kind)s.", kind=draw.kind))
    if draw.reveal_deadline <= now:
        reasons.append(_refusal("draw.deadline", "The deadline for reveals must lie ahead."))
    if draw.previous and draw.previous.state == DrawState.OPENED:
        reasons.append(
            _refusal(
                "draw.previous-open",
                "Draw %(previous)s comes before and is not frozen; freeze it first, or void it.",
                previous=draw.previous.draw_id,
            )
        )
    missing = [row.agency for row in draw.participants.filter(commitment="").order_by("agency")]
    silent = [agency for agency in missing if agency not in leave_out]
    if silent:
        reasons.append(
            _refusal("draw.not-committed", "Not committed yet: %(agencies)s.", agencies=", ".join(silent))
        )
    if len(missing) == draw.participants.count():
        reasons.append(_refusal("draw.participants", "At least one agency must take part in the seed."))
    return reasons


def _head(draw: Draw, now: datetime, leave_out: Collection[str]) -> dict[str, Any]:
    rows = list(draw.participants.order_by("agency"))
    previous = draw.previous
    return manifest.head(
        kind=DrawKind(draw.kind),
        draw_id=draw.draw_id,
        title=draw.title,
        plan_id=draw.plan_id,
        organiser=draw.organiser,
        agencies=[row.agency for row in rows],
        frozen_at=now,
        previous_draw=(previous.draw_id, previous.manifest_hash) if previous else None,
        participants=[(row.agency, row.commitment) for row in rows if row.commitment],
        beacon=draw.beacon_spec,
        reveal_deadline=draw.reveal_deadline,
    )


def _freeze(
    actor: str,
    now: datetime,
    draw: Draw,
    document: dict[str, Any],
    sealed: Mapping[str, files.Sealed],
    leave_out: Collection[str],
) -> Draw:
    content = canonical.dumps(document)
    public = {name: file.content for name, file in sealed.items() if name != REASONS}
    refuse_if(
        reason
        for name, data in {MANIFEST: content, **public}.items()
        for reason in privacy.check_public(name, data)
    )
    DrawFile.objects.bulk_create(
        DrawFile(
            draw=draw,
            name=name,
            sha256=file.sha256,
            rows=file.rows,
            packed=zlib.compress(file.content, 6),
            public=name in public,
        )
        for name, file in sealed.items()
    )
    draw.participants.filter(commitment="", agency__in=leave_out).update(left_out=True)
    draw.manifest, draw.manifest_hash, draw.frozen_at = content, tickets.manifest_hash(document), now
    step(draw, "freeze")
    draw.save()
    sums = {name: file.sha256 for name, file in sealed.items()}
    record(actor, now, "frozen", draw, {"manifest_hash": draw.manifest_hash, "files": sums})
    return draw


@transaction.atomic
def publish(*, actor: str, now: datetime, draw: Draw) -> Draw:
    """Show manifest and files to everybody; from now on agencies reveal."""
    draw = lock(draw)
    step(draw, "publish")
    draw.published_at = now
    draw.save(update_fields=["state", "published_at"])
    record(actor, now, "published", draw, {"manifest_hash": draw.manifest_hash})
    return draw


def _refusal(code: str, sentence: str, /, **facts: str) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts)
