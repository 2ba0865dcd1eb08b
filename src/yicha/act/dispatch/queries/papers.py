"""The three documents of dispatch, all of one set: approval form, notice, day sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from django.conf import settings
from django.utils import translation

from yicha.act.dispatch.models import Dispatch, Notice
from yicha.act.dispatch.queries import days, dispatches, facts
from yicha.act.dispatch.queries.words import WEEKDAYS, part_words
from yicha.act.dispatch.terms import Change, Document
from yicha.base.accounts import queries as accounts
from yicha.base.documents import services as documents
from yicha.base.documents.terms import Sheet
from yicha.kernel import clock


@cache
def template_of(document: Document) -> bytes:
    """The template of a document, after the head, foot and style that all of them share."""
    folder = resources.files(__package__ or "")
    return b"".join(folder.joinpath(f"{name}.typ").read_bytes() for name in ("shared", document.value))


def day_in_words(day: date, part: str = "") -> str:
    """`2026年7月1日（星期三）上午`, as official documents write it."""
    with translation.override("zh-hans"):
        return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）{part_words(part)}"


def window_in_words(first: date, last: date) -> str:
    """`2026年7月1日至2026年9月30日`: what a head approves, whichever half day in it the calendar gives."""
    return "至".join(f"{day.year}年{day.month}月{day.day}日" for day in (first, last))


def notice_sheet(
    number: str,
    version: int,
    said: Mapping[str, Any],
    changed: Sequence[Change],
    late_because: str,
    sent_at: datetime,
) -> Sheet:
    """A notice as it is printed; everything comes from what is kept of it, and no rare sign stops it."""
    day, sent_on = date.fromisoformat(said["day"]), clock.today(sent_at)
    return Sheet(
        documents.replace_missing(
            {
                **said,
                "number": number,
                "version": version,
                "uscc": grouped(said["uscc"]),
                "year": day.year,
                "day_words": day_in_words(day, said["part"]),
                "sent_on": day_in_words(sent_on).split("（")[0],
                "changed": [_change(one) for one in changed],
                "because": said.get("because", ""),
                "late_because": late_because,
                "items": _by_agency(said["items"], "agency"),
                "officers": _by_agency(said["officers"], "agency"),
                "address_of_product": settings.YICHA.url,
            }
        )
    )


def set_notices(sheets: Iterable[Sheet], now: datetime) -> Iterator[bytes]:
    """PDFs in the order of their sheets, on all cores."""
    return documents.typeset_many(template_of(Document.NOTICE), sheets, now=now)


def notice_pdf(notice: Notice) -> bytes:
    """The very bytes that were sent."""
    return bytes(notice.message.document)


def approval_pdf(dispatch: Dispatch, now: datetime) -> bytes:
    """The approval form as it stands: what is asked, and what every agency's head has said so far."""
    (one,) = facts.read_visits([dispatch.contact_id])
    given = {row.agency.code: row for row in dispatches.list_approvals(dispatch)}
    day = one.day or dispatch.contact.window_from
    data = {
        "number": dispatch.number,
        "enterprise": one.enterprise,
        "uscc": grouped(one.uscc),
        "address": one.address,
        "lead": one.lead_name,
        "kind": one.kind,
        "trigger": one.trigger,
        "day_words": day_in_words(day, one.part),
        "window": window_in_words(dispatch.contact.window_from, dispatch.contact.window_to),
        "running": one.running,
        "year": day.year,
        "unannounced": dispatch.unannounced_because,
        "items": _by_agency(
            [{"agency": one.agencies[row.agency], "name": row.name, "basis": row.basis} for row in one.items],
            "agency",
        ),
        "officers": _by_agency(
            [
                {
                    "agency": one.agencies.get(row.agency, row.agency),
                    "name": row.name,
                    "certificate": row.certificate,
                }
                for row in one.officers
            ],
            "agency",
        ),
        "prepared": {"by": _name(dispatch.prepared_by), "at": _stamp(dispatch.prepared_at)},
        "due_on": dispatch.approval_due_on.isoformat(),
        "opinions": [
            {
                "agency": name,
                "by": _name(given[code].approved_by) if code in given else "",
                "at": _stamp(given[code].approved_at) if code in given else "",
            }
            for code, name in one.agencies.items()
        ],
        "simulated": one.simulated,
    }
    return documents.typeset(template_of(Document.APPROVAL), documents.replace_missing(data), now=now)


def day_sheet_pdf(officer: Any, day: date, now: datetime) -> bytes:
    """An officer's day on paper: addresses, items, who goes along, and the codes that open the doors."""
    shown = days.list_visits_of(officer, day, day)
    drawn = days.draw_codes(shown)
    data = {
        "officer": officer.name,
        "certificate": officer.certificate,
        "agency": officer.agency.name,
        "day_words": day_in_words(day),
        "printed_at": _stamp(now),
        "simulated": any(one.facts.simulated for one in shown),
        "visits": [
            _stop(one, officer, f"code{number}" if f"code{number}" in drawn else "")
            for number, one in enumerate(shown)
        ],
    }
    return documents.typeset(
        template_of(Document.DAY_SHEET), documents.replace_missing(data), now=now, images=drawn
    )


def _stop(one: days.DayVisit, officer: Any, code: str) -> dict[str, Any]:
    """A visit on a day sheet."""
    visit = one.facts
    with translation.override("zh-hans"):
        part = part_words(visit.part)
    return {
        "number": one.dispatch.number if one.dispatch else "",
        "part": part,
        "enterprise": visit.enterprise,
        "uscc": grouped(visit.uscc),
        "address": visit.address,
        "kind": visit.kind,
        "unannounced": one.contact.unannounced,
        "is_fixed": one.is_fixed,
        "lead": visit.lead_name,
        "parts": [
            {
                "agency": name,
                "mine": agency == officer.agency.code,
                "items": [row.name for row in visit.items if row.agency == agency],
                "officers": [
                    {"name": row.name, "certificate": row.certificate}
                    for row in visit.officers
                    if row.agency == agency
                ],
            }
            for agency, name in {
                **{row.agency: row.agency for row in visit.officers},
                **visit.agencies,
            }.items()
        ],
        "code": code,
    }


def _by_agency(rows: Iterable[Mapping[str, str]], key: str) -> list[dict[str, Any]]:
    """Rows under the agency that they are of, in the order in which agencies come first."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return [{"agency": agency, "rows": own} for agency, own in found.items()]


def _change(one: Change) -> dict[str, str]:
    if one.of != "day":
        return {"of": one.of, "was": one.was, "now": one.now}
    return {"of": one.of, "was": _slot(one.was), "now": _slot(one.now)}


def _slot(text: str) -> str:
    day, _space, part = text.partition(" ")
    return day_in_words(date.fromisoformat(day), part) if day else ""


def _name(username: str) -> str:
    user = accounts.find_user(username)
    return user.display_name or username if user is not None else username


def _stamp(at: datetime) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")


def grouped(text: str) -> str:
    """A code in groups of four, so that it can be read aloud."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
