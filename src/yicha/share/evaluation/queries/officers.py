"""How officers compare, and who may read it.

Only attendances that a draw decided count: the officer who went is the one drawn for this visit and agency, and the
draw has its result. Who was sent instead of a drawn officer was chosen by somebody, and is left out, counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import numpy as np
from django.db.models import F, QuerySet

from yicha.act.inspection import queries as inspection
from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.drawing import queries as drawing
from yicha.decide.drawing.terms import DrawKind, DrawState
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import PROBLEM_CODES, ResultCode
from yicha.share.evaluation.rules import officers as rules
from yicha.share.evaluation.terms.officers import Attendance, OfficerReport

ACTION = "evaluation.officers"
INSPECTED = frozenset({*PROBLEM_CODES, ResultCode.NO_PROBLEM, ResultCode.NO_SUCH_ACTIVITY})
"""Result codes of items that could be inspected. Who has moved away or closed down gave nothing to find."""


def list_readable_agencies(person: Person) -> dict[str, str]:
    """The agencies whose officers a person may compare, their names by code.

    A coordination office's: never an agency for which the person holds any role, because nobody calibrates the own
    colleagues, and nobody uses it in a dispute with them.
    """
    if not accounts.may(person, ACTION):
        return {}
    own = set(accounts.list_agencies_of(person))
    return {
        agency.code: agency.name
        for agency in registry.list_agencies()
        if agency.code not in own and accounts.may(person, ACTION, agency.scope)
    }


def compare_officers(
    *, agencies: Collection[str], since: date | None, until: date | None, seed: int
) -> OfficerReport:
    """Finding rates of drawn officers of these agencies, visits closed by their agency from `since` to `until`.

    Deterministic for a seed, which only the test of spread uses. Who may ask is not decided here: give it the codes
    of `list_readable_agencies`.
    """
    went = _went(agencies, since, until)
    drawn = went.filter(
        part__crew__officer=F("part__visit__contact__visit_officers__officer"),
        part__agency=F("part__visit__contact__visit_officers__agency"),
        part__visit__contact__visit_officers__draw_id__in=drawing.list_draws()
        .order_by()
        .filter(kind=DrawKind.OFFICERS.value, state=DrawState.DRAWN.value)
        .values("draw_id"),
    )
    attendances = list(_attendances(drawn))
    everybody = went.values("part__crew").distinct().count()
    compared = rules.compare(attendances, lambda: np.random.default_rng(seed))
    return OfficerReport(since, until, compared, everybody - len(attendances))


def _went(agencies: Collection[str], since: date | None, until: date | None) -> QuerySet[Any]:
    """Checks that were inspected in closed parts of these agencies, once for each officer who went."""
    checks = inspection.list_closed_checks().filter(
        part__agency__code__in=list(agencies),
        result_code__in=[code.value for code in INSPECTED],
        part__crew__isnull=False,
    )
    if since:
        checks = checks.filter(part__visit__visited_on__gte=since)
    if until:
        checks = checks.filter(part__visit__visited_on__lte=until)
    return checks.order_by()


def _attendances(checks: QuerySet[Any]) -> Iterator[Attendance]:
    """The checks of one part and officer together: found something if any of them did."""
    rows = checks.order_by("part_id", "part__crew__officer__certificate", "pk").values_list(
        "part_id",
        "part__crew__officer__certificate",
        "part__agency__code",
        "part__visit__contact__visit_officers__draw_id",
        "part__visit__contact__enterprise__region__code",
        "part__visit__visited_on",
        "contact_item__item_version__item__code",
        "result_code",
    )
    together: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for part, certificate, *rest in rows.iterator(chunk_size=20_000):
        together[part, certificate].append(tuple(rest))
    for (part, certificate), found in together.items():
        agency, draw, region, on = found[0][:4]
        items = ",".join(sorted({row[4] for row in found}))
        yield Attendance(
            visit=part,
            officer=certificate,
            agency=agency,
            stratum=f"{draw}|{agency}|{region or ''}|{items}",
            found=any(row[5] in PROBLEM_CODES for row in found),
            on=on,
        )


def list_names(person: Person, certificates: Collection[str]) -> dict[str, str]:
    """The names of officers whom the person may see in the register, by certificate."""
    officers = registry.list_officers().filter(certificate__in=list(certificates))
    allowed = accounts.scoped(officers, person, "registry.view")
    return dict(allowed.values_list("certificate", "name"))
