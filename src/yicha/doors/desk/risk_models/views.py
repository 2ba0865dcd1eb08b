"""The list of models, and one version: what it says in words, its text, what it changes, its trial, who signed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.doors.desk.risk_models import words
from yicha.doors.desk.risk_models.tables import ModelFilter, ModelTable
from yicha.doors.desk.risk_models.trials import trial_context
from yicha.kernel.refusal import Refused
from yicha.know.credit.queries import models as queries
from yicha.know.credit.terms.model import Part


class Models(ListPage):
    """All versions of all models."""

    action = "model.view"
    title = gettext_lazy("Models of classes")
    table_class = ModelTable
    filterset_class = ModelFilter
    template_name = "desk/risk_models/list.html"
    extra_columns = ("drafted_by",)
    empty_title = gettext_lazy("No version fits these filters")
    empty_icon = "scale"

    def rows(self) -> QuerySet[Any]:
        return queries.list_models()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("model.edit"), "in_force": queries.find_model_in_force()}


class ModelPage(ObjectPage):
    """One version of a model."""

    action = "model.view"
    url_name = "desk:risk_models:object"
    tab_url_name = "desk:risk_models:tab"
    tabs = (
        Tab("document", gettext_lazy("What it says"), "desk/risk_models/document.html"),
        Tab("text", gettext_lazy("Text"), "desk/risk_models/text.html"),
        Tab("difference", gettext_lazy("What it changes"), "desk/risk_models/difference.html"),
        Tab("trial", gettext_lazy("Trial"), "desk/risk_models/trial.html"),
        Tab("signatures", gettext_lazy("Signatures"), "desk/risk_models/signatures.html"),
        Tab("ledger", gettext_lazy("Ledger"), "desk/risk_models/ledger.html"),
    )

    def find(self) -> Any:
        return queries.find_model(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        found = self.object
        tone, icon = words.TONES[found.state]
        acts = queries.list_acts(found)
        may_edit = self.may("model.edit", found)
        return {
            "title": found.title,
            "crumb": gettext_lazy("Models of classes"),
            "crumb_url": reverse("desk:risk_models:list"),
            "tone": tone,
            "icon": icon,
            "in_force": queries.find_model_in_force(),
            "may_edit": may_edit and "edit" in acts and found.version > 0,
            "may_draft": may_edit,
            "may_submit": may_edit and "submit" in acts,
            "may_withdraw": may_edit and "withdraw" in acts and found.version > 0,
            "may_sign": queries.may_sign_now(found, self.person),
            "may_try": may_edit and found.state not in ("superseded", "withdrawn"),
            "may_force": may_edit and "put-in-force" in acts,
            "trial": queries.find_last_trial(found),
        }

    def context_document(self) -> dict[str, Any]:
        try:
            model = queries.get_document(self.object)
        except Refused as refused:
            return {"faults": refused.reasons}
        return {
            "model": model,
            "parts": [(words.PARTS[part], words.list_indicators(model, part)) for part in Part],
            "red_lines": words.list_red_lines(model),
            "levels": (
                (gettext_lazy("credit level"), model.credit_levels),
                (gettext_lazy("risk level"), model.risk_levels),
            ),
            "matrix": [(number, list(row)) for number, row in enumerate(model.matrix, start=1)],
        }

    def context_text(self) -> dict[str, Any]:
        return {"lines": list(enumerate(self.object.text.splitlines(), start=1))}

    def context_difference(self) -> dict[str, Any]:
        other = queries.find_model_in_force()
        if other is None or other.pk == self.object.pk:
            versions = queries.list_models().filter(code=self.object.code, version__lt=self.object.version)
            other = versions.first()
        if other is None:
            return {"other": None}
        found = queries.compare(other, self.object)
        return {
            "other": other,
            "changes": None if found is None else words.change_words(found),
            "diff": words.diff_lines(other.text, self.object.text),
        }

    def context_trial(self) -> dict[str, Any]:
        return trial_context(self.person, self.object)

    def context_signatures(self) -> dict[str, Any]:
        return {"signatures": {row.role: row for row in self.object.sign_offs.all()}}

    def context_ledger(self) -> dict[str, Any]:
        entries = ledger.list_entries_of(f"model:{self.object.uuid}")[:200]
        return {"happened": [(entry, act_in_words(entry.act)) for entry in entries]}
