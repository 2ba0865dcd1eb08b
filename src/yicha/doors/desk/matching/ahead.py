"""What a round wants next, in one sentence with one way to go; in every state of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yicha.act.dispatch import queries as dispatch
from yicha.decide.planning import queries
from yicha.decide.planning.terms import RoundState
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


@dataclass(frozen=True)
class Ahead:
    """What is to be done next: at `href`, or in a `step` (its code) of this page."""

    words: str
    label: str = ""
    href: str = ""
    step: str = ""
    tone: str = "action"
    icon: str = "arrow-right"


def find_ahead(round_: Any, funnel: Mapping[str, int], *, uncollected: int, due: int, busy: bool) -> Ahead:
    """The first thing of a quarter that is not done, in the order in which a quarter goes."""
    if round_.state == RoundState.CLOSED:
        eight = reverse("desk:rounds:object", args=[round_.code])
        words = _("The round is closed. What it found and what it cost stands with its eight steps.")
        return Ahead(words, _("To the eight steps"), eight, "done", "circle-check")
    if busy:
        return Ahead(_("A job of this round is running; the page goes on when it is done."), icon="hourglass")
    if round_.state == RoundState.STAFFING:
        words = _("Officers are being drawn: every agency commits, then they are drawn and assigned.")
        return Ahead(words, step="officers")
    return _before_visits(round_, funnel, uncollected, due) or _visits(round_, funnel)


def _before_visits(round_: Any, funnel: Mapping[str, int], uncollected: int, due: int) -> Ahead | None:
    if undrawn := len(queries.list_undrawn(round_)):
        draws = reverse("desk:matching:tab", args=[round_.code, "draws"])
        words = ngettext(
            "%(count)s published entry has no draw yet.",
            "%(count)s published entries have no draw yet.",
            undrawn,
        )
        return Ahead(words % {"count": undrawn}, _("To the draws"), draws)
    if not uncollected and (running := queries.count_open_draws(round_)):
        draws = reverse("desk:matching:tab", args=[round_.code, "draws"])
        words = ngettext("%(count)s draw has no result yet.", "%(count)s draws have no result yet.", running)
        return Ahead(words % {"count": running}, _("To the draws"), draws)
    if uncollected:
        words = ngettext(
            "%(count)s draw has a result: collect it, then match.",
            "%(count)s draws have results: collect them, then match.",
            uncollected,
        )
        return Ahead(words % {"count": uncollected}, step="match")
    if due:
        words = ngettext(
            "%(count)s check is due without a draw: collect it, then match.",
            "%(count)s checks are due without a draw: collect them, then match.",
            due,
        )
        return Ahead(words % {"count": due}, step="match")
    if waiting := funnel["waiting"]:
        words = ngettext(
            "%(count)s demand waits for a visit: match it, or let it fall.",
            "%(count)s demands wait for visits: match them, or let them fall.",
            waiting,
        )
        return Ahead(words % {"count": waiting}, step="match")
    return None


def _visits(round_: Any, funnel: Mapping[str, int]) -> Ahead:
    planned = visits.list_round(round_.code, ContactState.PLANNED).order_by()
    if without := planned.filter(planned_part="").count():
        words = ngettext(
            "%(count)s visit has no half day yet: make the calendar, and keep it.",
            "%(count)s visits have no half day yet: make the calendar, and keep it.",
            without,
        )
        made = reverse("desk:calendar:round", args=[round_.code])
        return Ahead(words % {"count": without}, _("To the calendar"), made)
    if round_.state != RoundState.STAFFED and queries.list_unstaffed(round_):
        return Ahead(_("Every visit has its half day. Now the officers are drawn."), step="officers")
    unsent = planned.exclude(pk__in=dispatch.list_living().order_by().values("contact")).count()
    if unsent:
        words = ngettext(
            "%(count)s visit is not sent out yet: it needs the heads' approval and its notice.",
            "%(count)s visits are not sent out yet: they need the heads' approval and their notices.",
            unsent,
        )
        return Ahead(
            words % {"count": unsent}, _("To what may be sent out"), reverse("desk:dispatch:to_prepare")
        )
    if left := funnel["planned"]:
        words = ngettext(
            "%(count)s visit is still to be made.", "%(count)s visits are still to be made.", left
        )
        listed = f"{reverse('desk:visits:list')}?round={round_.code}"
        return Ahead(words % {"count": left}, _("To the visits"), listed)
    if not funnel["demands"]:
        return Ahead(
            _("Nothing was drawn and nothing is due in this quarter yet."), icon="inbox", tone="plain"
        )
    return Ahead(_("Every visit is made. The round may be closed."), tone="done", icon="circle-check")


def may_close(round_: Any, funnel: Mapping[str, int]) -> bool:
    """Whether closing would not be refused: nothing is planned, and nothing waits that was not given up."""
    closing = (RoundState.STAFFED, RoundState.MATCHED, RoundState.COLLECTED)
    waits = funnel["waiting"] and round_.state != RoundState.STAFFED
    return round_.state in closing and not funnel["planned"] and not waits
