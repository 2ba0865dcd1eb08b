"""What officials do with an import: send a file, map its headers, check, apply, undo, discard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.terms import PATIENCE_BYTES, PATIENCE_ROWS, Layout
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

LEFT_OUT = "-"
ENCODINGS = [
    ("", gettext_lazy("found by itself")),
    ("utf-8", "UTF-8"),
    ("gb18030", "GB18030 (GBK, GB2312)"),
    ("utf-16", "UTF-16"),
]


class OneImportView(DeskView):
    """A page about one import, on which the person may do the page's action."""

    action = "import.run"

    def entry(self) -> Any:
        return accounts.get_allowed(queries.find_import(self.kwargs["uuid"]), self.person, self.action)

    def back(self) -> str:
        if "uuid" not in self.kwargs:
            return reverse("desk:imports:list")
        return reverse("desk:imports:object", kwargs={"uuid": self.kwargs["uuid"]})


class FileForm(forms.Form):
    """A file and what it is a table of."""

    kind = forms.ChoiceField(label=gettext_lazy("What it lists"), widget=forms.Select)
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or XLSX, headers in the first row. Nothing is changed before you apply it."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding of a CSV file"), choices=ENCODINGS, required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind.name, _(kind.label)) for kind in queries.list_kinds()]


class NewImport(OneImportView, FormPage):
    """Send a file. If its headers are understood it is checked at once; else they are mapped first."""

    title = gettext_lazy("New import")
    form_class = FileForm
    submit = gettext_lazy("Send and check")

    def act(self, form: Any) -> str:
        sent = form.cleaned_data["file"]
        entry = services.receive_upload(
            form.cleaned_data["kind"],
            sent.name,
            sent.chunks(),
            actor=self.actor,
            now=clock.now(),
            encoding=form.cleaned_data["encoding"],
        )
        try:
            headers = services.peek_headers(services.source_of(entry))
        except Refused:
            services.discard(entry)
            raise
        kind = queries.get_kind(entry.kind)
        layout = queries.lay_out(kind, headers, queries.find_mapping(kind.name, headers))
        self.kwargs["uuid"] = entry.uuid
        if not isinstance(layout, Layout) or layout.unknown:
            return reverse("desk:imports:mapping", kwargs={"uuid": entry.uuid})
        check(entry, self.actor)
        return self.back()


def check(entry: Any, actor: str) -> None:
    """Check a small file now and have a job check a large one. A refusal is kept with the import."""
    if entry.file_size > PATIENCE_BYTES:
        services.order(entry, "check", actor=actor, now=clock.now())
        return
    try:
        services.check(entry, services.source_of(entry), actor=actor, now=clock.now())
    except Refused:
        return  # the import's own page says why


class MappingForm(forms.Form):
    """For each header of the file: the column that it stands for, or nothing."""

    def __init__(
        self, *args: Any, kind: Any, headers: list[str], mapping: dict[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.headers = headers
        choices = [(LEFT_OUT, _("leave out"))] + [
            (column.name, f"{_(column.label)}{' *' if column.required else ''}") for column in kind.columns
        ]
        for index, (header, column) in enumerate(queries.suggest(kind, headers, mapping)):
            self.fields[f"header_{index}"] = forms.ChoiceField(
                label=header, choices=choices, initial=column or LEFT_OUT
            )

    def mapping(self) -> dict[str, str]:
        """What was chosen, by header."""
        named = [header for header in self.headers if header]
        chosen = [self.cleaned_data[f"header_{index}"] for index in range(len(named))]
        return {
            header: "" if column == LEFT_OUT else column for header, column in zip(named, chosen, strict=True)
        }


class Mapping(OneImportView, FormPage):
    """Say what headers mean; it is remembered for files with the same headers."""

    title = gettext_lazy("What the headers mean")
    form_class = MappingForm
    submit = gettext_lazy("Remember and check")
    template_name = "desk/imports/mapping.html"

    def form_options(self) -> dict[str, Any]:
        entry = self.entry()
        headers = list(services.peek_headers(services.source_of(entry)))
        mapping = {**queries.find_mapping(entry.kind, headers), **entry.mapping}
        return {"kind": queries.get_kind(entry.kind), "headers": headers, "mapping": mapping}

    def act(self, form: Any) -> str:
        entry = self.entry()
        kind = queries.get_kind(entry.kind)
        layout = queries.lay_out(kind, form.headers, form.mapping())
        if not isinstance(layout, Layout):
            raise Refused(layout)
        services.map_headers(entry, form.headers, form.mapping(), actor=self.actor, now=clock.now())
        check(queries.find_import(entry.uuid), self.actor)
        return self.back()


class Check(OneImportView, ActView):
    """Check once more: the register may have changed."""

    def act(self) -> str:
        check(self.entry(), self.actor)
        return self.back()


class Apply(OneImportView, ActView):
    """Put the checked rows into the register, if the person may import where they belong."""

    def act(self) -> str:
        entry = self.entry()
        foreign = [
            scope for scope in queries.list_scopes(entry) if not accounts.may(self.person, self.action, scope)
        ]
        if foreign:
            places = sorted({scope.region or _("no region") for scope in foreign})
            raise Refused(
                [
                    Reason(
                        "import.outside-scope",
                        "The file holds rows of places where you may not import: %(places)s.",
                        facts={"places": ", ".join(places)},
                    )
                ]
            )
        if (entry.rows_new or 0) + (entry.rows_changed or 0) > PATIENCE_ROWS:
            services.order(entry, "apply", actor=self.actor, now=clock.now())
        else:
            services.apply(entry, actor=self.actor, now=clock.now())
            self.done(_("Applied. It can be undone while nothing else has touched the rows."))
        return self.back()


class Undo(OneImportView, ActView):
    """Put everything back, while nothing else has touched the rows."""

    def act(self) -> str:
        entry = self.entry()
        if (entry.rows_new or 0) + (entry.rows_changed or 0) > PATIENCE_ROWS:
            services.order(entry, "undo", actor=self.actor, now=clock.now())
        else:
            services.undo(entry, actor=self.actor, now=clock.now())
            self.done(_("Undone. The register is as it was before this import."))
        return self.back()


class Discard(OneImportView, ActView):
    """Give a file up that was not applied."""

    def act(self) -> str:
        services.discard(self.entry())
        self.done(_("Discarded. Nothing was changed."))
        return reverse("desk:imports:list")
