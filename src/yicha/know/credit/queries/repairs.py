"""Reading repair: the clocks of records, applications, endings and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, DateField, F, Q, QuerySet, Value, When
from django.utils.functional import Promise

from yicha.base.accounts.terms import Scope
from yicha.base.workdays import queries as workdays
from yicha.ingest.exchange import queries as exchange
from yicha.know.catalogue import queries as catalogue
from yicha.know.credit.models import USES, CreditRecord, Ending, Receipt, Repair, RepairStep
from yicha.know.credit.queries.clocks import Clocks
from yicha.know.credit.queries.records import list_records
from yicha.know.credit.rules import repairs as rules
from yicha.know.credit.rules.telling import SUBJECT
from yicha.know.credit.terms import RecordKind, RecordState
from yicha.know.credit.terms.records import Told
from yicha.know.credit.terms.repairs import (
    MAXIMUM_KINDS,
    OPEN_STATES,
    REPAIRABLE_KINDS,
    EndingCause,
    RecordClock,
    RepairState,
    Stage,
    Use,
)

ACCEPT_DAYS, DECIDE_DAYS, ANSWER_DAYS = "repair-accept-days", "repair-decide-days", "repair-answer-days"
PLEDGE = rules.PLEDGE


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A record as its enterprise is shown it: how far it is, from when it may apply, and what was applied for."""

    record: CreditRecord
    clock: RecordClock
    stage: Stage
    repair: Repair | None
    may_apply: bool


def stage_of(record: CreditRecord, today: date, clocks: Clocks | None = None) -> tuple[Stage, RecordClock]:
    """How far a record is on its way, and its days."""
    clock = (clocks or Clocks()).of(record)
    return rules.stage_of(record.facts, RecordState(record.state), clock, today), clock


def is_repairable(record: CreditRecord) -> bool:
    """Whether a record is one that its enterprise may ever ask to be repaired: of such a kind, and what holds."""
    return RecordKind(record.kind) in REPAIRABLE_KINDS and record.state != RecordState.CORRECTED


def list_own(uscc: str, today: date) -> list[OwnRecord]:
    """What is held against an enterprise and may be repaired, in effect or with an application; newest first."""
    clocks, found = Clocks(), []
    rows = list_records().filter(enterprise__uscc=uscc, kind__in=[kind.value for kind in REPAIRABLE_KINDS])
    latest = {repair.record_id: repair for repair in _of_records(rows)}
    for record in rows:
        stage, clock = stage_of(record, today, clocks)
        repair = latest.get(record.pk)
        if stage is Stage.ENDED and repair is None:
            continue
        open_one = repair is not None and repair.state in OPEN_STATES
        found.append(OwnRecord(record, clock, stage, repair, stage is Stage.ELIGIBLE and not open_one))
    return found


def _of_records(records: QuerySet[CreditRecord]) -> QuerySet[Repair]:
    """The applications for some records, the newest last."""
    return Repair.objects.filter(record__in=records.values("pk")).order_by("id")


def list_published(uscc: str, today: date) -> list[tuple[CreditRecord, date | None]]:
    """What the public may see of an enterprise on a day, newest first, each with the last day on which it may.

    Never a class. What has ended is not among them, nor what is past its maximum and waits for the night.
    """
    clocks, found = Clocks(), []
    rows = (
        list_records()
        .filter(enterprise__uscc=uscc, state=RecordState.IN_EFFECT.value)
        .filter(is_published=True, published_on__lte=today)
        .filter(Q(publish_until=None) | Q(publish_until__gte=today))
    )
    for record in rows:
        stage, clock = stage_of(record, today, clocks)
        if stage is Stage.ENDED:
            continue
        last = [day for day in (record.publish_until, clock.ends_on) if day is not None]
        found.append((record, min(last, default=None)))
    return found


