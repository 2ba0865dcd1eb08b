"""`yicha evaluate …`: what an ordering of inspections is worth, and how officers compare."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yicha.share.evaluation.terms.officers import OfficerReport
    from yicha.share.evaluation.terms.ordering import OrderingReport

_Subparsers = argparse._SubParsersAction


def register(sub: _Subparsers[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("evaluate", help="measure orderings of inspections, and compare officers")
    acts = parser.add_subparsers(title="what to do", metavar="ACT", required=True)
    _register_ordering(acts)
    _register_officers(acts)


def _register_ordering(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = acts.add_parser(
        "ordering",
        help="how many days earlier would findings come under another order?",
        description="Takes any table of past inspections (CSV or XLSX) and measures orderings of its later part, "
        "always beside chance, an oracle and the officer's identity alone. Nothing is kept; no database is needed.",
    )
    one.add_argument("file", type=Path, metavar="FILE")
    for name, words in (
        ("date", "day of the inspection"),
        ("object", "what was inspected"),
        ("officer", "who inspected"),
        ("found", "whether something was found: yes/no, 1/0, or a count"),
        ("score", "a score to order by, the highest first"),
        ("split", "test or train; only if ordered in time"),
    ):
        one.add_argument(f"--{name}", default="", metavar="COLUMN", help=f"{words} (default: by its header)")
    one.add_argument("--train-until", type=_day, metavar="DATE", help="learn from inspections until this day")
    one.add_argument(
        "--test-from",
        type=_day,
        metavar="DATE",
        help="measure inspections from this day (default: the last quarter of the time)",
    )
    one.add_argument("--test-until", type=_day, metavar="DATE")
    one.add_argument("--features", default="", metavar="A,B", help="learn from these columns only")
    one.add_argument(
        "--with-officer", action="store_true", help="also learn from who inspected, and say what that adds"
    )
    one.add_argument(
        "--ties",
        choices=["mean", "file"],
        default="mean",
        help="equal scores: the mean over their orders, or as they stand in the file (default: %(default)s)",
    )
    one.add_argument("--seed", type=int, default=1, help="of chance (default: %(default)s)")
    one.add_argument("--json", action="store_true", help="print the whole report as JSON")
    one.set_defaults(run=ordering)


def _register_officers(acts: _Subparsers[argparse.ArgumentParser]) -> None:
    one = acts.add_parser(
        "officers",
        help="finding rates of officers who were drawn, with intervals",
        description="For training and calibration, to coordination offices only: officers are drawn, so within one "
        "agency, region and set of items their finding rates can be compared.",
    )
    one.add_argument(
        "--as", dest="username", required=True, metavar="NAME", help="the coordinator who reads it"
    )
    one.add_argument("--agency", default="", metavar="CODE", help="this agency only")
    one.add_argument("--since", type=_day, metavar="DATE")
    one.add_argument("--until", type=_day, metavar="DATE")
    one.add_argument("--seed", type=int, default=1, help="of the test of spread (default: %(default)s)")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=officers, needs_database=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day looks like 2026-07-02") from None


def ordering(args: argparse.Namespace) -> int:
    """Measure a table and print the report."""
    import django

    django.setup()
    from yicha.share.evaluation import services
    from yicha.share.evaluation.terms.ordering import Question, Role, Ties

    question = Question(
        columns={role: getattr(args, role.value) for role in Role if getattr(args, role.value)},
        features=tuple(name.strip() for name in args.features.split(",") if name.strip()),
        with_officer=args.with_officer,
        train_until=args.train_until,
        test_from=args.test_from,
        test_until=args.test_until,
        seed=args.seed,
        ties=Ties(args.ties),
    )
    report = services.evaluate_ordering(path=args.file, name=args.file.name, question=question)
    if args.json:
        from yicha.share.evaluation import queries

        print(queries.dump(report))
    else:
        show_ordering(report)
    return 0


_WORDS = {
    "score": "score of the table",
    "rule": "rule: past findings",
    "logistic": "logistic regression",
    "boosting": "gradient boosting",
    "logistic-officer": "logistic, with officer",
    "boosting-officer": "boosting, with officer",
    "officer": "officer identity alone",
    "oracle": "oracle",
}


def show_ordering(report: OrderingReport) -> None:
    """The report as a table for the terminal."""
    print(f"{report.name}: {report.rows} inspections")
    print("columns: " + ", ".join(f"{role.value} “{header}”" for role, header in report.columns.items()))
    if report.train_rows:
        print(
            f"learnt from: {report.train_rows} inspections until {report.train_until}, "
            f"{report.train_findings} with findings"
        )
    for section in report.sections:
        what = "whole table (the score came with it)" if section.whole else "measured on"
        print(
            f"\n{what}: {section.rows} inspections from {section.first_on} to {section.last_on}, "
            f"{section.findings} with findings"
        )
        print(f"{'ordering':<26}{'days earlier':>14}{'first half':>12}{'own calendars':>15}")
        chance = section.chance
        print(f"{'as it was':<26}{0:>14.2f}{_share(section.first_half_as_it_was):>12}{_days(None):>15}")
        print(f"{'random, mean':<26}{chance.mean:>14.2f}{_share(chance.first_half):>12}{_days(None):>15}")
        print(f"{'random, 95 % interval':<26}{f'{chance.low:.2f} … {chance.high:.2f}':>14}")
        for one in section.measured:
            words = _WORDS[one.ordering.value] + ("" if one.beats_random else " *")
            print(
                f"{words:<26}{one.days_earlier:>14.2f}{_share(one.first_half):>12}"
                f"{_days(one.within_officers):>15}"
            )
        if not all(one.beats_random for one in section.measured):
            print("* not better than chance")
    for added in report.added:
        print(
            f"\nknowing the officer adds to {_WORDS[added.ordering.value]}: {added.days:+.2f} days "
            f"(95 % interval {added.low:+.2f} … {added.high:+.2f})"
        )
    _show_columns(report)


def _show_columns(report: OrderingReport) -> None:
    if report.features:
        print("\nfeatures: " + ", ".join(report.features))
    if report.left_out:
        print("not used:")
        for header, reason in report.left_out:
            print(f"  {header}: {reason}")
    if report.notes:
        print()
    for note in report.notes:
        print(f"note: {note}")


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _days(days: float | None) -> str:
    return "–" if days is None else f"{days:.2f}"


def officers(args: argparse.Namespace) -> int:
    """Compare officers and print intervals. Who may not read any agency learns nothing."""
    from yicha.base.accounts import queries as accounts
    from yicha.kernel.refusal import NotFound
    from yicha.share.evaluation import queries

    person = accounts.find_user(args.username)
    agencies = queries.list_readable_agencies(person) if person is not None else {}
    if args.agency:
        agencies = {code: name for code, name in agencies.items() if code == args.agency}
    if not agencies:
        raise NotFound
    report = queries.compare_officers(agencies=agencies, since=args.since, until=args.until, seed=args.seed)
    if args.json:
        print(queries.dump(report))
    else:
        show_officers(report, agencies)
    return 0


def show_officers(report: OfficerReport, names: dict[str, str]) -> None:
    """One table per agency: visits, findings, rate with interval, what chance would give, and the estimate."""
    for agency in report.agencies:
        spread = "nobody to compare with" if agency.spread_p is None else _probability(agency.spread_p)
        print(
            f"{agency.agency} {names[agency.agency]}: spread between officers {agency.spread:.1%} ({spread})"
        )
        print(
            f"{'certificate':<16}{'visits':>8}{'found':>7}{'rate':>8}{'95 % interval':>18}{'expected':>10}"
            f"{'estimate':>10}{'p':>10}"
        )
        for one in agency.officers:
            interval = f"{one.low:.1%} … {one.high:.1%}"
            print(
                f"{one.officer:<16}{one.visits:>8}{one.findings:>7}{one.rate:>8.1%}{interval:>18}"
                f"{one.expected_rate:>10.1%}{one.estimate:>10.1%}{_probability(one.p_value):>10}"
                + (" stands out" if one.stands_out else "")
            )
        if agency.alone:
            print(f"{agency.alone} attendances where the crew was always the same: nothing to compare")
        print()
    if not report.agencies:
        print("No closed visit has officers who were drawn.")
    if report.not_drawn:
        print(f"left out: {report.not_drawn} attendances of officers who were not drawn")
    print(
        "For training and calibration: an interval that holds the expected rate says that chance is enough."
    )


def _probability(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
