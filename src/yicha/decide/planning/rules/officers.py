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
    """Tasks, eligibility and reasons of an officers' draw: every agency of every visit sends `need` officers.

    Where one draw staffs several visits of an agency at one enterprise, `take_turns` says who may go to which.
    """
    by_agency: dict[str, list[OfficerFacts]] = defaultdict(list)
    for officer in officers:
        by_agency[officer.agency].append(officer)
    against = {
        (task.visit, task.agency, officer.id): reason_against(officer, task, recused_until)
        for task in tasks
        for officer in by_agency[task.agency]
    }
    against |= dict.fromkeys(take_turns(tasks, by_agency, against, need), "twice-in-a-row")
    staffing = Staffing()
    for task in tasks:
        staffing.tasks.append((task.visit, task.agency, need))
        for officer in by_agency[task.agency]:
            code = against[task.visit, task.agency, officer.id]
            row = (task.visit, task.agency, officer.certificate)
            if code:
                staffing.reasons.append((*row, code))
            else:
                staffing.eligibility.append(row)
    return staffing


def take_turns(
    tasks: Sequence[TaskFacts],
    by_agency: Mapping[str, Sequence[OfficerFacts]],
    against: Mapping[tuple[str, str, int], str],
    need: int,
) -> list[tuple[str, str, int]]:
    """Who must not go to a visit, because the visit next to it in the same draw is open to him: nobody twice in a row.

    Of one enterprise's visits, by day, the agency's officers take turns: every second by certificate may go to the
    first, third … and the others to the second, fourth …. An agency too small for that (the law's `need` go first)
    sends whom it has.
    """
    visits: dict[tuple[int, str], list[TaskFacts]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: (task.planned_on, task.planned_part, task.visit)):
        visits[task.enterprise_id, task.agency].append(task)
    found: list[tuple[str, str, int]] = []
    for (_enterprise, agency), own in visits.items():
        if len(own) < 2:
            continue
        turn = {
            row.id: n % 2 for n, row in enumerate(sorted(by_agency[agency], key=lambda row: row.certificate))
        }
        fit = [[key for key in turn if not against[task.visit, agency, key]] for task in own]
        if all(sum(turn[key] == n % 2 for key in keys) >= need for n, keys in enumerate(fit)):
            found += [
                (task.visit, agency, key)
                for n, (task, keys) in enumerate(zip(own, fit, strict=True))
                for key in keys
                if turn[key] != n % 2
            ]
    return found


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
