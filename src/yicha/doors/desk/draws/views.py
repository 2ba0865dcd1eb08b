"""The list of draws, and one draw along its steps."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries
from yicha.decide.drawing.terms import TRANSITIONS, DrawKind, DrawState
from yicha.doors.desk.draws.filters import DrawFilter
from yicha.doors.desk.draws.tables import TONES, DrawTable
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab, Words
from yicha.kernel import clock
from yicha.know.registry import queries as registry

ORDER = [DrawState.OPENED, DrawState.FROZEN, DrawState.PUBLISHED, DrawState.REVEALED, DrawState.DRAWN]
SHOWN = 500
"""Rows of a selection that a page shows; the file beside it has all."""


def name_place(code: str) -> str:
    """The name of who organises: an agency, a region or a zone; its code when it is none of these."""
    zone = registry.list_zones().filter(code=code).first()
    return str(registry.find_agency(code) or registry.find_region(code) or zone or code)


class Draws(ListPage):
    """All draws that the person takes part in or oversees."""

    action = "draw.view"
    title = _("Draws")
    table_class = DrawTable
    filterset_class = DrawFilter
    template_name = "desk/draws/list.html"
    extra_columns = ("drawn_at",)
    empty_title = _("No draws yet")
    empty_icon = "dice-5"

    def rows(self) -> QuerySet[Any]:
        return queries.list_draws()


@dataclass(frozen=True)
class Step:
    """One step of a draw on its rail."""

    number: int
    name: str
    title: Words
    state: str


@dataclass(frozen=True)
class Taking:
    """One agency's part in the seed, and what this person may do about it."""

    agency: str
    name: str
    committed_at: Any
    revealed_at: Any
    left_out: bool
    may_commit: bool
    may_reveal: bool


class DrawPage(ObjectPage):
    """One draw: freeze → reveal → beacon → result."""

    action = "draw.view"
    url_name = "desk:draws:object"
    tab_url_name = "desk:draws:tab"
    tabs = (
        Tab("steps", _("Steps"), "desk/draws/steps.html"),
        Tab("result", _("Result"), "desk/draws/result.html"),
        Tab("files", _("Files"), "desk/draws/files.html"),
        Tab("ledger", _("Ledger"), "desk/draws/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_draw(self.kwargs["draw_id"])

    def context(self) -> dict[str, Any]:
        draw = self.object
        tone, icon = TONES[draw.state]
        return {
            "title": draw.title,
            "head_code": "",
            "crumb": _("Draws"),
            "crumb_url": reverse("desk:draws:list"),
            "tone": tone,
            "icon": icon,
            "state": DrawState(draw.state),
            "organiser": name_place(draw.organiser),
            "is_of_officers": draw.kind == DrawKind.OFFICERS.value,
            "may_publish": self._may("draw.freeze", "publish"),
            "may_run": self._may("draw.run", "run") or (self._is_late() and self._may("draw.run", "close")),
            "may_void": self._may("draw.void", "void"),
        }

    def context_steps(self) -> dict[str, Any]:
        return {
            "steps": self._steps(),
            "takings": self._takings(),
            "strata": queries.list_strata(self.object),
            "beacon": self.object.beacon_spec,
            "signatures": self.object.void_signatures.order_by("signed_at"),
        }

    def context_result(self) -> dict[str, Any]:
        drawn = self.object.state in (DrawState.DRAWN.value, DrawState.VOID.value) and self.object.seed
        if not drawn:
            return {"drawn": False}
        if self.object.kind == DrawKind.OFFICERS.value:
            return {"drawn": True, "assignment": queries.list_assignment(self.object)[:SHOWN], "shown": SHOWN}
        selection = queries.list_selection(self.object)
        shown = selection[:SHOWN]
        rows = registry.list_enterprises().filter(uscc__in=[target.key for target in shown])
        names = dict(rows.values_list("uscc", "name"))
        return {
            "drawn": True,
            "selection": [(target, names.get(target.key, "")) for target in shown],
            "total": len(selection),
            "shown": SHOWN,
            "replacements": queries.list_replacements(self.object),
            "may_replace": self._may("draw.replace", "replace"),
        }

    def context_files(self) -> dict[str, Any]:
        files = queries.list_public_files(self.object)
        return {
            "files": [(name, len(content), sha256(content).hexdigest()) for name, content in files.items()]
        }

    def context_ledger(self) -> dict[str, Any]:
        return {"entries": ledger.list_entries_of(f"draw:{self.object.draw_id}")[:200]}

    def _may(self, action: str, act: str) -> bool:
        possible = act in TRANSITIONS.acts_from(DrawState(self.object.state))
        return possible and accounts.may(self.person, action, self.object.scope)

    def _is_late(self) -> bool:
        """After the deadline a draw goes on without the reveals that are missing."""
        return bool(clock.now() > self.object.reveal_deadline)

    def _steps(self) -> list[Step]:
        state = DrawState(self.object.state)
        titles = {
            DrawState.OPENED: _("Agencies commit"),
            DrawState.FROZEN: _("Population and quotas are frozen"),
            DrawState.PUBLISHED: _("The manifest is published, agencies reveal"),
            DrawState.REVEALED: _("The beacon, known only now"),
            DrawState.DRAWN: _("Drawn"),
        }
        reached = ORDER.index(state) if state in ORDER else self._reached_before_void()
        return [
            Step(number, each.value, titles[each], self._step_state(number - 1, reached, state))
            for number, each in enumerate(ORDER, start=1)
        ]

    def _step_state(self, place: int, reached: int, state: DrawState) -> str:
        if state is DrawState.VOID:
            return "done" if place < reached else "stopped"
        if place < reached or state is DrawState.DRAWN:
            return "done"
        return "now" if place == reached else "next"

    def _reached_before_void(self) -> int:
        draw = self.object
        return sum(
            bool(moment) for moment in (draw.frozen_at, draw.published_at, draw.drawn_at, draw.drawn_at)
        )

    def _takings(self) -> list[Taking]:
        names = {agency.code: agency for agency in registry.list_agencies()}
        state = self.object.state
        return [
            Taking(
                agency=row.agency,
                name=names[row.agency].name if row.agency in names else row.agency,
                committed_at=row.committed_at,
                revealed_at=row.revealed_at,
                left_out=row.left_out,
                may_commit=state == "opened"
                and not row.commitment
                and self._is_mine(row.agency, names, "draw.commit"),
                may_reveal=state == "published"
                and not row.reveal
                and self._is_mine(row.agency, names, "draw.reveal"),
            )
            for row in queries.list_participants(self.object)
        ]

    def _is_mine(self, code: str, agencies: dict[str, Any], action: str) -> bool:
        return code in agencies and accounts.may(self.person, action, agencies[code].scope)
