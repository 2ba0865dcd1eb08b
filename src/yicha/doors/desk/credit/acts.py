"""What officials do with a record: write it, publish it, correct it, end it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.credit.forms import CorrectionForm, EndForm, PublishForm, RecordForm
from yicha.doors.desk.credit.rights import get_written
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.kernel import clock
from yicha.know.credit import queries, services
from yicha.know.credit.terms import Severity
from yicha.know.registry import queries as registry
from yicha.share.repair import services as endings


class NewRecord(FormPage):
    """Write a record, in the name of an agency for which the person acts."""

    action = "credit.record"
    title = gettext_lazy("Record a fact")
    form_class = RecordForm
    submit = gettext_lazy("Record")

    def form_options(self) -> dict[str, Any]:
        mine = accounts.scoped(registry.list_agencies(), self.person, self.action)
        return {
            "agencies": [(agency.code, agency.name) for agency in mine],
            "initial": {"uscc": self.request.GET.get("uscc", "")},
        }

    def back(self) -> str:
        return reverse("desk:credit:list")

    def act(self, form: Any) -> str:
        record = services.record(actor=self.actor, now=clock.now(), facts=form.facts())
        self.done(_("Recorded. What depends on it sees it at once."))
        return reverse("desk:credit:object", args=[record.uuid])


class OneRecord(DeskView):
    """A page about one record, in the name of its agency."""

    hint: ClassVar[str | Promise] = ""

    def record(self) -> Any:
        return get_written(self.person, self.action, self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        record = self.record()
        return {"record": record, "crumb": record.reference, "crumb_url": self.back(), "hint": self.hint}

    def back(self) -> str:
        return reverse("desk:credit:object", args=[self.kwargs["uuid"]])


class Publish(OneRecord, FormPage):
    """Let the public see it."""

    action = "credit.record"
    title = gettext_lazy("Publish the record")
    form_class = PublishForm
    submit = pgettext_lazy("publicity", "Publish")
    template_name = "desk/credit/act.html"
    hint = gettext_lazy(
        "The public page of the enterprise shows it, and partners' systems are told. Nothing personal may stand in "
        "its words."
    )

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        services.publish(
            actor=self.actor, now=clock.now(), record=self.record(), on=given["on"], until=given["until"]
        )
        self.done(_("Published; partners' systems are told."))
        return self.back()


class Correct(OneRecord, FormPage):
    """The next version."""

    action = "credit.correct"
    title = gettext_lazy("Correct the record")
    form_class = CorrectionForm
    submit = pgettext_lazy("credit record", "Correct")
    template_name = "desk/credit/act.html"
    hint = gettext_lazy(
        "A correction is the next version, and this one stays readable. Everything that leans on the record looks "
        "again."
    )

    def form_options(self) -> dict[str, Any]:
        record = self.record()
        facts = queries.said_by_source(record)
        names = RecordForm.base_fields
        values = {name: getattr(facts, name) for name in names}
        values["severity"] = "" if facts.severity is Severity.NONE else facts.severity
        return {"agencies": [(record.agency.code, record.agency.name)], "initial": values}

    def act(self, form: Any) -> str:
        row = endings.correct(
            actor=self.actor,
            now=clock.now(),
            record=self.record(),
            facts=form.facts(),
            reason=form.cleaned_data["reason"],
        )
        self.done(_("Corrected: version %(version)s holds.") % {"version": row.version})
        return reverse("desk:credit:object", args=[row.uuid])


class End(OneRecord, FormPage):
    """It has no effect any more."""

    action = "credit.correct"
    title = gettext_lazy("End the record")
    form_class = EndForm
    submit = pgettext_lazy("credit record", "End its effect")
    template_name = "desk/credit/act.html"
    hint = gettext_lazy(
        "When the agency takes its decision back. What the enterprise has put right is repaired instead: it applies "
        "for that."
    )

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        endings.end(
            actor=self.actor, now=clock.now(), record=self.record(), reason=given["reason"], on=given["on"]
        )
        self.done(_("Ended. From now on nothing leans on it."))
        return self.back()
