"""The list, the candidates, and one listing along its protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.desk.undisturbed import rights
from yicha.doors.desk.undisturbed.tables import (
    TONES,
    CandidateFilter,
    CandidateTable,
    ListingFilter,
    ListingTable,
    say_left,
)
from yicha.doors.templatetags.look import at, on, sentence
from yicha.kernel import clock
from yicha.kernel.refusal import Reason
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries
from yicha.know.undisturbed.terms import Act, Phase, Told
from yicha.know.undisturbed.terms import ListingState as S


class Listings(ListPage):
    """Everybody on the list or on the way there, at home or in a region that recognises it."""

    action = "undisturbed.view"
    title = gettext_lazy("Undisturbed list")
    table_class = ListingTable
    filterset_class = ListingFilter
    template_name = "desk/undisturbed/list.html"
    extra_columns = ("industry", "listed_on", "because")
    empty_title = gettext_lazy("Nobody is on the list yet")
    empty_icon = "shield-check"

    def rows(self) -> QuerySet[Any]:
        return queries.list_listings()

    def scoped_rows(self) -> QuerySet[Any]:
        return rights.narrow(self.rows(), self.person, self.action)

    def context(self) -> dict[str, Any]:
        may_review = self.may("undisturbed.review")
        chosen = self.request.GET.get("state", "")
        return {
            "may_nominate": self.may("undisturbed.nominate"),
            "may_bulk": may_review and chosen in ("", S.NOMINATED, S.APPLIED),
            "bulk_url": f"{reverse('desk:undisturbed:review_many')}?{self.request.GET.urlencode()}",
        }


class Candidates(ListPage):
    """Whom the last discovery found: nobody was told, a person nominates."""

    action = "undisturbed.view"
    title = gettext_lazy("Candidates")
    table_class = CandidateTable
    filterset_class = CandidateFilter
    template_name = "desk/undisturbed/candidates.html"
    empty_title = gettext_lazy("No candidates")
    empty_icon = "search"

    def rows(self) -> QuerySet[Any]:
        return queries.list_candidates()

    def context(self) -> dict[str, Any]:
        return {
            "may_nominate": self.may("undisturbed.nominate"),
            "may_discover": self.may("undisturbed.discover"),
            "bulk_url": f"{reverse('desk:undisturbed:nominate_many')}?{self.request.GET.urlencode()}",
        }


@dataclass
class RailStep:
    """One step of the protocol on its rail: what, whose, when, and the words kept of it."""

    title: str
    state: str
    owner: str = ""
    clock: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    number: int = 0


@dataclass(frozen=True)
class Button:
    """Something that this person may do next."""

    label: str
    url: str
    tone: str = ""


class ListingPage(ObjectPage):
    """One listing: the protocol as a rail, the criteria now, the ledger."""

    action = "undisturbed.view"
    url_name = "desk:undisturbed:object"
    tab_url_name = "desk:undisturbed:tab"
    tabs = (
        Tab("protocol", gettext_lazy("Protocol"), "desk/undisturbed/protocol.html"),
        Tab("criteria", gettext_lazy("Criteria now"), "desk/undisturbed/criteria.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/undisturbed/ledger.html"),
    )

    def load(self) -> Any:
        return rights.get_listing(self.kwargs["uuid"], self.person, self.action)

    def context(self) -> dict[str, Any]:
        tone, icon = TONES[self.object.state]
        return {
            "tone": tone,
            "icon": icon,
            "buttons": self._buttons(),
            "crumb": _("Undisturbed list"),
            "crumb_url": reverse("desk:undisturbed:list"),
            "partners": "、".join(self._names().get(code, code) for code in self.object.partners),
        }

    def context_protocol(self) -> dict[str, Any]:
        steps = [self._done(step) for step in queries.list_steps(self.object).select_related("notice")]
        steps += self._ahead()
        for number, step in enumerate(steps, start=1):
            step.number = number
        return {"steps": steps}

    def context_criteria(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        phase = Phase.STAY if self.object.state in (S.LISTED, S.SUSPENDED) else Phase.ENTRY
        uscc = self.object.enterprise.uscc
        return {
            "entering": phase is Phase.ENTRY,
            "unmet": queries.check_enterprise(uscc, phase, today),
        }

    def context_ledger(self) -> dict[str, Any]:
        return {"entries": ledger.list_entries_of(f"listing:{self.object.uuid}")[:200]}

    def _names(self) -> dict[str, str]:
        return dict(registry.list_regions().values_list("code", "name"))

    def _done(self, step: Any) -> RailStep:
        """A step that was taken, with what the enterprise was told of it."""
        stopped = step.state in (S.OBJECTED, S.SUSPENDED, S.REMOVED, S.DECLINED, S.WITHDRAWN)
        owner = " · ".join(part for part in (self._names().get(step.region, ""), step.by) if part)
        lines = []
        if step.trigger:
            lines.append((_("Suspended because of"), step.get_trigger_display()))
        if step.reason:
            lines.append((_("Reason"), step.reason))
        if step.reference:
            lines.append((_("Document number"), step.reference))
        if step.until_on:
            lines.append((_("Objections until"), on(step.until_on)))
        lines.append((_("Told to the enterprise"), _told(queries.tell(step))))
        read = getattr(step, "notice", None)
        if read is not None and read.read_at is not None:
            lines.append((_("Read"), f"{at(read.read_at)} · {read.read_by}"))
        title = str(step.get_act_display()).capitalize()
        return RailStep(title, "stopped" if stopped else "done", owner, at(step.at), lines)

    def _ahead(self) -> list[RailStep]:
        """The present step, and what comes if nothing speaks against it."""
        listing, home = self.object, str(self.object.region)
        names = self._names()
        others = "、".join(names.get(code, code) for code in listing.partners)
        now: dict[str, RailStep] = {
            S.NOMINATED: RailStep(_("Review at home"), "now", home),
            S.APPLIED: RailStep(_("Review at home"), "now", home),
            S.OBJECTION: RailStep(_("Objection window"), "now", others),
            S.OBJECTED: RailStep(_("Answer to the objection"), "now", home),
            S.LISTED: RailStep(_("In effect at the gate"), "now", home),
            S.SUSPENDED: RailStep(_("Restore or remove"), "now", home),
        }
        step = now.get(listing.state)
        if step is None:
            return []
        if listing.state == S.OBJECTION:
            until = listing.window_until
            step.clock = f"{on(until)} · {say_left(until, clock.today(clock.now()))}"
            step.lines = [
                (_("What counts"), _("Silence is consent; an objection needs a reason.")),
                (_("Agreements"), "、".join(listing.agreements)),
            ]
        if listing.state == S.LISTED:
            step.clock = _("since %(day)s") % {"day": on(listing.listed_on)}
            known = others or _("at home only: no agreement shares the list")
            step.lines = [(_("Recognised by"), known)]
        coming = {
            S.NOMINATED: [_("Objection window of the other regions"), _("Listed in all")],
            S.APPLIED: [_("Objection window of the other regions"), _("Listed in all")],
            S.OBJECTION: [_("Listed in all")],
            S.OBJECTED: [_("Objection window of the other regions"), _("Listed in all")],
        }
        return [step, *(RailStep(title, "next") for title in coming.get(listing.state, []))]

    def _buttons(self) -> list[Button]:
        """What the protocol allows and this person may do, the main one first."""
        listing, possible = self.object, set(queries.list_acts(self.object))
        decides = self.may("undisturbed.review", listing)
        arbitrates = decides or self.may("undisturbed.arbitrate", listing)
        restores = self.may("undisturbed.restore", listing)
        wanted = (
            (Act.REVIEW, "review", _("Review"), "primary", decides),
            (Act.REVIEW_AGAIN, "review_again", _("Answer the objection"), "primary", arbitrates),
            (Act.RESTORE, "restore", _("Restore"), "primary", restores),
            (
                Act.OBJECT,
                "object_to",
                _("Object"),
                "danger",
                bool(rights.narrow_to_partners(listing, self.person, "undisturbed.object")),
            ),
            (
                Act.SUSPEND,
                "suspend",
                _("Suspend"),
                "danger",
                bool(rights.list_suspending(listing, self.person)),
            ),
            (Act.DECLINE, "decline", _("Decline"), "", decides),
            (Act.REMOVE, "remove", _("Remove from the list"), "danger", restores),
            (Act.WITHDRAW, "withdraw", _("Withdraw the nomination"), "", arbitrates),
        )
        return [
            Button(label, reverse(f"desk:undisturbed:{name}", args=[listing.uuid]), tone)
            for act, name, label, tone, allowed in wanted
            if allowed and act in possible
        ]


def _told(told: Told) -> str:
    """A notice in the reader's language."""
    return sentence(Reason("undisturbed.told", told.sentence, facts=told.facts))


def list_my_candidates(person: accounts.Person) -> QuerySet[Any]:
    """The candidates whom a person may nominate."""
    return accounts.scoped(queries.list_candidates(), person, "undisturbed.nominate")
