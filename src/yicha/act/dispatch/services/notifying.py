"""Notices: the page, the message, and the version that says what is otherwise."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from yicha.act.dispatch.models import Dispatch, Notice
from yicha.act.dispatch.queries import papers
from yicha.act.dispatch.rules import notices, sending
from yicha.act.dispatch.services import telling
from yicha.act.dispatch.services.holding import act_on, hold, read_facts
from yicha.act.dispatch.terms import Change, DispatchState, VisitFacts
from yicha.base.ledger import services as ledger
from yicha.base.messages import services as message_services
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if

log = logging.getLogger("yicha.dispatch")

AT_ONCE = 50
"""So many PDFs, of about 90 kB, are said at once, while the next are being set."""


class Page(NamedTuple):
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
    facts, today = read_facts(rows, are_told=True), clock.today(now)
    reasons: list[Reason] = []
    for row in rows:
        reasons += _check(row, facts[row.contact_id], today, late_because)
    refuse_if(reasons)
    letters = []
    for row in rows:
        row.state = sending.LIFE.after(DispatchState(row.state), "notify").value
        row.late_because = late_because.strip() if today > row.notice_due_on else ""
        letters.append(Page(row, say(facts[row.contact_id]), 1, []))
    return send(actor, now, letters)


def notify_those_that_may(
    *, actor: str, now: datetime, dispatches: Sequence[Dispatch], late_because: str = ""
) -> int:
    """`notify`, where one that cannot be announced keeps no other from its notice; returns how many were sent.

    That one stays where it was, in the list of notices to send. For work that nobody waits for.
    """
    if not dispatches:
        return 0
    try:
        return len(notify(actor=actor, now=now, dispatches=dispatches, late_because=late_because))
    except Refused as refused:
        if len(dispatches) > 1:
            return sum(
                notify_those_that_may(actor=actor, now=now, dispatches=[row], late_because=late_because)
                for row in dispatches
            )
        facts = {"number": dispatches[0].number, "codes": refused.codes}
        log.warning("a notice could not be sent", extra={"facts": facts})
        return 0


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


def say(facts: VisitFacts) -> dict[str, Any]:
    """What a notice of this visit says now."""
    return notices.say(facts, sending.merge_papers(item.papers for item in facts.items))


def send(actor: str, now: datetime, letters: Sequence[Page]) -> list[Notice]:
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


def _say_lot(actor: str, now: datetime, lot: Sequence[tuple[Page, bytes]]) -> list[Notice]:
    """Say some notices, and keep what they said."""
    written = [telling.write_notice(one.row, one.said, one.version, pdf, one.changed) for one, pdf in lot]
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
