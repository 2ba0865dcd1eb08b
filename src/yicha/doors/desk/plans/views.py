"""The list of plans, and one plan."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries as drawing
from yicha.decide.planning import queries
from yicha.decide.planning.terms import Change, PlanState
from yicha.doors.desk.draws.tables import TONES as DRAW_TONES
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab, Words
from yicha.doors.desk.plans.comments import agencies_commenting
from yicha.doors.desk.plans.deadlines import clock_of
from yicha.doors.desk.plans.tables import TONES, PlanFilter, PlanTable
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

ACTS = {
    "plan.created": _("Plan begun"),
    "plan.edited": _("Plan changed"),
    "plan.submitted": _("Plan submitted"),
    "plan.returned": _("Plan given back"),
    "plan.approved": _("Plan approved"),
    "plan.published": _("Plan published"),
    "plan.amended": _("Next version begun"),
    "plan.imported": _("Workbook imported"),
    "plan.merged": _("Changed by merging"),
    "plan.superseded": _("Superseded"),
    "plan.commented": _("Comment"),
    "plan.comment-answered": _("Comment answered"),
    "plan.breach-accepted": _("Breach accepted"),
}
"""What the ledger says of a plan, in words."""
CHANGES = {
    Change.ADDED: (_("added"), "allow", "plus"),
    Change.REMOVED: (_("removed"), "spared", "trash"),
    Change.CHANGED: (_("changed"), "due", "edit"),
}
FIELD_WORDS = {
    "quarter": _("quarter"),
    "kind": _("kind"),
    "window_from": _("first day"),
    "window_to": _("last day"),
    "title": _("title"),
    "rate": _("rate"),
    "items": _("items"),
    "directory": _("directory"),
    "ordered_by": _("special ordered by"),
    "order_number": _("number of the order"),
    "ordered_on": _("ordered on"),
}


AHEAD: dict[tuple[str, str], Words] = {
    (PlanState.DRAFT, "edit"): _("Look at what this plan does over the whole year, then submit it."),
    (PlanState.SUBMITTED, "edit"): _(
        "Other agencies comment now; then the head approves it or gives it back."
    ),
    (PlanState.SUBMITTED, "approve"): _(
        "Look at what it does over the whole year, then approve it or give it back with a reason."
    ),
    (PlanState.APPROVED, "edit"): _("It is approved: look at the year once more, then publish it."),
}
"""What is next, by the state of the plan and what the reader may do."""


class Plans(ListPage):
    """All plans that the person's agencies take part in, or oversee."""

    action = "plan.view"
    title = _("Annual plans")
    table_class = PlanTable
    filterset_class = PlanFilter
    template_name = "desk/plans/list.html"
    extra_columns = ("code", "published_on")
    empty_title = _("No plans yet")
    empty_icon = "calendar-stats"

    def rows(self) -> QuerySet[Any]:
        return queries.list_plans()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("plan.edit")}


