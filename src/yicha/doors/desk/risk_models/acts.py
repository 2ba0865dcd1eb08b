"""What is done with a version of a model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.kernel import clock
from yicha.know.credit import jobs
from yicha.know.credit.queries import models as queries
from yicha.know.credit.services import models as services


class OneModel(DeskView):
    """A page about one version, on which the person may do the page's action."""

    def model(self) -> Any:
        """The version of the address."""
        return accounts.get_allowed(queries.find_model(self.kwargs["uuid"]), self.person, self.action)

    def back(self) -> str:
        return reverse("desk:risk_models:object", args=[self.kwargs["uuid"]])

    def tab(self, name: str) -> str:
        """The address of a tab of the version."""
        return reverse("desk:risk_models:tab", args=[self.kwargs["uuid"], name])


class NewForm(forms.Form):
    """From which version a draft begins."""

    copy_of = forms.ChoiceField(
        label=gettext_lazy("Begin with the text of"),
        help_text=gettext_lazy(
            "The draft gets the next number; the version it is copied from stays as it is."
        ),
    )
    remark = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, versions: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["copy_of"].choices = versions  # type: ignore[attr-defined]


class NewModel(FormPage):
    """Draft a version."""

    action = "model.edit"
    title = gettext_lazy("New version")
    form_class = NewForm
    submit = gettext_lazy("Begin the draft")

    def form_options(self) -> dict[str, Any]:
        versions = list(queries.list_models())
        first = queries.find_model_in_force() or queries.get_shipped()
        wanted = self.request.GET.get("of") or str(first.uuid)
        words = [
            (str(one.uuid), f"{one.title} v{one.version} · {one.get_state_display()}") for one in versions
        ]
        return {"versions": words, "initial": {"copy_of": wanted}}

    def back(self) -> str:
        return reverse("desk:risk_models:list")

    def act(self, form: Any) -> str:
        made = services.draft(
            actor=self.actor,
            now=clock.now(),
            copy_of=queries.find_model(UUID(form.cleaned_data["copy_of"])),
            remark=form.cleaned_data["remark"],
        )
        self.done(
            _("Version %(version)s is begun. Change the text, check it, try it.") % {"version": made.version}
        )
        return reverse("desk:risk_models:edit", args=[made.uuid])


class Submit(OneModel, ActView):
    """Submit a draft for signature."""

    action = "model.edit"

    def act(self) -> str:
        services.submit(actor=self.actor, now=clock.now(), model=self.model())
        self.done(_("Submitted. Who coordinates and who approves sign it on this page."))
        return self.tab("signatures")


class Sign(OneModel, ActView):
    """Sign a submitted version."""

    action = "model.sign"

    def act(self) -> str:
        roles = queries.list_signing_roles(self.person)
        signed = services.sign(actor=self.actor, now=clock.now(), model=self.model(), roles=roles)
        if signed.state == "submitted":
            self.done(_("Signed. The other role is still to sign."))
        else:
            self.done(_("Signed by both. It can take force once it was tried."))
        return self.tab("signatures")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class Withdraw(OneModel, FormPage):
    """Give up a version."""

    action = "model.edit"
    title = gettext_lazy("Withdraw this version")
    form_class = ReasonForm
    submit = gettext_lazy("Withdraw")

    def make_form(self) -> Any:
        self.model()
        return super().make_form()

    def act(self, form: Any) -> str:
        services.withdraw(
            actor=self.actor, now=clock.now(), model=self.model(), reason=form.cleaned_data["reason"]
        )
        self.done(_("Withdrawn. Its text stays; a new draft can begin with it."))
        return self.back()


class PutInForce(OneModel, ActView):
    """Let a version take force; a worker classifies everybody."""

    action = "model.edit"

    def act(self) -> str:
        run = services.begin_force(actor=self.actor, now=clock.now(), model=self.model())
        jobs.start_run(run.uuid, self.actor)
        self.done(
            _("In force. Everybody is being classified by it; until that is done the classes before hold.")
        )
        return self.back()
