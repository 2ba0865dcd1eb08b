"""`yicha draw …`: a draw from its number to its verified files."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yicha.decide.drawing.terms import BeaconSpec

_BEACONS = ["drand", "lottery", "dice", "demonstration"]
_Subparsers = argparse._SubParsersAction


def register(sub: _Subparsers[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "draw",
        help="draw objects and officers by a public rule (yicha-draw/1)",
        description="The order: open, commit (every agency), freeze, reveal (every agency), run, export. "
        "`verify` recomputes exported files and needs no database.",
    )
    acts = parser.add_subparsers(title="what to do", metavar="ACT", required=True)
    _register_opening(acts)
    _register_freezing(acts)
    _register_seed(acts)
    _register_files(acts)
    _register_after(acts)


def _act(
    acts: _Subparsers[argparse.ArgumentParser],
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], int],
    *,
    draw: bool = True,
    actor: bool = True,
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    if draw:
        parser.add_argument("draw_id", metavar="DRAW", help="the draw's number, such as 110302-2026-0007")
    if actor:
        me = f"cli:{getpass.getuser()}"
        parser.add_argument("--actor", default=me, help="who does it, for the ledger (default: %(default)s)")
    parser.set_defaults(run=run, needs_database=True)
    return parser


def _beacon_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind-of-beacon", choices=_BEACONS, default="drand", help="default: %(default)s")
    parser.add_argument(
        "--source",
        required=True,
        help="the later event, exactly: “drand quicknet 12345678”, which lottery issues, or where dice are rolled",
    )
    parser.add_argument("--encoding", default="", help="of a lottery: “6/33+1/16,6/33+1/16,6/33+1/16”")
    parser.add_argument("--fallback", default="", help="what is used if the event does not take place")


def _register_opening(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = _act(acts, "list", "all draws, the newest first", list_draws, draw=False, actor=False)
    one.add_argument("--state", default="", help="in this state only")
    _act(acts, "show", "one draw: state, participants, strata", show, actor=False)
    one = _act(acts, "open", "give a draw its number and name the event that will decide", open_, draw=False)
    one.add_argument("--organiser", required=True, metavar="CODE")
    one.add_argument("--kind", choices=["objects", "officers"], default="objects")
    one.add_argument("--title", required=True)
    one.add_argument("--plan", required=True, metavar="CODE", help="the plan that the draw belongs to")
    one.add_argument(
        "--agency", required=True, action="append", metavar="CODE", help="takes part in the seed; repeat it"
    )
    one.add_argument(
        "--deadline",
        required=True,
        type=_instant,
        help="until when reveals are taken: 2026-07-02T17:00+08:00",
    )
    _beacon_arguments(one)


def _register_freezing(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = _act(acts, "freeze", "fix everything that is drawn from, for ever, and publish it", freeze)
    one.add_argument("--population", type=Path, metavar="TSV", help="key, stratum")
    one.add_argument("--exclusions", type=Path, metavar="TSV", help="key, code")
    one.add_argument(
        "--strata",
        type=Path,
        metavar="JSON",
        help='[{"id": "…", "words": "…", "where": "…", "rate": "0.05"}]',
    )
    one.add_argument("--tasks", type=Path, metavar="TSV", help="visit, agency, need")
    one.add_argument("--eligibility", type=Path, metavar="TSV", help="visit, agency, officer")
    one.add_argument(
        "--reasons", type=Path, metavar="TSV", help="visit, agency, officer, reason; kept, not published"
    )
    one.add_argument("--load-cap", type=int, default=0, metavar="N", help="most visits per officer")
    one.add_argument(
        "--leave-out", action="append", default=[], metavar="CODE", help="an agency that has not committed"
    )
    one.add_argument("--hold", action="store_true", help="freeze only, publish later with `publish`")
    _act(acts, "publish", "publish a frozen draw that was held", publish)


def _register_seed(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = _act(acts, "commit", "make an agency's secret, keep it here, and send only its commitment", commit)
    one.add_argument("agency", metavar="AGENCY")
    one.add_argument(
        "--keep", type=Path, default=Path("reveals"), metavar="DIR", help="where secrets are kept"
    )
    one.add_argument("--commitment", default="", metavar="HEX", help="send this one, made elsewhere")
    one.add_argument(
        "--offline",
        dest="needs_database",
        action="store_false",
        help="make the secret and print its commitment, without a database",
    )
    one = _act(acts, "reveal", "hand in an agency's secret after the publication", reveal)
    one.add_argument("agency", metavar="AGENCY")
    one.add_argument(
        "--keep", type=Path, default=Path("reveals"), metavar="DIR", help="where secrets are kept"
    )
    one = _act(acts, "run", "set the beacon and draw; possible once", run)
    one.add_argument("--beacon", required=True, metavar="TEXT", help="the event's value, in its encoding")


def _register_files(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = _act(
        acts, "export", "write the public files and the program that verifies them", export, actor=False
    )
    one.add_argument("--out", type=Path, required=True, metavar="DIR", help="the files go to DIR/DRAW/")
    words = "recompute a draw from its files alone; exit 1 when something does not hold"
    one = _act(acts, "verify", words, verify, draw=False, actor=False)
    one.add_argument("folder", type=Path, metavar="DIR")
    one.add_argument("--manifest-hash", default="", metavar="HEX", help="as published at the freeze")
    one.add_argument("--result-hash", default="", metavar="HEX", help="as the ledger has it")
    one.set_defaults(needs_database=False)


def _register_after(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = _act(acts, "replace", "replace a drawn object that cannot be checked; two others approve", replace)
    one.add_argument("key", metavar="KEY")
    step = one.add_mutually_exclusive_group(required=True)
    step.add_argument("--code", help="propose, for this listed reason")
    step.add_argument("--approve", action="store_true", help="consent to what was proposed")
    step.add_argument("--refuse", action="store_true", help="decline what was proposed")
    one.add_argument("--evidence", default="", help="the document that shows it")
    one = _act(acts, "supplement", "announce a supplement for places that nobody took", supplement)
    _beacon_arguments(one)
    one = _act(
        acts, "run-supplement", "set the beacon of the announced supplement and draw it", run_supplement
    )
    one.add_argument("--beacon", required=True, metavar="TEXT")
    one = _act(acts, "void", "sign, for an agency, that a draw does not count", void)
    one.add_argument("--agency", required=True, metavar="CODE")
    one.add_argument("--reason", required=True)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("an instant looks like 2026-07-02T17:00+08:00") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("an instant needs its offset, such as +08:00")
    return found


def _draw(args: argparse.Namespace) -> Any:
    from yicha.decide.drawing import queries
    from yicha.kernel.refusal import NotFound

    found = queries.find_draw(args.draw_id)
    if found is None:
        raise NotFound(f"There is no draw “{args.draw_id}”; `yicha draw list` shows them.")
    return found


def _by(args: argparse.Namespace) -> dict[str, Any]:
    from yicha.kernel import clock

    return {"actor": args.actor, "now": clock.now()}


def _beacon(args: argparse.Namespace) -> BeaconSpec:
    from yicha.decide.drawing.terms import BeaconKind, BeaconSpec

    return BeaconSpec(BeaconKind(args.kind_of_beacon), args.source, args.encoding, args.fallback)


def list_draws(args: argparse.Namespace) -> int:
    """One line per draw."""
    from yicha.decide.drawing import queries

    draws = queries.list_draws()
    for draw in draws.filter(state=args.state) if args.state else draws:
        print(f"{draw.draw_id}\t{draw.kind}\t{draw.state}\t{draw.title}")
    return 0


def show(args: argparse.Namespace) -> int:
    """State, participants and strata of a draw."""
    from yicha.decide.drawing import queries

    draw = _draw(args)
    print(f"{draw.draw_id}\t{draw.kind}\t{draw.state}\t{draw.title}")
    print(f"manifest\t{draw.manifest_hash or '-'}")
    print(f"beacon\t{draw.beacon_kind}\t{draw.beacon_source}\t{draw.beacon or '-'}")
    print(f"seed\t{draw.seed or '-'}")
    for row in queries.list_participants(draw):
        done = "revealed" if row.reveal else "committed" if row.commitment else "nothing yet"
        print(f"participant\t{row.agency}\t{'left out' if row.left_out else done}")
    for row in queries.list_strata(draw):
        print(f"stratum\t{row.code}\t{row.size} × {row.rate} → {row.quota}\t{row.words}")
    return 0


def open_(args: argparse.Namespace) -> int:
    """Open a draw and print its number."""
    from yicha.decide.drawing import services
    from yicha.decide.drawing.terms import DrawKind

    draw = services.open_draw(
        **_by(args),
        organiser=args.organiser,
        kind=DrawKind(args.kind),
        title=args.title,
        plan_id=args.plan,
        participants=args.agency,
        beacon=_beacon(args),
        reveal_deadline=args.deadline,
    )
    print(draw.draw_id)
    return 0


def freeze(args: argparse.Namespace) -> int:
    """Freeze from files, and publish unless held."""
    from yicha.decide.drawing import services

    draw = _freeze_officers(args) if args.tasks else _freeze_objects(args)
    if not args.hold:
        draw = services.publish(**_by(args), draw=draw)
    print(f"{draw.draw_id}\t{draw.state}\t{draw.manifest_hash}")
    return 0


def _freeze_objects(args: argparse.Namespace) -> Any:
    from yicha.decide.drawing import services
    from yicha.doors.cli import draw_files

    return services.freeze_objects(
        **_by(args),
        draw=_draw(args),
        population=[(key, stratum) for key, stratum in draw_files.read_rows(args.population, 2)],
        exclusions=[(key, code) for key, code in draw_files.read_rows(args.exclusions, 2)],
        strata=draw_files.read_strata(args.strata),
        leave_out=args.leave_out,
    )


def _freeze_officers(args: argparse.Namespace) -> Any:
    from yicha.decide.drawing import services
    from yicha.doors.cli import draw_files

    rows = draw_files.read_rows(args.tasks, 3)
    return services.freeze_officers(
        **_by(args),
        draw=_draw(args),
        tasks=[(visit, agency, int(need) if need.isdecimal() else 0) for visit, agency, need in rows],
        eligibility=[
            (visit, agency, officer) for visit, agency, officer in draw_files.read_rows(args.eligibility, 3)
        ],
        reasons=[
            (visit, agency, who, why) for visit, agency, who, why in draw_files.read_rows(args.reasons, 4)
        ],
        load_cap=args.load_cap,
        leave_out=args.leave_out,
    )


def publish(args: argparse.Namespace) -> int:
    """Publish a frozen draw."""
    from yicha.decide.drawing import services

    draw = services.publish(**_by(args), draw=_draw(args))
    print(f"{draw.draw_id}\t{draw.state}\t{draw.manifest_hash}")
    return 0


def commit(args: argparse.Namespace) -> int:
    """Make and keep a secret, send its commitment."""
    from yicha.doors.cli import secrets_kept

    commitment = args.commitment
    if not commitment:
        path, commitment = secrets_kept.make(args.keep, args.draw_id, args.agency)
        print(
            f"secret kept in {path}: hand it in with `yicha draw reveal` after the publication, show it to nobody"
        )
    if args.needs_database:
        from yicha.decide.drawing import services

        services.commit(**_by(args), draw=_draw(args), agency=args.agency, commitment=commitment)
    print(f"commitment\t{commitment}")
    return 0


def reveal(args: argparse.Namespace) -> int:
    """Hand in the secret that `commit` kept."""
    from yicha.decide.drawing import services
    from yicha.doors.cli import secrets_kept

    text = secrets_kept.read(args.keep, args.draw_id, args.agency)
    services.reveal(**_by(args), draw=_draw(args), agency=args.agency, reveal=text)
    print(f"revealed\t{args.agency}")
    return 0


def run(args: argparse.Namespace) -> int:
    """Draw."""
    from yicha.decide.drawing import queries, services

    draw = services.run(**_by(args), draw=_draw(args), beacon=args.beacon)
    count = len(queries.list_selection(draw)) or len(queries.list_assignment(draw))
    print(f"{draw.draw_id}\t{draw.state}\tseed {draw.seed}\t{count} drawn")
    return 0


def export(args: argparse.Namespace) -> int:
    """Write the public files."""
    from yicha.decide.drawing import services

    for path in services.export(draw=_draw(args), folder=args.out / args.draw_id):
        print(path)
    return 0


def verify(args: argparse.Namespace) -> int:
    """The same as the published program, which this is."""
    from yicha.decide.drawing import verify_draw

    hashes = [f"--manifest-hash={args.manifest_hash}", f"--result-hash={args.result_hash}"]
    return verify_draw.main([*hashes, "--", str(args.folder)])


def replace(args: argparse.Namespace) -> int:
    """Propose, approve or refuse a replacement."""
    from yicha.decide.drawing import queries, services
    from yicha.kernel.refusal import NotFound

    draw = _draw(args)
    if args.code:
        services.propose_replacement(
            **_by(args), draw=draw, key=args.key, code=args.code, evidence=args.evidence
        )
        print(f"proposed\t{args.key}\ttwo others approve with --approve")
        return 0
    found = queries.find_replacement(draw, args.key)
    if found is None:
        raise NotFound(f"No replacement of {args.key} is proposed.")
    decide = services.approve_replacement if args.approve else services.refuse_replacement
    found = decide(**_by(args), replacement=found)
    print(f"{found.state}\t{found.key}\t{found.by or '-'}")
    return 0


def supplement(args: argparse.Namespace) -> int:
    """Announce a supplement."""
    from yicha.decide.drawing import services

    found = services.announce_supplement(**_by(args), draw=_draw(args), beacon=_beacon(args))
    print(f"{found}\t{found.manifest_hash}\t{sum(found.quotas.values())} to draw")
    return 0


def run_supplement(args: argparse.Namespace) -> int:
    """Draw the announced supplement."""
    from yicha.decide.drawing import queries, services
    from yicha.kernel.refusal import NotFound

    found = queries.find_open_supplement(_draw(args))
    if found is None:
        raise NotFound(f"No supplement of {args.draw_id} waits for its beacon.")
    found = services.run_supplement(**_by(args), supplement=found, beacon=args.beacon)
    print(f"{found}\tseed {found.seed}")
    return 0


def void(args: argparse.Namespace) -> int:
    """Sign a void."""
    from yicha.decide.drawing import services

    draw = services.void(**_by(args), draw=_draw(args), agency=args.agency, reason=args.reason)
    wanted = services.signatures_needed(draw)
    print(f"{draw.draw_id}\t{draw.state}\tsignatures needed: {wanted}")
    return 0
