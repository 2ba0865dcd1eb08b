"""What is on its way follows its visit: moved, staffed anew, joined or given up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yicha.act.dispatch.models import Dispatch, Notice
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.rules import notices, sending
from yicha.act.dispatch.services.approving import complete_whole, issue_codes, list_given
from yicha.act.dispatch.services.holding import Numbers, hold, is_living, read_facts
from yicha.act.dispatch.services.notifying import Page, say, send
from yicha.act.dispatch.services.reminding import take_back
from yicha.act.dispatch.services.withdrawing import withdraw_held
from yicha.act.dispatch.terms import DispatchState, VisitFacts
from yicha.base.jobs import services as jobs
from yicha.decide.gate import queries as gate
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.visits.terms import ContactState

log = logging.getLogger("yicha.dispatch")

JOB = "dispatch.follow"

LOT = 500
"""So many visits are read at once."""


@transaction.atomic
def after_move(*, actor: str, now: datetime, contacts: Iterable[Any], because: str) -> list[Notice]:
    """After visits (rows of the contact ledger) were moved, staffed anew or given up: what is on its way follows.

    Whoever has a notice gets its next version, which says what is otherwise and why; where nothing is, nobody is
    told. Clocks and codes follow the day and the officers; what is no longer planned is withdrawn with the reason.
    Where an agency has left whose approval alone was missing, the visit is approved.
    """
    wanted = [contact.pk for contact in contacts]
    found = Dispatch.objects.filter(contact__in=wanted).exclude(state=DispatchState.WITHDRAWN.value)
    rows = [row for row in hold(found) if is_living(row)]
    facts, numbers = read_facts(rows), Numbers(clock.today(now))
    for row in rows:
        if row.contact.state not in (ContactState.PLANNED.value, ContactState.MADE.value):
            withdraw_held(actor, now, row, because)
    planned = [row for row in rows if is_living(row) and facts[row.contact_id].is_planned]
    for row in planned:
        one = facts[row.contact_id]
        if one.day is not None:
            row.notice_due_on = sending.notice_due_on(one.day, numbers.notice_days(one))
    Dispatch.objects.bulk_update(planned, ["notice_due_on"], batch_size=1000)
    complete_whole(actor, now, planned, facts)
    issue_codes(actor, now, [row for row in planned if _has_code(row)], facts)
    take_back(now, planned)
    return send(actor, now, _again(planned, facts, clock.today(now), because))


def ask_to_follow() -> None:
    """Let a worker `follow` once this transaction is committed: for whoever changes very many visits at once.

    The job that comes every ten minutes would, too.
    """
    jobs.wake(JOB)


def follow(*, actor: str, now: datetime, contacts: Iterable[Any] | None = None) -> int:
    """`after_move` for all that became otherwise without this being said here: another half day, other officers,
    items, papers or address, or given up. Each in its own transaction. Returns how many there were.

    `contacts`: only these visits are looked at, which a request has time for.
    """
    gone, ahead = queries.list_left_behind(), queries.list_ahead(clock.today(now))
    if contacts is not None:
        only = [contact.pk for contact in contacts]
        gone, ahead = gone.filter(contact__in=only), ahead.filter(contact__in=only)
    left = [(row, _("it is no longer planned")) for row in gone]
    other = [(row, _("the arrangement was changed")) for row in _list_astray(ahead, clock.today(now))]
    count = 0
    for row, because in (*left, *other):
        try:
            after_move(actor=actor, now=now, contacts=[row.contact], because=because)
        except Refused as refused:  # the others follow all the same
            log.warning("a dispatch could not follow", extra={"facts": {"codes": refused.codes}})
        else:
            count += 1
    return count


def _list_astray(ahead: QuerySet[Dispatch], today: date) -> Iterator[Dispatch]:
    """Those whose notice or code says otherwise than the visit is now, or whose clock is not of its day."""
    rows = list(ahead)
    numbers = Numbers(today)
    for begin in range(0, len(rows), LOT):
        lot = rows[begin : begin + LOT]
        facts, last, given = read_facts(lot), _last_notices(lot), list_given(lot)
        named = {
            code.contact_id: set(gate.read_code(code)["officers"])
            for code in gate.list_live_codes([row.contact_id for row in lot])
        }
        for row in lot:
            one = facts[row.contact_id]
            if one.day is None:
                continue
            due = sending.notice_due_on(one.day, numbers.notice_days(one))
            who = {officer.certificate for officer in one.officers}
            is_told = row.pk not in last or not notices.list_changes(last[row.pk].said, say(one))
            is_coded = not _has_code(row) or who == named.get(row.contact_id, set())
            is_whole = not _has_code(row) and one.agencies and given[row.pk].issuperset(one.agencies)
            if due != row.notice_due_on or not is_told or not is_coded or is_whole:
                yield row


def _has_code(row: Dispatch) -> bool:
    """Whether its heads have approved: then there is a code."""
    return row.state != DispatchState.PREPARED.value


def _last_notices(rows: Iterable[Dispatch]) -> dict[int, Notice]:
    """Dispatch (id) → the notice that counts, of those that have one."""
    found = Notice.objects.filter(dispatch__in=[row.pk for row in rows]).order_by("version")
    return {notice.dispatch_id: notice for notice in found}


def _again(
    rows: Sequence[Dispatch], facts: Mapping[int, VisitFacts], today: date, because: str
) -> list[Page]:
    """The next versions of those notices that are no longer true."""
    told = [row for row in rows if row.state == DispatchState.NOTIFIED.value]
    last = _last_notices(told)
    pages = []
    for row in told:
        said = say(facts[row.contact_id])
        changed = notices.list_changes(last[row.pk].said, said)
        if not changed:
            continue
        row.state = sending.LIFE.after(DispatchState(row.state), "notify-again").value
        row.late_because = because.strip()[:300] if today > row.notice_due_on else ""
        pages.append(Page(row, {**said, "because": because}, last[row.pk].version + 1, changed))
    return pages
