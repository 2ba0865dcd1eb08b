"""The whole demonstration: make the zone, run the round, print what happened."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from yicha.base.workdays import queries as workdays_queries
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.doors.cli.demo import cast, classes, desk, quarter, screening, state, tables, zone
from yicha.doors.cli.demo import progress as printing
from yicha.doors.cli.demo.progress import Progress
from yicha.doors.cli.demo.round import Outcome, Round
from yicha.ingest.exchange.terms import Tally
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

ENTERPRISES, SEED = 23_000, 1
EDITION = "7"
"""Of what a demonstration holds: one made by another edition is made anew."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line; None: whatever is there, or the default."""

    enterprises: int | None = None
    seed: int | None = None
    given: Path | None = None
    fresh: bool = False
    out: Path | None = None


def show(wish: Wish) -> None:
    """Make the demonstration that is wished for, or take the one that is there; print it and its sign-ins."""
    if wish.given is not None and not wish.given.is_file():
        sentence = "There is no file “%(file)s”."
        raise Refused([Reason("demo.no-input", sentence, facts={"file": str(wish.given)})])
    found = state.look()
    if found.content is state.Content.OTHER:
        state.refuse_other()
    if found.content is state.Content.FINISHED and not wish.fresh and fits(wish, found.parameters):
        print("The demonstration is here already; --fresh makes it anew.")
        numbers = state.numbers()
        sign_ins = cast.kept(settings.YICHA.var)
    else:
        if found.content is not state.Content.NOTHING:
            state.reset()
        numbers, sign_ins = _make(wish)
    _export(wish.out)
    _print(numbers, sign_ins)


def _parameters(wish: Wish) -> dict[str, str]:
    return {
        "edition": EDITION,
        "enterprises": str(wish.enterprises or ENTERPRISES),
        "seed": str(SEED if wish.seed is None else wish.seed),
        "input": _digest(wish.given),
    }


def _digest(path: Path | None) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


def fits(wish: Wish, there: Mapping[str, str]) -> bool:
    """Whether what is there is what is wished for; what was not asked for does not matter."""
    wished = _parameters(wish)
    asked = {"edition"}
    asked |= {"enterprises"} if wish.enterprises is not None else set()
    asked |= {"seed"} if wish.seed is not None else set()
    asked |= {"input"} if wish.given or wish.enterprises is not None else set()
    return all(there.get(name) == wished[name] for name in asked)


def _make(wish: Wish) -> tuple[dict[str, int], list[cast.SignIn]]:
    parameters = _parameters(wish)
    seed, count = int(parameters["seed"]), int(parameters["enterprises"])
    now = clock.now()
    progress = Progress()
    chosen = quarter.choose(clock.today(now))
    folder = _folder()
    source = str(wish.given) if wish.given else f"{count:,} synthetic enterprises (模拟数据), seed {seed}"
    print(f"A round of {chosen.code} for {source}:", flush=True)
    state.hasten()
    state.begin(parameters, _begun_at(chosen, now))
    with progress.step("Zone, agencies, directories") as step:
        times = _prepare(chosen)
        agencies = zone.make_agencies(times.prepared_at)
        directories = zone.make_directories(times.prepared_at)
        step.result = f"{agencies} agencies, {directories} directories"
    with progress.step("Import of items, lists, officers, enterprises") as step:
        loaded = zone.load(
            folder, count=count, seed=seed, year=chosen.year, given=wish.given, now=times.prepared_at
        )
        zone.make_rest(loaded, seed=seed, year=chosen.year, now=times.prepared_at)
        step.result = f"{loaded.tally.rows:,} rows of enterprises"
    _say_tally(loaded.tally)
    _say_what_is_missing(loaded.columns)
    outcome = Round(progress, chosen, times, seed, loaded, folder).run()
    after = _leave_on_desk(progress, outcome, seed) | _leave_of_classes(progress, seed, folder)
    with progress.step("Sign-ins") as step:
        sign_ins = cast.make(_with_owner(outcome), settings.YICHA.var, clock.now())
        step.result = f"{len(sign_ins)} people"
    numbers = _numbers(outcome, loaded.tally, progress) | after
    state.finish(numbers, clock.now())
    return numbers, sign_ins


