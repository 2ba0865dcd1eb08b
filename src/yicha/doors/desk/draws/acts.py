"""What officials do with a draw. Each page asks for the right to do it before it shows a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.drawing import queries, services
from yicha.decide.drawing.terms import ReplacementCode
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

REPLACEMENT_CODES = {
    ReplacementCode.CANCELLED: gettext_lazy("registration cancelled"),
    ReplacementCode.REVOKED: gettext_lazy("licence revoked"),
    ReplacementCode.MOVED: gettext_lazy("moved away"),
    ReplacementCode.CLOSED: gettext_lazy("closed or in liquidation"),
    ReplacementCode.DUPLICATE: gettext_lazy("the same enterprise under another code"),
    ReplacementCode.DISASTER: gettext_lazy("a disaster makes the check impossible"),
    ReplacementCode.UNDER_CASE: gettext_lazy("a case against it is under way"),
}
HEX_64 = RegexValidator(r"^[0-9a-f]{64}$", gettext_lazy("64 characters 0 to 9 and a to f are expected."))


class OneDraw(DeskView):
    """A page about one draw, on which the person may do the page's action."""

    def draw(self) -> Any:
        return accounts.get_allowed(queries.find_draw(self.kwargs["draw_id"]), self.person, self.action)

    def agency(self) -> str:
        """The agency of the address, if the person acts for it."""
        found = accounts.get_allowed(registry.find_agency(self.kwargs["agency"]), self.person, self.action)
        return found.code

    def back(self) -> str:
        return reverse("desk:draws:object", kwargs={"draw_id": self.kwargs["draw_id"]})


class CommitForm(forms.Form):
    """The commitment alone is sent; the secret stays with the agency."""

    commitment = forms.CharField(
        label=gettext_lazy("Commitment"),
        validators=[HEX_64],
        help_text=gettext_lazy("Made from the secret in this browser; the secret itself is not sent."),
        widget=forms.TextInput(attrs={"data-commitment": "", "autocomplete": "off", "spellcheck": "false"}),
    )


class Commit(OneDraw, FormPage):
    """An agency commits to a secret that it reveals after the freeze."""

    action = "draw.commit"
    title = gettext_lazy("Commit to a secret")
    form_class = CommitForm
    submit = gettext_lazy("Hand in the commitment")
    template_name = "desk/draws/commit.html"

    def context(self) -> dict[str, Any]:
        return {"draw": self.draw(), "agency": self.agency()}

    def act(self, form: Any) -> str:
        services.commit(
            actor=self.actor,
            now=clock.now(),
            draw=self.draw(),
            agency=self.agency(),
            commitment=form.cleaned_data["commitment"],
        )
        self.done(_("The commitment is in. Keep the secret: it is asked for after the freeze."))
        return self.back()


class RevealForm(forms.Form):
    """The secret, as it was kept."""

    reveal = forms.CharField(
        label=gettext_lazy("Secret"),
        validators=[HEX_64],
        help_text=gettext_lazy("The 64 characters from the file that was kept when the agency committed."),
        widget=forms.TextInput(attrs={"data-reveal": "", "autocomplete": "off", "spellcheck": "false"}),
    )


class Reveal(OneDraw, FormPage):
    """An agency reveals what it committed to."""

    action = "draw.reveal"
    title = gettext_lazy("Reveal the secret")
    form_class = RevealForm
    submit = gettext_lazy("Reveal")
    template_name = "desk/draws/reveal.html"

    def context(self) -> dict[str, Any]:
        return {"draw": self.draw(), "agency": self.agency()}

    def act(self, form: Any) -> str:
        services.reveal(
            actor=self.actor,
            now=clock.now(),
            draw=self.draw(),
            agency=self.agency(),
            reveal=form.cleaned_data["reveal"],
        )
        self.done(_("Revealed. The seed needs the other agencies and the beacon."))
        return self.back()


class Publish(OneDraw, ActView):
    """Publish the frozen manifest: from here on nothing can be changed unseen."""

    action = "draw.freeze"

    def act(self) -> str:
        services.publish(actor=self.actor, now=clock.now(), draw=self.draw())
        self.done(_("Published. The agencies reveal until the deadline."))
        return self.back()


