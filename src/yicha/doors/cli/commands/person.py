"""`yicha person add`: a person who may sign in, with a role. The first one of an installation is made so."""

from __future__ import annotations

import argparse
import getpass
import sys


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "person",
        help="add a person who may sign in",
        description="The first administrator of an installation is added here; the others on the desk.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    add = actions.add_parser(
        "add", help="add a person, with a role", description="Asks for the password twice."
    )
    add.add_argument("username", help="the sign-in name")
    add.add_argument("--name", default="", help="the name that is shown")
    add.add_argument(
        "--role", required=True, help="security-admin (adds people and grants roles), coordinator, planner, …"
    )
    add.add_argument("--agency", default="", metavar="CODE", help="only within this agency")
    add.add_argument("--region", default="", metavar="CODE", help="only within this region or zone")
    add.add_argument(
        "--password-stdin", action="store_true", help="read the password from a line of the input"
    )
    add.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    """Add the user and the grant together, or neither."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from yicha.base.accounts import services
    from yicha.base.accounts.terms import GrantFacts, Role
    from yicha.kernel import clock
    from yicha.kernel.refusal import Reason, Refused

    roles = [role.value for role in Role]
    if args.role not in roles:
        print(f"There is no role “{args.role}”; there are: {', '.join(roles)}.", file=sys.stderr)
        return 2
    password = _password(from_input=args.password_stdin)
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused([Reason("accounts.password", message) for message in error.messages]) from None
    actor, now = f"command line ({getpass.getuser()})", clock.now()
    with transaction.atomic():
        user = services.create_user(
            actor=actor, now=now, username=args.username, password=password, display_name=args.name
        )
        facts = GrantFacts(role=Role(args.role), agency=args.agency, region=args.region)
        services.grant(actor=actor, now=now, user=user, facts=facts)
    print(f"{args.username} may sign in as {args.role}.")
    return 0


def _password(*, from_input: bool) -> str:
    from yicha.kernel.refusal import Reason, Refused

    if from_input:
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Refused([Reason("accounts.password", "The two passwords differ; nothing was added.")])
    return password