def _leave_on_desk(progress: Progress, outcome: Outcome, seed: int) -> dict[str, int]:
    """Single applications in every state, and one result taken back; what there is of each, as numbers."""
    now = clock.now()
    with progress.step("Single applications at the gate (simulated)") as step:
        states = desk.Desk(seed, now).apply(outcome.before.visited)
        step.result = f"{states.total()} applications"
    print(f"    {desk.waiting_words(states)}", flush=True)
    with progress.step("A result is taken back") as step:
        reached = desk.revoke_one(now)
        if reached is None:
            step.result = "nothing leans on a result"
        else:
            counts = ", ".join(f"{count} {kind}" for kind, count in sorted(reached.counts.items()))
            step.result = f"{reached.item} of {reached.agency}: {counts}"
    return {f"gate_{state.replace('-', '_')}": count for state, count in states.items()} | {
        "revoked_reach": reached.counts.total() if reached else 0
    }


def _leave_of_classes(progress: Progress, seed: int, folder: Path) -> dict[str, int]:
    """Applications for repair, what hangs together, and the classes of this month; as numbers."""
    now = clock.now()
    with progress.step("Repairs of records (simulated)") as step:
        repairs = classes.repair_some(now)
        step.result = f"{repairs} applications"
    with progress.step("Classes of this month") as step:
        classed = classes.again(now)
        step.result = f"{classes.in_words(classed)}; {classed.changed:,} changed"
    with progress.step("Clusters and warnings (simulated)") as step:
        warnings = classes.tie(seed, folder, now)
        step.result = f"{warnings:,} warnings"
    letters = {f"class_{letter.lower()}": count for letter, count in classed.counts.items()}
    return {**letters, "warnings": warnings, "repairs": repairs}


def _with_owner(outcome: Outcome) -> cast.People:
    """The people of the round, with the owner of the enterprise that has most to see in the portal."""
    owned = desk.find_owned()
    if owned is None:
        return outcome.people
    return replace(outcome.people, owned=owned.uscc, owned_name=owned.name)


def _folder() -> Path:
    """Where the demonstration's tables are kept, so that they can be looked at and imported by hand too."""
    folder = Path(settings.YICHA.var) / "demonstration"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _begun_at(chosen: quarter.Quarter, now: datetime) -> datetime:
    return min(now, quarter.prepared_at(chosen))


def _prepare(chosen: quarter.Quarter) -> quarter.Timeline:
    zone.make_places(quarter.prepared_at(chosen))
    calendar = workdays_queries.get_calendar()
    before = quarter.day_before(chosen)
    days = [
        workdays_queries.find_deadline(before, count, calendar).on
        for count in range(1, quarter.FIRST_DAYS + 1)
    ]
    next_one = workdays_queries.find_deadline(chosen.last - timedelta(days=1), 1, calendar).on
    return quarter.timeline(chosen, days, until=min(next_one, chosen.end))


def _say_tally(tally: Tally) -> None:
    print(
        f"    {tally.rows:,} rows in = {tally.new:,} new + {tally.changed:,} changed + {tally.unchanged:,} unchanged"
        f" + {tally.rejected:,} rejected",
        flush=True,
    )


def _say_what_is_missing(columns: frozenset[str]) -> None:
    if "risk_class" not in columns:
        print("    The file gives no class: facts are made up, and the model finds the classes.")
    if "industry" not in columns:
        print(
            "    The file gives no industry: directories go by words of name and business scope.", flush=True
        )


