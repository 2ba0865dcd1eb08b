"""`yicha plan …`: plans, their coverage, and the draws made from their entries."""

from __future__ import annotations

import argparse
import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yicha.decide.planning.terms import CoverageRow


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser("plan", help="annual plans: list, coverage, and draws from their entries")
    acts = parser.add_subparsers(title="what to do", metavar="ACT", required=True)
    one = acts.add_parser("list", help="all plans")
    one.add_argument("--year", type=int, help="of this year only")
    one.add_argument("--state", help="in this state only: draft, submitted, approved, published, superseded")
    _does(one, list_plans)
    one = acts.add_parser("show", help="one plan with its entries")
    one.add_argument("plan", help="the plan's code, such as 2026-110112-market")
    _does(one, show_plan)
    one = acts.add_parser("coverage", help="what is planned and drawn, against the floor")
    one.add_argument("--year", type=int, help="default: this year")
    _does(one, coverage)
    _register_steps(acts)
    _register_draws(acts)
    _register_calendar(acts)


def _register_steps(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, words in (
        ("submit", "hand a draft in for approval"),
        ("approve", "approve a submitted plan; not by who submitted it"),
        ("publish", "publish an approved plan"),
        ("amend", "write the next version of a published plan"),
    ):
        one = acts.add_parser(name, help=words)
        one.add_argument("plan", help="the plan's code; the newest version is meant")
        one.add_argument("--actor", default=_me(), help="who does it, for the ledger (default: %(default)s)")
        one.set_defaults(step=name)
        _does(one, take_step)


def _register_draws(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = acts.add_parser("draw", help="open the draw of an entry; agencies may then commit")
    one.add_argument("entry", help="the entry, such as 2026-110112-market.v1.3")
    one.add_argument("--beacon", default="drand", choices=["drand", "lottery", "dice", "demonstration"])
    one.add_argument(
        "--source", required=True, help="the later event exactly, such as “drand quicknet 12345678”"
    )
    one.add_argument("--fallback", default="", help="what is used if the event does not take place")
    one.add_argument(
        "--deadline",
        required=True,
        type=_instant,
        help="until when reveals are taken: 2026-07-02T17:00+08:00",
    )
    one.add_argument("--actor", default=_me(), help="who does it, for the ledger (default: %(default)s)")
    _does(one, open_draw)
    for name, words, function in (
        ("freeze", "fix population, exclusions and strata of an entry's draw", freeze),
        ("collect", "turn the targets of a draw into demands", collect),
    ):
        one = acts.add_parser(name, help=words)
        one.add_argument("draw_id", help="the draw's number")
        one.add_argument("--actor", default=_me(), help="who does it, for the ledger (default: %(default)s)")
        _does(one, function)


def _register_calendar(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "write a round's calendar: a row per visit, agency, item and officer"
    one = acts.add_parser(
        "export",
        help=words,
        description=words[0].upper() + words[1:] + ". Officers stand there by certificate.",
        epilog="To check it from its files alone: yicha plan export ROUND --out FILE --facts FOLDER, "
        "then yicha plan check FILE --facts FOLDER.",
    )
    one.add_argument("round", help="the quarter, such as 2026Q3")
    one.add_argument(
        "--out", type=Path, metavar="FILE", help="CSV, or a workbook if it ends in .xlsx (default: ROUND.csv)"
    )
    one.add_argument(
        "--facts",
        type=Path,
        metavar="FOLDER",
        help="also write what it must respect: budgets, quiet days, recusals … and the program that checks it",
    )
    _does(one, export_calendar)
    words = "check an exported calendar against every rule"
    one = acts.add_parser(
        "check",
        help=words,
        description=words[0].upper()
        + words[1:]
        + ", from its files alone; each rule is named, with the lines that "
        "break it. Without --facts only what the calendar itself says is checked.",
        epilog="Exit code: 0 every rule that was checked is kept; 1 one is broken; 2 the files cannot be read.",
    )
    one.add_argument("file", type=Path, metavar="FILE", help="the CSV that `yicha plan export` wrote")
    one.add_argument("--facts", type=Path, metavar="FOLDER", help="the folder that its --facts wrote")
    one.set_defaults(run=check_calendar, needs_database=False)


def _does(parser: argparse.ArgumentParser, function: object) -> None:
    parser.set_defaults(run=function, needs_database=True)


def _me() -> str:
    return f"cli:{getpass.getuser()}"


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("an instant needs its offset, such as +08:00")
    return found


def list_plans(args: argparse.Namespace) -> int:
    """One line per plan."""
    from yicha.decide.planning import queries

    plans: Any = queries.list_plans()
    if args.year:
        plans = plans.filter(year=args.year)
    if args.state:
        plans = plans.filter(state=args.state)
    for plan in plans:
        print(
            f"{plan.code} v{plan.version}\t{plan.state}\t{plan.entry_count} entries\t"
            f"{plan.expected} to draw\t{plan.title}"
        )
    return 0


def show_plan(args: argparse.Namespace) -> int:
    """A plan and its entries."""
    from yicha.decide.planning import queries

    plan = _plan(args.plan)
    print(f"{plan.code} v{plan.version}\t{plan.state}\t{plan.title}")
    for entry in queries.list_entries(plan):
        draws = ", ".join(row.draw_id for row in entry.draws.all()) or "no draw"
        print(
            f"{entry}\tQ{entry.quarter} {entry.window_from} … {entry.window_to}\t{entry.directory.code}\t"
            f"{entry.expected} of {entry.population}\t{draws}"
        )
    return 0


def _plan(code: str) -> Any:
    from yicha.decide.planning import queries
    from yicha.kernel.refusal import NotFound

    found = queries.find_plan(code)
    if found is None:
        raise NotFound(f"There is no plan “{code}”; `yicha plan list` shows them.")
    return found


def coverage(args: argparse.Namespace) -> int:
    """Planned and drawn by region; 1 when what is planned stays below the floor somewhere."""
    from yicha.decide.planning import queries
    from yicha.kernel import clock

    today = clock.today(clock.now())
    report = queries.get_coverage(args.year or today.year, today)
    for row in report.regions:
        _print_row(row, f"{row.region} {row.name}")
    _print_row(report.total, f"{report.year} in all")
    default = " (our default)" if report.is_ours else ""
    print(f"floor {report.total.floor:.2%}: {report.source}{default}")
    return 0 if report.total.met else 1


def _print_row(row: CoverageRow, name: str) -> None:
    verdict = "reached" if row.met else f"{row.due - row.planned} short"
    print(
        f"{name}\t{row.enterprises} enterprises\tplanned {row.planned} ({row.share:.2%})\t"
        f"drawn {row.drawn} ({row.drawn_share:.2%})\tdue {row.due}: {verdict}"
    )


def take_step(args: argparse.Namespace) -> int:
    """Move a plan one step."""
    from yicha.decide.planning import services
    from yicha.kernel import clock

    steps = {
        "submit": services.submit_plan,
        "approve": services.approve_plan,
        "publish": services.publish_plan,
        "amend": services.amend_plan,
    }
    plan = steps[args.step](actor=args.actor, now=clock.now(), plan=_plan(args.plan))
    print(f"{plan.code} v{plan.version}\t{plan.state}")
    return 0


def open_draw(args: argparse.Namespace) -> int:
    """Open the draw of an entry and say what comes next."""
    from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
    from yicha.decide.planning import queries, services
    from yicha.kernel import clock

    entry = queries.get_entry(args.entry)
    now = clock.now()
    services.open_round(
        actor=args.actor,
        now=now,
        year=entry.plan.year,
        quarter=entry.quarter,
        organiser=entry.plan.place_code,
    )
    draw = services.start_draw(
        actor=args.actor,
        now=now,
        entry=entry,
        beacon=BeaconSpec(BeaconKind(args.beacon), source=args.source, fallback=args.fallback),
        reveal_deadline=args.deadline,
    )
    print(draw.draw_id)
    print(f"commit: {', '.join(queries.list_participants(entry))}; then `yicha plan freeze {draw.draw_id}`")
    return 0


def freeze(args: argparse.Namespace) -> int:
    """Freeze an entry's draw."""
    from yicha.decide.planning import services
    from yicha.kernel import clock

    draw = services.freeze_draw(actor=args.actor, now=clock.now(), draw_id=args.draw_id)
    print(f"{draw.draw_id}\t{draw.state}\t{draw.manifest_hash}")
    return 0


def collect(args: argparse.Namespace) -> int:
    """Collect the demands of a draw."""
    from yicha.decide.planning import services
    from yicha.kernel import clock

    outcome = services.collect_demands(actor=args.actor, now=clock.now(), draw_id=args.draw_id)
    print(f"{outcome.targets} targets, {outcome.demands} new demands, {outcome.withdrawn} withdrawn")
    for what in outcome.unserved:
        print(f"no agency: {what}")
    for what in outcome.unpublished:
        print(f"not published: item {what}")
    return 0


def export_calendar(args: argparse.Namespace) -> int:
    """Write the calendar of a round, and if asked for the facts that it is checked with."""
    from yicha.decide.planning import queries as planning
    from yicha.decide.scheduling.queries import exports
    from yicha.doors.cli import calendar_files

    round_ = planning.get_round(args.round)
    rows = exports.list_export_rows(round_)
    path = args.out or Path(f"{round_.code}.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    calendar_files.write_calendar(path, rows)
    print(f"{len({row.visit for row in rows})} visits, {len(rows)} rows\t{path}")
    if args.facts:
        calendar_files.write_facts(args.facts, exports.list_fact_tables(round_, rows))
        print(f"check them: yicha plan check {path} --facts {args.facts}")
    return 0


def check_calendar(args: argparse.Namespace) -> int:
    """Check an exported calendar from its files alone."""
    from yicha.decide.scheduling import verify_calendar

    facts = ["--facts", str(args.facts)] if args.facts else []
    return verify_calendar.main([*facts, "--", str(args.file)])
