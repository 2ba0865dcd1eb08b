"""`yicha credit models list|check|use`, `classify`, `explain`: models of classes, and everybody by them."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import date
from pathlib import Path
from typing import Any


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("credit", help="models of classes; classify everybody; explain a class")
    areas = parser.add_subparsers(dest="area", required=True, metavar="WHAT")
    models = areas.add_parser("models", help="models of classes").add_subparsers(
        dest="step", required=True, metavar="STEP"
    )
    models.add_parser("list", help="every version with its state").set_defaults(
        run=run_list, needs_database=True
    )
    check = models.add_parser("check", help="say everything that is wrong with a document; nothing is kept")
    check.add_argument("file", type=Path, metavar="FILE", help="a document in YAML")
    check.set_defaults(run=run_check, needs_database=True)
    use = models.add_parser(
        "use",
        help="let two people sign a version, try it, and put it in force",
        description="Submits, signs, tries and puts in force what is not yet: for installations that are kept from "
        "the command line. The two people are users who hold these roles, and they answer for it in the ledger.",
    )
    use.add_argument("version", metavar="VERSION", help="its number, or “default”: what the product ships")
    use.add_argument("--coordinator", required=True, metavar="USER", help="signs as who coordinates")
    use.add_argument("--approver", required=True, metavar="USER", help="signs as who approves")
    use.set_defaults(run=run_use, needs_database=True)
    classify = areas.add_parser("classify", help="classify everybody by the model in force")
    classify.add_argument(
        "--actor", default=f"cli:{getpass.getuser()}", help="who asks, for the ledger (default: %(default)s)"
    )
    classify.set_defaults(run=run_classify, needs_database=True)
    explain = areas.add_parser(
        "explain", help="why an enterprise is of its class, and what would make it better"
    )
    explain.add_argument("uscc", metavar="USCC", help="unified social credit code")
    explain.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="as of a day (default: today)")
    explain.set_defaults(run=run_explain, needs_database=True)


def run_list(args: argparse.Namespace) -> int:
    """Print version, state, hash and title."""
    from yicha.know.credit.queries import models

    for one in models.list_models():
        print(f"{one.version}\t{one.state}\t{one.sha256[:16]}\t{one.title}")
    return 0


def run_check(args: argparse.Namespace) -> int:
    """Print every fault of a document; 1 if there is any."""
    from yicha.know.credit.services import models

    faults = models.find_faults(args.file.read_text("utf-8"))
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("No fault.")
    return 1 if faults else 0


def run_use(args: argparse.Namespace) -> int:
    """Take a version all the way into force."""
    from yicha.kernel import clock
    from yicha.know.credit.queries import models
    from yicha.know.credit.services import models as services
    from yicha.know.credit.services import trials

    model = _find(args.version)
    coordinator, approver = _person(args.coordinator), _person(args.approver)
    if coordinator is None or approver is None or model is None:
        return 1
    actor = args.coordinator
    if model.state == "draft":
        model = services.submit(actor=actor, now=clock.now(), model=model)
    if models.find_last_trial(model) is None:
        run = trials.ask_trial(actor=actor, now=clock.now(), model=model)
        trials.run_trial(actor=actor, now=clock.now(), run=run)
    for person in (coordinator, approver):
        if model.state == "submitted":
            roles = models.list_signing_roles(person)
            model = services.sign(actor=person.get_username(), now=clock.now(), model=model, roles=roles)
    return _say(services.put_in_force(actor=actor, now=clock.now(), model=model))


def run_classify(args: argparse.Namespace) -> int:
    """Classify everybody, and say how many are in which class."""
    from yicha.kernel import clock
    from yicha.know.credit.services import classing
    from yicha.know.credit.terms.classes import RunKind

    return _say(classing.classify_all(actor=args.actor, now=clock.now(), kind=RunKind.ASKED))


def _say(run: Any) -> int:
    for letter, count in sorted(run.counts.items()):
        print(f"{letter}\t{count}")
    print(f"changed\t{run.changed}")
    return 0


def _find(version: str) -> Any:
    """The version that was named; None, with a sentence, if there is none."""
    from yicha.know.credit.queries import models

    if version == "default":
        return models.get_shipped()
    found = models.find_version("general", int(version)) if version.isdecimal() else None
    if found is None:
        print(f"There is no version “{version}”; see: yicha credit models list.", file=sys.stderr)
    return found


def _person(username: str) -> Any:
    """The user who signs; None, with a sentence, if there is none or they may not sign."""
    from yicha.base.accounts import queries as accounts

    found = accounts.find_user(username)
    if found is None or not accounts.may(found, "model.sign"):
        print(f"There is no user “{username}” who may sign models.", file=sys.stderr)
        return None
    return found


def run_explain(args: argparse.Namespace) -> int:
    """Print the class, what makes it, and what would make it better."""
    from yicha.doors.templatetags.look import sentence
    from yicha.kernel import clock
    from yicha.know.credit.queries import classes

    on = args.on or clock.today(clock.now())
    found = classes.explain(args.uscc, on)
    if found is None:
        print(f"“{args.uscc}” is not in the registry, or nobody has been classified yet.", file=sys.stderr)
        return 1
    print(f"{found.assessment.letter}\t{found.on.isoformat()}")
    for reason in (*found.reasons, *found.hints):
        print(f"\t{sentence(reason)}")
    return 0
