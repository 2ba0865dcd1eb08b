"""Asking agencies about their parts of placed visits: once, and anew when the half day is another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.base.messages import services as messages
from yicha.base.workdays import queries as workdays
from yicha.decide.planning import services as planning
from yicha.decide.scheduling.models import PARTS, Answer
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.rules import answers as rules
from yicha.decide.scheduling.rules.answers import ANSWER_LIFE
from yicha.decide.scheduling.terms import AnswerState, Slot
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart

ANSWER_DAYS = "part-answer-days"
SILENCE_ACCEPTS = "silence-accepts"
MOST_LISTED = 20
"""So many visits are written out in a message; more are counted."""
_WRITTEN = ["state", "day", "part", "asked_at", "due_on", "times_asked"]
_WRITTEN += ["answered_at", "answered_by", "by_silence", "because"]


class AgencyNumbers:
    """Numbers of the law by agency (id), on a day; each is read once for a region."""

    def __init__(self, today: date) -> None:
        self._today = today
        rows = registry.list_agencies().values_list("pk", "region__code", "region__parent__code")
        self._places = {pk: tuple(code for code in places if code) for pk, *places in rows}
        self._known: dict[tuple[str, tuple[str, ...]], int] = {}

    def get(self, code: str, agency: int) -> int:
        """A number where an agency is."""
        key = (code, self._places[agency])
        if key not in self._known:
            self._known[key] = int(catalogue.get_number(code, self._today, key[1]).value)
        return self._known[key]

    def accepts_by_silence(self, agency: int) -> bool:
        """Whether who says nothing in time has accepted."""
        return self.get(SILENCE_ACCEPTS, agency) != 0


class Clocks:
    """When agencies have to answer that are asked today: each last day is counted once."""

    def __init__(self, today: date, numbers: AgencyNumbers) -> None:
        self._today, self._numbers, self._calendar = today, numbers, workdays.get_calendar()
        self._ends: dict[int, date] = {}

    def due_on(self, agency: int, day: date) -> date:
        """The last day for an agency (id) to answer about a visit on a day."""
        days = self._numbers.get(ANSWER_DAYS, agency)
        if days not in self._ends:
            self._ends[days] = workdays.find_deadline(self._today, days, self._calendar).on
        return rules.answer_by(self._ends[days], day, self._today)


@transaction.atomic
def ask_answers(
    *,
    actor: str,
    now: datetime,
    round_: Any,
    contacts: Collection[int] | None = None,
    because: str = "",
    agreed: str = "",
) -> int:
    """Ask every agency about its part of every visit that the calendar has placed; returns how many were asked.

    Each has `part-answer-days` working days, but not beyond the day before the visit. Asked again are parts that had
    left their visit and have come back into it, and those whose visit has another half day than their agency was asked
    about: these agencies are told which, and `because` of what. For `agreed`, the agency (code) that asked for the move
    itself, the new half day counts as accepted. `contacts` (ids): only these visits.
    """
    locked = planning.hold_round(round_)
    parts = queries.list_parts(locked.code, contacts)
    rows = Answer.objects.select_for_update(of=("self",)).select_related("agency", "contact__enterprise")
    held = rows.filter(contact__in={contact for contact, _agency in parts}).order_by("pk")
    known = {(row.contact_id, row.agency_id): row for row in held}
    today = clock.today(now)
    numbers = AgencyNumbers(today)
    clocks = Clocks(today, numbers)
    fresh = [_first(part, parts[part], now, clocks) for part in rules.parts_to_ask(parts, known)]
    Answer.objects.bulk_create(fresh, batch_size=1000)
    here = [(row, parts[part]) for part, row in known.items() if part in parts]
    back = [(row, slot) for row, slot in here if "ask-again" in ANSWER_LIFE.acts_from(AnswerState(row.state))]
    moved = [
        (row, slot)
        for row, slot in here
        if "ask-anew" in ANSWER_LIFE.acts_from(AnswerState(row.state)) and _slot(row) != slot
    ]
    acts = [_act(row, slot, because, agreed) for row, slot in moved]
    for row, slot in back:
        _ask("ask-again", row, slot, now, clocks)
    was = {row.pk: _slot(row) for row, _to in moved}
    for row, slot in moved:
        if row.agency.code == agreed:
            _agree(row, slot, actor, now)
        else:
            _ask("ask-anew", row, slot, now, clocks)
    Answer.objects.bulk_update([row for row, _slot in [*back, *moved]], _WRITTEN, batch_size=1000)
    asked = [row for row, _slot in moved if row.agency.code != agreed]
    _tell(now, locked.code, asked, was, because, numbers)
    counts = {"asked": len(fresh), "asked-again": len(back), "moved": len(asked)}
    if any(counts.values()):
        body: dict[str, JSON] = {name: count for name, count in counts.items() if count}
        acts.append(("answers.asked", f"round:{locked.code}", body))
    ledger.append_many(actor=actor, now=now, acts=acts)
    return len(fresh) + len(back) + len(asked)


def _first(part: tuple[int, int], slot: Slot, now: datetime, clocks: Clocks) -> Answer:
    """What an agency is asked for the first time about its part of a visit."""
    contact, agency = part
    return Answer(
        contact_id=contact,
        agency_id=agency,
        state=AnswerState.ASKED.value,
        day=slot.day,
        part=slot.part.value,
        asked_at=now,
        due_on=clocks.due_on(agency, slot.day),
    )


def _slot(row: Answer) -> Slot | None:
    """The half day that the agency was asked about."""
    return Slot(row.day, DayPart(row.part)) if row.day and row.part else None


def _ask(act: str, row: Answer, slot: Slot, now: datetime, clocks: Clocks) -> None:
    row.state = ANSWER_LIFE.after(AnswerState(row.state), act).value
    row.day, row.part = slot.day, slot.part.value
    row.asked_at, row.due_on, row.times_asked = now, clocks.due_on(row.agency_id, slot.day), 1
    row.answered_at, row.answered_by, row.by_silence, row.because = None, "", False, ""


def _agree(row: Answer, slot: Slot, actor: str, now: datetime) -> None:
    row.state = ANSWER_LIFE.after(AnswerState(row.state), "move-along").value
    row.day, row.part = slot.day, slot.part.value
    row.answered_at, row.answered_by, row.by_silence = now, actor, False


def _act(row: Answer, slot: Slot, because: str, agreed: str) -> ledger.Act:
    name = "answer.moved-along" if row.agency.code == agreed else "answer.asked-anew"
    was = _slot(row)
    body: dict[str, JSON] = {
        "agency": row.agency.code,
        "from": f"{was.day} {was.part}" if was else "",
        "to": f"{slot.day} {slot.part}",
        "because": because,
    }
    return name, f"visit:{row.contact.uuid}", body


def _tell(
    now: datetime,
    round_code: str,
    rows: Sequence[Answer],
    was: Mapping[int, Slot | None],
    because: str,
    numbers: AgencyNumbers,
) -> None:
    """To each agency one message: which of its visits have other half days, and until when it may say no."""
    by_agency: dict[int, list[Answer]] = defaultdict(list)
    for row in rows:
        by_agency[row.agency_id].append(row)
    with translation.override(settings.LANGUAGE_CODE):
        for agency, own in by_agency.items():
            messages.say(
                now=now,
                audience=f"agency:{own[0].agency.code}",
                kind="part-moved",
                subject_key=f"visit:{own[0].contact.uuid}" if len(own) == 1 else f"round:{round_code}",
                title=ngettext(
                    "%(count)s visit has another half day: please answer again",
                    "%(count)s visits have other half days: please answer again",
                    len(own),
                )
                % {"count": len(own)},
                text=_write(own, was, because, numbers.accepts_by_silence(agency)),
            )


def _write(rows: Sequence[Answer], was: Mapping[int, Slot | None], because: str, silence: bool) -> str:
    ordered = sorted(rows, key=lambda row: (row.day, row.part, row.pk))
    lines = [
        _("%(enterprise)s: %(from)s → %(to)s, answer by %(due)s")
        % {
            "enterprise": row.contact.enterprise.name,
            "from": _words(was[row.pk]),
            "to": _words(_slot(row)),
            "due": row.due_on.isoformat(),
        }
        for row in ordered[:MOST_LISTED]
    ]
    if len(rows) > MOST_LISTED:
        lines.append(_("and %(count)s more") % {"count": len(rows) - MOST_LISTED})
    if because:
        lines.append(_("Reason: %(because)s") % {"because": because})
    if silence:
        lines.append(_("Who does not answer in time has accepted."))
    return "\n".join(lines)


def _words(slot: Slot | None) -> str:
    return f"{slot.day.isoformat()} {PARTS[slot.part]}" if slot else "—"
