"""Screening: the demands of a round pass the gate before they are matched, and come back when a result is revoked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.base.ledger import services as ledger
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Outcome, Verdict
from yicha.decide.planning import queries
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.rules import screening as rules
from yicha.decide.planning.rules.due import open_window, source_of
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.terms import Asked, DemandFacts, DemandState, RoundState, ScreenReport
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.visits import services as visits
from yicha.know.visits.terms import DEFERRED, PlannedItem, SparedContact

_KEEP = """
    INSERT INTO planning_screening (uuid, round_id, enterprise_id, agency_id, asked_at, outcome, verdict)
    SELECT gen_random_uuid(), %s, kept.enterprise, kept.agency, %s, kept.outcome, kept.verdict
    FROM jsonb_to_recordset(%s::jsonb)
        AS kept(n integer, enterprise bigint, agency bigint, outcome text, verdict jsonb)
    ORDER BY kept.n RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A demand with what was asked for it and what the gate said of its item."""

    demand: DemandFacts
    asked: Asked
    verdict: Verdict
    outcome: Outcome
    spared_by: str = ""
    contact: str = ""


@transaction.atomic
def screen(*, actor: str, now: datetime, round_: Round) -> ScreenReport:
    """Ask the gate for every waiting demand of a round, and write down what it says.

    What a result or data stand in for is spared, what must wait is spared until its day and called deferred, what may
    not be is refused with its reasons; the rest waits for matching, which asks again. Deferred demands whose day lies
    in their window come back first. Refused when nothing waits.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    return_deferred(actor, now, locked)
    answers = ask(lock_waiting(locked), now)
    if not answers:
        raise Refused([Reason("screen.nothing", "No demand of this round waits for the gate.")])
    return save(actor, now, locked, answers, simulated=locked.simulated)


def return_deferred(actor: str, now: datetime, locked: Round) -> None:
    """Let deferred demands of a held round wait again whose day has come or comes inside their window."""
    back = Demand.objects.select_for_update(of=("self",)).filter(
        round=locked,
        state=DemandState.DEFERRED.value,
        open_from__lte=F("window_to"),
        window_to__gte=clock.today(now),
    )
    rows = list(back.select_related("agency").order_by("id"))
    with translation.override(settings.LANGUAGE_CODE):
        because = _("it may be made within its window now")
    leave_spared(actor, now, rows, because)
    for row in rows:
        row.state = rules.DEMAND_LIFE.after(DemandState(row.state), "return").value
        row.contact, row.open_from, row.outcome = None, None, ""
    Demand.objects.bulk_update(rows, ["state", "contact", "open_from", "outcome"], batch_size=1000)


def lock_waiting(locked: Round) -> list[DemandFacts]:
    """The waiting demands of a round, held until the transaction ends."""
    waiting = Demand.objects.select_for_update().filter(round=locked, state=DemandState.WAITING.value)
    list(waiting.order_by("id").values_list("id"))
    return queries.list_demand_facts(locked)


def ask(demands: Sequence[DemandFacts], now: datetime, without: Collection[str] = ()) -> list[Answer]:
    """What the gate says of these demands now; writes nothing. One application per enterprise, agency and window.

    Where one item of an application is refused, the others are asked about again, each by itself: they need not wait
    for a visit that will never be. `without`: visits (uuids) that are left out, as if they were not planned.
    """
    answers = _ask(rules.group(demands, clock.today(now)), now, without)
    mixed = [answer for answer in answers if rules.is_mixed(answer.verdict, answer.outcome)]
    if not mixed:
        return answers
    again = {
        answer.demand.id: answer
        for answer in _ask(rules.each_alone((answer.asked, answer.demand) for answer in mixed), now, without)
    }
    return [again.get(answer.demand.id, answer) for answer in answers]


