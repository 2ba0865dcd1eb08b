"""How a table becomes officers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.utils.translation import gettext_noop as _

from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import CellProblem, Column, Completed, Field, ImportKind, Prepared, Values
from yicha.kernel import cells
from yicha.kernel.cells import Read
from yicha.kernel.refusal import Reason
from yicha.know.registry.models import Agency

_COMPETENCE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def _read_competences(text: str) -> Read:
    parts = cells.split_list(text)
    wrong = [part for part in parts if not _COMPETENCE.fullmatch(part)]
    if wrong:
        return Reason(
            "competence", "“%(value)s” is no code of an agency kind or item.", facts={"value": wrong[0]}
        )
    return "{" + ",".join(sorted(parts)) + "}"


_OFFICER_COLUMNS = (
    Column(
        "certificate",
        _("certificate"),
        ("执法证号", "执法证件号", "证件编号"),
        required=True,
        parser=cells.read_code,
        max_length=32,
        personal=True,
    ),
    Column("name", _("name"), ("姓名",), required=True, max_length=60, personal=True),
    Column(
        "agency", _("agency"), ("部门代码", "所属部门代码", "单位代码", "部门"), required=True, stored=False
    ),
    Column("valid_from", _("valid from"), ("有效期起", "发证日期"), required=True, parser=cells.read_date),
    Column("valid_until", _("valid until"), ("有效期至", "有效期止"), required=True, parser=cells.read_date),
    Column(
        "competences",
        _("competences"),
        ("执法领域", "职权范围", "执法事项"),
        parser=_read_competences,
        max_length=5000,
    ),
)
_OFFICER_FIELDS = (
    Field("certificate"),
    Field("name"),
    Field("agency_id", "bigint", label=_("agency")),
    Field("valid_from", "date"),
    Field("valid_until", "date"),
    Field("competences", "varchar[]", default="'{}'::varchar[]"),
)


_OFFICER_SCOPES = (
    "SELECT DISTINCT a.code, r.code, NULL FROM (SELECT agency_id FROM {staging} UNION "
    "SELECT o.agency_id FROM registry_officer o JOIN {staging} s USING (certificate)) x "
    "JOIN registry_agency a ON a.id = x.agency_id JOIN registry_region r ON r.id = a.region_id"
)


def _prepare_officers(columns: Sequence[str]) -> Prepared:
    fields = tuple(field for field in _OFFICER_FIELDS if field.name in (*columns, "agency_id"))
    defaults = {"uuid": "gen_random_uuid()", "active": "true", "competences": "'{}'"}
    agencies = {agency.code: str(agency.pk) for agency in Agency.objects.all()}
    target = exchange.plain_target("registry_officer", "certificate", fields, defaults)
    return Prepared(
        fields, lambda values, size: _complete_officers(values, agencies), target, _OFFICER_SCOPES
    )


def _complete_officers(values: Values, agencies: dict[str, str]) -> Completed:
    done = Completed({"agency_id": [agencies.get(code or "") for code in values["agency"]]})
    rows = zip(values["agency"], values["valid_from"], values["valid_until"], strict=True)
    for position, (agency, since, until) in enumerate(rows):
        if agency is not None and agency not in agencies:
            done.problems.setdefault(position, []).append(
                CellProblem(
                    "agency",
                    agency,
                    Reason("agency-unknown", "There is no agency “%(code)s”.", facts={"code": agency}),
                )
            )
        if since and until and since > until:
            reason = Reason("certificate-ends-first", "The certificate ends before it begins.")
            done.problems.setdefault(position, []).append(CellProblem("valid_until", until, reason))
    return done


def _describe_officer(field: str, value: object) -> str:
    if field == "agency_id" and value is not None:
        return str(Agency.objects.filter(pk=int(str(value))).first() or value)
    if isinstance(value, Collection) and not isinstance(value, str):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


OFFICERS = ImportKind(
    name="officers",
    label=_("officers"),
    key="certificate",
    columns=_OFFICER_COLUMNS,
    prepare=_prepare_officers,
    describe=_describe_officer,
)
