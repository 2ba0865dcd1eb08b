"""Draws for tests: as published files without a database, and step by step through the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from yicha.decide.drawing import services, verify_draw
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.rules import files, manifest, objects, officers, quotas, tickets
from yicha.decide.drawing.terms import (
    WITHHELD,
    BeaconKind,
    BeaconSpec,
    DrawKind,
    Eligible,
    Excluded,
    Member,
    Stratum,
    StratumSpec,
    Task,
)
from yicha.kernel import canonical

NOW = datetime(2026, 7, 1, 1, tzinfo=UTC)
DEADLINE = NOW + timedelta(days=1)
AFTER = DEADLINE + timedelta(hours=1)
ACTOR = "planner"
AGENCIES = ("110112-fire", "110112-market", "110302-health")
DEMONSTRATION = BeaconSpec(BeaconKind.DEMONSTRATION, "the command line", "the text as given", "none")
BEACON = "demonstration 2026-07-02"
STRATA = (
    StratumSpec("110112-1", "通州 餐饮", "region 110112, directory catering", "0.05"),
    StratumSpec("110112-2", "通州 其他", "region 110112, others", "0.10"),
    StratumSpec("110302-1", "亦庄 餐饮", "zone 110302, directory catering", "0.015"),
)
Files = dict[str, bytes]


def reveal_of(agency: str) -> str:
    """An agency's secret, the same in every run."""
    return sha256(f"reveal {agency}".encode()).hexdigest()


def population(size: int = 137) -> list[tuple[str, str]]:
    return [(f"91110302MA{number:08d}", STRATA[number % 7 % 3].id) for number in range(size)]


def exclusions(size: int = 9) -> list[tuple[str, str]]:
    return [(f"92110302MA{number:08d}", ("undisturbed", "budget")[number % 2]) for number in range(size)]


def tasks(visits: int = 9) -> list[Task]:
    return [
        Task(f"v{visit:03d}", agency, 2) for visit in range(visits) for agency in AGENCIES[: 2 + visit % 2]
    ]


def eligibility(rows: Sequence[Task]) -> list[Eligible]:
    return [
        Eligible(task.visit, task.agency, f"{task.agency[7:]}-{person}")
        for task in rows
        for person in range(5)
        if (person + int(task.visit[1:])) % 5
    ]


def head(kind: DrawKind, number: int = 2) -> dict[str, Any]:
    draw_id = manifest.draw_id_of("110302", 2026, number)
    return manifest.head(
        kind=kind,
        draw_id=draw_id,
        title="2026 年第三季度 餐饮",
        plan_id="plan-1",
        organiser="110302",
        agencies=AGENCIES,
        frozen_at=NOW,
        previous_draw=("110302-2026-0001", "ab" * 32),
        participants=[
            (agency, tickets.commitment_of(draw_id, agency, reveal_of(agency))) for agency in AGENCIES
        ],
        beacon=DEMONSTRATION,
        reveal_deadline=DEADLINE,
    )


def result_head(document: Mapping[str, Any]) -> dict[str, Any]:
    """One of the three agencies withholds."""
    reveals = [(agency, WITHHELD if agency.endswith("health") else reveal_of(agency)) for agency in AGENCIES]
    manifest_hash = tickets.manifest_hash(document)
    seed = tickets.seed_of(manifest_hash, BEACON, [text for _, text in reveals])
    return manifest.result_head(document["draw_id"], manifest_hash, BEACON, reveals, seed)


def with_sums(found: Files) -> Files:
    """The files with the verifier and their sums, as an export has them."""
    found = {name: content for name, content in found.items() if name != "SHA256SUMS"}
    found["verify_draw.py"] = Path(verify_draw.__file__).read_bytes()
    lines = [f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(found.items())]
    return {**found, "SHA256SUMS": "".join(lines).encode()}