def _ask(asked: Sequence[Asked], now: datetime, without: Collection[str]) -> list[Answer]:
    verdicts = gate.preview_many([rules.application(one) for one in asked], now, without)
    answers = []
    for one, verdict in zip(asked, verdicts, strict=True):
        by_item = {item.item: item for item in verdict.items}
        for demand in one.demands:
            item = by_item[demand.item]
            spared_by = {
                Outcome.RECOGNISE: f"result:{item.result}",
                Outcome.OFFSITE: f"offsite:{demand.item}",
                Outcome.DEFER: f"{DEFERRED}:{rules.open_from(verdict, demand.item)}",
            }.get(item.outcome, "")
            answers.append(Answer(demand, one, verdict, item.outcome, spared_by, item.contact))
    return answers


def save(
    actor: str, now: datetime, locked: Round, answers: Sequence[Answer], *, simulated: bool
) -> ScreenReport:
    """Write what the gate said. A demand that is let through again keeps the verdict that it has."""
    new = [
        answer
        for answer in answers
        if answer.demand.screening is None or rules.state_after(answer.outcome) is not DemandState.WAITING
    ]
    kept = _keep(now, locked, new)
    contacts = _spare(actor, now, locked, new, simulated)
    _write(new, kept, contacts)
    report = rules.count([answer.outcome for answer in answers])
    if new:
        body = {
            "demands": report.demands,
            "recognised": report.recognised,
            "offsite": report.offsite,
            "deferred": report.deferred,
            "refused": report.refused,
            "left": report.left,
        }
        ledger.append(actor=actor, now=now, act="round.screened", subject=f"round:{locked.code}", body=body)
    return report


def _keep(now: datetime, locked: Round, answers: Iterable[Answer]) -> dict[int, int]:
    """A row per application with its verdict and reasons; returns its id by the identity of what was asked."""
    asked = {id(answer.asked): answer for answer in answers}
    enterprises = dict(
        registry.list_enterprises()
        .filter(uscc__in={answer.asked.uscc for answer in asked.values()})
        .values_list("uscc", "pk")
    )
    agencies = dict(registry.list_agencies().values_list("code", "pk"))
    rows = [
        {
            "n": n,
            "enterprise": enterprises[answer.asked.uscc],
            "agency": agencies[answer.asked.agency],
            "outcome": answer.verdict.outcome.value,
            "verdict": gate.to_form(answer.verdict),
        }
        for n, answer in enumerate(asked.values())
    ]
    with connection.cursor() as cursor:
        # One text for all: given row by row, quoting thousands of verdicts takes longer than finding them.
        cursor.execute(_KEEP, [locked.pk, now, json.dumps(rows, ensure_ascii=False)])
        return {key: pk for key, (pk,) in zip(asked, cursor.fetchall(), strict=True)}


def _spare(
    actor: str, now: datetime, locked: Round, answers: Iterable[Answer], simulated: bool
) -> dict[int, int]:
    """A spared visit per application and per what spares it; returns its id by demand."""
    wanted: dict[tuple[int, str], list[Answer]] = {}
    for answer in answers:
        if answer.spared_by:
            wanted.setdefault((id(answer.asked), answer.spared_by), []).append(answer)
    rows = [
        SparedContact(
            uscc=own[0].asked.uscc,
            agency=own[0].asked.agency,
            kind=own[0].asked.kind,
            trigger=own[0].asked.origin.value,
            window_from=own[0].asked.window_from,
            window_to=own[0].asked.window_to,
            items=_items(own),
            spared_by=spared_by,
            round=locked.code,
            simulated=simulated,
        )
        for (_, spared_by), own in wanted.items()
    ]
    contacts = visits.spare_contacts(actor=actor, now=now, spared=rows) if rows else []
    return {
        answer.demand.id: contact.pk
        for own, contact in zip(wanted.values(), contacts, strict=True)
        for answer in own
    }


def _items(answers: Iterable[Answer]) -> list[PlannedItem]:
    """Each item once; where two draws ask for it, the lower number is its source."""
    sources: dict[int, str] = {}
    for answer in sorted(answers, key=lambda answer: answer.demand.draw_id):
        source = source_of(answer.demand.origin, answer.demand.draw_id)
        sources.setdefault(answer.demand.item_version_id, source)
    agency = next(iter(answers)).asked.agency
    return [PlannedItem(agency, version, source) for version, source in sources.items()]


