"""`yicha certificate …`: issues recognition certificates, and checks them without a database."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from yicha.kernel import clock

if TYPE_CHECKING:
    from yicha.share.recognition.verify_certificate import Checked


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "certificate",
        help="issue and check recognition certificates",
        description="A certificate says what an agency found at an enterprise, so that no agency of the member "
        "regions checks it again. `verify` needs a file and the public keys, and no database.",
    )
    acts = parser.add_subparsers(title="what to do", metavar="ACT", required=True)
    one = acts.add_parser(
        "issue",
        help="certify the valid results of an enterprise",
        description="Writes for each agency a page (PDF) and a signed file (JSON), and the public keys (jwks.json).",
    )
    one.add_argument("--uscc", required=True, metavar="CODE", help="the enterprise")
    one.add_argument("--agency", default="", metavar="CODE", help="only what this agency found")
    one.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the files go")
    me = f"cli:{getpass.getuser()}"
    one.add_argument(
        "--actor", default=me, metavar="NAME", help="who issues, for the ledger (default: %(default)s)"
    )
    one.set_defaults(run=issue, needs_database=True)
    one = acts.add_parser(
        "verify",
        help="check a certificate with nothing but public keys",
        description="Exit code 0: genuine, and a result on it is valid on the day; 1: not. Whether a result was "
        "revoked since, only the page to which the code on the paper leads can say.",
    )
    one.add_argument(
        "file", type=Path, metavar="FILE", help="the signed file, or a file with the code's content"
    )
    one.add_argument(
        "--keys", required=True, type=Path, metavar="JWKS", help="the public keys: /.well-known/jwks.json"
    )
    one.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="the day to ask about (default: today)"
    )
    one.add_argument("--json", action="store_true", help="print what was signed as JSON")
    one.set_defaults(run=verify, needs_database=False)


def issue(args: argparse.Namespace) -> int:
    """Certify, and write the files; a refusal says what is missing."""
    from yicha.base.keys import queries as keys
    from yicha.kernel import uscc
    from yicha.share.recognition import queries, services

    now = clock.now()
    code = uscc.normalise(args.uscc)
    issued = services.issue_all(actor=args.actor, now=now, uscc=code, agency=args.agency)
    args.out.mkdir(parents=True, exist_ok=True)
    for one in issued:
        pdf, signed = args.out / f"{one.number}.pdf", args.out / f"{one.number}.json"
        pdf.write_bytes(queries.certificate_pdf(one))
        signed.write_bytes(queries.signed_file(one))
        print(f"{one.number}: {pdf} {signed}")
    jwks = args.out / "jwks.json"
    jwks.write_text(json.dumps(keys.list_public_keys(now), indent=2) + "\n", encoding="utf-8")
    print(f"Check them with: yicha certificate verify FILE --keys {jwks}")
    return 0


def verify(args: argparse.Namespace) -> int:
    """Say whether a certificate is genuine, and how each result on it stands."""
    from yicha.share.recognition.verify_certificate import NotGenuine, check, read_token

    now = clock.now()
    at = datetime.combine(args.on, time(12), clock.BEIJING) if args.on else now
    try:
        jwks = json.loads(args.keys.read_text("utf-8"))
    except ValueError:
        print(f"{args.keys}: this is no file of public keys.", file=sys.stderr)
        return 1
    try:
        checked = check(read_token(args.file.read_text("utf-8")), jwks if isinstance(jwks, dict) else {}, at)
    except UnicodeDecodeError:
        print(f"{args.file}: give the signed file (JSON), not the page.", file=sys.stderr)
        return 1
    except NotGenuine as problem:
        print(f"{args.file}: {problem}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(checked.payload, ensure_ascii=False, indent=2))
    else:
        _print(checked, at)
    return 0 if checked.is_good else 1


def _print(checked: Checked, at: datetime) -> None:
    said = checked.payload
    print(f"Genuine: {said.get('number', '')}, signed with the key {checked.kid}.")
    if said.get("simulated"):
        print("Simulated: made by a demonstration, worth nothing.")
    print(f"Enterprise: {said.get('enterprise', '')} {said.get('uscc', '')}")
    print(f"Agency: {said.get('agency_name', '')} {said.get('agency', '')}")
    for line, valid in zip(said.get("results", []), checked.still_valid, strict=True):
        state = "valid" if valid else "OVER"
        print(
            f"  {state:5} {line.get('item', '')} {line.get('name', '')}: {line.get('code', '')}, "
            f"found {line.get('on', '')}, valid until {line.get('until', '')}"
        )
    if not checked.is_good:
        print(f"No result on it is valid on {at.date().isoformat()}.", file=sys.stderr)
