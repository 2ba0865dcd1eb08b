"""Reading what is due in a quarter without a draw: what visits left behind, and what the law prescribes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce

from yicha.base.workdays import queries as workdays
from yicha.decide.planning.models import Demand, Round, StatutoryCheck
from yicha.decide.planning.rules import due as rules
from yicha.decide.planning.rules.plans import quarter_dates
from yicha.decide.planning.terms import DemandState, DueCheck, Origin, RoundState
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


def list_statutory_checks() -> QuerySet[StatutoryCheck]:
    """All rows with the name of the item (`item_name`), the newest of an item and a directory first."""
    names = Max("item__versions__name", filter=Q(item__versions__status="published"))
    return StatutoryCheck.objects.select_related("item__agency_kind", "directory").annotate(
        item_name=Coalesce(names, "item__code")
    )


def list_statutory_in_force(on: date) -> list[StatutoryCheck]:
    """What the law prescribes on a day: of an item and a directory the newest row, if it still wants a check."""
    rows = list_statutory_checks().filter(in_force_from__lte=on)
    newest: dict[tuple[int, int], StatutoryCheck] = {}
    for row in rows:
        newest.setdefault((row.item_id, row.directory_id), row)
    return [row for row in newest.values() if row.every_months]


def list_due(round_: Round, today: date) -> list[DueCheck]:
    """Checks that are due until the end of a round's quarter and that no demand asks for yet, in a fixed order."""
    return [*_list_following(round_, today), *_list_prescribed(round_, today)]


def count_due(round_: Round, today: date) -> tuple[int, int]:
    """How many of them collecting would make demands of, and how many nobody may check: no agency, or no version.

    None in a round that takes no more demands.
    """
    if round_.state in (RoundState.STAFFING, RoundState.CLOSED):
        return 0, 0
    due = list_due(round_, today)
    versions = catalogue.list_versions_in_force(max((row.window_from for row in due), default=today))
    since: dict[int, date] = {}
    for item, day in versions.values_list("item_id", "in_force_from"):
        since[item] = min(day, since.get(item, day))
    open_to = sum(
        row.agency_id is not None and since.get(row.item_id, date.max) <= row.window_from for row in due
    )
    return open_to, len(due) - open_to


def list_fallen_away(round_: Round, today: date) -> QuerySet[Demand]:
    """Demands without a draw, not visited yet, whose reason is gone: corrected, or checked meanwhile."""
    rows = Demand.objects.filter(
        Q(contact=None)
        | Q(state=DemandState.DEFERRED.value)
        | Q(contact__state=ContactState.PLANNED.value, contact__begun_on=None),
        round=round_,
    ).exclude(state=DemandState.WITHDRAWN.value)
    following = visits.list_to_follow(date.max).order_by().values("pk")
    return rows.filter(
        Q(origin__in=[Origin.FOLLOW_UP.value, Origin.RECHECK.value]) & ~Q(follows__in=following)
        | Q(origin=Origin.STATUTORY.value, pk__in=_list_done(rows, round_, today))
    )


def _list_done(rows: QuerySet[Demand], round_: Round, today: date) -> list[int]:
    """Demands (ids) of the law that were checked meanwhile, or that the law has dropped."""
    own = rows.filter(origin=Origin.STATUTORY.value).order_by()
    if not own.exists():
        return []
    due = {
        (row.pk, enterprise)
        for row in list_statutory_in_force(today)
        for enterprise, _day in _due_by_law(row, round_, {})
    }
    pairs = own.values_list("pk", "prescribed_id", "enterprise_id")
    return [pk for pk, prescribed, enterprise in pairs if (prescribed, enterprise) not in due]