def list_repairs() -> QuerySet[Repair]:
    """All applications, each with `due_on`: the day of the next step that somebody owes, null when none is owed."""
    return (
        Repair.objects.select_related(
            "record__enterprise__region", "record__enterprise__zone", "record__agency"
        )
        .annotate(
            due_on=Case(
                When(state=RepairState.APPLIED.value, then=F("accept_by")),
                When(state=RepairState.ACCEPTED.value, then=F("decide_by")),
                When(state__in=[RepairState.GRANTED.value, RepairState.REFUSED.value], then=F("answer_by")),
                default=Value(None),
                output_field=DateField(),
            )
        )
        .order_by(F("due_on").asc(nulls_last=True), "-id")
    )


def find_repair(uuid: UUID) -> Repair | None:
    """An application."""
    return list_repairs().filter(uuid=uuid).first()


def list_steps(repair: Repair) -> QuerySet[RepairStep]:
    """What happened to an application, the first step first."""
    return repair.steps.all()


def list_acts(repair: Repair) -> tuple[str, ...]:
    """What is possible now."""
    return rules.REPAIR_LIFE.acts_from(RepairState(repair.state))


def find_ending(record: CreditRecord) -> Ending | None:
    """How a record's effect ended."""
    return Ending.objects.filter(record=record).select_related("repair").first()


def find_told(ending: Ending) -> int | None:
    """The event (its id) by which partners know of an ending; of a correction it says what holds instead."""
    corrected = ending.cause == EndingCause.CORRECTION
    for kind in (Told.CORRECTED, Told.ENDED) if corrected else (Told.ENDED,):
        told = exchange.find_last_event(kind.value, f"{SUBJECT}{ending.record.code}")
        if told is not None and told.at >= ending.at:
            return told.pk
    return None


def name_use(use: Use) -> str | Promise:
    """A use of records in words."""
    return USES[use]


def repair_scope(record: CreditRecord) -> Scope:
    """Whom an application for this record would concern: its agency decides."""
    return Repair(record=record).scope


def list_endings(keys: Sequence[int]) -> list[Ending]:
    """Some endings with their records and receipts, the oldest first."""
    return list(
        Ending.objects.filter(pk__in=keys)
        .select_related("record__enterprise__region", "record__agency", "repair")
        .prefetch_related("receipts")
        .order_by("id")
    )


def list_enterprises_of(records: Sequence[int]) -> list[int]:
    """The enterprises (their ids) of some records (their ids)."""
    rows = CreditRecord.objects.filter(pk__in=records).order_by("enterprise_id")
    return list(rows.values_list("enterprise_id", flat=True).distinct())


def list_receipts(ending: Ending) -> list[Receipt]:
    """The receipts of an ending, in the order in which uses let go."""
    order = {use.value: number for number, use in enumerate(Use)}
    return sorted(ending.receipts.all(), key=lambda receipt: order[receipt.use])


def list_unfinished() -> QuerySet[Ending]:
    """Endings that some use has not let go by yet, the oldest first."""
    return (
        Ending.objects.select_related("record__enterprise__region", "record__agency", "repair")
        .annotate(count=Count("receipts"))
        .filter(count__lt=len(Use))
        .order_by("id")
    )


def deadline(code: str, day: date) -> date:
    """The last day of a clock of repair that begins on a day."""
    days = int(catalogue.get_number(code, day).value)
    return workdays.find_deadline(day, days, workdays.get_calendar()).on


def find_over(today: date, limit: int) -> list[int]:
    """Ids of records that have effect in the books though their last day is over: by their own day, or the maximum."""
    maxima = Clocks().maxima()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.id FROM credit_creditrecord r
            LEFT JOIN unnest(%s::text[], %s::date[], %s::date[], %s::int[]) AS m(severity, since, before, months)
                ON r.is_published AND r.kind = ANY (%s) AND m.severity = r.severity
                AND r.published_on >= m.since AND r.published_on < m.before
            WHERE r.state = 'in-effect' AND (
                r.effective_until < %s OR (r.published_on + make_interval(months => m.months))::date < %s
            )
            ORDER BY r.id LIMIT %s
            """,
            [
                [one[0] for one in maxima],
                [one[1] for one in maxima],
                [one[2] for one in maxima],
                [one[3] for one in maxima],
                [kind.value for kind in MAXIMUM_KINDS],
                today,
                today,
                limit,
            ],
        )
        return [key for (key,) in cursor.fetchall()]