class PlanPage(ObjectPage):
    """One plan: its entries, rates, agencies and history; the next step is the one button."""

    action = "plan.view"
    url_name = "desk:plans:object"
    tab_url_name = "desk:plans:tab"
    tabs = (
        Tab("entries", _("Entries"), "desk/plans/entries.html"),
        Tab("check", _("Check of the year"), "desk/plans/check.html"),
        Tab("comments", _("Comments"), "desk/plans/comments.html"),
        Tab("versions", _("Versions"), "desk/plans/versions.html"),
        Tab("rates", _("Rates"), "desk/plans/rates.html"),
        Tab("agencies", _("Agencies"), "desk/plans/agencies.html"),
        Tab("ledger", _("Ledger"), "desk/plans/ledger.html"),
    )

    def find(self) -> Any:
        return queries.get_plan(str(self.kwargs["uuid"]))

    def context(self) -> dict[str, Any]:
        plan = self.object
        tone, icon = TONES[plan.state]
        may_edit = accounts.may(self.person, "plan.edit", plan.edit_scope)
        may_approve = accounts.may(self.person, "plan.approve", plan.edit_scope)
        return {
            "title": plan.title,
            "head_code": plan.code,
            "crumb": _("Annual plans"),
            "crumb_url": reverse("desk:plans:list"),
            "tone": tone,
            "icon": icon,
            "may_edit": may_edit and plan.state == PlanState.DRAFT,
            "may_submit": may_edit and plan.state == PlanState.DRAFT and plan.entry_count,
            "may_approve": may_approve and plan.state == PlanState.SUBMITTED,
            "may_publish": may_edit and plan.state == PlanState.APPROVED,
            "may_amend": may_edit and plan.state == PlanState.PUBLISHED,
            "versions": queries.list_versions(plan),
            "unanswered": queries.count_unanswered(plan),
            "ahead": self._ahead(may_edit=may_edit, may_approve=may_approve),
            "clock": clock_of(plan, queries.list_publish_days([plan], clock.today(clock.now()))),
        }

    def _ahead(self, *, may_edit: bool, may_approve: bool) -> Words:
        """What is next with this plan, for who can do it or waits for it."""
        plan = self.object
        rights = [name for name, may in (("approve", may_approve), ("edit", may_edit)) if may]
        found = (AHEAD.get((plan.state, name), "") for name in rights if plan.entry_count)
        return next((words for words in found if words), "")

    def context_entries(self) -> dict[str, Any]:
        entries: list[Any] = list(queries.list_entries(self.object))
        numbers = [row.draw_id for entry in entries for row in entry.draws.all()]
        draws = {draw.draw_id: draw for draw in drawing.list_draws().filter(draw_id__in=numbers)}
        for entry in entries:
            entry.shown_draws = [
                (draws[row.draw_id], *DRAW_TONES[draws[row.draw_id].state])
                for row in entry.draws.all()
                if row.draw_id in draws
            ]
            entry.is_free = all(draw.state == "void" for draw, _, _ in entry.shown_draws)
        published = self.object.state == PlanState.PUBLISHED
        in_force = catalogue.list_versions_in_force(clock.today(clock.now()))
        return {
            "entries": entries,
            "names": dict(in_force.values_list("item__code", "name")),
            "orders": queries.list_order_days(self.object),
            "may_draw": published and accounts.may(self.person, "draw.open", self.object.edit_scope),
        }

    def context_check(self) -> dict[str, Any]:
        plan, today = self.object, clock.today(clock.now())
        ((_plan, check),) = queries.check_year([plan], today)
        rows = [row for row in queries.list_overlaps(plan.year, [plan.pk]) if row.needs_decision]
        held_up = any(row.holds_up(plan) for row in rows)
        return {
            "check": check,
            "today": today,
            "overlaps": rows,
            "held_up": held_up,
            "refused": held_up or bool(check.beyond(queries.list_accepted(plan))),
            "is_out": plan.state in (PlanState.PUBLISHED, PlanState.SUPERSEDED),
            "accepted": {row.breach: row for row in queries.list_acknowledgements(plan)},
            "may_accept": accounts.may(self.person, "plan.approve", plan.edit_scope)
            and plan.state in (PlanState.SUBMITTED, PlanState.APPROVED),
        }

    def context_comments(self) -> dict[str, Any]:
        plan = self.object
        open_ = plan.state == PlanState.SUBMITTED
        return {
            "comments": queries.list_comments(plan),
            "may_comment": open_ and bool(agencies_commenting(self, plan)),
            "may_answer": accounts.may(self.person, "plan.edit", plan.edit_scope),
        }

    def context_versions(self) -> dict[str, Any]:
        names = dict(registry.list_directories().values_list("code", "name"))
        changes = [
            (
                change,
                CHANGES[change.change],
                [FIELD_WORDS[name] for name in change.fields if name in FIELD_WORDS],
            )
            for change in queries.list_version_changes(self.object)
        ]
        items = dict(catalogue.list_current_versions().order_by().values_list("item__code", "name"))
        return {"changes": changes, "directories": names, "items": items}

    def context_rates(self) -> dict[str, Any]:
        rows = [
            (entry, [row for row in queries.list_strata(entry) if row.size])
            for entry in queries.list_entries(self.object)
        ]
        return {"groups": rows}

    def context_agencies(self) -> dict[str, Any]:
        return {"agencies": self.object.agencies.select_related("kind", "region").order_by("code")}

    def context_ledger(self) -> dict[str, Any]:
        subject = f"plan:{self.object.code}.v{self.object.version}"
        entries = ledger.list_entries_of(subject)[:200]
        return {"happened": [(entry, ACTS.get(entry.act, entry.act)) for entry in entries]}
