"""`yicha lake list|verify|drop|tidy|engine`: snapshots, whether they hold, and who computes on them."""

from __future__ import annotations

import argparse
import getpass
import sys
from uuid import UUID

SHOWN = 20
"""So many faults are written out; the rest is counted."""


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "lake",
        help="snapshots of the population, and the engine that computes on them",
        description="A snapshot is what one transaction of the database saw, frozen as Parquet files, with their "
        "hashes in a manifest and the manifest's hash in the ledger.",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    listing = acts.add_parser("list", help="all snapshots, the newest first")
    listing.set_defaults(run=run_list, needs_database=True)
    verify = acts.add_parser(
        "verify",
        help="recompute every hash of a snapshot",
        description="Reads every stored file again, and asks the ledger what was recorded. Exit code: 0 it holds, "
        "1 what does not is named.",
    )
    verify.add_argument("snapshot", metavar="UUID")
    verify.set_defaults(run=run_verify, needs_database=True)
    drop = acts.add_parser("drop", help="remove the files of a snapshot; its row and its manifest stay")
    drop.add_argument("snapshot", metavar="UUID")
    drop.set_defaults(run=run_drop, needs_database=True)
    tidy = acts.add_parser(
        "tidy",
        help="remove what belongs to no snapshot",
        description="Removes what snapshots that were never completed have left at once, and results, fetched and "
        "spilled files when they are a day old.",
    )
    tidy.set_defaults(run=run_tidy, needs_database=True)
    engine = acts.add_parser(
        "engine", help="start the engine of YICHA_ENGINE and let it compute something small"
    )
    engine.set_defaults(run=run_engine, needs_database=True)


def run_list(args: argparse.Namespace) -> int:
    """A line for each snapshot."""
    from yicha.base.lake import queries
    from yicha.kernel import clock

    for snapshot in queries.list_snapshots():
        rows = ", ".join(f"{name} {count:,}" for name, count in sorted(snapshot.rows.items()))
        at = snapshot.taken_at.astimezone(clock.BEIJING).isoformat(timespec="minutes")
        print(
            "  ".join(
                filter(None, (str(snapshot.uuid), at, snapshot.state, snapshot.name, rows, snapshot.failure))
            )
        )
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Name what does not hold."""
    from yicha.base.lake import queries, services

    snapshot = queries.get_snapshot(args.snapshot)
    faults = [f"{fault.path}: {fault.sentence}." for fault in services.verify(snapshot)]
    if _recorded(snapshot.uuid) != snapshot.manifest_sha256:
        faults.append("ledger: what was recorded when it was taken is not the hash of this manifest.")
    for fault in faults[:SHOWN]:
        print(fault, file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"… and {len(faults) - SHOWN} more.", file=sys.stderr)
    if faults:
        return 1
    print(f"The snapshot holds: {sum(snapshot.rows.values()):,} rows, manifest {snapshot.manifest_sha256}.")
    return 0


def _recorded(snapshot: UUID) -> str:
    """The hash of a snapshot's manifest as the ledger has it; empty if it has none."""
    from yicha.base.ledger import queries

    entry = queries.list_entries_of(f"snapshot:{snapshot}").filter(act="snapshot.taken").first()
    return str(entry.body.get("manifest", "")) if entry else ""


def run_drop(args: argparse.Namespace) -> int:
    """Remove one snapshot's files."""
    from yicha.base.lake import queries, services
    from yicha.kernel import clock

    snapshot = services.drop(
        queries.get_snapshot(args.snapshot), actor=f"cli:{getpass.getuser()}", now=clock.now()
    )
    print(f"The files of {snapshot.uuid} are gone.")
    return 0


def run_tidy(args: argparse.Namespace) -> int:
    """Say what was cleared away."""
    from yicha.base.lake import services
    from yicha.kernel import clock

    tidied = services.tidy(now=clock.now())
    print(f"{tidied.snapshots} snapshots that were never completed, {tidied.files} other files removed.")
    return 0


def run_engine(args: argparse.Namespace) -> int:
    """Say who computes, after it has computed."""
    from yicha.base.lake import services
    from yicha.base.lake.terms import Column, ColumnType, Small

    table = Small((Column("number", ColumnType.BIGINT),), [(number,) for number in range(1, 101)])
    with services.open_engine() as engine:
        found = engine.fetch(
            "SELECT CAST(sum(number) AS BIGINT) AS total FROM numbers", {}, {"numbers": table}
        )
        print(engine.describe())
    if found != [(5050,)]:
        print(f"It says that the numbers to 100 make {found}, not 5050.", file=sys.stderr)
        return 1
    print("It computes: the numbers to 100 make 5050.")
    return 0
