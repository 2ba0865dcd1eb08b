"""The queue of applications, and one application along its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yicha.base.ledger import queries as ledger
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.desk.repairs.tables import TONES, RepairFilter, RepairTable, say_left
from yicha.doors.desk.repairs.words import say
from yicha.doors.templatetags.look import at, on
from yicha.kernel import clock
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.terms.repairs import RepairState as S
from yicha.share.repair import queries as endings
from yicha.share.repair.terms import ShownReceipt

ACTS: dict[str, str | Promise] = {
    "apply": pgettext_lazy("step of a repair", "Applied for"),
    "apply-again": pgettext_lazy("step of a repair", "Handed in again"),
    "return": pgettext_lazy("step of a repair", "Returned: something is missing"),
    "accept": pgettext_lazy("step of a repair", "Accepted"),
    "withdraw": pgettext_lazy("step of a repair", "Withdrawn"),
    "grant": pgettext_lazy("step of a repair", "Granted"),
    "refuse": pgettext_lazy("step of a repair", "Refused"),
    "answer": pgettext_lazy("step of a repair", "Answered"),
    "propagate": pgettext_lazy("step of a repair", "Ended everywhere"),
}


class Repairs(ListPage):
    """What is to be accepted, decided and answered; the next clock first."""

    action = "repair.view"
    title = gettext_lazy("Credit repair")
    table_class = RepairTable
    filterset_class = RepairFilter
    template_name = "desk/repairs/list.html"
    extra_columns = ("uscc", "answer_by", "severity")
    empty_title = gettext_lazy("No applications yet")
    empty_icon = "rotate-2"

    def rows(self) -> QuerySet[Any]:
        return queries.list_repairs()

    def context(self) -> dict[str, Any]:
        return {"may_apply": self.may("repair.accept")}


@dataclass
class RailStep:
    """One step: what, whose, when, the words kept of it, and on the last one the receipts."""

    title: str
    state: str
    owner: str = ""
    clock: str = ""
    words: str = ""
    receipts: list[tuple[str, ShownReceipt, str]] = field(default_factory=list)
    number: int = 0


@dataclass(frozen=True)
class Button:
    """Something that this person may do next."""

    label: str
    url: str
    tone: str = ""


class RepairPage(ObjectPage):
    """One application: its way as a rail with receipts, the record with its days, the ledger."""

    action = "repair.view"
    url_name = "desk:repairs:object"
    tab_url_name = "desk:repairs:tab"
    tabs = (
        Tab("way", pgettext_lazy("repair", "Way"), "desk/repairs/way.html"),
        Tab("application", gettext_lazy("Application"), "desk/repairs/application.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/repairs/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_repair(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        tone, icon = TONES[self.object.state]
        return {
            "tone": tone,
            "icon": icon,
            "buttons": self._buttons(),
            "crumb": _("Credit repair"),
            "crumb_url": reverse("desk:repairs:list"),
        }

    def context_way(self) -> dict[str, Any]:
        stopped = {"return", "withdraw", "refuse"}
        steps = [
            RailStep(
                str(ACTS.get(step.act, step.act)),
                "stopped" if step.act in stopped else "done",
                step.by,
                at(step.at),
                step.words,
            )
            for step in queries.list_steps(self.object)
        ]
        steps += self._ahead()
        ending = queries.find_ending(self.object.record)
        if ending is not None and self.object.is_granted:
            steps[-1].receipts = [
                (str(ending_use(receipt)), receipt, say(receipt)) for receipt in endings.list_receipts(ending)
            ]
        for number, step in enumerate(steps, start=1):
            step.number = number
        return {"steps": steps}

    def context_application(self) -> dict[str, Any]:
        stage, days = queries.stage_of(self.object.record, clock.today(clock.now()))
        return {"stage": stage.value, "days": days, "record": self.object.record}

    def context_ledger(self) -> dict[str, Any]:
        return {"entries": ledger.list_entries_of(f"repair:{self.object.number}")[:200]}

    def _ahead(self) -> list[RailStep]:
        """The step that is owed now, by whom and until when, and what comes after it."""
        repair = self.object
        agency = str(repair.record.agency)
        ways = {
            S.APPLIED: (_("Accept or return"), repair.accept_by, ["decide", "answer", "end"]),
            S.RETURNED: (_("Hand in what is missing"), None, ["accept", "decide", "answer", "end"]),
            S.ACCEPTED: (_("Decide"), repair.decide_by, ["answer", "end"]),
            S.GRANTED: (_("Answer"), repair.answer_by, ["end"]),
            S.REFUSED: (_("Answer"), repair.answer_by, []),
        }
        state = S(repair.state)
        if state is S.ANSWERED and repair.is_granted:
            return [RailStep(_("Ended everywhere"), "now")]
        if state not in ways:
            return []
        title, due, coming = ways[state]
        owner = str(repair.record.enterprise) if state is S.RETURNED else agency
        words = f"{on(due)} · {say_left(due, clock.today(clock.now()))}" if due else ""
        names = {
            "accept": _("Accept or return"),
            "decide": _("Decide"),
            "answer": _("Answer"),
            "end": _("Ended everywhere"),
        }
        return [RailStep(title, "now", owner, words), *(RailStep(names[one], "next") for one in coming)]

    def _buttons(self) -> list[Button]:
        """What is possible and this person may do, the main one first."""
        repair, possible = self.object, set(queries.list_acts(self.object))
        accepts, decides = self.may("repair.accept", repair), self.may("repair.decide", repair)
        wanted = (
            ("accept", "accept", pgettext("repair", "Accept"), "primary", accepts),
            ("return", "send_back", pgettext("repair", "Return"), "", accepts),
            ("grant", "decide", _("Decide"), "primary", decides),
            ("answer", "answer", _("Answer"), "primary", accepts),
        )
        return [
            Button(label, reverse(f"desk:repairs:{name}", args=[repair.uuid]), tone)
            for act, name, label, tone, allowed in wanted
            if allowed and act in possible
        ]


def ending_use(receipt: ShownReceipt) -> str:
    """A use in words."""
    return str(queries.name_use(receipt.use))