def objects_files() -> Files:
    """A draw of objects with replacements, one above the cap, a supplement, and one object of it skipped."""
    members = [Member(*row) for row in population()]
    excluded = [Excluded(*row) for row in exclusions()]
    sealed = files.seal(members), files.seal(excluded)
    strata = quotas.with_quotas([(row.id, row.rate) for row in STRATA], objects.sizes_of(members))
    document = manifest.of_objects(head(DrawKind.OBJECTS), *sealed, excluded, STRATA, strata)
    top = result_head(document)
    selection = objects.select(top["seed"], members, strata)
    ranked = objects.rank(top["seed"], members)
    first = next(row for row in selection if row.stratum == "110112-1")
    by_next = objects.replace(
        first.key, "closed", ranked[first.stratum], {row.key for row in selection}, 0, 2
    )
    second = objects.replace(
        by_next.by, "moved", ranked[first.stratum], {*(r.key for r in selection), by_next.by}, 1, 2
    )
    drawn = {*(row.key for row in selection), by_next.by, second.by}
    third = objects.replace(second.by, "closed", ranked[first.stratum], drawn, 2, 2)
    supplement = manifest.of_supplement(
        draw_id=document["draw_id"],
        manifest_hash=top["manifest_hash"],
        number=1,
        frozen_at=AFTER,
        quotas={first.stratum: 1},
        beacon=DEMONSTRATION,
    )
    hash_ = tickets.manifest_hash(supplement)
    seed = tickets.seed_of(hash_, "second text", [])
    rest = [row for row in members if row.key not in drawn]
    found = objects.select(seed, rest, [Stratum(first.stratum, 0, "0", 1)], 1)
    fourth = objects.replace(found[0].key, "moved", ranked[first.stratum], drawn | {found[0].key}, 3, 2)
    result = manifest.result_of_objects(
        top,
        selection,
        [by_next, second, third, fourth],
        [manifest.supplement_result(1, hash_, "second text", seed, found)],
    )
    return with_sums(
        {
            "manifest.json": canonical.dumps(document),
            "population.tsv": sealed[0].content,
            "exclusions.tsv": sealed[1].content,
            "result.json": canonical.dumps(result),
            "supplement-1.json": canonical.dumps(supplement),
        }
    )


def officers_files() -> Files:
    """A draw of officers under a cap that leaves little room."""
    rows = tasks()
    eligible = eligibility(rows)
    sealed = files.seal(rows), files.seal(eligible)
    document = manifest.of_officers(head(DrawKind.OFFICERS), *sealed, 4, "cd" * 32)
    top = result_head(document)
    result = manifest.result_of_officers(top, officers.assign(top["seed"], rows, eligible, 4))
    return with_sums(
        {
            "manifest.json": canonical.dumps(document),
            "tasks.tsv": sealed[0].content,
            "eligibility.tsv": sealed[1].content,
            "result.json": canonical.dumps(result),
        }
    )


def opened(
    kind: DrawKind = DrawKind.OBJECTS, agencies: Sequence[str] = AGENCIES, plan_id: str = "plan-1"
) -> Draw:
    """A draw with its number."""
    return services.open_draw(
        actor=ACTOR,
        now=NOW,
        organiser="110302",
        kind=kind,
        title="2026 年第三季度 餐饮",
        plan_id=plan_id,
        participants=agencies,
        beacon=DEMONSTRATION,
        reveal_deadline=DEADLINE,
    )


def committed(draw: Draw) -> Draw:
    """All participants have committed."""
    services.commit_all(
        actor=ACTOR,
        now=NOW,
        draw=draw,
        commitments={
            row.agency: tickets.commitment_of(draw.draw_id, row.agency, reveal_of(row.agency))
            for row in draw.participants.all()
        },
    )
    return draw


def published(plan_id: str = "plan-1", size: int = 137) -> Draw:
    """A draw of objects that waits for its reveals."""
    draw = services.freeze_objects(
        actor=ACTOR,
        now=NOW,
        draw=committed(opened(plan_id=plan_id)),
        population=population(size),
        exclusions=exclusions(),
        strata=STRATA,
    )
    return services.publish(actor=ACTOR, now=NOW, draw=draw)


def published_officers(visits: int = 9) -> Draw:
    """A draw of officers that waits for its reveals."""
    rows = tasks(visits)
    draw = services.freeze_officers(
        actor=ACTOR,
        now=NOW,
        draw=committed(opened(DrawKind.OFFICERS)),
        tasks=rows,
        eligibility=eligibility(rows),
        reasons=[("v000", "110112-fire", "fire-0", "recusal")],
        load_cap=visits,
    )
    return services.publish(actor=ACTOR, now=NOW, draw=draw)


def drawn(draw: Draw) -> Draw:
    """All reveals, and the beacon."""
    services.reveal_all(
        actor=ACTOR,
        now=NOW,
        draw=draw,
        reveals={row.agency: reveal_of(row.agency) for row in draw.participants.all()},
    )
    return services.run(actor=ACTOR, now=AFTER, draw=draw, beacon=BEACON)