class RunForm(forms.Form):
    """The beacon, exactly as the manifest says that the event becomes a text."""

    beacon = forms.CharField(label=gettext_lazy("Beacon"), max_length=200)


class Run(OneDraw, FormPage):
    """Enter the beacon and draw."""

    action = "draw.run"
    title = gettext_lazy("Enter the beacon and draw")
    form_class = RunForm
    submit = gettext_lazy("Draw")
    template_name = "desk/draws/run.html"

    def context(self) -> dict[str, Any]:
        return {"draw": self.draw()}

    def act(self, form: Any) -> str:
        services.run(actor=self.actor, now=clock.now(), draw=self.draw(), beacon=form.cleaned_data["beacon"])
        self.done(_("Drawn. The result and its files are public."))
        return reverse("desk:draws:tab", kwargs={"draw_id": self.kwargs["draw_id"], "tab": "result"})


class VoidForm(forms.Form):
    """Which agency signs, and why. A void draw keeps its number, its files and its result in public."""

    agency = forms.ChoiceField(label=gettext_lazy("Signing agency"))
    reason = forms.CharField(
        label=gettext_lazy("Reason, for the public"), max_length=500, widget=forms.Textarea
    )

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]


class Void(OneDraw, FormPage):
    """Sign that a draw is void."""

    action = "draw.void"
    title = gettext_lazy("Declare the draw void")
    form_class = VoidForm
    submit = gettext_lazy("Sign that it is void")
    template_name = "desk/draws/void.html"

    def form_options(self) -> dict[str, Any]:
        names = dict(
            accounts.scoped(registry.list_agencies(), self.person, self.action).values_list("code", "name")
        )
        taking_part = [row.agency for row in self.draw().participants.order_by("agency")]
        return {"agencies": [(code, names[code]) for code in taking_part if code in names]}

    def context(self) -> dict[str, Any]:
        return {"draw": self.draw()}

    def act(self, form: Any) -> str:
        services.void(actor=self.actor, now=clock.now(), draw=self.draw(), **form.cleaned_data)
        self.done(_("Signed. What was drawn stays in public with the reason."))
        return self.back()


class ReplaceForm(forms.Form):
    """Why a drawn enterprise cannot be checked, and what shows it."""

    code = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[(code.value, words) for code, words in REPLACEMENT_CODES.items()],
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        max_length=500,
        help_text=gettext_lazy("The document that shows it, with its number. It is kept and not published."),
    )


class Replace(OneDraw, FormPage):
    """Propose that the next ticket takes the place of a drawn enterprise; two others approve."""

    action = "draw.replace"
    title = gettext_lazy("Replace a drawn enterprise")
    form_class = ReplaceForm
    submit = gettext_lazy("Propose the replacement")
    template_name = "desk/draws/replace.html"

    def context(self) -> dict[str, Any]:
        key = self.kwargs["key"]
        return {"draw": self.draw(), "key": key, "enterprise": registry.find_enterprise(key)}

    def act(self, form: Any) -> str:
        services.propose_replacement(
            actor=self.actor,
            now=clock.now(),
            draw=self.draw(),
            key=self.kwargs["key"],
            code=form.cleaned_data["code"],
            evidence=form.cleaned_data["evidence"],
        )
        self.done(_("Proposed. Two others must approve before the next ticket takes its place."))
        return reverse("desk:draws:tab", kwargs={"draw_id": self.kwargs["draw_id"], "tab": "result"})


class ApproveReplacement(OneDraw, ActView):
    """One of two approvals."""

    action = "draw.replace"

    def act(self) -> str:
        draw = self.draw()
        found = next(
            (row for row in queries.list_replacements(draw) if row.uuid == self.kwargs["uuid"]), None
        )
        if found is None:
            raise NotFound
        services.approve_replacement(actor=self.actor, now=clock.now(), replacement=found)
        self.done(_("Approved."))
        return reverse("desk:draws:tab", kwargs={"draw_id": draw.draw_id, "tab": "result"})
