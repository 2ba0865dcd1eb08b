"""The steps before the round, each printed with what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from yicha.doors.cli.demo import classes, listing, pact
from yicha.doors.cli.demo.classes import Classed
from yicha.doors.cli.demo.eve import Eve
from yicha.doors.cli.demo.facts import Facts
from yicha.doors.cli.demo.listing import Listed
from yicha.doors.cli.demo.pact import Pact
from yicha.doors.cli.demo.past import Past, Visited
from yicha.doors.cli.demo.progress import Progress
from yicha.doors.cli.demo.zone import Loaded
from yicha.kernel import clock
from yicha.know.credit.terms import RecordKind


@dataclass(frozen=True, slots=True)
class Before:
    """What is there when the round begins."""

    visited: Visited
    records: int
    classed: Classed
    listed: Listed


def agree(progress: Progress, eve: Eve) -> Pact:
    """Sign what the three regions share."""
    with progress.step("Agreement of three regions, quiet days") as step:
        made = pact.agree(eve.agreed_at)
        step.result = f"{made.signatures} signed, {made.equivalences} items count as the same"
    return made


def run(progress: Progress, eve: Eve, seed: int, loaded: Loaded) -> Before:
    """The visits of the last months, what is on record, and the undisturbed list."""
    enterprises = loaded.tally.rows - loaded.tally.rejected
    with progress.step("Visits of the last months (simulated)") as step:
        visited = Past(eve, seed, enterprises).visit()
        step.result = f"{visited.visits:,} visits, {visited.results:,} results offered"
    with progress.step("Credit records (simulated)") as step:
        given = "risk_class" in loaded.columns
        records = Facts(seed, clock.today(eve.recorded_at), given).load(loaded.folder, eve.recorded_at)
        step.result = f"{records.total():,}, {records[RecordKind.PENALTY]:,} of them penalties"
    with progress.step("A model of classes: tried, signed, in force") as step:
        classed = classes.begin(eve.classed_at)
        step.result = classes.in_words(classed)
    with progress.step("Undisturbed list of three regions") as step:
        listed = listing.run(eve, seed)
        step.result = f"{listed.found:,} of {listed.examined:,} found, {listed.listed:,} listed"
    for line in listing.describe(listed):
        print(line, flush=True)
    return Before(visited, records.total(), classed, listed)
