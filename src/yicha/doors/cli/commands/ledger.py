"""`yicha ledger verify|export|checkpoint`: the record of official acts, and whether it holds."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

SHOWN = 20
"""So many faults are written out; the rest is counted."""


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "ledger",
        help="verify, export or sign the record of official acts",
        description="The ledger is an append-only record of every official act, with an RFC 6962 Merkle tree "
        "over it and signed checkpoints.",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    _register_verify(acts)
    export = acts.add_parser("export", help="sign a checkpoint and write the ledger into a folder")
    export.add_argument("folder", type=Path, metavar="DIR", help="where ledger.jsonl and checkpoints.json go")
    export.set_defaults(run=run_export, needs_database=True)
    checkpoint = acts.add_parser(
        "checkpoint",
        help="sign the present size and root",
        description="Prints the signed checkpoint as JSON: keep it, or give it to somebody, outside this machine.",
    )
    checkpoint.set_defaults(run=run_checkpoint, needs_database=True)


def _register_verify(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = acts.add_parser(
        "verify",
        help="check an exported ledger, or export and check this one",
        description="With DIR: recomputes everything from the export alone, without a database. Without: signs, "
        "exports this ledger and checks what was written. Exit code 0: whole; 1: the faults are named.",
    )
    verify.add_argument("folder", type=Path, metavar="DIR", nargs="?", help="an exported ledger")
    verify.add_argument("--export", type=Path, metavar="DIR", help="without DIR: where to keep the export")
    verify.add_argument("--key", default="", metavar="HEX", help="the public key that must have signed")
    verify.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="a checkpoint (or a list) kept elsewhere: the export must contain all that it signed",
    )
    verify.set_defaults(run=run_verify)


def run_verify(args: argparse.Namespace) -> int:
    """Check a folder; without one, export first. Only the latter needs the database."""
    if args.folder is not None:
        if args.export is not None:
            print("Give either DIR or --export, not both.", file=sys.stderr)
            return 2
        return _verify(args.folder, args)
    from yicha.doors.cli import ready

    with ready.database():
        import tempfile

        with tempfile.TemporaryDirectory(prefix="yicha-ledger-") as scratch:
            folder = args.export or Path(scratch)
            _export(folder)
            return _verify(folder, args)


def _verify(folder: Path, args: argparse.Namespace) -> int:
    from yicha.base.ledger.verify_folder import CHECKPOINTS, read_checkpoints, verify_folder

    known = read_checkpoints(args.against) if args.against else []
    faults = verify_folder(folder, args.key.lower(), known)
    for fault in faults[:SHOWN]:
        print(f"{fault.code}: {fault.sentence}", file=sys.stderr)
    if len(faults) > SHOWN:
        print(f"… and {len(faults) - SHOWN} more.", file=sys.stderr)
    if faults:
        return 1
    last = max(read_checkpoints(folder / CHECKPOINTS), key=lambda one: one.size)
    print(f"The ledger is whole: {last.size} rows, root {last.root}.")
    print(f"Signed with the key {last.key}.")
    if not args.key and not known:
        print("Compare the key, or a checkpoint kept elsewhere (--against), with what you know.")
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Write the ledger up to a fresh checkpoint."""
    count = _export(args.folder)
    print(f"{count} rows and their checkpoints are in {args.folder}.")
    return 0


def _export(folder: Path) -> int:
    from yicha.base.ledger import services
    from yicha.kernel import clock

    checkpoint = services.sign_checkpoint(now=clock.now(), key=services.signing_key())
    return services.export(folder, size=checkpoint.size)


def run_checkpoint(args: argparse.Namespace) -> int:
    """Sign the present state of the ledger."""
    from yicha.base.ledger import services
    from yicha.kernel import clock

    checkpoint = services.sign_checkpoint(now=clock.now(), key=services.signing_key())
    print(json.dumps(asdict(checkpoint), indent=1))
    return 0
