"""`yicha undisturbed discover|recheck|close`: what the undisturbed list does over the whole registry."""

from __future__ import annotations

import argparse
import getpass


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("undisturbed", help="discover candidates, re-check and close windows of the list")
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    discover = steps.add_parser("discover", help="propose whoever meets the criteria; a person decides")
    discover.add_argument(
        "--region", default="", help="a region's code: it and those below it (default: all)"
    )
    recheck = steps.add_parser("recheck", help="suspend whoever no longer meets what it takes to stay")
    close = steps.add_parser("close", help="list whoever's objection window ended in silence")
    for step, run in ((discover, run_discover), (recheck, run_recheck), (close, run_close)):
        step.add_argument(
            "--actor",
            default=f"cli:{getpass.getuser()}",
            help="who does it, for the ledger (default: %(default)s)",
        )
        step.set_defaults(run=run, needs_database=True)


def run_discover(args: argparse.Namespace) -> int:
    """Propose candidates, and say how many there are by region."""
    from yicha.kernel import clock
    from yicha.know.undisturbed import services

    found = services.discover(actor=args.actor, now=clock.now(), region=args.region)
    print(f"examined\t{found.examined}\nfound\t{found.found}")
    for region, count in sorted(found.by_region.items()):
        print(f"{region}\t{count}")
    return 0


def run_recheck(args: argparse.Namespace) -> int:
    """Suspend, and say how many."""
    from yicha.kernel import clock
    from yicha.know.undisturbed import services

    print(f"suspended\t{services.recheck(actor=args.actor, now=clock.now()).count}")
    return 0


def run_close(args: argparse.Namespace) -> int:
    """List, and say how many."""
    from yicha.kernel import clock
    from yicha.know.undisturbed import services

    print(f"listed\t{services.close_windows(actor=args.actor, now=clock.now()).count}")
    return 0