def _write(answers: Sequence[Answer], kept: dict[int, int], contacts: dict[int, int]) -> None:
    """State, verdict and spared visit of many demands in one statement."""
    days = [
        rules.open_from(answer.verdict, answer.demand.item) if answer.outcome is Outcome.DEFER else None
        for answer in answers
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE planning_demand SET state = new.state, outcome = new.outcome, open_from = new.open_from, "
            "screening_id = new.screening, contact_id = new.contact "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::bigint[], %s::bigint[]) "
            "AS new(demand, state, outcome, open_from, screening, contact) WHERE planning_demand.id = new.demand",
            [
                [answer.demand.id for answer in answers],
                [rules.state_after(answer.outcome).value for answer in answers],
                [answer.outcome.value for answer in answers],
                days,
                [kept[id(answer.asked)] for answer in answers],
                [contacts.get(answer.demand.id) for answer in answers],
            ],
        )


@transaction.atomic
def reopen_spared(*, actor: str, now: datetime, contact_ids: Iterable[int]) -> int:
    """Bring back the demands of spared visits, because what spared them was revoked; returns how many.

    They wait for the gate and for matching again; the spared visits are cancelled, a new one takes their place. A
    window that is over begins again today, as long as it was. Spared visits of nobody's demand are left alone, and
    so is what is deferred: it comes back on its day.
    """
    wanted = list(contact_ids)
    demands = list(
        Demand.objects.select_for_update(of=("self",))
        .filter(contact__in=wanted, state=DemandState.SPARED.value)
        .select_related("contact", "round")
        .order_by("id")
    )
    today = clock.today(now)
    contacts = {demand.contact_id: demand.contact for demand in demands if demand.contact}
    for demand in demands:
        demand.state = rules.DEMAND_LIFE.after(DemandState(demand.state), "reopen").value
        demand.contact, demand.screening, demand.outcome = None, None, ""
        demand.window_from, demand.window_to = open_window(demand.window_from, demand.window_to, today)
    fields = ["state", "contact", "screening", "outcome", "window_from", "window_to"]
    Demand.objects.bulk_update(demands, fields, batch_size=1000)
    for contact in contacts.values():
        visits.move(contact=contact, act="cancel")
    _reopen_rounds(actor, now, demands)
    return len(demands)


def leave_spared(actor: str, now: datetime, leaving: Sequence[Demand], because: str) -> None:
    """Take the checks of demands off their spared visits: they are asked for again, or by nobody any more.

    A check stays while another demand asks for it there; a spared visit left without any is cancelled. The demands
    themselves are for the caller to write.
    """
    own: dict[int, list[Demand]] = defaultdict(list)
    for row in leaving:
        if row.contact_id is not None:
            own[row.contact_id].append(row)
    others = Demand.objects.filter(contact__in=list(own)).exclude(pk__in=[row.pk for row in leaving])
    staying = set(others.order_by().values_list("contact_id", "agency__code", "item_version_id"))
    gone = {
        key: [
            (row.agency.code, row.item_version_id)
            for row in rows
            if (key, row.agency.code, row.item_version_id) not in staying
        ]
        for key, rows in own.items()
    }
    visits.leave_spared(actor=actor, now=now, gone=gone, because=because)


def _reopen_rounds(actor: str, now: datetime, demands: Sequence[Demand]) -> None:
    """Rounds go back to collected, unless their officers are being drawn or they are closed."""
    for code in sorted({demand.round.code for demand in demands}):
        round_ = Round.objects.select_for_update().get(code=code)
        if "reopen" in ROUND_LIFE.acts_from(RoundState(round_.state)):
            round_.state = ROUND_LIFE.after(RoundState(round_.state), "reopen").value
            round_.save(update_fields=["state"])
        count = sum(demand.round.code == code for demand in demands)
        ledger.append(
            actor=actor, now=now, act="demands.reopened", subject=f"round:{code}", body={"demands": count}
        )
