"""Who may go to a visit for an agency, and how much one officer is asked to do (yicha-draw/1, officers)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from yicha.decide.planning.terms import OfficerFacts, Staffing, TaskFacts


def reason_against(
    officer: OfficerFacts,
    task: TaskFacts,
    recused_until: Mapping[tuple[int, int], Sequence[tuple[date, date | None]]],
) -> str:
    """Why an officer may not go on a visit, as a code of the draw's closed list; "" when he may.

    The certificate must hold on the day of the visit; he must be competent for everything that his agency checks
    there; he must be there on its half of the day; no recusal may hold; and he must not be one of those who went for
    his agency the last time.
    """
    if not officer.valid_from <= task.planned_on <= officer.valid_until:
        return "certificate"
    if task.agency_kind not in officer.competences and not task.items <= officer.competences:
        return "competence"
    if is_absent(officer, task.planned_on, task.planned_part):
        return "leave"
    for start, end in recused_until.get((officer.id, task.enterprise_id), ()):
        if start <= task.planned_on and (end is None or task.planned_on <= end):
            return "recusal"
    return "twice-in-a-row" if officer.id in task.last_officers else ""


def is_absent(officer: OfficerFacts, day: date, part: str) -> bool:
    """Whether an officer is away on a half day; where the half is not known yet, whether he is away in any of it."""
    return any(
        first <= day <= last and (not half or not part or half == part)
        for first, last, half in officer.absences
    )


def staff(
    tasks: Sequence[TaskFacts],
    officers: Sequence[OfficerFacts],
    recused_until: Mapping[tuple[int, int], Sequence[tuple[date, date | None]]],
    need: int,
) -> Staffing:
    """Tasks, eligibility and reasons of an officers' draw: every agency of every visit sends `need` officers."""
    by_agency: dict[str, list[OfficerFacts]] = defaultdict(list)
    for officer in officers:
        by_agency[officer.agency].append(officer)
    staffing = Staffing()
    for task in tasks:
        staffing.tasks.append((task.visit, task.agency, need))
        for officer in by_agency[task.agency]:
            code = reason_against(officer, task, recused_until)
            row = (task.visit, task.agency, officer.certificate)
            if code:
                staffing.reasons.append((*row, code))
            else:
                staffing.eligibility.append(row)
    return staffing


def suggest_load_cap(
    tasks: Collection[tuple[str, str, int]], eligibility: Collection[tuple[str, str, str]], slack: Decimal
) -> int:
    """How many visits one officer may get: the even share of the busiest agency times `slack`, rounded up.

    Where a visit has no more officers than it needs, these must go: the cap is at least what that asks of anybody.
    """
    needed: Counter[str] = Counter()
    pool: dict[str, set[str]] = defaultdict(set)
    choice: dict[tuple[str, str], list[str]] = defaultdict(list)
    for visit, agency, officer in eligibility:
        pool[agency].add(officer)
        choice[visit, agency].append(officer)
    forced: Counter[str] = Counter()
    for visit, agency, need in tasks:
        needed[agency] += need
        if len(choice[visit, agency]) <= need:
            forced.update(choice[visit, agency])
    even = [
        (slack * count / len(pool[agency])).to_integral_value(rounding=ROUND_CEILING)
        for agency, count in needed.items()
        if pool[agency]
    ]
    return max([1, *(int(share) for share in even), *forced.values()])