def _list_following(round_: Round, today: date) -> Iterator[DueCheck]:
    first, last = quarter_dates(round_.year, round_.quarter)
    start = max(first, today)
    days = {
        Origin.RECHECK: int(catalogue.get_number("recheck-days", start).value),
        Origin.FOLLOW_UP: int(catalogue.get_number("follow-up-days", start).value),
    }
    calendar = workdays.get_calendar()
    rows = visits.list_to_follow(last)
    if not round_.simulated:
        rows = rows.filter(contact__simulated=False)
    asked = _living(round_).filter(follows__isnull=False).order_by().values("follows")
    fields = ("pk", "contact__uuid", "contact__enterprise_id", "agency_id", "item_version__item_id")
    for pk, visit, enterprise, agency, item, by, found_on in rows.exclude(pk__in=asked).values_list(
        *fields, "correct_by", "result_on"
    ):
        origin = Origin.RECHECK if by else Origin.FOLLOW_UP
        after = by or found_on or first
        own = after + timedelta(days=1), workdays.find_deadline(after, days[origin], calendar).on
        window = rules.open_window(*own, start)
        reference = rules.reference(origin, round_.code, str(visit))
        yield DueCheck(origin, reference, enterprise, agency, item, *window, follows=pk)


def _list_prescribed(round_: Round, today: date) -> Iterator[DueCheck]:
    rows = list_statutory_in_force(max(today, quarter_dates(round_.year, round_.quarter)[0]))
    if not rows:
        return
    first, last = quarter_dates(round_.year, round_.quarter)
    agencies = {(row.kind_id, row.region.code): row.pk for row in registry.list_agencies()}
    reference = rules.reference(Origin.STATUTORY, round_.code)
    due = _first_due(rows, round_)
    wanted = {enterprise for _item, enterprise in due}
    places = registry.list_enterprises().filter(pk__in=wanted)
    codes = {pk: own for pk, *own in places.values_list("pk", "region__code", "region__parent__code")}
    for (_item, enterprise), (due_on, row) in sorted(due.items(), key=lambda one: one[0]):
        found = (agencies.get((row.item.agency_kind_id, code)) for code in codes[enterprise])
        agency = next((pk for pk in found if pk), None)
        window = rules.statutory_window(due_on, first, last, today)
        yield DueCheck(
            Origin.STATUTORY, reference, enterprise, agency, row.item_id, *window, prescribed=row.pk
        )


def _first_due(
    rows: Sequence[StatutoryCheck], round_: Round
) -> dict[tuple[int, int], tuple[date, StatutoryCheck]]:
    """(item, enterprise) that no demand asks for → by when, and the row that says so; of two rows the earlier."""
    found: dict[tuple[int, int], tuple[date, StatutoryCheck]] = {}
    for row in rows:
        asked = _living(round_).filter(prescribed__item=row.item_id).order_by()
        known = set(asked.values_list("enterprise_id", flat=True))
        for enterprise, due_on in _due_by_law(row, round_, _spared(row)):
            key = row.item_id, enterprise
            if enterprise not in known and (key not in found or due_on < found[key][0]):
                found[key] = due_on, row
    return found


def _due_by_law(row: StatutoryCheck, round_: Round, spared: Mapping[int, date]) -> list[tuple[int, date]]:
    """Members of a row's directory for whom the check is due until the end of the quarter, with the day."""
    _first, last = quarter_dates(round_.year, round_.quarter)
    checked = visits.list_last_checked(row.item_id)
    found = []
    for pk in registry.list_members(row.directory).order_by("pk").values_list("pk", flat=True):
        done = max((day for day in (checked.get(pk), spared.get(pk)) if day), default=None)
        due_on = rules.due_by_law(done, row.every_months, last)
        if due_on <= last:
            found.append((pk, due_on))
    return found


def _spared(row: StatutoryCheck) -> dict[int, date]:
    """Enterprise (id) → the end of the last window whose check a result or data stood in for."""
    rows = Demand.objects.filter(prescribed__item=row.item_id, state=DemandState.SPARED.value).order_by()
    return dict(rows.values_list("enterprise").annotate(last=Max("window_to")))


def _living(round_: Round) -> QuerySet[Demand]:
    """Demands that ask already: those of this round, and what waits or has a visit in another."""
    waits = Q(state=DemandState.WAITING.value) & ~Q(round__state=RoundState.CLOSED.value)
    planned = Q(state=DemandState.MATCHED.value, contact__state=ContactState.PLANNED.value)
    done = Q(state=DemandState.MATCHED.value, contact__state=ContactState.MADE.value)
    spared = Q(state=DemandState.SPARED.value)
    return Demand.objects.filter(
        Q(round=round_) | waits | planned | (done | spared) & Q(follows__isnull=False)
    )
