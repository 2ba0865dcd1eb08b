"""`yicha gate preview|budget|code verify`: may this visit happen, what is used of a budget, is a code genuine."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yicha.decide.gate.terms import Application, Ground, Verdict

LONGEST_WINDOW = 366
"""Days that a window may have on the command line."""


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "gate",
        help="may this visit happen, and why",
        description="Every visit passes the gate: recognise a result, join a planned visit, check off site, or enter.",
    )
    acts = parser.add_subparsers(title="acts", metavar="ACT", required=True)
    _register_preview(acts)
    budget = acts.add_parser("budget", help="an enterprise's budget of visits in a year")
    budget.add_argument("--uscc", required=True, metavar="CODE", help="the enterprise")
    budget.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="a day of the year (today)")
    budget.set_defaults(run=run_budget, needs_database=True)
    code = acts.add_parser("code", help="visit codes")
    verify = code.add_subparsers(title="acts", metavar="ACT", required=True).add_parser(
        "verify",
        help="whether a visit code is genuine and holds, without a database",
        description="Checks a token with the public keys alone. Whether it was revoked or replaced meanwhile, only "
        "the server knows. Exit code: 0 it holds, 1 it does not, 2 wrong usage.",
    )
    verify.add_argument("token", metavar="TOKEN", help="the token, or the address in the QR code")
    verify.add_argument(
        "--keys", required=True, type=Path, metavar="FILE", help="what /.well-known/jwks.json answers"
    )
    verify.set_defaults(run=run_verify)


def _register_preview(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    preview = acts.add_parser(
        "preview",
        help="the verdict on a visit, with all its reasons; writes nothing",
        description="Prints the verdict, then every reason with its source. Nothing is written. "
        "Exit code: 0 recognise, merge, off site or allow; 1 defer, refuse or a reason is required; 2 wrong usage.",
    )
    preview.add_argument("--uscc", required=True, metavar="CODE", help="the enterprise")
    preview.add_argument("--agency", required=True, metavar="CODE", help="who asks")
    preview.add_argument("--items", required=True, metavar="A,B", help="codes of items, with commas")
    preview.add_argument("--trigger", required=True, metavar="CODE", help="draw, initiative, complaint, …")
    preview.add_argument(
        "--on", required=True, type=date.fromisoformat, metavar="DATE", help="the first day (2026-07-01)"
    )
    preview.add_argument(
        "--until", type=date.fromisoformat, metavar="DATE", help="the last day; else the first"
    )
    preview.add_argument(
        "--kind", default="", help="daily, case, special or courtesy; else as the trigger says"
    )
    preview.add_argument("--officers", default="", metavar="A,B", help="certificates, with commas")
    preview.add_argument("--evidence", default="", metavar="TEXT", help="the reference of the evidence")
    preview.add_argument("--premises", default="", metavar="UUID", help="a site of the enterprise")
    preview.add_argument("--campaign", default="", metavar="CODE", help="the approval of a campaign")
    preview.add_argument("--approved-by", default="", metavar="NAME", help="who approved the inspection")
    preview.add_argument(
        "--reason",
        action="append",
        default=[],
        metavar="CODE=TEXT",
        help="answers a ground that asks for a reason",
    )
    preview.add_argument("--json", action="store_true", help="print the whole verdict as JSON")
    preview.set_defaults(run=run_preview, needs_database=True)


def run_preview(args: argparse.Namespace) -> int:
    """Ask the gate."""
    from yicha.decide.gate import queries
    from yicha.decide.gate.terms import Outcome
    from yicha.kernel import clock

    faults = _find_faults(args)
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 2
    verdict, facts = queries.preview(_application(args), clock.now())
    if args.json:
        print(json.dumps(queries.to_form(verdict), ensure_ascii=False, indent=1))
    else:
        _print(verdict)
    if facts.agency is None or facts.enterprise is None:
        return 2
    good = {Outcome.RECOGNISE, Outcome.MERGE, Outcome.OFFSITE, Outcome.ALLOW}
    return 0 if verdict.outcome in good and not verdict.wants else 1


def _find_faults(args: argparse.Namespace) -> list[str]:
    from yicha.know.visits.terms import ContactKind

    found = []
    if args.until and args.until < args.on:
        found.append(f"--until {args.until} lies before --on {args.on}.")
    elif args.until and (args.until - args.on).days > LONGEST_WINDOW:
        found.append(f"--until {args.until} is more than {LONGEST_WINDOW} days after --on {args.on}.")
    kinds = [kind.value for kind in ContactKind]
    if args.kind and args.kind not in kinds:
        found.append(f"There is no kind “{args.kind}”; there are: {', '.join(kinds)}.")
    found += [f"--reason {text}: write CODE=TEXT." for text in args.reason if "=" not in text]
    return found


_KINDS = {"draw": "daily", "initiative": "daily", "campaign": "special", "superior-order": "special"}


def _application(args: argparse.Namespace) -> Application:
    from yicha.decide.gate.terms import Application
    from yicha.kernel import uscc
    from yicha.know.visits.terms import ContactKind

    usual = "courtesy" if args.trigger == "courtesy" else _KINDS.get(args.trigger, "case")
    return Application(
        agency=args.agency,
        uscc=uscc.normalise(args.uscc),
        items=_split(args.items),
        kind=ContactKind(args.kind or usual),
        trigger=args.trigger,
        from_on=args.on,
        until_on=args.until or args.on,
        officers=_split(args.officers),
        premises=args.premises,
        evidence=args.evidence,
        campaign=args.campaign,
        approved_by=args.approved_by,
        reasons=dict(text.split("=", 1) for text in args.reason),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _print(verdict: Verdict) -> None:
    word = "a reason is required" if verdict.wants else verdict.outcome.value
    when = f" on {verdict.on}" if verdict.on else f" until {verdict.until}" if verdict.until else ""
    print(f"{word}{when}")
    for item in verdict.items:
        more = f" by result {item.result} (valid until {item.valid_until})" if item.result else ""
        more += f" into visit {item.contact}" if item.contact else ""
        print(f"  {item.item}: {item.outcome.value}{more}")
    for ground in verdict.grounds:
        print(_in_words(ground))
    if verdict.wants:
        print(f"Wanted: {', '.join(verdict.wants)}")


def _in_words(ground: Ground) -> str:
    """The mark says what the ground does: ✗ bars, ? asks for an answer, · is a remark."""
    mark = "·" if not ground.bars else "?" if ground.answerable else "✗"
    about = f"{ground.item}: " if ground.item else ""
    sentence = ground.sentence % ground.facts if ground.facts else ground.sentence
    rows = "; ".join(f"{row.code} = {row.value}{' (ours)' if row.is_ours else ''}" for row in ground.rows)
    until = f" [until {ground.until}]" if ground.until else ""
    return f"{mark} {about}{sentence}{until} ({ground.code}; {ground.source}{'; ' + rows if rows else ''})"


def run_budget(args: argparse.Namespace) -> int:
    """Print what is used, what is allowed, and what counted."""
    from yicha.decide.gate import queries
    from yicha.kernel import clock

    budget = queries.get_budget(args.uscc, args.on or clock.today(clock.now()))
    print(f"{budget.uscc} in {budget.year}")
    for line in budget.lines:
        name = line.level.value if line.level else "both levels"
        allowed = "without a cap" if line.allowed is None else f"of {line.allowed}"
        print(f"  {name}: {line.used} {allowed}" + (f" ({line.row.source})" if line.row else ""))
    for visit in budget.visits:
        contact = visit.contact
        print(f"  {contact.on} {contact.state} {contact.trigger} {contact.lead}: {visit.counted.value}")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Check a token by a file of public keys."""
    import django

    django.setup()  # no database is asked
    from yicha.base.keys.queries import verify_with
    from yicha.kernel import clock

    try:
        keys: Any = json.loads(args.keys.read_text(encoding="utf-8"))
    except ValueError:
        keys = None
    if not isinstance(keys, dict):
        print(f"{args.keys} holds no keys: it is what /.well-known/jwks.json answers.", file=sys.stderr)
        return 2
    says = verify_with(keys, args.token.rsplit("#", 1)[-1], "visit-code", clock.now())
    print("The code is genuine and holds today. The server knows whether it was revoked.")
    for name in ("visit", "uscc", "agencies", "items", "officers"):
        value = says.get(name, "")
        print(f"  {name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")
    return 0
