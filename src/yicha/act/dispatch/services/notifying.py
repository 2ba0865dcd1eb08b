"""Notices: the page, the message, and the version that says what is otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.act.dispatch.models import Dispatch, Notice
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.queries import papers
from yicha.act.dispatch.rules import notices, sending
from yicha.act.dispatch.services import telling
from yicha.act.dispatch.services.approving import complete_whole, issue_codes
from yicha.act.dispatch.services.holding import Numbers, act_on, hold, is_living, read_facts
from yicha.act.dispatch.services.withdrawing import withdraw_held
from yicha.act.dispatch.terms import Change, DispatchState, VisitFacts
from yicha.base.ledger import services as ledger
from yicha.base.messages import services as message_services
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits.terms import ContactState

AT_ONCE = 100
"""So many PDFs, of about 90 kB, are in memory at once."""


class _Letter(NamedTuple):
    """A notice that is about to be sent."""

    row: Dispatch
    said: dict[str, Any]
    version: int
    changed: list[Change]


@transaction.atomic
def notify(
    *, actor: str, now: datetime, dispatches: Iterable[Dispatch], late_because: str = ""
) -> list[Notice]:
    """Send the notices of approved visits, all or none: the PDF is set, kept with its hash, and said.

    A notice after its last day needs a reason, which stands in it. An unannounced visit has no notice.
    """
    rows = hold(dispatches)
    facts, today = read_facts(rows), clock.today(now)
    reasons: list[Reason] = []
    for row in rows:
        reasons += _check(row, facts[row.contact_id], today, late_because)
    refuse_if(reasons)
    letters = []
    for row in rows:
        row.state = sending.LIFE.after(DispatchState(row.state), "notify").value
        row.late_because = late_because.strip() if today > row.notice_due_on else ""
        letters.append(_Letter(row, _say(row, facts[row.contact_id]), 1, []))
    return _send(actor, now, letters)


def _check(row: Dispatch, facts: VisitFacts, today: date, late_because: str) -> list[Reason]:
    try:
        sending.LIFE.after(DispatchState(row.state), "notify")
    except Refused as refused:
        return list(refused.reasons)
    if not facts.is_planned or facts.day is None:
        return [
            Reason(
                "dispatch.not-planned",
                "The visit to %(enterprise)s is no longer planned.",
                facts={"enterprise": facts.enterprise},
            )
        ]
    return sending.check_notice(row.number, row.notice_due_on, facts.day, today, late_because)


def _say(row: Dispatch, facts: VisitFacts) -> dict[str, Any]:
    return notices.say(facts, sending.merge_papers(item.papers for item in facts.items))


def _send(actor: str, now: datetime, letters: Sequence[_Letter]) -> list[Notice]:
    """Set, say, keep and record; the rows come with their new state. Of the PDFs no more than a lot is held."""
    sheets = (
        papers.notice_sheet(one.row.number, one.version, one.said, one.changed, one.row.late_because, now)
        for one in letters
    )
    pages = zip(letters, papers.set_notices(sheets, now), strict=True)
    kept: list[Notice] = []
    with translation.override(settings.LANGUAGE_CODE):
        while lot := list(islice(pages, AT_ONCE)):
            kept += _say_lot(actor, now, lot)
    _write([one.row for one in letters])
    acts = [
        act_on(
            one.row,
            "notified" if one.version == 1 else "notified-again",
            {"version": one.version, "sha256": one.row.sha256, "late_because": one.row.late_because},
        )
        for one in letters
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return kept


def _say_lot(actor: str, now: datetime, lot: Sequence[tuple[_Letter, bytes]]) -> list[Notice]:
    """Say some notices, and keep what they said."""
    written = [telling.write_notice(one.row, one.said, one.version, pdf) for one, pdf in lot]
    messages = message_services.say_many(now=now, letters=written)
    for one, pdf in lot:
        one.row.sha256, one.row.notified_at = sha256(pdf).hexdigest(), now
        one.row.running, one.row.papers = one.said["running"], one.said["papers"]
    return Notice.objects.bulk_create(
        [
            Notice(
                dispatch=one.row,
                version=one.version,
                sent_at=now,
                sent_by=actor,
                day=date.fromisoformat(one.said["day"]),
                part=one.said["part"],
                said=one.said,
                changed=[asdict(change) for change in one.changed],
                message_id=message.pk,
                sha256=one.row.sha256,
            )
            for (one, _pdf), message in zip(lot, messages, strict=True)
        ]
    )


def _write(rows: Sequence[Dispatch]) -> None:
    """One statement instead of a CASE with a branch per row and field."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dispatch_dispatch SET state = new.state, late_because = new.late, sha256 = new.sha256, "
            "notified_at = new.at, running = new.running, papers = new.papers::jsonb "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::int[], %s::text[]) "
            "AS new(id, state, late, sha256, at, running, papers) WHERE dispatch_dispatch.id = new.id",
            [
                [row.pk for row in rows],
                [row.state for row in rows],
                [row.late_because for row in rows],
                [row.sha256 for row in rows],
                [row.notified_at for row in rows],
                [row.running for row in rows],
                [json.dumps(row.papers, ensure_ascii=False) for row in rows],
            ],
        )


@transaction.atomic
def after_move(*, actor: str, now: datetime, contacts: Iterable[Any], because: str) -> list[Notice]:
    """After visits (rows of the contact ledger) were moved, staffed anew or given up: what is on its way follows.

    Whoever has a notice gets its next version, which says what is otherwise and why; where nothing is, nobody is
    told. Clocks and codes follow the day and the officers; what is no longer planned is withdrawn with the reason.
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
    waiting = DispatchState.PREPARED.value
    issue_codes(actor, now, [row for row in planned if row.state != waiting], facts)
    return _send(actor, now, _again(planned, facts, clock.today(now), because))


def follow(*, actor: str, now: datetime) -> int:
    """`after_move` for all that was moved or given up, or that an agency left, without this being said here.

    Where the agencies that are left have all approved, the visit is approved. Returns how many changed.
    """
    with transaction.atomic():
        left = list(queries.list_left_behind())
        after_move(
            actor=actor, now=now, contacts=[row.contact for row in left], because=_("it is no longer planned")
        )
    with transaction.atomic():
        moved = list(queries.list_moved())
        after_move(
            actor=actor,
            now=now,
            contacts=[row.contact for row in moved],
            because=_("the calendar was changed"),
        )
    with transaction.atomic():
        fewer = hold(queries.list_with_a_part_less())
        whole = complete_whole(actor, now, fewer, read_facts(fewer))
        told = after_move(
            actor=actor,
            now=now,
            contacts=[row.contact for row in fewer],
            because=_("an agency no longer takes part"),
        )
    return len(left) + len(moved) + len(whole) + len(told)


def _again(
    rows: Sequence[Dispatch], facts: dict[int, VisitFacts], today: date, because: str
) -> list[_Letter]:
    """The next versions of those notices that are no longer true."""
    told = [row for row in rows if row.state == DispatchState.NOTIFIED.value]
    last: dict[int, Notice] = {
        notice.dispatch_id: notice
        for notice in Notice.objects.filter(dispatch__in=[row.pk for row in told]).order_by("version")
    }
    letters = []
    for row in told:
        said = _say(row, facts[row.contact_id])
        changed = notices.list_changes(last[row.pk].said, said)
        if not changed:
            continue
        row.state = sending.LIFE.after(DispatchState(row.state), "notify-again").value
        row.late_because = because.strip() if today > row.notice_due_on else ""
        letters.append(_Letter(row, {**said, "because": because}, last[row.pk].version + 1, changed))
    return letters
