"""The only writers of publicity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from yicha.act.inspection import queries as inspection
from yicha.base.ledger import services as ledger
from yicha.base.workdays import queries as workdays
from yicha.kernel import clock
from yicha.share.publicity import queries, rules
from yicha.share.publicity.models import Publication
from yicha.share.publicity.terms import PublicationState, PublicResult, ResultFacts


@transaction.atomic
def register_closed(*, now: datetime) -> int:
    """Start the clock of every visit that was closed as a whole and has none yet; returns how many.

    Whoever closes a visit calls this in the same transaction; calling it again does no harm. The clock runs from
    the day of closing, so that nothing is gained by registering late.
    """
    visits = inspection.list_closed().filter(publication=None)
    closed = [(pk, clock.today(at)) for pk, at in visits.values_list("pk", "closed_at") if at]
    if not closed:
        return 0
    calendar = workdays.get_calendar()
    numbers = {day: int(queries.get_publish_within(day).value) for day in {day for _, day in closed}}
    deadlines = {day: workdays.find_deadline(day, count, calendar) for day, count in numbers.items()}
    Publication.objects.bulk_create(
        [
            Publication(
                visit_id=pk,
                state=PublicationState.DUE.value,
                closed_on=day,
                due_on=deadlines[day].on,
                due_certain=deadlines[day].certain,
            )
            for pk, day in closed
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    return len(closed)


@transaction.atomic
def publish(*, actor: str, now: datetime, publications: Iterable[Publication]) -> int:
    """Make results public: freeze what the public sees and record its hash. All or none; returns how many."""
    wanted = [publication.pk for publication in publications]
    rows = list(queries.list_publications().select_for_update(of=("self",)).filter(pk__in=wanted))
    for state in {row.state for row in rows}:
        rules.LIFE.after(PublicationState(state), "publish")
    today = clock.today(now)
    for row, facts in zip(rows, _facts(rows), strict=True):
        _freeze(row, facts, actor, now, today)
    Publication.objects.bulk_create(  # an upsert: a bulk update is a CASE with a branch per row and takes seconds
        rows,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            "state",
            "published_at",
            "published_on",
            "published_by",
            "uscc",
            "name",
            "region",
            "lead",
            "visited_on",
            "problems",
            "simulated",
            "content",
            "content_hash",
        ],
        batch_size=1000,
    )
    acts: list[ledger.Act] = [
        (
            "result.published",
            f"result:{row.uuid}",
            {
                "visit": str(row.visit.uuid),
                "enterprise": row.uscc,
                "content_sha256": row.content_hash,
                "late": rules.is_late(row.due_on, today, today),
            },
        )
        for row in rows
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return len(rows)


def _facts(rows: list[Publication]) -> list[ResultFacts]:
    """What may be public of each row's visit, read from the visit once for all."""
    results: dict[int, list[PublicResult]] = defaultdict(list)
    for check in inspection.list_checks(row.visit for row in rows):
        results[check.visit_id].append(PublicResult(check.agency_name, check.item_name, check.result_code))
    facts = []
    for row in rows:
        contact = row.visit.contact
        enterprise = contact.enterprise
        facts.append(
            ResultFacts(
                uscc=enterprise.uscc,
                kind=enterprise.kind,
                name=enterprise.name,
                region=enterprise.region.name if enterprise.region else "",
                lead=contact.lead_agency.name,
                visited_on=row.visit.visited_on or row.closed_on,
                closed_on=row.closed_on,
                simulated=contact.simulated,
                results=results[row.visit_id],
            )
        )
    return facts


def _freeze(row: Publication, facts: ResultFacts, actor: str, now: datetime, today: date) -> None:
    content = rules.content(facts)
    row.state = PublicationState.PUBLISHED.value
    row.published_at, row.published_on, row.published_by = now, today, actor
    row.uscc, row.name = facts.uscc, rules.public_name(facts.kind, facts.name)
    row.region, row.lead, row.visited_on = facts.region, facts.lead, facts.visited_on
    row.problems, row.simulated = rules.count_problems(facts), facts.simulated
    row.content, row.content_hash = content, rules.content_hash(content)


@transaction.atomic
def publish_due(*, actor: str, now: datetime, due_by: date | None = None) -> int:
    """Take up what was closed, and publish all that is due (or due by a day); returns how many."""
    register_closed(now=now)
    due = queries.list_due()
    return publish(actor=actor, now=now, publications=due.filter(due_on__lte=due_by) if due_by else due)
