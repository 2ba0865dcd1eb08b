"""`yicha schedule ROUND`: half days for the visits of a quarter; prints how good they are, and who has none."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yicha.decide.scheduling.terms import Change

MOST_LISTED = 20


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "schedule",
        help="give the visits of a quarter their half days",
        description="Makes a calendar of a quarter's visits and prints what it is worth beside proven bounds, and why "
        "a visit has no place. It waits as a proposal on the page of the calendar, unless --keep keeps it at once.",
        epilog="Exit code: 0 a calendar was made, though visits may be without a place; 1 refused; 2 wrong usage.",
    )
    parser.add_argument("round", help="the quarter, such as 2026Q3")
    parser.add_argument(
        "--seed", type=int, default=0, help="the same seed, the same calendar (default: %(default)s)"
    )
    parser.add_argument(
        "--effort", type=_effort, help="how long to look, in deterministic time: about seconds of a core"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep it at once; without, it waits as a proposal"
    )
    parser.add_argument(
        "--actor",
        default=f"cli:{getpass.getuser()}",
        help="who does it, for the ledger (default: %(default)s)",
    )
    parser.set_defaults(run=run, needs_database=True)


def _effort(text: str) -> float:
    effort = float(text)
    if not 0 < effort < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return effort


def run(args: argparse.Namespace) -> int:
    """Make a calendar here and now; 1 when it was refused."""
    from yicha.decide.planning import queries as planning
    from yicha.decide.scheduling import queries, services
    from yicha.decide.scheduling.terms import ScheduleState
    from yicha.kernel import clock

    params = {"effort": args.effort} if args.effort else {}
    schedule = services.ask_schedule(
        actor=args.actor,
        now=clock.now(),
        round_=planning.get_round(args.round),
        params=params,
        seed=args.seed,
    )
    services.run_schedule(schedule=schedule, now=clock.now())
    schedule = queries.get_schedule(str(schedule.uuid))
    if schedule.state != ScheduleState.PROPOSED:
        for reason in schedule.reason_list:
            print(reason)
        return 1
    show(schedule)
    if args.keep:
        kept = services.keep(actor=args.actor, now=clock.now(), schedule=schedule)
        print(f"kept\t{kept.moved} visits moved, {kept.returned} given back, {len(kept.left_out)} left out")
    return 0


def show(schedule: Any) -> None:
    """How many visits have a place, each objective with its bound, and why the others have none."""
    from yicha.decide.scheduling import queries

    report = schedule.report
    early = ", ended early" if report["stopped"] else ""
    print(
        f"calendar {schedule.number}\t{report['placed']} of {report['visits']} visits have a half day{early}"
    )
    for objective, measure in queries.read_objectives(schedule).items():
        print(f"{objective.value}\t{measure.value}\tbound {measure.bound}\tgap {measure.gap:.2%}")
    if report["splits"]:
        print(f"in parts\t{len(report['splits'])} visits, because no half day takes them whole")
    _show_unplaced([change for change in queries.list_changes(schedule) if change.to is None])


def _show_unplaced(changes: Sequence[Change]) -> None:
    for change in changes[:MOST_LISTED]:
        print(f"no place\t{change.uscc} {change.enterprise} ({', '.join(change.agencies)})")
        for reason in change.why:
            print(f"\t{reason}")
    if len(changes) > MOST_LISTED:
        print(f"and {len(changes) - MOST_LISTED} more without a place")