def _numbers(outcome: Outcome, tally: Tally, progress: Progress) -> dict[str, int]:
    return {
        "enterprises": tally.rows - tally.rejected,
        "kinds": len(tables.kinds()),
        "items": len(tables.items()),
        "lists": len(tables.joint_directories()),
        "directories": len(tables.directories()),
        "plans": outcome.plans,
        "draws": outcome.draws,
        "drawn": outcome.drawn,
        "alone": outcome.alone,
        "joint": outcome.joint,
        "saved": outcome.alone - outcome.joint,
        "unplaced": outcome.calendar.unplaced,
        "by_recognition": outcome.calendar.saving.recognised,
        "by_data": outcome.calendar.saving.offsite,
        "notices": outcome.calendar.notices,
        "broken": outcome.calendar.broken,
        "officers": outcome.officers,
        "made": outcome.made,
        "open": outcome.joint - outcome.made,
        "listed": outcome.before.listed.listed,
        "offered": outcome.before.visited.results,
        "demands": outcome.screened.demands,
        **{origin.value: count for origin, count in outcome.origins.items()},
        **{fate.value: screening.count_of(outcome.screened, fate) for fate in screening.WORDS},
        "published": outcome.published,
        "seconds": round(progress.seconds),
    }


def _export(out: Path | None) -> None:
    """Write the public files of every draw; those of an earlier demonstration in the same place go."""
    if out is None:
        return
    folder = out / "draws"
    for earlier in folder.glob("*/SHA256SUMS"):
        shutil.rmtree(earlier.parent)
    draws = list(drawing_queries.list_public_draws())
    for draw in draws:
        drawing.export(draw=draw, folder=folder / draw.draw_id)
    print(f"The public files of {len(draws)} draws are in {folder}.")


_ROWS = (
    ("enterprises", "Enterprises"),
    ("plans", "Plans published"),
    ("draws", "Draws, with the one of officers"),
    ("drawn", "Drawn: targets of all agencies' draws"),
    *((f"class_{letter.lower()}", f"Enterprises of class {letter}") for letter in "ABCD"),
    ("warnings", "Warnings"),
    ("repairs", "Applications for repair"),
    ("listed", "Enterprises on the undisturbed list"),
    ("offered", "Results of the last months, offered to others"),
    ("demands", "Demands at the gate: items of agencies at enterprises"),
    *((origin.value, f"  {words}") for origin, words in screening.ORIGINS.items()),
    *((fate.value, f"  {words}") for fate, words in screening.WORDS.items()),
    ("alone", "Visits, if every agency went alone"),
    ("joint", "Visits planned, joint"),
    ("saved", "Visits saved"),
    ("by_recognition", "Demands spared by recognition"),
    ("by_data", "Demands spared by data, off site"),
    ("unplaced", "Visits without a place in the calendar"),
    ("broken", "Caps, quiet days, recusals and other rules broken"),
    ("notices", "Notices sent"),
    ("officers", "Officers sent: places in visits"),
    ("made", "Visits made (results simulated)"),
    ("open", "Visits left open, to try the desk with"),
    ("published", "Results published"),
    ("seconds", "Seconds"),
)


def _print(numbers: Mapping[str, int], sign_ins: list[cast.SignIn]) -> None:
    print()
    print(printing.table([(words, f"{numbers.get(name, 0):,}") for name, words in _ROWS]))
    print()
    print(
        "All of it is synthetic or simulated (模拟数据): no enterprise, officer or result is real."
        if not _real()
        else "Officers and results are simulated (模拟数据); the enterprises come from the file given."
    )
    people = [one for one in sign_ins if not one.what.startswith(cast.API)]
    if people:
        print("\nSign in with:")
        width = max(len(one.username) for one in people)
        for one in people:
            print(f"  {one.username:<{width}}  {one.password}  {one.what}")
    for one in sign_ins:
        if one not in people:
            print(f"\nA {one.what}:\n  client id      {one.username}\n  client secret  {one.password}")


def _real() -> bool:
    return bool(state.look().parameters.get("input"))
