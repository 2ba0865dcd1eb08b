"""`yicha publish`: makes results public, and tells how the clock of 20 working days stands."""

from __future__ import annotations

import argparse
import sys
from datetime import date


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "publish",
        help="publish the results of closed visits",
        description="Publishes the results of every visit that was closed as a whole. Names of sole proprietors, "
        "officers, findings and classes are never published.",
    )
    parser.add_argument(
        "--due",
        type=date.fromisoformat,
        metavar="DATE",
        help="only what must be public by this day (2026-07-31)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only tell what would be published and what is late"
    )
    parser.add_argument("--actor", default="cli", metavar="NAME", help="who publishes, for the ledger")
    parser.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    """Publish what is due; returns 0, also when there is nothing."""
    from yicha.kernel import clock
    from yicha.share.publicity import queries, services

    now = clock.now()
    services.register_closed(now=now)
    today = clock.today(now)
    due = queries.list_due()
    if args.due:
        due = due.filter(due_on__lte=args.due)
    late = queries.list_late(today).count()
    if args.dry_run:
        print(f"Results that would be published: {due.count()}; late: {late}.")
        return 0
    count = services.publish(actor=args.actor, now=now, publications=due)
    print(f"Results published: {count}; late before: {late}.")
    left = queries.list_late(today).count()
    if left:
        print(f"Results that are late and not public: {left}.", file=sys.stderr)
    return 0
