"""What enterprises, agencies and officers are told, in words of the product's own language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.queries.words import changed_words, day_words
from yicha.act.dispatch.terms import Change, ReminderOf
from yicha.base.messages import services as messages
from yicha.base.messages.terms import Letter


def write_notice(
    row: Dispatch, said: Mapping[str, Any], version: int, pdf: bytes, changed: Sequence[Change] = ()
) -> Letter:
    """The notice with its PDF to the enterprise; a later version says that the visit is otherwise than announced.

    In the language that is on: whoever writes many switches once to the product's own.
    """
    facts = {
        "number": row.number,
        "agencies": "、".join(said["agencies"]),
        "day": day_words(date.fromisoformat(said["day"]), said["part"]),
        "papers": "；".join(said["papers"]) or _("nothing"),
        "changed": changed_words(one.of for one in changed),
        "because": said.get("because", ""),
    }
    title = _("Notice of inspection %(number)s") if version == 1 else _("Change of notice %(number)s")
    text = _(
        "%(agencies)s will come together on %(day)s. Please prepare: %(papers)s. Items, officers and your rights "
        "stand in the notice."
    )
    if version > 1:
        text = _("Otherwise than you were told: %(changed)s (%(because)s). What holds now: ") + text
    return Letter(
        audience=f"enterprise:{said['uscc']}",
        kind="notice" if version == 1 else "moved",
        subject_key=f"visit:{row.contact.uuid}",
        title=title % facts,
        text=text % facts,
        document=pdf,
        document_name=f"{row.number}.pdf" if version == 1 else f"{row.number}-{version}.pdf",
    )


def tell_withdrawn(now: datetime, row: Dispatch, because: str) -> Any:
    """To an enterprise that has its notice: nobody comes."""
    with translation.override(settings.LANGUAGE_CODE):
        facts = {"number": row.number, "because": because}
        return messages.say(
            now=now,
            audience=f"enterprise:{row.contact.enterprise.uscc}",
            kind="withdrawn",
            subject_key=f"visit:{row.contact.uuid}",
            title=_("Notice %(number)s is withdrawn") % facts,
            text=_(
                "The visit announced in notice %(number)s does not take place as announced: %(because)s. Nobody may "
                "enter by its code."
            )
            % facts,
        )


def remind_of_visit(row: Dispatch, audience: str, day: date) -> Letter:
    """To the enterprise or an officer: the visit is near. In the language that is on."""
    contact = row.contact
    facts = {
        "number": row.number,
        "enterprise": contact.enterprise.name,
        "day": day_words(day, contact.planned_part),
    }
    text = (
        _("The visit of notice %(number)s is on %(day)s. The papers to prepare stand in the notice.")
        if audience.startswith("enterprise:")
        else _("You visit %(enterprise)s on %(day)s (%(number)s). Your day sheet has address and items.")
    )
    return Letter(
        audience, "reminder", f"visit:{contact.uuid}", _("Reminder: visit on %(day)s") % facts, text % facts
    )


def remind_of_unread(row: Dispatch, audience: str, day: date) -> Letter:
    """To the lead: the enterprise has neither read its notice nor got it anywhere. In the language that is on."""
    facts = {
        "number": row.number,
        "enterprise": row.contact.enterprise.name,
        "day": day_words(day, row.contact.planned_part),
    }
    return Letter(
        audience,
        "unread",
        f"visit:{row.contact.uuid}",
        _("Notice %(number)s is not read") % facts,
        _(
            "%(enterprise)s has neither read its notice of the visit on %(day)s nor got it at an address outside: "
            "telephone, or hand it over on paper."
        )
        % facts,
    )


def take_back(row: Dispatch, audience: str, day: date) -> Letter:
    """To an officer who was reminded of a visit that is no longer his on that day. In the language that is on."""
    facts = {
        "number": row.number,
        "enterprise": row.contact.enterprise.name,
        "day": day_words(day),
    }
    return Letter(
        audience,
        "taken-back",
        f"visit:{row.contact.uuid}",
        _("No visit to %(enterprise)s on %(day)s") % facts,
        _(
            "You do not visit %(enterprise)s on %(day)s (%(number)s), of which you were reminded: the visit was moved "
            "or withdrawn, or others go. Your days show what is planned now; an older day sheet holds no longer."
        )
        % facts,
    )


def remind_of_paper(row: Dispatch, audience: str, of: ReminderOf, due_on: date, *, is_late: bool) -> Letter:
    """To an agency: an approval or a notice is due, or late. In the language that is on."""
    facts = {
        "number": row.number,
        "enterprise": row.contact.enterprise.name,
        "due_on": due_on.isoformat(),
    }
    approval = of is ReminderOf.APPROVAL
    if is_late:
        title = _("Approval of %(number)s is late") if approval else _("Notice %(number)s is late")
        text = (
            _("The visit to %(enterprise)s was to be approved by %(due_on)s.")
            if approval
            else _("The notice to %(enterprise)s was to be sent by %(due_on)s.")
        )
    else:
        title = _("Approval of %(number)s is due") if approval else _("Notice %(number)s is due")
        text = (
            _("The visit to %(enterprise)s is to be approved by %(due_on)s.")
            if approval
            else _("The notice to %(enterprise)s is to be sent by %(due_on)s; a later one has to say why.")
        )
    return Letter(audience, "overdue", f"visit:{row.contact.uuid}", title % facts, text % facts)
