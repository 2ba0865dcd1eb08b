"""`yicha keys list|rotate`: the keys that sign visit codes and certificates."""

from __future__ import annotations

import argparse
import getpass
import json

PURPOSES = ("visit-code", "certificate")


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "keys",
        help="list or rotate the keys that sign codes and certificates",
        description="Private keys are files in YICHA_KEYS; the public ones are in the database.",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    listing = acts.add_parser("list", help="all keys, the newest of each purpose first")
    listing.add_argument(
        "--jwks",
        action="store_true",
        help="print those that are believed as a JWKS (RFC 7517), for use off line",
    )
    listing.set_defaults(run=run_list, needs_database=True)
    rotate = acts.add_parser(
        "rotate",
        help="make a new key and retire the old one",
        description="What the old key signed is believed until it ends by itself.",
    )
    rotate.add_argument("purpose", choices=PURPOSES, metavar="PURPOSE", help=" or ".join(PURPOSES))
    rotate.set_defaults(run=run_rotate, needs_database=True)


def run_list(args: argparse.Namespace) -> int:
    """Print the keys."""
    from yicha.base.keys import queries

    if args.jwks:
        print(json.dumps(queries.list_public_keys(), indent=1))
        return 0
    for key in queries.list_keys():
        state = f"retired {key.retired_at:%Y-%m-%d}" if key.retired_at else "signs"
        print(f"{key.purpose:<12} {key.kid} from {key.valid_from:%Y-%m-%d} {state}")
    return 0


def run_rotate(args: argparse.Namespace) -> int:
    """Make a new key."""
    from yicha.base.keys import services
    from yicha.kernel import clock

    key = services.rotate(f"command line ({getpass.getuser()})", clock.now(), args.purpose)
    print(f"{key.purpose} is now signed with {key.kid}.")
    return 0
