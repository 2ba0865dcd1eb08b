"""Classifying at once the enterprises that a record, a repair, a result or a revocation touched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from django.db import transaction

from yicha.base.lake.services.duck import open_duck
from yicha.base.lake.terms import Small
from yicha.base.ledger import services as ledger
from yicha.kernel import clock
from yicha.know.credit.models import ClassRun, ClassTouch
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries.facts import list_domains, list_facts, list_rows
from yicha.know.credit.queries.models import get_document
from yicha.know.credit.rules import scoring
from yicha.know.credit.rules.statement import ENTERPRISES, FACTS, compile_model, read_red_lines
from yicha.know.credit.services.classing import showing, turns
from yicha.know.credit.services.classing.showing import Classed
from yicha.know.credit.terms.classes import Cuts, RunState
from yicha.know.credit.terms.model import Model

FEW = 500
"""So many are assessed by the rule itself; more by its statement, which has to be compiled first."""
AT_ONCE = 20_000


@transaction.atomic
def reclassify(*, actor: str, now: datetime, enterprises: Collection[int], because: str) -> int:
    """Classify some enterprises (their ids) anew, in the caller's transaction; returns how many classes changed.

    With the model and the cuts of the last run that was shown; before there was one, nothing happens. `because` says
    what touched them (`credit:<code>`, `result:<uuid>`). Any number of them. Their rows are held until the
    transaction ends, so that two who touch the same enterprise see each other's facts.
    """
    ids = sorted(set(enterprises))
    if not ids:
        return 0
    turns.note(ids)
    run = queries.find_last_run()
    if run is None:
        return 0
    return _classify(actor, now, run, ids, because)


def settle(*, actor: str, now: datetime) -> int:
    """Classify whom something touched while a run computed that is over; returns how many classes changed."""
    turns.wait_for_touching()
    changed = 0
    over = ClassTouch.objects.exclude(run__state=RunState.RUNNING.value)
    for uuid in list(over.values_list("run__uuid", flat=True).distinct()):
        with transaction.atomic():
            waiting = ClassTouch.objects.select_for_update().filter(run__uuid=uuid).order_by("enterprise_id")
            ids = list(waiting.values_list("enterprise_id", flat=True))
            changed += reclassify(actor=actor, now=now, enterprises=ids, because=f"run:{uuid}")
            ClassTouch.objects.filter(run__uuid=uuid, enterprise_id__in=ids).delete()
    return changed


def list_waiting(run: ClassRun) -> list[int]:
    """Whom something touched since a run's snapshot."""
    waiting = ClassTouch.objects.filter(run=run).order_by("enterprise_id")
    return list(waiting.values_list("enterprise_id", flat=True))


def take_along(*, actor: str, now: datetime, run: ClassRun, ids: Sequence[int]) -> int:
    """Classify these of the waiting by the run that is being shown. Who comes later waits for `settle`."""
    changed = _classify(actor, now, run, ids, f"run:{run.uuid}") if ids else 0
    ClassTouch.objects.filter(run=run, enterprise_id__in=ids).delete()
    return changed


def _classify(actor: str, now: datetime, run: ClassRun, ids: Sequence[int], because: str) -> int:
    changed = 0
    showing.hold(ids)
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        classed = list(assess_some(run, some, clock.today(now)))
        changed += showing.show_some(actor, now, run, classed, because)
    if changed:
        ledger.append(
            actor=actor,
            now=now,
            act="credit.reclassified",
            subject=because[:160],
            body={"enterprises": len(ids), "changed": changed},
        )
    return changed


def assess_some(run: ClassRun, ids: Sequence[int], on: date) -> Iterator[Classed]:
    """Where some enterprises stand on a day, by the model and the cuts of a run."""
    document, cuts = get_document(run.model), queries.cuts_of(run)
    if len(ids) <= FEW:
        yield from _by_rule(document, cuts, ids, on)
    else:
        yield from _by_statement(document, cuts, ids, on)


def _by_rule(document: Model, cuts: Cuts, ids: Sequence[int], on: date) -> Iterator[Classed]:
    for enterprise, (subject, facts) in list_facts(ids, on).items():
        found = scoring.assess(document, subject, facts, on, cuts)
        yield Classed(
            enterprise,
            found.letter,
            found.general,
            found.specific,
            found.credit_level,
            found.risk_level,
            tuple(one.points for one in found.contributions),
            found.red_lines,
        )


def _by_statement(document: Model, cuts: Cuts, ids: Sequence[int], on: date) -> Iterator[Classed]:
    people, facts = list_rows(ids, on)
    most = max((int(str(row[-1])) for row in facts), default=0)
    compiled = compile_model(document, on, most, list_domains())
    small = {**compiled.small, "enterprises": Small(ENTERPRISES, people), "facts": Small(FACTS, facts)}
    with open_duck() as engine:
        for row in engine.fetch(compiled.results(cuts), {}, small):
            yield read_row(document, row)


def read_row(document: Model, row: Sequence[object]) -> Classed:
    """A row of the statement's columns."""
    letter, numbers = str(row[1]), [int(str(value)) for value in (row[0], *row[2:])]
    enterprise, general, specific, credit_level, risk_level, red_lines, *points = numbers
    return Classed(
        enterprise,
        letter,
        general,
        specific,
        credit_level,
        risk_level,
        tuple(points),
        read_red_lines(document, red_lines),
    )
