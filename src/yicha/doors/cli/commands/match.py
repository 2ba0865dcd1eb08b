"""`yicha match ROUND`: the demands of a quarter become joint visits; prints how many there would have been without."""

from __future__ import annotations

import argparse
import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yicha.decide.planning.terms import MatchReport


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("match", help="turn the demands of a quarter into joint visits")
    parser.add_argument("round", help="the quarter, such as 2026Q3")
    parser.add_argument("--dry-run", action="store_true", help="print the numbers, plan nothing")
    parser.add_argument("--partial", action="store_true", help="although some draws have no demands yet")
    parser.add_argument(
        "--actor",
        default=f"cli:{getpass.getuser()}",
        help="who does it, for the ledger (default: %(default)s)",
    )
    parser.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    """Match, or with --dry-run only count."""
    from yicha.decide.planning import queries, services
    from yicha.kernel import clock

    round_, now = queries.get_round(args.round), clock.now()
    if args.dry_run:
        report = services.preview_match(now=now, round_=round_)
    else:
        services.collect_due(actor=args.actor, now=now, round_=round_)
        report = services.match(actor=args.actor, now=now, round_=round_, partial=args.partial)
    show(report)
    return 0


def show(report: MatchReport) -> None:
    """What the gate left, the two numbers, and what stands behind them."""
    screen = report.screen
    print(
        f"at the gate\t{screen.demands} demands: {screen.recognised} recognised, {screen.offsite} off site, "
        f"{screen.deferred} deferred, {screen.refused} refused, {screen.left} left"
    )
    print(f"visits without matching\t{report.visits_without}")
    print(f"visits with matching\t{report.visits_with}")
    share = report.saved / report.visits_without if report.visits_without else 0
    print(f"saved\t{report.saved} ({share:.0%})")
    print(
        f"from {report.demands} demands at {report.enterprises} enterprises: {report.joint_visits} joint visits, "
        f"{report.units} agencies' shares, {report.busiest_day} visits on the busiest day, "
        f"{report.flagged} enterprises visited often"
    )
