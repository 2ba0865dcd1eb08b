"""Reading what agencies say to their parts of planned visits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import DemandState
from yicha.decide.scheduling.models import ANSWER_STATES, Answer
from yicha.decide.scheduling.terms import AnswerState, Slot
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


def list_answers() -> QuerySet[Answer]:
    """All parts that agencies were asked about; what is due first stands first.

    Each with `item_count`, how many items the agency has in the visit now, and `waits`, whether checks of a declined
    part wait for the coordination office.
    """
    items = visits.list_part_items(OuterRef("contact"), OuterRef("agency"))
    counted = items.order_by().values("contact").annotate(count=Count("pk")).values("count")
    return (
        Answer.objects.select_related(
            "agency__region",
            "contact__enterprise__region",
            "contact__enterprise__zone",
            "contact__lead_agency",
        )
        .annotate(item_count=Coalesce(Subquery(counted), 0), waits=Exists(_given_back()))
        .order_by("due_on", "contact__planned_on", "pk")
    )


def list_open_first() -> QuerySet[Answer]:
    """The same, with those that wait for an answer first, by their clock; then the others, the latest visit first."""
    is_open = Q(state=AnswerState.ASKED.value, contact__state=ContactState.PLANNED.value)
    return list_answers().order_by(
        Case(When(is_open, then=0), default=1),
        Case(When(is_open, then=F("due_on"))),
        F("contact__planned_on").desc(),
        "pk",
    )


def _given_back() -> QuerySet[Any]:
    """The demands of a declined part: without a visit, of the same round, enterprise and agency."""
    return planning.list_all_demands().filter(
        state=DemandState.WAITING.value,
        round__code=OuterRef("contact__round"),
        enterprise=OuterRef("contact__enterprise"),
        agency=OuterRef("agency"),
    )


def list_parts(round_code: str, contacts: Collection[int] | None = None) -> dict[tuple[int, int], Slot]:
    """(visit, agency), as ids, that a calendar has placed, with the half day of the visit, in order.

    What draws ask for, not what was applied for, of visits that have not begun; `contacts`: of these alone.
    """
    rows = planning.list_all_demands().filter(
        round__code=round_code,
        state=DemandState.MATCHED.value,
        contact__round=round_code,
        contact__state=ContactState.PLANNED.value,
        contact__begun_on=None,
    )
    if contacts is not None:
        rows = rows.filter(contact__in=list(contacts))
    fields = ("contact_id", "agency_id", "contact__planned_on", "contact__planned_part")
    parts = rows.exclude(contact__planned_part="").order_by(*fields).values_list(*fields).distinct()
    return {(contact, agency): Slot(day, DayPart(part)) for contact, agency, day, part in parts}


def list_open() -> QuerySet[Answer]:
    """Those that are not given yet, of visits that are still planned."""
    return list_answers().filter(still_open())


def still_open() -> Q:
    """Not answered, and the visit is still planned."""
    return Q(state=AnswerState.ASKED.value, contact__state=ContactState.PLANNED.value)


def overdue(today: date) -> Q:
    """Open parts whose clock has run out: now, or once before when silence is no acceptance."""
    return Q(due_on__lt=today) | Q(times_asked__gt=1)


def list_late(today: date) -> QuerySet[Answer]:
    """Those whose clock has run out."""
    return list_open().filter(due_on__lt=today)


def list_to_arbitrate() -> QuerySet[Answer]:
    """Declined parts whose checks wait: the coordination office lets them fall, or has them matched anew."""
    return list_answers().filter(Exists(_given_back()), state=AnswerState.DECLINED.value)


def find_answer(uuid: UUID | str) -> Answer | None:
    """One part."""
    return list_answers().filter(uuid=uuid).first()


def list_answers_of(contact: Any) -> QuerySet[Answer]:
    """What the agencies of a visit say."""
    return list_answers().filter(contact=contact)


def count_states(round_code: str) -> dict[str, int]:
    """How many parts of a round stand where."""
    rows = Answer.objects.filter(contact__round=round_code).order_by()
    return dict(rows.values_list("state").annotate(count=Count("pk")))


def count_due(answers: QuerySet[Answer]) -> tuple[int, date | None]:
    """How many, and the nearest day by which one is to be given."""
    counted = answers.order_by().aggregate(count=Count("pk"), first=Min("due_on"))
    return counted["count"], counted["first"]


def all_answered(contact: Any) -> bool:
    """Whether every agency of a visit has said that it comes, or has left it: dispatch may begin."""
    return not Answer.objects.filter(contact=contact, state=AnswerState.ASKED.value).exists()


ANSWER_CHOICES = [(state.value, words) for state, words in ANSWER_STATES.items()]
"""The states in words, as a form offers them."""
