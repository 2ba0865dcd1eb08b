"""The parts of planned visits that agencies were asked about, and one of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.workdays import queries as workdays
from yicha.decide.scheduling.queries import answers as queries
from yicha.doors.desk.answers.tables import TONES, AnswerFilter, AnswerTable, say_clock
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.kernel import clock
from yicha.know.visits import queries as visits


class Answers(ListPage):
    """Parts by the day on which they are due; those of one's own agency can be accepted in bulk."""

    action = "schedule.view"
    title = gettext_lazy("Our parts of visits")
    table_class = AnswerTable
    filterset_class = AnswerFilter
    template_name = "desk/answers/list.html"
    extra_columns = ("lead", "because", "answered_by")
    empty_title = gettext_lazy("Nobody was asked yet")
    empty_icon = "checklist"
    bulk = True

    def rows(self) -> QuerySet[Any]:
        return queries.list_open_first()

    def _table(self, rows: QuerySet[Any]) -> AnswerTable:
        table: AnswerTable = super()._table(rows)
        if not self.may("schedule.answer"):
            table.columns.hide("pick")
        return table

    def context(self) -> dict[str, Any]:
        mine = accounts.scoped(queries.list_open(), self.person, "schedule.answer")
        today = clock.today(clock.now())
        given = self.request.GET.copy()
        for name in ("page", "sort", "export", "columns"):
            given.pop(name, None)
        return {
            "may_answer": self.may("schedule.answer"),
            "open": mine.count(),
            "late": mine.filter(queries.overdue(today)).count(),
            "arbitrate": accounts.scoped(queries.list_to_arbitrate(), self.person, "schedule.keep").count(),
            "may_arbitrate": self.may("schedule.keep"),
            "accept_url": f"{reverse('desk:answers:accept_many')}?{given.urlencode()}",
        }


class AnswerPage(ObjectPage):
    """One part: what the agency is to check, when, with whom, and what it can say."""

    action = "schedule.view"
    url_name = "desk:answers:object"
    tab_url_name = "desk:answers:object"
    tabs = (Tab("part", gettext_lazy("Part"), "desk/answers/object.html"),)

    def find(self) -> Any:
        return queries.find_answer(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        answer = self.object
        contact = answer.contact
        is_open = answer.state == "asked" and contact.state == "planned"
        may_answer = is_open and self.may("schedule.answer", answer)
        return {
            "title": contact.enterprise.name,
            "head_code": contact.enterprise.uscc,
            "crumb": gettext_lazy("Our parts of visits"),
            "crumb_url": reverse("desk:answers:list"),
            "tone": TONES[answer.state],
            "tones": TONES,
            "clock": say_clock(answer, clock.today(clock.now()), workdays.get_calendar()) if is_open else "",
            "may_answer": may_answer,
            "may_arbitrate": answer.state == "declined"
            and answer.waits
            and self.may("schedule.keep", answer),
            "items": visits.list_part_items(contact, answer.agency).select_related("item_version__item"),
            "others": queries.list_answers_of(contact).exclude(pk=answer.pk),
        }
